/** The LRU stacks of all sets of a TLB: its misses for every number of ways at once. One set: for every size. */

import { LruStack } from "./lru-stack.ts";
import { PageMap } from "./page-map.ts";

const isPowerOfTwo = (n: number): boolean => (n & (n - 1)) === 0;
const nothing = (): boolean => false;

export class LruSets {
  readonly sets: number;
  private readonly isGlobal: (page: number) => boolean;
  /** sets - 1, or -1 if sets is not a power of two. */
  private readonly mask: number;
  private readonly slotOf = new PageMap();
  private readonly stacks: LruStack[] = [];
  /** By set: flushes that its stack has seen. Those it has not happen when it is next looked at. */
  private readonly seen: Int32Array;
  private flushes = 0;
  /** The last flush that kept nothing. */
  private lastFull = 0;

  /** @param isGlobal whether a page that is in a stack survives flushes that keep global pages */
  constructor(sets: number, isGlobal: (page: number) => boolean) {
    this.sets = sets;
    this.isGlobal = isGlobal;
    this.mask = isPowerOfTwo(sets) ? sets - 1 : -1;
    this.seen = new Int32Array(sets);
  }

  setOf(page: number): number {
    return this.mask >= 0 ? page & this.mask : page % this.sets;
  }

  /** Depth of the page in the stack of its set: with so many ways or fewer its lookup misses. -1: not cached at all. */
  depth(page: number): number {
    return this.stackOf(page).depth(page);
  }

  /** The page was used, or filled. Returns the depth at which it was. */
  use(page: number): number {
    return this.stackOf(page).use(page);
  }

  /** The page is invalidated. */
  drop(page: number): void {
    this.stackOf(page).drop(page);
  }

  flush(kept: "nothing" | "global"): void {
    this.flushes++;
    if (kept === "nothing") this.lastFull = this.flushes;
  }

  private stackOf(page: number): LruStack {
    const set = this.setOf(page);
    let stack = this.stacks[set];
    if (stack === undefined) {
      stack = new LruStack(this.slotOf);
      this.stacks[set] = stack;
    }
    if (this.seen[set] !== this.flushes) {
      stack.flush(this.seen[set] < this.lastFull ? nothing : this.isGlobal);
      this.seen[set] = this.flushes;
    }
    return stack;
  }
}
