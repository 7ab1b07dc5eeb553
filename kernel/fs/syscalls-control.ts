/** fcntl, flock, ioctl. cf. fs/fcntl.c, fs/locks.c, fs/ioctl.c, drivers/tty/tty_jobctrl.c. */

import { EAGAIN, EBADF, EFAULT, EINVAL, ENOTTY, EOVERFLOW, EPERM, ERESTARTSYS, ESRCH } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import type { SyscallTable } from "../syscall/syscall.ts";
import { CAP_SYS_ADMIN } from "../task/cred.ts";
import { RLIMIT_NOFILE } from "../task/rlimit.ts";
import { SIGTTOU } from "../task/signals.ts";
import { SLEEPING, sleep } from "../task/sleep.ts";
import type { Task } from "../task/task.ts";
import { FASYNC, type File, O_APPEND, O_DIRECT, O_NOATIME, O_NONBLOCK, O_PATH } from "./file.ts";
import {
  clearFlock,
  clearRecord,
  F_RDLCK,
  F_UNLCK,
  F_WRLCK,
  lockQueue,
  OFFSET_MAX,
  type RecordLock,
  setFlock,
  setRecord,
  stopWaiting,
  testRecord,
} from "./file-lock.ts";
import {
  FIBMAP,
  FIGETBSZ,
  FIOASYNC,
  FIOCLEX,
  FIONBIO,
  FIONCLEX,
  FIONREAD,
  FIOQSIZE,
  TIOCGPGRP,
  TIOCGSID,
  TIOCNOTTY,
  TIOCSCTTY,
  TIOCSPGRP,
} from "./ioctl-numbers.ts";
import { isOwner } from "./permission.ts";
import { PipeFile } from "./pipe.ts";
import { addSeals, getSeals } from "./seals.ts";
import { fget } from "./syscalls-io.ts";
import { TerminalFile } from "./terminal.ts";
import { checkTerminal, filesOf } from "./transfer.ts";

const F_DUPFD = 0;
const F_GETFD = 1;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const F_GETLK = 5;
const F_SETLK = 6;
const F_SETLKW = 7;
const F_SETOWN = 8;
const F_GETOWN = 9;
const F_SETSIG = 10;
const F_GETSIG = 11;
const F_GETLK64 = 12;
const F_SETLK64 = 13;
const F_SETLKW64 = 14;
const F_OFD_GETLK = 36;
const F_OFD_SETLK = 37;
const F_OFD_SETLKW = 38;
const F_DUPFD_CLOEXEC = 1030;
const F_SETPIPE_SZ = 1031;
const F_GETPIPE_SZ = 1032;
const F_ADD_SEALS = 1033;
const F_GET_SEALS = 1034;

const FD_CLOEXEC = 1;

/** What F_SETFL may change. */
const SETFL_MASK = O_APPEND | O_NONBLOCK | O_NOATIME | O_DIRECT | FASYNC;

/** Commands that an O_PATH descriptor understands. cf. check_fcntl_cmd(). */
const PATH_COMMANDS = new Set([F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL]);

function fcntl(k: Kernel, t: Task, fd: number, command: number, argument: number): number {
  return [F_GETLK64, F_SETLK64, F_SETLKW64, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW].includes(command)
    ? -EINVAL
    : fcntl64(k, t, fd, command, argument);
}

function fcntl64(k: Kernel, t: Task, fd: number, command: number, argument: number): number {
  const files = filesOf(t);
  const file = files.get(fd);
  if (file === null) return -EBADF;
  if ((file.flags & O_PATH) !== 0 && !PATH_COMMANDS.has(command)) return -EBADF;
  switch (command) {
    case F_DUPFD:
      return files.dupAbove(fd, argument, false, t.rlimit(RLIMIT_NOFILE));
    case F_DUPFD_CLOEXEC:
      return files.dupAbove(fd, argument, true, t.rlimit(RLIMIT_NOFILE));
    case F_GETFD:
      return files.getCloexec(fd) ? FD_CLOEXEC : 0;
    case F_SETFD:
      files.setCloexec(fd, (argument & FD_CLOEXEC) !== 0);
      return 0;
    case F_GETFL:
      return file.flags;
    case F_SETFL:
      return setFlags(t, file, argument);
    case F_GETLK:
    case F_GETLK64:
    case F_OFD_GETLK:
      return getLock(k, t, file, argument, command);
    case F_SETLK:
    case F_SETLKW:
    case F_SETLK64:
    case F_SETLKW64:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
      return setLock(k, t, file, argument, command);
    case F_GETOWN:
    case F_GETSIG:
    case F_SETOWN:
    case F_SETSIG:
      return 0;
    case F_SETPIPE_SZ:
      return file instanceof PipeFile ? file.pipe.resize(argument) : -EBADF;
    case F_ADD_SEALS:
      return addSeals(file, argument);
    case F_GET_SEALS:
      return getSeals(file);
    case F_GETPIPE_SZ:
      return file instanceof PipeFile ? file.pipe.capacity : -EBADF;
    default:
      return -EINVAL;
  }
}

