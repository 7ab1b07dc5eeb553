/**
 * The stale-translation check against a model of a few dozen lines that keeps every snapshot which a walk ever took: random
 * stores to page tables, accesses and invalidations, over two directories with common tables, 4 MiB and global pages, a
 * directory that maps itself, and tables outside RAM.
 */

import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  CR0_PE,
  CR0_PG,
  CR0_WP,
  CR4_PGE,
  CR4_PSE,
  FETCH,
  type MmuEvent,
  PDE_PS,
  PTE_A,
  PTE_D,
  PTE_G,
  PTE_P,
  PTE_RW,
  PTE_US,
  type Ram,
  WRITE,
} from "../mmu/index.ts";
import { listenToMmu } from "../observe/mmu-events.ts";
import { AREA, DIRECTORY, FRAME, OPEN, OTHER_TABLE, SECOND_DIRECTORY, StaleRig, TABLE } from "./stale-rig.ts";

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() % 2 ** 31);
console.log(`PAGEWALK_SEED=${seed}`);
const STEPS = 20_000;
const SELF_MAP = 0xffc00000;
const regions = [AREA, AREA + 0x400000, SELF_MAP];
const directories = [DIRECTORY, SECOND_DIRECTORY];
const OUTSIDE = 0xfff00000 | 0;

/** A translation of one 4 KiB page. */
interface Translation {
  readonly frame: number;
  readonly rights: number;
  readonly dirty: boolean;
  readonly global: boolean;
}

type Snapshot = { readonly first: number; readonly pages: number; readonly at: (page: number) => Translation };

class Model {
  translations: Snapshot[] = [];
  pdes: { readonly index: number; readonly pde: number }[] = [];
  private readonly ram: Ram;
  private readonly rig: StaleRig;

  constructor(rig: StaleRig) {
    this.rig = rig;
    this.ram = rig.machine.ram;
    listenToMmu(rig.machine.mmu, (event) => this.hear(event));
  }

  private hear(event: MmuEvent): void {
    const { mmu } = this.rig.machine;
    const page = "linear" in event ? event.linear >>> 12 : 0;
    const holds = ({ first, pages }: Snapshot) => page >= first && page < first + pages;
    if (event.kind === "walk") {
      const pde = this.pde(page);
      if ((pde & PTE_P) === 0) return;
      const found = this.snapshot(pde, page);
      if (found !== null) this.translations.push(found);
      if (!this.isLarge(pde)) this.pdes.push({ index: page >>> 10, pde });
    } else if (event.kind === "fault") {
      this.translations = this.translations.filter((one) => !holds(one));
      this.pdes = this.pdes.filter(({ index }) => index !== page >>> 10);
    } else if (event.kind === "flush") {
      this.pdes = [];
      const globals = event.cause === "cr3" && mmu.profile.pge && (mmu.cr4 & CR4_PGE) !== 0;
      this.translations = this.translations.filter((one) =>
        event.cause === "invlpg" ? !holds(one) : globals && one.at(one.first).global,
      );
    }
  }

  private isLarge(pde: number): boolean {
    return this.rig.machine.mmu.profile.pse && (pde & PDE_PS) !== 0;
  }

  private pde(page: number): number {
    return this.ram.read32((this.rig.machine.mmu.cr3 & ~0xfff) + (page >>> 10) * 4);
  }

  private snapshot(pde: number, page: number): Snapshot | null {
    const large = this.isLarge(pde);
    const entry = large ? pde : this.ram.read32((pde & ~0xfff) + (page & 1023) * 4);
    if ((pde & entry & PTE_P) === 0) return null;
    const rights = pde & entry & (PTE_RW | PTE_US);
    const [dirty, global] = [(entry & PTE_D) !== 0, (entry & PTE_G) !== 0];
    if (!large) return { first: page, pages: 1, at: () => ({ frame: entry >>> 12, rights, dirty, global }) };
    const at = (which: number) => ({ frame: ((pde >>> 22) << 10) | (which & 1023), rights, dirty, global });
    return { first: page & ~1023, pages: 1024, at };
  }

