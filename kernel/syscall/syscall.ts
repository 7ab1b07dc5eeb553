/** What a system call is. Every part of the kernel contributes a table of those it implements; table.ts joins them. */

import type { Kernel } from "../kernel.ts";
import type { Task } from "../task/task.ts";

/**
 * A system call. Arguments are signed int32 (use >>> 0 for addresses and sizes). Returns a result >= 0 (a uint32 as a
 * non-negative number), -errno, SLEEPING (it will be called again) or NO_RETURN (registers are already set).
 */
export type Syscall = (
  kernel: Kernel,
  task: Task,
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
) => number;

/** i386 number -> name and function. The name is Linux's, as in SYSCALL_NAMES. */
export type SyscallTable = Readonly<Record<number, readonly [name: string, call: Syscall]>>;
