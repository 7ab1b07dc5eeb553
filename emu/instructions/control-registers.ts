/** Control, debug and test registers, the machine status word and INVLPG (SDM 3A 2.5). */
import { type Cpu, DB, FAULT, GP, NEXT, STOP, type Status, UD } from "../cpu.ts";
import { DR6_BD, DR7_GD, readDebugRegister, writeDebugRegister } from "../debug-registers.ts";
import { FEATURE_FXSR, FEATURE_PGE, FEATURE_PSE, FEATURE_TSC, type Profile } from "../profile.ts";
import { isMemory, operandSize, reg, rm, segment } from "../record.ts";
import { CPL, CR2, DR, SEG_BASE } from "../state.ts";
import type { Handler, Handlers } from "./handler.ts";
import { effectiveAddress, readE, writeE } from "./operand.ts";

const CR0_PE = 1 << 0;
const CR0_MP = 1 << 1;
const CR0_EM = 1 << 2;
const CR0_TS = 1 << 3;
const CR0_ET = 1 << 4;
const CR0_NE = 1 << 5;
const CR0_WP = 1 << 16;
const CR0_AM = 1 << 18;
const CR0_NW = 1 << 29;
const CR0_CD = 1 << 30;
const CR0_PG = 1 << 31;
/** The machine status word that LMSW loads; its PE can only be set. */
const MSW = CR0_PE | CR0_MP | CR0_EM | CR0_TS;

const CR3_BASE = ~0xfff;
const CR3_PWT_PCD = 0x18;

const CR4_TSD = 1 << 2;
const CR4_PSE = 1 << 4;
const CR4_PGE = 1 << 7;
const CR4_PCE = 1 << 8;
const CR4_OSFXSR = 1 << 9;

const I486 = 4;
const P6 = 6;

/** Bits of CR0 that software changes; ET reads as 1: there is a 387 or better. */
function cr0Bits(profile: Profile): number {
  const i386 = MSW | CR0_PG;
  return profile.level < I486 ? i386 : i386 | CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD;
}

/** Bits of CR4 that this processor offers; the others are reserved, and setting one is a #GP. */
function cr4Bits({ features, level }: Profile): number {
  return (
    (features & FEATURE_TSC ? CR4_TSD : 0) |
    (features & FEATURE_PSE ? CR4_PSE : 0) |
    (features & FEATURE_PGE ? CR4_PGE : 0) |
    (level >= P6 ? CR4_PCE : 0) |
    (features & FEATURE_FXSR ? CR4_OSFXSR : 0)
  );
}

/** Reserved bits are ignored. PG without PE, and NW without CD, is a #GP(0) that changes nothing (P64). */
function writeCr0(cpu: Cpu, wanted: number): Status {
  const value = (wanted & cr0Bits(cpu.profile)) | CR0_ET;
  if ((value & (CR0_PG | CR0_PE)) === CR0_PG || (value & (CR0_NW | CR0_CD)) === CR0_NW) return cpu.raise(GP);
  if ((value & CR0_PE) === 0) return cpu.refuse("real mode", GP, 0);
  cpu.mmu.setCr0(value);
  return STOP;
}

function writeCr3(cpu: Cpu, value: number): Status {
  cpu.mmu.setCr3(value & (cpu.profile.level < I486 ? CR3_BASE : CR3_BASE | CR3_PWT_PCD));
  return STOP;
}

function writeCr4(cpu: Cpu, value: number): Status {
  if ((value & ~cr4Bits(cpu.profile)) !== 0) return cpu.raise(GP);
  cpu.mmu.setCr4(value);
  return STOP;
}

const movFromControl: Handler = (cpu, code, ip) => {
  if (cpu.state[CPL] !== 0) return cpu.raise(GP);
  const { mmu } = cpu;
  const n = reg(code, ip);
  cpu.regs[rm(code, ip)] = n === 0 ? mmu.cr0 : n === 2 ? cpu.state[CR2] : n === 3 ? mmu.cr3 : mmu.cr4;
  return NEXT;
};

