/** Changing what files are: mode, owner, times, size, extended attributes. cf. fs/open.c, fs/utimes.c, fs/attr.c. */

import {
  EACCES,
  EBADF,
  EFAULT,
  EFBIG,
  EINVAL,
  EISDIR,
  ENODATA,
  ENODEV,
  ENOSPC,
  EOPNOTSUPP,
  EPERM,
  ESPIPE,
  ETXTBSY,
} from "../errno.ts";
import type { Timespec } from "../host.ts";
import type { Kernel } from "../kernel.ts";
import type { SyscallTable } from "../syscall/syscall.ts";
import { CAP_CHOWN, CAP_FSETID } from "../task/cred.ts";
import { RLIMIT_FSIZE } from "../task/rlimit.ts";
import { kernelSignal, sendSignal } from "../task/signal.ts";
import { SIGXFSZ } from "../task/signals.ts";
import type { Task } from "../task/task.ts";
import type { Dentry } from "./dentry.ts";
import { O_LARGEFILE } from "./file.ts";
import { type Attributes, type Inode, MAX_FILE_SIZE, S_ISGID, S_ISUID } from "./inode.ts";
import { MAX_NON_LFS } from "./open.ts";
import { inodePermission, isOwner, MAY_WRITE } from "./permission.ts";
import { PipeFile } from "./pipe.ts";
import { truncateInode, writeInode } from "./regular-file.ts";
import { modeSealed, sizeSealed, writeSealed } from "./seals.ts";
import { fget, longLong } from "./syscalls-io.ts";
import { TmpfsInode } from "./tmpfs.ts";
import { filesOf } from "./transfer.ts";
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, dentryAt, getPath } from "./user-path.ts";

function changeMode(t: Task, inode: Inode, mode: number): number {
  if (inode.isSymlink) return -EOPNOTSUPP;
  if (!isOwner(inode, t.cred)) return -EPERM;
  const keepsGroup = t.cred.inGroup(inode.gid) || t.cred.capable(CAP_FSETID);
  if (modeSealed(inode, mode)) return -EPERM;
  return inode.setAttributes({ mode: mode & 0o7777 & (keepsGroup ? ~0 : ~S_ISGID) });
}

function fchmodat(k: Kernel, t: Task, dirfd: number, path: number, mode: number, flags = 0): number {
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) return -EINVAL;
  const dentry = dentryAt(k, t, dirfd, path, flags);
  return typeof dentry === "number" ? dentry : changeMode(t, dentry.inode, mode);
}

function fchmod(_k: Kernel, t: Task, fd: number, mode: number): number {
  const file = fget(t, fd);
  return file === null ? -EBADF : changeMode(t, file.inode, mode);
}

/** -1 leaves an id as it is. cf. chown_common(), chown_ok(), chgrp_ok(). */
function changeOwner(t: Task, inode: Inode, uid: number, gid: number): number {
  const { cred } = t;
  const changes: Attributes = {};
  if (uid !== -1) changes.uid = uid >>> 0;
  if (gid !== -1) changes.gid = gid >>> 0;
  if (!cred.capable(CAP_CHOWN)) {
    const own = cred.fsuid === inode.uid;
    if (changes.uid !== undefined && !(own && changes.uid === inode.uid)) return -EPERM;
    if (changes.gid !== undefined && !(own && (cred.inGroup(changes.gid) || changes.gid === inode.gid))) return -EPERM;
  }
  if (!inode.isDirectory) {
    const executableByGroup = (inode.mode & 0o10) !== 0;
    const mode = inode.mode & ~S_ISUID & (executableByGroup ? ~S_ISGID : ~0);
    if (mode !== inode.mode) changes.mode = mode & 0o7777;
  }
  return inode.setAttributes(changes);
}

function fchownat(k: Kernel, t: Task, dirfd: number, path: number, uid: number, gid: number, flags: number): number {
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) return -EINVAL;
  const dentry = dentryAt(k, t, dirfd, path, flags);
  return typeof dentry === "number" ? dentry : changeOwner(t, dentry.inode, uid, gid);
}

function fchown(_k: Kernel, t: Task, fd: number, uid: number, gid: number): number {
  const file = fget(t, fd);
  return file === null ? -EBADF : changeOwner(t, file.inode, uid, gid);
}

