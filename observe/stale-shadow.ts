/**
 * What processors may have cached of the page tables: the TLB without limits that stands behind the stale-translation check.
 *
 *     walk ----> entries of the page, 4 MiB entries and page-directory entries of its 4 MiB     until something invalidates
 *     store ---> pages whose entries it may have made stale are suspects: exposed, so that each lookup is an event
 *     lookup of a suspect --> entries against tables: what they grant and memory no longer does
 *
 * Kept is every translation that a walk loaded since it was last invalidated, whatever the real TLBs have evicted meanwhile: a
 * larger TLB would still hold it. Rules and sources: docs/stale.md.
 */

import type { Machine } from "../emu/index.ts";
import {
  CR0_WP,
  CR4_PGE,
  CR4_PSE,
  FRAME_WATCHED,
  PDE_LARGE_FRAME,
  PDE_PS,
  PTE_D,
  PTE_FRAME,
  PTE_G,
  PTE_P,
  PTE_RW,
  PTE_US,
  pdeAddress,
  pteAddress,
  type Ram,
  type Translator,
  WRITE,
} from "../mmu/index.ts";
import { physical } from "../mmu/plain.ts";
import { neededRights } from "../mmu/walk.ts";

/** Something that a TLB or a paging-structure cache may hold. */
export interface CachedEntry<Place> {
  /** A translation as a walk leaves it (WalkResult.leaf), or of a page-directory entry the page table, P, RW and US. */
  readonly entry: number;
  /** Instructions executed when it was loaded. */
  readonly since: number;
  /** The last store that found it in agreement with the tables; that it made the entry stale shows when the page is used. */
  store: Place | null;
}

/** An access that the entry lets through, or leads elsewhere, and the tables do not. */
export interface StaleUse<Place> {
  readonly kind: "translation" | "page-directory entry";
  readonly cached: CachedEntry<Place>;
  /** PTE_P: not present, or elsewhere; PTE_RW, PTE_US, PTE_D. */
  readonly lost: number;
}

/** What is cached of the 4 MiB that one page-directory entry covers. */
interface Region<Place> {
  directory: CachedEntry<Place>[];
  large: CachedEntry<Place>[];
  /** By page number. */
  readonly pages: Map<number, CachedEntry<Place>[]>;
}

const PAGES = 1 << 20;
const TABLE = 1024;
/** Among the regions that a frame is the page table of: it is the page directory itself. */
const DIRECTORY = -1;
/** What an entry may grant more or less of. */
const GRANTS = PTE_RW | PTE_US | PTE_D;
const RIGHTS = PTE_RW | PTE_US;

/** `Place` is what the owner knows of a store: where, when, by whom. */
export class ShadowTlb<Place> {
  /** By page number: 1 where an entry may be stale. */
  readonly suspects: Uint8Array;

  private readonly machine: Machine;
  private readonly mmu: Translator;
  private readonly ram: Ram;
  private readonly here: (change: "store" | "MOV to CR3") => Place;
  /** By index of the page-directory entry. */
  private readonly regions = new Map<number, Region<Place>>();
  /** Frame of a table -> the regions whose page table it is. A watched frame that is not in it has been one. */
  private readonly links = new Map<number, Set<number>>();
  private cr3: number;

  /** One per machine. @param here who stores or loads CR3, asked while it is done */
  constructor(machine: Machine, here: (change: "store" | "MOV to CR3") => Place) {
    this.machine = machine;
    this.mmu = machine.mmu;
    this.ram = machine.ram;
    this.here = here;
    this.cr3 = machine.mmu.cr3;
    this.suspects = new Uint8Array(PAGES);
    if (machine.ram.onWatchedWrite !== null) throw new Error("somebody watches the stores of this machine already");
    machine.mmu.exposed = this.suspects;
    machine.ram.onWatchedWrite = (pfn, pa, length) => this.storing(pfn, pa & 0xfff, length);
  }

  /** A walk for this address has just been made: its entries are in memory as it left them. */
  walked(la: number): void {
    const pde = this.pde(la);
    if ((pde & PTE_P) === 0) return;
    const region = this.regionOf(la >>> 22);
    this.link(this.cr3 >>> 12, DIRECTORY);
    if (this.isLarge(pde)) {
      this.remember(region.large, this.leaf(pde, pde));
      return;
    }
    this.link(pde >>> 12, la >>> 22);
    this.remember(region.directory, pde & (PTE_FRAME | PTE_P | RIGHTS));
    const pte = this.ram.read32(pteAddress(pde, la));
    if ((pte & PTE_P) === 0) return;
    let entries = region.pages.get(la >>> 12);
    if (entries === undefined) {
      entries = [];
      region.pages.set(la >>> 12, entries);
    }
    this.remember(entries, this.leaf(pde, pte));
  }