function setFlags(t: Task, file: File, flags: number): number {
  if ((flags & ~file.flags & O_NOATIME) !== 0 && !isOwner(file.inode, t.cred)) return -EPERM;
  file.flags = (flags & SETFL_MASK) | (file.flags & ~SETFL_MASK);
  return 0;
}

/** struct flock: 16 bytes with 32-bit offsets; struct flock64: 24 bytes, i386 aligns long long to 4. */
const isWide = (command: number) => command >= F_GETLK64;
const isOfd = (command: number) => command >= F_OFD_GETLK;

interface LockRequest {
  type: number;
  start: number;
  end: number;
  pid: number;
}

function readLock(k: Kernel, file: File, address: number, command: number): LockRequest | number {
  const wide = isWide(command);
  const bytes = k.user.read(address >>> 0, wide ? 24 : 16);
  if (bytes === null) return -EFAULT;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const long = (at: number) => (wide ? Number(view.getBigInt64(at, true)) : view.getInt32(at, true));
  const type = view.getInt16(0, true);
  const whence = view.getInt16(2, true);
  const pid = view.getInt32(wide ? 20 : 12, true);
  const length = long(wide ? 12 : 8);
  const base = whence === 0 ? 0 : whence === 1 ? file.position : whence === 2 ? file.inode.size : -1;
  if (base < 0) return -EINVAL;
  const start = base + long(4);
  if (start > OFFSET_MAX) return -EOVERFLOW;
  if (length < 0) {
    if (start + length < 0) return -EINVAL;
    return { type, start: start + length, end: start - 1, pid };
  }
  if (start < 0) return -EINVAL;
  return { type, start, end: length === 0 ? OFFSET_MAX : Math.min(OFFSET_MAX, start + length - 1), pid };
}

function getLock(k: Kernel, t: Task, file: File, address: number, command: number): number {
  const request = readLock(k, file, address, command);
  if (typeof request === "number") return request;
  if (request.type !== F_RDLCK && request.type !== F_WRLCK) return -EINVAL;
  if (isOfd(command) && request.pid !== 0) return -EINVAL;
  const owner = isOfd(command) ? file : filesOf(t);
  const held = testRecord(file.inode, { owner, type: request.type, start: request.start, end: request.end });
  const wide = isWide(command);
  if (held === null) return k.user.putU16(address >>> 0, F_UNLCK) ? 0 : -EFAULT;
  const bytes = new Uint8Array(wide ? 24 : 16);
  const view = new DataView(bytes.buffer);
  const length = held.end === OFFSET_MAX ? 0 : held.end - held.start + 1;
  if (!wide && (held.start > 0x7fffffff || length > 0x7fffffff)) return -EOVERFLOW;
  view.setInt16(0, held.type, true);
  if (wide) {
    view.setBigInt64(4, BigInt(held.start), true);
    view.setBigInt64(12, BigInt(length), true);
    view.setInt32(20, held.pid, true);
  } else {
    view.setInt32(4, held.start, true);
    view.setInt32(8, length, true);
    view.setInt32(12, held.pid, true);
  }
  return k.user.write(address >>> 0, bytes) ? 0 : -EFAULT;
}

function setLock(k: Kernel, t: Task, file: File, address: number, command: number): number {
  const request = readLock(k, file, address, command);
  if (typeof request === "number") return request;
  const ofd = isOfd(command);
  if (ofd && request.pid !== 0) return -EINVAL;
  const owner = ofd ? file : filesOf(t);
  if (request.type === F_UNLCK) {
    clearRecord(file.inode, owner, request.start, request.end);
    return 0;
  }
  if (request.type !== F_RDLCK && request.type !== F_WRLCK) return -EINVAL;
  if (request.type === F_RDLCK ? !file.readable : !file.writable) return -EBADF;
  const waits = [F_SETLKW, F_SETLKW64, F_OFD_SETLKW].includes(command) ? "wait" : "now";
  const lock: RecordLock = {
    owner,
    pid: ofd ? -1 : t.tgid,
    type: request.type,
    start: request.start,
    end: request.end,
  };
  const result = setRecord(file.inode, lock, waits);
  if (result !== -EAGAIN || waits === "now") return result;
  const slept = sleep(t, { queues: [lockQueue(file.inode)], onSignal: -ERESTARTSYS });
  if (slept !== SLEEPING) stopWaiting(owner);
  return slept;
}

