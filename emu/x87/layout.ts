// The x87 block: every word the x87 unit keeps or computes with, as offsets into one Int32Array.
//
//   0        16                48       52      56        128               256
//   | state  | R0 R1 ... R7    | MEM    | flags | scratch | block transfer  |
//   |<-- state, declared once: snapshots copy exactly this -->|<-- dead between instructions -->|
//
// A register or operand slot is four words, the FXSAVE layout, so that a significand is one aligned 64-bit load:
//
//   +0 significand 31..0   +1 significand 63..32   +2 sign (bit 15) and biased exponent (14..0)   +3 zero

/** Control word as FNSTCW reads it (SDM 1 §8.1.5). */
export const X87_CONTROL = 0;
/** Status word without TOP, ES and B, which are derived (SDM 1 §8.1.3). */
export const X87_STATUS = 1;
/** Physical number (0..7) of ST(0). */
export const X87_TOP = 2;
/** Bit p is set while physical register p is not empty: the tag word in the form FXSAVE stores. */
export const X87_FULL = 3;
/** Offset of the last non-control x87 instruction. */
export const X87_FIP = 4;
/** Code selector of the last non-control x87 instruction. */
export const X87_FCS = 5;
/** Last opcode, 11 bits: low three bits of the escape byte, then ModRM. */
export const X87_FOP = 6;
/** Offset of the last memory operand. */
export const X87_FDP = 7;
/** Selector of the last memory operand. */
export const X87_FDS = 8;
/** Physical registers R0..R7, four words each. */
export const X87_REGISTERS = 16;
/** Words of architectural state at the start of the block. */
export const X87_STATE_WORDS = 48;

/** Memory operand of the current instruction: up to 80 bits in or out; 16- and 32-bit operands use the first word. */
export const X87_MEM = 48;
/** EFLAGS in (FCMOVcc) or the CF, PF and ZF out (FCOMI), at their EFLAGS positions. */
export const X87_EFLAGS = 52;
/** Operands after normalisation: the exponent word holds a plain, possibly negative, biased exponent. */
export const X87_A = 56;
export const X87_B = 60;
/** A result before rounding: sign (0 or 0x8000), biased exponent, significand, 32 bits below it (bit 0 sticky). */
export const X87_R_SIGN = 64;
export const X87_R_EXP = 65;
export const X87_R_HI = 66;
export const X87_R_LO = 67;
export const X87_R_EXT = 68;
/** Second result of the instructions that push one (FXTRACT, FSINCOS, FPTAN). */
export const X87_SECOND = 72;
/** A memory operand converted to extended precision. */
export const X87_OPERAND = 76;
/** Images of FSAVE, FSTENV and FXSAVE on their way from or to memory. */
export const X87_BLOCK = 128;
/** Words of the image buffer. */
export const X87_BLOCK_WORDS = 128;
/** Length of the whole x87 block in words. */
export const X87_WORDS = 256;

/** Offsets within a slot. */
export const LO = 0;
export const HI = 1;
export const SE = 2;

/** Exception flags of the status word and, at the same positions, masks of the control word. */
export const IE = 0x01;
export const DE = 0x02;
export const ZE = 0x04;
export const OE = 0x08;
export const UE = 0x10;
export const PE = 0x20;
/** Exceptions that, unmasked, leave the destination unchanged. */
export const PRECOMPUTATION = IE | DE | ZE;
/** All six exceptions. */
export const EXCEPTIONS = 0x3f;
/** Stack fault, error summary, condition codes and busy bits of the status word. */
export const SF = 0x40;
export const ES = 0x80;
export const C0 = 0x100;
export const C1 = 0x200;
export const C2 = 0x400;
export const C3 = 0x4000;
export const BUSY = 0x8000;

/** Rounding control, bits 11..10 of the control word. */
export const RC_NEAREST = 0;
export const RC_DOWN = 1;
export const RC_UP = 2;
export const RC_ZERO = 3;
/** PC = 64 bits and RC = nearest: the setting that the fast paths serve. */
export const ROUNDING_FIELDS = 0xf00;
export const ROUNDING_DEFAULT = 0x300;
/** Control word after FNINIT. */
export const CONTROL_INIT = 0x37f;

/** Exponent bias, and the adjustment of an unmasked overflow or underflow result (SDM 1 §8.5.4, §8.5.5). */
export const BIAS = 0x3fff;
export const BIAS_ADJUST = 24576;
