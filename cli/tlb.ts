/** `pagewalk tlb PROGRAM`: runs a Linux program, or a kernel, and says where its TLB misses come from. */
import { EXIT_INSTRUCTIONS, type ExitReason } from "../emu/index.ts";
import { STEPPED, type TlbPageReport, TlbProfile, tlbPage, tlbReportText } from "../observe/index.ts";
import { bootStatus, type LoadedKernel, loadBoot } from "./boot.ts";
import type { Command } from "./command.ts";
import { CURVE_OPTIONS, CurvesRequest } from "./curves.ts";
import { countOption, flagOption, type OptionSpec, type Parsed } from "./options.ts";
import { OutputFile } from "./output-file.ts";
import type { JsonReport } from "./report.ts";
import { drive, loadProgram, PROGRAM_OPTIONS, refuseForKernel } from "./run.ts";
import { complain } from "./streams.ts";
import { isSweep, SWEEP_OPTIONS, sweepProgram } from "./sweep.ts";

const SHOWN = 10;
/** Rows of the page's tables, where nobody asks for others. */
const SHOWN_ON_PAGE = 25;
const MOST_SHOWN = 1_000_000;
const LARGEST_SEED = 2 ** 32 - 1;

export const tlb: Command = {
  name: "tlb",
  operands: "PROGRAM [ARGS...]",
  summary: "Runs a program as run does, then reports its TLB misses on standard error",
  options: [
    ...PROGRAM_OPTIONS,
    ["", "boot", "PROGRAM is a kernel: boots it as boot does"],
    ["", "lookups", "also count the lookups of each process, region, function and page; several times slower"],
    ...CURVE_OPTIONS,
    ...SWEEP_OPTIONS,
    ["", "top=N", `rows of each table (default ${SHOWN}, of the HTML page ${SHOWN_ON_PAGE})`],
    ["", "json=FILE", "the whole report as JSON; - for standard output"],
    ["", "html=FILE", "the report as one HTML page with pictures; - for standard output"],
  ],
  run: (parsed) => {
    if (isSweep(parsed)) return sweepProgram(parsed, REPORTS);
    return flagOption(parsed, "boot") ? profileKernel(parsed) : profileProgram(parsed);
  },
};

/** What says how to look at one run. */
const REPORTS: readonly OptionSpec[] = [
  ...CURVE_OPTIONS,
  ...["boot", "lookups", "top=N", "html=FILE"].map((definition): OptionSpec => ["", definition, ""]),
];

/** The reports that the command line asks for. */
class Reports {
  private readonly parsed: Parsed;
  private readonly page: OutputFile | undefined;

  /** Throws UsageError. */
  constructor(parsed: Parsed) {
    this.parsed = parsed;
    this.rows(SHOWN);
    this.page = OutputFile.open(parsed, "html");
  }

  expectApart(json: JsonReport | undefined): void {
    OutputFile.expectApart(this.page, json?.file);
  }

  write(report: TlbPageReport, curvesText: string, json: JsonReport | undefined): void {
    complain(tlbReportText(report, this.rows(SHOWN)));
    complain(curvesText);
    json?.write(report);
    this.page?.begin();
    this.page?.write(tlbPage(report, this.rows(SHOWN_ON_PAGE)));
    this.page?.close();
  }

  rows(usual: number): number {
    return countOption(this.parsed, "top", 1, MOST_SHOWN) ?? usual;
  }
}

function profileProgram(parsed: Parsed): number {
  const reports = new Reports(parsed);
  const every = flagOption(parsed, "lookups");
  const curves = new CurvesRequest(parsed);
  let profile: TlbProfile | undefined;
  const program = loadProgram(parsed, "tlb", { translation: every ? "plain" : curves.translation }, (machine) => {
    profile = new TlbProfile(machine);
    curves.listen(machine);
  });
  reports.expectApart(program.json);
  const status = drive(program, () => Math.min(every ? STEPPED : Number.POSITIVE_INFINITY, curves.untilNext()));
  if (profile !== undefined) {
    const report = profile.report();
    reports.write(
      { ...report, ...curves.report() },
      curves.text(report.instructions, reports.rows(SHOWN)),
      program.json,
    );
  }
  return status;
}

function profileKernel(parsed: Parsed): number {
  // Curves follow processes.
  refuseForKernel(parsed, CURVE_OPTIONS);
  const reports = new Reports(parsed);
  const every = flagOption(parsed, "lookups");
  const seed = countOption(parsed, "seed", 0, LARGEST_SEED) ?? 1;
  const kernel = loadBoot(parsed, "tlb", { seed, translation: every ? "plain" : "hot" });
  reports.expectApart(kernel.json);
  const { machine, elf: image, flush, json } = kernel;
  const profile = new TlbProfile({ hardware: machine, image, path: parsed.operands[0] });
  const reason = runKernel(kernel, every ? STEPPED : Number.POSITIVE_INFINITY);
  flush();
  reports.write(profile.report(), "", json);
  return bootStatus(machine, reason);
}

/** Runs to the end in pieces of so many instructions. */
function runKernel({ machine: { cpu }, maxInstructions }: LoadedKernel, piece: number): ExitReason {
  for (;;) {
    const reason = cpu.run(Number.POSITIVE_INFINITY, Math.min(maxInstructions, cpu.instructions + piece));
    if (reason !== EXIT_INSTRUCTIONS || cpu.instructions >= maxInstructions) return reason;
  }
}
