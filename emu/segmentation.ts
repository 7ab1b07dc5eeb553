/**
 * Loading segment registers from the descriptor tables in guest memory (SDM 3A 3.4, 5.2 to 5.8).
 *
 * Tables are read and accessed bits set by supervisor accesses through paging, whatever the CPL (P18, P19). A register
 * changes only after the last check and the last reference have succeeded (P49).
 */
import { type Cpu, FAULT, GP, NEXT, NP, SS_FAULT, type Status } from "./cpu.ts";
import {
  DESC_ACCESSED,
  DESC_CODE,
  DESC_PRESENT,
  DESC_RW,
  DESC_SEGMENT,
  Descriptor,
  descriptorAttributes,
  descriptorBase,
  descriptorLimit,
  descriptorPrivilege,
  isConformingCode,
  isNull,
  isPresent,
  isWritableData,
  SELECTOR_TI,
} from "./descriptor.ts";
import { CPL, GDTR, LDTR, SS } from "./state.ts";

/** Offset of the last byte of a descriptor. */
const LAST_BYTE = 7;

/** Error code that names a selector (SDM 3A 6.13). @param ext 1 if the event that was being delivered is external */
export function selectorError(selector: number, ext = 0): number {
  return (selector & 0xfffc) | ext;
}

/** Linear address of the descriptor a selector names, uint32; -1 if it is null or beyond its table. */
export function descriptorAddress(cpu: Cpu, selector: number): number {
  if (isNull(selector)) return -1;
  const s = cpu.state;
  const index = selector & 0xfff8;
  if ((selector & SELECTOR_TI) === 0) {
    return index + LAST_BYTE > (s[GDTR + 1] & 0xffff) ? -1 : (s[GDTR] + index) >>> 0;
  }
  if ((s[LDTR + 3] & DESC_PRESENT) === 0 || index + LAST_BYTE > s[LDTR + 2] >>> 0) return -1;
  return (s[LDTR + 1] + index) >>> 0;
}

/** Reads the 8 bytes of a descriptor or gate. @returns false after a page fault */
export function readDescriptorAt(cpu: Cpu, address: number, into: Descriptor): boolean {
  into.address = address | 0;
  into.low = cpu.loadLinear(into.address, 4, 0);
  if (cpu.faulted !== 0) return false;
  into.high = cpu.loadLinear((into.address + 4) | 0, 4, 0);
  return cpu.faulted === 0;
}

/**
 * Reads the descriptor that a selector, not null, names.
 *
 * @param vector exception raised where the selector is beyond its table
 * @param ext bit 0 of the error code
 * @returns false after a fault
 */
export function readDescriptor(cpu: Cpu, selector: number, vector: number, ext: number, into: Descriptor): boolean {
  const address = descriptorAddress(cpu, selector);
  if (address < 0) {
    cpu.raise(vector, selectorError(selector, ext));
    return false;
  }
  return readDescriptorAt(cpu, address, into);
}

/** Sets bits in the high dword: one locked read-modify-write. @returns false after a page fault */
export function setDescriptorBits(cpu: Cpu, d: Descriptor, bits: number): boolean {
  if (!cpu.bus.openRmw((d.address + 4) | 0, 4, 0)) {
    cpu.raisePageFault();
    return false;
  }
  cpu.bus.rmwWrite(cpu.bus.rmwRead() | bits);
  d.high |= bits;
  return true;
}

/** Sets the accessed bit of a segment that has not got it (P19). @returns false after a page fault */
export function markAccessed(cpu: Cpu, d: Descriptor): boolean {
  return (d.high & DESC_ACCESSED) !== 0 || setDescriptorBits(cpu, d, DESC_ACCESSED);
}

/** Puts a checked descriptor into a segment register; into CS it brings the CPL along. */
export function commitSegment(cpu: Cpu, seg: number, selector: number, d: Descriptor): void {
  cpu.setSegmentRaw(seg, selector, descriptorBase(d), descriptorLimit(d), descriptorAttributes(d.high));
}

/** A null selector: the segment becomes unusable. */
export function commitNull(cpu: Cpu, seg: number, selector: number): void {
  cpu.setSegmentRaw(seg, selector, 0, 0, 0);
}

/** The stack segment must be as privileged as the code that uses it. */
function suitsStack(cpl: number, selector: number, high: number): boolean {
  return (selector & 3) === cpl && isWritableData(high) && descriptorPrivilege(high) === cpl;
}

/** Readable, and not more privileged than CPL and RPL unless conforming code. */
export function isReadableFrom(cpl: number, selector: number, high: number): boolean {
  if ((high & DESC_SEGMENT) === 0 || (high & (DESC_CODE | DESC_RW)) === DESC_CODE) return false;
  if (isConformingCode(high)) return true;
  return descriptorPrivilege(high) >= Math.max(cpl, selector & 3);
}

const scratch = new Descriptor();

/**
 * MOV to ES, SS, DS, FS or GS: all checks, accessed bit, then the register (SDM 2B MOV).
 *
 * @returns NEXT, or FAULT with #GP, #SS or #NP(selector), or #PF in a descriptor table
 */
export function loadSegment(cpu: Cpu, seg: number, selector: number): Status {
  const d = scratch;
  if (isNull(selector)) {
    if (seg === SS) return cpu.raise(GP);
    commitNull(cpu, seg, selector);
    return NEXT;
  }
  if (!readDescriptor(cpu, selector, GP, 0, d)) return FAULT;
  const cpl = cpu.state[CPL];
  const suits = seg === SS ? suitsStack(cpl, selector, d.high) : isReadableFrom(cpl, selector, d.high);
  if (!suits) return cpu.raise(GP, selectorError(selector));
  if (!isPresent(d.high)) return cpu.raise(seg === SS ? SS_FAULT : NP, selectorError(selector));
  if (!markAccessed(cpu, d)) return FAULT;
  commitSegment(cpu, seg, selector, d);
  return NEXT;
}
