// FADD and FSUB on 64-bit significands.
// Hot: integers and one typed array, nothing allocated.

import {
  C1,
  DE,
  HI,
  LO,
  PE,
  RC_DOWN,
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
import { roundPack, setResult } from "./rounding.ts";

/** Sign bit that tells "not done yet" from a set of flags. */
const CONTINUE = -0x80000000;
/** The 32 bits below the last place at a tie. */
const HALF = -0x80000000;

/** dst = a + b; returns exception flags and C1. `dst` may be `a` or `b`. */
export function add(w: Int32Array, dst: number, a: number, b: number): number {
  return addSigned(w, dst, a, b, 0);
}

/** dst = a - b; returns exception flags and C1. `dst` may be `a` or `b`. */
export function subtract(w: Int32Array, dst: number, a: number, b: number): number {
  return addSigned(w, dst, a, b, 0x8000);
}

function addSigned(w: Int32Array, dst: number, a: number, b: number, flip: number): number {
  const aSe = w[a + SE];
  const bSe = w[b + SE] ^ flip;
  let aHi = w[a + HI];
  let bHi = w[b + HI];
  let aLo = w[a + LO];
  let bLo = w[b + LO];
  let aExp = aSe & 0x7fff;
  let bExp = bSe & 0x7fff;
  let flags = 0;
  if ((aHi & bHi) >= 0 || (aExp - 1) >>> 0 >= 0x7ffe || (bExp - 1) >>> 0 >= 0x7ffe) {
    const done = addSpecial(w, dst, a, b, aSe & 0x8000, bSe & 0x8000);
    if (done >= 0) return done;
    flags = done & 0x3f;
    aHi = w[X87_A + HI];
    aLo = w[X87_A + LO];
    aExp = w[X87_A + SE];
    bHi = w[X87_B + HI];
    bLo = w[X87_B + LO];
    bExp = w[X87_B + SE];
  }
  // Order the magnitudes by exponent so that b is the one to shift.
  let sign = aSe & 0x8000;
  if (bExp > aExp) {
    const exp = aExp;
    aExp = bExp;
    bExp = exp;
    const hi = aHi;
    aHi = bHi;
    bHi = hi;
    const lo = aLo;
    aLo = bLo;
    bLo = lo;
    sign = bSe & 0x8000;
  }
  const distance = aExp - bExp;
  let ext = 0;
  if (distance !== 0) {
    if (distance < 32) {
      ext = bLo << (32 - distance);
      bLo = (bLo >>> distance) | (bHi << (32 - distance));
      bHi >>>= distance;
    } else if (distance === 32) {
      ext = bLo;
      bLo = bHi;
      bHi = 0;
    } else if (distance < 64) {
      const left = 64 - distance;
      ext = (bLo >>> (distance - 32)) | (bHi << left) | (bLo << left !== 0 ? 1 : 0);
      bLo = bHi >>> (distance - 32);
      bHi = 0;
    } else {
      ext = distance === 64 ? bHi | (bLo !== 0 ? 1 : 0) : distance === 65 ? (bHi >>> 1) | ((bHi & 1) | bLo ? 1 : 0) : 1;
      bLo = 0;
      bHi = 0;
    }
  }
  let hi: number;
  let lo: number;
  let exp = aExp;
  if (((aSe ^ bSe) & 0x8000) === 0) {
    lo = (aLo + bLo) | 0;
    const carryLo = lo >>> 0 < aLo >>> 0 ? 1 : 0;
    const partial = (aHi + bHi) | 0;
    hi = (partial + carryLo) | 0;
    if (partial >>> 0 < aHi >>> 0 || hi >>> 0 < partial >>> 0) {
      ext = (ext >>> 1) | (lo << 31) | (ext & 1);
      lo = (lo >>> 1) | (hi << 31);
      hi = (hi >>> 1) | 0x80000000;
      exp++;
    }
  } else {
    const borrowExt = ext !== 0 ? 1 : 0;
    ext = -ext | 0;
    const partialLo = (aLo - bLo) | 0;
    lo = (partialLo - borrowExt) | 0;
    const borrowLo = aLo >>> 0 < bLo >>> 0 || (borrowExt !== 0 && partialLo === 0) ? 1 : 0;
    const partialHi = (aHi - bHi) | 0;
    hi = (partialHi - borrowLo) | 0;
    if (aHi >>> 0 < bHi >>> 0 || (borrowLo !== 0 && partialHi === 0)) {
      // Only with equal exponents, hence ext = 0: negate.
      sign ^= 0x8000;
      lo = -lo | 0;
      hi = (lo === 0 ? -hi : ~hi) | 0;
    }
    if (hi >= 0) {
      if ((hi | lo | ext) === 0) return zero(w, dst, zeroSign(w), flags);
      if (hi === 0) {
        hi = lo;
        lo = ext;
        ext = 0;
        exp -= 32;
        if (hi === 0) {
          hi = lo;
          lo = 0;
          exp -= 32;
        }
      }
      const shift = Math.clz32(hi);
      if (shift !== 0) {
        const right = 32 - shift;
        hi = (hi << shift) | (lo >>> right);
        lo = (lo << shift) | (ext >>> right);
        ext <<= shift;
        exp -= shift;
      }
    }
  }
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

/** Sign of an exact zero sum of nonzero magnitudes or of zeros of unlike sign. */
function zeroSign(w: Int32Array): number {
  return ((w[X87_CONTROL] >> 10) & 3) === RC_DOWN ? 0x8000 : 0;
}

/**
 * Sums with an operand that is not normal. Returns exception flags and C1 when the result is stored; otherwise CONTINUE, with
 * DE as it applies: the operands are normalised in X87_A and X87_B and the sum is still to be formed.
 */
function addSpecial(w: Int32Array, dst: number, a: number, b: number, aSign: number, bSign: number): number {
  const classA = classify(w, a);
  const classB = classify(w, b);
  if (classA > CLASS_INFINITY || classB > CLASS_INFINITY) return propagatePair(w, dst, a, classA, b, classB);
  if (classA === CLASS_INFINITY) {
    if (classB === CLASS_INFINITY) return aSign === bSign ? infinity(w, dst, aSign, 0) : invalid(w, dst);
    return infinity(w, dst, aSign, classB === CLASS_DENORMAL ? DE : 0);
  }
  if (classB === CLASS_INFINITY) return infinity(w, dst, bSign, classA === CLASS_DENORMAL ? DE : 0);
  if (classA === CLASS_ZERO) {
    if (classB === CLASS_ZERO) return zero(w, dst, aSign === bSign ? aSign : zeroSign(w), 0);
    const flags = unpack(w, X87_B, b);
    setResult(w, bSign, w[X87_B + SE], w[X87_B + HI], w[X87_B + LO], 0);
    return roundPack(w, dst, flags);
  }
  const flags = unpack(w, X87_A, a);
  if (classB === CLASS_ZERO) {
    setResult(w, aSign, w[X87_A + SE], w[X87_A + HI], w[X87_A + LO], 0);
    return roundPack(w, dst, flags);
  }
  return CONTINUE | flags | unpack(w, X87_B, b);
}
