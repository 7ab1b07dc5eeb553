/**
 * Writes code of a region: constructs, ways out, operands and memory accesses. What it writes and when is the business of
 * region-code.ts and operation-code.ts. A memory access is the compare with the hot slot that the interpreter makes, and a call of
 * the runtime where that fails. Such a call, and every instruction that the interpreter's handler executes, is a site: there
 * the region may be left, and its entry in `sites` says what of its block has been executed by then. When something has displaced
 * the code page or dropped code, the instruction is finished and the region left behind it: what follows a slow access
 * therefore exists twice.
 */
import * as O from "../operations.ts";
import * as R from "../record.ts";
import { EIP, FLAG_CARRY, FLAG_RESULT, OPERAND, ZERO } from "../state.ts";
import {
  Code,
  I32_ADD,
  I32_AND,
  I32_EQ,
  I32_OR,
  I32_SHL,
  I32_SHR_U,
  I32_SUB,
  I32_WRAP,
  I64_ADD,
  I64_EXTEND_S,
  I64_EXTEND_U,
  I64_SHL,
} from "./assembler.ts";
import { type Carries, settleCarries } from "./flags.ts";
import {
  FC,
  FR,
  GPR,
  LA,
  LEFT,
  OPERAND_LOCAL,
  PAGE,
  READS_SHIFT,
  SITE,
  SLOT,
  TALLY,
  TARGET,
  VALUE,
  WRITES_SHIFT,
} from "./locals.ts";
import { lastOperation, ownClocks } from "./region.ts";
import {
  LOAD,
  MAIL_CLOCKS,
  MAIL_SLOW,
  OPEN,
  READ_OPEN,
  type Site,
  type SiteKind,
  SLOW_FAULT,
  STORE,
  type Surroundings,
  WRITE_OPEN,
} from "./sites.ts";

/** A site, but for the sums. */
export type Place = Pick<Site, "kind" | "ip" | "offset" | "size">;

export class RegionWriter {
  readonly code = new Code();
  readonly sites: Site[] = [];
  readonly around: Surroundings;
  readonly records: Int32Array;
  /** Record being written. */
  ip = 0;
  /** What is known of the carries here. */
  carries: Carries = "known";
  /** Constructs open around the code being written, and which of them to leave in order to leave the region. */
  protected level = 0;
  protected exitLevel = 0;
  /** What of the block being written lies behind. */
  protected count = 0;
  protected clocks = 0;
  protected reads = 0;
  protected writes = 0;

  constructor(around: Surroundings) {
    this.around = around;
    this.records = around.code;
  }

  loadRegisters(): void {
    for (let n = 0; n < 8; n++) this.pushState(n).set(GPR + n);
    this.pushState(FLAG_RESULT).set(FR);
    this.pushState(FLAG_CARRY).set(FC);
  }

  storeRegisters(): void {
    for (let n = 0; n < 8; n++) this.storeState(n, GPR + n);
    this.storeState(FLAG_RESULT, FR);
    this.storeState(FLAG_CARRY, FC);
  }

  open(): number {
    this.code.block();
    return ++this.level;
  }

  close(): void {
    this.code.end();
    this.level--;
  }

  if(type?: number): void {
    this.code.if(type);
    this.level++;
  }

  br(level: number): void {
    this.code.br(this.level - level);
  }

  pushState(word: number): Code {
    return this.code.const(0).load((this.around.stateWord + word) * 4);
  }

  storeState(word: number, local: number): void {
    this.code
      .const(0)
      .get(local)
      .store((this.around.stateWord + word) * 4);
  }

  /** Adds what the block has executed. */
  tally(count: number, clocks: number): void {
    const { code } = this;
    const sum =
      BigInt(count) | (BigInt(this.reads) << BigInt(READS_SHIFT)) | (BigInt(this.writes) << BigInt(WRITES_SHIFT));
    code.get(TALLY).const64(sum).op(I64_ADD).set(TALLY);
    code.get(LEFT).const(clocks).op(I32_SUB).set(LEFT);
  }

  settle(): void {
    settleCarries(this.code, this.carries);
    this.carries = "known";
  }

  // Leaving

  /** Leaves at a transfer to the address in TARGET; the block is tallied. */
  exitTransfer(): void {
    this.storeState(EIP, TARGET);
    this.exitTallied({ kind: "transfer", ip: -1, offset: 0, size: 0 });
  }

