/**
 * The descriptor tables of the machine: a GDT laid out as i386 Linux has it, in a kernel frame (arch/x86/include/asm/segment.h),
 * its three TLS entries rewritten at each context switch (load_TLS()), and one LDT per address space that asked for one.
 */

import type { Cpu } from "../../emu/cpu.ts";
import { CS, DS, ES, FS, GS, SS } from "../../emu/state.ts";
import { OWNER_KERNEL } from "../mm/frames.ts";
import { GFP_KERNEL, GFP_ZERO } from "../mm/gfp.ts";
import type { MemoryManager } from "../mm/memory-manager.ts";
import type { Ldt } from "../mm/mm.ts";
import { PAGE_SIZE, type PhysicalMemory, TASK_SIZE } from "../mm/physical-memory.ts";
import type { Vmalloc } from "../mm/vmalloc.ts";
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
  readonly #vmalloc: Vmalloc;
  readonly #cpu: Cpu;
  /** Physical address of the GDT. */
  readonly #gdt: number;
  #ldt: Ldt | null = null;

  constructor({ memory, vmalloc }: MemoryManager, cpu: Cpu) {
    this.#memory = memory;
    this.#vmalloc = vmalloc;
    this.#cpu = cpu;
    const pfn = memory.allocBlock(0, OWNER_KERNEL, GFP_KERNEL | GFP_ZERO);
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
    return this.#read(this.#ldtEntry(this.#ldt, offset));
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
   * memory. It is freed by its free(). One of more than a page lies in vmalloc space (alloc_ldt_struct()).
   */
  createLdt(bytes: number, from: Ldt | null): Ldt | null {
    const ldt = bytes > PAGE_SIZE ? this.#vmallocLdt(bytes) : this.#smallLdt(bytes);
    if (ldt === null || from === null) return ldt;
    const { ram } = this.#memory;
    for (let offset = 0; offset < Math.min(from.limit + 1, bytes); offset += 8) {
      const [low, high] = this.#read(this.#ldtEntry(from, offset));
      ram.write32(this.#ldtEntry(ldt, offset), low);
      ram.write32(this.#ldtEntry(ldt, offset) + 4, high);
    }
    return ldt;
  }

  #smallLdt(bytes: number): Ldt | null {
    const memory = this.#memory;
    const pfn = memory.allocBlock(0, OWNER_KERNEL, GFP_KERNEL | GFP_ZERO);
    if (pfn < 0) return null;
    return { base: memory.kernelAddress(pfn), limit: bytes - 1, free: () => memory.freeBlock(pfn) };
  }

  #vmallocLdt(bytes: number): Ldt | null {
    const base = this.#vmalloc.allocate(bytes);
    return base < 0 ? null : { base, limit: bytes - 1, free: () => this.#vmalloc.free(base) };
  }

  /** The bytes of an LDT. */
  readLdt(ldt: Ldt): Uint8Array {
    const words = new Int32Array((ldt.limit + 1) / 4);
    for (let i = 0; i < words.length; i += 2) words.set(this.#read(this.#ldtEntry(ldt, i * 4)), i);
    return new Uint8Array(words.buffer);
  }

  writeLdtEntry(ldt: Ldt, entry: number, low: number, high: number): void {
    const pa = this.#ldtEntry(ldt, entry * 8);
    this.#memory.ram.write32(pa, low);
    this.#memory.ram.write32(pa + 4, high);
  }

  /** Physical address of a byte of an LDT. */
  #ldtEntry({ base, limit }: Ldt, offset: number): number {
    if (limit < PAGE_SIZE) return base - TASK_SIZE + offset;
    const address = base + offset;
    return this.#vmalloc.frameOf(address) * PAGE_SIZE + (address % PAGE_SIZE);
  }
}
