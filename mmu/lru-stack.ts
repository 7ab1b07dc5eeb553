/**
 * Misses of fully associative LRU TLBs of all sizes at once, from one pass over the lookups (Mattson et al. 1970): a lookup
 * misses in a TLB of N entries exactly if its page lies at depth N or deeper in the LRU stack.
 *
 * An invalidated entry leaves a hole where it was: TLBs that held it now have an empty way, smaller ones never noticed. The
 * next miss fills the topmost hole, so that pages between the top and that hole move down and no others:
 *
 *     a b . c p     p is used again     p a b c .     TLBs of 3 and 4 entries filled their empty way; that of 5 entries hit,
 *                                                     and has the same empty way still
 *
 * Depths are counted by a Fenwick tree over slots in order of last use: O(log n) per lookup.
 */

const VACANT = -2;
const HOLE = -1;
const FIRST_SLOTS = 1024;

export class LruStack {
  /** Lookups by depth; those of pages that are not in the stack are in `cold`. */
  private depths = new Float64Array(64);
  private cold = 0;
  /** By slot: the page, HOLE or VACANT; the top of the stack is the last. */
  private slots = new Int32Array(FIRST_SLOTS).fill(VACANT);
  /** Fenwick tree over the slots that are not vacant, from index 1. */
  private tree = new Int32Array(FIRST_SLOTS + 1);
  private next = 0;
  private occupied = 0;
  private readonly slotOf = new Map<number, number>();
  /** Slots of the holes, a binary heap with the topmost hole first. */
  private holes: number[] = [];

  /** Counts a lookup; the stack stays as it is. */
  look(page: number): void {
    const slot = this.slotOf.get(page);
    if (slot === undefined) {
      this.cold++;
      return;
    }
    const depth = slot === this.next - 1 ? 0 : this.occupied - this.countUpTo(slot);
    if (depth >= this.depths.length) {
      const wider = new Float64Array(depth * 2);
      wider.set(this.depths);
      this.depths = wider;
    }
    this.depths[depth]++;
  }

  /** The page was used, or filled: it comes to the top. */
  use(page: number): void {
    const slot = this.slotOf.get(page);
    if (slot !== undefined && slot === this.next - 1) return;
    const hole = this.holes.length > 0 ? this.holes[0] : -1;
    if (slot !== undefined) {
      if (hole > slot) {
        this.slots[slot] = HOLE;
        this.popHole();
        this.pushHole(slot);
        this.vacate(hole);
      } else {
        this.vacate(slot);
      }
    } else if (hole >= 0) {
      this.popHole();
      this.vacate(hole);
    }
    if (this.next === this.slots.length) this.compact();
    this.place(this.next++, page);
  }

  /** The page is invalidated wherever it is cached. */
  drop(page: number): void {
    const slot = this.slotOf.get(page);
    if (slot === undefined) return;
    this.slotOf.delete(page);
    this.slots[slot] = HOLE;
    this.pushHole(slot);
  }

  /** All pages are invalidated but those to keep. */
  flush(keep: (page: number) => boolean): void {
    for (const page of [...this.slotOf.keys()]) if (!keep(page)) this.drop(page);
  }

  /** Misses of `entries` entries among the lookups counted. */
  misses(entries: number): number {
    let misses = this.cold;
    for (let depth = entries; depth < this.depths.length; depth++) misses += this.depths[depth];
    return misses;
  }

  /** Misses of 1, 2, 3 ... entries, up to `enough`. */
  curve(): number[] {
    let misses = this.cold + this.depths.reduce((sum, count) => sum + count, 0);
    return Array.from(this.depths.subarray(0, this.enough), (count) => {
      misses -= count;
      return misses;
    });
  }

  /** The smallest number of entries with which no more than cold misses happen. */
  get enough(): number {
    let depth = this.depths.length;
    while (depth > 1 && this.depths[depth - 1] === 0) depth--;
    return depth;
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

  /** Closes the vacant slots, in twice the room that is needed. */
  private compact(): void {
    const kept = this.slots.filter((content) => content !== VACANT);
    const size = Math.max(FIRST_SLOTS, kept.length * 2);
    this.slots = new Int32Array(size).fill(VACANT);
    this.tree = new Int32Array(size + 1);
    this.occupied = 0;
    this.holes = [];
    for (const [slot, content] of kept.entries()) {
      this.place(slot, content);
      if (content === HOLE) this.pushHole(slot);
    }
    this.next = kept.length;
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
