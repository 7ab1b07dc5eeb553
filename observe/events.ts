/** What happens in a machine that runs Linux programs, as its listeners see it, and the hooks of the kernel it comes from. */

import { FAULT_KINDS, type Kernel, type KernelProbe, SYSCALL_NAMES, signalName, textOf } from "../kernel/index.ts";
import type { FaultOutcome, FaultRecord } from "../kernel/mm/fault-record.ts";
import { PF_P, PF_U, PF_W } from "../mmu/index.ts";
import type { Listeners } from "./listeners.ts";
import { exitStatusOf } from "./run-result.ts";

/** How a page fault was resolved, or "SEGV", "BUS", "OOM" if it was not. */
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface PageFaultEvent {
  readonly pid: number;
  /** Faulting linear address, uint32. */
  readonly address: number;
  /** The instruction, or the one behind the system call if the kernel touched the program's memory. */
  readonly eip: number;
  readonly access: "read" | "write";
  /** Was there a translation that forbade the access (error code bit P)? */
  readonly present: boolean;
  /** Who touched the address: the program at CPL 3, or the kernel for it. */
  readonly by: "program" | "kernel";
  readonly kind: FaultKind;
  /** A backing file had to be read. */
  readonly major: boolean;
  /** The stack was extended down to the address first. */
  readonly stackGrowth: boolean;
  /** Page-table entries, int32; 0 = none. */
  readonly pteBefore: number;
  readonly pteAfter: number;
}

export interface SyscallEvent {
  readonly pid: number;
  /** i386 number and name; the name of an unknown one is "syscall 999". */
  readonly number: number;
  readonly name: string;
  /** EBX ECX EDX ESI EDI EBP, int32. */
  readonly args: readonly number[];
  /** EAX as int32, -errno for an error; null if the call does not return. */
  readonly result: number | null;
}

export interface SignalEvent {
  readonly pid: number;
  /** "SIGSEGV". */
  readonly signal: string;
  /** si_code. */
  readonly code: number;
  /** si_addr of a fault, uint32. */
  readonly address: number | null;
  /** It goes to the program's handler, or ends the process. */
  readonly outcome: "handler" | "fatal";
}

export interface ProcessExitEvent {
  readonly pid: number;
  /** 0..255; 128 + n for signal n. */
  readonly exitStatus: number;
  /** The signal that ended the process. */
  readonly signal: string | null;
}

export interface MachineEvents {
  /** Output as the program writes it; only from a machine without a host of your own. */
  stdout: Uint8Array;
  stderr: Uint8Array;
  /** One line about the machine itself. */
  log: string;
  /** After each page fault. */
  fault: PageFaultEvent;
  /** At the end of each system call. */
  syscall: SyscallEvent;
  /** Each delivered signal. */
  signal: SignalEvent;
  fork: { readonly pid: number; readonly child: number };
  exec: { readonly pid: number; readonly path: string };
  /** Each process that ends, the program itself included. */
  exit: ProcessExitEvent;
}

function faultEvent(kernel: Kernel, record: FaultRecord, outcome: FaultOutcome): PageFaultEvent {
  const { address, errorCode, kind, major, stackGrowth, pteBefore, pteAfter } = record;
  return {
    pid: kernel.onCpu?.pid ?? 0,
    address,
    eip: kernel.cpu.eip,
    access: (errorCode & PF_W) !== 0 ? "write" : "read",
    present: (errorCode & PF_P) !== 0,
    by: (errorCode & PF_U) !== 0 ? "program" : "kernel",
    kind: FAULT_KINDS[kind],
    major: outcome === 0 && major,
    stackGrowth,
    pteBefore,
    pteAfter,
  };
}

/** Sets exactly those hooks of the kernel that somebody listens to. */
export function hookKernel(kernel: Kernel, listeners: Listeners<MachineEvents>): void {
  const { faults } = kernel.mm;
  faults.onFault = listeners.has("fault")
    ? (_mm, record, outcome) => listeners.tell("fault", faultEvent(kernel, record, outcome))
    : null;
  const probe: KernelProbe = {};
  if (listeners.has("syscall")) {
    probe.syscallExit = (task, number, args, result) => {
      const name = SYSCALL_NAMES[number] ?? `syscall ${number}`;
      listeners.tell("syscall", { pid: task.pid, number, name, args, result });
    };
  }
  if (listeners.has("signal")) {
    probe.signal = (task, { signo, code, addr }, outcome) => {
      listeners.tell("signal", { pid: task.pid, signal: signalName(signo), code, address: addr ?? null, outcome });
    };
  }
  if (listeners.has("fork")) {
    probe.fork = (parent, child) => listeners.tell("fork", { pid: parent.pid, child: child.pid });
  }
  if (listeners.has("exec")) {
    probe.exec = (task, path) => listeners.tell("exec", { pid: task.pid, path: textOf(path) });
  }
  if (listeners.has("exit")) {
    probe.exit = (group, status) => listeners.tell("exit", { pid: group.tgid, ...exitStatusOf(status) });
  }
  kernel.probe = Object.keys(probe).length > 0 ? probe : null;
}
