/** Files in memory: tmpfs, the upper half of the root overlay, memfds. cf. mm/shmem.c, fs/libfs.c. */

import { EEXIST, EFBIG, EISDIR, EMLINK, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY } from "../errno.ts";
import type { Timespec } from "../host.ts";
import type { Backing } from "../mm/filemap.ts";
import {
  type DirectoryEntry,
  type FsStatistics,
  Inode,
  MAX_FILE_SIZE,
  type Owner,
  RENAME_EXCHANGE,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_ISGID,
  SuperBlock,
} from "./inode.ts";
import { F_SEAL_SEAL } from "./seals.ts";
import { SparseData, type StorageBudget } from "./sparse-data.ts";

export const TMPFS_MAGIC = 0x01021994;

/** tmpfs entries count as 20 bytes each in the size of a directory: BOGO_DIRENT_SIZE. */
const BOGO_DIRENT_SIZE = 20;

export class TmpfsSuperBlock extends SuperBlock {
  readonly budget: StorageBudget;
  inodes = 0;

  constructor(type: string, magic: number, dev: number, now: () => Timespec, budget: StorageBudget) {
    super(type, magic, dev, now);
    this.budget = budget;
  }

  /** As many inodes as pages: an empty file costs the host about as much. cf. shmem_default_max_inodes(). */
  get inodeLimit(): number {
    return this.budget.pages;
  }

  override statfs(): FsStatistics {
    const { pages, used } = this.budget;
    return {
      blockSize: 4096,
      blocks: pages,
      blocksFree: pages - used,
      files: this.inodeLimit,
      filesFree: this.inodeLimit - this.inodes,
    };
  }

  /** A new inode of any type, not yet in a directory; -ENOSPC when there are too many. */
  newInode(mode: number): TmpfsInode | number {
    if (this.inodes >= this.inodeLimit) return -ENOSPC;
    this.inodes += 1;
    const inode = this.makeInode(mode);
    inode.counted = true;
    return inode;
  }

  protected makeInode(mode: number): TmpfsInode {
    return new TmpfsInode(this, mode);
  }
}

/** The root directory of a new tmpfs. */
export function tmpfsRoot(sb: TmpfsSuperBlock, mode: number): TmpfsInode {
  const root = new TmpfsInode(sb, S_IFDIR | mode);
  root.nlink = 2;
  return root;
}

/**
 * Any type of file, held in memory. Invariants: a directory's nlink is 2 plus its subdirectories; `length` is the size of
 * a regular file, and no page of `data` holds anything but zeros beyond it.
 */
export class TmpfsInode extends Inode {
  declare readonly sb: TmpfsSuperBlock;
  protected readonly entries = new Map<string, Inode>();
  protected readonly data: SparseData;
  protected length = 0;
  protected target = "";
  /** Counts in the superblock's number of inodes. */
  counted = false;

  constructor(sb: TmpfsSuperBlock, mode: number) {
    super(sb, mode);
    this.data = new SparseData(sb.budget);
    if (this.isRegular && this.backing === "memory") this.seals = F_SEAL_SEAL;
  }

  override get size(): number {
    if (this.isDirectory) return this.entries.size * BOGO_DIRENT_SIZE;
    return this.isSymlink ? this.target.length : this.length;
  }

  override get backing(): Backing {
    return "memory";
  }

  /** Pages that are stored, and those that only the page cache has. */
  override get blocks(): number {
    let pages = this.data.pageCount;
    for (const index of this.mapping?.pages.keys() ?? []) if (!this.data.has(index)) pages++;
    return pages * 8;
  }

  override readAt(position: number, buffer: Uint8Array, offset: number, length: number): number {
    if (this.isDirectory) return -EISDIR;
    const bytes = Math.max(0, Math.min(length, this.length - position));
    this.data.read(position, buffer, offset, bytes);
    return bytes;
  }

  override writeAt(position: number, buffer: Uint8Array, offset: number, length: number): number {
    if (this.isDirectory) return -EISDIR;
    if (position + length > MAX_FILE_SIZE) return -EFBIG;
    const bytes = this.data.write(position, buffer, offset, length);
    if (bytes > 0) this.length = Math.max(this.length, position + bytes);
    return bytes;
  }

  override holds(index: number): boolean {
    return this.data.has(index);
  }

  override punchHole(first: number, end: number): number {
    this.data.discard(first, end);
    return 0;
  }

  override truncate(size: number): number {
    if (this.isDirectory) return -EISDIR;
    this.data.truncate(size);
    this.length = size;
    return 0;
  }

  /** fallocate: makes the pages of a range present, and the file as long if `grow`. */
  allocate(position: number, length: number, grow: boolean): number {
    const result = this.data.allocate(position, length);
    if (result === 0 && grow) this.length = Math.max(this.length, position + length);
    return result;
  }

  /** The first page from `index` on that is no hole, cached or stored; Infinity if there is none. */
  nextData(index: number): number {
    let found = this.data.next(index);
    for (const cached of this.mapping?.pages.keys() ?? []) if (cached >= index && cached < found) found = cached;
    return found;
  }

