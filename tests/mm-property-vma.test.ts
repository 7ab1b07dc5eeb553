/**
 * The tree of VMAs against a sorted list, and the mappings of an address space against a table of pages: what find_vma() and its
 * relatives answer, where free space is found, and that mappings are merged and split exactly where Linux does.
 */

import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { doMmap } from "../kernel/mm/mmap.ts";
import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  MAP_SHARED,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
} from "../kernel/mm/mmap-flags.ts";
import { doMprotect } from "../kernel/mm/mprotect.ts";
import { doMremap } from "../kernel/mm/mremap.ts";
import { doMunmap } from "../kernel/mm/munmap.ts";
import { TASK_SIZE } from "../kernel/mm/physical-memory.ts";
import { VM_ACCESS } from "../kernel/mm/vma.ts";
import { type RangeNode, VmaTree } from "../kernel/mm/vma-tree.ts";
import { MemoryFile, page, Rig } from "./mm-rig.ts";

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() % 2 ** 31);
console.log(`PAGEWALK_SEED=${seed}`);

const PAGE = 4096;
/** Pages in which the ranges lie. */
const ROOM = 400;
const GUARD = 3 * PAGE;

class Range implements RangeNode<Range> {
  start: number;
  end: number;
  guarded: boolean;
  prev: Range | null = null;
  next: Range | null = null;
  left: Range | null = null;
  right: Range | null = null;
  height = 0;
  maxGap = 0;
  constructor(start: number, end: number, guarded: boolean) {
    this.start = start;
    this.end = end;
    this.guarded = guarded;
  }
  get guardedStart(): number {
    return this.guarded ? Math.max(0, this.start - GUARD) : this.start;
  }
}

/** The same questions, answered by looking at everything. */
class NaiveRanges {
  list: Range[] = [];
  find = (address: number): Range | null => this.list.find(({ end }) => address < end) ?? null;
  findPrev(address: number): Range | null {
    const found = this.find(address);
    return this.list[(found === null ? this.list.length : this.list.indexOf(found)) - 1] ?? null;
  }
  intersection = (start: number, end: number): Range | null =>
    this.list.find((range) => range.start < end && start < range.end) ?? null;
  /** Free pieces of low..high-1, guard gaps taken off, in address order. */
  private gaps(low: number, high: number): [number, number][] {
    const pieces: [number, number][] = [];
    let from = 0;
    for (const range of this.list) {
      pieces.push([from, range.guardedStart]);
      from = range.end;
    }
    pieces.push([from, Number.POSITIVE_INFINITY]);
    return pieces.map(([start, end]) => [Math.max(low, start), Math.min(high, end)]);
  }
  highest(length: number, low: number, high: number): number {
    const gap = this.gaps(low, high).findLast(([start, end]) => end - start >= length);
    return gap === undefined ? -1 : gap[1] - length;
  }
  lowest(length: number, low: number, high: number): number {
    return this.gaps(low, high).find(([start, end]) => end - start >= length)?.[0] ?? -1;
  }
}

const at = fc.nat(ROOM - 1);
const size = fc.integer({ min: 1, max: 12 });
const treeStep = fc.record({
  kind: fc.constantFrom("insert", "insert", "insert", "remove", "resize", "guard"),
  at,
  size,
  pick: fc.nat(),
  guarded: fc.boolean(),
  questions: fc.array(fc.tuple(at, size, at, at), { minLength: 2, maxLength: 4 }),
});

