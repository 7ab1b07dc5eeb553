/** `--curves` and what belongs to it: options of `pagewalk tlb`, what the machine must be, and what comes out. */
import {
  DEFAULT_CURVE_SETS,
  type LinuxMachine,
  type LinuxMachineOptions,
  MissCurves,
  type MissCurvesReport,
  missCurvesText,
} from "../observe/index.ts";
import { UsageError } from "./failure.ts";
import { flagOption, type OptionSpec, type Parsed, textOption } from "./options.ts";

/** Sets as many as a TLB can have entries. */
const MOST_SETS = 65536;

export const CURVE_OPTIONS: readonly OptionSpec[] = [
  ["", "curves", "also the misses of LRU TLBs of every size, for fetches and for data, from this one run"],
  ["", "curve-sets=LIST", "curves for these numbers of sets and every number of ways (default 1, 2, 4 ... 1024)"],
  ["", "curve-unified", "also curves of TLBs that fetches and data share; several times slower"],
];

/** What the options ask for. */
export class CurvesRequest {
  private readonly wanted: boolean;
  private readonly unified: boolean;
  private readonly sets: readonly number[];
  private curves: MissCurves | undefined;

  /** Throws UsageError naming the option and what is allowed. */
  constructor(parsed: Parsed) {
    const list = textOption(parsed, "curve-sets");
    this.unified = flagOption(parsed, "curve-unified");
    this.wanted = flagOption(parsed, "curves") || this.unified || list !== undefined;
    this.sets = list === undefined ? DEFAULT_CURVE_SETS : parseSets(list);
  }

  /** How a machine must translate that nothing else asks to look at. */
  get translation(): NonNullable<LinuxMachineOptions["translation"]> {
    if (!this.wanted) return "hot";
    return this.unified ? "traced-unified" : "traced";
  }

  /** To be called before the program is loaded. */
  listen(machine: LinuxMachine): void {
    if (this.wanted) this.curves = new MissCurves(machine, { sets: this.sets });
  }

  /** Nothing where nothing was asked for. */
  report(): { curves?: MissCurvesReport } {
    return this.curves === undefined ? {} : { curves: this.curves.report() };
  }

  /** @param shown rows of each table of regions */
  text(instructions: number, shown: number): string {
    return this.curves === undefined ? "" : missCurvesText(this.curves.report(), instructions, shown);
  }
}

function parseSets(list: string): number[] {
  return list.split(",").map((word) => {
    const sets = /^\d{1,6}$/.test(word.trim()) ? Number(word) : 0;
    if (sets >= 1 && sets <= MOST_SETS) return sets;
    throw new UsageError(`--curve-sets ${list}: whole numbers from 1 to ${MOST_SETS} are allowed, such as 1,16,64`);
  });
}
