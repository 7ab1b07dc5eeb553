/**
 * Multiplication and division with lazy flags (flags.ts). Hot: plain integers and exact float64, no bigint.
 *
 * undefined: MUL and IMUL leave SF, ZF, AF and PF alone; DIV and IDIV leave CF and OF alone, set AF and clear SF, ZF
 * and PF (U10, U11; AMD family 19h).
 */
import { signExtend } from "./alu.ts";
import { setStatusFlags, statusFlags } from "./flags.ts";
import { EAX, EDX, FLAG_CARRY } from "./state.ts";

const AF = 1 << 4;
const CF_OF = 0x801;

/** CF = OF = `significant`: the upper half of the product is more than an extension of the lower. */
function setProductFlags(s: Int32Array, significant: boolean): void {
  s[FLAG_CARRY] = (s[FLAG_CARRY] & 0x3fffffff) | (significant ? 0x80000000 : 0);
}

function setQuotientFlags(s: Int32Array): void {
  setStatusFlags(s, (statusFlags(s) & CF_OF) | AF);
}

/** Upper 32 bits of the unsigned 64-bit product, int32. */
export function highProduct(a: number, b: number): number {
  const al = a & 0xffff;
  const ah = a >>> 16;
  const bl = b & 0xffff;
  const bh = b >>> 16;
  const low = Math.imul(al, bl);
  const cross = Math.imul(ah, bl);
  const other = Math.imul(al, bh);
  const middle = (low >>> 16) + (cross & 0xffff) + (other & 0xffff);
  return (Math.imul(ah, bh) + (cross >>> 16) + (other >>> 16) + (middle >>> 16)) | 0;
}

/** Upper 32 bits of the signed 64-bit product, int32. */
export function signedHighProduct(a: number, b: number): number {
  return (highProduct(a, b) - ((a >> 31) & b) - ((b >> 31) & a)) | 0;
}

/** MUL: EDX:EAX = EAX * b. */
export function multiplyWide32(s: Int32Array, b: number): void {
  const a = s[EAX];
  const high = highProduct(a, b);
  s[EAX] = Math.imul(a, b);
  s[EDX] = high;
  setProductFlags(s, high !== 0);
}

/** One-operand IMUL: EDX:EAX = EAX * b. */
export function signedMultiplyWide32(s: Int32Array, b: number): void {
  const a = s[EAX];
  const high = signedHighProduct(a, b);
  const low = Math.imul(a, b);
  s[EAX] = low;
  s[EDX] = high;
  setProductFlags(s, high !== low >> 31);
}

/** Two- and three-operand IMUL of 32 bits. @returns the truncated product */
export function multiply32(s: Int32Array, a: number, b: number): number {
  const low = Math.imul(a, b);
  setProductFlags(s, signedHighProduct(a, b) !== low >> 31);
  return low;
}

/** MUL of 8 or 16 bits. @returns the product of twice the size */
export function multiplyNarrow(s: Int32Array, a: number, b: number, size: number): number {
  const product = Math.imul(a, b);
  setProductFlags(s, product >>> (size * 8) !== 0);
  return product;
}

/** IMUL of 8 or 16 bits. @returns the product of twice the size */
export function signedMultiplyNarrow(s: Int32Array, a: number, b: number, size: number): number {
  const product = Math.imul(signExtend(a, size), signExtend(b, size));
  setProductFlags(s, product !== signExtend(product, size));
  return product;
}

/** Remainder of the last {@link divideWide}, uint32. */
let remainder = 0;

/**
 * Unsigned 64 / 32 bit division in two steps of 16 quotient bits. Each dividend is below 2^48 and each quotient below
 * 2^16, so the float64 quotient lies too far from an integer to be rounded to one: floor is exact.
 *
 * @param high below `divisor`; all arguments uint32
 * @returns the quotient, uint32
 */
function divideWide(high: number, low: number, divisor: number): number {
  if (high === 0) {
    const quotient = Math.floor(low / divisor);
    remainder = low - quotient * divisor;
    return quotient;
  }
  const upper = high * 0x10000 + (low >>> 16);
  const first = Math.floor(upper / divisor);
  const lower = (upper - first * divisor) * 0x10000 + (low & 0xffff);
  const second = Math.floor(lower / divisor);
  remainder = lower - second * divisor;
  return first * 0x10000 + second;
}

/** DIV: EAX, EDX = EDX:EAX divided by b. @returns false for #DE, nothing changed */
export function divide32(s: Int32Array, b: number): boolean {
  const divisor = b >>> 0;
  const high = s[EDX] >>> 0;
  if (high >= divisor) return false;
  s[EAX] = divideWide(high, s[EAX] >>> 0, divisor);
  s[EDX] = remainder;
  setQuotientFlags(s);
  return true;
}

/** IDIV: EAX, EDX = EDX:EAX divided by b, truncated. @returns false for #DE, nothing changed */
export function signedDivide32(s: Int32Array, b: number): boolean {
  const negative = s[EDX] < 0;
  let low = s[EAX];
  let high = s[EDX];
  if (negative) {
    low = -low | 0;
    high = (~high + (low === 0 ? 1 : 0)) | 0;
  }
  const divisor = Math.abs(b);
  if (high >>> 0 >= divisor) return false;
  const quotient = divideWide(high >>> 0, low >>> 0, divisor);
  const negated = negative !== b < 0;
  if (quotient > (negated ? 0x80000000 : 0x7fffffff)) return false;
  s[EAX] = negated ? -quotient : quotient;
  s[EDX] = negative ? -remainder : remainder;
  setQuotientFlags(s);
  return true;
}

/** Quotient and remainder of the last narrow division. */
export const quotient = { value: 0, remainder: 0 };

/** DIV of 16 or 32 bits by 8 or 16. @returns false for #DE, nothing changed */
export function divideNarrow(s: Int32Array, dividend: number, b: number, size: number): boolean {
  if (b === 0) return false;
  const unsigned = dividend >>> 0;
  const value = Math.floor(unsigned / b);
  if (value >= 2 ** (size * 8)) return false;
  quotient.value = value;
  quotient.remainder = unsigned - value * b;
  setQuotientFlags(s);
  return true;
}

/** IDIV of 16 or 32 bits by 8 or 16; operands sign-extended. @returns false for #DE, nothing changed */
export function signedDivideNarrow(s: Int32Array, dividend: number, b: number, size: number): boolean {
  if (b === 0) return false;
  const value = Math.trunc(dividend / b);
  if (value !== signExtend(value, size)) return false;
  quotient.value = value;
  quotient.remainder = dividend - value * b;
  setQuotientFlags(s);
  return true;
}
