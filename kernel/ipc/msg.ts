/** Message queues (ipc/msg.c). */

import { E2BIG, EACCES, EAGAIN, EFAULT, EIDRM, EINVAL, ENOMSG, EPERM, ERESTARTNOHAND } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import { getWord, readWords, wide, writeWords } from "../syscall/words.ts";
import { CAP_SYS_RESOURCE } from "../task/cred.ts";
import { sleep } from "../task/sleep.ts";
import type { Task } from "../task/task.ts";
import { WaitQueue } from "../task/wait.ts";
import { IPC_INFO, IPC_NOWAIT, IPC_RMID, IPC_SET, IPC_STAT, IpcPermissions, READ, WRITE } from "./ids.ts";
import { type MessageQueue, MSGMAX, MSGMNB, MSGMNI } from "./messages.ts";

const MSG_NOERROR = 0o10000;
const MSG_EXCEPT = 0o20000;
const MSG_COPY = 0o40000;
const MSG_STAT = 11;
const MSG_INFO = 12;
const MSG_STAT_ANY = 13;

export function msgget(k: Kernel, t: Task, key: number, flags: number): number {
  return k.ipc.queues.get(
    t.cred,
    key,
    flags,
    () => ({
      perm: new IpcPermissions(key, flags, t.cred),
      messages: [],
      bytes: 0,
      limit: MSGMNB,
      sent: 0,
      received: 0,
      changed: k.clock.realtime().sec,
      sender: 0,
      receiver: 0,
      readers: new WaitQueue(),
      writers: new WaitQueue(),
    }),
    () => 0,
  );
}

/** The queue of a call that may be a repeated one: it then may have been removed meanwhile. */
function queueOf(k: Kernel, t: Task, id: number, wanted: number): MessageQueue | number {
  const known = t.progress as MessageQueue | null;
  if (known !== null) return known.perm.removed ? -EIDRM : known;
  return k.ipc.queues.use(t.cred, id, wanted);
}

/** struct msgbuf: type, then `length` bytes of text. */
export function msgsnd(k: Kernel, t: Task, id: number, address: number, length: number, flags: number): number {
  const size = length >>> 0;
  const type = getWord(k, address);
  if (type === null) return -EFAULT;
  if (size > MSGMAX || length < 0 || id < 0) return -EINVAL;
  if (type < 1) return -EINVAL;
  const text = k.user.read((address >>> 0) + 4, size);
  if (text === null) return -EFAULT;
  const queue = queueOf(k, t, id, WRITE);
  if (typeof queue === "number") return queue;
  if (size + queue.bytes > queue.limit || 1 + queue.messages.length > queue.limit) {
    if ((flags & IPC_NOWAIT) !== 0) return -EAGAIN;
    t.progress = queue;
    return sleep(t, { queues: [queue.writers], onSignal: -ERESTARTNOHAND });
  }
  queue.messages.push({ type, text });
  queue.bytes += size;
  queue.sender = t.tgid;
  queue.sent = k.clock.realtime().sec;
  queue.readers.wakeUp();
  return 0;
}

/** testmsg(): 0 the first, > 0 the first of (or but for) that type, < 0 the lowest type up to its amount. */
function choose(queue: MessageQueue, wanted: number, flags: number): number {
  const { messages } = queue;
  if ((flags & MSG_COPY) !== 0) return wanted < messages.length ? wanted : -1;
  if (wanted === 0) return messages.length > 0 ? 0 : -1;
  if (wanted > 0) {
    return messages.findIndex(({ type }) => (flags & MSG_EXCEPT ? type !== wanted : type === wanted));
  }
  const highest = wanted === -0x80000000 ? 0x7fffffff : -wanted;
  let best = -1;
  messages.forEach(({ type }, index) => {
    if (type <= highest && (best < 0 || type < messages[best].type)) best = index;
  });
  return best;
}

