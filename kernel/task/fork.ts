/** New tasks (kernel/fork.c). */

import { EAX, ESP } from "../../emu/state.ts";
import { EAGAIN, EFAULT, EINVAL, ENOMEM, ERESTARTNOINTR } from "../errno.ts";
import { UndoList } from "../ipc/semaphores.ts";
import type { Kernel } from "../kernel.ts";
import { dupMm } from "../mm/fork.ts";
import { CAP_SYS_ADMIN, CAP_SYS_RESOURCE } from "./cred.ts";
import { decodeUserDesc, isTlsDesc, USER_DESC_BYTES } from "./descriptor.ts";
import { RLIMIT_NPROC } from "./rlimit.ts";
import { Sighand } from "./sighand.ts";
import { recalcSigpending } from "./signal.ts";
import { SS_DISABLE } from "./signal-frame.ts";
import { saveContext } from "./switch.ts";
import { Task } from "./task.ts";
import { reloadTlsSegments, setTlsEntry } from "./tls.ts";
import { WaitQueue } from "./wait.ts";

export const CSIGNAL = 0xff;
export const CLONE_VM = 0x00000100;
export const CLONE_FS = 0x00000200;
export const CLONE_FILES = 0x00000400;
export const CLONE_SIGHAND = 0x00000800;
export const CLONE_PIDFD = 0x00001000;
export const CLONE_PTRACE = 0x00002000;
export const CLONE_VFORK = 0x00004000;
export const CLONE_PARENT = 0x00008000;
export const CLONE_THREAD = 0x00010000;
export const CLONE_NEWNS = 0x00020000;
export const CLONE_SYSVSEM = 0x00040000;
export const CLONE_SETTLS = 0x00080000;
export const CLONE_PARENT_SETTID = 0x00100000;
export const CLONE_CHILD_CLEARTID = 0x00200000;
export const CLONE_DETACHED = 0x00400000;
export const CLONE_CHILD_SETTID = 0x01000000;
export const CLONE_NEWCGROUP = 0x02000000;
export const CLONE_NEWUTS = 0x04000000;
export const CLONE_NEWIPC = 0x08000000;
export const CLONE_NEWUSER = 0x10000000;
export const CLONE_NEWPID = 0x20000000;
export const CLONE_NEWNET = 0x40000000;
/** clone3() only; 2^32 and 2^33. */
export const CLONE_CLEAR_SIGHAND = 0x100000000;
export const CLONE_INTO_CGROUP = 0x200000000;

const NAMESPACES =
  CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

/** struct kernel_clone_args. Addresses are uint32, 0 = not given. */
export interface CloneArgs {
  /** Low 32 bits of the flags, without CSIGNAL; int32. */
  flags: number;
  clearSighand: boolean;
  exitSignal: number;
  /** Stack pointer of the child; 0 = the parent's. */
  stack: number;
  tls: number;
  parentTid: number;
  childTid: number;
}

/** The child, or -errno. It is runnable; its registers are the parent's with EAX = 0. cf. copy_process(). */
export function copyProcess(k: Kernel, parent: Task, args: CloneArgs): Task | number {
  const { flags } = args;
  const has = (flag: number): boolean => (flags & flag) !== 0;
  if (has(CLONE_NEWNS) && has(CLONE_FS)) return -EINVAL;
  if (has(CLONE_NEWUSER) && has(CLONE_FS)) return -EINVAL;
  if (has(CLONE_THREAD) && !has(CLONE_SIGHAND)) return -EINVAL;
  if (has(CLONE_SIGHAND) && !has(CLONE_VM)) return -EINVAL;
  if (has(CLONE_PARENT) && parent.group.tgid === 1) return -EINVAL;
  if (has(CLONE_PIDFD) && (has(CLONE_DETACHED) || has(CLONE_THREAD))) return -EINVAL;
  // Namespaces are refused by design: this is what a kernel without them answers (CONFIG_NAMESPACES=n).
  if ((flags & NAMESPACES) !== 0) return -EINVAL;
  recalcSigpending(parent);
  if (parent.sigpending) return -ERESTARTNOINTR;
  const { cred } = parent;
  if (cred.uid !== 0 && !cred.capable(CAP_SYS_RESOURCE) && !cred.capable(CAP_SYS_ADMIN)) {
    let count = 0;
    for (const task of k.tasks) if (task.cred.uid === cred.uid) count++;
    if (count >= parent.rlimit(RLIMIT_NPROC)) return -EAGAIN;
  }
  const tls = parent.tls.slice();
  if (has(CLONE_SETTLS)) {
    const result = setTlsFor(k, tls, args.tls);
    if (result < 0) return result;
  }
  if (k.tasks.size >= maxThreads(k)) return -EAGAIN;
  const pid = k.tasks.allocate();
  if (pid === 0) return -EAGAIN;
  let { mm } = parent;
  if (mm !== null && !has(CLONE_VM)) {
    const copy = dupMm(k.mm, mm);
    if (typeof copy === "number") return copy;
    if (mm.ldt !== null) {
      copy.ldt = k.segments.createLdt(mm.ldt.limit + 1, mm.ldt);
      if (copy.ldt === null) {
        k.mm.mmput(copy);
        return -ENOMEM;
      }
    }
    mm = copy;
  } else {
    mm?.get();
  }
  const thread = has(CLONE_THREAD);
  const child = new Task(pid, k.scheduler, thread ? parent.group : undefined, parent.group);
  child.mm = mm;
  child.tls.set(tls);
  inherit(parent, child, args);
  if (!thread) {
    const { group } = child;
    group.exitSignal = has(CLONE_PARENT) ? parent.group.exitSignal : args.exitSignal;
    group.parent = has(CLONE_PARENT) ? parent.group.parent : parent.group;
    group.forker = has(CLONE_PARENT) ? parent.group.forker : parent;
    group.parent?.children.add(group);
  }
  copyRegisters(k, parent, child, args.stack);
  child.startCycles = k.cpu.cycles;
  k.tasks.add(child);
  k.counters.forks++;
  if (has(CLONE_PARENT_SETTID)) k.user.putU32(args.parentTid, pid);
  if (has(CLONE_CHILD_CLEARTID)) child.clearChildTid = args.childTid;
  child.firstRun = () => {
    // The descriptors are the child's own by now; the hidden parts of FS and GS are still the parent's.
    if (has(CLONE_SETTLS)) reloadTlsSegments(k);
    if (has(CLONE_CHILD_SETTID)) k.user.putU32(args.childTid, pid);
  };
  k.probe?.fork?.(parent, child);
  return child;
}

