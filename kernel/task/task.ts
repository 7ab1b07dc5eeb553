/** Threads and the processes they make up: struct task_struct and struct signal_struct. */

import type { FilesStruct } from "../fs/files-struct.ts";
import type { FsStruct } from "../fs/fs-struct.ts";
import type { UndoList } from "../ipc/semaphores.ts";
import type { MmStruct } from "../mm/mm.ts";
import type { IntervalTimers } from "../time/interval-timers.ts";
import type { PosixTimers } from "../time/posix-timer.ts";
import { Cred } from "./cred.ts";
import { Pending } from "./pending.ts";
import { Rlimits } from "./rlimit.ts";
import type { Scheduler } from "./scheduler.ts";
import { Sighand } from "./sighand.ts";
import { SIGCHLD, SIGKILL } from "./signals.ts";
import { SignalSet } from "./sigset.ts";
import type { ControllingTerminal } from "./terminal.ts";
import { Usage } from "./usage.ts";
import { WaitQueue } from "./wait.ts";

/**
 * running: on the run queue or on the CPU. interruptible, uninterruptible: asleep, a signal wakes or does not (a fatal one
 * wakes both: TASK_KILLABLE). stopped: by job control. zombie: has ended, not yet waited for. dead: gone.
 */
export type TaskState = "running" | "interruptible" | "uninterruptible" | "stopped" | "zombie" | "dead";

/** A system call that sleeps and will be called again. Arguments are signed int32. */
export interface PendingCall {
  number: number;
  args: readonly [number, number, number, number, number, number];
}

export class Task {
  /** Changes only when execve() of another thread takes over the id of the leader. */
  pid: number;
  group: ThreadGroup;
  /** At most 15 bytes. */
  comm = "";
  state: TaskState = "running";
  readonly scheduler: Scheduler<Task>;

  mm: MmStruct | null = null;
  /** null once the task has ended. */
  files: FilesStruct | null = null;
  fs: FsStruct | null = null;
  cred = new Cred();
  sighand = new Sighand();

  /** Registers of a task that is not on the CPU: Cpu.saveContext(). */
  context = new Int32Array(0);
  /** GDT entries 6..8, low and high word each (struct thread_struct tls_array). */
  readonly tls = new Int32Array(6);
  /** Last fault, for the signal frame: vector, error code, CR2 (struct thread_struct). */
  trapNumber = 0;
  errorCode = 0;
  cr2 = 0;
  /** pt_regs orig_ax: the number of the system call being made, -1 outside of one. */
  origEax = -1;

  /** There may be a signal to deliver: TIF_SIGPENDING, kept by signal.ts. */
  sigpending = false;
  readonly pending = new Pending();
  readonly blocked = new SignalSet();
  /** set_restore_sigmask(): the mask that sigsuspend and friends will restore; null outside of them. */
  savedSigmask: SignalSet | null = null;
  /** What is blocked besides while rt_sigtimedwait() waits with a smaller mask (real_blocked). */
  realBlocked: SignalSet | null = null;
  /** sigaltstack: address, size (bytes; 0 = none), flags. */
  altStack = { sp: 0, size: 0, flags: 0 };
  /** Signal that the parent's death sends (PR_SET_PDEATHSIG). */
  parentDeathSignal = 0;

  /** What a sleeping system call must remember; its type is that call's business. Cleared when the call ends. */
  progress: unknown = null;
  /** The call that sleeps; null = none. */
  call: PendingCall | null = null;
  /** Done in the task's own address space before it first returns to its program (schedule_tail()). */
  firstRun: (() => void) | null = null;
  /** What restart_syscall() continues (struct restart_block); null = EINTR. */
  restart: (() => number) | null = null;

  /** Has left do_exit(); may still be a zombie. */
  exited = false;
  /** Reaped: its times are in the process's. */
  released = false;
  /** The process stops and this thread shall too (JOBCTL_STOP_PENDING). */
  stopPending = false;
  /** Has no program: init. Signals do nothing to it. */
  kernelThread = false;
  /** Wait status of this thread. */
  exitCode = 0;
  /** User address zeroed and woken at exit (CLONE_CHILD_CLEARTID); 0 = none. */
  clearChildTid = 0;
  /** What semop() with SEM_UNDO will take back at exit. */
  semUndo: UndoList | null = null;
  robustList = 0;
  /** Called when the mm is released (exec, exit): wakes the parent of a vfork. */
  onMmRelease: (() => void) | null = null;
  /** Nice value -20..19. */
  nice = 0;
  /** sched_setscheduler(); told, not obeyed. */
  schedPolicy = 0;
  schedPriority = 0;
  /** ioprio_set(): class and level as one word of 16 bits, 0 = none. */
  ioPriority = 0;
  dumpable = 1;
  personality = 0;
  /** prctl(PR_SET_TIMERSLACK), ns. */
  timerSlack = 50000;
  noNewPrivileges = false;
  keepCapabilities = false;

  readonly usage = new Usage();
  /** Cycle count at which the task was made. */
  startCycles = 0;

  #queues: readonly WaitQueue[] = [];
  /** Absolute cycles at which a sleep ends; Infinity = never. */
  sleepDeadline = Number.POSITIVE_INFINITY;

  constructor(pid: number, scheduler: Scheduler<Task>, group?: ThreadGroup, parent: ThreadGroup | null = null) {
    this.pid = pid;
    this.scheduler = scheduler;
    this.group = group ?? new ThreadGroup(this, parent);
    this.group.threads.add(this);
  }

  get tgid(): number {
    return this.group.tgid;
  }

  /** Pid of the parent process, 0 for the first one. */
  get ppid(): number {
    return this.group.parent?.tgid ?? 0;
  }

