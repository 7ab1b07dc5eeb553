/**
 * Which VMAs may map a private page (cf. mm/rmap.c). A VMA gets an AnonVma before its first private page; the page remembers it.
 * A fork gives the child's VMA an AnonVma of its own for new pages, and enters it in those of its ancestors for the old ones:
 *
 *     parent's VMA    chain [P]            page of the parent   -> P: parent's VMA, child's VMA
 *     child's VMA     chain [P, C]         page of the child    -> C: child's VMA
 *
 * The chain also decides which VMAs merge: only those with the same anon_vma, or none.
 */

import { VM_ACCESS, type VmArea } from "./vma.ts";

/** struct anon_vma. */
export class AnonVma {
  /** Every VMA that may map its pages (rb_root). */
  readonly vmas = new Set<VmArea>();
  /** What it was forked from; a root is its own parent. */
  readonly parent: AnonVma;
  /** AnonVmas that have it as parent. */
  children = 0;
  /** VMAs that enter new pages here (num_active_vmas). */
  activeVmas = 0;

  constructor(parent: AnonVma | null) {
    this.parent = parent ?? this;
    this.parent.children++;
  }
}

/** Makes sure that the VMA has an anon_vma, a neighbour's if the two could be parts of one mapping (anon_vma_prepare()). */
export function prepareAnonVma(vma: VmArea): void {
  if (vma.anonVma !== null) return;
  const anonVma = reusable(vma.next, vma, vma.next) ?? reusable(vma.prev, vma.prev, vma) ?? new AnonVma(null);
  enter(vma, anonVma);
  activate(vma, anonVma);
}

/** The VMA may map whatever `from` may, and enters new pages where it does (anon_vma_clone() for a split, a move, a merge). */
export function cloneAnonVma(vma: VmArea, from: VmArea): void {
  if (from.anonVma === null) return;
  for (const anonVma of from.anonChain) enter(vma, anonVma);
  activate(vma, from.anonVma);
}

/** The child's VMA may map the pages of the parent's; its new pages are its own (anon_vma_fork()). */
export function forkAnonVma(vma: VmArea, parent: VmArea): void {
  if (parent.anonVma === null) return;
  let own: AnonVma | null = null;
  for (const anonVma of parent.anonChain) {
    enter(vma, anonVma);
    // One that an exited ancestor left behind serves again, so that chains do not grow with every generation.
    if (own === null && anonVma.children < 2 && anonVma.activeVmas === 0) own = anonVma;
  }
  if (own === null) {
    own = new AnonVma(parent.anonVma);
    enter(vma, own);
  }
  activate(vma, own);
}

/** The VMA goes away or loses its private pages (unlink_anon_vmas()). */
export function unlinkAnonVma(vma: VmArea): void {
  if (vma.anonVma === null) return;
  vma.anonVma.activeVmas--;
  for (const anonVma of vma.anonChain) {
    anonVma.vmas.delete(vma);
    if (anonVma.vmas.size === 0) anonVma.parent.children--;
  }
  vma.anonVma = null;
  vma.anonChain = [];
}

/**
 * May a range with the private pages of `from` become a part of `target` (is_mergeable_anon_vma() of Linux 6.16)? VMAs that a
 * fork copied neither take an anon_vma over nor hand theirs on: their pages belong to ancestors too.
 */
export function anonVmaMerges(target: VmArea, from: VmArea | null): boolean {
  const anonVma = from?.anonVma ?? null;
  if (target.anonVma === null && from !== null) return from.anonDepth <= 1;
  if (target.anonVma !== null && anonVma === null) return target.anonDepth <= 1;
  return target.anonVma === anonVma;
}

function enter(vma: VmArea, anonVma: AnonVma): void {
  anonVma.vmas.add(vma);
  vma.anonChain.push(anonVma);
}

function activate(vma: VmArea, anonVma: AnonVma): void {
  vma.anonVma = anonVma;
  anonVma.activeVmas++;
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
