/** Decompression of what zlib has compressed (RFC 1950, RFC 1951): compressed sections of ELF files. */

const MAX_BITS = 15;
/** Length symbols 257..285 and distance symbols 0..29: smallest value and extra bits (RFC 1951, section 3.2.5). */
const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];
const DISTANCE_EXTRA = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
/** In which order the lengths of the code for code lengths come (section 3.2.7). */
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const END_OF_BLOCK = 256;

/** A canonical Huffman code: how many codes have each length, and the symbols in the order of their codes. */
class Code {
  readonly counts = new Uint16Array(MAX_BITS + 1);
  readonly symbols: Uint16Array;

  /** @param lengths by symbol, 0 for one without a code */
  constructor(lengths: readonly number[]) {
    for (const length of lengths) if (length > 0) this.counts[length]++;
    const next = new Uint16Array(MAX_BITS + 2);
    for (let length = 1; length <= MAX_BITS; length++) next[length + 1] = next[length] + this.counts[length];
    this.symbols = new Uint16Array(lengths.length);
    for (const [symbol, length] of lengths.entries()) if (length > 0) this.symbols[next[length]++] = symbol;
  }
}

const fixedLengths = Array.from({ length: 288 }, (_, n) => (n < 144 ? 8 : n < 256 ? 9 : n < 280 ? 7 : 8));
const fixedDistances: readonly number[] = new Array(30).fill(5);

/** Reads bits from the lowest of each byte on; behind the end they are 0, and `overrun` says so. */
class Bits {
  private readonly bytes: Uint8Array;
  private at: number;
  private held = 0;
  private count = 0;
  overrun = false;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  /** @param count 0 to 16 */
  take(count: number): number {
    while (this.count < count) {
      if (this.at >= this.bytes.length) this.overrun = true;
      this.held |= (this.bytes[this.at++] ?? 0) << this.count;
      this.count += 8;
    }
    const value = this.held & ((1 << count) - 1);
    this.held >>>= count;
    this.count -= count;
    return value;
  }

  /** The next symbol; -1 for a code that nothing has. */
  symbol({ counts, symbols }: Code): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= MAX_BITS; length++) {
      code |= this.take(1);
      const count = counts[length];
      if (code - first < count) return symbols[index + code - first];
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return -1;
  }

  /** Steps to the next whole byte. */
  align(): void {
    this.held = 0;
    this.count = 0;
  }
}

/**
 * @param bytes a zlib stream; its checksum is not looked at
 * @param size of what was compressed
 * @returns null for a damaged stream, or one of another size
 */
export function inflate(bytes: Uint8Array, size: number): Uint8Array | null {
  // Method deflate without a dictionary.
  if (bytes.length < 2 || (bytes[0] & 15) !== 8 || (bytes[0] * 256 + bytes[1]) % 31 !== 0 || bytes[1] & 32) return null;
  const bits = new Bits(bytes, 2);
  const out = new Uint8Array(size);
  let used = 0;
  for (let last = 0; last === 0; ) {
    last = bits.take(1);
    const kind = bits.take(2);
    if (kind === 0) used = store(bits, out, used);
    else if (kind === 1) used = expand(bits, new Code(fixedLengths), new Code(fixedDistances), out, used);
    else if (kind === 2) used = expandDynamic(bits, out, used);
    else return null;
    if (used < 0 || bits.overrun) return null;
  }
  return used === size ? out : null;
}

/** A block as it is. @returns how many bytes there are then; -1 for damage */
function store(bits: Bits, out: Uint8Array, from: number): number {
  bits.align();
  const length = bits.take(16);
  if (bits.take(16) !== (~length & 0xffff) || from + length > out.length) return -1;
  for (let n = 0; n < length && !bits.overrun; n++) out[from + n] = bits.take(8);
  return from + length;
}

/** A block with codes of its own, as store() (section 3.2.7). */
function expandDynamic(bits: Bits, out: Uint8Array, from: number): number {
  const [literals, distances, lengths] = [bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4];
  const ofLengths: number[] = new Array(LENGTH_ORDER.length).fill(0);
  for (let n = 0; n < lengths; n++) ofLengths[LENGTH_ORDER[n]] = bits.take(3);
  const code = new Code(ofLengths);
  const all: number[] = [];
  while (all.length < literals + distances && !bits.overrun) {
    const symbol = bits.symbol(code);
    if (symbol < 0 || (symbol === 16 && all.length === 0)) return -1;
    if (symbol < 16) all.push(symbol);
    else if (symbol === 16) repeat(all, all[all.length - 1], 3 + bits.take(2));
    else repeat(all, 0, symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7));
  }
  if (all.length !== literals + distances) return -1;
  return expand(bits, new Code(all.slice(0, literals)), new Code(all.slice(literals)), out, from);
}

function repeat(list: number[], value: number, times: number): void {
  for (let n = 0; n < times; n++) list.push(value);
}

/** Literals and copies of what came before up to the end of the block, as store(). */
function expand(bits: Bits, literals: Code, distances: Code, out: Uint8Array, from: number): number {
  let used = from;
  while (!bits.overrun) {
    const symbol = bits.symbol(literals);
    if (symbol === END_OF_BLOCK) return used;
    if (symbol < END_OF_BLOCK) {
      if (symbol < 0 || used === out.length) return -1;
      out[used++] = symbol;
      continue;
    }
    const n = symbol - END_OF_BLOCK - 1;
    if (n >= LENGTH_BASE.length) return -1;
    const length = LENGTH_BASE[n] + bits.take(LENGTH_EXTRA[n]);
    const far = bits.symbol(distances);
    if (far < 0 || far >= DISTANCE_BASE.length) return -1;
    const distance = DISTANCE_BASE[far] + bits.take(DISTANCE_EXTRA[far]);
    if (distance > used || used + length > out.length) return -1;
    for (let end = used + length; used < end; used++) out[used] = out[used - distance];
  }
  return -1;
}
