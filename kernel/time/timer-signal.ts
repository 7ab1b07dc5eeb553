/** POSIX timers going off (kernel/time/posix-timers.c). */

import type { Kernel } from "../kernel.ts";
import { SI_TIMER } from "../task/siginfo.ts";
import { sendGroupSignal, sendSignal, signalIgnored } from "../task/signal.ts";
import type { ThreadGroup } from "../task/task.ts";
import type { PosixTimer } from "./posix-timer.ts";

export const SIGEV_SIGNAL = 0;
export const SIGEV_NONE = 1;
export const SIGEV_THREAD = 2;
export const SIGEV_THREAD_ID = 4;

/** Arms the timer for a time since boot, ns. */
export function armTimer(k: Kernel, group: ThreadGroup, timer: PosixTimer, expires: number): void {
  timer.expires = expires;
  timer.armed = k.scheduler.timers.add(k.clock.cyclesAt(expires), () => expire(k, group, timer));
}

export function disarmTimer(k: Kernel, timer: PosixTimer): void {
  if (timer.armed !== null) k.scheduler.timers.cancel(timer.armed);
  timer.armed = null;
  timer.expires = 0;
}

/** posix_timer_fn(): a periodic timer stands still until its signal is taken, and then counts what it missed. */
function expire(k: Kernel, group: ThreadGroup, timer: PosixTimer): void {
  timer.armed = null;
  if (timer.notify === SIGEV_NONE) {
    if (timer.interval > 0) goOn(k, group, timer);
    else timer.expires = 0;
    return;
  }
  const target = timer.tid !== 0 ? k.tasks.get(timer.tid) : group.leader;
  if (target === undefined) return;
  if (signalIgnored(target, timer.signo) && !target.blocked.has(timer.signo)) {
    if (timer.interval > 0) goOn(k, group, timer);
    else timer.expires = 0;
    return;
  }
  timer.queued = true;
  const info = {
    signo: timer.signo,
    code: SI_TIMER,
    timerId: timer.id,
    overrun: 0,
    value: timer.value,
    collected: (taken: { overrun?: number }): void => {
      timer.queued = false;
      timer.overrun = 0;
      if (timer.interval > 0 && timer.armed === null && timer.expires > 0) goOn(k, group, timer);
      else if (timer.armed === null) timer.expires = 0;
      timer.lastOverrun = timer.overrun;
      taken.overrun = timer.overrun;
    },
  };
  const result = timer.tid !== 0 ? sendSignal(k, target, info) : sendGroupSignal(k, group, info);
  if (result < 0) timer.queued = false;
}

/** hrtimer_forward(): to the next expiry that lies in the future. */
function goOn(k: Kernel, group: ThreadGroup, timer: PosixTimer): void {
  const missed = Math.max(0, Math.floor((k.clock.now() - timer.expires) / timer.interval));
  timer.overrun += missed;
  armTimer(k, group, timer, timer.expires + (missed + 1) * timer.interval);
}

/** The process ends or executes another program: exit_itimers(). */
export function cancelPosixTimers(k: Kernel, group: ThreadGroup): void {
  for (const timer of group.posixTimers?.byId.values() ?? []) disarmTimer(k, timer);
  group.posixTimers = null;
}
