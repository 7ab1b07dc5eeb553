// Conversions between extended precision and the binary32 and binary64 memory formats: FLD, FST.
// Hot: integers and one typed array, nothing allocated.
//
//   binary32  s eeeeeeee fffffff ffffffff ffffffff        bias 127
//   binary64  s eeeeeeee eee ffff ... 52 bits ...         bias 1023

import {
  BIAS,
  C1,
  DE,
  HI,
  IE,
  LO,
  OE,
  PE,
  RC_DOWN,
  RC_NEAREST,
  RC_UP,
  SE,
  UE,
  X87_A,
  X87_CONTROL,
  X87_MEM,
  X87_R_EXP,
  X87_R_HI,
  X87_R_LO,
} from "./layout.ts";
import { CLASS_INFINITY, CLASS_SNAN, CLASS_UNSUPPORTED, CLASS_ZERO, classify, delivers, unpack } from "./operands.ts";
import { roundSignificand, setResult, shiftResultRight, store } from "./rounding.ts";

/** dst = the binary32 in the first word of X87_MEM, exactly. Returns DE for a denormal and IE for an SNaN, which stays one. */
export function fromFloat32(w: Int32Array, dst: number): number {
  const bits = w[X87_MEM];
  const sign = (bits >>> 16) & 0x8000;
  const exp = (bits >>> 23) & 0xff;
  const fraction = bits << 9;
  if ((exp + 1) & 0xfe) {
    store(w, dst, sign | (exp + (BIAS - 127)), 0x80000000 | (fraction >>> 1), 0);
    return 0;
  }
  return expandSpecial(w, dst, sign, exp, fraction, 0, BIAS - 127);
}

/** dst = the binary64 in the first two words of X87_MEM, exactly. Returns DE for a denormal and IE for an SNaN, which stays one. */
export function fromFloat64(w: Int32Array, dst: number): number {
  const lo = w[X87_MEM];
  const bits = w[X87_MEM + 1];
  const sign = (bits >>> 16) & 0x8000;
  const exp = (bits >>> 20) & 0x7ff;
  const fractionHi = (bits << 12) | (lo >>> 20);
  const fractionLo = lo << 12;
  if ((exp + 1) & 0x7fe) {
    w[dst + LO] = (fractionHi << 31) | (fractionLo >>> 1);
    w[dst + HI] = 0x80000000 | (fractionHi >>> 1);
    w[dst + SE] = sign | (exp + (BIAS - 1023));
    return 0;
  }
  return expandSpecial(w, dst, sign, exp, fractionHi, fractionLo, BIAS - 1023);
}

/** Zero, denormal, infinity or NaN with a left-justified 64-bit fraction; `rebias` is the difference of the biases. */
function expandSpecial(
  w: Int32Array,
  dst: number,
  sign: number,
  exp: number,
  hi: number,
  lo: number,
  rebias: number,
): number {
  if (exp !== 0) {
    store(w, dst, sign | 0x7fff, 0x80000000 | (hi >>> 1), (hi << 31) | (lo >>> 1));
    return hi >= 0 && (hi | lo) !== 0 ? IE : 0;
  }
  if ((hi | lo) === 0) {
    store(w, dst, sign, 0, 0);
    return 0;
  }
  let top = hi;
  let low = lo;
  let biased = rebias;
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
  store(w, dst, sign | (biased - shift), top, low);
  return DE;
}

/** X87_MEM = slot `a` as binary32. Returns flags and C1; nothing is written when an unmasked #IA, #O or #U is among them. */
export function toFloat32(w: Int32Array, a: number): number {
  const se = w[a + SE];
  const sign = (se & 0x8000) << 16;
  const exp = (se & 0x7fff) - (BIAS - 127);
  const hi = w[a + HI];
  if (hi < 0 && (exp - 1) >>> 0 < 0xfd && (w[X87_CONTROL] & NEAREST_FIELD) === 0) {
    const bits = sign + (exp << 23) + ((hi & 0x7fffffff) >>> 8);
    const below = hi & 0xff;
    const sticky = w[a + LO];
    if ((below | sticky) === 0) {
      w[X87_MEM] = bits;
      return 0;
    }
    const up = below > 0x80 || (below === 0x80 && (sticky !== 0 || (hi & 0x100) !== 0));
    w[X87_MEM] = up ? bits + 1 : bits;
    return up ? PE | C1 : PE;
  }
  const classA = classify(w, a);
  if (classA === CLASS_ZERO) {
    w[X87_MEM] = sign;
    return 0;
  }
  if (classA === CLASS_INFINITY) {
    w[X87_MEM] = sign | 0x7f800000;
    return 0;
  }
  if (classA > CLASS_INFINITY) {
    const flags = classA >= CLASS_SNAN ? IE : 0;
    if (!delivers(w, flags)) return flags;
    w[X87_MEM] = classA === CLASS_UNSUPPORTED ? 0xffc00000 : sign | 0x7fc00000 | (w[a + HI] >>> 8);
    return flags;
  }
  const flags = narrow(w, a, 24, 127, 0xff);
  if (flags < 0) {
    w[X87_MEM] = sign | (flags === OVERFLOW_TO_INFINITY ? 0x7f800000 : 0x7f7fffff);
    return flags & 0x3ff;
  }
  if (suppressed(w, flags)) return flags;
  w[X87_MEM] = sign + (w[X87_R_EXP] << 23) + (w[X87_R_HI] >>> 8);
  return flags;
}

