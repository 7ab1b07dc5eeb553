/**
 * The walk of one linear address, entry by entry, and what the TLBs hold of its page. Looking changes nothing: no A or D bit,
 * no replacement state, no counter.
 */

import type { Machine } from "../emu/index.ts";
import {
  CR0_WP,
  CR3_DIRECTORY,
  CR4_PGE,
  CR4_PSE,
  FETCH,
  LARGE,
  PDE_LARGE_FRAME,
  PDE_LARGE_RESERVED,
  PDE_PS,
  PIECE,
  PlainMmu,
  PTE_D,
  PTE_FRAME,
  PTE_G,
  PTE_P,
  PTE_RW,
  PTE_US,
  pdeAddress,
  pteAddress,
  READ,
  type TlbArray,
  WRITE,
} from "../mmu/index.ts";
import { entryBits } from "./entry-text.ts";

/** What of a machine a walk sees. */
type Walked = Pick<Machine, "mmu" | "ram">;

const accesses = ["read", "write", "fetch"] as const;
type Access = (typeof accesses)[number];

/** One paging-structure entry. */
export interface WalkedEntry {
  /** Its own physical address, uint32. */
  readonly at: number;
  /** As read, uint32; all ones outside RAM. */
  readonly value: number;
  readonly inRam: boolean;
  /** 0 or 1 by the SDM's names: P, RW, US, PWT, PCD, A, D, PS or PAT, G. */
  readonly bits: Readonly<Record<string, 0 | 1>>;
  /** Bits 11:9, free for software. */
  readonly available: number;
}

/** "-", "r", "rw"; nothing in 32-bit paging forbids execution. */
export type Rights = "-" | "r" | "rw";

/** An entry of a TLB that translates the page. */
export interface CachedPage {
  readonly tlb: string;
  readonly set: number;
  readonly way: number;
  readonly ways: number;
  readonly size: "4K" | "4M";
  /** A 4 KiB entry made from a 4 MiB page. */
  readonly piece: boolean;
  /** Frame number of its first 4 KiB. */
  readonly frame: number;
  readonly user: Rights;
  readonly dirty: boolean;
  readonly global: boolean;
  /** Accesses that look here, and at which level, from 1. */
  readonly levels: Readonly<Partial<Record<Access, number>>>;
  /** The last-touched of its set; null where the replacement policy does not know. */
  readonly latest: boolean | null;
  /** Which fill replaces it if nothing else happens, from 1; null where chance decides. */
  readonly replacedBy: number | null;
  /** It says something else than the page tables do. */
  readonly stale: boolean;
}

export interface PageWalk {
  /** uint32. */
  readonly address: number;
  readonly paging: boolean;
  readonly cr0: number;
  readonly cr3: number;
  readonly cr4: number;
  readonly wp: boolean;
  readonly pse: boolean;
  readonly pge: boolean;
  /** The three parts of the address; with a 4 MiB page `table` is a part of the offset. */
  readonly directory: number;
  readonly table: number;
  readonly offset: number;
  /** null with paging off. */
  readonly pde: WalkedEntry | null;
  /** null where the PDE leads to none. */
  readonly pte: WalkedEntry | null;
  readonly size: "4K" | "4M" | null;
  /** Where a supervisor's read would go, uint32; null: it would fault. */
  readonly physical: number | null;
  /** Is there RAM? */
  readonly inRam: boolean;
  /** Why it would fault: "PDE not present", "PTE not present", "reserved bits set in the PDE". */
  readonly fault: string | null;
  readonly user: Rights;
  readonly supervisor: Rights;
  /** null for page tables that are not in CR3. */
  readonly tlb: readonly CachedPage[] | null;
  /** Hot slots that hold the page, a shortcut of this emulator: "user read". */
  readonly slots: readonly string[];
}

/**
 * Walks the tables at `cr3`.
 *
 * @param address any number, taken modulo 2^32
 */
