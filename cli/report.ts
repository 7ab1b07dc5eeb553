/** Reports as JSON. */

import type { Parsed } from "./options.ts";
import { OutputFile } from "./output-file.ts";

/** The file of `--json`. */
export class JsonReport {
  readonly file: OutputFile;

  private constructor(file: OutputFile) {
    this.file = file;
  }

  /** The report that the command line asks for, if it does. Throws UsageError if it cannot be written. */
  static open(parsed: Parsed): JsonReport | undefined {
    const file = OutputFile.open(parsed, "json");
    return file === undefined ? undefined : new JsonReport(file);
  }

  write(value: unknown): void {
    this.file.replace(`${JSON.stringify(value, null, 2)}\n`);
  }
}
