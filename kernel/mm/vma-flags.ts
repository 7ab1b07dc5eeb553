/** A range of one VMA takes other flags: merged with its neighbours, or cut out (cf. vma_modify_flags()). */

import type { MmStruct } from "./mm.ts";
import type { VmArea } from "./vma.ts";
import { mergeVma, splitVma } from "./vma-merge.ts";

/** The VMA that now has start..end-1, a part of `vma`, with the flags; null if there are too many VMAs. */
export function setVmaFlags(mm: MmStruct, vma: VmArea, start: number, end: number, flags: number): VmArea | null {
  const prev = start > vma.start ? vma : vma.prev;
  const { file, ops, anonVma, anonDepth } = vma;
  const merged = mergeVma(mm, prev, start, end, { flags, file, ops, pgoff: vma.indexOf(start), anonVma, anonDepth });
  if (merged !== null) return merged;
  let piece = vma;
  if (start > vma.start) {
    const upper = splitVma(mm, vma, start);
    if (upper === null) return null;
    piece = upper;
  }
  if (end < piece.end && splitVma(mm, piece, end) === null) return null;
  piece.setFlags(flags);
  return piece;
}
