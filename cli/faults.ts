/** `pagewalk faults PROGRAM`: runs a Linux program and tells its page faults; records them, compares them with a record. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { errorText } from "../kernel/index.ts";
import { tlbSpecText } from "../mmu/index.ts";
import {
  type FaultFilter,
  type FaultRecording,
  type FaultSetup,
  FaultTrace,
  faultColumns,
  faultDifference,
  faultHeading,
  faultLine,
  faultRecordingText,
  faultSummaryText,
  faultWords,
  fileContents,
  type LinuxMachine,
  parseFaultRecording,
  setupDifferences,
  type TracedFault,
} from "../observe/index.ts";
import manifest from "../package.json" with { type: "json" };
import type { Command } from "./command.ts";
import { UsageError } from "./failure.ts";
import { pidsOption } from "./instant.ts";
import { errnoOf } from "./node-tree.ts";
import { flagOption, listOption, optionName, type Parsed, textOption } from "./options.ts";
import { OutputFile } from "./output-file.ts";
import { drive, loadProgram, PROGRAM_OPTIONS } from "./run.ts";
import { complain } from "./streams.ts";

/** Exit status of `--check` where the faults are not the recorded ones. */
const DIFFERENT = 123;
/** Version of the JSON's shape. */
const SCHEMA = 1;

export const faults: Command = {
  name: "faults",
  operands: "PROGRAM [ARGS...]",
  summary: "Runs a program as run does, and tells each of its page faults on standard error",
  options: [
    ...PROGRAM_OPTIONS,
    ["o", "output=FILE", "write to FILE instead of standard error; - for standard output"],
    ["c", "summary-only", "only the counts at the end"],
    ["", "kind=WORD+", "only such faults: cow-copy, cow, major, kernel, signal ... (docs/faults.md)"],
    ["p", "pid=N+", "only faults of this process or thread"],
    ["", "record=FILE", "also write the faults to FILE, for --check"],
    ["", "check=FILE", "compare the faults with those recorded in FILE; exit status 0, or 123 if they differ"],
    ["", "ignore=COLUMN+", "with --check: do not compare this column, such as cycles or after"],
    ["", "json=FILE", "all faults and their counts as JSON"],
    ["", "jsonl=FILE", "each fault as a line of JSON, as it happens"],
  ],
  run: traceProgram,
};

/** One of the words, however often the option is given; undefined if it is not. Throws UsageError. */
function wordsOption(parsed: Parsed, name: string, allowed: readonly string[]): readonly string[] | undefined {
  const words = listOption(parsed, name).flatMap((text) => text.split(","));
  for (const word of words) {
    if (!allowed.includes(word)) throw new UsageError(`--${name} ${word}: allowed are ${allowed.join(", ")}`);
  }
  return words.length === 0 ? undefined : words;
}

function filterOption(parsed: Parsed): FaultFilter {
  const kinds = wordsOption(parsed, "kind", faultWords);
  const pids = pidsOption(parsed);
  return { ...(kinds === undefined ? {} : { kinds }), ...(pids === undefined ? {} : { pids }) };
}

/** Throws UsageError, one line, if there is no such record. */
function readRecording(path: string): FaultRecording {
  const text = attempt(path, () => readFileSync(path, "utf8"));
  const recording = parseFaultRecording(text);
  if (typeof recording === "string") throw new UsageError(`--check ${path}: ${recording}`);
  return recording;
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new UsageError(`--check ${path}: ${errorText(-errnoOf(error))}`);
  }
}

/** Where the faults go. Those of the program's start wait until it is known to start. */
class FaultOutput {
  /** Lines of all faults, if a record needs them. */
  readonly lines: string[] = [];
  /** All faults, if JSON needs them. */
  readonly told: TracedFault[] = [];
  readonly file: OutputFile | undefined;
  readonly jsonLines: OutputFile | undefined;
  private readonly listed: boolean;
  private readonly keeps: { readonly lines: boolean; readonly faults: boolean };
  private waiting: TracedFault[] | null = [];

  constructor(parsed: Parsed) {
    this.file = OutputFile.open(parsed, "output");
    this.jsonLines = OutputFile.open(parsed, "jsonl");
    this.listed = !flagOption(parsed, "summary-only");
    const given = (option: string) => parsed.options[option] !== undefined;
    this.keeps = { lines: given("record") || given("check"), faults: given("json") };
  }

