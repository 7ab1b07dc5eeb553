/** The address space of a forked child (cf. kernel/fork.c dup_mmap(), mm/memory.c copy_page_range()). */

import { ENOMEM } from "../errno.ts";
import { accountVm, commitMemory } from "./accounting.ts";
import { forkAnonVma } from "./anon-vma.ts";
import { copyPageRange } from "./copy-page-range.ts";
import { setExeFile } from "./exe-file.ts";
import type { MemoryManager } from "./memory-manager.ts";
import type { MmStruct } from "./mm.ts";
import { TABLE_SPAN } from "./page-tables.ts";
import { PAGE_SIZE } from "./physical-memory.ts";
import { VM_ACCOUNT, VM_DONTCOPY, VM_LOCKED, VM_LOCKONFAULT, VM_WIPEONFORK, VmArea } from "./vma.ts";
import { linkVma } from "./vma-link.ts";

/**
 * A copy of the address space: the same mappings, private pages shared copy-on-write until one side writes, page tables of its
 * own. The LDT is the caller's. Returns -ENOMEM, everything undone, when frames or commitment run out.
 */
export function dupMm(manager: MemoryManager, old: MmStruct): MmStruct | number {
  const mm = manager.createMm();
  if (mm === null) return -ENOMEM;
  copyFields(mm, old);
  shareTables(mm, old);
  let error = 0;
  for (let vma = old.vmas.first; vma !== null && error === 0; vma = vma.next) error = dupVma(mm, vma);
  // The parent's writable translations must go (flush_tlb_mm()).
  manager.memory.flushAll(old.tables.pgd);
  if (error === 0) return mm;
  manager.mmput(mm);
  return error;
}

/** The page tables that serve both, if the machine shares them. */
function shareTables(mm: MmStruct, old: MmStruct): void {
  const { sharing } = old.tables;
  if (sharing === null) return;
  let next = 0;
  for (let vma = old.vmas.first; vma !== null; vma = vma.next) {
    for (let span = Math.max(next, vma.start - (vma.start % TABLE_SPAN)); span < vma.end; span += TABLE_SPAN) {
      next = span + TABLE_SPAN;
      if (old.tables.pteOffset(span) >= 0 && copiedWhole(vma, next)) sharing.share(old.tables, mm.tables, span);
    }
  }
}

/**
 * Would a fork copy every page of the table that ends at `end`, from this VMA on? Only such a table is shared, so that the child
 * finds what it would find in copies, and takes the same faults.
 */
function copiedWhole(first: VmArea, end: number): boolean {
  for (let vma: VmArea | null = first; vma !== null && vma.start < end; vma = vma.next) {
    if ((vma.flags & (VM_DONTCOPY | VM_WIPEONFORK)) !== 0) return false;
    if (vma.anonVma === null && hasPages(vma, Math.max(vma.start, end - TABLE_SPAN), Math.min(vma.end, end)))
      return false;
  }
  return true;
}

function hasPages(vma: VmArea, start: number, end: number): boolean {
  for (let address = start; address < end; address += PAGE_SIZE) if (vma.mm.tables.read(address) !== 0) return true;
  return false;
}

function dupVma(mm: MmStruct, vma: VmArea): number {
  if ((vma.flags & VM_DONTCOPY) !== 0) {
    accountVm(mm, vma.flags, -vma.pages);
    return 0;
  }
  if ((vma.flags & VM_ACCOUNT) !== 0 && commitMemory(mm, vma.pages) < 0) return -ENOMEM;
  const flags = vma.flags & ~(VM_LOCKED | VM_LOCKONFAULT);
  const copy = new VmArea(mm, vma.start, vma.end, flags, vma.pgoff, vma.file?.get() ?? null, vma.ops);
  const wipe = (vma.flags & VM_WIPEONFORK) !== 0;
  if (!wipe) forkAnonVma(copy, vma);
  copy.ops?.open?.(copy);
  linkVma(mm, copy);
  // Pages of files without private copies are not copied: the child finds them in the page cache (vma_needs_copy()).
  if (wipe || vma.anonVma === null) return 0;
  return copyPageRange(mm.tables, vma);
}

function copyFields(mm: MmStruct, old: MmStruct): void {
  mm.mmapBase = old.mmapBase;
  mm.startCode = old.startCode;
  mm.endCode = old.endCode;
  mm.startData = old.startData;
  mm.endData = old.endData;
  mm.startBrk = old.startBrk;
  mm.brk = old.brk;
  mm.startStack = old.startStack;
  mm.argStart = old.argStart;
  mm.argEnd = old.argEnd;
  mm.envStart = old.envStart;
  mm.envEnd = old.envEnd;
  mm.savedAuxv = old.savedAuxv;
  mm.totalVm = old.totalVm;
  mm.dataVm = old.dataVm;
  mm.execVm = old.execVm;
  mm.stackVm = old.stackVm;
  mm.hiwaterVm = old.totalVm;
  setExeFile(mm, old.exeFile);
}
