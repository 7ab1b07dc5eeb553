/** read, write and their kin; positions; copies between files. cf. fs/read_write.c, fs/splice.c. */

import { EAGAIN, EBADF, EFAULT, EINVAL, EISDIR, EOPNOTSUPP, EOVERFLOW, ERESTARTSYS, ESPIPE, EXDEV } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import type { SyscallTable } from "../syscall/syscall.ts";
import { highWord, lowWord, readWords } from "../syscall/words.ts";
import { SLEEPING, sleep } from "../task/sleep.ts";
import type { Task } from "../task/task.ts";
import { type File, O_APPEND, O_NONBLOCK, O_PATH } from "./file.ts";
import { type IovIter, KernelIter } from "./iov-iter.ts";
import { PipeFile } from "./pipe.ts";
import { filesOf, movedBefore, readFile, rememberMoved, writeFile } from "./transfer.ts";
import { importBuffer, importIovec, MAX_RW_COUNT } from "./user-iter.ts";

/** loff_t from two registers. */
export function longLong(low: number, high: number): number {
  return high * 2 ** 32 + (low >>> 0);
}

/** The open file of a descriptor; O_PATH ones are no files for most calls. cf. fget(). */
export function fget(task: Task, fd: number): File | null {
  const file = filesOf(task).get(fd);
  return file === null || (file.flags & O_PATH) !== 0 ? null : file;
}

function read(k: Kernel, t: Task, fd: number, address: number, count: number): number {
  const file = fget(t, fd);
  if (file === null || !file.readable) return -EBADF;
  const to = importBuffer(k.user, address, count);
  return typeof to === "number" ? to : readFile(k, t, file, to);
}

function write(k: Kernel, t: Task, fd: number, address: number, count: number): number {
  const file = fget(t, fd);
  if (file === null || !file.writable) return -EBADF;
  const from = importBuffer(k.user, address, count);
  return typeof from === "number" ? from : writeFile(k, t, file, from);
}

function readv(k: Kernel, t: Task, fd: number, vector: number, segments: number): number {
  const file = fget(t, fd);
  if (file === null || !file.readable) return -EBADF;
  const to = importIovec(k.user, vector, segments);
  return typeof to === "number" ? to : readFile(k, t, file, to);
}

function writev(k: Kernel, t: Task, fd: number, vector: number, segments: number): number {
  const file = fget(t, fd);
  if (file === null || !file.writable) return -EBADF;
  const from = importIovec(k.user, vector, segments);
  return typeof from === "number" ? from : writeFile(k, t, file, from);
}

/** A read or write at a position that leaves the file's own alone. */
function positional(
  k: Kernel,
  t: Task,
  fd: number,
  position: number,
  direction: "read" | "write",
  iter: () => IovIter | number,
): number {
  if (position < 0) return -EINVAL;
  const file = fget(t, fd);
  if (file === null) return -EBADF;
  if (!file.seekable) return -ESPIPE;
  if (direction === "read" ? !file.readable : !file.writable) return -EBADF;
  const imported = iter();
  if (typeof imported === "number") return imported;
  return direction === "read" ? readFile(k, t, file, imported, position) : writeFile(k, t, file, imported, position);
}

function pread64(k: Kernel, t: Task, fd: number, address: number, count: number, low: number, high: number): number {
  return positional(k, t, fd, longLong(low, high), "read", () => importBuffer(k.user, address, count));
}

function pwrite64(k: Kernel, t: Task, fd: number, address: number, count: number, low: number, high: number): number {
  return positional(k, t, fd, longLong(low, high), "write", () => importBuffer(k.user, address, count));
}

function preadv(k: Kernel, t: Task, fd: number, vector: number, segments: number, low: number, high: number): number {
  return positional(k, t, fd, longLong(low, high), "read", () => importIovec(k.user, vector, segments));
}

function pwritev(k: Kernel, t: Task, fd: number, vector: number, segments: number, low: number, high: number): number {
  return positional(k, t, fd, longLong(low, high), "write", () => importIovec(k.user, vector, segments));
}

/** RWF_HIPRI, DSYNC, SYNC change nothing here; NOWAIT needs nothing; APPEND is looked at. */
const RWF_KNOWN = 0x1f;
const RWF_APPEND = 0x10;

/** Position -1 means the file's own. */
function preadv2(
  k: Kernel,
  t: Task,
  fd: number,
  vector: number,
  n: number,
  low: number,
  high: number,
  flags: number,
): number {
  if ((flags & ~RWF_KNOWN) !== 0) return -EOPNOTSUPP;
  return low === -1 && high === -1 ? readv(k, t, fd, vector, n) : preadv(k, t, fd, vector, n, low, high);
}

