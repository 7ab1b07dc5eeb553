/**
 * The page tables of one address space: real entries in frames of guest RAM, walked by the kernel as the hardware does.
 *
 *      31          22 21          12 11           0
 *     +--------------+--------------+--------------+
 *     |  pgd index   |  pte index   |    offset    |     the middle level (pmd) of Linux's generic walk is folded
 *     +--------------+--------------+--------------+     into the pgd on x86-32: pmdOffset() is the identity
 *
 * A directory entry with PS=1 maps a 4 MiB page of its own; the walk hands it out instead of a table.
 *
 * An entry that is not present (P=0) means to the kernel:
 *     0                       nothing here
 *     bit 8 set (PROTNONE)    a page that nobody may access: frame and A, D bits are kept (PROT_NONE)
 *
 * cf. include/linux/pgtable.h, arch/x86/include/asm/pgtable_types.h, mm/pagewalk.c.
 */

import { PDE_PS, PTE_A, PTE_D, PTE_FRAME, PTE_G, PTE_P, PTE_RW, PTE_US } from "../../mmu/pte.ts";
import { FRAME_PAGE_TABLE } from "../../mmu/ram.ts";
import { ENOMEM } from "../errno.ts";
import { type FrameTable, OWNER_ANON, OWNER_FILE, OWNER_PAGE_TABLE, PG_DIRTY } from "./frames.ts";
import { GFP_KERNEL, GFP_ZERO } from "./gfp.ts";
import { KERNEL_PDE } from "./kernel-tables.ts";
import type { MmuGather } from "./mmu-gather.ts";
import { PAGE_SIZE, type PhysicalMemory } from "./physical-memory.ts";
import type { SharedTables } from "./shared-tables.ts";

/** _PAGE_PROTNONE: the bit that is G in a present entry. */
export const PTE_PROTNONE = PTE_G;
/** Bytes that one page table covers. */
export const TABLE_SPAN = 0x400000;

/** Index of PageTables.rss: MM_FILEPAGES, MM_ANONPAGES, MM_SHMEMPAGES. */
export const RSS_FILE = 0;
export const RSS_ANON = 1;
export const RSS_SHMEM = 2;

/** Does the entry hold a frame, accessible or not (pte_present())? */
export function ptePresent(pte: number): boolean {
  return (pte & (PTE_P | PTE_PROTNONE)) !== 0;
}

/** Frame number of an entry that holds a frame. */
export function pteFrame(pte: number): number {
  return pte >>> 12;
}

/** The entry with other protection bits: frame, A and D stay (pte_modify()). */
export function pteModify(pte: number, prot: number): number {
  return (pte & (PTE_FRAME | PTE_A | PTE_D)) | (prot & ~PTE_A);
}

/** RSS_* of a frame that a process maps (mm_counter()). */
export function rssKind(frames: FrameTable, pfn: number): number {
  const owner = frames.owner[pfn];
  return owner === OWNER_ANON ? RSS_ANON : owner === OWNER_FILE ? RSS_FILE : RSS_SHMEM;
}

/** Does a directory entry point to a page table that others use too (shared-tables.ts)? */
function isShared(entry: number): boolean {
  return (entry & (PTE_P | PTE_RW | PDE_PS)) === PTE_P;
}

/** pgtable_t in use and pages mapped: what /proc/PID/status shows. */
export class PageTables {
  readonly memory: PhysicalMemory;
  /** Frame of the page directory: CR3 / 4096. */
  readonly pgd: number;
  /** Page tables below the directory (mm_pgtables_bytes() / 4096). */
  tables = 0;
  /** Pages mapped, by RSS_*. */
  readonly rss = new Int32Array(3);
  /** 4 MiB pages mapped (hugetlb_usage). */
  hugePages = 0;
  /** The most pages mapped so far, as far as pages have been unmapped since (hiwater_rss). */
  peakRss = 0;

  /** Page tables may be shared with other address spaces; null: none ever is. */
  readonly sharing: SharedTables | null;

