/**
 * Wait queues (cf. kernel/sched/wait.c). Tasks go to sleep through sleep() of sleep.ts; nothing here knows what a task is.
 */

/** Who can stand in a wait queue. */
export interface Sleeper {
  /** Leaves every queue it stands in and becomes runnable. */
  wake(): void;
}

/** Sleepers that wait for something to happen to the owner of the queue. In order of arrival. */
export class WaitQueue {
  readonly #waiters = new Set<Sleeper>();

  get size(): number {
    return this.#waiters.size;
  }

  add(sleeper: Sleeper): void {
    this.#waiters.add(sleeper);
  }

  remove(sleeper: Sleeper): void {
    this.#waiters.delete(sleeper);
  }

  has(sleeper: Sleeper): boolean {
    return this.#waiters.has(sleeper);
  }

  /** Wakes up to `max` waiters, the oldest first; each leaves every queue it stands in. Returns how many. */
  wakeUp(max = Number.POSITIVE_INFINITY): number {
    let woken = 0;
    for (const sleeper of this.#waiters) {
      if (woken >= max) break;
      sleeper.wake();
      woken++;
    }
    return woken;
  }
}
