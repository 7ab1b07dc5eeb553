// F2XM1, FYL2X and FYL2XP1, computed to some 90 bits and rounded once by the rounding control.
// Hot: integers and one typed array, nothing allocated.

import { EXPONENTIAL, ODD_RECIPROCALS, WIDE_2_LOG2E, WIDE_LN2 } from "./coefficient.ts";
import { BIAS, DE, HI, LO, PE, SE, X87_A, X87_B, ZE } from "./layout.ts";
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
import { store } from "./rounding.ts";
import { loadMagnitude, storeWide } from "./trigonometry.ts";
import {
  addWide,
  divideWide,
  loadWide,
  multiplyWide,
  series,
  setWide,
  setWideSign,
  WIDE_R,
  WIDE_S,
  WIDE_T,
  WIDE_U,
  WIDE_X,
  WIDE_Y,
  wideExponent,
  wideSign,
  wideWord,
} from "./wide.ts";

/** dst = 2^a - 1 for -1 <= a <= 1. undefined: beyond that the operand is returned as inexact. */
export function exponentialMinusOne(w: Int32Array, dst: number, a: number): number {
  const classA = classify(w, a);
  if (classA > CLASS_INFINITY) return propagate(w, dst, a, classA);
  const sign = w[a + SE] >>> 15;
  if (classA === CLASS_ZERO) return copy(w, dst, a, 0);
  if (classA === CLASS_INFINITY) {
    if (sign !== 0) store(w, dst, 0x8000 | BIAS, 0x80000000, 0);
    else copy(w, dst, a, 0);
    return 0;
  }
  const flags = unpack(w, X87_A, a);
  if (!delivers(w, flags)) return flags;
  if (w[X87_A + SE] >= BIAS) {
    if (sign !== 0 && w[X87_A + SE] === BIAS && ((w[X87_A + HI] << 1) | w[X87_A + LO]) === 0) {
      store(w, dst, 0x8000 | (BIAS - 1), 0x80000000, 0);
      return PE;
    }
    return copy(w, dst, a, flags | PE);
  }
  // With t = a ln 2: t * (1 +- t/2 + t^2/6 ...)
  loadMagnitude(w, WIDE_X, X87_A);
  loadWide(WIDE_R, WIDE_LN2);
  multiplyWide(WIDE_R, WIDE_X, WIDE_R);
  series(WIDE_S, WIDE_R, EXPONENTIAL, sign !== 0 ? "alternating" : "same");
  multiplyWide(WIDE_S, WIDE_R, WIDE_S);
  setWideSign(WIDE_S, sign);
  return storeWide(w, dst, WIDE_S, flags);
}

/** dst = y * log2(x): FYL2X with x in ST(0) and y in ST(1). */
export function logarithm(w: Int32Array, dst: number, y: number, x: number): number {
  const classY = classify(w, y);
  const classX = classify(w, x);
  if (classY > CLASS_INFINITY || classX > CLASS_INFINITY) return propagatePair(w, dst, y, classY, x, classX);
  const signY = w[y + SE] & 0x8000;
  const denormal = classY === CLASS_DENORMAL || classX === CLASS_DENORMAL ? DE : 0;
  if (classX === CLASS_ZERO) {
    if (classY === CLASS_ZERO) return invalid(w, dst);
    return infinity(w, dst, signY ^ 0x8000, classY === CLASS_INFINITY ? 0 : ZE);
  }
  if (w[x + SE] >= 0x8000) return invalid(w, dst);
  if (classX === CLASS_INFINITY) {
    return classY === CLASS_ZERO ? invalid(w, dst) : infinity(w, dst, signY, denormal);
  }
  unpack(w, X87_A, x);
  const exponent = w[X87_A + SE] - BIAS;
  const isPower = ((w[X87_A + HI] << 1) | w[X87_A + LO]) === 0;
  const signLog = exponent < 0 ? 0x8000 : 0;
  if (classY === CLASS_INFINITY) {
    return exponent === 0 && isPower ? invalid(w, dst) : infinity(w, dst, signY ^ signLog, denormal);
  }
  if (classY === CLASS_ZERO || (exponent === 0 && isPower)) return zero(w, dst, signY ^ signLog, denormal);
  if (!delivers(w, denormal)) return denormal;
  unpack(w, X87_B, y);
  loadMagnitude(w, WIDE_Y, X87_B);
  if (isPower) {
    // An integer: the product is exact in a wide number and is rounded as such.
    setWide(WIDE_S, signLog >>> 15, 32, exponent < 0 ? -exponent : exponent, 0, 0);
  } else {
    setWide(WIDE_X, 0, 1, w[X87_A + HI], w[X87_A + LO], 0);
    binaryLogarithm(exponent);
  }
  multiplyWide(WIDE_S, WIDE_S, WIDE_Y);
  setWideSign(WIDE_S, wideSign(WIDE_S) ^ (signY >>> 15));
  return storeWide(w, dst, WIDE_S, denormal, isPower ? 0 : 1);
}