  /** A page fault: everything cached for the address is gone (SDM 3A 4.10.4.1). */
  faulted(la: number): void {
    const region = this.regions.get(la >>> 22);
    if (region === undefined) return;
    region.pages.delete(la >>> 12);
    region.large = [];
    region.directory = [];
  }

  /** INVLPG: the page, and every page-directory entry. */
  invalidatePage(la: number): void {
    this.faulted(la);
    for (const region of this.regions.values()) region.directory = [];
  }

  /** MOV to CR3: everything but global pages, which now belong to other tables. */
  switchDirectory(): void {
    const { mmu, regions } = this;
    const before = this.cr3;
    this.cr3 = mmu.cr3;
    this.links.clear();
    for (const [index, region] of regions) {
      region.directory = [];
      region.large = region.large.filter(isGlobal);
      for (const [page, entries] of region.pages) {
        const kept = entries.filter(isGlobal);
        if (kept.length === 0) region.pages.delete(page);
        else region.pages.set(page, kept);
      }
      if (region.large.length + region.pages.size === 0) regions.delete(index);
      else this.compareDirectories(index, region, before);
    }
  }

  /** Everything. */
  clear(): void {
    this.cr3 = this.mmu.cr3;
    this.regions.clear();
    this.links.clear();
    this.suspects.fill(0);
  }

  /** Which cached entries this access of a suspect page must not meet. A page without any stale entry is no suspect any more. */
  staleUses(la: number, access: number, user: number): StaleUse<Place>[] {
    const pde = this.pde(la);
    const region = this.regions.get(la >>> 22);
    const uses: StaleUse<Place>[] = [];
    let settled = true;
    if (region !== undefined) {
      this.link(this.cr3 >>> 12, DIRECTORY);
      if ((pde & PTE_P) !== 0 && !this.isLarge(pde)) this.link(pde >>> 12, la >>> 22);
      const granted = this.granted(la);
      const needed = PTE_P | this.rights(access, user);
      const taken = needed | (access === WRITE ? PTE_D : 0);
      for (const cached of [...(region.pages.get(la >>> 12) ?? []), ...region.large]) {
        const lost = lostOf(cached.entry, granted, la);
        if (lost !== 0) settled = false;
        if ((cached.entry & needed) === needed && (lost & taken) !== 0) {
          uses.push({ kind: "translation", cached, lost: lost & taken });
        }
      }
      for (const cached of region.directory) {
        if (this.stillPoints(cached.entry, pde)) continue;
        settled = false;
        const lost = this.lostThrough(cached.entry, la, granted, needed, access);
        if (lost !== 0) uses.push({ kind: "page-directory entry", cached, lost });
      }
    }
    if (settled) this.suspects[la >>> 12] = 0;
    return uses;
  }

  /** What the tables grant at this moment, in the shape of a walk's leaf; 0: nothing. Sets no A and no D. */
  granted(la: number, cr3 = this.cr3): number {
    const pde = this.ram.read32(pdeAddress(cr3, la));
    if ((pde & PTE_P) === 0) return 0;
    if (this.isLarge(pde)) return this.leaf(pde, pde);
    const pte = this.ram.read32(pteAddress(pde, la));
    return (pte & PTE_P) === 0 ? 0 : this.leaf(pde, pte);
  }

  /** The page-directory entry of an address, as it is in memory. */
  pde(la: number): number {
    return this.ram.read32(pdeAddress(this.cr3, la));
  }

  /** Does a page-directory entry map 4 MiB? */
  isLarge(pde: number): boolean {
    return (pde & PDE_PS) !== 0 && this.mmu.profile.pse && (this.mmu.cr4 & CR4_PSE) !== 0;
  }

  /** PTE_RW and PTE_US as the access needs them. */
  rights(access: number, user: number): number {
    return neededRights(access, user, this.mmu.profile.wp && (this.mmu.cr0 & CR0_WP) !== 0);
  }

  private leaf(pde: number, entry: number): number {
    const global = this.mmu.profile.pge && (this.mmu.cr4 & CR4_PGE) !== 0 ? PTE_G : 0;
    const frame = this.isLarge(pde) ? PDE_LARGE_FRAME | PDE_PS : PTE_FRAME;
    return (entry & (frame | PTE_P | PTE_D | global)) | (pde & entry & RIGHTS);
  }

  private regionOf(index: number): Region<Place> {
    let region = this.regions.get(index);
    if (region === undefined) {
      region = { directory: [], large: [], pages: new Map() };
      this.regions.set(index, region);
    }
    return region;
  }

  /** From now on stores to the frame are heard. */
  private link(pfn: number, region: number): void {
    let linked = this.links.get(pfn);
    if (linked === undefined) {
      linked = new Set();
      this.links.set(pfn, linked);
      this.ram.setFrameFlag(pfn, FRAME_WATCHED);
    }
    linked.add(region);
  }

