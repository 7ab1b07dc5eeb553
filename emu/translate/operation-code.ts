/** The code of one operation of a record (operations.ts), whose meaning is that of the interpreter's loop. */
import { rows } from "../isa/index.ts";
import * as O from "../operations.ts";
import * as R from "../record.ts";
import { EAX, EBP, EDX, ESP, ZERO } from "../state.ts";
import {
  arithmetic,
  byteArithmetic,
  divide,
  increment,
  modifyMemory,
  multiply,
  multiplyWide,
  quiet,
  shift,
} from "./arithmetic-code.ts";
import {
  I32_ADD,
  I32_AND,
  I32_EQZ,
  I32_EXTEND8_S,
  I32_EXTEND16_S,
  I32_MUL,
  I32_OR,
  I32_ROTL,
  I32_ROTR,
  I32_SHL,
  I32_SHR_S,
  I32_SHR_U,
  I32_SUB,
  I32_WRAP,
  I32_XOR,
  SELECT,
} from "./assembler.ts";
import { pushCondition } from "./flags.ts";
import { FR, GPR, LA, LEFT, PAGE, TALLY, TARGET, VALUE } from "./locals.ts";
import { HANDLE, MAIL_CLOCKS } from "./sites.ts";
import type { RegionWriter } from "./writer.ts";

const HIGH_BYTES = ~0xffff;
/** What the operations whose flags nobody sees are in WebAssembly; counts are taken modulo 32 there as here. */
const quietOpcodes: Readonly<Record<number, number>> = {
  [O.QUIET_ADD]: I32_ADD,
  [O.QUIET_OR]: I32_OR,
  [O.QUIET_AND]: I32_AND,
  [O.QUIET_SUB]: I32_SUB,
  [O.QUIET_XOR]: I32_XOR,
  [O.QUIET_SHL]: I32_SHL,
  [O.QUIET_SHR]: I32_SHR_U,
  [O.QUIET_SAR]: I32_SHR_S,
  [O.QUIET_ROL]: I32_ROTL,
  [O.QUIET_ROR]: I32_ROTR,
  [O.QUIET_IMUL]: I32_MUL,
};

/** Second operations that may have to leave before they have done anything: with their load they are the handler's. */
const leavesWithin = new Set([O.DIV32, O.IDIV32]);

