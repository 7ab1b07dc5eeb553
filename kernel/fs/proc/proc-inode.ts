/** The kinds of things in /proc: directories that are asked anew each time, generated texts, links. cf. fs/proc/generic.c, fs/seq_file.c. */

import { EFAULT, EINVAL, ENOENT } from "../../errno.ts";
import type { Timespec } from "../../host.ts";
import type { ThreadGroup } from "../../task/task.ts";
import type { Dentry } from "../dentry.ts";
import { File, type OpensItself } from "../file.ts";
import { type DirectoryEntry, Inode, S_IFDIR, S_IFLNK, S_IFREG, type SpecialAccess, SuperBlock } from "../inode.ts";
import type { IovIter } from "../iov-iter.ts";
import { seekTo } from "../regular-file.ts";
import { latin1 } from "../syscalls-names.ts";
import { byBytes } from "../tmpfs.ts";

export const PROC_SUPER_MAGIC = 0x9fa0;

/** The inode number of a thing is a hash of its path, so that the same thing keeps its number (FNV-1a, never below 1). */
export class ProcSuperBlock extends SuperBlock {
  constructor(dev: number, now: () => Timespec) {
    super("proc", PROC_SUPER_MAGIC, dev, now, true);
  }

  inoOf(path: string): number {
    let hash = 0x811c9dc5;
    for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193);
    return (hash & 0x7fffffff) + 1;
  }
}

export interface ProcOwner {
  uid: number;
  gid: number;
}

/** One entry of a directory of /proc, made into an inode when somebody looks. */
export type ProcEntry =
  | {
      kind: "directory";
      mode?: number;
      children: () => ProcEntries;
      owner?: ProcOwner;
      order?: "listed";
      /** Who may enter besides, or in spite of, what the mode says. */
      access?: () => SpecialAccess;
      /** The process whose directory /proc/PID this is. */
      process?: ThreadGroup;
    }
  | {
      kind: "text";
      mode?: number;
      /** Asked when the file is opened. */
      open: () => TextReader | number;
      write?: (text: string) => number;
      owner?: ProcOwner;
    }
  | { kind: "text"; mode?: number; read: TextReader; write?: (text: string) => number; owner?: ProcOwner }
  | { kind: "link"; read: () => string | number; owner?: ProcOwner }
  | { kind: "magic"; mode?: number; read: () => string | number; jump: () => Dentry | number; owner?: ProcOwner }
  | { kind: "memory"; mode?: number; open: () => MemoryTransfer | number; owner?: ProcOwner };

/** The whole text, or -errno. */
export type TextReader = () => string | Uint8Array | number;

/** Bytes at a position, as /proc/PID/mem and pagemap have them: bytes moved, or -errno. */
export interface MemoryTransfer {
  /** Position and length of a read are multiples of it. */
  readonly unit: number;
  read(position: number, bytes: Uint8Array): number;
  write(position: number, bytes: Uint8Array): number;
  /** The last descriptor of the file is closed. */
  close?(): void;
}

/** Names and what they stand for; `lookup` may know names that are not listed. */
export interface ProcEntries {
  list(): string[];
  lookup(name: string): ProcEntry | null;
}

/** Entries of a fixed table. */
export function fixedEntries(table: Readonly<Record<string, ProcEntry>>): ProcEntries {
  return {
    list: () => Object.keys(table),
    lookup: (name) => (Object.hasOwn(table, name) ? (table[name] ?? null) : null),
  };
}

const typeOf = { directory: S_IFDIR, text: S_IFREG, link: S_IFLNK, magic: S_IFLNK, memory: S_IFREG };

/** The inode of an entry; `key` names it within the superblock. */
export function procInode(sb: ProcSuperBlock, key: string, entry: ProcEntry): Inode {
  const inode = makeInode(sb, key, entry);
  inode.uid = entry.owner?.uid ?? 0;
  inode.gid = entry.owner?.gid ?? 0;
  return inode;
}

function makeInode(sb: ProcSuperBlock, key: string, entry: ProcEntry): Inode {
  const ino = sb.inoOf(key);
  switch (entry.kind) {
    case "directory":
      return new ProcDirectory(sb, ino, key, entry);
    case "text":
      return new ProcText(sb, ino, entry.mode ?? (entry.write === undefined ? 0o444 : 0o644), entry);
    case "link":
      return new ProcLink(sb, ino, entry.read);
    case "magic":
      return new ProcMagicLink(sb, ino, entry.mode ?? 0o777, entry.read, entry.jump);
    case "memory":
      return new ProcMemory(sb, ino, entry.mode ?? 0o600, entry.open);
  }
}

export class ProcDirectory extends Inode {
  declare readonly sb: ProcSuperBlock;
  /** Of /proc/PID; null for every other directory. */
  readonly process: ThreadGroup | null;
  private readonly key: string;
  private readonly entries: ProcEntries;
  private readonly order: "listed" | "sorted";
  private readonly access: () => SpecialAccess;

  constructor(sb: ProcSuperBlock, ino: number, key: string, entry: ProcEntry & { kind: "directory" }) {
    super(sb, S_IFDIR | (entry.mode ?? 0o555), ino);
    this.key = key;
    this.entries = entry.children();
    this.order = entry.order ?? "sorted";
    this.access = entry.access ?? (() => "by mode");
    this.process = entry.process ?? null;
    this.nlink = 2;
  }

  override specialAccess(): SpecialAccess {
    return this.access();
  }

  override prepareStat(): void {
    this.nlink = 2;
    for (const name of this.entries.list()) if (this.entries.lookup(name)?.kind === "directory") this.nlink += 1;
  }

