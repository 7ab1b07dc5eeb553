/** execve: the loaders get a try each, and the interpreter of a script its turn (cf. fs/exec.c exec_binprm()). */

import { ELOOP, ENOEXEC } from "../errno.ts";
import type { File } from "../fs/file.ts";
import type { MemoryManager } from "../mm/memory-manager.ts";
import { aoutFormat } from "./aout.ts";
import { elfFormat } from "./elf.ts";
import { type BinaryFormat, type LoadedProgram, type LoadFailure, Program, type ProgramStart } from "./program.ts";
import { scriptFormat } from "./script.ts";

export type { LoadedProgram, LoadFailure, ProgramCredentials, ProgramStart } from "./program.ts";

/** The loaders, in the order of their tries; there is no binfmt_misc that would register more. */
const formats: readonly BinaryFormat[] = [scriptFormat, elfFormat, aoutFormat];

/** Interpreters of interpreters, scripts included. */
const MAX_DEPTH = 5;

/**
 * Builds a new address space with the program in it, which is the active one then (in CR3); the old one still exists. Or
 * says why not, with the old address space active and everything as it was: -ENOEXEC, -ENOMEM, -E2BIG, -ELIBBAD, -ELOOP, what
 * openExec() says, ... The reference to `file` stays the caller's.
 */
export function loadProgram(manager: MemoryManager, file: File, start: ProgramStart): LoadedProgram | LoadFailure {
  const program = new Program(manager, file, start);
  const { active, memory } = manager;
  const { current } = memory;
  const result = tryFormats(program);
  program.close();
  const { mm } = program;
  if (typeof result !== "number") {
    manager.activate(result.mm, start.caller);
    return result;
  }
  if (mm === null) return { error: result, oldProgram: "goes on" };
  manager.activate(active, current);
  manager.mmput(mm);
  return { error: result, oldProgram: "is lost" };
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
  return program.refuse(ENOEXEC, "neither an ELF program nor a script nor an a.out program");
}