export function writeOperation(w: RegionWriter, op: number): void {
  const { code, records, ip } = w;
  // What would have to leave between its two operations is left to the handler as a whole.
  if (op === O.LOAD32 && leavesWithin.has(w.around.operations.second(ip))) {
    handle(w);
    return;
  }
  if (op >= O.ALU32 && op < O.ALU32 + 8) {
    arithmetic(
      w,
      op - O.ALU32,
      () => w.pushA(),
      () => w.pushB(),
      () => w.setA(),
    );
    return;
  }
  if (op >= O.ALU8 && op < O.ALU8 + 8) {
    byteArithmetic(
      w,
      op - O.ALU8,
      () => w.pushByte(records[ip + R.A]),
      () => w.pushB(),
    );
    if (op !== O.ALU8 + O.CMP) w.setByte(records[ip + R.A], () => code.get(FR));
    return;
  }
  if (quietOpcodes[op] !== undefined) {
    quiet(w, quietOpcodes[op]);
    return;
  }
  if (op >= O.CALL && op < O.JCC_NEAR + 16) {
    prepareTransfer(w, op);
    return;
  }
  switch (op) {
    case O.LOAD32:
    case O.LOAD16:
    case O.LOAD16S:
    case O.LOAD8:
    case O.LOAD8S:
      w.pushAddress().set(LA);
      w.load(op === O.LOAD32 ? 4 : op === O.LOAD16 || op === O.LOAD16S ? 2 : 1, () => {
        code.get(VALUE);
        if (op === O.LOAD8S) code.op(I32_EXTEND8_S);
        if (op === O.LOAD16S) code.op(I32_EXTEND16_S);
        w.setWord(records[ip + R.D]);
        writeSecond(w);
      });
      break;
    case O.TAKE8:
    case O.TAKE8S:
      w.pushByte(records[ip + R.IMM]);
      if (op === O.TAKE8) code.const(0xff).op(I32_AND);
      else code.op(I32_EXTEND8_S);
      w.setWord(records[ip + R.D]);
      writeSecond(w);
      break;
    case O.TAKE16:
    case O.TAKE16S:
      code.get(GPR + (records[ip + R.IMM] >> 1));
      if (op === O.TAKE16) code.const(0xffff).op(I32_AND);
      else code.op(I32_EXTEND16_S);
      w.setWord(records[ip + R.D]);
      writeSecond(w);
      break;
    case O.OPEN32:
    case O.OPEN8:
      w.pushAddress().set(LA);
      modifyMemory(w, w.around.operations.second(ip));
      break;
    case O.STORE32:
    case O.STORE16:
    case O.STORE8:
      w.pushAddress().set(LA);
      w.store(op === O.STORE32 ? 4 : op === O.STORE16 ? 2 : 1, () => w.pushB());
      break;
    case O.PUSH32:
      code
        .get(GPR + ESP)
        .const(4)
        .op(I32_SUB)
        .set(LA);
      w.store(
        4,
        () => w.pushB(),
        () => code.get(LA).set(GPR + ESP),
      );
      break;
    case O.POP32:
      code.get(GPR + ESP).set(LA);
      w.load(4, () => {
        code
          .get(LA)
          .const(4)
          .op(I32_ADD)
          .set(GPR + ESP);
        code.get(VALUE);
        w.setA();
      });
      break;
    case O.LEAVE:
      code.get(GPR + EBP).set(LA);
      w.load(4, () => {
        code
          .get(LA)
          .const(4)
          .op(I32_ADD)
          .set(GPR + ESP);
        code.get(VALUE).set(GPR + EBP);
      });
      break;
    case O.MOV32:
      w.pushB();
      w.setA();
      break;
    case O.MOV16: {
      const local = GPR + (records[ip + R.A] >> 1);
      code.get(local).const(HIGH_BYTES).op(I32_AND);
      w.pushB().const(0xffff).op(I32_AND, I32_OR).set(local);
      break;
    }
    case O.MOV8:
      w.setByte(records[ip + R.A], () => w.pushB());
      break;
    case O.LEA32:
      w.pushAddress();
      w.setA();
      break;
    case O.NOP:
      break;
    case O.CDQ:
      code
        .get(GPR + EAX)
        .const(31)
        .op(I32_SHR_S)
        .set(GPR + EDX);
      break;
    case O.NOT32:
      w.pushA().const(-1).op(I32_XOR);
      w.setA();
      break;
    case O.NEG32:
      arithmetic(
        w,
        O.SUB,
        () => code.const(0),
        () => w.pushA(),
        () => w.setA(),
      );
      break;
    case O.INC32:
    case O.DEC32:
      w.settle();
      w.pushA().set(VALUE);
      increment(w, op === O.INC32 ? "inc" : "dec");
      code.get(FR);
      w.setA();
      break;
    case O.XCHG32:
      w.pushA();
      w.pushB();
      w.setA();
      w.setWord(records[ip + R.B]);
      break;
    case O.CMP32_IMM:
      arithmetic(
        w,
        O.CMP,
        () => w.pushB(),
        () => code.const(records[ip + R.IMM]),
        () => {},
      );
      break;
    case O.CMP32_REVERSED:
      arithmetic(
        w,
        O.CMP,
        () => w.pushB(),
        () => w.pushA(),
        () => {},
      );
      break;
    case O.CMP8_IMM:
      byteArithmetic(
        w,
        O.CMP,
        () => w.pushB(),
        () => code.const(records[ip + R.IMM]),
      );
      break;
    case O.CMP8_REVERSED:
      byteArithmetic(
        w,
        O.CMP,
        () => w.pushB(),
        () => w.pushByte(records[ip + R.A]),
      );
      break;
    case O.TEST32:
      w.pushA();
      w.pushB().op(I32_AND).set(FR);
      w.carries = "logic";
      break;
    case O.TEST32_IMM:
      w.pushB()
        .const(records[ip + R.IMM])
        .op(I32_AND)
        .set(FR);
      w.carries = "logic";
      break;
    case O.TEST8:
      w.pushByte(records[ip + R.A]);
      w.pushB().op(I32_AND, I32_EXTEND8_S).set(FR);
      w.carries = "logic";
      break;
    case O.TEST8_IMM:
      w.pushB()
        .const(records[ip + R.IMM])
        .op(I32_AND, I32_EXTEND8_S)
        .set(FR);
      w.carries = "logic";
      break;
    case O.SETCC:
      w.carries = pushCondition(code, R.opcode(records, ip) & 15, w.carries);
      code.op(I32_EQZ, I32_EQZ).set(VALUE);
      w.setByte(records[ip + R.A], () => code.get(VALUE));
      break;
    case O.CMOVCC:
      w.carries = pushCondition(code, R.opcode(records, ip) & 15, w.carries);
      code.set(VALUE);
      w.pushB();
      w.pushA().get(VALUE).op(SELECT);
      w.setA();
      break;
    case O.SHL32:
    case O.SHR32:
    case O.SAR32:
    case O.ROL32:
    case O.ROR32:
      shift(w, op);
      break;
    case O.IMUL32:
      multiply(
        w,
        () => w.pushA(),
        () => w.pushB(),
      );
      break;
    case O.IMUL32_IMM:
      multiply(
        w,
        () => w.pushB(),
        () => code.const(records[ip + R.IMM]),
      );
      break;
    case O.MUL32:
      multiplyWide(w);
      break;
    case O.DIV32:
      divide(w);
      break;
    default:
      handle(w);
  }
}

