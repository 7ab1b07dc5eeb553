/** Taking pages out of an address space (cf. mm/memory.c zap_page_range(), free_pgtables()). */

import { AnonVma } from "./anon-vma.ts";
import type { FrameTable } from "./frames.ts";
import { MmuGather } from "./mmu-gather.ts";
import { type PageTables, pteFrame } from "./page-tables.ts";
import { PAGE_SIZE } from "./physical-memory.ts";

/** Removes the pages of start..end-1; the page tables stay. "cached" spares private copies of file pages. */
export function zapPageRange(tables: PageTables, start: number, end: number, which: "all" | "cached" = "all"): void {
  const gather = new MmuGather(tables);
  zap(tables, start, end, which, gather);
  gather.flush();
}

/** Removes the pages of start..end-1 and the page tables that no mapping outside of floor..ceiling-1 needs (unmap_region()). */
export function unmapRegion(tables: PageTables, start: number, end: number, floor: number, ceiling: number): void {
  const gather = new MmuGather(tables);
  zap(tables, start, end, "all", gather);
  tables.freeTables(start, end, floor, ceiling, gather);
  gather.flush();
}

/** Is the frame a private copy, of a file or of nothing (folio_test_anon())? */
function isPrivate(frames: FrameTable, pfn: number): boolean {
  return frames.mapping[pfn] instanceof AnonVma;
}

/** unmap_page_range(): a frame written through the mapping hands its D bit on to the page cache. */
function zap(tables: PageTables, start: number, end: number, which: "all" | "cached", gather: MmuGather): void {
  const { ram, zeroPage, frames } = tables.memory;
  tables.peakRss = Math.max(tables.peakRss, tables.rssPages);
  const ptes = (first: number, stop: number, firstPa: number): void => {
    for (let address = first, pa = firstPa; address < stop; address += PAGE_SIZE, pa += 4) {
      const pte = ram.read32(pa);
      if (pte === 0) continue;
      const pfn = pteFrame(pte);
      if (which === "cached" && isPrivate(frames, pfn)) continue;
      ram.write32(pa, 0);
      gather.add(address);
      if (pfn !== zeroPage) tables.release(pfn, pte);
    }
  };
  const huge = (address: number, pmd: number): void => {
    const pfn = pteFrame(ram.read32(pmd));
    if (which === "cached" && isPrivate(frames, pfn)) return;
    ram.write32(pmd, 0);
    gather.add(address);
    tables.releaseHuge(pfn);
  };
  tables.walk(start, end, ptes, huge);
}
