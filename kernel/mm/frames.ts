/**
 * mem_map: what the kernel knows about each page frame, as typed arrays indexed by frame number (pfn).
 * cf. include/linux/mm_types.h struct page.
 */

import type { VmArea } from "./vma.ts";

/** Who explains the frame to the frame ledger (ledger.ts). */
export const OWNER_FREE = 0;
/** Never handed out: frame 0, the kernel's page tables, the zero page. */
export const OWNER_RESERVED = 1;
/** Data of the kernel that the processor reads: the GDT, page tables of the kernel's own mappings. */
export const OWNER_KERNEL = 2;
/** A page directory or page table of a process. */
export const OWNER_PAGE_TABLE = 3;
/** Private memory of processes. */
export const OWNER_ANON = 4;
/** A page of a file, in the page cache. */
export const OWNER_FILE = 5;
/** A page of shared anonymous memory, in the page cache of a nameless file. */
export const OWNER_SHMEM = 6;
/** Kernel memory that is contiguous in linear addresses only. */
export const OWNER_VMALLOC = 7;
/** Objects of a slab cache. */
export const OWNER_SLAB = 8;
/** A part of a 4 MiB page, whose first frame has the references. */
export const OWNER_HUGETLB = 9;

export const OWNER_NAMES = [
  "free",
  "reserved",
  "kernel",
  "page table",
  "anonymous",
  "file",
  "shmem",
  "vmalloc",
  "slab",
  "hugetlb",
] as const;

/** The frame has never been handed out: it is all zeroes, and the host has perhaps never touched it. */
export const PG_PRISTINE = 1;
/** A page of a file that is newer than the backing store. */
export const PG_DIRTY = 2;
/** Heads a free block of the buddy allocator; `order` tells its size. */
export const PG_BUDDY = 4;

/** What a page belongs to while processes may map it: the page cache of a file, or an AnonVma (page->mapping). */
export interface FrameMapping {
  /** Every VMA that may map pages of it. */
  readonly vmas: ReadonlySet<VmArea>;
}

export class FrameTable {
  /** Frames of RAM. */
  readonly total: number;
  /** References: one per mapping PTE, one by the page cache, one by whoever else holds the frame. 0 = free. */
  readonly count: Int32Array;
  /** PTEs of processes that map the frame. */
  readonly mapcount: Int32Array;
  readonly owner: Uint8Array;
  /** PG_* bits. */
  readonly flags: Uint8Array;
  /** Whose page the frame is, and which one; they count only while the owner is OWNER_ANON, OWNER_FILE or OWNER_SHMEM. */
  readonly mapping: (FrameMapping | null)[];
  readonly index: Uint32Array;
  /** Order of the free block that the frame heads, while PG_BUDDY is set. */
  readonly order: Uint8Array;
  /** Links of the list that the frame is on, -1 = end. */
  readonly next: Int32Array;
  readonly prev: Int32Array;

  constructor(total: number) {
    this.total = total;
    this.count = new Int32Array(total);
    this.mapcount = new Int32Array(total);
    this.owner = new Uint8Array(total);
    this.flags = new Uint8Array(total).fill(PG_PRISTINE);
    this.mapping = new Array<FrameMapping | null>(total).fill(null);
    this.index = new Uint32Array(total);
    this.order = new Uint8Array(total);
    this.next = new Int32Array(total).fill(-1);
    this.prev = new Int32Array(total).fill(-1);
  }
}