function pwritev2(
  k: Kernel,
  t: Task,
  fd: number,
  vector: number,
  n: number,
  low: number,
  high: number,
  flags: number,
): number {
  if ((flags & ~RWF_KNOWN) !== 0) return -EOPNOTSUPP;
  const file = fget(t, fd);
  if ((flags & RWF_APPEND) !== 0 && file !== null && (file.flags & O_APPEND) === 0) {
    file.flags |= O_APPEND;
    const result = pwritev2(k, t, fd, vector, n, low, high, flags & ~RWF_APPEND);
    file.flags &= ~O_APPEND;
    return result;
  }
  return low === -1 && high === -1 ? writev(k, t, fd, vector, n) : pwritev(k, t, fd, vector, n, low, high);
}

function lseek(_k: Kernel, t: Task, fd: number, offset: number, whence: number): number {
  const file = fget(t, fd);
  if (file === null) return -EBADF;
  if (whence >>> 0 > 4) return -EINVAL;
  const position = file.seek(offset, whence);
  return position > 0x7fffffff ? -EOVERFLOW : position;
}

function llseek(k: Kernel, t: Task, fd: number, high: number, low: number, result: number, whence: number): number {
  const file = fget(t, fd);
  if (file === null) return -EBADF;
  if (whence >>> 0 > 4) return -EINVAL;
  const position = file.seek(longLong(low, high), whence);
  if (position < 0) return position;
  return putLongLong(k, result, position) ? 0 : -EFAULT;
}

export function putLongLong(k: Kernel, address: number, value: number): boolean {
  const { user } = k;
  return user.putU32(address >>> 0, lowWord(value)) && user.putU32((address >>> 0) + 4, highWord(value));
}

/** loff_t in user memory; null if it cannot be read. */
function getLongLong(k: Kernel, address: number): number | null {
  const words = readWords(k, address, 2);
  return words === null ? null : longLong(words[0] ?? 0, words[1] ?? 0);
}

/** Bytes that a copy between files takes at a time. */
const PIECE = 65536;

/**
 * Moves up to `count` bytes from a file to another, piece by piece; `position` null means the input's own, which then
 * moves. May return SLEEPING: what has been moved is remembered, the result counts it.
 */
function moveBytes(
  k: Kernel,
  t: Task,
  input: File,
  position: number | null,
  output: File,
  outPosition: number | null,
  count: number,
): number {
  let done = movedBefore(t);
  // The write of a piece must not take the count of the whole move for its own.
  t.progress = null;
  while (done < count) {
    const buffer = new Uint8Array(Math.min(PIECE, count - done));
    const from = position === null ? input.position : position + done;
    const bytes = input.read(new KernelIter(buffer), from);
    if (bytes <= 0) return done > 0 ? done : bytes;
    const piece = new KernelIter(buffer.subarray(0, bytes));
    const written = writeOnce(k, t, output, piece, outPosition === null ? null : outPosition + done);
    if (written > 0) {
      done += written;
      if (position === null) input.position += written;
    }
    if (written === -EAGAIN && (output.flags & O_NONBLOCK) === 0) {
      const slept = sleep(t, { queues: output.queues, onSignal: done > 0 ? done : -ERESTARTSYS });
      if (slept === SLEEPING) rememberMoved(t, done);
      return slept;
    }
    if (written < 0) return done > 0 ? done : written;
  }
  return done;
}

/** A write that takes what fits now. */
function writeOnce(k: Kernel, t: Task, file: File, from: IovIter, position: number | null): number {
  const flags = file.flags;
  file.flags |= O_NONBLOCK;
  const bytes = writeFile(k, t, file, from, position);
  file.flags = flags;
  return bytes;
}

function sendfile(
  k: Kernel,
  t: Task,
  outFd: number,
  inFd: number,
  offset: number,
  count: number,
  width: 4 | 8,
): number {
  const input = fget(t, inFd);
  if (input === null || !input.readable) return -EBADF;
  let position: number | null = null;
  if (offset !== 0) {
    position = width === 8 ? getLongLong(k, offset) : k.user.getI32(offset >>> 0);
    const unreadable = position === null || k.user.failed;
    k.user.failed = false;
    if (unreadable) return -EFAULT;
    if (!input.seekable) return -ESPIPE;
    if (position !== null && position < 0) return -EINVAL;
  }
  if (count < 0) return -EINVAL;
  const output = fget(t, outFd);
  if (output === null || !output.writable) return -EBADF;
  if (!input.seekable || input.inode.isDirectory) return -EINVAL;
  if ((output.flags & O_APPEND) !== 0) return -EINVAL;
  const bytes = moveBytes(k, t, input, position, output, null, Math.min(count, MAX_RW_COUNT));
  if (bytes > 0 && position !== null) {
    const after = position + bytes;
    const put = width === 8 ? putLongLong(k, offset, after) : k.user.putU32(offset >>> 0, after);
    if (!put) return -EFAULT;
  }
  return bytes;
}

