/** Putting a VMA into its address space and taking it out: tree, rmap of the file, file reference (cf. vma_link()). */

import { unlinkAnonVma } from "./anon-vma.ts";
import type { MmStruct } from "./mm.ts";
import { VM_LOCKED, type VmArea } from "./vma.ts";

/** Links a new VMA, whose file reference is already counted. */
export function linkVma(mm: MmStruct, vma: VmArea): void {
  mm.vmas.insert(vma);
  vma.file?.inode.mapping?.vmas.add(vma);
}

/** Removes a VMA whose pages are already unmapped, and drops what it holds (remove_vma()). */
export function detachVma(mm: MmStruct, vma: VmArea): void {
  mm.vmas.remove(vma);
  if (mm.cached === vma) mm.cached = null;
  releaseVma(vma);
}

/** Drops the references of a VMA that is in no tree. */
export function releaseVma(vma: VmArea): void {
  vma.file?.inode.mapping?.vmas.delete(vma);
  vma.ops?.close?.(vma);
  unlinkAnonVma(vma);
  vma.file?.put();
}

/** Pages that count as locked. */
export function lockedPages(vma: VmArea): number {
  return (vma.flags & VM_LOCKED) !== 0 ? vma.pages : 0;
}
