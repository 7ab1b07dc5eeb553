/**
 * Miss-ratio curves of a running machine: what LRU TLBs of every size would miss, all from one run, for fetches, for data
 * accesses, and for a TLB that serves both. One set is a fully associative TLB; other numbers of sets give the misses of every
 * number of ways. Misses are told apart by the region whose pages missed.
 *
 * The lookups are taken to be the same with every TLB. They are so on the clock that counts instructions, for programs that
 * do not use stale entries. 4 MiB pages count as their 4 KiB pieces, as in a TLB without entries for them.
 */

import { FETCH, type LookupListener, MAX_TLB_ENTRIES, PAGE_BYTES } from "../mmu/index.ts";
import { listenToLookups } from "./lookups.ts";
import { LruCurves, type MissCurve, missesOf } from "./lru-curves.ts";
import type { LinuxMachine } from "./machine.ts";
import { regionOf } from "./region.ts";

/** Sizes of a TLB with `sets` sets are its numbers of ways. */
export interface SetCurves {
  readonly sets: number;
  readonly misses: MissCurve;
  /** The same misses by the region of the page that missed, most misses of the smallest size first. */
  readonly regions: readonly { readonly pid: number; readonly region: string; readonly misses: MissCurve }[];
}

/** docs/tlb.md documents it. */
export interface MissCurvesReport {
  readonly fetch: readonly SetCurves[];
  readonly data: readonly SetCurves[];
  /** Only where asked for. */
  readonly unified?: readonly SetCurves[];
}

export interface MissCurvesOptions {
  /** Numbers of sets. Default: 1, 2, 4 ... 1024. */
  readonly sets?: readonly number[];
}

/** As many sets as the largest TLB can have. */
const MOST_SETS = MAX_TLB_ENTRIES;

export const DEFAULT_CURVE_SETS: readonly number[] = Array.from({ length: 11 }, (_, n) => 1 << n);

interface Region {
  readonly pid: number;
  readonly region: string;
}

export class MissCurves implements LookupListener {
  private readonly machine: LinuxMachine;
  private readonly sets: readonly number[];
  private readonly regions: Region[] = [];
  private readonly regionNumbers = new Map<string, number>();
  private readonly fetch: LruCurves;
  private readonly data: LruCurves;
  /** null where the machine does not tell in which order fetches and data accesses come. */
  private readonly unified: LruCurves | null;

  /**
   * Listens from now on; to be made before the program is loaded. The machine must be made with `translation: "traced"`, or
   * "traced-unified" for curves of unified TLBs, too. Throws TypeError for other machines, RangeError for impossible numbers of
   * sets.
   */
  constructor(machine: LinuxMachine, options: MissCurvesOptions = {}) {
    this.machine = machine;
    this.sets = [...new Set(options.sets ?? DEFAULT_CURVE_SETS)].sort((a, b) => a - b);
    if (
      this.sets.length === 0 ||
      !this.sets.every((sets) => Number.isInteger(sets) && sets >= 1 && sets <= MOST_SETS)
    ) {
      throw new RangeError(`curves need numbers of sets from 1 to ${MOST_SETS}, not ${this.sets.join(",")}`);
    }
    const { trail } = listenToLookups(machine.hardware.mmu, this);
    const numberOf = (page: number): number => this.regionNumber(page);
    const curves = (): LruCurves => new LruCurves(this.sets, numberOf);
    this.fetch = curves();
    this.data = curves();
    this.unified = trail === "split" ? null : curves();
  }

  lookup(page: number, access: number, leaf: number): void {
    const own = access === FETCH ? this.fetch : this.data;
    own.lookup(page, leaf);
    this.unified?.lookup(page, leaf);
    // A page fault takes the entries of its address with it, wherever they are (SDM 3A section 4.10.4.1).
    if (leaf === 0) this.drop(page);
  }

  alternate(first: number, second: number, times: number): void {
    this.data.alternate(first, second, times);
    this.unified?.alternate(first, second, times);
  }

  drop(page: number): void {
    for (const curves of this.all()) curves.drop(page);
  }

  flush(kept: "nothing" | "global"): void {
    for (const curves of this.all()) curves.flush(kept);
  }

  report(): MissCurvesReport {
    const { fetch, data, unified } = this;
    const of = (curves: LruCurves): SetCurves[] => this.sets.map((sets) => this.setCurves(curves, sets));
    return { fetch: of(fetch), data: of(data), ...(unified === null ? {} : { unified: of(unified) }) };
  }

  private all(): readonly LruCurves[] {
    const { fetch, data, unified } = this;
    return unified === null ? [fetch, data] : [fetch, data, unified];
  }

  private setCurves(curves: LruCurves, sets: number): SetCurves {
    const regions = this.regions.map((region, n) => ({ ...region, misses: curves.curve(sets, n) }));
    return {
      sets,
      misses: curves.curve(sets),
      regions: regions
        .filter(({ misses }) => missesOf(misses, 1) > 0)
        .sort((a, b) => missesOf(b.misses, 1) - missesOf(a.misses, 1)),
    };
  }

  /** Pages keep their region while they are in a stack: whoever maps something else there invalidates them. */
  private regionNumber(page: number): number {
    const { kernel } = this.machine;
    const pid = kernel.onCpu?.tgid ?? 0;
    const region = regionOf(kernel, page * PAGE_BYTES);
    const key = `${pid} ${region}`;
    let number = this.regionNumbers.get(key);
    if (number === undefined) {
      number = this.regions.push({ pid, region }) - 1;
      this.regionNumbers.set(key, number);
    }
    return number;
  }
}
