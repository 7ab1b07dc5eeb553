/**
 * One i386-family processor: registers, segments, memory operands, pending traps. It executes nothing itself; an
 * {@link Engine} does, and leaves through the exit reasons below.
 *
 * Faults are values: whoever detects one calls `raise`, which records it in `trap` and answers FAULT; callers hand
 * FAULT on. Nothing of an instruction is committed before its last fault has been ruled out.
 */
import type { EngineViews, LinearBus, MachineMemory, Ram, Translator } from "../mmu/index.ts";
import { CodeCache } from "./code-cache.ts";
import { breakpointsArmed, dataBreakpoints } from "./debug-registers.ts";
import { AC, IF, readEflags, TF, writeEflags } from "./flags.ts";
import type { Ports } from "./ports.ts";
import type { Profile } from "./profile.ts";
import {
  ATTRIBUTES,
  CPL,
  CR2,
  CS,
  DS,
  EIP,
  ES,
  FLAG_REST,
  FPU,
  FPU_WORDS,
  FS,
  GDTR,
  GS,
  IDTR,
  LDTR,
  LIMIT,
  SEG_BASE,
  SELECTOR,
  SHADOW,
  SS,
  STATE_WORDS,
  TASK_WORDS,
  TR,
} from "./state.ts";
import { AC_FAULT, type ExitReason, FAULT, GP, PF, SS_FAULT, type Status, TRAP } from "./status.ts";
import { FpuState } from "./x87/fpu.ts";
import { X87_STATE_WORDS } from "./x87/layout.ts";

export * from "./status.ts";

export type TrapSource = "fault" | "trap" | "int" | "sysenter";

export interface Trap {
  vector: number;
  /** 0 for vectors without one. */
  errorCode: number;
  /** Faulting linear address of #PF, uint32. */
  cr2: number;
  source: TrapSource;
}

/** What a guest may ask for and this processor does not do yet. */
export type Unmodelled = "hardware task switch" | "virtual-8086 mode" | "real mode" | "test registers";

/** Executes instructions on a {@link Cpu}. */
export interface Engine {
  /**
   * @param deadline absolute cycle count at whose first control transfer to leave
   * @param maxInstructions absolute instruction count at which to leave, exact
   */
  run(deadline: number, maxInstructions: number): ExitReason;
  /** While it runs: instructions executed that Cpu.instructions does not count yet. Exact in slow paths, else 0. */
  readonly ahead: number;
}

/** Segment attributes as in bits 8..23 of a descriptor's high dword, kept at those positions. */
export const ATTR_PRESENT = 1 << 15;
/** D/B: 32-bit code, or 32-bit stack pointer. */
export const ATTR_BIG = 1 << 22;
const ATTR_CODE = 1 << 11;
/** Readable code, writable data. */
const ATTR_RW = 1 << 9;
const ATTR_EXPAND_DOWN = 1 << 10;
const FLAT_LIMIT = -1;

export class Cpu {
  readonly profile: Profile;
  readonly memory: MachineMemory;
  readonly ram: Ram;
  readonly mmu: Translator;
  readonly bus: LinearBus;
  readonly ports: Ports;
  readonly codeCache: CodeCache;
  readonly fpu: FpuState;
  /** The whole memory, for engines: indexed by what hot slots give. */
  readonly views: EngineViews;

  /** State words, see state.ts. */
  readonly state: Int32Array;
  /** Index of its first word in the machine memory. */
  readonly stateWord: number;
  /** The same words as bytes and half-words: the 8- and 16-bit registers. */
  readonly state8: Uint8Array;
  readonly state16: Uint16Array;
  /** EAX ECX EDX EBX ESP EBP ESI EDI. */
  readonly regs: Int32Array;

  /** Executed instructions, exact whenever run() is not in a block. */
  instructions = 0;
  /** Who takes exceptions and software interrupts: the owner of `run`, or the guest's IDT. */
  traps: "host" | "guest" = "host";
  readonly trap: Trap = { vector: 0, errorCode: 0, cr2: 0, source: "fault" };
  /** 1 from `raise` until the engine has taken the fault. */
  faulted = 0;
  /** Clocks a handler used beyond its row's (REP iterations). */
  extraClocks = 0;
  /** DR6 bits of data breakpoints that the current instruction has touched. */
  breakpointHits = 0;
  /** Clocks until a handler with iterations should pause with AGAIN. */
  clocksLeft = 0;
  /** Vector of the external interrupt asked for, or -1 (SDM 3A 6.3). */
  pendingInterrupt = -1;
  /** Told of every request for something that is not modelled; EIP is at the instruction that asked. */
  onUnmodelled: ((feature: Unmodelled) => void) | null = null;

