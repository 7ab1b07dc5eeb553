/** `pagewalk tlb --sweep`: one program on a machine for each TLB of a list, and one table. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isatty } from "node:tty";
import { MemoryFile } from "../kernel/index.ts";
import {
  type Host,
  type HostInput,
  type HostOutput,
  type HostProgram,
  type LinuxMachine,
  parseShard,
  type Shard,
  SWEEP_SCHEMA,
  type SweepOutcome,
  type SweepPlan,
  type SweepReport,
  type SweepRun,
  shardOf,
  sweepOutcome,
  sweepReport,
  sweepRun,
  sweepText,
  WalkClocks,
  WHOLE,
} from "../observe/index.ts";
import manifest from "../package.json" with { type: "json" };
import { reportEnding } from "./ending.ts";
import { Failure, UsageError } from "./failure.ts";
import type { NodeHost } from "./node-host.ts";
import { listOption, type OptionSpec, type Parsed, textOption } from "./options.ts";
import { JsonReport } from "./report.ts";
import { loadProgram } from "./run.ts";
import { complain, print } from "./streams.ts";
import { parseSweep, type SweptTlb } from "./sweep-specs.ts";

const STOPPED = 125;
const UNEQUAL = 1;

export const SWEEP_OPTIONS: readonly OptionSpec[] = [
  ["", "sweep=SPEC+", "instead: run on each TLB of a list, such as p6,dtlb={16,32,64}x4 or @FILE, and print one table"],
  ["", "shard=I/N", "of the sweep, every N-th TLB from the I-th on; pagewalk merge joins the --json files"],
];

/** What a sweep decides itself, and what would change what the next machine finds. */
const excluded = ["tlb", "writable", "host-time"];

/** What does not decide what the program does, or is in the plan under another name. */
const unplanned = ["sweep", "shard", "json", "clock", "engine", "quiet"];

export function isSweep(parsed: Parsed): boolean {
  if (listOption(parsed, "sweep").length > 0) return true;
  if (textOption(parsed, "shard") !== undefined) throw new UsageError("--shard needs --sweep SPEC");
  return false;
}

/**
 * Runs the machines one after the other. The program's output goes nowhere. The exit status is the program's.
 *
 * @param alone options of the command that a sweep cannot be combined with
 */
export function sweepProgram(parsed: Parsed, alone: readonly OptionSpec[]): number {
  for (const name of [...excluded, ...alone.map(([, definition]) => definition.replace(/[=+].*$/, ""))]) {
    if (parsed.options[name] !== undefined) throw new UsageError(`--${name} and --sweep exclude each other`);
  }
  const swept = parseSweep(listOption(parsed, "sweep"));
  const shard = shardOption(parsed);
  if (parsed.operands.length === 0) throw new UsageError("tlb: no program given");
  const plan = planOf(parsed, swept);
  const json = JsonReport.open(parsed);
  const input = new SharedInput();
  const runs: SweepRun[] = [];
  let outcome: SweepOutcome | undefined;
  for (const spec of shardOf(plan.specs, shard)) {
    const one = swept[plan.specs.indexOf(spec)];
    const { run, outcome: own } = runOn(parsed, one, input, outcome === undefined ? "tell" : "silent");
    if (outcome !== undefined && JSON.stringify(own) !== JSON.stringify(outcome)) {
      throw new Failure(`--sweep ${spec}: the program did not do the same as with ${runs[0].spec}`, UNEQUAL);
    }
    outcome = own;
    runs.push(run);
  }
  const report = sweepReport(plan, shard, outcome, runs);
  showSweep(report, parsed);
  json?.write(report);
  return outcome?.exitStatus ?? 0;
}

/** The table goes to standard output, or to standard error if the JSON goes there. */
export function showSweep(report: SweepReport, parsed: Parsed): void {
  (textOption(parsed, "json") === "-" ? complain : print)(sweepText(report));
}

function shardOption(parsed: Parsed): Shard {
  const text = textOption(parsed, "shard");
  if (text === undefined) return WHOLE;
  const shard = parseShard(text);
  if (shard === null) throw new UsageError(`--shard ${text}: write I/N with I from 1 to N, such as 2/3`);
  return shard;
}