/** An id of the 16-bit calls: low2highuid(). */
const wide = (id: number) => ((id & 0xffff) === 0xffff ? -1 : id & 0xffff);

const UTIME_NOW = 0x3fffffff;
const UTIME_OMIT = 0x3ffffffe;

/** Two times as utimensat has them; null means now for both. cf. vfs_utimes(). */
function changeTimes(t: Task, inode: Inode, times: [Timespec, Timespec] | null): number {
  const now = inode.sb.now();
  const changes: Attributes = {};
  const [atime, mtime] = times ?? [
    { sec: 0, nsec: UTIME_NOW },
    { sec: 0, nsec: UTIME_NOW },
  ];
  for (const { nsec } of [atime, mtime]) {
    if (nsec !== UTIME_NOW && nsec !== UTIME_OMIT && (nsec < 0 || nsec > 999_999_999)) return -EINVAL;
  }
  if (atime.nsec === UTIME_OMIT && mtime.nsec === UTIME_OMIT) return 0;
  if (atime.nsec !== UTIME_OMIT) changes.atime = atime.nsec === UTIME_NOW ? now : atime;
  if (mtime.nsec !== UTIME_OMIT) changes.mtime = mtime.nsec === UTIME_NOW ? now : mtime;
  const bothNow = atime.nsec === UTIME_NOW && mtime.nsec === UTIME_NOW;
  if (!isOwner(inode, t.cred)) {
    if (!bothNow) return -EPERM;
    if (inodePermission(inode, MAY_WRITE, t.cred) < 0) return -EACCES;
  }
  return inode.setAttributes(changes);
}

/** How a call lays out its two times in user memory. */
type TimesLayout = "timespec32" | "timespec64" | "timeval32" | "utimbuf";

const sizeOfTimes = { timespec32: 16, timespec64: 32, timeval32: 16, utimbuf: 8 };

function readTimes(k: Kernel, address: number, layout: TimesLayout): [Timespec, Timespec] | null | number {
  if (address === 0) return null;
  const bytes = k.user.read(address >>> 0, sizeOfTimes[layout]);
  if (bytes === null) return -EFAULT;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (layout === "utimbuf") {
    return [
      { sec: view.getInt32(0, true), nsec: 0 },
      { sec: view.getInt32(4, true), nsec: 0 },
    ];
  }
  if (layout === "timespec64") {
    return [
      { sec: Number(view.getBigInt64(0, true)), nsec: view.getInt32(8, true) },
      { sec: Number(view.getBigInt64(16, true)), nsec: view.getInt32(24, true) },
    ];
  }
  const fraction = (at: number) => {
    const value = view.getInt32(at, true);
    if (layout === "timespec32") return value;
    return value < 0 || value > 999_999 ? -1 : value * 1000;
  };
  return [
    { sec: view.getInt32(0, true), nsec: fraction(4) },
    { sec: view.getInt32(8, true), nsec: fraction(12) },
  ];
}

function utimes(
  k: Kernel,
  t: Task,
  dirfd: number,
  path: number,
  address: number,
  flags: number,
  layout: TimesLayout,
): number {
  const times = readTimes(k, address, layout);
  if (typeof times === "number") return times;
  if (times?.every(({ nsec }) => nsec === UTIME_OMIT) && layout.startsWith("timespec")) return 0;
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) return -EINVAL;
  if (path === 0 && dirfd !== AT_FDCWD) {
    if (flags !== 0) return -EINVAL;
    const file = fget(t, dirfd);
    return file === null ? -EBADF : changeTimes(t, file.inode, times);
  }
  const dentry = dentryAt(k, t, dirfd, path, flags);
  return typeof dentry === "number" ? dentry : changeTimes(t, dentry.inode, times);
}

/** RLIMIT_FSIZE and the largest size there is. cf. inode_newsize_ok(). */
function checkNewSize(k: Kernel, t: Task, inode: Inode, size: number): number {
  if (size <= inode.size) return 0;
  if (size > t.rlimit(RLIMIT_FSIZE)) {
    sendSignal(k, t, kernelSignal(SIGXFSZ));
    return -EFBIG;
  }
  return size > MAX_FILE_SIZE ? -EFBIG : 0;
}

