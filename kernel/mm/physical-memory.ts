/**
 * The physical half of memory management: frames and their references, the zones, the kernel's page tables, and the only
 * two ways in which translations change: a PTE written to guest RAM, and a TLB flush.
 */

import type { Ram } from "../../mmu/ram.ts";
import type { Translator } from "../../mmu/translator.ts";
import { FrameTable, OWNER_RESERVED, PG_DIRTY, PG_PRISTINE } from "./frames.ts";
import { GFP_DIRECT_RECLAIM, GFP_HIGH, GFP_HIGHUSER, GFP_KERNEL, GFP_MEMALLOC, GFP_ZERO, gfpZone } from "./gfp.ts";
import type { HighMemory } from "./highmem.ts";
import type { HugetlbPool } from "./hugetlb-pool.ts";
import { buildKernelTables } from "./kernel-tables.ts";
import { Overcommit } from "./overcommit.ts";
import { LOWMEM_FRAMES, makeZones, type Zone, zoneIndex } from "./zone.ts";

export const PAGE_SHIFT = 12;
export const PAGE_SIZE = 4096;
/** End of user space, start of the kernel's direct map (CONFIG_VMSPLIT_3G). */
export const TASK_SIZE = 0xc0000000;
/** Rounded up to whole pages; may reach 2^32. */
export function pageAlign(bytes: number): number {
  return Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;
}

/** What memory management asks about the task on whose behalf it works (`current` in Linux). */
export interface MemoryCaller {
  /** Soft limit of an RLIMIT_* resource; Infinity = none. */
  rlimit(resource: number): number;
  /** Its hard limit. */
  rlimitMax(resource: number): number;
  readonly cred: { capable(capability: number): boolean };
  /** Faults of the task: task_struct min_flt, maj_flt. */
  readonly usage: { minorFaults: number; majorFaults: number };
  /** personality(2). */
  readonly personality: number;
}

/** Frames that may be given up when none is free. */
export interface PageCache {
  /** Index -> pfn, one reference each. */
  readonly pages: ReadonlyMap<number, number>;
  /** Gives up what nobody maps; returns how many frames became free. */
  shrink(): number;
}

/** The kernel itself, before there is a task. */
const kernelCaller: MemoryCaller = {
  rlimit: () => Number.POSITIVE_INFINITY,
  rlimitMax: () => Number.POSITIVE_INFINITY,
  cred: { capable: () => true },
  usage: { minorFaults: 0, majorFaults: 0 },
  personality: 0,
};

/** TLB maintenance that the kernel asked for. */
export interface FlushCounts {
  /** Single pages, by INVLPG: flush_tlb_page(). */
  page: number;
  /** Ranges flushed page by page, and the pages in them: flush_tlb_range(). */
  range: number;
  rangePages: number;
  /** Everything but global entries, by MOV CR3: flush_tlb_mm(), and every other flush that is too large or that lacks INVLPG. */
  all: number;
  /** MOV CR3 to another address space. */
  switch: number;
}

/** A range of more pages than this is flushed by a MOV CR3 (tlb_single_page_flush_ceiling). */
const FLUSH_CEILING = 33;

export class PhysicalMemory {
  readonly ram: Ram;
  readonly mmu: Translator;
  readonly frames: FrameTable;
  /** Lowest first; a small RAM has fewer than three. */
  readonly zones: readonly Zone[];
  /** swapper_pg_dir: the page directory whose upper quarter all others copy. */
  readonly kernelPgd: number;
  /** empty_zero_page: mapped read-only wherever untouched private memory is read. */
  readonly zeroPage: number;
  /** Frames that no allocator ever sees. */
  readonly reservedFrames: number;
  /** The page directory in CR3. */
  activePgd: number;
  /** Page directories of address spaces: each has a copy of the upper quarter of the kernel's. */
  readonly directories = new Set<number>();
  /** How the kernel reaches the bytes of a frame; set before any frame is handed out. */
  highmem!: HighMemory;
  /** The pool of 4 MiB pages; set with it. */
  hugePages!: HugetlbPool;
  readonly flushes: FlushCounts = { page: 0, range: 0, rangePages: 0, all: 0, switch: 0 };
  /** On whose behalf mappings change and faults are resolved. */
  current: MemoryCaller = kernelCaller;
  readonly overcommit: Overcommit;
  /** What allocBlock() gave out: first pfn -> order. */
  readonly blocks = new Map<number, number>();
  /** Every page cache of the machine, in order of creation. */
  readonly pageCaches: Set<PageCache> = new Set();

