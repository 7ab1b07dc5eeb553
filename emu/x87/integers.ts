// Integers: FILD, FIST, FBLD, FBSTP and FRNDINT.
// Hot: integers and one typed array, nothing allocated.

import { BIAS, DE, HI, IE, LO, SE, X87_A, X87_MEM, X87_R_HI, X87_R_LO } from "./layout.ts";
import {
  CLASS_DENORMAL,
  CLASS_INFINITY,
  CLASS_ZERO,
  classify,
  copy,
  delivers,
  INTEGER_EXPONENT,
  propagate,
  unpack,
} from "./operands.ts";
import { roundSignificand, setResult, shiftResultRight, store } from "./rounding.ts";

/** dst = the signed 16-bit integer in the low half of the first word of X87_MEM. */
export function fromInt16(w: Int32Array, dst: number): void {
  fromSigned(w, dst, (w[X87_MEM] << 16) >> 16);
}

/** dst = the signed 32-bit integer in the first word of X87_MEM. */
export function fromInt32(w: Int32Array, dst: number): void {
  fromSigned(w, dst, w[X87_MEM]);
}

function fromSigned(w: Int32Array, dst: number, value: number): void {
  if (value === 0) {
    store(w, dst, 0, 0, 0);
    return;
  }
  const magnitude = value < 0 ? -value | 0 : value;
  const shift = Math.clz32(magnitude);
  store(w, dst, (value < 0 ? 0x8000 : 0) | (BIAS + 31 - shift), magnitude << shift, 0);
}

/** dst = the signed 64-bit integer in the first two words of X87_MEM. */
export function fromInt64(w: Int32Array, dst: number): void {
  let lo = w[X87_MEM];
  let hi = w[X87_MEM + 1];
  const sign = hi < 0 ? 0x8000 : 0;
  if (sign !== 0) {
    lo = -lo | 0;
    hi = lo === 0 ? -hi | 0 : ~hi;
  }
  storeInteger(w, dst, sign, hi, lo);
}

/** Stores the signed magnitude hi:lo, normalised; a zero keeps `sign`. */
function storeInteger(w: Int32Array, dst: number, sign: number, hi: number, lo: number): void {
  if ((hi | lo) === 0) {
    store(w, dst, sign, 0, 0);
    return;
  }
  let top = hi;
  let low = lo;
  let exp = INTEGER_EXPONENT;
  if (top === 0) {
    top = low;
    low = 0;
    exp -= 32;
  }
  const shift = Math.clz32(top);
  if (shift !== 0) {
    top = (top << shift) | (low >>> (32 - shift));
    low <<= shift;
  }
  store(w, dst, sign | (exp - shift), top, low);
}

/**
 * Rounds slot `a`, finite and nonzero with a biased exponent below INTEGER_EXPONENT + 1, to an integer magnitude in X87_R_HI and
 * X87_R_LO. Returns PE and C1 as they apply.
 */
function roundToInteger(w: Int32Array, a: number): number {
  unpack(w, X87_A, a);
  setResult(w, w[a + SE] & 0x8000, 0, w[X87_A + HI], w[X87_A + LO], 0);
  const shift = INTEGER_EXPONENT - w[X87_A + SE];
  if (shift > 0) shiftResultRight(w, shift);
  return roundSignificand(w, 64);
}

/** X87_MEM = slot `a` as a signed 16-bit integer. Returns flags and C1; nothing is written on an unmasked #IA. */
export function toInt16(w: Int32Array, a: number): number {
  return toSigned(w, a, 0x7fff, -0x8000);
}

/** X87_MEM = slot `a` as a signed 32-bit integer. Returns as toInt16. */
export function toInt32(w: Int32Array, a: number): number {
  return toSigned(w, a, 0x7fffffff, -0x80000000);
}

function toSigned(w: Int32Array, a: number, largest: number, indefinite: number): number {
  const classA = classify(w, a);
  if (classA === CLASS_ZERO) {
    w[X87_MEM] = 0;
    return 0;
  }
  if (classA < CLASS_INFINITY && (w[a + SE] & 0x7fff) <= BIAS + 31) {
    const flags = roundToInteger(w, a);
    const magnitude = w[X87_R_LO] >>> 0;
    const negative = w[a + SE] >= 0x8000;
    if (w[X87_R_HI] === 0 && magnitude <= largest + (negative ? 1 : 0)) {
      w[X87_MEM] = negative ? -magnitude : magnitude;
      return flags;
    }
  }
  if (delivers(w, IE)) w[X87_MEM] = indefinite;
  return IE;
}

