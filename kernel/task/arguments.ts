/** How much a program may be given to start with (fs/exec.c bprm_stack_limits()). */

/** One string with its NUL. */
export const MAX_ARG_STRLEN = 131072;
/** ARG_MAX: the least that strings and pointers may take. */
const ARG_MAX = 131072;
/** Three quarters of _STK_LIM: the most. */
export const ARG_LIMIT = 6 * 1024 * 1024;

/** Bytes for the strings of argv and envp with their NULs; 0 or less if the pointers alone are too many. */
export function roomForStrings(stackLimit: number, argc: number, envc: number): number {
  const limit = Math.max(ARG_MAX, Math.min(ARG_LIMIT, stackLimit / 4));
  return limit - (Math.max(argc, 1) + envc) * 4;
}

/** Is that what execve() accepts? Byte strings. */
export function argumentsFit(stackLimit: number, argv: readonly string[], envp: readonly string[]): boolean {
  let room = roomForStrings(stackLimit, argv.length, envp.length);
  for (const strings of [argv, envp]) {
    for (const string of strings) {
      if (string.length >= MAX_ARG_STRLEN) return false;
      room -= string.length + 1;
    }
  }
  return room >= 0;
}
