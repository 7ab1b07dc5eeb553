/** mremap (cf. mm/mremap.c). Numbers are uint32. */

import { EAGAIN, EFAULT, EINVAL, ENOMEM } from "../errno.ts";
import { accountVm, commitMemory, mayExpandVm, uncommitMemory } from "./accounting.ts";
import { unlinkAnonVma } from "./anon-vma.ts";
import { lockLimitExceeded } from "./mlock-limit.ts";
import type { MmStruct } from "./mm.ts";
import { MREMAP_DONTUNMAP, MREMAP_FIXED, MREMAP_MAYMOVE } from "./mmap-flags.ts";
import { movePageTables } from "./move-page-tables.ts";
import { doMunmap, unmapRange } from "./munmap.ts";
import { PAGE_SIZE, pageAlign, TASK_SIZE } from "./physical-memory.ts";
import { populate } from "./populate.ts";
import { getUnmappedArea } from "./unmapped-area.ts";
import { VM_ACCOUNT, VM_DONTEXPAND, VM_LOCKED, VM_LOCKONFAULT, VM_MAYSHARE, VM_SHARED, type VmArea } from "./vma.ts";
import { linkVma } from "./vma-link.ts";
import { copyVma, MAX_MAP_COUNT, mergeVma } from "./vma-merge.ts";

/** Resizes or moves a mapping: its address, or -errno. */
export function doMremap(
  mm: MmStruct,
  address: number,
  oldLength: number,
  newLength: number,
  flags: number,
  newAddress: number,
): number {
  // Lengths are 32 bits wide in Linux: one that rounds up to 2^32 is 0.
  let oldBytes = pageAlign(oldLength) % 0x100000000;
  let newBytes = pageAlign(newLength) % 0x100000000;
  const refused = checkParameters(mm, address, oldBytes, newBytes, flags, newAddress);
  if (refused < 0) return refused;
  if ((flags & MREMAP_FIXED) !== 0 && oldBytes === newBytes) {
    return moveMappings(mm, address, oldBytes, newAddress, flags);
  }
  const vma = lookup(mm, address);
  if (vma === null) return -EFAULT;
  const unit = vma.pageSize;
  if (unit !== PAGE_SIZE) {
    // align_hugetlb(): whole pages, and no more of them.
    oldBytes = Math.ceil(oldBytes / unit) * unit;
    newBytes = Math.ceil(newBytes / unit) * unit;
    if (address % unit !== 0 || newBytes > oldBytes) return -EINVAL;
  }
  if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0) {
    return remapTo(mm, vma, address, oldBytes, newAddress, newBytes, flags);
  }
  if (oldBytes >= newBytes) {
    if (oldBytes > newBytes) {
      const error = doMunmap(mm, address + newBytes, oldBytes - newBytes);
      if (error < 0) return error;
    }
    return address;
  }
  const denied = checkResize(mm, vma, address, oldBytes, newBytes, flags);
  if (denied < 0) return denied;
  if (oldBytes === vma.end - address && expandable(mm, vma, newBytes - oldBytes)) {
    return expand(mm, vma, address, oldBytes, newBytes);
  }
  if ((flags & MREMAP_MAYMOVE) === 0) return -ENOMEM;
  const place = getUnmappedArea(mm, 0, newBytes, "anywhere");
  return place < 0 ? place : moveVma(mm, vma, address, oldBytes, newBytes, place, flags);
}

/** check_mremap_params(): 0 or -errno. */
function checkParameters(
  mm: MmStruct,
  address: number,
  oldBytes: number,
  newBytes: number,
  flags: number,
  newAddress: number,
): number {
  if ((flags & ~(MREMAP_FIXED | MREMAP_MAYMOVE | MREMAP_DONTUNMAP)) !== 0) return -EINVAL;
  if (address % PAGE_SIZE !== 0) return -EINVAL;
  if (newBytes === 0 || newBytes > TASK_SIZE) return -EINVAL;
  if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) === 0) return 0;
  if (newAddress > TASK_SIZE - newBytes || newAddress % PAGE_SIZE !== 0) return -EINVAL;
  if ((flags & MREMAP_MAYMOVE) === 0) return -EINVAL;
  if ((flags & MREMAP_DONTUNMAP) !== 0 && oldBytes !== newBytes) return -EINVAL;
  if (address + oldBytes > newAddress && newAddress + newBytes > address) return -EINVAL;
  return mm.vmas.count + 2 >= MAX_MAP_COUNT - 3 ? -ENOMEM : 0;
}

