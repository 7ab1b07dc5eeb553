/**
 * siginfo_t of i386, 128 bytes. Source: Linux include/uapi/asm-generic/siginfo.h, kernel/signal.c siginfo_layout(),
 * copy_siginfo_to_user32().
 *
 *     0 si_signo   4 si_errno   8 si_code   12 union:
 *       kill     12 pid   16 uid
 *       timer    12 tid   16 overrun   20 value
 *       rt       12 pid   16 uid       20 value
 *       child    12 pid   16 uid       20 status   24 utime   28 stime (clock_t, USER_HZ)
 *       fault    12 addr  (16 addr_lsb for BUS_MCEERR_*, 20 lower 24 upper for SEGV_BNDERR, 20 pkey for SEGV_PKUERR)
 *       poll     12 band  16 fd
 *       sys      12 call_addr  16 syscall  20 arch
 */

import { SIGBUS, SIGCHLD, SIGFPE, SIGILL, SIGIO, SIGSEGV, SIGSYS, SIGTRAP } from "./signals.ts";

export const SI_USER = 0;
export const SI_KERNEL = 0x80;
export const SI_QUEUE = -1;
export const SI_TIMER = -2;
export const SI_MESGQ = -3;
export const SI_ASYNCIO = -4;
export const SI_SIGIO = -5;
export const SI_TKILL = -6;

export const ILL_ILLOPN = 2;
export const ILL_BADSTK = 8;
export const FPE_INTDIV = 1;
export const FPE_INTOVF = 2;
export const FPE_FLTDIV = 3;
export const FPE_FLTOVF = 4;
export const FPE_FLTUND = 5;
export const FPE_FLTRES = 6;
export const FPE_FLTINV = 7;
export const SEGV_MAPERR = 1;
export const SEGV_ACCERR = 2;
export const BUS_ADRALN = 1;
export const BUS_ADRERR = 2;
export const BUS_OBJERR = 3;
export const TRAP_BRKPT = 1;
export const TRAP_TRACE = 2;
export const CLD_EXITED = 1;
export const CLD_KILLED = 2;
export const CLD_DUMPED = 3;
export const CLD_TRAPPED = 4;
export const CLD_STOPPED = 5;
export const CLD_CONTINUED = 6;

export const SIGINFO_BYTES = 128;

/** What a signal says about itself. `signo` and `code` choose which of the other fields exist (siginfoLayout()). */
export interface Siginfo {
  signo: number;
  code: number;
  errno?: number;
  pid?: number;
  uid?: number;
  /** Faults: the address, uint32. */
  addr?: number;
  /** SIGCHLD: exit code or signal. */
  status?: number;
  /** SIGCHLD: clock ticks (USER_HZ) used by the child. */
  utime?: number;
  stime?: number;
  /** rt and timer: the sigval, int32. */
  value?: number;
  timerId?: number;
  overrun?: number;
  band?: number;
  fd?: number;
  syscall?: number;
  /** What the program passed to rt_sigqueueinfo() in the union, when no layout is known. */
  raw?: Uint8Array;
  /** Called when the signal leaves its queue: a POSIX timer then counts its overruns and goes on. */
  collected?: (info: Siginfo) => void;
}

export type SiginfoLayout = "kill" | "timer" | "rt" | "child" | "fault" | "poll" | "sys";

/** siginfo_layout(): which member of the union is meant. */
export function siginfoLayout(signo: number, code: number): SiginfoLayout {
  if (code > SI_USER && code < SI_KERNEL) {
    const limit = layouts[signo];
    if (limit !== undefined && code <= limit.highest) return limit.layout;
    return code <= 6 ? "poll" : "kill";
  }
  if (code === SI_TIMER) return "timer";
  if (code === SI_SIGIO) return "poll";
  return code < 0 && code !== SI_TKILL ? "rt" : "kill";
}

/** The highest si_code of each signal that has codes of its own (NSIGILL ... in Linux). */
const layouts: Readonly<Record<number, { highest: number; layout: SiginfoLayout }>> = {
  [SIGILL]: { highest: 11, layout: "fault" },
  [SIGFPE]: { highest: 15, layout: "fault" },
  [SIGSEGV]: { highest: 10, layout: "fault" },
  [SIGBUS]: { highest: 5, layout: "fault" },
  [SIGTRAP]: { highest: 6, layout: "fault" },
  [SIGCHLD]: { highest: 6, layout: "child" },
  [SIGIO]: { highest: 6, layout: "poll" },
  [SIGSYS]: { highest: 2, layout: "sys" },
};

/** AUDIT_ARCH_I386, the si_arch of SIGSYS. */
const AUDIT_ARCH_I386 = 0x40000003;

/** The 128 bytes that a handler, waitid() or rt_sigtimedwait() gets. */
export function encodeSiginfo(info: Siginfo): Uint8Array {
  const bytes = new Uint8Array(SIGINFO_BYTES);
  const view = new DataView(bytes.buffer);
  if (info.raw) bytes.set(info.raw.subarray(0, SIGINFO_BYTES - 12), 12);
  view.setInt32(0, info.signo, true);
  view.setInt32(4, info.errno ?? 0, true);
  view.setInt32(8, info.code, true);
  const put = (offset: number, value: number | undefined): void => {
    if (value !== undefined) view.setInt32(offset, value, true);
  };
  switch (siginfoLayout(info.signo, info.code)) {
    case "kill":
      put(12, info.pid);
      put(16, info.uid);
      break;
    case "timer":
      put(12, info.timerId);
      put(16, info.overrun);
      put(20, info.value);
      break;
    case "rt":
      put(12, info.pid);
      put(16, info.uid);
      put(20, info.value);
      break;
    case "child":
      put(12, info.pid);
      put(16, info.uid);
      put(20, info.status);
      put(24, info.utime);
      put(28, info.stime);
      break;
    case "fault":
      put(12, info.addr);
      break;
    case "poll":
      put(12, info.band);
      put(16, info.fd);
      break;
    case "sys":
      put(12, info.addr);
      put(16, info.syscall);
      put(20, AUDIT_ARCH_I386);
      break;
  }
  return bytes;
}

/** A siginfo that a program wrote (rt_sigqueueinfo): known fields by layout, the rest of the union kept as it is. */
export function decodeSiginfo(bytes: Uint8Array): Siginfo {
  const view = new DataView(bytes.buffer, bytes.byteOffset, SIGINFO_BYTES);
  return {
    signo: view.getInt32(0, true),
    errno: view.getInt32(4, true),
    code: view.getInt32(8, true),
    raw: bytes.slice(12, SIGINFO_BYTES),
  };
}
