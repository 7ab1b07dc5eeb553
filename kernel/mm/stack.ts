/** Growth of a mapping that grows down (cf. mm/mmap.c expand_downwards(), acct_stack_growth()). */

import { ENOMEM, EPERM } from "../errno.ts";
import { RLIMIT_STACK } from "../task/rlimit.ts";
import { accountVm, commitMemory, mayExpandVm } from "./accounting.ts";
import { prepareAnonVma } from "./anon-vma.ts";
import { lockLimitExceeded } from "./mlock-limit.ts";
import type { MmStruct } from "./mm.ts";
import { PAGE_SIZE } from "./physical-memory.ts";
import { MMAP_MIN_ADDR } from "./unmapped-area.ts";
import { STACK_GUARD_GAP, VM_ACCESS, VM_ACCOUNT, VM_GROWSDOWN, VM_LOCKED, type VmArea } from "./vma.ts";

/**
 * Extends the VMA down to the page of `address`, which lies below it: 0, or -errno if the guard gap to the mapping below,
 * RLIMIT_STACK, RLIMIT_AS or the overcommit rule forbids it.
 */
export function expandStack(mm: MmStruct, vma: VmArea, address: number): number {
  const { memory } = mm;
  const { current } = memory;
  const start = address - (address % PAGE_SIZE);
  if (start < MMAP_MIN_ADDR) return -EPERM;
  const { prev } = vma;
  if (prev !== null && (prev.flags & VM_GROWSDOWN) === 0 && (prev.flags & VM_ACCESS) !== 0) {
    if (start - prev.end < STACK_GUARD_GAP) return -ENOMEM;
  }
  if (prev !== null && start < prev.end) return -ENOMEM;
  prepareAnonVma(vma);
  const grow = (vma.start - start) / PAGE_SIZE;
  if (grow > vma.pgoff) return -ENOMEM;
  if (!mayExpandVm(mm, vma.flags, grow)) return -ENOMEM;
  if (vma.end - start > current.rlimit(RLIMIT_STACK)) return -ENOMEM;
  const locked = (vma.flags & VM_LOCKED) !== 0;
  if (locked && lockLimitExceeded(mm, grow)) return -ENOMEM;
  if ((vma.flags & VM_ACCOUNT) !== 0 && commitMemory(mm, grow) < 0) return -ENOMEM;
  vma.pgoff -= grow;
  mm.vmas.resize(vma, start, vma.end);
  if (locked) mm.lockedVm += grow;
  accountVm(mm, vma.flags, grow);
  return 0;
}
