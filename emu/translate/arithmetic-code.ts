/** Arithmetic of records in translated code; the flags are those of alu.ts, shift.ts and multiply.ts. */
import * as O from "../operations.ts";
import * as R from "../record.ts";
import { EAX, EDX } from "../state.ts";
import {
  type Code,
  I32_ADD,
  I32_AND,
  I32_EQ,
  I32_EXTEND8_S,
  I32_GE_U,
  I32_MUL,
  I32_NE,
  I32_OR,
  I32_ROTL,
  I32_ROTR,
  I32_SHL,
  I32_SHR_S,
  I32_SHR_U,
  I32_SUB,
  I32_WRAP,
  I32_XOR,
  I64_DIV_U,
  I64_EXTEND_S,
  I64_EXTEND_U,
  I64_MUL,
  I64_NE,
  I64_OR,
  I64_REM_U,
  I64_SHL,
  I64_SHR_U,
} from "./assembler.ts";
import { pushCarry, replaceCarries, settleCarries } from "./flags.ts";
import { FA, FB, FC, FR, GPR, LA, SLOT, TARGET, VALUE } from "./locals.ts";
import type { RegionWriter } from "./writer.ts";

export function quiet(w: RegionWriter, opcode: number): void {
  w.pushA();
  w.pushB().op(opcode);
  w.setA();
}

/** One of the eight operations on words. */
export function arithmetic(w: RegionWriter, operation: number, a: () => void, b: () => void, set: () => void): void {
  const { code } = w;
  switch (operation) {
    case O.OR:
    case O.AND:
    case O.XOR:
      a();
      b();
      code.op(operation === O.OR ? I32_OR : operation === O.AND ? I32_AND : I32_XOR).tee(FR);
      set();
      w.carries = "logic";
      return;
    case O.ADC:
    case O.SBB:
      w.settle();
      a();
      b();
      code.set(FB).set(FA);
      code
        .get(FA)
        .get(FB)
        .op(operation === O.ADC ? I32_ADD : I32_SUB);
      pushCarry(code);
      code.op(operation === O.ADC ? I32_ADD : I32_SUB).tee(FR);
      set();
      // The carries' formulas hold with a carry in, too; but conditions are no comparison of the operands.
      settleCarries(code, operation === O.ADC ? "add" : "sub");
      w.carries = "known";
      return;
    default:
      a();
      b();
      code
        .set(FB)
        .tee(FA)
        .get(FB)
        .op(operation === O.ADD ? I32_ADD : I32_SUB);
      if (operation === O.CMP) code.set(FR);
      else {
        code.tee(FR);
        set();
      }
      w.carries = operation === O.ADD ? "add" : "sub";
  }
}

/** One of the eight operations on bytes, garbage above them; the result is in FR. */
export function byteArithmetic(w: RegionWriter, operation: number, a: () => void, b: () => void): void {
  const { code } = w;
  switch (operation) {
    case O.OR:
    case O.AND:
    case O.XOR:
      a();
      b();
      code
        .op(operation === O.OR ? I32_OR : operation === O.AND ? I32_AND : I32_XOR)
        .op(I32_EXTEND8_S)
        .set(FR);
      w.carries = "logic";
      return;
    case O.ADC:
    case O.SBB: {
      w.settle();
      a();
      b();
      code.const(24).op(I32_SHL).set(FB).const(24).op(I32_SHL).set(FA);
      const opcode = operation === O.ADC ? I32_ADD : I32_SUB;
      code.get(FA).get(FB).op(opcode);
      pushCarry(code);
      code.const(24).op(I32_SHL, opcode).const(24).op(I32_SHR_S).set(FR);
      settleCarries(code, operation === O.ADC ? "add8" : "sub8");
      w.carries = "known";
      return;
    }
    default:
      a();
      b();
      code.const(24).op(I32_SHL).set(FB).const(24).op(I32_SHL).tee(FA);
      code
        .get(FB)
        .op(operation === O.ADD ? I32_ADD : I32_SUB)
        .const(24)
        .op(I32_SHR_S)
        .set(FR);
      w.carries = operation === O.ADD ? "add8" : "sub8";
  }
}

