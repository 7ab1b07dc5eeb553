/** Two-operand arithmetic and logic, increments, comparisons, compare-and-exchange (SDM 2A, 2B). */
import { WRITE } from "../../mmu/index.ts";
import * as alu from "../alu.ts";
import { type Cpu, FAULT, NEXT } from "../cpu.ts";
import { updateStatusFlags, ZF } from "../flags.ts";
import { IMM, operandSize, reg, segment } from "../record.ts";
import { EAX, EBX, ECX, EDX } from "../state.ts";
import type { Handler, Handlers } from "./handler.ts";
import { closeE, effectiveAddress, openE, openSpan, readE, readRegister, writeRegister } from "./operand.ts";

type SizeOf = (code: Int32Array, ip: number) => number;
const byte: SizeOf = () => 1;

/** Where the second operand comes from. */
type Source = (cpu: Cpu, code: Int32Array, ip: number, size: number) => number;
const fromG: Source = (cpu, code, ip, size) => readRegister(cpu, reg(code, ip), size);
const fromI: Source = (_cpu, code, ip) => code[ip + IMM];

/** op E,x: one read-modify-write. */
const intoE =
  (operation: number, sizeOf: SizeOf, source: Source): Handler =>
  (cpu, code, ip) => {
    const size = sizeOf(code, ip);
    const a = openE(cpu, code, ip, size);
    if (cpu.faulted !== 0) return FAULT;
    closeE(cpu, code, ip, alu.arithmetic(cpu.state, operation, a, source(cpu, code, ip, size), size), size);
    return NEXT;
  };

/** CMP and TEST of E with x: E is only read. */
const flagsOfE =
  (operation: number, sizeOf: SizeOf, source: Source): Handler =>
  (cpu, code, ip) => {
    const size = sizeOf(code, ip);
    const a = readE(cpu, code, ip, size);
    if (cpu.faulted !== 0) return FAULT;
    alu.arithmetic(cpu.state, operation, a, source(cpu, code, ip, size), size);
    return NEXT;
  };

const intoG =
  (operation: number, sizeOf: SizeOf): Handler =>
  (cpu, code, ip) => {
    const size = sizeOf(code, ip);
    const b = readE(cpu, code, ip, size);
    if (cpu.faulted !== 0) return FAULT;
    const result = alu.arithmetic(cpu.state, operation, readRegister(cpu, reg(code, ip), size), b, size);
    if (operation !== alu.CMP) writeRegister(cpu, reg(code, ip), result, size);
    return NEXT;
  };

const accumulatorI =
  (operation: number, sizeOf: SizeOf, writes: boolean): Handler =>
  (cpu, code, ip) => {
    const size = sizeOf(code, ip);
    const result = alu.arithmetic(cpu.state, operation, readRegister(cpu, EAX, size), code[ip + IMM], size);
    if (writes) writeRegister(cpu, EAX, result, size);
    return NEXT;
  };

type Unary = (s: Int32Array, a: number, size: number) => number;
const not: Unary = (_s, a) => ~a;

const unaryE =
  (operation: Unary, sizeOf: SizeOf): Handler =>
  (cpu, code, ip) => {
    const size = sizeOf(code, ip);
    const a = openE(cpu, code, ip, size);
    if (cpu.faulted !== 0) return FAULT;
    closeE(cpu, code, ip, operation(cpu.state, a, size), size);
    return NEXT;
  };

const unaryZ =
  (operation: Unary): Handler =>
  (cpu, code, ip) => {
    const size = operandSize(code, ip);
    const n = reg(code, ip);
    writeRegister(cpu, n, operation(cpu.state, readRegister(cpu, n, size), size), size);
    return NEXT;
  };

/** Writes the destination in every case (P37): the old value where the comparison failed. */
const cmpxchg =
  (sizeOf: SizeOf): Handler =>
  (cpu, code, ip) => {
    const size = sizeOf(code, ip);
    const value = openE(cpu, code, ip, size);
    if (cpu.faulted !== 0) return FAULT;
    if (alu.sub(cpu.state, readRegister(cpu, EAX, size), value, size) === 0) {
      closeE(cpu, code, ip, readRegister(cpu, reg(code, ip), size), size);
    } else {
      closeE(cpu, code, ip, value, size);
      writeRegister(cpu, EAX, value, size);
    }
    return NEXT;
  };

