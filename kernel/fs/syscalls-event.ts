/** eventfd, timerfd, signalfd, epoll. cf. fs/eventfd.c, fs/timerfd.c, fs/signalfd.c, fs/eventpoll.c. */

import { EBADF, EFAULT, EINTR, EINVAL, ENOSYS, EPERM } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import { accessOk } from "../mm/uaccess.ts";
import type { SyscallTable } from "../syscall/syscall.ts";
import { fromWide, readWords, wide, writeWords } from "../syscall/words.ts";
import { RLIMIT_NOFILE } from "../task/rlimit.ts";
import { dequeueSignal } from "../task/signal.ts";
import { KERNEL_ONLY } from "../task/signals.ts";
import { SignalSet } from "../task/sigset.ts";
import type { Task } from "../task/task.ts";
import { readValidTimespec, spanOf, type TimeWidth, timeBytes, timespecOf } from "../time/timespec.ts";
import { EpollFile } from "./epoll.ts";
import { EventFile } from "./event-file.ts";
import { type File, O_CLOEXEC, O_NONBLOCK } from "./file.ts";
import { SignalFile, type SignalSource } from "./signal-file.ts";
import { fget } from "./syscalls-io.ts";
import { Deadline, deadlineOf, sleepUntil, useTemporaryMask } from "./syscalls-poll.ts";
import { TimerFile } from "./timer-file.ts";
import { filesOf } from "./transfer.ts";

function install(t: Task, file: File, cloexec: boolean): number {
  return filesOf(t).install(file, cloexec, t.rlimit(RLIMIT_NOFILE));
}

const EFD_SEMAPHORE = 1;

function eventfd2(k: Kernel, t: Task, initial: number, flags: number): number {
  if ((flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK)) !== 0) return -EINVAL;
  const kind = (flags & EFD_SEMAPHORE) !== 0 ? "semaphore" : "counter";
  const dentry = k.vfs.anonymousDentry("[eventfd]");
  return install(t, new EventFile(dentry, flags & O_NONBLOCK, initial >>> 0, kind), (flags & O_CLOEXEC) !== 0);
}

/** REALTIME, MONOTONIC, BOOTTIME and the ALARM ones. */
const TIMER_CLOCKS = [0, 1, 7, 8, 9];
const REALTIME_CLOCKS = [0, 8];
const TFD_TIMER_ABSTIME = 1;
const TFD_TIMER_CANCEL_ON_SET = 2;

function timerfdCreate(k: Kernel, t: Task, clockId: number, flags: number): number {
  if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) !== 0 || !TIMER_CLOCKS.includes(clockId)) return -EINVAL;
  const doors = {
    now: () => k.clock.now(),
    schedule: (at: number, fire: () => void) => {
      const timer = k.scheduler.timers.add(k.clock.cyclesAt(at), fire);
      return () => k.scheduler.timers.cancel(timer);
    },
  };
  const file = new TimerFile(k.vfs.anonymousDentry("[timerfd]"), flags & O_NONBLOCK, clockId, doors);
  return install(t, file, (flags & O_CLOEXEC) !== 0);
}

/** struct itimerspec { interval, value }. */
function writeState(k: Kernel, address: number, state: TimerFile["state"], width: TimeWidth): number {
  const words = [state.interval, state.left].flatMap((span) => {
    const { sec, nsec } = timespecOf(span);
    return width === "old" ? [sec, nsec] : [...wide(sec), nsec, 0];
  });
  return writeWords(k, address, words);
}

