/** State of semaphore sets. */

import type { WaitQueue } from "../task/wait.ts";
import type { IpcPermissions } from "./ids.ts";

/** Semaphores per set, sets, operations per call, highest value (include/uapi/linux/sem.h). */
export const SEMMSL = 32000;
export const SEMMNI = 32000;
export const SEMMNS = SEMMSL * SEMMNI;
export const SEMOPM = 500;
export const SEMVMX = 32767;

export interface SemaphoreSet {
  readonly perm: IpcPermissions;
  readonly values: Int32Array;
  /** Who changed each one last. */
  readonly pids: Int32Array;
  /** Tasks that wait for each one to grow, and to become zero. */
  readonly increasing: Int32Array;
  readonly zero: Int32Array;
  readonly changed: WaitQueue;
  /** Seconds since 1970 of the last semop and the last change by semctl. */
  operated: number;
  created: number;
}

/** One sleep in semop(). */
export class SemopWait {
  readonly set: SemaphoreSet;
  /** Nanoseconds since boot. */
  readonly deadline: number;
  #counter: Int32Array | null = null;
  #index = 0;

  constructor(set: SemaphoreSet, deadline: number) {
    this.set = set;
    this.deadline = deadline;
  }

  /** Counts the task among those that wait for a semaphore of the set. */
  enter(counter: Int32Array, index: number): void {
    this.#counter = counter;
    this.#index = index;
    counter[index]++;
  }

  leave(): void {
    if (this.#counter !== null) this.#counter[this.#index]--;
    this.#counter = null;
  }
}

/** sem_undo_list: what SEM_UNDO will take back, shared by the tasks made with CLONE_SYSVSEM. */
export class UndoList {
  users = 1;
  readonly #adjustments = new Map<SemaphoreSet, Int32Array>();

  /** The adjustments for a set, made if there are none. */
  of(set: SemaphoreSet): Int32Array {
    let adjustments = this.#adjustments.get(set);
    if (adjustments === undefined) {
      adjustments = new Int32Array(set.values.length);
      this.#adjustments.set(set, adjustments);
    }
    return adjustments;
  }

  find(set: SemaphoreSet): Int32Array | undefined {
    return this.#adjustments.get(set);
  }

  [Symbol.iterator](): IterableIterator<[SemaphoreSet, Int32Array]> {
    return this.#adjustments[Symbol.iterator]();
  }
}
