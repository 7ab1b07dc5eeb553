/**
 * Shifts and rotates with lazy flags (flags.ts), once for every operand size. Hot: plain integers only.
 *
 * All functions take (state, operand, count, size): size is 1, 2 or 4 bytes, the operand may carry garbage above it, the
 * count is masked to five bits here (U08), and a masked count of 0 returns the operand with no flag changed. Results are
 * sign-extended by shifts, zero-extended by rotates (int32 at size 4).
 *
 * undefined: OF for counts above 1 follows the last one-bit step, and shifts set AF, as AMD family 19h does.
 */
import { signExtend } from "./alu.ts";
import { FLAG_CARRY, FLAG_RESULT } from "./state.ts";

/** Operations of group 2 by ModRM.reg (SDM 2D table A-6); 6 is an alias of SHL. */
export const ROL = 0;
export const ROR = 1;
export const RCL = 2;
export const RCR = 3;
export const SHL = 4;
export const SHR = 5;
export const SAR = 7;

const AF_SET = 8;

function zeroExtend(value: number, size: number): number {
  return size === 4 ? value | 0 : value & ((1 << (size * 8)) - 1);
}

/** Leaves result, CF (0 or 1), OF (0 or 1) and AF = 1. @returns the result, sign-extended */
function shifted(s: Int32Array, value: number, cf: number, of: number, size: number): number {
  const result = signExtend(value, size);
  s[FLAG_RESULT] = result;
  s[FLAG_CARRY] = (cf << 31) | ((cf ^ of) << 30) | AF_SET;
  return result;
}

/** Replaces CF and OF (each 0 or 1), as rotates do. */
function rotated(s: Int32Array, cf: number, of: number): void {
  s[FLAG_CARRY] = (s[FLAG_CARRY] & 0x3fffffff) | (cf << 31) | ((cf ^ of) << 30);
}

/** Top two bits XORed: OF of every step to the right but SAR's. */
function topBitsDiffer(value: number, size: number): number {
  return ((value >> (size * 8 - 1)) ^ (value >> (size * 8 - 2))) & 1;
}

export function shl(s: Int32Array, a: number, count: number, size: number): number {
  const n = count & 31;
  if (n === 0) return a;
  const bits = size * 8;
  const cf = n <= bits ? (a >> (bits - n)) & 1 : 0;
  const result = a << n;
  return shifted(s, result, cf, ((result >> (bits - 1)) & 1) ^ cf, size);
}

export function shr(s: Int32Array, a: number, count: number, size: number): number {
  const n = count & 31;
  if (n === 0) return a;
  const operand = zeroExtend(a, size);
  const result = operand >>> n;
  return shifted(s, result, (operand >>> (n - 1)) & 1, topBitsDiffer(result, size), size);
}

export function sar(s: Int32Array, a: number, count: number, size: number): number {
  const n = count & 31;
  if (n === 0) return a;
  const operand = signExtend(a, size);
  return shifted(s, operand >> n, (operand >> (n - 1)) & 1, 0, size);
}

export function rol(s: Int32Array, a: number, count: number, size: number): number {
  if ((count & 31) === 0) return a;
  const bits = size * 8;
  const n = count & (bits - 1);
  const operand = zeroExtend(a, size);
  const result = n === 0 ? operand : zeroExtend((operand << n) | (operand >>> (bits - n)), size);
  const cf = result & 1;
  rotated(s, cf, ((result >>> (bits - 1)) & 1) ^ cf);
  return result;
}

export function ror(s: Int32Array, a: number, count: number, size: number): number {
  if ((count & 31) === 0) return a;
  const bits = size * 8;
  const n = count & (bits - 1);
  const operand = zeroExtend(a, size);
  const result = n === 0 ? operand : zeroExtend((operand >>> n) | (operand << (bits - n)), size);
  rotated(s, (result >>> (bits - 1)) & 1, topBitsDiffer(result, size));
  return result;
}

