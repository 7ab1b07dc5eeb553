/** Names: making, linking, moving, removing them; working and root directory; reading directories. cf. fs/namei.c, fs/readdir.c. */

import { EBADF, EFAULT, EINVAL, ENAMETOOLONG, ENOENT, ENOTDIR, EPERM, ERANGE } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import type { SyscallTable } from "../syscall/syscall.ts";
import { CAP_DAC_READ_SEARCH, CAP_SYS_CHROOT } from "../task/cred.ts";
import type { Task } from "../task/task.ts";
import { type Dentry, pathFrom } from "./dentry.ts";
import { DirectoryFile } from "./directory-file.ts";
import { type DirectoryEntry, PATH_MAX } from "./inode.ts";
import { makeDirectory, makeLink, makeNode, makeSymlink, removeDirectory, removeName, renameName } from "./naming.ts";
import { inodePermission, MAY_EXEC } from "./permission.ts";
import { fget } from "./syscalls-io.ts";
import { contextOf, filesOf, fsOf } from "./transfer.ts";
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_REMOVEDIR,
  AT_SYMLINK_FOLLOW,
  AT_SYMLINK_NOFOLLOW,
  dentryAt,
  getPath,
  placeAt,
} from "./user-path.ts";

function mkdirat(k: Kernel, t: Task, dirfd: number, path: number, mode: number): number {
  const place = placeAt(k, t, dirfd, path);
  return typeof place === "number" ? place : makeDirectory(contextOf(t), place, mode & ~fsOf(t).umask);
}

function mknodat(k: Kernel, t: Task, dirfd: number, path: number, mode: number, rdev: number): number {
  const place = placeAt(k, t, dirfd, path);
  return typeof place === "number" ? place : makeNode(contextOf(t), place, mode & 0xffff & ~fsOf(t).umask, rdev >>> 0);
}

function symlinkat(k: Kernel, t: Task, target: number, dirfd: number, path: number): number {
  const text = getPath(k, target);
  if (typeof text === "number") return text;
  if (text === "") return -ENOENT;
  const place = placeAt(k, t, dirfd, path);
  return typeof place === "number" ? place : makeSymlink(contextOf(t), place, text);
}

function linkat(
  k: Kernel,
  t: Task,
  oldDirfd: number,
  oldPath: number,
  newDirfd: number,
  newPath: number,
  flags: number,
): number {
  if ((flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) !== 0) return -EINVAL;
  if ((flags & AT_EMPTY_PATH) !== 0 && !t.cred.capable(CAP_DAC_READ_SEARCH)) return -ENOENT;
  const follow = (flags & AT_SYMLINK_FOLLOW) !== 0 ? 0 : AT_SYMLINK_NOFOLLOW;
  const existing = dentryAt(k, t, oldDirfd, oldPath, follow | (flags & AT_EMPTY_PATH));
  if (typeof existing === "number") return existing;
  const place = placeAt(k, t, newDirfd, newPath);
  return typeof place === "number" ? place : makeLink(contextOf(t), existing, place);
}

function unlinkat(k: Kernel, t: Task, dirfd: number, path: number, flags: number): number {
  if ((flags & ~AT_REMOVEDIR) !== 0) return -EINVAL;
  const place = placeAt(k, t, dirfd, path);
  if (typeof place === "number") return place;
  return (flags & AT_REMOVEDIR) !== 0 ? removeDirectory(contextOf(t), place) : removeName(contextOf(t), place);
}

function renameat2(
  k: Kernel,
  t: Task,
  oldDirfd: number,
  oldPath: number,
  newDirfd: number,
  newPath: number,
  flags: number,
): number {
  const from = placeAt(k, t, oldDirfd, oldPath);
  if (typeof from === "number") return from;
  const to = placeAt(k, t, newDirfd, newPath);
  return typeof to === "number" ? to : renameName(contextOf(t), from, to, flags);
}

/** Makes a directory the working directory: 0, -ENOTDIR or -EACCES. */
function enter(t: Task, dentry: Dentry): number {
  if (!dentry.inode.isDirectory) return -ENOTDIR;
  const denied = inodePermission(dentry.inode, MAY_EXEC, t.cred);
  if (denied < 0) return denied;
  fsOf(t).cwd = dentry;
  return 0;
}

function chdir(k: Kernel, t: Task, path: number): number {
  const dentry = dentryAt(k, t, AT_FDCWD, path, 0);
  return typeof dentry === "number" ? dentry : enter(t, dentry);
}

function fchdir(_k: Kernel, t: Task, fd: number): number {
  const file = filesOf(t).get(fd);
  return file === null ? -EBADF : enter(t, file.dentry);
}

function chroot(k: Kernel, t: Task, path: number): number {
  const dentry = dentryAt(k, t, AT_FDCWD, path, 0);
  if (typeof dentry === "number") return dentry;
  if (!dentry.inode.isDirectory) return -ENOTDIR;
  const denied = inodePermission(dentry.inode, MAY_EXEC, t.cred);
  if (denied < 0) return denied;
  if (!t.cred.capable(CAP_SYS_CHROOT)) return -EPERM;
  fsOf(t).root = dentry;
  return 0;
}

