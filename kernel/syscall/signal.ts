/** Signals as programs see them (kernel/signal.c, arch/x86/kernel/signal_32.c). */

import { ESP } from "../../emu/state.ts";
import { EAGAIN, EFAULT, EINTR, EINVAL, EPERM, ERESTARTNOHAND, ESRCH } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import { CAP_KILL } from "../task/cred.ts";
import {
  SA_EXPOSE_TAGBITS,
  SA_NOCLDSTOP,
  SA_NOCLDWAIT,
  SA_NODEFER,
  SA_ONSTACK,
  SA_RESETHAND,
  SA_RESTART,
  SA_RESTORER,
  SA_SIGINFO,
  type SignalAction,
} from "../task/sighand.ts";
import { decodeSiginfo, encodeSiginfo, SI_TKILL, SI_USER, SIGINFO_BYTES, type Siginfo } from "../task/siginfo.ts";
import {
  dequeueSignal,
  sendGroupSignal,
  sendSignal,
  setBlocked,
  setTemporaryMask,
  signalIgnored,
} from "../task/signal.ts";
import { altStackFlags, rtSigreturn, SS_AUTODISARM, setAltStack, sigreturn } from "../task/signal-frame.ts";
import { KERNEL_ONLY, NSIG, SIGCONT } from "../task/signals.ts";
import { SignalSet } from "../task/sigset.ts";
import { NO_RETURN, SLEEPING, sleep } from "../task/sleep.ts";
import type { Task, ThreadGroup } from "../task/task.ts";
import { readTimespec, spanOf, type TimeWidth, timespecValid } from "../time/timespec.ts";
import type { Syscall, SyscallTable } from "./syscall.ts";
import { getWord, putWord, readWords, writeWords } from "./words.ts";

/** sizeof(sigset_t). */
const SIGSET_BYTES = 8;
/** UAPI_SA_FLAGS: other flags are not kept, so that programs can see what is supported. */
const SA_KNOWN =
  SA_NOCLDSTOP |
  SA_NOCLDWAIT |
  SA_SIGINFO |
  SA_ONSTACK |
  SA_RESTART |
  SA_NODEFER |
  SA_RESETHAND |
  SA_EXPOSE_TAGBITS |
  SA_RESTORER;

const SIG_BLOCK = 0;
const SIG_UNBLOCK = 1;
const SIG_SETMASK = 2;

function validSignal(signo: number): boolean {
  return signo >>> 0 <= NSIG;
}

function readSigset(k: Kernel, address: number): SignalSet | null {
  const words = readWords(k, address, 2);
  return words === null ? null : new SignalSet(words[0], words[1]);
}

/** kill_ok_by_cred(), check_kill_permission(): 0, -EINVAL or -EPERM. */
function checkKill(t: Task, target: Task, signo: number): number {
  if (!validSignal(signo)) return -EINVAL;
  if (target.group === t.group) return 0;
  const own = t.cred;
  const other = target.cred;
  const same = [other.suid, other.uid].some((id) => id === own.euid || id === own.uid);
  if (same || own.capable(CAP_KILL)) return 0;
  return signo === SIGCONT && target.group.session === t.group.session ? 0 : -EPERM;
}

function userSignal(t: Task, signo: number, code: number): Siginfo {
  return { signo, code, pid: t.tgid, uid: t.cred.uid };
}

/** Sends to a process that the caller may signal; signal 0 only asks. */
export function killGroup(k: Kernel, t: Task, group: ThreadGroup, signo: number, info: Siginfo): number {
  const permission = checkKill(t, group.leader, signo);
  if (permission < 0 || signo === 0) return permission;
  return sendGroupSignal(k, group, info);
}

/** kill_something_info(). */
const sysKill: Syscall = (k, t, pid, signo) => {
  const info = userSignal(t, signo, SI_USER);
  if (pid > 0) {
    const target = k.tasks.get(pid);
    return target === undefined ? -ESRCH : killGroup(k, t, target.group, signo, info);
  }
  if (pid === -0x80000000) return -ESRCH;
  if (pid === -1) {
    const others = k.tasks.groups().filter((group) => group.tgid > 1 && group !== t.group);
    let result = others.length === 0 ? -ESRCH : 0;
    for (const group of others) {
      const error = killGroup(k, t, group, signo, info);
      if (error !== -EPERM) result = error;
    }
    return result;
  }
  let succeeded = false;
  let result = -ESRCH;
  for (const group of k.tasks.processGroup(pid === 0 ? t.group.pgrp : -pid)) {
    const error = killGroup(k, t, group, signo, info);
    succeeded ||= error === 0;
    result = error;
  }
  return succeeded ? 0 : result;
};

