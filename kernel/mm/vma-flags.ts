/** A range of one VMA takes other flags: merged with its neighbours, or cut out (cf. vma_modify_flags()). */

import type { MmStruct } from "./mm.ts";
import type { VmArea } from "./vma.ts";
import { mergeVma, splitVma } from "./vma-merge.ts";

/** The VMA that now has start..end-1, a part of `vma`, with the flags; -ENOMEM if there are too many VMAs, or -EINVAL. */
export function setVmaFlags(mm: MmStruct, vma: VmArea, start: number, end: number, flags: number): VmArea | number {
  const prev = start > vma.start ? vma : vma.prev;
  const { file, ops } = vma;
  const merged = mergeVma(mm, prev, start, end, { flags, file, ops, pgoff: vma.indexOf(start), from: vma });
  if (merged !== null) return merged;
  let piece = vma;
  if (start > vma.start) {
    const upper = splitVma(mm, vma, start);
    if (typeof upper === "number") return upper;
    piece = upper;
  }
  if (end < piece.end) {
    const rest = splitVma(mm, piece, end);
    if (typeof rest === "number") return rest;
  }
  piece.setFlags(flags);
  return piece;
}
