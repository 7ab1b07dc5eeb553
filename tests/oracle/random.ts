/** Seeded random numbers, and values at which arithmetic tends to go wrong. */

const edges = [
  0, 1, 2, 3, 7, 8, 9, 0xa, 0xf, 0x10, 0x1f, 0x20, 0x7f, 0x80, 0x81, 0xfe, 0xff, 0x100, 0x7fff, 0x8000, 0x8001, 0xfffe,
  0xffff, 0x10000, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0x55555555, 0xaaaaaaaa, 0x7f7f7f7f,
  0x80808080, 0x00ff00ff, 0xff00ff00, 0x01010101,
];

/** xorshift128 (Marsaglia 2003). */
export class Random {
  private x: number;
  private y = 362436069;
  private z = 521288629;
  private w = 88675123;

  constructor(seed: number) {
    this.x = seed ^ 123456789;
    for (let i = 0; i < 20; i++) this.int32();
  }

  int32(): number {
    const t = this.x ^ (this.x << 11);
    this.x = this.y;
    this.y = this.z;
    this.z = this.w;
    this.w = this.w ^ (this.w >>> 19) ^ t ^ (t >>> 8);
    return this.w;
  }

  /** 0 .. n - 1 */
  below(n: number): number {
    return (this.int32() >>> 0) % n;
  }

  chance(probability: number): boolean {
    return this.int32() >>> 0 < probability * 4294967296;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** An int32 near a boundary of some operand size, or any. */
  value(): number {
    switch (this.below(8)) {
      case 0:
      case 1:
        return this.pick(edges) | 0;
      case 2:
        return (1 << this.below(32)) - this.below(2);
      case 3:
        return ~(1 << this.below(32));
      case 4:
        return this.below(256) - 128;
      case 5:
        return (this.pick(edges) << 16) | (this.pick(edges) & 0xffff);
      default:
        return this.int32();
    }
  }
}
