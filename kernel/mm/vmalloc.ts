/**
 * Kernel memory that is contiguous in linear addresses only (cf. mm/vmalloc.c): areas between VMALLOC_START and VMALLOC_END,
 * each followed by a page that is never mapped. ioremap() areas map what is no RAM in the same way.
 */

import { OWNER_VMALLOC } from "./frames.ts";
import { GFP_HIGHUSER, GFP_ZERO } from "./gfp.ts";
import { type KernelSpace, VMALLOC_END } from "./kernel-space.ts";
import { PAGE_SIZE, type PhysicalMemory } from "./physical-memory.ts";

/** struct vm_struct. */
export interface VmallocArea {
  /** First address. */
  readonly address: number;
  /** Pages mapped; the guard page comes on top. */
  readonly pages: number;
  readonly kind: "vmalloc" | "ioremap";
}

export class Vmalloc {
  /** By address. */
  private areas: VmallocArea[] = [];
  private readonly memory: PhysicalMemory;
  private readonly space: KernelSpace;

  constructor(memory: PhysicalMemory, space: KernelSpace) {
    this.memory = memory;
    this.space = space;
  }

  /** All areas, lowest first (/proc/vmallocinfo). */
  get list(): readonly VmallocArea[] {
    return this.areas;
  }

  /** Pages of RAM in vmalloc areas. */
  get pages(): number {
    return this.areas.reduce((sum, { kind, pages }) => sum + (kind === "vmalloc" ? pages : 0), 0);
  }

  /** vzalloc(): `bytes` zeroed bytes: their linear address, or -1 without memory or addresses. */
  allocate(bytes: number): number {
    const pages = Math.ceil(bytes / PAGE_SIZE);
    const address = this.reserve(pages, "vmalloc");
    if (address < 0) return -1;
    for (let i = 0; i < pages; i++) {
      const pfn = this.memory.allocFrame(OWNER_VMALLOC, GFP_HIGHUSER | GFP_ZERO);
      if (pfn >= 0 && this.space.map(address + i * PAGE_SIZE, pfn) === 0) continue;
      if (pfn >= 0) this.memory.putFrame(pfn);
      this.free(address);
      return -1;
    }
    return address;
  }

  /** Maps `bytes` bytes of the bus from physical address `pa` on, page by page: the linear address of `pa`, or -1. */
  ioremap(pa: number, bytes: number): number {
    const offset = pa % PAGE_SIZE;
    const pages = Math.ceil((offset + bytes) / PAGE_SIZE);
    const address = this.reserve(pages, "ioremap");
    if (address < 0) return -1;
    for (let i = 0; i < pages; i++) {
      if (this.space.map(address + i * PAGE_SIZE, Math.floor(pa / PAGE_SIZE) + i) === 0) continue;
      this.free(address);
      return -1;
    }
    return address + offset;
  }

  /** vfree(), iounmap(): the area that begins in the page of `address`. */
  free(address: number): void {
    const start = address - (address % PAGE_SIZE);
    const index = this.areas.findIndex((area) => area.address === start);
    if (index < 0) throw new Error(`no vmalloc area begins at 0x${start.toString(16)}`);
    const [{ pages, kind }] = this.areas.splice(index, 1);
    for (let i = 0; i < pages; i++) {
      const pfn = this.space.unmap(start + i * PAGE_SIZE);
      if (pfn >= 0 && kind === "vmalloc") this.memory.putFrame(pfn);
    }
    this.memory.flushKernel(start, start + pages * PAGE_SIZE);
  }

  /** The frame behind an address of an area: vmalloc_to_page(). */
  frameOf(address: number): number {
    return this.space.read(address) >>> 12;
  }

  /** __get_vm_area_node(): the lowest gap that also has room for the guard page. */
  private reserve(pages: number, kind: VmallocArea["kind"]): number {
    if (pages === 0) return -1;
    const bytes = (pages + 1) * PAGE_SIZE;
    let address = this.space.vmallocStart;
    let index = 0;
    for (; index < this.areas.length; index++) {
      const next = this.areas[index];
      if (address + bytes <= next.address) break;
      address = next.address + (next.pages + 1) * PAGE_SIZE;
    }
    if (address + bytes > VMALLOC_END) return -1;
    this.areas.splice(index, 0, { address, pages, kind });
    return address;
  }
}
