/**
 * Paging by brute force: what a TLB and a walk are, written a second time from the rules alone, with lists and objects
 * and without any of mmu/'s code. It keeps its own copy of physical memory, so that A and D bits are compared too.
 */

import type { PagingProfile, TlbArraySpec, TlbLevelSpec } from "../mmu/index.ts";

export interface ReferenceEntry {
  /** First 4 KiB page of the range. */
  page: number;
  /** 1 or 1024. */
  pages: number;
  /** Piece of a 4 MiB page. */
  piece: boolean;
  frame: number;
  writable: boolean;
  user: boolean;
  dirty: boolean;
  global: boolean;
}

/** One array: every set is a list of ways. */
class ReferenceArray {
  readonly sets: (ReferenceEntry | null)[][];
  private readonly spec: TlbArraySpec;
  /** Ways of each set, next victim first: by last use (lru) or by fill (fifo). */
  private readonly queue: number[][];
  /** plru: ranges of ways "set:low-high" whose victim is in the upper half. */
  private readonly upper = new Set<string>();
  private pointer = 0;
  private random: number;

  constructor(spec: TlbArraySpec, seed: number) {
    this.spec = spec;
    this.random = seed === 0 ? 1 : seed;
    this.sets = Array.from({ length: spec.sets }, () => Array.from({ length: spec.ways }, () => null));
    this.queue = this.sets.map((ways) => ways.map((_, way) => way));
  }

  find(page: number, pages: number): ReferenceEntry | undefined {
    const set = this.sets[Math.floor(page / pages) % this.spec.sets];
    return set.find((e) => e !== null && e.pages === pages && e.page === page - (page % pages)) ?? undefined;
  }

  use(entry: ReferenceEntry): void {
    const set = Math.floor(entry.page / entry.pages) % this.spec.sets;
    const way = this.sets[set].indexOf(entry);
    if (this.spec.policy === "lru") this.toBack(set, way);
    if (this.spec.policy === "plru") {
      for (let low = 0, high = this.spec.ways; high - low > 1; ) {
        const middle = (low + high) / 2;
        const range = `${set}:${low}-${high}`;
        if (way < middle) {
          this.upper.add(range);
          high = middle;
        } else {
          this.upper.delete(range);
          low = middle;
        }
      }
    }
  }

  /** Returns 1 if a valid entry had to go. */
  insert(entry: ReferenceEntry): number {
    const set = Math.floor(entry.page / entry.pages) % this.spec.sets;
    const way = this.victim(set);
    const evicted = this.sets[set][way] === null ? 0 : 1;
    this.sets[set][way] = { ...entry };
    if (this.spec.policy === "fifo") this.toBack(set, way);
    else this.use(this.sets[set][way]);
    return evicted;
  }

  remove(test: (entry: ReferenceEntry) => boolean): void {
    for (const [set, ways] of this.sets.entries()) {
      for (const [way, entry] of ways.entries()) if (entry !== null && test(entry)) this.sets[set][way] = null;
    }
  }

  private victim(set: number): number {
    const { ways, policy } = this.spec;
    if (policy === "pointer386") {
      const way = this.pointer;
      this.pointer = (way + 1) % ways;
      return way;
    }
    const empty = this.sets[set].indexOf(null);
    if (empty >= 0) return empty;
    if (policy === "random") {
      this.random ^= this.random << 13;
      this.random ^= this.random >>> 17;
      this.random ^= this.random << 5;
      return (this.random >>> 0) % ways;
    }
    if (policy !== "plru") return this.queue[set][0];
    let [low, high] = [0, ways];
    while (high - low > 1) {
      const middle = (low + high) / 2;
      if (this.upper.has(`${set}:${low}-${high}`)) low = middle;
      else high = middle;
    }
    return low;
  }

  private toBack(set: number, way: number): void {
    this.queue[set] = [...this.queue[set].filter((other) => other !== way), way];
  }
}

export type Outcome = { readonly pa: number } | { readonly code: number; readonly linear: number };

export class ReferencePaging {
  readonly words: Uint32Array;
  readonly arrays: Record<string, ReferenceArray>;
  readonly tally: Record<string, number> = {};
  cr0 = 0;
  cr3 = 0;
  cr4 = 0;
  private readonly profile: PagingProfile;

  /** @param words all of RAM, little-endian dwords */
  constructor(profile: PagingProfile, words: Uint32Array) {
    this.profile = profile;
    this.words = words;
    const specs = Object.entries(profile.tlb.arrays);
    this.arrays = Object.fromEntries(specs.map(([name, spec], index) => [name, new ReferenceArray(spec, 1 + index)]));
  }

