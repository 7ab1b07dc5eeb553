/** Who may lock memory, and how much (cf. mm/mlock.c can_do_mlock(), mlock_future_check()). */

import { CAP_IPC_LOCK } from "../task/cred.ts";
import { RLIMIT_MEMLOCK } from "../task/rlimit.ts";
import type { MmStruct } from "./mm.ts";
import { PAGE_SIZE } from "./physical-memory.ts";

export function canDoMlock(mm: MmStruct): boolean {
  const { current } = mm.memory;
  return current.rlimit(RLIMIT_MEMLOCK) !== 0 || current.cred.capable(CAP_IPC_LOCK);
}

/** Would locking `pages` more break RLIMIT_MEMLOCK for a caller without CAP_IPC_LOCK? */
export function lockLimitExceeded(mm: MmStruct, pages: number): boolean {
  const { current } = mm.memory;
  const limit = Math.floor(current.rlimit(RLIMIT_MEMLOCK) / PAGE_SIZE);
  return mm.lockedVm + pages > limit && !current.cred.capable(CAP_IPC_LOCK);
}
