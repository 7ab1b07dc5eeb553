// x87 instructions that move values: loads, stores, and moves between registers.
// Hot: integers and one typed array, nothing allocated.

import { type Constant, loadConstant } from "./constant.ts";
import type { Float80Arithmetic } from "./float80.ts";
import {
  HI,
  IE,
  LO,
  OE,
  SE,
  SF,
  UE,
  X87_CONTROL,
  X87_FULL,
  X87_MEM,
  X87_OPERAND,
  X87_STATUS,
  X87_TOP,
} from "./layout.ts";
import { RegisterStack } from "./register-stack.ts";

/** The moving half of FpuState; results and `pops` are explained there. */
export class TransferUnit extends RegisterStack {
  protected readonly unit: Float80Arithmetic;

  constructor(words: Int32Array, unit: Float80Arithmetic) {
    super(words);
    this.unit = unit;
  }

  // ---- Loads ----

  /** FLD m32fp */
  fld32(): boolean {
    if (!this.isEmpty(7)) return this.overflow();
    return this.pushFloat(this.unit.fromFloat32(X87_OPERAND));
  }

  /** FLD m64fp */
  fld64(): boolean {
    if (!this.isEmpty(7)) return this.overflow();
    return this.pushFloat(this.unit.fromFloat64(X87_OPERAND));
  }

  /** Pushes X87_OPERAND. An SNaN (IE) is quieted. A denormal (DE) is loaded even if that exception is not masked. */
  private pushFloat(flags: number): boolean {
    const w = this.words;
    if ((flags & IE) !== 0) {
      w[X87_OPERAND + HI] |= 0x40000000;
      return this.pushOperand(IE);
    }
    this.pushOperand(0);
    w[X87_STATUS] |= flags;
    return true;
  }

  /** FLD m80fp: the bits as they are. */
  fld80(): boolean {
    if (!this.isEmpty(7)) return this.overflow();
    const w = this.words;
    w[X87_OPERAND + LO] = w[X87_MEM];
    w[X87_OPERAND + HI] = w[X87_MEM + 1];
    w[X87_OPERAND + SE] = w[X87_MEM + 2] & 0xffff;
    return this.pushOperand(0);
  }

  /** FILD m16int */
  fild16(): boolean {
    if (!this.isEmpty(7)) return this.overflow();
    this.unit.fromInt16(X87_OPERAND);
    return this.pushOperand(0);
  }

  /** FILD m32int */
  fild32(): boolean {
    if (!this.isEmpty(7)) return this.overflow();
    this.unit.fromInt32(X87_OPERAND);
    return this.pushOperand(0);
  }

  /** FILD m64int */
  fild64(): boolean {
    if (!this.isEmpty(7)) return this.overflow();
    this.unit.fromInt64(X87_OPERAND);
    return this.pushOperand(0);
  }

  /** FBLD m80bcd */
  fbld(): boolean {
    if (!this.isEmpty(7)) return this.overflow();
    this.unit.fromBcd(X87_OPERAND);
    return this.pushOperand(0);
  }

  /** FLD ST(i) */
  fld(i: number): boolean {
    if (this.isEmpty(i)) {
      if (!this.raise(IE | SF)) return false;
      this.push();
      this.storeIndefinite(this.slot(0));
      return true;
    }
    if (!this.isEmpty(7)) return this.overflow();
    this.copySlot(X87_OPERAND, this.slot(i));
    return this.pushOperand(0);
  }

  /** FLD1, FLDL2T, FLDL2E, FLDPI, FLDLG2, FLDLN2, FLDZ */
  fldConstant(constant: Constant): boolean {
    if (!this.isEmpty(7)) return this.overflow();
    loadConstant(this.words, X87_OPERAND, constant);
    return this.pushOperand(0);
  }

  // ---- Stores ----

  /** FST, FSTP m32fp */
  fst32(pops: number): boolean {
    if (this.isEmpty(0)) return this.storeUnderflow(0xffc00000, 0, 0, pops);
    return this.finishStore(this.unit.toFloat32(this.slot(0)), pops);
  }

  /** FST, FSTP m64fp */
  fst64(pops: number): boolean {
    if (this.isEmpty(0)) return this.storeUnderflow(0, 0xfff80000, 0, pops);
    return this.finishStore(this.unit.toFloat64(this.slot(0)), pops);
  }

