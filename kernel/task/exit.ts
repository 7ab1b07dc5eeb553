/** The end of threads and processes (kernel/exit.c). */

import { exitSem } from "../ipc/sem.ts";
import { SemopWait } from "../ipc/semaphores.ts";
import type { Kernel } from "../kernel.ts";
import { cancelItimers } from "../time/itimer.ts";
import { cancelPosixTimers } from "../time/timer-signal.ts";
import { exitRobustList, futexWakeAt } from "./futex.ts";
import { FutexWaiter } from "./futex-table.ts";
import { hasStopped, isInit, isOrphaned, notifyParent } from "./notify.ts";
import { SI_USER } from "./siginfo.ts";
import { kernelSignal, sendGroupSignal, sendPgrpSignal, startGroupExit } from "./signal.ts";
import { SIGCHLD, SIGCONT, SIGHUP } from "./signals.ts";
import type { Task, ThreadGroup } from "./task.ts";

/** do_group_exit(): the whole process leaves with this wait status; the current thread at once, others when they run. */
export function doGroupExit(k: Kernel, task: Task, status: number): void {
  const { group } = task;
  if (!group.groupExit) {
    startGroupExit(group, status);
    group.exitCode = status;
  }
  doExit(k, task, group.exitCode);
}

/** do_exit(): this thread ends. `task` is on the CPU, or a thread of the same address space that execve() ends. */
export function doExit(k: Kernel, task: Task, status: number): void {
  const { group } = task;
  if (task.exited) throw new Error(`task ${task.pid} exits twice`);
  task.leaveQueues();
  if (task.progress instanceof FutexWaiter) k.futexes.remove(task.progress);
  if (task.progress instanceof SemopWait) task.progress.leave();
  task.call = null;
  task.progress = null;
  task.exitCode = status;
  if (task.mm !== null) {
    group.usage.maxRss = Math.max(group.usage.maxRss, task.mm.tables.peakRss * 4, task.mm.tables.rssPages * 4);
    mmRelease(k, task);
    const { mm } = task;
    if (mm.users === 1) k.probe?.exitMm?.(task, mm);
    task.mm = null;
    k.mm.mmput(mm);
  }
  exitSem(k, task);
  task.files?.release();
  task.files = null;
  task.fs?.release();
  task.fs = null;
  task.sighand.users--;
  task.exited = true;
  const last = group.dead;
  if (last) {
    cancelItimers(k, group);
    cancelPosixTimers(k, group);
    if (!group.groupExit) group.exitCode = status;
    if (group.session === group.tgid) disassociateTerminal(k, group);
  }
  task.state = "zombie";
  k.scheduler.dequeue(task);
  if (task.stopPending && group.stopCount > 0) group.stopCount--;
  exitNotify(k, task, last);
}

/**
 * exit_mm_release(), exec_mm_release(): the task stops using its address space, which is still the one in CR3. Robust
 * futexes are given back, the exit of a thread is announced at clear_child_tid, a vfork parent goes on.
 */
export function mmRelease(k: Kernel, task: Task): void {
  if (task.mm === null) return;
  if (task.robustList !== 0) exitRobustList(k, task);
  task.robustList = 0;
  if (task.clearChildTid !== 0) {
    if (task.mm.users > 1) {
      k.user.putU32(task.clearChildTid, 0);
      futexWakeAt(k, task, task.clearChildTid, 1);
    }
    task.clearChildTid = 0;
  }
  const { onMmRelease } = task;
  task.onMmRelease = null;
  onMmRelease?.();
}

/** exit_notify(): children get another parent, and this one's parent is told. */
function exitNotify(k: Kernel, task: Task, last: boolean): void {
  const { group } = task;
  forgetParent(k, task, last);
  if (last) {
    k.probe?.exit?.(group, group.exitCode);
    if (group === k.main && k.mainExit === null) k.mainExit = { status: group.exitCode, fatal: null };
    orphanPgrp(k, group, group.parent, group);
  }
  if (task !== group.leader) {
    releaseTask(k, task);
    if (group.leader.exited && group.threads.size === 1) leaderDone(k, group);
  } else if (group.threads.size === 1) {
    leaderDone(k, group);
  }
}

/** The leader is a zombie and alone: the process has ended. */
function leaderDone(k: Kernel, group: ThreadGroup): void {
  group.ended = true;
  group.waitEnd.wakeUp();
  if (notifyParent(k, group)) releaseTask(k, group.leader);
}

/** release_task(): nothing remembers the thread any more. */
export function releaseTask(k: Kernel, task: Task): void {
  const { group } = task;
  group.usage.add(task.usage);
  task.released = true;
  task.state = "dead";
  group.threads.delete(task);
  k.tasks.remove(task);
  if (task !== group.leader) return;
  group.parent?.children.delete(group);
}

/** forget_original_parent(): death signals that children asked for, and with the last thread their new parent. */
function forgetParent(k: Kernel, task: Task, last: boolean): void {
  const { group } = task;
  const [heir] = group.liveThreads;
  const reaper = last ? findReaper(k, group) : null;
  for (const child of [...group.children]) {
    if (child.forker === task) {
      for (const thread of child.threads) {
        if (thread.parentDeathSignal === 0) continue;
        sendGroupSignal(k, child, {
          signo: thread.parentDeathSignal,
          code: SI_USER,
          pid: group.tgid,
          uid: task.cred.uid,
        });
      }
      child.forker = heir ?? null;
    }
    if (!last) continue;
    group.children.delete(child);
    child.parent = reaper;
    child.exitSignal = SIGCHLD;
    reaper?.children.add(child);
    if (child.leader.exited && child.threads.size === 1) leaderDone(k, child);
    orphanPgrp(k, child, group, null);
  }
}

/** find_new_reaper(): the nearest ancestor that is a subreaper, else init. */
function findReaper(k: Kernel, group: ThreadGroup): ThreadGroup | null {
  for (let ancestor = group.parent; ancestor !== null; ancestor = ancestor.parent) {
    if ((ancestor.subreaper || isInit(ancestor)) && (isInit(ancestor) || !ancestor.dead)) return ancestor;
  }
  return k.tasks.group(1) ?? null;
}

/** kill_orphaned_pgrp(): a process group that nobody can continue any more does not stay stopped. */
function orphanPgrp(k: Kernel, group: ThreadGroup, parent: ThreadGroup | null, leaving: ThreadGroup | null): void {
  if (parent === null || parent.pgrp === group.pgrp || parent.session !== group.session) return;
  if (!isOrphaned(k, group.pgrp, leaving) || !hasStopped(k, group.pgrp)) return;
  sendPgrpSignal(k, group.pgrp, kernelSignal(SIGHUP));
  sendPgrpSignal(k, group.pgrp, kernelSignal(SIGCONT));
}

/** disassociate_ctty(): the session leader ends, or gives its terminal up. */
export function disassociateTerminal(k: Kernel, leader: ThreadGroup): void {
  const { tty } = leader;
  if (tty === null) return;
  if (tty.foregroundPgrp > 0) {
    sendPgrpSignal(k, tty.foregroundPgrp, kernelSignal(SIGHUP));
    sendPgrpSignal(k, tty.foregroundPgrp, kernelSignal(SIGCONT));
  }
  tty.foregroundPgrp = 0;
  tty.session = 0;
  for (const group of k.tasks.groups()) if (group.session === leader.session) group.tty = null;
}
