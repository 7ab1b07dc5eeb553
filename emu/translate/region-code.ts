/**
 * A region as the body of one WebAssembly function.
 *
 * ```
 *  load registers
 *  loop                                     transfers backwards, and returns, come here with ENTRY set
 *    block block ... br_table ENTRY end     block n of the region begins behind the n-th end: transfers forwards leave
 *      code of block 0                      so many blocks
 *    end
 *      code of block 1 ...
 *  end
 *  store registers; call the region that TARGET lies in, or return SITE
 * ```
 */
import * as O from "../operations.ts";
import * as R from "../record.ts";
import { EIP } from "../state.ts";
import {
  I32,
  I32_ADD,
  I32_AND,
  I32_EQ,
  I32_EQZ,
  I32_LE_S,
  I32_NE,
  I32_SHL,
  I32_SHR_U,
  I32_SUB,
  I32_XOR,
} from "./assembler.ts";
import { comparesOperands, pushCondition } from "./flags.ts";
import { ENTRY, LA, LEFT, PAGE, SITE, SLOT, TALLY, TARGET } from "./locals.ts";
import { writeOperation } from "./operation-code.ts";
import { type Block, lastOperation, ownClocks, type Region } from "./region.ts";
import { IMPORTS, MAIL_LEFT, MAIL_PAGE, MAIL_TALLY, type Surroundings, tagOf } from "./sites.ts";
import { RegionWriter } from "./writer.ts";

const ALU_SETS_ALL = [O.ADD, O.OR, O.AND, O.SUB, O.XOR, O.CMP];
/** Operations that set every status flag whatever it was and cannot leave; those that neither read nor set them. */
const setsAllFlags = new Set([
  ...ALU_SETS_ALL.map((n) => O.ALU32 + n),
  ...ALU_SETS_ALL.map((n) => O.ALU8 + n),
  ...[O.TEST32, O.TEST8, O.NEG32],
]);
const ignoresFlags = new Set([
  ...[O.QUIET_ADD, O.QUIET_OR, O.QUIET_AND, O.QUIET_SUB, O.QUIET_XOR, O.QUIET_SHL, O.QUIET_SHR, O.QUIET_SAR],
  ...[O.QUIET_ROL, O.QUIET_ROR, O.QUIET_IMUL, O.MOV32, O.LEA32, O.NOT32, O.XCHG32, O.NOP, O.CDQ],
]);

export class RegionCode extends RegionWriter {
  private readonly region: Region;
  private chainLevel = 0;
  private dispatchLevel = 0;
  /** Index of the block being written. */
  private current = 0;

  constructor(region: Region, around: Surroundings) {
    super(around);
    this.region = region;
    this.emit();
  }

  private emit(): void {
    const { code } = this;
    const { blocks } = this.region;
    this.loadRegisters();
    this.exitLevel = this.open();
    this.chainLevel = this.open();
    code.loop();
    this.dispatchLevel = ++this.level;
    for (let i = 0; i < blocks.length; i++) this.open();
    code.get(ENTRY).brTable([...blocks.keys(), 0]);
    for (const [index, block] of blocks.entries()) {
      this.close();
      this.current = index;
      this.emitBlock(block);
    }
    // No block runs on into this: the last one ends with a transfer or leaves.
    this.close();
    this.close();
    // The chain: TARGET lies in the region that LA tags.
    if (this.around.tailCalls) {
      this.storeRegisters();
      code.get(LA).const(0xff).op(I32_AND).get(TARGET).const(~0xfff).op(I32_AND).get(LEFT).get(TALLY);
      code.get(LA).const(9).op(I32_SHR_U).returnCallIndirect(IMPORTS.length);
    } else {
      this.storeState(EIP, TARGET);
      this.exitTallied({ kind: "chain", ip: -1, offset: 0, size: 0 });
    }
    this.close();
    this.storeRegisters();
    code.const(this.around.mail).get(LEFT).store(MAIL_LEFT);
    code.const(this.around.mail).get(PAGE).store(MAIL_PAGE);
    code.const(this.around.mail).get(TALLY).store(MAIL_TALLY, 8);
    code.get(SITE);
  }

  private emitBlock(block: Block): void {
    this.carries = "known";
    this.count = 0;
    this.clocks = 0;
    this.reads = 0;
    this.writes = 0;
    for (let ip = block.first; ip < block.end; ip += R.RECORD_WORDS) {
      this.ip = ip;
      writeOperation(this, this.around.operations.first(ip));
      this.count++;
      this.clocks += ownClocks(this.records, ip);
    }
    switch (block.ending) {
      case "transfer": {
        const last = block.end - R.RECORD_WORDS;
        this.emitTransfer(lastOperation(this.around.operations, last), last);
        break;
      }
      case "fall":
      case "leave":
        this.settle();
        this.tally(this.count, this.clocks);
        this.goTo(block.fallsTo);
        break;
      case "single":
        this.exit({ kind: "single", ip: -1, offset: block.fallsTo, size: 0 });
    }
  }

  /** Goes on with the block at a page offset, or leaves; the clocks are checked where the page ends. */
  private goTo(offset: number): void {
    const index = this.region.byOffset.get(offset);
    if (index === undefined) {
      this.code.get(PAGE).const(offset).op(I32_ADD).set(TARGET);
      this.open();
      if (offset === 4096) this.code.get(LEFT).const(0).op(I32_LE_S).brIf(0);
      this.enterTarget();
      this.close();
      this.exitTallied({ kind: "leave", ip: -1, offset, size: 0 });
    } else if (index > this.current) {
      // Behind the end of the block that ends where the other begins.
      this.br(this.dispatchLevel + this.region.blocks.length - index);
    } else {
      this.code.const(index).set(ENTRY);
      this.br(this.dispatchLevel);
    }
  }