function truncateDentry(k: Kernel, t: Task, dentry: Dentry, size: number): number {
  const { inode } = dentry;
  if (inode.isDirectory) return -EISDIR;
  if (!inode.isRegular) return -EINVAL;
  const denied = inodePermission(inode, MAY_WRITE, t.cred);
  if (denied < 0) return denied;
  if (inode.writeCount < 0) return -ETXTBSY;
  const tooBig = checkNewSize(k, t, inode, size);
  return tooBig < 0 ? tooBig : truncateInode(inode, size);
}

function truncate(k: Kernel, t: Task, path: number, size: number): number {
  if (size < 0) return -EINVAL;
  const dentry = dentryAt(k, t, AT_FDCWD, path, 0);
  return typeof dentry === "number" ? dentry : truncateDentry(k, t, dentry, size);
}

function ftruncate(k: Kernel, t: Task, fd: number, size: number, small: boolean): number {
  if (size < 0) return -EINVAL;
  const file = fget(t, fd);
  if (file === null) return -EBADF;
  if (!file.inode.isRegular || !file.writable) return -EINVAL;
  if (small && (file.flags & O_LARGEFILE) === 0 && size > MAX_NON_LFS) return -EINVAL;
  const tooBig = checkNewSize(k, t, file.inode, size);
  return tooBig < 0 ? tooBig : truncateInode(file.inode, size);
}

const FALLOC_FL_KEEP_SIZE = 1;
const FALLOC_FL_PUNCH_HOLE = 2;
const FALLOC_FL_ZERO_RANGE = 0x10;

/** Room for a range, zeros over a range, or a hole in it (zeros, too). */
function fallocate(k: Kernel, t: Task, fd: number, mode: number, offset: number, length: number): number {
  const file = fget(t, fd);
  if (file === null) return -EBADF;
  if (offset < 0 || length <= 0) return -EINVAL;
  if ((mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) !== 0) return -EOPNOTSUPP;
  const punches = (mode & FALLOC_FL_PUNCH_HOLE) !== 0;
  const zeroes = (mode & FALLOC_FL_ZERO_RANGE) !== 0;
  if (punches && (zeroes || (mode & FALLOC_FL_KEEP_SIZE) === 0)) return -EOPNOTSUPP;
  if (!file.writable) return -EBADF;
  const { inode } = file;
  if (file instanceof PipeFile) return -ESPIPE;
  if (inode.isDirectory) return -EISDIR;
  if (!inode.isRegular || file.mappable !== "cache") return -ENODEV;
  if (offset + length > MAX_FILE_SIZE) return -EFBIG;
  const grows = (mode & FALLOC_FL_KEEP_SIZE) === 0;
  if (grows) {
    const tooBig = checkNewSize(k, t, inode, offset + length);
    if (tooBig < 0) return tooBig;
  }
  if (grows ? sizeSealed(inode, Math.max(inode.size, offset + length)) : punches && writeSealed(inode, 0))
    return -EPERM;
  if (punches || zeroes) {
    const zeroed = zeroRange(inode, offset, Math.min(length, Math.max(0, inode.size - offset)));
    if (zeroed < 0 || punches) return zeroed;
  }
  if (inode instanceof TmpfsInode) {
    if (Math.ceil(length / 4096) > inode.sb.budget.pages - inode.sb.budget.used) return -ENOSPC;
    inode.mapping?.truncate(inode.size);
    return inode.allocate(offset, length, grows);
  }
  return grows && offset + length > inode.size ? truncateInode(inode, offset + length) : 0;
}

/** Zeros within the file; holes stay holes. */
function zeroRange(inode: Inode, offset: number, length: number): number {
  const zeros = new Uint8Array(4096);
  const end = offset + length;
  for (let at = offset; at < end; ) {
    const index = Math.floor(at / 4096);
    const next = inode instanceof TmpfsInode ? inode.nextData(index) : index;
    if (next > index) {
      at = next * 4096;
      continue;
    }
    const bytes = Math.min((index + 1) * 4096, end) - at;
    const written = writeInode(inode, at, zeros, 0, bytes);
    if (written < 0) return written;
    at += bytes;
  }
  inode.touchMtime();
  return 0;
}

/** No file has extended attributes: none is found, none is listed, none can be set. cf. fs/xattr.c. */
function xattrPath(k: Kernel, t: Task, path: number, links: "follow" | "nofollow", result: number): number {
  const dentry = dentryAt(k, t, AT_FDCWD, path, links === "follow" ? 0 : AT_SYMLINK_NOFOLLOW);
  return typeof dentry === "number" ? dentry : result;
}

