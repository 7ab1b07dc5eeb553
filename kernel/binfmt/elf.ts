/** ELF programs, static or with an interpreter (cf. fs/binfmt_elf.c load_elf_binary()). */

import { EHDR_BYTES, ET_DYN, ET_EXEC } from "../../emu/elf.ts";
import { EINVAL, EIO, ELIBBAD, ENOEXEC } from "../errno.ts";
import type { File } from "../fs/file.ts";
import type { MmStruct } from "../mm/mm.ts";
import { doMmap } from "../mm/mmap.ts";
import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_PRIVATE,
  MMAP_PAGE_ZERO,
  PROT_EXEC,
  PROT_READ,
  READ_IMPLIES_EXEC,
} from "../mm/mmap-flags.ts";
import { PAGE_SIZE, pageAlign, TASK_SIZE } from "../mm/physical-memory.ts";
import { type ElfFile, readElfFile, readElfStart } from "./elf-file.ts";
import { mapSegments, type Placement } from "./elf-map.ts";
import type { BinaryFormat, LoadedProgram, Program } from "./program.ts";
import { writeElfTables } from "./stack-image.ts";

/** ELF_ET_DYN_BASE: where a program goes that may go anywhere and has an interpreter; and the heap of one that has none. */
const DYN_BASE = 0x00400000;

export const elfFormat: BinaryFormat = {
  name: "ELF",
  load(program: Program) {
    const { head, start } = program;
    if (head[0] !== 0x7f || head[1] !== 0x45 || head[2] !== 0x4c || head[3] !== 0x46) return "other";
    const elf = readElfFile(program.file, head);
    if ("errno" in elf) return program.refuse(elf.errno, elf.reason);
    if (start.refused !== undefined && elf.flaw !== null) return program.refuse(ENOEXEC, elf.flaw);
    if (elf.interpreter === null) return loadElf(program, elf, null);
    const file = start.openExec(elf.interpreter);
    if (typeof file === "number") {
      return program.refuse(-file, `cannot open the program's interpreter ${elf.interpreter}`);
    }
    const result = loadWithInterpreter(program, elf, file);
    file.put();
    return result;
  },
};

interface Interpreter {
  readonly file: File;
  readonly elf: ElfFile;
}

function loadWithInterpreter(program: Program, elf: ElfFile, file: File): LoadedProgram | number {
  const refuse = (errno: number, reason: string): number =>
    program.refuse(errno, `the program's interpreter ${elf.interpreter}: ${reason}`);
  const head = readElfStart(file);
  const interpreter = readElfFile(file, head);
  if ("errno" in interpreter) return refuse(head.length < EHDR_BYTES ? EIO : ELIBBAD, interpreter.reason);
  if (program.start.refused !== undefined && interpreter.flaw !== null) return refuse(ELIBBAD, interpreter.flaw);
  return loadElf(program, elf, { file, elf: interpreter });
}

/** What the headers promise; from beginNewExec() on there is no way back. */
function loadElf(program: Program, elf: ElfFile, interpreter: Interpreter | null): LoadedProgram | number {
  // elf_read_implies_exec() of a 32-bit x86: without PT_GNU_STACK everything readable is executable.
  const old = program.start.caller.personality;
  const personality = (old & ~READ_IMPLIES_EXEC) | (elf.stack === "default" ? READ_IMPLIES_EXEC : 0);
  const mm = program.beginNewExec(elf.stack, personality);
  const loaded = typeof mm === "number" ? mm : fillMm(program, mm, elf, interpreter, personality);
  if (typeof loaded !== "number") return loaded;
  return program.refuse(-loaded, "the program does not fit the address space or the memory");
}

function fillMm(
  program: Program,
  mm: MmStruct,
  elf: ElfFile,
  interpreter: Interpreter | null,
  personality: number,
): LoadedProgram | number {
  const { user } = program.manager;
  const bias = mapSegments(mm, user, program.file, elf.segments, placementOf(elf, interpreter !== null));
  if (bias < 0) return bias;
  noteLayout(mm, elf, bias, interpreter !== null);

  const programEntry = (elf.header.entry + bias) >>> 0;
  let entry = programEntry;
  let base = 0;
  if (interpreter !== null) {
    base = mapSegments(mm, user, interpreter.file, interpreter.elf.segments, interpreterPlacement(interpreter.elf));
    if (base < 0) return base;
    entry = (base + interpreter.elf.header.entry) >>> 0;
  }
  if (entry >= TASK_SIZE) return -EINVAL;
  const phdr = elf.phdrAddress === 0 ? 0 : (elf.phdrAddress + bias) >>> 0;
  const stackPointer = writeElfTables(mm, user, program, elf, { phdr, base, entry: programEntry });
  if (stackPointer < 0) return stackPointer;
  if ((personality & MMAP_PAGE_ZERO) !== 0) {
    doMmap(mm, null, 0, PAGE_SIZE, PROT_READ | PROT_EXEC, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, 0);
  }
  return { mm, entry, stackPointer, personality };
}

function placementOf(elf: ElfFile, hasInterpreter: boolean): Placement {
  if (elf.header.type === ET_EXEC) return { bias: 0, flags: MAP_FIXED_NOREPLACE, room: "one" };
  if (!hasInterpreter) return anywhere(elf);
  const start = elf.alignment === 0 ? DYN_BASE : (DYN_BASE & ~(elf.alignment - 1)) >>> 0;
  return { bias: (start - firstPage(elf)) >>> 0, flags: MAP_FIXED_NOREPLACE, room: "all" };
}

/** load_elf_interp(): an interpreter with an address of its own replaces what it meets there. */
function interpreterPlacement(elf: ElfFile): Placement {
  return elf.header.type === ET_EXEC ? { bias: 0, flags: MAP_FIXED, room: "all" } : anywhere(elf);
}

function anywhere(elf: ElfFile): Placement {
  return { bias: -firstPage(elf) >>> 0, flags: 0, room: "all" };
}

/** Page of the first segment, which need not be the lowest; 0 without segments. */
function firstPage({ segments }: ElfFile): number {
  return segments.length === 0 ? 0 : pageStart(segments[0].vaddr);
}

/** start_code ... brk, as load_elf_binary() finds them. */
function noteLayout(mm: MmStruct, elf: ElfFile, bias: number, hasInterpreter: boolean): void {
  let startCode = Number.POSITIVE_INFINITY;
  let endCode = 0;
  let startData = 0;
  let endData = 0;
  let brk = 0;
  for (const { vaddr, memsz, filesz, prot } of elf.segments) {
    if ((prot & PROT_EXEC) !== 0) {
      startCode = Math.min(startCode, vaddr);
      endCode = Math.max(endCode, vaddr + filesz);
    }
    startData = Math.max(startData, vaddr);
    endData = Math.max(endData, vaddr + filesz);
    brk = Math.max(brk, vaddr + memsz);
  }
  mm.startCode = (Math.min(startCode, 0xffffffff) + bias) >>> 0;
  mm.endCode = (endCode + bias) >>> 0;
  mm.startData = (startData + bias) >>> 0;
  mm.endData = (endData + bias) >>> 0;
  const movable = elf.header.type === ET_DYN && !hasInterpreter;
  mm.startBrk = movable ? DYN_BASE : pageAlign((brk + bias) >>> 0);
  mm.brk = mm.startBrk;
}

function pageStart(address: number): number {
  return address - (address % PAGE_SIZE);
}
