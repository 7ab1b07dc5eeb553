/**
 * Memory management as the rest of the kernel sees it: address spaces come and go, one of them is in CR3, and faults and user
 * copies act on it.
 */

import type { LinearBus } from "../../mmu/access.ts";
import { CR0_PE, CR0_PG, CR0_WP, CR4_PGE, CR4_PSE, PF_P, PF_W, PTE_RW } from "../../mmu/pte.ts";
import type { Ram } from "../../mmu/ram.ts";
import type { Translator } from "../../mmu/translator.ts";
import { mmdrop, mmput } from "./exit.ts";
import { FaultHandler } from "./fault.ts";
import type { FaultOutcome } from "./fault-record.ts";
import { HighMemory } from "./highmem.ts";
import { HugetlbPool } from "./hugetlb-pool.ts";
import { Hugetlbfs } from "./hugetlbfs.ts";
import { KernelSpace } from "./kernel-space.ts";
import { MmStruct } from "./mm.ts";
import { PageTables, ptePresent } from "./page-tables.ts";
import { type MemoryCaller, PAGE_SIZE, PhysicalMemory } from "./physical-memory.ts";
import type { SharedTables } from "./shared-tables.ts";
import { ShmemMount } from "./shmem.ts";
import { Uaccess } from "./uaccess.ts";
import { Vmalloc } from "./vmalloc.ts";

/** How find_vma() found. */
export interface VmaLookups {
  readonly hits: number;
  readonly misses: number;
}

export class MemoryManager {
  readonly memory: PhysicalMemory;
  readonly vmalloc: Vmalloc;
  /** The kernel's mappings above the direct map. */
  readonly kernelSpace: KernelSpace;
  /** Files of 4 MiB pages. */
  readonly hugetlbfs: Hugetlbfs;
  readonly faults = new FaultHandler();
  /** Copies from and to the active address space. */
  readonly user: Uaccess;
  /** The address space in CR3; null while only the kernel is mapped. */
  active: MmStruct | null = null;
  /** Every address space that exists (mmlist), in order of creation. */
  readonly mmlist = new Set<MmStruct>();
  /** What forks do with page tables: null copies them, otherwise they are shared. Set before there is an address space. */
  sharing: SharedTables | null = null;
  /** Those of address spaces that are gone. */
  private readonly pastLookups = { hits: 0, misses: 0 };
  private readonly mmu: Translator;
  private readonly shmem = new ShmemMount();

  /** Takes possession of RAM (PhysicalMemory); paging is not yet on. */
  constructor(ram: Ram, mmu: Translator, bus: LinearBus) {
    this.mmu = mmu;
    this.memory = new PhysicalMemory(ram, mmu);
    this.kernelSpace = new KernelSpace(this.memory);
    this.memory.highmem = new HighMemory(this.memory, this.kernelSpace);
    this.memory.hugePages = new HugetlbPool(this.memory);
    this.hugetlbfs = new Hugetlbfs(this.memory);
    this.vmalloc = new Vmalloc(this.memory, this.kernelSpace);
    const prepareWrite = mmu.profile.wp
      ? null
      : (address: number, length: number): number => this.prepareWrite(address, length);
    this.user = new Uaccess(bus, mmu, (address, errorCode) => this.fixup(address, errorCode), prepareWrite);
  }

  /** Turns paging on over the kernel's page tables, with whatever of PSE, PGE and WP the processor has. */
  enablePaging(): void {
    const { mmu } = this;
    const { pse, pge, wp } = mmu.profile;
    mmu.setCr3(this.memory.kernelPgd * PAGE_SIZE);
    if (pse || pge) mmu.setCr4(mmu.cr4 | (pse ? CR4_PSE : 0) | (pge ? CR4_PGE : 0));
    mmu.setCr0(mmu.cr0 | CR0_PE | CR0_PG | (wp ? CR0_WP : 0));
  }

  /** A new address space with the kernel's half and nothing else (mm_alloc()); null when no frame is left. */
  createMm(): MmStruct | null {
    const tables = PageTables.create(this.memory, this.sharing);
    if (tables === null) return null;
    const mm = new MmStruct(this.memory, tables, this.faults, this.shmem, this.hugetlbfs);
    this.mmlist.add(mm);
    return mm;
  }

  /** Drops one user; after the last one the address space is empty and not in CR3 (mmput()). */
  mmput(mm: MmStruct): void {
    if (mm.users === 1 && this.active === mm) this.activate(null, this.memory.current);
    mmput(mm);
    if (mm.count === 0) this.forget(mm);
  }

  /** Drops one holder of the structure; after the last one it is gone (mmdrop()). */
  mmdrop(mm: MmStruct): void {
    mmdrop(mm);
    if (mm.count === 0) this.forget(mm);
  }

  private forget(mm: MmStruct): void {
    this.mmlist.delete(mm);
    this.pastLookups.hits += mm.cacheHits;
    this.pastLookups.misses += mm.cacheMisses;
  }

  /** Calls of find_vma() in all address spaces so far: hits of their mmap_cache, and searches of the tree. */
  get vmaLookups(): VmaLookups {
    const sum = { ...this.pastLookups };
    for (const mm of this.mmlist) {
      sum.hits += mm.cacheHits;
      sum.misses += mm.cacheMisses;
    }
    return sum;
  }

  /** Switches to the address space of a task, which becomes `current`; null leaves only the kernel mapped (switch_mm()). */
  activate(mm: MmStruct | null, caller: MemoryCaller): void {
    this.active = mm;
    this.memory.current = caller;
    this.memory.switchPgd(mm === null ? this.memory.kernelPgd : mm.tables.pgd);
  }

  /** Resolves a page fault of `mm`, or says which signal it is; counts it for the current task. */
  handleMmFault(mm: MmStruct, address: number, errorCode: number): FaultOutcome {
    return this.faults.handle(mm, address, errorCode);
  }

  private fixup(address: number, errorCode: number): boolean {
    return this.active !== null && this.faults.handle(this.active, address, errorCode) === 0;
  }

  /**
   * Without CR0.WP a supervisor write ignores read-only pages, and would write through copy-on-write: the pages are made
   * writable first, as Linux did for the 386 (__verify_write()). Returns the bytes from `address` on that may be written.
   */
  private prepareWrite(address: number, length: number): number {
    const mm = this.active;
    if (mm === null) return 0;
    const end = address + length;
    for (let at = address; at < end; at = at - (at % PAGE_SIZE) + PAGE_SIZE) {
      const pte = mm.tables.read(at);
      if (ptePresent(pte) && (pte & PTE_RW) !== 0) continue;
      if (this.faults.handle(mm, at, PF_W | (ptePresent(pte) ? PF_P : 0)) !== 0) return at - address;
    }
    return length;
  }
}
