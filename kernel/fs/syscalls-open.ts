/** open, close, descriptors, pipes. cf. fs/open.c, fs/file.c, fs/pipe.c. */

import { E2BIG, EAGAIN, EBADF, EFAULT, EINVAL, EMFILE, ENODEV, ENOENT, ERESTARTSYS } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import { hugePageSizeKnown } from "../mm/hugetlb-pool.ts";
import type { SyscallTable } from "../syscall/syscall.ts";
import { RLIMIT_NOFILE } from "../task/rlimit.ts";
import { SLEEPING, sleep } from "../task/sleep.ts";
import type { Task } from "../task/task.ts";
import {
  __O_TMPFILE,
  type File,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECT,
  O_LARGEFILE,
  O_NONBLOCK,
  O_RDWR,
  O_TMPFILE,
  O_TRUNC,
  O_WRONLY,
} from "./file.ts";

import { lookupPath, RESOLVE_BENEATH, RESOLVE_CACHED, RESOLVE_IN_ROOT } from "./namei.ts";
import { type OpenHow, openPath, openProgram, openUnplaced } from "./open.ts";
import { PipeFile } from "./pipe.ts";
import { F_SEAL_EXEC } from "./seals.ts";
import { contextOf, filesOf, fsOf } from "./transfer.ts";
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, getPath, startOf } from "./user-path.ts";

/** The open of a FIFO that waits for its other side. */
class OpeningFifo {
  readonly file: PipeFile;

  constructor(file: PipeFile) {
    this.file = file;
  }
}

function install(t: Task, file: File, flags: number): number {
  return filesOf(t).install(file, (flags & O_CLOEXEC) !== 0, t.rlimit(RLIMIT_NOFILE));
}

function doOpen(k: Kernel, t: Task, dirfd: number, address: number, how: OpenHow): number {
  if (t.progress instanceof OpeningFifo) return finishFifo(t, t.progress.file, how.flags);
  const path = getPath(k, address);
  if (typeof path === "number") return path;
  const fd = filesOf(t).unused(0, t.rlimit(RLIMIT_NOFILE));
  if (fd < 0) return fd;
  // A walk that must stay below its start starts there whatever the path looks like.
  const confined = (how.resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) !== 0;
  const start = startOf(t, dirfd, confined ? "." : path);
  if (typeof start === "number") return start;
  const file = openPath(k.vfs, contextOf(t), start, path, how);
  if (typeof file === "number") return file;
  return file instanceof PipeFile ? finishFifo(t, file, how.flags) : install(t, file, how.flags);
}

function finishFifo(t: Task, file: PipeFile, flags: number): number {
  if (!file.awaitsPartner) return install(t, file, flags);
  const slept = sleep(t, { queues: file.queues, onSignal: -ERESTARTSYS });
  if (slept === SLEEPING) t.progress = new OpeningFifo(file);
  else file.put();
  return slept;
}

/** The mode counts only where a file is made; the umask comes off. */
function howOf(t: Task, flags: number, mode: number): OpenHow {
  const makes = (flags & (O_CREAT | __O_TMPFILE)) !== 0;
  return { flags, mode: makes ? mode & 0o7777 & ~fsOf(t).umask : 0, resolve: 0 };
}

function openat(k: Kernel, t: Task, dirfd: number, path: number, flags: number, mode: number): number {
  return doOpen(k, t, dirfd, path, howOf(t, flags, mode));
}

const OPEN_HOW_SIZE = 24;

/** All flags that open knows: VALID_OPEN_FLAGS. */
const VALID_OPEN_FLAGS = 0o37777703 | 0o4010000;

/** openat2: unlike open it refuses what it does not know. */
function openat2(k: Kernel, t: Task, dirfd: number, path: number, howAddress: number, size: number): number {
  if (size >>> 0 < OPEN_HOW_SIZE) return -EINVAL;
  if (size >>> 0 > 4096) return -E2BIG;
  const bytes = k.user.read(howAddress >>> 0, size >>> 0);
  if (bytes === null) return -EFAULT;
  if (bytes.subarray(OPEN_HOW_SIZE).some((byte) => byte !== 0)) return -E2BIG;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [flags, mode, resolve] = [0, 8, 16].map((at) => view.getBigUint64(at, true)) as [bigint, bigint, bigint];
  if (flags > 0xffffffffn || (Number(flags) & ~VALID_OPEN_FLAGS) !== 0) return -EINVAL;
  if (resolve > 0x3fn || mode > 0o7777n) return -EINVAL;
  const makes = (Number(flags) & (O_CREAT | __O_TMPFILE)) !== 0;
  if (!makes && mode !== 0n) return -EINVAL;
  const restrictions = Number(resolve);
  if ((restrictions & RESOLVE_BENEATH) !== 0 && (restrictions & RESOLVE_IN_ROOT) !== 0) return -EINVAL;
  if ((restrictions & RESOLVE_CACHED) !== 0 && (Number(flags) & (O_TRUNC | O_CREAT | O_TMPFILE)) !== 0) return -EAGAIN;
  return doOpen(k, t, dirfd, path, { ...howOf(t, Number(flags), Number(mode)), resolve: restrictions });
}