/** WIDE_S = exponent + log2(WIDE_X) for 1 < WIDE_X < 2. */
function binaryLogarithm(exponent: number): void {
  let e = exponent;
  // Halve above sqrt(2), so that the sum does not cancel.
  if (wideWord(WIDE_X, 0) >>> 0 > 0xb504f333) {
    setWide(WIDE_X, 0, 0, wideWord(WIDE_X, 0), wideWord(WIDE_X, 1), wideWord(WIDE_X, 2));
    e++;
  }
  setWide(WIDE_T, 0, 1, 0x80000000, 0, 0);
  addWide(WIDE_U, WIDE_X, WIDE_T);
  setWideSign(WIDE_T, 1);
  addWide(WIDE_R, WIDE_X, WIDE_T);
  divideWide(WIDE_R, WIDE_R, WIDE_U);
  inverseTangent();
  if (e === 0) return;
  setWide(WIDE_T, e < 0 ? 1 : 0, 32, e < 0 ? -e : e, 0, 0);
  addWide(WIDE_S, WIDE_S, WIDE_T);
}

/** WIDE_S = log2((1 + s) / (1 - s)) = 2 log2(e) atanh(s) for s in WIDE_R, |s| < 0.172. */
function inverseTangent(): void {
  multiplyWide(WIDE_T, WIDE_R, WIDE_R);
  series(WIDE_U, WIDE_T, ODD_RECIPROCALS, "same");
  multiplyWide(WIDE_S, WIDE_R, WIDE_U);
  loadWide(WIDE_T, WIDE_2_LOG2E);
  multiplyWide(WIDE_S, WIDE_S, WIDE_T);
}

/**
 * dst = y * log2(x + 1): FYL2XP1 with x in ST(0) and y in ST(1), for |x| < 1 - sqrt(1/2). undefined: beyond that the formula
 * still holds above -1, and x <= -1 is returned as inexact.
 */
export function logarithmPlusOne(w: Int32Array, dst: number, y: number, x: number): number {
  const classY = classify(w, y);
  const classX = classify(w, x);
  if (classY > CLASS_INFINITY || classX > CLASS_INFINITY) return propagatePair(w, dst, y, classY, x, classX);
  const signY = w[y + SE] & 0x8000;
  const signX = w[x + SE] & 0x8000;
  const flags = classY === CLASS_DENORMAL || classX === CLASS_DENORMAL ? DE : 0;
  if (classX === CLASS_ZERO) {
    return classY === CLASS_INFINITY ? invalid(w, dst) : zero(w, dst, signX ^ signY, flags);
  }
  if (classX === CLASS_INFINITY) {
    return signX !== 0 || classY === CLASS_ZERO ? invalid(w, dst) : infinity(w, dst, signY, flags);
  }
  if (classY === CLASS_INFINITY) return infinity(w, dst, signX ^ signY, flags);
  if (classY === CLASS_ZERO) return zero(w, dst, signX ^ signY, flags);
  if (!delivers(w, flags)) return flags;
  if (signX !== 0 && (w[x + SE] & 0x7fff) >= BIAS) return copy(w, dst, x, flags | PE);
  unpack(w, X87_A, x);
  unpack(w, X87_B, y);
  loadMagnitude(w, WIDE_X, X87_A);
  setWideSign(WIDE_X, signX >>> 15);
  loadMagnitude(w, WIDE_Y, X87_B);
  setWideSign(WIDE_Y, signY >>> 15);
  let sticky: 0 | 1 = 1;
  if (w[X87_A + SE] < BIAS - 2 || (w[X87_A + SE] === BIAS - 2 && w[X87_A + HI] >>> 0 < 0xa0000000)) {
    // |x| < 0.3125: s = x / (x + 2) has no cancellation.
    setWide(WIDE_T, 0, 2, 0x80000000, 0, 0);
    addWide(WIDE_T, WIDE_X, WIDE_T);
    divideWide(WIDE_R, WIDE_X, WIDE_T);
    inverseTangent();
  } else {
    setWide(WIDE_T, 0, 1, 0x80000000, 0, 0);
    addWide(WIDE_X, WIDE_X, WIDE_T);
    const exponent = wideExponent(WIDE_X) - 1;
    // A power of two whose sum was not truncated has an integer for its logarithm.
    if (((wideWord(WIDE_X, 0) << 1) | wideWord(WIDE_X, 1) | wideWord(WIDE_X, 2)) === 0 && exponent < 95) sticky = 0;
    setWide(WIDE_X, 0, 1, wideWord(WIDE_X, 0), wideWord(WIDE_X, 1), wideWord(WIDE_X, 2));
    binaryLogarithm(exponent);
  }
  multiplyWide(WIDE_S, WIDE_S, WIDE_Y);
  return storeWide(w, dst, WIDE_S, flags, sticky);
}
