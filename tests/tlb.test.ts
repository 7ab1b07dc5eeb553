/**
 * TLB rules, one test per statement P57-P64 (SDM 3A section 4.10, 80386 PRM sections 5.2.5 and 10.4, kvm-unit-tests
 * x86/access.c), replacement policies by example, and the table of CPUs. Random comparison: mmu.test.ts.
 */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  CR0_PG,
  CR0_WP,
  CR4_PGE,
  CR4_PSE,
  cpuNames,
  DENIED_HIT,
  DIRTY_ASSIST,
  EVICT,
  FAULT_PROTECTION,
  FETCH,
  FLUSH_CR0,
  FLUSH_CR3,
  FLUSH_CR4,
  FLUSH_INVLPG,
  FRAME_CODE,
  FRAME_PAGE_TABLE,
  FRAME_WATCHED,
  geometryError,
  MISS,
  type MmuEvent,
  PDE_PS,
  PTE_A,
  PTE_D,
  PTE_G,
  PTE_P,
  PTE_RW,
  PTE_US,
  pagingProfile,
  pagingProfiles,
  READ,
  REFILL,
  type TlbArraySpec,
  type TlbGeometry,
  WALK,
  WALK_READ,
  WRITE,
} from "../mmu/index.ts";
import { DIRECTORY, OPEN, PagingRig, SECOND_DIRECTORY } from "./paging-rig.ts";

const LA = 0x08048000;
const FRAME = 0x40;

/** Runs the body on both translators. */
function both(name: string, body: (rig: (cpu?: string) => PagingRig) => void): void {
  for (const kind of ["hot", "plain"] as const) {
    test(`${name} (${kind})`, () => body((cpu = "p6") => new PagingRig(cpu, kind)));
  }
}

/** Misses of all access classes. */
const misses = (rig: PagingRig): number => [0, 1, 2, 3, 4, 5].reduce((sum, i) => sum + rig.count(MISS + i), 0);

/** Which of the pages would miss, without disturbing anything. */
function resident(rig: PagingRig): number[] {
  return rig.mmu.tlbs.flatMap((tlb) => tlb.list().map((entry) => entry.page)).sort((a, b) => a - b);
}

both("P57 a page that becomes present needs no flush: not-present is never cached", (make) => {
  const rig = make();
  rig.map(LA, FRAME, 0);
  rig.start();
  assert.is(rig.faultOf(LA, READ, 1), "4 @8048000");
  assert.equal(resident(rig), []);
  rig.setPte(LA, (FRAME << 12) | OPEN);
  assert.is(rig.look(LA, READ, 1), FRAME << 12);
});

both("P58 a translation stays in use after its entry changed in memory, until INVLPG", (make) => {
  const changes = [0, (FRAME << 12) | PTE_P, (FRAME << 12) | PTE_P | PTE_RW, ((FRAME + 1) << 12) | OPEN];
  for (const value of changes) {
    const rig = make();
    rig.map(LA, FRAME, OPEN | PTE_A | PTE_D);
    rig.start();
    rig.look(LA, READ, 1);
    rig.setPte(LA, value);
    assert.is(rig.look(LA, READ, 1), FRAME << 12);
    assert.is(rig.look(LA, WRITE, 1), FRAME << 12);
    assert.is(rig.pte(LA), value, "no A or D is written by a hit");
    rig.mmu.invlpg(LA + 0xfff);
    if (value >>> 12 === FRAME + 1) assert.is(rig.look(LA, READ, 1), (FRAME + 1) << 12);
    else assert.is.not(rig.faultOf(LA, WRITE, 1), "none");
  }
});

both("P58 a CR3 load ends the use of a stale translation, too", (make) => {
  const rig = make();
  rig.map(LA, FRAME);
  rig.start();
  rig.look(LA, READ, 1);
  rig.setPte(LA, ((FRAME + 1) << 12) | OPEN);
  rig.mmu.setCr3(DIRECTORY);
  assert.is(rig.look(LA, READ, 1), (FRAME + 1) << 12);
});

