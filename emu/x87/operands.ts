// What kinds of operand there are, and the answers that do not depend on the operation: NaNs, unsupported encodings,
// infinities and zeros as results.
// Hot: integers and one typed array, nothing allocated.

import { BIAS, DE, HI, IE, LO, PRECOMPUTATION, SE, X87_CONTROL } from "./layout.ts";
import { store } from "./rounding.ts";

/** Operand classes, ordered so that `> CLASS_INFINITY` means "decides the result by itself". */
export const CLASS_ZERO = 0;
export const CLASS_NORMAL = 1;
/** Exponent 0, significand not 0: denormals and pseudo-denormals. */
export const CLASS_DENORMAL = 2;
export const CLASS_INFINITY = 3;
export const CLASS_QNAN = 4;
export const CLASS_SNAN = 5;
/** Unnormals, pseudo-infinities and pseudo-NaNs: the 387 and its successors refuse them (SDM 1 §8.2.2). */
export const CLASS_UNSUPPORTED = 6;

/** Class of the operand in slot `a`. */
export function classify(w: Int32Array, a: number): number {
  const exp = w[a + SE] & 0x7fff;
  const hi = w[a + HI];
  const lo = w[a + LO];
  if (exp === 0) return (hi | lo) === 0 ? CLASS_ZERO : CLASS_DENORMAL;
  if (hi >= 0) return CLASS_UNSUPPORTED;
  if (exp !== 0x7fff) return CLASS_NORMAL;
  if (((hi << 1) | lo) === 0) return CLASS_INFINITY;
  return (hi & 0x40000000) !== 0 ? CLASS_QNAN : CLASS_SNAN;
}

/** Whether the result of an operation that raised `flags` is to be stored: no unmasked #IA, #D or #Z. */
export function delivers(w: Int32Array, flags: number): boolean {
  return (flags & PRECOMPUTATION & ~w[X87_CONTROL]) === 0;
}

/** Invalid operation: the masked result is the real indefinite QNaN. Returns IE. */
export function invalid(w: Int32Array, dst: number): number {
  if ((w[X87_CONTROL] & IE) !== 0) store(w, dst, 0xffff, -0x40000000, 0);
  return IE;
}

/** Stores a signed infinity unless `flags` hold it back; returns `flags`. */
export function infinity(w: Int32Array, dst: number, sign: number, flags: number): number {
  if (delivers(w, flags)) store(w, dst, sign | 0x7fff, -0x80000000, 0);
  return flags;
}

/** Stores a signed zero unless `flags` hold it back; returns `flags`. */
export function zero(w: Int32Array, dst: number, sign: number, flags: number): number {
  if (delivers(w, flags)) store(w, dst, sign, 0, 0);
  return flags;
}

/** Copies the value of slot `a` unless `flags` hold it back; returns `flags`. */
export function copy(w: Int32Array, dst: number, a: number, flags: number): number {
  if (delivers(w, flags)) store(w, dst, w[a + SE], w[a + HI], w[a + LO]);
  return flags;
}

/** Result of a one-operand instruction whose operand has a class above CLASS_INFINITY. Returns exception flags. */
export function propagate(w: Int32Array, dst: number, a: number, classA: number): number {
  if (classA === CLASS_UNSUPPORTED) return invalid(w, dst);
  const flags = classA === CLASS_SNAN ? IE : 0;
  if (delivers(w, flags)) store(w, dst, w[a + SE], w[a + HI] | 0x40000000, w[a + LO]);
  return flags;
}

/**
 * Result of a two-operand instruction at least one of whose operands has a class above CLASS_INFINITY: SDM 1 table 4-7.
 * A QNaN is preferred to an SNaN, otherwise the larger significand, otherwise the positive one. Returns exception flags.
 */
export function propagatePair(
  w: Int32Array,
  dst: number,
  a: number,
  classA: number,
  b: number,
  classB: number,
): number {
  if (classA === CLASS_UNSUPPORTED || classB === CLASS_UNSUPPORTED) return invalid(w, dst);
  const flags = classA === CLASS_SNAN || classB === CLASS_SNAN ? IE : 0;
  if (!delivers(w, flags)) return flags;
  let chosen: number;
  if (classB < CLASS_QNAN) chosen = a;
  else if (classA < CLASS_QNAN) chosen = b;
  else if (classA !== classB) chosen = classA === CLASS_QNAN ? a : b;
  else chosen = hasLargerSignificand(w, a, b) ? a : b;
  store(w, dst, w[chosen + SE], w[chosen + HI] | 0x40000000, w[chosen + LO]);
  return flags;
}

function hasLargerSignificand(w: Int32Array, a: number, b: number): boolean {
  const aHi = w[a + HI] >>> 0;
  const bHi = w[b + HI] >>> 0;
  if (aHi !== bHi) return aHi > bHi;
  const aLo = w[a + LO] >>> 0;
  const bLo = w[b + LO] >>> 0;
  if (aLo !== bLo) return aLo > bLo;
  return w[a + SE] < w[b + SE];
}

/**
 * Writes the finite, nonzero operand of slot `a` to `slot` with an explicit integer bit; the third word is its biased exponent
 * without sign, 0 or less for denormals. Returns DE for a denormal or pseudo-denormal, else 0.
 */
export function unpack(w: Int32Array, slot: number, a: number): number {
  let exp = w[a + SE] & 0x7fff;
  let hi = w[a + HI];
  let lo = w[a + LO];
  let flags = 0;
  if (exp === 0) {
    flags = DE;
    exp = 1;
    if (hi === 0) {
      hi = lo;
      lo = 0;
      exp -= 32;
    }
    const shift = Math.clz32(hi);
    if (shift !== 0) {
      hi = (hi << shift) | (lo >>> (32 - shift));
      lo <<= shift;
      exp -= shift;
    }
  }
  w[slot + LO] = lo;
  w[slot + HI] = hi;
  w[slot + SE] = exp;
  return flags;
}

/** Biased exponent of a significand read as an integer of 64 bits. */
export const INTEGER_EXPONENT = BIAS + 63;
