/**
 * Exception vectors, what executing an instruction led to, and why an engine came back.
 */

/** Exception vectors (SDM 3A table 6-1). */
export const DE = 0;
export const DB = 1;
export const BP = 3;
export const OF_TRAP = 4;
export const BR = 5;
export const UD = 6;
export const NM = 7;
export const DOUBLE_FAULT = 8;
export const TS = 10;
export const NP = 11;
export const SS_FAULT = 12;
export const GP = 13;
export const PF = 14;
export const MF = 16;
export const AC_FAULT = 17;

/** What executing one instruction led to. */
export type Status = number;
/** Done; the next instruction follows in memory. */
export const NEXT = 0;
/** Done; EIP holds the target of a control transfer. */
export const TRANSFER = 1;
/** Not executed: `trap` says why. EIP still points at the instruction. */
export const FAULT = 2;
/** Done, the next instruction follows in memory, but state changed that the engine has to look at first. */
export const STOP = 3;
/** Done; `trap` asks for the delivery of a software interrupt or trap. EIP points behind the instruction. */
export const TRAP = 4;
/** A repeated string instruction stopped between iterations; EIP still points at it. */
export const AGAIN = 5;
/** Done; HLT waits for an interrupt. */
export const HALTED = 6;
/** Done, EIP set, and state changed as under STOP. */
export const TRANSFER_STOP = 7;

/** Why `run` returned. */
export type ExitReason =
  | typeof EXIT_TRAP
  | typeof EXIT_DEADLINE
  | typeof EXIT_INSTRUCTIONS
  | typeof EXIT_HALT
  | typeof EXIT_SHUTDOWN
  | typeof EXIT_DEBUG_EXIT;
/** `trap` waits for the owner of traps. */
export const EXIT_TRAP = 1;
/** The cycle counter reached the deadline at a control transfer. */
export const EXIT_DEADLINE = 2;
/** Exactly the allowed number of instructions has been executed. */
export const EXIT_INSTRUCTIONS = 3;
/** HLT with nothing to wake it. */
export const EXIT_HALT = 4;
/** A fault while delivering #DF (SDM 3A 6.15, interrupt 8). */
export const EXIT_SHUTDOWN = 5;
/** A write to the debug-exit port; `ports.exitStatus` holds the status. */
export const EXIT_DEBUG_EXIT = 6;
