/**
 * Where TLB misses come from: by process, region, page, function, source line and time. It listens to the slow paths of the
 * MMU, which report every miss, walk and fault with the instruction at EIP; hits in hot slots are not reported, so that a run
 * with a profile is nearly as fast as without. With the plain TLB (`translation: "plain"`) every lookup is reported, and
 * lookups are counted by subject, too: those of every fetch only if run() is called for at most STEPPED instructions at a
 * time, since a longer run looks a fetch up where something can have changed. Listening changes no counter and no page table.
 */

import type { Machine } from "../emu/index.ts";
import { Mmu, type MmuEvent, namedCounters, PAGE_BYTES, tlbSpecText } from "../mmu/index.ts";
import { LinuxMachine } from "./machine.ts";
import { listenToMmu } from "./mmu-events.ts";
import {
  type Accessor,
  type BootedKernel,
  KernelSurroundings,
  LinuxSurroundings,
  type Surroundings,
} from "./surroundings.ts";
import { type Lookups, Tally, type TlbCounts, tallyOf } from "./tlb-counts.ts";
import { Timeline, type TlbTimeline } from "./tlb-timeline.ts";

/** Version of the report's shape: a new field keeps it, a field that goes or changes its meaning does not. */
const SCHEMA = 1;
/** Instructions that run() executes one by one (emu/engine.ts). */
export const STEPPED = 4096;

export interface TlbProcess extends TlbCounts {
  /** 0 before the first process, and in a kernel of one's own. */
  readonly pid: number;
  /** Of the program that it ran last; "" before the first process. */
  readonly name: string;
}

export interface TlbRegion extends TlbCounts {
  readonly pid: number;
  /**
   * As in /proc/PID/maps; "[anon]" where that has no name, "[kernel]" from 0xc0000000 up, "[unmapped]". In a kernel of one's
   * own a section of its file, or the 4 MiB that a page-directory entry maps: "[40000000-403fffff]".
   */
  readonly region: string;
}

export interface TlbPage extends TlbRegion {
  /** First address, uint32. */
  readonly address: number;
}

export interface TlbFunction extends TlbCounts {
  /** Path of the file that the code is from, else a region's name. */
  readonly file: string;
  /** Symbol; "" where the file has none for the address. Accesses of the kernel for a program count for their caller. */
  readonly name: string;
}

export interface TlbLine extends TlbFunction {
  /** Source file as the compiler saw it; "" where .debug_line does not say. */
  readonly source: string;
  /** From 1; 0 where .debug_line does not say. */
  readonly line: number;
}

/** One instruction. */
export interface TlbSite extends TlbLine {
  /** Where it lies in the file; its linear address where there is no file, and in a kernel of one's own. */
  readonly offset: number;
}

export interface TlbKind {
  readonly access: "read" | "write" | "fetch";
  readonly by: "user" | "kernel";
  readonly accesses: number;
  readonly hits: number;
  readonly misses: number;
}

/** docs/tlb.md documents it, field by field. */
export interface TlbReport {
  readonly schema: number;
  /** Name of the program that the first process ran last; of the kernel's file. */
  readonly program: string;
  readonly cpu: string;
  /** In the notation of --tlb. */
  readonly tlb: string;
  readonly instructions: number;
  readonly cycles: number;
  /** Access classes by privilege; the sums of the MMU's counters. */
  readonly kinds: readonly TlbKind[];
  readonly accesses: number;
  readonly misses: number;
  readonly missesPerThousandInstructions: number;
  readonly walks: {
    readonly begun: number;
    readonly reads: number;
    readonly writes: number;
    /** Clocks, part of `cycles`. */
    readonly clocks: number;
  };
  /** Clocks of first-level misses that another level served, part of `cycles`. */
  readonly refillClocks: number;
  /** Page faults. */
  readonly faults: number;
  /** Each list: most misses first. */
  readonly processes: readonly TlbProcess[];
  readonly regions: readonly TlbRegion[];
  readonly pages: readonly TlbPage[];
  readonly functions: readonly TlbFunction[];
  readonly lines: readonly TlbLine[];
  readonly sites: readonly TlbSite[];
  readonly timeline: TlbTimeline;
}