/** X87_MEM = slot `a` as a signed 64-bit integer, low word first. Returns as toInt16. */
export function toInt64(w: Int32Array, a: number): number {
  const classA = classify(w, a);
  if (classA === CLASS_ZERO) {
    w[X87_MEM] = 0;
    w[X87_MEM + 1] = 0;
    return 0;
  }
  if (classA < CLASS_INFINITY && (w[a + SE] & 0x7fff) <= INTEGER_EXPONENT) {
    const flags = roundToInteger(w, a);
    const lo = w[X87_R_LO];
    const hi = w[X87_R_HI];
    const negative = w[a + SE] >= 0x8000;
    if (hi >= 0 || (negative && hi === -0x80000000 && lo === 0)) {
      w[X87_MEM] = negative ? -lo : lo;
      w[X87_MEM + 1] = negative ? (lo === 0 ? -hi : ~hi) : hi;
      return flags;
    }
  }
  if (delivers(w, IE)) {
    w[X87_MEM] = 0;
    w[X87_MEM + 1] = -0x80000000;
  }
  return IE;
}

/** dst = slot `a` rounded to an integer by the rounding control. Returns flags and C1. */
export function roundToIntegral(w: Int32Array, dst: number, a: number): number {
  const classA = classify(w, a);
  if (classA > CLASS_INFINITY) return propagate(w, dst, a, classA);
  const se = w[a + SE];
  if (classA === CLASS_ZERO || (se & 0x7fff) >= INTEGER_EXPONENT) return copy(w, dst, a, 0);
  const denormal = classA === CLASS_DENORMAL ? DE : 0;
  if (!delivers(w, denormal)) return denormal;
  const flags = roundToInteger(w, a);
  storeInteger(w, dst, se & 0x8000, w[X87_R_HI], w[X87_R_LO]);
  return denormal | flags;
}

// Packed BCD (SDM 1 §4.7): bytes 0..8 hold 18 digits, low digit first; bit 7 of byte 9 is the sign.

/** dst = the packed BCD integer in the three words of X87_MEM. Digits above 9 count as they stand. */
export function fromBcd(w: Int32Array, dst: number): void {
  let hi = 0;
  let lo = 0;
  for (let digit = 17; digit >= 0; digit--) {
    const value = (w[X87_MEM + (digit >> 3)] >>> ((digit & 7) * 4)) & 15;
    // hi:lo = hi:lo * 10 + value; lo in 16-bit halves.
    const low = (lo & 0xffff) * 10 + value;
    const high = (lo >>> 16) * 10 + (low >>> 16);
    lo = (high << 16) | (low & 0xffff);
    hi = (Math.imul(hi, 10) + (high >>> 16)) | 0;
  }
  storeInteger(w, dst, (w[X87_MEM + 2] & 0x8000) !== 0 ? 0x8000 : 0, hi, lo);
}

/** X87_MEM = slot `a` as packed BCD in three words, the last of 16 bits. Returns as toInt16. */
export function toBcd(w: Int32Array, a: number): number {
  const classA = classify(w, a);
  const sign = w[a + SE] & 0x8000;
  let flags = 0;
  let hi = 0;
  let lo = 0;
  let fits = classA === CLASS_ZERO;
  if (!fits && classA < CLASS_INFINITY && (w[a + SE] & 0x7fff) <= BIAS + 59) {
    flags = roundToInteger(w, a);
    hi = w[X87_R_HI];
    lo = w[X87_R_LO];
    // 10^18 = 0x0DE0B6B3:A7640000.
    fits = hi < 0x0de0b6b3 || (hi === 0x0de0b6b3 && lo >>> 0 < 0xa7640000);
  }
  if (!fits) {
    if (delivers(w, IE)) {
      w[X87_MEM] = 0;
      w[X87_MEM + 1] = -0x40000000;
      w[X87_MEM + 2] = 0xffff;
    }
    return IE;
  }
  w[X87_MEM] = 0;
  w[X87_MEM + 1] = 0;
  w[X87_MEM + 2] = sign;
  for (let digit = 0; (hi | lo) !== 0; digit++) {
    // hi:lo = hi:lo / 10 in 16-bit digits.
    const top = (hi >>> 16) % 10;
    const high = (top << 16) | (hi & 0xffff);
    hi = (((hi >>> 16) / 10) << 16) | (high / 10);
    const middle = ((high % 10) << 16) | (lo >>> 16);
    const low = ((middle % 10) << 16) | (lo & 0xffff);
    lo = ((middle / 10) << 16) | (low / 10);
    w[X87_MEM + (digit >> 3)] |= (low % 10) << ((digit & 7) * 4);
  }
  return flags;
}
