/**
 * The guest's root over a directory of the host that is only read: changes stay in memory. cf. fs/overlayfs.
 *
 *     name looked up     entries (upper, or lower already met)  ->  whiteouts: ENOENT  ->  lower tree of the host
 *     page of a file     data (upper: written pages)            ->  lower file, up to lowerLimit  ->  zeros
 *
 * Copying up is by page: a file of the host that is written to keeps reading its other pages from the host. An inode knows
 * where it lies in the lower tree, so that renaming moves no contents, not even of a directory.
 */

import { EFBIG, EIO, EISDIR, ENOENT, ENOTDIR } from "../errno.ts";
import type { HostFile, HostStat, HostTree, Timespec } from "../host.ts";
import type { Backing } from "../mm/filemap.ts";
import { DIRECTORY_SIZE, diskBlocks } from "./disk-blocks.ts";
import { type FixedTime, modeOf, TYPE_OF_KIND } from "./host-type.ts";
import { type DirectoryEntry, type Inode, MAX_FILE_SIZE, S_IFDIR } from "./inode.ts";
import type { StorageBudget } from "./sparse-data.ts";
import { TmpfsInode, TmpfsSuperBlock } from "./tmpfs.ts";

export const OVERLAYFS_SUPER_MAGIC = 0x794c7630;

export class OverlaySuperBlock extends TmpfsSuperBlock {
  readonly tree: HostTree;
  readonly fixedTime: FixedTime;
  /** Files of the host with several names, by identity. */
  readonly linked = new Map<string, OverlayInode>();

  constructor(tree: HostTree, dev: number, now: () => Timespec, fixedTime: FixedTime, budget: StorageBudget) {
    super("overlay", OVERLAYFS_SUPER_MAGIC, dev, now, budget);
    this.tree = tree;
    this.fixedTime = fixedTime;
  }

  protected override makeInode(mode: number): OverlayInode {
    return new OverlayInode(this, mode, null, null);
  }

  /** The inode of something in the lower tree, -errno if the host does not show it. */
  lowerInode(path: string): OverlayInode | number {
    const stat = this.tree.stat(path);
    if (typeof stat === "number") return stat;
    const severalNames = stat.kind === "file" && stat.links > 1;
    const known = severalNames ? this.linked.get(stat.identity) : undefined;
    if (known !== undefined) return known;
    const inode = new OverlayInode(this, modeOf(stat), path, stat);
    if (severalNames) this.linked.set(stat.identity, inode);
    return inode;
  }
}

export class OverlayInode extends TmpfsInode {
  declare readonly sb: OverlaySuperBlock;
  /** Path in the lower tree; null if it was made by the guest. */
  private readonly lower: string | null;
  /** Names of the lower directory that the guest removed; matters while not `complete`. */
  private readonly whiteouts = new Set<string>();
  /** All names of the lower directory are in `entries` or whiteouts. */
  private complete: boolean;
  private linksCounted: boolean;
  /** Bytes of the lower file that still show where `data` has no page. */
  private lowerLimit = 0;
  private handle: HostFile | null = null;

  constructor(sb: OverlaySuperBlock, mode: number, lower: string | null, stat: HostStat | null) {
    super(sb, mode);
    this.lower = lower;
    this.complete = lower === null;
    this.linksCounted = lower === null;
    if (stat === null) return;
    this.nlink = this.isDirectory ? 2 : stat.links;
    if (this.isRegular) {
      this.length = stat.size;
      this.lowerLimit = stat.size;
    }
    this.atime = sb.fixedTime ?? stat.accessed;
    this.mtime = sb.fixedTime ?? stat.modified;
    this.ctime = sb.fixedTime ?? stat.changed;
    if (this.isSymlink) {
      const target = sb.tree.readlink(lower ?? "");
      if (typeof target === "string") this.target = target;
    }
  }

  override get size(): number {
    return this.isDirectory ? DIRECTORY_SIZE : super.size;
  }

  override get blocks(): number {
    return this.isDirectory || this.lower !== null ? diskBlocks(this) : super.blocks;
  }

  override readAt(position: number, buffer: Uint8Array, offset: number, length: number): number {
    if (this.isDirectory) return -EISDIR;
    const bytes = Math.max(0, Math.min(length, this.length - position));
    if (this.lowerLimit === 0) {
      this.data.read(position, buffer, offset, bytes);
      return bytes;
    }
    if (this.data.pageCount === 0 && position + bytes <= this.lowerLimit) {
      return this.readLower(position, buffer, offset, bytes);
    }
    let error = 0;
    this.data.read(position, buffer, offset, bytes, (at, to, count) => {
      const result = this.readLower(at, buffer, to, count);
      if (result < 0) error = result;
    });
    return error < 0 ? error : bytes;
  }

