/** mlock, mlock2, munlock, mlockall, munlockall (cf. mm/mlock.c). Nothing is ever paged out; what counts is what is visible. */

import { EAGAIN, EFAULT, EINVAL, ENOMEM, EPERM } from "../errno.ts";
import { CAP_IPC_LOCK } from "../task/cred.ts";
import { RLIMIT_MEMLOCK } from "../task/rlimit.ts";
import { canDoMlock } from "./mlock-limit.ts";
import type { MmStruct } from "./mm.ts";
import { MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT, MLOCK_ONFAULT } from "./mmap-flags.ts";
import { PAGE_SIZE, pageAlign, TASK_SIZE } from "./physical-memory.ts";
import { populate } from "./populate.ts";
import { VM_HUGETLB, VM_LOCKED, VM_LOCKONFAULT, type VmArea } from "./vma.ts";
import { setVmaFlags } from "./vma-flags.ts";

const LOCK_FLAGS = VM_LOCKED | VM_LOCKONFAULT;

/** mlock2(); `flags` is 0 or MLOCK_ONFAULT. */
export function doMlock(mm: MmStruct, address: number, length: number, flags: number): number {
  if ((flags & ~MLOCK_ONFAULT) !== 0) return -EINVAL;
  if (!canDoMlock(mm)) return -EPERM;
  const start = address - (address % PAGE_SIZE);
  const end = pageAlign(address + length);
  const pages = (end - start) / PAGE_SIZE;
  const { current } = mm.memory;
  const limit = Math.floor(current.rlimit(RLIMIT_MEMLOCK) / PAGE_SIZE);
  const capable = current.cred.capable(CAP_IPC_LOCK);
  if (!capable && pages + mm.lockedVm - lockedWithin(mm, start, end) > limit) return -ENOMEM;
  const wanted = VM_LOCKED | ((flags & MLOCK_ONFAULT) !== 0 ? VM_LOCKONFAULT : 0);
  const error = applyLock(mm, start, end, wanted);
  if (error < 0) return error;
  const populated = populate(mm, start, end, "stop");
  // __mlock_posix_error_return()
  return populated === -EFAULT ? -ENOMEM : populated === -ENOMEM ? -EAGAIN : populated;
}

export function doMunlock(mm: MmStruct, address: number, length: number): number {
  return applyLock(mm, address - (address % PAGE_SIZE), pageAlign(address + length), 0);
}

export function doMlockall(mm: MmStruct, flags: number): number {
  if (flags === 0 || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) !== 0 || flags === MCL_ONFAULT) return -EINVAL;
  if (!canDoMlock(mm)) return -EPERM;
  const { current } = mm.memory;
  const now = (flags & MCL_CURRENT) !== 0;
  if (now && mm.totalVm * PAGE_SIZE > current.rlimit(RLIMIT_MEMLOCK) && !current.cred.capable(CAP_IPC_LOCK)) {
    return -ENOMEM;
  }
  const wanted = VM_LOCKED | ((flags & MCL_ONFAULT) !== 0 ? VM_LOCKONFAULT : 0);
  mm.defaultFlags = (mm.defaultFlags & ~LOCK_FLAGS) | ((flags & MCL_FUTURE) !== 0 ? wanted : 0);
  if (now) {
    lockAll(mm, wanted);
    populate(mm, 0, TASK_SIZE, "go on");
  }
  return 0;
}

export function doMunlockall(mm: MmStruct): number {
  mm.defaultFlags &= ~LOCK_FLAGS;
  lockAll(mm, 0);
  return 0;
}

function lockAll(mm: MmStruct, wanted: number): void {
  for (let vma = mm.vmas.first; vma !== null; ) {
    // A failure leaves this VMA as it is, as in Linux.
    const locked: VmArea | number = lockVma(mm, vma, vma.start, vma.end, wanted);
    vma = (typeof locked === "number" ? vma : locked).next;
  }
}

/** apply_vma_lock_flags(). */
function applyLock(mm: MmStruct, start: number, end: number, wanted: number): number {
  if (end > 0xffffffff) return -EINVAL;
  if (end === start) return 0;
  let at = start;
  for (;;) {
    const vma = mm.findVma(at);
    if (vma === null || vma.start > at) return -ENOMEM;
    const stop = Math.min(vma.end, end);
    const locked = lockVma(mm, vma, at, stop, wanted);
    if (typeof locked === "number") return locked;
    at = stop;
    if (at >= end) return 0;
  }
}

/** mlock_fixup(): the VMA that has the range now, or -errno. Huge pages are always locked, without being called so. */
function lockVma(mm: MmStruct, vma: VmArea, start: number, end: number, wanted: number): VmArea | number {
  const old = vma.flags;
  const flags = (old & ~LOCK_FLAGS) | wanted;
  if (flags === old || (old & VM_HUGETLB) !== 0) return vma;
  const changed = setVmaFlags(mm, vma, start, end, flags);
  if (typeof changed === "number") return changed;
  const pages = (end - start) / PAGE_SIZE;
  if ((flags & VM_LOCKED) !== 0 && (old & VM_LOCKED) === 0) mm.lockedVm += pages;
  if ((flags & VM_LOCKED) === 0 && (old & VM_LOCKED) !== 0) mm.lockedVm -= pages;
  return changed;
}

/** count_mm_mlocked_page_nr(). */
function lockedWithin(mm: MmStruct, start: number, end: number): number {
  let pages = 0;
  for (let vma = mm.findVmaIntersection(start, end); vma !== null && vma.start < end; vma = vma.next) {
    if ((vma.flags & VM_LOCKED) !== 0) pages += (Math.min(vma.end, end) - Math.max(vma.start, start)) / PAGE_SIZE;
  }
  return pages;
}