/** A page or an instruction of a process, as it was looked up last: valid while the surroundings are of that version. */
interface Found {
  version: number;
  tally: Tally;
}

class ProfiledProcess {
  /** As it was when it last missed. */
  accessor: Accessor;
  /** By region and page number. */
  readonly regions = new Map<string, Map<number, Tally>>();
  /** By page number, and by linear address of the instruction. */
  readonly pages = new Map<number, Found>();
  readonly sites = new Map<number, Found>();

  constructor(accessor: Accessor) {
    this.accessor = accessor;
  }
}

export class TlbProfile {
  private readonly machine: Machine;
  private readonly surroundings: Surroundings;
  private readonly lookups: Lookups;
  private readonly processes = new Map<number, ProfiledProcess>();
  private readonly timeline = new Timeline();
  /** What the last event was about: a miss, its walk and its fault come one after the other. */
  private version = -1;
  private page = -1;
  private eip = -1;
  private process = new ProfiledProcess({ pid: 0, name: "" });
  private pageTally = new Tally();
  private siteTally = new Tally();

  /** Listens from now on; make it before the program is loaded, or what happened until then is missing. */
  constructor(subject: LinuxMachine | BootedKernel) {
    this.machine = subject.hardware;
    this.surroundings =
      subject instanceof LinuxMachine ? new LinuxSurroundings(subject) : new KernelSurroundings(subject);
    this.lookups = this.machine.mmu instanceof Mmu ? "unknown" : "known";
    listenToMmu(this.machine.mmu, (event) => this.hear(event));
  }

  /** Hot: once per slow path. */
  private hear(event: MmuEvent): void {
    const { kind } = event;
    if (kind === "evict" || kind === "flush" || (kind === "hit" && this.lookups === "unknown")) return;
    const { cpu } = this.machine;
    const version = this.surroundings.look();
    const page = event.linear >>> 12;
    const eip = cpu.eip;
    if (version !== this.version) {
      this.version = version;
      this.process = this.processOf(this.surroundings.accessor());
      this.page = -1;
      this.eip = -1;
    }
    if (page !== this.page) {
      this.page = page;
      this.pageTally = this.pageAt(event.linear);
    }
    if (eip !== this.eip) {
      this.eip = eip;
      this.siteTally = this.siteAt(eip);
    }
    this.pageTally.add(event);
    this.siteTally.add(event);
    this.timeline.at(cpu.instructionsBefore).add(event);
  }

  private processOf(accessor: Accessor): ProfiledProcess {
    let process = this.processes.get(accessor.pid);
    if (process === undefined) {
      process = new ProfiledProcess(accessor);
      this.processes.set(accessor.pid, process);
    }
    process.accessor = accessor;
    return process;
  }

  private pageAt(linear: number): Tally {
    const { process, version } = this;
    const page = linear >>> 12;
    const known = process.pages.get(page);
    if (known?.version === version) return known.tally;
    const region = this.surroundings.region(linear);
    let pages = process.regions.get(region);
    if (pages === undefined) {
      pages = new Map();
      process.regions.set(region, pages);
    }
    return note(process.pages, page, version, tallyOf(pages, page));
  }

  private siteAt(eip: number): Tally {
    const { process, version } = this;
    const known = process.sites.get(eip);
    if (known?.version === version) return known.tally;
    const { file, site } = this.surroundings.code(eip);
    return note(process.sites, eip, version, tallyOf(file.sites, site));
  }

