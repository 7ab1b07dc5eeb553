/**
 * The buddy allocator of one zone (cf. mm/page_alloc.c): free blocks of 2^order frames, order 0 to 10, split on demand and
 * joined with their buddy when both halves are free.
 *
 *     order 2 |       0       |       4       |      block and buddy differ in bit `order` of their pfn
 *     order 1 |   0   |   2   |   4   |   6   |
 *     order 0 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
 *
 * Single frames go through a small last-in-first-out stack in front of it (Linux: per-cpu pages), so that a frame just freed,
 * whose host memory is present, is the next one out. Hot path: typed arrays, nothing allocated.
 */

import { type FrameTable, OWNER_FREE, PG_BUDDY } from "./frames.ts";

export const MAX_ORDER = 10;
const ORDERS = MAX_ORDER + 1;

/** Frames that the stack of single frames may hold, and how many move between it and the free lists at a time. */
const HOT_HIGH = 512;
const HOT_BATCH = 64;

export class BuddyAllocator {
  readonly name: string;
  /** First frame and the frame after the last. */
  readonly start: number;
  readonly end: number;
  /** Frames that could be handed out one by one. */
  freeFrames = 0;
  /** Free blocks by order (free_area[].nr_free). */
  readonly freeBlocks = new Int32Array(ORDERS);
  /** Blocks handed out, taken back, split and joined, by the order that was asked for, given, split or joined. */
  readonly allocations = new Float64Array(ORDERS);
  readonly releases = new Float64Array(ORDERS);
  readonly splits = new Float64Array(ORDERS);
  readonly joins = new Float64Array(ORDERS);
  private readonly frames: FrameTable;
  private readonly heads = new Int32Array(ORDERS).fill(-1);
  private readonly hot = new Int32Array(HOT_HIGH);
  private hotCount = 0;

  /** Frames start..end-1 must have count 0; none of them is free yet: give() hands them over. */
  constructor(name: string, frames: FrameTable, start: number, end: number) {
    this.name = name;
    this.frames = frames;
    this.start = start;
    this.end = end;
  }

  /** Frames on the stack of single frames: free, but in no block. */
  get hotFrames(): number {
    return this.hotCount;
  }

  /** Makes frames first..end-1 free in the largest aligned blocks, so that the lowest goes out first (memblock_free_all()). */
  give(first: number, end: number): void {
    let pfn = end;
    while (pfn > first) {
      let order = 0;
      while (order < MAX_ORDER && (pfn & ((2 << order) - 1)) === 0 && pfn - (2 << order) >= first) order++;
      pfn -= 1 << order;
      this.push(pfn, order);
    }
    this.freeFrames += end - first;
  }

  /** One frame, its contents whatever they were: pfn, or -1 when no frame is free. */
  allocFrame(): number {
    const pfn = this.hotCount === 0 ? this.take(0) : this.hot[--this.hotCount];
    if (pfn < 0) return -1;
    this.allocations[0] = this.allocations[0] + 1;
    this.freeFrames--;
    return pfn;
  }

  freeFrame(pfn: number): void {
    this.checkFree(pfn, 0);
    this.releases[0] = this.releases[0] + 1;
    this.frames.owner[pfn] = OWNER_FREE;
    if (this.hotCount === HOT_HIGH) {
      // The oldest go back into blocks.
      for (let i = 0; i < HOT_BATCH; i++) this.join(this.hot[i], 0);
      this.hot.copyWithin(0, HOT_BATCH);
      this.hotCount -= HOT_BATCH;
    }
    this.hot[this.hotCount++] = pfn;
    this.freeFrames++;
  }

  /** 2^order frames, aligned to their size: the first pfn, or -1. Their count stays 0: the caller takes the references. */
  allocBlock(order: number): number {
    let pfn = this.take(order);
    if (pfn < 0 && this.hotCount > 0) {
      this.drain();
      pfn = this.take(order);
    }
    if (pfn < 0) return -1;
    this.allocations[order] = this.allocations[order] + 1;
    this.freeFrames -= 1 << order;
    return pfn;
  }

