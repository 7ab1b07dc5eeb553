/** `pagewalk run PROGRAM`: a Linux program under our kernel, with its own output and exit status. */
import { basename } from "node:path";
import { byteString, ENOENT, errorText, HUGE_PAGE_SIZE } from "../kernel/index.ts";
import {
  BootError,
  createMachine,
  DEFAULT_CPU,
  DEFAULT_ENVIRONMENT,
  type Host,
  type LinuxMachine,
  type LinuxMachineOptions,
  linuxSummary,
  linuxSummaryText,
  linuxWitness,
  MAX_RAM_BYTES,
  profileNames,
} from "../observe/index.ts";
import { CLOCK_OPTION, clockOption } from "./clock-option.ts";
import type { Command } from "./command.ts";
import { reportEnding } from "./ending.ts";
import { ENGINE_OPTION, engineOption } from "./engine-option.ts";
import { Failure, UsageError } from "./failure.ts";
import { NodeHost } from "./node-host.ts";
import { errnoOf, NodeTree, openRegularFile } from "./node-tree.ts";
import {
  choiceOption,
  countOption,
  flagOption,
  listOption,
  type OptionSpec,
  type Parsed,
  sizeOption,
  textOption,
} from "./options.ts";
import { JsonReport } from "./report.ts";
import { STALE_OPTION, StaleWatch } from "./stale-option.ts";
import { complain } from "./streams.ts";
import { TLB_OPTION, tlbOption } from "./tlb-option.ts";

/** What a shell answers for a program that is not there, or that it cannot run (POSIX 2.8.2). */
const NOT_FOUND = 127;
const CANNOT_RUN = 126;
/** The machine stopped, not the program. */
const STOPPED = 125;
const SMALLEST_RAM = 4 << 20;
const LARGEST_SEED = 2 ** 32 - 1;

/** What `run` and the other commands that run a Linux program have in common. */
export const PROGRAM_OPTIONS: readonly OptionSpec[] = [
  ["", "root=DIR", "directory the guest sees as /; PROGRAM is a path inside it"],
  ["", "writable", "let the guest's writes reach DIR; otherwise they stay in memory"],
  ["", "mem=SIZE", "guest RAM, 4M to 3G", "256M"],
  ["", "cpu=NAME", `processor: ${profileNames.join(", ")}`, DEFAULT_CPU],
  TLB_OPTION,
  CLOCK_OPTION,
  ["", "hugepages=N", "4 MiB pages for MAP_HUGETLB, as if written to /proc/sys/vm/nr_hugepages", "0"],
  ["", "share-page-tables", "let fork share page tables, copied at the first change"],
  ENGINE_OPTION,
  ["", "env=NAME=VALUE+", "an environment variable besides PATH, HOME and TERM"],
  ["", "cwd=DIR", "working directory inside the guest", "/"],
  ["", "seed=N", "seed of everything random", "1"],
  ["", "max-instructions=N", "stop after exactly N instructions, with exit status 125"],
  ["", "host-time", "show the host's file times, start the clock at the host's time"],
  ["", "quiet", "no line about unknown system calls"],
];

/** Those of them that a kernel has no use for. */
const FOR_LINUX = PROGRAM_OPTIONS.filter(([, definition]) =>
  /^(root|writable|hugepages|share-page-tables|env|cwd|host-time|quiet)\b/.test(definition),
);

/** For commands with --boot. Throws UsageError if an option is given that is for Linux programs alone, or is one of `more`. */
export function refuseForKernel(parsed: Parsed, more: readonly OptionSpec[] = []): void {
  for (const [, definition, , fallback] of [...FOR_LINUX, ...more]) {
    const name = definition.replace(/[=+].*$/, "");
    if ((parsed.options[name] ?? fallback) !== fallback) {
      throw new UsageError(`--${name}: only for Linux programs; --boot runs a kernel`);
    }
  }
}

export const run: Command = {
  name: "run",
  operands: "PROGRAM [ARGS...]",
  summary: "Runs an i386 Linux program; the exit status is the program's (128+n for signal n)",
  options: [
    ...PROGRAM_OPTIONS,
    ["", "stats", "a summary on standard error at the end"],
    ["", "json=FILE", "every counter as JSON at the end"],
    STALE_OPTION,
  ],
  run: runProgram,
};

function environment(parsed: Parsed): Record<string, string> {
  const env = entriesOf(DEFAULT_ENVIRONMENT);
  for (const entry of listOption(parsed, "env")) {
    if (!/^[^=]+=/.test(entry)) throw new UsageError(`--env ${entry}: write NAME=VALUE`);
  }
  return { ...env, ...entriesOf(listOption(parsed, "env")) };
}

function entriesOf(environment: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    environment.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
  );
}

function openTree(directory: string, access: "read" | "write"): NodeTree {
  try {
    return new NodeTree(directory, access);
  } catch (error) {
    throw new UsageError(`--root ${directory}: ${errorText(-errnoOf(error))}`);
  }
}

