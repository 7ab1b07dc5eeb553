/** What became of a page fault. */

/** The fault is resolved: the access may be repeated. Anything else is the signal that the task gets. */
export type FaultOutcome = 0 | FaultSignal;

export interface FaultSignal {
  readonly signo: number;
  readonly code: number;
}

const SIGBUS = 7;
const SIGKILL = 9;
const SIGSEGV = 11;

/** No mapping at the address. */
export const SEGV_MAPERR: FaultSignal = Object.freeze({ signo: SIGSEGV, code: 1 });
/** A mapping that forbids the access. */
export const SEGV_ACCERR: FaultSignal = Object.freeze({ signo: SIGSEGV, code: 2 });
/** A page beyond the end of its file, or one that cannot be read (BUS_ADRERR). */
export const BUS_ADRERR: FaultSignal = Object.freeze({ signo: SIGBUS, code: 2 });
/** No frame is left: the task is killed. */
export const OUT_OF_MEMORY: FaultSignal = Object.freeze({ signo: SIGKILL, code: 0 });

/** How a fault was resolved, or why not: indices of the counters. */
export const FAULT_ZERO = 0;
export const FAULT_ZERO_PAGE = 1;
export const FAULT_FILE_CACHED = 2;
export const FAULT_FILE_MAJOR = 3;
export const FAULT_COW_COPY = 4;
export const FAULT_COW_REUSE = 5;
export const FAULT_SPURIOUS = 6;
export const FAULT_SEGV = 7;
export const FAULT_BUS = 8;
export const FAULT_OOM = 9;
export const FAULT_MKWRITE = 10;

/** Names of the kinds, in the order of their numbers. */
export const FAULT_KINDS = [
  "zero",
  "zero-page read",
  "file cached",
  "file major",
  "COW copy",
  "COW reuse",
  "spurious",
  "SEGV",
  "BUS",
  "OOM",
  "page_mkwrite",
] as const;

/** The last fault of the machine; one object, overwritten by the next. */
export class FaultRecord {
  address = 0;
  /** As the processor pushed it: PF_* bits. */
  errorCode = 0;
  /** FAULT_*. */
  kind = FAULT_SPURIOUS;
  /** Did the backing store have to be read? */
  major = false;
  /** Did the stack grow first? */
  stackGrowth = false;
  pteBefore = 0;
  pteAfter = 0;
}

/** Faults so far, by kind; stack growth comes with another kind. */
export class FaultCounters {
  readonly byKind = new Float64Array(FAULT_KINDS.length);
  stackGrowth = 0;
}