/** do_send_specific(): `tgid` <= 0 asks for no particular process. */
function sendSpecific(k: Kernel, t: Task, tgid: number, pid: number, signo: number, info: Siginfo): number {
  const target = k.tasks.get(pid);
  if (target === undefined || (tgid > 0 && target.tgid !== tgid)) return -ESRCH;
  const permission = checkKill(t, target, signo);
  if (permission < 0 || signo === 0) return permission;
  return sendSignal(k, target, info);
}

const sysTkill: Syscall = (k, t, pid, signo) => {
  if (pid <= 0) return -EINVAL;
  return sendSpecific(k, t, 0, pid, signo, userSignal(t, signo, SI_TKILL));
};

const sysTgkill: Syscall = (k, t, tgid, pid, signo) => {
  if (pid <= 0 || tgid <= 0) return -EINVAL;
  return sendSpecific(k, t, tgid, pid, signo, userSignal(t, signo, SI_TKILL));
};

function readSiginfo(k: Kernel, address: number, signo: number): Siginfo | null {
  const bytes = k.user.read(address >>> 0, SIGINFO_BYTES);
  return bytes === null ? null : { ...decodeSiginfo(bytes), signo };
}

/** Only the kernel, and a process talking to itself, may claim to be kill() or the kernel. */
function mayClaim(t: Task, info: Siginfo, pid: number): boolean {
  return (info.code < 0 && info.code !== SI_TKILL) || t.tgid === pid;
}

const sysRtSigqueueinfo: Syscall = (k, t, pid, signo, address) => {
  const info = readSiginfo(k, address, signo);
  if (info === null) return -EFAULT;
  if (!mayClaim(t, info, pid)) return -EPERM;
  const target = pid > 0 ? k.tasks.get(pid) : undefined;
  return target === undefined ? -ESRCH : killGroup(k, t, target.group, signo, info);
};

const sysRtTgsigqueueinfo: Syscall = (k, t, tgid, pid, signo, address) => {
  const info = readSiginfo(k, address, signo);
  if (info === null) return -EFAULT;
  if (pid <= 0 || tgid <= 0) return -EINVAL;
  if (!mayClaim(t, info, pid)) return -EPERM;
  return sendSpecific(k, t, tgid, pid, signo, info);
};

/** do_sigaction(): returns the old action. */
function changeAction(t: Task, signo: number, next: SignalAction | null): SignalAction | number {
  if (signo < 1 || signo > NSIG || (next !== null && KERNEL_ONLY.has(signo))) return -EINVAL;
  const action = t.sighand.action(signo);
  if (next === null) return action;
  t.sighand.setAction(signo, { ...next, flags: next.flags & SA_KNOWN, mask: next.mask.andNot(KERNEL_ONLY) });
  if (signalIgnored(t, signo)) {
    const which = SignalSet.of(signo);
    t.group.pending.discard(which);
    for (const thread of t.group.threads) thread.pending.discard(which);
  }
  return action;
}

/** struct sigaction: handler, flags, restorer, mask (8 bytes). */
const sysRtSigaction: Syscall = (k, t, signo, actAddress, oldAddress, size) => {
  if (size !== SIGSET_BYTES) return -EINVAL;
  let next: SignalAction | null = null;
  if (actAddress !== 0) {
    const words = readWords(k, actAddress, 5);
    if (words === null) return -EFAULT;
    const [handler, flags, restorer, low, high] = words as unknown as [number, number, number, number, number];
    next = { handler: handler >>> 0, flags, restorer: restorer >>> 0, mask: new SignalSet(low, high) };
  }
  const old = changeAction(t, signo, next);
  if (typeof old === "number") return old;
  if (oldAddress === 0) return 0;
  return writeWords(k, oldAddress, [old.handler, old.flags, old.restorer, old.mask.low, old.mask.high]);
};