function copyFileRange(
  k: Kernel,
  t: Task,
  inFd: number,
  inOffset: number,
  outFd: number,
  outOffset: number,
  length: number,
  flags: number,
): number {
  const input = fget(t, inFd);
  const output = fget(t, outFd);
  if (input === null || output === null) return -EBADF;
  const inPosition = inOffset === 0 ? null : getLongLong(k, inOffset);
  if (inOffset !== 0 && inPosition === null) return -EFAULT;
  const outPosition = outOffset === 0 ? null : getLongLong(k, outOffset);
  if (outOffset !== 0 && outPosition === null) return -EFAULT;
  if (flags !== 0) return -EINVAL;
  if (input.inode.isDirectory || output.inode.isDirectory) return -EISDIR;
  if (!input.inode.isRegular || !output.inode.isRegular) return -EINVAL;
  if (!input.readable || !output.writable || (output.flags & O_APPEND) !== 0) return -EBADF;
  if (input.mappable !== "cache" || output.mappable !== "cache") return -EXDEV;
  const from = inPosition ?? input.position;
  const to = outPosition ?? output.position;
  if (from < 0 || to < 0) return -EINVAL;
  const count = Math.min(length >>> 0, MAX_RW_COUNT, Math.max(0, input.inode.size - from));
  if (input.inode === output.inode && from < to + count && to < from + count) return -EINVAL;
  const bytes = moveBytes(k, t, input, inPosition, output, outPosition, count);
  if (bytes <= 0) return bytes;
  if (inPosition !== null && !putLongLong(k, inOffset, inPosition + bytes)) return -EFAULT;
  if (outPosition !== null && !putLongLong(k, outOffset, outPosition + bytes)) return -EFAULT;
  return bytes;
}

const SPLICE_F_NONBLOCK = 2;

/** splice: at least one side is a pipe. What one wait brings is moved; a second wait would be another call. */
function splice(
  k: Kernel,
  t: Task,
  inFd: number,
  inOffset: number,
  outFd: number,
  outOffset: number,
  length: number,
  flags: number,
): number {
  if (length === 0) return 0;
  if ((flags & ~0xf) !== 0) return -EINVAL;
  const input = fget(t, inFd);
  const output = fget(t, outFd);
  if (input === null || output === null || !input.readable || !output.writable) return -EBADF;
  const inPipe = input instanceof PipeFile ? input.pipe : null;
  const outPipe = output instanceof PipeFile ? output.pipe : null;
  if ((inPipe !== null && inOffset !== 0) || (outPipe !== null && outOffset !== 0)) return -ESPIPE;
  if (inPipe === outPipe) return -EINVAL;
  if ((output.flags & O_APPEND) !== 0) return -EINVAL;
  if ((inOffset !== 0 && !input.seekable) || (outOffset !== 0 && !output.seekable)) return -EINVAL;
  const inPosition = inOffset === 0 ? null : getLongLong(k, inOffset);
  const outPosition = outOffset === 0 ? null : getLongLong(k, outOffset);
  if ((inOffset !== 0 && inPosition === null) || (outOffset !== 0 && outPosition === null)) return -EFAULT;
  const nonblocking = (flags & SPLICE_F_NONBLOCK) !== 0;
  const room = outPipe === null ? PIECE : (outPipe.slotLimit - outPipe.slots.length) * 4096;
  if (room === 0) {
    if (nonblocking || (output.flags & O_NONBLOCK) !== 0) return -EAGAIN;
    return sleep(t, { queues: output.queues, onSignal: -ERESTARTSYS });
  }
  const buffer = new Uint8Array(Math.min(length >>> 0, PIECE, room));
  const bytes = input.read(new KernelIter(buffer), inPosition ?? input.position);
  if (bytes === -EAGAIN && !nonblocking && (input.flags & O_NONBLOCK) === 0) {
    return sleep(t, { queues: input.queues, onSignal: -ERESTARTSYS });
  }
  if (bytes <= 0) return bytes;
  if (inPosition === null && input.seekable) input.position += bytes;
  const written = writeOnce(k, t, output, new KernelIter(buffer.subarray(0, bytes)), outPosition);
  if (written < 0) return written;
  if (inPosition !== null && !putLongLong(k, inOffset, inPosition + written)) return -EFAULT;
  if (outPosition !== null && !putLongLong(k, outOffset, outPosition + written)) return -EFAULT;
  return written;
}

