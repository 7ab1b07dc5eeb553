/** One address space: struct mm_struct. */

import type { File } from "../fs/file.ts";
import type { FaultOutcome } from "./fault-record.ts";
import type { Hugetlbfs } from "./hugetlbfs.ts";
import type { PageTables } from "./page-tables.ts";
import type { PhysicalMemory } from "./physical-memory.ts";
import type { ShmemMount } from "./shmem.ts";
import type { VmArea } from "./vma.ts";
import { VmaTree } from "./vma-tree.ts";

/** The local descriptor table of an address space; its owner frees what it takes. */
export interface Ldt {
  /** Linear address and size in bytes - 1. */
  readonly base: number;
  readonly limit: number;
  free(): void;
}

/** Brings pages in without an access of the program: populate, get_user_pages. */
export interface PageResolver {
  /** Makes one page of the VMA present, for writing if `write` (handle_mm_fault()): 0, or what a program would get. */
  resolve(mm: MmStruct, vma: VmArea, address: number, write: boolean): FaultOutcome;
}

export class MmStruct {
  readonly memory: PhysicalMemory;
  readonly tables: PageTables;
  readonly faults: PageResolver;
  readonly shmem: ShmemMount;
  readonly hugetlbfs: Hugetlbfs;
  readonly vmas = new VmaTree<VmArea>();
  /** Tasks that use the address space (mm_users): the last mmput() unmaps everything. */
  users = 1;
  /** Holders of the structure and its page directory (mm_count), all users together being one. */
  count = 1;

  /** Last VMA found (mmap_cache), and how often it was the right one. */
  cached: VmArea | null = null;
  cacheHits = 0;
  cacheMisses = 0;

  /** mmap looks for space from here downwards. */
  mmapBase = 0;
  startCode = 0;
  endCode = 0;
  startData = 0;
  endData = 0;
  startBrk = 0;
  brk = 0;
  startStack = 0;
  argStart = 0;
  argEnd = 0;
  envStart = 0;
  envEnd = 0;
  /** auxv as the program got it: pairs, AT_NULL included. */
  savedAuxv = new Uint32Array(0);
  /** The program file. Counted by File.get(). */
  exeFile: File | null = null;

  /** Pages mapped, in all and by kind (vm_stat_account()). */
  totalVm = 0;
  lockedVm = 0;
  dataVm = 0;
  execVm = 0;
  stackVm = 0;
  /** Highest totalVm so far, pages. */
  hiwaterVm = 0;
  /** VM_LOCKED | VM_LOCKONFAULT as mlockall(MCL_FUTURE) left them for new mappings. */
  defaultFlags = 0;
  ldt: Ldt | null = null;

  constructor(
    memory: PhysicalMemory,
    tables: PageTables,
    faults: PageResolver,
    shmem: ShmemMount,
    hugetlbfs: Hugetlbfs,
  ) {
    this.memory = memory;
    this.tables = tables;
    this.faults = faults;
    this.shmem = shmem;
    this.hugetlbfs = hugetlbfs;
  }

  /** One more user; returns the address space (mmget()). */
  get(): this {
    this.users++;
    return this;
  }

  /** One more holder of the structure, who does not keep its mappings (mmgrab()). */
  grab(): void {
    this.count++;
  }

  /** The first VMA that ends above `address` (find_vma()). */
  findVma(address: number): VmArea | null {
    const { cached } = this;
    if (cached !== null && cached.start <= address && address < cached.end) {
      this.cacheHits++;
      return cached;
    }
    this.cacheMisses++;
    const found = this.vmas.find(address);
    if (found !== null) this.cached = found;
    return found;
  }

  /** The VMA before findVma(), or the last one if there is none above (find_vma_prev()). */
  findVmaPrev(address: number): VmArea | null {
    return this.vmas.findPrev(address);
  }

  /** The first VMA that overlaps start..end-1 (find_vma_intersection()). */
  findVmaIntersection(start: number, end: number): VmArea | null {
    return this.vmas.findIntersection(start, end);
  }
}