/** The length with the NUL. A working directory outside of the root is "(unreachable)/...", as glibc expects. */
function getcwd(k: Kernel, t: Task, address: number, size: number): number {
  const { root, cwd } = fsOf(t);
  if (cwd.deleted) return -ENOENT;
  const { path, reachable } = pathFrom(cwd, root);
  const text = reachable ? path : `(unreachable)${path}`;
  if (text.length >= PATH_MAX) return -ENAMETOOLONG;
  if (text.length + 1 > size >>> 0) return -ERANGE;
  return k.user.write(address >>> 0, latin1(`${text}\0`)) ? text.length + 1 : -EFAULT;
}

/** Byte strings of the kernel as bytes. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** One record in a layout of getdents; null if it does not fit into `room`. */
type Packer = (entry: DirectoryEntry, next: number, room: number) => Uint8Array | null;

/** d_type of S_IFMT bits. */
const dType = (type: number) => type >>> 12;

/** struct linux_dirent64 { u64 d_ino; s64 d_off; u16 d_reclen; u8 d_type; char d_name[]; }, padded to 8. */
const packDirent64: Packer = (entry, next, room) => {
  const length = (19 + entry.name.length + 1 + 7) & ~7;
  if (length > room) return null;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(entry.ino), true);
  view.setBigInt64(8, BigInt(next), true);
  view.setUint16(16, length, true);
  bytes[18] = dType(entry.type);
  bytes.set(latin1(entry.name), 19);
  return bytes;
};

/** struct linux_dirent { ulong d_ino, d_off; u16 d_reclen; char d_name[]; } with d_type in the last byte, padded to 4. */
const packDirent: Packer = (entry, next, room) => {
  const length = (10 + entry.name.length + 2 + 3) & ~3;
  if (length > room) return null;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, entry.ino, true);
  view.setUint32(4, next, true);
  view.setUint16(8, length, true);
  bytes.set(latin1(entry.name), 10);
  bytes[length - 1] = dType(entry.type);
  return bytes;
};

function readEntries(k: Kernel, t: Task, fd: number, address: number, size: number, pack: Packer): number {
  const file = fget(t, fd);
  if (file === null) return -EBADF;
  if (!(file instanceof DirectoryFile)) return -ENOTDIR;
  let done = 0;
  let error = 0;
  const start = address >>> 0;
  const result = file.iterate((entry, next) => {
    const bytes = pack(entry, next, (size >>> 0) - done);
    if (bytes === null) error = -EINVAL;
    else if (!k.user.write(start + done, bytes)) error = -EFAULT;
    if (bytes === null || error < 0) return false;
    done += bytes.length;
    return true;
  });
  if (done > 0) return done;
  return result < 0 ? result : error;
}

/** The old readdir: one struct old_linux_dirent { ulong d_ino, d_offset; u16 d_namlen; char d_name[]; } per call. */
function readdir(k: Kernel, t: Task, fd: number, address: number): number {
  let given = false;
  const bytes = readEntries(k, t, fd, address, 10 + 256, (entry, next) => {
    if (given) return null;
    given = true;
    const record = new Uint8Array(10 + entry.name.length + 1);
    const view = new DataView(record.buffer);
    view.setUint32(0, entry.ino, true);
    view.setUint32(4, next - 1, true);
    view.setUint16(8, entry.name.length, true);
    record.set(latin1(entry.name), 10);
    return record;
  });
  return bytes > 0 ? 1 : bytes;
}

const eperm = () => -EPERM;

export const nameSyscalls: SyscallTable = {
  9: ["link", (k, t, from, to) => linkat(k, t, AT_FDCWD, from, AT_FDCWD, to, 0)],
  10: ["unlink", (k, t, path) => unlinkat(k, t, AT_FDCWD, path, 0)],
  12: ["chdir", chdir],
  14: ["mknod", (k, t, path, mode, rdev) => mknodat(k, t, AT_FDCWD, path, mode, rdev)],
  21: ["mount", eperm],
  22: ["umount", eperm],
  38: ["rename", (k, t, from, to) => renameat2(k, t, AT_FDCWD, from, AT_FDCWD, to, 0)],
  39: ["mkdir", (k, t, path, mode) => mkdirat(k, t, AT_FDCWD, path, mode)],
  40: ["rmdir", (k, t, path) => unlinkat(k, t, AT_FDCWD, path, AT_REMOVEDIR)],
  52: ["umount2", eperm],
  61: ["chroot", chroot],
  83: ["symlink", (k, t, target, path) => symlinkat(k, t, target, AT_FDCWD, path)],
  89: ["readdir", readdir],
  133: ["fchdir", fchdir],
  141: ["getdents", (k, t, fd, address, size) => readEntries(k, t, fd, address, size, packDirent)],
  183: ["getcwd", getcwd],
  217: ["pivot_root", eperm],
  220: ["getdents64", (k, t, fd, address, size) => readEntries(k, t, fd, address, size, packDirent64)],
  296: ["mkdirat", mkdirat],
  297: ["mknodat", mknodat],
  301: ["unlinkat", unlinkat],
  302: ["renameat", (k, t, oldFd, from, newFd, to) => renameat2(k, t, oldFd, from, newFd, to, 0)],
  303: ["linkat", linkat],
  304: ["symlinkat", symlinkat],
  353: ["renameat2", renameat2],
};
