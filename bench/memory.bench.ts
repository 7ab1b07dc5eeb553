/**
 * What memory management and system calls cost: nanoseconds of the host's processor per operation, the same i386 programs
 * natively, under qemu-i386 where installed, and here. An operation costs what a long run takes longer than a short one, so that
 * neither start-up nor the compilers' warm-up counts.
 *
 * RUNS=n (default 5): the table shows medians.
 */

import { haveCommand } from "../tests/skip.ts";
import { type Command, measureCommand, median, printTable } from "./measure.ts";

interface Operation {
  readonly name: string;
  readonly guest: string;
  /** Operations of a full run. */
  readonly count: number;
  /** Percentages of the long and of the short run. */
  readonly long: number;
  readonly short: number;
}

const operations: readonly Operation[] = [
  { name: "page fault, recycled frame", guest: "fault", count: 800 * 256, long: 400, short: 100 },
  { name: "page fault, frame never used", guest: "first-touch", count: 3000 * 16, long: 100, short: 20 },
  { name: "fork, 192 pages copied, exit, wait", guest: "fork-cow", count: 700, long: 200, short: 70 },
  { name: "mmap, 7 faults, 2 mprotect, 2 munmap", guest: "regions", count: 10_000, long: 200, short: 60 },
  { name: "getpid by int $0x80", guest: "syscalls", count: 80 * 1001, long: 700, short: 300 },
  { name: "getpid by the fastest gate", guest: "sysenter", count: 800_000, long: 1000, short: 400 },
];

const runs = Number(process.env.RUNS ?? 5);
const contenders: readonly { name: string; command: readonly string[] }[] = [
  { name: "native", command: [] },
  ...(haveCommand("qemu-i386") === true ? [{ name: "qemu-i386", command: ["qemu-i386"] }] : []),
  { name: "pagewalk", command: [process.execPath, "dist/pagewalk.mjs", "run", "--mem", "512M"] },
];

/** CPU seconds of one run of a guest at a percentage of its work. */
function seconds(command: readonly string[], guest: string, percent: number): number {
  const words = [...command, `bench/guests/bin/${guest}`, String(percent)] as unknown as Command;
  const { user, system } = measureCommand(words);
  return user + system;
}

/** 1234.5 ns as "1.23 us". */
function readable(nanoseconds: number): string {
  if (nanoseconds < 1000) return `${nanoseconds.toFixed(0)} ns`;
  return nanoseconds < 1e6 ? `${(nanoseconds / 1e3).toFixed(2)} us` : `${(nanoseconds / 1e6).toFixed(3)} ms`;
}

console.log(`CPU time per operation, medians of ${runs}`);
const rows = operations.map(({ name, guest, count, long, short }) => {
  const samples = contenders.map((): number[] => []);
  for (let run = 0; run < runs; run++) {
    contenders.forEach(({ command }, i) => {
      const longer = seconds(command, guest, long) - seconds(command, guest, short);
      samples[i].push((longer * 1e9 * 100) / (count * (long - short)));
    });
  }
  const medians = samples.map(median);
  return [name, ...medians.map(readable), `${(medians[medians.length - 1] / medians[0]).toFixed(2)}x`];
});
printTable(["", ...contenders.map(({ name }) => name), "pagewalk/native"], rows);
