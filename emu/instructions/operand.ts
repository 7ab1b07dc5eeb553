/**
 * Operands of the handlers: registers, ModRM memory, stack, of 1, 2 or 4 bytes.
 *
 * Values are int32 at size 4 and zero-extended at sizes 1 and 2; what is written is truncated. Reads of memory answer 0
 * after a fault: check `cpu.faulted`.
 */
import { ACCESS } from "../../mmu/index.ts";
import { ATTR_BIG, type Cpu } from "../cpu.ts";
import { ADDRESS_16, DISP, EA, isMemory, PLACE, rm, segment } from "../record.ts";
import { ATTRIBUTES, byteRegister, ESP, SS } from "../state.ts";

/** Offset of the ModRM or moffs operand in its segment: base + index * scale + displacement, modulo 2^16 or 2^32. */
export function effectiveAddress(cpu: Cpu, code: Int32Array, ip: number): number {
  const s = cpu.state;
  const ea = code[ip + EA];
  const sum = s[ea & 0xff] + (s[(ea >> 8) & 0xff] << ((ea >> 16) & 3)) + code[ip + DISP];
  return code[ip + PLACE] & ADDRESS_16 ? sum & 0xffff : sum | 0;
}

/** 0xFFFF under a 16-bit address size, else -1: what SI, DI, CX and BX are masked with. */
export function addressMask(code: Int32Array, ip: number): number {
  return code[ip + PLACE] & ADDRESS_16 ? 0xffff : -1;
}

/** @param n register number as in ModRM */
export function readRegister(cpu: Cpu, n: number, size: number): number {
  if (size === 4) return cpu.regs[n];
  if (size === 2) return cpu.state16[n * 2];
  return cpu.state8[byteRegister(n)];
}

/** Leaves the rest of the 32-bit register alone. */
export function writeRegister(cpu: Cpu, n: number, value: number, size: number): void {
  if (size === 4) cpu.regs[n] = value;
  else if (size === 2) cpu.state16[n * 2] = value;
  else cpu.state8[byteRegister(n)] = value;
}

/** Reads the ModRM operand, register or memory. */
export function readE(cpu: Cpu, code: Int32Array, ip: number, size: number): number {
  if (!isMemory(code, ip)) return readRegister(cpu, rm(code, ip), size);
  return cpu.load(segment(code, ip), effectiveAddress(cpu, code, ip), size);
}

/** Writes the ModRM operand. @returns false after a fault */
export function writeE(cpu: Cpu, code: Int32Array, ip: number, value: number, size: number): boolean {
  if (isMemory(code, ip)) return cpu.store(segment(code, ip), effectiveAddress(cpu, code, ip), value, size);
  writeRegister(cpu, rm(code, ip), value, size);
  return true;
}

/** Begins a read-modify-write of the ModRM operand, one reference. @returns its value */
export function openE(cpu: Cpu, code: Int32Array, ip: number, size: number): number {
  if (!isMemory(code, ip)) return readRegister(cpu, rm(code, ip), size);
  return openAt(cpu, segment(code, ip), effectiveAddress(cpu, code, ip), size);
}

/** Begins a read-modify-write at any address. @returns the value there */
export function openAt(cpu: Cpu, seg: number, offset: number, size: number): number {
  if (!cpu.openRmw(seg, offset, size)) return 0;
  return cpu.bus.rmwRead();
}

/** Ends what {@link openE} began; cannot fault. */
export function closeE(cpu: Cpu, code: Int32Array, ip: number, value: number, size: number): void {
  if (isMemory(code, ip)) cpu.bus.rmwWrite(value);
  else writeRegister(cpu, rm(code, ip), value, size);
}

/** SS.B: the stack is addressed with 32 bits. */
export function stackWide(cpu: Cpu): boolean {
  return (cpu.state[ATTRIBUTES + SS] & ATTR_BIG) !== 0;
}

/** ESP, or SP where SS.B = 0, displaced; int32. */
export function stackOffset(cpu: Cpu, displacement: number): number {
  const offset = cpu.regs[ESP] + displacement;
  return stackWide(cpu) ? offset | 0 : offset & 0xffff;
}

/** Sets ESP, or SP where SS.B = 0. */
export function setStackPointer(cpu: Cpu, offset: number): void {
  writeRegister(cpu, ESP, offset, stackWide(cpu) ? 4 : 2);
}

/** Moves the stack pointer, positive as POP does. */
export function moveStackPointer(cpu: Cpu, displacement: number): void {
  setStackPointer(cpu, stackOffset(cpu, displacement));
}

/** One push: (E)SP changes only if the write succeeded (P38). @returns false after a fault */
export function push(cpu: Cpu, value: number, size: number): boolean {
  const offset = stackOffset(cpu, -size);
  if (!cpu.store(SS, offset, value, size)) return false;
  setStackPointer(cpu, offset);
  return true;
}

/** Reads the stack at a displacement from (E)SP, which stays: instructions that may still fault pop in two steps. */
export function peek(cpu: Cpu, displacement: number, size: number): number {
  return cpu.load(SS, stackOffset(cpu, displacement), size);
}

/** One pop: (E)SP changes only if the read succeeded. */
export function pop(cpu: Cpu, size: number): number {
  const value = peek(cpu, 0, size);
  if (cpu.faulted === 0) moveStackPointer(cpu, size);
  return value;
}

/**
 * Opens an operand made of several references, for bus.get and bus.put: all pages are translated before a byte moves.
 * Within a page only the first lookup can change anything; the others only count.
 *
 * @param pieces bytes of each reference, in the order of their addresses; not more than a page in all
 * @param alignment power of two that #AC asks for
 * @param access READ or WRITE of the mmu room
 * @returns false after a fault
 */
export function openSpan(
  cpu: Cpu,
  seg: number,
  offset: number,
  pieces: readonly number[],
  alignment: number,
  access: number,
): boolean {
  const { bus, mmu } = cpu;
  const size = pieces.reduce((sum, bytes) => sum + bytes, 0);
  const la = cpu.linear(seg, offset, alignment, access);
  if (cpu.faulted === 0) cpu.linear(seg, (offset + size - 1) | 0, 1, access);
  if (cpu.faulted !== 0) return false;
  const user = cpu.cpl === 3 ? 1 : 0;
  const counter = ACCESS + access * 2 + user;
  const inFirst = 4096 - (la & 4095);
  let first = 0;
  let second = 0;
  let end = 0;
  for (const bytes of pieces) {
    if (end < inFirst) first++;
    end += bytes;
    if (end > inFirst) second++;
  }
  const opened = bus.open(la, size, access, user);
  const passedFirst = opened || (mmu.fault.linear ^ la) >>> 12 !== 0;
  if (passedFirst) mmu.counters[counter] += (first - 1) * mmu.paging;
  if (!opened) {
    cpu.raisePageFault();
    return false;
  }
  if (second > 1) mmu.counters[counter] += (second - 1) * mmu.paging;
  return true;
}
