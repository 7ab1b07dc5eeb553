/** The decision what a pending signal does to the current task (kernel/signal.c get_signal()). */

import type { Kernel } from "../kernel.ts";
import { isOrphaned, notifyParentStopped } from "./notify.ts";
import { RLIMIT_CORE } from "./rlimit.ts";
import { SA_RESETHAND, SIG_DFL, SIG_IGN, type SignalAction } from "./sighand.ts";
import type { Siginfo } from "./siginfo.ts";
import { dequeueSignal, recalcSigpending, wakeForSignal } from "./signal.ts";
import { COREDUMP_SIGNALS, IGNORED_BY_DEFAULT, SIGKILL, SIGSTOP, STOP_SIGNALS } from "./signals.ts";
import type { Task } from "./task.ts";

export type Delivery =
  /** Call this handler. */
  | { kind: "handler"; info: Siginfo; action: SignalAction }
  /** The thread ends, and unless it is leaving already its process, with this wait status. */
  | { kind: "exit"; status: number; info: Siginfo | null }
  /** The task has stopped; it looks again when it runs on. */
  | { kind: "stopped" }
  | { kind: "none" };

/** ELF_EXEC_PAGESIZE: a smaller RLIMIT_CORE means that no core is written (binfmt min_coredump). */
const MIN_COREDUMP = 4096;

export function getSignal(k: Kernel, task: Task): Delivery {
  const group = task.group;
  for (;;) {
    if (group.unreported !== null) {
      const event = group.unreported;
      group.unreported = null;
      notifyParentStopped(k, group, event);
    }
    if (group.groupExit) {
      task.pending.set.delete(SIGKILL);
      recalcSigpending(task);
      return { kind: "exit", status: group.exitCode, info: null };
    }
    if (task.stopPending) {
      stopNow(k, task);
      return { kind: "stopped" };
    }
    const info = dequeueSignal(task, task.blocked);
    if (info === null) return { kind: "none" };
    const signo = info.signo;
    const action = task.sighand.action(signo);
    if (action.handler === SIG_IGN) continue;
    if (action.handler !== SIG_DFL) {
      if ((action.flags & SA_RESETHAND) !== 0) task.sighand.setHandler(signo, SIG_DFL);
      return { kind: "handler", info, action };
    }
    if (IGNORED_BY_DEFAULT.has(signo)) continue;
    if (STOP_SIGNALS.has(signo)) {
      if (signo !== SIGSTOP && isOrphaned(k, group.pgrp)) continue;
      startGroupStop(task, signo);
      stopNow(k, task);
      return { kind: "stopped" };
    }
    const dumped = COREDUMP_SIGNALS.has(signo) && task.dumpable === 1 && task.rlimit(RLIMIT_CORE) >= MIN_COREDUMP;
    return { kind: "exit", status: signo | (dumped ? 0x80 : 0), info };
  }
}

/** do_signal_stop(), first half: every thread is asked to stop. */
function startGroupStop(task: Task, signo: number): void {
  const group = task.group;
  if (!group.stopped) group.stopCode = signo;
  group.stopCount = 0;
  for (const thread of group.threads) {
    if (thread.exited || thread.state === "stopped") continue;
    thread.stopPending = true;
    group.stopCount++;
    if (thread !== task) wakeForSignal(thread, "interruptible");
  }
}

/** do_signal_stop(), second half: this thread takes part; the last one tells the parent. */
function stopNow(k: Kernel, task: Task): void {
  const complete = participateInStop(task);
  task.stop();
  if (complete) notifyParentStopped(k, task.group, "stopped");
}

/** task_participate_group_stop(): true if this was the last thread to stop. */
export function participateInStop(task: Task): boolean {
  const group = task.group;
  task.stopPending = false;
  recalcSigpending(task);
  if (group.stopCount > 0) group.stopCount--;
  if (group.stopCount > 0 || group.stopped) return false;
  group.stopped = true;
  group.continuedForWait = false;
  return true;
}
