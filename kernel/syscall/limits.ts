/** Resource limits, nice values and scheduling parameters (kernel/sys.c, kernel/sched/core.c). Scheduling is round robin for all. */

import { E2BIG, EACCES, EFAULT, EINVAL, EPERM, ESRCH } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import { CAP_SYS_NICE, CAP_SYS_RESOURCE } from "../task/cred.ts";
import { RLIM_INFINITY, RLIM_NLIMITS, RLIMIT_CPU, RLIMIT_NOFILE, type Rlimits } from "../task/rlimit.ts";
import type { Task, ThreadGroup } from "../task/task.ts";
import { writeTimespec } from "../time/timespec.ts";
import type { Syscall, SyscallTable } from "./syscall.ts";
import { fromWide, getWord, readWords, wide, writeWords } from "./words.ts";

/** sysctl fs.nr_open. */
const NR_OPEN = 1048576;

function known(resource: number): boolean {
  return resource >>> 0 < RLIM_NLIMITS;
}

/** A limit as a 32-bit word: infinity and what does not fit is ~0. */
function narrow(limit: number, infinity = 0xffffffff): number {
  return limit >= infinity ? infinity : limit;
}

const sysUgetrlimit: Syscall = (k, t, resource, address) => {
  if (!known(resource)) return -EINVAL;
  const { soft, hard } = t.group.rlimits;
  return writeWords(k, address, [narrow(soft[resource]), narrow(hard[resource])]);
};

/** The old call knows limits up to 0x7fffffff. */
const sysGetrlimit: Syscall = (k, t, resource, address) => {
  if (!known(resource)) return -EINVAL;
  const { soft, hard } = t.group.rlimits;
  const words = [soft[resource], hard[resource]].map((limit) => narrow(limit, 0x7fffffff));
  return writeWords(k, address, words);
};

/** do_prlimit(), the setting half. */
function setLimit(t: Task, rlimits: Rlimits, resource: number, soft: number, hard: number): number {
  if (soft > hard) return -EINVAL;
  if (resource === RLIMIT_NOFILE && hard > NR_OPEN) return -EPERM;
  if (hard > rlimits.hard[resource] && !t.cred.capable(CAP_SYS_RESOURCE)) return -EPERM;
  // A CPU limit of 0 would never be noticed: Linux makes it one second.
  rlimits.soft[resource] = resource === RLIMIT_CPU && soft === 0 ? 1 : soft;
  rlimits.hard[resource] = hard;
  return 0;
}

const sysSetrlimit: Syscall = (k, t, resource, address) => {
  const words = readWords(k, address, 2);
  if (words === null) return -EFAULT;
  if (!known(resource)) return -EINVAL;
  const [soft, hard] = Array.from(words, (word) => (word === -1 ? RLIM_INFINITY : word >>> 0)) as [number, number];
  return setLimit(t, t.group.rlimits, resource, soft, hard);
};

/** RLIM64_INFINITY is ~0. */
function limitOfWide(low: number, high: number): number {
  if (low === -1 && high === -1) return RLIM_INFINITY;
  return high < 0 ? RLIM_INFINITY : fromWide(low, high);
}

function wideOfLimit(limit: number): [number, number] {
  return limit === RLIM_INFINITY ? [-1, -1] : wide(limit);
}

const sysPrlimit64: Syscall = (k, t, pid, resource, newAddress, oldAddress) => {
  let next: [number, number] | null = null;
  if (newAddress !== 0) {
    const words = readWords(k, newAddress, 4);
    if (words === null) return -EFAULT;
    const [a, b, c, d] = words as unknown as [number, number, number, number];
    next = [limitOfWide(a, b), limitOfWide(c, d)];
  }
  const target = pid === 0 ? t : k.tasks.get(pid);
  if (target === undefined) return -ESRCH;
  if (!mayPrlimit(t, target)) return -EPERM;
  if (!known(resource)) return -EINVAL;
  const { rlimits } = target.group;
  const old = [rlimits.soft[resource], rlimits.hard[resource]];
  if (next !== null) {
    const result = setLimit(t, rlimits, resource, next[0], next[1]);
    if (result < 0) return result;
  }
  return oldAddress === 0 ? 0 : writeWords(k, oldAddress, old.flatMap(wideOfLimit));
};

/** check_prlimit_permission(). */
function mayPrlimit(t: Task, target: Task): boolean {
  if (target.group === t.group || t.cred.capable(CAP_SYS_RESOURCE)) return true;
  const { uid, gid } = t.cred;
  const other = target.cred;
  const sameUser = [other.uid, other.euid, other.suid].every((id) => id === uid);
  return sameUser && [other.gid, other.egid, other.sgid].every((id) => id === gid);
}

