/**
 * Every kind of change of an entry x what invalidates it x the access behind it: reported or not, by a table of rules that is
 * written from docs/stale.md and knows nothing of the check.
 */

import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  CR4_PGE,
  CR4_PSE,
  FETCH,
  PTE_A,
  PTE_D,
  PTE_G,
  PTE_P,
  PTE_PCD,
  PTE_PWT,
  PTE_RW,
  PTE_US,
  READ,
  WRITE,
} from "../mmu/index.ts";
import {
  type Access,
  AREA,
  DIRECTORY,
  FRAME,
  OPEN,
  OTHER_TABLE,
  SECOND_DIRECTORY,
  StaleRig,
  TABLE,
} from "./stale-rig.ts";

const PAGE = AREA + 0x5000;
const OTHER_PAGE = AREA + 0x7000;
/** In another 4 MiB. */
const FAR_PAGE = 0x50000000;
const USED = PTE_A | PTE_D;
const pageFrame = FRAME << 12;
const newFrame = (FRAME + 1) << 12;

const accesses: readonly (Access & { readonly name: string })[] = [
  { name: "user read", access: READ, user: 1 },
  { name: "user write", access: WRITE, user: 1 },
  { name: "user fetch", access: FETCH, user: 1 },
  { name: "supervisor read", access: READ, user: 0 },
  { name: "supervisor write", access: WRITE, user: 0 },
  { name: "supervisor fetch", access: FETCH, user: 0 },
];

type Losers = "all" | "writes" | "protected writes" | "user" | "none";

/** One change of a 4 KiB page's entry. `losers`: the accesses that the old entry lets through and the new one does not. */
interface Change {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly losers: Losers;
}

const full = pageFrame | OPEN | USED;
const changes: readonly Change[] = [
  { name: "P cleared", from: full, to: full & ~PTE_P, losers: "all" },
  { name: "entry cleared", from: full, to: 0, losers: "all" },
  { name: "another frame", from: full, to: newFrame | OPEN | USED, losers: "all" },
  { name: "another frame, read-only before", from: full & ~PTE_RW, to: newFrame | OPEN | USED, losers: "all" },
  { name: "RW cleared", from: full, to: full & ~PTE_RW, losers: "protected writes" },
  { name: "US cleared", from: full, to: full & ~PTE_US, losers: "user" },
  { name: "D cleared", from: full, to: full & ~PTE_D, losers: "writes" },
  { name: "A cleared", from: full, to: full & ~PTE_A, losers: "none" },
  { name: "RW set", from: full & ~PTE_RW, to: full, losers: "none" },
  { name: "US set", from: full & ~PTE_US, to: full, losers: "none" },
  { name: "RW and US set", from: full & ~PTE_US & ~PTE_RW, to: full, losers: "none" },
  { name: "P set", from: full & ~PTE_P, to: full, losers: "none" },
  { name: "PCD and PWT set", from: full, to: full | PTE_PCD | PTE_PWT, losers: "none" },
  { name: "G set", from: full, to: full | PTE_G, losers: "none" },
  { name: "software bits", from: full, to: full | 0xe00, losers: "none" },
  { name: "written again", from: full, to: full, losers: "none" },
];

/** What happens between the change and the access. `drops`: whether the old entry is gone then; "others": unless it is global. */
const flushes: readonly { name: string; drops: "page" | "nothing" | "others"; apply(rig: StaleRig): void }[] = [
  { name: "nothing", drops: "nothing", apply: () => {} },
  { name: "INVLPG of the page", drops: "page", apply: ({ machine }) => machine.mmu.invlpg(PAGE + 0xabc) },
  { name: "INVLPG of another page", drops: "nothing", apply: ({ machine }) => machine.mmu.invlpg(OTHER_PAGE) },
  { name: "MOV to CR3", drops: "others", apply: ({ machine }) => machine.mmu.setCr3(DIRECTORY) },
  {
    name: "MOV to CR3 and back",
    drops: "others",
    apply: ({ machine: { mmu } }) => {
      mmu.setCr3(SECOND_DIRECTORY);
      mmu.setCr3(DIRECTORY);
    },
  },
  {
    name: "CR4.PGE off and on",
    drops: "page",
    apply: ({ machine: { mmu } }) => {
      mmu.setCr4(CR4_PSE);
      mmu.setCr4(CR4_PSE | CR4_PGE);
    },
  },
  {
    name: "paging off and on",
    drops: "page",
    apply: ({ machine: { mmu } }) => {
      const { cr0 } = mmu;
      mmu.setCr0(cr0 & 0x7fffffff);
      mmu.setCr0(cr0);
    },
  },
  { name: "a flush by the machine's owner", drops: "page", apply: ({ machine }) => machine.mmu.flushAll() },
  {
    name: "eviction",
    drops: "nothing",
    apply: (rig) => {
      for (let i = 0; i < 256; i++) rig.read(FAR_PAGE + i * 4096);
      for (let i = 0; i < 256; i++) rig.fetch(FAR_PAGE + i * 4096);
    },
  },
];

