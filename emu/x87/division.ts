// FDIV and FSQRT on 64-bit significands.
// Hot: integers and one typed array, nothing allocated.

import { BIAS, DE, HI, LO, SE, X87_A, X87_B, ZE } from "./layout.ts";
import {
  CLASS_DENORMAL,
  CLASS_INFINITY,
  CLASS_ZERO,
  classify,
  copy,
  infinity,
  invalid,
  propagate,
  propagatePair,
  unpack,
  zero,
} from "./operands.ts";
import { roundPack, setResult } from "./rounding.ts";

/** Sign bit that tells "not done yet" from a set of flags. */
const CONTINUE = -0x80000000;

/** dst = a / b; returns exception flags and C1. `dst` may be `a` or `b`. */
export function divide(w: Int32Array, dst: number, a: number, b: number): number {
  const aSe = w[a + SE];
  const bSe = w[b + SE];
  let aHi = w[a + HI];
  let bHi = w[b + HI];
  let aLo = w[a + LO];
  let bLo = w[b + LO];
  let aExp = aSe & 0x7fff;
  let bExp = bSe & 0x7fff;
  const sign = (aSe ^ bSe) & 0x8000;
  let flags = 0;
  if ((aHi & bHi) >= 0 || (aExp - 1) >>> 0 >= 0x7ffe || (bExp - 1) >>> 0 >= 0x7ffe) {
    const done = divideSpecial(w, dst, a, b, sign);
    if (done >= 0) return done;
    flags = done & 0x3f;
    aHi = w[X87_A + HI];
    aLo = w[X87_A + LO];
    aExp = w[X87_A + SE];
    bHi = w[X87_B + HI];
    bLo = w[X87_B + LO];
    bExp = w[X87_B + SE];
  }
  const exp = aExp - bExp + 0x3fff;
  // The quotient is 1.x when a >= b: its first bit is taken here, so that the remainder is below b from now on.
  const whole = aHi >>> 0 > bHi >>> 0 || (aHi === bHi && aLo >>> 0 >= bLo >>> 0);
  let remHi = aHi;
  let remLo = aLo;
  if (whole) {
    remHi = (aHi - bHi - (aLo >>> 0 < bLo >>> 0 ? 1 : 0)) | 0;
    remLo = (aLo - bLo) | 0;
  }
  // Five quotient digits of 16 bits (Knuth 4.3.1 D): digit = floor(rem * 2^16 / b), estimated from the top digit of b.
  const b3 = bHi >>> 16;
  const b2 = bHi & 0xffff;
  const b1 = bLo >>> 16;
  const b0 = bLo & 0xffff;
  let q4 = 0;
  let q3 = 0;
  let q2 = 0;
  let q1 = 0;
  let q0 = 0;
  for (let i = 0; i < 5; i++) {
    let digit = ((remHi >>> 0) / b3) >>> 0;
    if (digit > 0xffff) digit = 0xffff;
    // rem * 2^16 - digit * b, which is above -2b: `top` goes negative while the digit is too large.
    const p0 = Math.imul(digit, b0);
    const p1 = (Math.imul(digit, b1) + (p0 >>> 16)) | 0;
    const p2 = (Math.imul(digit, b2) + (p1 >>> 16)) | 0;
    const p3 = (Math.imul(digit, b3) + (p2 >>> 16)) | 0;
    const productLo = (p1 << 16) | (p0 & 0xffff);
    const productHi = (p3 << 16) | (p2 & 0xffff);
    let top = (remHi >>> 16) - (p3 >>> 16);
    const shiftedLo = remLo << 16;
    const shiftedHi = (remHi << 16) | (remLo >>> 16);
    remLo = (shiftedLo - productLo) | 0;
    const borrow = shiftedLo >>> 0 < productLo >>> 0 ? 1 : 0;
    const partialHi = (shiftedHi - productHi) | 0;
    if (shiftedHi >>> 0 < productHi >>> 0) top--;
    if (borrow !== 0 && partialHi === 0) top--;
    remHi = (partialHi - borrow) | 0;
    while (top < 0) {
      digit--;
      remLo = (remLo + bLo) | 0;
      const carryLo = remLo >>> 0 < bLo >>> 0 ? 1 : 0;
      const sumHi = (remHi + bHi) | 0;
      if (sumHi >>> 0 < bHi >>> 0) top++;
      remHi = (sumHi + carryLo) | 0;
      if (carryLo !== 0 && remHi === 0) top++;
    }
    q4 = q3;
    q3 = q2;
    q2 = q1;
    q1 = q0;
    q0 = digit;
  }
  let hi = (q4 << 16) | q3;
  let lo = (q2 << 16) | q1;
  let ext = q0 << 16;
  if ((remHi | remLo) !== 0) ext |= 1;
  if (whole) {
    ext = (ext >>> 1) | (lo << 31) | (ext & 1);
    lo = (lo >>> 1) | (hi << 31);
    hi = (hi >>> 1) | 0x80000000;
    setResult(w, sign, exp, hi, lo, ext);
  } else {
    setResult(w, sign, exp - 1, hi, lo, ext);
  }
  return roundPack(w, dst, flags);
}

