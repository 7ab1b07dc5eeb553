/**
 * One TLB array: sets x ways of entries with a replacement policy. A CPU has one to eight of them (geometry.ts says how
 * they are joined). Hot path: typed arrays in the machine memory, no allocation.
 *
 * An entry is two words, and keeps its physical way as long as it lives:
 *
 *    tag:  -1 empty;  page number (20 bits);  or LARGE | number of the 4 MiB page (10 bits)
 *    data: as a PTE: frame 31:12, PIECE 9, G 8, PS 7, D 6, US 2, RW 1, P 0  (PS <=> LARGE in the tag)
 *
 * The set is tag modulo sets, with LARGE taken off. Replacement:
 *   lru      the entry whose last use is oldest
 *   plru     binary tree, one bit per node, pointing away from the last use (ways a power of two)
 *   fifo     the entry filled first
 *   random   xorshift32, drawn once per replacement
 *   pointer  80386: one way pointer for the whole array, advanced by each fill
 * An empty way of the set, the lowest first, is used before anything is replaced; the 80386's pointer does not look.
 * Invalidation touches valid bits only: tree, pointer and random state stay.
 */

import type { MachineMemory } from "./memory.ts";
import { PDE_PS } from "./pte.ts";

/** In a tag: the entry maps 4 MiB. */
export const LARGE = 1 << 20;
/** In data: the entry is a 4 KiB piece of a 4 MiB page, in an array that cannot hold 4 MiB entries. */
export const PIECE = 0x200;
export const EMPTY = -1;

const LRU = 0;
const PLRU = 1;
const FIFO = 2;
const RANDOM = 3;
const POINTER = 4;
const policyNumbers = { lru: LRU, plru: PLRU, fifo: FIFO, random: RANDOM, pointer386: POINTER } as const;

export type ReplacementPolicy = keyof typeof policyNumbers;
export const replacementPolicies = Object.keys(policyNumbers) as ReplacementPolicy[];

/** The largest array that can be asked for, in entries. */
export const MAX_TLB_ENTRIES = 65536;

/** Shape of one array. */
export interface TlbArraySpec {
  readonly sets: number;
  readonly ways: number;
  readonly policy: ReplacementPolicy;
}

/** One entry, spelled out for reports and tests. */
export interface TlbEntry {
  readonly set: number;
  readonly way: number;
  /** Linear page number of the first 4 KiB. */
  readonly page: number;
  /** Physical frame number of the first 4 KiB. */
  readonly frame: number;
  readonly size: "4K" | "4M";
  /** Data word as kept: rights, D, G and PIECE in their PTE positions. */
  readonly flags: number;
}

const isPowerOfTwo = (n: number) => (n & (n - 1)) === 0;

/** What is wrong with a spec, in one clause; "" when it can be built. */
export function tlbSpecError(spec: TlbArraySpec): string {
  const { sets, ways, policy } = spec;
  if (!Number.isInteger(sets) || sets < 1 || !Number.isInteger(ways) || ways < 1 || sets * ways > MAX_TLB_ENTRIES) {
    return `sets and ways must be whole numbers from 1 with at most ${MAX_TLB_ENTRIES} entries, not ${sets}x${ways}`;
  }
  if (!replacementPolicies.includes(policy)) {
    return `policy must be one of ${replacementPolicies.join(", ")}, not ${policy}`;
  }
  if (policy === "plru" && !isPowerOfTwo(ways)) return `plru needs a power of two of ways, not ${ways}`;
  return "";
}

/** State bytes that an array reserves, alignment included. */
export function tlbArrayBytes({ sets, ways }: TlbArraySpec): number {
  return sets * ways * (8 + 8 + 1) + sets * 4 + 8 + 64;
}

export class TlbArray {
  readonly name: string;
  readonly spec: TlbArraySpec;
  readonly entries: number;
  /** Which hot slots its entries stand behind: 1 << access for each class that looks here first. Set by the owner. */
  backs = 0;
  /** Output of insert(): tag of the valid entry that was displaced, or EMPTY. */
  evicted = EMPTY;
  /**
   * Output of insert(), and of touch() if it changed something: tag of the entry that may no longer stand behind a hot slot, or EMPTY. With lru and
   * plru that is the set's previous last-touched entry, otherwise the displaced one.
   */
  lost = EMPTY;
  /** Valid LARGE entries, and valid PIECE entries: lookups and invalidations skip what does not exist. */
  large = 0;
  pieces = 0;