/** tee: copies what is in a pipe to another without taking it. */
function tee(_k: Kernel, t: Task, inFd: number, outFd: number, length: number, flags: number): number {
  if ((flags & ~0xf) !== 0) return -EINVAL;
  if (length === 0) return 0;
  const input = fget(t, inFd);
  const output = fget(t, outFd);
  if (input === null || output === null || !input.readable || !output.writable) return -EBADF;
  if (!(input instanceof PipeFile) || !(output instanceof PipeFile) || input.pipe === output.pipe) return -EINVAL;
  const nonblocking = (flags & SPLICE_F_NONBLOCK) !== 0 || ((input.flags | output.flags) & O_NONBLOCK) !== 0;
  if (input.pipe.slots.length === 0) {
    if (input.pipe.writers === 0) return 0;
    return nonblocking ? -EAGAIN : sleep(t, { queues: input.queues, onSignal: -ERESTARTSYS });
  }
  let done = 0;
  for (const slot of input.pipe.slots) {
    const bytes = Math.min(slot.length, (length >>> 0) - done);
    if (bytes === 0) break;
    const written = output.pipe.write(new KernelIter(slot.page.slice(slot.offset, slot.offset + bytes)), false);
    if (written > 0) done += written;
    if (written < bytes) {
      if (done > 0) break;
      if (written !== -EAGAIN || nonblocking) return written;
      return sleep(t, { queues: output.queues, onSignal: -ERESTARTSYS });
    }
  }
  return done;
}

/** vmsplice: the pages are copied, as a pipe of Linux may do. */
function vmsplice(k: Kernel, t: Task, fd: number, vector: number, segments: number, flags: number): number {
  if ((flags & ~0xf) !== 0) return -EINVAL;
  const file = fget(t, fd);
  if (!(file instanceof PipeFile)) return -EBADF;
  return file.writable ? writev(k, t, fd, vector, segments) : readv(k, t, fd, vector, segments);
}

/** Advice about a file is taken and forgotten. cf. mm/fadvise.c. */
function fadvise(t: Task, fd: number, length: number, advice: number): number {
  const file = fget(t, fd);
  if (file === null) return -EBADF;
  if (file instanceof PipeFile) return -ESPIPE;
  if (length < 0 || advice >>> 0 > 5) return -EINVAL;
  return 0;
}

function readahead(_k: Kernel, t: Task, fd: number): number {
  const file = fget(t, fd);
  if (file === null || !file.readable) return -EBADF;
  return file.mappable === "cache" ? 0 : -EINVAL;
}

function syncFileRange(_k: Kernel, t: Task, fd: number, lo: number, hi: number, n: number, m: number, flags: number) {
  if ((flags & ~7) !== 0 || longLong(lo, hi) < 0 || longLong(n, m) < 0) return -EINVAL;
  const file = fget(t, fd);
  if (file === null) return -EBADF;
  if (!file.inode.isRegular && !file.inode.isDirectory) return -ESPIPE;
  return file.inode.isRegular ? file.sync() : 0;
}

function fsync(_k: Kernel, t: Task, fd: number): number {
  const file = fget(t, fd);
  return file === null ? -EBADF : file.sync();
}

function syncfs(_k: Kernel, t: Task, fd: number): number {
  return fget(t, fd) === null ? -EBADF : 0;
}

export const ioSyscalls: SyscallTable = {
  3: ["read", read],
  4: ["write", write],
  19: ["lseek", lseek],
  36: ["sync", () => 0],
  118: ["fsync", fsync],
  140: ["_llseek", llseek],
  145: ["readv", readv],
  146: ["writev", writev],
  148: ["fdatasync", fsync],
  180: ["pread64", pread64],
  181: ["pwrite64", pwrite64],
  187: ["sendfile", (k, t, out, input, offset, count) => sendfile(k, t, out, input, offset, count, 4)],
  225: ["readahead", readahead],
  239: ["sendfile64", (k, t, out, input, offset, count) => sendfile(k, t, out, input, offset, count, 8)],
  250: ["fadvise64", (_k, t, fd, _low, _high, length, advice) => fadvise(t, fd, length, advice)],
  272: ["fadvise64_64", (_k, t, fd, _l, _h, low, high, advice) => fadvise(t, fd, longLong(low, high), advice)],
  313: ["splice", splice],
  314: ["sync_file_range", syncFileRange],
  315: ["tee", tee],
  316: ["vmsplice", vmsplice],
  333: ["preadv", preadv],
  334: ["pwritev", pwritev],
  344: ["syncfs", syncfs],
  377: ["copy_file_range", copyFileRange],
  378: ["preadv2", preadv2],
  379: ["pwritev2", pwritev2],
};