  private constructor(memory: PhysicalMemory, pgd: number, sharing: SharedTables | null) {
    this.memory = memory;
    this.pgd = pgd;
    this.sharing = sharing;
  }

  /** pgd_alloc(): empty below TASK_SIZE, the kernel's entries above; null when no frame is left. */
  static create(memory: PhysicalMemory, sharing: SharedTables | null): PageTables | null {
    const pgd = allocTable(memory);
    if (pgd < 0) return null;
    const { ram } = memory;
    for (let i = KERNEL_PDE; i < 1024; i++) {
      const entry = ram.read32(memory.kernelPgd * PAGE_SIZE + i * 4);
      if (entry !== 0) ram.write32(pgd * PAGE_SIZE + i * 4, entry);
    }
    memory.directories.add(pgd);
    return new PageTables(memory, pgd, sharing);
  }

  /** pgd_free(): the directory must be empty below TASK_SIZE and not be in CR3. */
  free(): void {
    const { memory } = this;
    if (memory.activePgd === this.pgd) throw new Error("page directory freed while in CR3");
    if (this.tables !== 0) throw new Error(`page directory freed with ${this.tables} page tables`);
    memory.directories.delete(this.pgd);
    freeTable(memory, this.pgd);
  }

  /** get_mm_rss(). */
  get rssPages(): number {
    return this.rss[RSS_FILE] + this.rss[RSS_ANON] + this.rss[RSS_SHMEM];
  }

  /** Physical address of the directory entry of `address`. */
  pgdOffset(address: number): number {
    return this.pgd * PAGE_SIZE + (address >>> 22) * 4;
  }

  /** The middle level is folded: the pmd is the pgd entry. */
  pmdOffset(pgdEntry: number, _address: number): number {
    return pgdEntry;
  }

  /** Physical address of the PTE of `address`, or -1 if there is no page table for it. */
  pteOffset(address: number): number {
    const pmd = this.memory.ram.read32(this.pmdOffset(this.pgdOffset(address), address));
    if ((pmd & (PTE_P | PDE_PS)) !== PTE_P) return -1;
    return pteAddress(pmd, address);
  }

  /**
   * Physical address of the PTE of `address`, which the caller may change: the page table is made if there is none
   * (pte_alloc()), and copied if it is shared. -1 when no frame is left.
   */
  pteAlloc(address: number): number {
    const { memory } = this;
    const pmd = this.pmdOffset(this.pgdOffset(address), address);
    const entry = memory.ram.read32(pmd);
    if ((entry & (PTE_P | PTE_RW)) === (PTE_P | PTE_RW)) return pteAddress(entry, address);
    if (isShared(entry)) return this.unshare(address, address + 1) < 0 ? -1 : this.pteOffset(address);
    const table = allocTable(memory);
    if (table < 0) return -1;
    memory.ram.write32(pmd, (table << 12) | PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D);
    this.tables++;
    return table * PAGE_SIZE + ((address >>> 10) & 0xffc);
  }

  /** The PTE of `address`, 0 if there is no table; of a 4 MiB page, the PTE that would map these 4 KiB of it. */
  read(address: number): number {
    const { ram } = this.memory;
    const pmd = ram.read32(this.pmdOffset(this.pgdOffset(address), address));
    if ((pmd & PDE_PS) !== 0) return (pmd & ~PDE_PS) | (address & (TABLE_SPAN - PAGE_SIZE));
    if ((pmd & PTE_P) === 0) return 0;
    const pte = ram.read32(pteAddress(pmd, address));
    // The rights are those of both levels.
    return (pmd & PTE_RW) !== 0 ? pte : pte & ~PTE_RW;
  }

  /** Is the page table of `address` shared with another address space? */
  sharesTable(address: number): boolean {
    return isShared(this.memory.ram.read32(this.pmdOffset(this.pgdOffset(address), address)));
  }

  /** Makes the page tables of start..end-1 this address space's own, so that their PTEs may change: 0 or -ENOMEM. */
  unshare(start: number, end: number): number {
    const { sharing } = this;
    if (sharing === null) return 0;
    for (let span = start - (start % TABLE_SPAN); span < end; span += TABLE_SPAN) {
      if (this.sharesTable(span) && sharing.unshare(this, span) < 0) return -ENOMEM;
    }
    return 0;
  }

