/** Reading and writing by a task: waiting, signals, limits, positions. cf. fs/read_write.c vfs_read(), vfs_write(). */

import { EAGAIN, EBADF, EFBIG, EIO, EPIPE, ERESTARTSYS } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import { RLIMIT_FSIZE } from "../task/rlimit.ts";
import { kernelSignal, sendPgrpSignal, sendSignal, signalIgnored } from "../task/signal.ts";
import { SIGPIPE, SIGTTIN, SIGTTOU, SIGXFSZ } from "../task/signals.ts";
import { SLEEPING, sleep } from "../task/sleep.ts";
import type { Task } from "../task/task.ts";
import { type File, O_APPEND, O_LARGEFILE, O_NONBLOCK } from "./file.ts";
import type { FilesStruct } from "./files-struct.ts";
import type { FsStruct } from "./fs-struct.ts";
import type { IovIter } from "./iov-iter.ts";
import type { WalkContext } from "./namei.ts";
import { MAX_NON_LFS } from "./open.ts";
import { TerminalFile } from "./terminal.ts";
import { TOSTOP } from "./termios.ts";

/** The descriptors of a task that makes a system call: it has not ended. */
export function filesOf(task: Task): FilesStruct {
  if (task.files === null) throw new Error("a task that has ended makes a system call");
  return task.files;
}

export function fsOf(task: Task): FsStruct {
  if (task.fs === null) throw new Error("a task that has ended makes a system call");
  return task.fs;
}

/** As whom and from where the task walks paths. */
export function contextOf(task: Task): WalkContext {
  const { root, cwd } = fsOf(task);
  return { root, cwd, cred: task.cred };
}

/** How far a call that waits in between has come. */
class Moved {
  bytes = 0;
}

/** Bytes that an earlier round of this sleeping call has moved. */
export function movedBefore(task: Task): number {
  return task.progress instanceof Moved ? task.progress.bytes : 0;
}

/** Keeps the count for the next round. */
export function rememberMoved(task: Task, bytes: number): void {
  const moved = new Moved();
  moved.bytes = bytes;
  task.progress = moved;
}

/** Reads at the file's position, or at `position` without moving it. May return SLEEPING. */
export function readFile(k: Kernel, task: Task, file: File, to: IovIter, position: number | null = null): number {
  const bytes = vfsRead(k, task, file, to, position);
  if (bytes === SLEEPING) return bytes;
  task.usage.readCalls++;
  if (bytes > 0) task.usage.readBytes += bytes;
  return bytes;
}

function vfsRead(k: Kernel, task: Task, file: File, to: IovIter, position: number | null): number {
  if (!file.readable) return -EBADF;
  if (file instanceof TerminalFile) {
    const denied = checkTerminal(k, task, file, SIGTTIN);
    if (denied < 0) return denied;
  }
  const bytes = file.read(to, position ?? file.position);
  if (bytes > 0 && position === null && file.seekable) file.position += bytes;
  if (bytes !== -EAGAIN || (file.flags & O_NONBLOCK) !== 0) return bytes;
  return sleep(task, { queues: file.queues, onSignal: -ERESTARTSYS });
}

/** Writes at the file's position (its end if O_APPEND), or at `position` without moving it. May return SLEEPING. */
export function writeFile(k: Kernel, task: Task, file: File, from: IovIter, position: number | null = null): number {
  const bytes = vfsWrite(k, task, file, from, position);
  if (bytes === SLEEPING) return bytes;
  task.usage.writeCalls++;
  if (bytes > 0) task.usage.writtenBytes += bytes;
  return bytes;
}

function vfsWrite(k: Kernel, task: Task, file: File, from: IovIter, position: number | null): number {
  if (!file.writable) return -EBADF;
  if (file instanceof TerminalFile && (file.terminal.termios.lflag & TOSTOP) !== 0) {
    const denied = checkTerminal(k, task, file, SIGTTOU);
    if (denied < 0) return denied;
  }
  if (file.stream || file.queues.length > 0) return writeStream(k, task, file, from);
  const append = (file.flags & O_APPEND) !== 0 && file.inode.isRegular;
  const start = append ? file.inode.size : (position ?? file.position);
  const limit = sizeLimit(k, task, file, start, from.count);
  if (limit < 0) return limit;
  const cut = Math.max(0, from.count - limit);
  const bytes = cut > 0 ? file.write(new ShortIter(from, cut), start) : file.write(from, start);
  if (bytes > 0 && position === null && file.seekable) file.position = start + bytes;
  return bytes;
}

/** Bytes that may be written from `start` to a file with contents: RLIMIT_FSIZE and O_LARGEFILE. cf. generic_write_checks(). */
function sizeLimit(k: Kernel, task: Task, file: File, start: number, count: number): number {
  if (!file.inode.isRegular || file.mappable !== "cache" || count === 0) return count;
  const limit = task.rlimit(RLIMIT_FSIZE);
  if (start >= limit) {
    sendSignal(k, task, kernelSignal(SIGXFSZ));
    return -EFBIG;
  }
  const largest = (file.flags & O_LARGEFILE) === 0 ? MAX_NON_LFS : Number.MAX_SAFE_INTEGER;
  if (start >= largest) return -EFBIG;
  return Math.min(count, limit - start, largest - start);
}

/** Hides the last bytes of another source. */
class ShortIter implements IovIter {
  private readonly whole: IovIter;
  private readonly hidden: number;

  constructor(whole: IovIter, hidden: number) {
    this.whole = whole;
    this.hidden = hidden;
  }

  get count(): number {
    return this.whole.count - this.hidden;
  }

  copyTo(source: Uint8Array, offset: number, length: number): number {
    return this.whole.copyTo(source, offset, Math.min(length, this.count));
  }

  copyFrom(target: Uint8Array, offset: number, length: number): number {
    return this.whole.copyFrom(target, offset, Math.min(length, this.count));
  }

  advance(bytes: number): void {
    this.whole.advance(bytes);
  }

  revert(bytes: number): void {
    this.whole.revert(bytes);
  }
}

/** What may have to wait. Of a stream all bytes go unless O_NONBLOCK; what has gone counts when a signal comes. */
function writeStream(k: Kernel, task: Task, file: File, from: IovIter): number {
  let done = movedBefore(task);
  from.advance(done);
  for (;;) {
    const bytes = file.write(from, 0);
    if (bytes === -EPIPE) sendSignal(k, task, kernelSignal(SIGPIPE));
    if (bytes > 0) done += bytes;
    if (bytes > 0 && from.count > 0 && file.stream) continue;
    if (bytes !== -EAGAIN) return done > 0 ? done : bytes;
    if ((file.flags & O_NONBLOCK) !== 0) return done > 0 ? done : -EAGAIN;
    const slept = sleep(task, { queues: file.queues, onSignal: done > 0 ? done : -ERESTARTSYS });
    if (slept === SLEEPING) rememberMoved(task, done);
    return slept;
  }
}

/** A process in the background may not use the terminal. cf. __tty_check_change(), job_control(). */
export function checkTerminal(k: Kernel, task: Task, file: TerminalFile, signo: number): number {
  const { terminal } = file;
  const { group } = task;
  if (group.tty !== terminal || terminal.foregroundPgrp === 0 || group.pgrp === terminal.foregroundPgrp) return 0;
  if (task.blocked.has(signo) || signalIgnored(task, signo)) return signo === SIGTTIN ? -EIO : 0;
  sendPgrpSignal(k, group.pgrp, kernelSignal(signo));
  return -ERESTARTSYS;
}
