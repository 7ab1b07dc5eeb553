/** The system calls of the file system, all of them. */

import type { SyscallTable } from "../syscall/syscall.ts";
import { attributeSyscalls } from "./syscalls-attributes.ts";
import { controlSyscalls } from "./syscalls-control.ts";
import { eventSyscalls } from "./syscalls-event.ts";
import { ioSyscalls } from "./syscalls-io.ts";
import { nameSyscalls } from "./syscalls-names.ts";
import { openSyscalls } from "./syscalls-open.ts";
import { pollSyscalls } from "./syscalls-poll.ts";
import { socketSyscalls } from "./syscalls-socket.ts";
import { statSyscalls } from "./syscalls-stat.ts";

export const fsSyscalls: SyscallTable = {
  ...openSyscalls,
  ...ioSyscalls,
  ...controlSyscalls,
  ...statSyscalls,
  ...nameSyscalls,
  ...attributeSyscalls,
  ...pollSyscalls,
  ...eventSyscalls,
  ...socketSyscalls,
};
