/**
 * The interpreter around its loop: finds and decodes blocks, executes single instructions where blocks do not apply,
 * takes faults and interrupts to their owner, and stops where it was told to.
 *
 * Two ways to execute, one truth: `execute` runs blocks of 32-bit flat code; `step` decodes one instruction and calls its
 * handler, whatever the mode. Steps serve 16-bit code and segments with bases or limits, instructions that cross a page,
 * single-stepping and the last instructions before an exact limit.
 */
import { ACCESS, FETCH } from "../mmu/index.ts";
import {
  AGAIN,
  type Cpu,
  DB,
  type Engine,
  EXIT_DEADLINE,
  EXIT_DEBUG_EXIT,
  EXIT_HALT,
  EXIT_INSTRUCTIONS,
  EXIT_SHUTDOWN,
  EXIT_TRAP,
  type ExitReason,
  FAULT,
  GP,
  HALTED,
  NEXT,
  type Status,
  TRANSFER,
  TRANSFER_STOP,
  TRAP,
  UD,
} from "./cpu.ts";
import { breakpointsArmed, DR6_BD, DR6_BS, instructionBreakpoints } from "./debug-registers.ts";
import { deliver, deliverInterrupt } from "./exceptions.ts";
import { IF, RF, TF } from "./flags.ts";
import { encode, quieten } from "./hot.ts";
import { handlers } from "./instructions/index.ts";
import { createLoop, ENTER, type Loop, SINGLE, type Used } from "./interpreter.ts";
import { Decoded, decode, INVALID, NEED_MORE, OK, rows, rowsOf, supports, TOO_LONG } from "./isa/index.ts";
import { BLOCK_END, ENTER_REGION, STEP } from "./operations.ts";
import { CLOCKS, COUNT, IMM, OP, PLACE, RECORD_WORDS } from "./record.ts";
import { ATTRIBUTES, CPL, CS, DR, EIP, FLAG_REST, LIMIT, SEG_BASE, SHADOW, SHADOW_ALL } from "./state.ts";
import { CodeTranslator, REGION_CLOCKS } from "./translate/translator.ts";

const TRANSLATE_AFTER = 2;
/** Instructions of a block before it is ended anyway. */
const MAX_BLOCK = 256;
/** Most clocks that one call of `execute` may use: its counters are int32. */
const MAX_CLOCKS = 0x3fff;
/** A block of straight-line code ends at its page's end: more instructions than that never run past a limit. */
const PAGE_INSTRUCTIONS = 4096;
const LONGEST_INSTRUCTION = 15;
/** An instruction as good as any other; one that a block ends before; one that this processor does not have. */
const IN_BLOCKS = 0;
const ALONE = 1;
const ABSENT = 2;
/** A handler that faults at its first instruction goes on forever: from here on its deliveries count as instructions. */
const PATIENCE = 4096;
/** They see the clock, which is exact only between blocks. */
const readsClock = new Set(["RDTSC", "RDMSR", "WRMSR"]);
/** D/B bit of the code segment: 32-bit operands and addresses. */
const BIG = 1 << 22;

/** How hot code is executed; nothing but time is different. */
export const engineKinds = ["interpreter", "translator"] as const;
export type EngineKind = (typeof engineKinds)[number];

export class Interpreter implements Engine {
  private readonly cpu: Cpu;
  private readonly clocksOf: (row: number, memory: boolean) => number;
  private readonly loop: Loop;
  /** By table row: IN_BLOCKS, ALONE or ABSENT. */
  private readonly standing: Uint8Array;
  private readonly decoded = new Decoded();
  private readonly used: Used = { instructions: 0, clocks: 0, transfer: 0 };
  /** Clocks of entering a handler; those of INT n, which does the same (80386 PRM 17, INT). */
  private readonly deliveryClocks: number;
  /** Exceptions delivered in a row without an executed instruction, and the instruction count at the last one. */
  private stalled = 0;
  private lastDelivery = -1;
  /** Bytes of an instruction that crosses a page or lies outside RAM. */
  private readonly straddling = new Uint8Array(LONGEST_INSTRUCTION + 1);
  /** 1 if the last instruction executed was a control transfer or left for the owner of traps: only there a deadline counts. */
  private atTransfer = 1;

  /** The interpreter's loop has just been left because its clocks were used up: it is busy at EIP. */
  private interrupted = false;
  private readonly translator: CodeTranslator | null;

