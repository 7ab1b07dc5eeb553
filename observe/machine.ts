/**
 * The library's front door: a machine that runs a Linux program and comes back. The bare machine, for kernels, is
 * createMachine() of the emu room (`pagewalk/emu`).
 */

import { createMachine as createHardware, type Machine, type MachineOptions } from "../emu/index.ts";
import { readInode } from "../kernel/fs/regular-file.ts";
import {
  bootLinux,
  byteString,
  type Host,
  type HostTree,
  type Kernel,
  MemoryFile,
  MemoryHost,
  type MemoryHostOptions,
  MemoryTree,
  type RunBudget,
  run as runKernel,
} from "../kernel/index.ts";
import { CollectedOutput } from "./collected.ts";
import { hookKernel, type MachineEvents } from "./events.ts";
import { Listeners } from "./listeners.ts";
import { ProcessView } from "./process.ts";
import { type RunResult, runResult } from "./run-result.ts";
import { type LinuxSummary, linuxSummary } from "./summary.ts";
import { hookMmu } from "./tlb-events.ts";

export interface LinuxMachineOptions extends MachineOptions {
  /** Seed of everything random in the machine, a uint32. Default 1. */
  seed?: number;
  /** CLOCK_REALTIME at boot, seconds since 1970. Default: 2000-01-01. */
  epochSeconds?: number;
  /** No log line about unknown system calls. */
  quiet?: boolean;
  /** 4 MiB pages for MAP_HUGETLB in the pool at the start, fewer if memory is short; none without PSE. Default 0. */
  hugePages?: number;
  /** What a fork does with page tables: "copy", or "share" them until one side changes something. Default "copy". */
  pageTables?: "copy" | "share";
  /**
   * The guest's root directory: files by absolute path (all with mode 0755), or a tree. What the guest writes stays in its
   * machine. Default: the root holds nothing but the program.
   */
  files?: Readonly<Record<string, Uint8Array>> | HostTree;
  /** What the program finds at its standard input. Default: nothing. */
  stdin?: Uint8Array | string;
  /** "complete": behind `stdin` the input ends. "open": more may come, by sendInput(), until endInput(). Default "complete". */
  input?: "complete" | "open";
  /** The standard streams are a terminal of this size, whose keys come by sendInput(). Default: they are pipes. */
  terminal?: { rows: number; columns: number };
  /** Bytes kept of each output stream. Default 16 MiB. */
  collect?: number;
  /** Files and streams of your own; the five options above have no effect. */
  host?: Host;
  /** Do the guest's writes reach the tree of `host`? Otherwise they stay in memory. */
  writable?: boolean;
}

export interface ProgramOptions {
  /** File name of an image inside the guest: it is found at /NAME. Default "program". */
  name?: string;
  /** All of argv. Default: the name, or the path. */
  argv?: readonly string[];
  /** The whole environment. Default: DEFAULT_ENVIRONMENT. */
  env?: Readonly<Record<string, string>>;
  /** Working directory inside the guest. Default "/". */
  cwd?: string;
}

const DEFAULT_COLLECTED = 16 << 20;

export class LinuxMachine {
  /** Processor, MMU and RAM: the bare machine. */
  readonly hardware: Machine;
  readonly #options: LinuxMachineOptions;
  readonly #listeners = new Listeners<MachineEvents>(() => this.rehook());
  readonly #collected: { readonly stdout: CollectedOutput; readonly stderr: CollectedOutput };
  /** Ends what the last rehook() began at the paging unit. */
  #leaveMmu: () => void = () => {};
  #memoryHost: MemoryHost | null = null;
  #kernel: Kernel | null = null;

  constructor(options: LinuxMachineOptions) {
    const { collect = DEFAULT_COLLECTED } = options;
    this.#options = options;
    this.hardware = createHardware(options);
    this.#collected = { stdout: new CollectedOutput(collect), stderr: new CollectedOutput(collect) };
  }

  get loaded(): boolean {
    return this.#kernel !== null;
  }