  hear(fault: TracedFault): void {
    if (this.waiting === null) this.tell(fault);
    else this.waiting.push(fault);
  }

  /** The program is loaded. */
  begin(): void {
    const { waiting } = this;
    this.waiting = null;
    this.file?.begin();
    this.jsonLines?.begin();
    if (this.listed) this.write(faultHeading());
    for (const fault of waiting ?? []) this.tell(fault);
  }

  write(text: string): void {
    if (this.file === undefined) complain(text);
    else this.file.write(text);
  }

  end(): void {
    this.file?.close();
    this.jsonLines?.close();
  }

  private tell(fault: TracedFault): void {
    const line = faultLine(fault);
    if (this.listed) this.write(line);
    if (this.keeps.lines) this.lines.push(line);
    if (this.keeps.faults) this.told.push(fault);
    this.jsonLines?.write(`${JSON.stringify(fault)}\n`);
  }
}

function traceProgram(parsed: Parsed): number {
  const filter = filterOption(parsed);
  const columns = faultColumns.map(([name]) => name);
  const ignored = wordsOption(parsed, "ignore", columns);
  const check = textOption(parsed, "check");
  if (ignored !== undefined && check === undefined) throw new UsageError("--ignore needs --check FILE");
  const recorded = check === undefined ? undefined : readRecording(check);
  const output = new FaultOutput(parsed);
  const record = OutputFile.open(parsed, "record");
  let trace: FaultTrace | undefined;
  const program = loadProgram(parsed, "faults", {}, (machine) => {
    trace = new FaultTrace(machine, (fault) => output.hear(fault), filter);
  });
  const setup = setupOf(parsed, program.machine);
  OutputFile.expectApart(output.file, output.jsonLines, record, program.json?.file);
  output.begin();
  const status = drive(program);
  if (trace !== undefined) {
    const summary = trace.summary();
    output.write(faultSummaryText(summary));
    program.json?.write({ schema: SCHEMA, ...setup, ...endOf(program.machine), summary, faults: output.told });
  }
  output.end();
  const ending = `exit status ${status}`;
  const recording = { setup, lines: output.lines, ending };
  record?.replace(faultRecordingText(recording));
  return recorded === undefined ? status : compare(recorded, recording, ignored ?? [], String(check));
}

function endOf({ instructions, cycles }: LinuxMachine): { instructions: number; cycles: number } {
  return { instructions, cycles };
}

/** Options whose effect is told otherwise, or that have none. */
const toldOtherwise = ["root", "writable", "quiet", "engine", "mem", "cpu", "tlb"];

/** Whatever of the command line changes the faults. */
function setupOf(parsed: Parsed, { hardware, kernel }: LinuxMachine): FaultSetup {
  const { profile, ram } = hardware;
  const program = kernel.main?.leader.mm?.exeFile?.inode;
  const others = [...PROGRAM_OPTIONS.map(optionName), "kind", "pid"].filter((name) => !toldOtherwise.includes(name));
  const given = others.filter((name) => parsed.options[name] !== undefined);
  return {
    pagewalk: manifest.version,
    arguments: parsed.operands,
    sha256: createHash("sha256")
      .update(program === undefined ? "" : fileContents(program))
      .digest("hex"),
    cpu: profile.name,
    tlb: tlbSpecText(profile.paging.tlb),
    mem: `${ram.size / 1024}K`,
    ...Object.fromEntries(given.map((name) => [name, parsed.options[name]])),
  };
}

/** Says on standard error how the faults differ. Returns the exit status. */
function compare(recorded: FaultRecording, current: FaultRecording, ignored: readonly string[], path: string): number {
  const difference = faultDifference(recorded, current, ignored);
  const setup = setupDifferences(recorded.setup, current.setup);
  if (difference === null) {
    const though = setup.length === 0 ? "" : `, although ${setup.join("; ")}`;
    complain(`pagewalk: the faults are those of ${path}${though}\n`);
    return 0;
  }
  complain(`\npagewalk: the faults are not those of ${path}\n${difference}`);
  for (const clause of setup) complain(`note: ${clause}\n`);
  return DIFFERENT;
}
