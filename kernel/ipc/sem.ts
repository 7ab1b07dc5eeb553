/** Semaphore sets (ipc/sem.c). */

import { E2BIG, EACCES, EAGAIN, EFAULT, EFBIG, EIDRM, EINTR, EINVAL, ERANGE } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import { readWords, wide, writeWords } from "../syscall/words.ts";
import { SLEEPING, sleep } from "../task/sleep.ts";
import type { Task } from "../task/task.ts";
import { WaitQueue } from "../task/wait.ts";
import { readValidTimespec, spanOf, type TimeWidth } from "../time/timespec.ts";
import { IPC_INFO, IPC_NOWAIT, IPC_RMID, IPC_SET, IPC_STAT, IpcPermissions, READ, WRITE } from "./ids.ts";
import { SEMMNI, SEMMNS, SEMMSL, SEMOPM, SEMVMX, type SemaphoreSet, SemopWait, UndoList } from "./semaphores.ts";

const SEM_UNDO = 0x1000;
const GETPID = 11;
const GETVAL = 12;
const GETALL = 13;
const GETNCNT = 14;
const GETZCNT = 15;
const SETVAL = 16;
const SETALL = 17;
const SEM_STAT = 18;
const SEM_INFO = 19;
const SEM_STAT_ANY = 20;

export function semget(k: Kernel, t: Task, key: number, count: number, flags: number): number {
  if (count < 0 || count > SEMMSL) return -EINVAL;
  const { sets } = k.ipc;
  return sets.get(
    t.cred,
    key,
    flags,
    () => {
      if (count === 0) return -EINVAL;
      return {
        perm: new IpcPermissions(key, flags, t.cred),
        values: new Int32Array(count),
        pids: new Int32Array(count),
        increasing: new Int32Array(count),
        zero: new Int32Array(count),
        changed: new WaitQueue(),
        operated: 0,
        created: k.clock.realtime().sec,
      };
    },
    (set) => (count > set.values.length ? -EINVAL : 0),
  );
}

/** struct sembuf. */
interface Operation {
  index: number;
  change: number;
  flags: number;
}

function readOperations(k: Kernel, address: number, count: number): Operation[] | null {
  const bytes = k.user.read(address >>> 0, count * 6);
  if (bytes === null) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Array.from({ length: count }, (_, i) => ({
    index: view.getUint16(i * 6, true),
    change: view.getInt16(i * 6 + 2, true),
    flags: view.getInt16(i * 6 + 4, true),
  }));
}

/** semop, semtimedop: all operations happen at once, or none while the task waits. */
export function semtimedop(
  k: Kernel,
  t: Task,
  id: number,
  address: number,
  count: number,
  timeout: number,
  width: TimeWidth,
): number {
  if (count >>> 0 < 1 || id < 0) return -EINVAL;
  if (count >>> 0 > SEMOPM) return -E2BIG;
  const operations = readOperations(k, address, count);
  if (operations === null) return -EFAULT;
  let waiting = t.progress instanceof SemopWait ? t.progress : null;
  if (waiting === null) {
    let deadline = Number.POSITIVE_INFINITY;
    if (timeout !== 0) {
      const span = readValidTimespec(k, timeout, width);
      if (typeof span === "number") return span;
      deadline = k.clock.now() + spanOf(span);
    }
    const set = k.ipc.sets.find(id);
    if (set === undefined) return -EINVAL;
    if (operations.some(({ index }) => index >= set.values.length)) return -EFBIG;
    const alters = operations.some(({ change }) => change !== 0);
    if (!set.perm.allows(t.cred, alters ? WRITE : READ)) return -EACCES;
    waiting = new SemopWait(set, deadline);
  }
  waiting.leave();
  const { set } = waiting;
  if (set.perm.removed) return -EIDRM;
  const blocked = perform(k, t, set, operations);
  if (blocked === null) return 0;
  if (typeof blocked === "number") return blocked;
  if ((blocked.flags & IPC_NOWAIT) !== 0) return -EAGAIN;
  if (k.clock.now() >= waiting.deadline) return -EAGAIN;
  const timed = waiting.deadline < Number.POSITIVE_INFINITY;
  const result = sleep(t, {
    queues: [set.changed],
    deadline: timed ? k.clock.cyclesAt(waiting.deadline) : undefined,
    onSignal: -EINTR,
  });
  if (result !== SLEEPING) return result;
  waiting.enter(blocked.change === 0 ? set.zero : set.increasing, blocked.index);
  t.progress = waiting;
  return result;
}

/** perform_atomic_semop(): null = done, the operation that has to wait, or -ERANGE. */
function perform(k: Kernel, t: Task, set: SemaphoreSet, operations: readonly Operation[]): Operation | null | number {
  const values = set.values.slice();
  const undo = operations.some(({ flags }) => (flags & SEM_UNDO) !== 0) ? undoOf(t).of(set).slice() : null;
  for (const operation of operations) {
    const { index, change, flags } = operation;
    if (change === 0) {
      if (values[index] !== 0) return operation;
      continue;
    }
    const next = values[index] + change;
    if (next < 0) return operation;
    if (next > SEMVMX) return -ERANGE;
    values[index] = next;
    if (undo !== null && (flags & SEM_UNDO) !== 0) {
      undo[index] -= change;
      if (undo[index] < -SEMVMX - 1 || undo[index] > SEMVMX) return -ERANGE;
    }
  }
  const changed = operations.some(({ change }) => change !== 0);
  set.values.set(values);
  for (const { index } of operations) set.pids[index] = t.tgid;
  if (undo !== null) undoOf(t).of(set).set(undo);
  set.operated = k.clock.realtime().sec;
  if (changed) set.changed.wakeUp();
  return null;
}

