/**
 * Ordered, non-overlapping address ranges: a list in address order and a height-balanced (AVL) tree over the same nodes,
 * each node knowing the largest free gap in its subtree, so that lookups and the search for free space cost O(log n).
 * cf. include/linux/rbtree_augmented.h, vma_compute_subtree_gap() before Linux 6.1.
 *
 *                 [C]               list:  A <-> B <-> C <-> D <-> E
 *                /   \              gap of a node = its guardedStart - end of the node before it
 *             [B]     [D]           maxGap = largest gap in the subtree
 *             /         \
 *           [A]         [E]
 */

/** A node; the links belong to the tree. start < end, both multiples of the page size. */
export interface RangeNode<N> {
  start: number;
  end: number;
  /** Where the free space below the node ends: `start`, or lower if the node wants a guard gap. */
  readonly guardedStart: number;
  prev: N | null;
  next: N | null;
  left: N | null;
  right: N | null;
  height: number;
  maxGap: number;
}

export class VmaTree<N extends RangeNode<N>> {
  first: N | null = null;
  last: N | null = null;
  count = 0;
  /** How often nodes came, went or moved: as long as it stays, so does what find() says. */
  changes = 0;
  private root: N | null = null;

  /** The first node that ends above `address`: the one that contains it, or the next one (find_vma()). */
  find(address: number): N | null {
    let best: N | null = null;
    let node = this.root;
    while (node !== null) {
      if (address < node.end) {
        best = node;
        if (node.start <= address) break;
        node = node.left;
      } else {
        node = node.right;
      }
    }
    return best;
  }

  /** The last node that ends at or below `address`, or contains it not at all: the one before find() (find_vma_prev()). */
  findPrev(address: number): N | null {
    const found = this.find(address);
    return found === null ? this.last : found.prev;
  }

  /** The first node that overlaps start..end-1 (find_vma_intersection()). */
  findIntersection(start: number, end: number): N | null {
    const found = this.find(start);
    return found !== null && found.start < end ? found : null;
  }

  /** Adds a node that overlaps none. */
  insert(node: N): void {
    const next = this.find(node.start);
    const prev = next === null ? this.last : next.prev;
    if ((next !== null && next.start < node.end) || (prev !== null && prev.end > node.start)) {
      throw new Error(`range ${node.start.toString(16)}-${node.end.toString(16)} is taken`);
    }
    node.prev = prev;
    node.next = next;
    if (prev === null) this.first = node;
    else prev.next = node;
    if (next === null) this.last = node;
    else next.prev = node;
    node.left = null;
    node.right = null;
    this.root = insertBelow(this.root, node);
    this.count++;
    this.changes++;
    if (next !== null) this.refresh(next);
  }

  remove(node: N): void {
    const { prev, next } = node;
    this.root = removeBelow(this.root, node);
    if (prev === null) this.first = next;
    else prev.next = next;
    if (next === null) this.last = prev;
    else next.prev = prev;
    this.count--;
    this.changes++;
    if (next !== null) this.refresh(next);
  }

  /** Forgets all nodes; their links stay as they are. */
  clear(): void {
    this.first = null;
    this.last = null;
    this.root = null;
    this.count = 0;
    this.changes++;
  }

  /** Moves the ends of a node without crossing its neighbours. */
  resize(node: N, start: number, end: number): void {
    node.start = start;
    node.end = end;
    this.changes++;
    this.refresh(node);
    if (node.next !== null) this.refresh(node.next);
  }

  /** The gaps before this node have changed for a reason that only its owner knows (guardedStart). */
  refresh(node: N): void {
    if (this.root !== null) refreshBelow(this.root, node);
  }

  /** The highest address at which `length` bytes are free in low..high-1, or -1. */
  highestGap(length: number, low: number, high: number): number {
    const tail = Math.max(low, this.last === null ? 0 : this.last.end);
    if (high >= tail && high - tail >= length) return high - length;
    return highestBelow(this.root, length, low, high);
  }

  /** The lowest address at which `length` bytes are free in low..high-1, or -1. */
  lowestGap(length: number, low: number, high: number): number {
    const found = lowestBelow(this.root, length, low, high);
    if (found >= 0) return found;
    const tail = Math.max(low, this.last === null ? 0 : this.last.end);
    return tail + length <= high ? tail : -1;
  }

  /** All nodes in address order. */
  *[Symbol.iterator](): IterableIterator<N> {
    for (let node = this.first; node !== null; node = node.next) yield node;
  }

  /** Checks order, list, balance and gaps; throws on the first that is wrong. For tests. */
  verify(): void {
    let count = 0;
    let before: N | null = null;
    for (let node = this.first; node !== null; node = node.next) {
      if (node.prev !== before) throw new Error("list is not doubly linked");
      if (node.start >= node.end) throw new Error("empty range");
      if (before !== null && before.end > node.start) throw new Error("ranges overlap");
      before = node;
      count++;
    }
    if (before !== this.last || count !== this.count) throw new Error("list and count differ");
    const inTree = verifyBelow(this.root);
    if (inTree !== count) throw new Error(`tree has ${inTree} nodes, list ${count}`);
  }
}

