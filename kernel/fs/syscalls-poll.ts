/** Waiting for several files: poll and select. cf. fs/select.c. */

import { EBADF, EFAULT, EINTR, EINVAL, ERESTART_RESTARTBLOCK, ERESTARTNOHAND } from "../errno.ts";
import type { Timespec } from "../host.ts";
import type { Kernel } from "../kernel.ts";
import type { SyscallTable } from "../syscall/syscall.ts";
import { readWords } from "../syscall/words.ts";
import { RLIMIT_NOFILE } from "../task/rlimit.ts";
import { setTemporaryMask } from "../task/signal.ts";
import { SignalSet } from "../task/sigset.ts";
import { sleep } from "../task/sleep.ts";
import type { Task } from "../task/task.ts";
import type { WaitQueue } from "../task/wait.ts";
import { readTimespec, spanOf, type TimeWidth, timespecOf, timespecValid, writeTimespec } from "../time/timespec.ts";
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from "./file.ts";
import { fget } from "./syscalls-io.ts";
import { filesOf } from "./transfer.ts";

/** When a waiting call gives up, ns since boot; Infinity = never. Kept across its rounds. */
export class Deadline {
  readonly at: number;

  constructor(at: number) {
    this.at = at;
  }
}

/** The deadline of this call: that of its first round. `span` in ns. */
export function deadlineOf(k: Kernel, t: Task, span: number): number {
  if (t.progress instanceof Deadline) return t.progress.at;
  const at = k.clock.now() + span;
  t.progress = new Deadline(at);
  return at;
}

/** Sleeps until one of the queues is woken or the deadline has come. */
export function sleepUntil(k: Kernel, t: Task, queues: readonly WaitQueue[], at: number, onSignal: number): number {
  const deadline = at === Number.POSITIVE_INFINITY ? undefined : k.clock.cyclesAt(at);
  return sleep(t, { queues, deadline, onSignal });
}

const sizeofPollfd = 8;

/** struct pollfd { int fd; short events, revents; }[]. */
function pollOnce(k: Kernel, t: Task, address: number, count: number, deadline: number, onSignal: number): number {
  if (count >>> 0 > t.rlimit(RLIMIT_NOFILE)) return -EINVAL;
  const bytes = k.user.read(address >>> 0, count * sizeofPollfd);
  if (bytes === null) return -EFAULT;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const queues: WaitQueue[] = [];
  let ready = 0;
  for (let i = 0; i < count; i++) {
    const fd = view.getInt32(8 * i, true);
    let revents = 0;
    if (fd >= 0) {
      const file = fget(t, fd);
      const events = view.getUint16(8 * i + 4, true) | POLLERR | POLLHUP;
      revents = file === null ? POLLNVAL : file.poll() & events;
      if (file !== null) queues.push(...file.queues);
    }
    view.setUint16(8 * i + 6, revents, true);
    if (revents !== 0) ready += 1;
  }
  if (ready === 0 && deadline > k.clock.now()) return sleepUntil(k, t, queues, deadline, onSignal);
  for (let i = 0; i < count; i++) {
    if (!k.user.putU16((address >>> 0) + 8 * i + 6, view.getUint16(8 * i + 6, true))) return -EFAULT;
  }
  return ready;
}

function poll(k: Kernel, t: Task, address: number, count: number, milliseconds: number): number {
  const span = milliseconds < 0 ? Number.POSITIVE_INFINITY : milliseconds * 1e6;
  const deadline = deadlineOf(k, t, span);
  t.restart = () => pollOnce(k, t, address, count, deadline, -ERESTART_RESTARTBLOCK);
  return pollOnce(k, t, address, count, deadline, -ERESTART_RESTARTBLOCK);
}

/** The mask of ppoll, pselect6 and epoll_pwait: 0 or -errno. A null pointer leaves the mask. */
export function useTemporaryMask(k: Kernel, t: Task, address: number, size: number): number {
  if (address === 0) return 0;
  if (size !== 8) return -EINVAL;
  const words = readWords(k, address, 2);
  if (words === null) return -EFAULT;
  setTemporaryMask(t, new SignalSet(words[0], words[1]));
  return 0;
}

/** What is left of a wait goes back to the program's timeout; where that faults, the call cannot be restarted. */
function giveRest(
  k: Kernel,
  address: number,
  deadline: number,
  result: number,
  put: (rest: Timespec) => number,
): number {
  if (address === 0) return result;
  const rest = timespecOf(Math.max(0, deadline - k.clock.now()));
  return put(rest) < 0 && result === -ERESTARTNOHAND ? -EINTR : result;
}

function ppoll(
  k: Kernel,
  t: Task,
  address: number,
  count: number,
  timeout: number,
  mask: number,
  maskSize: number,
  width: TimeWidth,
): number {
  let span = Number.POSITIVE_INFINITY;
  if (timeout !== 0 && !(t.progress instanceof Deadline)) {
    const time = readTimespec(k, timeout, width);
    if (typeof time === "number") return time;
    if (!timespecValid(time)) return -EINVAL;
    span = spanOf(time);
  }
  const masked = useTemporaryMask(k, t, mask, maskSize);
  if (masked < 0) return masked;
  const deadline = deadlineOf(k, t, span);
  const result = pollOnce(k, t, address, count, deadline, -ERESTARTNOHAND);
  if (result < 0 && result !== -ERESTARTNOHAND) return result;
  return giveRest(k, timeout, deadline, result, (rest) => writeTimespec(k, timeout, rest, width));
}

const POLLIN_SET = POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR;
const POLLOUT_SET = POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR;
const POLLEX_SET = POLLPRI;

/** An fd_set of user memory; a null pointer is an empty set that is not written back. */
class FdSet {
  readonly bits: Uint8Array;
  readonly result: Uint8Array;
  private readonly address: number;

