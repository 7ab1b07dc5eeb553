// FCOM, FUCOM, FTST and FXAM: the condition codes of values.
// Hot: integers and one typed array, nothing allocated.

import { C0, C1, C2, C3, DE, HI, IE, LO, SE } from "./layout.ts";
import {
  CLASS_DENORMAL,
  CLASS_INFINITY,
  CLASS_NORMAL,
  CLASS_QNAN,
  CLASS_SNAN,
  CLASS_UNSUPPORTED,
  CLASS_ZERO,
  classify,
} from "./operands.ts";

/** Condition codes of an ordered comparison, SDM 2 "FCOM"; equal is C3, less is C0, greater is none. */
export const UNORDERED = C3 | C2 | C0;

/** Compares slot `a` with slot `b`. Returns condition codes and exceptions; any NaN raises #IA. */
export function compare(w: Int32Array, a: number, b: number): number {
  const classA = classify(w, a);
  const classB = classify(w, b);
  if (classA > CLASS_INFINITY || classB > CLASS_INFINITY) return UNORDERED | IE;
  return compareOrdered(w, a, classA, b, classB);
}

/** As compare, except that a QNaN raises nothing. */
export function compareUnordered(w: Int32Array, a: number, b: number): number {
  const classA = classify(w, a);
  const classB = classify(w, b);
  if (classA > CLASS_QNAN || classB > CLASS_QNAN) return UNORDERED | IE;
  if (classA === CLASS_QNAN || classB === CLASS_QNAN) return UNORDERED;
  return compareOrdered(w, a, classA, b, classB);
}

/** Compares slot `a` with +0.0. Returns condition codes and exceptions. */
export function test(w: Int32Array, a: number): number {
  const classA = classify(w, a);
  if (classA > CLASS_INFINITY) return UNORDERED | IE;
  if (classA === CLASS_ZERO) return C3;
  return (w[a + SE] >= 0x8000 ? C0 : 0) | (classA === CLASS_DENORMAL ? DE : 0);
}

/** Class and sign of slot `a` as FXAM reports them in C3, C2, C0 and C1; the tag is the caller's concern. */
export function examine(w: Int32Array, a: number): number {
  const sign = w[a + SE] >= 0x8000 ? C1 : 0;
  switch (classify(w, a)) {
    case CLASS_ZERO:
      return sign | C3;
    case CLASS_NORMAL:
      return sign | C2;
    case CLASS_DENORMAL:
      return sign | C3 | C2;
    case CLASS_INFINITY:
      return sign | C2 | C0;
    case CLASS_UNSUPPORTED:
      return sign;
    case CLASS_QNAN:
    case CLASS_SNAN:
      return sign | C0;
    default:
      throw new Error("x87: unknown operand class");
  }
}

function compareOrdered(w: Int32Array, a: number, classA: number, b: number, classB: number): number {
  const flags = classA === CLASS_DENORMAL || classB === CLASS_DENORMAL ? DE : 0;
  const aSe = w[a + SE];
  const bSe = w[b + SE];
  if (classA === CLASS_ZERO && classB === CLASS_ZERO) return flags | C3;
  if (((aSe ^ bSe) & 0x8000) !== 0) return flags | (aSe >= 0x8000 ? C0 : 0);
  const order = compareMagnitudes(w, a, b);
  if (order === 0) return flags | C3;
  return flags | (order < 0 === aSe < 0x8000 ? C0 : 0);
}

/** Negative, zero or positive as |a| is below, equal to or above |b|; exponents 0 and 1 have the same weight. */
function compareMagnitudes(w: Int32Array, a: number, b: number): number {
  const aExp = w[a + SE] & 0x7fff || 1;
  const bExp = w[b + SE] & 0x7fff || 1;
  if (aExp !== bExp) return aExp - bExp;
  const aHi = w[a + HI] >>> 0;
  const bHi = w[b + HI] >>> 0;
  if (aHi !== bHi) return aHi < bHi ? -1 : 1;
  const aLo = w[a + LO] >>> 0;
  const bLo = w[b + LO] >>> 0;
  return aLo === bLo ? 0 : aLo < bLo ? -1 : 1;
}
