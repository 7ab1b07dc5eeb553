/** `--curves` and `--working-set`: options of `pagewalk tlb`, what the machine must be, and what comes out. */
import {
  DEFAULT_CURVE_SETS,
  type LinuxMachine,
  type LinuxMachineOptions,
  MissCurves,
  type MissCurvesReport,
  missCurvesText,
  WorkingSet,
  type WorkingSetReport,
  workingSetText,
} from "../observe/index.ts";
import { UsageError } from "./failure.ts";
import { flagOption, type OptionSpec, type Parsed, textOption } from "./options.ts";

/** Sets as many as a TLB can have entries. */
const MOST_SETS = 65536;

export const CURVE_OPTIONS: readonly OptionSpec[] = [
  ["", "curves", "also the misses of LRU TLBs of every size, for fetches and for data, from this one run"],
  ["", "curve-sets=LIST", "curves for these numbers of sets and every number of ways (default 1, 2, 4 ... 1024)"],
  ["", "curve-unified", "also curves of TLBs that fetches and data share; several times slower"],
  ["", "working-set", "also the distinct pages used in windows of time, as time goes on"],
];

/** What the options ask for. */
export class CurvesRequest {
  private readonly curved: boolean;
  private readonly unified: boolean;
  private readonly sets: readonly number[];
  private readonly timed: boolean;
  private curves: MissCurves | undefined;
  private workingSet: WorkingSet | undefined;

  /** Throws UsageError naming the option and what is allowed. */
  constructor(parsed: Parsed) {
    const list = textOption(parsed, "curve-sets");
    this.unified = flagOption(parsed, "curve-unified");
    this.curved = flagOption(parsed, "curves") || this.unified || list !== undefined;
    this.timed = flagOption(parsed, "working-set");
    if (this.wanted && flagOption(parsed, "lookups")) {
      throw new UsageError("--lookups cannot be together with --curves or --working-set: run the program twice");
    }
    this.sets = list === undefined ? DEFAULT_CURVE_SETS : parseSets(list);
  }

  private get wanted(): boolean {
    return this.curved || this.timed;
  }

  /** How a machine must translate that nothing else asks to look at. */
  get translation(): NonNullable<LinuxMachineOptions["translation"]> {
    if (!this.wanted) return "hot";
    return this.unified ? "traced-unified" : "traced";
  }

  /** To be called before the program is loaded. */
  listen(machine: LinuxMachine): void {
    if (this.curved) this.curves = new MissCurves(machine, { sets: this.sets });
    if (this.timed) this.workingSet = new WorkingSet(machine);
  }

  /** Instructions to run at most until it is asked again. */
  untilNext(): number {
    return this.workingSet?.untilNext() ?? Number.POSITIVE_INFINITY;
  }

  /** Nothing where nothing was asked for. */
  report(): { curves?: MissCurvesReport; workingSet?: WorkingSetReport } {
    const { curves, workingSet } = this;
    return {
      ...(curves === undefined ? {} : { curves: curves.report() }),
      ...(workingSet === undefined ? {} : { workingSet: workingSet.report() }),
    };
  }

  /** @param shown rows of each table of regions */
  text(instructions: number, shown: number): string {
    const { curves, workingSet } = this.report();
    return [
      curves === undefined ? "" : missCurvesText(curves, instructions, shown),
      workingSet === undefined ? "" : workingSetText(workingSet),
    ].join("");
  }
}

function parseSets(list: string): number[] {
  return list.split(",").map((word) => {
    const sets = /^\d{1,6}$/.test(word.trim()) ? Number(word) : 0;
    if (sets >= 1 && sets <= MOST_SETS) return sets;
    throw new UsageError(`--curve-sets ${list}: whole numbers from 1 to ${MOST_SETS} are allowed, such as 1,16,64`);
  });
}
