/**
 * Page tables that address spaces share after a fork (`--share-page-tables`): instead of copying a table, the child's directory
 * entry points to the parent's, and both entries lose RW, so that no write passes.
 *
 *     parent's PDE   RW=0 --.
 *                            >--  page table, its PTEs as they were
 *     child's PDE    RW=0 --'
 *
 * Who wants to change a PTE gets a copy of the table first, in which private pages are shared copy-on-write as after any fork;
 * the last user gets RW back. Invariants: a table is shared exactly while its directory entries have RW=0; each page it maps
 * counts one mapping and one reference, for the one PTE, but is in the resident set of every user; every user has the same
 * mappings there; A bits are those of the first user, and clear in everybody else's copy, as after any fork. Linux had this as an experiment only (Dave McCracken's shared page tables, 2003).
 */

import { PTE_A, PTE_RW } from "../../mmu/pte.ts";
import { FRAME_PAGE_TABLE } from "../../mmu/ram.ts";
import { ENOMEM } from "../errno.ts";
import { OWNER_ANON, OWNER_PAGE_TABLE } from "./frames.ts";
import { GFP_KERNEL } from "./gfp.ts";
import { type PageTables, pteFrame, rssKind } from "./page-tables.ts";
import { PAGE_SIZE, type PhysicalMemory } from "./physical-memory.ts";

const ENTRIES = PAGE_SIZE / 4;

/** How often a fork shared a table, and what became of that. */
export interface SharingCounts {
  /** Tables that a fork gave a child instead of a copy. */
  shared: number;
  /** Tables copied later after all, for the first change. */
  copied: number;
  /** Shared tables that an address space gave up as they were: by exec, exit, unmapping. */
  dropped: number;
}

/** One shared table. */
class SharedTable {
  readonly users = new Set<PageTables>();
  /** Pages that it maps, by RSS_*. */
  readonly rss = new Int32Array(3);
}

export class SharedTables {
  readonly counts: SharingCounts = { shared: 0, copied: 0, dropped: 0 };
  private readonly memory: PhysicalMemory;
  /** By frame of the table. */
  private readonly tables = new Map<number, SharedTable>();

  constructor(memory: PhysicalMemory) {
    this.memory = memory;
  }

  /** Those who share a table; null if nobody does. */
  usersOf(table: number): ReadonlySet<PageTables> | null {
    return this.tables.get(table)?.users ?? null;
  }

  /** fork: the table of the parent at an address becomes the child's as well. The caller flushes the parent. */
  share(parent: PageTables, child: PageTables, address: number): void {
    const { ram, frames } = this.memory;
    const from = parent.pmdOffset(parent.pgdOffset(address), address);
    const entry = ram.read32(from) & ~PTE_RW;
    const table = pteFrame(entry);
    let shared = this.tables.get(table);
    if (shared === undefined) {
      shared = new SharedTable();
      shared.users.add(parent);
      this.countPages(table, shared.rss);
      this.tables.set(table, shared);
      ram.write32(from, entry);
    }
    shared.users.add(child);
    frames.count[table]++;
    ram.write32(child.pmdOffset(child.pgdOffset(address), address), entry);
    child.tables++;
    for (let kind = 0; kind < 3; kind++) child.rss[kind] += shared.rss[kind];
    this.counts.shared++;
  }

  /** Gives one user a table of its own at an address, with the same pages: 0 or -ENOMEM. */
  unshare(tables: PageTables, address: number): number {
    const { memory } = this;
    const { ram, frames, zeroPage } = memory;
    const pmd = tables.pmdOffset(tables.pgdOffset(address), address);
    const entry = ram.read32(pmd);
    const table = pteFrame(entry);
    const copy = memory.allocFrame(OWNER_PAGE_TABLE, GFP_KERNEL);
    if (copy < 0) return -ENOMEM;
    ram.setFrameFlag(copy, FRAME_PAGE_TABLE);
    const [first] = this.usersOf(table) as ReadonlySet<PageTables>;
    const [mine, theirs] = first === tables ? [-1, ~PTE_A] : [~PTE_A, -1];
    for (let at = 0; at < PAGE_SIZE; at += 4) {
      const pte = ram.read32(table * PAGE_SIZE + at);
      const pfn = pteFrame(pte);
      let rights = -1;
      if (pte !== 0 && pfn !== zeroPage) {
        if (frames.owner[pfn] === OWNER_ANON) rights = ~PTE_RW;
        frames.count[pfn]++;
        frames.mapcount[pfn]++;
      }
      ram.write32(table * PAGE_SIZE + at, pte & rights & theirs);
      ram.write32(copy * PAGE_SIZE + at, pte & rights & mine);
    }
    ram.write32(pmd, (copy << 12) | (entry & (PAGE_SIZE - 1)) | PTE_RW);
    this.leave(tables, table, address);
    // The directory entry may be in a paging-structure cache (SDM 3A 4.10.4.1).
    memory.flushPage(tables.pgd, address);
    this.counts.copied++;
    return 0;
  }

  /** One user gives up the table at an address with all its pages; the caller flushes. */
  drop(tables: PageTables, address: number): void {
    const { ram } = this.memory;
    const pmd = tables.pmdOffset(tables.pgdOffset(address), address);
    const table = pteFrame(ram.read32(pmd));
    const { rss } = this.tables.get(table) as SharedTable;
    for (let kind = 0; kind < 3; kind++) tables.rss[kind] -= rss[kind];
    ram.write32(pmd, 0);
    tables.tables--;
    this.leave(tables, table, address);
    this.counts.dropped++;
  }

  /** A page was taken out of a shared table, for all; the accounts of `tables` know already. */
  forget(tables: PageTables, table: number, pfn: number): void {
    const shared = this.tables.get(table) as SharedTable;
    const kind = rssKind(this.memory.frames, pfn);
    shared.rss[kind]--;
    for (const user of shared.users) if (user !== tables) user.rss[kind]--;
  }

  private leave(tables: PageTables, table: number, address: number): void {
    const { memory } = this;
    const { users } = this.tables.get(table) as SharedTable;
    users.delete(tables);
    memory.putFrame(table);
    if (users.size > 1) return;
    this.tables.delete(table);
    for (const last of users) {
      // Rights only grow: no flush.
      const pmd = last.pmdOffset(last.pgdOffset(address), address);
      memory.ram.write32(pmd, memory.ram.read32(pmd) | PTE_RW);
    }
  }

  private countPages(table: number, rss: Int32Array): void {
    const { ram, frames, zeroPage } = this.memory;
    for (let i = 0; i < ENTRIES; i++) {
      const pte = ram.read32(table * PAGE_SIZE + i * 4);
      if (pte !== 0 && pteFrame(pte) !== zeroPage) rss[rssKind(frames, pteFrame(pte))]++;
    }
  }
}
