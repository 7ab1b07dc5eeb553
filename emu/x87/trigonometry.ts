// FSIN, FCOS, FSINCOS, FPTAN and FPATAN. Arguments are reduced by the 66-bit value of pi that the processor keeps (SDM 1 §8.3.8);
// the rest is computed to some 90 bits and rounded once by the rounding control, so results are within 0.51 ulp to nearest.
// Hot: integers and one typed array, nothing allocated.

import { ARC_TANGENTS, COSINE, ODD_RECIPROCALS_SHORT, SINE, WIDE_HALF_PI, WIDE_PI } from "./coefficient.ts";
import { BIAS, C1, C2, DE, HI, LO, PE, SE, UE, X87_A, X87_B, X87_SECOND } from "./layout.ts";
import {
  CLASS_DENORMAL,
  CLASS_INFINITY,
  CLASS_ZERO,
  classify,
  copy,
  delivers,
  invalid,
  propagate,
  propagatePair,
  unpack,
} from "./operands.ts";
import { roundPackTo, setResult, store } from "./rounding.ts";
import {
  addWide,
  copyWide,
  divideWide,
  loadWide,
  multiplyWide,
  series,
  setWide,
  setWideSign,
  stepDown,
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

/**
 * Rounds a wide number into slot `dst`. `sticky` is 1 when the number is only the beginning of the value, 0 when it is exact:
 * that rounds correctly, but the processor, which cannot tell, reports it as inexact all the same.
 */
export function storeWide(w: Int32Array, dst: number, wide: number, flags: number, sticky: 0 | 1 = 1): number {
  setResult(
    w,
    wideSign(wide) << 15,
    wideExponent(wide) + (BIAS - 1),
    wideWord(wide, 0),
    wideWord(wide, 1),
    wideWord(wide, 2) | sticky,
  );
  const raised = roundPackTo(w, dst, flags, 64);
  if (sticky !== 0) return raised;
  return raised | ((w[dst + SE] & 0x7fff) === 0 ? PE | UE : PE);
}

/** Loads a finite, nonzero operand, normalised by unpack, as a positive wide number. */
export function loadMagnitude(w: Int32Array, wide: number, slot: number): void {
  setWide(wide, 0, w[slot + SE] - (BIAS - 1), w[slot + HI], w[slot + LO], 0);
}

// pi / 2 as 66 bits: 0x3_243F6A88_85A308D3 * 2^-65.
const HALF_PI_TOP = 3;
const HALF_PI_HIGH = 0x243f6a88;
const HALF_PI_LOW = 0x85a308d3;
const WORD = 0x100000000;
/** Highest word of the significand of pi / 4, rounded up: arguments with a smaller one below 1 need no reduction. */
const QUARTER_PI_WORD = 0xc90fdaa3;

/**
 * Writes X87_A - k * pi/2 to WIDE_X, exactly, with k such that it is smallest, and returns k modulo 4. X87_A is positive and below
 * 2^63.
 */
function reduceArgument(w: Int32Array): number {
  const exp = w[X87_A + SE] - BIAS;
  if (exp < -1 || (exp === -1 && w[X87_A + HI] >>> 0 < QUARTER_PI_WORD)) {
    loadMagnitude(w, WIDE_X, X87_A);
    return 0;
  }
  // In units of 2^-65: the significand shifted left by exp + 2, divided by pi / 2 bit by bit. Words are kept unsigned.
  let top = 0;
  let high = w[X87_A + HI] >>> 0;
  let low = w[X87_A + LO] >>> 0;
  let quotient = 0;
  for (let n = exp + 2; n > 0; n--) {
    top = top * 2 + (high >>> 31);
    high = ((high << 1) | (low >>> 31)) >>> 0;
    low = (low << 1) >>> 0;
    quotient = (quotient << 1) & 3;
    if (
      top > HALF_PI_TOP ||
      (top === HALF_PI_TOP && (high > HALF_PI_HIGH || (high === HALF_PI_HIGH && low >= HALF_PI_LOW)))
    ) {
      const lowRest = low - HALF_PI_LOW;
      const highRest = high - HALF_PI_HIGH - (lowRest < 0 ? 1 : 0);
      top -= HALF_PI_TOP + (highRest < 0 ? 1 : 0);
      high = highRest >>> 0;
      low = lowRest >>> 0;
      quotient |= 1;
    }
  }
  // Remainder above pi / 4: go to the next multiple. (pi / 2 is odd in these units, so there is no tie and no zero.)
  const sign = top * WORD + high >= (HALF_PI_TOP * WORD + HALF_PI_HIGH) / 2 ? 1 : 0;
  if (sign !== 0) {
    const lowRest = HALF_PI_LOW - low;
    const highRest = HALF_PI_HIGH - high - (lowRest < 0 ? 1 : 0);
    top = HALF_PI_TOP - top - (highRest < 0 ? 1 : 0);
    high = highRest >>> 0;
    low = lowRest >>> 0;
    quotient++;
  }
  setWide(WIDE_X, sign, 31, top, high, low);
  return quotient & 3;
}

/** dst = sin(WIDE_X) with WIDE_T = WIDE_X^2; keeps both. */
function sine(dst: number): void {
  series(WIDE_U, WIDE_T, SINE, "alternating");
  multiplyWide(dst, WIDE_X, WIDE_U);
}

/** dst = cos(WIDE_X) with WIDE_T = WIDE_X^2; keeps both. */
function cosine(dst: number): void {
  series(dst, WIDE_T, COSINE, "alternating");
}

/** dst = sin(x + quadrant * pi/2) for x in WIDE_X and WIDE_T = x^2. */
function sineInQuadrant(dst: number, quadrant: number): void {
  if ((quadrant & 1) === 0) sine(dst);
  else cosine(dst);
  if ((quadrant & 2) !== 0) setWideSign(dst, wideSign(dst) ^ 1);
}

/** Flags of an operand that is to be reduced: DE as it applies, or C2 when it is out of range. X87_A holds its magnitude. */
function argument(w: Int32Array, a: number): number {
  if ((w[a + SE] & 0x7fff) >= BIAS + 63) return C2;
  return unpack(w, X87_A, a);
}

/** dst = sin(a). C2 alone: out of range, `dst` is unchanged. */
export function sin(w: Int32Array, dst: number, a: number): number {
  const classA = classify(w, a);
  if (classA > CLASS_INFINITY) return propagate(w, dst, a, classA);
  if (classA === CLASS_INFINITY) return invalid(w, dst);
  if (classA === CLASS_ZERO) return copy(w, dst, a, 0);
  const flags = argument(w, a);
  if (flags === C2 || !delivers(w, flags)) return flags;
  const quadrant = reduceArgument(w);
  multiplyWide(WIDE_T, WIDE_X, WIDE_X);
  sineInQuadrant(WIDE_S, quadrant);
  if (w[a + SE] >= 0x8000) setWideSign(WIDE_S, wideSign(WIDE_S) ^ 1);
  return storeWide(w, dst, WIDE_S, flags);
}

/** dst = cos(a). C2 alone: out of range, `dst` is unchanged. */
export function cos(w: Int32Array, dst: number, a: number): number {
  const classA = classify(w, a);
  if (classA > CLASS_INFINITY) return propagate(w, dst, a, classA);
  if (classA === CLASS_INFINITY) return invalid(w, dst);
  if (classA === CLASS_ZERO) return one(w, dst);
  const flags = argument(w, a);
  if (flags === C2 || !delivers(w, flags)) return flags;
  const quadrant = reduceArgument(w);
  multiplyWide(WIDE_T, WIDE_X, WIDE_X);
  sineInQuadrant(WIDE_S, quadrant + 1);
  return storeWide(w, dst, WIDE_S, flags);
}

/** dst = sin(a), X87_SECOND = cos(a). C2 alone: out of range, neither is written. */
export function sinCos(w: Int32Array, dst: number, a: number): number {
  const classA = classify(w, a);
  if (classA > CLASS_INFINITY || classA === CLASS_INFINITY) return both(w, dst, a, classA);
  if (classA === CLASS_ZERO) {
    one(w, X87_SECOND);
    return copy(w, dst, a, 0);
  }
  const flags = argument(w, a);
  if (flags === C2 || !delivers(w, flags)) return flags;
  const quadrant = reduceArgument(w);
  multiplyWide(WIDE_T, WIDE_X, WIDE_X);
  sineInQuadrant(WIDE_S, quadrant);
  if (w[a + SE] >= 0x8000) setWideSign(WIDE_S, wideSign(WIDE_S) ^ 1);
  sineInQuadrant(WIDE_R, quadrant + 1);
  const cosFlags = storeWide(w, X87_SECOND, WIDE_R, flags);
  return (cosFlags & ~C1) | storeWide(w, dst, WIDE_S, flags);
}

/** dst = tan(a), X87_SECOND = 1. C2 alone: out of range, neither is written. */
export function tan(w: Int32Array, dst: number, a: number): number {
  const classA = classify(w, a);
  if (classA > CLASS_INFINITY || classA === CLASS_INFINITY) return both(w, dst, a, classA);
  if (classA === CLASS_ZERO) {
    one(w, X87_SECOND);
    return copy(w, dst, a, 0);
  }
  const flags = argument(w, a);
  if (flags === C2 || !delivers(w, flags)) return flags;
  const quadrant = reduceArgument(w);
  multiplyWide(WIDE_T, WIDE_X, WIDE_X);
  tangent();
  if ((quadrant & 1) !== 0) {
    setWide(WIDE_R, 1, 1, 0x80000000, 0, 0);
    divideWide(WIDE_S, WIDE_R, WIDE_S);
    // The tangent was not exact, so its reciprocal is truncated even where the division is exact.
    stepDown(WIDE_S);
  }
  if (w[a + SE] >= 0x8000) setWideSign(WIDE_S, wideSign(WIDE_S) ^ 1);
  one(w, X87_SECOND);
  return storeWide(w, dst, WIDE_S, flags);
}

/** WIDE_S = tan(WIDE_X) with WIDE_T = WIDE_X^2, truncated. */
function tangent(): void {
  // x (1 + x^2 / 3 ...): where the square is out of reach x itself is the truncated value.
  if (wideExponent(WIDE_T) < -84) {
    copyWide(WIDE_S, WIDE_X);
    return;
  }
  sine(WIDE_S);
  cosine(WIDE_R);
  divideWide(WIDE_S, WIDE_S, WIDE_R);
}

/** NaN or infinity as the operand of an instruction with two results: both become the same. */
function both(w: Int32Array, dst: number, a: number, classA: number): number {
  const flags = classA === CLASS_INFINITY ? invalid(w, X87_SECOND) : propagate(w, X87_SECOND, a, classA);
  return copy(w, dst, X87_SECOND, flags);
}

function one(w: Int32Array, dst: number): number {
  store(w, dst, BIAS, 0x80000000, 0);
  return 0;
}

/** dst = the angle of the point (x, y): FPATAN with x in ST(0) and y in ST(1), in all four quadrants. */
export function arcTangent(w: Int32Array, dst: number, y: number, x: number): number {
  const classY = classify(w, y);
  const classX = classify(w, x);
  if (classY > CLASS_INFINITY || classX > CLASS_INFINITY) return propagatePair(w, dst, y, classY, x, classX);
  const flags = classY === CLASS_DENORMAL || classX === CLASS_DENORMAL ? DE : 0;
  if (!delivers(w, flags)) return flags;
  const signY = w[y + SE] >>> 15;
  const negativeX = w[x + SE] >= 0x8000;
  if (classY === CLASS_ZERO || (classX === CLASS_INFINITY && classY !== CLASS_INFINITY)) {
    if (!negativeX) {
      store(w, dst, signY << 15, 0, 0);
      return flags;
    }
    loadWide(WIDE_S, WIDE_PI);
  } else if (classX === CLASS_ZERO || classY === CLASS_INFINITY) {
    loadWide(WIDE_S, WIDE_HALF_PI);
    if (classX === CLASS_INFINITY) {
      // pi / 4 or 3 pi / 4
      loadWide(WIDE_R, ARC_TANGENTS[16]);
      setWideSign(WIDE_R, negativeX ? 0 : 1);
      addWide(WIDE_S, WIDE_S, WIDE_R);
    }
  } else {
    unpack(w, X87_A, y);
    unpack(w, X87_B, x);
    loadMagnitude(w, WIDE_Y, X87_A);
    loadMagnitude(w, WIDE_X, X87_B);
    firstQuadrant(negativeX);
  }
  setWideSign(WIDE_S, signY);
  return storeWide(w, dst, WIDE_S, flags);
}

/** WIDE_S = angle of the point (WIDE_X, WIDE_Y), or (-WIDE_X, WIDE_Y); both slots are positive. */
function firstQuadrant(negativeX: boolean): void {
  const steep = isLarger(WIDE_Y, WIDE_X);
  const minor = steep ? WIDE_X : WIDE_Y;
  const major = steep ? WIDE_Y : WIDE_X;
  // angle = atan(i / 16) + atan(u), u = (16 minor - i major) / (16 major + i minor): up to the quotient everything is exact.
  const i = sixteenths(minor, major);
  setWide(WIDE_T, 0, 32, i, 0, 0);
  setWide(WIDE_U, 0, 32, 16, 0, 0);
  multiplyWide(WIDE_R, WIDE_U, minor);
  multiplyWide(WIDE_S, WIDE_T, major);
  setWideSign(WIDE_S, 1);
  addWide(WIDE_R, WIDE_R, WIDE_S);
  multiplyWide(WIDE_S, WIDE_U, major);
  multiplyWide(WIDE_T, WIDE_T, minor);
  addWide(WIDE_S, WIDE_S, WIDE_T);
  divideWide(WIDE_R, WIDE_R, WIDE_S);
  multiplyWide(WIDE_T, WIDE_R, WIDE_R);
  series(WIDE_U, WIDE_T, ODD_RECIPROCALS_SHORT, "alternating");
  multiplyWide(WIDE_S, WIDE_R, WIDE_U);
  loadWide(WIDE_T, ARC_TANGENTS[i]);
  addWide(WIDE_S, WIDE_S, WIDE_T);
  if (!steep && !negativeX) return;
  loadWide(WIDE_T, steep ? WIDE_HALF_PI : WIDE_PI);
  setWideSign(WIDE_S, steep && negativeX ? 0 : 1);
  addWide(WIDE_S, WIDE_T, WIDE_S);
}

/** Whether a > b, both positive. */
function isLarger(a: number, b: number): boolean {
  if (wideExponent(a) !== wideExponent(b)) return wideExponent(a) > wideExponent(b);
  if (wideWord(a, 0) !== wideWord(b, 0)) return wideWord(a, 0) >>> 0 > wideWord(b, 0) >>> 0;
  return wideWord(a, 1) >>> 0 > wideWord(b, 1) >>> 0;
}

/** 16 minor / major to the nearest integer, give or take 2^-17. */
function sixteenths(minor: number, major: number): number {
  const distance = wideExponent(major) - wideExponent(minor);
  if (distance > 6) return 0;
  const b = wideWord(major, 0) >>> 8;
  return ((((wideWord(minor, 0) >>> (8 + distance)) * 32 + b) / (b * 2)) | 0) & 31;
}
