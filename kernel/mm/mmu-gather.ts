/** Changes of page tables that one TLB flush at the end makes good (struct mmu_gather, tlb_finish_mmu()). */

import type { PageTables } from "./page-tables.ts";
import { PAGE_SIZE } from "./physical-memory.ts";

export class MmuGather {
  private readonly tables: PageTables;
  /** The range from the first to the last page whose translation is stale; empty at first. */
  private start = Number.POSITIVE_INFINITY;
  private end = 0;

  constructor(tables: PageTables) {
    this.tables = tables;
  }

  /** The entry of this page has changed. */
  add(address: number): void {
    if (address < this.start) this.start = address;
    if (address >= this.end) this.end = address + PAGE_SIZE;
  }

  flush(): void {
    this.tables.memory.flushRange(this.tables.pgd, this.start, this.end);
  }
}