  /** Elapsed clocks without those of translation, which the MMU counts. */
  private clocks = 0;
  private engine: Engine | undefined;

  constructor(profile: Profile, memory: MachineMemory, ram: Ram, mmu: Translator, bus: LinearBus, ports: Ports) {
    this.profile = profile;
    this.memory = memory;
    this.ram = ram;
    this.mmu = mmu;
    this.bus = bus;
    this.ports = ports;
    const offset = memory.reserve(STATE_WORDS * 4, 64);
    this.state = new Int32Array(memory.buffer, offset, STATE_WORDS);
    this.stateWord = offset / 4;
    this.state8 = new Uint8Array(memory.buffer, offset, STATE_WORDS * 4);
    this.state16 = new Uint16Array(memory.buffer, offset, STATE_WORDS * 2);
    this.regs = new Int32Array(memory.buffer, offset, 8);
    this.views = ram.engineViews();
    this.codeCache = new CodeCache(memory, ram);
    this.fpu = new FpuState(this.state.subarray(FPU, FPU + FPU_WORDS));
    this.reset();
  }

  attach(engine: Engine): void {
    this.engine = engine;
  }

  /** Instructions executed before the one at EIP: exact also for who listens to the MMU while run() executes. */
  get instructionsBefore(): number {
    return this.instructions + (this.engine?.ahead ?? 0);
  }

  /** Runs until one of the exit reasons; see {@link Engine.run}. */
  run(deadline: number, maxInstructions: number): ExitReason {
    if (this.engine === undefined) throw new Error("no engine attached to the processor");
    return this.engine.run(deadline, maxInstructions);
  }

  /** Number of int32 words that saveContext writes. */
  static readonly CONTEXT_WORDS = TASK_WORDS + X87_STATE_WORDS;

  /** Flat 32-bit protected mode at CPL 0, registers zero, paging off: what a multiboot loader hands over. */
  reset(): void {
    this.state.fill(0);
    this.mmu.setCr0(CR0_PE | CR0_ET);
    writeEflags(this.state, 2);
    this.fpu.reset();
    for (const seg of [ES, SS, DS, FS, GS]) this.setSegmentRaw(seg, 0x10, 0, FLAT_LIMIT, 0x00cf9300);
    this.setSegmentRaw(CS, 0x08, 0, FLAT_LIMIT, 0x00cf9b00);
    this.setTr(0, 0, 0xffff);
    this.state[IDTR + 1] = 0xffff;
    this.state[GDTR + 1] = 0xffff;
  }

  get eip(): number {
    return this.state[EIP] >>> 0;
  }

  set eip(value: number) {
    this.state[EIP] = value;
  }

  /** Current privilege level 0..3. */
  get cpl(): number {
    return this.state[CPL];
  }

  getEflags(): number {
    return readEflags(this.state);
  }

  setEflags(value: number): void {
    writeEflags(this.state, value);
  }

  /** Elapsed clocks, the guest's time; exact whenever run() is not in a block. */
  get cycles(): number {
    return this.clocks + this.mmu.clocks;
  }

  set cycles(value: number) {
    this.clocks = value - this.mmu.clocks;
  }

  addCycles(clocks: number): void {
    this.clocks += clocks;
  }

  selector(seg: number): number {
    return this.state[SELECTOR + seg];
  }

  segBase(seg: number): number {
    return this.state[SEG_BASE + seg] >>> 0;
  }

  /**
   * Loads the hidden part of a segment register directly.
   *
   * @param limit highest valid offset, granularity applied
   * @param attributes bits 8..23 of the descriptor's high dword at their positions; 0 makes the segment unusable
   */
  setSegmentRaw(seg: number, selector: number, base: number, limit: number, attributes: number): void {
    const s = this.state;
    s[SELECTOR + seg] = selector;
    s[SEG_BASE + seg] = base;
    s[LIMIT + seg] = limit;
    s[ATTRIBUTES + seg] = attributes;
    if (seg === CS) s[CPL] = selector & 3;
  }

  setGdtr(base: number, limit: number): void {
    this.state[GDTR] = base;
    this.state[GDTR + 1] = limit;
  }

