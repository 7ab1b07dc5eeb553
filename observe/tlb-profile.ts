/**
 * Where TLB misses come from: by process, region, page and function. It listens to the slow paths of the MMU, which report
 * every miss, walk and fault with the instruction at EIP; hits in hot slots are not reported, so that a run with a profile
 * is nearly as fast as without. With the plain TLB (`translation: "plain"`) every lookup is reported, and lookups are
 * counted by subject, too: those of every fetch only if run() is called for at most STEPPED instructions at a time, since a
 * longer run looks a fetch up where something can have changed. Listening changes no counter and no page table.
 */

import type { Machine } from "../emu/index.ts";
import type { Inode } from "../kernel/fs/inode.ts";
import { textOf } from "../kernel/index.ts";
import { vmaName } from "../kernel/mm/maps-text.ts";
import type { VmArea } from "../kernel/mm/vma.ts";
import type { Task } from "../kernel/task/task.ts";
import { Mmu, type MmuEvent, namedCounters, PAGE_BYTES, tlbSpecText } from "../mmu/index.ts";
import type { LinuxMachine } from "./machine.ts";
import { listenToMmu } from "./mmu-events.ts";
import { SymbolTable } from "./symbols.ts";

/** Version of the report's shape: a new field keeps it, a field that goes or changes its meaning does not. */
const SCHEMA = 1;
/** Instructions that run() executes one by one (emu/engine.ts). */
export const STEPPED = 4096;
const KERNEL_START = 0xc0000000;

/** What is counted of every subject. */
export interface TlbCounts {
  /** Lookups, only with the plain TLB; else null. Further dwords of an operand or a kernel copy in its page make none. */
  readonly lookups: number | null;
  /** First-level misses by access class, and all. */
  readonly misses: { readonly fetch: number; readonly read: number; readonly write: number; readonly all: number };
  /** Page walks, those that only set D included. */
  readonly walks: number;
  /** Page faults. */
  readonly faults: number;
}

export interface TlbProcess extends TlbCounts {
  readonly pid: number;
  /** Name of its program when it last missed; "" before the first process. */
  readonly name: string;
}

export interface TlbRegion extends TlbCounts {
  readonly pid: number;
  /** As in /proc/PID/maps; "[anon]" where that has no name, "[kernel]" from 0xc0000000 up, "[unmapped]". */
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

/** One instruction. */
export interface TlbSite extends TlbFunction {
  /** Where it lies in the file; its linear address where there is no file. */
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
  readonly walks: { readonly begun: number; readonly reads: number; readonly writes: number };
  /** Each list: most misses first. */
  readonly processes: readonly TlbProcess[];
  readonly regions: readonly TlbRegion[];
  readonly pages: readonly TlbPage[];
  readonly functions: readonly TlbFunction[];
  readonly sites: readonly TlbSite[];
}

class Tally {
  lookups = 0;
  /** By access class. */
  readonly misses = [0, 0, 0];
  walks = 0;
  faults = 0;

  add(event: MmuEvent): void {
    switch (event.kind) {
      case "hit":
        this.lookups++;
        break;
      case "miss":
        this.lookups++;
        this.misses[event.access]++;
        break;
      case "walk":
        this.walks++;
        break;
      case "fault":
        this.faults++;
        break;
    }
  }

  merge(other: Tally): void {
    this.lookups += other.lookups;
    for (const access of [0, 1, 2]) this.misses[access] += other.misses[access];
    this.walks += other.walks;
    this.faults += other.faults;
  }

  get all(): number {
    return this.misses[0] + this.misses[1] + this.misses[2];
  }

  counts(lookups: "known" | "unknown"): TlbCounts {
    const [read, write, fetch] = this.misses;
    return {
      lookups: lookups === "known" ? this.lookups : null,
      misses: { fetch, read, write, all: this.all },
      walks: this.walks,
      faults: this.faults,
    };
  }
}

/** A file whose code ran. */
interface CodeFile {
  readonly path: string;
  /** Read when its code first misses: the file may be closed at the end. */
  readonly symbols: SymbolTable | null;
  /** By file offset of the instruction; by linear address where there is no file. */
  readonly sites: Map<number, Tally>;
}

interface ProfiledProcess {
  readonly pid: number;
  name: string;
  readonly tally: Tally;
  /** By region and page number. */
  readonly regions: Map<string, Map<number, Tally>>;
}

export class TlbProfile {
  private readonly linux: LinuxMachine;
  private readonly machine: Machine;
  private readonly lookups: "known" | "unknown";
  private readonly processes = new Map<number, ProfiledProcess>();
  private readonly files = new Map<Inode | string, CodeFile>();

  /** Listens from now on; make it before the program is loaded, or what happened until then is missing. */
  constructor(linux: LinuxMachine) {
    this.linux = linux;
    this.machine = linux.hardware;
    this.lookups = this.machine.mmu instanceof Mmu ? "unknown" : "known";
    listenToMmu(this.machine.mmu, (event) => this.hear(event));
  }

  private hear(event: MmuEvent): void {
    if (event.kind === "evict" || event.kind === "flush") return;
    if (event.kind === "hit" && this.lookups === "unknown") return;
    const task = this.linux.loaded ? this.linux.kernel.onCpu : null;
    const process = this.processOf(task);
    process.tally.add(event);
    const region = regionOf(task, event.linear);
    let pages = process.regions.get(region);
    if (pages === undefined) {
      pages = new Map();
      process.regions.set(region, pages);
    }
    tallyOf(pages, event.linear >>> 12).add(event);
    this.hearSite(event, task);
  }

