/**
 * A bare machine with descriptor tables, for programs of a few bytes at CPL 0 and 3.
 *
 *   1000 GDT   2000 IDT   3000 TSS   3800 LDT   8000 + n: handler of vector n, a HLT   10000 program   14000 data
 *   18000 top of the inner stack   1c000 top of the program's stack   20000 page directory   21000 page table
 *
 * A program ends with INT 80, whose gate CPL 3 may use; how it ended is told as "done" or as its fault.
 */

import { createMachine, EXIT_HALT, EXIT_SHUTDOWN, type Machine, type MachineOptions } from "../emu/index.ts";
import { CS, DS, ES, ESP, FS, GS, SS } from "../emu/state.ts";

export const GDT = 0x1000;
export const IDT = 0x2000;
export const TSS = 0x3000;
export const LDT = 0x3800;
export const HANDLERS = 0x8000;
export const CODE = 0x10000;
export const DATA = 0x14000;
export const INNER_STACK = 0x18000;
export const STACK = 0x1c000;
const DIRECTORY = 0x20000;
const TABLE = 0x21000;

export const KERNEL_CS = 0x08;
export const KERNEL_DS = 0x10;
export const USER_CS = 0x1b;
export const USER_DS = 0x23;
export const TSS_SELECTOR = 0x28;
export const LDT_SELECTOR = 0x30;
/** First GDT entry for tests. */
export const FREE = 0x38;
const GDT_LIMIT = 0xff;
const FLAT = 0xfffff;
const BIG_GRANULAR = 0xc;

/** Access bytes (bits 15..8 of the high dword) of present descriptors with DPL 0; DPL n: + n * 0x20. */
export const CODE_READ = 0x9b;
export const CODE_ONLY = 0x99;
export const CONFORMING = 0x9f;
export const DATA_WRITE = 0x93;
export const DATA_READ = 0x91;
export const EXPAND_DOWN = 0x97;
export const DPL3 = 0x60;
export const NOT_PRESENT = -0x80;
export const NOT_ACCESSED = -1;

export type Words = readonly [low: number, high: number];

/** A segment or system descriptor. @param flags G D/B 0 AVL */
export function segment(access: number, base = 0, limit = FLAT, flags = BIG_GRANULAR): Words {
  const low = (limit & 0xffff) | (base << 16);
  const high = ((base >>> 16) & 0xff) | (access << 8) | (limit & 0xf0000) | (flags << 20) | (base & 0xff000000);
  return [low, high];
}

/** A gate. @param access e.g. 0x8e: present interrupt gate, DPL 0 */
export function gate(access: number, selector: number, offset: number, parameters = 0): Words {
  return [(offset & 0xffff) | (selector << 16), (offset & 0xffff0000) | (access << 8) | parameters];
}

/** Four bytes of a program, little-endian. */
export function le(value: number): string {
  return [0, 8, 16, 24].map((shift) => ((value >>> shift) & 255).toString(16).padStart(2, "0")).join("");
}

const names: Readonly<Record<number, string>> = {
  0: "#DE",
  1: "#DB",
  3: "#BP",
  4: "#OF",
  5: "#BR",
  6: "#UD",
  7: "#NM",
  8: "#DF",
  10: "#TS",
  11: "#NP",
  12: "#SS",
  13: "#GP",
  14: "#PF",
  16: "#MF",
  17: "#AC",
};
const withErrorCode = new Set([8, 10, 11, 12, 13, 14, 17]);

/** Where and how a program ended. */
export interface Ending {
  /** "done"; "#GP(18)" with the error code in hexadecimal; "#UD"; "int 40"; "halted" in the program; "shutdown". */
  readonly how: string;
  /** From the frame; ESP and SS mean something if the handler was entered from an outer level. */
  readonly eip: number;
  readonly cs: number;
  readonly eflags: number;
  readonly esp: number;
  readonly ss: number;
}

export class SystemRig {
  readonly machine: Machine;

  constructor(options: MachineOptions = {}) {
    this.machine = createMachine({ mem: 1 << 20, ...options });
    const { cpu } = this.machine;
    cpu.traps = "guest";
    this.descriptor(KERNEL_CS, segment(CODE_READ));
    this.descriptor(KERNEL_DS, segment(DATA_WRITE));
    this.descriptor(USER_CS, segment(CODE_READ + DPL3));
    this.descriptor(USER_DS, segment(DATA_WRITE + DPL3));
    this.descriptor(TSS_SELECTOR, segment(0x8b, TSS, 0x67, 0));
    this.descriptor(LDT_SELECTOR, segment(0x82, LDT, 0x3f, 0));
    for (let vector = 0; vector < 256; vector++) {
      const access = vector === 3 || vector === 4 || vector === 0x80 ? 0xee : 0x8e;
      this.setGate(vector, gate(access, KERNEL_CS, HANDLERS + vector));
    }
    this.machine.ram.fill(HANDLERS, 256, 0xf4);
    this.poke(TSS + 4, INNER_STACK);
    this.poke(TSS + 8, KERNEL_DS);
    this.poke(TSS + 0x64, 0x68 << 16);
    cpu.setGdtr(GDT, GDT_LIMIT);
    cpu.setIdtr(IDT, 0x7ff);
    cpu.setTr(TSS_SELECTOR, TSS, 0x67);
    cpu.setLdtr(LDT_SELECTOR, LDT, 0x3f);
    this.level(0);
  }

