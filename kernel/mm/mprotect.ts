/** mprotect (cf. mm/mprotect.c). */

import { EACCES, EINVAL, ENOMEM } from "../errno.ts";
import { accountVm, commitMemory, mayExpandVm, uncommitMemory } from "./accounting.ts";
import { changeProtection } from "./change-protection.ts";
import type { MmStruct } from "./mm.ts";
import { vmProtBits } from "./mmap.ts";
import {
  PROT_EXEC,
  PROT_GROWSDOWN,
  PROT_GROWSUP,
  PROT_READ,
  PROT_SEM,
  PROT_WRITE,
  READ_IMPLIES_EXEC,
} from "./mmap-flags.ts";
import { PAGE_SIZE, pageAlign } from "./physical-memory.ts";
import { populate } from "./populate.ts";
import {
  VM_ACCESS,
  VM_ACCOUNT,
  VM_GROWSDOWN,
  VM_HUGETLB,
  VM_LOCKED,
  VM_MAYEXEC,
  VM_NORESERVE,
  VM_SHARED,
  VM_WRITE,
  type VmArea,
} from "./vma.ts";
import { setVmaFlags } from "./vma-flags.ts";

/** Changes the protection of address..address+length-1: 0, or -errno, the pages before the failure being changed. */
export function doMprotect(mm: MmStruct, address: number, length: number, prot: number): number {
  const grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);
  const wanted = prot & ~(PROT_GROWSDOWN | PROT_GROWSUP);
  if (grows === (PROT_GROWSDOWN | PROT_GROWSUP)) return -EINVAL;
  if (address % PAGE_SIZE !== 0) return -EINVAL;
  if (length === 0) return 0;
  const bytes = pageAlign(length);
  const end = address + bytes;
  if (end > 0xffffffff) return -ENOMEM;
  if ((wanted & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM)) !== 0) return -EINVAL;
  const impliesExec = (wanted & PROT_READ) !== 0 && (mm.memory.current.personality & READ_IMPLIES_EXEC) !== 0;

  let vma = mm.findVma(address);
  if (vma === null) return -ENOMEM;
  let at = address;
  if (grows === PROT_GROWSDOWN) {
    if (vma.start >= end) return -ENOMEM;
    at = vma.start;
    if ((vma.flags & VM_GROWSDOWN) === 0) return -EINVAL;
  } else {
    if (vma.start > at) return -ENOMEM;
    // No mapping grows up on x86.
    if (grows === PROT_GROWSUP) return -EINVAL;
  }
  for (;;) {
    const bits = vmProtBits(impliesExec && (vma.flags & VM_MAYEXEC) !== 0 ? wanted | PROT_EXEC : wanted);
    const flags = (vma.flags & ~VM_ACCESS) | bits;
    // The MAY bits lie four above those that they permit.
    if ((flags & ~(flags >> 4) & VM_ACCESS) !== 0) return -EACCES;
    const stop = Math.min(vma.end, end);
    const changed = protectVma(mm, vma, at, stop, flags);
    if (typeof changed === "number") return changed;
    at = Math.max(stop, changed.end);
    if (at >= end) return 0;
    const next: VmArea | null = changed.next;
    if (next === null || next.start !== at) return -ENOMEM;
    vma = next;
  }
}

/** mprotect_fixup(): the VMA that has start..end-1 with the new flags, or -errno. */
function protectVma(mm: MmStruct, vma: VmArea, start: number, end: number, flags: number): VmArea | number {
  const old = vma.flags;
  if (flags === old) return vma;
  if (mm.tables.unshare(start, end) < 0) return -ENOMEM;
  const pages = (end - start) / PAGE_SIZE;
  let wanted = flags;
  if ((flags & VM_WRITE) !== 0) {
    if (!mayExpandVm(mm, flags, pages) && mayExpandVm(mm, old, pages)) return -ENOMEM;
    if ((old & (VM_ACCOUNT | VM_WRITE | VM_HUGETLB | VM_SHARED | VM_NORESERVE)) === 0) {
      if (commitMemory(mm, pages) < 0) return -ENOMEM;
      wanted |= VM_ACCOUNT;
    }
  } else if ((old & VM_ACCOUNT) !== 0 && vma.ops === null && vma.anonVma === null) {
    // Nothing was written yet, and nothing can be now.
    wanted &= ~VM_ACCOUNT;
  }
  const changed = setVmaFlags(mm, vma, start, end, wanted);
  if (typeof changed === "number") {
    if ((wanted & ~old & VM_ACCOUNT) !== 0) uncommitMemory(mm, pages);
    return changed;
  }
  if ((old & VM_ACCOUNT) !== 0 && (wanted & VM_ACCOUNT) === 0) uncommitMemory(mm, pages);
  changeProtection(changed, start, end);
  accountVm(mm, old, -pages);
  accountVm(mm, wanted, pages);
  const lockedForReading = (old & (VM_WRITE | VM_SHARED | VM_LOCKED)) === VM_LOCKED;
  if (lockedForReading && (wanted & VM_WRITE) !== 0 && (wanted & VM_ACCESS) !== 0) populate(mm, start, end, "go on");
  return changed;
}
