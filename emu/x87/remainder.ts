// FPREM, FPREM1, FSCALE and FXTRACT: instructions that take numbers apart by their exponents.
// Hot: integers and one typed array, nothing allocated.

import { BIAS, C0, C1, C2, C3, DE, HI, LO, SE, X87_A, X87_B, X87_SECOND, ZE } from "./layout.ts";
import {
  CLASS_DENORMAL,
  CLASS_INFINITY,
  CLASS_ZERO,
  classify,
  copy,
  delivers,
  infinity,
  invalid,
  propagate,
  propagatePair,
  unpack,
  zero,
} from "./operands.ts";
import { roundPackTo, setResult, store } from "./rounding.ts";

/** Set when the operands were numbers: then C0 and C3 are defined, as the quotient's bits or zero. */
export const QUOTIENT = 0x10000;

/**
 * dst = remainder of a / b with the quotient truncated (FPREM). Returns exceptions and the condition codes: C2 while the
 * reduction is partial, otherwise the quotient's low bits in C0 (4), C3 (2) and C1 (1).
 */
export function remainder(w: Int32Array, dst: number, a: number, b: number): number {
  return reduce(w, dst, a, b, "truncate");
}

/** As remainder, with the quotient rounded to the nearest even integer (FPREM1, IEEE 754 remainder). */
export function remainderNearest(w: Int32Array, dst: number, a: number, b: number): number {
  return reduce(w, dst, a, b, "nearest");
}

function reduce(w: Int32Array, dst: number, a: number, b: number, mode: "truncate" | "nearest"): number {
  const classA = classify(w, a);
  const classB = classify(w, b);
  if (classA > CLASS_INFINITY || classB > CLASS_INFINITY) return propagatePair(w, dst, a, classA, b, classB);
  if (classA === CLASS_INFINITY || classB === CLASS_ZERO) return invalid(w, dst);
  const flags = classA === CLASS_DENORMAL || classB === CLASS_DENORMAL ? DE : 0;
  if (!delivers(w, flags)) return flags;
  if (classA === CLASS_ZERO) return QUOTIENT | copy(w, dst, a, flags);
  let sign = w[a + SE] & 0x8000;
  unpack(w, X87_A, a);
  let remHi = w[X87_A + HI];
  let remLo = w[X87_A + LO];
  let exp = w[X87_A + SE];
  if (classB === CLASS_INFINITY) return QUOTIENT | finishRemainder(w, dst, sign, exp, remHi, remLo, flags);
  unpack(w, X87_B, b);
  const bHi = w[X87_B + HI];
  const bLo = w[X87_B + LO];
  const distance = exp - w[X87_B + SE];
  let quotient = 0;
  let partial = 0;
  if (distance >= 0) {
    // One quotient bit a step. A reduction from further away than 63 stops after 32..63 bits, as SDM 2 "FPREM" allows.
    let steps = distance;
    if (distance >= 64) {
      steps = (distance & 31) | 32;
      partial = C2;
    }
    let carry = 0;
    for (let step = 0; step <= steps; step++) {
      if (step !== 0) {
        carry = remHi >>> 31;
        remHi = (remHi << 1) | (remLo >>> 31);
        remLo <<= 1;
      }
      quotient <<= 1;
      if (carry !== 0 || remHi >>> 0 > bHi >>> 0 || (remHi === bHi && remLo >>> 0 >= bLo >>> 0)) {
        const borrow = remLo >>> 0 < bLo >>> 0 ? 1 : 0;
        remLo = (remLo - bLo) | 0;
        remHi = (remHi - bHi - borrow) | 0;
        quotient |= 1;
      }
    }
    exp -= steps;
  }
  if (mode === "nearest" && partial === 0 && distance >= -1) {
    // The rest is rem at `exp`; it rounds up when 2 * rem > b, or on a tie with an odd quotient.
    let order: number;
    if (distance === -1) order = remHi !== bHi ? (remHi >>> 0 > bHi >>> 0 ? 1 : -1) : remLo >>> 0 > bLo >>> 0 ? 1 : -1;
    else {
      const twiceHi = (remHi << 1) | (remLo >>> 31);
      const twiceLo = remLo << 1;
      if (remHi < 0 || twiceHi >>> 0 > bHi >>> 0) order = 1;
      else if (twiceHi !== bHi) order = -1;
      else order = twiceLo === bLo ? 0 : twiceLo >>> 0 > bLo >>> 0 ? 1 : -1;
    }
    if (order > 0 || (order === 0 && (quotient & 1) !== 0)) {
      const minuendHi = distance === -1 ? (bHi << 1) | (bLo >>> 31) : bHi;
      const minuendLo = distance === -1 ? bLo << 1 : bLo;
      const borrow = minuendLo >>> 0 < remLo >>> 0 ? 1 : 0;
      remLo = (minuendLo - remLo) | 0;
      remHi = (minuendHi - remHi - borrow) | 0;
      sign ^= 0x8000;
      quotient++;
    }
  }
  let codes = QUOTIENT | partial;
  if (partial === 0) {
    codes |= ((quotient & 4) !== 0 ? C0 : 0) | ((quotient & 2) !== 0 ? C3 : 0) | ((quotient & 1) !== 0 ? C1 : 0);
  }
  if ((remHi | remLo) === 0) return codes | zero(w, dst, w[a + SE] & 0x8000, flags);
  return codes | finishRemainder(w, dst, sign, exp, remHi, remLo, flags);
}

