/**
 * The paging unit with hot slots: small direct-mapped arrays in front of the TLB, one per privilege and access class,
 * that engines check with one compare and one add. Everything behind them is PlainMmu.
 *
 *      la >>> 12 --+--> slot [ tag | addend ]        tag = page: host offset = la + addend, nothing else to do
 *                  `--> (last byte) compare --no--> translate(): the TLB proper
 *
 * Invariant: page P is in a slot only while an access of that class and privilege to P would hit the first TLB level and
 * change no state. So an entry stands behind slots
 *   - with lru and plru, while it is its set's last-touched entry (touching it again changes neither order nor tree),
 *   - with the other policies, while it is resident (hits change nothing),
 * and, for the write slot, only with D = 1 and a frame that is not guarded (no code, not watched). Permission is settled
 * by the slot's class; CR0.WP changes empty the slots. A 4 MiB entry fills slots one 4 KiB page at a time. Frames outside
 * RAM and pages that an observer has exposed are in no slot.
 *
 * An entry stops qualifying when another of its set is touched, when it is replaced, invalidated or rewritten; PlainMmu
 * then calls forget(), and the slots are emptied before anybody looks.
 */

import * as counter from "./counters.ts";
import type { PagingProfile } from "./geometry.ts";
import type { MachineMemory } from "./memory.ts";
import { MAX_SLOTS, type MmuOptions, PlainMmu, physical } from "./plain.ts";
import { PDE_PS, PTE_D } from "./pte.ts";
import { FRAME_GUARDED, type Ram } from "./ram.ts";
import { LARGE, type TlbArray } from "./tlb.ts";
import { FAULTED } from "./translator.ts";
import { FETCH, READ, WRITE } from "./walk.ts";

const EMPTY_SLOT = -1;
/** Classes come in the order kernel read, write, fetch, user read, write, fetch: USER is the distance to the user's. */
const USER = 3;
const CLASSES = 6;
const LISTED = 4;
/** Bits of TlbArray.backs. */
const READS = 1 << READ;
const WRITES = 1 << WRITE;
const FETCHES = 1 << FETCH;
const MIN_SLOTS = 64;

/** As many slots as entries can qualify, and some more where that leaves fewer collisions. */
function slotsFor(profile: PagingProfile): number {
  const { arrays, read, write, fetch } = profile.tlb;
  let slots = MIN_SLOTS;
  for (const [{ small }] of [read, write, fetch]) {
    const { sets, ways, policy } = arrays[small];
    const qualifying = policy === "lru" || policy === "plru" ? sets : sets * ways * 4;
    while (slots < qualifying && slots < MAX_SLOTS) slots *= 2;
  }
  return slots;
}

export class Mmu extends PlainMmu {
  private readonly mask: number;
  /** Words between the slots of one class and those of the next. */
  private readonly stride: number;
  /** Whether reads and writes look in the same first level. */
  private readonly paired: boolean;
  /** Of the RAM, for slots. */
  private readonly frames: number;
  private readonly frameFlags: Uint8Array;
  private readonly ramBase: number;
  /** Positions of slots that were filled from 4 MiB entries, each once; some have been refilled from others since. */
  private readonly largeSlots: Int32Array;
  private largeSlotCount = 0;
  /** By position / 2: LISTED for the slots in that list, and their access class + 1 while a 4 MiB entry fills them. */
  private readonly listed: Uint8Array;

  /**
   * @param memory see stateBytes() for what it must have left
   * @throws RangeError for a geometry that cannot be built
   */
  constructor(memory: MachineMemory, ram: Ram, profile: PagingProfile, options: MmuOptions = {}) {
    super(memory, ram, profile, options, slotsFor(profile));
    this.mask = this.slotCount - 1;
    this.stride = this.slotCount * 2;
    const [read, write] = [this.levels[READ][0], this.levels[WRITE][0]];
    this.paired = read.small === write.small && read.large === write.large;
    this.frames = ram.frames;
    this.frameFlags = ram.frameFlags;
    this.ramBase = ram.base;
    this.largeSlots = new Int32Array(this.slotCount * CLASSES);
    this.listed = new Uint8Array(this.slotCount * CLASSES);
    ram.onGuard = (pfn) => this.dropWriteSlots(pfn);
  }

  override resident(la: number, access: number, user: number): number {
    if (this.paging === 0) return FAULTED;
    const { small, large } = this.levels[access][0];
    let data = 0;
    const entry = small.find(la >>> 12);
    if (entry >= 0) {
      data = small.data(entry);
    } else if (large !== null && large.large > 0) {
      const piece = large.find(LARGE | (la >>> 22));
      if (piece >= 0) data = large.data(piece);
    }
    const need = this.need[access * 2 + user] | (access === WRITE ? PTE_D : 0);
    if (data === 0 || (data & need) !== need) return FAULTED;
    const pa = physical(la, data);
    const pfn = pa >>> 12;
    if (pfn >= this.ram.frames || (access === WRITE && this.ram.frameFlags[pfn] & FRAME_GUARDED)) return FAULTED;
    if (this.exposed !== null && this.exposed[la >>> 12] !== 0) return FAULTED;
    return pa;
  }

  override unslot(first: number, count: number): void {
    const { slots, stride } = this;
    for (let page = first; page < first + Math.min(count, this.slotCount); page++) {
      const kernel = (page & this.mask) << 1;
      for (let at = kernel; at < kernel + CLASSES * stride; at += stride) {
        if (slots[at] >= first && slots[at] < first + count) slots[at] = EMPTY_SLOT;
      }
    }
    this.fetchDisplaced = 1;
  }