  override lookup(name: string): Inode | number {
    const entry = this.entries.lookup(name);
    return entry === null ? -ENOENT : procInode(this.sb, `${this.key}/${name}`, entry);
  }

  override readdir(): DirectoryEntry[] | number {
    const names = this.entries.list();
    if (this.order === "sorted") names.sort(byBytes);
    return names.flatMap((name) => {
      const entry = this.entries.lookup(name);
      if (entry === null) return [];
      return [{ name, ino: this.sb.inoOf(`${this.key}/${name}`), type: typeOf[entry.kind] }];
    });
  }
}

class ProcLink extends Inode {
  private readonly read: () => string | number;

  constructor(sb: ProcSuperBlock, ino: number, read: () => string | number) {
    super(sb, S_IFLNK | 0o777, ino);
    this.read = read;
  }

  override readlink(): string | number {
    return this.read();
  }
}

/** Leads to the thing itself, whatever its name is by now. */
class ProcMagicLink extends Inode {
  readonly jump: () => Dentry | number;
  private readonly read: () => string | number;

  constructor(sb: ProcSuperBlock, ino: number, mode: number, read: () => string | number, jump: () => Dentry | number) {
    super(sb, S_IFLNK | mode, ino);
    this.read = read;
    this.jump = jump;
  }

  override get size(): number {
    return 64;
  }

  override get blocks(): number {
    return 0;
  }

  override readlink(): string | number {
    return this.read();
  }
}

class ProcText extends Inode implements OpensItself {
  private readonly entry: ProcEntry & { kind: "text" };

  constructor(sb: ProcSuperBlock, ino: number, mode: number, entry: ProcEntry & { kind: "text" }) {
    super(sb, S_IFREG | mode, ino);
    this.entry = entry;
  }

  openFile(dentry: Dentry, flags: number): File | number {
    const { entry } = this;
    const reader = "open" in entry ? entry.open() : entry.read;
    return typeof reader === "number" ? reader : new ProcTextFile(dentry, flags, reader, entry.write ?? null);
  }
}

/** The text is made when it is read from the beginning, and stays until then: what is read is one consistent state. */
class ProcTextFile extends File {
  private readonly reader: TextReader;
  private readonly writer: ((text: string) => number) | null;
  private bytes: Uint8Array | null = null;

  constructor(dentry: Dentry, flags: number, reader: TextReader, writer: ((text: string) => number) | null) {
    super(dentry, flags);
    this.reader = reader;
    this.writer = writer;
  }

  override get seekable(): boolean {
    return true;
  }

  override read(to: IovIter, position: number): number {
    if (this.bytes === null || position === 0) {
      const made = this.reader();
      if (typeof made === "number") return made;
      this.bytes = typeof made === "string" ? latin1(made) : made;
    }
    const wanted = Math.max(0, Math.min(to.count, this.bytes.length - position));
    const copied = to.copyTo(this.bytes, position, wanted);
    return copied > 0 || wanted === 0 ? copied : -EFAULT;
  }

  override write(from: IovIter): number {
    if (this.writer === null) return -EINVAL;
    const bytes = new Uint8Array(Math.min(from.count, 4096));
    const copied = from.copyFrom(bytes, 0, bytes.length);
    if (copied < bytes.length) return -EFAULT;
    const result = this.writer(String.fromCharCode(...bytes));
    return result < 0 ? result : copied;
  }

  override seek(offset: number, whence: number): number {
    const target = seekTo(offset, whence, this.position, 0);
    if (target >= 0) this.position = target;
    return target;
  }
}

class ProcMemory extends Inode implements OpensItself {
  private readonly open: () => MemoryTransfer | number;

  constructor(sb: ProcSuperBlock, ino: number, mode: number, open: () => MemoryTransfer | number) {
    super(sb, S_IFREG | mode, ino);
    this.open = open;
  }

  openFile(dentry: Dentry, flags: number): File | number {
    const transfer = this.open();
    return typeof transfer === "number" ? transfer : new ProcMemoryFile(dentry, flags, transfer);
  }
}

class ProcMemoryFile extends File {
  private readonly transfer: MemoryTransfer;

  constructor(dentry: Dentry, flags: number, transfer: MemoryTransfer) {
    super(dentry, flags);
    this.transfer = transfer;
  }

  override release(): void {
    this.transfer.close?.();
  }

  override get seekable(): boolean {
    return true;
  }

  override read(to: IovIter, position: number): number {
    const { unit } = this.transfer;
    if (position % unit !== 0 || to.count % unit !== 0) return -EINVAL;
    let done = 0;
    while (to.count > 0) {
      const bytes = new Uint8Array(Math.min(to.count, 65536));
      const read = this.transfer.read(position + done, bytes);
      if (read <= 0) return done > 0 ? done : read;
      const copied = to.copyTo(bytes, 0, read);
      done += copied;
      if (copied < read) return done > 0 ? done : -EFAULT;
      if (read < bytes.length) break;
    }
    return done;
  }

  override write(from: IovIter, position: number): number {
    let done = 0;
    while (from.count > 0) {
      const bytes = new Uint8Array(Math.min(from.count, 65536));
      const copied = from.copyFrom(bytes, 0, bytes.length);
      const written = copied > 0 ? this.transfer.write(position + done, bytes.subarray(0, copied)) : -EFAULT;
      if (written <= 0) return done > 0 ? done : written;
      done += written;
      if (written < bytes.length) break;
    }
    return done;
  }

  /** mem_lseek(): only from the start and from here. */
  override seek(offset: number, whence: number): number {
    if (whence !== 0 && whence !== 1) return -EINVAL;
    const target = seekTo(offset, whence, this.position, 0);
    if (target >= 0) this.position = target;
    return target;
  }
}
