/** `pagewalk tlb PROGRAM`: runs a Linux program and says where its TLB misses come from. */
import { MissCurves, missCurvesText, STEPPED, TlbProfile, tlbReportText } from "../observe/index.ts";
import type { Command } from "./command.ts";
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
    [
      "",
      "curves",
      "also the misses of fully associative LRU TLBs of every size, from this one run; as slow as --lookups",
    ],
    ["", "top=N", "rows of each table", `${SHOWN}`],
    ["", "json=FILE", "the whole report as JSON"],
  ],
  run: profileProgram,
};

function profileProgram(parsed: Parsed): number {
  const shown = countOption(parsed, "top", 1, MOST_SHOWN) ?? SHOWN;
  const curved = flagOption(parsed, "curves");
  const every = curved || flagOption(parsed, "lookups");
  let profile: TlbProfile | undefined;
  let curves: MissCurves | undefined;
  const program = loadProgram(parsed, "tlb", { translation: every ? "plain" : "hot" }, (machine) => {
    profile = new TlbProfile(machine);
    if (curved) curves = new MissCurves(machine);
  });
  const status = drive(program, every ? STEPPED : Number.POSITIVE_INFINITY);
  if (profile !== undefined) {
    const report = profile.report();
    complain(tlbReportText(report, shown));
    if (curves !== undefined) complain(missCurvesText(curves.report(), report.instructions));
    program.json?.write(curves === undefined ? report : { ...report, curves: curves.report() });
  }
  return status;
}