  freeBlock(pfn: number, order: number): void {
    this.checkFree(pfn, order);
    this.releases[order] = this.releases[order] + 1;
    for (let i = 0; i < 1 << order; i++) this.frames.owner[pfn + i] = OWNER_FREE;
    this.freeFrames += 1 << order;
    this.join(pfn, order);
  }

  /** Puts the single frames back into blocks (drain_all_pages()). */
  drain(): void {
    while (this.hotCount > 0) this.join(this.hot[--this.hotCount], 0);
  }

  /** Marks every frame of the free blocks and of the stack in `seen` (indexed by pfn); for the ledger. */
  markFree(seen: Uint8Array): void {
    for (let i = 0; i < this.hotCount; i++) mark(seen, this.hot[i], 1);
    for (let order = 0; order < ORDERS; order++) {
      let blocks = 0;
      for (let pfn = this.heads[order]; pfn >= 0; pfn = this.frames.next[pfn]) {
        mark(seen, pfn, 1 << order);
        blocks++;
      }
      if (blocks !== this.freeBlocks[order]) throw new Error(`order ${order} counts ${this.freeBlocks[order]} blocks`);
    }
  }

  private checkFree(pfn: number, order: number): void {
    if (pfn < this.start || pfn + (1 << order) > this.end || (pfn & ((1 << order) - 1)) !== 0) {
      throw new Error(`frame ${pfn} order ${order} is not of zone ${this.name}`);
    }
    for (let i = pfn; i < pfn + (1 << order); i++) {
      if (this.frames.count[i] !== 0 || this.frames.mapcount[i] !== 0) throw new Error(`frame ${i} freed while in use`);
      if (this.frames.owner[i] === OWNER_FREE) throw new Error(`frame ${i} freed twice`);
    }
  }

  /** Takes a block from the smallest order that has one and splits it down, keeping the lower half: __rmqueue_smallest(). */
  private take(order: number): number {
    let current = order;
    while (current < ORDERS && this.heads[current] < 0) current++;
    if (current === ORDERS) return -1;
    const pfn = this.heads[current];
    this.unlink(pfn, current);
    while (current > order) {
      this.splits[current] = this.splits[current] + 1;
      current--;
      this.push(pfn + (1 << current), current);
    }
    return pfn;
  }

  /** Adds a free block and joins it with its buddy as often as that is free: __free_one_page(). */
  private join(first: number, order: number): void {
    const { flags, order: orders } = this.frames;
    let pfn = first;
    let current = order;
    while (current < MAX_ORDER) {
      const buddy = pfn ^ (1 << current);
      if (buddy < this.start || buddy + (1 << current) > this.end) break;
      if ((flags[buddy] & PG_BUDDY) === 0 || orders[buddy] !== current) break;
      this.unlink(buddy, current);
      this.joins[current] = this.joins[current] + 1;
      pfn &= ~(1 << current);
      current++;
    }
    this.push(pfn, current);
  }

  private push(pfn: number, order: number): void {
    const { flags, order: orders, next, prev } = this.frames;
    const head = this.heads[order];
    next[pfn] = head;
    prev[pfn] = -1;
    if (head >= 0) prev[head] = pfn;
    this.heads[order] = pfn;
    flags[pfn] = flags[pfn] | PG_BUDDY;
    orders[pfn] = order;
    this.freeBlocks[order] = this.freeBlocks[order] + 1;
  }

  private unlink(pfn: number, order: number): void {
    const { flags, next, prev } = this.frames;
    const before = prev[pfn];
    const after = next[pfn];
    if (before >= 0) next[before] = after;
    else this.heads[order] = after;
    if (after >= 0) prev[after] = before;
    flags[pfn] = flags[pfn] & ~PG_BUDDY;
    this.freeBlocks[order] = this.freeBlocks[order] - 1;
  }
}

function mark(seen: Uint8Array, pfn: number, frames: number): void {
  for (let i = pfn; i < pfn + frames; i++) {
    if (seen[i] !== 0) throw new Error(`frame ${i} is free twice`);
    seen[i] = 1;
  }
}