  constructor(address: number, bits: Uint8Array) {
    this.address = address;
    this.bits = bits;
    this.result = new Uint8Array(bits.length);
  }

  has(fd: number): boolean {
    return (((this.bits[fd >> 3] ?? 0) >> (fd & 7)) & 1) === 1;
  }

  add(fd: number): void {
    this.result[fd >> 3] = (this.result[fd >> 3] ?? 0) | (1 << (fd & 7));
  }

  giveBack(k: Kernel): boolean {
    return this.address === 0 || k.user.write(this.address >>> 0, this.result);
  }
}

/**
 * Descriptors that a table of Linux would have room for: select ignores higher ones. A shell, which keeps its script at 255,
 * leaves its children 256.
 */
function tableSize(span: number): number {
  let size = 256;
  while (size < span) size *= 2;
  return size;
}

function selectOnce(k: Kernel, t: Task, count: number, addresses: number[], deadline: number): number {
  if (count < 0) return -EINVAL;
  const n = Math.min(count, tableSize(filesOf(t).span));
  const length = Math.ceil(n / 32) * 4;
  const sets: FdSet[] = [];
  for (const address of addresses) {
    const bits = address === 0 ? new Uint8Array(length) : k.user.read(address >>> 0, length);
    if (bits === null) return -EFAULT;
    sets.push(new FdSet(address, bits));
  }
  const [input, output, exception] = sets as [FdSet, FdSet, FdSet];
  const wanted: [FdSet, number][] = [
    [input, POLLIN_SET],
    [output, POLLOUT_SET],
    [exception, POLLEX_SET],
  ];
  const queues: WaitQueue[] = [];
  let ready = 0;
  for (let fd = 0; fd < n; fd++) {
    const asked = wanted.filter(([set]) => set.has(fd));
    if (asked.length === 0) continue;
    const file = fget(t, fd);
    if (file === null) return -EBADF;
    const mask = file.poll();
    queues.push(...file.queues);
    for (const [set, events] of asked) {
      if ((mask & events) === 0) continue;
      set.add(fd);
      ready += 1;
    }
  }
  if (ready === 0 && deadline > k.clock.now()) return sleepUntil(k, t, queues, deadline, -ERESTARTNOHAND);
  return sets.every((set) => set.giveBack(k)) ? ready : -EFAULT;
}

/** struct timeval of two 32-bit words, as nanoseconds; microseconds may be a million and more. */
function readTimeval(k: Kernel, address: number): number | null {
  const words = readWords(k, address, 2);
  if (words === null) return null;
  const [sec, usec] = [words[0] ?? 0, words[1] ?? 0];
  return sec < 0 || usec < 0 ? -1 : sec * 1e9 + usec * 1e3;
}

function select(k: Kernel, t: Task, n: number, input: number, output: number, exception: number, timeout: number) {
  let span = Number.POSITIVE_INFINITY;
  if (timeout !== 0 && !(t.progress instanceof Deadline)) {
    const time = readTimeval(k, timeout);
    if (time === null) return -EFAULT;
    if (time < 0) return -EINVAL;
    span = time;
  }
  const deadline = deadlineOf(k, t, span);
  const result = selectOnce(k, t, n, [input, output, exception], deadline);
  if (result < 0 && result !== -ERESTARTNOHAND) return result;
  return giveRest(k, timeout, deadline, result, ({ sec, nsec }) =>
    writeTimespec(k, timeout, { sec, nsec: Math.floor(nsec / 1000) }, "old"),
  );
}

/** The first select: its five arguments lie in memory. */
function oldSelect(k: Kernel, t: Task, address: number): number {
  const words = readWords(k, address, 5);
  if (words === null) return -EFAULT;
  const [n, input, output, exception, timeout] = words as unknown as [number, number, number, number, number];
  return select(k, t, n, input, output, exception, timeout);
}

/** The sixth argument points to the mask's address and size. */
function pselect6(
  k: Kernel,
  t: Task,
  n: number,
  sets: number[],
  timeout: number,
  maskPointer: number,
  width: TimeWidth,
): number {
  let span = Number.POSITIVE_INFINITY;
  const mask = maskPointer === 0 ? Int32Array.of(0, 0) : readWords(k, maskPointer, 2);
  if (mask === null) return -EFAULT;
  if (timeout !== 0 && !(t.progress instanceof Deadline)) {
    const time = readTimespec(k, timeout, width);
    if (typeof time === "number") return time;
    if (!timespecValid(time)) return -EINVAL;
    span = spanOf(time);
  }
  const masked = useTemporaryMask(k, t, mask[0] ?? 0, mask[1] ?? 0);
  if (masked < 0) return masked;
  const deadline = deadlineOf(k, t, span);
  const result = selectOnce(k, t, n, sets, deadline);
  if (result < 0 && result !== -ERESTARTNOHAND) return result;
  return giveRest(k, timeout, deadline, result, (rest) => writeTimespec(k, timeout, rest, width));
}

export const pollSyscalls: SyscallTable = {
  82: ["select", oldSelect],
  142: ["_newselect", select],
  168: ["poll", poll],
  308: ["pselect6", (k, t, n, i, o, e, timeout, mask) => pselect6(k, t, n, [i, o, e], timeout, mask, "old")],
  309: ["ppoll", (k, t, fds, n, timeout, mask, size) => ppoll(k, t, fds, n, timeout, mask, size, "old")],
  413: ["pselect6_time64", (k, t, n, i, o, e, timeout, mask) => pselect6(k, t, n, [i, o, e], timeout, mask, "wide")],
  414: ["ppoll_time64", (k, t, fds, n, timeout, mask, size) => ppoll(k, t, fds, n, timeout, mask, size, "wide")],
};
