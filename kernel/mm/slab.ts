/**
 * Slab caches (cf. mm/slab.c; Bonwick 1994): objects of one size in blocks of frames. Of a slab, the object freed last,
 * still constructed, is the next one out.
 *
 *     slab   | colour | object | object | ... | object | rest |     2^order frames of the direct map
 *     object | red zone | payload ..................... | red zone |
 *
 * A cache takes objects from its partial slabs, then from empty ones, then grows by a slab; colours shift the first object of
 * consecutive slabs by an alignment each, so that objects of different slabs fall on different cache lines. The kernel of this
 * machine keeps its data on the host: an object's slot is real guest memory all the same, and red zones, poison and what a
 * constructor writes are real bytes there.
 */

import type { Ram } from "../../mmu/ram.ts";

/** Two words before and behind each object, whose change betrays a write out of bounds. */
export const SLAB_RED_ZONE = 1;
/** Free objects hold a pattern, whose change betrays a write after kfree(). */
export const SLAB_POISON = 2;

/** include/linux/poison.h. */
const POISON_INUSE = 0x5a;
const POISON_FREE = 0x6b;
const POISON_END = 0xa5;
const RED_INACTIVE = 0x9d74e35b | 0;
const RED_ACTIVE = 0x5635688c;
const RED_BYTES = 8;

/** ARCH_KMALLOC_MINALIGN on i386; a cache line of the CPUs modelled, for SLAB_HWCACHE_ALIGN. */
const WORD = 4;
const CACHE_LINE = 32;
/** slab_max_order, and calculate_slab_order()'s acceptable waste: an eighth of the slab. */
const USUAL_ORDERS = 1;
const MAX_SLAB_ORDER = 5;
const WASTE = 8;
const PAGE_BYTES = 4096;

/** Where slabs come from. */
export interface SlabFrames {
  readonly ram: Ram;
  /** 2^order frames of the direct map: the first pfn, or -1. */
  allocSlab(order: number): number;
  freeSlab(pfn: number, order: number): void;
}

export interface SlabOptions {
  /** Alignment of objects, a power of two; "line" is SLAB_HWCACHE_ALIGN. Default: a word. */
  readonly align?: number | "line";
  /** SLAB_RED_ZONE | SLAB_POISON. */
  readonly debug?: number;
  /** Writes the initial contents of an object at a physical address; whoever frees an object leaves it so. */
  readonly construct?: (pa: number) => void;
  /** Hears one line about each object that was written while nobody owned it. Default: throws it. */
  readonly complain?: (line: string) => void;
}

const END = -1;
const IN_USE = -2;

class Slab {
  readonly pfn: number;
  /** Physical address of the first object. */
  readonly start: number;
  /** By object: the next free one, END, or IN_USE (bufctl). */
  readonly links: Int16Array;
  firstFree = 0;
  inUse = 0;

  constructor(pfn: number, colour: number, objects: number) {
    this.pfn = pfn;
    this.start = pfn * PAGE_BYTES + colour;
    this.links = new Int16Array(objects);
    for (let i = 0; i < objects; i++) this.links[i] = i + 1 < objects ? i + 1 : END;
  }
}

export class KmemCache {
  readonly name: string;
  /** Bytes that the user of an object may write. */
  readonly objectSize: number;
  /** From one object to the next. */
  readonly size: number;
  readonly align: number;
  /** A slab is 2^order frames with so many objects. */
  readonly order: number;
  readonly perSlab: number;
  /** Different offsets of the first object. */
  readonly colours: number;
  /** Objects handed out now, at most, and ever; slabs made and given back. */
  active = 0;
  highest = 0;
  allocations = 0;
  grown = 0;
  reaped = 0;

  private readonly frames: SlabFrames;
  private readonly red: number;
  private readonly poison: boolean;
  private readonly construct: ((pa: number) => void) | null;
  private readonly complain: (line: string) => void;
  private readonly full = new Set<Slab>();
  private readonly partial = new Set<Slab>();
  private readonly empty = new Set<Slab>();
  private readonly byFrame = new Map<number, Slab>();
  private nextColour = 0;

