/** From a machine to a running first program. */

import { createMachine, type MachineOptions } from "../emu/machine.ts";
import { textOf } from "./byte-string.ts";
import { E2BIG, errnoName } from "./errno.ts";
import { FsStruct } from "./fs/fs-struct.ts";
import { mountProc } from "./fs/proc/mount.ts";
import { Vfs } from "./fs/vfs.ts";
import type { Host } from "./host.ts";
import { Kernel, type KernelOptions } from "./kernel.ts";
import { argumentsFit } from "./task/arguments.ts";
import { AT_FDCWD, doExecve } from "./task/exec.ts";
import { RLIMIT_STACK } from "./task/rlimit.ts";
import { SIG_IGN } from "./task/sighand.ts";
import { kernelSignal, sendPgrpSignal } from "./task/signal.ts";
import { NSIG } from "./task/signals.ts";
import { leaveCpu, saveContext } from "./task/switch.ts";
import { Task } from "./task/task.ts";

export interface BootOptions extends KernelOptions {
  /** The machine to take over; default: a new one with `machineOptions`. */
  machine?: ReturnType<typeof createMachine>;
  machineOptions?: MachineOptions;
  host: Host;
  /** Path of the program in the guest's tree. */
  program: string;
  /** argv, the program's own name included, one character per byte. Default: [program]. */
  argv?: readonly string[];
  /** "NAME=value" strings. Default: a small fixed environment. */
  envp?: readonly string[];
  /** Directory in the guest's tree. Default "/". */
  cwd?: string;
  /** Do writes go through to the host's tree? */
  writable?: boolean;
  /** Called with the new kernel before the program is loaded, so that an observer misses nothing. */
  prepare?(kernel: Kernel): void;
}

/** The environment of a program that was not given one. */
export const DEFAULT_ENVIRONMENT: readonly string[] = [
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "HOME=/",
  "TERM=dumb",
];

/** The program could not be started; the message is one line for a person. */
export class BootError extends Error {
  override readonly name = "BootError";
  /** What it failed at: the program, or the working directory. */
  readonly at: "program" | "cwd";
  readonly reason: string;
  /** Positive. */
  readonly errno: number;

  constructor(at: "program" | "cwd", path: string, reason: string, errno: number) {
    super(`cannot ${at === "cwd" ? "start in" : "run"} ${textOf(path)}: ${reason}`);
    this.at = at;
    this.reason = reason;
    this.errno = errno;
  }
}

/**
 * Boots a kernel on a machine and loads the first program into it; run() then runs it. Process 1 is an init without a program,
 * which only adopts orphans; the program is its child, leads a session and a process group, and owns the terminal if there is
 * one. Throws BootError if the program cannot be started, RangeError or HostMemoryError if the machine cannot be built.
 */
export function bootLinux(options: BootOptions): Kernel {
  const machine = options.machine ?? createMachine(options.machineOptions);
  const { host, program } = options;
  const kernel = new Kernel(machine, host, options, (k) => {
    return new Vfs({
      host,
      now: () => k.clock.realtime(),
      random: k.random,
      hostInput: k.hostInput,
      signalPgrp: (pgrp, signo) => sendPgrpSignal(k, pgrp, kernelSignal(signo)),
      writable: options.writable ?? false,
    });
  });
  options.prepare?.(kernel);
  mountProc(kernel);
  const init = makeInit(kernel);
  const task = new Task(kernel.tasks.allocate(), kernel.scheduler, undefined, init.group);
  const { group, pid } = task;
  init.group.children.add(group);
  group.session = pid;
  group.pgrp = pid;
  const cwd = kernel.vfs.lookupDirectory(options.cwd ?? "/");
  if (typeof cwd === "number") throw new BootError("cwd", options.cwd ?? "/", errorText(-cwd), -cwd);
  task.files = kernel.vfs.standardFiles();
  task.fs = new FsStruct(kernel.vfs.root, cwd, 0o022);
  const { terminal } = kernel.vfs;
  if (terminal !== null) {
    group.tty = terminal;
    terminal.session = pid;
    terminal.foregroundPgrp = pid;
  }
  kernel.tasks.add(task);
  kernel.main = group;
  kernel.setCurrent(task);
  kernel.mm.activate(null, task);
  const { argv = [program], envp = DEFAULT_ENVIRONMENT } = options;
  let reason: string | null = null;
  const result = doExecve(kernel, task, {
    dirfd: AT_FDCWD,
    path: program,
    flags: 0,
    strings: () => {
      if (!argumentsFit(task.rlimit(RLIMIT_STACK), argv, envp)) return -E2BIG;
      // No program may be started without a name.
      return { argv: argv.length === 0 ? [""] : argv, envp };
    },
    refused: (text) => {
      reason = text;
    },
  });
  if (result < 0) throw new BootError("program", program, reason ?? errorText(-result), -result);
  saveContext(kernel, task);
  leaveCpu(kernel);
  kernel.scheduler.enqueue(task);
  return kernel;
}

/** Process 1: no program, no address space; every signal is ignored, so that orphans vanish when they end. */
function makeInit(k: Kernel): Task {
  const init = new Task(k.tasks.allocate(), k.scheduler);
  init.comm = "init";
  init.kernelThread = true;
  init.state = "interruptible";
  for (let signo = 1; signo <= NSIG; signo++) init.sighand.setHandler(signo, SIG_IGN);
  init.fs = new FsStruct(k.vfs.root, k.vfs.root, 0o022);
  k.tasks.add(init);
  return init;
}

const texts: Readonly<Record<string, string>> = {
  EPERM: "operation not permitted",
  ENOENT: "no such file or directory",
  EIO: "input/output error",
  E2BIG: "argument list too long",
  ENOEXEC: "not an i386 ELF program or script",
  ENXIO: "not a regular file",
  ENOMEM: "not enough memory",
  EACCES: "permission denied",
  ENOTDIR: "not a directory",
  EISDIR: "is a directory",
  ENOSPC: "no space left on the device",
  EROFS: "read-only file system",
  EMFILE: "too many open files",
  EINVAL: "invalid argument",
  ETXTBSY: "file is being written",
  ENAMETOOLONG: "file name too long",
  ELOOP: "too many symbolic links",
  ELIBBAD: "the program interpreter is no i386 ELF file",
};

/** "no such file or directory" for ENOENT (2); the name where there is no text. */
export function errorText(errno: number): string {
  return texts[errnoName(errno)] ?? errnoName(errno);
}
