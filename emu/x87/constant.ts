// FLD1, FLDL2T, FLDL2E, FLDPI, FLDLG2, FLDLN2, FLDZ: the constants in the unit's ROM.

import { LO, RC_NEAREST, RC_UP, X87_CONTROL } from "./layout.ts";
import { store } from "./rounding.ts";

/** A constant: sign/exponent, significand truncated to 64 bits, and what the rounding control adds to its last place. */
export interface Constant {
  readonly se: number;
  readonly hi: number;
  readonly lo: number;
  /** 1 where the value lies above its truncated significand by more than half a place. */
  readonly nearest: number;
  /** 1 for an irrational number, 0 for an exact one. */
  readonly up: number;
}

export const ONE: Constant = { se: 0x3fff, hi: 0x80000000 | 0, lo: 0, nearest: 0, up: 0 };
/** log2(10) */
export const L2T: Constant = { se: 0x4000, hi: 0xd49a784b | 0, lo: 0xcd1b8afe | 0, nearest: 0, up: 1 };
/** log2(e) */
export const L2E: Constant = { se: 0x3fff, hi: 0xb8aa3b29 | 0, lo: 0x5c17f0bb, nearest: 1, up: 1 };
export const PI: Constant = { se: 0x4000, hi: 0xc90fdaa2 | 0, lo: 0x2168c234, nearest: 1, up: 1 };
/** log10(2) */
export const LG2: Constant = { se: 0x3ffd, hi: 0x9a209a84 | 0, lo: 0xfbcff798 | 0, nearest: 1, up: 1 };
/** ln(2) */
export const LN2: Constant = { se: 0x3ffe, hi: 0xb17217f7 | 0, lo: 0xd1cf79ab | 0, nearest: 1, up: 1 };
export const ZERO: Constant = { se: 0, hi: 0, lo: 0, nearest: 0, up: 0 };

/** dst = the constant as the rounding control asks (SDM 1 §8.3.8); raises nothing. */
export function loadConstant(w: Int32Array, dst: number, constant: Constant): void {
  const rc = (w[X87_CONTROL] >> 10) & 3;
  store(w, dst, constant.se, constant.hi, constant.lo);
  if (rc === RC_NEAREST) w[dst + LO] += constant.nearest;
  else if (rc === RC_UP) w[dst + LO] += constant.up;
}
