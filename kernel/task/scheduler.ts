/** Round robin on the cycle clock: a queue of runnable tasks and the timers that make others runnable. */

import { type KernelTimer, TimerQueue } from "../time/timer-queue.ts";
import type { Sleeper } from "./wait.ts";

/** What the scheduler knows of a task. */
export interface Schedulable extends Sleeper {
  /** Absolute cycles at which a sleep ends; Infinity = never. */
  readonly sleepDeadline: number;
}

export class Scheduler<T extends Schedulable> {
  readonly timers = new TimerQueue();
  /** The task on the CPU gave it up of its own accord (TIF_NEED_RESCHED). */
  needResched = false;
  /** Runnable tasks in order; the one on the CPU stands first until its quantum ends. */
  readonly #runQueue = new Set<T>();
  readonly #sleepTimers = new Map<T, KernelTimer>();

  get runnable(): number {
    return this.#runQueue.size;
  }

  /** The task that runs next; null if all are asleep. */
  pick(): T | null {
    for (const task of this.#runQueue) return task;
    return null;
  }

  enqueue(task: T): void {
    const timer = this.#sleepTimers.get(task);
    if (timer) {
      this.timers.cancel(timer);
      this.#sleepTimers.delete(task);
    }
    this.#runQueue.add(task);
  }

  /** Takes a task off the run queue: it stops or ends. */
  dequeue(task: T): void {
    this.#runQueue.delete(task);
    const timer = this.#sleepTimers.get(task);
    if (timer) {
      this.timers.cancel(timer);
      this.#sleepTimers.delete(task);
    }
  }

  /** Task.sleepOn() has changed the task's state: off the run queue, and its deadline becomes a timer. */
  asleep(task: T): void {
    this.#runQueue.delete(task);
    if (task.sleepDeadline < Number.POSITIVE_INFINITY) {
      this.#sleepTimers.set(
        task,
        this.timers.add(task.sleepDeadline, () => task.wake()),
      );
    }
  }

  /** Puts a task behind all others: its quantum is over. */
  rotate(task: T): void {
    if (this.#runQueue.delete(task)) this.#runQueue.add(task);
  }

  /** sched_yield(): the CPU loop is to look who is next. */
  yield(task: T): void {
    this.rotate(task);
    this.needResched = true;
  }
}