const PRIO_PROCESS = 0;
const PRIO_PGRP = 1;
const PRIO_USER = 2;

/** The tasks that a priority call names by PRIO_PROCESS, PRIO_PGRP or PRIO_USER, or -EINVAL. */
export function prioritized(k: Kernel, t: Task, which: number, who: number): Task[] | number {
  const threads = (groups: ThreadGroup[]): Task[] => groups.flatMap((group) => group.liveThreads);
  switch (which) {
    case PRIO_PROCESS: {
      const target = who === 0 ? t : k.tasks.get(who);
      return target === undefined ? [] : [target];
    }
    case PRIO_PGRP:
      return threads(k.tasks.processGroup(who === 0 ? t.group.pgrp : who));
    case PRIO_USER: {
      const uid = who === 0 ? t.cred.uid : who;
      return [...k.tasks].filter((task) => task.cred.uid === uid && !task.exited && task.tgid > 1);
    }
    default:
      return -EINVAL;
  }
}

/** Returns 20 - nice, so that no valid answer is negative. */
const sysGetpriority: Syscall = (k, t, which, who) => {
  const tasks = prioritized(k, t, which, who);
  if (typeof tasks === "number") return tasks;
  return tasks.length === 0 ? -ESRCH : Math.max(...tasks.map((task) => 20 - task.nice));
};

function clampNice(nice: number): number {
  return Math.max(-20, Math.min(19, nice));
}

const sysSetpriority: Syscall = (k, t, which, who, value) => {
  const tasks = prioritized(k, t, which, who);
  if (typeof tasks === "number") return tasks;
  const nice = clampNice(value);
  let result = -ESRCH;
  for (const task of tasks) {
    const own = task.cred.uid === t.cred.euid || task.cred.euid === t.cred.euid || t.cred.capable(CAP_SYS_NICE);
    if (!own) result = -EPERM;
    else if (nice < task.nice && !t.cred.capable(CAP_SYS_NICE)) result = -EACCES;
    else {
      if (result === -ESRCH) result = 0;
      task.nice = nice;
    }
  }
  return result;
};

const sysNice: Syscall = (_k, t, increment) => {
  const nice = clampNice(t.nice + Math.max(-40, Math.min(40, increment)));
  if (increment < 0 && !t.cred.capable(CAP_SYS_NICE)) return -EPERM;
  t.nice = nice;
  return 0;
};

const SCHED_OTHER = 0;
const SCHED_FIFO = 1;
const SCHED_RR = 2;
const SCHED_BATCH = 3;
const SCHED_IDLE = 5;
const SCHED_DEADLINE = 6;
const SCHED_RESET_ON_FORK = 0x40000000;

function target(k: Kernel, t: Task, pid: number): Task | undefined {
  return pid === 0 ? t : k.tasks.get(pid);
}

export function isRealtime(policy: number): boolean {
  return policy === SCHED_FIFO || policy === SCHED_RR;
}

/** __sched_setscheduler(): policies are remembered, not obeyed. */
function setScheduler(t: Task, task: Task, policy: number, priority: number): number {
  const bare = policy & ~SCHED_RESET_ON_FORK;
  if (![SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE].includes(bare)) return -EINVAL;
  if (priority < 0 || priority > 99 || isRealtime(bare) !== (priority !== 0)) return -EINVAL;
  if (isRealtime(bare) && !t.cred.capable(CAP_SYS_NICE)) return -EPERM;
  task.schedPolicy = bare;
  task.schedPriority = priority;
  return 0;
}

const sysSchedSetscheduler: Syscall = (k, t, pid, policy, address) => {
  if (policy < 0) return -EINVAL;
  return setParameter(k, t, pid, policy, address);
};

const sysSchedSetparam: Syscall = (k, t, pid, address) => setParameter(k, t, pid, null, address);

function setParameter(k: Kernel, t: Task, pid: number, policy: number | null, address: number): number {
  if (address === 0 || pid < 0) return -EINVAL;
  const priority = getWord(k, address);
  if (priority === null) return -EFAULT;
  const task = target(k, t, pid);
  return task === undefined ? -ESRCH : setScheduler(t, task, policy ?? task.schedPolicy, priority);
}

const sysSchedGetscheduler: Syscall = (k, t, pid) => {
  if (pid < 0) return -EINVAL;
  return target(k, t, pid)?.schedPolicy ?? -ESRCH;
};

const sysSchedGetparam: Syscall = (k, t, pid, address) => {
  if (address === 0 || pid < 0) return -EINVAL;
  const task = target(k, t, pid);
  return task === undefined ? -ESRCH : writeWords(k, address, [task.schedPriority]);
};

