/** Near control transfer. Targets are checked against the limit of CS before anything is committed. */
import { FAULT, GP, NEXT, type Status, TRANSFER } from "../cpu.ts";
import { condition, zeroFlag } from "../flags.ts";
import { IMM, opcode, operandSize } from "../record.ts";
import { ECX, EIP } from "../state.ts";
import type { Handler, Handlers } from "./handler.ts";
import { nearTarget, nextEip, transfer, withinCode } from "./handler.ts";
import { addressMask, peek, push, readE, setStackPointer, stackOffset } from "./operand.ts";

type Cpu = Parameters<Handler>[0];

function relative(cpu: Cpu, code: Int32Array, ip: number): number {
  return nearTarget(code, ip, nextEip(cpu, code, ip) + code[ip + IMM]);
}

const jump: Handler = (cpu, code, ip) => transfer(cpu, relative(cpu, code, ip));

const jumpE: Handler = (cpu, code, ip) => {
  const target = readE(cpu, code, ip, operandSize(code, ip));
  return cpu.faulted !== 0 ? FAULT : transfer(cpu, target);
};

const jcc: Handler = (cpu, code, ip) =>
  condition(cpu.state, opcode(code, ip) & 15) ? transfer(cpu, relative(cpu, code, ip)) : NEXT;

/** LOOP, LOOPE, LOOPNE; the count is CX under a 16-bit address size. */
const loop =
  (goesOn: (cpu: Cpu) => boolean): Handler =>
  (cpu, code, ip) => {
    const mask = addressMask(code, ip);
    const count = (cpu.regs[ECX] - 1) & mask;
    let status: Status = NEXT;
    if (count !== 0 && goesOn(cpu)) status = transfer(cpu, relative(cpu, code, ip));
    if (status !== FAULT) cpu.regs[ECX] = (cpu.regs[ECX] & ~mask) | count;
    return status;
  };

const jcxz: Handler = (cpu, code, ip) =>
  (cpu.regs[ECX] & addressMask(code, ip)) === 0 ? transfer(cpu, relative(cpu, code, ip)) : NEXT;

function call(cpu: Cpu, code: Int32Array, ip: number, target: number): Status {
  if (!withinCode(cpu, target)) return cpu.raise(GP);
  if (!push(cpu, nextEip(cpu, code, ip), operandSize(code, ip))) return FAULT;
  cpu.state[EIP] = target;
  return TRANSFER;
}

const callJ: Handler = (cpu, code, ip) => call(cpu, code, ip, relative(cpu, code, ip));

const callE: Handler = (cpu, code, ip) => {
  const target = readE(cpu, code, ip, operandSize(code, ip));
  return cpu.faulted !== 0 ? FAULT : call(cpu, code, ip, target);
};

/** RET Iw releases `released` bytes of parameters behind the return address. */
function leaveFunction(cpu: Cpu, code: Int32Array, ip: number, released: number): Status {
  const size = operandSize(code, ip);
  const target = peek(cpu, 0, size);
  if (cpu.faulted !== 0) return FAULT;
  const status = transfer(cpu, target);
  if (status !== FAULT) setStackPointer(cpu, stackOffset(cpu, size + released));
  return status;
}

export const jumpHandlers: Handlers = {
  "JMP Jb": jump,
  "JMP Jv": jump,
  "JMP Ev": jumpE,
  "Jcc Jb": jcc,
  "Jcc Jv": jcc,
  "LOOP Jb": loop(() => true),
  "LOOPE Jb": loop((cpu) => zeroFlag(cpu.state) === 1),
  "LOOPNE Jb": loop((cpu) => zeroFlag(cpu.state) === 0),
  "JCXZ/JECXZ Jb": jcxz,
  "CALL Jv": callJ,
  "CALL Ev": callE,
  RET: (cpu, code, ip) => leaveFunction(cpu, code, ip, 0),
  "RET Iw": (cpu, code, ip) => leaveFunction(cpu, code, ip, code[ip + IMM]),
};