  /** @param translateAfter how often the loop must have been interrupted at a place before its code is translated */
  constructor(cpu: Cpu, engine: EngineKind = "translator", translateAfter = TRANSLATE_AFTER) {
    this.cpu = cpu;
    this.loop = createLoop(cpu, handlers);
    this.translator = engine === "translator" ? new CodeTranslator(cpu, handlers, this.used, translateAfter) : null;
    const clocks = rows.map((row) => [cpu.profile.clocks(row.id, false), cpu.profile.clocks(row.id, true)]);
    this.clocksOf = (row, memory) => clocks[row][memory ? 1 : 0];
    this.deliveryClocks = cpu.profile.clocks(rowsOf("INT Ib")[0].id, false);
    this.standing = Uint8Array.from(rows, ({ id, family }) =>
      !supports(id, cpu.profile.level) ? ABSENT : readsClock.has(family) ? ALONE : IN_BLOCKS,
    );
  }

  get ahead(): number {
    return this.used.instructions;
  }

  run(deadline: number, maxInstructions: number): ExitReason {
    const cpu = this.cpu;
    for (;;) {
      if (this.atTransfer !== 0 && cpu.cycles >= deadline) return EXIT_DEADLINE;
      if (cpu.instructions >= maxInstructions) return EXIT_INSTRUCTIONS;
      if (cpu.pendingInterrupt >= 0 && cpu.state[SHADOW] === 0 && (cpu.state[FLAG_REST] & IF) !== 0) {
        if (!deliverInterrupt(cpu)) return EXIT_SHUTDOWN;
        cpu.addCycles(this.deliveryClocks);
      }
      const mode = cpu.mode();
      const budget = maxInstructions - cpu.instructions;
      let status: Status;
      if (mode < 0 || budget <= 2 * PAGE_INSTRUCTIONS || cpu.needsAttention()) {
        status = this.step(deadline);
      } else {
        // No breakpoint is armed that RF could hold off; who restarts sets it anew if it faults again.
        cpu.state[FLAG_REST] &= ~RF;
        status = this.runBlocks(mode, deadline, budget - PAGE_INSTRUCTIONS);
        if (status === SINGLE) status = this.step(deadline);
      }
      if (status <= TRANSFER || status === TRANSFER_STOP || status === ENTER) continue;
      const exit = this.settle(status);
      if (exit !== 0) return exit;
      if (this.stalled > PATIENCE && cpu.instructions + this.stalled >= maxInstructions) return EXIT_INSTRUCTIONS;
    }
  }

  /** Looks EIP up, decodes if need be, and runs blocks from there. */
  private runBlocks(mode: number, deadline: number, budget: number): Status {
    const cpu = this.cpu;
    const cache = cpu.codeCache;
    const eip = cpu.state[EIP];
    const host = this.fetch(eip, cpu.state[CPL] === 3 ? 1 : 0);
    cpu.mmu.fetchDisplaced = 0;
    if (host < 0) return this.countFetches(1, FAULT);
    const ramBase = cpu.memory.ramBase;
    const pfn = (host - ramBase) >>> 12;
    if (pfn >= cpu.ram.frames) return SINGLE;
    const table = cache.table(mode, pfn);
    const offset = eip & 0xfff;
    if (cache.code[table + offset] === 0) {
      this.decodeBlock(mode, pfn, offset);
      if (cache.frames(mode)[pfn] !== table) return NEXT;
    }
    const used = this.used;
    const untilDeadline = Math.max(1, deadline - cpu.cycles);
    // An instruction takes at least half a clock, so that half the budget in clocks never exceeds it.
    const allowed = Math.min(untilDeadline, Math.max(1, Math.floor(budget / 2)));
    const { translator } = this;
    if (translator !== null && (this.interrupted || translator.eager)) {
      translator.sample(cache.code[table + offset], mode, table, offset);
      // All code may have been dropped.
      if (cache.frames(mode)[pfn] !== table) return NEXT;
    }
    const start = cache.code[table + offset];
    let status: Status;
    if (translator !== null && cache.code[start] === ENTER_REGION) {
      status = translator.run(start, Math.min(allowed, REGION_CLOCKS), untilDeadline);
      this.interrupted = false;
    } else {
      const clocks = Math.min(allowed, MAX_CLOCKS);
      status = this.loop(cache.frames(mode), table, start, clocks, untilDeadline, used);
      this.interrupted = status === NEXT && used.clocks >= clocks;
    }
    if (status === AGAIN) cpu.state[FLAG_REST] |= RF;
    if (used.instructions > 0 || status === AGAIN) this.atTransfer = used.transfer;
    cpu.instructions += used.instructions;
    cpu.addCycles(used.clocks);
    used.instructions = 0;
    return status;
  }