both("P59 a permission that was added: Intel faults once from the stale entry, AMD walks again", (make) => {
  for (const cpu of ["p6", "zen"]) {
    const rig = make(cpu);
    rig.map(LA, FRAME, PTE_P | PTE_US);
    rig.start();
    rig.look(LA, READ, 1);
    rig.setPte(LA, (FRAME << 12) | OPEN);
    assert.is(rig.faultOf(LA, WRITE, 1), cpu === "p6" ? "7 @8048000" : "none");
    assert.is(rig.faultOf(LA, WRITE, 1), "none", "it cannot repeat");
    assert.is(rig.count(FAULT_PROTECTION), cpu === "p6" ? 1 : 0);
    assert.is(rig.count(DENIED_HIT), 1);
  }
});

both("P60 a page fault drops the entry of its address", (make) => {
  for (const cpu of ["i386", "pentium", "p6", "haswell", "zen"]) {
    const rig = make(cpu);
    rig.map(LA, FRAME, PTE_P | PTE_RW);
    rig.start();
    rig.look(LA, READ, 0);
    rig.look(LA, FETCH, 0);
    assert.ok(resident(rig).length > 0);
    assert.is(rig.faultOf(LA, READ, 1), "5 @8048000");
    assert.equal(resident(rig), []);
  }
});

both("P61 loading CR3 with the same value flushes, reading it does not", (make) => {
  const rig = make();
  rig.map(LA, FRAME);
  rig.start();
  const before = rig.count(FLUSH_CR3);
  rig.look(LA, READ, 1);
  assert.is(rig.mmu.cr3, DIRECTORY);
  assert.equal(resident(rig), [LA >>> 12]);
  rig.mmu.setCr3(rig.mmu.cr3);
  assert.equal(resident(rig), []);
  assert.is(rig.count(FLUSH_CR3), before + 1);
});

both("P61 global pages survive a CR3 load while PGE = 1, and only then", (make) => {
  for (const cr4 of [0, CR4_PGE]) {
    const rig = make();
    rig.map(LA, FRAME, OPEN | PTE_G);
    rig.map(LA + 0x1000, FRAME + 1);
    rig.mmu.setCr4(cr4);
    rig.start();
    rig.look(LA, READ, 1);
    rig.look(LA + 0x1000, READ, 1);
    rig.mmu.setCr3(SECOND_DIRECTORY);
    assert.equal(resident(rig), cr4 ? [LA >>> 12] : []);
    assert.is(rig.faultOf(LA, READ, 1), cr4 ? "none" : "4 @8048000");
    assert.is(rig.faultOf(LA + 0x1000, READ, 1), "4 @8049000");
  }
});

both("P61 a CPU without PGE has no global pages", (make) => {
  const rig = make("pentium");
  rig.map(LA, FRAME, OPEN | PTE_G);
  rig.mmu.setCr4(CR4_PGE);
  rig.start();
  rig.look(LA, READ, 1);
  rig.mmu.setCr3(DIRECTORY);
  assert.equal(resident(rig), []);
});

both("P62 INVLPG drops global entries, and every piece of a 4 MiB page", (make) => {
  const rig = make("p6");
  rig.map(LA, FRAME, OPEN | PTE_G);
  rig.mmu.setCr4(CR4_PGE | CR4_PSE);
  rig.start();
  rig.look(LA, READ, 1);
  rig.mmu.invlpg(LA);
  assert.equal(resident(rig), []);
  assert.is(rig.count(FLUSH_INVLPG), 1);

  const pentium = make("pentium");
  pentium.mapLarge(0x00400000, 0);
  pentium.mmu.setCr4(CR4_PSE);
  pentium.start();
  for (const page of [0, 1, 9, 40]) pentium.look(0x00400000 + page * 4096, FETCH, 1);
  pentium.look(0x00400000, READ, 1);
  assert.equal(resident(pentium), [0x400, 0x400, 0x401, 0x409, 0x428], "one 4 MiB entry, four pieces");
  pentium.mmu.invlpg(0x00400000 + 17 * 4096);
  assert.equal(resident(pentium), []);
});

both("P63 turning paging on or off leaves no entry", (make) => {
  const rig = make();
  rig.map(LA, FRAME, OPEN | PTE_G);
  rig.mmu.setCr4(CR4_PGE);
  rig.start();
  rig.look(LA, READ, 1);
  rig.mmu.setCr0(1);
  assert.equal(resident(rig), []);
  assert.is(rig.look(LA, WRITE, 1), LA);
  rig.start();
  assert.equal(resident(rig), []);
  assert.is(rig.look(LA, READ, 1), FRAME << 12);
  assert.is(rig.count(FLUSH_CR0), 3);
  assert.is(misses(rig), 2);
});

