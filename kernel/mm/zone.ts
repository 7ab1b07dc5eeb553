/**
 * Zones: frames that are good for the same things, with how many of them must stay free (struct zone, mm/page_alloc.c).
 *
 *     frame 0        16 MiB                                896 MiB                    end of RAM
 *       |    DMA      |              Normal                  |         HighMem          |
 *       `------------- direct map at 0xc0000000 -------------'   mapped by kmap() only
 *
 * An allocation takes from the highest zone that will do and falls back to lower ones, which keep `reserve` frames more for
 * those who cannot go anywhere else. Below `low` reclaim should begin, below `min` only who frees memory gets any.
 */

import { BuddyAllocator } from "./buddy.ts";
import type { FrameTable } from "./frames.ts";

export const ZONE_DMA = 0;
export const ZONE_NORMAL = 1;
export const ZONE_HIGHMEM = 2;
const ZONES = 3;
const names = ["DMA", "Normal", "HighMem"];

/** First frame behind ZONE_DMA: 16 MiB, what ISA devices can address. */
const DMA_END = 0x1000;
/** First frame behind the direct map: 896 MiB. */
export const LOWMEM_FRAMES = 0x38000;

/** sysctl_lowmem_reserve_ratio. */
const reserveRatio = [256, 32, 0];
/** Watermarks are `watermark_scale_factor` ten-thousandths of the zone apart. */
const WATERMARK_SCALE = 10;
/** Bounds of min_free_kbytes, and of the minimum of high memory, in frames. */
const MIN_FREE_KBYTES = [128, 262144];
const HIGH_MINIMUM = [32, 128];

export class Zone {
  readonly type: number;
  readonly name: string;
  readonly buddy: BuddyAllocator;
  /** Frames that were ever given to the allocator. */
  readonly managed: number;
  /** Watermarks, free frames. */
  min = 0;
  low = 0;
  high = 0;
  /** By the highest zone that an allocation may use: frames that it must leave here besides (lowmem_reserve). */
  readonly reserve = new Int32Array(ZONES);

  /** Takes frames first..end-1, the first `reserved` of which never become free. */
  constructor(type: number, frames: FrameTable, first: number, end: number, reserved: number) {
    this.type = type;
    this.name = names[type];
    this.buddy = new BuddyAllocator(this.name, frames, first, end);
    this.buddy.give(first + reserved, end);
    this.managed = end - first - reserved;
  }

  /** May an allocation of 2^order frames be served, and leave `mark` free (zone_watermark_ok())? */
  leaves(mark: number, order: number, highest: number): boolean {
    return this.buddy.freeFrames - (1 << order) >= mark + this.reserve[highest];
  }
}

/** zoneOf() of a frame: the index in what makeZones() returns. */
export function zoneIndex(pfn: number): number {
  if (pfn < DMA_END) return ZONE_DMA;
  return pfn < LOWMEM_FRAMES ? ZONE_NORMAL : ZONE_HIGHMEM;
}

/** The zones that a machine has, lowest first; its first `reserved` frames, which all lie in the first, stay taken. */
export function makeZones(frames: FrameTable, reserved: number): Zone[] {
  const zones: Zone[] = [];
  const ends = [DMA_END, LOWMEM_FRAMES, frames.total];
  let first = 0;
  for (const [type, limit] of ends.entries()) {
    const end = Math.min(limit, frames.total);
    if (first < end) zones.push(new Zone(type, frames, first, end, type === ZONE_DMA ? reserved : 0));
    first = Math.max(first, end);
  }
  const lowmem = zones.reduce((sum, zone) => sum + (zone.type === ZONE_HIGHMEM ? 0 : zone.managed), 0);
  setWatermarks(zones, clamp(Math.floor(Math.sqrt(lowmem * 4 * 16)), MIN_FREE_KBYTES));
  setReserves(zones);
  return zones;
}

/** __setup_per_zone_wmarks(), for vm.min_free_kbytes. */
export function setWatermarks(zones: readonly Zone[], minFreeKbytes: number): void {
  const lowmem = zones.reduce((sum, zone) => sum + (zone.type === ZONE_HIGHMEM ? 0 : zone.managed), 0);
  for (const zone of zones) {
    const share = Math.floor((Math.floor(minFreeKbytes / 4) * zone.managed) / lowmem);
    zone.min = zone.type === ZONE_HIGHMEM ? clamp(Math.floor(zone.managed / 1024), HIGH_MINIMUM) : share;
    const step = Math.max(share >> 2, Math.floor((zone.managed * WATERMARK_SCALE) / 10000));
    zone.low = zone.min + step;
    zone.high = zone.low + step;
  }
}

/** setup_per_zone_lowmem_reserve(). */
function setReserves(zones: readonly Zone[]): void {
  for (const zone of zones) {
    let above = 0;
    for (let type = zone.type + 1; type < ZONES; type++) {
      above += zones.find((other) => other.type === type)?.managed ?? 0;
      const ratio = reserveRatio[zone.type];
      zone.reserve[type] = ratio === 0 ? 0 : Math.floor(above / ratio);
    }
  }
}

function clamp(value: number, [least, most]: readonly number[]): number {
  return Math.min(most, Math.max(least, value));
}
