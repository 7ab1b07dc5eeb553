/**
 * The kernel room: a Linux for i386 programs, on a machine whose page tables it writes.
 *
 * `bootLinux` puts the first program into a machine, `run` runs it until something outside must decide.
 */
export { BootError, type BootOptions, bootLinux, DEFAULT_ENVIRONMENT, errorText } from "./boot.ts";
export { byteString, textOf } from "./byte-string.ts";
export * from "./errno.ts";
export { MemoryFile, MemoryTree } from "./fs/memory-tree.ts";
export type * from "./host.ts";
export { Kernel, KernelCounters, type KernelOptions, type KernelProbe, type MainExit } from "./kernel.ts";
export { MemoryHost, type MemoryHostOptions } from "./memory-host.ts";
export { FAULT_KINDS, type FaultRecord } from "./mm/fault-record.ts";
export { HUGE_PAGE_SIZE } from "./mm/hugetlb-pool.ts";
export { type RunBudget, type RunReason, run } from "./run.ts";
export { SYSCALL_NAMES } from "./syscall/names.ts";
export { signalDescription, signalName } from "./task/signals.ts";
