/** The pages of a mapping that a fork copies (cf. mm/memory.c copy_page_range()). */

import { PTE_A, PTE_D, PTE_RW } from "../../mmu/pte.ts";
import { ENOMEM } from "../errno.ts";
import { type PageTables, pteFrame } from "./page-tables.ts";
import { PAGE_SIZE } from "./physical-memory.ts";
import { VM_MAYWRITE, VM_SHARED, type VmArea } from "./vma.ts";

/**
 * Gives the child the PTEs of the parent's VMA, the child's being empty there. Private pages become read-only on both sides;
 * shared ones stay as they are, clean in the child. Returns 0, or -ENOMEM halfway. The caller flushes the parent.
 */
export function copyPageRange(child: PageTables, vma: VmArea): number {
  const { tables, memory } = vma.mm;
  const { ram, zeroPage, frames } = memory;
  const cow = (vma.flags & (VM_SHARED | VM_MAYWRITE)) === VM_MAYWRITE;
  let result = 0;
  const ptes = (first: number, stop: number, firstPa: number): void => {
    if (child.sharesTable(first)) return;
    // Address of the child's PTE; it gets a table with the first page.
    let to = -1;
    for (let address = first, pa = firstPa; address < stop && result === 0; address += PAGE_SIZE, pa += 4) {
      const pte = ram.read32(pa);
      if (pte !== 0) {
        if (to < 0) to = child.pteAlloc(address);
        if (to < 0) {
          result = -ENOMEM;
          return;
        }
        let copy = pte & ~PTE_A;
        if (!cow) {
          copy &= ~PTE_D;
        } else if ((pte & PTE_RW) !== 0) {
          ram.write32(pa, pte & ~PTE_RW);
          copy &= ~PTE_RW;
        }
        const pfn = pteFrame(pte);
        if (pfn !== zeroPage) {
          frames.count[pfn]++;
          child.account(pfn, 1);
        }
        ram.write32(to, copy);
      }
      if (to >= 0) to += 4;
    }
  };
  const huge = (address: number, pmd: number): void => {
    const entry = cow ? ram.read32(pmd) & ~PTE_RW : ram.read32(pmd);
    ram.write32(pmd, entry);
    memory.getFrame(pteFrame(entry));
    child.accountHuge(pteFrame(entry), 1);
    ram.write32(child.pmdOffset(child.pgdOffset(address), address), entry & ~PTE_A);
  };
  tables.walk(vma.start, vma.end, ptes, huge);
  return result;
}