  /** The first page from `index` on that is a hole. */
  nextHole(index: number): number {
    let hole = index;
    while (this.data.has(hole) || this.mapping?.pages.has(hole)) hole++;
    return hole;
  }

  override lookup(name: string): Inode | number {
    if (!this.isDirectory) return -ENOTDIR;
    return this.entries.get(name) ?? -ENOENT;
  }

  override readdir(): DirectoryEntry[] | number {
    if (!this.isDirectory) return -ENOTDIR;
    const names = [...this.entries.keys()].sort(byBytes);
    return names.flatMap((name) => {
      const inode = this.entries.get(name);
      return inode === undefined ? [] : [{ name, ino: inode.ino, type: inode.type }];
    });
  }

  override create(name: string, mode: number, rdev: number, owner: Owner): Inode | number {
    const inode = this.newChild(name, mode, owner);
    if (typeof inode === "number") return inode;
    inode.rdev = rdev;
    this.insert(name, inode);
    return inode;
  }

  override createUnnamed(mode: number, owner: Owner): Inode | number {
    const inode = this.newChild(null, mode, owner);
    if (typeof inode !== "number") inode.nlink = 0;
    return inode;
  }

  override mkdir(name: string, mode: number, owner: Owner): Inode | number {
    if (this.nlink >= 0xffffffff) return -EMLINK;
    const inode = this.newChild(name, S_IFDIR | mode, owner);
    if (typeof inode === "number") return inode;
    inode.nlink = 2;
    this.nlink += 1;
    this.insert(name, inode);
    return inode;
  }

  override symlink(name: string, target: string, owner: Owner): Inode | number {
    const inode = this.newChild(name, S_IFLNK | 0o777, owner);
    if (typeof inode === "number") return inode;
    inode.target = target;
    this.insert(name, inode);
    return inode;
  }

  override link(name: string, inode: Inode): number {
    if (this.has(name)) return -EEXIST;
    inode.nlink += 1;
    inode.touchCtime();
    this.insert(name, inode);
    return 0;
  }

  override unlink(name: string, inode: Inode): number {
    this.erase(name);
    this.touchMtime();
    inode.nlink -= 1;
    inode.touchCtime();
    inode.dropIfUnused();
    return 0;
  }

  override rmdir(name: string, inode: Inode): number {
    if (!isEmpty(inode)) return -ENOTEMPTY;
    this.nlink -= 1;
    inode.nlink = 1;
    return this.unlink(name, inode);
  }

  override rename(
    name: string,
    inode: Inode,
    newDirectory: Inode,
    newName: string,
    replaced: Inode | null,
    flags: number,
  ): number {
    if (!(newDirectory instanceof TmpfsInode)) return -ENOTDIR;
    if (flags === RENAME_EXCHANGE) {
      if (replaced === null) return -ENOENT;
      if (inode.isDirectory !== replaced.isDirectory && this !== newDirectory) {
        const [from, to] = inode.isDirectory ? [this, newDirectory] : [newDirectory, this];
        from.nlink -= 1;
        to.nlink += 1;
      }
      this.insert(name, replaced);
      newDirectory.insert(newName, inode);
      replaced.touchCtime();
      inode.touchCtime();
      return 0;
    }
    if (replaced !== null) {
      const removed = replaced.isDirectory
        ? newDirectory.rmdir(newName, replaced)
        : newDirectory.unlink(newName, replaced);
      if (removed < 0) return removed;
    }
    this.erase(name);
    if (inode.isDirectory && this !== newDirectory) {
      this.nlink -= 1;
      newDirectory.nlink += 1;
    }
    newDirectory.insert(newName, inode);
    this.touchMtime();
    inode.touchCtime();
    return 0;
  }

  override readlink(): string | number {
    return this.target;
  }

  override evict(): void {
    this.data.clear();
    if (this.counted) this.sb.inodes -= 1;
    this.counted = false;
  }

  /** Is the name taken? */
  protected has(name: string): boolean {
    return this.entries.has(name);
  }

  /** Sets the name's inode, whatever it was before. */
  protected insert(name: string, inode: Inode): void {
    this.entries.set(name, inode);
    this.touchMtime();
  }

  /** Takes the name away. */
  protected erase(name: string): void {
    this.entries.delete(name);
  }

  /** No name is left in this directory. */
  get empty(): boolean {
    return this.entries.size === 0;
  }

  private newChild(name: string | null, mode: number, owner: Owner): TmpfsInode | number {
    if (name !== null && this.has(name)) return -EEXIST;
    const inherits = (this.mode & S_ISGID) !== 0;
    const inode = this.sb.newInode(inherits && (mode & S_IFMT) === S_IFDIR ? mode | S_ISGID : mode);
    if (typeof inode === "number") return inode;
    inode.uid = owner.uid;
    inode.gid = inherits ? this.gid : owner.gid;
    return inode;
  }
}

function isEmpty(inode: Inode): boolean {
  const entries = inode.readdir();
  return typeof entries !== "number" && entries.length === 0;
}

/** Order of names by their bytes. */
export function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
