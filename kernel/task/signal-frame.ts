/**
 * Signal frames on the user stack, byte for byte as i386 Linux builds them (arch/x86/kernel/signal_32.c,
 * arch/x86/include/asm/sigframe.h).
 *
 *     struct sigframe, 732 bytes                struct rt_sigframe, 272 bytes
 *       0 pretcode: where RET goes                0 pretcode
 *       4 sig                                     4 sig
 *       8 struct sigcontext, 88 bytes             8 &info   12 &uc
 *      96 fpstate_unused, 624 bytes              16 siginfo, 128 bytes
 *     720 extramask: signals 33..64             144 struct ucontext, 116 bytes:
 *     724 retcode, 8 bytes                          0 flags  4 link  8 stack  20 sigcontext  108 mask (8)
 *                                               260 retcode, 8 bytes (and 4 of padding)
 *
 * Above it lies the x87 state (fpstate.ts). On entry to the handler (esp + 4) is a multiple of 16.
 */

import { CS, DS, EAX, EBP, EBX, ECX, EDI, EDX, ES, ESI, ESP, FS, GS, SS } from "../../emu/state.ts";
import { EINVAL, ENOMEM, EPERM } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import { clearFpu, FSAVE_BYTES, FXSAVE_BYTES, restoreFsave, saveFsave, saveFxsave } from "./fpstate.ts";
import { USER_CS, USER_DS } from "./segments.ts";
import { SA_NODEFER, SA_ONSTACK, SA_RESTORER, SA_SIGINFO, type SignalAction } from "./sighand.ts";
import { encodeSiginfo, ILL_BADSTK, SIGINFO_BYTES, type Siginfo } from "./siginfo.ts";
import { forceSignal, kernelSignal, setBlocked } from "./signal.ts";
import { SIGILL, SIGSEGV } from "./signals.ts";
import { SignalSet } from "./sigset.ts";
import type { Task } from "./task.ts";

const SIGFRAME_BYTES = 732;
const EXTRAMASK = 720;
const RETCODE = 724;
const RT_SIGFRAME_BYTES = 272;
const RT_INFO = 16;
const RT_UCONTEXT = RT_INFO + SIGINFO_BYTES;
const UC_STACK = 8;
const UC_MCONTEXT = 20;
const UC_SIGMASK = 108;
const RT_RETCODE = RT_UCONTEXT + 116;
export const SIGCONTEXT_BYTES = 88;

/** popl %eax; movl $119, %eax (sigreturn); int $0x80 */
const SIGRETURN_CODE = [0x58, 0xb8, 0x77, 0, 0, 0, 0xcd, 0x80];
/** movl $173, %eax (rt_sigreturn); int $0x80 */
const RT_SIGRETURN_CODE = [0xb8, 0xad, 0, 0, 0, 0xcd, 0x80, 0];

export const SS_ONSTACK = 1;
export const SS_DISABLE = 2;
export const SS_AUTODISARM = 0x80000000 | 0;

const EFLAGS_TF = 0x100;
const EFLAGS_DF = 0x400;
const EFLAGS_RF = 0x10000;
/** AC OF DF TF SF ZF AF PF CF RF: what sigreturn takes from the frame. */
const FIX_EFLAGS = 0x40000 | 0x800 | 0x400 | 0x100 | 0x80 | 0x40 | 0x10 | 0x4 | 0x1 | 0x10000;

/** on_sig_stack(). */
function onAltStack(task: Task, sp: number): boolean {
  const { sp: base, size, flags } = task.altStack;
  if ((flags & SS_AUTODISARM) !== 0) return false;
  return sp > base && sp - base <= size;
}

/** sas_ss_flags(): SS_DISABLE, SS_ONSTACK or 0. */
export function altStackFlags(task: Task, sp: number): number {
  if (task.altStack.size === 0) return SS_DISABLE;
  return onAltStack(task, sp) ? SS_ONSTACK : 0;
}

function hasFxsr(k: Kernel): boolean {
  return k.features.fxsr;
}

/** struct sigcontext of the current task. */
export function encodeSigcontext(k: Kernel, task: Task, fpstate: number, mask: SignalSet): Uint8Array {
  const { cpu } = k;
  const { regs } = cpu;
  const words = [
    cpu.selector(GS),
    cpu.selector(FS),
    cpu.selector(ES),
    cpu.selector(DS),
    regs[EDI],
    regs[ESI],
    regs[EBP],
    regs[ESP],
    regs[EBX],
    regs[EDX],
    regs[ECX],
    regs[EAX],
    task.trapNumber,
    task.errorCode,
    cpu.eip,
    cpu.selector(CS),
    cpu.getEflags(),
    regs[ESP],
    cpu.selector(SS),
    fpstate,
    mask.low,
    task.cr2,
  ];
  return new Uint8Array(Int32Array.from(words, (word) => word | 0).buffer);
}