test("lookups, free space, list and balance of the tree", () => {
  fc.assert(
    fc.property(fc.array(treeStep, { maxLength: 120, size: "max" }), (steps) => {
      const tree = new VmaTree<Range>();
      const naive = new NaiveRanges();
      for (const { kind, at, size, pick, guarded, questions } of steps) {
        const { list } = naive;
        const chosen = list.length === 0 ? null : list[pick % list.length];
        const start = at * PAGE;
        const end = start + size * PAGE;
        if (kind === "insert" && naive.intersection(start, end) === null) {
          const range = new Range(start, end, guarded);
          tree.insert(range);
          list.push(range);
          list.sort((a, b) => a.start - b.start);
        } else if (kind === "remove" && chosen !== null) {
          tree.remove(chosen);
          list.splice(list.indexOf(chosen), 1);
        } else if (kind === "resize" && chosen !== null) {
          const low = list[list.indexOf(chosen) - 1]?.end ?? 0;
          const high = list[list.indexOf(chosen) + 1]?.start ?? ROOM * PAGE * 2;
          const first = Math.max(low, Math.min(start, chosen.end - PAGE));
          tree.resize(chosen, first, Math.min(high, first + size * PAGE));
        } else if (kind === "guard" && chosen !== null) {
          chosen.guarded = guarded;
          tree.refresh(chosen);
        }
        tree.verify();
        assert.equal(
          [...tree].map((range) => list.indexOf(range)),
          [...list.keys()],
        );
        assert.is(tree.first, list[0] ?? null);
        assert.is(tree.last, list.at(-1) ?? null);
        for (const [a, length, low, high] of questions) {
          for (const address of [a * PAGE, a * PAGE + 1, a * PAGE - 1]) {
            assert.is(tree.find(address), naive.find(address));
            assert.is(tree.findPrev(address), naive.findPrev(address));
          }
          const bytes = length * PAGE;
          assert.is(tree.findIntersection(a * PAGE, a * PAGE + bytes), naive.intersection(a * PAGE, a * PAGE + bytes));
          const [from, to] = [low * PAGE, high * PAGE];
          assert.is(
            tree.highestGap(bytes, from, to),
            naive.highest(bytes, from, to),
            `highest ${length} ${low} ${high}`,
          );
          assert.is(tree.lowestGap(bytes, from, to), naive.lowest(bytes, from, to), `lowest ${length} ${low} ${high}`);
        }
      }
    }),
    { seed, numRuns: 150, includeErrorInReport: true },
  );
});

test("the height stays logarithmic, whatever the order", () => {
  const orders: [string, (i: number) => number][] = [
    ["ascending", (i) => i],
    ["descending", (i) => 4095 - i],
    ["from both ends", (i) => (i % 2 === 0 ? i / 2 : 4095 - (i - 1) / 2)],
    ["bit-reversed", (i) => Number.parseInt(i.toString(2).padStart(12, "0").split("").reverse().join(""), 2)],
  ];
  for (const [name, order] of orders) {
    const tree = new VmaTree<Range>();
    const ranges = Array.from(
      { length: 4096 },
      (_, i) => new Range(order(i) * 2 * PAGE, (order(i) * 2 + 1) * PAGE, false),
    );
    const height = () => Math.max(0, ...[...tree].map((range) => range.height));
    for (const range of ranges) tree.insert(range);
    tree.verify();
    // An AVL tree of n nodes is lower than 1.4405 log2(n + 2).
    assert.ok(height() <= 1.4405 * Math.log2(4098), `${name}: ${height()}`);
    for (const range of ranges.slice(0, 3000)) tree.remove(range);
    tree.verify();
    assert.ok(height() <= 1.4405 * Math.log2(1098), `${name}, emptied: ${height()}`);
  }
});

const BASE = 0x20000000;
const PAGES = 40;

/** What one page is mapped to: pages whose `kind` is equal and whose `index` follows on are one VMA. */
interface Cell {
  /** Protection, object and sharing; each anonymous shared mapping is an object of its own. */
  readonly kind: string;
  readonly prot: number;
  readonly index: number;
  /** Does it count in Committed_AS? A file's page does so for ever, once it was writable. */
  readonly promised: boolean;
}

function withProtection(cell: Cell, prot: number): Cell {
  const writable = !cell.kind.includes("shared") && (prot & 2) !== 0;
  return { ...cell, prot, promised: writable || (cell.kind === "file" && cell.promised) };
}

const spaceStep = fc.record({
  kind: fc.constantFrom("mmap", "mmap", "mmap", "munmap", "mprotect", "mprotect", "move"),
  at: fc.nat(PAGES - 1),
  length: fc.integer({ min: 1, max: 9 }),
  to: fc.nat(PAGES - 1),
  prot: fc.constantFrom(0, 1, 3, 3),
  object: fc.constantFrom("private", "private", "shared", "file", "file shared"),
  pgoff: fc.nat(12),
});

