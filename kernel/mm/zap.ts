/** Taking pages out of an address space (cf. mm/memory.c zap_page_range(), free_pgtables()). */

import { ENOMEM } from "../errno.ts";
import { AnonVma } from "./anon-vma.ts";
import type { FrameTable } from "./frames.ts";
import { MmuGather } from "./mmu-gather.ts";
import { type PageTables, pteFrame, TABLE_SPAN } from "./page-tables.ts";
import { PAGE_SIZE } from "./physical-memory.ts";

/**
 * Removes the pages of start..end-1; the page tables stay. "cached" spares private copies of file pages. From a table that is
 * shared they go for all its users.
 */
export function zapPageRange(tables: PageTables, start: number, end: number, which: "all" | "cached" = "all"): void {
  const gather = new MmuGather(tables);
  zap(tables, start, end, which, gather);
  gather.flush();
}

/**
 * Removes the pages of start..end-1 and the page tables that no mapping outside of floor..ceiling-1 needs (unmap_region()): 0,
 * or -ENOMEM with nothing changed.
 */
export function unmapRegion(tables: PageTables, start: number, end: number, floor: number, ceiling: number): number {
  const gather = new MmuGather(tables);
  if (dropShared(tables, start, end, floor, ceiling, gather) < 0) return -ENOMEM;
  zap(tables, start, end, "all", gather);
  tables.freeTables(start, end, floor, ceiling, gather);
  gather.flush();
  return 0;
}

/** Shared tables that would be freed are given up whole; of those that stay, the address space gets copies. */
function dropShared(
  tables: PageTables,
  start: number,
  end: number,
  floor: number,
  ceiling: number,
  gather: MmuGather,
): number {
  const { sharing } = tables;
  if (sharing === null) return 0;
  const stays = (span: number): boolean => span < floor || span + TABLE_SPAN > ceiling;
  const first = start - (start % TABLE_SPAN);
  for (let span = first; span < end; span += TABLE_SPAN) {
    if (stays(span) && tables.unshare(span, span + TABLE_SPAN) < 0) return -ENOMEM;
  }
  for (let span = first; span < end; span += TABLE_SPAN) {
    if (!tables.sharesTable(span)) continue;
    tables.peakRss = Math.max(tables.peakRss, tables.rssPages);
    sharing.drop(tables, span);
    gather.add(span);
    gather.add(span + TABLE_SPAN - PAGE_SIZE);
  }
  return 0;
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
    const shared = tables.sharesTable(first) ? tables.sharing : null;
    const table = Math.floor(firstPa / PAGE_SIZE);
    for (let address = first, pa = firstPa; address < stop; address += PAGE_SIZE, pa += 4) {
      const pte = ram.read32(pa);
      if (pte === 0) continue;
      const pfn = pteFrame(pte);
      if (which === "cached" && isPrivate(frames, pfn)) continue;
      ram.write32(pa, 0);
      gather.add(address);
      if (pfn === zeroPage) continue;
      shared?.forget(tables, table, pfn);
      tables.release(pfn, pte);
    }
    for (const user of shared?.usersOf(table) ?? []) tables.memory.flushRange(user.pgd, first, stop);
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
