/** An ELF file as the loader wants it: headers read, every PT_LOAD judged before anything is mapped. */

import {
  EHDR_BYTES,
  type ElfHeader,
  PF_R,
  PF_W,
  PF_X,
  PHDR_BYTES,
  type ProgramHeader,
  PT_GNU_STACK,
  PT_INTERP,
  PT_LOAD,
  readElfHeader,
  readProgramHeader,
} from "../../emu/elf.ts";
import { EIO, ENOEXEC } from "../errno.ts";
import type { File } from "../fs/file.ts";
import { PATH_MAX } from "../fs/inode.ts";
import { readInode } from "../fs/regular-file.ts";
import { PROT_EXEC, PROT_READ, PROT_WRITE } from "../mm/mmap-flags.ts";
import { PAGE_SIZE, TASK_SIZE } from "../mm/physical-memory.ts";
import type { StackKind } from "./stack-image.ts";

/** load_elf_phdrs(): the table has 64 KiB at most. */
const MAX_HEADERS = 65536 / PHDR_BYTES;

/** A PT_LOAD with memory in it, as the file has it. */
export interface Segment {
  readonly vaddr: number;
  readonly memsz: number;
  readonly filesz: number;
  readonly offset: number;
  readonly prot: number;
}

export interface ElfFile {
  readonly header: ElfHeader;
  readonly segments: readonly Segment[];
  /** Largest alignment that is a power of two, 0 if there is none. */
  readonly alignment: number;
  /** Path in PT_INTERP; null = static. */
  readonly interpreter: string | null;
  /** What PT_GNU_STACK wants. */
  readonly stack: StackKind;
  /** p_vaddr of the program headers, 0 if no segment holds them. */
  readonly phdrAddress: number;
  /** Why a program with these segments cannot run to a good end; null = it may. Linux notices while it maps them, or not at all. */
  readonly flaw: string | null;
}

/** Why a file is not even tried. */
export interface ElfRefusal {
  /** Positive: ENOEXEC, or EIO for an interpreter's name that lies beyond the end of the file. */
  readonly errno: number;
  readonly reason: string;
}

const notElf = (reason: string): ElfRefusal => ({ errno: ENOEXEC, reason });

/** Reads and judges the headers: the file, or why it cannot be loaded. `head` is its start. */
export function readElfFile(file: File, head: Uint8Array): ElfFile | ElfRefusal {
  const { size } = file.inode;
  const header = readElfHeader(head.subarray(0, Math.min(head.length, size)), size);
  if (typeof header === "string") return notElf(header);
  if (header.phnum > MAX_HEADERS) {
    return notElf(`${header.phnum} program headers, at most ${MAX_HEADERS} are allowed`);
  }
  const table = new Uint8Array(header.phnum * PHDR_BYTES);
  if (readInode(file.inode, header.phoff, table, 0, table.length) !== table.length) {
    return notElf("cannot read the program headers");
  }
  const segments: Segment[] = [];
  let alignment = 0;
  let interpreter: string | null = null;
  let stack: ElfFile["stack"] = "default";
  let phdrAddress = 0;
  let flaw: string | null = null;
  for (let i = 0; i < header.phnum; i++) {
    const program = readProgramHeader(table, i);
    if (program.type === PT_GNU_STACK) {
      stack = (program.flags & PF_X) !== 0 ? "executable" : "plain";
    } else if (program.type === PT_INTERP && interpreter === null) {
      const path = readInterpreter(file, program);
      if (typeof path === "number") return { errno: path, reason: `program header ${i}: no valid interpreter name` };
      interpreter = path;
    } else if (program.type === PT_LOAD && program.memsz + program.filesz > 0) {
      const { vaddr, memsz, filesz, offset } = program;
      const wrong = judge(program, size) ?? overlap(program, segments);
      if (wrong !== null) flaw ??= `program header ${i} at 0x${vaddr.toString(16)} ${wrong}`;
      segments.push({ vaddr, memsz, filesz, offset, prot: protection(program.flags) });
      if (program.align !== 0 && (program.align & (program.align - 1)) === 0) {
        alignment = Math.max(alignment, program.align);
      }
      if (offset <= header.phoff && header.phoff < offset + filesz) phdrAddress = header.phoff - offset + vaddr;
    }
  }
  if (segments.length === 0) flaw = "no segment to load";
  return { header, segments, alignment, interpreter, stack, phdrAddress, flaw };
}

/** Reads the start of a file that may be an ELF file. */
export function readElfStart(file: File): Uint8Array {
  const head = new Uint8Array(EHDR_BYTES);
  const read = readInode(file.inode, 0, head, 0, EHDR_BYTES);
  return head.subarray(0, Math.max(0, read));
}

/** What is wrong with a PT_LOAD; null = nothing. */
function judge({ vaddr, memsz, filesz, offset }: ProgramHeader, size: number): string | null {
  if (filesz > memsz) return `has ${filesz} bytes in the file but only ${memsz} in memory`;
  if (vaddr + memsz > TASK_SIZE) return `with ${memsz} bytes reaches into the kernel's addresses`;
  if (offset + filesz > size) return `reaches past the end of the file (${offset} + ${filesz} of ${size} bytes)`;
  if (filesz > 0 && offset % PAGE_SIZE !== vaddr % PAGE_SIZE) {
    return `cannot be mapped from file offset 0x${offset.toString(16)}: their places in a page differ`;
  }
  return null;
}

/** A segment in whose place an earlier one lies already; null = none does. */
function overlap({ vaddr, memsz }: ProgramHeader, segments: readonly Segment[]): string | null {
  const other = segments.find((earlier) => vaddr < earlier.vaddr + earlier.memsz && earlier.vaddr < vaddr + memsz);
  return other === undefined ? null : `overlaps the one at 0x${other.vaddr.toString(16)}`;
}

function protection(flags: number): number {
  return (
    ((flags & PF_R) !== 0 ? PROT_READ : 0) |
    ((flags & PF_W) !== 0 ? PROT_WRITE : 0) |
    ((flags & PF_X) !== 0 ? PROT_EXEC : 0)
  );
}

/** The path, or a positive errno. */
function readInterpreter(file: File, { offset, filesz }: ProgramHeader): string | number {
  if (filesz > PATH_MAX || filesz < 2) return ENOEXEC;
  const bytes = new Uint8Array(filesz);
  if (readInode(file.inode, offset, bytes, 0, filesz) !== filesz) return EIO;
  if (bytes[filesz - 1] !== 0) return ENOEXEC;
  return String.fromCharCode(...bytes.subarray(0, bytes.indexOf(0)));
}

/** First page and bytes that all segments span, whole pages at the start (total_mapping_size()). */
export function span(segments: readonly Segment[]): { start: number; bytes: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const { vaddr, memsz } of segments) {
    low = Math.min(low, vaddr - (vaddr % PAGE_SIZE));
    high = Math.max(high, vaddr + memsz);
  }
  return { start: low, bytes: high - low };
}
