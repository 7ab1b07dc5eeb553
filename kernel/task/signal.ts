/**
 * Sending signals: what is ignored, where a signal waits, and whom it wakes (kernel/signal.c).
 *
 * A signal is generated for a thread (`Task.pending`) or for a process (`ThreadGroup.pending`); in the second case the
 * first thread that wants it is woken. Delivery is get-signal.ts.
 */

import { EAGAIN } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import { RLIMIT_SIGPENDING } from "./rlimit.ts";
import { SIG_DFL, SIG_IGN } from "./sighand.ts";
import { SI_KERNEL, SI_USER, type Siginfo } from "./siginfo.ts";
import {
  COREDUMP_SIGNALS,
  IGNORED_BY_DEFAULT,
  KERNEL_ONLY,
  SIGCONT,
  SIGKILL,
  SIGRTMIN,
  STOP_SIGNALS,
  SYNCHRONOUS_SIGNALS,
} from "./signals.ts";
import { SignalSet } from "./sigset.ts";
import type { Task, ThreadGroup } from "./task.ts";

/** recalc_sigpending_tsk(): is there anything this thread has to look at before it returns to its program? */
export function recalcSigpending(task: Task): void {
  const pending = task.pending.set.or(task.group.pending.set).andNot(task.blocked);
  task.sigpending = !pending.empty || task.stopPending || task.group.groupExit || task.group.unreported !== null;
}

/** set_current_blocked(): changes the blocked set; signals of the process that this thread no longer takes go to another. */
export function setBlocked(task: Task, set: SignalSet): void {
  const allowed = set.andNot(KERNEL_ONLY);
  if (allowed.equals(task.blocked)) return;
  if (task.sigpending && task.group.threads.size > 1) retargetSharedPending(task, allowed.andNot(task.blocked));
  task.blocked.assign(allowed);
  recalcSigpending(task);
}

/**
 * set_user_sigmask(): the mask that holds while a system call waits (ppoll, pselect6, sigsuspend). It is restored when the
 * call ends without a handler, or by the handler's sigreturn. Safe to call again when the call is repeated.
 */
export function setTemporaryMask(task: Task, set: SignalSet): void {
  task.savedSigmask ??= task.blocked.clone();
  setBlocked(task, set);
}

/** restore_saved_sigmask(). */
export function restoreSavedMask(task: Task): void {
  const saved = task.savedSigmask;
  if (saved === null) return;
  task.savedSigmask = null;
  setBlocked(task, saved);
}

/** retarget_shared_pending(): other threads are told of the process's signals that `task` now blocks. */
function retargetSharedPending(task: Task, which: SignalSet): void {
  let left = task.group.pending.set.and(which);
  for (const other of task.group.threads) {
    if (left.empty) return;
    if (other === task || other.exited) continue;
    const taken = left.andNot(other.blocked);
    if (taken.empty) continue;
    left = left.and(other.blocked);
    if (!other.sigpending) wakeForSignal(other, "interruptible");
  }
}

/** signal_wake_up(): the thread shall look at its signals. "fatal" wakes stopped and uninterruptible ones too. */
export function wakeForSignal(task: Task, how: "interruptible" | "fatal"): void {
  task.sigpending = true;
  if (task.state === "interruptible") task.wake();
  else if (how === "fatal") {
    if (task.state === "uninterruptible") task.wake();
    else if (task.state === "stopped") task.resume();
  }
}

/** sig_task_ignored(): would delivery do nothing? */
export function signalIgnored(task: Task, signo: number): boolean {
  const handler = task.sighand.action(signo).handler;
  if (task.kernelThread) return true;
  return handler === SIG_IGN || (handler === SIG_DFL && IGNORED_BY_DEFAULT.has(signo));
}

/** prepare_signal(): the effects of stop and continue signals; false if the signal is to be dropped. */
function prepareSignal(task: Task, signo: number): boolean {
  const group = task.group;
  if (group.groupExit) return false;
  if (STOP_SIGNALS.has(signo)) {
    discardFromGroup(group, SignalSet.of(SIGCONT));
  } else if (signo === SIGCONT) {
    discardFromGroup(group, STOP_SIGNALS);
    for (const thread of group.threads) {
      thread.stopPending = false;
      thread.sigpending = true;
      if (thread.state === "stopped") thread.resume();
    }
    const event = group.stopped ? "continued" : group.stopCount > 0 ? "stopped" : null;
    if (event !== null) {
      group.unreported = event;
      group.continuedForWait = event === "continued";
      group.stopped = false;
      group.stopCount = 0;
      group.stopCode = 0;
    }
  }
  const blocked = task.blocked.has(signo) || (task.realBlocked?.has(signo) ?? false);
  return blocked || !signalIgnored(task, signo);
}

function discardFromGroup(group: ThreadGroup, set: SignalSet): void {
  group.pending.discard(set);
  for (const thread of group.threads) thread.pending.discard(set);
}

/** __send_signal_locked(): 0, or -EAGAIN if a queued real-time signal finds no room. */
function send(k: Kernel, task: Task, info: Siginfo, target: "thread" | "process"): number {
  const signo = info.signo;
  if (task.exited && target === "thread") return 0;
  if (!prepareSignal(task, signo)) return 0;
  const pending = target === "thread" ? task.pending : task.group.pending;
  if (signo < SIGRTMIN && pending.set.has(signo)) return 0;
  if (signo >= SIGRTMIN && queuedSignals(k, task) >= task.rlimit(RLIMIT_SIGPENDING)) {
    if (info.code !== SI_USER && info.code !== SI_KERNEL) return -EAGAIN;
    pending.set.add(signo);
  } else {
    pending.add(info);
  }
  task.sighand.signalfd.wakeUp();
  completeSignal(k, task, signo, target);
  return 0;
}

