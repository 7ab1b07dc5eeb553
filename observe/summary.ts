/**
 * What a machine did, as an object for JSON and as text for people. docs/counters.md documents the object, field by field.
 *
 * Every number is a count since the machine was built; two runs with the same input have the same numbers.
 */
import type { ClockKind, Machine, Profile } from "../emu/index.ts";
import type { Kernel } from "../kernel/index.ts";
import { FAULT_KINDS, SYSCALL_NAMES, signalName } from "../kernel/index.ts";
import type { VmaLookups } from "../kernel/mm/memory-manager.ts";
import type { FlushCounts } from "../kernel/mm/physical-memory.ts";
import type { SharingCounts } from "../kernel/mm/shared-tables.ts";
import { namedCounters, tlbSpecText } from "../mmu/index.ts";
import { grouped, percent, textTable } from "./table.ts";

const NOTHING_SHARED: SharingCounts = { shared: 0, copied: 0, dropped: 0 };

/** Version of the object's shape: a new field keeps it, a field that goes or changes its meaning does not. */
const SCHEMA = 1;

/** The machine's half: the same for `run` and `boot`. */
export interface MachineSummary {
  readonly schema: number;
  readonly cpu: string;
  /** Its TLBs, in the notation of --tlb. */
  readonly tlb: string;
  /** What a cycle is: a clock of the processor, or an instruction of 4 ns. */
  readonly clock: ClockKind;
  readonly ramBytes: number;
  readonly instructions: number;
  readonly cycles: number;
  /** Guest time: cycles at the CPU's clock rate. */
  readonly seconds: number;
  /** MMU counters by name (mmu/counters.ts). */
  readonly mmu: Readonly<Record<string, number>>;
}

export interface LinuxSummary extends MachineSummary {
  /** Page faults by how they ended, all kinds. */
  readonly faults: Readonly<Record<string, number>>;
  /** Page faults before which the stack was extended; they are among `faults` too. */
  readonly stackGrowth: number;
  /** Exceptions of programs by mnemonic, only those that happened; #PF counts those page faults that programs raised themselves. */
  readonly exceptions: Readonly<Record<string, number>>;
  /** System calls by name, only those that were made. */
  readonly syscalls: Readonly<Record<string, number>>;
  /** Signals given to handlers, by name, only those that were. */
  readonly signals: Readonly<Record<string, number>>;
  /** TLB flushes of the kernel by kind; `rangePages` are the pages of `range`. */
  readonly flushes: Readonly<FlushCounts>;
  /** Searches for the mapping of an address that the mmap_cache answered, and those of the tree. */
  readonly vmaLookups: VmaLookups;
  /** Page tables that forks shared, and what became of that; zero without --share-page-tables. */
  readonly sharedTables: Readonly<SharingCounts>;
  readonly processes: {
    readonly forks: number;
    readonly execs: number;
    readonly contextSwitches: number;
    readonly timerInterrupts: number;
  };
}

export function machineSummary(machine: Machine): MachineSummary {
  const { cpu, profile, mmu, ram } = machine;
  return {
    schema: SCHEMA,
    cpu: profile.name,
    tlb: tlbSpecText(profile.paging.tlb),
    clock: profile.clock,
    ramBytes: ram.size,
    instructions: cpu.instructions,
    cycles: cpu.cycles,
    seconds: cpu.cycles / profile.hertz,
    mmu: namedCounters(mmu.counters, "without"),
  };
}

/** Exceptions by vector (SDM 3A table 6-1). */
const vectors = "#DE #DB #NMI #BP #OF #BR #UD #NM #DF #9 #TS #NP #SS #GP #PF #15 #MF #AC #MC".split(" ");

/** Mnemonic of an exception, "#PF". */
export function exceptionName(vector: number): string {
  return vectors[vector] ?? `#${vector}`;
}

/** The counts that are not zero, by name. */
function counted(counts: Float64Array, nameOf: (index: number) => string): Record<string, number> {
  const named: Record<string, number> = {};
  counts.forEach((count, index) => {
    if (count > 0) named[nameOf(index)] = count;
  });
  return named;
}

export function linuxSummary(kernel: Kernel): LinuxSummary {
  const { counters, mm, machine } = kernel;
  const { byKind, stackGrowth } = mm.faults.counters;
  return {
    ...machineSummary(machine),
    faults: Object.fromEntries(FAULT_KINDS.map((name, kind) => [name, byKind[kind]])),
    stackGrowth,
    exceptions: counted(counters.exceptions, exceptionName),
    syscalls: counted(counters.syscalls, (number) => SYSCALL_NAMES[number] ?? `syscall ${number}`),
    signals: counted(counters.signals, signalName),
    flushes: { ...mm.memory.flushes },
    vmaLookups: mm.vmaLookups,
    sharedTables: { ...(mm.sharing?.counts ?? NOTHING_SHARED) },
    processes: {
      forks: counters.forks,
      execs: counters.execs,
      contextSwitches: counters.contextSwitches,
      timerInterrupts: counters.timerTicks,
    },
  };
}

