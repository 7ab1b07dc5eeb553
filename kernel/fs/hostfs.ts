/** The guest's root written through to a directory of the host (`--writable`). Owners, and nodes of special files, stay in memory. */

import { EFBIG, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY, EROFS } from "../errno.ts";
import type { HostFile, HostStat, HostTree, HostTreeChanges, Timespec } from "../host.ts";
import { DIRECTORY_SIZE, diskBlocks } from "./disk-blocks.ts";
import { type FixedTime, modeOf } from "./host-type.ts";
import {
  type Attributes,
  type DirectoryEntry,
  Inode,
  MAX_FILE_SIZE,
  type Owner,
  RENAME_EXCHANGE,
  S_IFDIR,
  S_IFLNK,
  S_IFREG,
  SuperBlock,
} from "./inode.ts";
import { byBytes } from "./tmpfs.ts";

/** f_type of ext2, ext3 and ext4: the filesystem that programs expect a disk to have. */
export const EXT4_SUPER_MAGIC = 0xef53;

export class HostfsSuperBlock extends SuperBlock {
  readonly tree: HostTree;
  readonly fixedTime: FixedTime;
  /** Files of the host with several names, by identity. */
  readonly linked = new Map<string, HostfsInode>();

  constructor(tree: HostTree, dev: number, now: () => Timespec, fixedTime: FixedTime) {
    super("ext4", EXT4_SUPER_MAGIC, dev, now);
    this.tree = tree;
    this.fixedTime = fixedTime;
  }

  get changes(): HostTreeChanges | null {
    return this.tree.changes;
  }

  root(): HostfsInode | number {
    const stat = this.tree.stat("");
    return typeof stat === "number" ? stat : new HostfsInode(this, modeOf(stat), stat);
  }
}

/** One name of an inode: where the host has it. */
interface Alias {
  directory: HostfsInode;
  name: string;
}

/** A file that the host has (or, if `virtual`, a special file that only the guest has). */
export class HostfsInode extends Inode {
  declare readonly sb: HostfsSuperBlock;
  /** Children met so far; the others are asked from the host. */
  private readonly entries = new Map<string, HostfsInode>();
  /** Names by which the host knows the inode; the first one is used. Empty for the root and after the last unlink. */
  private aliases: Alias[] = [];
  private length = 0;
  private handle: { access: "read" | "write"; file: HostFile } | null = null;
  private readonly virtual: boolean;

  constructor(sb: HostfsSuperBlock, mode: number, stat: HostStat | null) {
    super(sb, mode);
    this.virtual = stat === null;
    if (stat === null) return;
    this.nlink = stat.links;
    this.length = stat.size;
    this.atime = sb.fixedTime ?? stat.accessed;
    this.mtime = sb.fixedTime ?? stat.modified;
    this.ctime = sb.fixedTime ?? stat.changed;
  }

  /** Path in the host's tree. */
  private get path(): string {
    const alias = this.aliases[0];
    if (alias === undefined) return "";
    return alias.directory.childPath(alias.name);
  }

  private childPath(name: string): string {
    const directory = this.path;
    return directory === "" ? name : `${directory}/${name}`;
  }

  override get size(): number {
    return this.isDirectory ? DIRECTORY_SIZE : this.length;
  }

  override get blocks(): number {
    return diskBlocks(this);
  }

  override readAt(position: number, buffer: Uint8Array, offset: number, length: number): number {
    if (this.isDirectory) return -EISDIR;
    const file = this.open("read");
    return typeof file === "number" ? file : file.readAt(position, buffer, offset, length);
  }

  override writeAt(position: number, buffer: Uint8Array, offset: number, length: number): number {
    if (this.isDirectory) return -EISDIR;
    if (position + length > MAX_FILE_SIZE) return -EFBIG;
    const file = this.open("write");
    if (typeof file === "number") return file;
    const bytes = file.writeAt(position, buffer, offset, length);
    if (bytes > 0) this.length = Math.max(this.length, position + bytes);
    return bytes;
  }

  override truncate(size: number): number {
    if (this.isDirectory) return -EISDIR;
    const file = this.open("write");
    if (typeof file === "number") return file;
    const result = file.truncate(size);
    if (result >= 0) this.length = size;
    return result;
  }

  override sync(): number {
    return this.handle?.access === "write" ? this.handle.file.sync() : 0;
  }

  override readlink(): string | number {
    return this.sb.tree.readlink(this.path);
  }

  override lookup(name: string): Inode | number {
    if (!this.isDirectory) return -ENOTDIR;
    const known = this.entries.get(name);
    if (known !== undefined) return known;
    const stat = this.sb.tree.stat(this.childPath(name));
    if (typeof stat === "number") return stat;
    return this.adopt(name, stat);
  }

