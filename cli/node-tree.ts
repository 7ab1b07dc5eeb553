/** A directory of the host as the guest's root: confined to it, no symbolic link followed, nothing but regular files opened. */

import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import * as errors from "../kernel/errno.ts";
import type { HostEntry, HostFile, HostKind, HostStat, HostTree, HostTreeChanges, Timespec } from "../kernel/host.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY, O_RDWR, O_WRONLY } = constants;

const numbers = new Map<string, number>();
for (const [name, value] of Object.entries(errors)) if (typeof value === "number") numbers.set(name, value);

/** The guest's number for an exception of node:fs; EIO for what has none. Other exceptions are passed on. */
export function errnoOf(error: unknown): number {
  if (!(error instanceof Error) || !("code" in error)) throw error;
  return -(numbers.get(String(error.code)) ?? errors.EIO);
}

/** Runs something that throws as node:fs does. */
function attempt<T>(action: () => T): T | number {
  try {
    return action();
  } catch (error) {
    return errnoOf(error);
  }
}

/** The same for what has no result: 0 or -errno. */
function succeed(action: () => void): number {
  return attempt(() => {
    action();
    return 0;
  });
}

/** Paths of the kernel are bytes in a string; node takes bytes. */
const bytesOf = (path: string) => Buffer.from(path, "latin1");
const textOf = (bytes: Buffer) => bytes.toString("latin1");

/** An open file by its descriptor. */
export class NodeFile implements HostFile {
  private readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  size(): number {
    return fstatSync(this.fd).size;
  }

  readAt(position: number, buffer: Uint8Array, offset: number, length: number): number {
    return attempt(() => {
      let done = 0;
      while (done < length) {
        const bytes = readSync(this.fd, buffer, offset + done, length - done, position + done);
        if (bytes === 0) break;
        done += bytes;
      }
      return done;
    });
  }

  writeAt(position: number, buffer: Uint8Array, offset: number, length: number): number {
    return attempt(() => {
      let done = 0;
      while (done < length) done += writeSync(this.fd, buffer, offset + done, length - done, position + done);
      return done;
    });
  }

  truncate(size: number): number {
    return succeed(() => ftruncateSync(this.fd, size));
  }

