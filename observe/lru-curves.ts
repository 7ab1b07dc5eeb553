/**
 * Miss curves of one kind of TLB: its misses for several numbers of sets and every number of ways, by the region whose pages
 * missed. It is told of lookups; those of the page looked up last may be left out. Hot: nothing is allocated on hits.
 */

import { LruSets, PageMap, PDE_PS, PIECE, PTE_G } from "../mmu/index.ts";

/** Pairs of a size and the misses of that size, for each size that misses less than all smaller ones; the first is 1. */
export type MissCurve = readonly (readonly [size: number, misses: number])[];

/** Misses of a size, between two listed ones those of the smaller. */
export function missesOf(curve: MissCurve, size: number): number {
  let misses = 0;
  for (const [listed, count] of curve) {
    if (listed > size) break;
    misses = count;
  }
  return misses;
}

/** Labels of pages: bits below the number of the region. */
const GLOBAL = 1;
const LARGE_PIECE = 2;
const LABEL_BITS = 2;
/** Pages of 4 KiB in one of 4 MiB. */
const PIECES = 1024;
const NONE = -1;
const FIRST_DEPTHS = 16;

export class LruCurves {
  private readonly regionOf: (page: number) => number;
  private readonly tlbs: readonly LruSets[];
  /** Each number of sets is a multiple of those before: what is at the top of its set is so with more sets, too. */
  private readonly refining: boolean;
  /** Page looked up last, which is at the top of its set, or NONE. */
  private top = NONE;
  /** Of pages in the stacks, from when they came in. */
  private readonly labels = new PageMap();
  private hasPieces = false;
  /** Lookups of pages that no size had, by region. */
  private readonly cold: number[] = [];
  /** By index in `tlbs`, by region: lookups by depth, from 1 on. */
  private readonly depths: Float64Array[][];

  /**
   * @param sets numbers of sets, ascending
   * @param regionOf number of the region that a page lies in; asked when the page comes in
   */
  constructor(sets: readonly number[], regionOf: (page: number) => number) {
    this.regionOf = regionOf;
    const isGlobal = (page: number): boolean => (this.labels.get(page) & GLOBAL) !== 0;
    this.tlbs = sets.map((count) => new LruSets(count, isGlobal));
    this.refining = sets.every((count, i) => i === 0 || count % sets[i - 1] === 0);
    this.depths = sets.map(() => []);
  }

  /** @param leaf as LookupListener.lookup has it */
  lookup(page: number, leaf: number): void {
    if (leaf === 0) {
      this.lookupOnly(page);
      return;
    }
    if (page === this.top) return;
    this.top = page;
    const { tlbs } = this;
    const depth = tlbs[0].use(page);
    if (depth < 0) {
      for (let i = 1; i < tlbs.length; i++) tlbs[i].use(page);
      this.enter(page, leaf);
      return;
    }
    const region = this.labels.get(page) >> LABEL_BITS;
    if (depth > 0) this.count(0, region, depth, 1);
    else if (this.refining) return;
    for (let i = 1; i < tlbs.length; i++) {
      const inSet = tlbs[i].use(page);
      if (inSet > 0) this.count(i, region, inSet, 1);
      else if (this.refining) return;
    }
  }

  /** Further lookups of the two pages looked up last, in turns. */
  alternate(first: number, second: number, times: number): void {
    const [one, other] = [this.labels.get(first) >> LABEL_BITS, this.labels.get(second) >> LABEL_BITS];
    for (const [i, tlb] of this.tlbs.entries()) {
      if (tlb.setOf(first) !== tlb.setOf(second)) continue;
      this.count(i, one, 1, times);
      this.count(i, other, 1, times);
    }
  }

  /** The page is invalidated; of a 4 MiB page all pieces. */
  drop(page: number): void {
    this.dropPiece(page);
    if (!this.hasPieces) return;
    const first = page - (page % PIECES);
    for (let piece = first; piece < first + PIECES; piece++) {
      if ((this.labels.get(piece) & LARGE_PIECE) !== 0 && this.tlbs[0].depth(piece) >= 0) this.dropPiece(piece);
    }
  }

  flush(kept: "nothing" | "global"): void {
    this.top = NONE;
    for (const tlb of this.tlbs) tlb.flush(kept);
  }

  /** Misses with a number of sets, by ways; of one region's pages, or of all. */
  curve(sets: number, region?: number): MissCurve {
    const counted = this.depths[this.tlbs.findIndex((tlb) => tlb.sets === sets)] ?? [];
    const wanted = region === undefined ? [...counted.keys()] : [region];
    const cold = (region === undefined ? this.cold : [this.cold[region] ?? 0]).reduce((sum, n) => sum + n, 0);
    const deepest = Math.max(0, ...wanted.map((one) => counted[one]?.length ?? 0));
    const points: [number, number][] = [];
    let misses = cold;
    for (let depth = deepest; depth >= 1; depth--) {
      const count = wanted.reduce((sum, one) => sum + (counted[one]?.[depth] ?? 0), 0);
      if (count > 0) points.push([depth + 1, misses]);
      misses += count;
    }
    points.push([1, misses]);
    return points.reverse();
  }

  /** A lookup that faults: it hits or misses, and leaves no entry. */
  private lookupOnly(page: number): void {
    const label = this.labels.get(page);
    for (const [i, tlb] of this.tlbs.entries()) {
      const depth = tlb.depth(page);
      if (depth > 0) this.count(i, label >> LABEL_BITS, depth, 1);
      if (depth < 0) {
        const region = this.regionOf(page);
        this.cold[region] = (this.cold[region] ?? 0) + 1;
        break;
      }
    }
    this.drop(page);
  }

  private dropPiece(page: number): void {
    if (page === this.top) this.top = NONE;
    for (const tlb of this.tlbs) tlb.drop(page);
  }

  /** A page that no size had has been filled. */
  private enter(page: number, leaf: number): void {
    const region = this.regionOf(page);
    const piece = (leaf & (PDE_PS | PIECE)) !== 0;
    this.hasPieces ||= piece;
    this.cold[region] = (this.cold[region] ?? 0) + 1;
    this.labels.set(page, (region << LABEL_BITS) | ((leaf & PTE_G) !== 0 ? GLOBAL : 0) | (piece ? LARGE_PIECE : 0));
  }

  private count(index: number, region: number, depth: number, times: number): void {
    const regions = this.depths[index];
    let depths = regions[region];
    if (depths === undefined || depth >= depths.length) {
      const wider = new Float64Array(Math.max(FIRST_DEPTHS, depth * 2));
      if (depths !== undefined) wider.set(depths);
      for (let hole = regions.length; hole < region; hole++) regions.push(new Float64Array(0));
      regions[region] = wider;
      depths = wider;
    }
    depths[depth] += times;
  }
}