/** The host's side of a run, a tree or one program, and the program's path in it; or why the program cannot be opened. */
function openHost(parsed: Parsed, program: string): { host: NodeHost; path: string } | number {
  const root = textOption(parsed, "root");
  const hostTimes = flagOption(parsed, "host-time");
  if (root !== undefined) {
    const tree = openTree(root, flagOption(parsed, "writable") ? "write" : "read");
    return { host: new NodeHost({ tree, hostTimes }), path: program };
  }
  if (flagOption(parsed, "writable")) throw new UsageError("--writable needs --root DIR");
  const file = openRegularFile(program, "read", "follow");
  if (typeof file === "number") return file;
  const path = `/${basename(program)}`;
  return { host: new NodeHost({ program: { path: byteString(path), permissions: 0o755, file }, hostTimes }), path };
}

function runProgram(parsed: Parsed): number {
  let stale: StaleWatch | undefined;
  const program = loadProgram(parsed, "run", {}, (machine) => {
    stale = StaleWatch.start(parsed, machine.hardware, () => linuxWitness(machine));
  });
  const status = drive(program);
  const { kernel } = program.machine;
  if (flagOption(parsed, "stats")) complain(linuxSummaryText(kernel));
  program.json?.write({ ...linuxSummary(kernel), ...stale?.fields });
  return stale?.finish(status) ?? status;
}

/** A program that is ready to run, as the command line asks for it. */
export interface LoadedProgram {
  readonly machine: LinuxMachine;
  readonly host: NodeHost;
  /** The file of `--json`. */
  readonly json: JsonReport | undefined;
  readonly maxInstructions: number;
}

/**
 * Builds the machine and loads the program. Throws Failure.
 *
 * @param prepare sees the machine before the program is loaded
 * @param hostOf what the machine gets as its host instead of the files and streams of this process
 */
export function loadProgram(
  parsed: Parsed,
  command: string,
  options: LinuxMachineOptions = {},
  prepare: (machine: LinuxMachine) => void = () => {},
  hostOf: (host: NodeHost) => Host = (host) => host,
): LoadedProgram {
  const [program, ...args] = parsed.operands;
  if (program === undefined) throw new UsageError(`${command}: no program given`);
  const maxInstructions =
    countOption(parsed, "max-instructions", 1, Number.MAX_SAFE_INTEGER) ?? Number.POSITIVE_INFINITY;
  const hugePages = countOption(parsed, "hugepages", 0, MAX_RAM_BYTES / HUGE_PAGE_SIZE) ?? 0;
  const machineOptions = {
    ...options,
    cpu: choiceOption(parsed, "cpu", profileNames),
    ...engineOption(parsed),
    ...tlbOption(parsed),
    ...clockOption(parsed),
    mem: sizeOption(parsed, "mem", SMALLEST_RAM, MAX_RAM_BYTES),
    seed: countOption(parsed, "seed", 0, LARGEST_SEED) ?? 1,
    quiet: flagOption(parsed, "quiet"),
    hugePages,
    pageTables: flagOption(parsed, "share-page-tables") ? ("share" as const) : ("copy" as const),
    writable: flagOption(parsed, "writable"),
    ...(flagOption(parsed, "host-time") ? { epochSeconds: Math.floor(Date.now() / 1000) } : {}),
  };
  const env = environment(parsed);
  const cwd = String(parsed.options.cwd);
  const json = JsonReport.open(parsed);
  const opened = openHost(parsed, program);
  if (typeof opened === "number") throw refusal(program, errorText(-opened), -opened);
  const { host, path } = opened;
  const machine = createMachine({ ...machineOptions, host: hostOf(host) });
  prepare(machine);
  try {
    machine.load(path, { argv: [program, ...args], env, cwd });
  } catch (error) {
    if (!(error instanceof BootError)) throw error;
    if (error.at === "cwd") throw new UsageError(`--cwd ${cwd}: ${error.reason}`);
    throw refusal(program, error.reason, error.errno);
  }
  checkHugePages(machine, hugePages);
  return { machine, host, json, maxInstructions };
}

/** Throws UsageError unless the pool is as large as it was asked to be. */
function checkHugePages({ kernel }: LinuxMachine, wanted: number): void {
  const { supported, total } = kernel.mm.memory.hugePages;
  if (wanted <= total) return;
  const reason = supported
    ? `no more than ${total} fit into the RAM`
    : `--cpu ${kernel.machine.profile.name} has no 4 MiB pages`;
  throw new UsageError(`--hugepages ${wanted}: ${reason}`);
}

/** Why a program cannot be run, with a shell's exit status. */
function refusal(program: string, reason: string, errno: number): Failure {
  return new Failure(`cannot run ${program}: ${reason}`, errno === ENOENT ? NOT_FOUND : CANNOT_RUN);
}

/**
 * Runs to the end, or until a listener stops the machine, feeding standard input whenever the machine waits for it.
 *
 * @param piece asked before each call of run() how many instructions it may execute
 */
export function drive(program: LoadedProgram, piece: () => number = () => Number.POSITIVE_INFINITY): number {
  const { machine, host, maxInstructions } = program;
  for (;;) {
    const result = machine.run(Math.min(piece(), maxInstructions - machine.instructions));
    switch (result.reason) {
      case "exit":
        return reportEnding(result);
      case "input":
        host.waitForInput();
        break;
      case "budget":
        if (machine.instructions < maxInstructions) break;
        complain(`pagewalk: stopped by --max-instructions after ${machine.instructions} instructions\n`);
        return STOPPED;
      case "stopped":
        return 0;
      case "deadlock":
        complain("pagewalk: deadlock: every process sleeps and nothing will wake one\n");
        return STOPPED;
    }
  }
}
