/** Signal numbers, names and default actions. Source: Linux arch/x86/include/uapi/asm/signal.h, include/linux/signal.h. */

import { SignalSet } from "./sigset.ts";

export const SIGHUP = 1;
export const SIGINT = 2;
export const SIGQUIT = 3;
export const SIGILL = 4;
export const SIGTRAP = 5;
export const SIGABRT = 6;
export const SIGBUS = 7;
export const SIGFPE = 8;
export const SIGKILL = 9;
export const SIGUSR1 = 10;
export const SIGSEGV = 11;
export const SIGUSR2 = 12;
export const SIGPIPE = 13;
export const SIGALRM = 14;
export const SIGTERM = 15;
export const SIGSTKFLT = 16;
export const SIGCHLD = 17;
export const SIGCONT = 18;
export const SIGSTOP = 19;
export const SIGTSTP = 20;
export const SIGTTIN = 21;
export const SIGTTOU = 22;
export const SIGURG = 23;
export const SIGXCPU = 24;
export const SIGXFSZ = 25;
export const SIGVTALRM = 26;
export const SIGPROF = 27;
export const SIGWINCH = 28;
export const SIGIO = 29;
export const SIGPWR = 30;
export const SIGSYS = 31;
/** First real-time signal of the kernel; glibc keeps 32 and 33 for itself. */
export const SIGRTMIN = 32;
/** Highest signal number. */
export const NSIG = 64;

const names = [
  "0 HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG",
  "XCPU XFSZ VTALRM PROF WINCH IO PWR SYS",
]
  .join(" ")
  .split(" ");

/** "SIGSEGV"; "SIGRTMIN+n" for a real-time signal. */
export function signalName(signal: number): string {
  if (signal >= 1 && signal < names.length) return `SIG${names[signal]}`;
  if (signal >= SIGRTMIN && signal <= NSIG) return signal === SIGRTMIN ? "SIGRTMIN" : `SIGRTMIN+${signal - SIGRTMIN}`;
  return `SIG${signal}`;
}

/** What strsignal() says, as a shell reports a fatal signal: "Segmentation fault". */
export function signalDescription(signal: number): string {
  return descriptions[signal] ?? (signal >= SIGRTMIN ? `Real-time signal ${signal - 34}` : `Unknown signal ${signal}`);
}

const descriptions: Readonly<Record<number, string>> = {
  [SIGHUP]: "Hangup",
  [SIGINT]: "Interrupt",
  [SIGQUIT]: "Quit",
  [SIGILL]: "Illegal instruction",
  [SIGTRAP]: "Trace/breakpoint trap",
  [SIGABRT]: "Aborted",
  [SIGBUS]: "Bus error",
  [SIGFPE]: "Floating point exception",
  [SIGKILL]: "Killed",
  [SIGUSR1]: "User defined signal 1",
  [SIGSEGV]: "Segmentation fault",
  [SIGUSR2]: "User defined signal 2",
  [SIGPIPE]: "Broken pipe",
  [SIGALRM]: "Alarm clock",
  [SIGTERM]: "Terminated",
  [SIGSTKFLT]: "Stack fault",
  [SIGCHLD]: "Child exited",
  [SIGCONT]: "Continued",
  [SIGSTOP]: "Stopped (signal)",
  [SIGTSTP]: "Stopped",
  [SIGTTIN]: "Stopped (tty input)",
  [SIGTTOU]: "Stopped (tty output)",
  [SIGURG]: "Urgent I/O condition",
  [SIGXCPU]: "CPU time limit exceeded",
  [SIGXFSZ]: "File size limit exceeded",
  [SIGVTALRM]: "Virtual timer expired",
  [SIGPROF]: "Profiling timer expired",
  [SIGWINCH]: "Window changed",
  [SIGIO]: "I/O possible",
  [SIGPWR]: "Power failure",
  [SIGSYS]: "Bad system call",
};

/** SIG_KERNEL_ONLY_MASK: can be neither caught, blocked nor ignored. */
export const KERNEL_ONLY = SignalSet.of(SIGKILL, SIGSTOP);

/** SIG_KERNEL_STOP_MASK. */
export const STOP_SIGNALS = SignalSet.of(SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU);

/** SIG_KERNEL_IGNORE_MASK: ignored by default. */
export const IGNORED_BY_DEFAULT = SignalSet.of(SIGCONT, SIGCHLD, SIGWINCH, SIGURG);

/** SIG_KERNEL_COREDUMP_MASK: the default action sets bit 7 of the wait status if a core could be written. */
export const COREDUMP_SIGNALS = SignalSet.of(
  SIGQUIT,
  SIGILL,
  SIGTRAP,
  SIGABRT,
  SIGFPE,
  SIGSEGV,
  SIGBUS,
  SIGSYS,
  SIGXCPU,
  SIGXFSZ,
);

/** SYNCHRONOUS_MASK: delivered before others, since they belong to the instruction. */
export const SYNCHRONOUS_SIGNALS = SignalSet.of(SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGSYS);