const pairs = (wp: boolean): Access[] => accesses.filter((one) => wp || one.user === 0);

function allowed(entry: number, { access, user }: Access, wp: boolean): boolean {
  if ((entry & PTE_P) === 0 || (user === 1 && (entry & PTE_US) === 0)) return false;
  return access !== WRITE || (entry & PTE_RW) !== 0 || (user === 0 && !wp);
}

function loses(losers: Losers, { access, user }: Access, wp: boolean): boolean {
  if (losers === "protected writes") return access === WRITE && (user === 1 || wp);
  return losers === "all" || (losers === "writes" && access === WRITE) || (losers === "user" && user === 1);
}

/** Maps everything that the flushes touch, and uses the page once with its old entry. */
function prime(rig: StaleRig, wp: boolean, entry: number, global: number): void {
  rig.restart(wp);
  rig.setPde(FAR_PAGE, OTHER_TABLE | OPEN);
  for (let i = 0; i < 256; i++) rig.setPte(FAR_PAGE + i * 4096, ((FRAME + 4) << 12) | OPEN | USED, OTHER_TABLE);
  rig.setPte(OTHER_PAGE, ((FRAME + 2) << 12) | OPEN | USED);
  rig.setPte(PAGE, entry | global);
  rig.setPde(AREA, TABLE | OPEN, SECOND_DIRECTORY);
  rig.read(PAGE);
  rig.fetch(PAGE);
  rig.read(OTHER_PAGE);
}

for (const translation of ["hot", "plain"] as const) {
  for (const change of changes) {
    test(`${change.name} (${translation})`, () => {
      const rig = new StaleRig({ translation, tlb: "itlb=16x4,dtlb=16x4" });
      for (const global of [0, PTE_G]) {
        for (const flush of flushes) {
          for (const wp of [true, false]) {
            for (const access of pairs(wp)) {
              prime(rig, wp, change.from, global);
              rig.setPte(PAGE, change.to | global);
              flush.apply(rig);
              rig.newUses();
              rig.look(PAGE + 0x10, access);
              const kept = flush.drops === "nothing" || (flush.drops === "others" && global !== 0);
              const expected = kept && allowed(change.from, access, wp) && loses(change.losers, access, wp);
              const what = `${flush.name}, ${JSON.stringify(access)}, WP=${wp}, G=${global}`;
              assert.is(rig.newUses(), expected ? 1 : 0, what);
              if (!expected) continue;
              const { report } = rig.lastSite();
              assert.is(report.kind, "translation");
              assert.is(report.address, PAGE + 0x10);
              assert.is(report.effect, flush.name === "eviction" ? "evicted" : "used", what);
              assert.is(report.change?.by, "store");
            }
          }
        }
      }
    });
  }
}

/** Changes of the page-directory entry, and of what is behind it. `losers` for a page that had been used before the change. */
interface DirectoryChange {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly losers: Losers;
  /** For a page of the same 4 MiB that had not been used: "all" where only the old table, or only the other one, maps it. */
  readonly fresh: Losers;
}

