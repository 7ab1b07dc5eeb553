/** madvise (cf. mm/madvise.c). Without a swap device or readahead, advice about those is accepted and changes nothing. */

import { PTE_A, PTE_D } from "../../mmu/pte.ts";
import { EACCES, EAGAIN, EFAULT, EINVAL, ENOMEM } from "../errno.ts";
import { clearMarks } from "./change-protection.ts";
import type { MmStruct } from "./mm.ts";
import {
  MADV_COLD,
  MADV_DODUMP,
  MADV_DOFORK,
  MADV_DONTDUMP,
  MADV_DONTFORK,
  MADV_DONTNEED,
  MADV_DONTNEED_LOCKED,
  MADV_FREE,
  MADV_KEEPONFORK,
  MADV_NORMAL,
  MADV_PAGEOUT,
  MADV_POPULATE_READ,
  MADV_POPULATE_WRITE,
  MADV_RANDOM,
  MADV_REMOVE,
  MADV_SEQUENTIAL,
  MADV_WILLNEED,
  MADV_WIPEONFORK,
} from "./mmap-flags.ts";
import { PAGE_SIZE, pageAlign } from "./physical-memory.ts";
import { populateVma } from "./populate.ts";
import { mappingOf } from "./vm-ops.ts";
import {
  VM_DONTCOPY,
  VM_DONTDUMP,
  VM_LOCKED,
  VM_MAYWRITE,
  VM_RAND_READ,
  VM_READ,
  VM_SEQ_READ,
  VM_SHARED,
  VM_WIPEONFORK,
  VM_WRITE,
  type VmArea,
} from "./vma.ts";
import { setVmaFlags } from "./vma-flags.ts";
import { zapPageRange } from "./zap.ts";

/** Applies the advice to one part of one VMA: 0 or -errno. */
type Advice = (mm: MmStruct, vma: VmArea, start: number, end: number) => number;

/** Advice that sets and clears flags of the VMA. */
function flagAdvice(set: number, clear: number, refuse: (vma: VmArea) => boolean = () => false): Advice {
  return (mm, vma, start, end) => {
    if (refuse(vma)) return -EINVAL;
    const flags = (vma.flags & ~clear) | set;
    if (flags === vma.flags) return 0;
    const changed = setVmaFlags(mm, vma, start, end, flags);
    // Too many mappings have an errno of their own here (madvise_vma_behavior()).
    return typeof changed !== "number" ? 0 : changed === -ENOMEM ? -EAGAIN : changed;
  };
}

const accept: Advice = () => 0;

/** Not for locked memory. */
function unlocked(apply: Advice): Advice {
  return (mm, vma, start, end) => ((vma.flags & VM_LOCKED) !== 0 ? -EINVAL : apply(mm, vma, start, end));
}

const dontNeed: Advice = (mm, vma, start, end) => {
  // Of huge pages only whole ones go, and the first must be one (madvise_dontneed_free_valid_vma()).
  const stop = end - (end % vma.pageSize);
  if (start % vma.pageSize !== 0) return -EINVAL;
  if (mm.tables.unshare(start, stop) < 0) return -ENOMEM;
  if (start < stop) zapPageRange(mm.tables, start, stop);
  vma.ops?.emptied?.(vma, start, stop);
  return 0;
};

/** Private pages become clean: whoever needs frames may drop them, until they are written again (madvise_free_pte_range()). */
const free: Advice = (mm, vma, start, end) => {
  if (vma.ops !== null) return -EINVAL;
  if (mm.tables.unshare(start, end) < 0) return -ENOMEM;
  clearMarks(mm.tables, start, end, PTE_A | PTE_D);
  return 0;
};

/** The pages look unused (madvise_cold()). */
const cold: Advice = (mm, _vma, start, end) => {
  clearMarks(mm.tables, start, end, PTE_A);
  return 0;
};

/** Punches a hole into the file behind a shared mapping that may be writable. */
const remove: Advice = (_mm, vma, start, end) => {
  if (vma.file === null || vma.ops === null) return -EINVAL;
  if ((vma.flags & (VM_SHARED | VM_MAYWRITE)) !== (VM_SHARED | VM_MAYWRITE)) return -EACCES;
  return mappingOf(vma).punchHole(vma.indexOf(start), vma.indexOf(end));
};

/** What each advice does; advice that is not here is unknown to this kernel (no KSM, no transparent huge pages). */
const advice: ReadonlyMap<number, Advice> = new Map([
  [MADV_NORMAL, flagAdvice(0, VM_RAND_READ | VM_SEQ_READ)],
  [MADV_RANDOM, flagAdvice(VM_RAND_READ, VM_SEQ_READ)],
  [MADV_SEQUENTIAL, flagAdvice(VM_SEQ_READ, VM_RAND_READ)],
  [MADV_WILLNEED, accept],
  [MADV_DONTNEED, unlocked(dontNeed)],
  [MADV_DONTNEED_LOCKED, dontNeed],
  [MADV_FREE, unlocked(free)],
  [MADV_REMOVE, unlocked(remove)],
  [MADV_DONTFORK, flagAdvice(VM_DONTCOPY, 0)],
  [MADV_DOFORK, flagAdvice(0, VM_DONTCOPY)],
  [MADV_DONTDUMP, flagAdvice(VM_DONTDUMP, 0)],
  [MADV_DODUMP, flagAdvice(0, VM_DONTDUMP)],
  [MADV_WIPEONFORK, flagAdvice(VM_WIPEONFORK, 0, (vma) => vma.file !== null || (vma.flags & VM_SHARED) !== 0)],
  [MADV_KEEPONFORK, flagAdvice(0, VM_WIPEONFORK)],
  [MADV_COLD, unlocked(cold)],
  [MADV_PAGEOUT, unlocked(accept)],
]);

/** 0, or -errno; -ENOMEM for a gap, after the mapped parts have been advised. */
export function doMadvise(mm: MmStruct, address: number, length: number, behavior: number): number {
  const populating = behavior === MADV_POPULATE_READ || behavior === MADV_POPULATE_WRITE;
  const apply = advice.get(behavior);
  if (apply === undefined && !populating) return -EINVAL;
  if (address % PAGE_SIZE !== 0) return -EINVAL;
  const end = address + pageAlign(length);
  if (end > 0xffffffff) return -EINVAL;
  if (end === address) return 0;
  if (populating) return advisePopulate(mm, address, end, behavior === MADV_POPULATE_WRITE);
  let result = 0;
  let at = address;
  while (apply !== undefined) {
    const vma = mm.findVma(at);
    if (vma === null || vma.start >= end) return -ENOMEM;
    if (vma.start > at) {
      result = -ENOMEM;
      at = vma.start;
    }
    const stop = Math.min(vma.end, end);
    const error = apply(mm, vma, at, stop);
    if (error < 0) return error;
    at = stop;
    if (at >= end) break;
  }
  return result;
}

function advisePopulate(mm: MmStruct, start: number, end: number, write: boolean): number {
  for (let at = start; at < end; ) {
    const vma = mm.findVma(at);
    if (vma === null || vma.start > at) return -ENOMEM;
    if ((vma.flags & (write ? VM_WRITE : VM_READ)) === 0) return -EINVAL;
    const stop = Math.min(vma.end, end);
    const error = populateVma(mm, vma, at, stop, write);
    if (error < 0) return error === -EFAULT ? -EFAULT : -ENOMEM;
    at = stop;
  }
  return 0;
}
