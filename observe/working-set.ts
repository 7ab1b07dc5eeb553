/**
 * Working sets over time (Denning 1968): W(t, T) is the number of distinct pages that were used in the T instructions before
 * instruction t; of fetches, of data accesses, and of both. A page is one of an address space, those of the kernel's half
 * are everybody's. Counted for every t that is a multiple of the window and every T that is the window times a power of two.
 *
 * The window starts small and doubles whenever there are too many samples, so that a program of any length has between
 * MOST_SAMPLES / 2 and MOST_SAMPLES of them; the sums over longer windows are exact, since a page's last use is known by window.
 */

import { FETCH, type LookupListener, PageMap, type TracedMmu } from "../mmu/index.ts";
import { listenToLookups } from "./lookups.ts";
import type { LinuxMachine } from "./machine.ts";
import { KERNEL_START } from "./region.ts";

const FIRST_WINDOW = 1024;
const MOST_SAMPLES = 256;
const KERNEL_PAGE = KERNEL_START / 4096;

const kinds = ["fetch", "data", "all"] as const;
type Kind = (typeof kinds)[number];

/** Distinct pages. */
export type PageCounts = Readonly<Record<Kind, number>>;

/** docs/tlb.md documents it. */
export interface WorkingSetReport {
  /** Window lengths T in instructions, each twice the one before. */
  readonly windows: readonly number[];
  /** Sample n is of t = (n + 1) * windows[0]; its lists have one number for each window length. */
  readonly samples: readonly Readonly<Record<Kind, readonly number[]>>[];
  /** Of the whole run. */
  readonly total: PageCounts;
}

/** Uses of the pages of one kind. */
class Uses {
  /** Pages by the window of their last use. */
  readonly byWindow: number[] = [0];
  /** All pages so far. */
  pages = 0;
  /** By address space: the window of the last use of each page. Those that are gone are forgotten. */
  private readonly spaces = new WeakMap<object, PageMap>();
  private space: object | null = null;
  private last = new PageMap();

  use(space: object, page: number): void {
    const current = this.byWindow.length - 1;
    if (space !== this.space) this.enter(space);
    const before = this.last.get(page);
    if (before === current) return;
    this.last.set(page, current);
    this.byWindow[current]++;
    if (before >= 0) this.byWindow[before]--;
    else this.pages++;
  }

  private enter(space: object): void {
    const known = this.spaces.get(space);
    this.space = space;
    this.last = known ?? new PageMap();
    if (known === undefined) this.spaces.set(space, this.last);
  }
}

interface Sample extends Readonly<Record<Kind, number[]>> {
  /** Instructions. */
  readonly at: number;
}

export class WorkingSet implements LookupListener {
  private readonly machine: LinuxMachine;
  private readonly mmu: TracedMmu;
  private readonly uses: Readonly<Record<Kind, Uses>> = { fetch: new Uses(), data: new Uses(), all: new Uses() };
  /** Owner of the pages that every address space has. */
  private readonly everybody = {};
  /** Where each window began, in instructions. They are of one length or half of it, a quarter ..., the last ones longest. */
  private readonly starts = [0];
  /** Length of the window, in instructions. */
  private span = FIRST_WINDOW;
  private boundary = FIRST_WINDOW;
  private samples: Sample[] = [];

  /**
   * Listens from now on; to be made before the program is loaded, for a machine made with `translation: "traced"` or
   * "traced-unified". Throws TypeError for others.
   */
  constructor(machine: LinuxMachine) {
    this.machine = machine;
    this.mmu = listenToLookups(machine.hardware.mmu, this);
  }

  /** How many instructions to run until it must be asked again: it has to see the end of each window. */
  untilNext(): number {
    const { instructions } = this.machine;
    if (instructions >= this.boundary) this.close();
    return this.boundary - instructions;
  }

  lookup(page: number, access: number, leaf: number): void {
    if (leaf === 0) return;
    const { machine, uses, everybody } = this;
    const active = machine.loaded && page < KERNEL_PAGE ? machine.kernel.mm.active : null;
    const space = active ?? everybody;
    (access === FETCH ? uses.fetch : uses.data).use(space, page);
    uses.all.use(space, page);
  }

  /** Both pages were looked up before. */
  alternate(): void {}

  drop(): void {}

  flush(): void {}

  report(): WorkingSetReport {
    const columns = Math.max(0, ...this.samples.map(({ all }) => all.length));
    // As long as the run is shorter than the window, W is what was used so far.
    const padded = (list: readonly number[]): number[] =>
      Array.from({ length: columns }, (_, n) => list[Math.min(n, list.length - 1)]);
    const { fetch, data, all } = this.uses;
    return {
      windows: Array.from({ length: columns }, (_, n) => this.span * 2 ** n),
      samples: this.samples.map((sample) => ({
        fetch: padded(sample.fetch),
        data: padded(sample.data),
        all: padded(sample.all),
      })),
      total: { fetch: fetch.pages, data: data.pages, all: all.pages },
    };
  }

  /** The end of a window. */
  private close(): void {
    const at = this.boundary;
    const sample: Sample = { at, fetch: [], data: [], all: [] };
    for (const kind of kinds) this.measure(at, this.uses[kind], sample[kind]);
    this.samples.push(sample);
    if (this.samples.length === MOST_SAMPLES) {
      this.span *= 2;
      this.samples = this.samples.filter((one) => one.at % this.span === 0);
      for (const one of this.samples) for (const kind of kinds) if (one[kind].length > 1) one[kind].shift();
    }
    this.starts.push(at);
    for (const kind of kinds) this.uses[kind].byWindow.push(0);
    this.boundary = at + this.span;
    this.mmu.revisit();
  }

  /** W(at, T) for T = window, twice that ... until T covers the whole run. */
  private measure(at: number, { byWindow, pages }: Uses, into: number[]): void {
    let used = 0;
    let number = this.starts.length;
    for (let length = this.span; length < at; length *= 2) {
      while (number > 0 && this.starts[number - 1] >= at - length) used += byWindow[--number];
      into.push(used);
    }
    into.push(pages);
  }
}
