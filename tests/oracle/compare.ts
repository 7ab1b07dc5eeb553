/** What two outcomes of a case must have in common, and what the architecture leaves open. */
import { type Row, rows } from "../../emu/isa/index.ts";
import {
  baseOf,
  type Case,
  CODE,
  CODE_WORDS,
  DATA,
  IMAGE_WORDS,
  INT3,
  type Outcome,
  pattern,
  STACK_16,
} from "./layout.ts";

const registerNames = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"];
const segmentNames = ["es", "cs", "ss", "ds", "fs", "gs"];
/** CF PF AF ZF SF OF */
const STATUS = 0x8d5;
/** Those and TF DF NT AC ID: what a user program can see change. */
const COMPARED = STATUS | 0x100 | 0x400 | 0x4000 | 0x40000 | 0x200000;
const PAGE_FAULT = 14;
/** Error code bit of instruction fetches, which exists only with execute-disable (SDM 3A 4.7). */
const FETCH_BIT = 0x10;
const KERNEL_HALF = 0xc0000000;

const transcendental = new Set(["F2XM1", "FYL2X", "FPTAN", "FPATAN", "FYL2XP1", "FSINCOS", "FSIN", "FCOS"]);

/** FCMOVcc and FCOMI leave C1 alone on AMD, clear it on Intel. Of inexact functions it tells which way they rounded. */
const CONDITION_1 = 0x200;
const leavesC1 = /^F(CMOV|U?COMI)/;

const NOT_PRESENT = 11;
const FAULTS = [12, 13, 14, 17];
const withErrorCode = [8, 10, 11, 12, 13, 14, 17];

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");

/** Flags of the row that Intel calls undefined. */
export function undefinedFlags(row: Row): number {
  return row.flags.undefined & STATUS;
}

/**
 * Bytes of the window that processors fill differently: instruction and operand pointers, code and opcode of FNSTENV, FNSAVE
 * and FXSAVE images (SDM 1 8.1.8), and MXCSR and the XMM registers.
 */
function vendorBytes(c: Case, row: Row): [number, number][] {
  if (c.operand === undefined) return [];
  const at = c.operand;
  if (row.mnemonic === "FXSAVE") {
    return [
      [at + 6, at + 32],
      [at + 160, at + 288],
    ];
  }
  if (row.mnemonic !== "FNSTENV" && row.mnemonic !== "FNSAVE") return [];
  return c.form.includes("o32") ? [[at + 12, at + 28]] : [[at + 6, at + 14]];
}

/** The window's changed dwords by number, with vendor bytes taken from the pattern. */
function changesOf(o: Outcome, ignored: readonly [number, number][]): Map<number, number> {
  const map = new Map<number, number>();
  for (let n = 0; n < o.changes.length; n += 2) map.set(o.changes[n], o.changes[n + 1]);
  for (const [start, end] of ignored) {
    for (let linear = start; linear < end; linear++) {
      const index = (linear - DATA) >>> 2;
      const value = map.get(index);
      if (value === undefined) continue;
      const mask = 0xff << (((linear - DATA) & 3) * 8);
      map.set(index, (value & ~mask) | (pattern[index] & mask));
    }
  }
  return map;
}

function compareImages(row: Row, a: Int32Array, b: Int32Array, found: string[]): void {
  const inexact = transcendental.has(row.mnemonic);
  const open = row.flags.conditionUndefined | (inexact || leavesC1.test(row.mnemonic) ? CONDITION_1 : 0);
  for (let i = 0; i < IMAGE_WORDS; i++) {
    if (i >= 3 && i < 7) continue;
    if (i >= 7 && inexact) continue;
    const mask = i === 1 ? 0xffff & ~open : i < 3 ? 0xffff : -1;
    if (((a[i] ^ b[i]) & mask) !== 0) found.push(`x87 word ${i}: ${hex(a[i])} ${hex(b[i])}`);
  }
}

/**
 * Which of two faults is reported where the manual leaves the order open: CMPS with two bad operands (AMD reads the
 * destination first, the manual's operation names the source first), x87 operands of several references that reach
 * both an unmapped page and the segment's limit, far returns likewise, and a CALL that can neither push nor go on.
 */
function eitherFault(row: Row, a: Outcome, b: Outcome): boolean {
  if (!FAULTS.includes(a.vector) || !FAULTS.includes(b.vector)) return false;
  if (row.mnemonic === "CMPS" || row.key.endsWith("m512byte")) return true;
  if (a.vector === b.vector) return false;
  if (row.mnemonic === "CALL") return a.vector === 13 || b.vector === 13;
  return /^(RETF|IRET)/.test(row.mnemonic) || (row.x87 && row.references.length > 1);
}

/** Far returns read their slots in an order of their own: AMD takes CS first. */
function stackSlots(row: Row, a: Outcome, b: Outcome): boolean {
  return /^(RETF|IRET)/.test(row.mnemonic) && a.vector === PAGE_FAULT && Math.abs(a.cr2 - b.cr2) < 16;
}

/** A far CALL that faults at its target may have pushed already, below the stack pointer. */
function pushedBytes(c: Case, row: Row, o: Outcome): [number, number][] {
  if (!/^CALL [AM]p/.test(row.key) || !FAULTS.concat(NOT_PRESENT).includes(o.vector)) return [];
  const selector = c.selectors[2];
  const base = selector === -1 ? 0 : baseOf(selector);
  const top = base + (selector === STACK_16 ? c.regs[4] & 0xffff : c.regs[4]);
  return [[top - 8, top]];
}