  exitTallied(site: Place): void {
    const { count, clocks, reads, writes } = this;
    this.count = 0;
    this.clocks = 0;
    this.reads = 0;
    this.writes = 0;
    this.exit(site);
    this.count = count;
    this.clocks = clocks;
    this.reads = reads;
    this.writes = writes;
  }

  /** Leaves the region here; the carries are settled for those who read them, in this place only. */
  exit(site: Place): void {
    this.leaveAt(this.newSite(site));
  }

  leaveAt(site: number): void {
    settleCarries(this.code, this.carries);
    this.code.const(site).set(SITE);
    this.br(this.exitLevel);
  }

  newSite(site: Place): number {
    const { count, clocks, reads, writes } = this;
    return this.around.firstSite + this.sites.push({ ...site, count, clocks, reads, writes }) - 1;
  }

  /** A site of the instruction being written. */
  siteHere(kind: SiteKind, size = 0): Place {
    return { kind, ip: this.ip, offset: R.pageOffset(this.records, this.ip), size };
  }

  /** Behind a call of the runtime for `site`: leaves if the access faulted; else the walk's clocks are taken off. */
  private checkFault(site: number): void {
    const { code } = this;
    const { mail } = this.around;
    code
      .get(LEFT)
      .const(0)
      .load(mail + MAIL_CLOCKS)
      .op(I32_SUB)
      .set(LEFT);
    code
      .const(0)
      .load(mail + MAIL_SLOW)
      .const(SLOW_FAULT)
      .op(I32_EQ);
    this.if();
    this.leaveAt(site);
    this.close();
  }

  /** In the slow branch: if the runtime says so, finishes the instruction by `rest` and leaves behind it. */
  private leaveAfter(rest: () => void): void {
    const { code } = this;
    const { carries, reads, writes } = this;
    code.const(0).load(this.around.mail + MAIL_SLOW);
    this.if();
    rest();
    this.leaveBehind();
    this.close();
    this.carries = carries;
    this.reads = reads;
    this.writes = writes;
  }

  /** Leaves behind the instruction being written, all of which has been executed. */
  private leaveBehind(): void {
    const op = lastOperation(this.around.operations, this.ip);
    const own = ownClocks(this.records, this.ip);
    if (op >= O.CALL && op < O.JCC_NEAR + 16) {
      // A transfer: TARGET holds its target.
      settleCarries(this.code, this.carries);
      this.tally(this.count + 1, this.clocks + own);
      this.exitTransfer();
      return;
    }
    this.count++;
    this.clocks += own;
    this.exit(this.siteHere("after"));
    this.count--;
    this.clocks -= own;
  }

  // Operands

  /** The word at an index of the machine memory: register, immediate or what a load left. */
  pushWord(word: number): Code {
    const { code, ip } = this;
    if (word === ip + R.IMM) return code.const(this.records[word]);
    const state = word - this.around.stateWord;
    return code.get(state === OPERAND ? OPERAND_LOCAL : GPR + state);
  }

  setWord(word: number): void {
    const state = word - this.around.stateWord;
    this.code.set(state === OPERAND ? OPERAND_LOCAL : GPR + state);
  }

  pushA(): Code {
    return this.pushWord(this.records[this.ip + R.A]);
  }

  setA(): void {
    this.setWord(this.records[this.ip + R.A]);
  }

  pushB(): Code {
    return this.pushWord(this.records[this.ip + R.B]);
  }

  /** Byte register by its index among the bytes of the registers, garbage above. */
  pushByte(index: number): Code {
    const { code } = this;
    code.get(GPR + (index >> 2));
    return (index & 3) === 0 ? code : code.const(8).op(I32_SHR_U);
  }

  /** Sets a byte register to the low byte of what `push` pushes. */
  setByte(index: number, push: () => void): void {
    const { code } = this;
    const local = GPR + (index >> 2);
    if ((index & 3) === 0) {
      code.get(local).const(~0xff).op(I32_AND);
      push();
      code.const(0xff).op(I32_AND);
    } else {
      code.get(local).const(~0xff00).op(I32_AND);
      push();
      code.const(0xff).op(I32_AND).const(8).op(I32_SHL);
    }
    code.op(I32_OR).set(local);
  }

