/**
 * I/O priorities (block/ioprio.c): remembered and inherited, without effect, since there is no queue in front of a disk.
 *
 *      15  13 12          3 2     0
 *     +------+-------------+-------+
 *     | class|    hints    | level |   class 0: none, as nice says; 1: real time; 2: best effort; 3: idle
 *     +------+-------------+-------+
 */

import { EINVAL, EPERM, ESRCH } from "../errno.ts";
import { CAP_SYS_ADMIN, CAP_SYS_NICE } from "../task/cred.ts";
import type { Task } from "../task/task.ts";
import { isRealtime, prioritized } from "./limits.ts";
import type { Syscall, SyscallTable } from "./syscall.ts";

const IOPRIO_WHO_PROCESS = 1;
const IOPRIO_CLASS_NONE = 0;
const IOPRIO_CLASS_RT = 1;
const IOPRIO_CLASS_BE = 2;
const IOPRIO_CLASS_IDLE = 3;
const CLASS_SHIFT = 13;
const SCHED_IDLE = 5;

const classOf = (priority: number) => (priority >>> CLASS_SHIFT) & 7;

/** ioprio_check_cap(). */
function check(t: Task, priority: number): number {
  switch (classOf(priority)) {
    case IOPRIO_CLASS_NONE:
      return (priority & 7) === 0 ? 0 : -EINVAL;
    case IOPRIO_CLASS_RT:
      return t.cred.capable(CAP_SYS_ADMIN) || t.cred.capable(CAP_SYS_NICE) ? 0 : -EPERM;
    case IOPRIO_CLASS_BE:
    case IOPRIO_CLASS_IDLE:
      return 0;
    default:
      return -EINVAL;
  }
}

/** get_task_ioprio(): what the task's nice value and policy make of no setting. */
function effective(task: Task): number {
  if (classOf(task.ioPriority) !== IOPRIO_CLASS_NONE) return task.ioPriority;
  const level = Math.floor((task.nice + 20) / 5);
  if (task.schedPolicy === SCHED_IDLE) return (IOPRIO_CLASS_IDLE << CLASS_SHIFT) | level;
  return ((isRealtime(task.schedPolicy) ? IOPRIO_CLASS_RT : IOPRIO_CLASS_BE) << CLASS_SHIFT) | level;
}

const sysIoprioSet: Syscall = (k, t, which, who, priority) => {
  const refused = check(t, priority);
  if (refused < 0) return refused;
  const tasks = prioritized(k, t, which - IOPRIO_WHO_PROCESS, who);
  if (typeof tasks === "number") return tasks;
  for (const task of tasks) {
    const { uid } = task.cred;
    if (uid !== t.cred.euid && uid !== t.cred.uid && !t.cred.capable(CAP_SYS_NICE)) return -EPERM;
    task.ioPriority = priority & 0xffff;
  }
  return tasks.length === 0 ? -ESRCH : 0;
};

/** One process's setting is told as it was made; of several, the best that any has. */
const sysIoprioGet: Syscall = (k, t, which, who) => {
  const tasks = prioritized(k, t, which - IOPRIO_WHO_PROCESS, who);
  if (typeof tasks === "number") return tasks;
  const [first] = tasks;
  if (first === undefined) return -ESRCH;
  return which === IOPRIO_WHO_PROCESS ? first.ioPriority : Math.min(...tasks.map(effective));
};

export const ioPrioritySyscalls: SyscallTable = {
  289: ["ioprio_set", sysIoprioSet],
  290: ["ioprio_get", sysIoprioGet],
};
