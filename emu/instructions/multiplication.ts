/** MUL, IMUL, DIV and IDIV. */

import { signExtend } from "../alu.ts";
import { DE, FAULT, NEXT } from "../cpu.ts";
import * as m from "../multiply.ts";
import { IMM, operandSize, reg } from "../record.ts";
import { EAX, EDX } from "../state.ts";
import type { Handler, Handlers } from "./handler.ts";
import { readE, readRegister, writeRegister } from "./operand.ts";

type Narrow = (s: Int32Array, a: number, b: number, size: number) => number;
type Wide = (s: Int32Array, b: number) => void;

/** AX = AL * E. */
const productByte =
  (narrow: Narrow): Handler =>
  (cpu, code, ip) => {
    const b = readE(cpu, code, ip, 1);
    if (cpu.faulted !== 0) return FAULT;
    writeRegister(cpu, EAX, narrow(cpu.state, cpu.state8[EAX], b, 1), 2);
    return NEXT;
  };

/** DX:AX = AX * E, EDX:EAX = EAX * E. */
const product =
  (narrow: Narrow, wide: Wide): Handler =>
  (cpu, code, ip) => {
    const size = operandSize(code, ip);
    const b = readE(cpu, code, ip, size);
    if (cpu.faulted !== 0) return FAULT;
    if (size === 4) {
      wide(cpu.state, b);
    } else {
      const value = narrow(cpu.state, readRegister(cpu, EAX, 2), b, 2);
      writeRegister(cpu, EAX, value, 2);
      writeRegister(cpu, EDX, value >> 16, 2);
    }
    return NEXT;
  };

function multiply(s: Int32Array, a: number, b: number, size: number): number {
  return size === 4 ? m.multiply32(s, a, b) : m.signedMultiplyNarrow(s, a, b, 2);
}

const imulGE: Handler = (cpu, code, ip) => {
  const size = operandSize(code, ip);
  const b = readE(cpu, code, ip, size);
  if (cpu.faulted !== 0) return FAULT;
  const n = reg(code, ip);
  writeRegister(cpu, n, multiply(cpu.state, readRegister(cpu, n, size), b, size), size);
  return NEXT;
};

const imulGEI: Handler = (cpu, code, ip) => {
  const size = operandSize(code, ip);
  const a = readE(cpu, code, ip, size);
  if (cpu.faulted !== 0) return FAULT;
  writeRegister(cpu, reg(code, ip), multiply(cpu.state, a, code[ip + IMM], size), size);
  return NEXT;
};

const divByte: Handler = (cpu, code, ip) => {
  const b = readE(cpu, code, ip, 1);
  if (cpu.faulted !== 0) return FAULT;
  if (!m.divideNarrow(cpu.state, readRegister(cpu, EAX, 2), b, 1)) return cpu.raise(DE);
  writeRegister(cpu, EAX, (m.quotient.value & 0xff) | (m.quotient.remainder << 8), 2);
  return NEXT;
};

const idivByte: Handler = (cpu, code, ip) => {
  const b = readE(cpu, code, ip, 1);
  if (cpu.faulted !== 0) return FAULT;
  const dividend = signExtend(cpu.regs[EAX], 2);
  if (!m.signedDivideNarrow(cpu.state, dividend, signExtend(b, 1), 1)) return cpu.raise(DE);
  writeRegister(cpu, EAX, (m.quotient.value & 0xff) | (m.quotient.remainder << 8), 2);
  return NEXT;
};

const div: Handler = (cpu, code, ip) => {
  const size = operandSize(code, ip);
  const b = readE(cpu, code, ip, size);
  if (cpu.faulted !== 0) return FAULT;
  if (size === 4) return m.divide32(cpu.state, b) ? NEXT : cpu.raise(DE);
  const dividend = (cpu.regs[EDX] << 16) | readRegister(cpu, EAX, 2);
  if (!m.divideNarrow(cpu.state, dividend, b, 2)) return cpu.raise(DE);
  writeRegister(cpu, EAX, m.quotient.value, 2);
  writeRegister(cpu, EDX, m.quotient.remainder, 2);
  return NEXT;
};

const idiv: Handler = (cpu, code, ip) => {
  const size = operandSize(code, ip);
  const b = readE(cpu, code, ip, size);
  if (cpu.faulted !== 0) return FAULT;
  if (size === 4) return m.signedDivide32(cpu.state, b) ? NEXT : cpu.raise(DE);
  const dividend = (cpu.regs[EDX] << 16) | readRegister(cpu, EAX, 2);
  if (!m.signedDivideNarrow(cpu.state, dividend, signExtend(b, 2), 2)) return cpu.raise(DE);
  writeRegister(cpu, EAX, m.quotient.value, 2);
  writeRegister(cpu, EDX, m.quotient.remainder, 2);
  return NEXT;
};

export const multiplicationHandlers: Handlers = {
  "MUL Eb": productByte(m.multiplyNarrow),
  "MUL Ev": product(m.multiplyNarrow, m.multiplyWide32),
  "IMUL Eb": productByte(m.signedMultiplyNarrow),
  "IMUL Ev": product(m.signedMultiplyNarrow, m.signedMultiplyWide32),
  "IMUL Gv,Ev": imulGE,
  "IMUL Gv,Ev,Iv": imulGEI,
  "IMUL Gv,Ev,Ibs": imulGEI,
  "DIV Eb": divByte,
  "DIV Ev": div,
  "IDIV Eb": idivByte,
  "IDIV Ev": idiv,
};