/** set_max_threads(): their kernel stacks, 8 KiB each, may take an eighth of the memory. */
function maxThreads(k: Kernel): number {
  return Math.max(20, Math.floor(k.mm.memory.frames.total / 16));
}

/** What a child takes over by copy or by sharing. */
function inherit(parent: Task, child: Task, args: CloneArgs): void {
  const has = (flag: number): boolean => (args.flags & flag) !== 0;
  child.comm = parent.comm;
  child.files = (has(CLONE_FILES) ? parent.files?.share() : parent.files?.clone()) ?? null;
  child.fs = (has(CLONE_FS) ? parent.fs?.share() : parent.fs?.clone()) ?? null;
  if (has(CLONE_SYSVSEM)) {
    parent.semUndo ??= new UndoList();
    parent.semUndo.users++;
    child.semUndo = parent.semUndo;
  }
  child.cred = parent.cred.clone();
  if (has(CLONE_SIGHAND)) {
    child.sighand = parent.sighand;
    child.sighand.users++;
  } else {
    child.sighand = new Sighand(parent.sighand);
    if (args.clearSighand) child.sighand.reset();
  }
  child.blocked.assign(parent.blocked);
  const ownStack = has(CLONE_VM) && !has(CLONE_VFORK);
  child.altStack = ownStack ? { sp: 0, size: 0, flags: SS_DISABLE } : { ...parent.altStack };
  child.personality = parent.personality;
  child.nice = parent.nice;
  child.ioPriority = parent.ioPriority;
  child.dumpable = parent.dumpable;
  child.noNewPrivileges = parent.noNewPrivileges;
  child.timerSlack = parent.timerSlack;
}

/** copy_thread(): the child returns 0 from the call, on its own stack if it was given one. */
function copyRegisters(k: Kernel, parent: Task, child: Task, stack: number): void {
  const { regs } = k.cpu;
  const eax = regs[EAX];
  const esp = regs[ESP];
  regs[EAX] = 0;
  if (stack !== 0) regs[ESP] = stack;
  saveContext(k, child);
  regs[EAX] = eax;
  regs[ESP] = esp;
  child.trapNumber = parent.trapNumber;
  child.errorCode = parent.errorCode;
  child.cr2 = parent.cr2;
}

/** do_set_thread_area() for CLONE_SETTLS: the entry must be named. */
function setTlsFor(k: Kernel, tls: Int32Array, address: number): number {
  const bytes = k.user.read(address, USER_DESC_BYTES);
  if (bytes === null) return -EFAULT;
  const desc = decodeUserDesc(bytes);
  if (!isTlsDesc(desc)) return -EINVAL;
  return setTlsEntry(tls, desc.entryNumber, desc);
}

/** The parent of a vfork child waits here until the child stops using the address space. */
export class VforkWait {
  readonly queue = new WaitQueue();
  readonly pid: number;
  done = false;

  constructor(child: Task) {
    this.pid = child.pid;
    child.onMmRelease = () => {
      this.done = true;
      this.queue.wakeUp();
    };
  }
}
