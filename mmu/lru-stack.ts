/**
 * Where the pages of LRU TLBs of all sizes are, in one stack (Mattson et al. 1970): a lookup misses in a TLB of N entries
 * exactly if its page lies at depth N or deeper. One stack describes a fully associative TLB, or one set of another.
 *
 * An invalidated entry leaves a hole where it was: TLBs that held it have an empty way, smaller ones never noticed. The
 * next miss fills the topmost hole, so that pages between the top and that hole move down and no others:
 *
 *     a b . c p     p is used again     p a b c .     TLBs of 3 and 4 entries filled their empty way; that of 5 entries hit,
 *                                                     and has the same empty way still
 *
 * The stack is an array of slots in order of last use, some of them vacant. A page near the top is brought there by
 * shifting those above it; of others a Fenwick tree over the slots counts the depth: O(log n). Hot: nothing is allocated
 * but wider arrays.
 */

import type { PageMap } from "./page-map.ts";

const VACANT = -2;
const HOLE = -1;
const FIRST_SLOTS = 16;
/** So many pages are shifted rather than renumbered. */
const NEAR = 16;

export class LruStack {
  /** Its pages' slots; pages of other stacks may be in the same map. */
  private readonly slotOf: PageMap;
  /** By slot: the page, HOLE or VACANT. The top of the stack is slot `next - 1`; a page or a hole is in it. */
  private slots = new Int32Array(FIRST_SLOTS).fill(VACANT);
  /** Fenwick tree over the slots that are not vacant, from index 1. */
  private tree = new Int32Array(FIRST_SLOTS + 1);
  private next = 0;
  /** Slots that are not vacant. */
  private occupied = 0;
  /** From this slot to the top none is vacant. */
  private solid = 0;
  /** Slots of the holes, a binary heap with the topmost hole first. */
  private holes: number[] = [];

  constructor(slotOf: PageMap) {
    this.slotOf = slotOf;
  }

  /** The page's depth, 0 at the top; -1 if it is not in the stack. */
  depth(page: number): number {
    const slot = this.slotOf.get(page);
    return slot < 0 ? -1 : this.depthOf(slot);
  }

  /** The page was used, or filled: it comes to the top. Returns the depth at which it was. */
  use(page: number): number {
    const { slotOf, slots } = this;
    const slot = slotOf.get(page);
    const top = this.next - 1;
    if (slot === top && slot >= 0) return 0;
    const hole = this.holes.length > 0 ? this.holes[0] : -1;
    if (slot >= this.solid && top - slot < NEAR && hole < slot) {
      for (let i = slot; i < top; i++) {
        const above = slots[i + 1];
        slots[i] = above;
        slotOf.set(above, i);
      }
      slots[top] = page;
      slotOf.set(page, top);
      return top - slot;
    }
    const depth = slot < 0 ? -1 : this.depthOf(slot);
    if (hole > slot) {
      this.popHole();
      if (slot >= 0) {
        slots[slot] = HOLE;
        this.pushHole(slot);
      }
      this.vacate(hole);
    } else if (slot >= 0) {
      this.vacate(slot);
    }
    if (this.next === this.slots.length) this.rebuild();
    this.place(this.next++, page);
    return depth;
  }

  /** The page is invalidated wherever it is cached. */
  drop(page: number): void {
    const slot = this.slotOf.get(page);
    if (slot < 0) return;
    this.slotOf.set(page, -1);
    this.slots[slot] = HOLE;
    this.pushHole(slot);
  }

  /** All pages are invalidated but those to keep. */
  flush(keep: (page: number) => boolean): void {
    if (this.next === 0) return;
    for (let slot = 0; slot < this.next; slot++) {
      const page = this.slots[slot];
      if (page < 0 || keep(page)) continue;
      this.slotOf.set(page, -1);
      this.slots[slot] = HOLE;
    }
    this.rebuild();
  }

  private depthOf(slot: number): number {
    return slot >= this.solid ? this.next - 1 - slot : this.occupied - this.countUpTo(slot);
  }

  private place(slot: number, content: number): void {
    this.slots[slot] = content;
    this.occupied++;
    this.add(slot, 1);
    if (content >= 0) this.slotOf.set(content, slot);
  }

  private vacate(slot: number): void {
    this.slots[slot] = VACANT;
    this.occupied--;
    this.add(slot, -1);
    if (slot === this.next - 1) this.next--;
    else if (slot >= this.solid) this.solid = slot + 1;
  }

  /** Slots that are not vacant, from the bottom up to this one. */
  private countUpTo(slot: number): number {
    let sum = 0;
    for (let i = slot + 1; i > 0; i &= i - 1) sum += this.tree[i];
    return sum;
  }

  private add(slot: number, by: number): void {
    for (let i = slot + 1; i < this.tree.length; i += i & -i) this.tree[i] += by;
  }

  /** Closes the vacant slots, in twice the room that is needed. Holes below all pages say nothing, and go. */
  private rebuild(): void {
    const { slots, next } = this;
    let kept = 0;
    for (let slot = 0; slot < next; slot++) {
      const content = slots[slot];
      if (content >= 0 || (content === HOLE && kept > 0)) slots[kept++] = content;
    }
    let size = FIRST_SLOTS;
    while (size < kept * 2) size *= 2;
    if (size === slots.length) {
      slots.fill(VACANT, kept, next);
      this.tree.fill(0);
    } else {
      this.slots = new Int32Array(size).fill(VACANT);
      this.slots.set(slots.subarray(0, kept));
      this.tree = new Int32Array(size + 1);
    }
    this.next = kept;
    this.occupied = 0;
    this.solid = 0;
    this.holes = [];
    for (let slot = 0; slot < kept; slot++) {
      this.place(slot, this.slots[slot]);
      if (this.slots[slot] === HOLE) this.pushHole(slot);
    }
  }

  private pushHole(slot: number): void {
    const { holes } = this;
    let at = holes.push(slot) - 1;
    while (at > 0 && holes[(at - 1) >> 1] < slot) {
      holes[at] = holes[(at - 1) >> 1];
      at = (at - 1) >> 1;
    }
    holes[at] = slot;
  }

  private popHole(): void {
    const { holes } = this;
    const last = holes.pop();
    if (last === undefined || holes.length === 0) return;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= holes.length) break;
      if (child + 1 < holes.length && holes[child + 1] > holes[child]) child++;
      if (holes[child] <= last) break;
      holes[at] = holes[child];
      at = child;
    }
    holes[at] = last;
  }
}