function timerfdSettime(k: Kernel, t: Task, fd: number, flags: number, value: number, old: number, width: TimeWidth) {
  const interval = readValidTimespec(k, value, width);
  if (typeof interval === "number") return interval;
  const first = readValidTimespec(k, value + timeBytes(width), width);
  if (typeof first === "number") return first;
  if ((flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) !== 0) return -EINVAL;
  const file = fget(t, fd);
  if (file === null) return -EBADF;
  if (!(file instanceof TimerFile)) return -EINVAL;
  const { state } = file;
  const span = spanOf(first);
  let expires = k.clock.now() + span;
  if ((flags & TFD_TIMER_ABSTIME) !== 0) {
    expires = REALTIME_CLOCKS.includes(file.clockId) ? k.clock.sinceBoot(first) : span;
    // An instant that has passed expires at once; 0 would mean disarmed.
    expires = Math.max(1, expires);
  }
  file.arm(span === 0 ? 0 : expires, spanOf(interval));
  return old === 0 ? 0 : writeState(k, old, state, width);
}

function timerfdGettime(k: Kernel, t: Task, fd: number, address: number, width: TimeWidth): number {
  const file = fget(t, fd);
  if (file === null) return -EBADF;
  return file instanceof TimerFile ? writeState(k, address, file.state, width) : -EINVAL;
}

function signalfd4(k: Kernel, t: Task, fd: number, mask: number, size: number, flags: number): number {
  if (size !== 8) return -EINVAL;
  const words = readWords(k, mask, 2);
  if (words === null) return -EFAULT;
  if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) !== 0) return -EINVAL;
  const set = new SignalSet(words[0], words[1]).andNot(KERNEL_ONLY);
  if (fd !== -1) {
    const file = fget(t, fd);
    if (file === null) return -EBADF;
    if (!(file instanceof SignalFile)) return -EINVAL;
    file.set = set;
    k.current.sighand.signalfd.wakeUp();
    return fd;
  }
  const source: SignalSource = {
    take: (wanted) => dequeueSignal(k.current, new SignalSet(-1, -1).andNot(wanted)),
    pending: (wanted) => !k.current.pending.set.or(k.current.group.pending.set).and(wanted).empty,
    get arrived() {
      return k.current.sighand.signalfd;
    },
  };
  const file = new SignalFile(k.vfs.anonymousDentry("[signalfd]"), flags & O_NONBLOCK, set, source);
  return install(t, file, (flags & O_CLOEXEC) !== 0);
}

function epollCreate1(k: Kernel, t: Task, flags: number): number {
  if ((flags & ~O_CLOEXEC) !== 0) return -EINVAL;
  return install(t, new EpollFile(k.vfs.anonymousDentry("[eventpoll]")), (flags & O_CLOEXEC) !== 0);
}

const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CTL_MOD = 3;

/** struct epoll_event { u32 events; u64 data; }: 12 bytes on i386. */
const EVENT_SIZE = 12;

function epollCtl(k: Kernel, t: Task, epfd: number, operation: number, fd: number, address: number): number {
  let event = { events: 0, data: new Uint8Array(8) };
  if (operation !== EPOLL_CTL_DEL) {
    const bytes = k.user.read(address >>> 0, EVENT_SIZE);
    if (bytes === null) return -EFAULT;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    event = { events: view.getInt32(0, true), data: bytes.slice(4, EVENT_SIZE) };
  }
  const set = fget(t, epfd);
  const file = fget(t, fd);
  if (set === null || file === null) return -EBADF;
  // Files that are always ready have no poll operation.
  if (file.inode.isRegular || file.inode.isDirectory) return -EPERM;
  if (set === file || !(set instanceof EpollFile)) return -EINVAL;
  switch (operation) {
    case EPOLL_CTL_ADD:
      return set.add(file, fd, event);
    case EPOLL_CTL_DEL:
      return set.delete(file, fd);
    case EPOLL_CTL_MOD:
      return set.modify(file, fd, event);
    default:
      return -EINVAL;
  }
}

