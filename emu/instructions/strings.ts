/**
 * MOVS, CMPS, STOS, LODS and SCAS with and without repeat prefixes (SDM 2B REP).
 *
 * One iteration is one step that either faults and changes nothing or moves (E)SI and (E)DI; a repeated instruction commits
 * (E)CX with each step, so that a fault or pause between iterations restarts where it was (P47). It pauses with AGAIN
 * when its clocks are used up, and after every iteration under TF or breakpoints.
 *
 * Runs: while source and destination stay within their pages and both pages are in hot slots, further iterations can
 * change nothing in the MMU (translator.ts, what a slot means); they move bytes in one go and only count.
 */
import { ACCESS, READ, WRITE } from "../../mmu/index.ts";
import { sub } from "../alu.ts";
import { AGAIN, type Cpu, FAULT, NEXT, type Status } from "../cpu.ts";
import { breakpointsArmed } from "../debug-registers.ts";
import { DF, TF, zeroFlag } from "../flags.ts";
import { operandSize, PLACE, REP, REPNE, row, segment } from "../record.ts";
import { CPL, EAX, ECX, EDI, ES, ESI, FLAG_REST, LIMIT, SEG_BASE } from "../state.ts";
import type { Handler, Handlers } from "./handler.ts";
import { addressMask, readRegister, writeRegister } from "./operand.ts";

/** One iteration. @returns false after a fault, nothing changed */
export type Step = (cpu: Cpu, seg: number, mask: number, size: number) => boolean;

/**
 * Up to `count` further iterations within the current pages, which both are in hot slots, upwards.
 * @returns how many were done
 */
type Run = (cpu: Cpu, seg: number, count: number, size: number) => number;

/** (E)SI or (E)DI goes on to the next element. */
export function advance(cpu: Cpu, register: number, mask: number, size: number): void {
  const delta = cpu.state[FLAG_REST] & DF ? -size : size;
  const before = cpu.regs[register];
  cpu.regs[register] = (before & ~mask) | ((before + delta) & mask);
}

const movs: Step = (cpu, seg, mask, size) => {
  const value = cpu.load(seg, cpu.regs[ESI] & mask, size);
  if (cpu.faulted !== 0) return false;
  if (!cpu.store(ES, cpu.regs[EDI] & mask, value, size)) return false;
  advance(cpu, ESI, mask, size);
  advance(cpu, EDI, mask, size);
  return true;
};

const stos: Step = (cpu, _seg, mask, size) => {
  if (!cpu.store(ES, cpu.regs[EDI] & mask, cpu.regs[EAX], size)) return false;
  advance(cpu, EDI, mask, size);
  return true;
};

const lods: Step = (cpu, seg, mask, size) => {
  const value = cpu.load(seg, cpu.regs[ESI] & mask, size);
  if (cpu.faulted !== 0) return false;
  writeRegister(cpu, EAX, value, size);
  advance(cpu, ESI, mask, size);
  return true;
};

const cmps: Step = (cpu, seg, mask, size) => {
  const source = cpu.load(seg, cpu.regs[ESI] & mask, size);
  if (cpu.faulted !== 0) return false;
  const destination = cpu.load(ES, cpu.regs[EDI] & mask, size);
  if (cpu.faulted !== 0) return false;
  sub(cpu.state, source, destination, size);
  advance(cpu, ESI, mask, size);
  advance(cpu, EDI, mask, size);
  return true;
};

const scas: Step = (cpu, _seg, mask, size) => {
  const value = cpu.load(ES, cpu.regs[EDI] & mask, size);
  if (cpu.faulted !== 0) return false;
  sub(cpu.state, readRegister(cpu, EAX, size), value, size);
  advance(cpu, EDI, mask, size);
  return true;
};

/** Whether an instruction's other operand, if it has one, is in the page where the iteration before accessed it. */
type Other = "stayed" | "moved-on";

function movement(cpu: Cpu, seg: number, offset: number, size: number): Other {
  return ((cpu.state[SEG_BASE + seg] + offset) & 0xfff) < size ? "moved-on" : "stayed";
}

/**
 * Host offset of an element that the iteration before has made a hit, or -1.
 *
 * Its page is in a hot slot; or it only has to share its TLB set with the other operand's page: then two pages take turns
 * as the last-touched one, every further turn leaves the set as it is now, and residence is enough. That needs the pages
 * of the iteration before: when the other operand has moved on, this one's page comes after the page that it left.
 */
function hostOffset(cpu: Cpu, seg: number, offset: number, size: number, access: number, other: Other): number {
  const { mmu, state } = cpu;
  if (state[LIMIT + seg] !== -1) return -1;
  const la = (state[SEG_BASE + seg] + offset) | 0;
  const user = state[CPL] === 3 ? 1 : 0;
  const slot = mmu.slotBase(user, access) + (((la >>> 12) & mmu.slotMask(access)) << 1);
  if (mmu.slots[slot] === la >>> 12) return (la + mmu.slots[slot + 1]) >>> 0;
  if (other === "moved-on" || (la & 0xfff) < size) return -1;
  const pa = mmu.resident(la, access, user);
  return pa < 0 ? -1 : cpu.memory.ramBase + pa;
}

