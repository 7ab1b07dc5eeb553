/** fork, wait and exit. */

import { E2BIG, EACCES, EFAULT, EINTR, EINVAL, EPERM, ESRCH } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import { doExit, doGroupExit } from "../task/exit.ts";
import {
  CLONE_CLEAR_SIGHAND,
  CLONE_DETACHED,
  CLONE_INTO_CGROUP,
  CLONE_PARENT,
  CLONE_PARENT_SETTID,
  CLONE_PIDFD,
  CLONE_SIGHAND,
  CLONE_THREAD,
  CLONE_VFORK,
  CLONE_VM,
  type CloneArgs,
  CSIGNAL,
  copyProcess,
  VforkWait,
} from "../task/fork.ts";
import { NSIG, SIGCHLD } from "../task/signals.ts";
import { NO_RETURN, SLEEPING, sleep } from "../task/sleep.ts";
import type { Task } from "../task/task.ts";
import { installPidfd } from "./pidfd.ts";
import type { SyscallTable } from "./syscall.ts";
import { fromWide } from "./words.ts";

/** kernel_clone(): the pid of the child; with CLONE_VFORK not before it has left the address space. */
function kernelClone(k: Kernel, t: Task, args: CloneArgs & { pidfd: number }): number {
  if (t.progress instanceof VforkWait) return awaitVfork(t, t.progress);
  const wantsPidfd = (args.flags & CLONE_PIDFD) !== 0;
  if (wantsPidfd && (args.flags & CLONE_PARENT_SETTID) !== 0 && args.pidfd === args.parentTid) return -EINVAL;
  const child = wantsPidfd ? cloneWithPidfd(k, t, args) : copyProcess(k, t, args);
  if (typeof child === "number") return child;
  if ((args.flags & CLONE_VFORK) !== 0) {
    t.progress = new VforkWait(child);
    k.scheduler.enqueue(child);
    return awaitVfork(t, t.progress as VforkWait);
  }
  k.scheduler.enqueue(child);
  return child.pid;
}

/** The descriptor exists before the child does, so that nothing can fail after it. */
function cloneWithPidfd(k: Kernel, t: Task, args: CloneArgs & { pidfd: number }): Task | number {
  const [fd, file] = installPidfd(k, t, null, 0);
  if (fd < 0) return fd;
  const child = k.user.putU32(args.pidfd, fd) ? copyProcess(k, t, args) : -EFAULT;
  if (typeof child === "number") t.files?.close(fd);
  else file.group = child.group;
  return child;
}

function awaitVfork(t: Task, wait: VforkWait): number {
  if (wait.done) return wait.pid;
  const result = sleep(t, { queues: [wait.queue], onSignal: "killable" });
  return result === SLEEPING ? result : -EINTR;
}

const forkArgs = {
  flags: 0,
  clearSighand: false,
  exitSignal: SIGCHLD,
  stack: 0,
  tls: 0,
  parentTid: 0,
  childTid: 0,
  pidfd: 0,
};

function sysFork(k: Kernel, t: Task): number {
  return kernelClone(k, t, forkArgs);
}

function sysVfork(k: Kernel, t: Task): number {
  return kernelClone(k, t, { ...forkArgs, flags: CLONE_VFORK | CLONE_VM });
}

/** CONFIG_CLONE_BACKWARDS: flags, stack, parent_tid, tls, child_tid. */
function sysClone(k: Kernel, t: Task, flags: number, stack: number, parentTid: number, tls: number, childTid: number) {
  return kernelClone(k, t, {
    flags: flags & ~CSIGNAL,
    clearSighand: false,
    exitSignal: flags & CSIGNAL,
    pidfd: parentTid >>> 0,
    stack: stack >>> 0,
    tls: tls >>> 0,
    parentTid: parentTid >>> 0,
    childTid: childTid >>> 0,
  });
}

/** CLONE_ARGS_SIZE_VER0: everything up to tls. */
const CLONE_ARGS_MIN = 64;
const CLONE_ARGS_MAX = 88;

