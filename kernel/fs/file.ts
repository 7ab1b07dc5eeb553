/** Open file descriptions. cf. include/linux/fs.h struct file, file_operations. */

import { EINVAL, ENODEV, ENOTTY, ESPIPE } from "../errno.ts";
import type { WaitQueue } from "../task/wait.ts";
import type { Dentry } from "./dentry.ts";
import { dropLocks } from "./file-lock.ts";
import type { Inode } from "./inode.ts";
import type { IovIter } from "./iov-iter.ts";

/** open(2) flags, i386: include/uapi/asm-generic/fcntl.h. */
export const O_ACCMODE = 3;
export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_NOCTTY = 0o400;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_NONBLOCK = 0o4000;
export const O_DSYNC = 0o10000;
export const FASYNC = 0o20000;
export const O_DIRECT = 0o40000;
export const O_LARGEFILE = 0o100000;
export const O_DIRECTORY = 0o200000;
export const O_NOFOLLOW = 0o400000;
export const O_NOATIME = 0o1000000;
export const O_CLOEXEC = 0o2000000;
export const O_SYNC = 0o4010000;
export const O_PATH = 0o10000000;
/** Without O_DIRECTORY, which O_TMPFILE contains in user programs. */
export const __O_TMPFILE = 0o20000000;
export const O_TMPFILE = __O_TMPFILE | O_DIRECTORY;

/** poll(2) events, include/uapi/asm-generic/poll.h. */
export const POLLIN = 0x001;
export const POLLPRI = 0x002;
export const POLLOUT = 0x004;
export const POLLERR = 0x008;
export const POLLHUP = 0x010;
export const POLLNVAL = 0x020;
export const POLLRDNORM = 0x040;
export const POLLRDBAND = 0x080;
export const POLLWRNORM = 0x100;
export const POLLWRBAND = 0x200;
export const POLLMSG = 0x400;
export const POLLRDHUP = 0x2000;

export const SEEK_SET = 0;
export const SEEK_CUR = 1;
export const SEEK_END = 2;
export const SEEK_DATA = 3;
export const SEEK_HOLE = 4;

/** User memory of the task that makes an ioctl; each method says false or null where the memory faults. */
export interface IoctlMemory {
  read(address: number, length: number): Uint8Array | null;
  write(address: number, bytes: Uint8Array): boolean;
}

/** What mmap does with a file: its page cache, fresh zero pages (/dev/zero), or -ENODEV. */
export type Mappable = "cache" | "zero" | "none";

/**
 * An open file. Operations return >= 0 or -errno and never wait: where Linux would, they return -EAGAIN, and the system
 * call sleeps on `queues` unless O_NONBLOCK is set. The base class is a file that can do nothing (O_PATH).
 */
export class File {
  readonly dentry: Dentry;
  readonly inode: Inode;
  /** Access mode and status flags, as F_GETFL shows them. */
  flags: number;
  position = 0;
  private references = 1;

  constructor(dentry: Dentry, flags: number) {
    this.dentry = dentry;
    this.inode = dentry.inode;
    this.flags = flags;
    this.inode.openCount += 1;
  }

  get readable(): boolean {
    return (this.flags & O_PATH) === 0 && (this.flags & O_ACCMODE) !== O_WRONLY;
  }

  get writable(): boolean {
    const mode = this.flags & O_ACCMODE;
    return (this.flags & O_PATH) === 0 && (mode === O_WRONLY || mode === O_RDWR);
  }

  /** Has it a position, and do pread and pwrite work? */
  get seekable(): boolean {
    return false;
  }

  /** Does a blocking write go on until all bytes are gone, and is EPIPE announced by SIGPIPE? */
  get stream(): boolean {
    return false;
  }

  get mappable(): Mappable {
    return "none";
  }

  /** One more holder: a descriptor, a mapping. Returns the file. */
  get(): this {
    this.references += 1;
    return this;
  }

  /** One holder less; the last one releases. cf. fput(). */
  put(): void {
    this.references -= 1;
    if (this.references > 0) return;
    dropLocks(this.inode, this);
    this.release();
    this.inode.openCount -= 1;
    if (this.inode.openCount === 0) this.inode.lastClose();
    this.inode.dropIfUnused();
  }

  /** Reads at `position` (ignored by what is not seekable); the caller advances the file's own position. */
  read(_to: IovIter, _position: number): number {
    return -EINVAL;
  }

  /** Writes at `position`; O_APPEND is the caller's affair. */
  write(_from: IovIter, _position: number): number {
    return -EINVAL;
  }

  seek(_offset: number, _whence: number): number {
    return -ESPIPE;
  }

  /** The poll(2) events that are true now. */
  poll(): number {
    return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;
  }

  /** Where to wait for a change of `poll`. */
  get queues(): WaitQueue[] {
    return [];
  }

  ioctl(_command: number, _argument: number, _memory: IoctlMemory): number {
    return -ENOTTY;
  }

  /** May it be mapped, as far as the kind of the file tells? */
  checkMmap(): number {
    return this.mappable === "none" ? -ENODEV : 0;
  }

  sync(): number {
    return -EINVAL;
  }

  /** A descriptor is closed while others may stay: POSIX record locks go. `owner` is the FilesStruct. */
  flush(owner: object): void {
    dropLocks(this.inode, owner);
  }

  /** The last holder is gone. */
  get closed(): boolean {
    return this.references <= 0;
  }

  /** The last holder is gone. */
  release(): void {}
}

/** An inode that makes its own kind of open file: a device, a file of /proc. */
export interface OpensItself {
  openFile(dentry: Dentry, flags: number): File | number;
}

export function opensItself(inode: Inode): inode is Inode & OpensItself {
  return "openFile" in inode;
}
