/** The emulated processor as the runner's counterpart: CPL 3 under paging, with the same windows, LDT and selectors. */

import { EXIT_DEADLINE, EXIT_TRAP } from "../../emu/cpu.ts";
import { createMachine, type Machine } from "../../emu/machine.ts";
import * as S from "../../emu/state.ts";
import {
  type Case,
  CODE,
  CODE_BYTES,
  CODE_WORDS,
  DATA,
  DATA_BYTES,
  descriptor,
  FPU,
  FPU_OUT,
  IMAGE_WORDS,
  INT3,
  ldt,
  type Outcome,
  pattern,
  user,
  WRITABLE_BYTES,
} from "./layout.ts";

const PRESENT = 1;
const WRITE = 2;
const USER = 4;
/** PG, AM, WP, NE, ET, MP, PE: as Linux sets CR0. */
const CR0 = 0x80050033 | 0;
/** Linear address of the descriptor tables, supervisor only. */
const TABLES = 0xc0000000;
const GDT_LIMIT = 127;
const DIRECTORY_PA = 0x1000;
const FIRST_PA = 0x10000;
const TABLES_PA = 0x8000;
const LDT_OFFSET = 0x400;
const TASK_STATE = 0x800;
const TASK_STATE_LIMIT = 0x67;
/** Flat segments at privilege level 3 by attributes: code, data. */
const FLAT_CODE = 0x00cffb00;
const FLAT_DATA = 0x00cff300;

const limitOf = (limit: number, pages: boolean): number => (pages ? (limit << 12) | 0xfff : limit);

/** How instructions are executed: one at a time by their handlers, in blocks with the hot loop, or translated. */
export type Way = "steps" | "blocks" | "translated";

export class EmulatedProcessor {
  readonly machine: Machine;
  private readonly way: Way;
  private nextFrame = FIRST_PA;
  private nextTable = 0x2000;
  private readonly physical = new Map<number, number>();
  private readonly window: Int32Array;
  private readonly codeWindow: Int32Array;
  private changes: number[] = [];
  private image: Int32Array | undefined;

  constructor(way: Way, translation: "hot" | "plain", cpuName = "p6", tlb?: string) {
    this.way = way;
    this.machine = createMachine({
      cpu: cpuName,
      mem: 1 << 20,
      translation,
      engine: way === "translated" ? "translator" : "interpreter",
      translateAfter: 0,
      ...(tlb === undefined ? {} : { tlb }),
    });
    const { ram, cpu, mmu } = this.machine;
    this.map(CODE, CODE_BYTES / 4096, PRESENT | WRITE | USER);
    this.map(FPU, 1, PRESENT | WRITE | USER);
    this.map(DATA, 2, PRESENT | WRITE | USER);
    this.map(DATA + 0x2000, 1, PRESENT | USER);
    this.writeTables();
    for (let i = 0; i < DATA_BYTES / 4; i++) ram.write32(this.at(DATA) + i * 4, pattern[i]);
    ram.fill(this.at(CODE), CODE_BYTES, 0xcc);
    const first = (ram.base + this.at(DATA)) / 4;
    const firstCode = (ram.base + this.at(CODE)) / 4;
    this.codeWindow = ram.engineViews().i32.subarray(firstCode, firstCode + CODE_BYTES / 4);
    this.window = ram.engineViews().i32.subarray(first, first + WRITABLE_BYTES / 4);
    mmu.setCr3(DIRECTORY_PA);
    mmu.setCr0(CR0);
    cpu.setGdtr(TABLES, GDT_LIMIT);
    cpu.setLdtr(0x48, TABLES + LDT_OFFSET, ldt.length * 8 - 1);
    cpu.setTr(0x40, TABLES + TASK_STATE, TASK_STATE_LIMIT);
    cpu.traps = "host";
  }

  /** Physical address of a mapped page. */
  private at(linear: number): number {
    const frame = this.physical.get(linear >>> 12);
    if (frame === undefined) throw new Error(`nothing at ${linear.toString(16)}`);
    return frame;
  }

  /** Pages of a region get consecutive frames. */
  private map(linear: number, pages: number, rights: number): void {
    for (let n = 0; n < pages; n++) {
      this.mapPage((linear + n * 4096) >>> 0, this.nextFrame, rights);
      this.nextFrame += 4096;
    }
  }

  private mapPage(linear: number, frame: number, rights: number): void {
    const { ram } = this.machine;
    const entry = DIRECTORY_PA + (linear >>> 22) * 4;
    if ((ram.read32(entry) & PRESENT) === 0) {
      ram.write32(entry, this.nextTable | PRESENT | WRITE | USER);
      this.nextTable += 4096;
    }
    ram.write32((ram.read32(entry) & ~4095) + ((linear >>> 12) & 1023) * 4, frame | rights);
    this.physical.set(linear >>> 12, frame);
  }

