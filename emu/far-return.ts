/**
 * Far RET and IRET, to the same or an outer privilege level (SDM 3A 5.8.6, 2A IRET, 2B RET).
 *
 * Everything is popped and checked before the first change of a register (P50).
 */
import { ATTR_BIG, type Cpu, FAULT, GP, NP, SS_FAULT, type Status, TRANSFER_STOP, TS } from "./cpu.ts";
import {
  DESC_CODE,
  DESC_CONFORMING,
  DESC_PRESENT,
  Descriptor,
  descriptorLimit,
  descriptorPrivilege,
  isCode,
  isConformingCode,
  isNull,
  isPresent,
  isWritableData,
} from "./descriptor.ts";
import { mergedEflags } from "./eflags.ts";
import { NT, VM } from "./flags.ts";
import { moveStackPointer, peek, writeRegister } from "./instructions/operand.ts";
import { commitNull, commitSegment, markAccessed, readDescriptor, selectorError } from "./segmentation.ts";
import { ATTRIBUTES, CPL, CS, DS, EIP, ES, ESP, FLAG_REST, FS, GS, SS } from "./state.ts";

const code = new Descriptor();
const stack = new Descriptor();

/**
 * RETF.
 *
 * @param released bytes of parameters to release, on both stacks where the level changes
 * @returns TRANSFER_STOP or FAULT
 */
export function farReturn(cpu: Cpu, size: number, released: number): Status {
  const offset = peek(cpu, 0, size);
  if (cpu.faulted !== 0) return FAULT;
  const selector = peek(cpu, size, size) & 0xffff;
  if (cpu.faulted !== 0) return FAULT;
  return returnTo(cpu, selector, offset, size, 2 * size + released, released);
}

/** IRET. @returns TRANSFER_STOP or FAULT */
export function interruptReturn(cpu: Cpu, size: number): Status {
  const s = cpu.state;
  if ((s[FLAG_REST] & NT) !== 0) return cpu.refuse("hardware task switch", TS, 0);
  const offset = peek(cpu, 0, size);
  if (cpu.faulted !== 0) return FAULT;
  const selector = peek(cpu, size, size) & 0xffff;
  if (cpu.faulted !== 0) return FAULT;
  const image = peek(cpu, 2 * size, size);
  if (cpu.faulted !== 0) return FAULT;
  if (size === 4 && (image & VM) !== 0 && s[CPL] === 0) return cpu.refuse("virtual-8086 mode", GP, 0);
  // What may change depends on the level that is left.
  const eflags = mergedEflags(cpu, image, size, "resume");
  const status = returnTo(cpu, selector, offset, size, 3 * size, 0);
  if (status !== FAULT) cpu.setEflags(eflags);
  return status;
}

/**
 * @param popped bytes that leave the current stack before an outer stack pointer, if there is one
 * @param released bytes that leave the outer stack
 */
function returnTo(cpu: Cpu, selector: number, offset: number, size: number, popped: number, released: number): Status {
  const cpl = cpu.state[CPL];
  if (isNull(selector)) return cpu.raise(GP);
  if (!readDescriptor(cpu, selector, GP, 0, code)) return FAULT;
  const rpl = selector & 3;
  const dpl = descriptorPrivilege(code.high);
  const allowed = isCode(code.high) && rpl >= cpl && (isConformingCode(code.high) ? dpl <= rpl : dpl === rpl);
  if (!allowed) return cpu.raise(GP, selectorError(selector));
  if (!isPresent(code.high)) return cpu.raise(NP, selectorError(selector));
  if (rpl > cpl) return outerLevel(cpu, selector, offset, size, popped, released);
  if (offset >>> 0 > descriptorLimit(code) >>> 0) return cpu.raise(GP);
  if (!markAccessed(cpu, code)) return FAULT;
  moveStackPointer(cpu, popped);
  commitSegment(cpu, CS, selector, code);
  cpu.state[EIP] = offset;
  return TRANSFER_STOP;
}

function outerLevel(
  cpu: Cpu,
  selector: number,
  offset: number,
  size: number,
  popped: number,
  released: number,
): Status {
  const cpl = selector & 3;
  const pointer = peek(cpu, popped, size);
  if (cpu.faulted !== 0) return FAULT;
  const stackSelector = peek(cpu, popped + size, size) & 0xffff;
  if (cpu.faulted !== 0) return FAULT;
  if (isNull(stackSelector)) return cpu.raise(GP);
  if (!readDescriptor(cpu, stackSelector, GP, 0, stack)) return FAULT;
  if ((stackSelector & 3) !== cpl || descriptorPrivilege(stack.high) !== cpl || !isWritableData(stack.high)) {
    return cpu.raise(GP, selectorError(stackSelector));
  }
  if (!isPresent(stack.high)) return cpu.raise(SS_FAULT, selectorError(stackSelector));
  if (offset >>> 0 > descriptorLimit(code) >>> 0) return cpu.raise(GP);
  if (!markAccessed(cpu, code) || !markAccessed(cpu, stack)) return FAULT;
  commitSegment(cpu, CS, selector, code);
  cpu.state[EIP] = offset;
  commitSegment(cpu, SS, stackSelector, stack);
  // With SS.B = 0 the upper half of ESP stays that of the inner stack.
  writeRegister(cpu, ESP, pointer + released, stack.high & ATTR_BIG ? 4 : 2);
  for (const seg of [ES, DS, FS, GS]) dropInnerSegment(cpu, seg, cpl);
  return TRANSFER_STOP;
}

/** A data segment that the outer level could not have loaded becomes null. */
function dropInnerSegment(cpu: Cpu, seg: number, cpl: number): void {
  const attributes = cpu.state[ATTRIBUTES + seg];
  if ((attributes & DESC_PRESENT) === 0) return;
  const conforming = (attributes & (DESC_CODE | DESC_CONFORMING)) === (DESC_CODE | DESC_CONFORMING);
  if (!conforming && descriptorPrivilege(attributes) < cpl) commitNull(cpu, seg, 0);
}
