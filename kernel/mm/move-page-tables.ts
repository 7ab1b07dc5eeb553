/** The pages of a mapping that moves (cf. mm/mremap.c move_page_tables()). */

import { ENOMEM } from "../errno.ts";
import { MmuGather } from "./mmu-gather.ts";
import type { PageTables } from "./page-tables.ts";
import { PAGE_SIZE } from "./physical-memory.ts";

/**
 * Moves the PTEs of `length` bytes from one place to another that is empty: 0, or -ENOMEM with nothing moved. The old page
 * tables stay.
 * Huge pages move by their directory entries.
 */
export function movePageTables(tables: PageTables, from: number, to: number, length: number): number {
  const { ram } = tables.memory;
  let enough = tables.unshare(from, from + length) === 0;
  const makeRoom = (first: number, stop: number): void => {
    // A piece of one table needs two where the new place crosses a border.
    const [head, tail] = [to + (first - from), to + (stop - from) - PAGE_SIZE];
    enough &&= tables.pteAlloc(head) >= 0 && tables.pteAlloc(tail) >= 0;
  };
  tables.walk(from, from + length, makeRoom);
  if (!enough) return -ENOMEM;
  const gather = new MmuGather(tables);
  const ptes = (first: number, stop: number, firstPa: number): void => {
    for (let address = first, pa = firstPa; address < stop; address += PAGE_SIZE, pa += 4) {
      const pte = ram.read32(pa);
      if (pte === 0) continue;
      ram.write32(pa, 0);
      ram.write32(tables.pteOffset(to + (address - from)), pte);
      gather.add(address);
    }
  };
  const huge = (address: number, pmd: number): void => {
    const target = to + (address - from);
    ram.write32(tables.pmdOffset(tables.pgdOffset(target), target), ram.read32(pmd));
    ram.write32(pmd, 0);
    gather.add(address);
  };
  tables.walk(from, from + length, ptes, huge);
  gather.flush();
  return 0;
}
