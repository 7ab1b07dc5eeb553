/** A host with one file, /program, whose output is kept: the least that a guest can live with. */

import { EAGAIN } from "../kernel/errno.ts";
import { MemoryFile } from "../kernel/fs/memory-tree.ts";
import type { Host } from "../kernel/host.ts";

export interface ProgramHost extends Host {
  /** Bytes that come to standard input. */
  push(...bytes: number[]): void;
  /** What was written, one character per byte. */
  text(stream: "stdout" | "stderr"): string;
  /** What the machine said about itself. */
  readonly lines: string[];
}

/** "complete": standard input is empty; "open": push() will bring some. */
export function programHost(elf: Uint8Array, input: "open" | "complete" = "complete"): ProgramHost {
  const held: number[] = [];
  const written = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const lines: string[] = [];
  const output = (pieces: Uint8Array[]): Host["stdout"] => ({
    write: (bytes) => {
      pieces.push(bytes.slice());
      return bytes.length;
    },
    terminal: false,
  });
  return {
    tree: null,
    program: { path: "/program", permissions: 0o755, file: new MemoryFile(elf) },
    stdin: {
      read: (buffer, offset, length) => {
        if (held.length === 0) return input === "open" ? -EAGAIN : 0;
        const given = held.splice(0, length);
        buffer.set(given, offset);
        return given.length;
      },
      ready: () => held.length > 0 || input === "complete",
      terminal: false,
    },
    stdout: output(written.stdout),
    stderr: output(written.stderr),
    windowSize: () => ({ rows: 24, columns: 80 }),
    log: (line) => lines.push(line),
    hostTimes: false,
    push: (...bytes) => held.push(...bytes),
    text: (stream) => Buffer.concat(written[stream]).toString("latin1"),
    lines,
  };
}
