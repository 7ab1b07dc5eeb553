/**
 * Counts over time, in memory that does not grow with the run: buckets of equal width, in executed instructions. When a run
 * has left the last bucket, each two become one.
 */

import { type Lookups, Tally, type TlbCounts } from "./tlb-counts.ts";

/** A power of two. A run of more instructions than that ends with half of them at least. */
const BUCKETS = 512;

/** Counts of what happened after `from` instructions and before `from` + the timeline's width. */
export interface TlbMoment extends TlbCounts {
  readonly from: number;
}

export interface TlbTimeline {
  /** Instructions per bucket, a power of two. */
  readonly width: number;
  /** One after the other from instruction 0 to the last, 512 at most. */
  readonly buckets: readonly TlbMoment[];
}

export class Timeline {
  private width = 1;
  private readonly buckets = Array.from({ length: BUCKETS }, () => new Tally());
  /** The bucket asked for last, and its instructions. */
  private current = this.buckets[0];
  private from = 0;
  private to = 1;

  /** What is counted at that instruction. Hot: once per event. */
  at(instruction: number): Tally {
    if (instruction >= this.from && instruction < this.to) return this.current;
    while (instruction >= this.width * BUCKETS) this.double();
    const bucket = Math.floor(instruction / this.width);
    this.current = this.buckets[bucket];
    this.from = bucket * this.width;
    this.to = this.from + this.width;
    return this.current;
  }

  /** @param instructions of the run */
  report(instructions: number, lookups: Lookups): TlbTimeline {
    // What happens behind the last instruction, such as the end of a process, belongs to one more.
    this.at(instructions);
    const { width } = this;
    const used = Math.floor(instructions / width) + 1;
    const buckets = this.buckets.slice(0, used);
    return { width, buckets: buckets.map((tally, n) => ({ from: n * width, ...tally.counts(lookups) })) };
  }

  private double(): void {
    const { buckets } = this;
    for (let n = 0; n < BUCKETS / 2; n++) {
      const merged = buckets[2 * n];
      merged.merge(buckets[2 * n + 1]);
      buckets[n] = merged;
    }
    for (let n = BUCKETS / 2; n < BUCKETS; n++) buckets[n] = new Tally();
    this.width *= 2;
  }
}
