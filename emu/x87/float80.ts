// The one interface between the x87 unit and its arithmetic. Operands and results are slots of the x87 block (layout.ts), named
// by word offset: [significand low, significand high, sign/exponent]. Nothing else crosses, so the body can move to
// WebAssembly, where a slot is one i64 and one i32 of the same memory.

import { add, subtract } from "./addition.ts";
import { compare, compareUnordered, examine, test } from "./comparison.ts";
import { divide, squareRoot } from "./division.ts";
import {
  fromBcd,
  fromInt16,
  fromInt32,
  fromInt64,
  roundToIntegral,
  toBcd,
  toInt16,
  toInt32,
  toInt64,
} from "./integers.ts";
import { exponentialMinusOne, logarithm, logarithmPlusOne } from "./logarithm.ts";
import { fromFloat32, fromFloat64, toFloat32, toFloat64 } from "./memory-format.ts";
import { multiply } from "./multiplication.ts";
import { extract, remainder, remainderNearest, scale } from "./remainder.ts";
import { arcTangent, cos, sin, sinCos, tan } from "./trigonometry.ts";

/**
 * 80-bit arithmetic under the control word of the x87 block.
 *
 * Every operation returns what it adds to the status word: exception flags, C1 when the result was rounded up, and the
 * condition codes where it defines them. An unmasked #IA, #D or #Z leaves the destination as it was; an unmasked #O or #U
 * stores the bias-adjusted result (SDM 1 §8.5). A destination may coincide with an operand.
 */
export interface Float80Arithmetic {
  add(dst: number, a: number, b: number): number;
  /** dst = a - b */
  subtract(dst: number, a: number, b: number): number;
  multiply(dst: number, a: number, b: number): number;
  /** dst = a / b */
  divide(dst: number, a: number, b: number): number;
  squareRoot(dst: number, a: number): number;
  /** FPREM: C2 while partial, else the quotient's low bits in C0, C3, C1. */
  remainder(dst: number, a: number, b: number): number;
  /** FPREM1 */
  remainderNearest(dst: number, a: number, b: number): number;
  /** FSCALE: dst = a * 2^trunc(b) */
  scale(dst: number, a: number, b: number): number;
  /** FXTRACT: dst = exponent, X87_SECOND = significand. */
  extract(dst: number, a: number): number;
  /** FRNDINT */
  roundToIntegral(dst: number, a: number): number;
  /** FSIN; C2 when |a| >= 2^63, then `dst` is unchanged. */
  sin(dst: number, a: number): number;
  /** FCOS */
  cos(dst: number, a: number): number;
  /** FSINCOS: dst = sine, X87_SECOND = cosine. */
  sinCos(dst: number, a: number): number;
  /** FPTAN: dst = tangent, X87_SECOND = 1. */
  tan(dst: number, a: number): number;
  /** FPATAN: dst = angle of the point (x, y). */
  arcTangent(dst: number, y: number, x: number): number;
  /** F2XM1: dst = 2^a - 1 */
  exponentialMinusOne(dst: number, a: number): number;
  /** FYL2X: dst = y * log2(x) */
  logarithm(dst: number, y: number, x: number): number;
  /** FYL2XP1: dst = y * log2(x + 1) */
  logarithmPlusOne(dst: number, y: number, x: number): number;
  /** FCOM: C3, C2, C0 and exceptions. */
  compare(a: number, b: number): number;
  /** FUCOM */
  compareUnordered(a: number, b: number): number;
  /** FTST */
  test(a: number): number;
  /** FXAM of a register that is not empty: C3, C2, C0, and the sign in C1. */
  examine(a: number): number;
  /** From X87_MEM. Exact; DE for a denormal, IE for an SNaN, which stays one. */
  fromFloat32(dst: number): number;
  fromFloat64(dst: number): number;
  /** From X87_MEM, exact. */
  fromInt16(dst: number): void;
  fromInt32(dst: number): void;
  fromInt64(dst: number): void;
  fromBcd(dst: number): void;
  /** To X87_MEM. An unmasked #IA, #O or #U leaves it as it was. */
  toFloat32(a: number): number;
  toFloat64(a: number): number;
  toInt16(a: number): number;
  toInt32(a: number): number;
  toInt64(a: number): number;
  toBcd(a: number): number;
}

