/** Lookups of a machine for several listeners: from a paging unit that tells them, or from the events of the plain one. */

import {
  CR4_PGE,
  type LookupListener,
  Mmu,
  type MmuEvent,
  PTE_G,
  PTE_P,
  TracedMmu,
  type Translator,
} from "../mmu/index.ts";
import { listenToMmu } from "./mmu-events.ts";

/** First page of the kernel's half, whose pages our kernel maps global. */
const KERNEL_PAGE = 0xc0000;

/**
 * Tells the listener each lookup that changes page, from now on, after those who came before. The plain unit tells those of
 * fetches only if run() is called for at most STEPPED instructions at a time. Throws TypeError for hot slots.
 */
export function listenToLookups(mmu: Translator, listener: LookupListener): void {
  if (mmu instanceof TracedMmu) mmu.listener = mmu.listener === null ? listener : new Both(mmu.listener, listener);
  else if (mmu instanceof Mmu) throw new TypeError('lookups need translation: "traced"');
  else listenToMmu(mmu, eventsToLookups(mmu, listener));
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

/** A lookup is told at the next event, when it is known whether it faulted. */
function eventsToLookups(mmu: Translator, listener: LookupListener): (event: MmuEvent) => void {
  let page = -1;
  let access = 0;
  const settle = (): void => {
    if (page >= 0) listener.lookup(page, access, page >= KERNEL_PAGE ? PTE_P | PTE_G : PTE_P);
    page = -1;
  };
  return (event) => {
    switch (event.kind) {
      case "hit":
      case "miss":
        settle();
        page = event.linear >>> 12;
        access = event.access;
        break;
      case "fault":
        page = -1;
        listener.lookup(event.linear >>> 12, event.access, 0);
        break;
      case "flush":
        settle();
        if (event.cause === "invlpg") listener.drop(event.linear >>> 12);
        else listener.flush(event.cause === "cr3" && (mmu.cr4 & CR4_PGE) !== 0 ? "global" : "nothing");
        break;
    }
  };
}