/** Runs of equal cells with consecutive pages: the VMAs that Linux would show. */
function runs(cells: readonly (Cell | null)[]): string[] {
  const found: string[] = [];
  cells.forEach((cell, i) => {
    if (cell === null) return;
    const before = cells[i - 1];
    const { kind, prot, promised } = cell;
    const alike = before?.kind === kind && before.prot === prot && before.promised === promised;
    const joined = alike && before.index + 1 === cell.index;
    if (joined) found[found.length - 1] = found[found.length - 1].replace(/-\d+/, `-${i + 1}`);
    else found.push(`${i}-${i + 1} ${cell.prot}`);
  });
  return found;
}

test("untouched mappings are merged and split as a table of pages says", () => {
  fc.assert(
    fc.property(fc.array(spaceStep, { maxLength: 60, size: "max" }), (steps) => {
      const rig = new Rig({ megabytes: 4 });
      const mm = rig.newMm();
      const file = new MemoryFile("/file", page(1, 32));
      const cells: (Cell | null)[] = new Array(PAGES).fill(null);
      for (const [n, { kind, at, length, to, prot, object, pgoff }] of steps.entries()) {
        const pages = Math.min(length, PAGES - at);
        const start = BASE + at * PAGE;
        const bytes = pages * PAGE;
        if (kind === "mmap") {
          const anonymous = object === "private" || object === "shared";
          const flags = (anonymous ? MAP_ANONYMOUS : 0) | (object.endsWith("shared") ? MAP_SHARED : MAP_PRIVATE);
          const offset = anonymous ? 0 : pgoff;
          assert.is(doMmap(mm, anonymous ? null : file, start, bytes, prot, flags | MAP_FIXED, offset), start);
          for (let i = 0; i < pages; i++) {
            const index = object === "private" ? at + i : offset + i;
            const kind = object === "shared" ? `shared ${n}` : object;
            cells[at + i] = withProtection({ kind, prot: 0, index, promised: false }, prot);
          }
        } else if (kind === "munmap") {
          assert.is(doMunmap(mm, start, bytes), 0);
          cells.fill(null, at, at + pages);
        } else if (kind === "mprotect") {
          doMprotect(mm, start, bytes, prot);
          // A hole ends it.
          for (let i = at; i < at + pages; i++) {
            const cell = cells[i];
            if (cell === null) break;
            cells[i] = withProtection(cell, prot);
          }
        } else {
          const count = Math.min(pages, PAGES - to);
          const overlap = at < to + count && to < at + count;
          if (overlap || cells.slice(at, at + count).includes(null)) continue;
          const place = BASE + to * PAGE;
          assert.is(doMremap(mm, start, count * PAGE, count * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place), place);
          const moved = cells.slice(at, at + count);
          cells.fill(null, at, at + count);
          // Private memory that nobody touched takes the page numbers of its place.
          moved.forEach((cell, i) => {
            cells[to + i] = cell?.kind === "private" ? { ...cell, index: to + i } : cell;
          });
        }
        const shown = [...mm.vmas].map(
          ({ start, end, flags }) => `${(start - BASE) / PAGE}-${(end - BASE) / PAGE} ${flags & VM_ACCESS}`,
        );
        assert.equal(shown, runs(cells), `after ${kind} ${n}`);
        const address = BASE + to * PAGE;
        const owner = cells[to] === null ? null : mm.findVma(address);
        assert.is(owner !== null && owner.start <= address, cells[to] !== null);
        assert.is(
          mm.vmas.findIntersection(start, start + bytes) !== null,
          cells.slice(at, at + pages).some((cell) => cell !== null),
        );
        rig.assertBalanced();
      }
      assert.ok((mm.vmas.last?.end ?? 0) <= TASK_SIZE);
      rig.assertNothingLeft(file);
    }),
    { seed, numRuns: 120, includeErrorInReport: true },
  );
});

test.run();