  /**
   * walk_page_range(): calls `ptes` once for each page table that covers a part of start..end-1, with that part and the
   * physical address of its first PTE, and `huge` for each 4 MiB page, with the physical address of its directory entry.
   * What neither is asked about is passed over. `ptes` may not free tables.
   */
  walk(
    start: number,
    end: number,
    ptes: (address: number, end: number, pa: number) => void,
    huge: (address: number, pmd: number) => void = passOver,
  ): void {
    const { ram } = this.memory;
    for (let address = start; address < end; ) {
      const next = Math.min(end, address - (address % TABLE_SPAN) + TABLE_SPAN);
      const pmd = this.pmdOffset(this.pgdOffset(address), address);
      const entry = ram.read32(pmd);
      if ((entry & PDE_PS) !== 0) huge(address, pmd);
      else if ((entry & PTE_P) !== 0) ptes(address, next, pteAddress(entry, address));
      address = next;
    }
  }

  /** Counts a newly mapped or unmapped frame. */
  account(pfn: number, pages: 1 | -1): void {
    const { frames } = this.memory;
    const kind = rssKind(frames, pfn);
    this.rss[kind] = this.rss[kind] + pages;
    frames.mapcount[pfn] = frames.mapcount[pfn] + pages;
  }

  /** Counts a newly mapped or unmapped 4 MiB page, which is no part of the resident set. */
  accountHuge(pfn: number, pages: 1 | -1): void {
    this.hugePages += pages;
    this.memory.frames.mapcount[pfn] += pages;
  }

  /** release() of a 4 MiB page. */
  releaseHuge(pfn: number): void {
    this.accountHuge(pfn, -1);
    this.memory.hugePages.put(pfn);
  }

  /** Takes the frame of a removed PTE out of the accounts and drops its reference (zap_pte_range(), one entry). */
  release(pfn: number, pte: number): void {
    const { memory } = this;
    const { frames } = memory;
    if ((pte & PTE_D) !== 0 && frames.owner[pfn] !== OWNER_ANON) {
      frames.flags[pfn] = frames.flags[pfn] | PG_DIRTY;
    }
    this.account(pfn, -1);
    memory.putFrame(pfn);
  }

  /**
   * Frees the page tables that lie wholly in floor..ceiling-1 and touch start..end-1; they must be empty (free_pgd_range()).
   * floor and ceiling are the ends of the neighbouring mappings.
   */
  freeTables(start: number, end: number, floor: number, ceiling: number, gather: MmuGather): void {
    const { memory } = this;
    for (let span = start - (start % TABLE_SPAN); span < end; span += TABLE_SPAN) {
      if (span < floor || span + TABLE_SPAN > ceiling) continue;
      const pmd = this.pmdOffset(this.pgdOffset(span), span);
      const entry = memory.ram.read32(pmd);
      if ((entry & PTE_P) === 0) continue;
      memory.ram.write32(pmd, 0);
      // The processor may hold the directory entry in a paging-structure cache; any INVLPG drops it (SDM 3A 4.10.4.1).
      gather.add(span);
      freeTable(memory, entry >>> 12);
      this.tables--;
    }
  }
}

function passOver(): void {}

/** Physical address of the PTE of `address` in the page table that a directory entry points to. */
function pteAddress(pmd: number, address: number): number {
  return (pmd >>> 12) * PAGE_SIZE + ((address >>> 10) & 0xffc);
}

function allocTable(memory: PhysicalMemory): number {
  const pfn = memory.allocFrame(OWNER_PAGE_TABLE, GFP_KERNEL | GFP_ZERO);
  if (pfn >= 0) memory.ram.setFrameFlag(pfn, FRAME_PAGE_TABLE);
  return pfn;
}

function freeTable(memory: PhysicalMemory, pfn: number): void {
  memory.ram.clearFrameFlag(pfn, FRAME_PAGE_TABLE);
  memory.putFrame(pfn);
}
