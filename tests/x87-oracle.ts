/** The processor as the oracle for x87 instructions: builds and feeds tests/oracle/x87-oracle.c. */

import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { allOf, haveCommand, type Probe } from "./skip.ts";
import { fillCase, type Instruction, Random, RECORD } from "./x87-case.ts";

const program = join("dist-tests", "x87-oracle");

/** True if this host has an x87 unit and a C compiler; builds the oracle. */
export function haveX87Oracle(): Probe {
  const supported = process.arch === "x64" || process.arch === "ia32";
  const probe = allOf(supported && process.platform === "linux" ? true : "no x86 Linux host", haveCommand("gcc"));
  if (probe !== true) return probe;
  mkdirSync("dist-tests", { recursive: true });
  const built = spawnSync("gcc", ["-O1", "-o", program, "tests/oracle/x87-oracle.c"], { encoding: "utf8" });
  return built.status === 0 ? true : `gcc does not build the x87 oracle: ${built.stderr || built.error?.message}`;
}

/** Executes the records on the processor; the result has the same layout. */
export function executeNatively(records: Buffer): Buffer {
  const run = spawnSync(program, { input: records, maxBuffer: records.length + 4096 });
  if (run.status !== 0 || run.stdout.length !== records.length) {
    const done = run.stdout.length / RECORD;
    throw new Error(`the x87 oracle stopped after ${done} records: ${run.signal ?? run.stderr.toString()}`);
  }
  return run.stdout;
}

/** Records of `perInstruction` random cases for each instruction, in order. */
export function randomRecords(seed: number, instructions: readonly Instruction[], perInstruction: number): Buffer {
  const random = new Random(seed);
  const records = Buffer.alloc(instructions.length * perInstruction * RECORD);
  const view = viewOf(records);
  instructions.forEach((instruction, index) => {
    for (let n = 0; n < perInstruction; n++) {
      fillCase(random, view, (index * perInstruction + n) * RECORD, instruction);
    }
  });
  return records;
}

export function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
}
