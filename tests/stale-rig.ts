/**
 * A machine whose page tables a test edits by hand, under the stale-translation check.
 *
 *   frame 1, 2: page directories     frame 3, 4, 5: page tables     frames 1024 ...: data, from 4 MiB up
 */

import { createMachine, type Machine } from "../emu/index.ts";
import {
  CR0_PE,
  CR0_PG,
  CR0_WP,
  CR4_PGE,
  CR4_PSE,
  FETCH,
  PDE_PS,
  PTE_P,
  PTE_RW,
  PTE_US,
  pteAddress,
  READ,
} from "../mmu/index.ts";
import { bareWitness, StaleCheck, type StaleSite } from "../observe/index.ts";

export const DIRECTORY = 0x1000;
export const SECOND_DIRECTORY = 0x2000;
export const TABLE = 0x3000;
export const OTHER_TABLE = 0x4000;
export const THIRD_TABLE = 0x5000;
/** First data frame; up to 16 MiB there is RAM. */
export const FRAME = 1024;
/** The 4 MiB that the tests look at: page-directory entry 256. */
export const AREA = 0x40000000;
export const OPEN = PTE_P | PTE_RW | PTE_US;

/** READ, WRITE or FETCH; `user` is 1 at CPL 3. */
export interface Access {
  readonly access: number;
  readonly user: number;
}

export class StaleRig {
  readonly machine: Machine;
  readonly check: StaleCheck;
  private uses = 0;

  /** Paging is on, with 4 MiB and global pages; AREA has an empty page table. */
  constructor(options: { cpu?: string; tlb?: string; translation?: "hot" | "plain" } = {}) {
    this.machine = createMachine({ mem: 16 << 20, ...options });
    this.check = new StaleCheck(this.machine, bareWitness(new Uint8Array()));
    this.restart(true);
  }

  /** Empty page tables and TLBs. The instruction at work is another one: what is found from now on is a new site. */
  restart(wp: boolean): void {
    const { mmu, ram, cpu } = this.machine;
    mmu.setCr0(CR0_PE);
    ram.fill(0, FRAME << 12, 0);
    this.setPde(AREA, TABLE | OPEN);
    mmu.setCr3(DIRECTORY);
    mmu.setCr4(CR4_PSE | CR4_PGE);
    mmu.setCr0(CR0_PG | CR0_PE | (wp ? CR0_WP : 0));
    cpu.eip++;
  }

  setPde(la: number, value: number, directory = DIRECTORY): void {
    this.machine.ram.write32(directory + (la >>> 22) * 4, value);
  }

  pde(la: number, directory = DIRECTORY): number {
    return this.machine.ram.read32(directory + (la >>> 22) * 4);
  }

  setPte(la: number, value: number, table = TABLE): void {
    this.machine.ram.write32(pteAddress(table, la), value);
  }

  pte(la: number, table = TABLE): number {
    return this.machine.ram.read32(pteAddress(table, la));
  }

  mapLarge(la: number, pa: number, flags = OPEN): void {
    this.setPde(la, pa | PDE_PS | flags);
  }

  /** As an engine looks: the hot slot first. Returns the physical address, or -1 for a fault. */
  look(la: number, { access, user }: Access): number {
    const { mmu, ram } = this.machine;
    const slot = mmu.slotBase(user, access) + (((la >>> 12) & mmu.slotMask(access)) << 1);
    if (mmu.slots[slot] === la >>> 12) return ((la + mmu.slots[slot + 1]) >>> 0) - ram.base;
    return mmu.translate(la, access, user);
  }

  read(la: number): number {
    return this.look(la, { access: READ, user: 0 });
  }

  fetch(la: number): number {
    return this.look(la, { access: FETCH, user: 0 });
  }

  /** Uses of stale translations since the last time it was asked. */
  newUses(): number {
    const before = this.uses;
    this.uses = this.check.sites.reduce((sum, site) => sum + site.uses, 0);
    return this.uses - before;
  }

  /** The site that was found last. Throws if there is none. */
  lastSite(): StaleSite {
    const site = this.check.sites.at(-1);
    if (site === undefined) throw new Error("no stale translation was found");
    return site;
  }
}
