/** `pagewalk walk PROGRAM ADDR...`: the page walk of linear addresses at an instant of a program, or of a kernel. */
import {
  type LinuxMachine,
  type LinuxWalk,
  linuxWalk,
  linuxWalkText,
  type PageWalk,
  Places,
  pageWalk,
  pageWalkText,
  SymbolTable,
} from "../observe/index.ts";
import type { LoadedKernel } from "./boot.ts";
import type { Command } from "./command.ts";
import { UsageError } from "./failure.ts";
import { addressOperand, INSTANT_OPTIONS, instantOption, seeKernel, seeProgram } from "./instant.ts";
import { countOption, flagOption, type Parsed } from "./options.ts";
import { OutputFile } from "./output-file.ts";
import { PROGRAM_OPTIONS, refuseForKernel } from "./run.ts";
import { complain } from "./streams.ts";

/** Version of the JSON's shape. */
const SCHEMA = 1;
const LARGEST_PID = 2 ** 22;

export const walk: Command = {
  name: "walk",
  operands: "PROGRAM ADDR... [-- ARGS...]",
  summary: "Runs a program up to an instant and shows the page walk of addresses there, on standard error",
  optionsStand: "anywhere",
  options: [
    ...INSTANT_OPTIONS,
    ["p", "pid=N", "in the page tables of this process; without it, in those that CR3 points to"],
    ["", "boot", "PROGRAM is a kernel, as of pagewalk boot"],
    ["o", "output=FILE", "write to FILE instead of standard error; - for standard output"],
    ["", "json=FILE", "the walks as JSON"],
    ...PROGRAM_OPTIONS,
  ],
  run: walkAddresses,
};

/** When and where the machine was looked at. */
interface Moment {
  readonly instructions: number;
  readonly cycles: number;
  readonly eip: number;
  /** EIP as a symbol, "" where there is none. */
  readonly symbol: string;
}

interface Report<Walk> {
  readonly moment: Moment;
  readonly walks: readonly Walk[];
}

function walkAddresses(parsed: Parsed): number {
  const { operands, behind = [] } = parsed;
  const [program, ...addresses] = operands.length > 0 ? operands : behind;
  const args = operands.length > 0 ? behind : [];
  if (program === undefined) throw new UsageError("walk: no program given");
  if (addresses.length === 0) {
    throw new UsageError("walk: no address given; write one behind the program, such as 0x8048000 or a symbol");
  }
  const pid = countOption(parsed, "pid", 1, LARGEST_PID);
  const boot = flagOption(parsed, "boot");
  if (boot && pid !== undefined) throw new UsageError("--pid: a kernel of --boot has no processes that are known");
  if (boot) refuseForKernel(parsed);
  const output = OutputFile.open(parsed, "output");
  const instant = instantOption(parsed);
  const run: Parsed = { ...parsed, operands: [program, ...args] };
  const write = (text: string) => (output === undefined ? complain(text) : output.replace(text));
  if (boot) {
    const { seen, status, kernel } = seeKernel(run, "walk", instant, (loaded) => kernelReport(loaded, addresses));
    OutputFile.expectApart(output, kernel.json?.file);
    write(text(seen, pageWalkText));
    kernel.json?.write({ schema: SCHEMA, ...seen.moment, walks: seen.walks });
    return status;
  }
  const {
    seen,
    status,
    program: loaded,
  } = seeProgram(run, "walk", instant, (machine) => programReport(machine, addresses, pid));
  OutputFile.expectApart(output, loaded.json?.file);
  write(text(seen, linuxWalkText));
  loaded.json?.write({ schema: SCHEMA, ...seen.moment, walks: seen.walks });
  return status;
}

function text<Walk>({ moment, walks }: Report<Walk>, textOf: (walk: Walk) => string): string {
  const { instructions, cycles, eip, symbol } = moment;
  const place = `${eip.toString(16).padStart(8, "0")}${symbol === "" ? "" : ` ${symbol}`}`;
  const heading = `after ${instructions} instructions and ${cycles} cycles, before ${place}\n`;
  return heading + walks.map((one) => `\n${textOf(one)}`).join("");
}

function programReport(
  machine: LinuxMachine,
  addresses: readonly string[],
  pid: number | undefined,
): Report<LinuxWalk> {
  const { kernel } = machine;
  const { cpu } = machine.hardware;
  const places = new Places();
  const mm = pid === undefined ? (kernel.mm.active ?? kernel.main?.leader.mm) : kernel.tasks.get(pid)?.mm;
  if (mm === null || mm === undefined) {
    const which = pid === undefined ? "walk: no" : `--pid ${pid}: no such`;
    throw new UsageError(`${which} process has memory then`);
  }
  const { instructions, cycles, eip } = cpu;
  const symbol = places.at(kernel.onCpu?.mm ?? mm, eip);
  const walks = addresses.map((word) =>
    linuxWalk(
      kernel,
      mm,
      addressOperand(word, (name) => places.addressOf(mm, name)),
      places,
    ),
  );
  return { moment: { instructions, cycles, eip, symbol }, walks };
}

function kernelReport({ machine, elf }: LoadedKernel, addresses: readonly string[]): Report<PageWalk> {
  const { instructions, cycles, eip } = machine.cpu;
  const symbols = new SymbolTable(elf);
  const place = symbols.place(eip);
  const symbol = place === null ? "" : `${place.name}+0x${place.offset.toString(16)}`;
  const walks = addresses.map((word) =>
    pageWalk(
      machine,
      addressOperand(word, (name) => symbols.addressOf(name)),
    ),
  );
  return { moment: { instructions, cycles, eip, symbol }, walks };
}