  get cpu() {
    return this.machine.cpu;
  }

  peek(address: number): number {
    return this.machine.ram.read32(address);
  }

  poke(address: number, value: number): void {
    this.machine.ram.write32(address, value);
  }

  /** Writes the descriptor that a selector names, in the GDT or (selector & 4) the LDT. */
  descriptor(selector: number, [low, high]: Words): void {
    const at = (selector & 4 ? LDT : GDT) + (selector & 0xfff8);
    this.poke(at, low);
    this.poke(at + 4, high);
  }

  /** Access byte of a descriptor as it is now. */
  access(selector: number): number {
    return (this.peek((selector & 4 ? LDT : GDT) + (selector & 0xfff8) + 4) >> 8) & 0xff;
  }

  setGate(vector: number, [low, high]: Words): void {
    this.poke(IDT + vector * 8, low);
    this.poke(IDT + vector * 8 + 4, high);
  }

  /** Flat segments of CPL 0 or 3. */
  level(cpl: 0 | 3): this {
    const { cpu } = this;
    const dpl = cpl << 13;
    cpu.setSegmentRaw(CS, cpl === 0 ? KERNEL_CS : USER_CS, 0, -1, 0x00c09b00 | dpl);
    const data = cpl === 0 ? KERNEL_DS : USER_DS;
    for (const seg of [SS, DS, ES, FS, GS]) cpu.setSegmentRaw(seg, data, 0, -1, 0x00c09300 | dpl);
    cpu.regs[ESP] = STACK;
    return this;
  }

  /** Maps the low 4 MiB to themselves, user and writable, and turns paging on. */
  paging(cr0 = 0): this {
    for (let page = 0; page < 1024; page++) this.poke(TABLE + page * 4, (page * 4096) | 7);
    this.poke(DIRECTORY, TABLE | 7);
    this.machine.mmu.setCr3(DIRECTORY);
    this.machine.mmu.setCr0(this.machine.mmu.cr0 | 0x80000000 | cr0);
    return this;
  }

  /** Rights of the page of a linear address: PTE bits 2..0. */
  rights(la: number, bits: number): void {
    const at = TABLE + (la >>> 12) * 4;
    this.poke(at, (this.peek(at) & ~0xfff) | bits);
    this.machine.mmu.invlpg(la);
  }

  /** Loads a program, bytes in hexadecimal, without running it. */
  load(program: string, at = CODE): void {
    const bytes = Uint8Array.from(program.replace(/\s/g, "").match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
    this.machine.ram.writeBytes(at, bytes);
  }

  /** Runs a program at the current level until it ends. */
  run(program: string): Ending {
    this.load(`${program} cd80`);
    this.cpu.eip = CODE;
    return this.go();
  }

  /** Runs a program of CPL 0 that ends with HLT and so leaves the stack alone. */
  runToHalt(program: string): Ending {
    this.load(`${program} f4`);
    this.cpu.eip = CODE;
    return this.go();
  }

  /** Goes on from the current state. */
  go(): Ending {
    const { cpu } = this;
    const reason = cpu.run(Number.POSITIVE_INFINITY, cpu.instructions + 100_000);
    const vector = cpu.eip - 1 - HANDLERS;
    const none = { eip: cpu.eip, cs: cpu.selector(CS), eflags: cpu.getEflags(), esp: cpu.regs[ESP] >>> 0, ss: 0 };
    if (reason === EXIT_SHUTDOWN) return { how: "shutdown", ...none };
    if (reason !== EXIT_HALT) return { how: `exit ${reason}`, ...none };
    if (vector < 0 || vector > 255) return { how: "halted", ...none };
    let at = cpu.segBase(SS) + (cpu.regs[ESP] >>> 0);
    let how = vector === 0x80 ? "done" : (names[vector] ?? `int ${vector.toString(16)}`);
    if (withErrorCode.has(vector)) {
      how += `(${(this.peek(at) >>> 0).toString(16)})`;
      at += 4;
    }
    const [eip, cs, eflags, esp, ss] = [0, 4, 8, 12, 16].map((offset) => this.peek(at + offset) >>> 0);
    return { how, eip, cs, eflags, esp, ss };
  }
}
