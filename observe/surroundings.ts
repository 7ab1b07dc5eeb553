/** What a profile asks about its machine: who accesses, what lies at an address, which file the code is from. */

import type { Machine } from "../emu/index.ts";
import type { Dentry } from "../kernel/fs/dentry.ts";
import type { Inode } from "../kernel/fs/inode.ts";
import { type Kernel, textOf } from "../kernel/index.ts";
import type { MmStruct } from "../kernel/mm/mm.ts";
import type { Task } from "../kernel/task/task.ts";
import { PAGE_BYTES } from "../mmu/index.ts";
import { CodeFile } from "./code-file.ts";
import { ElfImage } from "./elf-image.ts";
import type { LinuxMachine } from "./machine.ts";
import { fileContents } from "./places.ts";
import { KERNEL_START, mappingName, vmaAt } from "./region.ts";

/** An instruction: a file, and which of its sites. */
export interface CodePlace {
  readonly file: CodeFile;
  readonly site: number;
}

/** Who accesses. */
export interface Accessor {
  readonly pid: number;
  /** Of the program that it runs now. */
  readonly name: string;
}

export interface Surroundings {
  /**
   * Looks who accesses, for the methods below. The number that comes back is another one whenever their answers may be
   * others. Hot: once per event.
   */
  look(): number;
  accessor(): Accessor;
  /** The region of a linear address, uint32. */
  region(address: number): string;
  /** Where the instruction at a linear address comes from, uint32. */
  code(eip: number): CodePlace;
  /** Every file whose code ran. */
  files(): Iterable<CodeFile>;
}

const NO_BYTES = new Uint8Array();

/** A machine that runs Linux programs: processes, mappings, mapped files. */
export class LinuxSurroundings implements Surroundings {
  private readonly linux: LinuxMachine;
  private kernel: Kernel | null = null;
  private task: Task | null = null;
  /** The address space that the processor uses, and the task's own: another one while the task loads a program. */
  private mm: MmStruct | null = null;
  private own: MmStruct | null = null;
  /** Of both. */
  private changes = 0;
  private version = 0;
  /** Directory that the paths are seen from, and the paths that were asked for: a file keeps the one that it had first. */
  private root: Dentry | null = null;
  private readonly paths = new Map<Dentry, string>();
  /** By file; by name of the region for code in no file. A file is read when its code first matters: later it may be gone. */
  private readonly codeFiles = new Map<Inode | string, CodeFile>();

  constructor(linux: LinuxMachine) {
    this.linux = linux;
  }

  look(): number {
    if (this.kernel === null && this.linux.loaded) this.kernel = this.linux.kernel;
    const task = this.kernel === null ? null : this.kernel.onCpu;
    const mm = this.kernel === null ? null : this.kernel.mm.active;
    const own = task === null ? null : task.mm;
    const changes = (mm === null ? 0 : mm.vmas.changes) + (own === null || own === mm ? 0 : own.vmas.changes);
    if (mm !== this.mm || own !== this.own || changes !== this.changes) {
      this.mm = mm;
      this.own = own;
      this.changes = changes;
      this.version++;
    }
    if (task !== this.task) {
      this.task = task;
      this.version++;
      const root = task?.fs?.root ?? null;
      if (root !== this.root) this.paths.clear();
      this.root = root;
    }
    return this.version;
  }

  /** Process 0 without a name before the first one, and between processes. */
  accessor(): Accessor {
    const group = this.task?.group;
    if (group === undefined) return { pid: 0, name: "" };
    return {
      pid: group.tgid,
      get name() {
        return textOf(group.leader.comm);
      },
    };
  }

  region(address: number): string {
    return this.regionIn(this.mm, address);
  }

  code(eip: number): CodePlace {
    const vma = vmaAt(this.own, eip);
    const inode = vma?.file?.inode;
    const region = this.regionIn(this.own, eip);
    const key = inode ?? region;
    let file = this.codeFiles.get(key);
    if (file === undefined) {
      file = new CodeFile(region, inode === undefined ? NO_BYTES : fileContents(inode), "offset");
      this.codeFiles.set(key, file);
    }
    const inFile = vma !== null && inode !== undefined;
    return { file, site: inFile ? eip - vma.start + vma.pgoff * PAGE_BYTES : eip };
  }

  private regionIn(mm: MmStruct | null, address: number): string {
    const { root } = this;
    if (address >= KERNEL_START) return "[kernel]";
    const vma = vmaAt(mm, address);
    if (mm === null || root === null || vma === null) return "[unmapped]";
    if (vma.file === null) return mappingName(mm, vma, root);
    const { dentry } = vma.file;
    let path = this.paths.get(dentry);
    if (path === undefined) {
      path = mappingName(mm, vma, root);
      this.paths.set(dentry, path);
    }
    return path;
  }

  files(): Iterable<CodeFile> {
    return this.codeFiles.values();
  }
}

/** A kernel that was booted from an ELF file: what it maps, and who runs on it, is its own business. */
export interface BootedKernel {
  readonly hardware: Machine;
  /** What loadKernel() was given. */
  readonly image: Uint8Array;
  readonly path: string;
}

/** Linear addresses of 4 MiB pages: the reach of a page-directory entry. */
const PDE_BYTES = 4 << 20;

/** Regions are the sections of its file by linear address, and outside of them what one page-directory entry maps. */
export class KernelSurroundings implements Surroundings {
  private readonly elf: ElfImage;
  private readonly file: CodeFile;
  private readonly elsewhere = new Map<string, CodeFile>();

  constructor({ image, path }: BootedKernel) {
    this.elf = new ElfImage(image);
    this.file = new CodeFile(path, image, "address");
  }

  look(): number {
    return 0;
  }

  accessor(): Accessor {
    return { pid: 0, name: this.file.path.replace(/^.*\//s, "") };
  }

  region(address: number): string {
    const section = this.elf.sectionAt(address);
    if (section !== undefined) return section.name;
    const first = address - (address % PDE_BYTES);
    return `[${hex(first)}-${hex(first + PDE_BYTES - 1)}]`;
  }

  code(eip: number): CodePlace {
    if (this.elf.sectionAt(eip) !== undefined) return { file: this.file, site: eip };
    const region = this.region(eip);
    let file = this.elsewhere.get(region);
    if (file === undefined) {
      file = new CodeFile(region, NO_BYTES, "address");
      this.elsewhere.set(region, file);
    }
    return { file, site: eip };
  }

  *files(): Iterable<CodeFile> {
    yield this.file;
    yield* this.elsewhere.values();
  }
}

const hex = (address: number): string => address.toString(16).padStart(8, "0");
