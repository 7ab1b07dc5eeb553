/** What an allocation of frames may use and do (include/linux/gfp_types.h). */

import { ZONE_DMA, ZONE_HIGHMEM, ZONE_NORMAL } from "./zone.ts";

/** __GFP_DMA, __GFP_HIGHMEM: the highest zone that will do; without either, ZONE_NORMAL. */
export const GFP_ZONE_DMA = 0x01;
export const GFP_ZONE_HIGHMEM = 0x02;
/** __GFP_HIGH: may take half of what the minimum watermark keeps back. */
export const GFP_HIGH = 0x20;
/** __GFP_ZERO. */
export const GFP_ZERO = 0x100;
/** __GFP_DIRECT_RECLAIM: may wait while others give memory up. */
export const GFP_DIRECT_RECLAIM = 0x400;
/** __GFP_MEMALLOC: no watermark counts; for those who free memory. */
export const GFP_MEMALLOC = 0x20000;

export const GFP_ATOMIC = GFP_HIGH;
export const GFP_KERNEL = GFP_DIRECT_RECLAIM;
export const GFP_USER = GFP_KERNEL;
export const GFP_HIGHUSER = GFP_USER | GFP_ZONE_HIGHMEM;
export const GFP_DMA = GFP_ZONE_DMA | GFP_KERNEL;

/** gfp_zone(): the highest zone that the allocation may use. */
export function gfpZone(gfp: number): number {
  if ((gfp & GFP_ZONE_DMA) !== 0) return ZONE_DMA;
  return (gfp & GFP_ZONE_HIGHMEM) !== 0 ? ZONE_HIGHMEM : ZONE_NORMAL;
}