  pushAddress(): Code {
    const { code, records, ip } = this;
    const ea = records[ip + R.EA];
    const displacement = records[ip + R.DISP];
    const base = ea & 15;
    const index = (ea >> 8) & 15;
    const scale = (ea >> 16) & 3;
    let parts = 0;
    if (base !== ZERO) {
      code.get(GPR + base);
      parts++;
    }
    if (index !== ZERO) {
      if (index < ZERO) code.get(GPR + index);
      else this.pushState(index);
      if (scale !== 0) code.const(scale).op(I32_SHL);
      if (parts++ > 0) code.op(I32_ADD);
    }
    if (parts === 0) return code.const(displacement);
    return displacement === 0 ? code : code.const(displacement).op(I32_ADD);
  }

  // Memory

  /** Pushes 1 if the hot slot of the access at LA matches; SLOT then holds the slot. */
  private pushSlotMatches(size: number, slots: number, mask: number): void {
    const { code } = this;
    code
      .get(LA)
      .const(9)
      .op(I32_SHR_U)
      .const(mask << 3)
      .op(I32_AND)
      .tee(SLOT)
      .load(slots);
    code.get(LA);
    if (size > 1) code.const(size - 1).op(I32_ADD);
    code.const(12).op(I32_SHR_U, I32_EQ);
  }

  /**
   * Calls the runtime for the access at LA, whose other arguments are pushed: the runtime counts it, so that it is taken off
   * what the block will add, and added to the site where it faults.
   */
  private callSlow(access: "read" | "write", func: number, size: number): number {
    const { code } = this;
    const shift = access === "read" ? READS_SHIFT : WRITES_SHIFT;
    const { reads, writes } = this;
    if (access === "read") this.reads++;
    else this.writes++;
    const site = this.newSite(this.siteHere("fault", size));
    this.reads = reads;
    this.writes = writes;
    code
      .get(TALLY)
      .const(-1 << (shift % 32))
      .op(I64_EXTEND_S);
    if (shift >= 32) code.const(32).op(I64_EXTEND_U, I64_SHL);
    code.op(I64_ADD).set(TALLY);
    code.const(site).get(PAGE).get(TALLY).op(I32_WRAP).call(func);
    return site;
  }

  /** Reads memory at LA into VALUE and goes on with `rest`. */
  load(size: 1 | 2 | 4, rest: () => void): void {
    const { code, around } = this;
    this.pushSlotMatches(size, around.readSlots, around.readMask);
    this.if();
    code
      .get(LA)
      .get(SLOT)
      .load(around.readSlots + 4)
      .op(I32_ADD)
      .load(0, size)
      .set(VALUE);
    code.else();
    code.get(LA);
    const site = this.callSlow("read", LOAD, size);
    code.set(VALUE);
    this.checkFault(site);
    this.leaveAfter(() => {
      this.reads++;
      rest();
    });
    this.close();
    this.reads++;
    rest();
  }

  /** Writes what `push` pushes to memory at LA and goes on with `rest`. */
  store(size: 1 | 2 | 4, push: () => void, rest: () => void = () => {}): void {
    const { code, around } = this;
    this.pushSlotMatches(size, around.writeSlots, around.writeMask);
    this.if();
    code
      .get(LA)
      .get(SLOT)
      .load(around.writeSlots + 4)
      .op(I32_ADD);
    push();
    code.store(0, size);
    code.else();
    code.get(LA);
    push();
    this.checkFault(this.callSlow("write", STORE, size));
    this.leaveAfter(() => {
      this.writes++;
      rest();
    });
    this.close();
    this.writes++;
    rest();
  }

  /**
   * Opens memory at LA for read-modify-write. `modify` computes, from the old value in VALUE, the new one on the stack; it must
   * leave the same facts about the carries each time.
   */
  modify(size: 1 | 4, modify: () => void): void {
    const { code, around } = this;
    const before = this.carries;
    this.pushSlotMatches(size, around.writeSlots, around.writeMask);
    this.if();
    code
      .get(LA)
      .get(SLOT)
      .load(around.writeSlots + 4)
      .op(I32_ADD)
      .tee(SLOT)
      .load(0, size)
      .set(VALUE);
    code.get(SLOT);
    modify();
    code.store(0, size);
    const after = this.carries;
    code.else();
    this.carries = before;
    code.get(LA);
    this.checkFault(this.callSlow("write", OPEN, size));
    code.call(READ_OPEN).set(VALUE);
    modify();
    code.call(WRITE_OPEN);
    this.writes++;
    this.leaveAfter(() => {});
    this.close();
    this.carries = after;
  }
}