  private readonly ways: number;
  private readonly policy: number;
  /** sets - 1, or -1 if sets is not a power of two. */
  private readonly setMask: number;
  private readonly sets: number;
  private readonly setOfEntry: Uint16Array;
  /** tag, data, tag, data ... */
  private readonly words: Int32Array;
  /** lru: time of last use; fifo: time of fill; 0 for an empty entry. */
  private readonly stamps: Float64Array;
  /** plru: node n of a set's tree has children 2n and 2n + 1, root 1; 1 = the victim is on the right. */
  private readonly tree: Uint8Array;
  /** lru and plru: last-touched entry of each set, or -1. */
  private readonly latest: Int32Array;
  /** [0] way pointer or random state. */
  private readonly scalar: Int32Array;
  /** [0] last stamp given. */
  private readonly clock: Float64Array;

  constructor(memory: MachineMemory, name: string, spec: TlbArraySpec, seed: number) {
    const error = tlbSpecError(spec);
    if (error !== "") throw new RangeError(`TLB ${name}: ${error}`);
    const { sets, ways } = spec;
    const entries = sets * ways;
    const buffer = memory.buffer;
    this.name = name;
    this.spec = spec;
    this.entries = entries;
    this.sets = sets;
    this.ways = ways;
    this.policy = policyNumbers[spec.policy];
    this.setMask = isPowerOfTwo(sets) ? sets - 1 : -1;
    this.setOfEntry = Uint16Array.from({ length: entries }, (_, entry) => Math.floor(entry / ways));
    this.words = new Int32Array(buffer, memory.reserve(entries * 8), entries * 2);
    this.stamps = new Float64Array(buffer, memory.reserve(entries * 8), entries);
    this.clock = new Float64Array(buffer, memory.reserve(8), 1);
    this.latest = new Int32Array(buffer, memory.reserve(sets * 4), sets);
    this.tree = new Uint8Array(buffer, memory.reserve(entries), entries);
    this.scalar = new Int32Array(buffer, memory.reserve(4), 1);
    this.words.fill(EMPTY);
    this.latest.fill(-1);
    if (this.policy === RANDOM) this.scalar[0] = seed | 0 || 1;
  }

  setOf(tag: number): number {
    return this.setMask >= 0 ? tag & this.setMask : (tag & (LARGE - 1)) % this.sets;
  }

  /** The entry with this tag, or -1. Changes nothing. */
  find(tag: number): number {
    const words = this.words;
    const first = this.setOf(tag) * this.ways;
    const end = first + this.ways;
    for (let entry = first; entry < end; entry++) {
      if (words[entry << 1] === tag) return entry;
    }
    return -1;
  }

  tag(entry: number): number {
    return this.words[entry << 1];
  }

  data(entry: number): number {
    return this.words[(entry << 1) + 1];
  }

  /** Replaces what an entry says about its page, in place; the page and its size stay. */
  rewrite(entry: number, data: number): void {
    this.words[(entry << 1) + 1] = data;
  }

  /** An access used this entry. Returns whether that changed anything: it does not for the last-touched of a set. */
  touch(entry: number): boolean {
    if (this.policy > PLRU) return false;
    const set = this.setOfEntry[entry];
    const previous = this.latest[set];
    if (previous === entry) return false;
    this.lost = previous < 0 ? EMPTY : this.words[previous << 1];
    this.use(entry, set);
    return true;
  }

  /** Puts a translation in; the tag must not be present. Returns the entry. */
  insert(tag: number, data: number): number {
    const set = this.setOf(tag);
    const entry = this.victim(set);
    const at = entry << 1;
    const evicted = this.words[at];
    this.evicted = evicted;
    if (evicted !== EMPTY) this.forgetKind(this.words[at + 1]);
    this.words[at] = tag;
    this.words[at + 1] = data;
    if (data & PDE_PS) this.large++;
    else if (data & PIECE) this.pieces++;
    if (this.policy <= PLRU) {
      const previous = this.latest[set];
      this.lost = previous === entry ? evicted : previous >= 0 ? this.words[previous << 1] : EMPTY;
      this.use(entry, set);
    } else {
      this.lost = evicted;
      if (this.policy === FIFO) this.stamps[entry] = ++this.clock[0];
    }
    return entry;
  }

  invalidate(entry: number): void {
    const set = this.setOfEntry[entry];
    this.forgetKind(this.words[(entry << 1) + 1]);
    this.words[entry << 1] = EMPTY;
    this.words[(entry << 1) + 1] = EMPTY;
    this.stamps[entry] = 0;
    if (this.latest[set] === entry) this.latest[set] = -1;
  }