  /** A GDT like that of a Linux kernel as a program sees it, and the LDT. */
  private writeTables(): void {
    const { ram } = this.machine;
    this.mapPage(TABLES, TABLES_PA, PRESENT | WRITE);
    const write = (offset: number, [low, high]: [number, number]): void => {
      ram.write32(TABLES_PA + offset, low);
      ram.write32(TABLES_PA + offset + 4, high);
    };
    if (user.cs === 0x23) {
      // Kernel code 32, kernel code 64, kernel data, user code 64.
      write(0x08, [0x0000ffff, 0x00cf9b00]);
      write(0x10, [0x0000ffff, 0x00af9b00]);
      write(0x18, [0x0000ffff, 0x00cf9300]);
      write(0x30, [0x0000ffff, 0x00affb00]);
    }
    write(user.cs & ~7, [0x0000ffff, FLAT_CODE]);
    write(user.ds & ~7, [0x0000ffff, FLAT_DATA]);
    // The task state segment's I/O map lies behind its limit: no port is allowed (SDM 1 18.5.2).
    ram.write16(TABLES_PA + TASK_STATE + 0x66, TASK_STATE_LIMIT + 1);
    ldt.forEach((entry, index) => {
      write(LDT_OFFSET + index * 8, descriptor(entry));
    });
  }

  private setSegment(seg: number, selector: number): void {
    const { cpu } = this.machine;
    if (selector === -1) {
      if (seg === S.CS) cpu.setSegmentRaw(seg, user.cs, 0, -1, FLAT_CODE);
      else if (seg >= S.FS) cpu.setSegmentRaw(seg, 0, 0, 0, 0);
      else cpu.setSegmentRaw(seg, user.ds, 0, -1, FLAT_DATA);
    } else if ((selector & 4) === 0) {
      throw new Error("a case starts with selectors of the LDT");
    } else {
      const entry = ldt[selector >> 3];
      const [, high] = descriptor(entry);
      cpu.setSegmentRaw(seg, selector, entry.base, limitOf(entry.limit, entry.pages), high & 0x00f0ff00);
    }
  }

  /**
   * Executes one case. Throws if it does not end in a trap.
   *
   * @param slice clocks after which execution is interrupted, again and again
   */
  run(c: Case, slice = 1e9): Outcome {
    const { cpu, ram } = this.machine;
    const { state } = cpu;
    cpu.regs.set(c.regs);
    for (let seg = 0; seg < 6; seg++) this.setSegment(seg, c.selectors[seg]);
    cpu.setEflags(c.eflags);
    cpu.eip = c.eip;
    state[S.SHADOW] = 0;
    state[S.DR + 6] = 0;
    const codePa = this.at(CODE) + (c.codeAddress - CODE);
    ram.writeBytes(codePa, c.code);
    const dataPa = this.at(DATA);
    for (const [index, value] of c.patches) ram.write32(dataPa + index * 4, value);
    const fpuPa = this.at(FPU);
    if (c.image !== undefined) for (let i = 0; i < IMAGE_WORDS; i++) ram.write32(fpuPa + i * 4, c.image[i]);

    const most = cpu.instructions + (this.way === "steps" ? 4000 : 1e9);
    let exit: number;
    try {
      do exit = cpu.run(cpu.cycles + slice, most);
      while (exit === EXIT_DEADLINE && slice < 1e9);
    } finally {
      ram.fill(codePa, c.code.length, 0xcc);
      this.collect(c, fpuPa);
    }
    if (exit !== EXIT_TRAP) throw new Error(`the case ended with exit reason ${exit}`);
    return this.outcome(c);
  }

  /** Takes the changes of memory and undoes them. */
  private collect(c: Case, fpuPa: number): void {
    const { ram } = this.machine;
    const { window } = this;
    this.changes = [];
    for (let i = 0; i < window.length; i++) if (window[i] !== pattern[i]) this.changes.push(i, window[i]);
    const dataPa = this.at(DATA);
    for (let n = 0; n < this.changes.length; n += 2) {
      ram.write32(dataPa + this.changes[n] * 4, pattern[this.changes[n]]);
    }
    const { codeWindow } = this;
    const codePa = this.at(CODE);
    for (let i = 0; i < codeWindow.length; i++) {
      if (codeWindow[i] === INT3) continue;
      this.changes.push(CODE_WORDS + i, codeWindow[i]);
      ram.write32(codePa + i * 4, INT3);
    }
    this.image = undefined;
    if (c.image === undefined) return;
    this.image = new Int32Array(IMAGE_WORDS);
    for (let i = 0; i < IMAGE_WORDS; i++) {
      this.image[i] = ram.read32(fpuPa + (FPU_OUT - FPU) + i * 4);
      ram.write32(fpuPa + (FPU_OUT - FPU) + i * 4, 0);
    }
  }

  private outcome(c: Case): Outcome {
    const { cpu } = this.machine;
    const { trap } = cpu;
    let { vector, errorCode } = trap;
    let eip = cpu.eip;
    if (trap.source === "int" && vector !== 3 && vector !== 4) {
      // A user program may call no other gate: the IDT's privilege check comes with its owner (SDM 3A 6.12.1.1).
      errorCode = vector * 8 + 2;
      vector = 13;
      eip = c.eip;
    }
    return {
      vector,
      errorCode,
      cr2: trap.cr2 | 0,
      eip: eip | 0,
      eflags: cpu.getEflags(),
      regs: Int32Array.from(cpu.regs),
      selectors: Int32Array.from({ length: 6 }, (_, seg) => cpu.selector(seg)),
      changes: Int32Array.from(this.changes),
      image: this.image,
    };
  }
}