/** X87_MEM = slot `a` as binary64, low word first. Returns as toFloat32. */
export function toFloat64(w: Int32Array, a: number): number {
  const se = w[a + SE];
  const sign = (se & 0x8000) << 16;
  const exp = (se & 0x7fff) - (BIAS - 1023);
  const hi = w[a + HI];
  if (hi < 0 && (exp - 1) >>> 0 < 0x7fd && (w[X87_CONTROL] & NEAREST_FIELD) === 0) {
    const lo = w[a + LO];
    const bitsLo = (lo >>> 11) | (hi << 21);
    const bitsHi = sign + (exp << 20) + ((hi & 0x7fffffff) >>> 11);
    const below = lo & 0x7ff;
    const up = below > 0x400 || (below === 0x400 && (lo & 0x800) !== 0);
    w[X87_MEM] = up ? bitsLo + 1 : bitsLo;
    w[X87_MEM + 1] = up && bitsLo === -1 ? bitsHi + 1 : bitsHi;
    return below === 0 ? 0 : up ? PE | C1 : PE;
  }
  const classA = classify(w, a);
  if (classA === CLASS_ZERO) {
    w[X87_MEM] = 0;
    w[X87_MEM + 1] = sign;
    return 0;
  }
  if (classA === CLASS_INFINITY) {
    w[X87_MEM] = 0;
    w[X87_MEM + 1] = sign | 0x7ff00000;
    return 0;
  }
  if (classA > CLASS_INFINITY) {
    const flags = classA >= CLASS_SNAN ? IE : 0;
    if (!delivers(w, flags)) return flags;
    const indefinite = classA === CLASS_UNSUPPORTED;
    w[X87_MEM] = indefinite ? 0 : (w[a + LO] >>> 11) | (w[a + HI] << 21);
    w[X87_MEM + 1] = indefinite ? 0xfff80000 : sign | 0x7ff80000 | (w[a + HI] >>> 11);
    return flags;
  }
  const flags = narrow(w, a, 53, 1023, 0x7ff);
  if (flags < 0) {
    const infinite = flags === OVERFLOW_TO_INFINITY;
    w[X87_MEM] = infinite ? 0 : -1;
    w[X87_MEM + 1] = sign | (infinite ? 0x7ff00000 : 0x7fefffff);
    return flags & 0x3ff;
  }
  if (suppressed(w, flags)) return flags;
  w[X87_MEM] = (w[X87_R_LO] >>> 11) | (w[X87_R_HI] << 21);
  w[X87_MEM + 1] = sign + (w[X87_R_EXP] << 20) + (w[X87_R_HI] >>> 11);
  return flags;
}

/** Rounding control in the control word: zero for nearest. */
const NEAREST_FIELD = 0xc00;

/** Results of `narrow` for a masked overflow: the sign bit above the flags to report. */
const OVERFLOW_TO_INFINITY = -0x80000000 | OE | PE | C1;
const OVERFLOW_TO_LARGEST = -0x80000000 | OE | PE;

function suppressed(w: Int32Array, flags: number): boolean {
  return (flags & (OE | UE) & ~w[X87_CONTROL]) !== 0;
}

/**
 * Rounds the finite, nonzero slot `a` to a narrower format of `precision` significand bits. Leaves the significand in X87_R_HI
 * and X87_R_LO, and in X87_R_EXP the exponent that, added to a significand with its integer bit, encodes the value: biased
 * exponent - 1, or 0 for a denormal. Returns flags and C1, or OVERFLOW_TO_*.
 */
function narrow(w: Int32Array, a: number, precision: number, bias: number, special: number): number {
  unpack(w, X87_A, a);
  const exp = w[X87_A + SE] - BIAS + bias;
  const sign = w[a + SE] & 0x8000;
  setResult(w, sign, exp, w[X87_A + HI], w[X87_A + LO], 0);
  const flags = roundSignificand(w, precision);
  const roundedExp = w[X87_R_EXP];
  if (roundedExp >= special) {
    const control = w[X87_CONTROL];
    if ((control & OE) === 0) return OE;
    const rc = (control >> 10) & 3;
    return rc === RC_NEAREST || rc === (sign !== 0 ? RC_DOWN : RC_UP) ? OVERFLOW_TO_INFINITY : OVERFLOW_TO_LARGEST;
  }
  if (roundedExp > 0) {
    w[X87_R_EXP] = roundedExp - 1;
    return flags;
  }
  if ((w[X87_CONTROL] & UE) === 0) return UE;
  setResult(w, sign, 0, w[X87_A + HI], w[X87_A + LO], 0);
  shiftResultRight(w, 1 - exp);
  const denormalFlags = roundSignificand(w, precision);
  return denormalFlags !== 0 ? denormalFlags | UE : 0;
}
