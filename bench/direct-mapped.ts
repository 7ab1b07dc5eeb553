/**
 * The translation that an emulator has which counts nothing: a direct-mapped table of 4096 pages for each privilege and access
 * class, filled by the page walk. The yardstick for what exact TLBs cost; it has no sets, no replacement and no counters.
 */

import {
  FAULTED,
  FETCH,
  FRAME_GUARDED,
  type MachineMemory,
  type PagingProfile,
  PlainMmu,
  PTE_D,
  type Ram,
  WALK_OK,
  WALK_PGE,
  WALK_PSE,
  WalkResult,
  WRITE,
  walk,
} from "../mmu/index.ts";

const SLOTS = 4096;
const CLASSES = 6;
const EMPTY_SLOT = -1;
const PDE_PS = 0x80;

export class DirectMappedMmu extends PlainMmu {
  private readonly result = new WalkResult();

  constructor(memory: MachineMemory, ram: Ram, profile: PagingProfile) {
    super(memory, ram, profile, {}, SLOTS);
    ram.onGuard = () => this.forgetAll();
  }

  /** State bytes beyond those of a PlainMmu. */
  static readonly extraBytes = CLASSES * SLOTS * 8;

  override translate(la: number, access: number, user: number): number {
    if (this.paging === 0) return this.keep(la, access, user, la >>> 0);
    const { result } = this;
    const rules = this.cr4 & 0x10 ? WALK_PSE | WALK_PGE : 0;
    const code = walk(this.ram, this.cr3, la, access, user, this.need[access * 2 + user], rules, result);
    if (code !== WALK_OK) {
      this.fault.linear = la >>> 0;
      this.fault.code = code;
      return FAULTED;
    }
    const large = (result.leaf & PDE_PS) !== 0;
    const offset = large ? 0x3fffff : 0xfff;
    const pa = ((result.leaf & ~offset) | (la & offset)) >>> 0;
    return access === WRITE && (result.leaf & PTE_D) === 0 ? pa : this.keep(la, access, user, pa);
  }

  override invlpg(la: number): void {
    const at = ((la >>> 12) & (SLOTS - 1)) << 1;
    for (let slot = at; slot < this.slots.length; slot += SLOTS * 2) this.slots[slot] = EMPTY_SLOT;
    this.fetchDisplaced = 1;
  }

  protected override forgetAll(): void {
    this.slots.fill(EMPTY_SLOT);
    this.fetchDisplaced = 1;
  }

  private keep(la: number, access: number, user: number, pa: number): number {
    const [page, pfn] = [la >>> 12, pa >>> 12];
    if (pfn >= this.ram.frames || (access === WRITE && this.ram.frameFlags[pfn] & FRAME_GUARDED)) return pa;
    const at = this.slotBase(user, access) + ((page & (SLOTS - 1)) << 1);
    if (access === FETCH && this.slots[at] !== page) this.fetchDisplaced = 1;
    this.slots[at] = page;
    this.slots[at + 1] = (this.ram.base + (pfn - page) * 4096) | 0;
    return pa;
  }
}
