// The register stack of the x87 unit: TOP, the tags, and what a stack fault does.
// Hot: integers and one typed array, nothing allocated.

import {
  C1,
  HI,
  IE,
  LO,
  PRECOMPUTATION,
  SE,
  SF,
  X87_CONTROL,
  X87_FULL,
  X87_OPERAND,
  X87_REGISTERS,
  X87_STATUS,
  X87_TOP,
  X87_WORDS,
} from "./layout.ts";

/** Eight registers addressed from the top; i numbers ST(i). A slot is a word offset (layout.ts). */
export class RegisterStack {
  readonly words: Int32Array;

  constructor(words: Int32Array) {
    if (words.length < X87_WORDS) throw new Error(`the x87 block needs ${X87_WORDS} words (X87_WORDS in layout.ts)`);
    this.words = words;
  }

  protected slot(i: number): number {
    return X87_REGISTERS + (((this.words[X87_TOP] + i) & 7) << 2);
  }

  protected isEmpty(i: number): boolean {
    const w = this.words;
    return ((w[X87_FULL] >> ((w[X87_TOP] + i) & 7)) & 1) === 0;
  }

  protected markFull(i: number): void {
    const w = this.words;
    w[X87_FULL] |= 1 << ((w[X87_TOP] + i) & 7);
  }

  protected pop(count: number): void {
    const w = this.words;
    for (let n = 0; n < count; n++) {
      w[X87_FULL] &= ~(1 << w[X87_TOP]);
      w[X87_TOP] = (w[X87_TOP] + 1) & 7;
    }
  }

  protected push(): void {
    const w = this.words;
    w[X87_TOP] = (w[X87_TOP] - 1) & 7;
    w[X87_FULL] |= 1 << w[X87_TOP];
  }

  protected copySlot(dst: number, src: number): void {
    const w = this.words;
    w[dst + LO] = w[src + LO];
    w[dst + HI] = w[src + HI];
    w[dst + SE] = w[src + SE];
  }

  protected storeIndefinite(dst: number): void {
    const w = this.words;
    w[dst + LO] = 0;
    w[dst + HI] = -0x40000000;
    w[dst + SE] = 0xffff;
  }

  /** Enters exceptions and C1 into the status word. Returns whether they let the result be delivered to a register. */
  protected raise(flags: number): boolean {
    const w = this.words;
    w[X87_STATUS] = (w[X87_STATUS] & ~C1) | flags;
    return (flags & ~w[X87_CONTROL] & PRECOMPUTATION) === 0;
  }

  /** Stack underflow: ST(i) becomes the indefinite QNaN and `pops` registers are popped, if #IS is masked. */
  protected underflow(i: number, pops: number): boolean {
    if (!this.raise(IE | SF)) return false;
    this.storeIndefinite(this.slot(i));
    this.markFull(i);
    this.pop(pops);
    return true;
  }

  /** Stack overflow of a load: the indefinite QNaN is pushed, if #IS is masked. */
  protected overflow(): boolean {
    if (!this.raise(IE | SF | C1)) return false;
    this.push();
    this.storeIndefinite(this.slot(0));
    return true;
  }

  /** Finishes a load whose value is in X87_OPERAND. */
  protected pushOperand(flags: number): boolean {
    if (!this.raise(flags)) return false;
    this.push();
    this.copySlot(this.slot(0), X87_OPERAND);
    return true;
  }
}