/** struct old_sigaction: handler, mask (4 bytes), flags, restorer. */
const sysSigaction: Syscall = (k, t, signo, actAddress, oldAddress) => {
  let next: SignalAction | null = null;
  if (actAddress !== 0) {
    const words = readWords(k, actAddress, 4);
    if (words === null) return -EFAULT;
    const [handler, low, flags, restorer] = words as unknown as [number, number, number, number];
    next = { handler: handler >>> 0, flags, restorer: restorer >>> 0, mask: new SignalSet(low, 0) };
  }
  const old = changeAction(t, signo, next);
  if (typeof old === "number") return old;
  if (oldAddress === 0) return 0;
  return writeWords(k, oldAddress, [old.handler, old.mask.low, old.flags, old.restorer]);
};

const sysSignal: Syscall = (_k, t, signo, handler) => {
  const flags = SA_RESETHAND | SA_NODEFER;
  const old = changeAction(t, signo, { handler: handler >>> 0, flags, restorer: 0, mask: new SignalSet() });
  return typeof old === "number" ? old : old.handler;
};

/** The new blocked set, or null for an unknown `how`. */
function combine(blocked: SignalSet, how: number, set: SignalSet): SignalSet | null {
  switch (how) {
    case SIG_BLOCK:
      return blocked.or(set);
    case SIG_UNBLOCK:
      return blocked.andNot(set);
    case SIG_SETMASK:
      return set;
    default:
      return null;
  }
}

const sysRtSigprocmask: Syscall = (k, t, how, setAddress, oldAddress, size) => {
  if (size !== SIGSET_BYTES) return -EINVAL;
  const old = t.blocked.clone();
  if (setAddress !== 0) {
    const set = readSigset(k, setAddress);
    if (set === null) return -EFAULT;
    const next = combine(t.blocked, how, set.andNot(KERNEL_ONLY));
    if (next === null) return -EINVAL;
    setBlocked(t, next);
  }
  return oldAddress === 0 ? 0 : writeWords(k, oldAddress, [old.low, old.high]);
};

/** The first 32 signals only. */
const sysSigprocmask: Syscall = (k, t, how, setAddress, oldAddress) => {
  const old = t.blocked.low;
  if (setAddress !== 0) {
    const word = getWord(k, setAddress);
    if (word === null) return -EFAULT;
    const set = new SignalSet(word, how === SIG_SETMASK ? t.blocked.high : 0);
    const next = combine(t.blocked, how, set);
    if (next === null) return -EINVAL;
    setBlocked(t, next);
  }
  return oldAddress === 0 ? 0 : putWord(k, oldAddress, old);
};

function pendingOf(t: Task): SignalSet {
  return t.pending.set.or(t.group.pending.set).and(t.blocked);
}

const sysRtSigpending: Syscall = (k, t, address, size) => {
  if (size >>> 0 > SIGSET_BYTES) return -EINVAL;
  const pending = pendingOf(t);
  const bytes = new Uint8Array(Int32Array.of(pending.low, pending.high).buffer).subarray(0, size);
  return k.user.write(address >>> 0, bytes) ? 0 : -EFAULT;
};

const sysSigpending: Syscall = (k, t, address) => putWord(k, address, pendingOf(t).low);

/** sigsuspend(): the mask is put back by returnToUser(), after the handler's frame has saved it. */
function suspend(t: Task, mask: SignalSet): number {
  setTemporaryMask(t, mask.andNot(KERNEL_ONLY));
  return sleep(t, { queues: [], onSignal: -ERESTARTNOHAND });
}

const sysRtSigsuspend: Syscall = (k, t, address, size) => {
  if (size !== SIGSET_BYTES) return -EINVAL;
  const mask = readSigset(k, address);
  return mask === null ? -EFAULT : suspend(t, mask);
};

/** The old call takes the mask itself as its third argument (CONFIG_OLD_SIGSUSPEND3). */
const sysSigsuspend: Syscall = (_k, t, _a, _b, mask) => suspend(t, new SignalSet(mask, 0));

const sysPause: Syscall = (_k, t) => sleep(t, { queues: [], onSignal: -ERESTARTNOHAND });

const sysSgetmask: Syscall = (_k, t) => t.blocked.low >>> 0;

const sysSsetmask: Syscall = (_k, t, mask) => {
  const old = t.blocked.low;
  setBlocked(t, new SignalSet(mask, 0));
  return old >>> 0;
};

interface TimedWait {
  deadline: number;
}

