/** Descriptor table registers, and instructions that look at descriptors without loading them. */
import { WRITE } from "../../mmu/index.ts";
import { type Cpu, FAULT, GP, NEXT, NP, type Status } from "../cpu.ts";
import {
  CALL_GATE_16,
  CALL_GATE_32,
  Descriptor,
  descriptorAttributes,
  descriptorBase,
  descriptorLimit,
  descriptorPrivilege,
  isConformingCode,
  isNull,
  isPresent,
  isWritableData,
  LDT,
  SELECTOR_TI,
  systemType,
  TASK_GATE,
  TSS_16,
  TSS_16_BUSY,
  TSS_32,
  TSS_32_BUSY,
  TSS_BUSY,
} from "../descriptor.ts";
import { updateStatusFlags, ZF } from "../flags.ts";
import { isMemory, operandSize, reg, segment } from "../record.ts";
import {
  descriptorAddress,
  isReadableFrom,
  readDescriptor,
  readDescriptorAt,
  selectorError,
  setDescriptorBits,
} from "../segmentation.ts";
import { CPL, GDTR, IDTR, LDTR, TR } from "../state.ts";
import type { Handler, Handlers } from "./handler.ts";
import { effectiveAddress, openSpan, readE, readRegister, writeE, writeRegister } from "./operand.ts";

/** System descriptors that LAR, and those that LSL accepts (SDM 2A tables 3-52, 3-56). */
const LAR_TYPES: readonly number[] = [
  TSS_16,
  LDT,
  TSS_16_BUSY,
  CALL_GATE_16,
  TASK_GATE,
  TSS_32,
  TSS_32_BUSY,
  CALL_GATE_32,
];
const LSL_TYPES: readonly number[] = [TSS_16, LDT, TSS_16_BUSY, TSS_32, TSS_32_BUSY];

/** Limit and base. */
const TABLE_PIECES: readonly number[] = [2, 4];

const d = new Descriptor();

/** SLDT and STR: 16 bits into memory, zero-extended into a 32-bit register. */
const storeSelector =
  (word: number): Handler =>
  (cpu, code, ip) =>
    writeE(cpu, code, ip, cpu.state[word], isMemory(code, ip) ? 2 : operandSize(code, ip)) ? NEXT : FAULT;

/** Keeps a checked descriptor in LDTR or TR. */
function commit(cpu: Cpu, word: number, selector: number): Status {
  const s = cpu.state;
  s[word] = selector;
  s[word + 1] = descriptorBase(d);
  s[word + 2] = descriptorLimit(d);
  s[word + 3] = descriptorAttributes(d.high);
  return NEXT;
}

const lldt: Handler = (cpu, code, ip) => {
  if (cpu.state[CPL] !== 0) return cpu.raise(GP);
  const selector = readE(cpu, code, ip, 2);
  if (cpu.faulted !== 0) return FAULT;
  if (isNull(selector)) {
    cpu.state.fill(0, LDTR, LDTR + 4);
    cpu.state[LDTR] = selector;
    return NEXT;
  }
  if ((selector & SELECTOR_TI) !== 0) return cpu.raise(GP, selectorError(selector));
  if (!readDescriptor(cpu, selector, GP, 0, d)) return FAULT;
  if (systemType(d.high) !== LDT) return cpu.raise(GP, selectorError(selector));
  if (!isPresent(d.high)) return cpu.raise(NP, selectorError(selector));
  return commit(cpu, LDTR, selector);
};

/** Sets the busy bit in the descriptor. */
const ltr: Handler = (cpu, code, ip) => {
  if (cpu.state[CPL] !== 0) return cpu.raise(GP);
  const selector = readE(cpu, code, ip, 2);
  if (cpu.faulted !== 0) return FAULT;
  if (isNull(selector)) return cpu.raise(GP);
  if ((selector & SELECTOR_TI) !== 0) return cpu.raise(GP, selectorError(selector));
  if (!readDescriptor(cpu, selector, GP, 0, d)) return FAULT;
  const type = systemType(d.high);
  if (type !== TSS_32 && type !== TSS_16) return cpu.raise(GP, selectorError(selector));
  if (!isPresent(d.high)) return cpu.raise(NP, selectorError(selector));
  if (!setDescriptorBits(cpu, d, TSS_BUSY)) return FAULT;
  return commit(cpu, TR, selector);
};

