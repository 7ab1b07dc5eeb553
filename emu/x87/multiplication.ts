// FMUL on 64-bit significands.
// Hot: integers and one typed array, nothing allocated.

import {
  C1,
  DE,
  HI,
  LO,
  PE,
  ROUNDING_DEFAULT,
  ROUNDING_FIELDS,
  SE,
  X87_A,
  X87_B,
  X87_CONTROL,
  X87_R_EXP,
  X87_R_EXT,
  X87_R_HI,
  X87_R_LO,
  X87_R_SIGN,
} from "./layout.ts";
import {
  CLASS_DENORMAL,
  CLASS_INFINITY,
  CLASS_ZERO,
  classify,
  infinity,
  invalid,
  propagatePair,
  unpack,
  zero,
} from "./operands.ts";
import { roundPack } from "./rounding.ts";

/** Sign bit that tells "not done yet" from a set of flags. */
const CONTINUE = -0x80000000;
/** The 32 bits below the last place at a tie. */
const HALF = -0x80000000;

/** High 32 bits of the product of two unsigned 32-bit integers. */
export function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = Math.imul(aLow, bLow);
  const middle = (Math.imul(aHigh, bLow) + (low >>> 16)) | 0;
  const cross = (Math.imul(aLow, bHigh) + (middle & 0xffff)) | 0;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (cross >>> 16)) | 0;
}

/** dst = a * b; returns exception flags and C1. `dst` may be `a` or `b`. */
export function multiply(w: Int32Array, dst: number, a: number, b: number): number {
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
    const done = multiplySpecial(w, dst, a, b, sign);
    if (done >= 0) return done;
    flags = done & 0x3f;
    aHi = w[X87_A + HI];
    aLo = w[X87_A + LO];
    aExp = w[X87_A + SE];
    bHi = w[X87_B + HI];
    bLo = w[X87_B + LO];
    bExp = w[X87_B + SE];
  }
  // 128-bit product hi:lo:ext:rest of four partial products.
  const rest = Math.imul(aLo, bLo);
  const lowHigh = multiplyHigh(aLo, bLo);
  const crossA = Math.imul(aHi, bLo);
  const crossB = Math.imul(aLo, bHi);
  const sum = (lowHigh + crossA) | 0;
  let ext = (sum + crossB) | 0;
  const carryExt = (sum >>> 0 < crossA >>> 0 ? 1 : 0) + (ext >>> 0 < crossB >>> 0 ? 1 : 0);
  const crossAHigh = multiplyHigh(aHi, bLo);
  const crossBHigh = multiplyHigh(aLo, bHi);
  const top = Math.imul(aHi, bHi);
  const partial = (crossAHigh + crossBHigh) | 0;
  const partialCarried = (partial + carryExt) | 0;
  let lo = (partialCarried + top) | 0;
  const carryLo =
    (partial >>> 0 < crossAHigh >>> 0 ? 1 : 0) +
    (partialCarried >>> 0 < partial >>> 0 ? 1 : 0) +
    (lo >>> 0 < top >>> 0 ? 1 : 0);
  let hi = (multiplyHigh(aHi, bHi) + carryLo) | 0;
  let exp = aExp + bExp - 0x3ffe;
  if (hi >= 0) {
    hi = (hi << 1) | (lo >>> 31);
    lo = (lo << 1) | (ext >>> 31);
    ext = (ext << 1) | (rest !== 0 ? 1 : 0);
    exp--;
  } else if (rest !== 0) ext |= 1;
  // When shifted, bit 31 of `rest` belongs to bit 0 of ext: as a sticky bit it is equivalent.
  if ((w[X87_CONTROL] & ROUNDING_FIELDS) === ROUNDING_DEFAULT && (exp - 1) >>> 0 < 0x7ffd && flags === 0) {
    let status = 0;
    if (ext !== 0) {
      status = PE;
      if (ext < 0 && (ext !== HALF || (lo & 1) !== 0)) {
        status = PE | C1;
        lo = (lo + 1) | 0;
        if (lo === 0) {
          hi = (hi + 1) | 0;
          if (hi === 0) {
            hi = HALF;
            exp++;
          }
        }
      }
    }
    w[dst + LO] = lo;
    w[dst + HI] = hi;
    w[dst + SE] = sign | exp;
    return status;
  }
  w[X87_R_SIGN] = sign;
  w[X87_R_EXP] = exp;
  w[X87_R_HI] = hi;
  w[X87_R_LO] = lo;
  w[X87_R_EXT] = ext;
  return roundPack(w, dst, flags);
}

/** Products with an operand that is not normal; as addSpecial in addition.ts. */
function multiplySpecial(w: Int32Array, dst: number, a: number, b: number, sign: number): number {
  const classA = classify(w, a);
  const classB = classify(w, b);
  if (classA > CLASS_INFINITY || classB > CLASS_INFINITY) return propagatePair(w, dst, a, classA, b, classB);
  const denormal = classA === CLASS_DENORMAL || classB === CLASS_DENORMAL ? DE : 0;
  if (classA === CLASS_INFINITY || classB === CLASS_INFINITY) {
    if (classA === CLASS_ZERO || classB === CLASS_ZERO) return invalid(w, dst);
    return infinity(w, dst, sign, denormal);
  }
  if (classA === CLASS_ZERO || classB === CLASS_ZERO) return zero(w, dst, sign, denormal);
  return CONTINUE | unpack(w, X87_A, a) | unpack(w, X87_B, b);
}
