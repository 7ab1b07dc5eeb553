/** Clocks and sleeping (kernel/time/). Every clock is the cycle counter. */

import { EFAULT, EINVAL, EOPNOTSUPP, EPERM, ERESTART_RESTARTBLOCK, ERESTARTNOHAND } from "../errno.ts";
import type { Timespec } from "../host.ts";
import type { Kernel } from "../kernel.ts";
import { usageOf } from "../task/child-wait.ts";
import { CAP_SYS_TIME } from "../task/cred.ts";
import { clockTicks, groupTimes } from "../task/notify.ts";
import { SLEEPING, sleep } from "../task/sleep.ts";
import type { Task } from "../task/task.ts";
import { NSEC_PER_SEC, timespecOf, USER_HZ } from "../time/clock.ts";
import {
  readTimespec,
  readValidTimespec,
  spanOf,
  type TimeWidth,
  timespecValid,
  writeTimespec,
} from "../time/timespec.ts";
import type { Syscall, SyscallTable } from "./syscall.ts";
import { putWord, readWords, wide, writeWords } from "./words.ts";

export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;
const CLOCK_PROCESS_CPUTIME_ID = 2;
const CLOCK_THREAD_CPUTIME_ID = 3;
const CLOCK_MONOTONIC_RAW = 4;
const CLOCK_REALTIME_COARSE = 5;
const CLOCK_MONOTONIC_COARSE = 6;
const CLOCK_BOOTTIME = 7;
/** Without an RTC that can wake the machine, these two do not exist (alarmtimer_get_rtcdev()). */
const CLOCK_REALTIME_ALARM = 8;
const CLOCK_BOOTTIME_ALARM = 9;
const CLOCK_TAI = 11;
/** Resolution of the coarse clocks: one tick at HZ=250. */
const TICK_NSEC = 4_000_000;
export const TIMER_ABSTIME = 1;

/** Reads CLOCK_REALTIME. */
export function isRealtime(clock: number): boolean {
  return clock === CLOCK_REALTIME || clock === CLOCK_TAI;
}

export function isAlarmClock(clock: number): boolean {
  return clock === CLOCK_REALTIME_ALARM || clock === CLOCK_BOOTTIME_ALARM;
}

function cyclesAsTime(k: Kernel, cycles: number): Timespec {
  return timespecOf(k.clock.nanoseconds(cycles));
}

/** CPU time of a thread or process by what a negative clock id says: (~pid << 3) | per thread << 2 | kind. */
function cpuClock(k: Kernel, t: Task, clock: number): Timespec | null {
  const pid = ~(clock >> 3);
  const kind = clock & 3;
  if (kind === 3) return null;
  const perThread = (clock & 4) !== 0;
  const task = pid === 0 ? t : k.tasks.get(pid);
  if (task === undefined) return null;
  if (perThread && task.group !== t.group) return null;
  if (!perThread && task.group.leader !== task && pid !== 0) return null;
  const times = perThread ? { user: task.usage.userCycles, system: task.usage.systemCycles } : groupTimes(task.group);
  return cyclesAsTime(k, kind === 1 ? times.user : times.user + times.system);
}

/** The time that a clock shows, or null if there is no such clock. */
export function readClock(k: Kernel, t: Task, clock: number): Timespec | null {
  if (clock < 0) return cpuClock(k, t, clock);
  const now = k.clock.now();
  switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_TAI:
      return k.clock.realtimeAt(now);
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_BOOTTIME:
      return timespecOf(now);
    case CLOCK_REALTIME_COARSE:
      return k.clock.realtimeAt(now - (now % TICK_NSEC));
    case CLOCK_MONOTONIC_COARSE:
      return timespecOf(now - (now % TICK_NSEC));
    case CLOCK_PROCESS_CPUTIME_ID: {
      const usage = usageOf(t.group);
      return cyclesAsTime(k, usage.userCycles + usage.systemCycles);
    }
    case CLOCK_THREAD_CPUTIME_ID:
      return cyclesAsTime(k, t.usage.userCycles + t.usage.systemCycles);
    default:
      return null;
  }
}

const clockGettime =
  (width: TimeWidth): Syscall =>
  (k, t, clock, address) => {
    const time = readClock(k, t, clock);
    return time === null ? -EINVAL : writeTimespec(k, address, time, width);
  };