/** SGDT and SIDT: limit, then all 32 bits of the base, whatever the operand size. */
const storeTable =
  (word: number): Handler =>
  (cpu, code, ip) => {
    const seg = segment(code, ip);
    const at = effectiveAddress(cpu, code, ip);
    if (!openSpan(cpu, seg, at, TABLE_PIECES, 4, WRITE)) return FAULT;
    cpu.bus.put16(0, cpu.state[word + 1]);
    cpu.bus.put32(2, cpu.state[word]);
    return NEXT;
  };

/** LGDT and LIDT: with a 16-bit operand size the base has 24 bits. */
const loadTable =
  (word: number): Handler =>
  (cpu, code, ip) => {
    if (cpu.state[CPL] !== 0) return cpu.raise(GP);
    const seg = segment(code, ip);
    const at = effectiveAddress(cpu, code, ip);
    const limit = cpu.load(seg, at, 2);
    if (cpu.faulted !== 0) return FAULT;
    const base = cpu.load(seg, (at + 2) | 0, 4);
    if (cpu.faulted !== 0) return FAULT;
    cpu.state[word] = operandSize(code, ip) === 2 ? base & 0xffffff : base;
    cpu.state[word + 1] = limit;
    return NEXT;
  };

function setZero(cpu: Cpu, visible: boolean): void {
  updateStatusFlags(cpu.state, visible ? ZF : 0, ZF);
}

/** Whether CPL and RPL may see the descriptor at all. */
function isVisible(cpu: Cpu, selector: number, types: readonly number[]): boolean {
  const type = systemType(d.high);
  if (type >= 0 && !types.includes(type)) return false;
  return isConformingCode(d.high) || descriptorPrivilege(d.high) >= Math.max(cpu.state[CPL], selector & 3);
}

/** LAR and LSL: what cannot be seen leaves the register alone and clears ZF. */
const inspect =
  (types: readonly number[], value: () => number): Handler =>
  (cpu, code, ip) => {
    const selector = readE(cpu, code, ip, 2);
    if (cpu.faulted !== 0) return FAULT;
    const address = descriptorAddress(cpu, selector);
    if (address >= 0 && !readDescriptorAt(cpu, address, d)) return FAULT;
    const visible = address >= 0 && isVisible(cpu, selector, types);
    if (visible) writeRegister(cpu, reg(code, ip), value(), operandSize(code, ip));
    setZero(cpu, visible);
    return NEXT;
  };

/** VERR and VERW: ZF says whether a load and an access would succeed, presence aside. */
const verify =
  (allows: (cpl: number, selector: number, high: number) => boolean): Handler =>
  (cpu, code, ip) => {
    const selector = readE(cpu, code, ip, 2);
    if (cpu.faulted !== 0) return FAULT;
    const address = descriptorAddress(cpu, selector);
    if (address >= 0 && !readDescriptorAt(cpu, address, d)) return FAULT;
    setZero(cpu, address >= 0 && allows(cpu.state[CPL], selector, d.high));
    return NEXT;
  };

/** Writable data, not more privileged than CPL and RPL. */
function isWritableFrom(cpl: number, selector: number, high: number): boolean {
  return isWritableData(high) && descriptorPrivilege(high) >= Math.max(cpl, selector & 3);
}

/** Raises the RPL of the destination to that of the source. */
/** Writes only where it changes something: a selector that is high enough may lie in read-only memory. */
const arpl: Handler = (cpu, code, ip) => {
  const selector = readE(cpu, code, ip, 2);
  if (cpu.faulted !== 0) return FAULT;
  const rpl = readRegister(cpu, reg(code, ip), 2) & 3;
  const raised = (selector & 3) < rpl;
  if (raised && !writeE(cpu, code, ip, (selector & ~3) | rpl, 2)) return FAULT;
  setZero(cpu, raised);
  return NEXT;
};

export const descriptorTableHandlers: Handlers = {
  "SLDT Rv/Mw": storeSelector(LDTR),
  "STR Rv/Mw": storeSelector(TR),
  "LLDT Ew": lldt,
  "LTR Ew": ltr,
  "SGDT Ms": storeTable(GDTR),
  "SIDT Ms": storeTable(IDTR),
  "LGDT Ms": loadTable(GDTR),
  "LIDT Ms": loadTable(IDTR),
  // undefined: bits 19..16, which AMD family 19h leaves as the limit's.
  "LAR Gv,Ew": inspect(LAR_TYPES, () => d.high & 0x00ffff00),
  "LSL Gv,Ew": inspect(LSL_TYPES, () => descriptorLimit(d)),
  "VERR Ew": verify(isReadableFrom),
  "VERW Ew": verify(isWritableFrom),
  "ARPL Ew,Gw": arpl,
};
