/**
 * A decoded instruction as twelve int32 words in the code arena: what the interpreter's loop reads.
 *
 * ```
 *  OP      operation (operations.ts; HANDLER = call the row's handler)
 *  THEN    second operation, behind a load
 *  A       where the destination is: word index in the machine memory, or index of an 8- or 16-bit register
 *  B       where the source is: word index; the record's own IMM word for an immediate
 *  D       where a load puts what it read: word index; of a branch within its page the target's record once it is known,
 *          then with CLOCKS and COUNT before the target in A and B
 *  IMM     immediate, or the page offset of a branch target in the same page
 *  EA      base | index << 8 | scale << 16 | segment << 20     base and index are state words, ZERO if absent
 *  DISP    displacement, or the second immediate
 *  PLACE   page offset:12 | length:4 | table row:11 | prefix bits:5
 *  FORM    ModRM.reg | rm << 4 | memory << 8 | opcode << 12 | mod << 21
 *  CLOCKS  clocks from the start of the block up to and including this instruction
 *  COUNT   instructions likewise
 * ```
 *
 * The records of a block lie one after the other behind a header record whose CLOCKS and COUNT are 0.
 */
export const OP = 0;
export const THEN = 1;
export const A = 2;
export const B = 3;
export const D = 4;
export const IMM = 5;
export const EA = 6;
export const DISP = 7;
export const PLACE = 8;
export const FORM = 9;
export const CLOCKS = 10;
export const COUNT = 11;
export const RECORD_WORDS = 12;

/** Prefix bits of PLACE. */
export const OPERAND_16 = 1 << 27;
export const ADDRESS_16 = 1 << 28;
export const LOCK = 1 << 29;
export const REP = 1 << 30;
export const REPNE = 1 << 31;

/** FORM bit: the ModRM operand is in memory. */
export const MEMORY = 1 << 8;

export function pageOffset(code: Int32Array, ip: number): number {
  return code[ip + PLACE] & 0xfff;
}

export function length(code: Int32Array, ip: number): number {
  return (code[ip + PLACE] >> 12) & 15;
}

export function row(code: Int32Array, ip: number): number {
  return (code[ip + PLACE] >> 16) & 0x7ff;
}

/** Operand size in bytes, 2 or 4. */
export function operandSize(code: Int32Array, ip: number): number {
  return code[ip + PLACE] & OPERAND_16 ? 2 : 4;
}

export function reg(code: Int32Array, ip: number): number {
  return code[ip + FORM] & 15;
}

export function rm(code: Int32Array, ip: number): number {
  return (code[ip + FORM] >> 4) & 15;
}

export function isMemory(code: Int32Array, ip: number): boolean {
  return (code[ip + FORM] & MEMORY) !== 0;
}

/** Last opcode byte, plus 0x100 behind 0F. */
export function opcode(code: Int32Array, ip: number): number {
  return (code[ip + FORM] >> 12) & 0x1ff;
}

/** The ModRM byte of a row that has one. */
export function modrm(code: Int32Array, ip: number): number {
  const form = code[ip + FORM];
  return ((form >> 15) & 0xc0) | ((form & 7) << 3) | ((form >> 4) & 7);
}

/** Segment register of the ModRM, moffs or string-source operand. */
export function segment(code: Int32Array, ip: number): number {
  return (code[ip + EA] >> 20) & 7;
}
