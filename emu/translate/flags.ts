/**
 * Arithmetic flags in translated code. FR holds what FLAG_RESULT would at any time; the carries (FLAG_CARRY) are only computed
 * where they are read, from the operands of the instruction that set them last, which FA and FB hold. What is known of them is a
 * fact of the translator, per point of the code, and is settled at the borders of blocks.
 */
import {
  type Code,
  I32_ADD,
  I32_AND,
  I32_EQ,
  I32_EQZ,
  I32_GE_S,
  I32_GE_U,
  I32_GT_S,
  I32_GT_U,
  I32_LE_S,
  I32_LE_U,
  I32_LT_S,
  I32_LT_U,
  I32_NE,
  I32_OR,
  I32_POPCNT,
  I32_SHL,
  I32_SHR_S,
  I32_SHR_U,
  I32_XOR,
} from "./assembler.ts";
import { FA, FB, FC, FR } from "./locals.ts";

/** Bits of a carry vector that FLAG_CARRY keeps, and those of a byte operation, whose operands stand in the top byte. */
const CARRIES = 0xc0000008 | 0;
const TOP_CARRIES = 0xc0000000 | 0;
const AF = 8;

/** Where the carries are: in FC, or to be computed; "logic" ones are 0. Byte operands stand in the top bytes of FA and FB. */
export type Carries = "known" | "add" | "sub" | "add8" | "sub8" | "logic";

/** Computes the carries into FC. */
export function settleCarries(code: Code, carries: Carries): void {
  if (carries === "known") return;
  if (carries === "logic") {
    code.const(0).set(FC);
    return;
  }
  const byte = carries === "add8" || carries === "sub8";
  const result = (): Code => (byte ? code.get(FR).const(24).op(I32_SHL) : code.get(FR));
  if (carries === "add" || carries === "add8") {
    // (a & b) | ((a | b) & ~r)
    code.get(FA).get(FB).op(I32_AND).get(FA).get(FB).op(I32_OR);
    result().const(-1).op(I32_XOR, I32_AND, I32_OR);
  } else {
    // (~a & b) | ((~a | b) & r)
    code.get(FA).const(-1).op(I32_XOR).get(FB).op(I32_AND).get(FA).const(-1).op(I32_XOR).get(FB).op(I32_OR);
    result().op(I32_AND, I32_OR);
  }
  if (!byte) {
    code.const(CARRIES).op(I32_AND).set(FC);
    return;
  }
  code.tee(FC).const(TOP_CARRIES).op(I32_AND).get(FC).const(24).op(I32_SHR_U).const(AF).op(I32_AND, I32_OR).set(FC);
}

const SIGNED_OVER = 0;
const CARRY = 2;
const ZERO = 4;
const BELOW_OR_ZERO = 6;
const SIGN = 8;
const PARITY = 10;
const LESS = 12;
const LESS_OR_ZERO = 14;

/** Comparisons of FA with FB that conditions become behind a subtraction; by condition code. */
const compared: Readonly<Record<number, number>> = {
  [CARRY]: I32_LT_U,
  [CARRY + 1]: I32_GE_U,
  [ZERO]: I32_EQ,
  [ZERO + 1]: I32_NE,
  [BELOW_OR_ZERO]: I32_LE_U,
  [BELOW_OR_ZERO + 1]: I32_GT_U,
  [LESS]: I32_LT_S,
  [LESS + 1]: I32_GE_S,
  [LESS_OR_ZERO]: I32_LE_S,
  [LESS_OR_ZERO + 1]: I32_GT_S,
};

/** Comparisons of FR with 0 that conditions become behind a logical operation. */
const tested: Readonly<Record<number, number>> = {
  [ZERO]: I32_EQ,
  [ZERO + 1]: I32_NE,
  [BELOW_OR_ZERO]: I32_EQ,
  [BELOW_OR_ZERO + 1]: I32_NE,
  [SIGN]: I32_LT_S,
  [SIGN + 1]: I32_GE_S,
  [LESS]: I32_LT_S,
  [LESS + 1]: I32_GE_S,
  [LESS_OR_ZERO]: I32_LE_S,
  [LESS_OR_ZERO + 1]: I32_GT_S,
};

/** Is the condition a comparison of what FA and FB, or FR, hold? */
export function comparesOperands(cc: number, carries: Carries): boolean {
  if (carries === "sub" || carries === "sub8") return compared[cc] !== undefined;
  return carries === "logic" && tested[cc] !== undefined;
}

/**
 * Pushes 1 if the condition holds (SDM 1 appendix B), else 0 (any other value than 0 may stand for 1).
 *
 * @returns what is known of the carries afterwards
 */
export function pushCondition(code: Code, cc: number, carries: Carries): Carries {
  if (comparesOperands(cc, carries)) {
    if (carries === "logic") code.get(FR).const(0).op(tested[cc]);
    else code.get(FA).get(FB).op(compared[cc]);
    return carries;
  }
  const even = cc & 14;
  if (even === ZERO) {
    code.get(FR);
    if (cc === ZERO) code.op(I32_EQZ);
    return carries;
  }
  if (even === SIGN && carries !== "known") {
    code
      .get(FR)
      .const(0)
      .op(cc === SIGN ? I32_LT_S : I32_GE_S);
    return carries;
  }
  settleCarries(code, carries);
  pushGeneric(code, even);
  if ((cc & 1) !== 0) code.op(I32_EQZ);
  return "known";
}

function pushGeneric(code: Code, even: number): void {
  switch (even) {
    case SIGNED_OVER:
      code.get(FC).get(FC).const(1).op(I32_SHL, I32_XOR).const(31).op(I32_SHR_U);
      break;
    case CARRY:
      code.get(FC).const(31).op(I32_SHR_U);
      break;
    case BELOW_OR_ZERO:
      code.get(FC).const(31).op(I32_SHR_U).get(FR).op(I32_EQZ, I32_OR);
      break;
    case SIGN:
      code.get(FR).get(FC).const(31).op(I32_SHL, I32_XOR).const(31).op(I32_SHR_U);
      break;
    case PARITY:
      code
        .get(FR)
        .get(FC)
        .const(8)
        .op(I32_SHR_S, I32_XOR)
        .const(0xff)
        .op(I32_AND, I32_POPCNT)
        .const(1)
        .op(I32_AND, I32_EQZ);
      break;
    case LESS:
      pushLess(code);
      break;
    default:
      pushLess(code);
      code.get(FR).op(I32_EQZ, I32_OR);
  }
}

/** SF != OF. */
function pushLess(code: Code): void {
  code.get(FR).get(FC).const(31).op(I32_SHL, I32_XOR).get(FC).op(I32_XOR);
  code.get(FC).const(1).op(I32_SHL, I32_XOR).const(31).op(I32_SHR_U);
}

/** CF as 0 or 1; the carries must be known. */
export function pushCarry(code: Code): void {
  code.get(FC).const(31).op(I32_SHR_U);
}

/** Leaves on the stack (FC & mask) + what `push` pushes; for instructions that keep some carries. */
export function replaceCarries(code: Code, keep: number, push: () => void): void {
  code.get(FC).const(keep).op(I32_AND);
  push();
  code.op(I32_ADD).set(FC);
}