/** copy_clone_args_from_user(), clone3_args_valid(). set_tid and cgroup are refused. */
function sysClone3(k: Kernel, t: Task, address: number, size: number): number {
  if (t.progress instanceof VforkWait) return awaitVfork(t, t.progress);
  if (size >>> 0 > 4096) return -E2BIG;
  if (size >>> 0 < CLONE_ARGS_MIN) return -EINVAL;
  const bytes = k.user.read(address >>> 0, size >>> 0);
  if (bytes === null) return -EFAULT;
  if (bytes.subarray(CLONE_ARGS_MAX).some((byte) => byte !== 0)) return -E2BIG;
  const view = new DataView(bytes.buffer);
  const field = (index: number): number =>
    index * 8 + 8 > bytes.length ? 0 : fromWide(view.getInt32(index * 8, true), view.getInt32(index * 8 + 4, true));
  const [flags, pidfd, childTid, parentTid, exitSignal, stack, stackSize, tls, setTid, setTidSize] = Array.from(
    { length: 11 },
    (_, index) => field(index),
  ) as [number, number, number, number, number, number, number, number, number, number];
  if (setTidSize > 0 || setTid !== 0) return setTid !== 0 && setTidSize > 0 ? -EPERM : -EINVAL;
  if (exitSignal < 0 || exitSignal > NSIG || (exitSignal & ~CSIGNAL) !== 0) return -EINVAL;
  const known = 0x7fffff00 + CLONE_CLEAR_SIGHAND + CLONE_INTO_CGROUP;
  if (flags < 0 || flags > 0x3ffffffff || (lowBits(flags) & ~lowBits(known)) !== 0) return -EINVAL;
  if (flags >= CLONE_INTO_CGROUP) return -EINVAL;
  const low = lowBits(flags);
  const clearSighand = flags >= CLONE_CLEAR_SIGHAND;
  if ((low & CLONE_DETACHED) !== 0) return -EINVAL;
  if (clearSighand && (low & CLONE_SIGHAND) !== 0) return -EINVAL;
  if ((low & (CLONE_THREAD | CLONE_PARENT)) !== 0 && exitSignal !== 0) return -EINVAL;
  if ((stack === 0) !== (stackSize === 0)) return -EINVAL;
  return kernelClone(k, t, {
    flags: low,
    clearSighand,
    exitSignal,
    pidfd: pidfd >>> 0,
    stack: stack === 0 ? 0 : (stack + stackSize) >>> 0,
    tls: tls >>> 0,
    parentTid: parentTid >>> 0,
    childTid: childTid >>> 0,
  });
}

function lowBits(flags: number): number {
  return (flags % 4294967296) | 0;
}

function sysExit(k: Kernel, t: Task, code: number): number {
  doExit(k, t, (code & 0xff) << 8);
  return NO_RETURN;
}

function sysExitGroup(k: Kernel, t: Task, code: number): number {
  doGroupExit(k, t, (code & 0xff) << 8);
  return NO_RETURN;
}

function sysSetTidAddress(_k: Kernel, t: Task, address: number): number {
  t.clearChildTid = address >>> 0;
  return t.pid;
}

function sysRestartSyscall(_k: Kernel, t: Task): number {
  return t.restart === null ? -EINTR : t.restart();
}

function sysGetpid(_k: Kernel, t: Task): number {
  return t.tgid;
}

function sysGetppid(_k: Kernel, t: Task): number {
  return t.ppid;
}

function sysGettid(_k: Kernel, t: Task): number {
  return t.pid;
}

/** The process of a pid argument: 0 is the caller's own. */
function groupOf(k: Kernel, t: Task, pid: number) {
  return pid === 0 ? t.group : k.tasks.get(pid)?.group;
}

function sysSetpgid(k: Kernel, t: Task, pid: number, pgid: number): number {
  const own = t.group;
  const wanted = pid === 0 ? own.tgid : pid;
  const pgrp = pgid === 0 ? wanted : pgid;
  if (pgrp < 0) return -EINVAL;
  const target = k.tasks.get(wanted);
  if (target === undefined) return -ESRCH;
  const { group } = target;
  if (group.leader !== target) return -EINVAL;
  if (group.parent === own) {
    if (group.session !== own.session) return -EPERM;
    if (group.didExec) return -EACCES;
  } else if (group !== own) {
    return -ESRCH;
  }
  if (group.session === group.tgid) return -EPERM;
  if (pgrp !== group.tgid) {
    const members = k.tasks.processGroup(pgrp);
    if (members.length === 0 || !members.some((member) => member.session === own.session)) return -EPERM;
  }
  group.pgrp = pgrp;
  return 0;
}

function sysGetpgid(k: Kernel, t: Task, pid: number): number {
  return groupOf(k, t, pid)?.pgrp ?? -ESRCH;
}

function sysGetpgrp(_k: Kernel, t: Task): number {
  return t.group.pgrp;
}

function sysGetsid(k: Kernel, t: Task, pid: number): number {
  return groupOf(k, t, pid)?.session ?? -ESRCH;
}

/** ksys_setsid(): not for a session leader, nor where a process group has this id. */
function sysSetsid(k: Kernel, t: Task): number {
  const { group } = t;
  if (group.session === group.tgid || k.tasks.processGroup(group.tgid).length > 0) return -EPERM;
  group.session = group.tgid;
  group.pgrp = group.tgid;
  group.tty = null;
  return group.session;
}

export const processSyscalls: SyscallTable = {
  0: ["restart_syscall", sysRestartSyscall],
  1: ["exit", sysExit],
  2: ["fork", sysFork],
  20: ["getpid", sysGetpid],
  57: ["setpgid", sysSetpgid],
  64: ["getppid", sysGetppid],
  65: ["getpgrp", sysGetpgrp],
  66: ["setsid", sysSetsid],
  120: ["clone", sysClone],
  132: ["getpgid", sysGetpgid],
  147: ["getsid", sysGetsid],
  190: ["vfork", sysVfork],
  224: ["gettid", sysGettid],
  252: ["exit_group", sysExitGroup],
  258: ["set_tid_address", sysSetTidAddress],
  435: ["clone3", sysClone3],
};
