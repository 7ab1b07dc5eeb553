/**
 * A paging unit that tells which page is used after which. Its hot slots hold no more than the page that fetches used last and
 * the page that data accesses used last, so that every change of page comes to translate(); in the meantime an access to
 * the same page is at the top of every LRU stack, and says nothing. Counts as Mmu does, but for the diagnostic counters.
 *
 * "unified" is one such page for fetches and data together: every instruction with a data access changes it twice.
 */

import type { PagingProfile } from "./geometry.ts";
import type { MachineMemory } from "./memory.ts";
import { Mmu } from "./mmu.ts";
import type { MmuOptions } from "./plain.ts";
import { PTE_G } from "./pte.ts";
import type { Ram } from "./ram.ts";
import { FAULTED } from "./translator.ts";
import { FETCH, READ, WRITE } from "./walk.ts";

/** Hears lookups in the order in which they happen. It must not translate. */
export interface LookupListener {
  /**
   * A lookup, which found or filled an entry.
   *
   * @param access READ, WRITE or FETCH
   * @param leaf the entry, in the shape of a PTE; 0: the lookup faulted, and the page's entries are gone
   */
  lookup(page: number, access: number, leaf: number): void;
  /** Two pages that were looked up last, in this order, were so `times` more. */
  alternate(first: number, second: number, times: number): void;
  /** INVLPG. */
  drop(page: number): void;
  flush(kept: "nothing" | "global"): void;
}

/** No page, and what a hot slot then holds. */
const NONE = -1;
const EMPTY_SLOT = -1;

export class TracedMmu extends Mmu {
  listener: LookupListener | null = null;
  readonly trail: "split" | "unified";
  /** Pages that hot slots may hold. With "unified" both are the same. */
  private lastFetch = NONE;
  private lastData = NONE;
  /** The data page before lastData: REP MOVS and CMPS take turns between the two. */
  private dataBefore = NONE;
  /** Entry that the running lookup settled on. */
  private leaf = 0;

  constructor(
    memory: MachineMemory,
    ram: Ram,
    profile: PagingProfile,
    options: MmuOptions,
    trail: "split" | "unified",
  ) {
    super(memory, ram, profile, options);
    this.trail = trail;
  }

  override translate(la: number, access: number, user: number): number {
    const pa = super.translate(la, access, user);
    if (this.listener !== null && this.paging !== 0) this.listener.lookup(la >>> 12, access, pa < 0 ? 0 : this.leaf);
    return pa;
  }

  override resident(la: number, access: number, user: number): number {
    const page = la >>> 12;
    return page === this.lastData || page === this.dataBefore ? super.resident(la, access, user) : FAULTED;
  }

  override alternated(first: number, second: number, times: number): void {
    if (this.paging !== 0 && first >>> 12 !== second >>> 12) {
      this.listener?.alternate(first >>> 12, second >>> 12, times);
    }
  }

  override invlpg(la: number): void {
    super.invlpg(la);
    this.listener?.drop(la >>> 12);
  }

  /** From here on every page is reported at its next use. */
  revisit(): void {
    this.forgetAll();
  }

  protected override drop(keep: number, cause: "cr0" | "cr3" | "cr4" | "all"): void {
    super.drop(keep, cause);
    this.listener?.flush((keep & PTE_G) !== 0 ? "global" : "nothing");
  }

  protected override settled(la: number, access: number, user: number, pa: number, data: number): number {
    const page = la >>> 12;
    const unified = this.trail === "unified";
    this.leaf = data;
    if ((access === FETCH || unified) && page !== this.lastFetch) {
      this.unslotPage(this.lastFetch, "fetch");
      this.lastFetch = page;
    }
    if ((access !== FETCH || unified) && page !== this.lastData) {
      this.unslotPage(this.lastData, "data");
      this.dataBefore = unified && access === FETCH ? NONE : this.lastData;
      this.lastData = page;
    }
    return super.settled(la, access, user, pa, data);
  }

  private unslotPage(page: number, used: "fetch" | "data"): void {
    const at = (page & this.slotMask(READ)) << 1;
    for (let user = 0; user < 2; user++) {
      if (used === "fetch") {
        if (this.unslotAt(at + this.slotBase(user, FETCH), page)) this.fetchDisplaced = 1;
      } else {
        this.unslotAt(at + this.slotBase(user, READ), page);
        this.unslotAt(at + this.slotBase(user, WRITE), page);
      }
    }
  }

  private unslotAt(at: number, page: number): boolean {
    if (this.slots[at] !== page) return false;
    this.slots[at] = EMPTY_SLOT;
    return true;
  }
}