  override readdir(): DirectoryEntry[] | number {
    if (!this.isDirectory) return -ENOTDIR;
    const list = this.sb.tree.list(this.path);
    if (typeof list === "number") return list;
    const names = new Set(list.map((entry) => entry.name));
    for (const [name, inode] of this.entries) if (inode.virtual) names.add(name);
    return [...names].sort(byBytes).flatMap((name) => {
      const inode = this.lookup(name);
      return typeof inode === "number" ? [] : [{ name, ino: inode.ino, type: inode.type }];
    });
  }

  override create(name: string, mode: number, rdev: number, owner: Owner): Inode | number {
    const inode =
      (mode & ~0o7777) === S_IFREG
        ? this.make(name, (changes, path) => changes.createFile(path, mode & 0o7777))
        : this.adoptVirtual(name, mode, rdev);
    return typeof inode === "number" ? inode : this.own(inode, mode, owner);
  }

  /** Made under a name that is free and unlinked once it is open: the host keeps it as long as that. */
  override createUnnamed(mode: number, owner: Owner): Inode | number {
    const name = this.spareName(".unnamed");
    const inode = this.create(name, mode, 0, owner);
    if (typeof inode === "number" || !(inode instanceof HostfsInode)) return inode;
    const file = inode.open("write");
    inode.openCount += 1;
    const removed = typeof file === "number" ? file : this.unlink(name, inode);
    inode.openCount -= 1;
    return removed < 0 ? removed : inode;
  }

  /** A name that nobody has in this directory. */
  private spareName(wish: string): string {
    const base = wish.slice(0, 240);
    let number = 0;
    while (typeof this.sb.tree.stat(this.childPath(`${base}.${number}`)) !== "number") number += 1;
    return `${base}.${number}`;
  }

  override mkdir(name: string, mode: number, owner: Owner): Inode | number {
    const inode = this.make(name, (changes, path) => changes.mkdir(path, mode & 0o7777));
    if (typeof inode === "number") return inode;
    inode.nlink = 2;
    this.nlink += 1;
    return this.own(inode, S_IFDIR | mode, owner);
  }

  override symlink(name: string, target: string, owner: Owner): Inode | number {
    const inode = this.make(name, (changes, path) => changes.symlink(path, target));
    return typeof inode === "number" ? inode : this.own(inode, S_IFLNK | 0o777, owner);
  }

  override link(name: string, inode: Inode): number {
    const changes = this.sb.changes;
    if (changes === null || !(inode instanceof HostfsInode)) return -EROFS;
    const result = inode.virtual ? 0 : changes.link(inode.path, this.childPath(name));
    if (result < 0) return result;
    inode.nlink += 1;
    inode.aliases.push({ directory: this, name });
    inode.touchCtime();
    this.entries.set(name, inode);
    this.touchMtime();
    return 0;
  }

  override unlink(name: string, inode: Inode): number {
    const changes = this.sb.changes;
    if (changes === null || !(inode instanceof HostfsInode)) return -EROFS;
    // Whoever still reads or writes it must have it open before its last name goes.
    if (inode.openCount > 0 && inode.isRegular && typeof inode.open("write") === "number") inode.open("read");
    const result = inode.virtual ? 0 : changes.unlink(this.childPath(name));
    if (result < 0) return result;
    this.forget(name, inode);
    inode.nlink -= 1;
    inode.touchCtime();
    inode.dropIfUnused();
    return 0;
  }

  override rmdir(name: string, inode: Inode): number {
    const changes = this.sb.changes;
    if (changes === null || !(inode instanceof HostfsInode)) return -EROFS;
    const entries = inode.readdir();
    if (typeof entries !== "number" && entries.length > 0) return -ENOTEMPTY;
    const result = changes.rmdir(this.childPath(name));
    if (result < 0) return result;
    this.forget(name, inode);
    this.nlink -= 1;
    inode.nlink = 0;
    inode.dropIfUnused();
    return 0;
  }

  override rename(
    name: string,
    inode: Inode,
    newDirectory: Inode,
    newName: string,
    replaced: Inode | null,
    flags: number,
  ): number {
    const changes = this.sb.changes;
    if (changes === null || !(newDirectory instanceof HostfsInode) || !(inode instanceof HostfsInode)) return -EROFS;
    if (flags === RENAME_EXCHANGE) return this.exchange(changes, name, inode, newDirectory, newName, replaced);
    if (replaced !== null) {
      const removed = replaced.isDirectory
        ? newDirectory.rmdir(newName, replaced)
        : newDirectory.unlink(newName, replaced);
      if (removed < 0) return removed;
    }
    const result = inode.virtual ? 0 : changes.rename(this.childPath(name), newDirectory.childPath(newName));
    if (result < 0) return result;
    this.forget(name, inode);
    newDirectory.remember(newName, inode);
    if (inode.isDirectory && this !== newDirectory) {
      this.nlink -= 1;
      newDirectory.nlink += 1;
    }
    inode.touchCtime();
    return 0;
  }

