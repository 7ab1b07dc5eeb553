/** Kernel timers by deadline (kernel/time/hrtimer.c). Equal deadlines fire in order of creation. */

export interface KernelTimer {
  /** Absolute cycles. */
  readonly deadline: number;
  readonly fire: () => void;
}

export class TimerQueue {
  /** Sorted by deadline, the earliest LAST, so that taking it is a pop. */
  readonly #timers: KernelTimer[] = [];

  get size(): number {
    return this.#timers.length;
  }

  /** The earliest deadline in cycles; Infinity if there is none. */
  get next(): number {
    return this.#timers.at(-1)?.deadline ?? Number.POSITIVE_INFINITY;
  }

  add(deadline: number, fire: () => void): KernelTimer {
    const timer: KernelTimer = { deadline, fire };
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#timers[middle] as KernelTimer).deadline > deadline) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, timer);
    return timer;
  }

  /** Does nothing if the timer has fired or was cancelled. */
  cancel(timer: KernelTimer): void {
    const index = this.#timers.lastIndexOf(timer);
    if (index >= 0) this.#timers.splice(index, 1);
  }

  /** Fires every timer whose deadline is at or before `cycles`, those that the firing adds included. */
  run(cycles: number): void {
    while (this.next <= cycles) (this.#timers.pop() as KernelTimer).fire();
  }
}