function planOf(parsed: Parsed, swept: readonly SweptTlb[]): SweepPlan {
  const [path, ...args] = parsed.operands;
  const { root } = parsed.options;
  const given = Object.entries(parsed.options).filter(([name]) => !unplanned.includes(name));
  return {
    schema: SWEEP_SCHEMA,
    report: "sweep",
    pagewalk: manifest.version,
    program: { path, args, sha256: digestOf(root === undefined ? path : join(String(root), path)) },
    options: Object.fromEntries(given.sort(([a], [b]) => (a < b ? -1 : 1))),
    specs: swept.map(({ spec }) => spec),
  };
}

/** SHA-256 of the program's file; "" if it cannot be read, which loading it will tell better. */
function digestOf(path: string): string {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("hex");
  } catch {
    return "";
  }
}

/** One machine, from its start to the program's end. */
function runOn(
  parsed: Parsed,
  { spec, geometry }: SweptTlb,
  input: SharedInput,
  endings: "tell" | "silent",
): { run: SweepRun; outcome: SweepOutcome } {
  const { json: _, ...options } = parsed.options;
  const own = { ...parsed, options: { ...options, clock: "instructions" } };
  const output = createHash("sha256");
  let clocks: WalkClocks | undefined;
  const { machine, maxInstructions } = loadProgram(
    own,
    "tlb",
    { tlb: geometry },
    (unloaded) => {
      clocks = new WalkClocks(unloaded);
    },
    (real) => quietHost(real, input, output, endings),
  );
  const { exitStatus, reason } = finish(machine, maxInstructions, endings);
  if (clocks === undefined) throw new Error("loadProgram prepares the machine");
  const run = sweepRun(machine, spec, geometry, clocks);
  const outcome = sweepOutcome(machine, { exitStatus, reason, output: output.digest("hex"), input: input.digest() });
  return { run, outcome };
}

function finish(
  machine: LinuxMachine,
  maxInstructions: number,
  endings: "tell" | "silent",
): Pick<SweepOutcome, "exitStatus" | "reason"> {
  const result = machine.run(maxInstructions);
  switch (result.reason) {
    case "exit":
      return { reason: "exit", exitStatus: endings === "tell" ? reportEnding(result) : result.exitStatus };
    case "budget":
      return { reason: "max-instructions", exitStatus: STOPPED };
    default:
      if (endings === "tell") complain("pagewalk: deadlock: every process sleeps and nothing will wake one\n");
      return { reason: "deadlock", exitStatus: STOPPED };
  }
}

/** Standard input, read as a whole when the first machine asks for it, and given to each from the beginning. */
class SharedInput {
  private bytes: Uint8Array | undefined;

  /** SHA-256, null as long as nobody has read. */
  digest(): string | null {
    return this.bytes === undefined ? null : createHash("sha256").update(this.bytes).digest("hex");
  }

  /** A terminal has nothing to give: one cannot type the same for every machine. */
  open(): HostInput {
    let at = 0;
    return {
      terminal: false,
      ready: () => true,
      read: (buffer, offset, length) => {
        this.bytes ??= isatty(0) ? new Uint8Array(0) : readFileSync(0);
        const given = this.bytes.subarray(at, at + length);
        buffer.set(given, offset);
        at += given.length;
        return given.length;
      },
    };
  }
}

/** The files of a host, a program without an audience, and the machine's own remarks once. */
function quietHost(
  host: NodeHost,
  input: SharedInput,
  output: ReturnType<typeof createHash>,
  remarks: "tell" | "silent",
): Host {
  const sink: HostOutput = {
    terminal: false,
    write: (bytes) => {
      output.update(bytes);
      return bytes.length;
    },
  };
  return {
    tree: host.tree,
    program: host.program === null ? null : inMemory(host.program),
    hostTimes: host.hostTimes,
    stdin: input.open(),
    stdout: sink,
    stderr: sink,
    windowSize: () => ({ rows: 24, columns: 80 }),
    log: (line) => {
      if (remarks === "tell") host.log(line);
    },
  };
}

/** The program's file as it is now, and closed: a sweep may have more machines than the host has descriptors. */
function inMemory({ path, permissions, file }: HostProgram): HostProgram {
  const bytes = new Uint8Array(file.size());
  file.readAt(0, bytes, 0, bytes.length);
  file.close();
  return { path, permissions, file: new MemoryFile(bytes) };
}
