/** Rights and marks in the PTEs of a mapping change (cf. mm/mprotect.c change_protection(), fs/proc/task_mmu.c clear_refs_pte_range()). */

import { PDE_PS, PTE_A, PTE_D, PTE_P, PTE_RW } from "../../mmu/pte.ts";
import { OWNER_ANON } from "./frames.ts";
import { MmuGather } from "./mmu-gather.ts";
import { type PageTables, pteFrame, pteModify, ptePresent } from "./page-tables.ts";
import { PAGE_SIZE } from "./physical-memory.ts";
import { VM_SHARED, VM_WRITE, type VmArea } from "./vma.ts";

/**
 * Gives every page present in start..end-1, a part of the VMA, the VMA's protection. What a fault would find writable is made
 * writable at once (can_change_pte_writable()): a private page without another user, a shared one that is known to be dirty.
 */
export function changeProtection(vma: VmArea, start: number, end: number): void {
  const { tables, memory } = vma.mm;
  const { ram, frames } = memory;
  const upgrade = (vma.flags & VM_WRITE) !== 0;
  const shared = (vma.flags & VM_SHARED) !== 0;
  const gather = new MmuGather(tables);
  const ptes = (first: number, stop: number, firstPa: number): void => {
    for (let address = first, pa = firstPa; address < stop; address += PAGE_SIZE, pa += 4) {
      const pte = ram.read32(pa);
      if (pte === 0) continue;
      let changed = pteModify(pte, vma.pageProt);
      if (upgrade) {
        const pfn = pteFrame(pte);
        const sole = frames.owner[pfn] === OWNER_ANON && frames.count[pfn] === 1;
        if (shared ? (pte & PTE_D) !== 0 : sole) changed |= PTE_RW;
      }
      if (changed === pte) continue;
      ram.write32(pa, changed);
      // What was not present cannot be in a TLB (SDM 3A 4.10.4.3).
      if ((pte & PTE_P) !== 0) gather.add(address);
    }
  };
  const huge = (address: number, pmd: number): void => {
    const entry = ram.read32(pmd);
    ram.write32(pmd, pteModify(entry, vma.pageProt) | PDE_PS);
    gather.add(address);
  };
  tables.walk(start, end, ptes, huge);
  gather.flush();
}

/**
 * Clears the A bits of start..end-1. The TLB is not flushed: a translation that it holds sets the bit again only after it has
 * left.
 */
export function makeOld(tables: PageTables, start: number, end: number): void {
  const { ram } = tables.memory;
  const clear = (pa: number): void => {
    const entry = ram.read32(pa);
    if (ptePresent(entry)) ram.write32(pa, entry & ~PTE_A);
  };
  const ptes = (address: number, stop: number, pa: number): void => {
    for (let page = 0; page < (stop - address) / PAGE_SIZE; page++) clear(pa + page * 4);
  };
  tables.walk(start, end, ptes, (_address, pmd) => clear(pmd));
}

/** Clears A, D or both in the PTEs of start..end-1; what is accessed or written afterwards sets them again. */
export function clearMarks(tables: PageTables, start: number, end: number, marks: number): void {
  const { ram } = tables.memory;
  const gather = new MmuGather(tables);
  tables.walk(start, end, (first, stop, firstPa) => {
    for (let address = first, pa = firstPa; address < stop; address += PAGE_SIZE, pa += 4) {
      const pte = ram.read32(pa);
      if (!ptePresent(pte) || (pte & marks) === 0) continue;
      ram.write32(pa, pte & ~marks);
      gather.add(address);
    }
  });
  gather.flush();
}
