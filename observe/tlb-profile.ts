/**
 * Where TLB misses come from: by process, region, page, function, source line and time. It listens to the slow paths of the
 * MMU, which report every miss, walk and fault with the instruction at EIP; hits in hot slots are not reported, so that a run
 * with a profile is nearly as fast as without. With the plain TLB (`translation: "plain"`) every lookup is reported, and
 * lookups are counted by subject, too: those of every fetch only if run() is called for at most STEPPED instructions at a
 * time, since a longer run looks a fetch up where something can have changed. Listening changes no counter and no page table.
 */

import type { Machine } from "../emu/index.ts";
import { Mmu, type MmuEvent, namedCounters, PAGE_BYTES, PageMap, tlbSpecText } from "../mmu/index.ts";
import { LinuxMachine } from "./machine.ts";
import { listenToMmu } from "./mmu-events.ts";
import {
  type Accessor,
  type BootedKernel,
  KernelSurroundings,
  LinuxSurroundings,
  type Surroundings,
} from "./surroundings.ts";
import { type Lookups, rowOf, Tallies, type TlbCounts } from "./tlb-counts.ts";
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

/** An instruction as it was looked up last: valid while the surroundings are of that version. */
interface FoundSite {
  version: number;
  row: number;
}

class ProfiledProcess {
  /** As it was when it last missed. */
  accessor: Accessor;
  /** Rows by region and page number. */
  readonly regions = new Map<string, Map<number, number>>();
  /** The row of a page in the region that it was in last. */
  readonly pages = new PageMap();
  /** By linear address of the instruction. */
  readonly sites = new Map<number, FoundSite>();

  constructor(accessor: Accessor) {
    this.accessor = accessor;
  }
}

export class TlbProfile {
  private readonly machine: Machine;
  private readonly surroundings: Surroundings;
  private readonly lookups: Lookups;
  private readonly processes = new Map<number, ProfiledProcess>();
  /** A row for each page of a process in a region, and for each instruction of a file. */
  private readonly tallies = new Tallies();
  /** By row of a page: for which version of the surroundings the page is known to be in that region. */
  private versions = new Int32Array(1024);
  private readonly timeline = new Timeline();
  /** What the last event was about: a miss, its walk and its fault come one after the other. */
  private version = -1;
  private page = -1;
  private eip = -1;
  private process = new ProfiledProcess({ pid: 0, name: "" });
  private pageRow = -1;
  private siteRow = -1;

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
    const { tallies } = this;
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
      const row = this.process.pages.get(page);
      this.pageRow = row >= 0 && this.versions[row] === version ? row : this.findPage(event.linear);
    }
    if (eip !== this.eip) {
      this.eip = eip;
      const site = this.process.sites.get(eip);
      this.siteRow = site !== undefined && site.version === version ? site.row : this.findSite(eip);
    }
    tallies.count(this.pageRow, event);
    tallies.count(this.siteRow, event);
    this.timeline.count(cpu.instructionsBefore, event);
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

  /** The row of a page in the region that it is in. */
  private findPage(linear: number): number {
    const { regions, pages } = this.process;
    const region = this.surroundings.region(linear);
    let rows = regions.get(region);
    if (rows === undefined) {
      rows = new Map();
      regions.set(region, rows);
    }
    const row = rowOf(rows, linear >>> 12, this.tallies);
    if (row >= this.versions.length) {
      const larger = new Int32Array(row * 2);
      larger.set(this.versions);
      this.versions = larger;
    }
    this.versions[row] = this.version;
    pages.set(linear >>> 12, row);
    return row;
  }

  /** The row of the instruction at a linear address. */
  private findSite(eip: number): number {
    const { version } = this;
    const { file, site } = this.surroundings.code(eip);
    const row = rowOf(file.sites, site, this.tallies);
    const known = this.process.sites.get(eip);
    if (known === undefined) {
      this.process.sites.set(eip, { version, row });
    } else {
      known.version = version;
      known.row = row;
    }
    return row;
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
    const { tallies, lookups } = this;
    const sums = new Tallies();
    const processes: TlbProcess[] = [];
    const regions: TlbRegion[] = [];
    const pages: TlbPage[] = [];
    for (const { accessor, regions: ofProcess } of this.processes.values()) {
      const { pid, name } = accessor;
      const all = sums.open();
      for (const [region, ofRegion] of ofProcess) {
        const sum = sums.open();
        for (const [page, row] of ofRegion) {
          sums.add(sum, tallies, row);
          pages.push({ pid, address: page * PAGE_BYTES, region, ...tallies.read(row, lookups) });
        }
        regions.push({ pid, region, ...sums.read(sum, lookups) });
        sums.add(all, sums, sum);
      }
      processes.push({ pid, name, ...sums.read(all, lookups) });
    }
    pages.sort((a, b) => b.misses.all - a.misses.all || a.pid - b.pid || a.address - b.address);
    return { processes: processes.sort(byMisses), regions: regions.sort(byMisses), pages };
  }

  private code(): Pick<TlbReport, "functions" | "lines" | "sites"> {
    const { tallies, lookups } = this;
    const sums = new Tallies();
    const functions: TlbFunction[] = [];
    const lines: TlbLine[] = [];
    const sites: TlbSite[] = [];
    for (const code of this.surroundings.files()) {
      const file = code.path;
      const byName = new Map<string, number>();
      const byLine = new Map<string, { place: Omit<TlbLine, keyof TlbCounts>; sum: number }>();
      for (const [offset, row] of code.sites) {
        const place = { file, name: code.functionAt(offset), ...code.lineAt(offset) };
        sites.push({ ...place, offset, ...tallies.read(row, lookups) });
        sums.add(rowOf(byName, place.name, sums), tallies, row);
        const key = `${place.line} ${place.name} ${place.source}`;
        const known = byLine.get(key) ?? { place, sum: sums.open() };
        byLine.set(key, known);
        sums.add(known.sum, tallies, row);
      }
      for (const [name, sum] of byName) functions.push({ file, name, ...sums.read(sum, lookups) });
      for (const { place, sum } of byLine.values()) lines.push({ ...place, ...sums.read(sum, lookups) });
    }
    sites.sort((a, b) => byMisses(a, b) || a.offset - b.offset);
    return { functions: functions.sort(byMisses), lines: lines.sort(byMisses), sites };
  }
}

const byMisses = (a: TlbCounts, b: TlbCounts): number => b.misses.all - a.misses.all || b.walks - a.walks;
