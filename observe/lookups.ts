/** Several listeners at the lookups of a paging unit. */

import { type LookupListener, TracedMmu, type Translator } from "../mmu/index.ts";

/**
 * Tells the listener each lookup that changes page, from now on, after those who came before. Returns the unit, or throws
 * TypeError for one that does not tell.
 */
export function listenToLookups(mmu: Translator, listener: LookupListener): TracedMmu {
  if (!(mmu instanceof TracedMmu)) throw new TypeError('lookups need translation: "traced" or "traced-unified"');
  mmu.listener = mmu.listener === null ? listener : new Both(mmu.listener, listener);
  return mmu;
}

class Both implements LookupListener {
  private readonly first: LookupListener;
  private readonly second: LookupListener;

  constructor(first: LookupListener, second: LookupListener) {
    this.first = first;
    this.second = second;
  }

  lookup(page: number, access: number, leaf: number): void {
    this.first.lookup(page, access, leaf);
    this.second.lookup(page, access, leaf);
  }

  alternate(first: number, second: number, times: number): void {
    this.first.alternate(first, second, times);
    this.second.alternate(first, second, times);
  }

  drop(page: number): void {
    this.first.drop(page);
    this.second.drop(page);
  }

  flush(kept: "nothing" | "global"): void {
    this.first.flush(kept);
    this.second.flush(kept);
  }
}
