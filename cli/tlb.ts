/** `pagewalk tlb PROGRAM`: runs a Linux program and says where its TLB misses come from. */
import { STEPPED, TlbProfile, tlbReportText } from "../observe/index.ts";
import type { Command } from "./command.ts";
import { CURVE_OPTIONS, CurvesRequest } from "./curves.ts";
import { countOption, flagOption, type Parsed } from "./options.ts";
import { drive, loadProgram, PROGRAM_OPTIONS } from "./run.ts";
import { complain } from "./streams.ts";

const SHOWN = 10;
const MOST_SHOWN = 1_000_000;

export const tlb: Command = {
  name: "tlb",
  operands: "PROGRAM [ARGS...]",
  summary: "Runs a program as run does, then reports its TLB misses on standard error",
  options: [
    ...PROGRAM_OPTIONS,
    ["", "lookups", "also count the lookups of each process, region, function and page; several times slower"],
    ...CURVE_OPTIONS,
    ["", "top=N", "rows of each table", `${SHOWN}`],
    ["", "json=FILE", "the whole report as JSON"],
  ],
  run: profileProgram,
};

function profileProgram(parsed: Parsed): number {
  const shown = countOption(parsed, "top", 1, MOST_SHOWN) ?? SHOWN;
  const every = flagOption(parsed, "lookups");
  const curves = new CurvesRequest(parsed);
  let profile: TlbProfile | undefined;
  const program = loadProgram(parsed, "tlb", { translation: every ? "plain" : curves.translation }, (machine) => {
    profile = new TlbProfile(machine);
    curves.listen(machine);
  });
  const status = drive(program, () => Math.min(every ? STEPPED : Number.POSITIVE_INFINITY, curves.untilNext()));
  if (profile !== undefined) {
    const report = profile.report();
    complain(tlbReportText(report, shown));
    complain(curves.text(report.instructions, shown));
    program.json?.write({ ...report, ...curves.report() });
  }
  return status;
}
