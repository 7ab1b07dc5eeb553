/**
 * The numbers that the interpreter's loop dispatches on (hot.ts assigns them to instructions).
 */

/** The eight operations of opcodes 00..3F and group 1, by bits 5..3 of the opcode (SDM 2D table A-6). */
export const ADD = 0;
export const OR = 1;
export const ADC = 2;
export const SBB = 3;
export const AND = 4;
export const SUB = 5;
export const XOR = 6;
export const CMP = 7;

/** Call the row's handler. */
export const HANDLER = 0;
/** The block ends; the next instruction is at page offset IMM, 4096 for the next page. */
export const BLOCK_END = 1;
/** Leave the loop and execute one instruction by itself: it crosses the page or does not decode. */
export const STEP = 2;
/** As the second operation of a load: nothing is left to do. */
export const DONE = 3;

/** ADD … CMP of the word at B into the word at A; the low three bits are the group-1 operation. */
export const ALU32 = 8;
/** Likewise into memory opened by OPEN32. */
export const ALU32_MEM = 16;
/** Of the low byte of the word at B into byte register A. */
export const ALU8 = 24;
/** Likewise into memory opened by OPEN8. */
export const ALU8_MEM = 32;

/** Loads put what they read into the word at D and go on with the second operation. */
export const LOAD32 = 40;
export const LOAD8 = 41;
export const LOAD8S = 42;
export const LOAD16 = 43;
export const LOAD16S = 44;
/** The same from a byte or half-word register, index in IMM. */
export const TAKE8 = 45;
export const TAKE8S = 46;
export const TAKE16 = 47;
export const TAKE16S = 48;
/** Open memory for read-modify-write, then the second operation. */
export const OPEN32 = 49;
export const OPEN8 = 50;

export const TEST32 = 51;
export const TEST8 = 52;
export const MOV32 = 53;
export const MOV16 = 54;
export const MOV8 = 55;
export const LEA32 = 56;
export const STORE32 = 57;
export const STORE16 = 58;
export const STORE8 = 59;
export const INC32 = 60;
export const DEC32 = 61;
export const INC32_MEM = 62;
export const DEC32_MEM = 63;
export const NEG32 = 64;
export const NOT32 = 65;
export const SHL32 = 66;
export const SHR32 = 67;
export const SAR32 = 68;
export const ROL32 = 69;
export const ROR32 = 70;
export const IMUL32 = 71;
/** The word at A becomes the word at B times IMM. */
export const IMUL32_IMM = 72;
export const MUL32 = 73;
export const DIV32 = 74;
export const IDIV32 = 75;
export const CDQ = 76;
export const PUSH32 = 77;
export const POP32 = 78;
export const LEAVE = 79;
export const SETCC = 80;
export const CMOVCC = 81;
export const XCHG32 = 82;
export const NOP = 83;
/** Compare the word at B with IMM, or its low byte with IMM's. */
export const CMP32_IMM = 84;
export const CMP8_IMM = 85;
export const TEST32_IMM = 86;
export const TEST8_IMM = 87;
/** Compare the word at B with the word at A, the low byte at B with byte register A. */
export const CMP32_REVERSED = 88;
export const CMP8_REVERSED = 89;

export const CALL = 90;
export const CALL_NEAR = 91;
export const CALL_INDIRECT = 92;
export const JMP = 93;
export const JMP_NEAR = 94;
export const JMP_INDIRECT = 95;
export const RET = 96;
export const RET_IMM = 97;
/** Jcc to another page; the condition is in the opcode. */
export const JCC = 98;
/** Jcc within the page, one operation per condition. */
export const JCC_NEAR = 100;

/** The same operations where nothing reads the flags they would set (see `quieten` in hot.ts). */
export const QUIET_ADD = 116;
export const QUIET_OR = 117;
export const QUIET_AND = 118;
export const QUIET_SUB = 119;
export const QUIET_XOR = 120;
export const QUIET_SHL = 121;
export const QUIET_SHR = 122;
export const QUIET_SAR = 123;
export const QUIET_ROL = 124;
export const QUIET_ROR = 125;
export const QUIET_IMUL = 126;

/** Leave the loop: translated code goes on from here (translate/). It stands in the place of another operation. */
export const ENTER_REGION = 127;