/** Returns the bytes of text. */
export function msgrcv(
  k: Kernel,
  t: Task,
  id: number,
  address: number,
  length: number,
  wanted: number,
  flags: number,
): number {
  if (id < 0 || length < 0) return -EINVAL;
  if ((flags & MSG_COPY) !== 0 && ((flags & MSG_EXCEPT) !== 0 || (flags & IPC_NOWAIT) === 0)) return -EINVAL;
  const queue = queueOf(k, t, id, READ);
  if (typeof queue === "number") return queue;
  const index = choose(queue, wanted, flags);
  if (index < 0) {
    if ((flags & IPC_NOWAIT) !== 0) return -ENOMSG;
    t.progress = queue;
    return sleep(t, { queues: [queue.readers], onSignal: -ERESTARTNOHAND });
  }
  const message = queue.messages[index];
  if (message.text.length > length && (flags & MSG_NOERROR) === 0) return -E2BIG;
  if ((flags & MSG_COPY) === 0) {
    queue.messages.splice(index, 1);
    queue.bytes -= message.text.length;
    queue.receiver = t.tgid;
    queue.received = k.clock.realtime().sec;
    queue.writers.wakeUp();
  }
  const given = message.text.subarray(0, length);
  const written = k.user.putU32(address >>> 0, message.type) && k.user.write((address >>> 0) + 4, given);
  return written ? given.length : -EFAULT;
}

function writeStat(k: Kernel, queue: MessageQueue, address: number): number {
  return writeWords(k, address, [
    ...queue.perm.words(),
    ...wide(queue.sent),
    ...wide(queue.received),
    ...wide(queue.changed),
    queue.bytes,
    queue.messages.length,
    queue.limit,
    queue.sender,
    queue.receiver,
    0,
    0,
  ]);
}

export function msgctl(k: Kernel, t: Task, id: number, command: number, address: number): number {
  const { queues } = k.ipc;
  if (id < 0 || command < 0) return -EINVAL;
  switch (command) {
    case IPC_INFO:
    case MSG_INFO: {
      const all = [...queues];
      const messages = all.reduce((sum, queue) => sum + queue.messages.length, 0);
      const bytes = all.reduce((sum, queue) => sum + queue.bytes, 0);
      // struct msginfo: pool map max mnb mni ssz tql seg
      const usage = command === MSG_INFO ? [queues.size, messages] : [(MSGMNI * MSGMNB) / 1024, MSGMNB];
      const tail = [MSGMAX, MSGMNB, MSGMNI, 16, command === MSG_INFO ? bytes : MSGMNB, 0xffff];
      return writeWords(k, address, [...usage, ...tail]) < 0 ? -EFAULT : Math.max(0, queues.highestIndex);
    }
    case IPC_STAT: {
      const queue = queues.use(t.cred, id, READ);
      return typeof queue === "number" ? queue : writeStat(k, queue, address);
    }
    case MSG_STAT:
    case MSG_STAT_ANY: {
      const queue = queues.at(id);
      if (queue === undefined) return -EINVAL;
      if (command === MSG_STAT && !queue.perm.allows(t.cred, READ)) return -EACCES;
      return writeStat(k, queue, address) < 0 ? -EFAULT : queue.perm.id;
    }
    case IPC_SET: {
      const words = readWords(k, address, 18);
      if (words === null) return -EFAULT;
      const queue = queues.own(t.cred, id);
      if (typeof queue === "number") return queue;
      const limit = words[17] >>> 0;
      if (limit > MSGMNB && !t.cred.capable(CAP_SYS_RESOURCE)) return -EPERM;
      queue.perm.update(words);
      queue.limit = limit;
      queue.changed = k.clock.realtime().sec;
      queue.readers.wakeUp();
      queue.writers.wakeUp();
      return 0;
    }
    case IPC_RMID: {
      const queue = queues.own(t.cred, id);
      if (typeof queue === "number") return queue;
      queues.remove(queue);
      queue.readers.wakeUp();
      queue.writers.wakeUp();
      return 0;
    }
    default:
      return -EINVAL;
  }
}