/**
 * remap_move(): a move without a new size takes every mapping in the range along, in parts if need be, and the gaps between
 * them. The range must begin in a mapping. What has been moved before an error stays moved.
 */
function moveMappings(mm: MmStruct, address: number, length: number, newAddress: number, flags: number): number {
  const end = address + length;
  let at = address;
  let result = -EFAULT;
  for (;;) {
    const vma = mm.findVmaIntersection(at, end);
    if (vma === null) return result;
    if (at === address && vma.start > address) return -EFAULT;
    const start = Math.max(vma.start, at);
    const stop = Math.min(vma.end, end);
    const moved = remapTo(mm, vma, start, stop - start, newAddress + (start - address), stop - start, flags);
    if (moved < 0) return moved;
    if (start === address) result = moved;
    at = stop;
    if (at >= end) return result;
  }
}

/** vma_lookup(). */
function lookup(mm: MmStruct, address: number): VmArea | null {
  const vma = mm.findVma(address);
  return vma !== null && vma.start <= address ? vma : null;
}

/** vma_to_resize(). */
function checkResize(
  mm: MmStruct,
  vma: VmArea,
  address: number,
  oldBytes: number,
  newBytes: number,
  flags: number,
): number {
  // A length of 0 duplicates a shared mapping.
  if (oldBytes === 0 && (vma.flags & (VM_SHARED | VM_MAYSHARE)) === 0) return -EINVAL;
  if ((flags & MREMAP_DONTUNMAP) !== 0 && (vma.flags & VM_DONTEXPAND) !== 0) return -EINVAL;
  if (oldBytes > vma.end - address) return -EFAULT;
  if (newBytes === oldBytes) return 0;
  if (vma.indexOf(address) + newBytes / PAGE_SIZE > 0xffffffff) return -EINVAL;
  if ((vma.flags & VM_DONTEXPAND) !== 0) return -EFAULT;
  const more = (newBytes - oldBytes) / PAGE_SIZE;
  if ((vma.flags & VM_LOCKED) !== 0 && lockLimitExceeded(mm, more)) return -EAGAIN;
  return mayExpandVm(mm, vma.flags, more) ? 0 : -ENOMEM;
}

/** vma_expandable(). */
function expandable(mm: MmStruct, vma: VmArea, delta: number): boolean {
  const end = vma.end + delta;
  return end <= TASK_SIZE && mm.findVmaIntersection(vma.end, end) === null;
}

function expand(mm: MmStruct, vma: VmArea, address: number, oldBytes: number, newBytes: number): number {
  const pages = (newBytes - oldBytes) / PAGE_SIZE;
  if ((vma.flags & VM_ACCOUNT) !== 0 && commitMemory(mm, pages) < 0) return -ENOMEM;
  const { flags, file, ops } = vma;
  const start = address + oldBytes;
  const end = address + newBytes;
  const range = { flags, file, ops, pgoff: vma.indexOf(start), from: vma };
  if (mergeVma(mm, vma, start, end, range) === null) {
    if ((flags & VM_ACCOUNT) !== 0) uncommitMemory(mm, pages);
    return -ENOMEM;
  }
  accountVm(mm, flags, pages);
  if ((flags & VM_LOCKED) !== 0) {
    mm.lockedVm += pages;
    populate(mm, start, end, "go on");
  }
  return address;
}

