/**
 * Fast userspace mutexes (kernel/futex/). A futex is a word of user memory; its queue exists only while somebody waits.
 *
 * A private futex is known by its address space and address, a shared one by what is mapped there: the file's inode and
 * the offset. One wait can be moved to another queue (REQUEUE) while it sleeps; so a waiter is an object of its own that
 * the repeated system call finds in `task.progress`.
 */

import { EAGAIN, EFAULT, EINVAL, ENOSYS, ERESTART_RESTARTBLOCK, ERESTARTSYS, ETIMEDOUT } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import { VM_MAYSHARE } from "../mm/vma.ts";
import { type FutexKey, FutexWaiter } from "./futex-table.ts";
import { sleep } from "./sleep.ts";
import type { Task } from "./task.ts";

export const FUTEX_WAIT = 0;
export const FUTEX_WAKE = 1;
export const FUTEX_FD = 2;
export const FUTEX_REQUEUE = 3;
export const FUTEX_CMP_REQUEUE = 4;
export const FUTEX_WAKE_OP = 5;
export const FUTEX_LOCK_PI = 6;
export const FUTEX_UNLOCK_PI = 7;
export const FUTEX_TRYLOCK_PI = 8;
export const FUTEX_WAIT_BITSET = 9;
export const FUTEX_WAKE_BITSET = 10;
export const FUTEX_WAIT_REQUEUE_PI = 11;
export const FUTEX_LOCK_PI2 = 13;
export const FUTEX_PRIVATE_FLAG = 128;
export const FUTEX_CLOCK_REALTIME = 256;

/** All 32 bits: WAIT and WAKE are the BITSET forms with it. */
export const FUTEX_BITSET_MATCH_ANY = -1;

/** Bits of a robust futex word. */
const FUTEX_WAITERS = 0x80000000 | 0;
const FUTEX_OWNER_DIED = 0x40000000;
const FUTEX_TID_MASK = 0x3fffffff;
/** ROBUST_LIST_LIMIT: a list that is longer is a loop. */
const ROBUST_LIST_LIMIT = 2048;

/** get_futex_key(): -EINVAL for an unaligned address, -EFAULT if nothing is mapped there. */
function futexKey(k: Kernel, task: Task, address: number, shared: boolean): FutexKey | number {
  if ((address & 3) !== 0) return -EINVAL;
  const mm = task.mm;
  if (mm === null || address >= 0xc0000000) return -EFAULT;
  if (!shared) return { owner: mm, offset: address };
  k.user.failed = false;
  k.user.getU32(address);
  if (takeFailure(k)) return -EFAULT;
  const vma = mm.findVma(address);
  if (vma === null || vma.start > address) return -EFAULT;
  if ((vma.flags & VM_MAYSHARE) === 0 || vma.file === null) return { owner: mm, offset: address };
  return { owner: vma.file.inode, offset: vma.pgoff * 4096 + (address - vma.start) };
}

function takeFailure(k: Kernel): boolean {
  const { failed } = k.user;
  k.user.failed = false;
  return failed;
}

/** What do_futex() does with the operation word. */
export interface FutexOptions {
  shared: boolean;
  bitset: number;
}

/**
 * FUTEX_WAIT, FUTEX_WAIT_BITSET. `deadline`: ns since boot, Infinity = for ever; `timed`: a relative timeout makes the
 * interrupted call continue by restart_syscall().
 */
export function futexWait(
  k: Kernel,
  task: Task,
  address: number,
  expected: number,
  options: FutexOptions,
  deadline: number,
): number {
  if (options.bitset === 0) return -EINVAL;
  let waiter = task.progress instanceof FutexWaiter ? task.progress : null;
  if (waiter === null) {
    const key = futexKey(k, task, address, options.shared);
    if (typeof key === "number") return key;
    k.user.failed = false;
    const value = k.user.getI32(address);
    if (takeFailure(k)) return -EFAULT;
    if (value !== expected) return -EAGAIN;
    waiter = new FutexWaiter(options.bitset, deadline);
    k.futexes.add(key, waiter);
    task.progress = waiter;
  }
  if (waiter.woken) return 0;
  if (k.clock.now() >= waiter.deadline) {
    k.futexes.remove(waiter);
    return -ETIMEDOUT;
  }
  const timed = waiter.deadline < Number.POSITIVE_INFINITY;
  const result = sleep(task, {
    queues: [waiter.wait],
    deadline: timed ? k.clock.cyclesAt(waiter.deadline) : undefined,
    onSignal: timed ? -ERESTART_RESTARTBLOCK : -ERESTARTSYS,
  });
  if (result === -ERESTARTSYS || result === -ERESTART_RESTARTBLOCK) {
    k.futexes.remove(waiter);
    if (timed) {
      const until = waiter.deadline;
      task.restart = () => futexWait(k, task, address, expected, options, until);
    }
  }
  return result;
}

function wakeWaiter(k: Kernel, waiter: FutexWaiter): void {
  k.futexes.remove(waiter);
  waiter.woken = true;
  waiter.wait.wakeUp();
}

/** Wakes up to `max` waiters whose bitset meets `bitset`; returns how many. */
function wakeQueue(k: Kernel, key: FutexKey, max: number, bitset: number): number {
  const queue = k.futexes.find(key);
  if (queue === undefined) return 0;
  let woken = 0;
  for (const waiter of queue.waiters) {
    if ((waiter.bitset & bitset) === 0) continue;
    wakeWaiter(k, waiter);
    woken++;
    if (woken >= max) break;
  }
  return woken;
}

/** FUTEX_WAKE, FUTEX_WAKE_BITSET: a `max` below 1 wakes one, as Linux has it. */
export function futexWake(k: Kernel, task: Task, address: number, max: number, options: FutexOptions): number {
  if (options.bitset === 0) return -EINVAL;
  const key = futexKey(k, task, address, options.shared);
  if (typeof key === "number") return key;
  return wakeQueue(k, key, max, options.bitset);
}

