/** Miss-ratio curves against TLBs: random lookups, invalidations and flushes; real programs on the TLB of each size. */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { LruStack } from "../mmu/index.ts";
import { createMachine, MissCurves, missCurvesText, STEPPED } from "../observe/index.ts";

const seed = Date.now() & 0x7fffffff;
console.log(`seed ${seed}`);

/** A fully associative LRU TLB: pages, last used first, and as many empty ways as are missing. */
class SmallTlb {
  readonly entries: number;
  pages: number[] = [];
  misses = 0;

  constructor(entries: number) {
    this.entries = entries;
  }

  look(page: number): void {
    if (!this.pages.includes(page)) this.misses++;
  }

  use(page: number): void {
    this.pages = [page, ...this.pages.filter((other) => other !== page)].slice(0, this.entries);
  }

  drop(page: number): void {
    this.pages = this.pages.filter((other) => other !== page);
  }

  flush(keep: (page: number) => boolean): void {
    this.pages = this.pages.filter(keep);
  }
}

test("random lookups, faults, invalidations and flushes: every size misses as its TLB does", () => {
  let state = seed | 1;
  const below = (limit: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  for (let round = 0; round < 30; round++) {
    const stack = new LruStack();
    const tlbs = [1, 2, 3, 4, 5, 7, 8, 12, 16, 31].map((entries) => new SmallTlb(entries));
    const both = [stack, ...tlbs];
    const pages = 4 + below(40);
    const odds = 2 + below(30);
    for (let n = 0; n < 3000; n++) {
      const page = below(2) === 0 ? below(pages) : below(Math.min(4, pages));
      const what = below(odds);
      if (what === 0) for (const one of both) one.drop(page);
      else if (what === 1 && below(20) === 0) for (const one of both) one.flush((kept) => kept % 5 === 0);
      else for (const one of both) one.look(page);
      if (what > 1) for (const one of both) one.use(page);
      else if (what === 1) for (const one of both) one.drop(page);
    }
    for (const tlb of tlbs) assert.is(stack.misses(tlb.entries), tlb.misses, `seed ${seed}, ${tlb.entries} entries`);
    assert.is(stack.misses(stack.enough), stack.misses(1e6));
    assert.equal(
      stack.curve(),
      Array.from({ length: stack.enough }, (_, n) => stack.misses(n + 1)),
    );
  }
});

test("one run of a program gives what the TLB of each size misses", () => {
  for (const name of ["demo", "cow", "thread"]) {
    const elf = readFileSync(`images/bin/${name}`);
    const one = createMachine({ mem: 16 << 20, quiet: true, translation: "plain" });
    const curves = new MissCurves(one);
    one.load(elf);
    while (one.run(STEPPED).reason === "budget");
    for (const entries of [1, 2, 3, 5, 8, 13, 16, 32, 64, 100, 256, 300]) {
      const tlb = `itlb=${entries},dtlb=${entries}`;
      const split = createMachine({ mem: 16 << 20, quiet: true, tlb }).load(elf);
      const unified = createMachine({ mem: 16 << 20, quiet: true, tlb: `tlb=${entries}` }).load(elf);
      for (const machine of [split, unified]) assert.is(machine.run().reason, "exit");
      const of = ({ counters: { mmu } }: typeof split, access: string) =>
        mmu[`miss.${access}.user`] + mmu[`miss.${access}.kernel`];
      const [all, data, fetch] = [curves.all, curves.data, curves.fetch].map((stack) => stack.misses(entries));
      assert.is(data, of(split, "read") + of(split, "write"), `${name}: data, ${entries}`);
      assert.is(fetch, of(split, "fetch"), `${name}: fetch, ${entries}`);
      assert.is(all, of(unified, "read") + of(unified, "write") + of(unified, "fetch"), `${name}: all, ${entries}`);
    }
  }
});

test("curves want every lookup, and are printed by powers of two", () => {
  assert.throws(() => new MissCurves(createMachine({ mem: 16 << 20 })), /need translation: "plain"/);
  const text = missCurvesText({ all: [9, 7, 2], data: [5, 1], fetch: [4000] }, 1000);
  assert.is(text.split("\n").length, 6);
  assert.match(text, / 1 +4,000 +5 +9 +9\.000\n/);
  assert.match(text, / 4 +4,000 +1 +2 +2\.000\n/);
});

test.run();