both("P64 PG = 1 with PE = 0 is refused and changes nothing", (make) => {
  const rig = make();
  rig.mmu.setCr0(CR0_WP);
  assert.is(rig.mmu.setCr0(CR0_PG), false);
  assert.is(rig.mmu.cr0, CR0_WP);
  assert.is(rig.look(LA, READ, 1), LA);
});

both("a change of CR4.PSE or PGE drops everything, other CR4 bits drop nothing", (make) => {
  const rig = make();
  rig.map(LA, FRAME, OPEN | PTE_G);
  rig.start();
  for (const cr4 of [CR4_PGE, CR4_PGE | CR4_PSE, CR4_PSE, 0]) {
    rig.look(LA, READ, 1);
    rig.mmu.setCr4(cr4);
    assert.equal(resident(rig), []);
  }
  rig.look(LA, READ, 1);
  rig.mmu.setCr4(4);
  assert.equal(resident(rig), [LA >>> 12]);
  assert.is(rig.count(FLUSH_CR4), 4);
});

both("a 4 MiB entry made of a stale directory does not hide the 4 KiB entries that are there", (make) => {
  const rig = make();
  rig.map(0x00400000, FRAME);
  rig.map(0x00401000, FRAME + 1);
  rig.mmu.setCr4(CR4_PSE);
  rig.start();
  rig.look(0x00400000, READ, 1);
  rig.mapLarge(0x00400000, 0);
  assert.is(rig.look(0x00401000, READ, 1), 0x1000);
  assert.is(rig.look(0x00400000, READ, 1), FRAME << 12);
});

both("a write to a 4 KiB entry with D = 0 that finds a 4 MiB page replaces it by that", (make) => {
  const rig = make();
  rig.map(0x00400000, FRAME);
  rig.mmu.setCr4(CR4_PSE);
  rig.start();
  rig.look(0x00400000, READ, 1);
  rig.mapLarge(0x00400000, 0);
  assert.is(rig.look(0x00400000, WRITE, 1), 0);
  assert.equal(
    rig.mmu.tlbs.flatMap((tlb) => tlb.list().map((entry) => entry.size)),
    ["4M"],
  );
  assert.is(rig.count(DIRTY_ASSIST), 1);
});

both("split TLBs miss and hit independently; a unified one does not care", (make) => {
  for (const [cpu, expected] of [
    ["pentium", 2],
    ["i486", 1],
  ] as const) {
    const rig = make(cpu);
    rig.map(LA, FRAME);
    rig.start();
    rig.look(LA, READ, 1);
    rig.look(LA, FETCH, 1);
    rig.look(LA, READ, 1);
    assert.is(misses(rig), expected);
  }
});

both("a second level serves what the first lost, without a walk", (make) => {
  const rig = make("haswell");
  for (let i = 0; i < 5; i++) rig.map(LA + i * 16 * 4096, FRAME + i);
  rig.start();
  for (let i = 0; i < 5; i++) rig.look(LA + i * 16 * 4096, READ, 1);
  assert.is(rig.count(EVICT + READ), 1);
  assert.is(rig.count(WALK), 5);
  for (let i = 0; i < 5; i++) rig.look(LA + i * 16 * 4096, READ, 1);
  assert.is(rig.count(WALK), 5);
  assert.ok(rig.count(REFILL + READ) > 0);
  rig.look(LA, FETCH, 1);
  assert.is(rig.count(REFILL + FETCH), 1, "the second level is shared by data and fetches");
  assert.is(rig.count(WALK), 5);
});

both("D reaches the second level, too: no second assist after a refill", (make) => {
  const rig = make("haswell");
  for (let i = 0; i < 5; i++) rig.map(LA + i * 16 * 4096, FRAME + i);
  rig.start();
  rig.look(LA, READ, 1);
  rig.look(LA, WRITE, 1);
  for (let i = 1; i < 5; i++) rig.look(LA + i * 16 * 4096, READ, 1);
  rig.look(LA, WRITE, 1);
  assert.is(rig.count(DIRTY_ASSIST), 1);
});

