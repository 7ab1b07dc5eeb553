/**
 * Splitting and merging VMAs, with the outcomes that /proc/PID/maps shows on Linux (cf. mm/mmap.c split_vma(), vma_merge()).
 *
 *     a range that takes new properties, P = prev, N = next, A = the VMA that the range replaces or starts in:
 *
 *     PPPP....NNNN  both: one VMA    PPPP....  extend prev       ....NNNN  extend next downwards      (nothing was there)
 *     PPPPAAAANNNN  both: one VMA    PPPPAAAA  prev takes A      AAAANNNN  next takes A               (all of A)
 *     PPPPaaAA      boundary moves up: prev takes the head of A  PPPPppNNNN  boundary moves down: next takes the tail of P
 */

import { ENOMEM } from "../errno.ts";
import type { File } from "../fs/file.ts";
import { anonVmaMerges, cloneAnonVma } from "./anon-vma.ts";
import type { MmStruct } from "./mm.ts";
import { PAGE_SIZE } from "./physical-memory.ts";
import { VM_DONTEXPAND, VmArea, type VmOps } from "./vma.ts";
import { detachVma, linkVma } from "./vma-link.ts";

/** sysctl vm.max_map_count. */
export const MAX_MAP_COUNT = 65530;

/** What a range is to be; decides whom it may merge with. */
export interface RangeProperties {
  readonly flags: number;
  readonly file: File | null;
  readonly ops: VmOps | null;
  /** Page of the file, or page number, at the start of the range. */
  readonly pgoff: number;
  /** The VMA whose private pages are in the range, or are about to move there; null: nothing is mapped yet. */
  readonly from: VmArea | null;
}

/** Cuts a VMA in two: it keeps start..address-1. Returns the upper one, -ENOMEM when there are too many, or -EINVAL. */
export function splitVma(mm: MmStruct, vma: VmArea, address: number): VmArea | number {
  if (mm.vmas.count >= MAX_MAP_COUNT) return -ENOMEM;
  return splitVmaAnyway(mm, vma, address);
}

/** __split_vma(): without asking for the limit. -EINVAL: the kind of mapping cannot be cut there. */
export function splitVmaAnyway(mm: MmStruct, vma: VmArea, address: number): VmArea | number {
  const refused = vma.maySplit(address);
  if (refused < 0) return refused;
  const upper = copyVma(vma, address, vma.end, vma.indexOf(address));
  mm.vmas.resize(vma, vma.start, address);
  linkVma(mm, upper);
  return upper;
}

/** A VMA like `vma` at another place, with references of its own (vm_area_dup()); it is in no tree yet. */
export function copyVma(vma: VmArea, start: number, end: number, pgoff: number): VmArea {
  const copy = new VmArea(vma.mm, start, end, vma.flags, pgoff, vma.file?.get() ?? null, vma.ops);
  copy.promised = vma.promised;
  cloneAnonVma(copy, vma);
  copy.ops?.open?.(copy);
  return copy;
}

/**
 * Lets the neighbours take start..end-1, if it may be part of them. The range is free, or a part of one VMA that starts or
 * ends with it. `prev` is the VMA before `start`, or the one that contains `start` and ends with the range. Returns the VMA
 * that now has the range, or null: the caller makes or splits one. Pages and accounts are the caller's.
 */
export function mergeVma(
  mm: MmStruct,
  prev: VmArea | null,
  start: number,
  end: number,
  range: RangeProperties,
): VmArea | null {
  const { vmas } = mm;
  // VM_SPECIAL
  if ((range.flags & VM_DONTEXPAND) !== 0) return null;
  const area = prev === null ? vmas.first : prev.next;
  const next = area !== null && area.end === end ? area.next : area;
  const pages = (end - start) / PAGE_SIZE;
  const withPrev =
    prev !== null && prev.end === start && prev.pgoff + prev.pages === range.pgoff && compatible(prev, range);
  const withNext = next !== null && next.start === end && next.pgoff === range.pgoff + pages && compatible(next, range);
  if (withPrev) {
    const both = withNext && (prev.anonVma === null || next.anonVma === null || prev.anonVma === next.anonVma);
    if (area !== null && area.start < end && area.end > end) {
      adoptAnonVma(prev, area);
      area.pgoff += (end - area.start) / PAGE_SIZE;
      vmas.resize(area, end, area.end);
    } else if (area !== null && area.end === end) {
      if (!both) adoptAnonVma(prev, area);
      else adoptAnonVma(prev, next.anonVma !== null ? next : area);
      detachVma(mm, area);
    }
    let last = end;
    if (both) {
      adoptAnonVma(prev, next);
      last = next.end;
      detachVma(mm, next);
    }
    adoptAnonVma(prev, range.from);
    vmas.resize(prev, prev.start, last);
    return prev;
  }
  if (withNext) {
    if (prev !== null && start < prev.end) {
      adoptAnonVma(next, prev);
      vmas.resize(prev, prev.start, start);
    } else if (area !== null && area !== next) {
      adoptAnonVma(next, area);
      detachVma(mm, area);
    }
    adoptAnonVma(next, range.from);
    next.pgoff -= pages;
    vmas.resize(next, start, next.end);
    return next;
  }
  return null;
}

/** is_mergeable_vma() and is_mergeable_anon_vma(). */
function compatible(vma: VmArea, range: RangeProperties): boolean {
  return (
    vma.flags === range.flags &&
    vma.file === range.file &&
    vma.ops === range.ops &&
    vma.ops?.close === undefined &&
    anonVmaMerges(vma, range.from)
  );
}

/** The pages that a VMA takes over may be private: it must know their anon_vma. */
function adoptAnonVma(importer: VmArea, exporter: VmArea | null): void {
  if (importer.anonVma === null && exporter !== null) cloneAnonVma(importer, exporter);
}