const clockGetres =
  (width: TimeWidth): Syscall =>
  (k, t, clock, address) => {
    if (readClock(k, t, clock) === null) return -EINVAL;
    const coarse = clock === CLOCK_REALTIME_COARSE || clock === CLOCK_MONOTONIC_COARSE;
    if (address === 0) return 0;
    return writeTimespec(k, address, { sec: 0, nsec: coarse ? TICK_NSEC : 1 }, width);
  };

const clockSettime =
  (width: TimeWidth): Syscall =>
  (k, t, clock, address) => {
    if (clock !== CLOCK_REALTIME) return -EINVAL;
    const time = readTimespec(k, address, width);
    if (typeof time === "number") return time;
    if (!timespecValid(time)) return -EINVAL;
    if (!t.cred.capable(CAP_SYS_TIME)) return -EPERM;
    k.clock.setRealtime(time);
    return 0;
  };

interface Nap {
  /** Nanoseconds since boot. */
  deadline: number;
}

/** hrtimer_nanosleep(): until `deadline`; a signal tells the rest of a relative sleep, which then goes on by itself. */
function nap(k: Kernel, t: Task, deadline: number, relative: { remaining: number; width: TimeWidth } | null): number {
  if (k.clock.now() >= deadline) return 0;
  const timed = deadline < Number.POSITIVE_INFINITY;
  const result = sleep(t, {
    queues: [],
    deadline: timed ? k.clock.cyclesAt(deadline) : undefined,
    onSignal: relative === null ? -ERESTARTNOHAND : -ERESTART_RESTARTBLOCK,
  });
  if (result === SLEEPING || relative === null) return result;
  const { remaining, width } = relative;
  if (remaining !== 0) {
    const left = timespecOf(Math.max(0, deadline - k.clock.now()));
    if (writeTimespec(k, remaining, left, width) < 0) return -EFAULT;
  }
  t.restart = () => nap(k, t, deadline, relative);
  return result;
}

/** A span of zero still is a call that returns at once. */
function napFor(k: Kernel, t: Task, address: number, remaining: number, width: TimeWidth): number {
  let progress = t.progress as Nap | null;
  if (progress === null) {
    const span = readValidTimespec(k, address, width);
    if (typeof span === "number") return span;
    progress = { deadline: k.clock.now() + spanOf(span) };
    t.progress = progress;
  }
  return nap(k, t, progress.deadline, { remaining: remaining >>> 0, width });
}

const sysNanosleep: Syscall = (k, t, address, remaining) => napFor(k, t, address, remaining, "old");

const clockNanosleep =
  (width: TimeWidth): Syscall =>
  (k, t, clock, flags, address, remaining) => {
    if (isAlarmClock(clock)) return -EOPNOTSUPP;
    if (readClock(k, t, clock) === null) return -EINVAL;
    if (clock === CLOCK_THREAD_CPUTIME_ID) return -EINVAL;
    const wall = isRealtime(clock) || clock === CLOCK_MONOTONIC || clock === CLOCK_BOOTTIME;
    if (!wall) return -EOPNOTSUPP;
    if ((flags & TIMER_ABSTIME) === 0) return napFor(k, t, address, remaining, width);
    const time = readValidTimespec(k, address, width);
    if (typeof time === "number") return time;
    // A change of the realtime clock moves the end of this sleep: it is computed anew at each wake-up.
    return nap(k, t, isRealtime(clock) ? k.clock.sinceBoot(time) : spanOf(time), null);
  };

const sysTime: Syscall = (k, _t, address) => {
  const { sec } = k.clock.realtime();
  if (address !== 0 && putWord(k, address, sec) < 0) return -EFAULT;
  return sec;
};

const sysStime: Syscall = (k, t, address) => {
  const words = readWords(k, address, 1);
  if (words === null) return -EFAULT;
  if (!t.cred.capable(CAP_SYS_TIME)) return -EPERM;
  k.clock.setRealtime({ sec: words[0], nsec: 0 });
  return 0;
};

const sysGettimeofday: Syscall = (k, _t, time, zone) => {
  if (time !== 0) {
    const now = k.clock.realtime();
    if (writeWords(k, time, [now.sec, Math.floor(now.nsec / 1000)]) < 0) return -EFAULT;
  }
  return zone === 0 ? 0 : writeWords(k, zone, [0, 0]);
};