  /** kmem_cache_create(). Throws RangeError for an object that fits in no slab. */
  constructor(frames: SlabFrames, name: string, objectSize: number, options: SlabOptions = {}) {
    const { align = WORD, debug = 0, construct = null, complain } = options;
    this.frames = frames;
    this.name = name;
    this.objectSize = objectSize;
    this.align = align === "line" ? lineAlign(objectSize) : Math.max(WORD, align);
    this.red = (debug & SLAB_RED_ZONE) === 0 ? 0 : Math.max(RED_BYTES, this.align);
    this.poison = (debug & SLAB_POISON) !== 0;
    this.construct = construct;
    this.complain =
      complain ??
      ((line) => {
        throw new Error(line);
      });
    this.size = alignUp(this.red + alignUp(objectSize, WORD) + (this.red === 0 ? 0 : RED_BYTES), this.align);
    this.order = slabOrder(this.size);
    const bytes = PAGE_BYTES << this.order;
    this.perSlab = Math.floor(bytes / this.size);
    if (this.perSlab === 0) throw new RangeError(`slab cache ${name}: objects of ${objectSize} bytes fit in no slab`);
    this.colours = Math.floor((bytes - this.perSlab * this.size) / this.align) + 1;
  }

  /** Slabs of all kinds. */
  get slabs(): number {
    return this.full.size + this.partial.size + this.empty.size;
  }

  get activeSlabs(): number {
    return this.full.size + this.partial.size;
  }

  /** Objects in all slabs. */
  get objects(): number {
    return this.slabs * this.perSlab;
  }

  get frameCount(): number {
    return this.slabs << this.order;
  }

  /** An object, constructed: its physical address, or -1 when no frame is left. kmem_cache_alloc(). */
  alloc(): number {
    const slab = firstOf(this.partial) ?? firstOf(this.empty) ?? this.grow();
    if (slab === null) return -1;
    const index = slab.firstFree;
    slab.firstFree = slab.links[index];
    slab.links[index] = IN_USE;
    if (slab.inUse++ === 0) {
      this.empty.delete(slab);
      this.partial.add(slab);
    }
    if (slab.firstFree === END) {
      this.partial.delete(slab);
      this.full.add(slab);
    }
    this.active++;
    this.allocations++;
    if (this.active > this.highest) this.highest = this.active;
    const object = this.addressOf(slab, index);
    if (this.red !== 0 || this.poison) this.checkOut(object);
    return object;
  }

  /** Takes an object back; it must be one of this cache, and in use. kmem_cache_free(). */
  free(object: number): void {
    const slab = this.slabOf(object);
    const index = slab === undefined ? -1 : (object - slab.start - this.red) / this.size;
    if (slab === undefined || !Number.isInteger(index) || index < 0 || index >= this.perSlab) {
      throw new Error(`slab cache ${this.name}: ${hex(object)} is none of its objects`);
    }
    if (slab.links[index] !== IN_USE) throw new Error(`slab cache ${this.name}: ${hex(object)} freed twice`);
    if (this.red !== 0 || this.poison) this.checkIn(object);
    if (slab.firstFree === END) {
      this.full.delete(slab);
      this.partial.add(slab);
    }
    slab.links[index] = slab.firstFree;
    slab.firstFree = index;
    this.active--;
    if (--slab.inUse === 0) {
      this.partial.delete(slab);
      this.empty.add(slab);
    }
  }

  /** Gives the frames of empty slabs back, all but `keep` slabs: how many frames. kmem_cache_shrink(). */
  reap(keep = 0): number {
    let frames = 0;
    for (const slab of this.empty) {
      if (this.empty.size <= keep) break;
      this.release(slab);
      frames += 1 << this.order;
    }
    return frames;
  }

  /** Gives all frames back. Throws, keeping everything, while objects are in use. kmem_cache_destroy(). */
  destroy(): void {
    if (this.active > 0) throw new Error(`slab cache ${this.name}: ${this.active} objects are still in use`);
    this.reap();
  }

  /** The frames of every slab, for the ledger. */
  *frameNumbers(): IterableIterator<number> {
    yield* this.byFrame.keys();
  }

  /** Is the physical address that of an object in use? */
  isActive(object: number): boolean {
    const slab = this.slabOf(object);
    return slab !== undefined && slab.links[(object - slab.start - this.red) / this.size] === IN_USE;
  }

  private slabOf(pa: number): Slab | undefined {
    return this.byFrame.get(Math.floor(pa / PAGE_BYTES));
  }

