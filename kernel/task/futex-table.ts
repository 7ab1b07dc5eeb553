/** Who waits for which futex (kernel/futex/core.c futex_queues). */

import { WaitQueue } from "./wait.ts";

export interface FutexKey {
  /** Address space or inode. */
  readonly owner: object;
  readonly offset: number;
}

export interface FutexQueue {
  readonly waiters: Set<FutexWaiter>;
  readonly key: FutexKey;
}

/** One sleep in FUTEX_WAIT. */
export class FutexWaiter {
  readonly wait = new WaitQueue();
  readonly bitset: number;
  queue: FutexQueue | null = null;
  /** Absolute ns since boot; Infinity = no timeout. */
  readonly deadline: number;
  woken = false;

  constructor(bitset: number, deadline: number) {
    this.bitset = bitset;
    this.deadline = deadline;
  }
}

/** Queues that somebody waits in, by owner and offset. Owners vanish with their last waiter. */
export class FutexTable {
  readonly #queues = new Map<object, Map<number, FutexQueue>>();

  find(key: FutexKey): FutexQueue | undefined {
    return this.#queues.get(key.owner)?.get(key.offset);
  }

  add(key: FutexKey, waiter: FutexWaiter): void {
    let byOffset = this.#queues.get(key.owner);
    if (byOffset === undefined) {
      byOffset = new Map();
      this.#queues.set(key.owner, byOffset);
    }
    let queue = byOffset.get(key.offset);
    if (queue === undefined) {
      queue = { waiters: new Set(), key };
      byOffset.set(key.offset, queue);
    }
    queue.waiters.add(waiter);
    waiter.queue = queue;
  }

  remove(waiter: FutexWaiter): void {
    const { queue } = waiter;
    if (queue === null) return;
    waiter.queue = null;
    queue.waiters.delete(waiter);
    if (queue.waiters.size > 0) return;
    const byOffset = this.#queues.get(queue.key.owner);
    byOffset?.delete(queue.key.offset);
    if (byOffset?.size === 0) this.#queues.delete(queue.key.owner);
  }
}
