/** Data movement without flags: MOV, extensions, exchanges, conditional moves, address arithmetic. */
import { FAULT, NEXT } from "../cpu.ts";
import { condition } from "../flags.ts";
import { IMM, opcode, operandSize, reg, segment } from "../record.ts";
import { EAX, EBX, EDX, FLAG_CARRY } from "../state.ts";
import type { Handler, Handlers } from "./handler.ts";
import { addressMask, closeE, effectiveAddress, openE, readE, readRegister, writeE, writeRegister } from "./operand.ts";

type SizeOf = (code: Int32Array, ip: number) => number;
const byte: SizeOf = () => 1;
const word: SizeOf = () => 2;

const movEG =
  (sizeOf: SizeOf): Handler =>
  (cpu, code, ip) => {
    const size = sizeOf(code, ip);
    return writeE(cpu, code, ip, readRegister(cpu, reg(code, ip), size), size) ? NEXT : FAULT;
  };

const movGE =
  (sizeOf: SizeOf): Handler =>
  (cpu, code, ip) => {
    const size = sizeOf(code, ip);
    const value = readE(cpu, code, ip, size);
    if (cpu.faulted !== 0) return FAULT;
    writeRegister(cpu, reg(code, ip), value, size);
    return NEXT;
  };

const movEI =
  (sizeOf: SizeOf): Handler =>
  (cpu, code, ip) =>
    writeE(cpu, code, ip, code[ip + IMM], sizeOf(code, ip)) ? NEXT : FAULT;

const movZI =
  (sizeOf: SizeOf): Handler =>
  (cpu, code, ip) => {
    writeRegister(cpu, reg(code, ip), code[ip + IMM], sizeOf(code, ip));
    return NEXT;
  };

const movAccumulatorO =
  (sizeOf: SizeOf): Handler =>
  (cpu, code, ip) => {
    const size = sizeOf(code, ip);
    const value = readE(cpu, code, ip, size);
    if (cpu.faulted !== 0) return FAULT;
    writeRegister(cpu, EAX, value, size);
    return NEXT;
  };

const movOAccumulator =
  (sizeOf: SizeOf): Handler =>
  (cpu, code, ip) => {
    const size = sizeOf(code, ip);
    return writeE(cpu, code, ip, readRegister(cpu, EAX, size), size) ? NEXT : FAULT;
  };

/** MOVZX and MOVSX; `shift` is 32 less the bits of a sign-extended source, 0 for zero extension. */
const extend =
  (sizeOf: SizeOf, shift: number): Handler =>
  (cpu, code, ip) => {
    const value = readE(cpu, code, ip, sizeOf(code, ip));
    if (cpu.faulted !== 0) return FAULT;
    writeRegister(cpu, reg(code, ip), (value << shift) >> shift, operandSize(code, ip));
    return NEXT;
  };

const xchgEG =
  (sizeOf: SizeOf): Handler =>
  (cpu, code, ip) => {
    const size = sizeOf(code, ip);
    const value = openE(cpu, code, ip, size);
    if (cpu.faulted !== 0) return FAULT;
    closeE(cpu, code, ip, readRegister(cpu, reg(code, ip), size), size);
    writeRegister(cpu, reg(code, ip), value, size);
    return NEXT;
  };

const xchgAccumulator: Handler = (cpu, code, ip) => {
  const size = operandSize(code, ip);
  const value = readRegister(cpu, reg(code, ip), size);
  writeRegister(cpu, reg(code, ip), readRegister(cpu, EAX, size), size);
  writeRegister(cpu, EAX, value, size);
  return NEXT;
};

const lea: Handler = (cpu, code, ip) => {
  writeRegister(cpu, reg(code, ip), effectiveAddress(cpu, code, ip), operandSize(code, ip));
  return NEXT;
};

/** The source is read even where the condition fails, and can fault. */
const cmov: Handler = (cpu, code, ip) => {
  const size = operandSize(code, ip);
  const value = readE(cpu, code, ip, size);
  if (cpu.faulted !== 0) return FAULT;
  if (condition(cpu.state, opcode(code, ip) & 15)) writeRegister(cpu, reg(code, ip), value, size);
  return NEXT;
};

const setcc: Handler = (cpu, code, ip) =>
  writeE(cpu, code, ip, condition(cpu.state, opcode(code, ip) & 15) ? 1 : 0, 1) ? NEXT : FAULT;

/** undefined: a 16-bit BSWAP clears the register's lower half, on Intel and AMD alike. */
const bswap: Handler = (cpu, code, ip) => {
  const value = cpu.regs[reg(code, ip)];
  if (operandSize(code, ip) === 2) {
    writeRegister(cpu, reg(code, ip), 0, 2);
  } else {
    cpu.regs[reg(code, ip)] = (value << 24) | ((value & 0xff00) << 8) | ((value >> 8) & 0xff00) | (value >>> 24);
  }
  return NEXT;
};

const xlat: Handler = (cpu, code, ip) => {
  const offset = (cpu.regs[EBX] + readRegister(cpu, EAX, 1)) & addressMask(code, ip);
  const value = cpu.load(segment(code, ip), offset, 1);
  if (cpu.faulted !== 0) return FAULT;
  writeRegister(cpu, EAX, value, 1);
  return NEXT;
};

const cbw: Handler = (cpu, code, ip) => {
  const ax = cpu.regs[EAX];
  if (operandSize(code, ip) === 4) cpu.regs[EAX] = (ax << 16) >> 16;
  else writeRegister(cpu, EAX, (ax << 24) >> 24, 2);
  return NEXT;
};

const cwd: Handler = (cpu, code, ip) => {
  if (operandSize(code, ip) === 4) cpu.regs[EDX] = cpu.regs[EAX] >> 31;
  else writeRegister(cpu, EDX, (cpu.regs[EAX] << 16) >> 31, 2);
  return NEXT;
};

/** Undocumented: AL = CF ? FF : 00. */
const salc: Handler = (cpu) => {
  writeRegister(cpu, EAX, cpu.state[FLAG_CARRY] >> 31, 1);
  return NEXT;
};

export const moveHandlers: Handlers = {
  "MOV Eb,Gb": movEG(byte),
  "MOV Ev,Gv": movEG(operandSize),
  "MOV Gb,Eb": movGE(byte),
  "MOV Gv,Ev": movGE(operandSize),
  "MOV Eb,Ib": movEI(byte),
  "MOV Ev,Iv": movEI(operandSize),
  "MOV Zb,Ib": movZI(byte),
  "MOV Zv,Iv": movZI(operandSize),
  "MOV AL,Ob": movAccumulatorO(byte),
  "MOV eAX,Ov": movAccumulatorO(operandSize),
  "MOV Ob,AL": movOAccumulator(byte),
  "MOV Ov,eAX": movOAccumulator(operandSize),
  "MOVZX Gv,Eb": extend(byte, 0),
  "MOVZX Gv,Ew": extend(word, 0),
  "MOVSX Gv,Eb": extend(byte, 24),
  "MOVSX Gv,Ew": extend(word, 16),
  "XCHG Eb,Gb": xchgEG(byte),
  "XCHG Ev,Gv": xchgEG(operandSize),
  "XCHG Zv,eAX": xchgAccumulator,
  "LEA Gv,M": lea,
  "CMOVcc Gv,Ev": cmov,
  "SETcc Eb": setcc,
  "BSWAP Zv": bswap,
  XLAT: xlat,
  "CBW/CWDE": cbw,
  "CWD/CDQ": cwd,
  SALC: salc,
};
