/** Locals of a translated region. Parameters come first. */

import { I32, I64 } from "./assembler.ts";

/** Index of the block to begin with; later of the one to go on with. */
export const ENTRY = 0;
/** Linear address of the code page. */
export const PAGE = 1;
/** Clocks until the region must be left at a transfer. */
export const LEFT = 2;
/** Executed so far, at the last block border: instructions | reads << 17 | writes << 34. */
export const TALLY = 3;
export const PARAMETERS = [I32, I32, I32, I64];

/** One of each in TALLY. */
export const READS_SHIFT = 17;
export const WRITES_SHIFT = 34;

/** The general registers, in ModRM order. */
export const GPR = 4;
/** FLAG_RESULT, FLAG_CARRY, and the operands that the carries can be computed from (flags.ts). */
export const FR = 12;
export const FC = 13;
export const FA = 14;
export const FB = 15;
/** Linear address of the current memory operand, and what was read there. */
export const LA = 16;
export const VALUE = 17;
/** What the record's OPERAND word would hold. */
export const OPERAND_LOCAL = 18;
/** Byte offset of the hot slot; later the host offset of memory opened for read-modify-write. */
export const SLOT = 19;
/** Target of a transfer. */
export const TARGET = 20;
/** Where the region was left: index into the sites of all regions. */
export const SITE = 21;
export const LOCALS = Array<number>(18).fill(I32);