/** The arithmetic in 32-bit integers. Deterministic: the same bits on every host. */
export class Float80Unit implements Float80Arithmetic {
  private readonly words: Int32Array;

  /** `words` is the x87 block: X87_WORDS words as in layout.ts. */
  constructor(words: Int32Array) {
    this.words = words;
  }

  add(dst: number, a: number, b: number): number {
    return add(this.words, dst, a, b);
  }
  subtract(dst: number, a: number, b: number): number {
    return subtract(this.words, dst, a, b);
  }
  multiply(dst: number, a: number, b: number): number {
    return multiply(this.words, dst, a, b);
  }
  divide(dst: number, a: number, b: number): number {
    return divide(this.words, dst, a, b);
  }
  squareRoot(dst: number, a: number): number {
    return squareRoot(this.words, dst, a);
  }
  remainder(dst: number, a: number, b: number): number {
    return remainder(this.words, dst, a, b);
  }
  remainderNearest(dst: number, a: number, b: number): number {
    return remainderNearest(this.words, dst, a, b);
  }
  scale(dst: number, a: number, b: number): number {
    return scale(this.words, dst, a, b);
  }
  extract(dst: number, a: number): number {
    return extract(this.words, dst, a);
  }
  roundToIntegral(dst: number, a: number): number {
    return roundToIntegral(this.words, dst, a);
  }
  sin(dst: number, a: number): number {
    return sin(this.words, dst, a);
  }
  cos(dst: number, a: number): number {
    return cos(this.words, dst, a);
  }
  sinCos(dst: number, a: number): number {
    return sinCos(this.words, dst, a);
  }
  tan(dst: number, a: number): number {
    return tan(this.words, dst, a);
  }
  arcTangent(dst: number, y: number, x: number): number {
    return arcTangent(this.words, dst, y, x);
  }
  exponentialMinusOne(dst: number, a: number): number {
    return exponentialMinusOne(this.words, dst, a);
  }
  logarithm(dst: number, y: number, x: number): number {
    return logarithm(this.words, dst, y, x);
  }
  logarithmPlusOne(dst: number, y: number, x: number): number {
    return logarithmPlusOne(this.words, dst, y, x);
  }
  compare(a: number, b: number): number {
    return compare(this.words, a, b);
  }
  compareUnordered(a: number, b: number): number {
    return compareUnordered(this.words, a, b);
  }
  test(a: number): number {
    return test(this.words, a);
  }
  examine(a: number): number {
    return examine(this.words, a);
  }
  fromFloat32(dst: number): number {
    return fromFloat32(this.words, dst);
  }
  fromFloat64(dst: number): number {
    return fromFloat64(this.words, dst);
  }
  fromInt16(dst: number): void {
    fromInt16(this.words, dst);
  }
  fromInt32(dst: number): void {
    fromInt32(this.words, dst);
  }
  fromInt64(dst: number): void {
    fromInt64(this.words, dst);
  }
  fromBcd(dst: number): void {
    fromBcd(this.words, dst);
  }
  toFloat32(a: number): number {
    return toFloat32(this.words, a);
  }
  toFloat64(a: number): number {
    return toFloat64(this.words, a);
  }
  toInt16(a: number): number {
    return toInt16(this.words, a);
  }
  toInt32(a: number): number {
    return toInt32(this.words, a);
  }
  toInt64(a: number): number {
    return toInt64(this.words, a);
  }
  toBcd(a: number): number {
    return toBcd(this.words, a);
  }
}
