/**
 * Stack instructions. (E)SP and the other registers change only after the last reference has succeeded (P38 to P44);
 * what was already written below (E)SP when a later write faults is written again by the restart.
 */
import { signExtend } from "../alu.ts";
import { BR, type Cpu, FAULT, NEXT, type Status } from "../cpu.ts";
import { DISP, IMM, isMemory, operandSize, reg, rm, segment } from "../record.ts";
import { EAX, EBP, EBX, ECX, EDI, EDX, ESI, ESP, SS } from "../state.ts";
import type { Handler, Handlers } from "./handler.ts";
import {
  effectiveAddress,
  moveStackPointer,
  peek,
  pop,
  push,
  readE,
  readRegister,
  setStackPointer,
  stackOffset,
  stackWide,
  writeRegister,
} from "./operand.ts";

const pushZ: Handler = (cpu, code, ip) => {
  const size = operandSize(code, ip);
  return push(cpu, readRegister(cpu, reg(code, ip), size), size) ? NEXT : FAULT;
};

const pushI: Handler = (cpu, code, ip) => (push(cpu, code[ip + IMM], operandSize(code, ip)) ? NEXT : FAULT);

const pushE: Handler = (cpu, code, ip) => {
  const size = operandSize(code, ip);
  const value = readE(cpu, code, ip, size);
  return cpu.faulted === 0 && push(cpu, value, size) ? NEXT : FAULT;
};

const popZ: Handler = (cpu, code, ip) => {
  const size = operandSize(code, ip);
  const value = pop(cpu, size);
  if (cpu.faulted !== 0) return FAULT;
  writeRegister(cpu, reg(code, ip), value, size);
  return NEXT;
};

/** An address based on ESP is computed with ESP already incremented (P40). */
const popE: Handler = (cpu, code, ip) => {
  const size = operandSize(code, ip);
  const before = cpu.regs[ESP];
  const value = pop(cpu, size);
  if (cpu.faulted !== 0) return FAULT;
  if (!isMemory(code, ip)) {
    writeRegister(cpu, rm(code, ip), value, size);
    return NEXT;
  }
  if (cpu.store(segment(code, ip), effectiveAddress(cpu, code, ip), value, size)) return NEXT;
  cpu.regs[ESP] = before;
  return FAULT;
};

/** The ESP pushed is the one before the instruction. */
const pusha: Handler = (cpu, code, ip) => {
  const size = operandSize(code, ip);
  for (let n = 0; n < 8; n++) {
    if (!cpu.store(SS, stackOffset(cpu, -size * (n + 1)), readRegister(cpu, n, size), size)) return FAULT;
  }
  moveStackPointer(cpu, -8 * size);
  return NEXT;
};

/** In the order of the stack; the slot of ESP is not read. */
const popped = [EDI, ESI, EBP, -1, EBX, EDX, ECX, EAX];
const values = new Int32Array(8);

const popa: Handler = (cpu, code, ip) => {
  const size = operandSize(code, ip);
  for (let n = 0; n < 8; n++) {
    if (popped[n] >= 0) values[n] = peek(cpu, n * size, size);
    if (cpu.faulted !== 0) return FAULT;
  }
  moveStackPointer(cpu, 8 * size);
  for (let n = 0; n < 8; n++) if (popped[n] >= 0) writeRegister(cpu, popped[n], values[n], size);
  return NEXT;
};

/** Instruction set level from which ENTER probes the final stack pointer. */
const P6 = 6;

/** The frame pointers of the enclosing levels are copied from the old frame, one reference each way. */
function copyLevels(cpu: Cpu, levels: number, size: number): boolean {
  for (let n = 1; n < levels; n++) {
    const at = cpu.regs[EBP] - n * size;
    const pointer = cpu.load(SS, stackWide(cpu) ? at | 0 : at & 0xffff, size);
    if (cpu.faulted !== 0) return false;
    if (!cpu.store(SS, stackOffset(cpu, -size * (n + 1)), pointer, size)) return false;
  }
  return true;
}

/**
 * Later processors end ENTER with a probe: it faults where a write at the final stack pointer would (SDM 2A ENTER); one
 * more reference, by which stacks grow.
 */
const enter: Handler = (cpu, code, ip) => {
  const size = operandSize(code, ip);
  const levels = code[ip + DISP] & 31;
  const top = stackOffset(cpu, -size);
  // The whole ESP as the push leaves it: under SS.B = 0 its upper half stays.
  const frame = stackWide(cpu) ? top : (cpu.regs[ESP] & ~0xffff) | top;
  if (!cpu.store(SS, top, cpu.regs[EBP], size)) return FAULT;
  if (!copyLevels(cpu, levels, size)) return FAULT;
  if (levels > 0 && !cpu.store(SS, stackOffset(cpu, -size * (levels + 1)), frame, size)) return FAULT;
  const final = stackOffset(cpu, -size * (levels + 1) - code[ip + IMM]);
  if (cpu.profile.level >= P6 && !cpu.openRmw(SS, final, size)) return FAULT;
  setStackPointer(cpu, final);
  writeRegister(cpu, EBP, frame, size);
  return NEXT;
};

const leave: Handler = (cpu, code, ip) => {
  const size = operandSize(code, ip);
  const frame = stackWide(cpu) ? cpu.regs[EBP] : cpu.regs[EBP] & 0xffff;
  const value = cpu.load(SS, frame, size);
  if (cpu.faulted !== 0) return FAULT;
  setStackPointer(cpu, frame + size);
  writeRegister(cpu, EBP, value, size);
  return NEXT;
};

const bound: Handler = (cpu, code, ip): Status => {
  const size = operandSize(code, ip);
  const seg = segment(code, ip);
  const offset = effectiveAddress(cpu, code, ip);
  const lower = cpu.load(seg, offset, size);
  if (cpu.faulted !== 0) return FAULT;
  const upper = cpu.load(seg, (offset + size) | 0, size);
  if (cpu.faulted !== 0) return FAULT;
  const index = signExtend(readRegister(cpu, reg(code, ip), size), size);
  return index < signExtend(lower, size) || index > signExtend(upper, size) ? cpu.raise(BR) : NEXT;
};

export const stackHandlers: Handlers = {
  "PUSH Zv": pushZ,
  "PUSH Iv": pushI,
  "PUSH Ibs": pushI,
  "PUSH Ev": pushE,
  "POP Zv": popZ,
  "POP Ev": popE,
  PUSHA: pusha,
  POPA: popa,
  "ENTER Iw,Ib": enter,
  LEAVE: leave,
  "BOUND Gv,Ma": bound,
};
