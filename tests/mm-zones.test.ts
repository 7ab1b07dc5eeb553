/** Zones: their bounds, watermarks and reserves, and which of them an allocation takes from. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { FrameTable, OWNER_ANON, OWNER_KERNEL, PG_PRISTINE } from "../kernel/mm/frames.ts";
import { GFP_ATOMIC, GFP_DMA, GFP_HIGHUSER, GFP_KERNEL, GFP_MEMALLOC, GFP_ZERO } from "../kernel/mm/gfp.ts";
import { makeZones, setWatermarks, zoneIndex } from "../kernel/mm/zone.ts";
import { Rig } from "./mm-rig.ts";

const framesOf = (megabytes: number): number => megabytes * 256;

test("a machine has the zones that its RAM reaches", () => {
  const zonesOf = (megabytes: number) =>
    makeZones(new FrameTable(framesOf(megabytes)), 3).map(({ name, managed }) => [name, managed]);
  assert.equal(zonesOf(8), [["DMA", 2045]]);
  assert.equal(zonesOf(16), [["DMA", 4093]]);
  assert.equal(zonesOf(64), [
    ["DMA", 4093],
    ["Normal", 12288],
  ]);
  assert.equal(zonesOf(1024), [
    ["DMA", 4093],
    ["Normal", 225280],
    ["HighMem", 32768],
  ]);
  assert.equal([0, 4095, 4096, 0x37fff, 0x38000].map(zoneIndex), [0, 0, 1, 1, 2]);
});

test("watermarks and reserves are Linux's", () => {
  // lowmem_kbytes = 4 * 229373; min_free_kbytes = sqrt(16 * that) = 3831, 957 pages over both low zones.
  const zones = makeZones(new FrameTable(framesOf(1024)), 3);
  const marks = () => zones.map(({ min, low, high }) => [min, low, high]);
  assert.equal(marks(), [
    [17, 21, 25],
    [939, 1173, 1407],
    [32, 66, 100],
  ]);
  // (225280 + 32768) / 256 below high memory, 32768 / 32 in Normal.
  assert.equal(
    zones.map(({ reserve }) => [...reserve]),
    [
      [0, 880, 1008],
      [0, 0, 1024],
      [0, 0, 0],
    ],
  );
  setWatermarks(zones, 16384);
  assert.equal(marks()[0], [73, 91, 109]);
});

test("an allocation falls back to lower zones, and leaves each what it must keep", () => {
  const { memory } = new Rig({ megabytes: 64 }).manager;
  const [dma, normal] = memory.zones;
  while (normal.leaves(normal.low, 0, 2)) assert.is(zoneIndex(memory.allocFrame(OWNER_ANON)), 1);
  while (dma.leaves(dma.low, 0, 2)) assert.is(zoneIndex(memory.allocFrame(OWNER_ANON)), 0);
  assert.is(dma.buddy.freeFrames, dma.low + dma.reserve[2]);
  // Between the watermarks, Normal comes first again.
  while (normal.leaves(normal.min, 0, 2)) assert.is(zoneIndex(memory.allocFrame(OWNER_ANON)), 1);
  while (memory.allocFrame(OWNER_ANON) >= 0);
  assert.is(normal.buddy.freeFrames, normal.min);
  assert.is(dma.buddy.freeFrames, dma.min + dma.reserve[2]);
  // The kernel may use what is kept for it, of ZONE_DMA only what devices do not need.
  assert.is(memory.allocFrame(OWNER_KERNEL, GFP_KERNEL) >= 0, dma.reserve[1] < dma.reserve[2]);
  assert.is(zoneIndex(memory.allocFrame(OWNER_KERNEL, GFP_DMA)), 0);
});

test("atomic allocations get half of the minimum, those who free memory everything", () => {
  const { memory } = new Rig({ megabytes: 16 }).manager;
  const [dma] = memory.zones;
  while (memory.allocFrame(OWNER_ANON, GFP_HIGHUSER) >= 0);
  assert.is(dma.buddy.freeFrames, dma.min);
  while (memory.allocFrame(OWNER_KERNEL, GFP_ATOMIC) >= 0);
  assert.is(dma.buddy.freeFrames, dma.min - (dma.min >> 1));
  while (memory.allocFrame(OWNER_KERNEL, GFP_MEMALLOC) >= 0);
  assert.is(dma.buddy.freeFrames, 0);
  assert.is(memory.freeFrames, 0);
});

test("a zeroed frame is zeroed unless nobody ever wrote it", () => {
  const { memory } = new Rig({ megabytes: 16 }).manager;
  const pfn = memory.allocFrame(OWNER_ANON);
  memory.ram.write32(pfn * 4096, 1);
  memory.putFrame(pfn);
  assert.is(memory.frames.flags[pfn] & PG_PRISTINE, 0);
  assert.is(memory.allocFrame(OWNER_ANON, GFP_HIGHUSER | GFP_ZERO), pfn);
  assert.is(memory.ram.read32(pfn * 4096), 0);
});

test.run();