  /** Decodes from a page offset to the next unconditional transfer, page end or known code. */
  private decodeBlock(mode: number, pfn: number, from: number): void {
    const cache = this.cpu.codeCache;
    const d = this.decoded;
    const bytes = this.cpu.views.u8;
    const page = this.cpu.memory.ramBase + pfn * 4096;
    const header = cache.open();
    const code = cache.code;
    const table = cache.table(mode, pfn);
    code.fill(0, header, header + RECORD_WORDS);
    let ip = header + RECORD_WORDS;
    let clocks = 0;
    let count = 0;
    let offset = from;
    let end = BLOCK_END;
    for (;;) {
      if (offset === 4096 || count === MAX_BLOCK || (count > 0 && code[table + offset] !== 0)) break;
      if (decode(d, bytes, page + offset, page + 4096, true) !== OK || this.standing[d.row] !== IN_BLOCKS) {
        end = STEP;
        break;
      }
      clocks += this.clocksOf(d.row, d.memory);
      count++;
      encode(code, ip, d, this.cpu.stateWord, offset, mode, clocks, count);
      code[table + offset] = ip;
      ip += RECORD_WORDS;
      offset += d.length;
      const transfer = rows[d.row].transfer;
      if (transfer !== "none" && transfer !== "jcc" && transfer !== "call") break;
    }
    quieten(code, header + RECORD_WORDS, ip);
    code[ip + OP] = end;
    code[ip + IMM] = offset;
    code[ip + PLACE] = offset & 0xfff;
    code[ip + CLOCKS] = clocks;
    code[ip + COUNT] = count;
    if (count === 0) code[table + offset] = ip;
    cache.close(ip + RECORD_WORDS);
  }

  /**
   * Fetch translation of one linear address.
   * @returns the host offset of its byte; outside RAM a number past its end; -1 after a fault
   */
  private fetch(la: number, user: number): number {
    const { mmu, memory } = this.cpu;
    const slot = mmu.slotBase(user, FETCH) + (((la >>> 12) & mmu.slotMask(FETCH)) << 1);
    if (mmu.slots[slot] === la >>> 12) return (la + mmu.slots[slot + 1]) >>> 0;
    const pa = mmu.translate(la, FETCH, user);
    if (pa >= 0) return memory.ramBase + pa;
    this.cpu.raisePageFault();
    return -1;
  }

  /** Executes one instruction by its handler, in any mode. */
  private step(deadline: number): Status {
    const cpu = this.cpu;
    const s = cpu.state;
    const code = cpu.codeCache.code;
    const header = cpu.codeCache.scratch;
    const ip = header + RECORD_WORDS;
    const shadow = s[SHADOW];
    const breakpoints = shadow === SHADOW_ALL || (s[FLAG_REST] & RF) !== 0 ? 0 : this.instructionBreakpoints();
    if (breakpoints !== 0) return cpu.raise(DB, breakpoints);
    const singleStep = s[FLAG_REST] & TF;
    s[FLAG_REST] &= ~RF;
    let status = this.decodeOne(ip);
    if (status === NEXT) {
      cpu.clocksLeft = deadline - cpu.cycles;
      status = handlers[(code[ip + PLACE] >> 16) & 0x7ff](cpu, code, ip);
    }
    // In a row of instructions that ask for a shadow only the first gets one (SDM 3A 6.8.3).
    if (shadow !== 0) s[SHADOW] = 0;
    cpu.addCycles(cpu.extraClocks);
    cpu.extraClocks = 0;
    if (status === FAULT) return status;
    if (status === AGAIN) {
      this.atTransfer = 1;
    } else {
      cpu.addCycles(code[ip + CLOCKS]);
      cpu.instructions++;
      this.atTransfer = status === TRANSFER || status === TRANSFER_STOP ? 1 : 0;
      if (this.atTransfer === 0) s[EIP] += (code[ip + PLACE] >> 12) & 15;
    }
    const entered = status === TRANSFER_STOP && rows[(code[ip + PLACE] >> 16) & 0x7ff].transfer === "int";
    return this.debugTrap(status, singleStep, entered);
  }

  /** DR6 bits of breakpoints on the instruction at CS:EIP, which then is not executed. */
  private instructionBreakpoints(): number {
    const s = this.cpu.state;
    if (!breakpointsArmed(s)) return 0;
    const hits = instructionBreakpoints(s, s[SEG_BASE + CS] + s[EIP]);
    s[DR + 6] |= hits;
    return hits;
  }