both("a miss on a 4 KiB page reads two entries, on a 4 MiB page one", (make) => {
  const rig = make();
  rig.map(LA, FRAME);
  rig.mapLarge(0x00400000, 0);
  rig.mmu.setCr4(CR4_PSE);
  rig.start();
  rig.look(LA, READ, 1);
  assert.is(rig.count(WALK_READ), 2);
  rig.look(0x00400000, READ, 1);
  assert.is(rig.count(WALK_READ), 3);
});

/** A CPU whose data TLB is one array, small enough to follow by eye; fetches go elsewhere. */
function oneArray(spec: TlbArraySpec): PagingRig {
  const level = [{ small: "t", large: null }];
  const tlb: TlbGeometry = {
    arrays: { t: spec, f: { sets: 1, ways: 1, policy: "lru" } },
    read: level,
    write: level,
    fetch: [{ small: "f", large: null }],
  };
  const rig = new PagingRig({ ...pagingProfile("p6"), tlb }, "hot");
  for (let page = 0; page < 64; page++) rig.map(page * 4096, 0x60 + page);
  return rig.start();
}

/** Pages present after reading the given pages in order. */
function after(spec: TlbArraySpec, pages: number[]): number[] {
  const rig = oneArray(spec);
  for (const page of pages) rig.look(page * 4096, READ, 1);
  return resident(rig);
}

test("lru drops the entry whose last use is oldest", () => {
  const spec = { sets: 1, ways: 3, policy: "lru" } as const;
  assert.equal(after(spec, [1, 2, 3, 1, 4]), [1, 3, 4]);
  assert.equal(after(spec, [1, 2, 3, 1, 2, 4, 5]), [2, 4, 5]);
});

test("fifo drops the entry filled first, used or not", () => {
  const spec = { sets: 1, ways: 3, policy: "fifo" } as const;
  assert.equal(after(spec, [1, 2, 3, 1, 4]), [2, 3, 4]);
});

test("plru with four ways drops where the tree points", () => {
  const spec = { sets: 1, ways: 4, policy: "plru" } as const;
  assert.equal(after(spec, [1, 2, 3, 4, 5]), [2, 3, 4, 5]);
  assert.equal(after(spec, [1, 2, 3, 4, 1, 5]), [1, 2, 4, 5], "not the oldest, 2, but 3: the other half's older one");
});

test("plru and lru are the same with two ways", () => {
  const pages = Array.from({ length: 200 }, (_, i) => (i * i * 7 + (i >> 2)) % 5);
  assert.equal(after({ sets: 1, ways: 2, policy: "plru" }, pages), after({ sets: 1, ways: 2, policy: "lru" }, pages));
});

test("the 80386's pointer goes round the ways, whatever is used or empty", () => {
  const spec = { sets: 2, ways: 4, policy: "pointer386" } as const;
  assert.equal(after(spec, [0, 2, 4, 6, 8]), [2, 4, 6, 8]);
  assert.equal(after(spec, [0, 1, 2, 3, 0, 4]), [1, 2, 3, 4], "one pointer for both sets: 4 takes way 0 from page 0");
});

test("random replacement repeats with its seed, and stays in the set", () => {
  const pages = Array.from({ length: 300 }, (_, i) => (i * 13) % 31);
  const spec = { sets: 3, ways: 2, policy: "random" } as const;
  assert.equal(after(spec, pages), after(spec, pages));
  assert.is(after(spec, pages).length, 6);
  assert.ok(after(spec, [0, 3, 6, 9, 12]).every((page) => page % 3 === 0));
});

test("an empty way is used before anything is replaced", () => {
  for (const policy of ["lru", "plru", "fifo", "random"] as const) {
    const rig = oneArray({ sets: 1, ways: 4, policy });
    for (const page of [1, 2, 3, 4]) rig.look(page * 4096, READ, 1);
    rig.mmu.invlpg(3 * 4096);
    rig.look(5 * 4096, READ, 1);
    assert.equal(resident(rig), [1, 2, 4, 5], policy);
  }
});

test("sets need not be a power of two", () => {
  const spec = { sets: 3, ways: 1, policy: "lru" } as const;
  assert.equal(after(spec, [0, 1, 2, 3, 4]), [2, 3, 4]);
});

