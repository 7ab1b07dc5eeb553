/** execve: the loaders get a try each, and the interpreter of a script its turn (cf. fs/exec.c exec_binprm()). */

import { ELOOP, ENOEXEC } from "../errno.ts";
import type { File } from "../fs/file.ts";
import type { MemoryManager } from "../mm/memory-manager.ts";
import { elfFormat } from "./elf.ts";
import { type BinaryFormat, type LoadedProgram, Program, type ProgramStart } from "./program.ts";
import { scriptFormat } from "./script.ts";

export type { LoadedProgram, ProgramCredentials, ProgramStart } from "./program.ts";

const formats: readonly BinaryFormat[] = [scriptFormat, elfFormat];

/** Interpreters of interpreters, scripts included. */
const MAX_DEPTH = 5;

/**
 * Builds a new address space with the program in it, which is the active one then (in CR3); the old one still exists. Or
 * returns -errno with everything as it was: -ENOEXEC, -ENOMEM, -E2BIG, -ELIBBAD, -ELOOP, what openExec() says, ... The
 * reference to `file` stays the caller's.
 */
export function loadProgram(manager: MemoryManager, file: File, start: ProgramStart): LoadedProgram | number {
  const program = new Program(manager, file, start);
  const result = tryFormats(program);
  program.close();
  return result;
}

function tryFormats(program: Program): LoadedProgram | number {
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    const error = program.readHead();
    if (error < 0) return program.refuse(-error, "the file cannot be read");
    const result = tryEach(program);
    if (result !== "interpreter") return result;
  }
  return program.refuse(ELOOP, "scripts interpreted by scripts, too many");
}

function tryEach(program: Program): LoadedProgram | number | "interpreter" {
  for (const format of formats) {
    const result = format.load(program);
    if (result !== "other") return result;
  }
  return program.refuse(ENOEXEC, "neither an ELF program nor a script");
}
