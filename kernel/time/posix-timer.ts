/** State of timer_create(): the POSIX timers of a process. */

import type { KernelTimer } from "./timer-queue.ts";

export interface PosixTimer {
  readonly id: number;
  readonly clockId: number;
  /** SIGEV_*. */
  readonly notify: number;
  readonly signo: number;
  /** sigev_value, int32. */
  readonly value: number;
  /** Thread for SIGEV_THREAD_ID, 0 = the process. */
  readonly tid: number;
  armed: KernelTimer | null;
  /** Nanoseconds; 0 = once. */
  interval: number;
  /** Nanoseconds since boot of the next expiry; 0 = not armed. */
  expires: number;
  /** Expiries since the signal that is queued, and those of the last one delivered. */
  overrun: number;
  lastOverrun: number;
  /** A signal of this timer is queued and not yet delivered. */
  queued: boolean;
}

export class PosixTimers {
  readonly byId = new Map<number, PosixTimer>();
  nextId = 0;
}
