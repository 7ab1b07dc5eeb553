/** The System V IPC calls: ipc(), which i386 had for all of them, and the separate ones that came later. */

import { EFAULT, EINVAL, ENOSYS } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import type { Syscall, SyscallTable } from "../syscall/syscall.ts";
import { getWord, putWord, readWords } from "../syscall/words.ts";
import type { Task } from "../task/task.ts";
import { IPC_64 } from "./ids.ts";
import { msgctl, msgget, msgrcv, msgsnd } from "./msg.ts";
import { semctl, semget, semtimedop } from "./sem.ts";
import { shmat, shmctl, shmdt, shmget } from "./shm.ts";

const SEMOP = 1;
const SEMGET = 2;
const SEMCTL = 3;
const SEMTIMEDOP = 4;
const MSGSND = 11;
const MSGRCV = 12;
const MSGGET = 13;
const MSGCTL = 14;
const SHMAT = 21;
const SHMDT = 22;
const SHMGET = 23;
const SHMCTL = 24;

/** The structures of before 1997, with 16-bit ids, are refused: a control call must carry IPC_64. */
function modern(command: number, call: (command: number) => number): number {
  return (command & IPC_64) === 0 ? -EINVAL : call(command & ~IPC_64);
}

/** ksys_ipc(): the high half of the call's number is a version that changes the arguments of two. */
const sysIpc: Syscall = (k, t, call, first, second, third, pointer, fifth) => {
  const version = call >>> 16;
  switch (call & 0xffff) {
    case SEMOP:
      return semtimedop(k, t, first, pointer, second, 0, "old");
    case SEMTIMEDOP:
      return semtimedop(k, t, first, pointer, second, fifth, "old");
    case SEMGET:
      return semget(k, t, first, second, third);
    case SEMCTL: {
      if (pointer === 0) return -EINVAL;
      const argument = getWord(k, pointer);
      if (argument === null) return -EFAULT;
      // Commands without a structure come without IPC_64 too.
      return (third & IPC_64) !== 0 || third > 10
        ? semctl(k, t, first, second, third & ~IPC_64, argument)
        : modern(third, (command) => semctl(k, t, first, second, command, argument));
    }
    case MSGSND:
      return msgsnd(k, t, first, pointer, second, third);
    case MSGRCV:
      return version === 0
        ? oldMsgrcv(k, t, first, pointer, second, third)
        : msgrcv(k, t, first, pointer, second, fifth, third);
    case MSGGET:
      return msgget(k, t, first, second);
    case MSGCTL:
      return second === 0
        ? msgctl(k, t, first, 0, 0)
        : modern(second, (command) => msgctl(k, t, first, command, pointer));
    case SHMAT: {
      if (version === 1) return -EINVAL;
      const address = shmat(k, t, first, pointer, second);
      return address < 0 ? address : putWord(k, third, address);
    }
    case SHMDT:
      return shmdt(t, pointer);
    case SHMGET:
      return shmget(k, t, first, second, third);
    case SHMCTL:
      return second === 0 || second === 11 || second === 12
        ? shmctl(k, t, first, second, pointer)
        : modern(second, (command) => shmctl(k, t, first, command, pointer));
    default:
      return -ENOSYS;
  }
};

/** Version 0 passes message pointer and type in a structure (struct ipc_kludge). */
function oldMsgrcv(k: Kernel, t: Task, id: number, kludge: number, length: number, flags: number): number {
  if (kludge === 0) return -EINVAL;
  const words = readWords(k, kludge, 2);
  return words === null ? -EFAULT : msgrcv(k, t, id, words[0], length, words[1], flags);
}

export const ipcSyscalls: SyscallTable = {
  117: ["ipc", sysIpc],
  393: ["semget", (k, t, key, count, flags) => semget(k, t, key, count, flags)],
  394: ["semctl", (k, t, id, index, command, argument) => semctl(k, t, id, index, command, argument)],
  395: ["shmget", (k, t, key, size, flags) => shmget(k, t, key, size, flags)],
  396: ["shmctl", (k, t, id, command, address) => shmctl(k, t, id, command, address)],
  397: ["shmat", (k, t, id, address, flags) => shmat(k, t, id, address, flags)],
  398: ["shmdt", (_k, t, address) => shmdt(t, address)],
  399: ["msgget", (k, t, key, flags) => msgget(k, t, key, flags)],
  400: ["msgsnd", (k, t, id, address, length, flags) => msgsnd(k, t, id, address, length, flags)],
  401: ["msgrcv", (k, t, id, address, length, type, flags) => msgrcv(k, t, id, address, length, type, flags)],
  402: ["msgctl", (k, t, id, command, address) => msgctl(k, t, id, command, address)],
  420: ["semtimedop_time64", (k, t, id, ops, count, timeout) => semtimedop(k, t, id, ops, count, timeout, "wide")],
};