  /**
   * Takes possession of all RAM: reserves the lowest frames, builds the kernel's page tables in them, and frees the rest.
   * Throws if the RAM is too small for that.
   */
  constructor(ram: Ram, mmu: Translator) {
    this.ram = ram;
    this.mmu = mmu;
    const total = ram.frames;
    this.frames = new FrameTable(total);
    // Frame 0 stays unused, as a PC's first page does; a pfn of 0 is always a mistake.
    this.kernelPgd = 1;
    const lowFrames = Math.min(total, LOWMEM_FRAMES);
    const afterTables = buildKernelTables(ram, this.kernelPgd, lowFrames, mmu.profile);
    this.zeroPage = afterTables;
    this.reservedFrames = afterTables + 1;
    if (this.reservedFrames >= lowFrames) throw new RangeError(`${ram.size} bytes of RAM hold no kernel`);
    this.frames.owner.fill(OWNER_RESERVED, 0, this.reservedFrames);
    this.frames.count.fill(1, 0, this.reservedFrames);
    this.zones = makeZones(this.frames, this.reservedFrames);
    this.activePgd = this.kernelPgd;
    this.overcommit = new Overcommit(total - this.reservedFrames, this.freeFrames);
  }

  get freeFrames(): number {
    let sum = 0;
    for (const { buddy } of this.zones) sum += buddy.freeFrames;
    return sum;
  }

  /** Linear address of a low frame in the direct map. */
  kernelAddress(pfn: number): number {
    if (pfn >= LOWMEM_FRAMES) throw new RangeError(`frame ${pfn} is not in the direct map`);
    return TASK_SIZE + pfn * PAGE_SIZE;
  }

  /** A frame with one reference, zeroed if `gfp` says so: pfn, or -1 when there is none. */
  allocFrame(owner: number, gfp = GFP_HIGHUSER): number {
    const pfn = this.allocPages(0, gfp);
    if (pfn < 0) return -1;
    this.prepare(pfn, owner, gfp);
    this.frames.count[pfn] = 1;
    return pfn;
  }

  /** allocFrame() of a zeroed frame for the memory of a program. */
  allocZeroedFrame(owner: number): number {
    return this.allocFrame(owner, GFP_HIGHUSER | GFP_ZERO);
  }

  /**
   * 2^order adjacent frames with one reference each for the kernel itself, from where kernelAddress() reaches them, zeroed if
   * `gfp` says so: the first pfn, or -1.
   */
  allocBlock(order: number, owner: number, gfp = GFP_KERNEL): number {
    const pfn = this.allocPages(order, gfp);
    if (pfn < 0) return -1;
    this.blocks.set(pfn, order);
    for (let i = pfn; i < pfn + (1 << order); i++) this.prepare(i, owner, gfp);
    this.frames.count.fill(1, pfn, pfn + (1 << order));
    return pfn;
  }

  freeBlock(pfn: number): void {
    const order = this.blocks.get(pfn);
    if (order === undefined) throw new Error(`frame ${pfn} heads no block of the kernel`);
    this.blocks.delete(pfn);
    this.frames.count.fill(0, pfn, pfn + (1 << order));
    this.zoneOf(pfn).buddy.freeBlock(pfn, order);
  }

  getFrame(pfn: number): void {
    this.frames.count[pfn] = this.frames.count[pfn] + 1;
  }

  /** Drops a reference; the last one frees the frame. */
  putFrame(pfn: number): void {
    const left = this.frames.count[pfn] - 1;
    this.frames.count[pfn] = left;
    if (left > 0) return;
    if (left < 0) throw new Error(`frame ${pfn} has no reference to drop`);
    this.frames.flags[pfn] = this.frames.flags[pfn] & ~PG_DIRTY;
    this.zoneOf(pfn).buddy.freeFrame(pfn);
  }

