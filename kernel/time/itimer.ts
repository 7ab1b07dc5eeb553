/** setitimer(), alarm(): the three interval timers of a process (kernel/time/itimer.c). */

import type { Kernel } from "../kernel.ts";
import { groupTimes } from "../task/notify.ts";
import { kernelSignal, sendGroupSignal } from "../task/signal.ts";
import { SIGALRM } from "../task/signals.ts";
import type { ThreadGroup } from "../task/task.ts";
import { IntervalTimers } from "./interval-timers.ts";

export const ITIMER_REAL = 0;
export const ITIMER_VIRTUAL = 1;
export const ITIMER_PROF = 2;

/** Time until the next expiry and period, ns; 0 = not armed, once. */
export interface IntervalSetting {
  value: number;
  interval: number;
}

export function getItimer(k: Kernel, group: ThreadGroup, which: number): IntervalSetting {
  const timers = group.itimers;
  if (timers === null) return { value: 0, interval: 0 };
  if (which === ITIMER_REAL) {
    if (timers.real === null) return { value: 0, interval: timers.realInterval };
    // A timer that is due but has not fired yet still shows something (itimer_get_remtime()).
    return { value: Math.max(1000, timers.realExpires - k.clock.now()), interval: timers.realInterval };
  }
  const timer = which === ITIMER_VIRTUAL ? timers.virtual : timers.prof;
  const left = timer.deadline === 0 ? 0 : Math.max(1, timer.deadline - used(group, which));
  return { value: k.clock.nanoseconds(left), interval: k.clock.nanoseconds(timer.interval) };
}

function used(group: ThreadGroup, which: number): number {
  const { user, system } = groupTimes(group);
  return which === ITIMER_VIRTUAL ? user : user + system;
}

/** Arms or disarms; returns what was set before. */
export function setItimer(k: Kernel, group: ThreadGroup, which: number, next: IntervalSetting): IntervalSetting {
  const old = getItimer(k, group, which);
  group.itimers ??= new IntervalTimers();
  const timers = group.itimers;
  if (which === ITIMER_REAL) {
    if (timers.real !== null) k.scheduler.timers.cancel(timers.real);
    timers.real = null;
    timers.realInterval = next.value > 0 ? next.interval : 0;
    if (next.value > 0) armReal(k, group, timers, k.clock.now() + next.value);
    return old;
  }
  const timer = which === ITIMER_VIRTUAL ? timers.virtual : timers.prof;
  timer.deadline = next.value > 0 ? used(group, which) + k.clock.cyclesAt(next.value) : 0;
  timer.interval = k.clock.cyclesAt(next.interval);
  return old;
}

function armReal(k: Kernel, group: ThreadGroup, timers: IntervalTimers, expires: number): void {
  timers.realExpires = expires;
  timers.real = k.scheduler.timers.add(k.clock.cyclesAt(expires), () => {
    timers.real = null;
    sendGroupSignal(k, group, kernelSignal(SIGALRM));
    if (timers.realInterval === 0) return;
    const missed = Math.floor((k.clock.now() - expires) / timers.realInterval);
    armReal(k, group, timers, expires + (missed + 1) * timers.realInterval);
  });
}

/** The process ends: exit_itimers(). */
export function cancelItimers(k: Kernel, group: ThreadGroup): void {
  if (group.itimers?.real) k.scheduler.timers.cancel(group.itimers.real);
  group.itimers = null;
}