/** Through the carry: nine, seventeen or thirty-three bits (U09). */
export function rcl(s: Int32Array, a: number, count: number, size: number): number {
  let n = count & 31;
  if (n === 0) return a;
  const bits = size * 8;
  const operand = zeroExtend(a, size);
  let cf = s[FLAG_CARRY] >>> 31;
  n %= bits + 1;
  let result = operand;
  if (n > 0) {
    result = zeroExtend((operand << n) | (cf << (n - 1)) | (n > 1 ? operand >>> (bits + 1 - n) : 0), size);
    cf = (operand >>> (bits - n)) & 1;
  }
  rotated(s, cf, ((result >>> (bits - 1)) & 1) ^ cf);
  return result;
}

export function rcr(s: Int32Array, a: number, count: number, size: number): number {
  let n = count & 31;
  if (n === 0) return a;
  const bits = size * 8;
  const operand = zeroExtend(a, size);
  let cf = s[FLAG_CARRY] >>> 31;
  n %= bits + 1;
  let result = operand;
  if (n > 0) {
    const above = n > 1 ? operand << (bits + 1 - n) : 0;
    result = zeroExtend((n < 32 ? operand >>> n : 0) | (cf << (bits - n)) | above, size);
    cf = (operand >>> (n - 1)) & 1;
  }
  rotated(s, cf, topBitsDiffer(result, size));
  return result;
}

/** One group-2 operation by ModRM.reg. */
export function shift(s: Int32Array, operation: number, a: number, count: number, size: number): number {
  switch (operation) {
    case ROL:
      return rol(s, a, count, size);
    case ROR:
      return ror(s, a, count, size);
    case RCL:
      return rcl(s, a, count, size);
    case RCR:
      return rcr(s, a, count, size);
    case SHR:
      return shr(s, a, count, size);
    case SAR:
      return sar(s, a, count, size);
    default:
      return shl(s, a, count, size);
  }
}

/**
 * SHLD: bits of `filler` enter from the right. Size 2 or 4.
 *
 * undefined: 16-bit counts above 16 shift `filler` in again and clear CF; from 16 on OF = CF (U06; Pentium, AMD).
 */
export function shld(s: Int32Array, a: number, filler: number, count: number, size: number): number {
  const n = count & 31;
  if (n === 0) return a;
  if (size === 4) {
    const result = (a << n) | (filler >>> (32 - n));
    const cf = (a >>> (32 - n)) & 1;
    return shifted(s, result, cf, (result >>> 31) ^ cf, 4);
  }
  const low = filler & 0xffff;
  const pair = (a << 16) | low;
  if (n < 16) {
    const result = (pair << n) >>> 16;
    const cf = (pair >>> (32 - n)) & 1;
    return shifted(s, result, cf, (result >>> 15) ^ cf, 2);
  }
  const cf = n === 16 ? a & 1 : 0;
  const result = ((low << 16) | low) >>> (32 - n);
  return shifted(s, result, cf, cf, 2);
}

/**
 * SHRD: bits of `filler` enter from the left. Size 2 or 4.
 *
 * undefined: 16-bit counts above 16 shift `filler` in again and clear CF (U06; Pentium, AMD).
 */
export function shrd(s: Int32Array, a: number, filler: number, count: number, size: number): number {
  const n = count & 31;
  if (n === 0) return a;
  if (size === 4) {
    const result = (a >>> n) | (filler << (32 - n));
    return shifted(s, result, (a >>> (n - 1)) & 1, topBitsDiffer(result, 4), 4);
  }
  const low = filler & 0xffff;
  const pair = n <= 16 ? (low << 16) | (a & 0xffff) : (low << 16) | low;
  const result = pair >>> (n <= 16 ? n : n - 16);
  const cf = n <= 16 ? (pair >>> (n - 1)) & 1 : 0;
  return shifted(s, result, cf, topBitsDiffer(result, 2), 2);
}
