/** What happens in a machine that runs Linux programs, as its listeners see it, and the hooks of the kernel it comes from. */

import { FAULT_KINDS, type Kernel, type KernelProbe, SYSCALL_NAMES, signalName, textOf } from "../kernel/index.ts";
import { type FaultOutcome, type FaultRecord, type FaultSignal, SEGV_MAPERR } from "../kernel/mm/fault-record.ts";
import type { MmStruct } from "../kernel/mm/mm.ts";
import { pteFrame, ptePresent } from "../kernel/mm/page-tables.ts";
import type { Task } from "../kernel/task/task.ts";
import { PF_P, PF_U, PF_W } from "../mmu/index.ts";
import type { Listeners } from "./listeners.ts";
import { regionName } from "./region.ts";
import { exitStatusOf } from "./run-result.ts";
import type { TlbEvents } from "./tlb-events.ts";

/** How a page fault was resolved, or "SEGV", "BUS", "OOM" if it was not. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** si_code of a fault that ends in a signal. */
export type FaultSignalCode = "SEGV_MAPERR" | "SEGV_ACCERR" | "BUS_ADRERR" | "SI_KERNEL";

export interface PageFaultEvent {
  /** Instructions executed and clocks elapsed before it; the instruction that faults is not among them. */
  readonly instructions: number;
  readonly cycles: number;
  /** The thread on whose behalf it is, and whom it counts for. */
  readonly pid: number;
  /** Faulting linear address, uint32. */
  readonly address: number;
  /** The mapping there: as in /proc/PID/maps, "[anon]" where that has no name, "[kernel]", "[unmapped]". */
  readonly region: string;
  /** The instruction, or the one behind the system call if the kernel touched the program's memory. */
  readonly eip: number;
  /** As the processor pushed it, or would have: PF_ bits (SDM 3A 4.7). */
  readonly errorCode: number;
  readonly access: "read" | "write";
  /** Was there a translation that forbade the access (error code bit P)? */
  readonly present: boolean;
  /** Who touched the address: the program at CPL 3, or the kernel for it. */
  readonly by: "program" | "kernel";
  /** The system call at work, by name; null for the program's own accesses, and while a program is started. */
  readonly syscall: string | null;
  readonly kind: FaultKind;
  /** What the thread gets instead of its page; null if the fault is resolved. */
  readonly signal: FaultSignalCode | null;
  /** A backing file had to be read. */
  readonly major: boolean;
  /** The stack was extended down to the address first. */
  readonly stackGrowth: boolean;
  /** Page-table entries, uint32; 0 = none. */
  readonly pteBefore: number;
  readonly pteAfter: number;
  /** Frame number that the page has afterwards; null if it has none. */
  readonly frame: number | null;
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

export interface MachineEvents extends TlbEvents {
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
  /** The address space of a process is about to go, with its last thread; it can still be looked at. */
  exitMm: { readonly pid: number };
  /** Each process that ends, the program itself included. */
  exit: ProcessExitEvent;
}

function faultEvent(kernel: Kernel, mm: MmStruct, record: FaultRecord, outcome: FaultOutcome): PageFaultEvent {
  const { address, errorCode, kind, major, stackGrowth, pteBefore, pteAfter } = record;
  const { cpu, onCpu } = kernel;
  const by = (errorCode & PF_U) !== 0 ? "program" : "kernel";
  return {
    instructions: cpu.instructions,
    cycles: cpu.cycles,
    pid: onCpu?.pid ?? 0,
    address,
    region: regionName(mm, address, onCpu?.fs?.root ?? kernel.vfs.root),
    eip: cpu.eip,
    errorCode,
    access: (errorCode & PF_W) !== 0 ? "write" : "read",
    present: (errorCode & PF_P) !== 0,
    by,
    syscall: by === "program" ? null : syscallOf(onCpu),
    kind: FAULT_KINDS[kind],
    signal: outcome === 0 ? null : signalCode(outcome),
    major: outcome === 0 && major,
    stackGrowth,
    pteBefore: pteBefore >>> 0,
    pteAfter: pteAfter >>> 0,
    frame: ptePresent(pteAfter) ? pteFrame(pteAfter) : null,
  };
}

function syscallOf(task: Task | null): string | null {
  return task === null || task.origEax < 0 ? null : (SYSCALL_NAMES[task.origEax] ?? `syscall ${task.origEax}`);
}

function signalCode({ signo, code }: FaultSignal): FaultSignalCode {
  if (code === 0) return "SI_KERNEL";
  if (signo !== SEGV_MAPERR.signo) return "BUS_ADRERR";
  return code === SEGV_MAPERR.code ? "SEGV_MAPERR" : "SEGV_ACCERR";
}

/** Sets exactly those hooks of the kernel that somebody listens to. */
export function hookKernel(kernel: Kernel, listeners: Listeners<MachineEvents>): void {
  const { faults } = kernel.mm;
  faults.onFault = listeners.has("fault")
    ? (mm, record, outcome) => listeners.tell("fault", faultEvent(kernel, mm, record, outcome))
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
  if (listeners.has("exitMm")) {
    probe.exitMm = (task) => listeners.tell("exitMm", { pid: task.group.tgid });
  }
  if (listeners.has("exit")) {
    probe.exit = (group, status) => listeners.tell("exit", { pid: group.tgid, ...exitStatusOf(status) });
  }
  kernel.probe = Object.keys(probe).length > 0 ? probe : null;
}
