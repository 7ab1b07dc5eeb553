/** Interval timers, alarm() and POSIX timers. */

import { EFAULT, EINVAL, EOPNOTSUPP } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import { NSIG, SIGALRM } from "../task/signals.ts";
import type { Task } from "../task/task.ts";
import { NSEC_PER_SEC, timespecOf } from "../time/clock.ts";
import { getItimer, type IntervalSetting, ITIMER_PROF, ITIMER_REAL, setItimer } from "../time/itimer.ts";
import { type PosixTimer, PosixTimers } from "../time/posix-timer.ts";
import {
  armTimer,
  disarmTimer,
  SIGEV_NONE,
  SIGEV_SIGNAL,
  SIGEV_THREAD,
  SIGEV_THREAD_ID,
} from "../time/timer-signal.ts";
import { readTimespec, spanOf, type TimeWidth, timeBytes, timespecValid, writeTimespec } from "../time/timespec.ts";
import type { Syscall, SyscallTable } from "./syscall.ts";
import { isAlarmClock, isRealtime, readClock, TIMER_ABSTIME } from "./time.ts";
import { putWord, readWords, writeWords } from "./words.ts";

/** struct itimerval in words: interval, value, each seconds and microseconds. */
function settingWords(setting: IntervalSetting): number[] {
  return [setting.interval, setting.value].flatMap((nanoseconds) => {
    const time = timespecOf(nanoseconds);
    return [time.sec, Math.floor(time.nsec / 1000)];
  });
}

const sysGetitimer: Syscall = (k, t, which, address) => {
  if (which < ITIMER_REAL || which > ITIMER_PROF) return -EINVAL;
  return writeWords(k, address, settingWords(getItimer(k, t.group, which)));
};

const sysSetitimer: Syscall = (k, t, which, address, oldAddress) => {
  let next: IntervalSetting = { value: 0, interval: 0 };
  if (address !== 0) {
    const words = readWords(k, address, 4);
    if (words === null) return -EFAULT;
    const [intervalSec, intervalUsec, valueSec, valueUsec] = words as unknown as [number, number, number, number];
    const valid = (sec: number, usec: number): boolean => sec >= 0 && usec >= 0 && usec < 1_000_000;
    if (!valid(valueSec, valueUsec) || !valid(intervalSec, intervalUsec)) return -EINVAL;
    next = {
      value: valueSec * NSEC_PER_SEC + valueUsec * 1000,
      interval: intervalSec * NSEC_PER_SEC + intervalUsec * 1000,
    };
  }
  if (which < ITIMER_REAL || which > ITIMER_PROF) return -EINVAL;
  const old = setItimer(k, t.group, which, next);
  return oldAddress === 0 ? 0 : writeWords(k, oldAddress, settingWords(old));
};

/** alarm_setitimer(): the seconds that were left, rounded, but never 0 for a timer that was armed. */
const sysAlarm: Syscall = (k, t, seconds) => {
  const span = Math.min(seconds >>> 0, 0x7fffffff) * NSEC_PER_SEC;
  const old = setItimer(k, t.group, ITIMER_REAL, { value: span, interval: 0 });
  const left = timespecOf(old.value);
  const usec = Math.floor(left.nsec / 1000);
  return (left.sec === 0 && usec > 0) || usec >= 500_000 ? left.sec + 1 : left.sec;
};

/** struct sigevent: value, signo, notify, thread id. */
const sysTimerCreate: Syscall = (k, t, clock, event, idAddress) => {
  if (isAlarmClock(clock)) return -EOPNOTSUPP;
  if (clock < 0 || readClock(k, t, clock) === null || (clock >= 2 && clock <= 6)) return -EINVAL;
  t.group.posixTimers ??= new PosixTimers();
  const timers = t.group.posixTimers;
  const id = timers.nextId;
  let settings = { value: id, signo: SIGALRM, notify: SIGEV_SIGNAL, tid: 0 };
  if (event !== 0) {
    const words = readWords(k, event, 4);
    if (words === null) return -EFAULT;
    const [value, signo, notify, tid] = words as unknown as [number, number, number, number];
    const named = notify === (SIGEV_SIGNAL | SIGEV_THREAD_ID);
    if (named && k.tasks.get(tid)?.group !== t.group) return -EINVAL;
    if (!named && notify !== SIGEV_SIGNAL && notify !== SIGEV_THREAD && notify !== SIGEV_NONE) return -EINVAL;
    if (notify !== SIGEV_NONE && (signo <= 0 || signo > NSIG)) return -EINVAL;
    settings = { value, signo, notify, tid: named ? tid : 0 };
  }
  if (putWord(k, idAddress, id) < 0) return -EFAULT;
  timers.nextId++;
  timers.byId.set(id, {
    id,
    clockId: clock,
    ...settings,
    armed: null,
    interval: 0,
    expires: 0,
    overrun: 0,
    lastOverrun: 0,
    queued: false,
  });
  return 0;
};

