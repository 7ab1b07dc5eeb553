/**
 * A memory, a paging unit and a page directory to try it with.
 *
 *   frame 1: page directory (CR3)     frame 2: second page directory     frames 3 ...: page tables, on demand
 */

import {
  CR0_PE,
  CR0_PG,
  LinearBus,
  MachineMemory,
  Mmu,
  PAGE_BYTES,
  type PagingProfile,
  PDE_PS,
  PlainMmu,
  PTE_P,
  PTE_RW,
  PTE_US,
  pagingProfile,
  pdeAddress,
  pteAddress,
  Ram,
} from "../mmu/index.ts";

export const DIRECTORY = 0x1000;
export const SECOND_DIRECTORY = 0x2000;
/** P, RW, US. */
export const OPEN = PTE_P | PTE_RW | PTE_US;

export class PagingRig {
  readonly memory: MachineMemory;
  readonly ram: Ram;
  readonly mmu: PlainMmu;
  readonly bus: LinearBus;
  private nextTable = 3;

  constructor(cpu: string | PagingProfile, kind: "hot" | "plain" = "hot", ramBytes = 1 << 20) {
    const profile = typeof cpu === "string" ? pagingProfile(cpu) : cpu;
    this.memory = new MachineMemory(ramBytes, PlainMmu.stateBytes(profile));
    this.ram = new Ram(this.memory);
    this.mmu = new (kind === "hot" ? Mmu : PlainMmu)(this.memory, this.ram, profile);
    this.bus = new LinearBus(this.mmu, this.ram);
    this.mmu.setCr3(DIRECTORY);
  }

  /** Turns paging on, with other CR0 bits as asked. */
  start(cr0 = 0): this {
    this.mmu.setCr0(CR0_PG | CR0_PE | cr0);
    return this;
  }

  pde(la: number, cr3 = DIRECTORY): number {
    return this.ram.read32(pdeAddress(cr3, la));
  }

  setPde(la: number, value: number, cr3 = DIRECTORY): void {
    this.ram.write32(pdeAddress(cr3, la), value);
  }

  pte(la: number, cr3 = DIRECTORY): number {
    return this.ram.read32(pteAddress(this.pde(la, cr3), la));
  }

  setPte(la: number, value: number, cr3 = DIRECTORY): void {
    this.ram.write32(pteAddress(this.pde(la, cr3), la), value);
  }

  /** Maps 4 KiB, with a page table made on demand whose PDE has `pdeFlags`. Touches no TLB. */
  map(la: number, frame: number, flags = OPEN, pdeFlags = OPEN): void {
    if ((this.pde(la) & PTE_P) === 0) this.setPde(la, (this.nextTable++ * PAGE_BYTES) | pdeFlags);
    this.setPte(la, (frame * PAGE_BYTES) | flags);
  }

  mapLarge(la: number, pa: number, flags = OPEN): void {
    this.setPde(la, pa | PDE_PS | flags);
  }

  /** As an engine looks: the hot slot first, translate() only if that does not match. Physical address or -1. */
  look(la: number, access: number, user: number): number {
    if (!this.inSlot(la, access, user)) return this.mmu.translate(la, access, user);
    return ((la + this.mmu.slots[this.slotOf(la, access, user) + 1]) >>> 0) - this.ram.base;
  }

  inSlot(la: number, access: number, user: number): boolean {
    return this.mmu.slots[this.slotOf(la, access, user)] === la >>> 12;
  }

  private slotOf(la: number, access: number, user: number): number {
    return this.mmu.slotBase(user, access) + (((la >>> 12) & this.mmu.slotMask(access)) << 1);
  }

  /** The fault of an access, "none" if it succeeds: error code and CR2 in hexadecimal. */
  faultOf(la: number, access: number, user: number): string {
    if (this.look(la, access, user) >= 0) return "none";
    const { code, linear } = this.mmu.fault;
    return `${code.toString(16)} @${linear.toString(16)}`;
  }

  /** Value of a counter. */
  count(index: number): number {
    return this.mmu.counters[index];
  }
}
