/** The buddy allocator and the VMA tree against naive models, and the kernel's half of every address space. */

import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BuddyAllocator, MAX_ORDER } from "../kernel/mm/buddy.ts";
import { FrameTable, OWNER_ANON } from "../kernel/mm/frames.ts";
import { type RangeNode, VmaTree } from "../kernel/mm/vma-tree.ts";
import { Rig } from "./mm-rig.ts";

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() % 2 ** 31);
console.log(`PAGEWALK_SEED=${seed}`);

/** A zone whose first frames are not aligned to anything. */
function zoneOf(first: number, end: number): { frames: FrameTable; zone: BuddyAllocator } {
  const frames = new FrameTable(end);
  const zone = new BuddyAllocator("Normal", frames, 0, end);
  zone.give(first, end);
  return { frames, zone };
}

test("buddy: a fresh zone lies in the largest aligned blocks", () => {
  const { zone } = zoneOf(3, 4096 + 5);
  // 3 | 4-7 | 8-15 ... 512-1023 | 1024-2047 2048-3071 3072-4095 | 4096-4099 | 4100
  assert.equal([...zone.freeBlocks], [2, 0, 2, 1, 1, 1, 1, 1, 1, 1, 3]);
  assert.is(zone.freeFrames, 4096 + 5 - 3);
  assert.is(zone.allocFrame(), 3);
});

test("buddy: splitting and joining are counted, and undo each other", () => {
  const { frames, zone } = zoneOf(0, 1024);
  const pfn = zone.allocBlock(0);
  assert.is(pfn, 0);
  assert.equal([...zone.freeBlocks], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
  assert.equal([...zone.splits], [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
  frames.owner[pfn] = OWNER_ANON;
  zone.freeBlock(pfn, 0);
  assert.equal([...zone.freeBlocks], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  assert.equal([...zone.joins], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
});

test("buddy: a frame just freed is the next one out", () => {
  const { frames, zone } = zoneOf(0, 2048);
  const taken = [zone.allocFrame(), zone.allocFrame(), zone.allocFrame()];
  for (const pfn of taken) frames.owner[pfn] = OWNER_ANON;
  zone.freeFrame(taken[1]);
  assert.is(zone.allocFrame(), taken[1]);
});

test("buddy: what is freed wrongly is refused", () => {
  const { frames, zone } = zoneOf(0, 2048);
  const pfn = zone.allocFrame();
  frames.owner[pfn] = OWNER_ANON;
  assert.throws(() => zone.freeBlock(pfn + 1, 1), /not of zone/);
  frames.count[pfn] = 1;
  assert.throws(() => zone.freeFrame(pfn), /in use/);
  frames.count[pfn] = 0;
  zone.freeFrame(pfn);
  assert.throws(() => zone.freeFrame(pfn), /twice/);
});

test("buddy: random blocks never overlap and all come back", () => {
  const request = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("block"), order: fc.integer({ min: 0, max: MAX_ORDER }) }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("frame"), order: fc.constant(0) }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant("free"), order: fc.nat() }) },
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 40 }),
      fc.array(request, { maxLength: 300, size: "max" }),
      (first, requests) => {
        const end = 3000;
        const { frames, zone } = zoneOf(first, end);
        const taken = new Uint8Array(end);
        const held: { pfn: number; order: number; how: string }[] = [];
        const release = (at: number): void => {
          const [block] = held.splice(at, 1);
          taken.fill(0, block.pfn, block.pfn + (1 << block.order));
          if (block.how === "frame") zone.freeFrame(block.pfn);
          else zone.freeBlock(block.pfn, block.order);
        };
        for (const { kind, order } of requests) {
          if (kind === "free") {
            if (held.length > 0) release(order % held.length);
            continue;
          }
          const pfn = kind === "frame" ? zone.allocFrame() : zone.allocBlock(order);
          if (pfn < 0) continue;
          assert.is(pfn & ((1 << order) - 1), 0);
          for (let i = pfn; i < pfn + (1 << order); i++) {
            assert.ok(i >= first && i < end && taken[i] === 0);
            taken[i] = 1;
            frames.owner[i] = OWNER_ANON;
          }
          held.push({ pfn, order, how: kind });
          const free = new Uint8Array(end);
          zone.markFree(free);
          for (let i = first; i < end; i++) assert.is(free[i] ^ taken[i], 1);
        }
        while (held.length > 0) release(held.length - 1);
        zone.drain();
        const fresh = zoneOf(first, end).zone;
        assert.equal([...zone.freeBlocks], [...fresh.freeBlocks]);
      },
    ),
    { seed, numRuns: 40 },
  );
});

