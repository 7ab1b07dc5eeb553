/**
 * What the decoder finds out about one instruction. One object is filled again and again: nothing here is allocated per
 * instruction, every field is a small integer, an int32 or a boolean.
 */

/** Outcomes of `decode`. */
export const OK = 0;
/** The instruction continues past the available bytes and is at most 15 bytes long so far: fetch the next page. */
export const NEED_MORE = 1;
/** Undefined opcode, invalid register or memory form, or LOCK where it is not allowed: #UD. */
export const INVALID = 2;
/** Longer than 15 bytes: #GP(0) (SDM 2A 2.3.11). */
export const TOO_LONG = 3;

export type Status = typeof OK | typeof NEED_MORE | typeof INVALID | typeof TOO_LONG;

/** No base, no index, no override. */
export const NONE = -1;

/** One decoded instruction. Valid after `decode` returned OK; after another status only `length` may be looked at. */
export class Decoded {
  /** Index into the instruction table `rows`. */
  row = 0;
  /** Bytes of the whole instruction, 1..15; after NEED_MORE, INVALID and TOO_LONG the bytes looked at so far. */
  length = 0;
  /** Last opcode byte, plus 0x100 behind 0F. Its low four bits are the condition of Jcc, SETcc and CMOVcc. */
  opcode = 0;
  /** Operand size attribute in bytes: 2 or 4. */
  operandSize = 4;
  /** Address size attribute in bytes: 2 or 4. */
  addressSize = 4;
  /** Segment override prefix: NONE or ES..GS; the last one counts. */
  override = NONE;
  /**
   * Segment of the memory operand (ModRM, moffs, XLAT, source of a string instruction): the override if there is one,
   * else SS if the base is EBP, ESP or BP, else DS. Stack accesses and ES:EDI never depend on it.
   */
  segment = 3;
  /** Last repeat prefix: 0, 0xF2 or 0xF3, whether the row uses it or not. */
  rep = 0;
  /** A LOCK prefix is present (and allowed: otherwise the status is INVALID). */
  lock = false;
  /** Has an explicit memory operand: ModRM with mod != 3, or moffs. */
  memory = false;
  /** The ModRM byte, or 0 if the row has none. */
  modrm = 0;
  mod = 0;
  /** ModRM.reg: a register or the /digit. Without ModRM the register in the low three opcode bits (40+r, B0+r ...). */
  reg = 0;
  /** ModRM.rm: the register operand if mod = 3. For x87 the i of ST(i). Without ModRM equal to `reg`. */
  rm = 0;
  /** Base register of the memory operand, or NONE. With 16-bit addressing BX or BP, or SI or DI if alone. */
  base = NONE;
  /** Index register of the memory operand, or NONE. */
  index = NONE;
  /** Scale as a shift count, 0..3; may be nonzero without an index. */
  scale = 0;
  /**
   * Displacement or moffs as int32: 8 and 16 bit ones sign-extended, a 16-bit moffs zero-extended. With addressSize 2 the
   * effective address is the sum modulo 2^16.
   */
  disp = 0;
  /**
   * Immediate as int32. Ib and Iw zero-extended; Ibs (sign-extended byte) and branch displacements sign-extended;
   * Iv as int32, with operandSize 2 zero-extended; of a far pointer the offset; 1 for shifts by the constant 1.
   */
  imm = 0;
  /** Second immediate: nesting level of ENTER, selector of a far pointer; else 0. */
  imm2 = 0;
}