test("a hot slot holds only what may be used without a look", () => {
  const rig = oneArray({ sets: 1, ways: 2, policy: "lru" });
  rig.look(0x1000, READ, 1);
  assert.ok(rig.inSlot(0x1000, READ, 1));
  assert.not(rig.inSlot(0x1000, WRITE, 1), "D is not set");
  assert.not(rig.inSlot(0x1000, READ, 0), "another privilege");
  rig.look(0x2000, READ, 1);
  assert.not(rig.inSlot(0x1000, READ, 1), "no longer the last one touched");
  rig.look(0x1000, WRITE, 1);
  assert.ok(rig.inSlot(0x1000, WRITE, 1));
  assert.not(rig.inSlot(0x2000, READ, 1));
});

test("under fifo every resident page may be in a slot", () => {
  const rig = oneArray({ sets: 1, ways: 3, policy: "fifo" });
  for (const page of [1, 2, 3]) rig.look(page * 4096, READ, 1);
  for (const page of [1, 2, 3]) assert.ok(rig.inSlot(page * 4096, READ, 1));
  rig.look(4 * 4096, READ, 1);
  assert.not(rig.inSlot(4096, READ, 1));
});

test("a frame that gains code or a watcher leaves the write slots, and only those", () => {
  for (const flag of [FRAME_CODE, FRAME_WATCHED, FRAME_PAGE_TABLE]) {
    const rig = new PagingRig("pentium");
    rig.map(LA, FRAME);
    rig.start();
    rig.look(LA, WRITE, 1);
    rig.look(LA, READ, 1);
    rig.look(LA, FETCH, 1);
    rig.ram.setFrameFlag(FRAME, flag);
    assert.is(rig.inSlot(LA, WRITE, 1), flag === FRAME_PAGE_TABLE);
    assert.ok(rig.inSlot(LA, READ, 1) && rig.inSlot(LA, FETCH, 1));
    rig.look(LA, WRITE, 1);
    assert.is(rig.inSlot(LA, WRITE, 1), flag === FRAME_PAGE_TABLE);
    rig.ram.clearFrameFlag(FRAME, flag);
    rig.look(LA, WRITE, 1);
    assert.ok(rig.inSlot(LA, WRITE, 1));
  }
});

test("fetchDisplaced tells of a fetch slot that a data access emptied in a unified TLB", () => {
  const rig = new PagingRig("i486");
  for (let i = 0; i < 5; i++) rig.map(LA + i * 8 * 4096, FRAME + i);
  rig.start();
  rig.look(LA, FETCH, 1);
  rig.mmu.fetchDisplaced = 0;
  rig.look(LA, FETCH, 1);
  rig.look(LA + 4096, READ, 1);
  assert.is(rig.mmu.fetchDisplaced, 0, "another set");
  rig.look(LA + 8 * 4096, READ, 1);
  assert.is(rig.mmu.fetchDisplaced, 1);
  assert.not(rig.inSlot(LA, FETCH, 1));
});

test("slots filled from one 4 MiB entry go with it, however many they are", () => {
  const rig = new PagingRig("pentium", "hot", 8 << 20);
  for (const region of [1, 3, 5]) rig.mapLarge(region << 22, 0);
  rig.mmu.setCr4(CR4_PSE);
  rig.start();
  for (let round = 0; round < 2; round++) {
    for (let page = 0; page < 1024; page++) {
      for (const user of [0, 1]) rig.look((1 << 22) + page * 4096, READ, user);
    }
  }
  const filled = () => rig.mmu.slots.filter((word, i) => i % 2 === 0 && word !== -1).length;
  assert.is(filled(), 128);
  rig.look(3 << 22, READ, 1);
  assert.is(filled(), 1);
  assert.is(misses(rig), 2);
});

test("slots of a physical frame outside RAM are never filled", () => {
  const rig = new PagingRig("pentium");
  rig.map(LA, 0xfffff);
  rig.start();
  rig.look(LA, WRITE, 1);
  assert.not(rig.inSlot(LA, WRITE, 1));
  assert.is(misses(rig), 1);
  rig.look(LA, WRITE, 1);
  assert.is(misses(rig), 1);
});