  setIdtr(base: number, limit: number): void {
    this.state[IDTR] = base;
    this.state[IDTR + 1] = limit;
  }

  setLdtr(selector: number, base: number, limit: number): void {
    this.state[LDTR] = selector;
    this.state[LDTR + 1] = base;
    this.state[LDTR + 2] = limit;
    this.state[LDTR + 3] = limit === 0 ? 0 : 0x8200;
  }

  setTr(selector: number, base: number, limit: number): void {
    this.state[TR] = selector;
    this.state[TR + 1] = base;
    this.state[TR + 2] = limit;
    this.state[TR + 3] = 0x8b00;
  }

  /** Copies registers, flags, segments with hidden parts and x87 state; {@link Cpu.CONTEXT_WORDS} words. */
  saveContext(into: Int32Array): void {
    into.set(this.state.subarray(0, TASK_WORDS));
    into.set(this.state.subarray(FPU, FPU + X87_STATE_WORDS), TASK_WORDS);
  }

  restoreContext(from: Int32Array): void {
    this.state.set(from.subarray(0, TASK_WORDS));
    this.state.set(from.subarray(TASK_WORDS, Cpu.CONTEXT_WORDS), FPU);
    this.state[CPL] = this.state[SELECTOR + CS] & 3;
    this.state[SHADOW] = 0;
  }

  /**
   * What decoding depends on besides the bytes: bit 0 FS and bit 1 GS reach all of memory without checks.
   * -1 when some segment has a base or a limit, code is 16-bit or not readable, alignment is checked or a breakpoint is
   * enabled: then every instruction is decoded and checked by itself.
   */
  mode(): number {
    const s = this.state;
    const flat =
      (s[SEG_BASE + CS] | s[SEG_BASE + DS] | s[SEG_BASE + ES] | s[SEG_BASE + SS]) === 0 &&
      (s[LIMIT + CS] & s[LIMIT + DS] & s[LIMIT + ES] & s[LIMIT + SS]) === FLAT_LIMIT &&
      (s[ATTRIBUTES + CS] & s[ATTRIBUTES + SS] & (ATTR_BIG | ATTR_RW)) === (ATTR_BIG | ATTR_RW) &&
      (s[ATTRIBUTES + DS] & s[ATTRIBUTES + ES] & ATTR_RW) !== 0 &&
      ((s[ATTRIBUTES + DS] | s[ATTRIBUTES + ES] | s[ATTRIBUTES + SS]) & (ATTR_CODE | ATTR_EXPAND_DOWN)) === 0;
    if (!flat || this.checksAlignment() || breakpointsArmed(s)) return -1;
    return (this.reachesAll(FS) ? 1 : 0) | (this.reachesAll(GS) ? 2 : 0);
  }

  private reachesAll(seg: number): boolean {
    const attributes = this.state[ATTRIBUTES + seg];
    return (
      this.state[LIMIT + seg] === FLAT_LIMIT &&
      (attributes & (ATTR_PRESENT | ATTR_RW | ATTR_CODE | ATTR_EXPAND_DOWN)) === (ATTR_PRESENT | ATTR_RW)
    );
  }

  /** #AC is possible: CR0.AM, EFLAGS.AC and CPL 3 (SDM 3A 6.15, interrupt 17). */
  checksAlignment(): boolean {
    return (this.state[FLAG_REST] & AC) !== 0 && this.state[CPL] === 3 && (this.mmu.cr0 & CR0_AM) !== 0;
  }

  /** Records a fault. @returns FAULT */
  raise(vector: number, errorCode = 0): Status {
    this.trap.vector = vector;
    this.trap.errorCode = errorCode;
    this.trap.source = "fault";
    this.faulted = 1;
    return FAULT;
  }

  /** Reports what is not modelled, and lets the instruction fail. @returns FAULT */
  refuse(feature: Unmodelled, vector: number, errorCode: number): Status {
    this.onUnmodelled?.(feature);
    return this.raise(vector, errorCode);
  }

  /** Records the page fault that the MMU has just found; CR2 is loaded before delivery (P28). @returns FAULT */
  raisePageFault(): Status {
    const fault = this.mmu.fault;
    this.state[CR2] = fault.linear;
    this.trap.cr2 = fault.linear >>> 0;
    return this.raise(PF, fault.code);
  }

  /** Asks for delivery of a software interrupt or trap after the instruction. @returns TRAP */
  interrupt(vector: number, source: TrapSource): Status {
    this.trap.vector = vector;
    this.trap.errorCode = 0;
    this.trap.source = source;
    return TRAP;
  }