/** do_sigtimedwait(): while it waits, the awaited signals are unblocked but not delivered. */
function sigtimedwait(
  k: Kernel,
  t: Task,
  address: number,
  infoAddress: number,
  time: number,
  size: number,
  width: TimeWidth,
) {
  if (size !== SIGSET_BYTES) return -EINVAL;
  const wanted = readSigset(k, address);
  if (wanted === null) return -EFAULT;
  let wait = t.progress as TimedWait | null;
  if (wait === null) {
    let deadline = Number.POSITIVE_INFINITY;
    if (time !== 0) {
      const span = readTimespec(k, time, width);
      if (typeof span === "number") return span;
      if (!timespecValid(span)) return -EINVAL;
      deadline = k.clock.now() + spanOf(span);
    }
    wait = { deadline };
  }
  const others = new SignalSet(-1, -1).andNot(wanted.andNot(KERNEL_ONLY));
  if (t.realBlocked !== null) {
    const real = t.realBlocked;
    t.realBlocked = null;
    setBlocked(t, real);
  }
  const info = dequeueSignal(t, others);
  if (info !== null) {
    if (infoAddress !== 0 && !k.user.write(infoAddress >>> 0, encodeSiginfo(info))) return -EFAULT;
    return info.signo;
  }
  if (k.clock.now() >= wait.deadline) return -EAGAIN;
  if (t.progress !== null && t.sigpending) return -EINTR;
  t.progress = wait;
  const real = t.blocked.clone();
  setBlocked(t, real.and(others));
  t.realBlocked = real;
  const timed = wait.deadline < Number.POSITIVE_INFINITY;
  const result = sleep(t, {
    queues: [],
    deadline: timed ? k.clock.cyclesAt(wait.deadline) : undefined,
    onSignal: -EINTR,
  });
  if (result !== SLEEPING) {
    t.realBlocked = null;
    setBlocked(t, real);
  }
  return result;
}

const sysRtSigtimedwait: Syscall = (k, t, a, b, c, d) => sigtimedwait(k, t, a, b, c, d, "old");
const sysRtSigtimedwaitTime64: Syscall = (k, t, a, b, c, d) => sigtimedwait(k, t, a, b, c, d, "wide");

/** stack_t: sp, flags, size. */
const sysSigaltstack: Syscall = (k, t, next, old) => {
  const sp = k.cpu.regs[ESP] >>> 0;
  const { altStack } = t;
  const shown = [altStack.sp, altStackFlags(t, sp) | (altStack.flags & SS_AUTODISARM), altStack.size];
  if (next !== 0) {
    const words = readWords(k, next, 3);
    if (words === null) return -EFAULT;
    const [base, flags, size] = words as unknown as [number, number, number];
    const result = setAltStack(t, sp, { sp: base >>> 0, flags, size: size >>> 0 });
    if (result < 0) return result;
  }
  return old === 0 ? 0 : writeWords(k, old, shown);
};

const sysSigreturn: Syscall = (k, t) => {
  sigreturn(k, t);
  return NO_RETURN;
};

const sysRtSigreturn: Syscall = (k, t) => {
  rtSigreturn(k, t);
  return NO_RETURN;
};

export const signalSyscalls: SyscallTable = {
  29: ["pause", sysPause],
  37: ["kill", sysKill],
  48: ["signal", sysSignal],
  67: ["sigaction", sysSigaction],
  68: ["sgetmask", sysSgetmask],
  69: ["ssetmask", sysSsetmask],
  72: ["sigsuspend", sysSigsuspend],
  73: ["sigpending", sysSigpending],
  119: ["sigreturn", sysSigreturn],
  126: ["sigprocmask", sysSigprocmask],
  173: ["rt_sigreturn", sysRtSigreturn],
  174: ["rt_sigaction", sysRtSigaction],
  175: ["rt_sigprocmask", sysRtSigprocmask],
  176: ["rt_sigpending", sysRtSigpending],
  177: ["rt_sigtimedwait", sysRtSigtimedwait],
  178: ["rt_sigqueueinfo", sysRtSigqueueinfo],
  179: ["rt_sigsuspend", sysRtSigsuspend],
  186: ["sigaltstack", sysSigaltstack],
  238: ["tkill", sysTkill],
  270: ["tgkill", sysTgkill],
  335: ["rt_tgsigqueueinfo", sysRtTgsigqueueinfo],
  421: ["rt_sigtimedwait_time64", sysRtSigtimedwaitTime64],
};
