/** Advisory locks: POSIX record locks (owned by a descriptor table), OFD locks and flock (owned by an open file). cf. fs/locks.c. */

import { EAGAIN, EDEADLK } from "../errno.ts";
import { WaitQueue } from "../task/wait.ts";
import type { Inode } from "./inode.ts";

export const F_RDLCK = 0;
export const F_WRLCK = 1;
export const F_UNLCK = 2;

/** The last byte of a lock that reaches to the end of the file, however far that moves. */
export const OFFSET_MAX = Number.MAX_SAFE_INTEGER;

/** `end` is the last byte locked. */
export interface RecordLock {
  owner: object;
  /** Process that l_pid names; -1 for an OFD lock. */
  pid: number;
  type: typeof F_RDLCK | typeof F_WRLCK;
  start: number;
  end: number;
}

class LockContext {
  records: RecordLock[] = [];
  readonly flocks = new Map<object, "shared" | "exclusive">();
  readonly changed = new WaitQueue();
}

/** Only inodes that were ever locked have an entry. */
const contexts = new WeakMap<Inode, LockContext>();

/** Who waits for whom, for deadlock detection among record locks: waiter -> holder. */
const waiting = new WeakMap<object, object>();

function contextOf(inode: Inode): LockContext {
  const known = contexts.get(inode);
  if (known !== undefined) return known;
  const made = new LockContext();
  contexts.set(inode, made);
  return made;
}

/** Where to wait for a lock to go. */
export function lockQueue(inode: Inode): WaitQueue {
  return contextOf(inode).changed;
}

function conflicts(a: RecordLock, b: Omit<RecordLock, "pid">): boolean {
  if (a.owner === b.owner || a.end < b.start || b.end < a.start) return false;
  return a.type === F_WRLCK || b.type === F_WRLCK;
}

/** A lock that stands in the way, or null: F_GETLK. */
export function testRecord(inode: Inode, wanted: Omit<RecordLock, "pid">): RecordLock | null {
  return contexts.get(inode)?.records.find((held) => conflicts(held, wanted)) ?? null;
}

/** Sets a lock: 0, or -EAGAIN if another stands in the way, or -EDEADLK if waiting for that would never end. */
export function setRecord(inode: Inode, wanted: RecordLock, waits: "wait" | "now"): number {
  const blocking = testRecord(inode, wanted);
  if (blocking !== null) {
    if (waits === "wait") {
      // Open files lock without an owner that could be followed: no deadlock detection, as in Linux.
      let holder: object | undefined = blocking.owner;
      for (let depth = 0; holder !== undefined && depth < 10 && wanted.pid >= 0; depth++) {
        if (holder === wanted.owner) return -EDEADLK;
        holder = waiting.get(holder);
      }
      waiting.set(wanted.owner, blocking.owner);
    }
    return -EAGAIN;
  }
  waiting.delete(wanted.owner);
  const context = contextOf(inode);
  context.records = [...without(context.records, wanted.owner, wanted.start, wanted.end), wanted];
  merge(context, wanted.owner);
  context.changed.wakeUp();
  return 0;
}

/** The wait for a record lock was given up. */
export function stopWaiting(owner: object): void {
  waiting.delete(owner);
}

/** Gives up a range; what the owner holds around it stays. */
export function clearRecord(inode: Inode, owner: object, start: number, end: number): void {
  const context = contexts.get(inode);
  if (context === undefined || !context.records.some((record) => record.owner === owner)) return;
  context.records = without(context.records, owner, start, end);
  context.changed.wakeUp();
}

function without(records: RecordLock[], owner: object, start: number, end: number): RecordLock[] {
  return records.flatMap((record) => {
    if (record.owner !== owner || record.end < start || end < record.start) return [record];
    const rest: RecordLock[] = [];
    if (record.start < start) rest.push({ ...record, end: start - 1 });
    if (record.end > end) rest.push({ ...record, start: end + 1 });
    return rest;
  });
}

/** Adjacent locks of one owner and type become one. */
function merge(context: LockContext, owner: object): void {
  const own = context.records.filter((record) => record.owner === owner).sort((a, b) => a.start - b.start);
  const merged: RecordLock[] = [];
  for (const record of own) {
    const last = merged.at(-1);
    if (last !== undefined && last.type === record.type && last.end + 1 >= record.start) {
      last.end = Math.max(last.end, record.end);
    } else {
      merged.push({ ...record });
    }
  }
  context.records = [...context.records.filter((record) => record.owner !== owner), ...merged];
  context.records.sort((a, b) => a.start - b.start);
}

/** flock: 0 or -EAGAIN. A change of kind gives the old lock up first, as in Linux. */
export function setFlock(inode: Inode, owner: object, kind: "shared" | "exclusive"): number {
  const context = contextOf(inode);
  if (context.flocks.get(owner) === kind) return 0;
  clearFlock(inode, owner);
  for (const held of context.flocks.values()) if (held === "exclusive" || kind === "exclusive") return -EAGAIN;
  context.flocks.set(owner, kind);
  return 0;
}

export function clearFlock(inode: Inode, owner: object): void {
  const context = contexts.get(inode);
  if (context?.flocks.delete(owner)) context.changed.wakeUp();
}

/** An open file or a descriptor table lets go of an inode: all its locks go. */
export function dropLocks(inode: Inode, owner: object): void {
  clearRecord(inode, owner, 0, OFFSET_MAX);
  clearFlock(inode, owner);
}
