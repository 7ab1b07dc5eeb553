/** Slab caches in frames of guest RAM: layout, lists, debugging, and random use against a naive model. */

import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { KmemCache, SLAB_POISON, SLAB_RED_ZONE, type SlabFrames, type SlabOptions } from "../kernel/mm/slab.ts";
import { MachineMemory, Ram } from "../mmu/index.ts";

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() % 2 ** 31);
console.log(`PAGEWALK_SEED=${seed}`);

/** Frames of a small RAM in blocks that are never used twice, and which of them are out. */
class Frames implements SlabFrames {
  readonly ram = new Ram(new MachineMemory(4 << 20));
  readonly out = new Map<number, number>();
  next = 1 << 5;
  left: number;

  constructor(left = 200) {
    this.left = left;
  }

  allocSlab(order: number): number {
    if (this.left < 1 << order) return -1;
    this.left -= 1 << order;
    const pfn = this.next;
    this.next += 1 << order;
    this.out.set(pfn, order);
    return pfn;
  }

  freeSlab(pfn: number, order: number): void {
    assert.is(this.out.get(pfn), order);
    this.out.delete(pfn);
    this.left += 1 << order;
  }
}

test("objects, orders and colours of a slab", () => {
  const frames = new Frames();
  const shape = (size: number, options?: SlabOptions) => {
    const { order, perSlab, colours, size: step } = new KmemCache(frames, "t", size, options);
    return [order, perSlab, colours, step];
  };
  assert.equal(shape(32), [0, 128, 1, 32]);
  // 39 * 104 = 4056: ten words left.
  assert.equal(shape(104), [0, 39, 11, 104]);
  assert.equal(shape(104, { align: "line" }), [0, 32, 1, 128]);
  assert.equal(shape(20, { align: "line" }), [0, 128, 1, 32]);
  // One object of 2,500 bytes wastes more than an eighth of a frame, three of two frames less.
  assert.equal(shape(2500), [1, 3, 174, 2500]);
  assert.equal(shape(8192), [1, 1, 1, 8192]);
  assert.equal(shape(100_000), [5, 1, 7769, 100_000]);
  assert.throws(() => shape(200_000), /fit in no slab/);
});

test("of a slab, the object freed last is the next one out; partial slabs go before empty ones", () => {
  const frames = new Frames();
  const cache = new KmemCache(frames, "t", 1024);
  const first = [0, 1, 2, 3].map(() => cache.alloc());
  const second = cache.alloc();
  assert.is(frames.out.size, 2);
  cache.free(second);
  cache.free(first[2]);
  cache.free(first[1]);
  assert.is(cache.alloc(), first[1]);
  assert.is(cache.alloc(), first[2]);
  assert.is(cache.activeSlabs, 1);
  assert.is(cache.reap(), 1);
  assert.equal([...frames.out.keys()].length, 1);
  assert.throws(() => cache.destroy(), /4 objects are still in use/);
});

test("consecutive slabs have consecutive colours", () => {
  const cache = new KmemCache(new Frames(), "t", 1300, { align: 64 });
  assert.is(cache.perSlab, 3);
  const starts = Array.from({ length: 6 * 3 }, () => cache.alloc() % 4096).filter((_, i) => i % 3 === 0);
  assert.is(cache.colours, 2);
  assert.equal(starts, [0, 64, 0, 64, 0, 64]);
});

test("a constructor runs once per object and slab, and what a user leaves is what the next one finds", () => {
  const frames = new Frames();
  let constructed = 0;
  const construct = (pa: number): void => {
    constructed++;
    frames.ram.write32(pa, 0x1234);
  };
  const cache = new KmemCache(frames, "t", 512, { construct });
  const object = cache.alloc();
  assert.is(constructed, 8);
  assert.is(frames.ram.read32(object), 0x1234);
  cache.free(object);
  assert.is(cache.alloc(), object);
  assert.is(constructed, 8);
});

test("wrong frees are refused", () => {
  const cache = new KmemCache(new Frames(), "t", 64);
  const object = cache.alloc();
  assert.throws(() => cache.free(object + 4), /none of its objects/);
  assert.throws(() => cache.free(12), /none of its objects/);
  cache.free(object);
  assert.throws(() => cache.free(object), /freed twice/);
});

