/** From int $0x80 to a system call and back (arch/x86/entry/common.c do_int80_syscall_32()). */

import { EAX, EBP, EBX, ECX, EDI, EDX, ESI, ESP } from "../../emu/state.ts";
import { EFAULT, EINTR, ENOSYS, ERESTART_RESTARTBLOCK, ERESTARTNOHAND } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import { restoreSavedMask } from "../task/signal.ts";
import { NO_RETURN, SLEEPING } from "../task/sleep.ts";
import type { PendingCall, Task } from "../task/task.ts";
import { SYSCALL_NAMES } from "./names.ts";
import { syscalls } from "./table.ts";

/** "openat"; "syscall 999" for a number that no call has. */
export function syscallName(number: number): string {
  return SYSCALL_NAMES[number] ?? `syscall ${number}`;
}

/** int $0x80 of the current task: number in EAX, arguments in EBX, ECX, EDX, ESI, EDI, EBP. */
export function int80(k: Kernel, task: Task): void {
  const { regs } = k.cpu;
  const number = regs[EAX];
  task.origEax = number;
  const args: PendingCall["args"] = [regs[EBX], regs[ECX], regs[EDX], regs[ESI], regs[EDI], regs[EBP]];
  begin(k, task, { number, args });
}

/** Offset of the code behind int $0x80 in the vDSO image, where SYSENTER returns to; without a vDSO its base is 0. */
const INT80_LANDING_PAD = 0x579;

/**
 * SYSENTER of the current task: EBP is the user stack, on which the sixth argument lies (do_SYSENTER_32()). Without a
 * vDSO there is nothing to return to, and the program faults there, as under a Linux booted with vdso32=0.
 */
export function sysenter(k: Kernel, task: Task): void {
  const { regs } = k.cpu;
  const number = regs[EAX];
  regs[ESP] = regs[EBP];
  k.cpu.eip = INT80_LANDING_PAD;
  task.origEax = number;
  k.user.failed = false;
  const sixth = k.user.getI32(regs[EBP] >>> 0);
  if (k.user.failed) {
    k.user.failed = false;
    regs[EAX] = -EFAULT;
    return;
  }
  const [ebx, ecx, edx, esi, edi] = [EBX, ECX, EDX, ESI, EDI].map((register) => regs[register]);
  begin(k, task, { number, args: [ebx, ecx, edx, esi, edi, sixth] as PendingCall["args"] });
}

function begin(k: Kernel, task: Task, call: PendingCall): void {
  const { number } = call;
  if (number >= 0 && number < k.counters.syscalls.length) {
    k.counters.syscalls[number]++;
  }
  k.probe?.syscallEnter?.(task, number, call.args);
  perform(k, task, call);
}

/** Calls a sleeping system call again; the task has been woken. */
export function resumeCall(k: Kernel, task: Task): void {
  const { call } = task;
  if (call === null) throw new Error("no system call sleeps");
  task.call = null;
  perform(k, task, call);
}

function perform(k: Kernel, task: Task, call: PendingCall): void {
  const entry = syscalls[call.number];
  if (entry === undefined) {
    complain(k, call.number);
    finish(k, task, call, -ENOSYS);
    return;
  }
  const [a, b, c, d, e, f] = call.args;
  const result = entry[1](k, task, a, b, c, d, e, f);
  if (result === SLEEPING) task.call = call;
  else finish(k, task, call, result);
}

function finish(k: Kernel, task: Task, call: PendingCall, result: number): void {
  task.progress = null;
  if (result !== -ERESTART_RESTARTBLOCK) task.restart = null;
  if (result === NO_RETURN) {
    k.probe?.syscallExit?.(task, call.number, call.args, null);
    return;
  }
  k.cpu.regs[EAX] = result;
  k.probe?.syscallExit?.(task, call.number, call.args, result);
  // restore_saved_sigmask_unless(): an interrupted wait keeps its mask until the handler's frame has saved it.
  if (task.savedSigmask !== null && result !== -ERESTARTNOHAND && result !== -EINTR) restoreSavedMask(task);
}

/** One line per number that nobody implements. */
function complain(k: Kernel, number: number): void {
  if (k.unknownCalls.has(number)) return;
  k.unknownCalls.add(number);
  if (k.options.quiet) return;
  const name = SYSCALL_NAMES[number];
  k.log(
    name === undefined
      ? `no system call ${number}: ENOSYS`
      : `system call ${number} (${name}) is not implemented: ENOSYS`,
  );
}
