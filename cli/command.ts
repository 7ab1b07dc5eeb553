import type { OptionSpec, Parsed } from "./options.ts";

/** One subcommand. */
export interface Command {
  readonly name: string;
  /** What stands behind `pagewalk NAME` in its usage line. */
  readonly operands: string;
  readonly summary: string;
  readonly options: readonly OptionSpec[];
  /** @returns the exit status */
  run(parsed: Parsed): number;
}
