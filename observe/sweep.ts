/**
 * A sweep: one program on machines that differ in nothing but their TLBs. Time is the clock that counts instructions, so that
 * every machine executes the same instructions and makes the same accesses; a sweep in which they do not is refused.
 *
 * A sweep can be cut into shards, which are put together again by mergeSweeps(): the result is what one run of all would give.
 */

import { cpuProfile } from "../emu/index.ts";
import type { MmuEvent, TlbGeometry } from "../mmu/index.ts";
import { namedCounters, tlbSpecText } from "../mmu/index.ts";
import type { LinuxMachine } from "./machine.ts";
import { listenToMmu } from "./mmu-events.ts";
import { grouped, percent, textTable } from "./table.ts";

/** Version of the report's shape. */
export const SWEEP_SCHEMA = 1;

/** What must be the same in all shards of a sweep. docs/sweep.md documents the report, field by field. */
export interface SweepPlan {
  readonly schema: number;
  readonly report: "sweep";
  /** Version of pagewalk. */
  readonly pagewalk: string;
  readonly program: { readonly path: string; readonly args: readonly string[]; readonly sha256: string };
  readonly options: Readonly<Record<string, unknown>>;
  /** Each as it was written, braces expanded. */
  readonly specs: readonly string[];
}

/** What the program did, the same on every machine. */
export interface SweepOutcome {
  readonly exitStatus: number;
  /** What ended it. */
  readonly reason: "exit" | "max-instructions" | "deadlock";
  readonly instructions: number;
  readonly accesses: { readonly fetch: number; readonly read: number; readonly write: number };
  /** SHA-256 of standard output and error in the order in which they were written, and of the input if it was read. */
  readonly output: string;
  readonly input: string | null;
}

/** One machine. */
export interface SweepRun {
  readonly spec: string;
  /** The same geometry in full, in the notation of --tlb. */
  readonly tlb: string;
  /** Of all arrays. */
  readonly entries: number;
  /** Of the first level. */
  readonly misses: { readonly fetch: number; readonly read: number; readonly write: number; readonly all: number };
  readonly missRate: number;
  readonly missesPerThousandInstructions: number;
  readonly walks: {
    readonly begun: number;
    readonly reads: number;
    readonly writes: number;
    /** Clocks that they, and misses served by a lower level, take on this processor. */
    readonly clocks: number;
  };
}

export interface SweepReport extends SweepPlan {
  /** Only of a part: "2/3". */
  readonly shard?: string;
  /** Absent where nothing ran: a shard without specs. */
  readonly outcome?: SweepOutcome;
  readonly runs: readonly SweepRun[];
}

/** A part of a sweep, 1-based: the `index`-th spec and each `count`-th after it. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export const WHOLE: Shard = { index: 1, count: 1 };

export function shardOf(specs: readonly string[], { index, count }: Shard): string[] {
  return specs.filter((_, n) => n % count === index - 1);
}

/** Clocks of page walks on a machine whose own clock does not count them. */
export class WalkClocks {
  private readonly machine: LinuxMachine;
  private walks = 0;

  /** Listens from now on; to be made before the program is loaded. */
  constructor(machine: LinuxMachine) {
    this.machine = machine;
    const { reads, writes } = cpuProfile(machine.hardware.profile.name).paging.clocks;
    listenToMmu(machine.hardware.mmu, (event: MmuEvent) => {
      if (event.kind !== "walk") return;
      this.walks += (reads[event.reads - 1] ?? 0) + (writes[event.writes - 1] ?? 0);
    });
  }

  /** Of walks, and of misses that a lower level served. */
  get total(): number {
    const { profile, mmu } = this.machine.hardware;
    const counters = namedCounters(mmu.counters, "without");
    const { refills } = cpuProfile(profile.name).paging.clocks;
    const served = (level: string): number =>
      counters[`refill.${level}.fetch`] + counters[`refill.${level}.read`] + counters[`refill.${level}.write`];
    return this.walks + served("l2") * refills[0] + served("l3") * refills[1];
  }
}