/** The second operation behind a load or TAKE. */
function writeSecond(w: RegionWriter): void {
  const then = w.around.operations.second(w.ip);
  if (then !== O.DONE) writeOperation(w, then);
}

/** The part of a transfer before control goes: conditions are left to the end of the block; TARGET holds far targets. */
function prepareTransfer(w: RegionWriter, op: number): void {
  const { code, records, ip } = w;
  const behind = R.pageOffset(records, ip) + R.length(records, ip);
  switch (op) {
    case O.CALL:
    case O.CALL_NEAR:
    case O.CALL_INDIRECT:
      if (op === O.CALL_INDIRECT) w.pushB();
      else
        code
          .get(PAGE)
          .const(op === O.CALL ? behind + records[ip + R.IMM] : records[ip + R.IMM])
          .op(I32_ADD);
      code.set(TARGET);
      code
        .get(GPR + ESP)
        .const(4)
        .op(I32_SUB)
        .set(LA);
      w.store(
        4,
        () => code.get(PAGE).const(behind).op(I32_ADD),
        () => code.get(LA).set(GPR + ESP),
      );
      break;
    case O.RET:
    case O.RET_IMM:
      code.get(GPR + ESP).set(LA);
      w.load(4, () => {
        code.get(VALUE).set(TARGET);
        code
          .get(LA)
          .const(op === O.RET ? 4 : 4 + records[ip + R.IMM])
          .op(I32_ADD)
          .set(GPR + ESP);
      });
      break;
    case O.JMP_INDIRECT:
      w.pushB().set(TARGET);
  }
}

/**
 * The interpreter's handler executes the instruction, on the state in memory. Most of the x87's look at no more of it than their
 * address, and change nothing that is in locals.
 */
export function handle(w: RegionWriter): void {
  const { code, records, ip } = w;
  const x87 = isPlainX87(records, ip);
  if (x87) {
    const ea = records[ip + R.EA];
    for (const register of [ea & 15, (ea >> 8) & 15]) {
      if (register < ZERO) w.storeState(register, GPR + register);
    }
  } else {
    w.settle();
    w.storeRegisters();
  }
  const site = w.newSite(w.siteHere("handler"));
  code.const(site).get(PAGE).get(TALLY).op(I32_WRAP).get(LEFT).call(HANDLE).set(VALUE);
  if (!x87) w.loadRegisters();
  code
    .get(LEFT)
    .const(0)
    .load(w.around.mail + MAIL_CLOCKS)
    .op(I32_SUB)
    .set(LEFT);
  code.get(VALUE);
  w.if();
  w.leaveAt(site);
  w.close();
}

/** An x87 instruction that neither reads nor writes EAX or the flags. */
function isPlainX87(records: Int32Array, ip: number): boolean {
  const opcode = R.opcode(records, ip);
  if (opcode < 0xd8 || opcode > 0xdf) return false;
  const { mnemonic, key } = rows[R.row(records, ip)];
  return !/^(FCMOV|FCOMI|FUCOMI)/.test(mnemonic) && !/AX/.test(key);
}
