/** Putting the shards of a sweep together, and what can be wrong with them. */

import { type Shard, SWEEP_SCHEMA, type SweepPlan, type SweepReport, shardOf, sweepReport, WHOLE } from "./sweep.ts";

/** A report and where it is from, for messages. */
export interface NamedSweep {
  readonly name: string;
  readonly report: SweepReport;
}

/** What of a plan must agree, and what to call it. */
const agreed: readonly (readonly [field: keyof SweepPlan, name: string])[] = [
  ["pagewalk", "version of pagewalk"],
  ["program", "program"],
  ["options", "set of options"],
  ["specs", "list of specs"],
];

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** "2/3"; null for anything else. */
export function parseShard(text: string): Shard | null {
  const match = /^(\d{1,9})\/(\d{1,9})$/.exec(text);
  if (match === null) return null;
  const [index, count] = [Number(match[1]), Number(match[2])];
  return index >= 1 && index <= count ? { index, count } : null;
}

/** Whether a value read from JSON is a sweep's report, as far as merging relies on it; else what is wrong with it. */
export function sweepError(value: unknown): string {
  if (typeof value !== "object" || value === null) return "no report of a sweep";
  const report = value as Partial<SweepReport>;
  if (report.report !== "sweep") return "no report of a sweep";
  if (report.schema !== SWEEP_SCHEMA) return `a sweep of schema ${String(report.schema)}, not ${SWEEP_SCHEMA}`;
  const { specs, runs, shard, program, options, outcome } = report;
  const shape = shard === undefined ? WHOLE : parseShard(String(shard));
  const whole =
    Array.isArray(specs) &&
    Array.isArray(runs) &&
    shape !== null &&
    Array.isArray(program?.args) &&
    typeof options === "object" &&
    (runs.length === 0 || typeof outcome === "object") &&
    same(
      runs.map((run) => (run as { spec?: unknown } | null)?.spec),
      shardOf(specs, shape),
    );
  return whole ? "" : "a damaged report of a sweep";
}

/**
 * The report of the whole sweep.
 *
 * Throws RangeError with one line that says which shards do not belong together, which are missing, which are there twice.
 */
export function mergeSweeps(sweeps: readonly NamedSweep[]): SweepReport {
  const [first, ...others] = sweeps;
  if (first === undefined) throw new RangeError("no sweep is given");
  const shards = sweeps.map(({ report }) => parseShard(report.shard ?? "1/1") ?? WHOLE);
  for (const [n, { name, report }] of others.entries()) {
    const different = agreed.find(([field]) => !same(report[field], first.report[field]));
    if (different !== undefined) throw new RangeError(`${name} has another ${different[1]} than ${first.name}`);
    if (shards[n + 1].count !== shards[0].count) {
      throw new RangeError(
        `${name} is shard ${report.shard ?? "1/1"}, ${first.name} shard ${first.report.shard ?? "1/1"}`,
      );
    }
  }
  const { count } = shards[0];
  const byIndex: (NamedSweep | undefined)[] = Array.from({ length: count }, () => undefined);
  for (const [n, sweep] of sweeps.entries()) {
    const before = byIndex[shards[n].index - 1];
    if (before !== undefined) {
      throw new RangeError(`${before.name} and ${sweep.name} are both shard ${shards[n].index}/${count}`);
    }
    byIndex[shards[n].index - 1] = sweep;
  }
  const missing = byIndex.flatMap((sweep, n) => (sweep === undefined ? [`${n + 1}/${count}`] : []));
  if (missing.length > 0) {
    throw new RangeError(`missing shard${missing.length > 1 ? "s" : ""} ${listed(missing)}`);
  }
  const present = byIndex.flatMap((sweep) => (sweep?.report.outcome === undefined ? [] : [sweep]));
  for (const { name, report } of present) {
    if (!same(report.outcome, present[0].report.outcome)) {
      throw new RangeError(`the program did not do the same in ${name} as in ${present[0].name}`);
    }
  }
  const runs = first.report.specs.map((_, n) => {
    const run = byIndex[n % count]?.report.runs[Math.floor(n / count)];
    if (run === undefined) throw new Error("a checked shard has all its runs");
    return run;
  });
  return sweepReport(first.report, WHOLE, present[0]?.report.outcome, runs);
}

/** The first few. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(", ");
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}
