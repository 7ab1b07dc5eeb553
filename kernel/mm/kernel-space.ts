/**
 * The kernel's quarter of every address space, supervisor-only (arch/x86/include/asm/pgtable_32_areas.h):
 *
 *     0xc0000000   direct map: low memory, one to one (kernel-tables.ts)
 *         8 MiB    nothing, so that a stray pointer faults
 *     ...          vmalloc: pages from anywhere, side by side        -> 0xff7fe000
 *     0xff800000   PKMAP: 1024 pages of high memory while somebody works on them (kmap)
 *     0xffc00000   FIXMAP: slots with fixed addresses, among them those of kmapLocal()
 *
 * All page directories share the page tables below: PKMAP and FIXMAP have theirs from the start; a new one of vmalloc is
 * entered in every directory at once (arch_sync_kernel_mappings()).
 */

import { PTE_A, PTE_D, PTE_G, PTE_P, PTE_RW } from "../../mmu/pte.ts";
import { OWNER_KERNEL } from "./frames.ts";
import { GFP_KERNEL, GFP_ZERO } from "./gfp.ts";
import { PAGE_SIZE, type PhysicalMemory, TASK_SIZE } from "./physical-memory.ts";
import { LOWMEM_FRAMES } from "./zone.ts";

export const PKMAP_BASE = 0xff800000;
/** LAST_PKMAP. */
export const PKMAP_PAGES = 1024;
export const FIXADDR_START = 0xffc00000;
export const FIXADDR_TOP = 0xfffff000;
/** VMALLOC_OFFSET, and two pages that stay free below PKMAP. */
const VMALLOC_OFFSET = 8 << 20;
export const VMALLOC_END = PKMAP_BASE - 2 * PAGE_SIZE;

export class KernelSpace {
  readonly vmallocStart: number;
  /** Page tables of vmalloc, made on demand. */
  readonly tables: number[] = [];
  private readonly memory: PhysicalMemory;
  private readonly bits: number;

  constructor(memory: PhysicalMemory) {
    this.memory = memory;
    this.vmallocStart = TASK_SIZE + Math.min(memory.frames.total, LOWMEM_FRAMES) * PAGE_SIZE + VMALLOC_OFFSET;
    this.bits = PTE_P | PTE_RW | PTE_A | PTE_D | (memory.mmu.profile.pge ? PTE_G : 0);
  }

  /** Maps a page of physical memory, present or not, in RAM or not, at an address above the direct map: 0, or -1 without memory. */
  map(address: number, pfn: number): number {
    const pte = this.pteAlloc(address);
    if (pte < 0) return -1;
    this.memory.ram.write32(pte, (pfn << 12) | this.bits);
    return 0;
  }

  /** Takes the mapping away; the caller flushes. Returns the frame, -1 if there was none. */
  unmap(address: number): number {
    const pa = this.pteOffset(address);
    if (pa < 0) return -1;
    const { ram } = this.memory;
    const pte = ram.read32(pa);
    ram.write32(pa, 0);
    return (pte & PTE_P) === 0 ? -1 : pte >>> 12;
  }

  /** The PTE of an address, 0 if there is no table. */
  read(address: number): number {
    const pa = this.pteOffset(address);
    return pa < 0 ? 0 : this.memory.ram.read32(pa);
  }

  private pteOffset(address: number): number {
    const pde = this.memory.ram.read32(directoryEntry(this.memory.kernelPgd, address));
    return (pde & PTE_P) === 0 ? -1 : (pde >>> 12) * PAGE_SIZE + ((address >>> 10) & 0xffc);
  }

  private pteAlloc(address: number): number {
    const found = this.pteOffset(address);
    if (found >= 0) return found;
    const { memory } = this;
    const table = memory.allocFrame(OWNER_KERNEL, GFP_KERNEL | GFP_ZERO);
    if (table < 0) return -1;
    this.tables.push(table);
    for (const pgd of [memory.kernelPgd, ...memory.directories]) {
      memory.ram.write32(directoryEntry(pgd, address), (table << 12) | PTE_P | PTE_RW | PTE_A);
    }
    return table * PAGE_SIZE + ((address >>> 10) & 0xffc);
  }
}

/** Physical address of the directory entry. */
function directoryEntry(pgd: number, address: number): number {
  return pgd * PAGE_SIZE + (address >>> 22) * 4;
}
