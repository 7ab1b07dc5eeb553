/**
 * Where a case lives in linear memory, and the segments it may use: the same on the host's processor (runner.c) and on
 * the emulated one.
 *
 * ```
 *  CODE  20000000  2 pages  executable, filled with INT3        (the pages behind and before are not mapped)
 *  FPU   28000000  1 page   x87 images: in at 0, out at 80h
 *  DATA  30000000  3 pages  writable, writable, read-only; filled with a fixed pattern
 * ```
 */

export const MAGIC = 0x6c63726f;
export const CODE = 0x20000000;
export const CODE_BYTES = 0x2000;
export const FPU = 0x28000000;
export const FPU_OUT = FPU + 0x80;
export const DATA = 0x30000000;
export const DATA_BYTES = 0x3000;
/** Writable bytes of the window. */
export const WRITABLE_BYTES = 0x2000;
/** Where the dwords of the code window come in a list of changes. */
export const CODE_WORDS = 0x10000;
/** Four INT3: what the code window is filled with. */
export const INT3 = 0xcccccccc | 0;
/** Words of an FSAVE image. */
export const IMAGE_WORDS = 27;

/** What the window holds before the patches of a case. */
export const pattern: Int32Array = (() => {
  const words = new Int32Array(DATA_BYTES / 4);
  let x = 0x9e3779b9;
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return words;
})();

/**
 * Selectors a program starts with: those of a 64-bit Linux kernel, until the runner reports others (a 32-bit kernel's are 73
 * and 7b; arch/x86/include/asm/segment.h).
 */
export const user = { cs: 0x23, ds: 0x2b };

/** A segment of the LDT, as modify_ldt describes it (struct user_desc). */
export interface LdtEntry {
  readonly base: number;
  /** In bytes, or in pages if `pages`. */
  readonly limit: number;
  readonly pages: boolean;
  readonly big: boolean;
  readonly type: "data" | "read-only" | "expand-down" | "code" | "execute-only";
  readonly present: boolean;
}

const entry = (type: LdtEntry["type"], base: number, limit: number, options: Partial<LdtEntry> = {}): LdtEntry => ({
  type,
  base,
  limit,
  pages: false,
  big: true,
  present: true,
  ...options,
});

export const ldt: readonly LdtEntry[] = [
  entry("data", DATA, 0xffff),
  entry("data", DATA, 0x17ff),
  entry("expand-down", DATA, 0x0fff),
  entry("read-only", DATA, 0xfffff, { pages: true }),
  entry("data", DATA, 0xffff, { big: false }),
  entry("code", CODE, 0x1fff),
  entry("code", CODE, 0x1fff, { big: false }),
  entry("data", DATA, 0xffff, { present: false }),
  entry("execute-only", CODE, 0x1fff),
  entry("expand-down", DATA, 0x07ff, { big: false }),
];

/** Selector of an LDT entry at privilege level 3. */
export const ldtSelector = (index: number): number => index * 8 + 7;
/** 64 KiB of data from DATA on: what 16-bit addresses reach. */
export const SMALL_DATA = ldtSelector(0);
export const LIMITED_DATA = ldtSelector(1);
export const STACK_16 = ldtSelector(4);
/** Code segments that begin at CODE. */
export const SMALL_CODE = ldtSelector(5);
export const CODE_16 = ldtSelector(6);
export const EXECUTE_ONLY = ldtSelector(8);

/** Base of a selector's segment: 0 for the flat ones. */
export function baseOf(selector: number): number {
  return (selector & 4) === 0 ? 0 : (ldt[selector >> 3]?.base ?? 0);
}

/** The four words of struct user_desc; contents is the type's bits 3..2. */
export function userDescriptor(index: number): [number, number, number, number] {
  const e = ldt[index];
  const contents = e.type === "expand-down" ? 1 : e.type === "code" || e.type === "execute-only" ? 2 : 0;
  const readExecuteOnly = e.type === "read-only" || e.type === "execute-only" ? 1 : 0;
  const flags =
    (e.big ? 1 : 0) |
    (contents << 1) |
    (readExecuteOnly << 3) |
    (e.pages ? 1 << 4 : 0) |
    (e.present ? 0 : 1 << 5) |
    (1 << 6);
  return [index, e.base, e.limit, flags];
}

/** Low and high dword of the descriptor that Linux makes of an entry (fill_ldt, arch/x86/include/asm/desc.h). */
export function descriptor(e: LdtEntry): [number, number] {
  const types = { data: 0x3, "read-only": 0x1, "expand-down": 0x7, code: 0xb, "execute-only": 0x9 };
  const low = ((e.base & 0xffff) << 16) | (e.limit & 0xffff);
  const access = types[e.type] | 0x70 | (e.present ? 0x80 : 0);
  const high =
    (e.base & 0xff000000) |
    ((e.base >>> 16) & 0xff) |
    (access << 8) |
    (e.limit & 0xf0000) |
    // AVL ("useable"), D/B, G
    (1 << 20) |
    (e.big ? 1 << 22 : 0) |
    (e.pages ? 1 << 23 : 0);
  return [low, high];
}

/** One instruction with everything it starts from. */
export interface Case {
  /** Row id, and what the coverage table calls the form. */
  readonly row: number;
  readonly form: string;
  readonly eip: number;
  readonly eflags: number;
  readonly regs: Int32Array;
  /** ES CS SS DS FS GS; -1 as a program starts: flat, FS and GS null. */
  readonly selectors: Int32Array;
  /** Linear address of the first byte of `code`. */
  readonly codeAddress: number;
  readonly code: Uint8Array;
  /** Offset in `code` of the instruction under test, and its length. */
  readonly at: number;
  readonly length: number;
  /** Dwords of the window that differ from its pattern: number, value. */
  readonly patches: readonly (readonly [number, number])[];
  /** FSAVE image to start from: an x87 case. */
  readonly image: Int32Array | undefined;
  /** Linear address of the memory operand, where the generator chose one. */
  readonly operand: number | undefined;
}

/** What became of a case. */
export interface Outcome {
  vector: number;
  errorCode: number;
  cr2: number;
  eip: number;
  eflags: number;
  regs: Int32Array;
  selectors: Int32Array;
  /** Dwords that differ from the window's pattern or, from CODE_WORDS on, from INT3: number, value, number, value ... */
  changes: Int32Array;
  image: Int32Array | undefined;
}
