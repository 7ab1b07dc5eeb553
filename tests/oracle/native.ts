/** The host's processor: builds the runner and lets it execute cases. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Case, Outcome } from "./layout.ts";
import { decodeOutcomes, encodeCases } from "./words.ts";

/** Compiles tests/oracle/runner.c into a static i386 ELF. Throws with the compiler's words if that fails. */
export function buildRunner(directory: string): string {
  const runner = join(directory, "runner");
  const options =
    "-m32 -O2 -static -nostdlib -ffreestanding -fno-tree-loop-distribute-patterns -fno-pie -no-pie -fno-stack-protector " +
    "-fcf-protection=none -fno-asynchronous-unwind-tables -mgeneral-regs-only -Wall -Wextra";
  const built = spawnSync("gcc", [...options.split(" "), "-o", runner, "tests/oracle/runner.c"], { encoding: "utf8" });
  if (built.status !== 0) throw new Error(`gcc: ${built.error?.message ?? built.stderr}`);
  return runner;
}

/** Selectors that a program starts with there. */
export function startSelectors(command: readonly string[]): { cs: number; ds: number } {
  const header = new Int32Array(runProcess(command, []).slice(0, 16).buffer);
  return { cs: header[2], ds: header[3] };
}

/** Outcomes of the cases in one process. `command` is the runner, or a command that runs it. */
export function runCases(command: readonly string[], cases: readonly Case[]): Outcome[] {
  return decodeOutcomes(runProcess(command, cases), cases);
}

function runProcess(command: readonly string[], cases: readonly Case[]): Uint8Array {
  const [file, ...words] = command;
  const run = spawnSync(file, words, { input: encodeCases(cases), maxBuffer: 1 << 28 });
  if (run.status !== 0) {
    throw new Error(
      `runner: ${run.error?.message ?? (run.signal === null ? `exit status ${run.status}` : run.signal)}`,
    );
  }
  return new Uint8Array(run.stdout);
}
