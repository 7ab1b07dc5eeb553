/** A set of the signals 1..64, as two uint32 words of sigset_t: bit (n - 1) stands for signal n. */
export class SignalSet {
  /** Signals 1..32, signed int32. */
  low: number;
  /** Signals 33..64, signed int32. */
  high: number;

  constructor(low = 0, high = 0) {
    this.low = low | 0;
    this.high = high | 0;
  }

  has(signal: number): boolean {
    return signal <= 32 ? ((this.low >>> (signal - 1)) & 1) === 1 : ((this.high >>> (signal - 33)) & 1) === 1;
  }

  add(signal: number): void {
    if (signal <= 32) this.low |= 1 << (signal - 1);
    else this.high |= 1 << (signal - 33);
  }

  delete(signal: number): void {
    if (signal <= 32) this.low &= ~(1 << (signal - 1));
    else this.high &= ~(1 << (signal - 33));
  }

  clear(): void {
    this.low = 0;
    this.high = 0;
  }

  get empty(): boolean {
    return (this.low | this.high) === 0;
  }

  clone(): SignalSet {
    return new SignalSet(this.low, this.high);
  }

  assign(other: SignalSet): void {
    this.low = other.low;
    this.high = other.high;
  }

  equals(other: SignalSet): boolean {
    return this.low === other.low && this.high === other.high;
  }

  or(other: SignalSet): SignalSet {
    return new SignalSet(this.low | other.low, this.high | other.high);
  }

  and(other: SignalSet): SignalSet {
    return new SignalSet(this.low & other.low, this.high & other.high);
  }

  andNot(other: SignalSet): SignalSet {
    return new SignalSet(this.low & ~other.low, this.high & ~other.high);
  }

  /** The lowest signal of the set, 0 if it is empty. */
  first(): number {
    if (this.low !== 0) return 32 - Math.clz32(this.low & -this.low);
    if (this.high !== 0) return 64 - Math.clz32(this.high & -this.high);
    return 0;
  }

  static of(...signals: number[]): SignalSet {
    const set = new SignalSet();
    for (const signal of signals) set.add(signal);
    return set;
  }
}
