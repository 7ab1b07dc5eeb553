/**
 * A file that the command writes for the user. It is opened before the machine runs, so that a wrong path is not found out
 * at the end.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { errorText } from "../kernel/index.ts";
import { UsageError } from "./failure.ts";
import { errnoOf } from "./node-tree.ts";
import { type Parsed, textOption } from "./options.ts";

export class OutputFile {
  readonly path: string;
  private readonly option: string;
  private readonly fd: number;

  /**
   * Throws UsageError, one line naming the option and the file, if it cannot be written.
   *
   * @param option name of the option, without dashes
   */
  constructor(option: string, path: string) {
    this.option = option;
    this.path = path;
    // What was there is lost with the first write only: not if there is no such program.
    this.fd = this.attempt(() => openSync(path, "a"));
  }

  /** The file that the command line asks for, if it does. */
  static open(parsed: Parsed, option: string): OutputFile | undefined {
    const path = textOption(parsed, option);
    return path === undefined ? undefined : new OutputFile(option, path);
  }

  /** Empties the file. */
  begin(): void {
    this.attempt(() => {
      if (fstatSync(this.fd).isFile()) ftruncateSync(this.fd);
    });
  }

  write(text: string): void {
    const bytes = Buffer.from(text);
    this.attempt(() => {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.fd, bytes, done);
    });
  }

  close(): void {
    this.attempt(() => closeSync(this.fd));
  }

  private attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new UsageError(`--${this.option} ${this.path}: cannot be written: ${errorText(-errnoOf(error))}`);
    }
  }
}