/** With the destination register equal to the source register the sum remains. */
const xadd =
  (sizeOf: SizeOf): Handler =>
  (cpu, code, ip) => {
    const size = sizeOf(code, ip);
    const a = openE(cpu, code, ip, size);
    if (cpu.faulted !== 0) return FAULT;
    const sum = alu.add(cpu.state, a, readRegister(cpu, reg(code, ip), size), size);
    writeRegister(cpu, reg(code, ip), a, size);
    closeE(cpu, code, ip, sum, size);
    return NEXT;
  };

const QWORD = [4, 4];

/** The quadword counts as two references; like CMPXCHG it is always written (P37). */
const cmpxchg8b: Handler = (cpu, code, ip) => {
  const { bus, regs } = cpu;
  if (!openSpan(cpu, segment(code, ip), effectiveAddress(cpu, code, ip), QWORD, 8, WRITE)) return FAULT;
  const low = bus.get32(0);
  const high = bus.get32(4);
  const equal = low === regs[EAX] && high === regs[EDX];
  bus.put32(0, equal ? regs[EBX] : low);
  bus.put32(4, equal ? regs[ECX] : high);
  if (!equal) {
    regs[EAX] = low;
    regs[EDX] = high;
  }
  updateStatusFlags(cpu.state, equal ? ZF : 0, ZF);
  return NEXT;
};

function groupOne(): Handlers {
  const handlers: Handlers = {};
  ["ADD", "OR", "ADC", "SBB", "AND", "SUB", "XOR", "CMP"].forEach((name, operation) => {
    const withE = operation === alu.CMP ? flagsOfE : intoE;
    handlers[`${name} Eb,Gb`] = withE(operation, byte, fromG);
    handlers[`${name} Ev,Gv`] = withE(operation, operandSize, fromG);
    handlers[`${name} Gb,Eb`] = intoG(operation, byte);
    handlers[`${name} Gv,Ev`] = intoG(operation, operandSize);
    handlers[`${name} AL,Ib`] = accumulatorI(operation, byte, operation !== alu.CMP);
    handlers[`${name} eAX,Iv`] = accumulatorI(operation, operandSize, operation !== alu.CMP);
    handlers[`${name} Eb,Ib`] = withE(operation, byte, fromI);
    handlers[`${name} Ev,Iv`] = withE(operation, operandSize, fromI);
    handlers[`${name} Ev,Ibs`] = withE(operation, operandSize, fromI);
  });
  return handlers;
}

export const arithmeticHandlers: Handlers = {
  ...groupOne(),
  "TEST Eb,Gb": flagsOfE(alu.AND, byte, fromG),
  "TEST Ev,Gv": flagsOfE(alu.AND, operandSize, fromG),
  "TEST Eb,Ib": flagsOfE(alu.AND, byte, fromI),
  "TEST Ev,Iv": flagsOfE(alu.AND, operandSize, fromI),
  "TEST AL,Ib": accumulatorI(alu.AND, byte, false),
  "TEST eAX,Iv": accumulatorI(alu.AND, operandSize, false),
  "INC Eb": unaryE(alu.inc, byte),
  "INC Ev": unaryE(alu.inc, operandSize),
  "INC Zv": unaryZ(alu.inc),
  "DEC Eb": unaryE(alu.dec, byte),
  "DEC Ev": unaryE(alu.dec, operandSize),
  "DEC Zv": unaryZ(alu.dec),
  "NEG Eb": unaryE(alu.neg, byte),
  "NEG Ev": unaryE(alu.neg, operandSize),
  "NOT Eb": unaryE(not, byte),
  "NOT Ev": unaryE(not, operandSize),
  "CMPXCHG Eb,Gb": cmpxchg(byte),
  "CMPXCHG Ev,Gv": cmpxchg(operandSize),
  "XADD Eb,Gb": xadd(byte),
  "XADD Ev,Gv": xadd(operandSize),
  "CMPXCHG8B Mq": cmpxchg8b,
};