/** Quotients with an operand that is not normal; as addSpecial in addition.ts. */
function divideSpecial(w: Int32Array, dst: number, a: number, b: number, sign: number): number {
  const classA = classify(w, a);
  const classB = classify(w, b);
  if (classA > CLASS_INFINITY || classB > CLASS_INFINITY) return propagatePair(w, dst, a, classA, b, classB);
  const denormal = classA === CLASS_DENORMAL || classB === CLASS_DENORMAL ? DE : 0;
  if (classA === CLASS_INFINITY) {
    return classB === CLASS_INFINITY ? invalid(w, dst) : infinity(w, dst, sign, denormal);
  }
  if (classB === CLASS_ZERO) return classA === CLASS_ZERO ? invalid(w, dst) : infinity(w, dst, sign, ZE);
  if (classA === CLASS_ZERO || classB === CLASS_INFINITY) return zero(w, dst, sign, denormal);
  return CONTINUE | unpack(w, X87_A, a) | unpack(w, X87_B, b);
}

/** dst = square root of a; returns exception flags and C1. */
export function squareRoot(w: Int32Array, dst: number, a: number): number {
  const classA = classify(w, a);
  if (classA > CLASS_INFINITY) return propagate(w, dst, a, classA);
  if (classA === CLASS_ZERO) return copy(w, dst, a, 0);
  if (w[a + SE] >= 0x8000) return invalid(w, dst);
  if (classA === CLASS_INFINITY) return copy(w, dst, a, 0);
  const flags = unpack(w, X87_A, a);
  const aExp = w[X87_A + SE];
  // The radicand is hi:lo:next, scaled so that the root has 64 bits; two bits of it give one bit of the root, digit by digit.
  let hi = w[X87_A + HI];
  let lo = w[X87_A + LO];
  let next = 0;
  if ((aExp & 1) !== 0) {
    next = lo << 31;
    lo = (lo >>> 1) | (hi << 31);
    hi >>>= 1;
  }
  // rem <= 2 * root always: for 29 bits of root everything fits one word.
  let rootLo = 0;
  let remLo = 0;
  for (let i = 0; i < 29; i++) {
    remLo = (remLo << 2) | (hi >>> 30);
    hi = (hi << 2) | (lo >>> 30);
    lo <<= 2;
    const trial = (rootLo << 2) | 1;
    rootLo <<= 1;
    if (remLo >>> 0 >= trial >>> 0) {
      remLo = (remLo - trial) | 0;
      rootLo |= 1;
    }
  }
  hi |= next >>> 6;
  let rootHi = 0;
  let remHi = 0;
  let remTop = 0;
  for (let i = 0; i < 35; i++) {
    remTop = (remTop << 2) | (remHi >>> 30);
    remHi = (remHi << 2) | (remLo >>> 30);
    remLo = (remLo << 2) | (hi >>> 30);
    hi <<= 2;
    const trialTop = rootHi >>> 30;
    const trialHi = (rootHi << 2) | (rootLo >>> 30);
    const trialLo = (rootLo << 2) | 1;
    rootHi = (rootHi << 1) | (rootLo >>> 31);
    rootLo <<= 1;
    const borrowLo = remLo >>> 0 < trialLo >>> 0 ? 1 : 0;
    const partialHi = (remHi - trialHi) | 0;
    const borrowHi = (remHi >>> 0 < trialHi >>> 0 ? 1 : 0) | (partialHi === 0 ? borrowLo : 0);
    const differenceTop = remTop - trialTop - borrowHi;
    if (differenceTop >= 0) {
      remTop = differenceTop;
      remHi = (partialHi - borrowLo) | 0;
      remLo = (remLo - trialLo) | 0;
      rootLo |= 1;
    }
  }
  // The root is irrational or exact: never a tie. Above one half exactly when rem > root.
  let ext = 0;
  if ((remTop | remHi | remLo) !== 0) {
    const above = remTop !== 0 || remHi >>> 0 > rootHi >>> 0 || (remHi === rootHi && remLo >>> 0 > rootLo >>> 0);
    ext = above ? 0xc0000000 | 0 : 0x40000000;
  }
  setResult(w, 0, ((aExp - BIAS) >> 1) + BIAS, rootHi, rootLo, ext);
  return roundPack(w, dst, flags);
}
