/**
 * High memory: frames above the direct map, which the kernel maps while it works on them (cf. mm/highmem.c).
 *
 *     kmap()        a page of PKMAP, kept until the last kunmap(), found again by the next kmap(); addresses are used once
 *                   around before unused ones are flushed, all together, and used again
 *     kmapLocal()   a slot of FIXMAP, released in reverse order, flushed each time
 *
 * For both, a frame of low memory is where the direct map has it. The kernel of this machine moves bytes on the host: what
 * high memory costs it are the mappings and their flushes, which are real.
 */

import { FIXADDR_TOP, type KernelSpace, PKMAP_BASE, PKMAP_PAGES } from "./kernel-space.ts";
import { PAGE_SIZE, type PhysicalMemory } from "./physical-memory.ts";
import { LOWMEM_FRAMES } from "./zone.ts";

/** KM_MAX_IDX. */
const LOCAL_SLOTS = 16;
/** __fix_to_virt(FIX_KMAP_END). */
const LOCAL_BASE = FIXADDR_TOP - LOCAL_SLOTS * PAGE_SIZE;

export class HighMemory {
  /** PKMAP flushes, kmap() and kmapLocal() calls for high frames. */
  flushes = 0;
  kmaps = 0;
  localKmaps = 0;
  private readonly memory: PhysicalMemory;
  private readonly space: KernelSpace;
  /** By page of PKMAP: 0 unused, 1 mapped but unused since, n + 1 with n users (pkmap_count). */
  private readonly counts = new Int32Array(PKMAP_PAGES);
  /** Frame -> page of PKMAP (page_address_htable). */
  private readonly pages = new Map<number, number>();
  private last = 0;
  private locals = 0;

  constructor(memory: PhysicalMemory, space: KernelSpace) {
    this.memory = memory;
    this.space = space;
  }

  /** A linear address for the frame until kunmap(); -1 when all of PKMAP is in use. */
  kmap(pfn: number): number {
    if (pfn < LOWMEM_FRAMES) return this.memory.kernelAddress(pfn);
    this.kmaps++;
    const page = this.pages.get(pfn) ?? this.mapNew(pfn);
    if (page < 0) return -1;
    this.counts[page]++;
    return PKMAP_BASE + page * PAGE_SIZE;
  }

  kunmap(pfn: number): void {
    if (pfn < LOWMEM_FRAMES) return;
    const page = this.pages.get(pfn);
    if (page === undefined || this.counts[page] < 2) throw new Error(`frame ${pfn} is not kmapped`);
    this.counts[page]--;
  }

  /** kmap_local_page(): an address until kunmapLocal(), last in, first out. */
  kmapLocal(pfn: number): number {
    if (pfn < LOWMEM_FRAMES) return this.memory.kernelAddress(pfn);
    if (this.locals === LOCAL_SLOTS) throw new Error("kmapLocal() nested too deeply");
    this.localKmaps++;
    const address = LOCAL_BASE + this.locals++ * PAGE_SIZE;
    this.space.map(address, pfn);
    return address;
  }

  kunmapLocal(address: number): void {
    if (address < LOCAL_BASE) return;
    if (address !== LOCAL_BASE + (this.locals - 1) * PAGE_SIZE) throw new Error("kunmapLocal() out of order");
    this.locals--;
    this.space.unmap(address);
    this.memory.flushKernel(address, address + PAGE_SIZE);
  }

  /** clear_highpage(). */
  clear(pfn: number): void {
    const address = this.kmapLocal(pfn);
    this.memory.ram.zeroFrame(pfn);
    this.kunmapLocal(address);
  }

  /** copy_highpage(). */
  copy(to: number, from: number): void {
    const source = this.kmapLocal(from);
    const destination = this.kmapLocal(to);
    this.memory.ram.copyFrame(to, from);
    this.kunmapLocal(destination);
    this.kunmapLocal(source);
  }

  /** memcpy_from_page(): bytes offset..offset+length-1 of the frame to buffer[at ...]. */
  load(pfn: number, offset: number, buffer: Uint8Array, at: number, length: number): void {
    const address = this.kmapLocal(pfn);
    this.memory.ram.load(pfn * PAGE_SIZE + offset, buffer, at, length);
    this.kunmapLocal(address);
  }

  /** memcpy_to_page(). */
  store(pfn: number, offset: number, buffer: Uint8Array, at: number, length: number): void {
    const address = this.kmapLocal(pfn);
    this.memory.ram.store(pfn * PAGE_SIZE + offset, buffer, at, length);
    this.kunmapLocal(address);
  }

  /** memzero_page(). */
  zero(pfn: number, offset: number, length: number): void {
    const address = this.kmapLocal(pfn);
    this.memory.ram.fill(pfn * PAGE_SIZE + offset, length, 0);
    this.kunmapLocal(address);
  }

  /** Frames that PKMAP maps, used or not. */
  get mapped(): number {
    return this.pages.size;
  }

  /** map_new_virtual(): the next unused page; each time around the unused ones are given up first. */
  private mapNew(pfn: number): number {
    for (let left = PKMAP_PAGES; left > 0; left--) {
      this.last = (this.last + 1) % PKMAP_PAGES;
      if (this.last === 0) {
        this.flushUnused();
        left = PKMAP_PAGES;
      }
      if (this.counts[this.last] !== 0) continue;
      this.counts[this.last] = 1;
      this.pages.set(pfn, this.last);
      this.space.map(PKMAP_BASE + this.last * PAGE_SIZE, pfn);
      return this.last;
    }
    return -1;
  }

  /** flush_all_zero_pkmaps(). */
  private flushUnused(): void {
    for (const [pfn, page] of this.pages) {
      if (this.counts[page] !== 1) continue;
      this.counts[page] = 0;
      this.pages.delete(pfn);
      this.space.unmap(PKMAP_BASE + page * PAGE_SIZE);
    }
    this.flushes++;
    this.memory.flushKernel(PKMAP_BASE, PKMAP_BASE + PKMAP_PAGES * PAGE_SIZE);
  }
}
