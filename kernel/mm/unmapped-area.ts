/** Where a new mapping goes (cf. mm/mmap.c arch_get_unmapped_area_topdown(), arch/x86/mm/mmap.c mmap_base()). */

import { EINVAL, ENOMEM, EPERM } from "../errno.ts";

import { RLIMIT_STACK } from "../task/rlimit.ts";
import type { MmStruct } from "./mm.ts";
import { PAGE_SIZE, type PhysicalMemory, TASK_SIZE } from "./physical-memory.ts";
import { STACK_GUARD_GAP } from "./vma.ts";

/** vm.mmap_min_addr. */
export const MMAP_MIN_ADDR = 0x10000;
/** TASK_UNMAPPED_BASE: where the search from below starts, once nothing is free from above. */
const UNMAPPED_BASE = TASK_SIZE / 3;
/** include/uapi/linux/capability.h. */
const CAP_SYS_RAWIO = 17;

/** mmap_base(): below the largest stack that the limit allows, 128 MiB at least, 5/6 of user space at most. */
export function mmapBase(memory: PhysicalMemory): number {
  const wanted = memory.current.rlimit(RLIMIT_STACK) + STACK_GUARD_GAP;
  const gap = Math.max(0x08000000, Math.min(wanted, Math.floor(TASK_SIZE / 6) * 5));
  return TASK_SIZE - Math.floor(gap / PAGE_SIZE) * PAGE_SIZE;
}

/** round_hint_to_min(): a hint below mmap_min_addr, but not 0, means that address. */
export function roundHint(hint: number): number {
  const page = hint - (hint % PAGE_SIZE);
  return page !== 0 && page < MMAP_MIN_ADDR ? MMAP_MIN_ADDR : page;
}

/**
 * get_unmapped_area(): the address for `length` bytes (a multiple of the page size), or -errno. `address` is a hint, 0 for none,
 * or "fixed" the place itself, whatever lies there. It will be a multiple of `unit`, the size of the pages.
 */
export function getUnmappedArea(
  mm: MmStruct,
  address: number,
  length: number,
  where: "anywhere" | "fixed",
  unit = PAGE_SIZE,
): number {
  if (length > TASK_SIZE) return -ENOMEM;
  let start = address;
  if (where === "anywhere") {
    start = search(mm, Math.ceil(address / unit) * unit, length, unit);
    if (start < 0) return start;
  } else if (start > TASK_SIZE - length) {
    return -ENOMEM;
  } else if (start % unit !== 0) {
    return -EINVAL;
  }
  if (start < MMAP_MIN_ADDR && !mm.memory.current.cred.capable(CAP_SYS_RAWIO)) return -EPERM;
  return start;
}

function search(mm: MmStruct, hint: number, length: number, unit: number): number {
  if (hint !== 0 && fits(mm, hint, length)) return hint;
  // A gap in which every alignment finds room (vm_unmapped_area()).
  const slack = unit - PAGE_SIZE;
  const high = mm.vmas.highestGap(length + slack, MMAP_MIN_ADDR, mm.mmapBase);
  if (high >= 0) return high + slack - ((high + slack) % unit);
  const low = mm.vmas.lowestGap(length + slack, UNMAPPED_BASE, TASK_SIZE);
  return low >= 0 ? Math.ceil(low / unit) * unit : -ENOMEM;
}

/** Is the hint free, guard gap of the next mapping included? */
function fits(mm: MmStruct, hint: number, length: number): boolean {
  if (hint < MMAP_MIN_ADDR || hint > TASK_SIZE - length) return false;
  const vma = mm.findVma(hint);
  if (vma === null) return true;
  return hint + length <= vma.guardedStart && hint < vma.start;
}
