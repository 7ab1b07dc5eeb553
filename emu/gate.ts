/** Entering a handler through an interrupt or trap gate of the guest's IDT (SDM 3A 6.11 to 6.13, 2A INT n). */
import { type Cpu, DB, FAULT, GP, NP, type Status, TRANSFER_STOP, TS } from "./cpu.ts";
import { DR7_GD } from "./debug-registers.ts";
import {
  Descriptor,
  descriptorLimit,
  descriptorPrivilege,
  gateOffset,
  gateSelector,
  INTERRUPT_GATE_16,
  INTERRUPT_GATE_32,
  isCode,
  isConformingCode,
  isNull,
  isPresent,
  SYSTEM_32,
  systemType,
  TASK_GATE,
  TRAP_GATE_16,
  TRAP_GATE_32,
} from "./descriptor.ts";
import { IF, NT, RF, readEflags, TF, VM } from "./flags.ts";
import { PendingStack } from "./pending-stack.ts";
import { commitSegment, markAccessed, readDescriptor, readDescriptorAt, selectorError } from "./segmentation.ts";
import { CPL, CS, DR, EIP, ESP, FLAG_REST, IDTR, SELECTOR, SS } from "./state.ts";

/**
 * "software": INT n, INT3, INTO, which the gate's DPL must allow. "external": everything else, also exceptions and INT1;
 * faults on the way then have EXT in their error codes.
 */
export type Cause = "software" | "external";

/** In place of an error code: the vector has none. */
export const NO_ERROR_CODE = -1;

/** Error code bit: the index is one of the IDT. */
const IDT = 2;

const gate = new Descriptor();
const code = new Descriptor();
const stack = new PendingStack();

function isInterruptOrTrapGate(type: number): boolean {
  return type === INTERRUPT_GATE_32 || type === TRAP_GATE_32 || type === INTERRUPT_GATE_16 || type === TRAP_GATE_16;
}

/**
 * Pushes the frame and transfers to the handler.
 *
 * @param errorCode pushed behind the return address, or NO_ERROR_CODE
 * @param returnEip offset in CS where the interrupted program goes on
 * @returns TRANSFER_STOP, or FAULT with registers and flags as they were
 */
export function enterGate(cpu: Cpu, vector: number, cause: Cause, errorCode: number, returnEip: number): Status {
  const status = enterThrough(cpu, vector, cause, errorCode, returnEip);
  // The handler may use the debug registers that general detect keeps from others (SDM 3B 17.2.4).
  if (status !== FAULT && vector === DB) cpu.state[DR + 7] &= ~DR7_GD;
  return status;
}

function enterThrough(cpu: Cpu, vector: number, cause: Cause, errorCode: number, returnEip: number): Status {
  const s = cpu.state;
  const ext = cause === "external" ? 1 : 0;
  const gateError = vector * 8 + IDT + ext;
  if (vector * 8 + 7 > (s[IDTR + 1] & 0xffff)) return cpu.raise(GP, gateError);
  if (!readDescriptorAt(cpu, (s[IDTR] + vector * 8) | 0, gate)) return FAULT;
  const type = systemType(gate.high);
  if (type !== TASK_GATE && !isInterruptOrTrapGate(type)) return cpu.raise(GP, gateError);
  if (cause === "software" && descriptorPrivilege(gate.high) < s[CPL]) return cpu.raise(GP, gateError);
  if (!isPresent(gate.high)) return cpu.raise(NP, gateError);
  if (type === TASK_GATE) return cpu.refuse("hardware task switch", TS, selectorError(gateSelector(gate), ext));
  return enterHandler(cpu, type, ext, errorCode, returnEip);
}

function enterHandler(cpu: Cpu, type: number, ext: number, errorCode: number, returnEip: number): Status {
  const s = cpu.state;
  const cpl = s[CPL];
  const selector = gateSelector(gate);
  if (isNull(selector)) return cpu.raise(GP, ext);
  if (!readDescriptor(cpu, selector, GP, ext, code)) return FAULT;
  const dpl = descriptorPrivilege(code.high);
  if (!isCode(code.high) || dpl > cpl) return cpu.raise(GP, selectorError(selector, ext));
  if (!isPresent(code.high)) return cpu.raise(NP, selectorError(selector, ext));
  const newCpl = isConformingCode(code.high) ? cpl : dpl;
  const inner = newCpl < cpl;
  if (!inner) stack.takeCurrent(cpu, ext);
  else if (!stack.takeInner(cpu, newCpl, ext)) return FAULT;
  const size = gate.high & SYSTEM_32 ? 4 : 2;
  const words = 3 + (inner ? 2 : 0) + (errorCode === NO_ERROR_CODE ? 0 : 1);
  if (!stack.hasRoom(cpu, words, size)) return FAULT;
  const offset = gateOffset(gate);
  if (offset >>> 0 > descriptorLimit(code) >>> 0) return cpu.raise(GP, ext);
  if (!markAccessed(cpu, code)) return FAULT;
  if (inner && !(stack.push(cpu, s[SELECTOR + SS], size) && stack.push(cpu, s[ESP], size))) return FAULT;
  if (!stack.push(cpu, readEflags(s), size)) return FAULT;
  if (!stack.push(cpu, s[SELECTOR + CS], size) || !stack.push(cpu, returnEip, size)) return FAULT;
  if (errorCode !== NO_ERROR_CODE && !stack.push(cpu, errorCode, size)) return FAULT;
  stack.commit(cpu);
  commitSegment(cpu, CS, (selector & 0xfffc) | newCpl, code);
  s[EIP] = offset;
  const masks = type === INTERRUPT_GATE_32 || type === INTERRUPT_GATE_16;
  s[FLAG_REST] &= ~(TF | NT | RF | VM | (masks ? IF : 0));
  return TRANSFER_STOP;
}