/** Signals queued for the processes of the same user (ucounts UCOUNT_RLIMIT_SIGPENDING). */
function queuedSignals(k: Kernel, task: Task): number {
  let queued = 0;
  for (const other of k.tasks) {
    if (other.cred.uid !== task.cred.uid) continue;
    queued += other.pending.length;
    if (other.group.leader === other) queued += other.group.pending.length;
  }
  return queued;
}

/** wants_signal(). */
function wantsSignal(k: Kernel, task: Task, signo: number): boolean {
  if (task.blocked.has(signo) || task.exited) return false;
  if (signo === SIGKILL) return true;
  if (task.state === "stopped") return false;
  return k.onCpu === task || !task.sigpending;
}

/** complete_signal(): chooses a thread and wakes it; a fatal signal without core dump kills the whole process at once. */
function completeSignal(k: Kernel, task: Task, signo: number, target: "thread" | "process"): void {
  let chosen: Task | null = null;
  if (wantsSignal(k, task, signo)) chosen = task;
  else if (target === "process") {
    for (const thread of task.group.threads) {
      if (wantsSignal(k, thread, signo)) {
        chosen = thread;
        break;
      }
    }
  }
  if (chosen === null) return;
  const awaited = chosen.realBlocked?.has(signo) ?? false;
  const fatal = isFatal(task, signo) && !task.group.groupExit && !awaited && !COREDUMP_SIGNALS.has(signo);
  if (fatal) {
    startGroupExit(task.group, signo);
    return;
  }
  wakeForSignal(chosen, signo === SIGKILL ? "fatal" : "interruptible");
}

/** sig_fatal(): the default action is to end the process. */
function isFatal(task: Task, signo: number): boolean {
  if (IGNORED_BY_DEFAULT.has(signo) || STOP_SIGNALS.has(signo)) return false;
  return task.sighand.action(signo).handler === SIG_DFL;
}

/** Every thread of the process is to leave with this wait status (SIGNAL_GROUP_EXIT, zap_other_threads()). */
export function startGroupExit(group: ThreadGroup, exitCode: number): void {
  group.groupExit = true;
  group.exitCode = exitCode;
  group.stopCount = 0;
  for (const thread of group.threads) {
    if (thread.exited) continue;
    thread.stopPending = false;
    thread.pending.set.add(SIGKILL);
    wakeForSignal(thread, "fatal");
  }
}

/** Sends to one thread (tkill, faults of that thread). Returns 0 or -EAGAIN. */
export function sendSignal(k: Kernel, task: Task, info: Siginfo): number {
  return send(k, task, info, "thread");
}

/** Sends to a process (kill, SIGCHLD, timers). Returns 0 or -EAGAIN. */
export function sendGroupSignal(k: Kernel, group: ThreadGroup, info: Siginfo): number {
  if (group.dead) return 0;
  return send(k, group.leader, info, "process");
}

/** Sends to every process of a process group, as the terminal does. */
export function sendPgrpSignal(k: Kernel, pgrp: number, info: Siginfo): void {
  for (const group of k.tasks.processGroup(pgrp)) sendGroupSignal(k, group, info);
}

/** A signal that the kernel itself generates (SEND_SIG_PRIV). */
export function kernelSignal(signo: number): Siginfo {
  return { signo, code: SI_KERNEL, pid: 0, uid: 0 };
}

/** force_sig_info(): a signal that belongs to the instruction: neither blocking nor ignoring helps against it. */
export function forceSignal(k: Kernel, task: Task, info: Siginfo): void {
  const action = task.sighand.action(info.signo);
  const blocked = task.blocked.has(info.signo);
  if (blocked || action.handler === SIG_IGN) {
    task.sighand.setHandler(info.signo, SIG_DFL);
    if (blocked) task.blocked.delete(info.signo);
  }
  recalcSigpending(task);
  send(k, task, info, "thread");
}

/** force_fatal_sig(): the process ends with this signal whatever it has arranged. */
export function forceFatalSignal(k: Kernel, task: Task, signo: number): void {
  task.sighand.setHandler(signo, SIG_DFL);
  task.blocked.delete(signo);
  recalcSigpending(task);
  send(k, task, kernelSignal(signo), "thread");
}

/** dequeue_signal(): removes the next signal outside of `mask`; synchronous ones and lower numbers first, the thread's before the process's. */
export function dequeueSignal(task: Task, mask: SignalSet): Siginfo | null {
  const info = takeFrom(task.pending, mask) ?? takeFrom(task.group.pending, mask);
  recalcSigpending(task);
  info?.collected?.(info);
  return info;
}

/** next_signal(). */
function takeFrom(pending: Task["pending"], mask: SignalSet): Siginfo | null {
  const candidates = pending.set.andNot(mask);
  if (candidates.empty) return null;
  const synchronous = candidates.and(SYNCHRONOUS_SIGNALS);
  return pending.take(synchronous.empty ? candidates.first() : synchronous.first());
}
