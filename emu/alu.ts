/**
 * Integer arithmetic with lazy flags (flags.ts), once for every operand size. Hot: plain integers only.
 *
 * `size` is 1, 2 or 4 bytes. Operands may carry garbage above the operand size; results are sign-extended.
 * Undefined flags follow the processor measured by the oracle and are marked `undefined:`.
 */
import { ADC, ADD, AND, OR, SBB, XOR } from "./operations.ts";
import { FLAG_CARRY, FLAG_RESULT } from "./state.ts";

export { ADC, ADD, AND, CMP, OR, SBB, SUB, XOR } from "./operations.ts";

/** Sign-extends the low `size` bytes. */
export function signExtend(value: number, size: number): number {
  const shift = 32 - size * 8;
  return (value << shift) >> shift;
}

/** Moves a carry vector of the given operand size to FLAG_CARRY form: CF, CPO from its top bits, AF from bit 3. */
function carries(vector: number, size: number): number {
  return ((vector << (32 - size * 8)) & 0xc0000000) | (vector & 8);
}

export function add(s: Int32Array, a: number, b: number, size: number): number {
  const sum = (a + b) | 0;
  s[FLAG_RESULT] = signExtend(sum, size);
  s[FLAG_CARRY] = carries((a & b) | ((a | b) & ~sum), size);
  return s[FLAG_RESULT];
}

export function adc(s: Int32Array, a: number, b: number, size: number): number {
  const sum = (a + b + (s[FLAG_CARRY] >>> 31)) | 0;
  s[FLAG_RESULT] = signExtend(sum, size);
  s[FLAG_CARRY] = carries((a & b) | ((a | b) & ~sum), size);
  return s[FLAG_RESULT];
}

export function sub(s: Int32Array, a: number, b: number, size: number): number {
  const difference = (a - b) | 0;
  s[FLAG_RESULT] = signExtend(difference, size);
  s[FLAG_CARRY] = carries((~a & b) | ((~a | b) & difference), size);
  return s[FLAG_RESULT];
}

export function sbb(s: Int32Array, a: number, b: number, size: number): number {
  const difference = (a - b - (s[FLAG_CARRY] >>> 31)) | 0;
  s[FLAG_RESULT] = signExtend(difference, size);
  s[FLAG_CARRY] = carries((~a & b) | ((~a | b) & difference), size);
  return s[FLAG_RESULT];
}

/** Flags of AND, OR, XOR, TEST: CF = OF = 0; undefined: AF = 0. */
export function logic(s: Int32Array, result: number, size: number): number {
  s[FLAG_RESULT] = signExtend(result, size);
  s[FLAG_CARRY] = 0;
  return s[FLAG_RESULT];
}

/** Adds 1, CF unchanged. */
export function inc(s: Int32Array, a: number, size: number): number {
  const cf = s[FLAG_CARRY] & 0x80000000;
  const sum = add(s, a, 1, size);
  keepCarry(s, cf);
  return sum;
}

/** Subtracts 1, CF unchanged. */
export function dec(s: Int32Array, a: number, size: number): number {
  const cf = s[FLAG_CARRY] & 0x80000000;
  const difference = sub(s, a, 1, size);
  keepCarry(s, cf);
  return difference;
}

/** Puts CF back to `cf` (bit 31) and keeps OF = CF XOR CPO as computed. */
function keepCarry(s: Int32Array, cf: number): void {
  const carry = s[FLAG_CARRY];
  if ((carry ^ cf) < 0) s[FLAG_CARRY] = carry ^ 0xc0000000;
}

export function neg(s: Int32Array, a: number, size: number): number {
  return sub(s, 0, a, size);
}

/** One of the eight group-1 operations; CMP returns the difference, which the caller drops. */
export function arithmetic(s: Int32Array, operation: number, a: number, b: number, size: number): number {
  switch (operation) {
    case ADD:
      return add(s, a, b, size);
    case OR:
      return logic(s, a | b, size);
    case ADC:
      return adc(s, a, b, size);
    case SBB:
      return sbb(s, a, b, size);
    case AND:
      return logic(s, a & b, size);
    case XOR:
      return logic(s, a ^ b, size);
    default:
      return sub(s, a, b, size);
  }
}
