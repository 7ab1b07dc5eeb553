/** LRU stacks against TLBs of each size, looked up, invalidated and flushed at random. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { LruSets } from "../mmu/index.ts";
import { LruCurves, missesOf } from "../observe/lru-curves.ts";

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() & 0x7fffffff);
console.log(`PAGEWALK_SEED=${seed}`);

function generator(): (limit: number) => number {
  let state = seed | 1;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** An LRU TLB: by set its pages, last used first, and as many empty ways as are missing. */
class SmallTlb {
  readonly ways: number;
  readonly pages: number[][];
  misses = 0;

  constructor(sets: number, ways: number) {
    this.ways = ways;
    this.pages = Array.from({ length: sets }, () => []);
  }

  look(page: number): void {
    if (!this.pages[page % this.pages.length].includes(page)) this.misses++;
  }

  use(page: number): void {
    const set = page % this.pages.length;
    this.pages[set] = [page, ...this.pages[set].filter((other) => other !== page)].slice(0, this.ways);
  }

  drop(page: number): void {
    const set = page % this.pages.length;
    this.pages[set] = this.pages[set].filter((other) => other !== page);
  }

  flush(keep: (page: number) => boolean): void {
    for (const [set, pages] of this.pages.entries()) this.pages[set] = pages.filter(keep);
  }
}

const WAYS = [1, 2, 3, 4, 5, 7, 8, 12, 16, 31];
const isGlobal = (page: number): boolean => page % 5 === 0;
const PTE_P = 1;
const PTE_G = 0x100;

for (const sets of [[1], [1, 2, 4, 8], [1, 3, 4, 7]]) {
  test(`random lookups, faults, invalidations and flushes, ${sets} sets: every size misses as its TLB does`, () => {
    const below = generator();
    for (let round = 0; round < 20; round++) {
      const curves = new LruCurves(sets, (page) => page % 3);
      const tlbs = sets.flatMap((count) => WAYS.map((ways) => ({ count, ways, tlb: new SmallTlb(count, ways) })));
      const byRegion = tlbs.map(() => [0, 0, 0]);
      const pages = 4 + below(60);
      const odds = 2 + below(40);
      const look = (page: number): void => {
        for (const [i, { tlb }] of tlbs.entries()) {
          const before = tlb.misses;
          tlb.look(page);
          byRegion[i][page % 3] += tlb.misses - before;
        }
      };
      const use = (page: number): void => {
        look(page);
        curves.lookup(page, isGlobal(page) ? PTE_P | PTE_G : PTE_P);
        for (const { tlb } of tlbs) tlb.use(page);
      };
      let before = -1;
      let last = -1;
      for (let n = 0; n < 2000; n++) {
        const page = below(2) === 0 ? below(pages) : below(Math.min(4, pages));
        const what = below(odds);
        if (what > 1) {
          use(page);
          [before, last] = page === last ? [before, last] : [last, page];
          if (before >= 0 && before !== last && below(50) === 0) {
            curves.alternate(before, last, 3);
            for (let turn = 0; turn < 3; turn++) {
              for (const one of [before, last]) {
                look(one);
                for (const { tlb } of tlbs) tlb.use(one);
              }
            }
          }
          continue;
        }
        [before, last] = [-1, -1];
        if (what === 1) {
          look(page);
          curves.lookup(page, 0);
          for (const { tlb } of tlbs) tlb.drop(page);
        } else if (below(20) === 0) {
          const kept = below(2) === 0 ? "nothing" : "global";
          curves.flush(kept);
          for (const { tlb } of tlbs) tlb.flush((one) => kept === "global" && isGlobal(one));
        } else {
          curves.drop(page);
          for (const { tlb } of tlbs) tlb.drop(page);
        }
      }
      for (const [i, { count, ways, tlb }] of tlbs.entries()) {
        assert.is(missesOf(curves.curve(count), ways), tlb.misses, `PAGEWALK_SEED=${seed}: ${count}x${ways}`);
        for (const region of [0, 1, 2]) {
          assert.is(
            missesOf(curves.curve(count, region), ways),
            byRegion[i][region],
            `PAGEWALK_SEED=${seed}: region ${region}`,
          );
        }
      }
    }
  });
}

test("deep stacks: thousands of pages, each at its depth", () => {
  const below = generator();
  const one = new LruSets(1, () => false);
  let order: number[] = [];
  for (let n = 0; n < 4000; n++) {
    const page = n < 1500 ? n * 600 : order[below(order.length)];
    assert.is(one.depth(page), order.indexOf(page));
    assert.is(one.use(page), order.indexOf(page));
    order = [page, ...order.filter((other) => other !== page)];
  }
});

test("a curve lists the sizes that miss less", () => {
  const curves = new LruCurves([1], () => 0);
  for (const page of [1, 2, 3, 1, 2, 3, 3, 4]) curves.lookup(page, PTE_P);
  assert.equal(curves.curve(1), [
    [1, 7],
    [3, 4],
  ]);
  assert.equal(
    [1, 2, 3, 100].map((size) => missesOf(curves.curve(1), size)),
    [7, 7, 4, 4],
  );
  assert.equal(new LruCurves([1], () => 0).curve(1), [[1, 0]]);
});

test("INVLPG takes all pieces of a 4 MiB page", () => {
  const curves = new LruCurves([1], () => 0);
  const PIECE = 0x200;
  for (const page of [1024, 1025, 2048]) curves.lookup(page, PTE_P | (page < 2048 ? PIECE : 0));
  curves.drop(1030);
  for (const page of [1024, 1025, 2048]) curves.lookup(page, PTE_P);
  assert.is(missesOf(curves.curve(1), 100), 5);
});

test.run();