  override setAttributes(wanted: Attributes): number {
    const changes = this.sb.changes;
    if (changes === null) return -EROFS;
    if (!this.virtual && this.nlink > 0 && !this.isSymlink) {
      if (wanted.mode !== undefined) {
        const result = changes.chmod(this.path, wanted.mode & 0o7777);
        if (result < 0) return result;
      }
      if ((wanted.atime !== undefined || wanted.mtime !== undefined) && this.sb.fixedTime === null) {
        const result = changes.utimes(this.path, wanted.atime ?? this.atime, wanted.mtime ?? this.mtime);
        if (result < 0) return result;
      }
    }
    return super.setAttributes(wanted);
  }

  override lastClose(): void {
    this.handle?.file.close();
    this.handle = null;
  }

  /** No host can exchange two names in one step everywhere: three renames over a name that is free. */
  private exchange(
    changes: HostTreeChanges,
    name: string,
    inode: HostfsInode,
    newDirectory: HostfsInode,
    newName: string,
    replaced: Inode | null,
  ): number {
    if (!(replaced instanceof HostfsInode)) return -ENOENT;
    const spare = this.spareName(`.${name}.exchange`);
    const [from, between, to] = [this.childPath(name), this.childPath(spare), newDirectory.childPath(newName)];
    const steps: [string, string][] = [];
    if (!inode.virtual) steps.push([from, between]);
    if (!replaced.virtual) steps.push([to, from]);
    if (!inode.virtual) steps.push([between, to]);
    for (const [source, target] of steps) {
      const result = changes.rename(source, target);
      if (result < 0) return result;
    }
    this.forget(name, inode);
    newDirectory.forget(newName, replaced);
    this.remember(name, replaced);
    newDirectory.remember(newName, inode);
    if (inode.isDirectory !== replaced.isDirectory && this !== newDirectory) {
      const [loses, gains] = inode.isDirectory ? [this, newDirectory] : [newDirectory, this];
      loses.nlink -= 1;
      gains.nlink += 1;
    }
    return 0;
  }

  /** Makes something on the host and adopts it. */
  private make(name: string, change: (changes: HostTreeChanges, path: string) => number): HostfsInode | number {
    const changes = this.sb.changes;
    if (changes === null) return -EROFS;
    const path = this.childPath(name);
    const result = change(changes, path);
    if (result < 0) return result;
    const stat = this.sb.tree.stat(path);
    if (typeof stat === "number") return stat;
    this.touchMtime();
    return this.adopt(name, stat);
  }

  private adopt(name: string, stat: HostStat): HostfsInode {
    const severalNames = stat.kind === "file" && stat.links > 1;
    const known = severalNames ? this.sb.linked.get(stat.identity) : undefined;
    const inode = known ?? new HostfsInode(this.sb, modeOf(stat), stat);
    if (severalNames) this.sb.linked.set(stat.identity, inode);
    this.entries.set(name, inode);
    inode.aliases.push({ directory: this, name });
    return inode;
  }

  private adoptVirtual(name: string, mode: number, rdev: number): HostfsInode {
    const inode = new HostfsInode(this.sb, mode, null);
    inode.rdev = rdev;
    this.remember(name, inode);
    return inode;
  }

  /** What the guest has just made: its times are the guest's. */
  private own(inode: HostfsInode, mode: number, owner: Owner): HostfsInode {
    const now = this.sb.now();
    inode.mode = mode;
    inode.uid = owner.uid;
    inode.gid = owner.gid;
    inode.atime = now;
    inode.mtime = now;
    inode.ctime = now;
    return inode;
  }

  private remember(name: string, inode: HostfsInode): void {
    this.entries.set(name, inode);
    inode.aliases.push({ directory: this, name });
    this.touchMtime();
  }

  private forget(name: string, inode: HostfsInode): void {
    this.entries.delete(name);
    inode.aliases = inode.aliases.filter((alias) => alias.directory !== this || alias.name !== name);
    this.touchMtime();
  }

  /** The open file of the host; one that is open for reading is reopened for the first write. */
  private open(access: "read" | "write"): HostFile | number {
    if (this.handle !== null && (access === "read" || this.handle.access === "write")) return this.handle.file;
    if (this.aliases.length === 0) return -ENOENT;
    const file = this.sb.tree.open(this.path, access);
    if (typeof file === "number") return file;
    this.handle?.file.close();
    this.handle = { access, file };
    return file;
  }
}
