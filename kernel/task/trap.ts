/**
 * Exceptions of programs: what each becomes (arch/x86/kernel/traps.c, arch/x86/mm/fault.c). `cpu.trap` describes it; EIP is
 * that of the instruction for a fault and of the next one for a trap.
 */

import { AC_FAULT, BP, BR, type Cpu, DB, DE, GP, MF, NM, NP, OF_TRAP, PF, SS_FAULT, TS, UD } from "../../emu/cpu.ts";
import { DR6_BS } from "../../emu/debug-registers.ts";
import { FPU } from "../../emu/state.ts";
import { X87_CONTROL, X87_STATUS, X87_WORDS } from "../../emu/x87/layout.ts";
import type { Kernel } from "../kernel.ts";
import { TASK_SIZE } from "../mm/physical-memory.ts";
import {
  BUS_ADRALN,
  FPE_FLTDIV,
  FPE_FLTINV,
  FPE_FLTOVF,
  FPE_FLTRES,
  FPE_FLTUND,
  FPE_INTDIV,
  ILL_ILLOPN,
  TRAP_BRKPT,
  TRAP_TRACE,
} from "./siginfo.ts";
import { forceSignal, kernelSignal } from "./signal.ts";
import { SIGBUS, SIGFPE, SIGILL, SIGKILL, SIGSEGV, SIGTRAP } from "./signals.ts";
import type { Task } from "./task.ts";

const PF_PROT = 1;
/** Handles the exception in `cpu.trap` for the current task: resolved, or a signal is pending afterwards. */
export function handleException(k: Kernel, task: Task): void {
  const { cpu } = k;
  const { vector, errorCode, source } = cpu.trap;
  k.counters.exceptions[vector & 31]++;
  if (source === "int" && vector !== BP && vector !== OF_TRAP) {
    // Every other gate has DPL 0 (SDM 3A 6.12.1.2): the INT n itself faults.
    cpu.eip = cpu.eip - 2;
    fail(task, GP, vector * 8 + 2);
    forceSignal(k, task, kernelSignal(SIGSEGV));
    return;
  }
  if (vector === PF) {
    pageFault(k, task, cpu.trap.cr2, errorCode);
    return;
  }
  // For #DB the processor's code is DR6, which no frame shows.
  fail(task, vector, vector === DB ? 0 : errorCode);
  switch (vector) {
    case DE:
      fault(k, task, SIGFPE, FPE_INTDIV, cpu.eip);
      break;
    case DB:
      fault(k, task, SIGTRAP, debugCode(cpu), cpu.eip);
      break;
    case BP:
      forceSignal(k, task, kernelSignal(SIGTRAP));
      break;
    case UD:
      fault(k, task, SIGILL, ILL_ILLOPN, cpu.eip);
      break;
    case MF: {
      const code = fpuCode(cpu);
      if (code !== 0) fault(k, task, SIGFPE, code, cpu.eip);
      break;
    }
    case AC_FAULT:
      fault(k, task, SIGBUS, BUS_ADRALN, 0);
      break;
    case NP:
    case SS_FAULT:
      forceSignal(k, task, kernelSignal(SIGBUS));
      break;
    case OF_TRAP:
    case BR:
    case TS:
    case GP:
      forceSignal(k, task, kernelSignal(SIGSEGV));
      break;
    case NM:
      throw new Error("#NM: the kernel never sets CR0.TS or CR0.EM");
    default:
      throw new Error(`exception ${vector} at ${cpu.eip.toString(16)} has no meaning for a program`);
  }
}

/** What the signal frame will show. CR2 keeps its last value unless it was a page fault. */
function fail(task: Task, vector: number, errorCode: number): void {
  task.trapNumber = vector;
  task.errorCode = errorCode;
}

function fault(k: Kernel, task: Task, signo: number, code: number, addr: number): void {
  forceSignal(k, task, { signo, code, addr });
}

/** exc_page_fault(). */
function pageFault(k: Kernel, task: Task, address: number, errorCode: number): void {
  if (task.mm === null) throw new Error("page fault of a task without an address space");
  const outcome = k.mm.handleMmFault(task.mm, address, errorCode);
  if (outcome === 0) return;
  if (outcome.signo === SIGKILL) {
    forceSignal(k, task, kernelSignal(SIGKILL));
    return;
  }
  // Nothing is told about the kernel's half: its pages all look protected (set_signal_archinfo()).
  fail(task, PF, address >= TASK_SIZE ? errorCode | PF_PROT : errorCode);
  task.cr2 = address;
  forceSignal(k, task, { signo: outcome.signo, code: outcome.code, addr: address });
}

/** get_si_code(): a single step, or the INT1 instruction. */
function debugCode(cpu: Cpu): number {
  return (cpu.trap.errorCode & DR6_BS) !== 0 ? TRAP_TRACE : TRAP_BRKPT;
}

/** fpu__exception_code(): the first unmasked exception, 0 if there is none. */
function fpuCode(cpu: Cpu): number {
  const words = cpu.state.subarray(FPU, FPU + X87_WORDS);
  const pending = words[X87_STATUS] & ~words[X87_CONTROL] & 0x3f;
  if ((pending & 0x01) !== 0) return FPE_FLTINV;
  if ((pending & 0x04) !== 0) return FPE_FLTDIV;
  if ((pending & 0x08) !== 0) return FPE_FLTOVF;
  if ((pending & 0x12) !== 0) return FPE_FLTUND;
  if ((pending & 0x20) !== 0) return FPE_FLTRES;
  return 0;
}
