/** `pagewalk boot KERNEL.elf`: a flat kernel at CPL 0 that owns its page tables and its traps. */
import {
  createMachine,
  DEFAULT_CPU,
  EXIT_DEADLINE,
  EXIT_DEBUG_EXIT,
  EXIT_HALT,
  EXIT_INSTRUCTIONS,
  EXIT_SHUTDOWN,
  EXIT_TRAP,
  type ExitReason,
  loadKernel,
  type Machine,
  type MachineOptions,
  profileNames,
  type Unmodelled,
} from "../emu/index.ts";
import { ENOENT, errorText } from "../kernel/index.ts";
import { MAX_RAM_BYTES } from "../mmu/index.ts";
import { bareWitness, machineSummary, machineSummaryText } from "../observe/index.ts";
import { CLOCK_OPTION, clockOption } from "./clock-option.ts";
import type { Command } from "./command.ts";
import { ENGINE_OPTION, engineOption } from "./engine-option.ts";
import { Failure, UsageError } from "./failure.ts";
import { openRegularFile } from "./node-tree.ts";
import { choiceOption, countOption, flagOption, type Parsed, sizeOption } from "./options.ts";
import { JsonReport } from "./report.ts";
import { STALE_OPTION, StaleWatch } from "./stale-option.ts";
import { complain, print } from "./streams.ts";
import { TLB_OPTION, tlbOption } from "./tlb-option.ts";

/** Exit status where the machine stopped without the kernel asking for it. */
const STOPPED = 125;
const CANNOT_LOAD = 126;
const NOT_FOUND = 127;

const reasons: Readonly<Record<ExitReason, string>> = {
  [EXIT_TRAP]: "trap",
  [EXIT_DEADLINE]: "deadline",
  [EXIT_INSTRUCTIONS]: "stopped by --max-instructions",
  [EXIT_HALT]: "halted: HLT and nothing that could wake the processor",
  [EXIT_SHUTDOWN]: "shut down: a fault while delivering a double fault (triple fault)",
  [EXIT_DEBUG_EXIT]: "debug exit",
};

export const boot: Command = {
  name: "boot",
  operands: "KERNEL.elf [ARGS...]",
  summary: "Boots a flat ELF kernel at CPL 0; output on COM1, exit status through port 0xf4",
  options: [
    ["", "mem=SIZE", "RAM, 1M to 3G", "256M"],
    ["", "cpu=NAME", `processor: ${profileNames.join(", ")}`, DEFAULT_CPU],
    TLB_OPTION,
    CLOCK_OPTION,
    ENGINE_OPTION,
    ["", "max-instructions=N", "stop after exactly N instructions, with exit status 125"],
    ["", "stats", "a summary on standard error at the end"],
    ["", "json=FILE", "every counter as JSON at the end"],
    STALE_OPTION,
  ],
  run: runBoot,
};

/** Throws Failure if there are none. */
function readKernel(path: string, ramBytes: number): Uint8Array {
  const file = openRegularFile(path, "read", "follow");
  if (typeof file === "number") throw refusal(path, errorText(-file), file === -ENOENT ? NOT_FOUND : CANNOT_LOAD);
  const size = file.size();
  if (size > ramBytes) throw refusal(path, `${size} bytes do not fit the guest's RAM`);
  const bytes = new Uint8Array(size);
  const read = file.readAt(0, bytes, 0, size);
  file.close();
  if (read < 0) throw refusal(path, errorText(-read));
  return bytes.subarray(0, read);
}

function refusal(path: string, reason: string, status = CANNOT_LOAD): Failure {
  return new Failure(`cannot boot ${path}: ${reason}`, status);
}

function place({ cpu }: Machine): string {
  return `at CS:EIP ${cpu.selector(1).toString(16)}:${cpu.eip.toString(16).padStart(8, "0")}`;
}

/** A kernel that is ready to run, as the command line asks for it. */
export interface LoadedKernel {
  readonly machine: Machine;
  /** Its file. */
  readonly elf: Uint8Array;
  /** The file of `--json`. */
  readonly json: JsonReport | undefined;
  readonly maxInstructions: number;
  /** Prints what is left of a line. */
  flush(): void;
}

/** Builds the machine and loads the kernel. Throws Failure. */
export function loadBoot(parsed: Parsed, command: string, options: MachineOptions = {}): LoadedKernel {
  const [path, ...args] = parsed.operands;
  if (path === undefined) throw new UsageError(`${command}: no kernel given`);
  const maxInstructions =
    countOption(parsed, "max-instructions", 1, Number.MAX_SAFE_INTEGER) ?? Number.POSITIVE_INFINITY;
  const machine = createMachine({
    ...options,
    cpu: choiceOption(parsed, "cpu", profileNames),
    ...tlbOption(parsed),
    ...clockOption(parsed),
    ...engineOption(parsed),
    mem: sizeOption(parsed, "mem", 1 << 20, MAX_RAM_BYTES),
  });
  const json = JsonReport.open(parsed);
  const elf = readKernel(path, machine.ram.size);
  const problem = loadKernel(machine, elf, [path, ...args].join(" "));
  if (problem !== "") throw refusal(path, problem);
  const { cpu, ports } = machine;
  const line = new Uint8Array(4096);
  let used = 0;
  const flush = () => {
    print(line.subarray(0, used));
    used = 0;
  };
  ports.onSerial = (byte) => {
    line[used++] = byte;
    if (byte === 10 || used === line.length) flush();
  };
  const told = new Set<Unmodelled>();
  cpu.onUnmodelled = (feature) => {
    if (told.has(feature)) return;
    told.add(feature);
    flush();
    complain(`pagewalk: ${feature} is not modelled; the instruction ${place(machine)} gets a fault\n`);
  };
  return { machine, elf, json, maxInstructions, flush };
}

function runBoot(parsed: Parsed): number {
  const { machine, elf, json, maxInstructions, flush } = loadBoot(parsed, "boot");
  const stale = StaleWatch.start(parsed, machine, () => bareWitness(elf), flush);
  const reason = machine.cpu.run(Number.POSITIVE_INFINITY, maxInstructions);
  flush();
  if (flagOption(parsed, "stats")) complain(machineSummaryText(machine));
  json?.write({ ...machineSummary(machine), ...stale.fields });
  return stale.finish(bootStatus(machine, reason));
}

/** The exit status of a kernel that has stopped; if it did not ask for that, the reason is told on stderr. */
export function bootStatus(machine: Machine, reason: ExitReason): number {
  if (reason === EXIT_DEBUG_EXIT) return machine.ports.exitStatus;
  complain(`pagewalk: ${reasons[reason]} ${place(machine)} after ${machine.cpu.instructions} instructions\n`);
  return STOPPED;
}
