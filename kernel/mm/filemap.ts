/**
 * The page cache of one file: its pages by index, each in a frame of guest RAM that every mapping of the page shares.
 * cf. mm/filemap.c, include/linux/fs.h struct address_space.
 *
 *     file   | page 0 | page 1 | page 2 | ...        pages: index -> pfn, for the pages that are in memory
 *     PTE    maps the same frame as read(), write() and every other process see
 */

import { EIO, ENOMEM } from "../errno.ts";
import { type FrameMapping, OWNER_FILE, OWNER_SHMEM, PG_DIRTY } from "./frames.ts";
import { PAGE_SIZE, type PageCache, type PhysicalMemory } from "./physical-memory.ts";
import { pageMkclean } from "./rmap.ts";
import { fileVmOps, shmemVmOps } from "./vm-ops.ts";
import type { VmArea, VmOps } from "./vma.ts";
import { zapPageRange } from "./zap.ts";

/**
 * Where the pages come from and go to: an inode's backing store, which never looks at the cache. Both calls move `length`
 * bytes between file position and buffer[offset ...] and return how many they moved, or -errno.
 */
export interface PageSource {
  readonly size: number;
  readAt(position: number, buffer: Uint8Array, offset: number, length: number): number;
  writeAt(position: number, buffer: Uint8Array, offset: number, length: number): number;
  /** Makes pages first..end-1 zero, as far as the file has them: 0 or -errno. */
  punchHole(first: number, end: number): number;
  readonly backing: Backing;
}

/**
 * What is behind a page cache: "store", files that must hear of what is written; "memory", tmpfs, whose store takes pages back
 * when frames are short and is otherwise as good as the cache; "none", shared anonymous memory.
 */
export type Backing = "store" | "memory" | "none";

export class AddressSpace implements PageCache, FrameMapping {
  readonly memory: PhysicalMemory;
  readonly source: PageSource;
  /** index -> pfn. The cache holds one reference to each frame. */
  readonly pages = new Map<number, number>();
  /** The mappings of the file in all address spaces (i_mmap). */
  readonly vmas = new Set<VmArea>();

  constructor(memory: PhysicalMemory, source: PageSource) {
    this.memory = memory;
    this.source = source;
    memory.pageCaches.add(this);
  }

  get backing(): Backing {
    return this.source.backing;
  }

  /** Is the backing store nothing but this cache? Then a new page is zero and stays. */
  private get resident(): boolean {
    return this.backing === "none";
  }

  /** The kind of mapping that the file gives. */
  get vmOps(): VmOps {
    return this.backing === "store" ? fileVmOps : shmemVmOps;
  }

  /** The frame of a page if it is in memory, else -1. */
  find(index: number): number {
    return this.pages.get(index) ?? -1;
  }

  /**
   * The frame of a page, read in if need be: pfn, -ENOMEM, or what the backing store says. The cache keeps its reference;
   * the caller takes one of its own if it keeps the frame.
   */
  getPage(index: number): number {
    const found = this.find(index);
    return found >= 0 ? found : this.fill(index);
  }

  protected fill(index: number): number {
    const { memory } = this;
    if (this.resident) {
      const zeroed = memory.allocZeroedFrame(OWNER_SHMEM);
      if (zeroed < 0) return -ENOMEM;
      this.add(index, zeroed);
      return zeroed;
    }
    // The frame first: reclaim on its behalf writes pages back, through the same buffer.
    const pfn = memory.allocFrame(this.backing === "memory" ? OWNER_SHMEM : OWNER_FILE);
    if (pfn < 0) return -ENOMEM;
    const read = this.readPage(pfn, index);
    if (read < 0) {
      memory.putFrame(pfn);
      return read;
    }
    this.add(index, pfn);
    return pfn;
  }

  /** Reads a page of the backing store into a frame, which stays mapped as long as that takes: -errno if that fails. */
  private readPage(pfn: number, index: number): number {
    const { highmem, ram } = this.memory;
    if (highmem.kmap(pfn) < 0) return -ENOMEM;
    const read = this.readSource(index);
    if (read >= 0) ram.writeBytes(pfn * PAGE_SIZE, pageBuffer);
    highmem.kunmap(pfn);
    return read;
  }

  /** The frame, whose reference passes to the cache, is page `index` (filemap_add_folio()). */
  protected add(index: number, pfn: number): void {
    const { frames } = this.memory;
    frames.mapping[pfn] = this;
    frames.index[pfn] = index;
    this.pages.set(index, pfn);
  }

  /** Reads a page of the backing store into pageBuffer, zeroes behind the end of the file. */
  private readSource(index: number): number {
    const position = index * PAGE_SIZE;
    const wanted = Math.max(0, Math.min(PAGE_SIZE, this.source.size - position));
    let done = 0;
    while (done < wanted) {
      const read = this.source.readAt(position + done, pageBuffer, done, wanted - done);
      if (read < 0) return read;
      if (read === 0) break;
      done += read;
    }
    pageBuffer.fill(0, done);
    return done;
  }

