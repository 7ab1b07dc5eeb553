/** Bringing pages in before they are touched (cf. mm/gup.c __mm_populate(), mm/madvise.c madvise_populate()). */

import { PTE_RW } from "../../mmu/pte.ts";
import { EFAULT, ENOMEM } from "../errno.ts";
import { BUS_ADRERR, type FaultOutcome } from "./fault-record.ts";
import type { MmStruct } from "./mm.ts";
import { ptePresent } from "./page-tables.ts";
import { PAGE_SIZE } from "./physical-memory.ts";
import { VM_ACCESS, VM_LOCKONFAULT, VM_SHARED, VM_WRITE, type VmArea } from "./vma.ts";

/**
 * Makes every page of the VMAs in the range present, private writable ones already copied (__mm_populate()). Gaps are passed
 * over. "stop" ends at the first page that cannot be had: -EFAULT beyond the end of a file or where nothing may be accessed,
 * -ENOMEM; "go on" tries the next VMA and returns 0.
 */
export function populate(mm: MmStruct, start: number, end: number, onError: "stop" | "go on"): number {
  if (start === end) return 0;
  for (let vma = mm.findVmaIntersection(start, end); vma !== null && vma.start < end; vma = vma.next) {
    if ((vma.flags & VM_LOCKONFAULT) !== 0) continue;
    const write = (vma.flags & (VM_WRITE | VM_SHARED)) === VM_WRITE;
    const accessible = (vma.flags & VM_ACCESS) !== 0;
    const from = Math.max(start, vma.start);
    const error = accessible ? populateVma(mm, vma, from, Math.min(end, vma.end), write) : -EFAULT;
    if (error < 0 && onError === "stop") return error;
  }
  return 0;
}

/** populate() within one VMA, for reading or writing as told. */
export function populateVma(mm: MmStruct, vma: VmArea, start: number, end: number, write: boolean): number {
  for (let address = start; address < end; address += PAGE_SIZE) {
    const pte = mm.tables.read(address);
    if (ptePresent(pte) && (!write || (pte & PTE_RW) !== 0)) continue;
    const outcome: FaultOutcome = mm.faults.resolve(mm, vma, address, write);
    if (outcome !== 0) return outcome === BUS_ADRERR ? -EFAULT : -ENOMEM;
  }
  return 0;
}