test("events tell what the slow paths do", () => {
  const rig = new PagingRig("p6");
  rig.map(LA, FRAME);
  rig.start();
  const events: MmuEvent[] = [];
  rig.mmu.onEvent = (event) => events.push(event);
  rig.look(LA, READ, 1);
  rig.look(LA, READ, 1);
  rig.look(LA, READ, 0);
  rig.look(LA + 0x1000, WRITE, 1);
  rig.mmu.invlpg(LA);
  const at = { linear: LA, access: READ, user: 1 };
  assert.equal(events, [
    { kind: "miss", ...at },
    { kind: "walk", ...at, reads: 2, writes: 2, clocks: 26 },
    { kind: "hit", linear: LA, access: READ, user: 0 },
    { kind: "miss", linear: LA + 0x1000, access: WRITE, user: 1 },
    { kind: "walk", linear: LA + 0x1000, access: WRITE, user: 1, reads: 2, writes: 0, clocks: 11 },
    { kind: "fault", linear: LA + 0x1000, access: WRITE, user: 1, code: 6 },
    { kind: "flush", cause: "invlpg", linear: LA },
  ]);
});

test("docs/tlb.md shows the clocks of every CPU", () => {
  const page = readFileSync("docs/tlb.md", "utf8");
  for (const cpu of cpuNames) {
    const { reads, writes, refills } = pagingProfiles[cpu].clocks;
    const cells = [reads, writes, refills].map((pair) => pair.join(", ")).join(" | ");
    assert.match(page, `| ${cpu} | ${cells} |`);
  }
});

test("every CPU of the table can be built and says what it assumes", () => {
  assert.is(cpuNames.length, 9);
  for (const cpu of cpuNames) {
    const profile = pagingProfiles[cpu];
    assert.is(profile.name, cpu);
    assert.is(geometryError(profile.tlb), "");
    new PagingRig(cpu);
  }
  const entries = (cpu: string, tlb: string) =>
    pagingProfile(cpu).tlb.arrays[tlb].sets * pagingProfile(cpu).tlb.arrays[tlb].ways;
  assert.is(entries("i386", "tlb"), 32);
  assert.is(entries("pentium", "dtlb"), 64);
  assert.is(entries("p6", "dtlb-4m"), 8);
  assert.is(entries("p4", "itlb"), 64);
  assert.is(entries("core2", "dtlb1"), 256);
  assert.is(entries("haswell", "stlb"), 1024);
  assert.is(entries("skylake", "stlb"), 1536);
  assert.is(entries("zen", "itlb2"), 512);
});

test("what cannot be built is refused in one line", () => {
  const bad = (spec: TlbArraySpec) => geometryError({ ...pagingProfile("i386").tlb, arrays: { tlb: spec } });
  assert.match(bad({ sets: 0, ways: 4, policy: "lru" }), "TLB tlb: sets and ways must be whole numbers from 1");
  assert.match(bad({ sets: 1, ways: 1e9, policy: "lru" }), "at most 65536 entries, not 1x1000000000");
  assert.match(bad({ sets: 2, ways: 12, policy: "plru" }), "plru needs a power of two of ways, not 12");
  assert.match(
    bad({ sets: 2, ways: 4, policy: JSON.parse('"mru"') }),
    "policy must be one of lru, plru, fifo, random, pointer386",
  );
  const level = { small: "t", large: "t" };
  const twice = {
    arrays: { t: { sets: 1, ways: 1, policy: "lru" } },
    read: [level, level],
    write: [level],
    fetch: [level],
  } as const;
  assert.is(geometryError(twice), "read lookups pass TLB t on two levels");
  assert.throws(() => pagingProfile("i286"), /unknown CPU i286; known are i386, i486, pentium, p6/);
});

test("a state that was replaced as a whole is taken up by reload()", () => {
  const rig = new PagingRig("pentium");
  rig.mapLarge(0x00400000, 0);
  rig.mmu.setCr4(CR4_PSE);
  rig.start();
  const before = rig.memory.bytes.slice(0, rig.memory.ramBase);
  rig.look(0x00400000, READ, 1);
  const held = rig.memory.bytes.slice(0, rig.memory.ramBase);
  rig.memory.bytes.set(before);
  rig.mmu.reload();
  assert.equal(resident(rig), []);
  assert.is(rig.look(0x00400000, READ, 1), 0);
  assert.is(misses(rig), 1);
  rig.memory.bytes.set(held);
  rig.mmu.reload();
  assert.is(rig.look(0x00400123, READ, 1), 0x123);
  assert.is(misses(rig), 1);
  assert.is(rig.pde(0x00400000) & (PDE_PS | PTE_US), PDE_PS | PTE_US);
});

test.run();