  private addressOf(slab: Slab, index: number): number {
    return slab.start + index * this.size + this.red;
  }

  /** cache_grow(). */
  private grow(): Slab | null {
    const pfn = this.frames.allocSlab(this.order);
    if (pfn < 0) return null;
    const slab = new Slab(pfn, this.nextColour * this.align, this.perSlab);
    this.nextColour = (this.nextColour + 1) % this.colours;
    for (let i = 0; i < 1 << this.order; i++) this.byFrame.set(pfn + i, slab);
    for (let i = 0; i < this.perSlab; i++) {
      const object = this.addressOf(slab, i);
      if (this.poison) this.fillPoison(object);
      else this.construct?.(object);
      this.writeRed(object, RED_INACTIVE);
    }
    this.empty.add(slab);
    this.grown++;
    return slab;
  }

  private release(slab: Slab): void {
    for (let i = 0; (this.red !== 0 || this.poison) && i < this.perSlab; i++) this.checkFree(this.addressOf(slab, i));
    this.empty.delete(slab);
    for (let i = 0; i < 1 << this.order; i++) this.byFrame.delete(slab.pfn + i);
    this.frames.freeSlab(slab.pfn, this.order);
    this.reaped++;
  }

  /** cache_alloc_debugcheck_after(). */
  private checkOut(object: number): void {
    this.checkFree(object);
    if (this.poison) {
      this.frames.ram.fill(object, this.objectSize, POISON_INUSE);
      this.construct?.(object);
    }
    this.writeRed(object, RED_ACTIVE);
  }

  /** cache_free_debugcheck(). */
  private checkIn(object: number): void {
    this.checkRed(object, RED_ACTIVE, "out of bounds");
    this.writeRed(object, RED_INACTIVE);
    if (this.poison) this.fillPoison(object);
  }

  private checkFree(object: number): void {
    this.checkRed(object, RED_INACTIVE, "after it was freed");
    if (!this.poison) return;
    const { ram } = this.frames;
    const last = this.objectSize - 1;
    for (let i = 0; i <= last; i++) {
      if (ram.read8(object + i) === (i === last ? POISON_END : POISON_FREE)) continue;
      this.complain(`slab cache ${this.name}: object ${hex(object)} was written at +${i} after it was freed`);
      this.fillPoison(object);
      return;
    }
  }

  private fillPoison(object: number): void {
    const { ram } = this.frames;
    ram.fill(object, this.objectSize - 1, POISON_FREE);
    ram.write8(object + this.objectSize - 1, POISON_END);
  }

  private writeRed(object: number, word: number): void {
    if (this.red === 0) return;
    const { ram } = this.frames;
    const behind = object + alignUp(this.objectSize, WORD);
    for (const pa of [object - 8, object - 4, behind, behind + 4]) ram.write32(pa, word);
  }

  private checkRed(object: number, word: number, when: string): void {
    if (this.red === 0) return;
    const { ram } = this.frames;
    const behind = object + alignUp(this.objectSize, WORD);
    for (const pa of [object - 8, object - 4, behind, behind + 4]) {
      if (ram.read32(pa) === word) continue;
      this.complain(`slab cache ${this.name}: red zone of object ${hex(object)} was written ${when}`);
      return;
    }
  }
}

/** SLAB_HWCACHE_ALIGN: a line, or the part of one that an object needs. */
function lineAlign(objectSize: number): number {
  let align = CACHE_LINE;
  while (align > WORD && objectSize <= align / 2) align /= 2;
  return align;
}

/** The smallest order that wastes little, higher ones than usual only for objects that need them (calculate_slab_order()). */
function slabOrder(size: number): number {
  let order = 0;
  while (order < MAX_SLAB_ORDER) {
    const bytes = PAGE_BYTES << order;
    const objects = Math.floor(bytes / size);
    if (objects > 0 && (order >= USUAL_ORDERS || (bytes - objects * size) * WASTE <= bytes)) break;
    order++;
  }
  return order;
}

function alignUp(bytes: number, align: number): number {
  return Math.ceil(bytes / align) * align;
}

function firstOf(slabs: ReadonlySet<Slab>): Slab | null {
  for (const slab of slabs) return slab;
  return null;
}

const hex = (pa: number): string => `0x${pa.toString(16)}`;
