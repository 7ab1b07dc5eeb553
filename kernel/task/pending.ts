/** Signals waiting to be delivered to a thread or to its group (struct sigpending). */

import type { Siginfo } from "./siginfo.ts";
import { SIGRTMIN } from "./signals.ts";
import { SignalSet } from "./sigset.ts";

export class Pending {
  readonly set = new SignalSet();
  #queue: Siginfo[] = [];

  /** Queued entries, for RLIMIT_SIGPENDING and /proc/PID/status SigQ. */
  get length(): number {
    return this.#queue.length;
  }

  /** Queues a signal; a classic signal (below SIGRTMIN) that is already pending is dropped (legacy_queue()). */
  add(info: Siginfo): void {
    if (info.signo < SIGRTMIN && this.set.has(info.signo)) return;
    this.set.add(info.signo);
    this.#queue.push(info);
  }

  /** Removes and returns the oldest entry of this signal (collect_signal()). */
  take(signo: number): Siginfo {
    const index = this.#queue.findIndex((info) => info.signo === signo);
    if (index < 0) {
      this.set.delete(signo);
      return { signo, code: 0, pid: 0, uid: 0 };
    }
    const [info] = this.#queue.splice(index, 1) as [Siginfo];
    if (!this.#queue.some((other) => other.signo === signo)) this.set.delete(signo);
    return info;
  }

  /** Drops every pending signal of the set (flush_sigqueue_mask()). */
  discard(set: SignalSet): void {
    this.#queue = this.#queue.filter((info) => !set.has(info.signo));
    this.set.assign(this.set.andNot(set));
  }

  clear(): void {
    this.#queue = [];
    this.set.clear();
  }
}