/** FR = VALUE plus or minus 1, CF unchanged; the carries must be known, and are. */
export function increment(w: RegionWriter, which: "inc" | "dec"): void {
  const { code } = w;
  code
    .get(VALUE)
    .const(1)
    .op(which === "inc" ? I32_ADD : I32_SUB)
    .set(FR);
  // cf | (cf >>> 1 ^ overflow << 30) | the carry out of bit 3
  code
    .get(FC)
    .const(0x80000000 | 0)
    .op(I32_AND)
    .tee(FC)
    .get(FC)
    .const(1)
    .op(I32_SHR_U);
  code
    .get(FR)
    .const(which === "inc" ? 0x80000000 | 0 : 0x7fffffff)
    .op(I32_EQ)
    .const(30)
    .op(I32_SHL, I32_XOR, I32_OR);
  if (which === "inc") code.get(VALUE).get(FR).const(-1).op(I32_XOR, I32_AND);
  else code.get(VALUE).const(-1).op(I32_XOR).get(FR).op(I32_AND);
  code.const(8).op(I32_AND, I32_OR).set(FC);
}

export function modifyMemory(w: RegionWriter, op: number): void {
  const { code, records, ip } = w;
  const old = (): Code => code.get(VALUE);
  if (op === O.INC32_MEM || op === O.DEC32_MEM) {
    w.settle();
    w.modify(4, () => {
      increment(w, op === O.INC32_MEM ? "inc" : "dec");
      code.get(FR);
    });
  } else if (op >= O.ALU32_MEM && op < O.ALU32_MEM + 8) {
    if (op === O.ALU32_MEM + O.ADC || op === O.ALU32_MEM + O.SBB) w.settle();
    w.modify(4, () => {
      arithmetic(
        w,
        op - O.ALU32_MEM,
        old,
        () => w.pushB(),
        () => code.set(FR),
      );
      code.get(FR);
    });
  } else {
    if (op === O.ALU8_MEM + O.ADC || op === O.ALU8_MEM + O.SBB) w.settle();
    w.modify(1, () => {
      byteArithmetic(w, op - O.ALU8_MEM, old, () => w.pushWord(records[ip + R.B]));
      code.get(FR);
    });
  }
}

export function shift(w: RegionWriter, op: number): void {
  const { code, records, ip } = w;
  const source = records[ip + R.B];
  if (source === ip + R.IMM) {
    const count = records[source] & 31;
    if (count === 0) return;
    settleFor(w, op);
    w.pushA().set(VALUE);
    shiftBy(
      w,
      op,
      () => code.const(count),
      () => code.const(count - 1),
    );
    return;
  }
  w.settle();
  w.pushA().set(VALUE);
  w.pushB().const(31).op(I32_AND).tee(TARGET);
  w.if();
  shiftBy(
    w,
    op,
    () => code.get(TARGET),
    () => code.get(TARGET).const(1).op(I32_SUB),
  );
  w.close();
}

/** Rotates keep some carries. */
function settleFor(w: RegionWriter, op: number): void {
  if (op === O.ROL32 || op === O.ROR32) w.settle();
}