const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

function flock(_k: Kernel, t: Task, fd: number, operation: number): number {
  const kind = operation & ~LOCK_NB;
  if (kind !== LOCK_SH && kind !== LOCK_EX && kind !== LOCK_UN) return -EINVAL;
  const file = fget(t, fd);
  if (file === null) return -EBADF;
  if (kind === LOCK_UN) {
    clearFlock(file.inode, file);
    return 0;
  }
  if (!file.readable && !file.writable) return -EBADF;
  const result = setFlock(file.inode, file, kind === LOCK_SH ? "shared" : "exclusive");
  if (result !== -EAGAIN || (operation & LOCK_NB) !== 0) return result;
  return sleep(t, { queues: [lockQueue(file.inode)], onSignal: -ERESTARTSYS });
}

function ioctl(k: Kernel, t: Task, fd: number, command: number, argument: number): number {
  const files = filesOf(t);
  const file = fget(t, fd);
  if (file === null) return -EBADF;
  const give = (value: number) => (k.user.putU32(argument >>> 0, value) ? 0 : -EFAULT);
  switch (command) {
    case FIOCLEX:
      files.setCloexec(fd, true);
      return 0;
    case FIONCLEX:
      files.setCloexec(fd, false);
      return 0;
    case FIONBIO:
    case FIOASYNC: {
      const on = k.user.getI32(argument >>> 0);
      if (k.user.failed) {
        k.user.failed = false;
        return -EFAULT;
      }
      const bit = command === FIONBIO ? O_NONBLOCK : 0;
      file.flags = on !== 0 ? file.flags | bit : file.flags & ~bit;
      return 0;
    }
    case FIOQSIZE: {
      if (!file.inode.isRegular && !file.inode.isDirectory && !file.inode.isSymlink) return -ENOTTY;
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigInt64(0, BigInt(file.inode.size), true);
      return k.user.write(argument >>> 0, bytes) ? 0 : -EFAULT;
    }
    case FIONREAD:
      if (!file.inode.isRegular) break;
      return give(file.inode.size - file.position);
    case FIGETBSZ:
      return give(4096);
    case FIBMAP:
      return file.inode.isRegular ? -EINVAL : -ENOTTY;
  }
  if (file instanceof TerminalFile) {
    const handled = terminalJobs(k, t, file, command, argument);
    if (handled !== null) return handled;
  }
  return file.ioctl(command, argument, k.user);
}

/** The ioctls of a terminal that depend on who asks; null for the others. */
function terminalJobs(k: Kernel, t: Task, file: TerminalFile, command: number, argument: number): number | null {
  const { terminal } = file;
  const { group } = t;
  const give = (value: number) => (k.user.putU32(argument >>> 0, value) ? 0 : -EFAULT);
  const own = group.tty === terminal;
  switch (command) {
    case TIOCGPGRP:
      return own ? give(terminal.foregroundPgrp) : -ENOTTY;
    case TIOCGSID:
      return own ? give(terminal.session) : -ENOTTY;
    case TIOCSPGRP: {
      if (!own || terminal.session !== group.session) return -ENOTTY;
      const denied = checkTerminal(k, t, file, SIGTTOU);
      if (denied < 0) return denied;
      const pgrp = k.user.getI32(argument >>> 0);
      if (k.user.failed) {
        k.user.failed = false;
        return -EFAULT;
      }
      if (pgrp < 0) return -EINVAL;
      const [member] = k.tasks.processGroup(pgrp);
      if (member === undefined) return -ESRCH;
      if (member.session !== group.session) return -EPERM;
      terminal.foregroundPgrp = pgrp;
      return 0;
    }
    case TIOCSCTTY: {
      if (own && group.session === group.tgid) return 0;
      if (group.session !== group.tgid || group.tty !== null) return -EPERM;
      if (terminal.session !== 0 && !(argument === 1 && t.cred.capable(CAP_SYS_ADMIN))) return -EPERM;
      group.tty = terminal;
      terminal.session = group.session;
      terminal.foregroundPgrp = group.pgrp;
      return 0;
    }
    case TIOCNOTTY:
      if (!own) return -ENOTTY;
      if (group.session === group.tgid) {
        terminal.session = 0;
        terminal.foregroundPgrp = 0;
      }
      group.tty = null;
      return 0;
    default:
      return null;
  }
}

export const controlSyscalls: SyscallTable = {
  54: ["ioctl", ioctl],
  55: ["fcntl", fcntl],
  143: ["flock", flock],
  221: ["fcntl64", fcntl64],
};