const pointer = TABLE | OPEN | PTE_A;
/** OTHER_TABLE maps PAGE to another frame, as TABLE does not map FRESH_PAGE; THE_SAME maps every page as TABLE does. */
const THE_SAME = 0x6000;
const large = 0x400000 | 0x80 | OPEN | USED;
const FRESH_PAGE = AREA + 0x9000;
const directoryChanges: readonly DirectoryChange[] = [
  { name: "P cleared", from: pointer, to: pointer & ~PTE_P, losers: "all", fresh: "all" },
  { name: "another table", from: pointer, to: OTHER_TABLE | OPEN | PTE_A, losers: "all", fresh: "all" },
  { name: "a table with the same entries", from: pointer, to: THE_SAME | OPEN | PTE_A, losers: "none", fresh: "none" },
  { name: "RW cleared", from: pointer, to: pointer & ~PTE_RW, losers: "protected writes", fresh: "protected writes" },
  { name: "US cleared", from: pointer, to: pointer & ~PTE_US, losers: "user", fresh: "user" },
  { name: "RW set", from: pointer & ~PTE_RW, to: pointer, losers: "none", fresh: "none" },
  { name: "A cleared", from: pointer, to: pointer & ~PTE_A, losers: "none", fresh: "none" },
  { name: "PS set, other frames", from: pointer, to: large + 0x400000, losers: "all", fresh: "all" },
  { name: "PS set, the same frames", from: pointer, to: large, losers: "none", fresh: "none" },
  { name: "PS cleared, the same frames", from: large, to: pointer, losers: "none", fresh: "none" },
  { name: "PS cleared, other frames", from: large + 0x400000, to: pointer, losers: "all", fresh: "all" },
  { name: "4 MiB: P cleared", from: large, to: 0, losers: "all", fresh: "all" },
  { name: "4 MiB: another frame", from: large, to: large + 0x400000, losers: "all", fresh: "all" },
  {
    name: "4 MiB: RW cleared",
    from: large,
    to: large & ~PTE_RW,
    losers: "protected writes",
    fresh: "protected writes",
  },
  { name: "4 MiB: D cleared", from: large, to: large & ~PTE_D, losers: "writes", fresh: "writes" },
  { name: "4 MiB: RW set", from: large & ~PTE_RW, to: large, losers: "none", fresh: "none" },
];

for (const translation of ["hot", "plain"] as const) {
  for (const change of directoryChanges) {
    test(`page-directory entry: ${change.name} (${translation})`, () => {
      const rig = new StaleRig({ translation, tlb: "itlb=16x4,itlb-4m=4,dtlb=16x4,dtlb-4m=4" });
      for (const target of ["used page", "fresh page"] as const) {
        for (const flush of flushes) {
          for (const access of accesses) {
            primeDirectory(rig, change.from);
            rig.setPde(AREA, change.to);
            flush.apply(rig);
            rig.newUses();
            rig.look((target === "used page" ? PAGE : FRESH_PAGE) + 0x10, access);
            const isLarge = (change.from & 0x80) !== 0;
            const losers = target === "used page" ? change.losers : change.fresh;
            // Any INVLPG drops page-directory entries; of a used page, and in a 4 MiB page, the translation is left.
            const left = target === "used page" && !isLarge;
            const nearby = flush.name === "INVLPG of another page" && !left;
            const kept = flush.drops === "nothing" && !nearby && !(flush.name === "INVLPG of the page");
            const expected = kept && allowed(change.from, access, true) && loses(losers, access, true);
            const what = `${target}, ${flush.name}, ${access.name}`;
            assert.is(rig.newUses() > 0, expected, what);
            if (!expected) continue;
            const { report } = rig.lastSite();
            assert.is(report.kind, left || isLarge ? "translation" : "page-directory entry", what);
          }
        }
      }
    });
  }
}

function primeDirectory(rig: StaleRig, entry: number): void {
  rig.restart(true);
  const far = 0x7000;
  rig.setPde(FAR_PAGE, far | OPEN);
  for (let i = 0; i < 256; i++) rig.setPte(FAR_PAGE + i * 4096, ((FRAME + 4) << 12) | OPEN | USED, far);
  for (const la of [PAGE, OTHER_PAGE, FRESH_PAGE]) {
    const frame = 0x400000 + (la - AREA);
    rig.setPte(la, frame | OPEN | USED);
    rig.setPte(la, frame | OPEN | USED, THE_SAME);
    rig.setPte(la, (frame + 0x100000) | OPEN | USED, OTHER_TABLE);
  }
  rig.setPde(AREA, TABLE | OPEN, SECOND_DIRECTORY);
  rig.setPde(AREA, entry);
  rig.read(PAGE);
  rig.fetch(PAGE);
  rig.read(OTHER_PAGE);
}

test.run();
