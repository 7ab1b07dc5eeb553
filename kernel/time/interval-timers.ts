/** State of setitimer(): three timers of a process. */

import type { KernelTimer } from "./timer-queue.ts";

export class IntervalTimers {
  /** ITIMER_REAL: the running kernel timer, when it fires (ns since boot), its period (ns, 0 = once). */
  real: KernelTimer | null = null;
  realExpires = 0;
  realInterval = 0;
  /** ITIMER_VIRTUAL: user cycles of the process at which it fires (0 = off), period in cycles. */
  readonly virtual = { deadline: 0, interval: 0 };
  /** ITIMER_PROF: user and system cycles. */
  readonly prof = { deadline: 0, interval: 0 };
}