  /** Invalidates every entry without one of the flags in `keep` (0: every entry). */
  flush(keep: number): void {
    for (let entry = 0; entry < this.entries; entry++) {
      const at = entry << 1;
      if (this.words[at] !== EMPTY && (this.words[at + 1] & keep) === 0) this.invalidate(entry);
    }
  }

  /** Counts the kinds of entries again, after the machine memory was replaced as a whole (snapshots). */
  recount(): void {
    this.large = 0;
    this.pieces = 0;
    for (let entry = 0; entry < this.entries; entry++) {
      if (this.tag(entry) === EMPTY) continue;
      if (this.data(entry) & PDE_PS) this.large++;
      else if (this.data(entry) & PIECE) this.pieces++;
    }
  }

  /** The valid entries, by set and way. */
  list(): TlbEntry[] {
    const list: TlbEntry[] = [];
    for (let entry = 0; entry < this.entries; entry++) {
      const tag = this.tag(entry);
      if (tag === EMPTY) continue;
      const data = this.data(entry);
      const large = (tag & LARGE) !== 0;
      list.push({
        set: this.setOfEntry[entry],
        way: entry % this.ways,
        page: large ? (tag & (LARGE - 1)) << 10 : tag,
        frame: data >>> 12,
        size: large ? "4M" : "4K",
        flags: data & 0xfff,
      });
    }
    return list;
  }

  /** Is the entry its set's last-touched? Only lru and plru know. */
  isLatest(entry: number): boolean {
    return this.latest[this.setOfEntry[entry]] === entry;
  }

  /**
   * Which fill replaces the entry if nothing else happens: 1 = the next one of its set (of the array with pointer386); 0 where
   * chance decides. Changes nothing; for reports.
   */
  fillsLeft(entry: number): number {
    const { ways, policy, stamps, words } = this;
    const first = this.setOfEntry[entry] * ways;
    if (policy === POINTER) return ((entry - first - this.scalar[0] + ways) % ways) + 1;
    let fills = 0;
    if (policy === LRU || policy === FIFO) {
      for (let other = first; other < first + ways; other++) if (stamps[other] <= stamps[entry]) fills++;
      return fills;
    }
    const tree = this.tree.slice(first, first + ways);
    const use = (way: number) => {
      for (let node = way + ways; node > 1; node >>= 1) tree[node >> 1] = node & 1 ? 0 : 1;
    };
    for (let way = 0; way < ways; way++) {
      if (words[(first + way) << 1] !== EMPTY) continue;
      fills++;
      use(way);
    }
    if (policy === RANDOM) return 0;
    for (;;) {
      let node = 1;
      while (node < ways) node = node * 2 + tree[node];
      fills++;
      if (first + node - ways === entry) return fills;
      use(node - ways);
    }
  }

  private forgetKind(data: number): void {
    if (data & PDE_PS) this.large--;
    else if (data & PIECE) this.pieces--;
  }

  private use(entry: number, set: number): void {
    this.latest[set] = entry;
    if (this.policy === LRU) {
      this.stamps[entry] = ++this.clock[0];
      return;
    }
    const root = set * this.ways;
    for (let node = entry - root + this.ways; node > 1; node >>= 1) {
      this.tree[root + (node >> 1)] = node & 1 ? 0 : 1;
    }
  }

  private victim(set: number): number {
    const ways = this.ways;
    const first = set * ways;
    const policy = this.policy;
    if (policy === LRU || policy === FIFO) return this.oldest(first);
    if (policy === POINTER) {
      const way = this.scalar[0];
      this.scalar[0] = way + 1 === ways ? 0 : way + 1;
      return first + way;
    }
    for (let entry = first; entry < first + ways; entry++) {
      if (this.words[entry << 1] === EMPTY) return entry;
    }
    if (policy === RANDOM) return first + (this.draw() % ways);
    let node = 1;
    while (node < ways) node = node * 2 + this.tree[first + node];
    return first + node - ways;
  }

  /** An empty entry has stamp 0, so it comes before every used one. */
  private oldest(first: number): number {
    const stamps = this.stamps;
    let best = first;
    for (let entry = first + 1; entry < first + this.ways; entry++) {
      if (stamps[entry] < stamps[best]) best = entry;
    }
    return best;
  }

  /** Marsaglia's xorshift32 (13, 17, 5). */
  private draw(): number {
    let x = this.scalar[0];
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.scalar[0] = x;
    return x >>> 0;
  }
}
