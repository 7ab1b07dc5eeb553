/**
 * A handler executes one row of the instruction table, in every mode.
 *
 * Nothing is committed before the last fault has been ruled out. Memory is referenced in the order of the row, one call of
 * Cpu.load, store or openRmw per reference. EIP is the offset of the instruction on entry; only a handler that answers
 * TRANSFER or TRANSFER_STOP changes it.
 */
import { type Cpu, GP, type Status, TRANSFER } from "../cpu.ts";
import { length, operandSize } from "../record.ts";
import { CS, EIP, LIMIT } from "../state.ts";

/**
 * @param code the record arena
 * @param ip index of the record
 * @returns NEXT, TRANSFER, FAULT, STOP, TRAP, AGAIN, HALTED or TRANSFER_STOP
 */
export type Handler = (cpu: Cpu, code: Int32Array, ip: number) => Status;

/** Handlers by `family` of their rows. */
export type Handlers = Record<string, Handler>;

/** Offset of the instruction behind this one, int32. */
export function nextEip(cpu: Cpu, code: Int32Array, ip: number): number {
  return (cpu.state[EIP] + length(code, ip)) | 0;
}

/** Offset that a near transfer to `target` reaches: 16 bits under a 16-bit operand size (SDM 2A JMP). */
export function nearTarget(code: Int32Array, ip: number, target: number): number {
  return operandSize(code, ip) === 2 ? target & 0xffff : target | 0;
}

/** True if an instruction may start at this offset of CS. */
export function withinCode(cpu: Cpu, target: number): boolean {
  return target >>> 0 <= cpu.state[LIMIT + CS] >>> 0;
}

/** Ends a near transfer: #GP(0) beyond the limit of CS, else EIP = target. */
export function transfer(cpu: Cpu, target: number): Status {
  if (!withinCode(cpu, target)) return cpu.raise(GP);
  cpu.state[EIP] = target;
  return TRANSFER;
}