  /** A taken transfer to a page offset: the block is tallied; leaves if the clocks are used up. */
  private transferNear(offset: number): void {
    const { code } = this;
    const index = this.region.byOffset.get(offset);
    if (index === undefined) {
      code.get(PAGE).const(offset).op(I32_ADD).set(TARGET);
      this.transferFar();
      return;
    }
    code.get(LEFT).const(0).op(I32_LE_S);
    this.if();
    code.get(PAGE).const(offset).op(I32_ADD).set(TARGET);
    this.exitTransfer();
    this.close();
    this.goTo(offset);
  }

  /** A transfer to the address in TARGET, which may lie in this region or another one; the block is tallied. */
  private transferFar(): void {
    this.open();
    this.code.get(LEFT).const(0).op(I32_LE_S).brIf(0);
    this.enterTarget();
    this.close();
    this.exitTransfer();
  }

  /** Goes on at TARGET if a region begins there; else behind the block that is open here. */
  private enterTarget(): void {
    const { code, around } = this;
    const out = this.level;
    code.get(TARGET).get(PAGE).op(I32_XOR).const(12).op(I32_SHR_U);
    this.if(I32);
    // Another page: what is in the fetch slot may be executed, and needs no other look.
    code
      .get(TARGET)
      .const(9)
      .op(I32_SHR_U)
      .const(around.fetchMask << 3)
      .op(I32_AND)
      .tee(SLOT)
      .load(around.fetchSlots);
    code
      .get(TARGET)
      .const(12)
      .op(I32_SHR_U, I32_NE)
      .brIf(this.level - out);
    code
      .get(SLOT)
      .load(around.fetchSlots + 4)
      .get(TARGET)
      .op(I32_ADD)
      .const(around.ramBase)
      .op(I32_SUB);
    code
      .const(12)
      .op(I32_SHR_U)
      .const(2)
      .op(I32_SHL)
      .load(around.frames)
      .tee(LA)
      .op(I32_EQZ)
      .brIf(this.level - out);
    code.get(LA).const(2).op(I32_SHL);
    code.else().const(around.table * 4);
    this.close();
    code.get(TARGET).const(0xfff).op(I32_AND).const(2).op(I32_SHL, I32_ADD).load(0).const(2).op(I32_SHL).tee(LA);
    code
      .load(R.OP * 4)
      .const(O.ENTER_REGION)
      .op(I32_NE)
      .brIf(this.level - out);
    code
      .get(LA)
      .load(R.THEN * 4)
      .tee(LA)
      .const(8)
      .op(I32_SHR_U);
    code.const(tagOf(around.number, around.user, 0) >> 8).op(I32_EQ);
    this.if();
    // The target's page may be another one that maps the same frame.
    code.get(TARGET).const(~0xfff).op(I32_AND).set(PAGE);
    code.get(LA).const(0xff).op(I32_AND).set(ENTRY);
    this.br(this.dispatchLevel);
    this.close();
    code
      .get(LA)
      .const(1 << 8)
      .op(I32_AND)
      .const(around.user << 8)
      .op(I32_NE)
      .brIf(this.level - out);
    this.br(this.chainLevel);
  }

  private emitTransfer(op: number, ip: number): void {
    const { records, code } = this;
    const behind = R.pageOffset(records, ip) + R.length(records, ip);
    if (op >= O.JCC_NEAR || op === O.JCC) {
      const cc = op === O.JCC ? R.opcode(records, ip) & 15 : op - O.JCC_NEAR;
      const before = this.carries;
      if (op === O.JCC || this.readsFlags(records[ip + R.IMM]) || this.readsFlags(behind)) this.settle();
      this.tally(this.count, this.clocks);
      pushCondition(code, cc, comparesOperands(cc, before) ? before : this.carries);
      this.if();
      if (op === O.JCC) {
        code
          .get(PAGE)
          .const(behind + records[ip + R.IMM])
          .op(I32_ADD)
          .set(TARGET);
        this.transferFar();
      } else {
        this.transferNear(records[ip + R.IMM]);
      }
      this.close();
      this.goTo(behind);
      return;
    }
    this.settle();
    this.tally(this.count, this.clocks);
    switch (op) {
      case O.JMP_NEAR:
      case O.CALL_NEAR:
        this.transferNear(records[ip + R.IMM]);
        break;
      case O.JMP:
      case O.CALL:
        // Always to another page: within the page they are JMP_NEAR and CALL_NEAR.
        code
          .get(PAGE)
          .const(behind + records[ip + R.IMM])
          .op(I32_ADD)
          .set(TARGET);
        this.transferFar();
        break;
      case O.HANDLER:
        // A conditional transfer that was not taken: a taken one has left.
        this.goTo(behind);
        break;
      default:
        this.transferFar();
    }
  }

  /** May anybody see the flags with which the block at this page offset is entered? */
  private readsFlags(offset: number): boolean {
    const index = this.region.byOffset.get(offset);
    if (index === undefined) return true;
    const { first, end } = this.region.blocks[index];
    for (let ip = first; ip < end; ip += R.RECORD_WORDS) {
      const op = this.around.operations.first(ip);
      if (setsAllFlags.has(op)) return false;
      if (!ignoresFlags.has(op)) return true;
    }
    return true;
  }
}
