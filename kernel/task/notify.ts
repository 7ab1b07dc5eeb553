/** What a parent is told about its children, and who is orphaned (kernel/signal.c, kernel/exit.c). */

import type { Kernel } from "../kernel.ts";
import { USER_HZ } from "../time/clock.ts";
import { SA_NOCLDSTOP, SA_NOCLDWAIT, SIG_IGN } from "./sighand.ts";
import { CLD_CONTINUED, CLD_DUMPED, CLD_EXITED, CLD_KILLED, CLD_STOPPED, type Siginfo } from "./siginfo.ts";
import { sendGroupSignal } from "./signal.ts";
import { SIGCHLD, SIGCONT } from "./signals.ts";
import type { ThreadGroup } from "./task.ts";

/** Cycles of CPU time as clock_t (USER_HZ). */
export function clockTicks(k: Kernel, cycles: number): number {
  return Math.floor((cycles * USER_HZ) / k.clock.frequency);
}

/** CPU time of all threads of a process, those that have ended included (thread_group_cputime()). Cycles. */
export function groupTimes(group: ThreadGroup): { user: number; system: number } {
  let user = group.usage.userCycles;
  let system = group.usage.systemCycles;
  for (const thread of group.threads) {
    if (thread.released) continue;
    user += thread.usage.userCycles;
    system += thread.usage.systemCycles;
  }
  return { user, system };
}

/** si_code and si_status of a wait status. */
export function exitStatusOf(status: number): { code: number; status: number } {
  if ((status & 0x7f) === 0) return { code: CLD_EXITED, status: (status >> 8) & 0xff };
  return { code: (status & 0x80) !== 0 ? CLD_DUMPED : CLD_KILLED, status: status & 0x7f };
}

/** do_notify_parent(): the process has ended. True if the parent wants no zombie. */
export function notifyParent(k: Kernel, group: ThreadGroup): boolean {
  const parent = group.parent;
  if (parent === null) return true;
  const times = groupTimes(group);
  const info: Siginfo = {
    signo: group.exitSignal,
    ...exitStatusOf(group.exitCode),
    pid: group.tgid,
    uid: group.leader.cred.uid,
    utime: clockTicks(k, times.user),
    stime: clockTicks(k, times.system),
  };
  let autoreap = false;
  let signo = group.exitSignal;
  if (signo === SIGCHLD) {
    const action = parent.leader.sighand.action(SIGCHLD);
    if (action.handler === SIG_IGN || (action.flags & SA_NOCLDWAIT) !== 0) {
      autoreap = true;
      if (action.handler === SIG_IGN) signo = 0;
    }
  }
  if (signo > 0) sendGroupSignal(k, parent, info);
  parent.waitChildren.wakeUp();
  return autoreap;
}

/** do_notify_parent_cldstop(): the process has stopped or goes on. */
export function notifyParentStopped(k: Kernel, group: ThreadGroup, event: "stopped" | "continued"): void {
  const parent = group.parent;
  if (parent === null) return;
  const times = groupTimes(group);
  const action = parent.leader.sighand.action(SIGCHLD);
  if (action.handler !== SIG_IGN && (action.flags & SA_NOCLDSTOP) === 0) {
    sendGroupSignal(k, parent, {
      signo: SIGCHLD,
      code: event === "stopped" ? CLD_STOPPED : CLD_CONTINUED,
      pid: group.tgid,
      uid: group.leader.cred.uid,
      status: event === "stopped" ? group.stopCode & 0x7f : SIGCONT,
      utime: clockTicks(k, times.user),
      stime: clockTicks(k, times.system),
    });
  }
  parent.waitChildren.wakeUp();
}

/**
 * will_become_orphaned_pgrp(): has no member of the process group (but `leaving`) a parent in the same session outside of
 * the group, who could continue it?
 */
export function isOrphaned(k: Kernel, pgrp: number, leaving: ThreadGroup | null = null): boolean {
  for (const member of k.tasks.processGroup(pgrp)) {
    const parent = member.parent;
    if (member === leaving || member.dead || parent === null || isInit(parent)) continue;
    if (parent.pgrp !== pgrp && parent.session === member.session) return false;
  }
  return true;
}

export function isInit(group: ThreadGroup): boolean {
  return group.tgid === 1;
}

/** Is a member of the process group stopped? */
export function hasStopped(k: Kernel, pgrp: number): boolean {
  return k.tasks.processGroup(pgrp).some((group) => group.stopped);
}
