/** `--at`, `--at-fault`, `--break`: the instant at which a command looks at its machine. */
import { EXIT_INSTRUCTIONS } from "../emu/index.ts";
import { type LinuxMachine, listenToMmu, Places, SymbolTable } from "../observe/index.ts";
import { bootStatus, type LoadedKernel, loadBoot } from "./boot.ts";
import { UsageError } from "./failure.ts";
import { countOption, listOption, type OptionSpec, type Parsed, textOption } from "./options.ts";
import { drive, type LoadedProgram, loadProgram } from "./run.ts";

export const INSTANT_OPTIONS: readonly OptionSpec[] = [
  ["", "at=N", "after exactly N instructions"],
  ["", "at-fault=N", "after the N-th page fault; pagewalk faults numbers them"],
  ["", "break=PLACE", "before the first instruction at this address, SYMBOL or SYMBOL+OFFSET"],
];

const LARGEST_PID = 2 ** 22;

/** `--pid N`, repeated or with commas; undefined without it. Throws UsageError. */
export function pidsOption(parsed: Parsed): readonly number[] | undefined {
  const words = listOption(parsed, "pid").flatMap((text) => text.split(","));
  for (const word of words) {
    if (!/^\d+$/.test(word) || Number(word) < 1 || Number(word) > LARGEST_PID) {
      throw new UsageError(`--pid ${word}: a whole number from 1 to ${LARGEST_PID} is allowed`);
    }
  }
  return words.length === 0 ? undefined : words.map(Number);
}

/** "exit": when the program's address space is about to go; of a kernel, when the machine stops. */
export type Instant =
  | { readonly when: "exit" }
  | { readonly when: "instruction" | "fault"; readonly count: number }
  | { readonly when: "place"; readonly place: string };

export function instantOption(parsed: Parsed): Instant {
  const given = ["at", "at-fault", "break"].filter((name) => parsed.options[name] !== undefined);
  if (given.length > 1) throw new UsageError(`--${given[0]} and --${given[1]}: one instant is allowed`);
  const at = countOption(parsed, "at", 0, Number.MAX_SAFE_INTEGER);
  if (at !== undefined) return { when: "instruction", count: at };
  const fault = countOption(parsed, "at-fault", 1, Number.MAX_SAFE_INTEGER);
  if (fault !== undefined) return { when: "fault", count: fault };
  const place = textOption(parsed, "break");
  return place === undefined ? { when: "exit" } : { when: "place", place };
}

/** The option and its value, as the user wrote it. */
function nameOf(instant: Instant): string {
  switch (instant.when) {
    case "exit":
      return "at the end";
    case "instruction":
      return `--at ${instant.count}`;
    case "fault":
      return `--at-fault ${instant.count}`;
    case "place":
      return `--break ${instant.place}`;
  }
}

/** What was seen, and the exit status: the program's own if it ran to its end. */
export interface Seen<T> {
  readonly seen: T;
  readonly status: number;
}

/**
 * A linear address: "0x804a123", eight hexadecimal digits as reports print them, decimal, or SYMBOL and SYMBOL+OFFSET. Throws
 * UsageError.
 *
 * @param addressOf the address of a symbol, or null
 */
export function addressOperand(text: string, addressOf: (symbol: string) => number | null): number {
  const symbol = addressOf(text);
  if (symbol !== null) return symbol;
  if (/^(0x[0-9a-f]+|[0-9a-f]{8}|\d+)$/i.test(text)) {
    const value =
      /^\d+$/.test(text) && text.length !== 8 ? Number(text) : Number.parseInt(text.replace(/^0x/i, ""), 16);
    if (value > 0xffffffff) throw new UsageError(`address ${text}: at most 0xffffffff is allowed`);
    return value;
  }
  const [, name, offset] = /^(.+)\+(0x[0-9a-f]+|\d+)$/i.exec(text) ?? [];
  const base = name === undefined ? null : addressOf(name);
  if (base !== null) return (base + Number(offset)) >>> 0;
  throw new UsageError(
    `address ${text}: neither a number such as 0x8048000 nor a symbol, SYMBOL or SYMBOL+OFFSET, of what is mapped`,
  );
}

/** What is seen at the instant, once. It is taken inside of listeners, which must not throw. */
class Sight<M, T> {
  private readonly look: (machine: M) => T;
  private outcome: { readonly value: T } | { readonly error: unknown } | undefined;

  constructor(look: (machine: M) => T) {
    this.look = look;
  }

  get taken(): boolean {
    return this.outcome !== undefined;
  }

  take(machine: M): void {
    try {
      this.outcome = { value: this.look(machine) };
    } catch (error) {
      this.outcome = { error };
    }
  }

