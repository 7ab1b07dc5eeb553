/** The kernel's mappings above the direct map, read back through the paging unit as the kernel and as a program. */

import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { OWNER_ANON } from "../kernel/mm/frames.ts";
import { GFP_HIGHUSER } from "../kernel/mm/gfp.ts";
import { FIXADDR_START, PKMAP_BASE, PKMAP_PAGES, VMALLOC_END } from "../kernel/mm/kernel-space.ts";
import { LOWMEM_FRAMES } from "../kernel/mm/zone.ts";
import { Rig } from "./mm-rig.ts";

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() % 2 ** 31);
console.log(`PAGEWALK_SEED=${seed}`);

/** What the kernel reads at an address, null where it would fault. */
function kernelReads(rig: Rig, address: number): number | null {
  const value = rig.bus.read32(address, 0);
  if (!rig.bus.faulted) return value;
  rig.bus.faulted = 0;
  return null;
}

/** A program may not read there, present or not. */
function assertHidden(rig: Rig, address: number): void {
  rig.bus.read32(address, 1);
  assert.is(rig.bus.faulted, 1);
  rig.bus.faulted = 0;
}

for (const cpu of ["i386", "i486", "pentium", "p6"]) {
  test(`vmalloc on ${cpu}: scattered frames side by side, a hole behind, the same in every address space`, () => {
    const rig = new Rig({ cpu, megabytes: 16 });
    const { vmalloc, memory } = rig.manager;
    const before = rig.newMm();
    // Another frame in between, so that the area's frames are not adjacent.
    const first = vmalloc.allocate(4096);
    const between = memory.allocFrame(OWNER_ANON);
    const area = vmalloc.allocate(3 * 4096 - 5);
    assert.is(first, rig.manager.kernelSpace.vmallocStart);
    assert.is(area, first + 2 * 4096);
    for (let page = 0; page < 3; page++) {
      assert.is(kernelReads(rig, area + page * 4096), 0);
      rig.ram.write32(vmalloc.frameOf(area + page * 4096) * 4096 + 12, 0x600 + page);
    }
    const after = rig.newMm();
    for (const mm of [before, after]) {
      rig.activate(mm);
      for (let page = 0; page < 3; page++) assert.is(kernelReads(rig, area + page * 4096 + 12), 0x600 + page);
      assert.is(rig.bus.write32(area + 4096, 7, 0), true);
      assertHidden(rig, area);
      assert.is(kernelReads(rig, area + 3 * 4096), null);
      assert.is(kernelReads(rig, first + 4096), null);
    }
    memory.putFrame(between);
    rig.assertBalanced();
    vmalloc.free(area);
    assert.is(kernelReads(rig, area), null);
    assert.throws(() => vmalloc.free(area), /no vmalloc area/);
    vmalloc.free(first);
    rig.assertBalanced();
  });
}

test("ioremap maps what is no RAM, from any byte of a page on", () => {
  const rig = new Rig({ megabytes: 16 });
  rig.newMm();
  const { vmalloc } = rig.manager;
  const outside = vmalloc.ioremap(0xfee00020, 4096);
  assert.is(outside % 4096, 0x20);
  assert.is(kernelReads(rig, outside), -1);
  assert.is(kernelReads(rig, outside + 4096), -1);
  const inside = vmalloc.ioremap(0x5004, 8);
  rig.ram.write32(0x5004, 0x1234);
  assert.is(kernelReads(rig, inside), 0x1234);
  rig.assertBalanced();
  vmalloc.free(outside);
  vmalloc.free(inside);
  assert.equal(vmalloc.list, []);
});

test("vmalloc without memory leaves nothing behind", () => {
  const rig = new Rig({ megabytes: 8 });
  const { vmalloc, memory } = rig.manager;
  assert.is(vmalloc.allocate(64 << 20), -1);
  assert.equal(vmalloc.list, []);
  assert.is(vmalloc.allocate(2 ** 31), -1);
  assert.is(vmalloc.allocate(0), -1);
  rig.assertBalanced();
  assert.ok(memory.freeFrames > 1500);
});