  sync(): number {
    return succeed(() => fsyncSync(this.fd));
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** Opens a regular file: -EISDIR for a directory, -ENXIO for anything else. The file may be a link only if `links` says so. */
export function openRegularFile(path: string | Buffer, access: "read" | "write", links: "follow" | "nofollow") {
  return attempt(() => {
    // O_NONBLOCK: a FIFO that has slipped in must not hang us before it is seen and refused.
    const flags = (access === "read" ? O_RDONLY : O_RDWR) | O_NONBLOCK | (links === "nofollow" ? O_NOFOLLOW : 0);
    const fd = openSync(path, flags);
    const stat = fstatSync(fd);
    if (stat.isFile()) return new NodeFile(fd);
    closeSync(fd);
    return stat.isDirectory() ? -errors.EISDIR : -errors.ENXIO;
  });
}

interface KindTests {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
}

function kindOf(tests: KindTests): HostKind {
  if (tests.isFile()) return "file";
  if (tests.isDirectory()) return "directory";
  if (tests.isSymbolicLink()) return "symlink";
  if (tests.isFIFO()) return "fifo";
  return tests.isSocket() ? "socket" : "other";
}

/** A verified directory is trusted for so many operations in a row: a listing looks at every entry. */
const TRUST = 256;

export class NodeTree implements HostTree {
  readonly changes: HostTreeChanges | null;
  /** The real path of the root, with no link in it. */
  private readonly root: string;
  private trusted = "";
  private trust = 0;

  /** Throws as node:fs does if the directory cannot be read. */
  constructor(directory: string, access: "read" | "write") {
    this.root = textOf(realpathSync.native(directory, { encoding: "buffer" })).replace(/\/$/, "");
    if (!lstatSync(bytesOf(this.root || "/")).isDirectory()) throw new NotADirectory(directory);
    this.changes = access === "write" ? new NodeTreeChanges((path) => this.resolve(path)) : null;
  }

  /** The host's path of a thing whose directory really is inside the root; throws ELOOP if a link leads elsewhere. */
  private resolve(path: string): Buffer {
    const slash = path.lastIndexOf("/");
    const directory = this.resolveDirectory(slash < 0 ? "" : path.slice(0, slash));
    return path === "" ? directory : bytesOf(`${this.root}/${path}`);
  }

  /** The host's path of a directory that is no link itself. */
  private resolveDirectory(path: string): Buffer {
    const expected = path === "" ? this.root || "/" : `${this.root}/${path}`;
    if (path !== this.trusted || this.trust === 0) {
      const real = textOf(realpathSync.native(bytesOf(expected), { encoding: "buffer" }));
      if (real !== expected) throw new LeadsElsewhere();
      this.trusted = path;
      this.trust = TRUST;
    }
    this.trust -= 1;
    return bytesOf(expected);
  }

  stat(path: string): HostStat | number {
    return attempt(() => {
      const stat = lstatSync(this.resolve(path), { bigint: true });
      return {
        kind: kindOf(stat),
        permissions: Number(stat.mode) & 0o7777,
        size: Number(stat.size),
        links: Number(stat.nlink),
        identity: `${stat.dev}:${stat.ino}`,
        accessed: timespecOf(stat.atimeNs),
        modified: timespecOf(stat.mtimeNs),
        changed: timespecOf(stat.ctimeNs),
      };
    });
  }

  list(path: string): HostEntry[] | number {
    return attempt(() =>
      readdirSync(this.resolveDirectory(path), { withFileTypes: true, encoding: "buffer" }).map((entry) => ({
        name: textOf(entry.name),
        kind: kindOf(entry),
      })),
    );
  }

  readlink(path: string): string | number {
    return attempt(() => textOf(readlinkSync(this.resolve(path), { encoding: "buffer" })));
  }

  open(path: string, access: "read" | "write"): HostFile | number {
    const resolved = attempt(() => this.resolve(path));
    return typeof resolved === "number" ? resolved : openRegularFile(resolved, access, "nofollow");
  }
}

const NANOSECONDS = 1_000_000_000n;

function timespecOf(nanoseconds: bigint): Timespec {
  const sec = nanoseconds / NANOSECONDS - (nanoseconds % NANOSECONDS < 0n ? 1n : 0n);
  return { sec: Number(sec), nsec: Number(nanoseconds - sec * NANOSECONDS) };
}

const secondsOf = ({ sec, nsec }: Timespec) => sec + nsec / 1e9;

class NodeTreeChanges implements HostTreeChanges {
  private readonly resolve: (path: string) => Buffer;

  constructor(resolve: (path: string) => Buffer) {
    this.resolve = resolve;
  }

  createFile(path: string, permissions: number): number {
    return succeed(() => {
      const fd = openSync(this.resolve(path), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, permissions);
      fchmodSync(fd, permissions);
      closeSync(fd);
    });
  }

  mkdir(path: string, permissions: number): number {
    return succeed(() => {
      mkdirSync(this.resolve(path), permissions);
      chmodSync(this.resolve(path), permissions);
    });
  }

  symlink(path: string, target: string): number {
    return succeed(() => symlinkSync(bytesOf(target), this.resolve(path)));
  }

  link(existing: string, path: string): number {
    return succeed(() => {
      const from = Buffer.from(this.resolve(existing));
      linkSync(from, this.resolve(path));
    });
  }

  unlink(path: string): number {
    return succeed(() => unlinkSync(this.resolve(path)));
  }

  rmdir(path: string): number {
    return succeed(() => rmdirSync(this.resolve(path)));
  }

  rename(from: string, to: string): number {
    return succeed(() => renameSync(this.resolve(from), this.resolve(to)));
  }

  chmod(path: string, permissions: number): number {
    return succeed(() => {
      const resolved = this.resolve(path);
      if (!lstatSync(resolved).isSymbolicLink()) chmodSync(resolved, permissions);
    });
  }

  utimes(path: string, accessed: Timespec, modified: Timespec): number {
    return succeed(() => lutimesSync(this.resolve(path), secondsOf(accessed), secondsOf(modified)));
  }
}

/** Says ELOOP to the guest, as an O_NOFOLLOW walk would. */
class LeadsElsewhere extends Error {
  readonly code = "ELOOP";
}

/** The directory given as the root is none. */
export class NotADirectory extends Error {
  readonly code = "ENOTDIR";

  constructor(path: string) {
    super(`${path}: not a directory`);
  }
}
