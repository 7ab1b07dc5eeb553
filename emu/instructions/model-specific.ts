/** CPUID, the time-stamp counter and model-specific registers. */
import { type Cpu, GP, NEXT, type Status } from "../cpu.ts";
import { cpuid } from "../cpuid.ts";
import { FEATURE_SEP } from "../profile.ts";
import { CPL, EAX, EBX, ECX, EDX, SYSENTER, TSC_OFFSET } from "../state.ts";
import type { Handlers } from "./handler.ts";

const CR4_TSD = 1 << 2;
const TWO_32 = 2 ** 32;

const IA32_TIME_STAMP_COUNTER = 0x10;
const IA32_SYSENTER_CS = 0x174;
const IA32_SYSENTER_EIP = 0x176;

/** EDX:EAX = the clocks so far plus what WRMSR added. */
function readTsc(cpu: Cpu): Status {
  const { state, regs } = cpu;
  const clocks = Math.floor(cpu.cycles);
  const low = (clocks % TWO_32) + (state[TSC_OFFSET] >>> 0);
  regs[EAX] = low;
  regs[EDX] = Math.floor(clocks / TWO_32) + state[TSC_OFFSET + 1] + (low >= TWO_32 ? 1 : 0);
  return NEXT;
}

/** Writing the time-stamp counter clears its high half (SDM 3B 17.17.3, up to the P6 family). */
function writeTsc(cpu: Cpu, value: number): Status {
  const clocks = Math.floor(cpu.cycles);
  const low = (value >>> 0) - (clocks % TWO_32);
  cpu.state[TSC_OFFSET] = low;
  cpu.state[TSC_OFFSET + 1] = -Math.floor(clocks / TWO_32) - (low < 0 ? 1 : 0);
  return NEXT;
}

/** Word of the state that a register of the SYSENTER group is, or -1. */
function sysenterWord(cpu: Cpu, register: number): number {
  if ((cpu.profile.features & FEATURE_SEP) === 0) return -1;
  if (register < IA32_SYSENTER_CS || register > IA32_SYSENTER_EIP) return -1;
  return SYSENTER + register - IA32_SYSENTER_CS;
}

export const modelSpecificHandlers: Handlers = {
  CPUID: (cpu) => {
    const [eax, ebx, ecx, edx] = cpuid(cpu.profile, cpu.regs[EAX]);
    cpu.regs[EAX] = eax;
    cpu.regs[EBX] = ebx;
    cpu.regs[ECX] = ecx;
    cpu.regs[EDX] = edx;
    return NEXT;
  },
  RDTSC: (cpu) => {
    if ((cpu.mmu.cr4 & CR4_TSD) !== 0 && cpu.state[CPL] !== 0) return cpu.raise(GP);
    return readTsc(cpu);
  },
  RDMSR: (cpu) => {
    const register = cpu.regs[ECX];
    if (cpu.state[CPL] !== 0) return cpu.raise(GP);
    if (register === IA32_TIME_STAMP_COUNTER) return readTsc(cpu);
    const word = sysenterWord(cpu, register);
    if (word < 0) return cpu.raise(GP);
    cpu.regs[EAX] = cpu.state[word];
    cpu.regs[EDX] = 0;
    return NEXT;
  },
  WRMSR: (cpu) => {
    const register = cpu.regs[ECX];
    if (cpu.state[CPL] !== 0) return cpu.raise(GP);
    if (register === IA32_TIME_STAMP_COUNTER) return writeTsc(cpu, cpu.regs[EAX]);
    const word = sysenterWord(cpu, register);
    if (word < 0) return cpu.raise(GP);
    cpu.state[word] = cpu.regs[EAX];
    return NEXT;
  },
  /** undefined: which events exist; no performance counter is modelled, so every index is out of range. */
  RDPMC: (cpu) => cpu.raise(GP),
};