  /** Adds what is in memory now. Of two entries that differ only in grants, the one that grants more stands for both. */
  private remember(entries: CachedEntry<Place>[], entry: number): void {
    for (let i = entries.length - 1; i >= 0; i--) {
      const known = entries[i].entry;
      if (((known ^ entry) & ~GRANTS) !== 0) continue;
      if ((entry & ~known) === 0) return;
      if ((known & ~entry) === 0) entries.splice(i, 1);
    }
    entries.push({ entry, since: this.machine.cpu.instructionsBefore, store: null });
  }

  /** A store is about to change bytes of a watched frame. */
  private storing(pfn: number, offset: number, length: number): void {
    const linked = this.links.get(pfn);
    if (linked === undefined) {
      this.ram.clearFrameFlag(pfn, FRAME_WATCHED);
      return;
    }
    const last = (offset + length - 1) >>> 2;
    for (const region of linked) {
      for (let index = offset >>> 2; index <= last; index++) {
        if (region === DIRECTORY) this.storingPde(index);
        else this.storingPte(region, index);
      }
    }
  }

  private storingPte(index: number, slot: number): void {
    const region = this.regions.get(index);
    if (region === undefined) return;
    const page = index * TABLE + slot;
    const entries = region.pages.get(page) ?? [];
    // A 4 MiB entry outlives the page-directory entry that it came from, and now competes with page tables.
    if (entries.length + region.large.length === 0) return;
    this.blame(entries, page, null);
    this.blame(region.large, page, null);
    this.suspect(page, 1);
  }

  private storingPde(index: number): void {
    const region = this.regions.get(index);
    if (region === undefined) return;
    const first = index * TABLE;
    const pde = this.pde(first * 4096);
    for (const cached of region.directory) if (this.stillPoints(cached.entry, pde)) cached.store = this.here("store");
    this.blame(region.large, first, null);
    for (const [page, entries] of region.pages) this.blame(entries, page, null);
    this.suspect(first, TABLE);
  }

  /** The entries that agree with the tables until now owe it to `place`, or to the store being made, if they soon do not. */
  private blame(entries: readonly CachedEntry<Place>[], page: number, place: Place | null, cr3 = this.cr3): void {
    const la = page * 4096;
    const granted = this.granted(la, cr3);
    for (const cached of entries) {
      if (lostOf(cached.entry, granted, la) === 0) cached.store = place ?? this.here("store");
    }
  }

  private suspect(first: number, count: number): void {
    this.suspects.fill(1, first, first + count);
    this.mmu.unslot(first, count);
  }

  /** Global entries came along from another directory. */
  private compareDirectories(index: number, region: Region<Place>, before: number): void {
    const first = index * TABLE;
    const pde = this.pde(first * 4096);
    this.link(this.cr3 >>> 12, DIRECTORY);
    if ((pde & PTE_P) !== 0 && !this.isLarge(pde)) this.link(pde >>> 12, index);
    if (pde === this.ram.read32(pdeAddress(before, first * 4096))) return;
    const place = this.here("MOV to CR3");
    this.blame(region.large, first, place, before);
    for (const [page, entries] of region.pages) this.blame(entries, page, place, before);
    this.suspect(first, TABLE);
  }

  /** Would the page-directory entry in memory serve as well as the cached one? */
  private stillPoints(cached: number, pde: number): boolean {
    return (cached & ~pde & (PTE_P | RIGHTS)) === 0 && ((cached ^ pde) & PTE_FRAME) === 0 && !this.isLarge(pde);
  }

  /** What an access through a cached page-directory entry gets that the tables do not grant; 0: it makes no difference. */
  private lostThrough(cached: number, la: number, granted: number, needed: number, access: number): number {
    const at = pteAddress(cached, la);
    const pte = this.ram.read32(at);
    const old = (pte & PTE_P) === 0 ? 0 : this.leaf(cached, pte);
    const grants = (granted & needed) === needed;
    // A page that only the tables have: no optional invalidation (SDM 3A 4.10.4.3), since the directory entry had P = 1.
    if (old === 0) return grants ? PTE_P : 0;
    if ((old & needed) !== needed) return 0;
    if (!grants) return lostOf(old, granted, la) & needed;
    if (physical(la, old) !== physical(la, granted)) return PTE_P;
    const moved = at !== pteAddress(this.pde(la), la) || this.isLarge(this.pde(la));
    return access === WRITE && moved && (granted & PTE_D) === 0 ? PTE_D : 0;
  }
}

function isGlobal({ entry }: { readonly entry: number }): boolean {
  return (entry & PTE_G) !== 0;
}

/** What a cached translation grants at `la` that the tables do not. */
export function lostOf(cached: number, granted: number, la: number): number {
  if ((granted & PTE_P) === 0 || physical(la, cached) !== physical(la, granted)) return PTE_P;
  return cached & ~granted & GRANTS;
}
