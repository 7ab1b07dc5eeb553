/**
 * Debug registers and breakpoints (SDM 3B 17.2). DR7:
 *
 * ```
 *   31 30  29 28   27 ...        19 18  17 16   13         9  8   7  6  ...  1  0
 *   LEN3 | R/W3 | LEN2 ... R/W1 | LEN0 | R/W0 | GD | ... | GE LE | G3 L3 ... G0 L0
 * ```
 *
 * While a breakpoint is enabled, every instruction is executed by itself (Cpu.mode), so that the instruction's address and
 * every data reference can be compared. Of x87 state images only the first and the last bytes are. I/O breakpoints are not
 * modelled: CR4.DE does not exist.
 */
import { DR } from "./state.ts";

export const DR6_BD = 1 << 13;
export const DR6_BS = 1 << 14;
export const DR7_GD = 1 << 13;
/** L0 G0 ... L3 G3. */
const ENABLES = 0xff;
const DR6_CHANGEABLE = 0xe00f;
const DR6_FIXED = 0xffff0ff0 | 0;
const DR7_CHANGEABLE = 0xffff23ff | 0;
const DR7_FIXED = 0x400;

/** R/W fields. */
const EXECUTE = 0;
const WRITE = 1;
const READ_WRITE = 3;

/** @param n 0..3, 6 or 7. Reserved bits read as fixed values. */
export function readDebugRegister(s: Int32Array, n: number): number {
  const value = s[DR + n];
  if (n === 6) return (value & DR6_CHANGEABLE) | DR6_FIXED;
  if (n === 7) return (value & DR7_CHANGEABLE) | DR7_FIXED;
  return value;
}

export function writeDebugRegister(s: Int32Array, n: number, value: number): void {
  s[DR + n] = n === 6 ? value & DR6_CHANGEABLE : n === 7 ? value & DR7_CHANGEABLE : value;
}

/** Some breakpoint is enabled. */
export function breakpointsArmed(s: Int32Array): boolean {
  return (s[DR + 7] & ENABLES) !== 0;
}

function isEnabled(dr7: number, n: number): boolean {
  return ((dr7 >> (2 * n)) & 3) !== 0;
}

function kind(dr7: number, n: number): number {
  return (dr7 >> (16 + 4 * n)) & 3;
}

/** 1, 2, 8 (of later processors) or 4 bytes. */
function span(dr7: number, n: number): number {
  const length = (dr7 >> (18 + 4 * n)) & 3;
  return length === 2 ? 8 : length + 1;
}

/** DR6 bits of the instruction breakpoints at a linear address. */
export function instructionBreakpoints(s: Int32Array, la: number): number {
  const dr7 = s[DR + 7];
  let hits = 0;
  for (let n = 0; n < 4; n++) {
    if (isEnabled(dr7, n) && kind(dr7, n) === EXECUTE && s[DR + n] === (la | 0)) hits |= 1 << n;
  }
  return hits;
}

/** DR6 bits of the data breakpoints that a reference touches. Addresses count from a multiple of the length. */
export function dataBreakpoints(s: Int32Array, la: number, size: number, write: number): number {
  const dr7 = s[DR + 7];
  let hits = 0;
  for (let n = 0; n < 4; n++) {
    const type = kind(dr7, n);
    if (!isEnabled(dr7, n) || (type !== READ_WRITE && !(type === WRITE && write !== 0))) continue;
    const bytes = span(dr7, n);
    const first = (s[DR + n] & -bytes) >>> 0;
    const from = la >>> 0;
    if (from < first + bytes && first < from + size) hits |= 1 << n;
  }
  return hits;
}