  /** Loads CR3 if it does not hold this page directory yet. */
  switchPgd(pgd: number): void {
    if (pgd === this.activePgd) return;
    this.activePgd = pgd;
    this.flushes.switch++;
    this.mmu.setCr3(pgd * PAGE_SIZE);
  }

  /** Forgets the translation of one page in the address space of `pgd`; another one than the active has none cached. */
  flushPage(pgd: number, address: number): void {
    if (pgd !== this.activePgd) return;
    if (this.mmu.profile.invlpg) {
      this.flushes.page++;
      this.mmu.invlpg(address);
    } else {
      this.flushAll(pgd);
    }
  }

  /** Forgets the translations of start..end-1 (flush_tlb_range()). */
  flushRange(pgd: number, start: number, end: number): void {
    if (pgd !== this.activePgd || start >= end) return;
    if (!this.mmu.profile.invlpg || end - start > FLUSH_CEILING * PAGE_SIZE) {
      this.flushAll(pgd);
      return;
    }
    this.flushes.range++;
    for (let address = start; address < end; address += PAGE_SIZE) {
      this.flushes.rangePages++;
      this.mmu.invlpg(address);
    }
  }

  /** Forgets every translation of the address space (flush_tlb_mm()). */
  flushAll(pgd: number): void {
    if (pgd !== this.activePgd) return;
    this.flushes.all++;
    this.mmu.setCr3(pgd * PAGE_SIZE);
  }

  /** Forgets translations of the kernel's own mappings (flush_tlb_kernel_range()); global entries only go page by page. */
  flushKernel(start: number, end: number): void {
    const { mmu } = this;
    if (!mmu.profile.invlpg) {
      this.flushes.all++;
      mmu.setCr3(this.activePgd * PAGE_SIZE);
      return;
    }
    for (let address = start; address < end; address += PAGE_SIZE) {
      this.flushes.page++;
      mmu.invlpg(address);
    }
  }

  /**
   * 2^order frames, aligned to their size, their count 0: the first pfn, or -1 (__alloc_pages()). Below the low watermark the
   * page cache is asked for frames first, if the caller may wait for that.
   */
  private allocPages(order: number, gfp: number): number {
    const pfn = this.takeFrom(order, gfp, "low");
    return pfn >= 0 ? pfn : this.allocSlowly(order, gfp);
  }

  /** __alloc_pages_slowpath(). */
  private allocSlowly(order: number, gfp: number): number {
    let pfn = this.takeFrom(order, gfp, "min");
    if (pfn < 0 && (gfp & GFP_DIRECT_RECLAIM) !== 0 && this.shrink() > 0) pfn = this.takeFrom(order, gfp, "min");
    return pfn;
  }

  /** The highest zone that will do and still has so many frames left: get_page_from_freelist(). */
  private takeFrom(order: number, gfp: number, watermark: "min" | "low"): number {
    const highest = gfpZone(gfp);
    for (let i = this.zones.length - 1; i >= 0; i--) {
      const zone = this.zones[i];
      if (zone.type > highest) continue;
      const mark = watermark === "low" ? zone.low : leastFree(zone, gfp);
      if ((gfp & GFP_MEMALLOC) === 0 && !zone.leaves(mark, order, highest)) continue;
      const pfn = order === 0 ? zone.buddy.allocFrame() : zone.buddy.allocBlock(order);
      if (pfn >= 0) return pfn;
    }
    return -1;
  }

  private prepare(pfn: number, owner: number, gfp: number): void {
    const { flags, owner: owners } = this.frames;
    const before = flags[pfn];
    flags[pfn] = before & ~PG_PRISTINE;
    if ((gfp & GFP_ZERO) !== 0 && (before & PG_PRISTINE) === 0) this.highmem.clear(pfn);
    owners[pfn] = owner;
  }

  private shrink(): number {
    for (const cache of this.pageCaches) {
      const freed = cache.shrink();
      if (freed > 0) return freed;
    }
    return 0;
  }

  private zoneOf(pfn: number): Zone {
    return this.zones[zoneIndex(pfn)];
  }
}

/** What an allocation must leave of a zone at least (ALLOC_WMARK_MIN, ALLOC_MIN_RESERVE). */
function leastFree(zone: Zone, gfp: number): number {
  return (gfp & GFP_HIGH) === 0 ? zone.min : zone.min - (zone.min >> 1);
}