const priorityBound =
  (realtime: number): Syscall =>
  (_k, _t, policy) => {
    if (isRealtime(policy)) return realtime;
    return [SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, SCHED_DEADLINE].includes(policy) ? 0 : -EINVAL;
  };

const sysSchedYield: Syscall = (k, t) => {
  k.scheduler.yield(t);
  return 0;
};

/** RR_TIMESLICE: 100 ms. */
const rrInterval =
  (width: "old" | "wide"): Syscall =>
  (k, t, pid, address) => {
    if (pid < 0) return -EINVAL;
    const task = target(k, t, pid);
    if (task === undefined) return -ESRCH;
    return writeTimespec(k, address, { sec: 0, nsec: isRealtime(task.schedPolicy) ? 100_000_000 : 4_000_000 }, width);
  };

/** One CPU: the mask is 1. Returns the bytes written. */
const sysSchedGetaffinity: Syscall = (k, t, pid, length, address) => {
  if (length >>> 0 < 4 || (length & 3) !== 0) return -EINVAL;
  if (target(k, t, pid) === undefined) return -ESRCH;
  return writeWords(k, address, [1]) < 0 ? -EFAULT : 4;
};

const sysSchedSetaffinity: Syscall = (k, t, pid, length, address) => {
  const bytes = k.user.read(address >>> 0, Math.min(length >>> 0, 4));
  if (bytes === null) return -EFAULT;
  if (target(k, t, pid) === undefined) return -ESRCH;
  return ((bytes[0] ?? 0) & 1) === 1 ? 0 : -EINVAL;
};

const sysGetcpu: Syscall = (k, _t, cpu, node) => {
  if (cpu !== 0 && writeWords(k, cpu, [0]) < 0) return -EFAULT;
  return node === 0 ? 0 : writeWords(k, node, [0]);
};

/** SCHED_ATTR_SIZE_VER0. */
const SCHED_ATTR_BYTES = 48;

/** struct sched_attr: size, policy, flags (8), nice, priority, runtime (8), deadline (8), period (8). */
const sysSchedSetattr: Syscall = (k, t, pid, address, flags) => {
  if (address === 0 || pid < 0 || flags !== 0) return -EINVAL;
  const size = getWord(k, address);
  if (size === null) return -EFAULT;
  if (size !== 0 && size >>> 0 < SCHED_ATTR_BYTES) return -E2BIG;
  const words = readWords(k, address, SCHED_ATTR_BYTES / 4);
  if (words === null) return -EFAULT;
  const [, policy, , , nice, priority] = words as unknown as [number, number, number, number, number, number];
  if (policy < 0) return -EINVAL;
  const task = target(k, t, pid);
  if (task === undefined) return -ESRCH;
  const result = setScheduler(t, task, policy, priority);
  if (result === 0 && !isRealtime(policy)) task.nice = clampNice(nice);
  return result;
};

const sysSchedGetattr: Syscall = (k, t, pid, address, size, flags) => {
  if (address === 0 || pid < 0 || flags !== 0) return -EINVAL;
  if (size >>> 0 < SCHED_ATTR_BYTES || size >>> 0 > 4096) return -EINVAL;
  const task = target(k, t, pid);
  if (task === undefined) return -ESRCH;
  const nice = isRealtime(task.schedPolicy) ? 0 : task.nice;
  const head = [SCHED_ATTR_BYTES, task.schedPolicy, 0, 0, nice, task.schedPriority];
  return writeWords(k, address, [...head, 0, 0, 0, 0, 0, 0]);
};

export const limitSyscalls: SyscallTable = {
  34: ["nice", sysNice],
  75: ["setrlimit", sysSetrlimit],
  76: ["getrlimit", sysGetrlimit],
  96: ["getpriority", sysGetpriority],
  97: ["setpriority", sysSetpriority],
  154: ["sched_setparam", sysSchedSetparam],
  155: ["sched_getparam", sysSchedGetparam],
  156: ["sched_setscheduler", sysSchedSetscheduler],
  157: ["sched_getscheduler", sysSchedGetscheduler],
  158: ["sched_yield", sysSchedYield],
  159: ["sched_get_priority_max", priorityBound(99)],
  160: ["sched_get_priority_min", priorityBound(1)],
  161: ["sched_rr_get_interval", rrInterval("old")],
  191: ["ugetrlimit", sysUgetrlimit],
  241: ["sched_setaffinity", sysSchedSetaffinity],
  242: ["sched_getaffinity", sysSchedGetaffinity],
  318: ["getcpu", sysGetcpu],
  340: ["prlimit64", sysPrlimit64],
  351: ["sched_setattr", sysSchedSetattr],
  352: ["sched_getattr", sysSchedGetattr],
  423: ["sched_rr_get_interval_time64", rrInterval("wide")],
};
