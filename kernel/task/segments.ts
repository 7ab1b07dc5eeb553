/**
 * The descriptor tables of the machine: a GDT laid out as i386 Linux has it, in a kernel frame (arch/x86/include/asm/segment.h),
 * its three TLS entries rewritten at each context switch (load_TLS()), and one LDT per address space that asked for one.
 */

import type { Cpu } from "../../emu/cpu.ts";
import { CS, DS, ES, FS, GS, SS } from "../../emu/state.ts";
import type { Ldt } from "../mm/mm.ts";
import { PAGE_SIZE, type PhysicalMemory, TASK_SIZE } from "../mm/physical-memory.ts";
import {
  descAttributes,
  descBase,
  descDpl,
  descLimit,
  isCode,
  isConforming,
  isReadWrite,
  isUserSegment,
} from "./descriptor.ts";

export const USER_CS = 0x73;
export const USER_DS = 0x7b;
export const KERNEL_CS = 0x60;
export const KERNEL_DS = 0x68;
/** GDT entries that set_thread_area() hands out. */
export const GDT_ENTRY_TLS_MIN = 6;
export const GDT_ENTRY_TLS_MAX = 8;
/** Selector of the LDT descriptor, GDT entry 17. */
const LDT_SELECTOR = 17 * 8;
const GDT_ENTRIES = 32;
export const LDT_ENTRIES = 8192;
const TI_LDT = 4;

/** Fixed GDT entries: flat 4 GiB segments. */
const flat: readonly (readonly [entry: number, high: number])[] = [
  [12, 0x00cf9b00],
  [13, 0x00cf9300],
  [14, 0x00cffb00],
  [15, 0x00cff300],
];

export class Segments {
  readonly #memory: PhysicalMemory;
  readonly #cpu: Cpu;
  /** Physical address of the GDT. */
  readonly #gdt: number;
  #ldt: Ldt | null = null;

  constructor(memory: PhysicalMemory, cpu: Cpu) {
    this.#memory = memory;
    this.#cpu = cpu;
    const pfn = memory.allocKernelBlock(0);
    if (pfn < 0) throw new RangeError("no frame for the GDT");
    this.#gdt = pfn * PAGE_SIZE;
    for (const [entry, high] of flat) this.#writeGdt(entry, 0xffff, high);
    cpu.setGdtr(memory.kernelAddress(pfn), GDT_ENTRIES * 8 - 1);
  }

  #writeGdt(entry: number, low: number, high: number): void {
    this.#memory.ram.write32(this.#gdt + entry * 8, low);
    this.#memory.ram.write32(this.#gdt + entry * 8 + 4, high);
  }

  /** load_TLS(): the three TLS entries of a task, low and high word each. */
  loadTls(tls: Int32Array): void {
    for (let i = 0; i < 3; i++) this.#writeGdt(GDT_ENTRY_TLS_MIN + i, tls[i * 2], tls[i * 2 + 1]);
  }

  /** Loads LDTR; null = no LDT. */
  loadLdt(ldt: Ldt | null): void {
    this.#ldt = ldt;
    if (ldt === null) {
      this.#cpu.setLdtr(0, 0, 0);
      return;
    }
    const low = ((ldt.base & 0xffff) << 16) | (ldt.limit & 0xffff);
    const high = (ldt.base & 0xff000000) | ((ldt.base >>> 16) & 0xff) | 0x8200;
    this.#writeGdt(17, low, high);
    this.#cpu.setLdtr(LDT_SELECTOR, ldt.base, ldt.limit);
  }

  /** The descriptor a selector names: low and high word, or null if it is null or beyond its table. */
  descriptor(selector: number): [low: number, high: number] | null {
    const offset = selector & 0xfff8;
    if ((selector & TI_LDT) === 0) {
      if (offset === 0 || offset + 7 >= GDT_ENTRIES * 8) return null;
      return this.#read(this.#gdt + offset);
    }
    if (this.#ldt === null || offset + 7 > this.#ldt.limit) return null;
    return this.#read(this.#ldt.base - TASK_SIZE + offset);
  }

  #read(pa: number): [number, number] {
    const { ram } = this.#memory;
    return [ram.read32(pa), ram.read32(pa + 4)];
  }

  /**
   * Loads a segment register for a return to CPL 3, as IRET and POP would (SDM 3A 5.5..5.8). False if the processor would
   * fault; the register is then left alone.
   */
  load(seg: number, selector: number): boolean {
    if ((selector & 0xfffc) === 0 && seg !== CS && seg !== SS) {
      this.#cpu.setSegmentRaw(seg, selector, 0, 0, 0);
      return true;
    }
    const found = this.descriptor(selector);
    if (found === null) return false;
    const [low, high] = found;
    if (!isUserSegment(high)) return false;
    const rpl = selector & 3;
    if (seg === CS) {
      if (!isCode(high) || rpl !== 3 || (!isConforming(high) && descDpl(high) !== 3)) return false;
    } else if (seg === SS) {
      if (isCode(high) || !isReadWrite(high) || rpl !== 3 || descDpl(high) !== 3) return false;
    } else {
      if (isCode(high) && !isReadWrite(high)) return false;
      if (!isConforming(high) && descDpl(high) < 3) return false;
    }
    this.#cpu.setSegmentRaw(seg, selector, descBase(low, high), descLimit(low, high), descAttributes(high));
    return true;
  }

  /** Loads a data segment register, or a null selector where that would fault (fixup of the POPs in RESTORE_REGS). */
  loadOrNull(seg: number, selector: number): void {
    if (!this.load(seg, selector)) this.load(seg, 0);
  }

  /** Reloads the data segment registers that hold this selector after its descriptor has changed. */
  refresh(selector: number): void {
    for (const seg of [DS, ES, FS, GS]) {
      if (this.#cpu.selector(seg) === selector) this.loadOrNull(seg, selector);
    }
  }

  /** The segment registers a program starts with. */
  loadFlat(): void {
    this.load(CS, USER_CS);
    for (const seg of [SS, DS, ES]) this.load(seg, USER_DS);
    for (const seg of [FS, GS]) this.load(seg, 0);
  }

  /**
   * An LDT of `bytes` bytes (a multiple of 8, at most 64 KiB), zeroed but for what is copied from `from`; null without
   * memory. It lies in the direct map and is freed by its free().
   */
  createLdt(bytes: number, from: Ldt | null): Ldt | null {
    const memory = this.#memory;
    const order = 32 - Math.clz32(Math.ceil(bytes / PAGE_SIZE) - 1);
    const pfn = memory.allocKernelBlock(order);
    if (pfn < 0) return null;
    const base = memory.kernelAddress(pfn);
    if (from !== null) {
      const length = Math.min(from.limit + 1, bytes);
      memory.ram.writeBytes(base - TASK_SIZE, memory.ram.readBytes(from.base - TASK_SIZE, length));
    }
    return { base, limit: bytes - 1, free: () => memory.freeKernelBlock(pfn) };
  }

  /** The bytes of an LDT. */
  readLdt(ldt: Ldt): Uint8Array {
    return this.#memory.ram.readBytes(ldt.base - TASK_SIZE, ldt.limit + 1);
  }

  writeLdtEntry(ldt: Ldt, entry: number, low: number, high: number): void {
    const pa = ldt.base - TASK_SIZE + entry * 8;
    this.#memory.ram.write32(pa, low);
    this.#memory.ram.write32(pa + 4, high);
  }
}