test("vmalloc: random areas never touch, each has a hole behind it, and all frames come back", () => {
  const request = fc.record({
    kind: fc.constantFrom("allocate", "free", "ioremap"),
    size: fc.integer({ min: 1, max: 30000 }),
  });
  fc.assert(
    fc.property(fc.array(request, { maxLength: 60, size: "max" }), (requests) => {
      const rig = new Rig({ megabytes: 16 });
      const { vmalloc, memory } = rig.manager;
      for (const { kind, size } of requests) {
        if (kind === "allocate") vmalloc.allocate(size);
        else if (kind === "ioremap") vmalloc.ioremap(size * 8, size);
        else if (vmalloc.list.length > 0) vmalloc.free(vmalloc.list[size % vmalloc.list.length].address);
        let end = rig.manager.kernelSpace.vmallocStart;
        for (const { address, pages } of vmalloc.list) {
          assert.ok(address >= end);
          end = address + (pages + 1) * 4096;
          assert.is.not(kernelReads(rig, address + (pages - 1) * 4096), null);
          assert.is(kernelReads(rig, end - 4096), null);
        }
        assert.ok(end <= VMALLOC_END);
      }
      for (const { address } of [...vmalloc.list]) vmalloc.free(address);
      rig.assertBalanced();
      const { tables } = rig.manager.kernelSpace;
      // The GDT is not there: nothing but the kernel's own page tables is taken.
      assert.is(memory.freeFrames, memory.frames.total - memory.reservedFrames - tables.length);
    }),
    { seed, numRuns: 30 },
  );
});

/** A machine with high memory, and frames of it. */
function highRig(count: number): { rig: Rig; frames: number[] } {
  const rig = new Rig({ megabytes: 912 });
  rig.newMm();
  const frames = Array.from({ length: count }, () => rig.manager.memory.allocFrame(OWNER_ANON, GFP_HIGHUSER));
  for (const pfn of frames) {
    assert.ok(pfn >= LOWMEM_FRAMES);
    rig.ram.write32(pfn * 4096, pfn);
  }
  return { rig, frames };
}

test("kmap: high frames appear in PKMAP, stay while used, and give their pages up all together", () => {
  const { rig, frames } = highRig(PKMAP_PAGES + 10);
  const { highmem } = rig.manager.memory;
  const kept = highmem.kmap(frames[0]);
  assert.is(kept, PKMAP_BASE + 4096);
  assert.is(kernelReads(rig, kept), frames[0]);
  assertHidden(rig, kept);
  for (const pfn of frames) {
    const address = highmem.kmap(pfn);
    assert.is(kernelReads(rig, address), pfn);
    assert.is(highmem.kmap(pfn), address);
    highmem.kunmap(pfn);
    highmem.kunmap(pfn);
  }
  assert.is(highmem.flushes, 1);
  // What was in use kept its page, the others lost theirs in the flush.
  assert.is(kernelReads(rig, kept), frames[0]);
  assert.is(highmem.kmap(frames[0]), kept);
  assert.is(kernelReads(rig, PKMAP_BASE + 500 * 4096), null);
  assert.throws(() => highmem.kunmap(frames[5]), /not kmapped/);
});

test("kmap fails when all of PKMAP is in use, and works again after a kunmap", () => {
  const { rig, frames } = highRig(PKMAP_PAGES + 1);
  const { highmem } = rig.manager.memory;
  for (const pfn of frames.slice(0, PKMAP_PAGES)) assert.ok(highmem.kmap(pfn) > 0);
  assert.is(highmem.kmap(frames[PKMAP_PAGES]), -1);
  highmem.kunmap(frames[3]);
  assert.is(kernelReads(rig, highmem.kmap(frames[PKMAP_PAGES])), frames[PKMAP_PAGES]);
});

test("kmapLocal: slots of FIXMAP, last in, first out", () => {
  const { rig, frames } = highRig(3);
  const { highmem } = rig.manager.memory;
  const outer = highmem.kmapLocal(frames[0]);
  const inner = highmem.kmapLocal(frames[1]);
  assert.ok(outer >= FIXADDR_START && inner === outer + 4096);
  assert.is(kernelReads(rig, outer), frames[0]);
  assert.is(kernelReads(rig, inner), frames[1]);
  assertHidden(rig, inner);
  assert.throws(() => highmem.kunmapLocal(outer), /out of order/);
  highmem.kunmapLocal(inner);
  assert.is(kernelReads(rig, inner), null);
  assert.is(highmem.kmapLocal(frames[2]), inner);
  assert.is(kernelReads(rig, inner), frames[2]);
});

test("low frames are where the direct map has them", () => {
  const rig = new Rig({ megabytes: 16 });
  const { highmem } = rig.manager.memory;
  assert.is(highmem.kmap(77), 0xc0000000 + 77 * 4096);
  assert.is(highmem.kmapLocal(77), 0xc0000000 + 77 * 4096);
  highmem.kunmap(77);
  assert.is(highmem.mapped, 0);
  assert.is(highmem.kmaps + highmem.localKmaps, 0);
});

test.run();
