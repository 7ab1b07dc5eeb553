/** mincore (cf. mm/mincore.c). */

import { ENOMEM } from "../errno.ts";
import type { MmStruct } from "./mm.ts";
import { ptePresent } from "./page-tables.ts";
import { PAGE_SIZE } from "./physical-memory.ts";
import type { VmArea } from "./vma.ts";

/**
 * One byte per page of address..address+pages*4096-1 into `residency`: 1 = in memory, in the page cache counts. Returns the
 * pages answered, fewer if the range is not wholly mapped, or -ENOMEM if its first page is not.
 */
export function doMincore(mm: MmStruct, address: number, pages: number, residency: Uint8Array): number {
  let done = 0;
  while (done < pages) {
    const start = address + done * PAGE_SIZE;
    const vma = mm.findVma(start);
    if (vma === null || vma.start > start) return done > 0 ? done : -ENOMEM;
    const stop = Math.min(vma.end, address + pages * PAGE_SIZE);
    for (let at = start; at < stop; at += PAGE_SIZE) {
      residency[done++] = ptePresent(mm.tables.read(at)) || isCached(vma, vma.indexOf(at)) ? 1 : 0;
    }
  }
  return done;
}

/** mincore_page(): does the page cache have the page, or the memory behind it? */
function isCached(vma: VmArea, index: number): boolean {
  if (vma.ops === null) return false;
  return vma.ops.find(vma, index) >= 0 || vma.file?.inode.holds(index) === true;
}
