// Rounding of a computed result to the format the control word asks for, and delivery into a slot.
// Hot: integers and one typed array, nothing allocated.

import {
  BIAS_ADJUST,
  C1,
  DE,
  HI,
  LO,
  OE,
  PE,
  RC_DOWN,
  RC_NEAREST,
  RC_UP,
  RC_ZERO,
  SE,
  UE,
  X87_CONTROL,
  X87_R_EXP,
  X87_R_EXT,
  X87_R_HI,
  X87_R_LO,
  X87_R_SIGN,
} from "./layout.ts";

const HALF = -0x80000000;

/** Significand bits that precision control asks for; the reserved value 01 acts as 64 (AMD and Intel agree). */
export function precisionOf(control: number): number {
  const pc = control & 0x300;
  return pc === 0 ? 24 : pc === 0x200 ? 53 : 64;
}

/** Sets the pending result, which is normalised unless it is to be rounded as a denormal. */
export function setResult(w: Int32Array, sign: number, exp: number, hi: number, lo: number, ext: number): void {
  w[X87_R_SIGN] = sign;
  w[X87_R_EXP] = exp;
  w[X87_R_HI] = hi;
  w[X87_R_LO] = lo;
  w[X87_R_EXT] = ext;
}

/** Stores an encoded value into slot `dst`. */
export function store(w: Int32Array, dst: number, se: number, hi: number, lo: number): void {
  w[dst + LO] = lo;
  w[dst + HI] = hi;
  w[dst + SE] = se;
}

/**
 * Whether a magnitude whose 32 bits below the last place are `ext` (bit 0 sticky) rounds away from zero.
 * `odd` is nonzero when the last place is odd.
 */
function roundsUp(rc: number, sign: number, ext: number, odd: number): boolean {
  if (rc === RC_NEAREST) return ext < 0 && (ext !== HALF || odd !== 0);
  if (ext === 0 || rc === RC_ZERO) return false;
  return rc === (sign !== 0 ? RC_DOWN : RC_UP);
}

/**
 * Rounds the pending significand to its `precision` (24, 53 or 64) most significant places and clears the rest. A carry out
 * of the significand increments the pending exponent. Returns PE and C1 (rounded up) as they apply.
 */
export function roundSignificand(w: Int32Array, precision: number): number {
  const rc = (w[X87_CONTROL] >> 10) & 3;
  const sign = w[X87_R_SIGN];
  let hi = w[X87_R_HI];
  let lo = w[X87_R_LO];
  let ext = w[X87_R_EXT];
  let unitHi = 0;
  let unitLo = 0;
  let odd: number;
  if (precision === 64) {
    unitLo = 1;
    odd = lo & 1;
  } else if (precision === 53) {
    ext = (lo << 21) | (ext >>> 11) | (ext << 21 !== 0 ? 1 : 0);
    unitLo = 0x800;
    lo &= -0x800;
    odd = lo & 0x800;
  } else {
    ext = (hi << 24) | (lo >>> 8) | (((lo << 24) | ext) !== 0 ? 1 : 0);
    unitHi = 0x100;
    hi &= -0x100;
    lo = 0;
    odd = hi & 0x100;
  }
  if (ext === 0) {
    w[X87_R_HI] = hi;
    w[X87_R_LO] = lo;
    w[X87_R_EXT] = 0;
    return 0;
  }
  let flags = PE;
  if (roundsUp(rc, sign, ext, odd)) {
    flags |= C1;
    const wasNormal = hi < 0;
    lo = (lo + unitLo) | 0;
    if (unitHi !== 0) hi = (hi + unitHi) | 0;
    else if (lo === 0) hi = (hi + 1) | 0;
    if (wasNormal && hi >= 0) {
      hi = HALF;
      w[X87_R_EXP] = w[X87_R_EXP] + 1;
    }
  }
  w[X87_R_HI] = hi;
  w[X87_R_LO] = lo;
  w[X87_R_EXT] = 0;
  return flags;
}

