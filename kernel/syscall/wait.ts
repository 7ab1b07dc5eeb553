/** wait4, waitpid, waitid, getrusage. */

import { EFAULT, EINVAL, ESRCH } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import {
  __WALL,
  __WCLONE,
  __WNOTHREAD,
  doWait,
  usageOf,
  type WaitFor,
  WCONTINUED,
  WEXITED,
  WNOHANG,
  WNOWAIT,
  WSTOPPED,
  WUNTRACED,
} from "../task/child-wait.ts";
import { SIGCHLD } from "../task/signals.ts";
import type { Task } from "../task/task.ts";
import { Usage } from "../task/usage.ts";
import { timespecOf } from "../time/clock.ts";
import { groupOfPidfd } from "./pidfd.ts";
import type { SyscallTable } from "./syscall.ts";
import { putWord, writeWords } from "./words.ts";

/** struct rusage, 72 bytes: 0 or -EFAULT. */
function writeRusage(k: Kernel, address: number, usage: Usage): number {
  const user = timespecOf(k.clock.nanoseconds(usage.userCycles));
  const system = timespecOf(k.clock.nanoseconds(usage.systemCycles));
  return writeWords(k, address, [
    user.sec,
    Math.floor(user.nsec / 1000),
    system.sec,
    Math.floor(system.nsec / 1000),
    usage.maxRss,
    0,
    0,
    0,
    usage.minorFaults,
    usage.majorFaults,
    0,
    usage.inBlocks,
    usage.outBlocks,
    0,
    0,
    0,
    usage.voluntarySwitches,
    usage.involuntarySwitches,
  ]);
}

function sysWait4(k: Kernel, t: Task, pid: number, statusAddress: number, options: number, rusage: number): number {
  const allowed = WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL;
  if ((options & ~allowed) !== 0) return -EINVAL;
  if (pid === -0x80000000) return -ESRCH;
  let who: WaitFor;
  if (pid === -1) who = { kind: "all" };
  else if (pid < 0) who = { kind: "pgid", pgid: -pid };
  else if (pid === 0) who = { kind: "pgid", pgid: t.group.pgrp };
  else who = { kind: "pid", pid };
  const result = doWait(k, t, who, options | WEXITED);
  if (result === null) return 0;
  if (typeof result === "number") return result;
  if (statusAddress !== 0 && putWord(k, statusAddress, result.status) < 0) return -EFAULT;
  if (rusage !== 0 && writeRusage(k, rusage, result.usage) < 0) return -EFAULT;
  return result.pid;
}

function sysWaitpid(k: Kernel, t: Task, pid: number, statusAddress: number, options: number): number {
  return sysWait4(k, t, pid, statusAddress, options, 0);
}

const P_ALL = 0;
const P_PID = 1;
const P_PGID = 2;
const P_PIDFD = 3;

function sysWaitid(k: Kernel, t: Task, which: number, id: number, info: number, options: number, rusage: number) {
  const allowed = WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL;
  if ((options & ~allowed) !== 0) return -EINVAL;
  if ((options & (WEXITED | WSTOPPED | WCONTINUED)) === 0) return -EINVAL;
  let who: WaitFor;
  switch (which) {
    case P_ALL:
      who = { kind: "all" };
      break;
    case P_PID:
      if (id <= 0) return -EINVAL;
      who = { kind: "pid", pid: id };
      break;
    case P_PGID:
      if (id < 0) return -EINVAL;
      who = { kind: "pgid", pgid: id === 0 ? t.group.pgrp : id };
      break;
    case P_PIDFD: {
      if (id < 0) return -EINVAL;
      const group = groupOfPidfd(t, id);
      if (typeof group === "number") return group;
      who = { kind: "pid", pid: group.tgid };
      break;
    }
    default:
      return -EINVAL;
  }
  const result = doWait(k, t, who, options);
  if (typeof result === "number") return result;
  if (result !== null && rusage !== 0 && writeRusage(k, rusage, result.usage) < 0) return -EFAULT;
  if (info === 0) return 0;
  const words = result === null ? [0, 0, 0, 0, 0, 0] : [SIGCHLD, 0, result.code, result.pid, result.uid, result.cause];
  return writeWords(k, info, words);
}

const RUSAGE_SELF = 0;
const RUSAGE_CHILDREN = -1;
const RUSAGE_THREAD = 1;

function sysGetrusage(k: Kernel, t: Task, who: number, address: number): number {
  if (who === RUSAGE_SELF) return writeRusage(k, address, usageOf(t.group));
  if (who === RUSAGE_CHILDREN) return writeRusage(k, address, t.group.childUsage);
  if (who !== RUSAGE_THREAD) return -EINVAL;
  const usage = new Usage();
  usage.add(t.usage);
  usage.maxRss = usageOf(t.group).maxRss;
  return writeRusage(k, address, usage);
}

export const waitSyscalls: SyscallTable = {
  7: ["waitpid", sysWaitpid],
  77: ["getrusage", sysGetrusage],
  114: ["wait4", sysWait4],
  284: ["waitid", sysWaitid],
};
