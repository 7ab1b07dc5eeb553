/**
 * Counts over time, in memory that does not grow with the run: buckets of equal width, in executed instructions. When a run
 * has left the last bucket, each two become one.
 */

import type { MmuEvent } from "../mmu/index.ts";
import { type Lookups, Tallies, type TlbCounts } from "./tlb-counts.ts";

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
  /** A row for each bucket. */
  private readonly tallies = new Tallies();
  /** The bucket of the last event, and its instructions. */
  private bucket = 0;
  private from = 0;
  private to = 1;

  constructor() {
    for (let bucket = 0; bucket < BUCKETS; bucket++) this.tallies.open();
  }

  /** Counts an event at that instruction. Hot: once per event. */
  count(instruction: number, event: MmuEvent): void {
    if (instruction < this.from || instruction >= this.to) this.turnTo(instruction);
    this.tallies.count(this.bucket, event);
  }

  /** @param instructions of the run */
  report(instructions: number, lookups: Lookups): TlbTimeline {
    // What happens behind the last instruction, such as the end of a process, belongs to one more.
    this.turnTo(instructions);
    const { width, tallies, bucket: last } = this;
    return {
      width,
      buckets: Array.from({ length: last + 1 }, (_, n) => ({ from: n * width, ...tallies.read(n, lookups) })),
    };
  }

  private turnTo(instruction: number): void {
    while (instruction >= this.width * BUCKETS) this.double();
    this.bucket = Math.floor(instruction / this.width);
    this.from = this.bucket * this.width;
    this.to = this.from + this.width;
  }

  private double(): void {
    const { tallies } = this;
    for (let n = 0; n < BUCKETS / 2; n++) {
      if (n > 0) {
        tallies.clear(n);
        tallies.add(n, tallies, 2 * n);
      }
      tallies.add(n, tallies, 2 * n + 1);
    }
    for (let n = BUCKETS / 2; n < BUCKETS; n++) tallies.clear(n);
    this.width *= 2;
  }
}