  /** Throws UsageError with this complaint if the instant never came. */
  get(complaint: string): T {
    if (this.outcome === undefined) throw new UsageError(complaint);
    if ("error" in this.outcome) throw this.outcome.error;
    return this.outcome.value;
  }
}

/**
 * Runs a program up to the instant and looks at its machine there; at its end if it is stopped before that. Throws Failure
 * if the instant never comes.
 */
export function seeProgram<T>(
  parsed: Parsed,
  command: string,
  instant: Instant,
  look: (machine: LinuxMachine) => T,
): Seen<T> & { readonly program: LoadedProgram } {
  const sight = new Sight(look);
  let faults = 0;
  const program = loadProgram(parsed, command, {}, (machine) => {
    if (instant.when === "fault") {
      machine.on("fault", () => {
        faults++;
        if (faults !== instant.count) return;
        sight.take(machine);
        machine.stop();
      });
    } else if (instant.when === "exit") {
      machine.on("exitMm", ({ pid }) => {
        if (pid === machine.kernel.main?.tgid) sight.take(machine);
      });
    }
  });
  const { machine } = program;
  const { cpu } = machine.hardware;
  let status = 0;
  switch (instant.when) {
    case "exit":
      status = drive(program);
      if (!sight.taken) sight.take(machine);
      break;
    case "fault":
      if (!sight.taken) drive(program);
      break;
    case "instruction":
      if (advance(program, () => instant.count - cpu.instructions)) sight.take(machine);
      break;
    case "place": {
      const mm = machine.kernel.main?.leader.mm ?? null;
      const places = new Places();
      const at = addressOperand(instant.place, (symbol) => (mm === null ? null : places.addressOf(mm, symbol)));
      if (advance(program, () => (cpu.eip === at ? 0 : 1))) sight.take(machine);
      break;
    }
  }
  return { seen: sight.get(never(instant, cpu.instructions, faults)), status, program };
}

/** Runs on in pieces of so many instructions until the next one has none; false if the program ends or stops before. */
function advance({ machine, host, maxInstructions }: LoadedProgram, piece: () => number): boolean {
  for (let left = piece(); left > 0; left = piece()) {
    const { reason } = machine.run(Math.min(left, maxInstructions - machine.instructions));
    if (reason === "input") host.waitForInput();
    else if (reason !== "budget" || machine.instructions >= maxInstructions) return piece() === 0;
  }
  return true;
}

/** Why nothing was seen. */
function never(instant: Instant, instructions: number, faults: number): string {
  const name = nameOf(instant);
  switch (instant.when) {
    case "fault":
      return `${name}: there ${faults === 1 ? "is only 1 page fault" : `are only ${faults} page faults`}`;
    case "place":
      return `${name}: never executed in ${instructions} instructions`;
    default:
      return `${name}: only ${instructions} instructions are executed`;
  }
}

/** Instructions after which a run looks whether the fault has come. */
const PIECE = 1024;

/** seeProgram() for a kernel; page faults are seen as they happen, before its handler runs. */
export function seeKernel<T>(
  parsed: Parsed,
  command: string,
  instant: Instant,
  look: (kernel: LoadedKernel) => T,
): Seen<T> & { readonly kernel: LoadedKernel } {
  const sight = new Sight(look);
  const kernel = loadBoot(parsed, command);
  const { machine, maxInstructions } = kernel;
  const { cpu, mmu, ports } = machine;
  let faults = 0;
  let status = 0;
  const run = (instructions: number) => cpu.run(Number.POSITIVE_INFINITY, Math.min(instructions, maxInstructions));
  /** Runs on in pieces until the next one has none; false if the machine stops before. */
  const advance = (piece: () => number) => {
    for (let left = piece(); left > 0; left = piece()) {
      if (run(cpu.instructions + left) !== EXIT_INSTRUCTIONS || cpu.instructions >= maxInstructions)
        return piece() === 0;
    }
    return true;
  };
  switch (instant.when) {
    case "exit": {
      const reason = run(Number.POSITIVE_INFINITY);
      kernel.flush();
      sight.take(kernel);
      status = bootStatus(machine, reason);
      break;
    }
    case "fault":
      listenToMmu(mmu, (event) => {
        if (event.kind !== "fault") return;
        faults++;
        if (faults !== instant.count) return;
        sight.take(kernel);
        ports.onSerial = null;
      });
      advance(() => (sight.taken ? 0 : PIECE));
      break;
    case "instruction":
      if (advance(() => instant.count - cpu.instructions)) sight.take(kernel);
      break;
    case "place": {
      const symbols = new SymbolTable(kernel.elf);
      const at = addressOperand(instant.place, (symbol) => symbols.addressOf(symbol));
      if (advance(() => (cpu.eip === at ? 0 : 1))) sight.take(kernel);
      break;
    }
  }
  kernel.flush();
  return { seen: sight.get(never(instant, cpu.instructions, faults)), status, kernel };
}