test("red zones and poison tell who wrote where nobody may", () => {
  for (const [offset, freed, expected] of [
    [-1, "no", /red zone of object 0x[0-9a-f]+ was written out of bounds/],
    [60, "no", /out of bounds/],
    [0, "yes", /was written at \+0 after it was freed/],
    [59, "yes", /was written at \+59 after it was freed/],
    [60, "yes", /red zone .* after it was freed/],
  ] as const) {
    const frames = new Frames();
    const lines: string[] = [];
    const cache = new KmemCache(frames, "t", 60, {
      debug: SLAB_RED_ZONE | SLAB_POISON,
      complain: (line) => lines.push(line),
    });
    const object = cache.alloc();
    assert.is(frames.ram.read8(object), 0x5a);
    for (let i = 0; i < 60; i++) frames.ram.write8(object + i, i);
    if (freed === "yes") cache.free(object);
    frames.ram.write8(object + offset, 0xee);
    if (freed === "yes") assert.is(cache.alloc(), object);
    else cache.free(object);
    assert.is(lines.length, 1);
    assert.match(lines[0], expected);
  }
});

test("a constructor's contents come back with every allocation of a poisoned cache", () => {
  const frames = new Frames();
  const cache = new KmemCache(frames, "t", 40, {
    debug: SLAB_RED_ZONE | SLAB_POISON,
    construct: (pa) => frames.ram.write32(pa + 4, 77),
  });
  for (let i = 0; i < 3; i++) {
    const object = cache.alloc();
    assert.is(frames.ram.read32(object + 4), 77);
    frames.ram.fill(object, 40, 1);
    cache.free(object);
  }
});

test("without frames there is no object, and afterwards all is well", () => {
  const frames = new Frames(1);
  const cache = new KmemCache(frames, "t", 2048);
  const objects = [cache.alloc(), cache.alloc()];
  assert.is(cache.alloc(), -1);
  cache.free(objects[0]);
  assert.is(cache.alloc(), objects[0]);
});

test("random use: objects never overlap, keep their contents, and all frames come back", () => {
  const request = fc.record({ kind: fc.constantFrom("alloc", "alloc", "free", "reap"), pick: fc.nat() });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.constantFrom(4, 16, 64),
      fc.constantFrom(0, SLAB_RED_ZONE, SLAB_POISON, SLAB_RED_ZONE | SLAB_POISON),
      fc.array(request, { maxLength: 200, size: "max" }),
      (objectSize, align, debug, requests) => {
        const frames = new Frames();
        const cache = new KmemCache(frames, "t", objectSize, { align, debug });
        const held: { pa: number; mark: number }[] = [];
        for (const [step, { kind, pick }] of requests.entries()) {
          if (kind === "alloc") {
            const pa = cache.alloc();
            if (pa < 0) continue;
            assert.is(pa % align, 0);
            for (const other of held) assert.ok(Math.abs(other.pa - pa) >= objectSize);
            frames.ram.fill(pa, objectSize, step & 0xff);
            held.push({ pa, mark: step & 0xff });
          } else if (kind === "free" && held.length > 0) {
            const [{ pa, mark }] = held.splice(pick % held.length, 1);
            assert.is(frames.ram.read8(pa), mark);
            assert.is(frames.ram.read8(pa + objectSize - 1), mark);
            cache.free(pa);
          } else if (kind === "reap") {
            cache.reap(pick % 3);
            const inUse = new Set(held.map(({ pa }) => pa));
            for (const pa of inUse) assert.ok(cache.isActive(pa));
          }
          assert.is(cache.active, held.length);
          const out = [...frames.out.values()].reduce((sum, order) => sum + (1 << order), 0);
          assert.is(cache.frameCount, out);
        }
        for (const { pa } of held) cache.free(pa);
        cache.destroy();
        assert.is(frames.out.size, 0);
      },
    ),
    { seed, numRuns: 100 },
  );
});

test.run();
