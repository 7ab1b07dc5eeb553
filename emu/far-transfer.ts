/**
 * Far JMP and CALL, directly and through call gates, to the same or an inner privilege level (SDM 3A 5.8, 2A CALL, JMP).
 * The way back is in far-return.ts.
 *
 * Every check and every reference comes before the first change of a register (P50).
 */
import { type Cpu, FAULT, GP, NP, type Status, TRANSFER_STOP, TS } from "./cpu.ts";
import {
  CALL_GATE_16,
  CALL_GATE_32,
  Descriptor,
  descriptorLimit,
  descriptorPrivilege,
  gateOffset,
  gateSelector,
  isCode,
  isConformingCode,
  isNull,
  isPresent,
  SYSTEM_32,
  systemType,
  TASK_GATE,
  TSS_16,
  TSS_32,
} from "./descriptor.ts";
import { peek } from "./instructions/operand.ts";
import { PendingStack } from "./pending-stack.ts";
import { commitSegment, markAccessed, readDescriptor, selectorError } from "./segmentation.ts";
import { CPL, CS, EIP, ESP, SELECTOR, SS } from "./state.ts";

/** Bits of a call gate's high dword: number of parameters to copy. */
const PARAMETERS = 31;

const target = new Descriptor();
const code = new Descriptor();
const stack = new PendingStack();

/** What a call leaves for the return; a jump leaves nothing. */
interface Return {
  readonly eip: number;
  /** Bytes per push without a gate. */
  readonly size: number;
}

/** @param offset 16 bits under a 16-bit operand size. @returns TRANSFER_STOP or FAULT */
export function farJump(cpu: Cpu, selector: number, offset: number): Status {
  return transfer(cpu, selector, offset, null);
}

/** @returns TRANSFER_STOP or FAULT */
export function farCall(cpu: Cpu, selector: number, offset: number, size: number, returnEip: number): Status {
  return transfer(cpu, selector, offset, { eip: returnEip, size });
}

function transfer(cpu: Cpu, selector: number, offset: number, back: Return | null): Status {
  if (isNull(selector)) return cpu.raise(GP);
  if (!readDescriptor(cpu, selector, GP, 0, target)) return FAULT;
  const { high } = target;
  const type = systemType(high);
  if (type < 0) return direct(cpu, selector, offset, back);
  const cpl = cpu.state[CPL];
  const error = selectorError(selector);
  if (type !== CALL_GATE_32 && type !== CALL_GATE_16 && type !== TASK_GATE && type !== TSS_32 && type !== TSS_16) {
    return cpu.raise(GP, error);
  }
  const dpl = descriptorPrivilege(high);
  if (dpl < cpl || dpl < (selector & 3)) return cpu.raise(GP, error);
  if (!isPresent(high)) return cpu.raise(NP, error);
  if (type !== CALL_GATE_32 && type !== CALL_GATE_16) return cpu.refuse("hardware task switch", TS, error);
  return throughGate(cpu, back);
}

/** The code segment named by the instruction itself: the CPL stays. */
function direct(cpu: Cpu, selector: number, offset: number, back: Return | null): Status {
  const cpl = cpu.state[CPL];
  const { high } = target;
  const dpl = descriptorPrivilege(high);
  const allowed = isConformingCode(high) ? dpl <= cpl : isCode(high) && dpl === cpl && (selector & 3) <= cpl;
  if (!allowed) return cpu.raise(GP, selectorError(selector));
  if (!isPresent(high)) return cpu.raise(NP, selectorError(selector));
  return sameLevel(cpu, selector, target, offset, back?.size ?? 0, back);
}

function throughGate(cpu: Cpu, back: Return | null): Status {
  const cpl = cpu.state[CPL];
  const selector = gateSelector(target);
  if (isNull(selector)) return cpu.raise(GP);
  if (!readDescriptor(cpu, selector, GP, 0, code)) return FAULT;
  const dpl = descriptorPrivilege(code.high);
  const conforming = isConformingCode(code.high);
  // A jump does not change the privilege level, a call does, inwards.
  const allowed = isCode(code.high) && (dpl === cpl || (dpl < cpl && (conforming || back !== null)));
  if (!allowed) return cpu.raise(GP, selectorError(selector));
  if (!isPresent(code.high)) return cpu.raise(NP, selectorError(selector));
  const offset = gateOffset(target);
  const size = target.high & SYSTEM_32 ? 4 : 2;
  if (conforming || dpl === cpl || back === null) return sameLevel(cpu, selector, code, offset, size, back);
  return innerLevel(cpu, selector, dpl, offset, size, back);
}

function sameLevel(
  cpu: Cpu,
  selector: number,
  d: Descriptor,
  offset: number,
  size: number,
  back: Return | null,
): Status {
  const s = cpu.state;
  if (back !== null) {
    stack.takeCurrent(cpu, 0);
    if (!stack.hasRoom(cpu, 2, size)) return FAULT;
  }
  if (offset >>> 0 > descriptorLimit(d) >>> 0) return cpu.raise(GP);
  if (!markAccessed(cpu, d)) return FAULT;
  if (back !== null) {
    if (!stack.push(cpu, s[SELECTOR + CS], size) || !stack.push(cpu, back.eip, size)) return FAULT;
    stack.commit(cpu);
  }
  commitSegment(cpu, CS, (selector & 0xfffc) | s[CPL], d);
  s[EIP] = offset;
  return TRANSFER_STOP;
}

/** A call to a more privileged level: the stack comes from the TSS, the parameters are copied to it. */
function innerLevel(cpu: Cpu, selector: number, cpl: number, offset: number, size: number, back: Return): Status {
  const s = cpu.state;
  const parameters = target.high & PARAMETERS;
  if (!stack.takeInner(cpu, cpl, 0) || !stack.hasRoom(cpu, 4 + parameters, size)) return FAULT;
  if (offset >>> 0 > descriptorLimit(code) >>> 0) return cpu.raise(GP);
  if (!markAccessed(cpu, code)) return FAULT;
  if (!stack.push(cpu, s[SELECTOR + SS], size) || !stack.push(cpu, s[ESP], size)) return FAULT;
  for (let n = parameters - 1; n >= 0; n--) {
    const value = peek(cpu, n * size, size);
    if (cpu.faulted !== 0 || !stack.push(cpu, value, size)) return FAULT;
  }
  if (!stack.push(cpu, s[SELECTOR + CS], size) || !stack.push(cpu, back.eip, size)) return FAULT;
  stack.commit(cpu);
  commitSegment(cpu, CS, (selector & 0xfffc) | cpl, code);
  s[EIP] = offset;
  return TRANSFER_STOP;
}
