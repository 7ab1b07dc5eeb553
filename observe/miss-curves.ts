/**
 * Miss-ratio curves of a running machine: the misses of fully associative LRU TLBs of every size, for all accesses, data
 * accesses and fetches, in one run. It listens to every lookup, so the machine must have the plain TLB, and run() must be
 * called for at most STEPPED instructions at a time.
 *
 * The lookups are taken to be the same with every TLB: nothing but the clock could make them differ. 4 MiB pages count as
 * their 4 KiB pieces; of the kernel's half all pages are global if CR4.PGE = 1.
 */

import { CR4_PGE, FETCH, LruStack, Mmu, type MmuEvent } from "../mmu/index.ts";
import type { LinuxMachine } from "./machine.ts";
import { listenToMmu } from "./mmu-events.ts";

/** First page of the kernel's half. */
const KERNEL_PAGE = 0xc0000;

/** Element n - 1 is the misses of a fully associative LRU TLB of n entries. */
export interface MissCurvesReport {
  readonly all: readonly number[];
  readonly data: readonly number[];
  readonly fetch: readonly number[];
}

export class MissCurves {
  /** One TLB for everything. */
  readonly all = new LruStack();
  /** A TLB for reads and writes. */
  readonly data = new LruStack();
  /** A TLB for fetches. */
  readonly fetch = new LruStack();

  private readonly machine: LinuxMachine;
  /** Page and access class of the last lookup, until it is known whether it faulted; -1: none. */
  private page = -1;
  private access = 0;

  /**
   * Listens from now on, after who did before; to be made before the program is loaded. Throws TypeError for a machine
   * with hot slots.
   */
  constructor(machine: LinuxMachine) {
    if (machine.hardware.mmu instanceof Mmu) throw new TypeError('miss-ratio curves need translation: "plain"');
    this.machine = machine;
    listenToMmu(machine.hardware.mmu, (event) => this.hear(event));
  }

  /** Misses of 1, 2, 3 ... entries; more entries than listed miss as the last. */
  report(): MissCurvesReport {
    return { all: this.all.curve(), data: this.data.curve(), fetch: this.fetch.curve() };
  }

  private hear(event: MmuEvent): void {
    switch (event.kind) {
      case "hit":
      case "miss": {
        this.settle();
        this.page = event.linear >>> 12;
        this.access = event.access;
        this.all.look(this.page);
        this.own().look(this.page);
        break;
      }
      case "fault":
        // A page fault takes the entries of its address with it (SDM 3A section 4.10.4.1).
        this.page = -1;
        this.drop(event.linear >>> 12);
        break;
      case "flush":
        this.settle();
        if (event.cause === "invlpg") this.drop(event.linear >>> 12);
        else this.flush(event.cause);
        break;
    }
  }

  private own(): LruStack {
    return this.access === FETCH ? this.fetch : this.data;
  }

  /** The last lookup succeeded. */
  private settle(): void {
    if (this.page < 0) return;
    this.all.use(this.page);
    this.own().use(this.page);
    this.page = -1;
  }

  private drop(page: number): void {
    for (const stack of [this.all, this.data, this.fetch]) stack.drop(page);
  }

  private flush(cause: string): void {
    const global = cause === "cr3" && (this.machine.hardware.mmu.cr4 & CR4_PGE) !== 0;
    for (const stack of [this.all, this.data, this.fetch]) stack.flush((page) => global && page >= KERNEL_PAGE);
  }
}