  /** Soft resource limit (rlimit()). */
  rlimit(resource: number): number {
    return this.group.rlimits.soft[resource];
  }

  /** Hard resource limit (rlimit_max()). */
  rlimitMax(resource: number): number {
    return this.group.rlimits.hard[resource];
  }

  get sleeping(): boolean {
    return this.state === "interruptible" || this.state === "uninterruptible";
  }

  fatalSignalPending(): boolean {
    return this.pending.set.has(SIGKILL);
  }

  /** Goes to sleep; use sleep() of sleep.ts. */
  sleepOn(
    queues: readonly WaitQueue[],
    deadline: number | undefined,
    state: "interruptible" | "uninterruptible",
  ): void {
    for (const queue of queues) queue.add(this);
    this.#queues = queues;
    this.state = state;
    this.sleepDeadline = deadline ?? Number.POSITIVE_INFINITY;
    this.scheduler.asleep(this);
  }

  /** Is the task asleep in this queue? */
  sleepsOn(queue: WaitQueue): boolean {
    return this.sleeping && queue.has(this);
  }

  /** Leaves every queue and becomes runnable, if it sleeps (try_to_wake_up()). */
  wake(): void {
    if (!this.sleeping) return;
    this.leaveQueues();
    this.state = "running";
    this.scheduler.enqueue(this);
  }

  /** Job control stops the task (TASK_STOPPED). */
  stop(): void {
    this.state = "stopped";
    this.scheduler.dequeue(this);
  }

  /** SIGCONT or SIGKILL ends a stop. */
  resume(): void {
    this.state = "running";
    this.scheduler.enqueue(this);
  }

  leaveQueues(): void {
    for (const queue of this.#queues) queue.remove(this);
    this.#queues = [];
    this.sleepDeadline = Number.POSITIVE_INFINITY;
  }
}

/** A process: what the threads of one tgid share (struct signal_struct). */
/** Anonymous memory, private and shared, ELF headers, and private huge pages. */
const MMF_DUMP_FILTER_DEFAULT = 0x33;

export class ThreadGroup {
  readonly tgid: number;
  /** The thread whose pid is tgid. execve() from another thread replaces it. */
  leader: Task;
  /** Living threads and a leader that waits for them as a zombie; in order of creation. */
  readonly threads = new Set<Task>();
  /** The process that gets SIGCHLD and may wait; null for the first one. */
  parent: ThreadGroup | null;
  readonly children = new Set<ThreadGroup>();
  /** The thread of `parent` that made this process, for __WNOTHREAD and PR_SET_PDEATHSIG. */
  forker: Task | null = null;
  /** Signal for the parent at exit; 0 = none. A value other than SIGCHLD makes a "clone" child for wait4(). */
  exitSignal = SIGCHLD;

  pgrp: number;
  session: number;
  tty: ControllingTerminal | null = null;

  readonly pending = new Pending();
  /** Waiters in wait4()/waitid() of this process. */
  readonly waitChildren = new WaitQueue();
  /** Pollers of pidfds of this process. */
  readonly waitEnd = new WaitQueue();
  /** Has ended and the parent was told: what a pidfd shows. */
  ended = false;
  /** A group-wide exit or fatal signal is under way; every thread leaves with `exitCode` (SIGNAL_GROUP_EXIT). */
  groupExit = false;
  /** Wait status: exit code << 8, or signal number, | 0x80 if dumped. */
  exitCode = 0;
  /** Every thread is stopped (SIGNAL_STOP_STOPPED). */
  stopped = false;
  /** Signal of the stop that is under way or complete, until wait4() has seen it. */
  stopCode = 0;
  /** Threads that have yet to stop. */
  stopCount = 0;
  /** SIGNAL_STOP_CONTINUED: what WCONTINUED is to see. */
  continuedForWait = false;
  /** SIGNAL_CLD_MASK: SIGCONT came, and the parent is told by the first thread that runs. */
  unreported: "stopped" | "continued" | null = null;

  /** -1000: never ended for want of memory; 1000: the first. */
  oomScoreAdj: number;
  /** Kinds of mappings that a core dump would have: MMF_DUMP_* >> MMF_DUMP_FILTER_SHIFT. */
  coredumpFilter: number;
  readonly rlimits: Rlimits;
  /** Times that RLIMIT_CPU has been enforced. */
  cpuLimitSignals = 0;
  itimers: IntervalTimers | null = null;
  posixTimers: PosixTimers | null = null;
  /** Use of threads that have ended. */
  readonly usage = new Usage();
  /** Use of children that were waited for. */
  readonly childUsage = new Usage();
  /** Cleared by fork, set by execve: setpgid() of a parent then gives EACCES. */
  didExec = false;
  /** PR_SET_CHILD_SUBREAPER. */
  subreaper = false;

  constructor(leader: Task, parent: ThreadGroup | null) {
    this.tgid = leader.pid;
    this.leader = leader;
    this.parent = parent;
    this.pgrp = parent ? parent.pgrp : leader.pid;
    this.session = parent ? parent.session : leader.pid;
    this.tty = parent ? parent.tty : null;
    this.oomScoreAdj = parent ? parent.oomScoreAdj : 0;
    this.coredumpFilter = parent ? parent.coredumpFilter : MMF_DUMP_FILTER_DEFAULT;
    this.rlimits = new Rlimits(parent?.rlimits);
  }

  /** Every thread has ended. */
  get dead(): boolean {
    for (const thread of this.threads) if (!thread.exited) return false;
    return true;
  }

  /** Threads that have not ended. */
  get liveThreads(): Task[] {
    return [...this.threads].filter((task) => !task.exited);
  }
}
