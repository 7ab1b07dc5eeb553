/** What files are: the stat family, access, readlink, statfs. cf. fs/stat.c, fs/open.c do_faccessat(), fs/statfs.c. */

import { EBADF, EFAULT, EINVAL, ENOENT, EOVERFLOW } from "../errno.ts";
import type { Timespec } from "../host.ts";
import type { Kernel } from "../kernel.ts";
import type { SyscallTable } from "../syscall/syscall.ts";
import { highWord, lowWord } from "../syscall/words.ts";
import type { Cred } from "../task/cred.ts";
import type { Task } from "../task/task.ts";
import { type Dentry, mountOf } from "./dentry.ts";
import { type Inode, NAME_MAX, S_IFBLK, S_IFCHR } from "./inode.ts";
import { lookupPath } from "./namei.ts";
import { inodePermission } from "./permission.ts";
import { contextOf, filesOf } from "./transfer.ts";
import {
  AT_EACCESS,
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_NO_AUTOMOUNT,
  AT_STATX_SYNC_TYPE,
  AT_SYMLINK_NOFOLLOW,
  dentryAt,
  getPath,
  startOf,
} from "./user-path.ts";

/** Writes little-endian fields at their offsets. */
class Layout {
  readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }

  u16(at: number, value: number): void {
    this.view.setUint16(at, value, true);
  }

  u32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  /** Signed, exact up to 2^53. */
  u64(at: number, value: number): void {
    this.view.setInt32(at, lowWord(value), true);
    this.view.setInt32(at + 4, highWord(value), true);
  }

  /** Two unsigned longs: seconds (modulo 2^32) and nanoseconds. */
  time(at: number, time: Timespec): void {
    this.u32(at, time.sec);
    this.u32(at + 4, time.nsec);
  }
}

/** A size as i386's plain stat has it, and an id as 16 bits: SET_UID() of what does not fit is overflowuid. */
const uid16 = (id: number) => (id > 0xffff ? 65534 : id);

/** struct __old_kernel_stat, 32 bytes. */
function oldStat(inode: Inode): Uint8Array | number {
  if (inode.size > 0x7fffffff) return -EOVERFLOW;
  const out = new Layout(32);
  [inode.sb.dev, inode.ino, inode.mode, inode.nlink, uid16(inode.uid), uid16(inode.gid), inode.rdev].forEach(
    (value, i) => {
      out.u16(2 * i, value);
    },
  );
  [inode.size, inode.atime.sec, inode.mtime.sec, inode.ctime.sec].forEach((value, i) => {
    out.u32(16 + 4 * i, value);
  });
  return out.bytes;
}

/** struct stat, 64 bytes. */
function newStat(inode: Inode): Uint8Array | number {
  if (inode.size > 0x7fffffff) return -EOVERFLOW;
  const out = new Layout(64);
  out.u32(0, inode.sb.dev);
  out.u32(4, inode.ino);
  out.u16(8, inode.mode);
  out.u16(10, inode.nlink);
  out.u16(12, uid16(inode.uid));
  out.u16(14, uid16(inode.gid));
  out.u32(16, inode.rdev);
  out.u32(20, inode.size);
  out.u32(24, inode.blockSize);
  out.u32(28, inode.blocks);
  out.time(32, inode.atime);
  out.time(40, inode.mtime);
  out.time(48, inode.ctime);
  return out.bytes;
}

/** struct stat64, 96 bytes. */
function stat64(inode: Inode): Uint8Array {
  const out = new Layout(96);
  out.u64(0, inode.sb.dev);
  out.u32(12, inode.ino);
  out.u32(16, inode.mode);
  out.u32(20, inode.nlink);
  out.u32(24, inode.uid);
  out.u32(28, inode.gid);
  out.u64(32, inode.rdev);
  out.u64(44, inode.size);
  out.u32(52, inode.blockSize);
  out.u64(56, inode.blocks);
  out.time(64, inode.atime);
  out.time(72, inode.mtime);
  out.time(80, inode.ctime);
  out.u64(88, inode.ino);
  return out.bytes;
}

const STATX_BASIC_STATS = 0x7ff;
const STATX_MNT_ID = 0x1000;
const STATX_RESERVED = 0x80000000;
const STATX_ATTR_AUTOMOUNT = 0x1000;
const STATX_ATTR_MOUNT_ROOT = 0x2000;

/** new_decode_dev(). */
const majorOf = (dev: number) => (dev >>> 8) & 0xfff;
const minorOf = (dev: number) => (dev & 0xff) | ((dev >>> 12) & 0xfff00);