  report(): TlbReport {
    const { cpu, mmu, profile } = this.machine;
    const { instructions, cycles } = cpu;
    const counters = namedCounters(mmu.counters, "without");
    const sum = (family: string) =>
      Object.entries(counters).reduce((total, [name, count]) => total + (name.startsWith(family) ? count : 0), 0);
    const kinds: TlbKind[] = [];
    for (const access of ["fetch", "read", "write"] as const) {
      for (const by of ["user", "kernel"] as const) {
        const accesses = counters[`access.${access}.${by}`];
        const misses = counters[`miss.${access}.${by}`];
        kinds.push({ access, by, accesses, hits: accesses - misses, misses });
      }
    }
    const misses = sum("miss.");
    return {
      schema: SCHEMA,
      program: this.program(),
      cpu: profile.name,
      tlb: tlbSpecText(profile.paging.tlb),
      instructions,
      cycles,
      kinds,
      accesses: sum("access."),
      misses,
      missesPerThousandInstructions: instructions === 0 ? 0 : (misses * 1000) / instructions,
      walks: {
        begun: counters.walk,
        reads: counters["walk.read"],
        writes: counters["walk.write"],
        clocks: counters["walk.clocks"],
      },
      refillClocks: counters["refill.clocks"],
      faults: counters["fault.not-present"] + counters["fault.protection"] + counters["fault.reserved"],
      ...this.subjects(),
      ...this.code(),
      timeline: this.timeline.report(instructions, this.lookups),
    };
  }

  private program(): string {
    const named = [...this.processes.values()].filter(({ accessor }) => accessor.name !== "");
    const [first] = named.sort((a, b) => a.accessor.pid - b.accessor.pid);
    return first?.accessor.name ?? "";
  }

  private subjects(): Pick<TlbReport, "processes" | "regions" | "pages"> {
    const processes: TlbProcess[] = [];
    const regions: TlbRegion[] = [];
    const pages: TlbPage[] = [];
    for (const { accessor, regions: ofProcess } of this.processes.values()) {
      const { pid, name } = accessor;
      const all = new Tally();
      for (const [region, ofRegion] of ofProcess) {
        const sum = new Tally();
        for (const [page, one] of ofRegion) {
          sum.merge(one);
          pages.push({ pid, address: page * PAGE_BYTES, region, ...one.counts(this.lookups) });
        }
        regions.push({ pid, region, ...sum.counts(this.lookups) });
        all.merge(sum);
      }
      processes.push({ pid, name, ...all.counts(this.lookups) });
    }
    pages.sort((a, b) => b.misses.all - a.misses.all || a.pid - b.pid || a.address - b.address);
    return { processes: processes.sort(byMisses), regions: regions.sort(byMisses), pages };
  }

  private code(): Pick<TlbReport, "functions" | "lines" | "sites"> {
    const functions: TlbFunction[] = [];
    const lines: TlbLine[] = [];
    const places: TlbSite[] = [];
    for (const code of this.surroundings.files()) {
      const file = code.path;
      const byName = new Map<string, Tally>();
      const byLine = new Map<string, { place: Omit<TlbLine, keyof TlbCounts>; tally: Tally }>();
      for (const [offset, tally] of code.sites) {
        const place = { file, name: code.functionAt(offset), ...code.lineAt(offset) };
        places.push({ ...place, offset, ...tally.counts(this.lookups) });
        tallyOf(byName, place.name).merge(tally);
        const key = `${place.line} ${place.name} ${place.source}`;
        const known = byLine.get(key) ?? { place, tally: new Tally() };
        known.tally.merge(tally);
        byLine.set(key, known);
      }
      for (const [name, tally] of byName) functions.push({ file, name, ...tally.counts(this.lookups) });
      for (const { place, tally } of byLine.values()) lines.push({ ...place, ...tally.counts(this.lookups) });
    }
    places.sort((a, b) => byMisses(a, b) || a.offset - b.offset);
    return { functions: functions.sort(byMisses), lines: lines.sort(byMisses), sites: places };
  }
}

const byMisses = (a: TlbCounts, b: TlbCounts): number => b.misses.all - a.misses.all || b.walks - a.walks;

function note(found: Map<number, Found>, key: number, version: number, tally: Tally): Tally {
  const known = found.get(key);
  if (known === undefined) {
    found.set(key, { version, tally });
  } else {
    known.version = version;
    known.tally = tally;
  }
  return tally;
}