/** Shifts the pending significand right by `count` > 0 places; lost bits stay in the sticky bit. */
export function shiftResultRight(w: Int32Array, count: number): void {
  let hi = w[X87_R_HI];
  let lo = w[X87_R_LO];
  let ext = w[X87_R_EXT];
  let n = count;
  let sticky = 0;
  while (n >= 32 && (hi | lo | ext) !== 0) {
    sticky |= ext;
    ext = lo;
    lo = hi;
    hi = 0;
    n -= 32;
  }
  if (n > 0 && n < 32) {
    const left = 32 - n;
    sticky |= ext << left;
    ext = (ext >>> n) | (lo << left);
    lo = (lo >>> n) | (hi << left);
    hi >>>= n;
  }
  w[X87_R_HI] = hi;
  w[X87_R_LO] = lo;
  w[X87_R_EXT] = sticky !== 0 ? ext | 1 : ext;
}

/**
 * Rounds the pending, normalised, nonzero result to `precision` bits and stores it into slot `dst`. `flags` are exceptions already raised.
 * Overflow and underflow give the masked or the bias-adjusted result (SDM 1 §8.5.4, §8.5.5); tininess is judged after
 * rounding. An unmasked #D among `flags` leaves `dst` unchanged. Returns exception flags and C1.
 */
export function roundPackTo(w: Int32Array, dst: number, flags: number, precision: number): number {
  const control = w[X87_CONTROL];
  if ((flags & DE & ~control) !== 0) return flags;
  const sign = w[X87_R_SIGN];
  if (w[X87_R_EXP] <= 0) return flags | roundTiny(w, dst, precision);
  const rounded = roundSignificand(w, precision);
  const exp = w[X87_R_EXP];
  if (exp >= 0x7fff) return flags | overflow(w, dst, precision, rounded);
  w[dst + LO] = w[X87_R_LO];
  w[dst + HI] = w[X87_R_HI];
  w[dst + SE] = sign | exp;
  return flags | rounded;
}

/** roundPackTo with the precision of the control word: the results of FADD, FSUB, FMUL, FDIV and FSQRT. */
export function roundPack(w: Int32Array, dst: number, flags: number): number {
  return roundPackTo(w, dst, flags, precisionOf(w[X87_CONTROL]));
}

function roundTiny(w: Int32Array, dst: number, precision: number): number {
  const sign = w[X87_R_SIGN];
  const exp = w[X87_R_EXP];
  const hi = w[X87_R_HI];
  const lo = w[X87_R_LO];
  const ext = w[X87_R_EXT];
  const unbounded = roundSignificand(w, precision);
  const roundedExp = w[X87_R_EXP];
  if (roundedExp > 0) {
    store(w, dst, sign | roundedExp, w[X87_R_HI], w[X87_R_LO]);
    return unbounded;
  }
  if ((w[X87_CONTROL] & UE) === 0) {
    const adjusted = roundedExp + BIAS_ADJUST;
    if (adjusted > 0) {
      store(w, dst, sign | adjusted, w[X87_R_HI], w[X87_R_LO]);
      return unbounded | UE;
    }
    // Massive underflow, which only FSCALE can reach: SDM 1 §8.5.5.
    store(w, dst, sign, 0, 0);
    return UE | PE;
  }
  setResult(w, sign, 0, hi, lo, ext);
  shiftResultRight(w, 1 - exp);
  const rounded = roundSignificand(w, precision);
  store(w, dst, sign | (w[X87_R_HI] < 0 ? 1 : 0), w[X87_R_HI], w[X87_R_LO]);
  return rounded !== 0 ? rounded | UE : 0;
}

function overflow(w: Int32Array, dst: number, precision: number, rounded: number): number {
  const control = w[X87_CONTROL];
  const sign = w[X87_R_SIGN];
  const exp = w[X87_R_EXP] - BIAS_ADJUST;
  // Unmasked and still beyond the range: massive overflow, which only FSCALE can reach, gives infinity.
  const unmasked = (control & OE) === 0;
  if (unmasked && exp < 0x7fff) {
    store(w, dst, sign | exp, w[X87_R_HI], w[X87_R_LO]);
    return rounded | OE;
  }
  const rc = (control >> 10) & 3;
  if (unmasked || rc === RC_NEAREST || rc === (sign !== 0 ? RC_DOWN : RC_UP)) {
    store(w, dst, sign | 0x7fff, HALF, 0);
    return OE | PE | C1;
  }
  if (precision === 64) store(w, dst, sign | 0x7ffe, -1, -1);
  else if (precision === 53) store(w, dst, sign | 0x7ffe, -1, -0x800);
  else store(w, dst, sign | 0x7ffe, -0x100, 0);
  return OE | PE;
}