const byAccess = (machine: LinuxMachine, family: "access" | "miss") => {
  const counters = namedCounters(machine.hardware.mmu.counters, "without");
  const of = (access: string): number => counters[`${family}.${access}.user`] + counters[`${family}.${access}.kernel`];
  return { fetch: of("fetch"), read: of("read"), write: of("write") };
};

/** What a machine counted whose program has ended. */
export function sweepRun(machine: LinuxMachine, spec: string, tlb: TlbGeometry, clocks: WalkClocks): SweepRun {
  const { mmu, cpu } = machine.hardware;
  const counters = namedCounters(mmu.counters, "without");
  const accesses = Object.values(byAccess(machine, "access")).reduce((sum, n) => sum + n, 0);
  const misses = byAccess(machine, "miss");
  const all = misses.fetch + misses.read + misses.write;
  return {
    spec,
    tlb: tlbSpecText(tlb),
    entries: Object.values(tlb.arrays).reduce((sum, { sets, ways }) => sum + sets * ways, 0),
    misses: { ...misses, all },
    missRate: accesses === 0 ? 0 : all / accesses,
    missesPerThousandInstructions: cpu.instructions === 0 ? 0 : (all * 1000) / cpu.instructions,
    walks: {
      begun: counters.walk,
      reads: counters["walk.read"],
      writes: counters["walk.write"],
      clocks: clocks.total,
    },
  };
}

/** @param output SHA-256 of what it wrote, `input` of what it could read */
export function sweepOutcome(
  machine: LinuxMachine,
  ending: Pick<SweepOutcome, "exitStatus" | "reason" | "output" | "input">,
): SweepOutcome {
  const { exitStatus, reason, output, input } = ending;
  const accesses = byAccess(machine, "access");
  return { exitStatus, reason, instructions: machine.instructions, accesses, output, input };
}

/** The same JSON for the whole and for what was put together: the order of the fields is fixed here. */
export function sweepReport(
  plan: SweepPlan,
  shard: Shard,
  outcome: SweepOutcome | undefined,
  runs: readonly SweepRun[],
): SweepReport {
  const { schema, report, pagewalk, program, options, specs } = plan;
  return {
    schema,
    report,
    pagewalk,
    program,
    options,
    specs,
    ...(shard.count === 1 ? {} : { shard: `${shard.index}/${shard.count}` }),
    ...(outcome === undefined ? {} : { outcome }),
    runs,
  };
}

/** One line on what the program did, and one row for each machine. */
export function sweepText(report: SweepReport): string {
  const { program, outcome, runs, shard } = report;
  const part = shard === undefined ? "" : `, shard ${shard} of ${grouped(report.specs.length)} specs`;
  const name = [program.path, ...program.args].join(" ");
  if (outcome === undefined) return `  ${name}${part}: no specs\n`;
  const { instructions, accesses, exitStatus } = outcome;
  const kinds = (["fetch", "read", "write"] as const).map((kind) => `${grouped(accesses[kind])} ${kind}`);
  const rows = runs.map(({ spec, entries, misses, missRate, missesPerThousandInstructions, walks }) => [
    spec,
    grouped(entries),
    grouped(misses.fetch),
    grouped(misses.read + misses.write),
    percent(missRate, 1),
    grouped(missesPerThousandInstructions, 3),
    grouped(walks.begun),
    grouped(walks.clocks),
  ]);
  const heads = ["TLB", "entries", "fetch misses", "data misses", "miss rate", "per 1,000", "walks", "clocks"];
  return [
    `  ${name}${part}: exit status ${exitStatus}, ${grouped(instructions)} instructions\n`,
    `  accesses: ${kinds.join(", ")}\n\n`,
    textTable([heads, ...rows]),
  ].join("");
}