/** Elements from a host offset to the end of its page; frames begin at multiples of 4096 in the host's memory too. */
function elementsInPage(host: number, size: number): number {
  return Math.floor((4096 - (host & 4095)) / size);
}

function countAccesses(cpu: Cpu, access: number, n: number): void {
  cpu.mmu.counters[ACCESS + access * 2 + (cpu.state[CPL] === 3 ? 1 : 0)] += n * cpu.mmu.paging;
}

/** Of `n` further iterations each accessed the source and then the destination; ESI and EDI are where the first began. */
function tookTurns(cpu: Cpu, seg: number, n: number): void {
  const { mmu, regs, state } = cpu;
  mmu.alternated((state[SEG_BASE + seg] + regs[ESI]) | 0, (state[SEG_BASE + ES] + regs[EDI]) | 0, n);
}

/** Element at a host offset, zero-extended below four bytes. */
function element(cpu: Cpu, host: number, size: number): number {
  if (size === 4) return cpu.views.data.getInt32(host, true);
  return size === 2 ? cpu.views.data.getUint16(host, true) : cpu.views.u8[host];
}

const runMovs: Run = (cpu, seg, count, size) => {
  const from = hostOffset(cpu, seg, cpu.regs[ESI], size, READ, movement(cpu, ES, cpu.regs[EDI], size));
  const to = hostOffset(cpu, ES, cpu.regs[EDI], size, WRITE, movement(cpu, seg, cpu.regs[ESI], size));
  if (from < 0 || to < 0) return 0;
  const n = Math.min(count, elementsInPage(from, size), elementsInPage(to, size));
  const bytes = n * size;
  const { u8 } = cpu.views;
  if (to <= from || to >= from + bytes) {
    u8.copyWithin(to, from, from + bytes);
  } else if (to - from >= size) {
    // The destination trails the source by a whole element or more: bytes repeat with that period.
    for (let i = 0; i < bytes; i++) u8[to + i] = u8[from + i];
  } else {
    return 0;
  }
  tookTurns(cpu, seg, n);
  cpu.regs[ESI] += bytes;
  cpu.regs[EDI] += bytes;
  countAccesses(cpu, READ, n);
  countAccesses(cpu, WRITE, n);
  return n;
};

const runStos: Run = (cpu, _seg, count, size) => {
  const to = hostOffset(cpu, ES, cpu.regs[EDI], size, WRITE, "stayed");
  if (to < 0) return 0;
  const n = Math.min(count, elementsInPage(to, size));
  const value = cpu.regs[EAX];
  const { u8, u16, i32, data } = cpu.views;
  if (size === 1) u8.fill(value, to, to + n);
  else if (size === 2 && (to & 1) === 0) u16.fill(value, to / 2, to / 2 + n);
  else if (size === 4 && (to & 3) === 0) i32.fill(value, to / 4, to / 4 + n);
  else if (size === 2) for (let i = 0; i < n; i++) data.setUint16(to + 2 * i, value, true);
  else for (let i = 0; i < n; i++) data.setInt32(to + 4 * i, value, true);
  cpu.regs[EDI] += n * size;
  countAccesses(cpu, WRITE, n);
  return n;
};

const runLods: Run = (cpu, seg, count, size) => {
  const from = hostOffset(cpu, seg, cpu.regs[ESI], size, READ, "stayed");
  if (from < 0) return 0;
  const n = Math.min(count, elementsInPage(from, size));
  if (n === 0) return 0;
  writeRegister(cpu, EAX, element(cpu, from + (n - 1) * size, size), size);
  cpu.regs[ESI] += n * size;
  countAccesses(cpu, READ, n);
  return n;
};

/** CMPS and SCAS stop behind the first element whose comparison ends the repetition; only its flags remain. */
const runCmps =
  (endsOn: "equal" | "different"): Run =>
  (cpu, seg, count, size) => {
    const from = hostOffset(cpu, seg, cpu.regs[ESI], size, READ, movement(cpu, ES, cpu.regs[EDI], size));
    const to = hostOffset(cpu, ES, cpu.regs[EDI], size, READ, movement(cpu, seg, cpu.regs[ESI], size));
    if (from < 0 || to < 0) return 0;
    const most = Math.min(count, elementsInPage(from, size), elementsInPage(to, size));
    if (most === 0) return 0;
    const end = endsOn === "equal";
    let n = 0;
    let a = 0;
    let b = 0;
    do {
      a = element(cpu, from + n * size, size);
      b = element(cpu, to + n * size, size);
      n++;
    } while (n < most && (a === b) !== end);
    sub(cpu.state, a, b, size);
    tookTurns(cpu, seg, n);
    cpu.regs[ESI] += n * size;
    cpu.regs[EDI] += n * size;
    countAccesses(cpu, READ, 2 * n);
    return n;
  };