  /** Would some processor that cached any of this do something that the tables do not say? */
  stale(la: number, access: number, user: number): boolean {
    const page = la >>> 12;
    const pde = this.pde(page);
    const now = (pde & PTE_P) === 0 ? null : (this.snapshot(pde, page)?.at(page) ?? null);
    const wp = (this.rig.machine.mmu.cr0 & CR0_WP) !== 0;
    const need = (user !== 0 ? PTE_US : 0) | (access === WRITE && (user !== 0 || wp) ? PTE_RW : 0);
    const lets = (one: Translation | null): one is Translation => one !== null && (one.rights & need) === need;
    const differs = (old: Translation) => !lets(now) || old.frame !== now.frame;
    for (const { first, pages, at } of this.translations) {
      if (page < first || page >= first + pages || !lets(at(page))) continue;
      if (differs(at(page)) || (access === WRITE && at(page).dirty && now?.dirty === false)) return true;
    }
    for (const one of this.pdes) {
      if (one.index !== page >>> 10) continue;
      const old = this.snapshot(one.pde, page)?.at(page) ?? null;
      if (old === null && lets(now)) return true;
      const elsewhere = (one.pde & ~0xfff) !== (pde & ~0xfff) || this.isLarge(pde);
      if (lets(old) && (differs(old) || (access === WRITE && elsewhere && now?.dirty === false))) return true;
    }
    return false;
  }
}

/** A linear congruential generator (Numerical Recipes); `below` is a small number. */
function random(start: number): (below: number) => number {
  let state = start >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function entryOf(draw: (below: number) => number): number {
  if (draw(8) === 0) return 0;
  const rights = [OPEN, OPEN, PTE_P | PTE_RW, PTE_P | PTE_US, PTE_RW][draw(5)];
  const frame = draw(20) === 0 ? OUTSIDE >>> 12 : FRAME + draw(3);
  return (frame << 12) | rights | [PTE_A | PTE_D, PTE_A, 0][draw(3)] | (draw(3) === 0 ? PTE_G : 0);
}

function pdeOf(draw: (below: number) => number): number {
  const rights = draw(6) === 0 ? 0 : [OPEN, OPEN, OPEN, PTE_P | PTE_RW, PTE_P | PTE_US][draw(5)];
  const bits = rights | [PTE_A | PTE_D, 0][draw(2)] | (draw(3) === 0 ? PTE_G : 0);
  if (draw(4) === 0) return ((1 + draw(2)) << 22) | PDE_PS | bits;
  return (draw(30) === 0 ? OUTSIDE : draw(2) === 0 ? TABLE : OTHER_TABLE) | bits;
}

function play(rig: StaleRig, start: number): { stale: number; clean: number } {
  const draw = random(start);
  const model = new Model(rig);
  const { mmu, ram } = rig.machine;
  const counts = { stale: 0, clean: 0 };
  const pageOf = () => regions[draw(3)] + (draw(4) === 0 ? 0x300 + draw(2) : draw(4)) * 4096;
  // Each directory maps itself at the top; entry 0x300 of the self-map is that of a region that nothing else uses.
  for (const directory of directories) rig.setPde(SELF_MAP, directory | OPEN, directory);
  for (let step = 0; step < STEPS; step++) {
    const what = draw(100);
    const page = pageOf();
    if (what < 60) {
      const [access, user] = [draw(FETCH + 1), draw(2)];
      const la = page + draw(1024) * 4;
      const expected = model.stale(la, access, user);
      rig.look(la, { access, user });
      assert.is(rig.newUses() > 0, expected, `seed ${start}, step ${step}: ${access} ${user} of ${la.toString(16)}`);
      counts[expected ? "stale" : "clean"]++;
    } else if (what < 78) {
      rig.setPte(page, entryOf(draw), draw(2) === 0 ? TABLE : OTHER_TABLE);
    } else if (what < 86) {
      // Not the entry of the self-map: what it maps would be no table.
      rig.setPde(regions[draw(2)], pdeOf(draw), directories[draw(2)]);
    } else if (what < 88) {
      ram.write8(TABLE + draw(16), draw(256));
    } else if (what < 93) {
      mmu.invlpg(page);
    } else if (what < 96) {
      mmu.setCr3(directories[draw(2)]);
    } else if (what < 97) {
      mmu.setCr4(CR4_PSE | (draw(4) === 0 ? 0 : CR4_PGE));
    } else if (what < 99) {
      mmu.setCr0(CR0_PE | (draw(8) === 0 ? 0 : CR0_PG) | (draw(2) === 0 ? 0 : CR0_WP));
      mmu.setCr0(mmu.cr0 | CR0_PG);
    } else {
      ram.fill(draw(2) === 0 ? TABLE : OTHER_TABLE, 4096, 0);
    }
  }
  return counts;
}

for (const cpu of ["i486", "pentium", "p6", "zen"]) {
  for (const translation of ["hot", "plain"] as const) {
    test(`${cpu}, ${translation}: reported is what the model says, no more and no less`, () => {
      const { stale, clean } = play(new StaleRig({ cpu, translation }), seed);
      assert.ok(stale > 50 && clean > 1000, `${stale} stale, ${clean} clean`);
    });
  }
}

test.run();