/** A = VALUE shifted by a count that is not 0; the formulas are those of shift.ts. */
function shiftBy(w: RegionWriter, op: number, count: () => void, countLess1: () => void): void {
  const { code } = w;
  code.get(VALUE);
  count();
  const opcodes = {
    [O.SHL32]: I32_SHL,
    [O.SHR32]: I32_SHR_U,
    [O.SAR32]: I32_SHR_S,
    [O.ROL32]: I32_ROTL,
    [O.ROR32]: I32_ROTR,
  };
  code.op(opcodes[op as keyof typeof opcodes]);
  if (op === O.ROL32 || op === O.ROR32) {
    code.set(VALUE).get(VALUE);
    w.setA();
    replaceCarries(code, 0x3fffffff, () => {
      if (op === O.ROR32)
        code
          .get(VALUE)
          .const(0xc0000000 | 0)
          .op(I32_AND);
      else {
        code.get(VALUE).const(31).op(I32_SHL);
        code.get(VALUE).const(31).op(I32_SHR_U).const(30).op(I32_SHL, I32_OR);
      }
    });
    return;
  }
  code.set(FR);
  // The last bit shifted out, as bit 31; CPO = CF XOR OF.
  code.get(VALUE);
  countLess1();
  if (op === O.SHL32) {
    code
      .op(I32_SHL)
      .const(0xc0000000 | 0)
      .op(I32_AND);
  } else {
    code
      .op(op === O.SHR32 ? I32_SHR_U : I32_SHR_S)
      .const(31)
      .op(I32_SHL)
      .tee(FC);
    code.get(FC).const(1).op(I32_SHR_U);
    if (op === O.SHR32)
      code
        .get(FR)
        .const(1)
        .op(I32_SHR_U)
        .get(FR)
        .op(I32_XOR)
        .const(1 << 30)
        .op(I32_AND, I32_XOR);
    code.op(I32_OR);
  }
  code.const(8).op(I32_OR).set(FC);
  code.get(FR);
  w.setA();
  w.carries = "known";
}

/** A = the low half of a product; CF = OF = the high half is more than its sign. */
export function multiply(w: RegionWriter, a: () => void, b: () => void): void {
  const { code } = w;
  w.settle();
  a();
  code.set(LA);
  b();
  code.set(SLOT);
  code.get(LA).get(SLOT).op(I32_MUL).tee(VALUE);
  w.setA();
  replaceCarries(code, 0x3fffffff, () => {
    code.get(LA).op(I64_EXTEND_S).get(SLOT).op(I64_EXTEND_S, I64_MUL);
    code.get(VALUE).op(I64_EXTEND_S, I64_NE).const(31).op(I32_SHL);
  });
}

/** EDX:EAX = EAX * B. */
export function multiplyWide(w: RegionWriter): void {
  const { code } = w;
  w.settle();
  w.pushB().set(VALUE);
  code
    .get(GPR + EAX)
    .op(I64_EXTEND_U)
    .get(VALUE)
    .op(I64_EXTEND_U, I64_MUL);
  code
    .const(32)
    .op(I64_EXTEND_U, I64_SHR_U, I32_WRAP)
    .set(GPR + EDX);
  code
    .get(GPR + EAX)
    .get(VALUE)
    .op(I32_MUL)
    .set(GPR + EAX);
  replaceCarries(code, 0x3fffffff, () =>
    code
      .get(GPR + EDX)
      .const(0)
      .op(I32_NE)
      .const(31)
      .op(I32_SHL),
  );
}

/** EAX, EDX = EDX:EAX divided by B; what raises #DE is left to be executed alone. */
export function divide(w: RegionWriter): void {
  const { code } = w;
  w.settle();
  w.pushB().set(VALUE);
  code
    .get(GPR + EDX)
    .get(VALUE)
    .op(I32_GE_U);
  w.if();
  w.exit(w.siteHere("single"));
  w.close();
  const dividend = (): Code =>
    code
      .get(GPR + EDX)
      .op(I64_EXTEND_U)
      .const(32)
      .op(I64_EXTEND_U, I64_SHL)
      .get(GPR + EAX)
      .op(I64_EXTEND_U, I64_OR);
  dividend().get(VALUE).op(I64_EXTEND_U, I64_DIV_U, I32_WRAP).set(TARGET);
  dividend()
    .get(VALUE)
    .op(I64_EXTEND_U, I64_REM_U, I32_WRAP)
    .set(GPR + EDX);
  code.get(TARGET).set(GPR + EAX);
  // setQuotientFlags() of multiply.ts: CF and OF stay, AF is set, the rest is clear.
  code
    .const(1)
    .set(FR)
    .get(FC)
    .const(0xc0000000 | 0)
    .op(I32_AND)
    .const(8)
    .op(I32_OR)
    .set(FC);
}
