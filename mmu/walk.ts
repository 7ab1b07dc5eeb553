/**
 * THE page walk: from CR3 and a linear address to the entry that a TLB would keep, with the accessed and dirty bits set
 * on the way. A function of RAM and its arguments; it knows no TLB. Hot path: no allocation, plain integers.
 *
 *   CR3 --> PDE --(PS = 0)--> PTE --> 4 KiB frame
 *            `---(PS = 1)-----------> 4 MiB frame
 *
 * Order, as the 80386 data sheet (231630, section 4.5.5) gives it: PDE read, its P tested; PDE.A set; PTE read, its P
 * tested; rights of both levels judged; PTE.A (and D for a write) set. From it follow:
 *   - PDE.A may be set although the access faults; the PTE stays unchanged by any fault;
 *   - a missing PTE gives error code P = 0 even where the PDE alone denies the access;
 *   - A and D are written only where they change, in one locked write per entry, before the data access.
 */

import {
  PDE_LARGE_FRAME,
  PDE_LARGE_RESERVED,
  PDE_PS,
  PF_P,
  PF_RSVD,
  PF_U,
  PF_W,
  PTE_A,
  PTE_D,
  PTE_FRAME,
  PTE_G,
  PTE_P,
  PTE_RW,
  PTE_US,
  pdeAddress,
  pteAddress,
} from "./pte.ts";
import type { Ram } from "./ram.ts";

/** Access classes, in the order of every table that they index. */
export const READ = 0;
export const WRITE = 1;
export const FETCH = 2;

/** Rules in force, for walk(): PDE.PS counts (CR4.PSE = 1). */
export const WALK_PSE = 1;
/** G counts (CR4.PGE = 1). */
export const WALK_PGE = 2;
/** Reserved bits of a 4 MiB PDE fault (P6 and later; the Pentium ignores them). */
export const WALK_RESERVED = 4;

/** walk() found the page and allows the access. */
export const WALK_OK = -1;

const LARGE_LEAF = PDE_LARGE_FRAME | PDE_PS | PTE_P | PTE_RW | PTE_US | PTE_D;
/** Without the rights, which both levels decide. */
const SMALL_LEAF = PTE_FRAME | PTE_P | PTE_D;

/** What a walk leaves behind; reused for every walk. */
export class WalkResult {
  /**
   * The translation as a TLB keeps it, in the shape of a PTE: frame, P, RW and US combined over both levels, D, G, and
   * PS for a 4 MiB page. Never 0. Valid after WALK_OK.
   */
  leaf = 0;
  /** Paging-structure entries read, 1 or 2. */
  reads = 0;
  /** Entries written because their A or D changed, 0 to 2. */
  writes = 0;
}

/** Rights that an access needs from a leaf: bits of PTE_RW and PTE_US (SDM 3A section 4.6). */
export function neededRights(access: number, user: number, wp: boolean): number {
  const writes = access === WRITE && (user !== 0 || wp);
  return (user !== 0 ? PTE_US : 0) | (writes ? PTE_RW : 0);
}

/**
 * Translates `la` through the tables in `ram`.
 * @param need from neededRights()
 * @param rules WALK_ bits
 * @returns WALK_OK with `out.leaf` set, or the error code of the page fault
 */
export function walk(
  ram: Ram,
  cr3: number,
  la: number,
  access: number,
  user: number,
  need: number,
  rules: number,
  out: WalkResult,
): number {
  const cause = (access === WRITE ? PF_W : 0) | (user !== 0 ? PF_U : 0);
  const pdeAt = pdeAddress(cr3, la);
  const pde = ram.read32(pdeAt);
  out.reads = 1;
  out.writes = 0;
  if ((pde & PTE_P) === 0) return cause;

  if (pde & PDE_PS && rules & WALK_PSE) {
    if (pde & PDE_LARGE_RESERVED && rules & WALK_RESERVED) return cause | PF_P | PF_RSVD;
    if ((pde & need) !== need) return cause | PF_P;
    const used = pde | (access === WRITE ? PTE_A | PTE_D : PTE_A);
    if (used !== pde) {
      ram.write32(pdeAt, used);
      out.writes = 1;
    }
    out.leaf = used & (rules & WALK_PGE ? LARGE_LEAF | PTE_G : LARGE_LEAF);
    return WALK_OK;
  }

  if ((pde & PTE_A) === 0) {
    ram.write32(pdeAt, pde | PTE_A);
    out.writes = 1;
  }
  const pteAt = pteAddress(pde, la);
  const pte = ram.read32(pteAt);
  out.reads = 2;
  if ((pte & PTE_P) === 0) return cause;
  const rights = pde & pte & (PTE_RW | PTE_US);
  if ((rights & need) !== need) return cause | PF_P;
  const used = pte | (access === WRITE ? PTE_A | PTE_D : PTE_A);
  if (used !== pte) {
    ram.write32(pteAt, used);
    out.writes++;
  }
  out.leaf = (used & (rules & WALK_PGE ? SMALL_LEAF | PTE_G : SMALL_LEAF)) | rights;
  return WALK_OK;
}