class Range implements RangeNode<Range> {
  start: number;
  end: number;
  guard: number;
  prev: Range | null = null;
  next: Range | null = null;
  left: Range | null = null;
  right: Range | null = null;
  height = 0;
  maxGap = 0;
  constructor(start: number, end: number, guard: number) {
    this.start = start;
    this.end = end;
    this.guard = guard;
  }
  get guardedStart(): number {
    return Math.max(0, this.start - this.guard);
  }
}

test("VMA tree: lookups and gaps equal a scan of the list", () => {
  const SPAN = 400;
  const action = fc.record({
    kind: fc.constantFrom("insert", "insert", "insert", "remove", "resize"),
    at: fc.nat(SPAN),
    length: fc.integer({ min: 1, max: 20 }),
    guard: fc.constantFrom(0, 0, 0, 6),
  });
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 120, size: "max" }),
      fc.array(fc.nat(SPAN), { maxLength: 12, size: "max" }),
      (actions, probes) => {
        const tree = new VmaTree<Range>();
        for (const { kind, at, length, guard } of actions) {
          const found = tree.find(at);
          if (kind === "insert") {
            if (tree.findIntersection(at, at + length) === null) tree.insert(new Range(at, at + length, guard));
          } else if (found !== null && kind === "remove") {
            tree.remove(found);
          } else if (found !== null) {
            const low = found.prev === null ? 0 : found.prev.end;
            const high = found.next === null ? SPAN : found.next.start;
            const start = Math.max(low, found.start - (at % 3));
            const end = Math.max(start + 1, Math.min(high, found.end + (length % 5) - 2));
            tree.resize(found, start, end);
          }
          tree.verify();
        }
        const list = [...tree];
        for (const at of probes) {
          const expected = list.find((range) => range.end > at) ?? null;
          assert.is(tree.find(at), expected);
          assert.is(tree.findPrev(at), expected === null ? (list.at(-1) ?? null) : expected.prev);
          const low = at;
          const high = SPAN - (at % 90);
          for (const length of [1, 5, 17]) {
            const fits: number[] = [];
            for (let start = low; start + length <= high; start++) {
              const next = list.find((range) => range.end > start);
              if (next === undefined || start + length <= Math.min(next.start, next.guardedStart)) fits.push(start);
            }
            assert.is(tree.highestGap(length, low, high), fits.at(-1) ?? -1);
            assert.is(tree.lowestGap(length, low, high), fits[0] ?? -1);
          }
        }
      },
    ),
    { seed, numRuns: 150 },
  );
});

for (const cpu of ["i386", "i486", "pentium", "p6"]) {
  test(`the kernel's half on ${cpu}: RAM at 0xc0000000, for the kernel only, in every address space`, () => {
    const rig = new Rig({ cpu, megabytes: 10 });
    const mm = rig.newMm();
    const { memory } = rig.manager;
    for (const pfn of [1, 700, 2559]) {
      rig.ram.write32(pfn * 4096 + 8, 0x1234 + pfn);
      assert.is(rig.bus.read32(memory.kernelAddress(pfn) + 8, 0), 0x1234 + pfn);
      assert.is(rig.bus.write32(memory.kernelAddress(pfn) + 8, 0, 0), true);
      rig.bus.read32(memory.kernelAddress(pfn), 1);
      assert.is(rig.bus.faulted, 1);
      rig.bus.faulted = 0;
      assert.is(rig.mmu.fault.code, 5);
    }
    rig.bus.read32(memory.kernelAddress(2560), 0);
    assert.is(rig.bus.faulted, 1);
    rig.bus.faulted = 0;
    assert.is(mm.tables.pgd === memory.kernelPgd, false);
    rig.assertBalanced();
  });
}

test("pristine frames are not zeroed again, used ones are", () => {
  const rig = new Rig();
  const { memory } = rig.manager;
  const pfn = memory.allocZeroedFrame(OWNER_ANON);
  rig.ram.write32(pfn * 4096, 1);
  memory.putFrame(pfn);
  assert.is(memory.allocZeroedFrame(OWNER_ANON), pfn);
  assert.is(rig.ram.read32(pfn * 4096), 0);
  memory.putFrame(pfn);
  assert.throws(() => memory.putFrame(pfn), /no reference/);
});

test.run();