const sysSettimeofday: Syscall = (k, t, address, zone) => {
  let time: Timespec | null = null;
  if (address !== 0) {
    const words = readWords(k, address, 2);
    if (words === null) return -EFAULT;
    const [sec, usec] = words as unknown as [number, number];
    if (usec < 0 || usec > 1_000_000) return -EINVAL;
    time = { sec, nsec: usec * 1000 };
  }
  if (zone !== 0 && readWords(k, zone, 2) === null) return -EFAULT;
  if (time === null) return 0;
  if (!timespecValid(time)) return -EINVAL;
  if (!t.cred.capable(CAP_SYS_TIME)) return -EPERM;
  k.clock.setRealtime(time);
  return 0;
};

/** struct tms: user, system, and those of children, in clock ticks. Returns the ticks since boot. */
const sysTimes: Syscall = (k, t, address) => {
  if (address !== 0) {
    const own = groupTimes(t.group);
    const { userCycles, systemCycles } = t.group.childUsage;
    const ticks = [own.user, own.system, userCycles, systemCycles].map((cycles) => clockTicks(k, cycles));
    if (writeWords(k, address, ticks) < 0) return -EFAULT;
  }
  return Math.floor((k.clock.now() * USER_HZ) / NSEC_PER_SEC) % 0x80000000;
};

/** A clock that nobody has synchronised: TIME_ERROR, STA_UNSYNC, NTP_PHASE_LIMIT, 500 ppm (kernel/time/ntp.c). */
const TIME_ERROR = 5;
const STA_UNSYNC = 0x40;
const PHASE_LIMIT = 16_000_000;
const TOLERANCE = 32_768_000;

/** adjtimex, clock_adjtime: a state that can only be read; modes other than 0 need a clock that can be steered. */
const adjtimex =
  (address: (a: number, b: number) => number, width: TimeWidth): Syscall =>
  (k, t, a, b) => {
    const at = address(a, b);
    const words = readWords(k, at, 1);
    if (words === null) return -EFAULT;
    if (words[0] !== 0) return t.cred.capable(CAP_SYS_TIME) ? -EINVAL : -EPERM;
    const now = k.clock.realtime();
    const usec = Math.floor(now.nsec / 1000);
    // struct timex: modes offset freq maxerror esterror status constant precision tolerance time(2) tick ...
    const timex = [0, 0, 0, PHASE_LIMIT, PHASE_LIMIT, STA_UNSYNC, 2, 1, TOLERANCE, now.sec, usec, 10000];
    // struct __kernel_timex has all of these in 64 bits; modes and status have padding instead of a high half.
    const shown = width === "old" ? timex : timex.flatMap(wide);
    return writeWords(k, at, shown) < 0 ? -EFAULT : TIME_ERROR;
  };

/** Only CLOCK_REALTIME can be steered at all. */
const clockAdjtime =
  (width: TimeWidth): Syscall =>
  (k, t, clock, address) => {
    if (clock !== CLOCK_REALTIME) return readClock(k, t, clock) === null ? -EINVAL : -EOPNOTSUPP;
    return adjtimex((_a, b) => b, width)(k, t, clock, address, 0, 0, 0, 0);
  };

export const timeSyscalls: SyscallTable = {
  13: ["time", sysTime],
  25: ["stime", sysStime],
  43: ["times", sysTimes],
  78: ["gettimeofday", sysGettimeofday],
  79: ["settimeofday", sysSettimeofday],
  124: ["adjtimex", adjtimex((a) => a, "old")],
  162: ["nanosleep", sysNanosleep],
  264: ["clock_settime", clockSettime("old")],
  265: ["clock_gettime", clockGettime("old")],
  266: ["clock_getres", clockGetres("old")],
  267: ["clock_nanosleep", clockNanosleep("old")],
  343: ["clock_adjtime", clockAdjtime("old")],
  403: ["clock_gettime64", clockGettime("wide")],
  404: ["clock_settime64", clockSettime("wide")],
  405: ["clock_adjtime64", clockAdjtime("wide")],
  406: ["clock_getres_time64", clockGetres("wide")],
  407: ["clock_nanosleep_time64", clockNanosleep("wide")],
};