/** Normalises an exact, nonzero magnitude and stores it. */
function finishRemainder(
  w: Int32Array,
  dst: number,
  sign: number,
  exp: number,
  hi: number,
  lo: number,
  flags: number,
): number {
  let top = hi;
  let low = lo;
  let biased = exp;
  if (top === 0) {
    top = low;
    low = 0;
    biased -= 32;
  }
  const shift = Math.clz32(top);
  if (shift !== 0) {
    top = (top << shift) | (low >>> (32 - shift));
    low <<= shift;
  }
  setResult(w, sign, biased - shift, top, low, 0);
  return roundPackTo(w, dst, flags, 64);
}

/** dst = a * 2^trunc(b) (FSCALE). Returns exception flags and C1. */
export function scale(w: Int32Array, dst: number, a: number, b: number): number {
  const classA = classify(w, a);
  const classB = classify(w, b);
  if (classA > CLASS_INFINITY || classB > CLASS_INFINITY) return propagatePair(w, dst, a, classA, b, classB);
  const sign = w[a + SE] & 0x8000;
  const bNegative = w[b + SE] >= 0x8000;
  const flags = classA === CLASS_DENORMAL || classB === CLASS_DENORMAL ? DE : 0;
  if (classB === CLASS_INFINITY) {
    if (bNegative) return classA === CLASS_INFINITY ? invalid(w, dst) : zero(w, dst, sign, flags);
    return classA === CLASS_ZERO ? invalid(w, dst) : infinity(w, dst, sign, flags);
  }
  if (classA === CLASS_INFINITY || classA === CLASS_ZERO) return copy(w, dst, a, flags);
  unpack(w, X87_A, a);
  setResult(w, sign, w[X87_A + SE] + scaleOf(w, b), w[X87_A + HI], w[X87_A + LO], 0);
  return roundPackTo(w, dst, flags, 64);
}

/** The finite slot `b` truncated to an integer, clamped to +-0x1ffff: beyond that every result over- or underflows. */
function scaleOf(w: Int32Array, b: number): number {
  const se = w[b + SE];
  const exp = (se & 0x7fff) - BIAS;
  if (exp < 0) return 0;
  const magnitude = exp > 16 ? 0x1ffff : w[b + HI] >>> (31 - exp);
  return se >= 0x8000 ? -magnitude : magnitude;
}

/**
 * dst = the exponent of a as a number, X87_SECOND = its significand in [1, 2) with its sign (FXTRACT). Returns exception flags;
 * neither is written when one of them is unmasked.
 */
export function extract(w: Int32Array, dst: number, a: number): number {
  const classA = classify(w, a);
  if (classA > CLASS_INFINITY) {
    const flags = propagate(w, X87_SECOND, a, classA);
    return delivers(w, flags) ? copy(w, dst, X87_SECOND, flags) : flags;
  }
  const sign = w[a + SE] & 0x8000;
  if (classA === CLASS_ZERO) {
    zero(w, X87_SECOND, sign, ZE);
    return infinity(w, dst, 0x8000, ZE);
  }
  if (classA === CLASS_INFINITY) {
    store(w, X87_SECOND, sign | 0x7fff, -0x80000000, 0);
    return infinity(w, dst, 0, 0);
  }
  const flags = unpack(w, X87_A, a);
  if (!delivers(w, flags)) return flags;
  const exponent = w[X87_A + SE] - BIAS;
  store(w, X87_SECOND, sign | BIAS, w[X87_A + HI], w[X87_A + LO]);
  if (exponent === 0) return zero(w, dst, 0, flags);
  const magnitude = exponent < 0 ? -exponent : exponent;
  const shift = Math.clz32(magnitude);
  store(w, dst, (exponent < 0 ? 0x8000 : 0) | (BIAS + 31 - shift), magnitude << shift, 0);
  return flags;
}