  access(linear: number, access: "read" | "write" | "fetch", user: boolean): Outcome {
    if (!(this.cr0 & 0x80000000)) return { pa: linear };
    const who = user ? "user" : "kernel";
    const levels = this.profile.tlb[access];
    const write = access === "write";
    this.count(`access.${access}.${who}`);
    const depth = levels.findIndex((level) => this.at(level, linear) !== undefined);
    if (depth !== 0) this.count(`miss.${access}.${who}`);
    if (depth > 0) {
      this.count(`refill.l${depth + 1}.${access}`);
      this.count("refill.clocks", this.profile.clocks.refills[depth - 1]);
    }

    let entry = depth >= 0 ? this.at(levels[depth], linear) : undefined;
    if (entry !== undefined) {
      if (depth > 0) this.arrayOf(levels[depth], entry).use(entry);
      for (let level = depth - 1; level >= 0; level--) this.fill(levels[level], level, linear, access, entry);
      entry = this.at(levels[0], linear) ?? entry;
      if (!this.allowed(entry, write, user)) {
        this.count("hit.denied");
        this.drop(linear);
        if (this.profile.deniedHit === "fault") return this.fault(linear, access, who, 1 + cause(write, user));
        entry = undefined;
      } else if (write && !entry.dirty) {
        return this.assist(linear, user, entry);
      } else {
        this.arrayOf(levels[0], entry).use(entry);
      }
    }
    if (entry === undefined) {
      const walked = this.walk(linear, write, user);
      if (typeof walked === "number") return this.fault(linear, access, who, walked);
      for (const [level, spec] of [...levels.entries()].reverse()) this.fill(spec, level, linear, access, walked);
      entry = walked;
    }
    return { pa: place(entry, linear) };
  }

  invlpg(linear: number): void {
    this.count("flush.invlpg");
    this.drop(linear);
  }

  /** Everything goes, or everything that is not global. */
  flush(cause: string, keep: "global" | "nothing"): void {
    this.count(`flush.${cause}`);
    for (const array of Object.values(this.arrays)) array.remove((entry) => keep === "nothing" || !entry.global);
  }

  /** The dword at a physical address; nothing answers outside RAM. */
  load(pa: number): number {
    return pa / 4 < this.words.length ? this.words[pa / 4] : 0xffffffff;
  }

  /** Hears of every store before it happens. */
  protected announce(_pa: number, _length: number): void {}

  /** Sets A or D. */
  protected store(pa: number, value: number): void {
    this.announce(pa, 4);
    if (pa / 4 < this.words.length && this.words[pa / 4] !== value) this.words[pa / 4] = value;
    this.count("walk.write");
  }

  /** Sets D by walking again; whatever the tables say now replaces the entry where it stands. */
  private assist(linear: number, user: boolean, old: ReferenceEntry): Outcome {
    this.count("walk.dirty-assist");
    const walked = this.walk(linear, true, user);
    if (typeof walked === "number") return this.fault(linear, "write", user ? "user" : "kernel", walked);
    const levels = this.profile.tlb.write;
    if ((old.pages === 1024 || old.piece) !== (walked.pages === 1024)) {
      this.drop(linear);
      for (const [level, spec] of [...levels.entries()].reverse()) this.fill(spec, level, linear, "write", walked);
    } else {
      this.arrayOf(levels[0], old).use(old);
      for (const level of levels) {
        for (const entry of this.entriesAt(level, linear)) {
          const kind = (e: ReferenceEntry) => e.piece || e.pages === 1024;
          if (kind(entry) === kind(walked)) Object.assign(entry, entry.pages === 1 ? piece(walked, linear) : walked);
        }
      }
    }
    return { pa: place(walked, linear) };
  }

  /** What a level has for an address: its 4 KiB entry counts first, then its 4 MiB entry. */
  private entriesAt(level: TlbLevelSpec, linear: number): ReferenceEntry[] {
    const page = Math.floor(linear / 4096);
    const small = this.arrays[level.small].find(page, 1);
    const large = level.large === null ? undefined : this.arrays[level.large].find(page, 1024);
    return [small, large].filter((entry) => entry !== undefined);
  }

  private at(level: TlbLevelSpec, linear: number): ReferenceEntry | undefined {
    return this.entriesAt(level, linear)[0];
  }

  private arrayOf(level: TlbLevelSpec, entry: ReferenceEntry): ReferenceArray {
    return this.arrays[entry.pages === 1024 && level.large !== null ? level.large : level.small];
  }