export function pageWalk(machine: Walked, address: number, cr3 = machine.mmu.cr3): PageWalk {
  const { mmu, ram } = machine;
  const la = address >>> 0;
  const { cr0, cr4, profile } = mmu;
  const paging = mmu.paging !== 0;
  const rules = {
    wp: profile.wp && (cr0 & CR0_WP) !== 0,
    pse: profile.pse && (cr4 & CR4_PSE) !== 0,
    pge: profile.pge && (cr4 & CR4_PGE) !== 0,
  };
  const entry = (at: number, level: "PDE" | "PTE"): WalkedEntry => {
    const value = ram.read32(at) >>> 0;
    const available = (value >>> 9) & 7;
    return { at, value, inRam: at < ram.size, bits: entryBits(value, level), available };
  };
  const pde = paging ? entry(pdeAddress(cr3, la), "PDE") : null;
  const large = pde !== null && rules.pse && (pde.value & (PTE_P | PDE_PS)) === (PTE_P | PDE_PS);
  const pte = pde === null || large || (pde.value & PTE_P) === 0 ? null : entry(pteAddress(pde.value, la), "PTE");
  const reserved = large && profile.reservedBits === "fault" && (pde.value & PDE_LARGE_RESERVED) !== 0;
  const fault = faultOf(pde, pte, large, reserved);
  const rights = (pde?.value ?? -1) & (pte?.value ?? -1);
  const physical = fault !== null ? null : physicalOf(la, pde, pte, large);
  const active = ((cr3 ^ mmu.cr3) & CR3_DIRECTORY) === 0;
  return {
    address: la,
    paging,
    cr0: cr0 >>> 0,
    cr3: cr3 >>> 0,
    cr4: cr4 >>> 0,
    ...rules,
    directory: la >>> 22,
    table: (la >>> 12) & 0x3ff,
    offset: la & 0xfff,
    pde,
    pte,
    size: fault !== null || !paging ? null : large ? "4M" : "4K",
    physical,
    inRam: physical !== null && physical < ram.size,
    fault,
    user: fault !== null || (rights & PTE_US) === 0 ? "-" : (rights & PTE_RW) !== 0 ? "rw" : "r",
    supervisor: fault !== null ? "-" : !rules.wp || (rights & PTE_RW) !== 0 ? "rw" : "r",
    tlb: active ? cachedPages(machine, la, physical, rights) : null,
    slots: active ? hotSlots(machine, la) : [],
  };
}

function faultOf(pde: WalkedEntry | null, pte: WalkedEntry | null, large: boolean, reserved: boolean): string | null {
  if (pde === null) return null;
  if ((pde.value & PTE_P) === 0) return "PDE not present";
  if (reserved) return "reserved bits set in the PDE";
  return large || (pte !== null && (pte.value & PTE_P) !== 0) ? null : "PTE not present";
}

function physicalOf(la: number, pde: WalkedEntry | null, pte: WalkedEntry | null, large: boolean): number {
  if (pde === null) return la;
  const [value, frame] = large ? [pde.value, PDE_LARGE_FRAME] : [pte?.value ?? 0, PTE_FRAME];
  return ((value & frame) | (la & ~frame)) >>> 0;
}

/** Every entry of every array for the page, whether or not a lookup would come so far. */
function cachedPages({ mmu }: Walked, la: number, physical: number | null, rights: number): CachedPage[] {
  if (!(mmu instanceof PlainMmu)) return [];
  return mmu.tlbs.flatMap((array) =>
    [la >>> 12, LARGE | (la >>> 22)].flatMap((tag) => {
      const entry = array.find(tag);
      return entry < 0 ? [] : [cachedPage(mmu, array, entry, la, physical, rights)];
    }),
  );
}

function cachedPage(
  mmu: PlainMmu,
  array: TlbArray,
  entry: number,
  la: number,
  physical: number | null,
  rights: number,
): CachedPage {
  const data = array.data(entry);
  const large = (array.tag(entry) & LARGE) !== 0;
  const frame = large ? PDE_LARGE_FRAME : PTE_FRAME;
  const translated = ((data & frame) | (la & ~frame)) >>> 0;
  const cached = data & (PTE_RW | PTE_US);
  const { ways, policy } = array.spec;
  const fills = array.fillsLeft(entry);
  return {
    tlb: array.name,
    set: Math.floor(entry / ways),
    way: entry % ways,
    ways,
    size: large ? "4M" : "4K",
    piece: (data & PIECE) !== 0,
    frame: data >>> 12,
    user: (cached & PTE_US) === 0 ? "-" : (cached & PTE_RW) !== 0 ? "rw" : "r",
    dirty: (data & PTE_D) !== 0,
    global: (data & PTE_G) !== 0,
    levels: levelsOf(mmu, array.name),
    latest: policy === "lru" || policy === "plru" ? array.isLatest(entry) : null,
    replacedBy: fills === 0 ? null : fills,
    stale: physical !== translated || cached !== (rights & (PTE_RW | PTE_US)),
  };
}

function levelsOf({ profile }: PlainMmu, name: string): CachedPage["levels"] {
  const found: Partial<Record<Access, number>> = {};
  for (const access of accesses) {
    const level = profile.tlb[access].findIndex(({ small, large }) => small === name || large === name);
    if (level >= 0) found[access] = level + 1;
  }
  return found;
}

function hotSlots({ mmu }: Walked, la: number): string[] {
  const page = la >>> 12;
  return [0, 1].flatMap((user) =>
    [READ, WRITE, FETCH].flatMap((access) => {
      const at = mmu.slotBase(user, access) + ((page & mmu.slotMask(access)) << 1);
      return mmu.slots[at] === page ? [`${user === 0 ? "supervisor" : "user"} ${accesses[access]}`] : [];
    }),
  );
}