  /** The kernel; there is one as soon as a program is loaded. */
  get kernel(): Kernel {
    if (this.#kernel === null) throw new Error("no program is loaded");
    return this.#kernel;
  }

  /**
   * Loads the program: an i386 ELF image, or the path of one (or of a script) in the guest's tree. Once per machine.
   * Throws BootError, with a reason of one line, if it cannot be started.
   */
  load(program: Uint8Array | string, options: ProgramOptions = {}): this {
    if (this.#kernel !== null) throw new Error("a program is loaded: one machine runs one program");
    const { name = "program", env, cwd = "/" } = options;
    const path = byteString(typeof program === "string" ? program : `/${name}`);
    const host = this.#options.host ?? this.makeHost(path, program);
    if (host !== this.#memoryHost && typeof program !== "string") {
      throw new TypeError("a host of your own holds its programs: load one by its path");
    }
    const argv = options.argv ?? [typeof program === "string" ? program : name];
    const { seed, epochSeconds, quiet, hugePages, pageTables, writable } = this.#options;
    bootLinux({
      machine: this.hardware,
      host,
      program: path,
      argv: argv.map(byteString),
      cwd: byteString(cwd),
      ...(env === undefined ? {} : { envp: Object.entries(env).map((entry) => byteString(entry.join("="))) }),
      ...(seed === undefined ? {} : { seed }),
      ...(epochSeconds === undefined ? {} : { epochSeconds }),
      ...(quiet === undefined ? {} : { quiet }),
      ...(hugePages === undefined ? {} : { hugePages }),
      ...(pageTables === undefined ? {} : { pageTables }),
      ...(writable === undefined ? {} : { writable }),
      prepare: (kernel) => {
        this.#kernel = kernel;
        this.rehook();
      },
    });
    return this;
  }

  /**
   * Runs until the program ends, something outside must decide, or the budget is used: a number of instructions, or a
   * RunBudget. Can be called again after every reason.
   */
  run(budget: number | RunBudget = {}): RunResult {
    const { kernel } = this;
    return runResult(kernel, runKernel(kernel, typeof budget === "number" ? { instructions: budget } : budget));
  }

  /** From a listener: run() comes back, with reason "stopped", as soon as the fault or system call at hand is done. */
  stop(): void {
    this.kernel.stopRequested = true;
  }

  /**
   * Calls `listener` at each event of that name until the function that comes back is called. It runs inside of run() and
   * must neither throw nor call run(). An event that nobody listens to costs nothing.
   */
  on<Name extends keyof MachineEvents>(name: Name, listener: (event: MachineEvents[Name]) => void): () => void {
    return this.#listeners.add(name, listener);
  }

  /** Everything counted so far; docs/counters.md says what each number is. */
  get counters(): LinuxSummary {
    return linuxSummary(this.kernel);
  }

  /** Executed instructions. */
  get instructions(): number {
    return this.hardware.cpu.instructions;
  }

  /** Elapsed clocks, the guest's time. */
  get cycles(): number {
    return this.hardware.cpu.cycles;
  }

  /** A process by its id (or a thread by its own), undefined if there is none; without an id, the program. */
  process(pid?: number): ProcessView | undefined {
    const { kernel } = this;
    const task = pid === undefined ? kernel.main?.leader : kernel.tasks.get(pid);
    return task === undefined ? undefined : new ProcessView(kernel, task);
  }

  /** All processes that exist, in order of creation; the first is an init without a program. */
  processes(): ProcessView[] {
    const { kernel } = this;
    return kernel.tasks.groups().map(({ leader }) => new ProcessView(kernel, leader));
  }

  /** The content of a regular file of the guest, at most `limit` bytes; null if there is none at that absolute path. */
  readFile(path: string, limit = 64 << 20): Uint8Array | null {
    const found = this.kernel.vfs.lookup(byteString(path));
    if (typeof found === "number" || !found.inode.isRegular) return null;
    const { inode } = found;
    const bytes = new Uint8Array(Math.min(inode.size, limit));
    const read = readInode(inode, 0, bytes, 0, bytes.length);
    return read < 0 ? null : bytes.subarray(0, read);
  }

  /** What was written to standard output, as text; only of a machine without a host of your own, up to `collect` bytes. */
  get stdout(): string {
    return new TextDecoder().decode(this.stdoutBytes);
  }

  get stdoutBytes(): Uint8Array {
    return this.#collected.stdout.bytes();
  }

  get stderr(): string {
    return new TextDecoder().decode(this.stderrBytes);
  }

  get stderrBytes(): Uint8Array {
    return this.#collected.stderr.bytes();
  }

  /** More standard input for a machine made with `input: "open"`, once a program is loaded. */
  sendInput(input: Uint8Array | string): void {
    this.memoryHost.feed(typeof input === "string" ? new TextEncoder().encode(input) : input);
  }

  /** Behind what was sent, standard input ends. */
  endInput(): void {
    this.memoryHost.endInput();
  }

  private get memoryHost(): MemoryHost {
    if (this.#memoryHost === null) throw new Error("no program is loaded, or it has a host of your own");
    return this.#memoryHost;
  }

  /** The host in memory: `files` and the program, or the program alone. */
  private makeHost(path: string, program: Uint8Array | string): MemoryHost {
    const { files, terminal, stdin, input = "complete" } = this.#options;
    const tree = files === undefined ? null : isTree(files) ? files : treeOf(files);
    const options: MemoryHostOptions = {
      ...(tree === null ? {} : { tree }),
      ...(terminal === undefined ? {} : { terminal }),
      onOutput: (stream, bytes) => {
        this.#collected[stream].add(bytes);
        this.#listeners.tell(stream, bytes);
      },
      onLog: (line) => this.#listeners.tell("log", line),
    };
    if (typeof program !== "string") {
      if (tree === null) options.program = { path, permissions: 0o755, file: new MemoryFile(program) };
      else if (tree instanceof MemoryTree) tree.addFile(path, program, 0o755);
      else throw new TypeError("a tree of your own holds its programs: load one by its path");
    }
    this.#memoryHost = new MemoryHost(options);
    if (stdin !== undefined) this.sendInput(stdin);
    if (input === "complete") this.endInput();
    return this.#memoryHost;
  }

  private rehook(): void {
    this.#leaveMmu();
    this.#leaveMmu = hookMmu(this.hardware, this.#listeners, () => this.#kernel?.onCpu?.pid ?? 0);
    if (this.#kernel !== null) hookKernel(this.#kernel, this.#listeners);
  }
}

function isTree(files: Readonly<Record<string, Uint8Array>> | HostTree): files is HostTree {
  return typeof files.list === "function";
}

function treeOf(files: Readonly<Record<string, Uint8Array>>): MemoryTree {
  const tree = new MemoryTree();
  for (const [path, bytes] of Object.entries(files)) tree.addFile(byteString(path), bytes, 0o755);
  return tree;
}

/**
 * A machine that runs Linux programs. Throws RangeError for an unknown CPU or memory size, HostMemoryError where the host
 * refuses the memory.
 *
 *     const machine = createMachine({ cpu: "p6", mem: 64 << 20 }).load(elf, { argv: ["hello"] });
 *     const result = machine.run();
 */
export function createMachine(options: LinuxMachineOptions = {}): LinuxMachine {
  return new LinuxMachine(options);
}
