/**
 * The reverse map: from a frame to the PTEs that map it (cf. mm/rmap.c).
 *
 *     frame -- mapping, index -->  page cache of a file, or AnonVma  -- vmas -->  VMA  -- vma_address() -->  PTE
 *
 * Every VMA that may map the frame is there; whether it does, its page table says.
 */

import { PTE_D, PTE_RW } from "../../mmu/pte.ts";
import { PG_DIRTY } from "./frames.ts";
import { type PageTables, pteFrame, ptePresent } from "./page-tables.ts";
import { PAGE_SIZE, type PhysicalMemory } from "./physical-memory.ts";
import type { VmArea } from "./vma.ts";

/** Where page `index` of the object lies in the VMA, or -1 (vma_address()). */
function addressIn(vma: VmArea, index: number): number {
  const page = index - vma.pgoff;
  return page >= 0 && page < vma.pages ? vma.start + page * PAGE_SIZE : -1;
}

/** Calls `visit` for every PTE of a process that maps the frame, with its VMA and linear address (rmap_walk()). */
export function rmapWalk(memory: PhysicalMemory, pfn: number, visit: (vma: VmArea, address: number) => void): void {
  const { frames } = memory;
  const mapping = frames.mapping[pfn];
  if (frames.mapcount[pfn] === 0 || mapping === null) return;
  for (const vma of mapping.vmas) {
    const address = addressIn(vma, frames.index[pfn]);
    if (address < 0) continue;
    const pte = vma.mm.tables.read(address);
    if (ptePresent(pte) && pteFrame(pte) === pfn) visit(vma, address);
  }
}

/** In how many places processes see the frame: the PTEs that map it, each as often as its page table is used. */
export function mapCount(tables: PageTables, pfn: number): number {
  if (tables.sharing === null) return tables.memory.frames.mapcount[pfn];
  let count = 0;
  rmapWalk(tables.memory, pfn, () => count++);
  return count;
}

/**
 * Makes every PTE of a page of a file clean and read-only, so that the next write is a fault; their D bits become PG_DIRTY
 * (folio_mkclean()).
 */
export function pageMkclean(memory: PhysicalMemory, pfn: number): void {
  const { ram, frames } = memory;
  rmapWalk(memory, pfn, (vma, address) => {
    const { tables } = vma.mm;
    const pa = tables.pteOffset(address);
    const pte = ram.read32(pa);
    if ((pte & (PTE_D | PTE_RW)) === 0) return;
    if ((pte & PTE_D) !== 0) frames.flags[pfn] |= PG_DIRTY;
    ram.write32(pa, pte & ~(PTE_D | PTE_RW));
    memory.flushPage(tables.pgd, address);
  });
}
