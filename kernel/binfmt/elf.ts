/** ELF programs, static or with an interpreter (cf. fs/binfmt_elf.c load_elf_binary()). */

import { ET_DYN, ET_EXEC } from "../../emu/elf.ts";
import { EINVAL, ELIBBAD, ENOEXEC, ENOMEM } from "../errno.ts";
import type { File } from "../fs/file.ts";
import { setExeFile } from "../mm/exe-file.ts";
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
import { type MemoryCaller, PAGE_SIZE, pageAlign, TASK_SIZE } from "../mm/physical-memory.ts";
import { mmapBase } from "../mm/unmapped-area.ts";
import { type ElfFile, readElfFile, readElfStart, type Segment } from "./elf-file.ts";
import { mapSegments, type Placement } from "./elf-map.ts";
import type { BinaryFormat, LoadedProgram, Program } from "./program.ts";
import { setupStack, writeElfTables } from "./stack-image.ts";

/** ELF_ET_DYN_BASE: where a program goes that may go anywhere and has an interpreter; and the heap of one that has none. */
const DYN_BASE = 0x00400000;

export const elfFormat: BinaryFormat = {
  name: "ELF",
  load(program: Program) {
    const { head } = program;
    if (head[0] !== 0x7f || head[1] !== 0x45 || head[2] !== 0x4c || head[3] !== 0x46) return "other";
    const elf = readElfFile(program.file, head);
    if (typeof elf === "string") return program.refuse(ENOEXEC, elf);
    if (elf.interpreter === null) return loadElf(program, elf, null);
    const file = program.start.openExec(elf.interpreter);
    if (typeof file === "number") {
      return program.refuse(-file, `cannot open the program's interpreter ${elf.interpreter}`);
    }
    const interpreter = readElfFile(file, readElfStart(file));
    const result =
      typeof interpreter === "string"
        ? program.refuse(ELIBBAD, `the program's interpreter ${elf.interpreter}: ${interpreter}`)
        : loadElf(program, elf, { file, elf: interpreter });
    file.put();
    return result;
  },
};

interface Interpreter {
  readonly file: File;
  readonly elf: ElfFile;
}

/** Builds the new address space beside the old one and makes it the active one; when that fails the old one is it again. */
function loadElf(program: Program, elf: ElfFile, interpreter: Interpreter | null): LoadedProgram | number {
  const { manager, start } = program;
  const { memory, active } = manager;
  const { current } = memory;
  const mm = manager.createMm();
  if (mm === null) return program.refuse(ENOMEM, "no memory for a page directory");
  // elf_read_implies_exec() of a 32-bit x86: without PT_GNU_STACK everything readable is executable.
  const { caller } = start;
  const personality = (caller.personality & ~READ_IMPLIES_EXEC) | (elf.stack === "default" ? READ_IMPLIES_EXEC : 0);
  const starter: MemoryCaller = {
    rlimit: (resource) => caller.rlimit(resource),
    cred: caller.cred,
    usage: caller.usage,
    personality,
  };
  manager.activate(mm, starter);
  const loaded = fillMm(program, mm, elf, interpreter);
  if (typeof loaded === "number") {
    manager.activate(active, current);
    manager.mmput(mm);
    return program.refuse(-loaded, "the program does not fit the address space or the memory");
  }
  manager.activate(mm, caller);
  return { mm, ...loaded, personality };
}

function fillMm(
  program: Program,
  mm: MmStruct,
  elf: ElfFile,
  interpreter: Interpreter | null,
): { entry: number; stackPointer: number } | number {
  const { user } = program.manager;
  const { file } = program;
  mm.mmapBase = mmapBase(mm.memory);
  setExeFile(mm, file);
  const error = setupStack(mm, program, elf.stack);
  if (error < 0) return error;
  const bias = mapSegments(mm, user, file, elf.segments, placementOf(elf, interpreter !== null));
  if (bias < 0) return bias;
  noteLayout(mm, elf, bias, interpreter !== null);

  const programEntry = (elf.header.entry + bias) >>> 0;
  let entry = programEntry;
  let base = 0;
  if (interpreter !== null) {
    const placement = placementOf(interpreter.elf, false);
    base = mapSegments(mm, user, interpreter.file, interpreter.elf.segments, placement);
    if (base < 0) return base;
    entry = (base + interpreter.elf.header.entry) >>> 0;
  }
  if (entry >= TASK_SIZE) return -EINVAL;
  const phdr = elf.phdrAddress === 0 ? 0 : (elf.phdrAddress + bias) >>> 0;
  const stackPointer = writeElfTables(mm, user, program, elf, { phdr, base, entry: programEntry });
  if (stackPointer < 0) return stackPointer;
  if ((mm.memory.current.personality & MMAP_PAGE_ZERO) !== 0) {
    doMmap(mm, null, 0, PAGE_SIZE, PROT_READ | PROT_EXEC, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, 0);
  }
  return { entry, stackPointer };
}

function placementOf(elf: ElfFile, hasInterpreter: boolean): Placement {
  if (elf.header.type === ET_EXEC) return { bias: 0, flags: MAP_FIXED_NOREPLACE };
  const first = pageStart((elf.segments[0] as Segment).vaddr);
  if (!hasInterpreter) return { bias: -first >>> 0, flags: 0 };
  const start = elf.alignment === 0 ? DYN_BASE : (DYN_BASE & ~(elf.alignment - 1)) >>> 0;
  return { bias: (start - first) >>> 0, flags: MAP_FIXED_NOREPLACE };
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