/** struct statx, 256 bytes. */
function statxOf(dentry: Dentry): Uint8Array {
  const { inode } = dentry;
  const mount = mountOf(dentry);
  const out = new Layout(256);
  out.u32(0, STATX_BASIC_STATS | STATX_MNT_ID);
  out.u32(4, inode.blockSize);
  out.u64(8, dentry.rootOf !== null ? STATX_ATTR_MOUNT_ROOT : 0);
  out.u32(16, inode.nlink);
  out.u32(20, inode.uid);
  out.u32(24, inode.gid);
  out.u16(28, inode.mode);
  out.u64(32, inode.ino);
  out.u64(40, inode.size);
  out.u64(48, inode.blocks);
  out.u64(56, STATX_ATTR_AUTOMOUNT | STATX_ATTR_MOUNT_ROOT);
  const time = (at: number, when: Timespec) => {
    out.u64(at, when.sec);
    out.u32(at + 8, when.nsec);
  };
  time(64, inode.atime);
  time(96, inode.ctime);
  time(112, inode.mtime);
  const device = inode.type === S_IFCHR || inode.type === S_IFBLK;
  out.u32(128, device ? majorOf(inode.rdev) : 0);
  out.u32(132, device ? minorOf(inode.rdev) : 0);
  out.u32(136, majorOf(inode.sb.dev));
  out.u32(140, minorOf(inode.sb.dev));
  out.u64(144, mount?.id ?? 0);
  return out.bytes;
}

type Encoder = (inode: Inode) => Uint8Array | number;

function give(k: Kernel, inode: Inode, address: number, encode: Encoder): number {
  inode.prepareStat();
  const bytes = encode(inode);
  if (typeof bytes === "number") return bytes;
  return k.user.write(address >>> 0, bytes) ? 0 : -EFAULT;
}

function statPath(k: Kernel, t: Task, path: number, address: number, flags: number, encode: Encoder): number {
  const dentry = dentryAt(k, t, AT_FDCWD, path, flags);
  return typeof dentry === "number" ? dentry : give(k, dentry.inode, address, encode);
}

function statFd(k: Kernel, t: Task, fd: number, address: number, encode: Encoder): number {
  const file = filesOf(t).get(fd);
  return file === null ? -EBADF : give(k, file.inode, address, encode);
}

function fstatat64(k: Kernel, t: Task, dirfd: number, path: number, address: number, flags: number): number {
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)) !== 0) return -EINVAL;
  const dentry = dentryAt(k, t, dirfd, path, flags);
  return typeof dentry === "number" ? dentry : give(k, dentry.inode, address, stat64);
}

function statx(k: Kernel, t: Task, dirfd: number, path: number, flags: number, mask: number, address: number): number {
  if ((mask & STATX_RESERVED) !== 0) return -EINVAL;
  if ((flags & AT_STATX_SYNC_TYPE) === AT_STATX_SYNC_TYPE) return -EINVAL;
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)) !== 0) return -EINVAL;
  // A null path with AT_EMPTY_PATH means the descriptor itself, since Linux 6.11.
  const file = path === 0 && (flags & AT_EMPTY_PATH) !== 0 ? filesOf(t).get(dirfd) : null;
  const dentry = file?.dentry ?? dentryAt(k, t, dirfd, path, flags);
  if (typeof dentry === "number") return dentry;
  dentry.inode.prepareStat();
  return k.user.write(address >>> 0, statxOf(dentry)) ? 0 : -EFAULT;
}

/** access asks for the real ids: root loses its powers where the real user is another. cf. access_override_creds(). */
function realCred(cred: Cred): Cred {
  const real = cred.clone();
  real.fsuid = cred.uid;
  real.fsgid = cred.gid;
  real.capEffective = cred.uid === 0 ? cred.capPermitted : [0, 0];
  return real;
}

