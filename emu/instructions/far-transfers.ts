/** Far JMP, CALL, RET and IRET. */
import { FAULT } from "../cpu.ts";
import { farReturn, interruptReturn } from "../far-return.ts";
import { farCall, farJump } from "../far-transfer.ts";
import { DISP, IMM, operandSize, segment } from "../record.ts";
import type { Handler, Handlers } from "./handler.ts";
import { nextEip } from "./handler.ts";
import { effectiveAddress } from "./operand.ts";

const callFar: Handler = (cpu, code, ip) =>
  farCall(cpu, code[ip + DISP], code[ip + IMM], operandSize(code, ip), nextEip(cpu, code, ip));

const jumpFar: Handler = (cpu, code, ip) => farJump(cpu, code[ip + DISP], code[ip + IMM]);

/** The far pointer in memory: offset, then selector. */
const indirect =
  (go: typeof farCall): Handler =>
  (cpu, code, ip) => {
    const size = operandSize(code, ip);
    const seg = segment(code, ip);
    const at = effectiveAddress(cpu, code, ip);
    const offset = cpu.load(seg, at, size);
    if (cpu.faulted !== 0) return FAULT;
    const selector = cpu.load(seg, (at + size) | 0, 2);
    if (cpu.faulted !== 0) return FAULT;
    return go(cpu, selector, offset, size, nextEip(cpu, code, ip));
  };

export const farTransferHandlers: Handlers = {
  "CALL Ap": callFar,
  "CALL Mp": indirect(farCall),
  "JMP Ap": jumpFar,
  "JMP Mp": indirect(farJump),
  RETF: (cpu, code, ip) => farReturn(cpu, operandSize(code, ip), 0),
  "RETF Iw": (cpu, code, ip) => farReturn(cpu, operandSize(code, ip), code[ip + IMM]),
  IRET: (cpu, code, ip) => interruptReturn(cpu, operandSize(code, ip)),
};
