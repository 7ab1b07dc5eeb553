/** A program about to be started: what execve() was asked for, and what a loader makes of it. cf. struct linux_binprm. */

import { ENOMEM } from "../errno.ts";
import type { File } from "../fs/file.ts";
import { readInode } from "../fs/regular-file.ts";
import { setExeFile } from "../mm/exe-file.ts";
import type { MemoryManager } from "../mm/memory-manager.ts";
import type { MmStruct } from "../mm/mm.ts";
import type { MemoryCaller } from "../mm/physical-memory.ts";
import { mmapBase } from "../mm/unmapped-area.ts";
import { copyStrings, type StackKind, setupArgPages } from "./stack-image.ts";

/** BINPRM_BUF_SIZE: how much of a file the loaders judge it by. */
export const HEAD_BYTES = 256;

/** Who the program runs as, for AT_UID and its relatives. */
export interface ProgramCredentials {
  readonly uid: number;
  readonly euid: number;
  readonly gid: number;
  readonly egid: number;
}

/** Strings are byte strings: one character per byte. */
export interface ProgramStart {
  readonly argv: readonly string[];
  readonly envp: readonly string[];
  /** The name that was executed: AT_EXECFN, and what the interpreter of a script is told. */
  readonly filename: string;
  /** Opens an interpreter for execution; the reference is the loader's. */
  openExec(path: string): File | number;
  readonly cred: ProgramCredentials;
  readonly caller: MemoryCaller;
  /** Fills AT_RANDOM. */
  readonly random: { fill(bytes: Uint8Array): void };
  /** AT_HWCAP: CPUID.1 EDX. */
  readonly hwcap: number;
  /** AT_PLATFORM: i386 ... i686. */
  readonly platform: string;
  /**
   * Told in one sentence why a file is no program. Where there is somebody to tell, a damaged ELF file that Linux would start
   * only to kill it is refused too.
   */
  refused?(reason: string): void;
}

/** An address space with a program in it, its stack ready. */
export interface LoadedProgram {
  readonly mm: MmStruct;
  readonly entry: number;
  readonly stackPointer: number;
  /** What the program's personality(2) is to be: the old one with READ_IMPLIES_EXEC set or cleared. */
  readonly personality: number;
}

/** What the loaders share about one execve(). */
export class Program {
  readonly manager: MemoryManager;
  readonly start: ProgramStart;
  /** The file being loaded; an interpreter takes its place. */
  file: File;
  /** Name of `file`, for the interpreter of a script (bprm->interp). */
  interpreter: string;
  argv: string[];
  /** The first bytes of `file`, zeroes behind its end. */
  readonly head = new Uint8Array(HEAD_BYTES);
  /** The address space to be, active once the old program is given up; null before. */
  mm: MmStruct | null = null;
  /** Was `file` opened by a loader, and is to be closed with it? */
  private opened = false;

  constructor(manager: MemoryManager, file: File, start: ProgramStart) {
    this.manager = manager;
    this.start = start;
    this.file = file;
    this.interpreter = start.filename;
    this.argv = [...start.argv];
  }

  /** Goes on with another file: its reference passes to this program. */
  replaceFile(file: File, name: string): void {
    this.close();
    this.file = file;
    this.interpreter = name;
    this.opened = true;
  }

  /** Drops the file if a loader opened it. */
  close(): void {
    if (this.opened) this.file.put();
    this.opened = false;
  }

  /**
   * The point of no return (bprm_mm_init(), copy_strings(), begin_new_exec(), setup_arg_pages()): makes an address space with the
   * strings on its stack and switches to it. Whatever fails while `mm` is still null leaves the old program as it was; whatever
   * fails afterwards ends the process. `personality` is the new program's. Returns the address space or -errno.
   */
  beginNewExec(stack: StackKind, personality: number): MmStruct | number {
    const { manager, start } = this;
    const { caller } = start;
    const mm = manager.createMm();
    if (mm === null) return -ENOMEM;
    const { memory, active } = manager;
    const { current } = memory;
    manager.activate(mm, {
      rlimit: (resource) => caller.rlimit(resource),
      rlimitMax: (resource) => caller.rlimitMax(resource),
      cred: caller.cred,
      usage: caller.usage,
      personality,
    });
    const error = copyStrings(mm, this, stack);
    if (error < 0) {
      manager.activate(active, current);
      manager.mmput(mm);
      return error;
    }
    this.mm = mm;
    mm.mmapBase = mmapBase(memory);
    setExeFile(mm, this.file);
    const grown = setupArgPages(mm);
    return grown < 0 ? grown : mm;
  }

  /** Reads `head` (prepare_binprm()): 0 or -errno. */
  readHead(): number {
    this.head.fill(0);
    const read = readInode(this.file.inode, 0, this.head, 0, HEAD_BYTES);
    return Math.min(read, 0);
  }

  /** The file is no program of the loader's kind, or a broken one: says why, and returns the errno. */
  refuse(errno: number, reason: string): number {
    this.start.refused?.(reason);
    return -errno;
  }
}

/** Why there is no new program. */
export interface LoadFailure {
  /** -errno. */
  readonly error: number;
  /** The old program gets the error; or there was no way back to it, and the process ends by SIGSEGV. */
  readonly oldProgram: "goes on" | "is lost";
}

/** "other": not this loader's kind. "interpreter": the program's file has been replaced, look again. A number is -errno. */
export type LoadResult = LoadedProgram | "other" | "interpreter" | number;

/** One kind of executable file: struct linux_binfmt. */
export interface BinaryFormat {
  readonly name: string;
  load(program: Program): LoadResult;
}