/** FCOMI with an unmasked invalid or denormal operand: Intel leaves EFLAGS alone, AMD reports the comparison. */
function unmaskedComparison(c: Case, row: Row): boolean {
  return row.mnemonic.includes("COMI") && c.image !== undefined && (c.image[0] & 3) !== 3;
}

/**
 * A case that the manual leaves wholly open and where Intel's processors are known or likely to differ from AMD's, which ours
 * follows: double shifts of a word by more than 16, ARPL of read-only memory, REP INS and OUTS of nothing.
 */
function vendorCase(c: Case, row: Row): boolean {
  if (/^SH[LR]D/.test(row.mnemonic) && c.form.includes("o16")) {
    const count = row.key.endsWith("CL") ? c.regs[1] : c.code[c.at + c.length - 1];
    return (count & 31) > 16;
  }
  if (row.mnemonic === "INS" || row.mnemonic === "OUTS") return (c.regs[1] & 0xffff) === 0;
  return row.mnemonic === "ARPL" && c.form.startsWith("memory");
}

/** Bits of registers that the row leaves undefined: LAR's copy of the limit. */
function openRegisterBits(row: Row): number {
  return row.mnemonic === "LAR" ? 0xf0000 : 0;
}

/** Flags that a case leaves open beyond those of its row: CF of narrow shifts by the operand size or more. */
function openFlags(c: Case, row: Row): number {
  if (unmaskedComparison(c, row)) return STATUS;
  return /^S[HA][LR] E[bv],(Ib|CL)/.test(row.key) && !amdHost && (row.key.includes("Eb") || c.form.includes("o16"))
    ? 1
    : 0;
}

/** True on the processors whose choices in undefined results ours follows. */
let amdHost = true;

/** Tells which processor the cases run on: on others than AMD's, more is left open. */
export function setHost(vendor: "AMD" | "other"): void {
  amdHost = vendor === "AMD";
}

function compareMemory(a: Outcome, b: Outcome, ignored: readonly [number, number][], found: string[]): void {
  const left = changesOf(a, ignored);
  const right = changesOf(b, ignored);
  for (const index of new Set([...left.keys(), ...right.keys()])) {
    const inCode = index >= CODE_WORDS;
    const before = inCode ? INT3 : pattern[index];
    const address = inCode ? CODE + (index - CODE_WORDS) * 4 : DATA + index * 4;
    const [x, y] = [left.get(index) ?? before, right.get(index) ?? before];
    if (x !== y) found.push(`[${hex(address)}]: ${hex(x)} ${hex(y)}`);
  }
}

/**
 * Differences from a processor that are mistakes; `a` and `b` are printed in this order. What vendors do differently is left
 * out.
 */
export function differences(c: Case, a: Outcome, b: Outcome): string[] {
  const row = rows[c.row];
  if (!amdHost && vendorCase(c, row)) return [];
  const found: string[] = [];
  const field = (name: string, x: number, y: number): void => {
    if (x !== y) found.push(`${name}: ${hex(x)} ${hex(y)}`);
  };
  if (!eitherFault(row, a, b)) {
    field("vector", a.vector, b.vector);
    // What a kernel maps for itself differs.
    const kernel = a.cr2 >>> 0 >= KERNEL_HALF ? 1 : 0;
    const open = a.vector === PAGE_FAULT ? FETCH_BIT | kernel : 0;
    if (withErrorCode.includes(a.vector)) field("error code", a.errorCode & ~open, b.errorCode & ~open);
    // Which byte of an image faults first is not architectural; the page is.
    const within = row.x87 && /\d\/\d/.test(row.key) ? 0xfff : 0;
    if (a.vector === PAGE_FAULT && !stackSlots(row, a, b)) field("cr2", a.cr2 & ~within, b.cr2 & ~within);
  }
  field("eip", a.eip, b.eip);
  const mask = COMPARED & ~undefinedFlags(row) & ~openFlags(c, row);
  field("eflags", a.eflags & mask, b.eflags & mask);
  const bits = amdHost ? -1 : ~openRegisterBits(row);
  for (let n = 0; n < 8; n++) field(registerNames[n], a.regs[n] & bits, b.regs[n] & bits);
  for (let n = 0; n < 6; n++) field(segmentNames[n], a.selectors[n], b.selectors[n]);
  compareMemory(a, b, [...vendorBytes(c, row), ...pushedBytes(c, row, a)], found);
  if (a.image !== undefined && b.image !== undefined) compareImages(row, a.image, b.image, found);
  return found;
}

/** All differences between two executions of ours, which leave nothing open. */
export function exactDifferences(a: Outcome, b: Outcome): string[] {
  const found: string[] = [];
  const list = (o: Outcome): Record<string, number> => ({
    vector: o.vector,
    "error code": o.errorCode,
    cr2: o.vector === PAGE_FAULT ? o.cr2 : 0,
    eip: o.eip,
    eflags: o.eflags,
    ...Object.fromEntries(registerNames.map((name, n) => [name, o.regs[n]])),
    ...Object.fromEntries(segmentNames.map((name, n) => [name, o.selectors[n]])),
    ...Object.fromEntries([...(o.image ?? [])].map((word, n) => [`x87 word ${n}`, word])),
  });
  const [x, y] = [list(a), list(b)];
  for (const name of Object.keys(x)) if (x[name] !== y[name]) found.push(`${name}: ${hex(x[name])} ${hex(y[name])}`);
  compareMemory(a, b, [], found);
  return found;
}

/** Undefined flags in which the outcomes differ. */
export function undefinedDifference(c: Case, a: Outcome, b: Outcome): number {
  return (a.eflags ^ b.eflags) & undefinedFlags(rows[c.row]);
}
