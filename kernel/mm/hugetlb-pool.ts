/**
 * The pool of 4 MiB pages (cf. mm/hugetlb.c): taken from the buddy allocator when somebody sets their number, and promised to
 * mappings before they are touched, so that a fault finds one.
 *
 *     total = free + in use        reserved <= free: promised, not yet taken
 */

import { ENOMEM } from "../errno.ts";
import { OWNER_HUGETLB } from "./frames.ts";
import { GFP_HIGHUSER, GFP_ZERO } from "./gfp.ts";
import { PAGE_SIZE, type PhysicalMemory } from "./physical-memory.ts";

const HUGE_PAGE_ORDER = 10;
/** Frames in one page. */
export const HUGE_PAGE_FRAMES = 1 << HUGE_PAGE_ORDER;
export const HUGE_PAGE_SIZE = HUGE_PAGE_FRAMES * PAGE_SIZE;

/** Rounded up to whole huge pages. */
export function hugePageAlign(bytes: number): number {
  return Math.ceil(bytes / HUGE_PAGE_SIZE) * HUGE_PAGE_SIZE;
}

/** log2 of the page size in flags of mmap(2), shmget(2), memfd_create(2), 0 = the default (hugetlb_encode.h). */
const SIZE_SHIFT = 26;
const SIZE_MASK = 63;
/** log2 of HUGE_PAGE_SIZE. */
const DEFAULT_SIZE = 22;

/** Are there huge pages, and of the size that the flags ask for (hstate_sizelog())? */
export function hugePageSizeKnown(memory: PhysicalMemory, flags: number): boolean {
  const size = (flags >>> SIZE_SHIFT) & SIZE_MASK;
  return memory.mmu.profile.pse && (size === 0 || size === DEFAULT_SIZE);
}

export class HugetlbPool {
  /** Pages promised to mappings (HugePages_Rsvd). */
  reserved = 0;
  private readonly memory: PhysicalMemory;
  /** First frames of all pages, and of those that nobody has; the pool's own reference keeps each from the allocator. */
  private readonly pages = new Set<number>();
  private readonly freePages: number[] = [];
  /** Pages that are not zero. */
  private readonly used = new Set<number>();

  constructor(memory: PhysicalMemory) {
    this.memory = memory;
  }

  /** Has the processor 4 MiB pages (hugepages_supported())? */
  get supported(): boolean {
    return this.memory.mmu.profile.pse;
  }

  get total(): number {
    return this.pages.size;
  }

  get free(): number {
    return this.freePages.length;
  }

  /** Is it the first frame of a page of the pool? */
  has(pfn: number): boolean {
    return this.pages.has(pfn);
  }

  /** set_max_huge_pages(): as many pages as that, or as near to it as free memory and pages in use allow. */
  resize(count: number): void {
    this.resizePool(count);
    this.memory.overcommit.hugePages = this.pages.size * HUGE_PAGE_FRAMES;
  }

  private resizePool(count: number): void {
    const { memory, pages, freePages } = this;
    while (this.supported && pages.size < count) {
      const pfn = memory.allocBlock(HUGE_PAGE_ORDER, OWNER_HUGETLB, GFP_HIGHUSER | GFP_ZERO);
      if (pfn < 0) return;
      pages.add(pfn);
      freePages.push(pfn);
    }
    while (pages.size > count && freePages.length > this.reserved) {
      const pfn = freePages.pop() as number;
      pages.delete(pfn);
      this.used.delete(pfn);
      memory.freeBlock(pfn);
    }
  }

  /** Promises so many pages: 0, or -ENOMEM. */
  reserve(count: number): number {
    if (count > this.freePages.length - this.reserved) return -ENOMEM;
    this.reserved += count;
    return 0;
  }

  /** Takes promises back. */
  unreserve(count: number): void {
    this.reserved -= count;
  }

  /** A zeroed page with one reference besides the pool's: its first frame, or -1. "promised" takes one that was reserved. */
  take(which: "promised" | "spare"): number {
    if (which === "promised") this.reserved--;
    else if (this.freePages.length <= this.reserved) return -1;
    const pfn = this.freePages.pop() as number;
    const { highmem } = this.memory;
    if (this.used.has(pfn)) for (let i = 0; i < HUGE_PAGE_FRAMES; i++) highmem.clear(pfn + i);
    this.used.add(pfn);
    this.memory.getFrame(pfn);
    return pfn;
  }

  /** Drops a reference to the page; the last one gives it back to the pool. */
  put(pfn: number): void {
    const { memory } = this;
    memory.putFrame(pfn);
    if (memory.frames.count[pfn] > 1) return;
    memory.frames.mapping[pfn] = null;
    this.freePages.push(pfn);
  }
}