  private hearSite(event: MmuEvent, task: Task | null): void {
    const eip = this.machine.cpu.eip >>> 0;
    const vma = vmaAt(task, eip);
    const inode = vma?.file?.inode ?? null;
    const region = regionOf(task, eip);
    let file = this.files.get(inode ?? region);
    if (file === undefined) {
      const symbols = inode === null ? null : new SymbolTable(contentsOf(inode));
      file = { path: region, symbols, sites: new Map() };
      this.files.set(inode ?? region, file);
    }
    const site = vma === null || inode === null ? eip : eip - vma.start + vma.pgoff * PAGE_BYTES;
    tallyOf(file.sites, site).add(event);
  }

  private processOf(task: Task | null): ProfiledProcess {
    const pid = task?.tgid ?? 0;
    let process = this.processes.get(pid);
    if (process === undefined) {
      process = { pid, name: "", tally: new Tally(), regions: new Map() };
      this.processes.set(pid, process);
    }
    if (task !== null) process.name = textOf(task.comm);
    return process;
  }

  report(): TlbReport {
    const { cpu, mmu, profile } = this.machine;
    const counters = namedCounters(mmu.counters, "without");
    const kinds: TlbKind[] = [];
    for (const access of ["fetch", "read", "write"] as const) {
      for (const by of ["user", "kernel"] as const) {
        const accesses = counters[`access.${access}.${by}`];
        const misses = counters[`miss.${access}.${by}`];
        kinds.push({ access, by, accesses, hits: accesses - misses, misses });
      }
    }
    const misses = kinds.reduce((sum, kind) => sum + kind.misses, 0);
    return {
      schema: SCHEMA,
      cpu: profile.name,
      tlb: tlbSpecText(profile.paging.tlb),
      instructions: cpu.instructions,
      cycles: cpu.cycles,
      kinds,
      accesses: kinds.reduce((sum, kind) => sum + kind.accesses, 0),
      misses,
      missesPerThousandInstructions: cpu.instructions === 0 ? 0 : (misses * 1000) / cpu.instructions,
      walks: { begun: counters.walk, reads: counters["walk.read"], writes: counters["walk.write"] },
      ...this.subjects(),
      ...this.code(),
    };
  }

  private subjects(): Pick<TlbReport, "processes" | "regions" | "pages"> {
    const processes: TlbProcess[] = [];
    const regions: TlbRegion[] = [];
    const pages: TlbPage[] = [];
    for (const { pid, name, tally, regions: ofProcess } of this.processes.values()) {
      processes.push({ pid, name, ...tally.counts(this.lookups) });
      for (const [region, ofRegion] of ofProcess) {
        const sum = new Tally();
        for (const [page, one] of ofRegion) {
          sum.merge(one);
          pages.push({ pid, address: page * PAGE_BYTES, region, ...one.counts(this.lookups) });
        }
        regions.push({ pid, region, ...sum.counts(this.lookups) });
      }
    }
    pages.sort((a, b) => b.misses.all - a.misses.all || a.pid - b.pid || a.address - b.address);
    return { processes: processes.sort(byMisses), regions: regions.sort(byMisses), pages };
  }

  private code(): Pick<TlbReport, "functions" | "sites"> {
    const functions: TlbFunction[] = [];
    const places: TlbSite[] = [];
    for (const { path: file, symbols, sites } of this.files.values()) {
      const byName = new Map<string, Tally>();
      for (const [offset, tally] of sites) {
        const name = symbols?.at(offset) ?? "";
        tallyOf(byName, name).merge(tally);
        places.push({ file, name, offset, ...tally.counts(this.lookups) });
      }
      for (const [name, tally] of byName) functions.push({ file, name, ...tally.counts(this.lookups) });
    }
    places.sort((a, b) => b.misses.all - a.misses.all || a.offset - b.offset);
    return { functions: functions.sort(byMisses), sites: places };
  }
}

const byMisses = (a: TlbCounts, b: TlbCounts): number => b.misses.all - a.misses.all || b.walks - a.walks;

function tallyOf<Key>(tallies: Map<Key, Tally>, key: Key): Tally {
  let tally = tallies.get(key);
  if (tally === undefined) {
    tally = new Tally();
    tallies.set(key, tally);
  }
  return tally;
}

function vmaAt(task: Task | null, address: number): VmArea | null {
  const vma = task?.mm?.vmas.find(address) ?? null;
  return vma !== null && vma.start <= address ? vma : null;
}

function regionOf(task: Task | null, address: number): string {
  if (address >= KERNEL_START) return "[kernel]";
  const vma = vmaAt(task, address);
  if (vma === null || task === null || task.mm === null || task.fs === null) return "[unmapped]";
  const name = vmaName(task.mm, vma, task.fs.root);
  return name === "" ? "[anon]" : textOf(name);
}

/** Of the file as it lies in its file system, past the page cache; nothing if it cannot be read. */
function contentsOf(inode: Inode): Uint8Array {
  const bytes = new Uint8Array(inode.size);
  const read = inode.readAt(0, bytes, 0, bytes.length);
  return bytes.subarray(0, Math.max(0, read));
}