/** `span` in ns. */
function epollWait(k: Kernel, t: Task, epfd: number, address: number, max: number, span: number): number {
  if (max <= 0 || max > Math.floor(0x7fffffff / EVENT_SIZE)) return -EINVAL;
  if (!accessOk(address >>> 0, max * EVENT_SIZE)) return -EFAULT;
  const set = fget(t, epfd);
  if (set === null) return -EBADF;
  if (!(set instanceof EpollFile)) return -EINVAL;
  const deadline = deadlineOf(k, t, span);
  const events = set.collect(max);
  if (events.length === 0) {
    return deadline > k.clock.now() ? sleepUntil(k, t, set.queues, deadline, -EINTR) : 0;
  }
  const bytes = new Uint8Array(events.length * EVENT_SIZE);
  const view = new DataView(bytes.buffer);
  events.forEach(({ events: mask, data }, i) => {
    view.setUint32(EVENT_SIZE * i, mask, true);
    bytes.set(data, EVENT_SIZE * i + 4);
  });
  return k.user.write(address >>> 0, bytes) ? events.length : -EFAULT;
}

const spanOfMilliseconds = (ms: number) => (ms < 0 ? Number.POSITIVE_INFINITY : ms * 1e6);

function epollPwait(
  k: Kernel,
  t: Task,
  epfd: number,
  address: number,
  max: number,
  ms: number,
  mask: number,
  maskSize: number,
): number {
  const masked = useTemporaryMask(k, t, mask, maskSize);
  return masked < 0 ? masked : epollWait(k, t, epfd, address, max, spanOfMilliseconds(ms));
}

/** epoll_pwait2: the timeout is a struct __kernel_timespec. */
function epollPwait2(
  k: Kernel,
  t: Task,
  epfd: number,
  address: number,
  max: number,
  timeout: number,
  mask: number,
  maskSize: number,
): number {
  let span = Number.POSITIVE_INFINITY;
  if (timeout !== 0 && !(t.progress instanceof Deadline)) {
    const words = readWords(k, timeout, 4);
    if (words === null) return -EFAULT;
    const [low, high, nsec] = words as unknown as [number, number, number];
    const sec = fromWide(low, high);
    if (sec < 0 || nsec < 0 || nsec > 999_999_999) return -EINVAL;
    span = spanOf({ sec, nsec });
  }
  const masked = useTemporaryMask(k, t, mask, maskSize);
  return masked < 0 ? masked : epollWait(k, t, epfd, address, max, span);
}

/** Watching names is not offered: programs fall back to looking. Silent, because it is so by design. */
const noInotify = () => -ENOSYS;

export const eventSyscalls: SyscallTable = {
  254: ["epoll_create", (k, t, size) => (size <= 0 ? -EINVAL : epollCreate1(k, t, 0))],
  255: ["epoll_ctl", epollCtl],
  256: ["epoll_wait", (k, t, fd, events, max, ms) => epollWait(k, t, fd, events, max, spanOfMilliseconds(ms))],
  291: ["inotify_init", noInotify],
  292: ["inotify_add_watch", noInotify],
  293: ["inotify_rm_watch", noInotify],
  319: ["epoll_pwait", epollPwait],
  321: ["signalfd", (k, t, fd, mask, size) => signalfd4(k, t, fd, mask, size, 0)],
  322: ["timerfd_create", timerfdCreate],
  323: ["eventfd", (k, t, initial) => eventfd2(k, t, initial, 0)],
  325: ["timerfd_settime", (k, t, fd, flags, value, old) => timerfdSettime(k, t, fd, flags, value, old, "old")],
  326: ["timerfd_gettime", (k, t, fd, address) => timerfdGettime(k, t, fd, address, "old")],
  327: ["signalfd4", signalfd4],
  328: ["eventfd2", eventfd2],
  329: ["epoll_create1", epollCreate1],
  332: ["inotify_init1", noInotify],
  338: ["fanotify_init", noInotify],
  339: ["fanotify_mark", noInotify],
  410: ["timerfd_gettime64", (k, t, fd, address) => timerfdGettime(k, t, fd, address, "wide")],
  411: ["timerfd_settime64", (k, t, fd, flags, value, old) => timerfdSettime(k, t, fd, flags, value, old, "wide")],
  441: ["epoll_pwait2", epollPwait2],
};