/** Wakes waiters of both kinds, as the exit of a thread does at clear_child_tid. */
export function futexWakeAt(k: Kernel, task: Task, address: number, max: number): void {
  futexWake(k, task, address, max, { shared: true, bitset: FUTEX_BITSET_MATCH_ANY });
}

/** FUTEX_REQUEUE, FUTEX_CMP_REQUEUE (`expected` not null): wakes some, moves others to the second futex. */
export function futexRequeue(
  k: Kernel,
  task: Task,
  address: number,
  address2: number,
  counts: { wake: number; requeue: number },
  expected: number | null,
  shared: boolean,
): number {
  if (counts.wake < 0 || counts.requeue < 0) return -EINVAL;
  const from = futexKey(k, task, address, shared);
  if (typeof from === "number") return from;
  const to = futexKey(k, task, address2, shared);
  if (typeof to === "number") return to;
  if (expected !== null) {
    k.user.failed = false;
    const value = k.user.getI32(address);
    if (takeFailure(k)) return -EFAULT;
    if (value !== expected) return -EAGAIN;
  }
  const queue = k.futexes.find(from);
  if (queue === undefined) return 0;
  let done = 0;
  for (const waiter of [...queue.waiters]) {
    if (done - counts.wake >= counts.requeue) break;
    if (done < counts.wake) {
      wakeWaiter(k, waiter);
    } else {
      k.futexes.remove(waiter);
      k.futexes.add(to, waiter);
    }
    done++;
  }
  return done;
}

/**
 * FUTEX_WAKE_OP: changes the second word and wakes waiters of both, of the second only if its old value meets the
 * condition.
 *
 *     31  28 27  24 23          12 11           0
 *     | op  | cmp  | op argument  | cmp argument |      op bit 3: the argument is a shift count
 */
export function futexWakeOp(
  k: Kernel,
  task: Task,
  address: number,
  address2: number,
  counts: { first: number; second: number },
  encoded: number,
  shared: boolean,
): number {
  const first = futexKey(k, task, address, shared);
  if (typeof first === "number") return first;
  const second = futexKey(k, task, address2, shared);
  if (typeof second === "number") return second;
  const op = (encoded >>> 28) & 7;
  const comparison = (encoded >>> 24) & 15;
  let argument = (encoded << 8) >> 20;
  const compareWith = (encoded << 20) >> 20;
  if ((encoded & 0x80000000) !== 0) argument = 1 << (argument & 31);
  k.user.failed = false;
  const old = k.user.getI32(address2);
  if (takeFailure(k)) return -EFAULT;
  const changed = applyOp(op, old, argument);
  if (changed === null) return -ENOSYS;
  if (!k.user.putU32(address2, changed)) return -EFAULT;
  const holds = compare(comparison, old, compareWith);
  if (holds === null) return -ENOSYS;
  let woken = wakeQueue(k, first, counts.first, FUTEX_BITSET_MATCH_ANY);
  if (holds) woken += wakeQueue(k, second, counts.second, FUTEX_BITSET_MATCH_ANY);
  return woken;
}

function applyOp(op: number, old: number, argument: number): number | null {
  switch (op) {
    case 0:
      return argument;
    case 1:
      return (old + argument) | 0;
    case 2:
      return old | argument;
    case 3:
      return old & ~argument;
    case 4:
      return old ^ argument;
    default:
      return null;
  }
}

function compare(comparison: number, old: number, value: number): boolean | null {
  switch (comparison) {
    case 0:
      return old === value;
    case 1:
      return old !== value;
    case 2:
      return old < value;
    case 3:
      return old <= value;
    case 4:
      return old > value;
    case 5:
      return old >= value;
    default:
      return null;
  }
}

/**
 * exit_robust_list(): the locks that a dying thread holds get FUTEX_OWNER_DIED and one waiter is woken.
 * struct robust_list_head: +0 list.next, +4 futex_offset, +8 list_op_pending; bit 0 of a link marks a PI futex.
 */
export function exitRobustList(k: Kernel, task: Task): void {
  const head = task.robustList;
  const link = (address: number): number | null => {
    k.user.failed = false;
    const value = k.user.getU32(address);
    return takeFailure(k) ? null : value;
  };
  let entry = link(head);
  const offset = link(head + 4);
  const pending = link(head + 8);
  if (entry === null || offset === null || pending === null) return;
  const pendingEntry = (pending & ~1) >>> 0;
  for (let limit = ROBUST_LIST_LIMIT; limit > 0 && (entry & ~1) >>> 0 !== head; limit--) {
    const at = (entry & ~1) >>> 0;
    const next = link(at);
    if (at !== pendingEntry && !ownerDied(k, task, (at + offset) >>> 0, "held")) return;
    if (next === null) return;
    entry = next;
  }
  if (pendingEntry !== 0) ownerDied(k, task, (pendingEntry + offset) >>> 0, "pending");
}

/** handle_futex_death(): false if the list is not to be followed any further. */
function ownerDied(k: Kernel, task: Task, address: number, how: "held" | "pending"): boolean {
  if ((address & 3) !== 0) return false;
  k.user.failed = false;
  const value = k.user.getI32(address);
  if (takeFailure(k)) return false;
  if (how === "pending" && value === 0) {
    futexWakeAt(k, task, address, 1);
    return true;
  }
  if ((value & FUTEX_TID_MASK) !== task.pid) return true;
  if (!k.user.putU32(address, (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED)) return false;
  if ((value & FUTEX_WAITERS) !== 0) futexWakeAt(k, task, address, 1);
  return true;
}