  /** FSTP m80fp: the bits as they are. */
  fstp80(): boolean {
    if (this.isEmpty(0)) return this.storeUnderflow(0, -0x40000000, 0xffff, 1);
    const w = this.words;
    const slot = this.slot(0);
    w[X87_MEM] = w[slot + LO];
    w[X87_MEM + 1] = w[slot + HI];
    w[X87_MEM + 2] = w[slot + SE];
    return this.finishStore(0, 1);
  }

  /** FIST, FISTP m16int */
  fist16(pops: number): boolean {
    if (this.isEmpty(0)) return this.storeUnderflow(-0x8000, 0, 0, pops);
    return this.finishStore(this.unit.toInt16(this.slot(0)), pops);
  }

  /** FIST, FISTP m32int */
  fist32(pops: number): boolean {
    if (this.isEmpty(0)) return this.storeUnderflow(-0x80000000, 0, 0, pops);
    return this.finishStore(this.unit.toInt32(this.slot(0)), pops);
  }

  /** FISTP m64int */
  fistp64(): boolean {
    if (this.isEmpty(0)) return this.storeUnderflow(0, -0x80000000, 0, 1);
    return this.finishStore(this.unit.toInt64(this.slot(0)), 1);
  }

  /** FBSTP m80bcd */
  fbstp(): boolean {
    if (this.isEmpty(0)) return this.storeUnderflow(0, -0x40000000, 0xffff, 1);
    return this.finishStore(this.unit.toBcd(this.slot(0)), 1);
  }

  private finishStore(flags: number, pops: number): boolean {
    this.raise(flags);
    if ((flags & ~this.words[X87_CONTROL] & (IE | OE | UE)) !== 0) return false;
    this.pop(pops);
    return true;
  }

  private storeUnderflow(first: number, second: number, third: number, pops: number): boolean {
    if (!this.raise(IE | SF)) return false;
    const w = this.words;
    w[X87_MEM] = first;
    w[X87_MEM + 1] = second;
    w[X87_MEM + 2] = third;
    this.pop(pops);
    return true;
  }

  // ---- Register moves ----

  /** FST, FSTP ST(i) */
  fst(i: number, pops: number): boolean {
    if (this.isEmpty(0)) return this.underflow(i, pops);
    this.raise(0);
    this.copySlot(this.slot(i), this.slot(0));
    this.markFull(i);
    this.pop(pops);
    return true;
  }

  /** FSTPNCE ST(i), the encoding D9 D8+i of FSTP: with ST(0) empty it only pops. */
  fstpnce(i: number): boolean {
    if (!this.isEmpty(0)) return this.fst(i, 1);
    this.raise(0);
    this.pop(1);
    return true;
  }

  /** FXCH ST(i): an empty register counts as the indefinite QNaN if #IS is masked. */
  fxch(i: number): boolean {
    const a = this.slot(0);
    const b = this.slot(i);
    if (this.isEmpty(0) || this.isEmpty(i)) {
      if (!this.raise(IE | SF)) return false;
      if (this.isEmpty(0)) this.storeIndefinite(a);
      if (this.isEmpty(i)) this.storeIndefinite(b);
      this.markFull(0);
      this.markFull(i);
    } else this.raise(0);
    this.copySlot(X87_OPERAND, a);
    this.copySlot(a, b);
    this.copySlot(b, X87_OPERAND);
    return true;
  }

  /** FCMOVcc ST(0), ST(i); `taken` is the condition. */
  fcmov(i: number, taken: boolean): boolean {
    if (this.isEmpty(0) || this.isEmpty(i)) return this.underflow(0, 0);
    this.raise(0);
    if (taken) this.copySlot(this.slot(0), this.slot(i));
    return true;
  }

  /** FFREE ST(i); FFREEP pops besides. */
  ffree(i: number, pops: number): boolean {
    const w = this.words;
    this.raise(0);
    w[X87_FULL] &= ~(1 << ((w[X87_TOP] + i) & 7));
    this.pop(pops);
    return true;
  }

  /** FINCSTP (+1), FDECSTP (-1): tags stay. */
  moveTop(step: number): boolean {
    this.raise(0);
    this.words[X87_TOP] = (this.words[X87_TOP] + step) & 7;
    return true;
  }

  /** FNOP, FWAIT */
  fnop(): boolean {
    return true;
  }
}
