/** A host without a machine around it: files, input and output in memory. For the browser, for tests, for the library. */

import { EAGAIN } from "./errno.ts";
import type { Host, HostInput, HostOutput, HostProgram, HostTree } from "./host.ts";

export interface MemoryHostOptions {
  /** The guest's root; absent: it sees only `program`. */
  tree?: HostTree;
  program?: HostProgram;
  /** Called with what the guest writes; each piece is the caller's to keep. */
  onOutput?: (stream: "stdout" | "stderr", bytes: Uint8Array) => void;
  onLog?: (line: string) => void;
  /** Are the three streams one terminal of this size? Default: they are pipes. */
  terminal?: { rows: number; columns: number };
}

/**
 * Input is what has been given by `feed`; until `endInput` the guest waits for more, and the machine comes back with the
 * reason "input". A terminal is always raw: the guest's line discipline echoes and edits, bytes come as they are typed.
 */
export class MemoryHost implements Host {
  readonly tree: HostTree | null;
  readonly program: HostProgram | null;
  readonly stdin: HostInput;
  readonly stdout: HostOutput;
  readonly stderr: HostOutput;
  readonly hostTimes = false;
  private readonly options: MemoryHostOptions;
  private held = new Uint8Array(0);
  private ended = false;

  constructor(options: MemoryHostOptions = {}) {
    this.options = options;
    this.tree = options.tree ?? null;
    this.program = options.program ?? null;
    const terminal = options.terminal !== undefined;
    this.stdin = {
      terminal,
      alwaysRaw: true,
      ready: () => this.held.length > 0 || this.ended,
      read: (buffer, offset, length) => this.take(buffer, offset, length),
    };
    this.stdout = { terminal, write: (bytes) => this.give("stdout", bytes) };
    this.stderr = { terminal, write: (bytes) => this.give("stderr", bytes) };
  }

  /** Adds to the input. */
  feed(bytes: Uint8Array): void {
    const joined = new Uint8Array(this.held.length + bytes.length);
    joined.set(this.held);
    joined.set(bytes, this.held.length);
    this.held = joined;
  }

  /** No more input will come. */
  endInput(): void {
    this.ended = true;
  }

  windowSize(): { rows: number; columns: number } {
    return this.options.terminal ?? { rows: 24, columns: 80 };
  }

  log(line: string): void {
    this.options.onLog?.(line);
  }

  private take(buffer: Uint8Array, offset: number, length: number): number {
    if (this.held.length === 0) return this.ended ? 0 : -EAGAIN;
    const given = Math.min(length, this.held.length);
    buffer.set(this.held.subarray(0, given), offset);
    this.held = this.held.subarray(given);
    return given;
  }

  private give(stream: "stdout" | "stderr", bytes: Uint8Array): number {
    this.options.onOutput?.(stream, bytes.slice());
    return bytes.length;
  }
}