function headingRows(summary: MachineSummary, { clock, hertz }: Profile): string[][] {
  const { instructions, cycles, seconds, cpu, tlb, ramBytes } = summary;
  const perInstruction = instructions === 0 ? "-" : (cycles / instructions).toFixed(2);
  const pace = clock === "cycles" ? `${(hertz / 1e6).toFixed(0)} MHz` : `${1e9 / hertz} ns per instruction`;
  return [
    ["processor", cpu, `${pace}, ${grouped(ramBytes / 2 ** 20)} MiB of RAM`],
    ["TLBs", "", tlb],
    ["instructions", grouped(instructions)],
    ["cycles", grouped(cycles), `${perInstruction} per instruction`],
    ["guest time", `${grouped(seconds * 1e6)} us`],
  ];
}

function walkRows(summary: MachineSummary): string[][] {
  const { mmu } = summary;
  const flushes = mmu["flush.cr3"] + mmu["flush.cr4"] + mmu["flush.cr0"] + mmu["flush.all"];
  return [
    [
      "page walks",
      grouped(mmu.walk),
      `${grouped(mmu["walk.read"])} reads, ${grouped(mmu["walk.write"])} A/D writes, ${grouped(mmu["walk.clocks"])} cycles`,
    ],
    ["TLB flushes", grouped(flushes), `and ${grouped(mmu["flush.invlpg"])} INVLPG`],
  ];
}

function tlbTable(summary: MachineSummary): string {
  const { mmu } = summary;
  const rows = [["TLB", "accesses", "hits", "misses", "miss rate"]];
  for (const access of ["fetch", "read", "write"]) {
    for (const who of ["user", "kernel"]) {
      const accesses = mmu[`access.${access}.${who}`];
      const misses = mmu[`miss.${access}.${who}`];
      if (accesses === 0) continue;
      const cells = [accesses, accesses - misses, misses].map((n) => grouped(n));
      rows.push([`${access} ${who}`, ...cells, percent(misses, accesses)]);
    }
  }
  return rows.length === 1 ? "  TLB: paging was never on\n" : textTable(rows);
}

/** The most frequent first; a few are named. */
function mostFrequent(counts: Readonly<Record<string, number>>, shown: number): string {
  const entries = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const named = entries.slice(0, shown).map(([name, count]) => `${name} ${grouped(count)}`);
  return named.join(", ") + (entries.length > shown ? ", ..." : "");
}

function total(counts: Readonly<Record<string, number>>): string {
  return grouped(Object.values(counts).reduce((sum, count) => sum + count, 0));
}

/** The summary of `boot --stats`. */
export function machineSummaryText(machine: Machine): string {
  const summary = machineSummary(machine);
  const faults = {
    "not present": summary.mmu["fault.not-present"],
    protection: summary.mmu["fault.protection"],
    "reserved bit": summary.mmu["fault.reserved"],
  };
  const rows = [
    ...headingRows(summary, machine.profile),
    ["page faults", total(faults), mostFrequent(faults, 3)],
    ...walkRows(summary),
  ];
  return `\n${textTable(rows, 2)}\n${tlbTable(summary)}`;
}

/** The summary of `run --stats`. */
export function linuxSummaryText(kernel: Kernel): string {
  const summary = linuxSummary(kernel);
  const { forks, execs, contextSwitches } = summary.processes;
  const { hits, misses } = summary.vmaLookups;
  const { shared } = summary.sharedTables;
  const { rangePages, ...flushes } = summary.flushes;
  const rows = [
    ...headingRows(summary, kernel.machine.profile),
    ["page faults", total(summary.faults), mostFrequent(summary.faults, 10)],
    ["system calls", total(summary.syscalls), mostFrequent(summary.syscalls, 5)],
    ["mapping lookups", grouped(hits + misses), `${percent(hits, hits + misses)} from the mmap_cache`],
    ["processes", grouped(forks + 1), `${grouped(execs)} execs, ${grouped(contextSwitches)} context switches`],
    ...(shared === 0 ? [] : [["shared tables", grouped(shared), mostFrequent(summary.sharedTables, 3)]]),
    ...walkRows(summary),
    [
      "kernel flushes",
      total(flushes),
      `${mostFrequent(flushes, 4)}${rangePages === 0 ? "" : `; ${grouped(rangePages)} pages in ranges`}`,
    ],
  ];
  return `\n${textTable(rows, 2)}\n${tlbTable(summary)}`;
}