  /**
   * Reads as read(2) sees the file: pages in memory from their frames, the rest from the backing store, nothing behind the end.
   * Returns the bytes read, or -errno if there are none.
   */
  read(position: number, buffer: Uint8Array, offset: number, length: number): number {
    const end = Math.min(position + length, this.source.size);
    let at = position;
    while (at < end) {
      const index = Math.floor(at / PAGE_SIZE);
      const inPage = at - index * PAGE_SIZE;
      const pfn = this.find(index);
      let bytes = Math.min(PAGE_SIZE - inPage, end - at);
      const to = offset + (at - position);
      if (pfn >= 0) {
        this.memory.highmem.load(pfn, inPage, buffer, to, bytes);
      } else if (this.resident) {
        buffer.fill(0, to, to + bytes);
      } else {
        bytes = this.source.readAt(at, buffer, to, bytes);
        if (bytes <= 0) return at > position ? at - position : bytes;
      }
      at += bytes;
    }
    return Math.max(0, at - position);
  }

  /** The bytes that write(2) has given to the backing store, copied to the pages that are in memory. */
  update(position: number, buffer: Uint8Array, offset: number, length: number): void {
    if (this.pages.size === 0) return;
    const end = position + length;
    for (let at = position; at < end; ) {
      const index = Math.floor(at / PAGE_SIZE);
      const inPage = at - index * PAGE_SIZE;
      const bytes = Math.min(PAGE_SIZE - inPage, end - at);
      const pfn = this.find(index);
      if (pfn >= 0) this.memory.highmem.store(pfn, inPage, buffer, offset + (at - position), bytes);
      at += bytes;
    }
  }

  /** The page was written through its frame; writeBack() will bring it to the backing store. */
  markDirty(index: number): void {
    const pfn = this.find(index);
    if (pfn < 0) return;
    const { flags } = this.memory.frames;
    flags[pfn] = flags[pfn] | PG_DIRTY;
  }

  /**
   * The file has shrunk to `size` bytes, or grown: pages wholly behind the end leave memory and every mapping, and the rest of
   * the last page becomes zero (truncate_pagecache()). Call it after the size has changed.
   */
  truncate(size: number): void {
    const { memory } = this;
    const firstGone = Math.ceil(size / PAGE_SIZE);
    this.forget(firstGone, Number.POSITIVE_INFINITY, "all");
    const partial = size % PAGE_SIZE;
    const last = this.find(firstGone - 1);
    if (partial !== 0 && last >= 0) memory.highmem.zero(last, partial, PAGE_SIZE - partial);
  }

  /** Makes pages first..end-1 zero by dropping them: 0 or -errno of the backing store (FALLOC_FL_PUNCH_HOLE). */
  punchHole(first: number, end: number): number {
    this.forget(first, end, "cached");
    return this.source.punchHole(first, end);
  }

  /** Takes pages first..end-1 out of every mapping, private copies with "all", and out of memory. */
  private forget(first: number, end: number, which: "all" | "cached"): void {
    this.unmapMappingRange(first, end, which);
    for (const [index, pfn] of this.pages) {
      if (index < first || index >= end) continue;
      this.pages.delete(index);
      this.dropFrame(pfn);
    }
  }

  /** Takes pages first..end-1 out of every mapping; "all": the private copies of them as well (unmap_mapping_range()). */
  private unmapMappingRange(first: number, end: number, which: "all" | "cached"): void {
    for (const vma of this.vmas) {
      const from = vma.start + Math.max(0, first - vma.pgoff) * PAGE_SIZE;
      const to = Math.min(vma.end, vma.start + (end - vma.pgoff) * PAGE_SIZE);
      if (from < to) zapPageRange(vma.mm.tables, from, to, which);
    }
  }

  /** Writes dirty pages first..end-1 to the backing store: 0 or the first -errno. Mappings find them read-only afterwards. */
  writeBack(first = 0, end = Number.POSITIVE_INFINITY): number {
    return this.backing === "store" ? this.cleanPages(first, end) : 0;
  }

  private cleanPages(first: number, end: number): number {
    const { memory } = this;
    const { flags } = memory.frames;
    let result = 0;
    for (const [index, pfn] of this.pages) {
      if (index < first || index >= end) continue;
      if ((flags[pfn] & PG_DIRTY) === 0) continue;
      pageMkclean(memory, pfn);
      const position = index * PAGE_SIZE;
      const bytes = Math.min(PAGE_SIZE, this.source.size - position);
      if (bytes > 0) {
        memory.highmem.load(pfn, 0, pageBuffer, 0, bytes);
        const written = this.source.writeAt(position, pageBuffer, 0, bytes);
        if (written !== bytes && result === 0) result = written < 0 ? written : -EIO;
      }
      flags[pfn] = flags[pfn] & ~PG_DIRTY;
    }
    return result;
  }

  /** The inode is gone or the machine ends: every page leaves memory; what is dirty is lost unless written back before. */
  release(): void {
    for (const pfn of this.pages.values()) this.dropFrame(pfn);
    this.pages.clear();
    this.memory.pageCaches.delete(this);
  }

  /** PageCache: the dirty pages are written first. */
  shrink(): number {
    const { frames } = this.memory;
    if (this.resident) return 0;
    this.cleanPages(0, Number.POSITIVE_INFINITY);
    let freed = 0;
    for (const [index, pfn] of this.pages) {
      if (frames.count[pfn] !== 1 || (frames.flags[pfn] & PG_DIRTY) !== 0) continue;
      this.pages.delete(index);
      this.dropFrame(pfn);
      freed++;
    }
    return freed;
  }

  protected dropFrame(pfn: number): void {
    const { frames } = this.memory;
    frames.flags[pfn] &= ~PG_DIRTY;
    frames.mapping[pfn] = null;
    this.memory.putFrame(pfn);
  }
}

/** One page on its way between a backing store and a frame. Never holds anything across calls. */
const pageBuffer = new Uint8Array(PAGE_SIZE);