function creat(k: Kernel, t: Task, path: number, mode: number): number {
  return openat(k, t, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

function close(_k: Kernel, t: Task, fd: number): number {
  return filesOf(t).close(fd);
}

const CLOSE_RANGE_UNSHARE = 2;
const CLOSE_RANGE_CLOEXEC = 4;

function closeRange(_k: Kernel, t: Task, first: number, last: number, flags: number): number {
  if ((flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) !== 0) return -EINVAL;
  if (first >>> 0 > last >>> 0) return -EINVAL;
  let files = filesOf(t);
  if ((flags & CLOSE_RANGE_UNSHARE) !== 0 && files.shared) {
    const own = files.clone();
    files.release();
    t.files = own;
    files = own;
  }
  for (const fd of [...files.descriptors()]) {
    if (fd < first >>> 0 || fd > last >>> 0) continue;
    if ((flags & CLOSE_RANGE_CLOEXEC) !== 0) files.setCloexec(fd, true);
    else files.close(fd);
  }
  return 0;
}

function dup(_k: Kernel, t: Task, fd: number): number {
  const files = filesOf(t);
  const file = files.get(fd);
  return file === null ? -EBADF : files.install(file.get(), false, t.rlimit(RLIMIT_NOFILE));
}

function dup2(_k: Kernel, t: Task, oldFd: number, newFd: number): number {
  const files = filesOf(t);
  if (oldFd === newFd) return files.get(oldFd) === null ? -EBADF : oldFd;
  return files.dupTo(oldFd, newFd, false, t.rlimit(RLIMIT_NOFILE));
}

function dup3(_k: Kernel, t: Task, oldFd: number, newFd: number, flags: number): number {
  if ((flags & ~O_CLOEXEC) !== 0 || oldFd === newFd) return -EINVAL;
  return filesOf(t).dupTo(oldFd, newFd, (flags & O_CLOEXEC) !== 0, t.rlimit(RLIMIT_NOFILE));
}

function pipe2(k: Kernel, t: Task, address: number, flags: number): number {
  if ((flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT)) !== 0) return -EINVAL;
  const files = filesOf(t);
  const limit = t.rlimit(RLIMIT_NOFILE);
  const first = files.unused(0, limit);
  if (first < 0) return first;
  if (files.unused(first + 1, limit) < 0) return -EMFILE;
  const [input, output] = k.vfs.openPipe(flags & ~O_CLOEXEC);
  const fds = [install(t, input, flags), install(t, output, flags)] as const;
  if (k.user.write(address >>> 0, new Uint8Array(Int32Array.from(fds).buffer))) return 0;
  for (const fd of fds) files.close(fd);
  return -EFAULT;
}

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const MFD_HUGETLB = 4;
/** MFD_HUGE_MASK << MFD_HUGE_SHIFT. */
const MFD_HUGE_SIZE = 63 << 26;
const MFD_NOEXEC_SEAL = 8;
const MFD_EXEC = 16;
const MFD_NAME_MAX = 255 - "memfd:".length;

function memfdCreate(k: Kernel, t: Task, nameAddress: number, flags: number): number {
  const huge = (flags & MFD_HUGETLB) !== 0;
  const known = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB | MFD_NOEXEC_SEAL | MFD_EXEC;
  if ((flags & ~(known | (huge ? MFD_HUGE_SIZE : 0))) !== 0) return -EINVAL;
  if ((flags & MFD_EXEC) !== 0 && (flags & MFD_NOEXEC_SEAL) !== 0) return -EINVAL;
  const name = k.user.string(nameAddress >>> 0, MFD_NAME_MAX + 1);
  if (typeof name === "number") return name === -EFAULT ? name : -EINVAL;
  const mode = (flags & MFD_NOEXEC_SEAL) !== 0 ? 0o666 : 0o777;
  if (huge) {
    if (!hugePageSizeKnown(k.mm.memory, flags)) return -ENODEV;
    const file = k.mm.hugetlbfs.newFile(`/memfd:${name}`, 0, mode);
    return install(t, file, (flags & MFD_CLOEXEC) !== 0 ? O_CLOEXEC : 0);
  }
  const dentry = k.vfs.unplacedFile(`/memfd:${name}`, mode);
  if (typeof dentry === "number") return dentry;
  if ((flags & MFD_NOEXEC_SEAL) !== 0) dentry.inode.seals = F_SEAL_EXEC;
  else if ((flags & MFD_ALLOW_SEALING) !== 0) dentry.inode.seals = 0;
  return install(t, openUnplaced(dentry, O_RDWR | O_LARGEFILE), (flags & MFD_CLOEXEC) !== 0 ? O_CLOEXEC : 0);
}

function umask(_k: Kernel, t: Task, mask: number): number {
  const fs = fsOf(t);
  const old = fs.umask;
  fs.umask = mask & 0o777;
  return old;
}

/**
 * Opens a program for execve and execveat: a File that keeps the program from being written to until it is put, or -errno
 * with the checks of do_open_execat(). `flags` are AT_EMPTY_PATH and AT_SYMLINK_NOFOLLOW.
 */
export function openExec(t: Task, dirfd: number, path: string, flags: number): File | number {
  if ((flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) !== 0) return -EINVAL;
  if (path === "" && (flags & AT_EMPTY_PATH) === 0) return -ENOENT;
  const start = startOf(t, dirfd, path);
  if (typeof start === "number") return start;
  const context = contextOf(t);
  const links = (flags & AT_SYMLINK_NOFOLLOW) !== 0 ? "nofollow" : "follow";
  const dentry = path === "" ? start : lookupPath(context, start, path, links);
  return typeof dentry === "number" ? dentry : openProgram(context, dentry);
}

export const openSyscalls: SyscallTable = {
  5: ["open", (k, t, path, flags, mode) => openat(k, t, AT_FDCWD, path, flags, mode)],
  6: ["close", close],
  8: ["creat", creat],
  41: ["dup", dup],
  42: ["pipe", (k, t, address) => pipe2(k, t, address, 0)],
  60: ["umask", umask],
  63: ["dup2", dup2],
  295: ["openat", openat],
  330: ["dup3", dup3],
  331: ["pipe2", pipe2],
  356: ["memfd_create", memfdCreate],
  436: ["close_range", closeRange],
  437: ["openat2", openat2],
};
