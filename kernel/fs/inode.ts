/** Inodes and superblocks: what a file is, whatever its names are. cf. include/linux/fs.h struct inode, inode_operations. */

import { EINVAL, EIO, EISDIR, ENOTDIR, EPERM } from "../errno.ts";
import type { Timespec } from "../host.ts";
import type { AddressSpace, Backing } from "../mm/filemap.ts";

export const S_IFMT = 0o170000;
export const S_IFSOCK = 0o140000;
export const S_IFLNK = 0o120000;
export const S_IFREG = 0o100000;
export const S_IFBLK = 0o060000;
export const S_IFDIR = 0o040000;
export const S_IFCHR = 0o020000;
export const S_IFIFO = 0o010000;
export const S_ISUID = 0o4000;
export const S_ISGID = 0o2000;
export const S_ISVTX = 0o1000;

/** rename(2) flags, include/uapi/linux/fs.h. */
export const RENAME_NOREPLACE = 1;
export const RENAME_EXCHANGE = 2;
export const RENAME_WHITEOUT = 4;

const PAGE_SIZE = 4096;
const zeroes = new Uint8Array(PAGE_SIZE);

export const NAME_MAX = 255;
export const PATH_MAX = 4096;

/** MAX_LFS_FILESIZE of i386 is larger; 2^53 - 1 is where a JavaScript number stops being exact. */
export const MAX_FILE_SIZE = Number.MAX_SAFE_INTEGER;

/** struct statfs in numbers; the system calls lay it out. */
export interface FsStatistics {
  blockSize: number;
  blocks: number;
  blocksFree: number;
  files: number;
  filesFree: number;
}

/** One mounted filesystem. `magic` is f_type of statfs, `dev` is st_dev (new_encode_dev of major 0 and a minor). */
export class SuperBlock {
  readonly type: string;
  readonly magic: number;
  readonly dev: number;
  /** The guest's CLOCK_REALTIME, for times of files. */
  readonly now: () => Timespec;
  /** Names may appear and vanish by themselves (procfs): nothing is remembered about them. */
  readonly volatile: boolean;
  private lastIno = 0;

  constructor(type: string, magic: number, dev: number, now: () => Timespec, volatile = false) {
    this.type = type;
    this.magic = magic;
    this.dev = dev;
    this.now = now;
    this.volatile = volatile;
  }

  /** The next inode number: they count up in the order in which the guest meets the files. */
  newIno(): number {
    this.lastIno += 1;
    return this.lastIno;
  }

  statfs(): FsStatistics {
    return { blockSize: 4096, blocks: 0, blocksFree: 0, files: 0, filesFree: 0 };
  }
}

/** Who creates a file. */
export interface Owner {
  uid: number;
  gid: number;
}

/** What chmod, chown and utimes change; a field that is absent stays. cf. struct iattr. */
export interface Attributes {
  mode?: number;
  uid?: number;
  gid?: number;
  atime?: Timespec;
  mtime?: Timespec;
}

/** What an inode says about access before its mode is asked; a refusal is final. */
export type SpecialAccess = "granted" | "refused" | "by mode";

/** `name` without "." and ".."; `type` is S_IFMT bits. */
export interface DirectoryEntry {
  name: string;
  ino: number;
  type: number;
}

/**
 * A file of any type. Operations return >= 0 or -errno, know nothing of open files, descriptors, permissions and tasks,
 * and never wait. The defaults are those of a file that is neither directory nor link nor regular.
 */
export class Inode {
  readonly sb: SuperBlock;
  readonly ino: number;
  /** Type and permission bits. */
  mode: number;
  uid = 0;
  gid = 0;
  nlink = 1;
  /** new_encode_dev(major, minor) of a device node. */
  rdev = 0;
  atime: Timespec;
  mtime: Timespec;
  ctime: Timespec;
  /** The page cache of the file: null until memory management maps a page of it. */
  mapping: AddressSpace | null = null;
  /** Open file descriptions, mappings included: a mapping holds its File. */
  openCount = 0;
  /** F_SEAL_* bits of a file in memory; null: cannot be sealed. */
  seals: number | null = null;
  /** > 0: that many are open for writing; < 0: that many forbid it (the program file of a process). cf. i_writecount. */
  writeCount = 0;

  constructor(sb: SuperBlock, mode: number, ino = sb.newIno()) {
    this.sb = sb;
    this.ino = ino;
    this.mode = mode;
    const now = sb.now();
    this.atime = now;
    this.mtime = now;
    this.ctime = now;
  }

  get type(): number {
    return this.mode & S_IFMT;
  }

  get isDirectory(): boolean {
    return this.type === S_IFDIR;
  }

  get isRegular(): boolean {
    return this.type === S_IFREG;
  }

  get isSymlink(): boolean {
    return this.type === S_IFLNK;
  }

  /** Bytes; of a file that is no regular one, what stat shows. */
  get size(): number {
    return 0;
  }

  /** What its page cache stands before. */
  get backing(): Backing {
    return "store";
  }

  /** Bytes of a good transfer: st_blksize. */
  get blockSize(): number {
    return PAGE_SIZE;
  }

  /** Units of 512 bytes, as stat shows; what has no storage takes none. */
  get blocks(): number {
    return 0;
  }