  protected override settled(la: number, access: number, user: number, pa: number, data: number): number {
    const at = this.put(la, access, user, pa);
    if (at < 0) return pa;
    if (data & PDE_PS) this.noteLarge(at, access);
    if (access === READ ? this.writable(user, pa, data) : access === WRITE && this.paired) this.pair(at, access, data);
    return pa;
  }

  protected override identity(la: number, access: number, user: number): number {
    this.counters[counter.SLOW_NO_PAGING]++;
    this.put(la, access, user, la >>> 0);
    return la >>> 0;
  }

  protected override forget(tag: number, array: TlbArray): void {
    const backs = array.backs;
    if (backs === 0) return;
    if (tag & LARGE) {
      this.forgetLarge(tag & (LARGE - 1));
      return;
    }
    const { slots, stride } = this;
    const kernel = (tag & this.mask) << 1;
    const user = kernel + USER * stride;
    if (backs & READS) {
      if (slots[kernel] === tag) slots[kernel] = EMPTY_SLOT;
      if (slots[user] === tag) slots[user] = EMPTY_SLOT;
    }
    if (backs & WRITES) {
      if (slots[kernel + stride] === tag) slots[kernel + stride] = EMPTY_SLOT;
      if (slots[user + stride] === tag) slots[user + stride] = EMPTY_SLOT;
    }
    if (backs & FETCHES) {
      this.emptyFetch(kernel + FETCH * stride, tag);
      this.emptyFetch(user + FETCH * stride, tag);
    }
  }

  protected override forgetAll(): void {
    this.slots.fill(EMPTY_SLOT);
    this.listed.fill(0);
    this.largeSlotCount = 0;
    this.fetchDisplaced = 1;
  }

  /** Fills the slot of `la` and returns its position, or -1 where the frame may be in no slot. */
  private put(la: number, access: number, user: number, pa: number): number {
    const pfn = pa >>> 12;
    if (pfn >= this.frames) {
      this.counters[counter.SLOW_OUTSIDE]++;
      return -1;
    }
    if (access === WRITE && this.frameFlags[pfn] & FRAME_GUARDED) {
      this.counters[counter.SLOW_GUARDED]++;
      return -1;
    }
    const page = la >>> 12;
    if (this.exposed !== null && this.exposed[page] !== 0) return -1;
    const { slots } = this;
    const at = (user * USER + access) * this.stride + ((page & this.mask) << 1);
    slots[at] = page;
    slots[at + 1] = this.addend(page, pfn);
    if (this.largeSlotCount > 0) this.listed[at >> 1] &= LISTED;
    return at;
  }

  /** A page that may be read without a look may often be written so, and the other way round: fills that slot as well. */
  private pair(at: number, access: number, data: number): void {
    const { slots } = this;
    const other = access === READ ? at + this.stride : at - this.stride;
    slots[other] = slots[at];
    slots[other + 1] = slots[at + 1];
    if (data & PDE_PS) this.noteLarge(other, access === READ ? WRITE : READ);
    else if (this.largeSlotCount > 0) this.listed[other >> 1] &= LISTED;
  }

  private writable(user: number, pa: number, data: number): boolean {
    const need = this.need[WRITE * 2 + user] | PTE_D;
    return this.paired && (data & need) === need && (this.frameFlags[pa >>> 12] & FRAME_GUARDED) === 0;
  }

  /** What leads from a linear address in `page` to its host offset, modulo 2^32. */
  private addend(page: number, pfn: number): number {
    return (this.ramBase + ((pfn - page) << 12)) | 0;
  }

  private emptyFetch(at: number, page: number): void {
    if (this.slots[at] !== page) return;
    this.slots[at] = EMPTY_SLOT;
    this.fetchDisplaced = 1;
  }

  private noteLarge(at: number, access: number): void {
    if ((this.listed[at >> 1] & LISTED) === 0) this.largeSlots[this.largeSlotCount++] = at;
    this.listed[at >> 1] = LISTED | (access + 1);
  }

  /** Empties the slots of all pages of one 4 MiB page that a 4 MiB entry fills; the list forgets what no longer belongs. */
  private forgetLarge(number: number): void {
    const { slots, listed } = this;
    let kept = 0;
    for (let i = 0; i < this.largeSlotCount; i++) {
      const at = this.largeSlots[i];
      const filled = listed[at >> 1] !== LISTED;
      if (filled && slots[at] >>> 10 !== number) {
        this.largeSlots[kept++] = at;
        continue;
      }
      if (filled) slots[at] = EMPTY_SLOT;
      if (listed[at >> 1] === (LISTED | (FETCH + 1))) this.fetchDisplaced = 1;
      listed[at >> 1] = 0;
    }
    this.largeSlotCount = kept;
  }

  /** The frame has become guarded: writes to it must come through translate(). */
  private dropWriteSlots(pfn: number): void {
    for (const user of [0, 1]) {
      const base = this.slotBase(user, WRITE);
      for (let at = base; at < base + this.stride; at += 2) {
        const page = this.slots[at];
        if (page !== EMPTY_SLOT && this.slots[at + 1] === this.addend(page, pfn)) this.slots[at] = EMPTY_SLOT;
      }
    }
  }
}