const movToControl: Handler = (cpu, code, ip) => {
  if (cpu.state[CPL] !== 0) return cpu.raise(GP);
  const value = cpu.regs[rm(code, ip)];
  switch (reg(code, ip)) {
    case 0:
      return writeCr0(cpu, value);
    case 2:
      cpu.state[CR2] = value;
      return NEXT;
    case 3:
      return writeCr3(cpu, value);
    default:
      return writeCr4(cpu, value);
  }
};

/** General detect: with DR7.GD any access to a debug register is a #DB (SDM 3B 17.2.4). */
function detected(cpu: Cpu): boolean {
  const s = cpu.state;
  if ((s[DR + 7] & DR7_GD) === 0) return false;
  s[DR + 6] |= DR6_BD;
  cpu.raise(DB, DR6_BD);
  return true;
}

/** DR4 and DR5 are other names of DR6 and DR7. */
function debugRegister(code: Int32Array, ip: number): number {
  const n = reg(code, ip);
  return n === 4 || n === 5 ? n + 2 : n;
}

const movFromDebug: Handler = (cpu, code, ip) => {
  if (cpu.state[CPL] !== 0) return cpu.raise(GP);
  if (detected(cpu)) return FAULT;
  cpu.regs[rm(code, ip)] = readDebugRegister(cpu.state, debugRegister(code, ip));
  return NEXT;
};

const movToDebug: Handler = (cpu, code, ip) => {
  if (cpu.state[CPL] !== 0) return cpu.raise(GP);
  if (detected(cpu)) return FAULT;
  writeDebugRegister(cpu.state, debugRegister(code, ip), cpu.regs[rm(code, ip)]);
  return STOP;
};

/** A register operand gets all of CR0, memory its low 16 bits. */
const smsw: Handler = (cpu, code, ip) =>
  writeE(cpu, code, ip, cpu.mmu.cr0, isMemory(code, ip) ? 2 : operandSize(code, ip)) ? NEXT : FAULT;

const lmsw: Handler = (cpu, code, ip) => {
  if (cpu.state[CPL] !== 0) return cpu.raise(GP);
  const value = readE(cpu, code, ip, 2);
  if (cpu.faulted !== 0) return FAULT;
  const cr0 = cpu.mmu.cr0;
  return writeCr0(cpu, (cr0 & ~(MSW & ~CR0_PE)) | (value & MSW));
};

/** The operand is an address, not a reference: neither limits nor rights are checked. */
const invlpg: Handler = (cpu, code, ip) => {
  if (cpu.state[CPL] !== 0) return cpu.raise(GP);
  cpu.mmu.invlpg(cpu.state[SEG_BASE + segment(code, ip)] + effectiveAddress(cpu, code, ip));
  return STOP;
};

const clts: Handler = (cpu) => {
  if (cpu.state[CPL] !== 0) return cpu.raise(GP);
  cpu.mmu.setCr0(cpu.mmu.cr0 & ~CR0_TS);
  return NEXT;
};

/** The TLB test registers TR6 and TR7 of the i386 and i486 are not modelled. */
const testRegister: Handler = (cpu) => {
  if (cpu.state[CPL] !== 0) return cpu.raise(GP);
  return cpu.refuse("test registers", UD, 0);
};

export const controlRegisterHandlers: Handlers = {
  "MOV Rd,Cd": movFromControl,
  "MOV Cd,Rd": movToControl,
  "MOV Rd,Dd": movFromDebug,
  "MOV Dd,Rd": movToDebug,
  "MOV Rd,Td": testRegister,
  "MOV Td,Rd": testRegister,
  "SMSW Rv/Mw": smsw,
  "LMSW Ew": lmsw,
  "INVLPG Mb": invlpg,
  CLTS: clts,
};
