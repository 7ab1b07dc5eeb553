/**
 * Segment and system descriptors (SDM 3A 3.4.5, 3.5).
 *
 * ```
 *        31      24  23   22  21  20   19     16  15  14 13  12  11    8  7       0
 *       +----------+---+----+---+----+----------+---+-----+---+--------+----------+
 *  high | base     | G | DB | 0 | AVL| limit    | P | DPL | S |  type  | base     |
 *       |   31..24 |   |    |   |    |   19..16 |   |     |   |        |   23..16 |
 *       +----------+---+----+---+----+----------+---+-----+---+--------+----------+
 *  low  | base 15..0                            | limit 15..0                      |
 *       +---------------------------------------+----------------------------------+
 *
 *  type of a segment (S = 1)   code: 1 C R A    data: 0 E W A
 *       C conforming, R readable, E expand-down, W writable, A accessed
 *
 *  A gate keeps an offset (low 15..0 and high 31..16) and a selector (low 31..16) instead of base and limit.
 * ```
 */

export class Descriptor {
  low = 0;
  high = 0;
  /** Linear address of the low dword. */
  address = 0;
}

/** Bits of the high dword, and of the ATTRIBUTES words of the state, which keep their positions. */
export const DESC_ACCESSED = 1 << 8;
/** Readable code, writable data. */
export const DESC_RW = 1 << 9;
/** Conforming code, expand-down data. */
export const DESC_CONFORMING = 1 << 10;
export const DESC_EXPAND_DOWN = 1 << 10;
export const DESC_CODE = 1 << 11;
/** 0: system descriptor. */
export const DESC_SEGMENT = 1 << 12;
export const DESC_PRESENT = 1 << 15;
/** D/B: 32-bit code, or 32-bit stack pointer. */
export const DESC_BIG = 1 << 22;
const DESC_GRANULAR = 1 << 23;
/** Type bit of a TSS: busy. */
export const TSS_BUSY = 1 << 9;
/** Type bit of a TSS or gate: 32-bit. */
export const SYSTEM_32 = 1 << 11;
const ATTRIBUTES = 0x00f0ff00;

/** System descriptor types (SDM 3A table 3-2). */
export const TSS_16 = 1;
export const LDT = 2;
export const TSS_16_BUSY = 3;
export const CALL_GATE_16 = 4;
export const TASK_GATE = 5;
export const INTERRUPT_GATE_16 = 6;
export const TRAP_GATE_16 = 7;
export const TSS_32 = 9;
export const TSS_32_BUSY = 11;
export const CALL_GATE_32 = 12;
export const INTERRUPT_GATE_32 = 14;
export const TRAP_GATE_32 = 15;

/** Bit of a selector: it names a descriptor of the LDT. */
export const SELECTOR_TI = 4;

/** Selectors 0..3, which name no descriptor. */
export function isNull(selector: number): boolean {
  return (selector & 0xfffc) === 0;
}

export function descriptorBase(d: Descriptor): number {
  return (d.low >>> 16) | ((d.high & 0xff) << 16) | (d.high & 0xff000000);
}

/** Highest offset (of an expand-down segment: highest invalid one), granularity applied; int32. */
export function descriptorLimit(d: Descriptor): number {
  const limit = (d.low & 0xffff) | (d.high & 0xf0000);
  return d.high & DESC_GRANULAR ? (limit << 12) | 0xfff : limit;
}

/** What the ATTRIBUTES words keep. */
export function descriptorAttributes(high: number): number {
  return high & ATTRIBUTES;
}

export function descriptorPrivilege(high: number): number {
  return (high >> 13) & 3;
}

/** Type of a system descriptor, 0..15; -1 for a segment. */
export function systemType(high: number): number {
  return high & DESC_SEGMENT ? -1 : (high >> 8) & 15;
}

export function isPresent(high: number): boolean {
  return (high & DESC_PRESENT) !== 0;
}

export function isCode(high: number): boolean {
  return (high & (DESC_SEGMENT | DESC_CODE)) === (DESC_SEGMENT | DESC_CODE);
}

export function isConformingCode(high: number): boolean {
  const bits = DESC_SEGMENT | DESC_CODE | DESC_CONFORMING;
  return (high & bits) === bits;
}

export function isWritableData(high: number): boolean {
  return (high & (DESC_SEGMENT | DESC_CODE | DESC_RW)) === (DESC_SEGMENT | DESC_RW);
}

export function gateSelector(d: Descriptor): number {
  return d.low >>> 16;
}

/** 32 or, of a 16-bit gate, 16 bits; int32. */
export function gateOffset(d: Descriptor): number {
  const low = d.low & 0xffff;
  return d.high & SYSTEM_32 ? (d.high & 0xffff0000) | low : low;
}