/** check_prep_vma() and mremap_to(): MREMAP_FIXED or MREMAP_DONTUNMAP, whose addresses and lengths are already checked. */
function remapTo(
  mm: MmStruct,
  vma: VmArea,
  address: number,
  oldLength: number,
  newAddress: number,
  newBytes: number,
  flags: number,
): number {
  const oldBytes = Math.min(oldLength, newBytes);
  const unit = vma.pageSize;
  if (address % unit !== 0 || newAddress % unit !== 0 || newBytes % unit !== 0) return -EINVAL;
  // What a shrink cuts off may cross the end of the VMA.
  const refused = checkResize(mm, vma, address, oldBytes, newBytes, flags);
  if (refused < 0) return refused;
  if ((flags & MREMAP_FIXED) !== 0) {
    const error = doMunmap(mm, newAddress, newBytes);
    if (error < 0) return error;
  }
  if (oldLength > newBytes) {
    const error = doMunmap(mm, address + newBytes, oldLength - newBytes);
    if (error < 0) return error;
  }
  const source = lookup(mm, address);
  if (source === null) return -EFAULT;
  if ((flags & MREMAP_DONTUNMAP) !== 0 && !mayExpandVm(mm, source.flags, oldBytes / PAGE_SIZE)) return -ENOMEM;
  const place = getUnmappedArea(
    mm,
    newAddress,
    newBytes,
    (flags & MREMAP_FIXED) !== 0 ? "fixed" : "anywhere",
    source.pageSize,
  );
  return place < 0 ? place : moveVma(mm, source, address, oldBytes, newBytes, place, flags);
}

/** move_vma(): a second VMA at `to`, the pages moved there, and the old range unmapped unless it shall stay. */
function moveVma(
  mm: MmStruct,
  vma: VmArea,
  address: number,
  oldBytes: number,
  newBytes: number,
  to: number,
  mode: number,
): number {
  const { memory } = mm;
  if (mm.vmas.count >= MAX_MAP_COUNT - 3) return -ENOMEM;
  const { flags } = vma;
  const stays = (mode & MREMAP_DONTUNMAP) !== 0;
  const pages = newBytes / PAGE_SIZE;
  // What is unmapped afterwards need not fit twice (vrm_calc_charge()).
  const kept = stays ? 0 : oldBytes / PAGE_SIZE;
  if ((flags & VM_ACCOUNT) !== 0) {
    if (commitMemory(mm, pages - kept) < 0) return -ENOMEM;
    memory.overcommit.committed += kept;
  }
  const moved = copyTo(mm, vma, address, to, newBytes);
  accountVm(mm, flags, pages);
  if ((flags & VM_LOCKED) !== 0) mm.lockedVm += pages;
  if (movePageTables(mm.tables, address, to, oldBytes) < 0) {
    unmapRange(mm, to, to + newBytes);
    return -ENOMEM;
  }
  // The old VMA may have been merged into, or be, the one that holds the new range.
  const old = lookup(mm, address);
  if (stays) {
    if (old !== null) {
      old.setFlags(old.flags & ~(VM_LOCKED | VM_LOCKONFAULT));
      if ((flags & VM_LOCKED) !== 0) mm.lockedVm -= old.pages;
      if (old !== moved && old.start === address && old.end === address + oldBytes) unlinkAnonVma(old);
    }
  } else if (oldBytes > 0) {
    vma.ops?.moved?.(vma);
    unmapRange(mm, address, address + oldBytes);
  }
  if ((flags & VM_LOCKED) !== 0) populate(mm, to + oldBytes, to + newBytes, "go on");
  return to;
}

/** copy_vma(): what has no private pages yet takes the page offset of its new place, so that it may merge there. */
function copyTo(mm: MmStruct, vma: VmArea, address: number, to: number, bytes: number): VmArea {
  const { flags, file, ops } = vma;
  const unfaulted = ops === null && vma.anonVma === null;
  const pgoff = unfaulted ? to / PAGE_SIZE : vma.indexOf(address);
  const prev = mm.findVmaPrev(to);
  const merged = mergeVma(mm, prev, to, to + bytes, { flags, file, ops, pgoff, from: vma });
  if (merged !== null) return merged;
  const copy = copyVma(vma, to, to + bytes, pgoff);
  linkVma(mm, copy);
  return copy;
}