function gapBefore<N extends RangeNode<N>>(node: N): number {
  return Math.max(0, node.guardedStart - (node.prev === null ? 0 : node.prev.end));
}

function update<N extends RangeNode<N>>(node: N): void {
  const { left, right } = node;
  const leftHeight = left === null ? 0 : left.height;
  const rightHeight = right === null ? 0 : right.height;
  node.height = (leftHeight > rightHeight ? leftHeight : rightHeight) + 1;
  let gap = gapBefore(node);
  if (left !== null && left.maxGap > gap) gap = left.maxGap;
  if (right !== null && right.maxGap > gap) gap = right.maxGap;
  node.maxGap = gap;
}

function tilt<N extends RangeNode<N>>(node: N): number {
  return (node.left === null ? 0 : node.left.height) - (node.right === null ? 0 : node.right.height);
}

function rotateRight<N extends RangeNode<N>>(node: N): N {
  const top = node.left as N;
  node.left = top.right;
  top.right = node;
  update(node);
  update(top);
  return top;
}

function rotateLeft<N extends RangeNode<N>>(node: N): N {
  const top = node.right as N;
  node.right = top.left;
  top.left = node;
  update(node);
  update(top);
  return top;
}

/** Restores the AVL invariant of a node whose subtrees are right; returns the subtree's new top. */
function balance<N extends RangeNode<N>>(node: N): N {
  update(node);
  const lean = tilt(node);
  if (lean > 1) {
    const left = node.left as N;
    if (tilt(left) < 0) node.left = rotateLeft(left);
    return rotateRight(node);
  }
  if (lean < -1) {
    const right = node.right as N;
    if (tilt(right) > 0) node.right = rotateRight(right);
    return rotateLeft(node);
  }
  return node;
}

function insertBelow<N extends RangeNode<N>>(top: N | null, node: N): N {
  if (top === null) {
    update(node);
    return node;
  }
  if (node.start < top.start) top.left = insertBelow(top.left, node);
  else top.right = insertBelow(top.right, node);
  return balance(top);
}

function removeBelow<N extends RangeNode<N>>(top: N | null, node: N): N | null {
  if (top === null) throw new Error("range is not in the tree");
  if (top === node) {
    if (node.left === null) return node.right;
    if (node.right === null) return node.left;
    // The next node in order has no left child: it takes this one's place.
    const heir = node.next as N;
    heir.right = removeBelow(node.right, heir);
    heir.left = node.left;
    return balance(heir);
  }
  if (node.start < top.start) top.left = removeBelow(top.left, node);
  else top.right = removeBelow(top.right, node);
  return balance(top);
}

function refreshBelow<N extends RangeNode<N>>(top: N, node: N): void {
  if (top !== node) {
    const child = node.start < top.start ? top.left : top.right;
    if (child === null) throw new Error("range is not in the tree");
    refreshBelow(child, node);
  }
  update(top);
}

function highestBelow<N extends RangeNode<N>>(node: N | null, length: number, low: number, high: number): number {
  if (node === null || node.maxGap < length) return -1;
  if (node.end + length <= high) {
    const right = highestBelow(node.right, length, low, high);
    if (right >= 0) return right;
  }
  const gapStart = Math.max(low, node.prev === null ? 0 : node.prev.end);
  const gapEnd = Math.min(high, node.guardedStart);
  if (gapEnd - gapStart >= length) return gapEnd - length;
  return node.start > low ? highestBelow(node.left, length, low, high) : -1;
}

function lowestBelow<N extends RangeNode<N>>(node: N | null, length: number, low: number, high: number): number {
  if (node === null || node.maxGap < length) return -1;
  if (node.start > low) {
    const left = lowestBelow(node.left, length, low, high);
    if (left >= 0) return left;
  }
  const gapStart = Math.max(low, node.prev === null ? 0 : node.prev.end);
  const gapEnd = Math.min(high, node.guardedStart);
  if (gapEnd - gapStart >= length) return gapStart;
  return node.end + length <= high ? lowestBelow(node.right, length, low, high) : -1;
}

function verifyBelow<N extends RangeNode<N>>(node: N | null): number {
  if (node === null) return 0;
  const { height, maxGap } = node;
  const nodes = verifyBelow(node.left) + verifyBelow(node.right) + 1;
  if (node.left !== null && node.left.start >= node.start) throw new Error("tree is out of order");
  if (node.right !== null && node.right.start <= node.start) throw new Error("tree is out of order");
  update(node);
  if (Math.abs(tilt(node)) > 1) throw new Error("tree is out of balance");
  if (node.height !== height || node.maxGap !== maxGap) throw new Error("node knows a wrong height or gap");
  return nodes;
}