function undoOf(t: Task): UndoList {
  t.semUndo ??= new UndoList();
  return t.semUndo;
}

/** exit_sem(): what was done with SEM_UNDO is taken back when the last sharer of the list ends. */
export function exitSem(k: Kernel, t: Task): void {
  const list = t.semUndo;
  t.semUndo = null;
  if (list === null || --list.users > 0) return;
  for (const [set, adjustments] of list) {
    if (set.perm.removed) continue;
    for (let i = 0; i < adjustments.length; i++) {
      if (adjustments[i] === 0) continue;
      set.values[i] = Math.max(0, Math.min(SEMVMX, set.values[i] + adjustments[i]));
      set.pids[i] = t.tgid;
    }
    set.operated = k.clock.realtime().sec;
    set.changed.wakeUp();
  }
}

function writeStat(k: Kernel, set: SemaphoreSet, address: number): number {
  return writeWords(k, address, [
    ...set.perm.words(),
    ...wide(set.operated),
    ...wide(set.created),
    set.values.length,
    0,
    0,
  ]);
}

/** `argument` is union semun: a value or an address. */
export function semctl(k: Kernel, t: Task, id: number, index: number, command: number, argument: number): number {
  const { sets } = k.ipc;
  if (id < 0) return -EINVAL;
  switch (command) {
    case IPC_INFO:
    case SEM_INFO: {
      const used = [...sets].reduce((sum, set) => sum + set.values.length, 0);
      const counts = command === SEM_INFO ? [sets.size, used] : [20, SEMVMX];
      // struct seminfo: map mni mns mnu msl opm ume usz vmx aem
      const words = [SEMMNS, SEMMNI, SEMMNS, SEMMNS, SEMMSL, SEMOPM, SEMOPM, counts[0], SEMVMX, counts[1]];
      return writeWords(k, argument, words) < 0 ? -EFAULT : Math.max(0, sets.highestIndex);
    }
    case IPC_STAT: {
      const set = sets.use(t.cred, id, READ);
      return typeof set === "number" ? set : writeStat(k, set, argument);
    }
    case SEM_STAT:
    case SEM_STAT_ANY: {
      const set = sets.at(id);
      if (set === undefined) return -EINVAL;
      if (command === SEM_STAT && !set.perm.allows(t.cred, READ)) return -EACCES;
      return writeStat(k, set, argument) < 0 ? -EFAULT : set.perm.id;
    }
    case GETALL:
    case GETVAL:
    case GETPID:
    case GETNCNT:
    case GETZCNT:
    case SETALL:
    case SETVAL:
      return values(k, t, id, index, command, argument);
    case IPC_RMID: {
      const set = sets.own(t.cred, id);
      if (typeof set === "number") return set;
      sets.remove(set);
      set.changed.wakeUp();
      return 0;
    }
    case IPC_SET: {
      const words = readWords(k, argument, 9);
      if (words === null) return -EFAULT;
      const set = sets.own(t.cred, id);
      if (typeof set === "number") return set;
      set.perm.update(words);
      set.created = k.clock.realtime().sec;
      return 0;
    }
    default:
      return -EINVAL;
  }
}

function values(k: Kernel, t: Task, id: number, index: number, command: number, argument: number): number {
  const set = k.ipc.sets.use(t.cred, id, command === SETVAL || command === SETALL ? WRITE : READ);
  if (typeof set === "number") return set;
  const count = set.values.length;
  if (command === GETALL) {
    const bytes = new Uint8Array(Uint16Array.from(set.values).buffer);
    return k.user.write(argument >>> 0, bytes) ? 0 : -EFAULT;
  }
  if (command === SETALL) {
    const bytes = k.user.read(argument >>> 0, count * 2);
    if (bytes === null) return -EFAULT;
    const next = new Uint16Array(bytes.buffer, bytes.byteOffset, count);
    if (next.some((value) => value > SEMVMX)) return -ERANGE;
    set.values.set(next);
    return changed(k, t, set, null);
  }
  if (command === SETVAL && (argument < 0 || argument > SEMVMX)) return -ERANGE;
  if (index < 0 || index >= count) return -EINVAL;
  switch (command) {
    case GETVAL:
      return set.values[index];
    case GETPID:
      return set.pids[index];
    case GETNCNT:
      return set.increasing[index];
    case GETZCNT:
      return set.zero[index];
    default:
      set.values[index] = argument;
      return changed(k, t, set, index);
  }
}

/** After SETVAL of one semaphore or SETALL (null): adjustments for it are forgotten, waiters look again. */
function changed(k: Kernel, t: Task, set: SemaphoreSet, index: number | null): number {
  for (const task of k.tasks) {
    const adjustments = task.semUndo?.find(set);
    if (index === null) adjustments?.fill(0);
    else if (adjustments) adjustments[index] = 0;
  }
  if (index === null) set.pids.fill(t.tgid);
  else set.pids[index] = t.tgid;
  set.created = k.clock.realtime().sec;
  set.changed.wakeUp();
  return 0;
}