function timerOf(t: Task, id: number): PosixTimer | undefined {
  return t.group.posixTimers?.byId.get(id);
}

/** common_timer_get(): what is left, ns. A timer whose signal waits shows the time to the expiry after the missed ones. */
function timeLeft(k: Kernel, timer: PosixTimer): number {
  if (timer.expires === 0) return 0;
  let expires = timer.expires;
  const now = k.clock.now();
  if (timer.armed === null && timer.interval > 0 && expires <= now) {
    expires += (Math.floor((now - expires) / timer.interval) + 1) * timer.interval;
  }
  if (expires > now) return expires - now;
  return timer.notify === SIGEV_NONE || timer.armed === null ? 0 : 1;
}

/** struct itimerspec: interval, value. */
function writeSetting(k: Kernel, address: number, timer: { interval: number; left: number }, width: TimeWidth): number {
  const first = writeTimespec(k, address, timespecOf(timer.interval), width);
  return first < 0 ? first : writeTimespec(k, address + timeBytes(width), timespecOf(timer.left), width);
}

const timerGettime =
  (width: TimeWidth): Syscall =>
  (k, t, id, address) => {
    const timer = timerOf(t, id);
    if (timer === undefined) return -EINVAL;
    return writeSetting(k, address, { interval: timer.interval, left: timeLeft(k, timer) }, width);
  };

const timerSettime =
  (width: TimeWidth): Syscall =>
  (k, t, id, flags, address, oldAddress) => {
    if (address === 0) return -EINVAL;
    const interval = readTimespec(k, address, width);
    if (typeof interval === "number") return interval;
    const value = readTimespec(k, address + timeBytes(width), width);
    if (typeof value === "number") return value;
    if (!timespecValid(interval) || !timespecValid(value)) return -EINVAL;
    const timer = timerOf(t, id);
    if (timer === undefined) return -EINVAL;
    const old = { interval: timer.interval, left: timeLeft(k, timer) };
    disarmTimer(k, timer);
    timer.overrun = 0;
    timer.lastOverrun = 0;
    timer.interval = 0;
    if (value.sec !== 0 || value.nsec !== 0) {
      timer.interval = spanOf(interval);
      const absolute = (flags & TIMER_ABSTIME) !== 0;
      const base = absolute ? 0 : k.clock.now();
      const expires = absolute && isRealtime(timer.clockId) ? k.clock.sinceBoot(value) : base + spanOf(value);
      armTimer(k, t.group, timer, Math.max(1, expires));
    }
    return oldAddress === 0 ? 0 : writeSetting(k, oldAddress, old, width);
  };

const sysTimerGetoverrun: Syscall = (_k, t, id) => timerOf(t, id)?.lastOverrun ?? -EINVAL;

const sysTimerDelete: Syscall = (k, t, id) => {
  const timer = timerOf(t, id);
  if (timer === undefined) return -EINVAL;
  disarmTimer(k, timer);
  t.group.posixTimers?.byId.delete(id);
  return 0;
};

export const timerSyscalls: SyscallTable = {
  27: ["alarm", sysAlarm],
  104: ["setitimer", sysSetitimer],
  105: ["getitimer", sysGetitimer],
  259: ["timer_create", sysTimerCreate],
  260: ["timer_settime", timerSettime("old")],
  261: ["timer_gettime", timerGettime("old")],
  262: ["timer_getoverrun", sysTimerGetoverrun],
  263: ["timer_delete", sysTimerDelete],
  408: ["timer_gettime64", timerGettime("wide")],
  409: ["timer_settime64", timerSettime("wide")],
};