  override writeAt(position: number, buffer: Uint8Array, offset: number, length: number): number {
    if (this.isDirectory) return -EISDIR;
    if (position + length > MAX_FILE_SIZE) return -EFBIG;
    let error = 0;
    const bytes = this.data.write(position, buffer, offset, length, (index, page) => {
      const result = this.readLower(index * 4096, page, 0, 4096);
      if (result < 0) error = result;
    });
    if (error < 0) return error;
    if (bytes > 0) this.length = Math.max(this.length, position + bytes);
    return bytes;
  }

  override get backing(): Backing {
    return "store";
  }

  override holds(): boolean {
    return false;
  }

  /** Where the lower file would show, zeroes are written over it. */
  override punchHole(first: number, end: number): number {
    super.punchHole(first, end);
    return this.writeZeroes(first, Math.min(end, Math.ceil(this.lowerLimit / 4096)));
  }

  override truncate(size: number): number {
    this.lowerLimit = Math.min(this.lowerLimit, size);
    return super.truncate(size);
  }

  override allocate(position: number, length: number, grow: boolean): number {
    const result = this.data.allocate(position, length, (index, page) => {
      this.readLower(index * 4096, page, 0, 4096);
    });
    if (result === 0 && grow) this.length = Math.max(this.length, position + length);
    return result;
  }

  override nextData(index: number): number {
    return index * 4096 < this.lowerLimit ? index : super.nextData(index);
  }

  override nextHole(index: number): number {
    return super.nextHole(Math.max(index, Math.ceil(this.lowerLimit / 4096)));
  }

  override lookup(name: string): Inode | number {
    const known = super.lookup(name);
    if (known !== -ENOENT || this.complete || this.whiteouts.has(name)) return known;
    const inode = this.sb.lowerInode(this.lowerPath(name));
    if (typeof inode !== "number") this.entries.set(name, inode);
    return inode;
  }

  override readdir(): DirectoryEntry[] | number {
    if (!this.isDirectory) return -ENOTDIR;
    if (!this.complete) {
      const list = this.sb.tree.list(this.lower ?? "");
      if (typeof list === "number") return list;
      list.sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const { name } of list) this.lookup(name);
      this.complete = true;
    }
    return super.readdir();
  }

  /** The links of a directory are its subdirectories, which only a look at the host tells. */
  override prepareStat(): void {
    if (this.linksCounted || !this.isDirectory) return;
    let directories = 0;
    for (const inode of this.entries.values()) if (inode.isDirectory) directories += 1;
    if (!this.complete) {
      const list = this.sb.tree.list(this.lower ?? "");
      if (typeof list === "number") return;
      for (const { name, kind } of list) {
        const hidden = this.entries.has(name) || this.whiteouts.has(name);
        if (!hidden && TYPE_OF_KIND[kind] === S_IFDIR) directories += 1;
      }
    }
    this.nlink = 2 + directories;
    this.linksCounted = true;
  }

  override lastClose(): void {
    this.handle?.close();
    this.handle = null;
  }

  protected override has(name: string): boolean {
    return typeof this.lookup(name) !== "number";
  }

  protected override erase(name: string): void {
    super.erase(name);
    if (!this.complete) this.whiteouts.add(name);
  }

  private lowerPath(name: string): string {
    return this.lower === null || this.lower === "" ? name : `${this.lower}/${name}`;
  }

  /** Fills from the lower file, zeros beyond what shows of it; 0 bytes are missing on success. */
  private readLower(position: number, buffer: Uint8Array, offset: number, length: number): number {
    const bytes = Math.max(0, Math.min(length, this.lowerLimit - position));
    if (bytes > 0) {
      const handle = this.open();
      if (typeof handle === "number") return handle;
      const read = handle.readAt(position, buffer, offset, bytes);
      if (read < 0) return read;
      if (read < bytes) return -EIO;
    }
    buffer.fill(0, offset + bytes, offset + length);
    return length;
  }

  private open(): HostFile | number {
    if (this.handle === null) {
      const handle = this.sb.tree.open(this.lower ?? "", "read");
      if (typeof handle === "number") return handle;
      this.handle = handle;
    }
    return this.handle;
  }
}
