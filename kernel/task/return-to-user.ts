/** The way back to the program: signals, and what they do to the system call that was made (arch/x86/kernel/signal.c). */

import { EAX } from "../../emu/state.ts";
import { EINTR, ERESTART_RESTARTBLOCK, ERESTARTNOHAND, ERESTARTNOINTR, ERESTARTSYS } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import { doExit, doGroupExit } from "./exit.ts";
import { getSignal } from "./get-signal.ts";
import { SA_RESTART, type SignalAction } from "./sighand.ts";
import type { Siginfo } from "./siginfo.ts";
import { forceFatalSignal, forceSignal, kernelSignal, restoreSavedMask } from "./signal.ts";
import { maskForHandler, setupFrame } from "./signal-frame.ts";
import { SIGSEGV } from "./signals.ts";
import type { Task } from "./task.ts";

/** __NR_restart_syscall */
const RESTART_SYSCALL = 0;
/** Length of int $0x80. */
const INT80_BYTES = 2;

/** Does the task have anything to look at before it runs its program again? */
export function hasExitWork(task: Task): boolean {
  return task.sigpending || task.savedSigmask !== null;
}

/**
 * exit_to_user_mode_loop(): delivers signals to the current task until there are none. False if the task no longer runs:
 * it has stopped or ended.
 */
export function returnToUser(k: Kernel, task: Task): boolean {
  while (task.sigpending) {
    const delivery = getSignal(k, task);
    switch (delivery.kind) {
      case "handler":
        handleSignal(k, task, delivery.info, delivery.action);
        break;
      case "exit":
        leave(k, task, delivery.status, delivery.info);
        return false;
      case "stopped":
        return false;
      case "none":
        restartWithoutHandler(k, task);
        restoreSavedMask(task);
        break;
    }
  }
  restartWithoutHandler(k, task);
  restoreSavedMask(task);
  return true;
}

function leave(k: Kernel, task: Task, status: number, info: Siginfo | null): void {
  if (info === null) {
    doExit(k, task, status);
    return;
  }
  k.probe?.signal?.(task, info, "fatal");
  if (task.group === k.main) k.mainExit = { status, fatal: { info, eip: k.cpu.eip } };
  doGroupExit(k, task, status);
}

/** handle_signal(). */
function handleSignal(k: Kernel, task: Task, info: Siginfo, action: SignalAction): void {
  k.counters.signals[info.signo]++;
  k.probe?.signal?.(task, info, "handler");
  if (task.origEax !== -1) {
    const { regs } = k.cpu;
    switch (-regs[EAX]) {
      case ERESTART_RESTARTBLOCK:
      case ERESTARTNOHAND:
        regs[EAX] = -EINTR;
        break;
      case ERESTARTSYS:
        if ((action.flags & SA_RESTART) !== 0) again(k, task.origEax);
        else regs[EAX] = -EINTR;
        break;
      case ERESTARTNOINTR:
        again(k, task.origEax);
        break;
    }
    task.origEax = -1;
  }
  if (setupFrame(k, task, info, action)) {
    maskForHandler(task, info, action);
  } else if (info.signo === SIGSEGV) {
    // force_sigsegv(): the handler for the stack's fault is what does not fit on the stack.
    forceFatalSignal(k, task, SIGSEGV);
  } else {
    forceSignal(k, task, kernelSignal(SIGSEGV));
  }
}

/** arch_do_signal_or_restart() without a signal: an interrupted call goes on as if nothing had happened. */
function restartWithoutHandler(k: Kernel, task: Task): void {
  if (task.origEax === -1) return;
  switch (-k.cpu.regs[EAX]) {
    case ERESTARTNOHAND:
    case ERESTARTSYS:
    case ERESTARTNOINTR:
      again(k, task.origEax);
      break;
    case ERESTART_RESTARTBLOCK:
      again(k, RESTART_SYSCALL);
      break;
  }
  task.origEax = -1;
}

/** Makes the program execute its int $0x80 once more. */
function again(k: Kernel, number: number): void {
  k.cpu.regs[EAX] = number;
  k.cpu.eip = k.cpu.eip - INT80_BYTES;
}
