/**
 * The CPU state, declared once: a run of int32 words inside the machine's memory.
 *
 * Engines index the words directly; snapshot, context switch, reset and diff walk {@link STATE_FIELDS}.
 * The general registers come first in ModRM order, so a register number is its word index, a 16-bit register
 * is half-word 2n and an 8-bit register is a byte of words 0..3. Word ZERO always holds 0: effective addresses
 * without a base or an index name it, and segment bases stand right behind it so that an address may also
 * take one as its index.
 */

/** General registers as in ModRM. */
export const EAX = 0;
export const ECX = 1;
export const EDX = 2;
export const EBX = 3;
export const ESP = 4;
export const EBP = 5;
export const ESI = 6;
export const EDI = 7;

/** Segment registers as in ModRM.reg of MOV Sreg. */
export const ES = 0;
export const CS = 1;
export const SS = 2;
export const DS = 3;
export const FS = 4;
export const GS = 5;

/** Always 0. */
export const ZERO = 8;
/** Bases of ES CS SS DS FS GS. */
export const SEG_BASE = 9;
export const EIP = 15;
/** Lazy arithmetic flags, see flags.ts. */
export const FLAG_RESULT = 16;
export const FLAG_CARRY = 17;
/** EFLAGS without OF SF ZF AF PF CF; bit 1 set. */
export const FLAG_REST = 18;
export const SELECTOR = 19;
/** Highest valid offset, granularity applied. */
export const LIMIT = 25;
/** Access-rights bits of the descriptor's high dword (bits 8..15 and 20..23); 0 = unusable. */
export const ATTRIBUTES = 31;
/** Selector, base, limit, attributes. */
export const LDTR = 37;
/** Words below this one belong to the running program and follow a context switch, as does the x87 state. */
export const TASK_WORDS = 41;
/** Selector, base, limit, attributes. */
export const TR = 41;
/** Base, limit. */
export const GDTR = 45;
/** Base, limit. */
export const IDTR = 47;
export const CR2 = 49;
export const DR = 50;
/** IA32_SYSENTER_CS, _ESP, _EIP. */
export const SYSENTER = 58;
/** Low and high half of what WRMSR to the TSC added to the cycle counter. */
export const TSC_OFFSET = 61;
/** Current privilege level. */
export const CPL = 63;
/** Nonzero while the next instruction may not be interrupted (SDM 3A 6.8). */
export const SHADOW = 64;
/** SHADOW behind STI: holds interrupts off. */
export const SHADOW_INTERRUPTS = 1;
/** SHADOW behind MOV SS and POP SS: holds debug traps off too. */
export const SHADOW_ALL = 2;
/** Where the interpreter's loop keeps a memory operand between two operations; dead between instructions. */
export const OPERAND = 65;
/** Keeps the x87 block aligned. */
const PADDING = 66;
/** The x87 block; emu/x87/layout.ts says what is in it and how much of it is state. */
export const FPU = 68;
export const FPU_WORDS = 256;
export const STATE_WORDS = 324;

export interface StateField {
  readonly name: string;
  readonly word: number;
  /** Number of int32 words. */
  readonly words: number;
}

/** Every word of the state, in order and without gaps (a test checks both). */
export const STATE_FIELDS: readonly StateField[] = [
  { name: "gpr", word: 0, words: 8 },
  { name: "zero", word: ZERO, words: 1 },
  { name: "segBase", word: SEG_BASE, words: 6 },
  { name: "eip", word: EIP, words: 1 },
  { name: "flagResult", word: FLAG_RESULT, words: 1 },
  { name: "flagCarry", word: FLAG_CARRY, words: 1 },
  { name: "flagRest", word: FLAG_REST, words: 1 },
  { name: "selector", word: SELECTOR, words: 6 },
  { name: "limit", word: LIMIT, words: 6 },
  { name: "attributes", word: ATTRIBUTES, words: 6 },
  { name: "ldtr", word: LDTR, words: 4 },
  { name: "tr", word: TR, words: 4 },
  { name: "gdtr", word: GDTR, words: 2 },
  { name: "idtr", word: IDTR, words: 2 },
  { name: "cr2", word: CR2, words: 1 },
  { name: "dr", word: DR, words: 8 },
  { name: "sysenter", word: SYSENTER, words: 3 },
  { name: "tscOffset", word: TSC_OFFSET, words: 2 },
  { name: "cpl", word: CPL, words: 1 },
  { name: "shadow", word: SHADOW, words: 1 },
  { name: "operand", word: OPERAND, words: 1 },
  { name: "padding", word: PADDING, words: 2 },
  { name: "fpu", word: FPU, words: FPU_WORDS },
];

/** Byte index of 8-bit register n (AL CL DL BL AH CH DH BH) among the general registers. */
export function byteRegister(n: number): number {
  return (n & 3) * 4 + (n >> 2);
}
