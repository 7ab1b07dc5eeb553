/**
 * The only doors between the guest's kernel and the machine it runs on: a directory tree, three standard streams, one
 * line of log. The command line provides them from Node, a browser page from memory, tests from memory.
 *
 * Names and paths are byte strings: one character per byte, 0..255, so that names that are no UTF-8 survive. A path is
 * relative to the tree's root, its names joined by "/", never "." or "..", "" for the root itself. Numbers below zero
 * are negated error numbers of kernel/errno.ts.
 */

/** Seconds since 1970 and nanoseconds within the second (0..999999999). */
export interface Timespec {
  sec: number;
  nsec: number;
}

/** What is neither file, directory nor link has a name but is never opened; devices are "other". */
export type HostKind = "file" | "directory" | "symlink" | "fifo" | "socket" | "other";

export interface HostStat {
  kind: HostKind;
  /** Permission bits, 07777. */
  permissions: number;
  size: number;
  /** Number of names of a file; equal `identity` means the same file. */
  links: number;
  identity: string;
  accessed: Timespec;
  modified: Timespec;
  changed: Timespec;
}

export interface HostEntry {
  name: string;
  kind: HostKind;
}

/** An open regular file. */
export interface HostFile {
  size(): number;
  /** Bytes read (fewer only at the end of the file), 0 at or beyond it, or -errno. */
  readAt(position: number, buffer: Uint8Array, offset: number, length: number): number;
  /** Bytes written or -errno; -EBADF unless opened for writing. */
  writeAt(position: number, buffer: Uint8Array, offset: number, length: number): number;
  truncate(size: number): number;
  sync(): number;
  close(): void;
}

/** A directory tree. No operation follows a symbolic link in any component, nor leaves the tree. */
export interface HostTree {
  /** Attributes of the thing itself, a symbolic link not followed. */
  stat(path: string): HostStat | number;
  /** The names in a directory in any order, without "." and "..". */
  list(path: string): HostEntry[] | number;
  readlink(path: string): string | number;
  open(path: string, access: "read" | "write"): HostFile | number;
  /** What changes the tree; null when the tree is only read. */
  readonly changes: HostTreeChanges | null;
}

/** Each returns 0 or -errno, -EEXIST if a thing to be made is there. */
export interface HostTreeChanges {
  createFile(path: string, permissions: number): number;
  mkdir(path: string, permissions: number): number;
  symlink(path: string, target: string): number;
  link(existing: string, path: string): number;
  unlink(path: string): number;
  rmdir(path: string): number;
  rename(from: string, to: string): number;
  chmod(path: string, permissions: number): number;
  utimes(path: string, accessed: Timespec, modified: Timespec): number;
}

export interface HostInput {
  /** Bytes read, 0 at the end of input, -EAGAIN if nothing is there yet; never waits. */
  read(buffer: Uint8Array, offset: number, length: number): number;
  /** Would `read` return something else than -EAGAIN? */
  ready(): boolean;
  readonly terminal: boolean;
  /**
   * A terminal that is raw neither echoes, nor edits lines, nor makes signals: the guest does. Absent: it stays as it is,
   * which is cooked unless `alwaysRaw`.
   */
  setRaw?(raw: boolean): void;
  readonly alwaysRaw?: boolean;
}

export interface HostOutput {
  /** Bytes written (all of them) or -errno. The bytes are the host's only until it returns. */
  write(bytes: Uint8Array): number;
  readonly terminal: boolean;
}

/** The program to run when there is no tree: the guest sees this one file at `path`. */
export interface HostProgram {
  path: string;
  permissions: number;
  file: HostFile;
}

export interface Host {
  /** The guest's root directory, or null for a root that holds nothing but the program. */
  readonly tree: HostTree | null;
  readonly program: HostProgram | null;
  readonly stdin: HostInput;
  readonly stdout: HostOutput;
  readonly stderr: HostOutput;
  /** Size of the terminal in characters; asked only if a stream is one. */
  windowSize(): { rows: number; columns: number };
  /** One line about the machine itself (an unknown system call, ...), without a newline. */
  log(line: string): void;
  /** Do files show the host's times instead of the fixed epoch? */
  readonly hostTimes: boolean;
}
