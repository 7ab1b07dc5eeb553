/** munmap (cf. mm/mmap.c do_munmap()). */

import { EINVAL, ENOMEM } from "../errno.ts";
import { accountVm, uncommitMemory } from "./accounting.ts";
import type { MmStruct } from "./mm.ts";
import { pageAlign, TASK_SIZE } from "./physical-memory.ts";
import { VM_ACCOUNT, type VmArea } from "./vma.ts";
import { detachVma, lockedPages } from "./vma-link.ts";
import { MAX_MAP_COUNT, splitVmaAnyway } from "./vma-merge.ts";
import { unmapRegion } from "./zap.ts";

/** Unmaps whatever lies in the pages of address..address+length-1: 0, or -errno with nothing changed. Numbers are uint32. */
export function doMunmap(mm: MmStruct, address: number, length: number): number {
  if (address % 4096 !== 0 || address > TASK_SIZE || length > TASK_SIZE - address) return -EINVAL;
  const end = address + pageAlign(length);
  if (end === address) return -EINVAL;
  return unmapRange(mm, address, end);
}

/** doMunmap() of a range that is already checked. */
export function unmapRange(mm: MmStruct, start: number, end: number): number {
  let first = mm.findVma(start);
  if (first === null || first.start >= end) return 0;
  if (start > first.start) {
    if (end < first.end && mm.vmas.count >= MAX_MAP_COUNT) return -ENOMEM;
    const upper = splitVmaAnyway(mm, first, start);
    if (typeof upper === "number") return upper;
    first = upper;
  }
  const last = mm.findVma(end);
  if (last !== null && last.start < end) {
    const rest = splitVmaAnyway(mm, last, end);
    if (typeof rest === "number") return rest;
  }
  const before = first.prev;
  let after: VmArea | null = first;
  while (after !== null && after.start < end) after = after.next;
  // Pages first, while the VMAs still hold their files.
  const floor = before === null ? 0 : before.end;
  if (unmapRegion(mm.tables, start, end, floor, after === null ? TASK_SIZE : after.start) < 0) return -ENOMEM;
  for (let vma: VmArea | null = first; vma !== after && vma !== null; ) {
    const following: VmArea | null = vma.next;
    accountVm(mm, vma.flags, -vma.pages);
    mm.lockedVm -= lockedPages(vma);
    if ((vma.flags & VM_ACCOUNT) !== 0) uncommitMemory(mm, vma.pages);
    detachVma(mm, vma);
    vma = following;
  }
  return 0;
}
