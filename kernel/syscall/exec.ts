/** execve and execveat: fetching the strings (fs/exec.c count(), copy_strings()). */

import { E2BIG, EFAULT } from "../errno.ts";
import { PATH_MAX } from "../fs/inode.ts";
import type { Kernel } from "../kernel.ts";
import { ARG_LIMIT, MAX_ARG_STRLEN, roomForStrings } from "../task/arguments.ts";
import { AT_FDCWD, doExecve, type ProgramStrings } from "../task/exec.ts";
import { RLIMIT_STACK } from "../task/rlimit.ts";
import { NO_RETURN } from "../task/sleep.ts";
import type { Task } from "../task/task.ts";
import type { SyscallTable } from "./syscall.ts";
import { getWord } from "./words.ts";

/** MAX_ARG_STRINGS. */
const MAX_ARG_STRINGS = 0x7fffffff;

/** The addresses of a NULL-terminated array of strings, or -errno. A null array is empty. */
function pointers(k: Kernel, array: number): number[] | number {
  const found: number[] = [];
  if (array === 0) return found;
  for (let at = array >>> 0; found.length < MAX_ARG_STRINGS; at += 4) {
    const pointer = getWord(k, at);
    if (pointer === null) return -EFAULT;
    if (pointer === 0) return found;
    found.push(pointer >>> 0);
    if (found.length * 4 > ARG_LIMIT) return -E2BIG;
  }
  return -E2BIG;
}

/**
 * Copies the strings of argv and envp as Linux does, from the last one of the environment to argv[0], the name of the program
 * before all of them: the first that is too long or not there decides.
 */
function fetchStrings(k: Kernel, t: Task, argv: number, envp: number, filename: string): ProgramStrings | number {
  const args = pointers(k, argv);
  if (typeof args === "number") return args;
  const envs = pointers(k, envp);
  if (typeof envs === "number") return envs;
  let room = roomForStrings(t.rlimit(RLIMIT_STACK), args.length, envs.length);
  if (room <= 0) return -E2BIG;
  room -= filename.length + 1;
  const strings: string[] = [];
  for (const address of [...args, ...envs].reverse()) {
    const string = k.user.string(address, MAX_ARG_STRLEN);
    if (typeof string === "number") return string === -EFAULT ? -EFAULT : -E2BIG;
    room -= string.length + 1;
    if (room < 0) return -E2BIG;
    strings.push(string);
  }
  strings.reverse();
  // No program may be started without a name.
  return { argv: args.length === 0 ? [""] : strings.slice(0, args.length), envp: strings.slice(args.length) };
}

function execveat(k: Kernel, t: Task, dirfd: number, pathAddress: number, argv: number, envp: number, flags: number) {
  const path = k.user.string(pathAddress >>> 0, PATH_MAX);
  if (typeof path === "number") return path;
  const strings = (): ProgramStrings | number => fetchStrings(k, t, argv, envp, path);
  const result = doExecve(k, t, { dirfd, path, flags, strings });
  return result === 0 ? NO_RETURN : result;
}

export const execSyscalls: SyscallTable = {
  11: ["execve", (k, t, path, argv, envp) => execveat(k, t, AT_FDCWD, path, argv, envp, 0)],
  358: ["execveat", execveat],
};
