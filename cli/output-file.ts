/**
 * A file that the command writes for the user, or with the path "-" standard output. It is opened before the machine runs, so
 * that a wrong path is not found out at the end.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { errorText } from "../kernel/index.ts";
import { UsageError } from "./failure.ts";
import { errnoOf } from "./node-tree.ts";
import { type Parsed, textOption } from "./options.ts";
import { print } from "./streams.ts";

const STDOUT = "-";

export class OutputFile {
  readonly path: string;
  private readonly option: string;
  /** null: standard output. */
  private readonly fd: number | null;

  /**
   * Throws UsageError, one line naming the option and the file, if it cannot be written.
   *
   * @param option name of the option, without dashes
   */
  constructor(option: string, path: string) {
    this.option = option;
    this.path = path;
    // What was there is lost with the first write only: not if there is no such program.
    this.fd = path === STDOUT ? null : this.attempt(() => openSync(path, "a"));
  }

  /** The file that the command line asks for, if it does. */
  static open(parsed: Parsed, option: string): OutputFile | undefined {
    const path = textOption(parsed, option);
    return path === undefined ? undefined : new OutputFile(option, path);
  }

  /** Throws UsageError if two options name the same file, which can hold one report. */
  static expectApart(...files: readonly (OutputFile | undefined)[]): void {
    const given = files.filter((file) => file !== undefined);
    for (const [n, one] of given.entries()) {
      const other = given.slice(n + 1).find((candidate) => one.isSame(candidate));
      if (other === undefined) continue;
      throw new UsageError(`--${one.option} ${one.path}: the same file as that of --${other.option}`);
    }
  }

  /** Empties the file. */
  begin(): void {
    const { fd } = this;
    if (fd === null) return;
    this.attempt(() => {
      if (fstatSync(fd).isFile()) ftruncateSync(fd);
    });
  }

  /** The text is all that the file holds. */
  replace(text: string): void {
    this.begin();
    this.write(text);
    this.close();
  }

  write(text: string): void {
    const { fd } = this;
    if (fd === null) {
      print(text);
      return;
    }
    const bytes = Buffer.from(text);
    this.attempt(() => {
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    });
  }

  close(): void {
    const { fd } = this;
    if (fd !== null) this.attempt(() => closeSync(fd));
  }

  /** Devices take more than one report. */
  private isSame({ fd: other }: OutputFile): boolean {
    const { fd } = this;
    if (fd === null || other === null) return fd === other;
    const [a, b] = [fstatSync(fd), fstatSync(other)];
    return a.isFile() && a.dev === b.dev && a.ino === b.ino;
  }

  private attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new UsageError(`--${this.option} ${this.path}: cannot be written: ${errorText(-errnoOf(error))}`);
    }
  }
}
