/** Files that the command writes for the user. */
import { closeSync, openSync, writeFileSync } from "node:fs";
import { errorText } from "../kernel/index.ts";
import { UsageError } from "./failure.ts";
import { errnoOf } from "./node-tree.ts";
import { type Parsed, textOption } from "./options.ts";

/** The file of `--json`. It is opened before the machine runs, so that a wrong path is not found out at the end. */
export class JsonReport {
  private readonly path: string;
  private readonly fd: number;

  /** Throws UsageError, one line naming the file, if it cannot be written. */
  constructor(path: string) {
    this.path = path;
    this.fd = this.attempt(() => openSync(path, "w"));
  }

  /** The report that the command line asks for, if it does. */
  static open(parsed: Parsed): JsonReport | undefined {
    const path = textOption(parsed, "json");
    return path === undefined ? undefined : new JsonReport(path);
  }

  write(value: unknown): void {
    this.attempt(() => {
      writeFileSync(this.fd, `${JSON.stringify(value, null, 2)}\n`);
      closeSync(this.fd);
    });
  }

  private attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new UsageError(`--json ${this.path}: cannot be written: ${errorText(-errnoOf(error))}`);
    }
  }
}