  /**
   * Segment limit, type and presence checks of a data access (SDM 3A 5.3, 5.5). They come before paging (P20).
   *
   * @param size bytes accessed
   * @param write 1 for writes
   * @returns the linear address as int32; check `faulted`
   */
  linear(seg: number, offset: number, size: number, write: number): number {
    const s = this.state;
    const attributes = s[ATTRIBUTES + seg];
    const limit = s[LIMIT + seg];
    const la = (s[SEG_BASE + seg] + offset) | 0;
    let valid: boolean;
    if ((attributes & (ATTR_PRESENT | ATTR_CODE | ATTR_EXPAND_DOWN)) === ATTR_PRESENT) {
      valid = limit === FLAT_LIMIT || (offset >>> 0) + size - 1 <= limit >>> 0;
      if (write !== 0 && (attributes & ATTR_RW) === 0) valid = false;
    } else if ((attributes & ATTR_PRESENT) === 0) {
      valid = false;
    } else if ((attributes & ATTR_CODE) !== 0) {
      valid = write === 0 && (attributes & ATTR_RW) !== 0 && (offset >>> 0) + size - 1 <= limit >>> 0;
    } else {
      const top = (attributes & ATTR_BIG) !== 0 ? 0xffffffff : 0xffff;
      valid = offset >>> 0 > limit >>> 0 && (offset >>> 0) + size - 1 <= top;
      if (write !== 0 && (attributes & ATTR_RW) === 0) valid = false;
    }
    if (!valid) this.raise(seg === SS ? SS_FAULT : GP);
    else if ((la & (size - 1)) !== 0 && this.checksAlignment()) this.raise(AC_FAULT);
    else if (breakpointsArmed(s)) this.breakpointHits |= dataBreakpoints(s, la, size, write);
    return la;
  }

  /** Reads 1, 2 or 4 bytes (4: int32, else zero-extended) through a segment. Check `faulted`. */
  load(seg: number, offset: number, size: number): number {
    const la = this.linear(seg, offset, size, 0);
    if (this.faulted !== 0) return 0;
    return this.loadLinear(la, size, this.state[CPL] === 3 ? 1 : 0);
  }

  /** Writes 1, 2 or 4 bytes through a segment. @returns false after a fault */
  store(seg: number, offset: number, value: number, size: number): boolean {
    const la = this.linear(seg, offset, size, 1);
    if (this.faulted !== 0) return false;
    return this.storeLinear(la, value, size, this.state[CPL] === 3 ? 1 : 0);
  }

  /** Begins a read-modify-write: one access with write intent (P36). @returns false after a fault */
  openRmw(seg: number, offset: number, size: number): boolean {
    const la = this.linear(seg, offset, size, 1);
    if (this.faulted !== 0) return false;
    if (this.bus.openRmw(la, size, this.state[CPL] === 3 ? 1 : 0)) return true;
    this.raisePageFault();
    return false;
  }

  /** Reads by linear address. @param user 1 as CPL 3, 0 as supervisor (system tables, P18). Check `faulted`. */
  loadLinear(la: number, size: number, user: number): number {
    const bus = this.bus;
    const value = size === 4 ? bus.read32(la, user) : size === 2 ? bus.read16(la, user) : bus.read8(la, user);
    if (bus.faulted !== 0) {
      bus.faulted = 0;
      this.raisePageFault();
      return 0;
    }
    return value;
  }

  /** Writes by linear address. @returns false after a fault */
  storeLinear(la: number, value: number, size: number, user: number): boolean {
    const bus = this.bus;
    const done =
      size === 4
        ? bus.write32(la, value, user)
        : size === 2
          ? bus.write16(la, value, user)
          : bus.write8(la, value, user);
    if (!done) this.raisePageFault();
    return done;
  }

  /** Interrupts, single steps and an interrupt shadow demand a look between instructions; RF only where a breakpoint is armed. */
  needsAttention(): boolean {
    return (
      (this.state[FLAG_REST] & TF) !== 0 ||
      this.state[SHADOW] !== 0 ||
      (this.pendingInterrupt >= 0 && (this.state[FLAG_REST] & IF) !== 0)
    );
  }
}

/** SDM 3A 2.5. */
const CR0_PE = 1 << 0;
const CR0_ET = 1 << 4;
const CR0_AM = 1 << 18;