/** The stack pointer of a frame of `bytes` bytes, and where the x87 state goes (get_sigframe()). */
function placeFrame(
  k: Kernel,
  task: Task,
  action: SignalAction,
  bytes: number,
): { sp: number; fpstate: number } | null {
  let sp = k.cpu.regs[ESP] >>> 0;
  const nested = onAltStack(task, sp);
  let entering = false;
  if ((action.flags & SA_ONSTACK) !== 0) {
    if (altStackFlags(task, sp) === 0) {
      sp = task.altStack.sp + task.altStack.size;
      entering = true;
    }
  } else if (!nested && k.cpu.selector(SS) !== USER_DS && (action.flags & SA_RESTORER) === 0 && action.restorer !== 0) {
    sp = action.restorer;
    entering = true;
  }
  let fpstate: number;
  if (hasFxsr(k)) fpstate = (((sp - FXSAVE_BYTES) & -64) - FSAVE_BYTES) >>> 0;
  else fpstate = ((sp - FSAVE_BYTES) & -64) >>> 0;
  sp = (((fpstate - bytes + 4) & -16) - 4) >>> 0;
  if ((nested || entering) && !onAltStack(task, sp) && (task.altStack.flags & SS_AUTODISARM) === 0) return null;
  return { sp, fpstate };
}

/**
 * handle_signal(), the second half: builds the frame and points the registers at the handler. False if the stack cannot
 * take it: the process then gets SIGSEGV.
 */
export function setupFrame(k: Kernel, task: Task, info: Siginfo, action: SignalAction): boolean {
  const { cpu, user } = k;
  const realtime = (action.flags & SA_SIGINFO) !== 0;
  const place = placeFrame(k, task, action, realtime ? RT_SIGFRAME_BYTES : SIGFRAME_BYTES);
  if (place === null) return false;
  const { sp, fpstate } = place;
  const mask = task.savedSigmask ?? task.blocked;
  const fxsr = hasFxsr(k);
  if (!user.write(fpstate, saveFsave(cpu, fxsr))) return false;
  if (fxsr && !user.write(fpstate + FSAVE_BYTES, saveFxsave(cpu))) return false;
  const context = encodeSigcontext(k, task, fpstate, mask);
  const restorer = (action.flags & SA_RESTORER) !== 0 ? action.restorer : 0;

  if (realtime) {
    const frame = new Uint8Array(RT_SIGFRAME_BYTES - 4);
    const view = new DataView(frame.buffer);
    view.setUint32(0, restorer || sp + RT_RETCODE, true);
    view.setInt32(4, info.signo, true);
    view.setUint32(8, sp + RT_INFO, true);
    view.setUint32(12, sp + RT_UCONTEXT, true);
    frame.set(encodeSiginfo(info), RT_INFO);
    view.setUint32(RT_UCONTEXT + UC_STACK, task.altStack.sp, true);
    view.setInt32(RT_UCONTEXT + UC_STACK + 4, task.altStack.flags, true);
    view.setUint32(RT_UCONTEXT + UC_STACK + 8, task.altStack.size, true);
    frame.set(context, RT_UCONTEXT + UC_MCONTEXT);
    view.setInt32(RT_UCONTEXT + UC_SIGMASK, mask.low, true);
    view.setInt32(RT_UCONTEXT + UC_SIGMASK + 4, mask.high, true);
    frame.set(RT_SIGRETURN_CODE, RT_RETCODE);
    if (!user.write(sp, frame)) return false;
  } else {
    const head = new Uint8Array(8 + SIGCONTEXT_BYTES);
    const view = new DataView(head.buffer);
    view.setUint32(0, restorer || sp + RETCODE, true);
    view.setInt32(4, info.signo, true);
    head.set(context, 8);
    const tail = new Uint8Array(SIGFRAME_BYTES - EXTRAMASK);
    new DataView(tail.buffer).setInt32(0, mask.high, true);
    tail.set(SIGRETURN_CODE, RETCODE - EXTRAMASK);
    if (!user.write(sp, head) || !user.write(sp + EXTRAMASK, tail)) return false;
  }

  cpu.regs[ESP] = sp;
  cpu.eip = action.handler;
  cpu.regs[EAX] = info.signo;
  cpu.regs[EDX] = realtime ? sp + RT_INFO : 0;
  cpu.regs[ECX] = realtime ? sp + RT_UCONTEXT : 0;
  k.segments.load(CS, USER_CS);
  for (const seg of [SS, DS, ES]) k.segments.load(seg, USER_DS);
  cpu.setEflags(cpu.getEflags() & ~(EFLAGS_DF | EFLAGS_RF | EFLAGS_TF));
  clearFpu(cpu);
  return true;
}

