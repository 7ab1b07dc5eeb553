/** Process ids (kernel/pid.c): given out upwards, reused only after the wrap at pid_max. */

import type { Task, ThreadGroup } from "./task.ts";

/** PID_MAX_DEFAULT on a small machine. */
export const PID_MAX = 32768;
/** RESERVED_PIDS: where allocation starts again after a wrap. */
const RESERVED_PIDS = 300;

export class PidTable {
  readonly #tasks = new Map<number, Task>();
  #last = 0;

  get size(): number {
    return this.#tasks.size;
  }

  /** The thread of this id. */
  get(pid: number): Task | undefined {
    return this.#tasks.get(pid);
  }

  /** The process of this id. */
  group(tgid: number): ThreadGroup | undefined {
    const task = this.#tasks.get(tgid);
    return task && task.group.tgid === tgid ? task.group : undefined;
  }

  /** Every thread, in order of creation. */
  [Symbol.iterator](): IterableIterator<Task> {
    return this.#tasks.values();
  }

  /** Every process, in order of creation. */
  groups(): ThreadGroup[] {
    return [...new Set([...this.#tasks.values()].map((task) => task.group))];
  }

  /** Processes of a process group. */
  processGroup(pgrp: number): ThreadGroup[] {
    return this.groups().filter((group) => group.pgrp === pgrp);
  }

  /** The next free id; 0 if all are in use. An id still naming a process group or session is not free. */
  allocate(): number {
    const groups = this.#tasks.size > 0 && this.#last + 1 >= PID_MAX ? this.groups() : null;
    for (let tries = 0; tries < PID_MAX; tries++) {
      this.#last = this.#last + 1 >= PID_MAX ? RESERVED_PIDS : this.#last + 1;
      const pid = this.#last;
      if (this.#tasks.has(pid)) continue;
      const others = groups ?? this.groups();
      if (others.some((group) => group.pgrp === pid || group.session === pid)) continue;
      return pid;
    }
    return 0;
  }

  add(task: Task): void {
    this.#tasks.set(task.pid, task);
  }

  remove(task: Task): void {
    if (this.#tasks.get(task.pid) === task) this.#tasks.delete(task.pid);
  }

  /** execve() from another thread: the caller takes the leader's id. */
  rename(task: Task, oldPid: number): void {
    this.#tasks.delete(oldPid);
    this.#tasks.set(task.pid, task);
  }
}
