/** Why run() came back, in the words of a shell. */

import { type Kernel, type RunReason, signalName } from "../kernel/index.ts";

/** The instruction that a fatal signal belongs to. */
export interface FatalFault {
  readonly eip: number;
  /** si_addr where it is another address than the instruction's, else null. */
  readonly address: number | null;
}

export type RunResult =
  | {
      /** The program has ended, and so has, or sleeps for ever, everything it started. */
      readonly reason: "exit";
      /** 0..255 as a shell shows it: 128 + n if signal n ended the program. */
      readonly exitStatus: number;
      /** "SIGSEGV"; null if the program ended by itself. */
      readonly signal: string | null;
      /** A core would have been dumped. */
      readonly coreDumped: boolean;
      readonly fault: FatalFault | null;
    }
  /** As much has run as was allowed; run() continues. */
  | { readonly reason: "budget" }
  /** stop() was called; run() continues. */
  | { readonly reason: "stopped" }
  /** Every process sleeps and one at least reads standard input. A timer will go off at cycle `until`, or never (Infinity). */
  | { readonly reason: "input"; readonly until: number }
  /** Every process sleeps and nothing can wake one. */
  | { readonly reason: "deadlock" };

/** A wait status (wait(2)) as a shell shows it. */
export function exitStatusOf(waitStatus: number): { exitStatus: number; signal: string | null; coreDumped: boolean } {
  const signo = waitStatus & 0x7f;
  if (signo === 0) return { exitStatus: (waitStatus >> 8) & 0xff, signal: null, coreDumped: false };
  return { exitStatus: 128 + signo, signal: signalName(signo), coreDumped: (waitStatus & 0x80) !== 0 };
}

export function runResult(kernel: Kernel, reason: RunReason): RunResult {
  switch (reason.kind) {
    case "exit": {
      const fatal = kernel.mainExit?.fatal ?? null;
      const fault = fatal === null ? null : { eip: fatal.eip, address: otherAddress(fatal.info.addr, fatal.eip) };
      return { reason: "exit", ...exitStatusOf(reason.status), fault };
    }
    case "input":
      return { reason: "input", until: reason.until };
    default:
      return { reason: reason.kind };
  }
}

function otherAddress(address: number | undefined, eip: number): number | null {
  return address === undefined || address === eip ? null : address;
}
