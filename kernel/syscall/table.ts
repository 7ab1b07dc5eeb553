/** The i386 system call table (arch/x86/entry/syscalls/syscall_32.tbl): what every part of the kernel contributes. */

import { fsSyscalls } from "../fs/syscalls.ts";
import { ipcSyscalls } from "../ipc/syscalls.ts";
import { mmSyscalls } from "../mm/syscalls.ts";
import { credSyscalls } from "./cred.ts";
import { execSyscalls } from "./exec.ts";
import { futexSyscalls } from "./futex.ts";
import { ioPrioritySyscalls } from "./io-priority.ts";
import { limitSyscalls } from "./limits.ts";
import { SYSCALL_NAMES } from "./names.ts";
import { pidfdSyscalls } from "./pidfd.ts";
import { processSyscalls } from "./process.ts";
import { signalSyscalls } from "./signal.ts";
import type { SyscallTable } from "./syscall.ts";
import { systemSyscalls } from "./system.ts";
import { threadSyscalls } from "./thread.ts";
import { timeSyscalls } from "./time.ts";
import { timerSyscalls } from "./timers.ts";
import { waitSyscalls } from "./wait.ts";

/** Joins tables; a number given twice, or a name that is not Linux's, is a mistake in this program. */
function join(...tables: SyscallTable[]): (SyscallTable[number] | undefined)[] {
  const joined: (SyscallTable[number] | undefined)[] = [];
  for (const table of tables) {
    for (const [key, entry] of Object.entries(table)) {
      const number = Number(key);
      if (joined[number] !== undefined) throw new Error(`system call ${number} is defined twice: ${entry[0]}`);
      if (SYSCALL_NAMES[number] !== entry[0]) throw new Error(`system call ${number} is not called ${entry[0]}`);
      joined[number] = entry;
    }
  }
  return joined;
}

/** By number; undefined where nobody implements the call. */
export const syscalls = join(
  credSyscalls,
  execSyscalls,
  fsSyscalls,
  futexSyscalls,
  ioPrioritySyscalls,
  ipcSyscalls,
  limitSyscalls,
  mmSyscalls,
  pidfdSyscalls,
  processSyscalls,
  signalSyscalls,
  systemSyscalls,
  threadSyscalls,
  timeSyscalls,
  timerSyscalls,
  waitSyscalls,
);
