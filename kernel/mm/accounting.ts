/** What an address space may have, and how much it has: page counts, resource limits, overcommit. */

import { RLIMIT_AS, RLIMIT_DATA } from "../task/rlimit.ts";
import type { MmStruct } from "./mm.ts";
import { PAGE_SIZE } from "./physical-memory.ts";
import { VM_EXEC, VM_GROWSDOWN, VM_SHARED, VM_WRITE } from "./vma.ts";

/** is_data_mapping(): private, writable, no stack. */
export function isDataMapping(flags: number): boolean {
  return (flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) === VM_WRITE;
}

/** vm_stat_account(): adds `pages` (negative: removes) of mappings with these flags. */
export function accountVm(mm: MmStruct, flags: number, pages: number): void {
  mm.totalVm += pages;
  if (mm.totalVm > mm.hiwaterVm) mm.hiwaterVm = mm.totalVm;
  if ((flags & (VM_EXEC | VM_WRITE | VM_GROWSDOWN)) === VM_EXEC) mm.execVm += pages;
  else if ((flags & VM_GROWSDOWN) !== 0) mm.stackVm += pages;
  else if (isDataMapping(flags)) mm.dataVm += pages;
}

/** may_expand_vm(): would `pages` more stay within RLIMIT_AS and RLIMIT_DATA? */
export function mayExpandVm(mm: MmStruct, flags: number, pages: number): boolean {
  const { current } = mm.memory;
  if ((mm.totalVm + pages) * PAGE_SIZE > current.rlimit(RLIMIT_AS)) return false;
  const limit = current.rlimit(RLIMIT_DATA);
  if (!isDataMapping(flags) || (mm.dataVm + pages) * PAGE_SIZE <= limit) return true;
  // Valgrind sets the soft limit to 0 so that brk() fails and mmap() does not.
  return limit === 0 && (mm.dataVm + pages) * PAGE_SIZE <= current.rlimitMax(RLIMIT_DATA);
}

/** security_vm_enough_memory_mm(): promises the address space `pages` more and returns 0, or -ENOMEM. */
export function commitMemory(mm: MmStruct, pages: number): number {
  const { current, overcommit } = mm.memory;
  return overcommit.commit(pages, current, mm.totalVm);
}

/** vm_unacct_memory(). */
export function uncommitMemory(mm: MmStruct, pages: number): void {
  mm.memory.overcommit.committed -= pages;
}
