/** Group 2 shifts and rotates, SHLD and SHRD. A count of zero writes the operand back and changes no flag. */
import { FAULT, NEXT } from "../cpu.ts";
import { IMM, operandSize, reg } from "../record.ts";
import * as shifts from "../shift.ts";
import { ECX } from "../state.ts";
import type { Handler, Handlers } from "./handler.ts";
import { closeE, openE, readRegister } from "./operand.ts";

type SizeOf = (code: Int32Array, ip: number) => number;
const byte: SizeOf = () => 1;

const byImmediate =
  (operation: number, sizeOf: SizeOf): Handler =>
  (cpu, code, ip) => {
    const size = sizeOf(code, ip);
    const a = openE(cpu, code, ip, size);
    if (cpu.faulted !== 0) return FAULT;
    closeE(cpu, code, ip, shifts.shift(cpu.state, operation, a, code[ip + IMM], size), size);
    return NEXT;
  };

const byOne =
  (operation: number, sizeOf: SizeOf): Handler =>
  (cpu, code, ip) => {
    const size = sizeOf(code, ip);
    const a = openE(cpu, code, ip, size);
    if (cpu.faulted !== 0) return FAULT;
    closeE(cpu, code, ip, shifts.shift(cpu.state, operation, a, 1, size), size);
    return NEXT;
  };

const byCl =
  (operation: number, sizeOf: SizeOf): Handler =>
  (cpu, code, ip) => {
    const size = sizeOf(code, ip);
    const a = openE(cpu, code, ip, size);
    if (cpu.faulted !== 0) return FAULT;
    closeE(cpu, code, ip, shifts.shift(cpu.state, operation, a, cpu.regs[ECX], size), size);
    return NEXT;
  };

type DoubleShift = (s: Int32Array, a: number, filler: number, count: number, size: number) => number;

const double =
  (operation: DoubleShift, by: "Ib" | "CL"): Handler =>
  (cpu, code, ip) => {
    const size = operandSize(code, ip);
    const a = openE(cpu, code, ip, size);
    if (cpu.faulted !== 0) return FAULT;
    const filler = readRegister(cpu, reg(code, ip), size);
    const count = by === "CL" ? cpu.regs[ECX] : code[ip + IMM];
    closeE(cpu, code, ip, operation(cpu.state, a, filler, count, size), size);
    return NEXT;
  };

function groupTwo(): Handlers {
  const handlers: Handlers = {};
  const names = { ROL: shifts.ROL, ROR: shifts.ROR, RCL: shifts.RCL, RCR: shifts.RCR };
  for (const [name, operation] of Object.entries({ ...names, SHL: shifts.SHL, SHR: shifts.SHR, SAR: shifts.SAR })) {
    handlers[`${name} Eb,Ib`] = byImmediate(operation, byte);
    handlers[`${name} Ev,Ib`] = byImmediate(operation, operandSize);
    handlers[`${name} Eb,1`] = byOne(operation, byte);
    handlers[`${name} Ev,1`] = byOne(operation, operandSize);
    handlers[`${name} Eb,CL`] = byCl(operation, byte);
    handlers[`${name} Ev,CL`] = byCl(operation, operandSize);
  }
  return handlers;
}

export const shiftHandlers: Handlers = {
  ...groupTwo(),
  "SHLD Ev,Gv,Ib": double(shifts.shld, "Ib"),
  "SHLD Ev,Gv,CL": double(shifts.shld, "CL"),
  "SHRD Ev,Gv,Ib": double(shifts.shrd, "Ib"),
  "SHRD Ev,Gv,CL": double(shifts.shrd, "CL"),
};
