/**
 * How a bench measures: whole commands by the processor time that the kernel charged to them, small functions by the
 * `benchmark` package. Every figure is a median; contenders take turns, so that a slow spell of the host hits them all.
 */

import { spawnSync } from "node:child_process";
import Benchmark from "benchmark";

/** What one run of a command cost, in seconds. */
export interface Usage {
  /** In user mode, of the command and of its children. */
  user: number;
  /** In the kernel, of the command and of its children. */
  system: number;
  /** From start to exit. */
  wall: number;
}

/** A command and its arguments. */
export type Command = readonly [string, ...string[]];

/**
 * The shell's `time` reports what wait4() told it of the finished command (getrusage, RUSAGE_CHILDREN), in milliseconds,
 * without a tool that may be missing. Fd 3 takes the report; fd 4 keeps the command's own stderr.
 */
const timed = 'TIMEFORMAT="%3U %3S %3R"; exec 4>&2; { time "$@" 2>&4 3>&- 4>&-; } 2>&3';

/** Runs the command once, its stdout thrown away. Throws if it cannot run or exits with another status than expected. */
export function measureCommand(command: Command, expectedStatus = 0): Usage {
  const environment = { ...process.env, LC_ALL: "C" };
  const result = spawnSync("bash", ["-c", timed, "bash", ...command], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    env: environment,
    encoding: "utf8",
  });
  if (result.error) throw result.error;
  if (result.status !== expectedStatus) {
    throw new Error(`${command.join(" ")}: exit status ${result.status ?? result.signal}\n${result.stderr}`);
  }
  const report = String(result.output[3]).trim().split("\n").pop() ?? "";
  const [user, system, wall] = report.split(" ").map(Number);
  if (user === undefined || system === undefined || wall === undefined || !Number.isFinite(user + system + wall)) {
    throw new Error(`bash reported no times: ${report}`);
  }
  return { user, system, wall };
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** One side of a comparison. */
export interface Contender {
  name: string;
  command: Command;
  /** Default 0. */
  status?: number;
}

/** The outcome for one contender, in seconds. */
export interface Standing {
  name: string;
  median: number;
  least: number;
  /** Of this median to that of the first contender. */
  ratio: number;
}

/**
 * Runs every contender `runs` times in turn and prints a table of medians and their ratio to the first contender.
 * `cpu` is user plus system time, `wall` is start to exit.
 */
export function compareCommands(
  title: string,
  contenders: readonly Contender[],
  { runs = 5, metric = "cpu" as "cpu" | "wall" } = {},
): Standing[] {
  const samples = contenders.map((): number[] => []);
  for (let run = 0; run < runs; run++) {
    contenders.forEach(({ command, status }, index) => {
      const usage = measureCommand(command, status);
      samples[index]?.push(metric === "cpu" ? usage.user + usage.system : usage.wall);
    });
  }
  const first = median(samples[0] ?? []);
  const standings = contenders.map(({ name }, index) => {
    const times = samples[index] ?? [];
    return { name, median: median(times), least: Math.min(...times), ratio: median(times) / first };
  });
  console.log(`${title} (${metric} time, median of ${runs})`);
  printTable(
    ["", "median ms", "least ms", "ratio"],
    standings.map((standing) => [
      standing.name,
      (standing.median * 1000).toFixed(1),
      (standing.least * 1000).toFixed(1),
      `${standing.ratio.toFixed(2)}x`,
    ]),
  );
  return standings;
}

/** A function to be timed. One call performs `operations` operations; keep that above a few hundred. */
export interface Kernel {
  name: string;
  operations: number;
  run: () => void;
}

/** Times each function with the `benchmark` package and prints the nanoseconds per operation, which it returns by name. */
export function compareFunctions(title: string, kernels: readonly Kernel[]): Map<string, number> {
  const nanoseconds = new Map<string, number>();
  const rows: string[][] = [];
  for (const { name, operations, run } of kernels) {
    const bench = new Benchmark(name, run);
    bench.run();
    if (bench.error) throw bench.error;
    const perOperation = (median(bench.stats.sample) * 1e9) / operations;
    nanoseconds.set(name, perOperation);
    rows.push([name, perOperation.toFixed(2), `${bench.stats.rme.toFixed(1)}%`, String(bench.stats.sample.length)]);
  }
  console.log(title);
  printTable(["", "ns/op", "+-", "samples"], rows);
  return nanoseconds;
}

/** Prints rows in aligned columns, the first to the left and the others to the right. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? "").length)));
  for (const row of [head, ...rows]) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    console.log(`  ${cells.join("  ")}`);
  }
}
