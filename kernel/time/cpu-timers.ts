/** ITIMER_VIRTUAL, ITIMER_PROF and RLIMIT_CPU: timers that count the CPU time of a process (kernel/time/posix-cpu-timers.c). */

import type { Kernel } from "../kernel.ts";
import { groupTimes } from "../task/notify.ts";
import { RLIMIT_CPU } from "../task/rlimit.ts";
import { kernelSignal, sendGroupSignal } from "../task/signal.ts";
import { SIGKILL, SIGPROF, SIGVTALRM, SIGXCPU } from "../task/signals.ts";
import type { Task, ThreadGroup } from "../task/task.ts";

/** Cycles that the process may still run before one of its CPU timers is due; Infinity if it has none. */
export function untilCpuTimer(k: Kernel, task: Task): number {
  const { group } = task;
  const limit = group.rlimits.soft[RLIMIT_CPU];
  if (group.itimers === null && limit === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  const { user, system } = groupTimes(group);
  let left = Number.POSITIVE_INFINITY;
  if (limit < left) left = nextCpuLimit(k, group, limit) - (user + system);
  const timers = group.itimers;
  if (timers !== null) {
    if (timers.virtual.deadline > 0) left = Math.min(left, timers.virtual.deadline - user);
    if (timers.prof.deadline > 0) left = Math.min(left, timers.prof.deadline - (user + system));
  }
  return Math.max(1, left);
}

/** Sends the signals of CPU timers that are due. */
export function runCpuTimers(k: Kernel, task: Task): void {
  const { group } = task;
  const limit = group.rlimits.soft[RLIMIT_CPU];
  if (group.itimers === null && limit === Number.POSITIVE_INFINITY) return;
  const { user, system } = groupTimes(group);
  const timers = group.itimers;
  if (timers !== null) {
    expire(k, group, timers.virtual, user, SIGVTALRM);
    expire(k, group, timers.prof, user + system, SIGPROF);
  }
  if (limit < Number.POSITIVE_INFINITY && user + system >= nextCpuLimit(k, group, limit)) cpuLimit(k, group, limit);
}

function expire(
  k: Kernel,
  group: ThreadGroup,
  timer: { deadline: number; interval: number },
  used: number,
  signo: number,
): void {
  if (timer.deadline === 0 || used < timer.deadline) return;
  timer.deadline = timer.interval > 0 ? timer.deadline + timer.interval : 0;
  sendGroupSignal(k, group, kernelSignal(signo));
}

/** Cycles at which RLIMIT_CPU is noticed next: at the soft limit, then once a second. */
function nextCpuLimit(k: Kernel, group: ThreadGroup, limit: number): number {
  return (limit + group.cpuLimitSignals) * k.clock.frequency;
}

/** check_process_timers(): SIGXCPU each second beyond the soft limit, SIGKILL at the hard one. */
function cpuLimit(k: Kernel, group: ThreadGroup, limit: number): void {
  const hard = group.rlimits.hard[RLIMIT_CPU];
  const kill = limit + group.cpuLimitSignals >= hard;
  group.cpuLimitSignals++;
  sendGroupSignal(k, group, kernelSignal(kill ? SIGKILL : SIGXCPU));
}
