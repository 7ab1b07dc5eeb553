/**
 * Segment descriptors as programs may ask for them: struct user_desc of set_thread_area() and modify_ldt()
 * (arch/x86/include/uapi/asm/ldt.h, include/asm/desc.h fill_ldt()).
 *
 *     descriptor, high word                                          low word
 *     31      24 23 22 20 19     16 15 14-13 12 11   8 7       0     31        16 15         0
 *     base 31-24  G D AVL limit     P   DPL  S  type  base 23-16     base 15-0    limit 15-0
 */

export const USER_DESC_BYTES = 16;

/** struct user_desc; flags as 0 or 1. */
export interface UserDesc {
  entryNumber: number;
  /** uint32. */
  base: number;
  /** 20 bits, in bytes or pages. */
  limit: number;
  seg32: number;
  /** 0 data, 1 expand-down data, 2 code, 3 conforming code. */
  contents: number;
  readExecOnly: number;
  limitInPages: number;
  notPresent: number;
  useable: number;
}

export function decodeUserDesc(bytes: Uint8Array): UserDesc {
  const view = new DataView(bytes.buffer, bytes.byteOffset, USER_DESC_BYTES);
  const flags = view.getUint32(12, true);
  return {
    entryNumber: view.getInt32(0, true),
    base: view.getUint32(4, true),
    limit: view.getUint32(8, true),
    seg32: flags & 1,
    contents: (flags >> 1) & 3,
    readExecOnly: (flags >> 3) & 1,
    limitInPages: (flags >> 4) & 1,
    notPresent: (flags >> 5) & 1,
    useable: (flags >> 6) & 1,
  };
}

export function encodeUserDesc(desc: UserDesc): Uint8Array {
  const bytes = new Uint8Array(USER_DESC_BYTES);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, desc.entryNumber, true);
  view.setUint32(4, desc.base, true);
  view.setUint32(8, desc.limit, true);
  const low = desc.seg32 | (desc.contents << 1) | (desc.readExecOnly << 3);
  view.setUint32(12, low | (desc.limitInPages << 4) | (desc.notPresent << 5) | (desc.useable << 6), true);
  return bytes;
}

/** LDT_empty(): the way a program says "no descriptor". */
export function isEmptyDesc(d: UserDesc): boolean {
  const rest = d.contents | d.seg32 | d.limitInPages | d.useable;
  return d.base === 0 && d.limit === 0 && rest === 0 && d.readExecOnly === 1 && d.notPresent === 1;
}

/** LDT_zero(). */
export function isZeroDesc(d: UserDesc): boolean {
  const rest = d.contents | d.seg32 | d.limitInPages | d.useable | d.readExecOnly | d.notPresent;
  return d.base === 0 && d.limit === 0 && rest === 0;
}

/** tls_desc_okay(): may it stand in the GDT? */
export function isTlsDesc(d: UserDesc): boolean {
  if (isEmptyDesc(d) || isZeroDesc(d)) return true;
  return d.seg32 === 1 && d.contents <= 1 && d.notPresent === 0;
}

const DESC_ACCESSED = 1 << 8;
const DESC_WRITE_OR_READ = 1 << 9;
const DESC_USER_SEGMENT = 1 << 12;
const DESC_DPL_3 = 3 << 13;
const DESC_PRESENT = 1 << 15;
const DESC_AVL = 1 << 20;
const DESC_BIG = 1 << 22;
const DESC_PAGES = 1 << 23;

/** fill_ldt(): low and high word, int32. */
export function packDesc(d: UserDesc): [low: number, high: number] {
  const low = ((d.base & 0xffff) << 16) | (d.limit & 0xffff);
  const type = DESC_ACCESSED | (d.readExecOnly ? 0 : DESC_WRITE_OR_READ) | (d.contents << 10);
  const flags =
    DESC_USER_SEGMENT |
    DESC_DPL_3 |
    (d.notPresent ? 0 : DESC_PRESENT) |
    (d.useable ? DESC_AVL : 0) |
    (d.seg32 ? DESC_BIG : 0) |
    (d.limitInPages ? DESC_PAGES : 0);
  const high = (d.base & 0xff000000) | ((d.base >>> 16) & 0xff) | (d.limit & 0xf0000) | type | flags;
  return [low, high | 0];
}

/** fill_user_desc(). */
export function unpackDesc(entryNumber: number, low: number, high: number): UserDesc {
  return {
    entryNumber,
    base: descBase(low, high),
    limit: (low & 0xffff) | (high & 0xf0000),
    seg32: high & DESC_BIG ? 1 : 0,
    contents: (high >> 10) & 3,
    readExecOnly: high & DESC_WRITE_OR_READ ? 0 : 1,
    limitInPages: high & DESC_PAGES ? 1 : 0,
    notPresent: high & DESC_PRESENT ? 0 : 1,
    useable: high & DESC_AVL ? 1 : 0,
  };
}

/** Linear base address, uint32. */
export function descBase(low: number, high: number): number {
  return ((low >>> 16) | ((high & 0xff) << 16) | (high & 0xff000000)) >>> 0;
}

/** Highest valid offset with the granularity applied, uint32. */
export function descLimit(low: number, high: number): number {
  const limit = (low & 0xffff) | (high & 0xf0000);
  return (high & DESC_PAGES ? (limit << 12) | 0xfff : limit) >>> 0;
}

/** Present, a code or data segment, usable at CPL 3. */
export function isUserSegment(high: number): boolean {
  return (high & (DESC_PRESENT | DESC_USER_SEGMENT)) === (DESC_PRESENT | DESC_USER_SEGMENT);
}

export function isCode(high: number): boolean {
  return (high & (1 << 11)) !== 0;
}

/** Readable code or writable data. */
export function isReadWrite(high: number): boolean {
  return (high & DESC_WRITE_OR_READ) !== 0;
}

export function isConforming(high: number): boolean {
  return (high & ((1 << 11) | (1 << 10))) === ((1 << 11) | (1 << 10));
}

export function descDpl(high: number): number {
  return (high >> 13) & 3;
}

/** Bits 8..15 and 20..23 of the high word: the attributes of a segment register's hidden part. */
export function descAttributes(high: number): number {
  return high & 0x00f0ff00;
}
