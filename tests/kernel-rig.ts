/** A kernel with tasks but without programs: system calls and signals are tried by hand. */

import { createMachine } from "../emu/machine.ts";
import { ESP } from "../emu/state.ts";
import { FsStruct } from "../kernel/fs/fs-struct.ts";
import { Vfs } from "../kernel/fs/vfs.ts";
import type { Host } from "../kernel/host.ts";
import { Kernel } from "../kernel/kernel.ts";
import { doMmap } from "../kernel/mm/mmap.ts";
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, PROT_READ, PROT_WRITE } from "../kernel/mm/mmap-flags.ts";
import { copyProcess } from "../kernel/task/fork.ts";
import { SIG_IGN } from "../kernel/task/sighand.ts";
import { kernelSignal, sendPgrpSignal } from "../kernel/task/signal.ts";
import { SIGCHLD } from "../kernel/task/signals.ts";
import { leaveCpu, saveContext, switchTo } from "../kernel/task/switch.ts";
import { Task } from "../kernel/task/task.ts";

const silent = { write: (bytes: Uint8Array) => bytes.length, terminal: false };

/** A host without files and without input. What the kernel logs goes to `lines`. */
export function emptyHost(lines: string[] = []): Host {
  return {
    tree: null,
    program: null,
    stdin: { read: () => 0, ready: () => true, terminal: false },
    stdout: silent,
    stderr: silent,
    windowSize: () => ({ rows: 24, columns: 80 }),
    log: (line) => lines.push(line),
    hostTimes: false,
  };
}

/** Address and size of the memory that every rig task has. */
export const MEMORY = 0x10000000;
export const MEMORY_BYTES = 0x10000;

export class KernelRig {
  readonly k: Kernel;
  readonly lines: string[] = [];
  readonly init: Task;
  /** The first process: on the CPU, with MEMORY mapped and its stack at the end of it. */
  readonly main: Task;

  constructor(cpu = "p6") {
    const machine = createMachine({ cpu, mem: 8 << 20 });
    const host = emptyHost(this.lines);
    this.k = new Kernel(
      machine,
      host,
      {},
      (k) =>
        new Vfs({
          host,
          now: () => k.clock.realtime(),
          random: k.random,
          hostInput: k.hostInput,
          signalPgrp: (pgrp, signo) => sendPgrpSignal(k, pgrp, kernelSignal(signo)),
          writable: false,
        }),
    );
    const { k } = this;
    this.init = new Task(k.tasks.allocate(), k.scheduler);
    this.init.kernelThread = true;
    this.init.state = "interruptible";
    this.init.sighand.setHandler(SIGCHLD, SIG_IGN);
    k.tasks.add(this.init);
    this.main = new Task(k.tasks.allocate(), k.scheduler, undefined, this.init.group);
    this.init.group.children.add(this.main.group);
    const { group, pid } = this.main;
    group.session = pid;
    group.pgrp = pid;
    this.main.fs = new FsStruct(k.vfs.root, k.vfs.root, 0o022);
    this.main.mm = k.mm.createMm();
    k.tasks.add(this.main);
    k.main = group;
    k.setCurrent(this.main);
    const { mm } = this.main;
    if (mm === null) throw new Error("no frame for a page directory");
    k.mm.activate(mm, this.main);
    const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    const at = doMmap(mm, null, MEMORY, MEMORY_BYTES, PROT_READ | PROT_WRITE, flags, 0);
    if (at !== MEMORY) throw new Error(`cannot map the rig's memory: ${at}`);
    k.segments.loadFlat();
    k.cpu.regs[ESP] = MEMORY + MEMORY_BYTES - 16;
    saveContext(k, this.main);
    k.scheduler.enqueue(this.main);
  }

  /** A child of the task on the CPU; `flags` are CLONE_*. */
  fork(flags = 0, exitSignal = SIGCHLD): Task {
    const args = { flags, clearSighand: false, exitSignal, stack: 0, tls: 0, parentTid: 0, childTid: 0 };
    const child = copyProcess(this.k, this.k.current, args);
    if (typeof child === "number") throw new Error(`fork: ${child}`);
    this.k.scheduler.enqueue(child);
    return child;
  }

  /** Puts a task on the CPU. */
  run(task: Task): void {
    if (this.k.onCpu !== task) switchTo(this.k, task);
  }

  /** Takes whoever is there off the CPU. */
  idle(): void {
    leaveCpu(this.k);
  }
}
