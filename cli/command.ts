import type { OptionSpec, Parsed } from "./options.ts";

/** One subcommand. */
export interface Command {
  readonly name: string;
  /** What stands behind `pagewalk NAME` in its usage line. */
  readonly operands: string;
  readonly summary: string;
  readonly options: readonly OptionSpec[];
  /** Where options may stand: before the operands, the first of which begins the guest's words, or anywhere before `--`. */
  readonly optionsStand?: "first" | "anywhere";
  /** @returns the exit status */
  run(parsed: Parsed): number;
}