  /**
   * Reads from the backing store, not from the page cache: bytes read (fewer only at the end of the file), 0 at or
   * beyond the end, or -errno.
   */
  readAt(_position: number, _buffer: Uint8Array, _offset: number, _length: number): number {
    return this.isDirectory ? -EISDIR : -EINVAL;
  }

  /** Writes to the backing store, not to the page cache, growing the file: bytes written or -errno. */
  writeAt(_position: number, _buffer: Uint8Array, _offset: number, _length: number): number {
    return this.isDirectory ? -EISDIR : -EINVAL;
  }

  /** Does the backing store have the page in memory (tmpfs)? */
  holds(_index: number): boolean {
    return false;
  }

  /** Makes pages first..end-1 of the backing store zero, as far as the file has them: 0 or -errno. */
  punchHole(first: number, end: number): number {
    return this.writeZeroes(first, Math.min(end, Math.ceil(this.size / PAGE_SIZE)));
  }

  /** Pages first..end-1, which the file has, become zeroes that are stored: 0 or -errno. */
  protected writeZeroes(first: number, end: number): number {
    for (let index = first; index < end; index++) {
      const position = index * PAGE_SIZE;
      const bytes = Math.min(PAGE_SIZE, this.size - position);
      const written = this.writeAt(position, zeroes, 0, bytes);
      if (written !== bytes) return written < 0 ? written : -EIO;
    }
    return 0;
  }

  /** Sets the size of the backing store; the page cache is the caller's (fs/page-io.ts truncateInode). */
  truncate(_size: number): number {
    return this.isDirectory ? -EISDIR : -EINVAL;
  }

  /** Makes the backing store durable. */
  sync(): number {
    return 0;
  }

  /** Directory: the inode of a name, -ENOENT if there is none. */
  lookup(_name: string): Inode | number {
    return -ENOTDIR;
  }

  /** Directory: all entries, sorted by name in byte order. */
  readdir(): DirectoryEntry[] | number {
    return -ENOTDIR;
  }

  /** Directory: makes a file of any type but directory and link (mode tells); the name is known to be free. */
  create(_name: string, _mode: number, _rdev: number, _owner: Owner): Inode | number {
    return -EPERM;
  }

  /** Directory: a file without a name (O_TMPFILE); its nlink is 0. */
  createUnnamed(_mode: number, _owner: Owner): Inode | number {
    return -EPERM;
  }

  mkdir(_name: string, _mode: number, _owner: Owner): Inode | number {
    return -EPERM;
  }

  symlink(_name: string, _target: string, _owner: Owner): Inode | number {
    return -EPERM;
  }

  link(_name: string, _inode: Inode): number {
    return -EPERM;
  }

  /** Directory: removes the name of something that is no directory; keeps nlink right. */
  unlink(_name: string, _inode: Inode): number {
    return -EPERM;
  }

  /** Directory: removes an empty directory; -ENOTEMPTY otherwise. */
  rmdir(_name: string, _inode: Inode): number {
    return -EPERM;
  }

  /**
   * Directory: moves `inode` from `name` here to `newName` in `newDirectory`, over `replaced` if it is not null (types
   * are already checked, but not that a replaced directory is empty). `flags` is 0 or RENAME_EXCHANGE.
   */
  rename(
    _name: string,
    _inode: Inode,
    _newDirectory: Inode,
    _newName: string,
    _replaced: Inode | null,
    _flags: number,
  ): number {
    return -EPERM;
  }

  /** Symbolic link: its text. */
  readlink(): string | number {
    return -EINVAL;
  }

  /** A file with rules of its own for the task that asks (inode_operations.permission). */
  specialAccess(): SpecialAccess {
    return "by mode";
  }

  /** stat is about to look: attributes that are costly to know are brought up to date. */
  prepareStat(): void {}

  /** Changes attributes that the caller has checked; ctime follows. */
  setAttributes(changes: Attributes): number {
    if (changes.mode !== undefined) this.mode = this.type | (changes.mode & 0o7777);
    if (changes.uid !== undefined) this.uid = changes.uid;
    if (changes.gid !== undefined) this.gid = changes.gid;
    if (changes.atime !== undefined) this.atime = changes.atime;
    if (changes.mtime !== undefined) this.mtime = changes.mtime;
    this.ctime = this.sb.now();
    return 0;
  }

  /** A read happened: relatime, as Linux mounts by default. cf. relatime_need_update(). */
  touchAtime(): void {
    const now = this.sb.now();
    const stale = !isLater(this.atime, this.mtime) || !isLater(this.atime, this.ctime);
    if (stale || now.sec - this.atime.sec >= 24 * 60 * 60) this.atime = now;
  }

  /** Contents changed. */
  touchMtime(): void {
    this.mtime = this.sb.now();
    this.ctime = this.mtime;
  }

  touchCtime(): void {
    this.ctime = this.sb.now();
  }

  /** The last open file is gone; names may stay. */
  lastClose(): void {}

  /** A name or an open file went away: the last one frees the contents. cf. iput_final(). */
  dropIfUnused(): void {
    if (this.nlink > 0 || this.openCount > 0) return;
    this.mapping?.release();
    this.mapping = null;
    this.evict();
  }

  /** Frees the backing store: no name and no open file is left. */
  evict(): void {}
}

function isLater(a: Timespec, b: Timespec): boolean {
  return a.sec > b.sec || (a.sec === b.sec && a.nsec > b.nsec);
}