  private fill(spec: TlbLevelSpec, level: number, linear: number, access: string, entry: ReferenceEntry): void {
    const shaped = spec.large === null ? piece(entry, linear) : entry;
    this.count(`evict.l${level + 1}.${access}`, this.arrayOf(spec, shaped).insert(shaped));
  }

  private allowed(entry: ReferenceEntry, write: boolean, user: boolean): boolean {
    if (user && !entry.user) return false;
    const bound = user || (this.profile.wp && (this.cr0 & 0x10000) !== 0);
    return !write || !bound || entry.writable;
  }

  /** The translation, or the error code; counts clocks. */
  private walk(linear: number, write: boolean, user: boolean): ReferenceEntry | number {
    const { "walk.read": reads = 0, "walk.write": writes = 0 } = this.tally;
    const result = this.readTables(linear, write, user);
    const { clocks } = this.profile;
    const { "walk.read": allReads = 0, "walk.write": allWrites = 0 } = this.tally;
    this.count("walk.clocks", [0, ...clocks.reads][allReads - reads] + [0, ...clocks.writes][allWrites - writes]);
    return result;
  }

  private readTables(linear: number, write: boolean, user: boolean): ReferenceEntry | number {
    this.count("walk");
    this.count("walk.read");
    const pse = this.profile.pse && (this.cr4 & 0x10) !== 0;
    const pge = this.profile.pge && (this.cr4 & 0x80) !== 0;
    const pdeAt = Math.floor(this.cr3 / 4096) * 4096 + Math.floor(linear / 2 ** 22) * 4;
    const pde = this.load(pdeAt);
    if (pde % 2 === 0) return cause(write, user);
    const page = Math.floor(linear / 4096);
    const entry: ReferenceEntry = {
      page,
      pages: 1,
      piece: false,
      frame: 0,
      writable: (pde & 2) !== 0,
      user: (pde & 4) !== 0,
      dirty: false,
      global: false,
    };
    let leafAt = pdeAt;
    if (pse && pde & 0x80) {
      if (this.profile.reservedBits === "fault" && pde & 0x3fe000) return 9 + cause(write, user);
      entry.page = page - (page % 1024);
      entry.pages = 1024;
      entry.frame = Math.floor(pde / 2 ** 22) * 1024;
    } else {
      if (!(pde & 0x20)) this.store(pdeAt, (pde | 0x20) >>> 0);
      this.count("walk.read");
      leafAt = Math.floor(pde / 4096) * 4096 + (page % 1024) * 4;
      const pte = this.load(leafAt);
      if (pte % 2 === 0) return cause(write, user);
      entry.writable &&= (pte & 2) !== 0;
      entry.user &&= (pte & 4) !== 0;
      entry.frame = Math.floor(pte / 4096);
    }
    if (!this.allowed(entry, write, user)) return 1 + cause(write, user);
    const leaf = this.load(leafAt);
    const marked = (leaf | 0x20 | (write ? 0x40 : 0)) >>> 0;
    if (marked !== leaf) this.store(leafAt, marked);
    entry.dirty = (marked & 0x40) !== 0;
    entry.global = pge && (leaf & 0x100) !== 0;
    return entry;
  }

  private drop(linear: number): void {
    const page = Math.floor(linear / 4096);
    const region = (other: number) => Math.floor(other / 1024) === Math.floor(page / 1024);
    for (const array of Object.values(this.arrays)) {
      array.remove((e) => e.page === page || ((e.pages === 1024 || e.piece) && region(e.page)));
    }
  }

  private fault(linear: number, access: string, who: string, code: number): Outcome {
    this.drop(linear);
    this.count(`fault.${access}.${who}`);
    this.count(code & 8 ? "fault.reserved" : code & 1 ? "fault.protection" : "fault.not-present");
    return { code, linear };
  }

  protected count(name: string, by = 1): void {
    this.tally[name] = (this.tally[name] ?? 0) + by;
  }
}

/** What a 4 KiB array holds of an entry: of a 4 MiB page the piece around the address. */
function piece(entry: ReferenceEntry, linear: number): ReferenceEntry {
  if (entry.pages === 1) return entry;
  const page = Math.floor(linear / 4096);
  return { ...entry, page, pages: 1, piece: true, frame: entry.frame + (page - entry.page) };
}

const cause = (write: boolean, user: boolean): number => (write ? 2 : 0) + (user ? 4 : 0);

const place = (entry: ReferenceEntry, linear: number): number =>
  (entry.frame + (Math.floor(linear / 4096) - entry.page)) * 4096 + (linear % 4096);
