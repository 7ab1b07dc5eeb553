/** `--check-stale`: reports uses of translations that the page tables no longer grant. */
import type { Machine } from "../emu/index.ts";
import { StaleCheck, type StaleSite, type StaleWitness, staleReportText, staleSummaryText } from "../observe/index.ts";
import { flagOption, type OptionSpec, type Parsed } from "./options.ts";
import { complain } from "./streams.ts";

/** Exit status where the check found something, whatever the guest's own is. */
const FOUND = 123;
/** Reports written in full; the others are counted. */
const SHOWN = 20;

export const STALE_OPTION: OptionSpec = [
  "",
  "check-stale",
  `report uses of stale translations on standard error; exit status ${FOUND} if there are any`,
];

export class StaleWatch {
  private readonly check: StaleCheck | null;

  /** @param beforeReport called before a report is written: what the guest has printed comes first */
  private constructor(check: StaleCheck | null, beforeReport: () => void) {
    this.check = check;
    if (check === null) return;
    let shown = 0;
    check.onReport = (report) => {
      if (++shown > SHOWN) return;
      beforeReport();
      complain(`pagewalk: ${staleReportText(report)}\n`);
    };
  }

  /** Watches the machine if the command line asks for it. */
  static start(parsed: Parsed, machine: Machine, witness: () => StaleWitness, beforeReport = () => {}): StaleWatch {
    const wanted = flagOption(parsed, "check-stale");
    return new StaleWatch(wanted ? new StaleCheck(machine, witness()) : null, beforeReport);
  }

  /** What `--json` shows of it: `stale`, every site; nothing without the option. */
  get fields(): { readonly stale?: readonly StaleSite[] } {
    return this.check === null ? {} : { stale: this.check.sites };
  }

  /** At the end: the summary. Returns the exit status, the guest's where nothing was found. */
  finish(status: number): number {
    const sites = this.check?.sites ?? [];
    if (sites.length === 0) return status;
    const more = sites.length > SHOWN ? `, ${sites.length - SHOWN} of them not shown` : "";
    complain(`pagewalk: ${staleSummaryText(sites)}${more}\n`);
    return FOUND;
  }
}
