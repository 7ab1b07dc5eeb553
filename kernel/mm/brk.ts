/** brk (cf. mm/mmap.c SYSCALL brk, do_brk_flags()). */

import { EAGAIN, ENOMEM } from "../errno.ts";
import { RLIMIT_DATA } from "../task/rlimit.ts";
import { accountVm, commitMemory, mayExpandVm } from "./accounting.ts";
import { lockLimitExceeded } from "./mlock-limit.ts";
import type { MmStruct } from "./mm.ts";
import { addVma } from "./mmap.ts";
import { READ_IMPLIES_EXEC } from "./mmap-flags.ts";
import { unmapRange } from "./munmap.ts";
import { PAGE_SIZE, pageAlign } from "./physical-memory.ts";
import { populate } from "./populate.ts";
import { getUnmappedArea } from "./unmapped-area.ts";
import { VM_ACCOUNT, VM_EXEC, VM_LOCKED, VM_MAYEXEC, VM_MAYREAD, VM_MAYWRITE, VM_READ, VM_WRITE } from "./vma.ts";
import { MAX_MAP_COUNT, mergeVma } from "./vma-merge.ts";

/** VM_DATA_DEFAULT_FLAGS of the current task. */
export function dataFlags(personality: number): number {
  const exec = (personality & READ_IMPLIES_EXEC) !== 0 ? VM_EXEC : 0;
  return VM_READ | VM_WRITE | exec | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
}

/** Moves the break; returns the break, which is the old one when it cannot move. */
export function doBrk(mm: MmStruct, brk: number): number {
  const old = mm.brk;
  if (brk < mm.startBrk) return old;
  const data = brk - mm.startBrk + (mm.endData - mm.startData);
  if (data > mm.memory.current.rlimit(RLIMIT_DATA)) return old;
  const oldEnd = pageAlign(old);
  const newEnd = pageAlign(brk);
  if (newEnd < oldEnd) {
    if (unmapRange(mm, newEnd, oldEnd) < 0) return old;
  } else if (newEnd > oldEnd) {
    const next = mm.findVma(oldEnd);
    if (next !== null && newEnd + PAGE_SIZE > next.guardedStart) return old;
    if (brkRegion(mm, oldEnd, newEnd, dataFlags(mm.memory.current.personality)) < 0) return old;
    if ((mm.defaultFlags & VM_LOCKED) !== 0) populate(mm, oldEnd, newEnd, "go on");
  }
  mm.brk = brk;
  return brk;
}

/** Anonymous memory that extends the heap or the .bss (do_brk_flags()): 0, or -errno. */
export function brkRegion(mm: MmStruct, start: number, end: number, flags: number): number {
  const wanted = flags | VM_ACCOUNT | mm.defaultFlags;
  const pages = (end - start) / PAGE_SIZE;
  const place = getUnmappedArea(mm, start, end - start, "fixed");
  if (place < 0) return place;
  if ((wanted & VM_LOCKED) !== 0 && lockLimitExceeded(mm, pages)) return -EAGAIN;
  if (unmapRange(mm, start, end) < 0) return -ENOMEM;
  if (!mayExpandVm(mm, wanted, pages)) return -ENOMEM;
  if (mm.vmas.count > MAX_MAP_COUNT) return -ENOMEM;
  if (commitMemory(mm, pages) < 0) return -ENOMEM;
  const pgoff = start / PAGE_SIZE;
  const prev = mm.findVmaPrev(start);
  const range = { flags: wanted, file: null, ops: null, pgoff, from: null };
  if (mergeVma(mm, prev, start, end, range) === null) addVma(mm, start, end, wanted, pgoff, null, null);
  accountVm(mm, wanted, pages);
  if ((wanted & VM_LOCKED) !== 0) mm.lockedVm += pages;
  return 0;
}
