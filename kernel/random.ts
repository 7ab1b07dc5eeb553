/** The machine's entropy: a seeded generator, so that the same seed gives the same run (xoshiro128**, Blackman and Vigna). */

export class Random {
  readonly #state = new Int32Array(4);

  /** splitmix32 spreads the seed over the state. */
  constructor(seed: number) {
    let x = seed | 0;
    for (let i = 0; i < 4; i++) {
      x = (x + 0x9e3779b9) | 0;
      let z = x;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      this.#state[i] = z ^ (z >>> 15);
    }
  }

  /** The next uint32. */
  next(): number {
    const s = this.#state;
    const [s0, s1, s2, s3] = [s[0], s[1], s[2], s[3]];
    const product = Math.imul(s1, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    s[2] = s2 ^ s0;
    s[3] = s3 ^ s1;
    s[1] = s1 ^ s[2];
    s[0] = s0 ^ s[3];
    s[2] = s[2] ^ (s1 << 9);
    const t = s[3];
    s[3] = (t << 11) | (t >>> 21);
    return result;
  }

  /** Fills the bytes from successive words, low byte first. */
  fill(bytes: Uint8Array): void {
    let word = 0;
    for (let i = 0; i < bytes.length; i++) {
      if ((i & 3) === 0) word = this.next();
      bytes[i] = word;
      word >>>= 8;
    }
  }
}
