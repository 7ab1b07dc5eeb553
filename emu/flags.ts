/**
 * Lazy arithmetic flags in two words. Hot: plain integers only.
 *
 * An instruction leaves its result, sign-extended to 32 bits, in FLAG_RESULT and its carries in FLAG_CARRY:
 *
 * ```
 *  FLAG_CARRY   31   30                15      8              3           0
 *              +----+-----+-----------+---------+-----------+----+------+----+
 *              | CF | CPO |     0     | parity  |     0     | AF |  0   | SD |
 *              +----+-----+-----------+---------+-----------+----+------+----+
 * ```
 *
 *   ZF = result == 0                       CF = bit 31 (the carry out of the operand's top bit)
 *   SF = sign of the result, XOR SD        OF = bit 31 XOR bit 30 (the carry into the top bit)
 *   AF = bit 3 (the carry out of bit 3)    PF = even parity of (result XOR parity) bits 0..7
 *
 * Arithmetic leaves SD and parity 0; loading EFLAGS uses them to express combinations no result has.
 */
import { FLAG_CARRY, FLAG_REST, FLAG_RESULT } from "./state.ts";

export const CF = 1 << 0;
export const PF = 1 << 2;
export const AF = 1 << 4;
export const ZF = 1 << 6;
export const SF = 1 << 7;
export const TF = 1 << 8;
export const IF = 1 << 9;
export const DF = 1 << 10;
export const OF = 1 << 11;
export const IOPL = 3 << 12;
export const NT = 1 << 14;
export const RF = 1 << 16;
export const VM = 1 << 17;
export const AC = 1 << 18;
export const VIF = 1 << 19;
export const VIP = 1 << 20;
export const ID = 1 << 21;

/** OF SF ZF AF PF CF, the bits held lazily. */
export const STATUS_FLAGS = CF | PF | AF | ZF | SF | OF;

/** 1 where the low byte has even parity (SDM 1 §3.4.3.1). */
export function parityFlag(result: number, carry: number): number {
  let p = (result ^ (carry >> 8)) & 0xff;
  p ^= p >> 4;
  return (0x9669 >> (p & 15)) & 1;
}

export function carryFlag(s: Int32Array): number {
  return s[FLAG_CARRY] >>> 31;
}

export function zeroFlag(s: Int32Array): number {
  return s[FLAG_RESULT] === 0 ? 1 : 0;
}

export function signFlag(s: Int32Array): number {
  return (s[FLAG_RESULT] >>> 31) ^ (s[FLAG_CARRY] & 1);
}

export function overflowFlag(s: Int32Array): number {
  const carry = s[FLAG_CARRY];
  return ((carry ^ (carry << 1)) >>> 31) & 1;
}

export function adjustFlag(s: Int32Array): number {
  return (s[FLAG_CARRY] >> 3) & 1;
}

/** OF SF ZF AF PF CF at their EFLAGS positions. */
export function statusFlags(s: Int32Array): number {
  const result = s[FLAG_RESULT];
  const carry = s[FLAG_CARRY];
  return (
    (carry >>> 31) |
    (parityFlag(result, carry) << 2) |
    (((carry >> 3) & 1) << 4) |
    ((result === 0 ? 1 : 0) << 6) |
    (((result >>> 31) ^ (carry & 1)) << 7) |
    (((carry ^ (carry << 1)) >>> 31) << 11)
  );
}

/** Sets the six status flags from their EFLAGS positions; other bits of `flags` are ignored. */
export function setStatusFlags(s: Int32Array, flags: number): void {
  const result = flags & ZF ? 0 : 1;
  const cf = flags & CF;
  const of = (flags >> 11) & 1;
  const parityNow = result ^ 1;
  const pf = (flags >> 2) & 1;
  s[FLAG_RESULT] = result;
  s[FLAG_CARRY] =
    (cf << 31) | ((cf ^ of) << 30) | ((pf ^ parityNow) << 8) | (((flags >> 4) & 1) << 3) | ((flags >> 7) & 1);
}

/** Replaces only the flags of `mask` (status flags) by those of `flags`. */
export function updateStatusFlags(s: Int32Array, flags: number, mask: number): void {
  setStatusFlags(s, (statusFlags(s) & ~mask) | (flags & mask));
}

/** The whole EFLAGS register. */
export function readEflags(s: Int32Array): number {
  return s[FLAG_REST] | statusFlags(s);
}

/** Loads the whole EFLAGS register; reserved bits take their fixed values (SDM 1 §3.4.3). */
export function writeEflags(s: Int32Array, flags: number): void {
  setStatusFlags(s, flags);
  s[FLAG_REST] = (flags & 0x003f7700 & ~STATUS_FLAGS) | 2;
}

/**
 * Condition code of Jcc, SETcc, CMOVcc (SDM 1 appendix B).
 *
 * @param cc low four bits of the opcode
 * @returns whether the condition holds
 */
export function condition(s: Int32Array, cc: number): boolean {
  const result = s[FLAG_RESULT];
  const carry = s[FLAG_CARRY];
  let holds: boolean;
  switch (cc >> 1) {
    case 0: // O
      holds = (carry ^ (carry << 1)) < 0;
      break;
    case 1: // B
      holds = carry < 0;
      break;
    case 2: // Z
      holds = result === 0;
      break;
    case 3: // BE
      holds = carry < 0 || result === 0;
      break;
    case 4: // S
      holds = (result ^ (carry << 31)) < 0;
      break;
    case 5: // P
      holds = parityFlag(result, carry) === 1;
      break;
    case 6: // L
      holds = (result ^ (carry << 31) ^ carry ^ (carry << 1)) < 0;
      break;
    default: // LE
      holds = result === 0 || (result ^ (carry << 31) ^ carry ^ (carry << 1)) < 0;
      break;
  }
  return (cc & 1) === 0 ? holds : !holds;
}