function faccessat(k: Kernel, t: Task, dirfd: number, path: number, mode: number, flags: number): number {
  if ((mode & ~7) !== 0) return -EINVAL;
  if ((flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) return -EINVAL;
  const text = getPath(k, path);
  if (typeof text === "number") return text;
  if (text === "" && (flags & AT_EMPTY_PATH) === 0) return -ENOENT;
  const start = startOf(t, dirfd, text);
  if (typeof start === "number") return start;
  const cred = (flags & AT_EACCESS) !== 0 ? t.cred : realCred(t.cred);
  const links = (flags & AT_SYMLINK_NOFOLLOW) !== 0 ? "nofollow" : "follow";
  const dentry = text === "" ? start : lookupPath({ ...contextOf(t), cred }, start, text, links);
  if (typeof dentry === "number") return dentry;
  return mode === 0 ? 0 : inodePermission(dentry.inode, mode, cred);
}

function readlinkat(k: Kernel, t: Task, dirfd: number, path: number, address: number, size: number): number {
  if (size <= 0) return -EINVAL;
  const text = getPath(k, path);
  if (typeof text === "number") return text;
  const start = startOf(t, dirfd, text);
  if (typeof start === "number") return start;
  const dentry = text === "" ? start : lookupPath(contextOf(t), start, text, "nofollow");
  if (typeof dentry === "number") return dentry;
  if (!dentry.inode.isSymlink) return text === "" ? -ENOENT : -EINVAL;
  const target = dentry.inode.readlink();
  if (typeof target === "number") return target;
  dentry.inode.touchAtime();
  const bytes = Uint8Array.from(target.slice(0, size), (character) => character.charCodeAt(0));
  return k.user.write(address >>> 0, bytes) ? bytes.length : -EFAULT;
}

/** ST_VALID | ST_RELATIME. */
const STATFS_FLAGS = 0x1020;

/** struct statfs, 64 bytes; struct statfs64, 84 bytes. f_fsid is what the kernel leaves it: the device number. */
function statfsOf(inode: Inode, wide: boolean): Uint8Array {
  const { blockSize, blocks, blocksFree, files, filesFree } = inode.sb.statfs();
  const counts = [blocks, blocksFree, blocksFree, files, filesFree];
  const out = new Layout(wide ? 84 : 64);
  out.u32(0, inode.sb.magic);
  out.u32(4, blockSize);
  counts.forEach((count, i) => {
    if (wide) out.u64(8 + 8 * i, count);
    else out.u32(8 + 4 * i, count);
  });
  const rest = wide ? 48 : 28;
  out.u32(rest, inode.sb.dev);
  out.u32(rest + 8, NAME_MAX);
  out.u32(rest + 12, blockSize);
  out.u32(rest + 16, STATFS_FLAGS);
  return out.bytes;
}

function statfs(k: Kernel, t: Task, path: number, address: number): number {
  const dentry = dentryAt(k, t, AT_FDCWD, path, 0);
  if (typeof dentry === "number") return dentry;
  return k.user.write(address >>> 0, statfsOf(dentry.inode, false)) ? 0 : -EFAULT;
}

function fstatfs(k: Kernel, t: Task, fd: number, address: number): number {
  const file = filesOf(t).get(fd);
  if (file === null) return -EBADF;
  return k.user.write(address >>> 0, statfsOf(file.inode, false)) ? 0 : -EFAULT;
}

/** The size must be that of the packed structure. */
const STATFS64_SIZE = 84;

function statfs64(k: Kernel, t: Task, path: number, size: number, address: number): number {
  if (size !== STATFS64_SIZE) return -EINVAL;
  const dentry = dentryAt(k, t, AT_FDCWD, path, 0);
  if (typeof dentry === "number") return dentry;
  return k.user.write(address >>> 0, statfsOf(dentry.inode, true)) ? 0 : -EFAULT;
}

function fstatfs64(k: Kernel, t: Task, fd: number, size: number, address: number): number {
  if (size !== STATFS64_SIZE) return -EINVAL;
  const file = filesOf(t).get(fd);
  if (file === null) return -EBADF;
  return k.user.write(address >>> 0, statfsOf(file.inode, true)) ? 0 : -EFAULT;
}

/** ustat: free blocks and inodes of a mounted device, struct ustat of 20 bytes. */
function ustat(k: Kernel, _t: Task, dev: number, address: number): number {
  const mount = k.vfs.mounts.find((candidate) => candidate.sb.dev === dev >>> 0);
  if (mount === undefined) return -EINVAL;
  const { blocksFree, filesFree } = mount.sb.statfs();
  const out = new Layout(20);
  out.u32(0, blocksFree);
  out.u32(4, filesFree);
  return k.user.write(address >>> 0, out.bytes) ? 0 : -EFAULT;
}

export const statSyscalls: SyscallTable = {
  18: ["oldstat", (k, t, path, address) => statPath(k, t, path, address, 0, oldStat)],
  28: ["oldfstat", (k, t, fd, address) => statFd(k, t, fd, address, oldStat)],
  33: ["access", (k, t, path, mode) => faccessat(k, t, AT_FDCWD, path, mode, 0)],
  62: ["ustat", ustat],
  84: ["oldlstat", (k, t, path, address) => statPath(k, t, path, address, AT_SYMLINK_NOFOLLOW, oldStat)],
  85: ["readlink", (k, t, path, address, size) => readlinkat(k, t, AT_FDCWD, path, address, size)],
  99: ["statfs", statfs],
  100: ["fstatfs", fstatfs],
  106: ["stat", (k, t, path, address) => statPath(k, t, path, address, 0, newStat)],
  107: ["lstat", (k, t, path, address) => statPath(k, t, path, address, AT_SYMLINK_NOFOLLOW, newStat)],
  108: ["fstat", (k, t, fd, address) => statFd(k, t, fd, address, newStat)],
  195: ["stat64", (k, t, path, address) => statPath(k, t, path, address, 0, stat64)],
  196: ["lstat64", (k, t, path, address) => statPath(k, t, path, address, AT_SYMLINK_NOFOLLOW, stat64)],
  197: ["fstat64", (k, t, fd, address) => statFd(k, t, fd, address, stat64)],
  268: ["statfs64", statfs64],
  269: ["fstatfs64", fstatfs64],
  300: ["fstatat64", fstatat64],
  305: ["readlinkat", readlinkat],
  307: ["faccessat", (k, t, dirfd, path, mode) => faccessat(k, t, dirfd, path, mode, 0)],
  383: ["statx", statx],
  439: ["faccessat2", faccessat],
};
