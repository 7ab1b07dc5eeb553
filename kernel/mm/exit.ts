/** The end of an address space (cf. mm/mmap.c exit_mmap(), kernel/fork.c mmput(), mmdrop()). */

import { uncommitMemory } from "./accounting.ts";
import { setExeFile } from "./exe-file.ts";
import type { MmStruct } from "./mm.ts";
import { TASK_SIZE } from "./physical-memory.ts";
import { VM_ACCOUNT, type VmArea } from "./vma.ts";
import { releaseVma } from "./vma-link.ts";
import { unmapRegion } from "./zap.ts";

/** One user less. The last one unmaps everything and drops the page directory, which must no longer be in CR3 then. */
export function mmput(mm: MmStruct): void {
  mm.users--;
  if (mm.users > 0) return;
  if (mm.users < 0) throw new Error("mmput of an address space without users");
  exitMmap(mm);
  setExeFile(mm, null);
  mmdrop(mm);
}

/** One holder of the structure less; the last one frees the page directory. */
export function mmdrop(mm: MmStruct): void {
  mm.count--;
  if (mm.count > 0) return;
  mm.ldt?.free();
  mm.ldt = null;
  mm.tables.free();
}

/** Removes every mapping and page table. */
function exitMmap(mm: MmStruct): void {
  const { first, last } = mm.vmas;
  mm.cached = null;
  if (first === null || last === null) return;
  unmapRegion(mm.tables, first.start, last.end, 0, TASK_SIZE);
  for (let vma: VmArea | null = first; vma !== null; vma = vma.next) {
    if ((vma.flags & VM_ACCOUNT) !== 0) uncommitMemory(mm, vma.pages);
    releaseVma(vma);
  }
  mm.vmas.clear();
}
