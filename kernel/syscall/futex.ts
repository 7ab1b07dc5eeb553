/** futex() and the robust list. */

import { EFAULT, EINVAL, ENOSYS, EPERM, ESRCH } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import {
  FUTEX_BITSET_MATCH_ANY,
  FUTEX_CLOCK_REALTIME,
  FUTEX_CMP_REQUEUE,
  FUTEX_LOCK_PI2,
  FUTEX_PRIVATE_FLAG,
  FUTEX_REQUEUE,
  FUTEX_WAIT,
  FUTEX_WAIT_BITSET,
  FUTEX_WAIT_REQUEUE_PI,
  FUTEX_WAKE,
  FUTEX_WAKE_BITSET,
  FUTEX_WAKE_OP,
  futexRequeue,
  futexWait,
  futexWake,
  futexWakeOp,
} from "../task/futex.ts";
import type { Task } from "../task/task.ts";
import { readValidTimespec, spanOf, type TimeWidth } from "../time/timespec.ts";
import type { Syscall, SyscallTable } from "./syscall.ts";
import { writeWords } from "./words.ts";

/** do_futex(). PI futexes are refused by design: what a kernel without CONFIG_FUTEX_PI answers. */
function futex(k: Kernel, t: Task, args: readonly number[], width: TimeWidth): number {
  const [address, op, value, fourth, address2, value3] = args as [number, number, number, number, number, number];
  const uaddr = address >>> 0;
  const command = op & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
  const shared = (op & FUTEX_PRIVATE_FLAG) === 0;
  const waits = command === FUTEX_WAIT || command === FUTEX_WAIT_BITSET;
  let deadline = Number.POSITIVE_INFINITY;
  if (waits && fourth !== 0 && t.progress === null) {
    const time = readValidTimespec(k, fourth, width);
    if (typeof time === "number") return time;
    if (command === FUTEX_WAIT) deadline = k.clock.now() + spanOf(time);
    else if ((op & FUTEX_CLOCK_REALTIME) !== 0) deadline = k.clock.sinceBoot(time);
    else deadline = spanOf(time);
  }
  const clockAllowed = command === FUTEX_WAIT_BITSET || command === FUTEX_WAIT_REQUEUE_PI || command === FUTEX_LOCK_PI2;
  if ((op & FUTEX_CLOCK_REALTIME) !== 0 && !clockAllowed) return -ENOSYS;
  const any = { shared, bitset: FUTEX_BITSET_MATCH_ANY };
  switch (command) {
    case FUTEX_WAIT:
      return futexWait(k, t, uaddr, value, any, deadline);
    case FUTEX_WAIT_BITSET:
      return futexWait(k, t, uaddr, value, { shared, bitset: value3 }, deadline);
    case FUTEX_WAKE:
      return futexWake(k, t, uaddr, value, any);
    case FUTEX_WAKE_BITSET:
      return futexWake(k, t, uaddr, value, { shared, bitset: value3 });
    case FUTEX_REQUEUE:
      return futexRequeue(k, t, uaddr, address2 >>> 0, { wake: value, requeue: fourth }, null, shared);
    case FUTEX_CMP_REQUEUE:
      return futexRequeue(k, t, uaddr, address2 >>> 0, { wake: value, requeue: fourth }, value3, shared);
    case FUTEX_WAKE_OP:
      return futexWakeOp(k, t, uaddr, address2 >>> 0, { first: value, second: fourth }, value3, shared);
    default:
      return -ENOSYS;
  }
}

const sysFutex: Syscall = (k, t, ...args) => futex(k, t, args, "old");
const sysFutexTime64: Syscall = (k, t, ...args) => futex(k, t, args, "wide");

/** sizeof(struct robust_list_head). */
const ROBUST_HEAD_BYTES = 12;

const sysSetRobustList: Syscall = (_k, t, head, length) => {
  if (length !== ROBUST_HEAD_BYTES) return -EINVAL;
  t.robustList = head >>> 0;
  return 0;
};

const sysGetRobustList: Syscall = (k, t, pid, headAddress, lengthAddress) => {
  const target = pid === 0 ? t : k.tasks.get(pid);
  if (target === undefined) return -ESRCH;
  if (target.cred.uid !== t.cred.uid && t.cred.euid !== 0) return -EPERM;
  if (writeWords(k, lengthAddress, [ROBUST_HEAD_BYTES]) < 0) return -EFAULT;
  return writeWords(k, headAddress, [target.robustList]);
};

export const futexSyscalls: SyscallTable = {
  240: ["futex", sysFutex],
  311: ["set_robust_list", sysSetRobustList],
  312: ["get_robust_list", sysGetRobustList],
  422: ["futex_time64", sysFutexTime64],
};
