/** The kernel of one machine: it owns the memory manager, the files, the tasks and the clock. What it does is in task/, mm/, fs/. */

import type { Cpu } from "../emu/cpu.ts";
import type { Machine } from "../emu/machine.ts";
import { FEATURE_FXSR, FEATURE_SEP } from "../emu/profile.ts";
import type { Vfs } from "./fs/vfs.ts";
import type { Host } from "./host.ts";
import { IpcNamespace } from "./ipc/namespace.ts";
import { MemoryManager } from "./mm/memory-manager.ts";
import type { MmStruct } from "./mm/mm.ts";
import { SharedTables } from "./mm/shared-tables.ts";
import type { Uaccess } from "./mm/uaccess.ts";
import { Random } from "./random.ts";
import { FutexTable } from "./task/futex-table.ts";
import { PidTable } from "./task/pid.ts";
import { Scheduler } from "./task/scheduler.ts";
import { Segments } from "./task/segments.ts";
import type { Siginfo } from "./task/siginfo.ts";
import type { Task, ThreadGroup } from "./task/task.ts";
import { WaitQueue } from "./task/wait.ts";
import { Clock } from "./time/clock.ts";

/** The rest of CR0_STATE (arch/x86/include/uapi/asm/processor-flags.h): x87 errors as #MF, alignment checks as programs wish. */
const CR0_MP = 1 << 1;
const CR0_ET = 1 << 4;
const CR0_NE = 1 << 5;
const CR0_AM = 1 << 18;

export interface KernelOptions {
  /** Seed of everything random in the machine. Default 1. */
  seed?: number;
  /** CLOCK_REALTIME at boot, seconds since 1970. Default: 2000-01-01. */
  epochSeconds?: number;
  /** 4 MiB pages in the pool at the start, fewer if memory is short; none without PSE. Default 0. */
  hugePages?: number;
  /** What a fork does with page tables: "copy", or "share" them until one side changes something. Default "copy". */
  pageTables?: "copy" | "share";
  /** Silences the one line per unknown system call. */
  quiet?: boolean;
}

/** Events counted since boot. */
export class KernelCounters {
  /** System calls by i386 number. */
  readonly syscalls = new Float64Array(512);
  contextSwitches = 0;
  forks = 0;
  execs = 0;
  /** Signals delivered to a handler, by number. */
  readonly signals = new Float64Array(65);
  /** Exceptions of programs by vector, page faults included. */
  readonly exceptions = new Float64Array(32);
  timerTicks = 0;
}

/** What an observer may look at; called synchronously, must not change anything. */
export interface KernelProbe {
  syscallEnter?(task: Task, number: number, args: readonly number[]): void;
  /** `result` as the program sees it, or null if the call does not return (exit). */
  syscallExit?(task: Task, number: number, args: readonly number[], result: number | null): void;
  /** A signal is being delivered: to a handler, or fatally. */
  signal?(task: Task, info: Siginfo, outcome: "handler" | "fatal"): void;
  /** The last user of an address space is about to leave it. */
  exitMm?(task: Task, mm: MmStruct): void;
  /** A process is gone. `status` is its wait status. */
  exit?(group: ThreadGroup, status: number): void;
  /** A new program runs in this task. */
  exec?(task: Task, path: string): void;
  fork?(parent: Task, child: Task): void;
}

/** How the first process ended. */
export interface MainExit {
  /** Wait status: exit code << 8, or the signal's number, | 0x80 with a core dump. */
  status: number;
  /** The signal that ended it, if it belongs to an instruction, and where that was. */
  fatal: { info: Siginfo; eip: number } | null;
}

export class Kernel {
  readonly machine: Machine;
  readonly cpu: Cpu;
  readonly host: Host;
  readonly options: KernelOptions;
  readonly features: { readonly fxsr: boolean; readonly sysenter: boolean };
  readonly clock: Clock;
  readonly scheduler = new Scheduler<Task>();
  readonly tasks = new PidTable();
  readonly futexes = new FutexTable();
  readonly ipc = new IpcNamespace();
  readonly random: Random;
  readonly mm: MemoryManager;
  readonly segments: Segments;
  /** Copies from and to the address space that is loaded in CR3. */
  readonly user: Uaccess;
  readonly vfs: Vfs;
  /** Tasks that wait for standard input of the host. */
  readonly hostInput = new WaitQueue();
  readonly counters = new KernelCounters();
  probe: KernelProbe | null = null;
  /** The process that boot() started; its end is the machine's. */
  main: ThreadGroup | null = null;
  mainExit: MainExit | null = null;
  /** Cycle at which the turn of the task on the CPU is over, if others wait. For run.ts alone. */
  quantumEnd = 0;
  /**
   * A budget of instructions ended between two control transfers: no timer fires and no other task runs until the next one,
   * as if there had been no budget. For run.ts alone.
   */
  betweenTransfers = false;
  /** Somebody asked run() to come back after the trap that is being handled. */
  stopRequested = false;
  /** The first process has ended, and no other one is left or will ever run again. */
  drained = false;
  hostname = "pagewalk";
  domainname = "(none)";
  /** System call numbers that nobody implements and that were complained about. */
  readonly unknownCalls = new Set<number>();

  #current: Task | null = null;

  /** Takes possession of the machine: paging is on afterwards. `makeVfs` gets the kernel's services that files need. */
  constructor(machine: Machine, host: Host, options: KernelOptions, makeVfs: (kernel: Kernel) => Vfs) {
    this.machine = machine;
    this.cpu = machine.cpu;
    this.host = host;
    this.options = options;
    const { features, hertz } = machine.profile;
    this.features = { fxsr: (features & FEATURE_FXSR) !== 0, sysenter: (features & FEATURE_SEP) !== 0 };
    this.clock = new Clock(machine.cpu, hertz, options.epochSeconds);
    this.random = new Random(options.seed ?? 1);
    this.mm = new MemoryManager(machine.ram, machine.mmu, machine.bus);
    this.mm.enablePaging();
    this.mm.memory.hugePages.resize(options.hugePages ?? 0);
    if (options.pageTables === "share") this.mm.sharing = new SharedTables(this.mm.memory);
    const { mmu } = machine;
    mmu.setCr0(mmu.cr0 | CR0_MP | CR0_ET | (machine.profile.level >= 4 ? CR0_NE | CR0_AM : 0));
    this.user = this.mm.user;
    this.segments = new Segments(this.mm, machine.cpu);
    this.vfs = makeVfs(this);
  }

  /** The task on the CPU; there is one whenever a system call or a fault is being handled. */
  get current(): Task {
    if (this.#current === null) throw new Error("no task is on the CPU");
    return this.#current;
  }

  /** The task on the CPU, or null between tasks. */
  get onCpu(): Task | null {
    return this.#current;
  }

  /** For switch.ts alone. */
  setCurrent(task: Task | null): void {
    this.#current = task;
  }

  /** One line for the person who runs the machine (the CLI prints it on stderr). */
  log(line: string): void {
    this.host.log(line);
  }
}