function xattrFd(t: Task, fd: number, result: number): number {
  return filesOf(t).get(fd) === null ? -EBADF : result;
}

/** name_to_handle_at: no file system here has handles. */
function nameToHandleAt(k: Kernel, t: Task, dirfd: number, path: number): number {
  const text = getPath(k, path);
  if (typeof text === "number") return text;
  const dentry = dentryAt(k, t, dirfd, path, AT_EMPTY_PATH);
  return typeof dentry === "number" ? dentry : -EOPNOTSUPP;
}

export const attributeSyscalls: SyscallTable = {
  15: ["chmod", (k, t, path, mode) => fchmodat(k, t, AT_FDCWD, path, mode)],
  16: ["lchown", (k, t, path, uid, gid) => fchownat(k, t, AT_FDCWD, path, wide(uid), wide(gid), AT_SYMLINK_NOFOLLOW)],
  30: ["utime", (k, t, path, times) => utimes(k, t, AT_FDCWD, path, times, 0, "utimbuf")],
  92: ["truncate", truncate],
  93: ["ftruncate", (k, t, fd, size) => ftruncate(k, t, fd, size, true)],
  94: ["fchmod", fchmod],
  95: ["fchown", (k, t, fd, uid, gid) => fchown(k, t, fd, wide(uid), wide(gid))],
  182: ["chown", (k, t, path, uid, gid) => fchownat(k, t, AT_FDCWD, path, wide(uid), wide(gid), 0)],
  193: ["truncate64", (k, t, path, low, high) => truncate(k, t, path, longLong(low, high))],
  194: ["ftruncate64", (k, t, fd, low, high) => ftruncate(k, t, fd, longLong(low, high), false)],
  198: ["lchown32", (k, t, path, uid, gid) => fchownat(k, t, AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW)],
  207: ["fchown32", fchown],
  212: ["chown32", (k, t, path, uid, gid) => fchownat(k, t, AT_FDCWD, path, uid, gid, 0)],
  226: ["setxattr", (k, t, path) => xattrPath(k, t, path, "follow", -EOPNOTSUPP)],
  227: ["lsetxattr", (k, t, path) => xattrPath(k, t, path, "nofollow", -EOPNOTSUPP)],
  228: ["fsetxattr", (_k, t, fd) => xattrFd(t, fd, -EOPNOTSUPP)],
  229: ["getxattr", (k, t, path) => xattrPath(k, t, path, "follow", -ENODATA)],
  230: ["lgetxattr", (k, t, path) => xattrPath(k, t, path, "nofollow", -ENODATA)],
  231: ["fgetxattr", (_k, t, fd) => xattrFd(t, fd, -ENODATA)],
  232: ["listxattr", (k, t, path) => xattrPath(k, t, path, "follow", 0)],
  233: ["llistxattr", (k, t, path) => xattrPath(k, t, path, "nofollow", 0)],
  234: ["flistxattr", (_k, t, fd) => xattrFd(t, fd, 0)],
  235: ["removexattr", (k, t, path) => xattrPath(k, t, path, "follow", -ENODATA)],
  236: ["lremovexattr", (k, t, path) => xattrPath(k, t, path, "nofollow", -ENODATA)],
  237: ["fremovexattr", (_k, t, fd) => xattrFd(t, fd, -ENODATA)],
  271: ["utimes", (k, t, path, times) => utimes(k, t, AT_FDCWD, path, times, 0, "timeval32")],
  298: ["fchownat", fchownat],
  299: ["futimesat", (k, t, dirfd, path, times) => utimes(k, t, dirfd, path, times, 0, "timeval32")],
  306: ["fchmodat", (k, t, dirfd, path, mode) => fchmodat(k, t, dirfd, path, mode)],
  320: ["utimensat", (k, t, dirfd, path, times, flags) => utimes(k, t, dirfd, path, times, flags, "timespec32")],
  324: [
    "fallocate",
    (k, t, fd, mode, low, high, lengthLow, lengthHigh) =>
      fallocate(k, t, fd, mode, longLong(low, high), longLong(lengthLow, lengthHigh)),
  ],
  341: ["name_to_handle_at", nameToHandleAt],
  412: ["utimensat_time64", (k, t, dirfd, path, times, flags) => utimes(k, t, dirfd, path, times, flags, "timespec64")],
};
