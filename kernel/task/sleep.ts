/**
 * The one way to wait. A system call that must wait returns sleep(...). Once the task is woken, the SAME function is called
 * again with the same arguments and looks at its condition again; what it must remember in between it keeps in
 * `task.progress`. No JavaScript frame ever blocks.
 */

import { EINTR } from "../errno.ts";
import type { Task } from "./task.ts";
import type { WaitQueue } from "./wait.ts";

/** The result of a system call that waits: the task sleeps and the call will be repeated. Below every -errno. */
export const SLEEPING = -0x10000;

/** The result of a system call that left the registers as they shall be: exit, sigreturn, a successful execve. */
export const NO_RETURN = -0x10001;

export interface SleepOptions {
  /** Any of them may wake the task. An empty list waits for the deadline or a signal. */
  queues: readonly WaitQueue[];
  /** Absolute, in cycles (Clock.cyclesAt()). The repeated call must itself see that the time has come. */
  deadline?: number | undefined;
  /**
   * The result of the call if a signal interrupts it: -ERESTARTSYS, -EINTR, -ERESTARTNOHAND, -ERESTART_RESTARTBLOCK, or a
   * count already achieved. "killable": only a fatal signal wakes the task.
   */
  onSignal: number | "killable";
}

/**
 * Puts the current task to sleep and returns SLEEPING, or `onSignal` if a signal is already pending. Check the condition
 * first, then sleep: as in Linux, data wins over signals.
 */
export function sleep(task: Task, options: SleepOptions): number {
  if (options.onSignal === "killable") {
    if (task.fatalSignalPending()) return -EINTR;
  } else if (task.sigpending) {
    return options.onSignal;
  }
  task.sleepOn(options.queues, options.deadline, options.onSignal === "killable" ? "uninterruptible" : "interruptible");
  return SLEEPING;
}