const runScas =
  (endsOn: "equal" | "different"): Run =>
  (cpu, _seg, count, size) => {
    const to = hostOffset(cpu, ES, cpu.regs[EDI], size, READ, "stayed");
    if (to < 0) return 0;
    const most = Math.min(count, elementsInPage(to, size));
    if (most === 0) return 0;
    const end = endsOn === "equal";
    const a = readRegister(cpu, EAX, size);
    let n = 0;
    let b = 0;
    do {
      b = element(cpu, to + n * size, size);
      n++;
    } while (n < most && (a === b) !== end);
    sub(cpu.state, a, b, size);
    cpu.regs[EDI] += n * size;
    countAccesses(cpu, READ, n);
    return n;
  };

interface StringInstruction {
  readonly step: Step;
  readonly sizeOf: (code: Int32Array, ip: number) => number;
  /** By kind of prefix; none: every iteration is a step. */
  readonly runs?: { readonly rep: Run; readonly repne: Run };
  /** Whether REPE and REPNE look at ZF. */
  readonly compares: boolean;
}

/** An instruction pauses after so many iterations in any case: their clocks are counted in an int32. */
const MOST_ITERATIONS = 1 << 24;

function repeat(cpu: Cpu, code: Int32Array, ip: number, instruction: StringInstruction): Status {
  const { step, runs, compares } = instruction;
  const size = instruction.sizeOf(code, ip);
  const mask = addressMask(code, ip);
  const seg = segment(code, ip);
  const s = cpu.state;
  const id = row(code, ip);
  const { profile } = cpu;
  const each = profile.repEach[id];
  // The engine adds the row's clocks when the instruction is complete.
  const start = profile.repStart[id] - profile.clocks(id, false);
  let left = cpu.regs[ECX] & mask;
  if (left === 0) {
    cpu.extraClocks += start;
    return NEXT;
  }
  const wanted = code[ip + PLACE] & REP ? 1 : 0;
  const run = wanted === 1 ? runs?.rep : runs?.repne;
  const upwards = (s[FLAG_REST] & DF) === 0 && mask === -1;
  const single = (s[FLAG_REST] & TF) !== 0 || breakpointsArmed(s);
  const deadline = cpu.mmu.clocks + cpu.clocksLeft;
  let clocks = 0;
  let done = 0;
  for (;;) {
    let n = 0;
    if (done > 0 && upwards && run !== undefined) {
      const most = Math.min(left >>> 0, Math.ceil((deadline - cpu.mmu.clocks - clocks) / each), MOST_ITERATIONS - done);
      n = run(cpu, seg, most, size);
    }
    if (n === 0) {
      if (!step(cpu, seg, mask, size)) return FAULT;
      n = 1;
    }
    done += n;
    left = (left - n) & mask;
    cpu.regs[ECX] = (cpu.regs[ECX] & ~mask) | left;
    clocks += n * each;
    cpu.extraClocks += n * each;
    if (left === 0 || (compares && zeroFlag(s) !== wanted)) {
      cpu.extraClocks += start;
      return NEXT;
    }
    if (single || clocks + cpu.mmu.clocks >= deadline || done >= MOST_ITERATIONS) return AGAIN;
  }
}

function stringHandler(instruction: StringInstruction): Handler {
  return (cpu, code, ip) => {
    if ((code[ip + PLACE] & (REP | REPNE)) !== 0) return repeat(cpu, code, ip, instruction);
    const done = instruction.step(cpu, segment(code, ip), addressMask(code, ip), instruction.sizeOf(code, ip));
    return done ? NEXT : FAULT;
  };
}

/** Handlers of the byte and the word form of a string instruction. */
export function pair(
  names: [string, string],
  step: Step,
  compares: boolean,
  runs?: StringInstruction["runs"],
): Handlers {
  const common = { step, compares, ...(runs === undefined ? {} : { runs }) };
  return {
    [names[0]]: stringHandler({ ...common, sizeOf: () => 1 }),
    [names[1]]: stringHandler({ ...common, sizeOf: operandSize }),
  };
}

export const stringHandlers: Handlers = {
  ...pair(["MOVS Yb,Xb", "MOVS Yv,Xv"], movs, false, { rep: runMovs, repne: runMovs }),
  ...pair(["STOS Yb,AL", "STOS Yv,eAX"], stos, false, { rep: runStos, repne: runStos }),
  ...pair(["LODS AL,Xb", "LODS eAX,Xv"], lods, false, { rep: runLods, repne: runLods }),
  ...pair(["CMPS Xb,Yb", "CMPS Xv,Yv"], cmps, true, { rep: runCmps("different"), repne: runCmps("equal") }),
  ...pair(["SCAS AL,Yb", "SCAS eAX,Yv"], scas, true, { rep: runScas("different"), repne: runScas("equal") }),
};
