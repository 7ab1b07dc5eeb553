/**
 * Which VMAs may share private pages. A VMA gets an AnonVma before its first private page, a neighbour's if the two could be
 * parts of one mapping (anon_vma_prepare(), find_mergeable_anon_vma()); it decides what may merge later.
 */

import { AnonVma, VM_ACCESS, type VmArea } from "./vma.ts";

/** Makes sure that the VMA has an anon_vma. */
export function prepareAnonVma(vma: VmArea): void {
  if (vma.anonVma !== null) return;
  attachAnonVma(vma, reusable(vma.next, vma, vma.next) ?? reusable(vma.prev, vma.prev, vma) ?? new AnonVma(), 1);
}

/** Joins a VMA that has none to an anon_vma. `depth` is its chain length, as the VMA it comes from has it. */
export function attachAnonVma(vma: VmArea, anonVma: AnonVma, depth: number): void {
  anonVma.users++;
  vma.anonVma = anonVma;
  vma.anonDepth = depth;
}

/** The VMA goes away or loses its private pages (unlink_anon_vmas()). */
export function detachAnonVma(vma: VmArea): void {
  if (vma.anonVma === null) return;
  vma.anonVma.users--;
  vma.anonVma = null;
  vma.anonDepth = 0;
}

/**
 * May a range with this anon_vma become a part of `target` (is_mergeable_anon_vma() of Linux 6.16)? `depth` is the chain
 * length of the VMA that the range comes from. VMAs that a fork copied take none over: their pages belong to ancestors too.
 */
export function anonVmaMerges(target: VmArea, anonVma: AnonVma | null, depth: number): boolean {
  if (target.anonVma === null && anonVma !== null) return depth <= 1;
  if (target.anonVma !== null && anonVma === null) return target.anonDepth <= 1;
  return target.anonVma === anonVma;
}

/** reusable_anon_vma(): the neighbour's, if lower and upper are compatible but for protection. */
function reusable(neighbour: VmArea | null, lower: VmArea | null, upper: VmArea | null): AnonVma | null {
  if (neighbour === null || lower === null || upper === null) return null;
  const compatible =
    lower.end === upper.start &&
    lower.file === upper.file &&
    ((lower.flags ^ upper.flags) & ~VM_ACCESS) === 0 &&
    upper.pgoff === lower.pgoff + lower.pages;
  return compatible && neighbour.anonDepth === 1 ? neighbour.anonVma : null;
}
