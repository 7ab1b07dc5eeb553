/** How a translated region and the rest of the machine talk: where it was left, what it needs to know, and their mailbox. */
import type { Operations } from "./region.ts";

/** Functions that the runtime gives to every module, by index. */
export const IMPORTS = ["load", "store", "open", "readOpen", "writeOpen", "handle"] as const;
export const LOAD = 0;
export const STORE = 1;
export const OPEN = 2;
export const READ_OPEN = 3;
export const WRITE_OPEN = 4;
export const HANDLE = 5;

/** How a region was left at a site. */
export type SiteKind =
  /** At a control transfer; EIP is set. */
  | "transfer"
  /** Where another region could go on, were there tail calls; EIP is set. */
  | "chain"
  /** Before the instruction at the site's offset, which other code goes on with, or which must be executed alone. */
  | "leave"
  | "single"
  /** The site's instruction has been executed, its successor follows in memory. */
  | "after"
  /** The site's instruction faulted, or its handler ended with another status: the runtime knows. */
  | "fault"
  | "handler";

export interface Site {
  readonly kind: SiteKind;
  /** Record of the instruction, -1 for "transfer". */
  readonly ip: number;
  /** Page offset of the instruction; of "leave" and "single" where to go on. */
  readonly offset: number;
  /** Operand size, of memory accesses. */
  readonly size: number;
  /** Executed of the block before the instruction; with it for "after". */
  readonly count: number;
  readonly clocks: number;
  readonly reads: number;
  readonly writes: number;
}

/** What of the machine the code depends on; byte offsets into its memory. */
export interface Surroundings {
  readonly code: Int32Array;
  /** Word index and byte offset of the CPU state. */
  readonly stateWord: number;
  /** Table of the code page: word index (code-cache.ts). */
  readonly table: number;
  /** First slot of the class, and the mask of page numbers. */
  readonly readSlots: number;
  readonly readMask: number;
  readonly writeSlots: number;
  readonly writeMask: number;
  /** Where runtime and code leave messages: MAIL_ words. */
  readonly mail: number;
  readonly fetchSlots: number;
  readonly fetchMask: number;
  /** Byte offsets of guest RAM and of the frames' tables (code-cache.ts). */
  readonly ramBase: number;
  readonly frames: number;
  /** 1 for CPL 3. */
  readonly user: number;
  /** Does the host's WebAssembly have return_call_indirect? */
  readonly tailCalls: boolean;
  /** Index of the region in the table of functions. The records of its blocks have tagOf() it in THEN. */
  readonly number: number;
  /** Index of its first site. */
  readonly firstSite: number;
  readonly operations: Operations;
}

/** Mail: 0, SLOW_FAULT, or SLOW_LEAVE after the instruction; clocks that a walk took; LEFT; PAGE; TALLY (two words). */
export const MAIL_SLOW = 0;
export const MAIL_CLOCKS = 4;
export const MAIL_LEFT = 8;
export const MAIL_PAGE = 12;
export const MAIL_TALLY = 16;
export const MAIL_BYTES = 24;
export const SLOW_FAULT = 1;
export const SLOW_LEAVE = 2;

/** What THEN of a record holds whose operation is ENTER_REGION: region, privilege, block. */
export function tagOf(number: number, user: number, block: number): number {
  return (number << 9) | (user << 8) | block;
}