  /**
   * The #DB behind an instruction: data breakpoints, and the single step if TF was set before it (SDM 3B 17.3.1). A load of
   * SS holds it off; entering a handler clears TF and with it the step.
   */
  private debugTrap(status: Status, singleStep: number, entered: boolean): Status {
    const cpu = this.cpu;
    if (status === AGAIN) cpu.state[FLAG_REST] |= RF;
    if ((singleStep | cpu.breakpointHits) === 0 || cpu.state[SHADOW] === SHADOW_ALL) return status;
    if (status === TRAP || entered) {
      cpu.breakpointHits = 0;
      return status;
    }
    const reasons = cpu.breakpointHits | (singleStep !== 0 ? DR6_BS : 0);
    cpu.breakpointHits = 0;
    cpu.state[DR + 6] |= reasons;
    cpu.interrupt(DB, "trap");
    cpu.trap.errorCode = reasons;
    return TRAP;
  }

  /** Fetches and decodes the instruction at CS:EIP into a record. @returns NEXT or FAULT */
  private decodeOne(ip: number): Status {
    const cpu = this.cpu;
    const s = cpu.state;
    const d = this.decoded;
    const user = s[CPL] === 3 ? 1 : 0;
    const offset = s[EIP];
    const limit = s[LIMIT + CS] >>> 0;
    if (offset >>> 0 > limit) return cpu.raise(GP);
    const la = (s[SEG_BASE + CS] + offset) | 0;
    const host = this.fetch(la, user);
    cpu.mmu.fetchDisplaced = 0;
    if (host < 0) return this.countFetches(1, FAULT);
    const code32 = (s[ATTRIBUTES + CS] & BIG) !== 0;
    let bytes = cpu.views.u8;
    let start = host;
    let available = 4096 - (la & 0xfff);
    if (host - cpu.memory.ramBase >= cpu.ram.size) {
      bytes = this.straddling.fill(0xff);
      start = 0;
      available = Math.min(available, LONGEST_INSTRUCTION);
    }
    const inLimit = limit - (offset >>> 0) + 1;
    let result = decode(d, bytes, start, start + Math.min(available, inLimit), code32);
    let fetches = 1;
    if (result === NEED_MORE && available < inLimit && available < LONGEST_INSTRUCTION) {
      fetches = 2;
      const second = this.fetch((la + available) | 0, user);
      if (second < 0) return this.countFetches(2, FAULT);
      const outside = second - cpu.memory.ramBase >= cpu.ram.size;
      for (let i = 0; i < LONGEST_INSTRUCTION; i++) {
        this.straddling[i] = i < available ? bytes[start + i] : outside ? 0xff : cpu.views.u8[second + i - available];
      }
      result = decode(d, this.straddling, 0, Math.min(LONGEST_INSTRUCTION, inLimit), code32);
    }
    this.countFetches(fetches, NEXT);
    if (result === INVALID || (result === OK && this.standing[d.row] === ABSENT)) return cpu.raise(UD);
    if (result === TOO_LONG || result === NEED_MORE) return cpu.raise(GP);
    encode(cpu.codeCache.code, ip, d, cpu.stateWord, offset & 0xfff, -1, this.clocksOf(d.row, d.memory), 1);
    return NEXT;
  }

  private countFetches(fetches: number, status: Status): Status {
    const { mmu, state } = this.cpu;
    if (mmu.cr0 < 0) mmu.counters[ACCESS + FETCH * 2 + (state[CPL] === 3 ? 1 : 0)] += fetches;
    return status;
  }

  /** Hands a fault, trap or stop to its owner. @returns the exit reason, or 0 to go on */
  private settle(status: Status): ExitReason | 0 {
    const cpu = this.cpu;
    if (status === FAULT || status === TRAP) {
      cpu.faulted = 0;
      // Faults are pushed with RF, so that their instruction is restarted past its breakpoint (P30, SDM 3B 17.3.1.1).
      if (status === FAULT && !(cpu.trap.vector === DB && cpu.trap.errorCode !== DR6_BD)) cpu.state[FLAG_REST] |= RF;
      this.atTransfer = 1;
      if (cpu.traps === "host") return EXIT_TRAP;
      if (!deliver(cpu)) return EXIT_SHUTDOWN;
      cpu.addCycles(this.deliveryClocks);
      this.stalled = cpu.instructions === this.lastDelivery ? this.stalled + 1 : 0;
      this.lastDelivery = cpu.instructions;
      return 0;
    }
    if (cpu.ports.exitStatus >= 0) return EXIT_DEBUG_EXIT;
    const wakes = cpu.pendingInterrupt >= 0 && (cpu.state[FLAG_REST] & IF) !== 0;
    if (status === HALTED && !wakes) return EXIT_HALT;
    return 0;
  }
}