/** signal_delivered(): the mask that holds in the handler. */
export function maskForHandler(task: Task, info: Siginfo, action: SignalAction): void {
  task.savedSigmask = null;
  const blocked = task.blocked.or(action.mask);
  if ((action.flags & SA_NODEFER) === 0) blocked.add(info.signo);
  setBlocked(task, blocked);
  if ((task.altStack.flags & SS_AUTODISARM) !== 0) task.altStack = { sp: 0, size: 0, flags: SS_DISABLE };
}

/** sys_sigreturn(): the registers come back from the frame. False after a bad frame: SIGSEGV is then pending. */
export function sigreturn(k: Kernel, task: Task): boolean {
  const frame = (k.cpu.regs[ESP] - 8) >>> 0;
  const context = k.user.read(frame + 8, SIGCONTEXT_BYTES);
  const high = k.user.read(frame + EXTRAMASK, 4);
  if (context === null || high === null) return badFrame(k, task);
  const low = new DataView(context.buffer).getInt32(80, true);
  setBlocked(task, new SignalSet(low, new DataView(high.buffer).getInt32(0, true)));
  return restoreSigcontext(k, task, context) || badFrame(k, task);
}

/** sys_rt_sigreturn(). */
export function rtSigreturn(k: Kernel, task: Task): boolean {
  const frame = (k.cpu.regs[ESP] - 4) >>> 0;
  const ucontext = k.user.read(frame + RT_UCONTEXT, 116);
  if (ucontext === null) return badFrame(k, task);
  const view = new DataView(ucontext.buffer);
  setBlocked(task, new SignalSet(view.getInt32(UC_SIGMASK, true), view.getInt32(UC_SIGMASK + 4, true)));
  const context = ucontext.slice(UC_MCONTEXT, UC_MCONTEXT + SIGCONTEXT_BYTES);
  if (!restoreSigcontext(k, task, context)) return badFrame(k, task);
  setAltStack(task, k.cpu.regs[ESP] >>> 0, {
    sp: view.getUint32(UC_STACK, true),
    flags: view.getInt32(UC_STACK + 4, true),
    size: view.getUint32(UC_STACK + 8, true),
  });
  return true;
}

/** signal_fault(). */
function badFrame(k: Kernel, task: Task): false {
  forceSignal(k, task, kernelSignal(SIGSEGV));
  return false;
}

/** restore_sigcontext(). */
function restoreSigcontext(k: Kernel, task: Task, context: Uint8Array): boolean {
  const { cpu } = k;
  const { regs } = cpu;
  const words = new Int32Array(context.buffer, 0, SIGCONTEXT_BYTES / 4);
  const word = (index: number): number => words[index];
  task.restart = null;
  const fpstate = word(19) >>> 0;
  if (fpstate === 0) {
    clearFpu(cpu);
  } else {
    const image = k.user.read(fpstate, FSAVE_BYTES);
    if (image === null) return false;
    restoreFsave(cpu, image);
  }
  for (const [index, seg] of [GS, FS, ES, DS].entries()) k.segments.loadOrNull(seg, word(index) & 0xffff);
  for (const [index, register] of [EDI, ESI, EBP, ESP, EBX, EDX, ECX, EAX].entries()) {
    regs[register] = word(4 + index);
  }
  cpu.eip = word(14) >>> 0;
  cpu.setEflags((cpu.getEflags() & ~FIX_EFLAGS) | (word(16) & FIX_EFLAGS));
  task.origEax = -1;
  const returns = k.segments.load(CS, (word(15) & 0xffff) | 3) && k.segments.load(SS, (word(18) & 0xffff) | 3);
  // IRET itself faults: exc_iret_error().
  if (!returns) forceSignal(k, task, { signo: SIGILL, code: ILL_BADSTK, addr: 0 });
  return true;
}

/** MINSIGSTKSZ of i386. */
const MINSIGSTKSZ = 2048;

/** do_sigaltstack(), the setting half: 0, -EPERM on the stack in use, -EINVAL, -ENOMEM if it is too small. */
export function setAltStack(task: Task, sp: number, next: { sp: number; size: number; flags: number }): number {
  if (onAltStack(task, sp)) return -EPERM;
  const mode = next.flags & ~SS_AUTODISARM;
  if (mode !== SS_DISABLE && mode !== SS_ONSTACK && mode !== 0) return -EINVAL;
  if (task.altStack.sp === next.sp && task.altStack.size === next.size && task.altStack.flags === next.flags) return 0;
  if (mode === SS_DISABLE) {
    task.altStack = { sp: 0, size: 0, flags: next.flags };
    return 0;
  }
  if (next.size < MINSIGSTKSZ) return -ENOMEM;
  task.altStack = { ...next };
  return 0;
}
