/** The host of a machine that runs under Node: a directory or a program file, the standard streams of this process. */

import { fstatSync, readSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { EAGAIN } from "../kernel/errno.ts";
import type { Host, HostInput, HostOutput, HostProgram, HostTree } from "../kernel/host.ts";
import { errnoOf } from "./node-tree.ts";

/** The host's errors that mean: nothing now, try again. */
const TRY_AGAIN = -EAGAIN;

/** Lets a descriptor that others made non-blocking breathe. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Reads what there is, waiting for the first byte; 0 at the end or -errno. */
function readBlocking(fd: number, buffer: Uint8Array, offset: number, length: number): number {
  for (;;) {
    try {
      return readSync(fd, buffer, offset, length, null);
    } catch (error) {
      // Windows reports the end of a pipe so.
      if (error instanceof Error && "code" in error && error.code === "EOF") return 0;
      const errno = errnoOf(error);
      if (errno !== TRY_AGAIN) return errno;
      pause(10);
    }
  }
}

const NEWLINE = 10;

/**
 * Input that is no terminal: always ready, a read waits for the host while the guest's clock stands still. A file is read
 * as it is asked for. A pipe gives one line at most per read, and not less than that unless the buffer is shorter or the
 * input ends: so what the guest sees does not depend on how the other side writes.
 */
class StreamInput implements HostInput {
  readonly terminal = false;
  private readonly fd: number;
  private readonly byLine: boolean;
  private held = new Uint8Array(0);
  private ended = false;

  constructor(fd: number) {
    this.fd = fd;
    this.byLine = !isRegular(fd);
  }

  ready(): boolean {
    return true;
  }

  read(buffer: Uint8Array, offset: number, length: number): number {
    if (length === 0) return 0;
    if (!this.byLine) return readBlocking(this.fd, buffer, offset, length);
    let line = this.held.indexOf(NEWLINE);
    while (line < 0 && this.held.length < length && !this.ended) {
      const piece = new Uint8Array(65536);
      const bytes = readBlocking(this.fd, piece, 0, piece.length);
      if (bytes < 0) return bytes;
      if (bytes === 0) this.ended = true;
      const searched = this.held.length;
      const joined = new Uint8Array(searched + bytes);
      joined.set(this.held);
      joined.set(piece.subarray(0, bytes), searched);
      this.held = joined;
      line = joined.indexOf(NEWLINE, searched);
    }
    const available = line < 0 ? this.held.length : line + 1;
    const given = Math.min(length, available);
    buffer.set(this.held.subarray(0, given), offset);
    this.held = this.held.subarray(given);
    return given;
  }
}

function isRegular(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isFile() || stat.isCharacterDevice();
  } catch {
    return true;
  }
}

/** The terminal: what was typed while the machine waited for it. */
class TerminalInput implements HostInput {
  readonly terminal = true;
  private readonly fd: number;
  private held = new Uint8Array(0);
  private ends = false;

  constructor(fd: number) {
    this.fd = fd;
  }

  ready(): boolean {
    return this.held.length > 0 || this.ends;
  }

  read(buffer: Uint8Array, offset: number, length: number): number {
    if (this.held.length === 0 && this.ends) {
      // ^D ends one read; more may be typed after it.
      this.ends = false;
      return 0;
    }
    if (this.held.length === 0) return -EAGAIN;
    const given = Math.min(length, this.held.length);
    buffer.set(this.held.subarray(0, given), offset);
    this.held = this.held.subarray(given);
    return given;
  }

  setRaw(raw: boolean): void {
    process.stdin.setRawMode?.(raw);
  }

  /** Waits until something is typed. */
  wait(): void {
    if (this.ready()) return;
    const piece = new Uint8Array(4096);
    const bytes = readBlocking(this.fd, piece, 0, piece.length);
    if (bytes > 0) this.held = piece.subarray(0, bytes);
    else this.ends = true;
  }
}

/** Writes all of it, waiting where the other side is slow. */
export class StreamOutput implements HostOutput {
  readonly terminal: boolean;
  private readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
    this.terminal = isatty(fd);
  }

  write(bytes: Uint8Array): number {
    let done = 0;
    while (done < bytes.length) {
      try {
        done += writeSync(this.fd, bytes, done);
      } catch (error) {
        const errno = errnoOf(error);
        if (errno !== TRY_AGAIN) return errno;
        pause(1);
      }
    }
    return done;
  }
}

export interface NodeHostOptions {
  tree?: HostTree | null;
  program?: HostProgram | null;
  hostTimes?: boolean;
  log?: (line: string) => void;
}

export class NodeHost implements Host {
  readonly tree: HostTree | null;
  readonly program: HostProgram | null;
  readonly hostTimes: boolean;
  readonly stdin: HostInput;
  readonly stdout: HostOutput = new StreamOutput(1);
  readonly stderr: HostOutput = new StreamOutput(2);
  private readonly logger: (line: string) => void;

  constructor(options: NodeHostOptions) {
    this.tree = options.tree ?? null;
    this.program = options.program ?? null;
    this.hostTimes = options.hostTimes ?? false;
    this.stdin = isatty(0) ? new TerminalInput(0) : new StreamInput(0);
    this.logger = options.log ?? ((line) => this.stderr.write(Buffer.from(`${line}\n`)));
  }

  windowSize(): { rows: number; columns: number } {
    const { rows = 24, columns = 80 } = process.stdout.isTTY ? process.stdout : { rows: 24, columns: 80 };
    return { rows, columns };
  }

  log(line: string): void {
    this.logger(line);
  }

  /** The machine has nothing to do until something is typed: waits for that. Wake Kernel.hostInput afterwards. */
  waitForInput(): void {
    if (this.stdin instanceof TerminalInput) this.stdin.wait();
  }
}
