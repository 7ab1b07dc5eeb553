/**
 * The paging unit without shortcuts: every translation looks in the TLB proper and, on a miss, walks. It defines what is
 * right; mmu.ts puts hot slots in front of it and must not change a single count.
 *
 *   translate --> first level --hit--> rights, D --> physical address
 *                     | miss
 *                 lower levels --hit--> copy upwards --> as a hit
 *                     | miss
 *                    walk --> fill every level --> physical address
 *
 * An entry is judged by what it cached, not by what memory says now: a stale entry stays usable until it is flushed or
 * replaced, as on hardware. Hot path of every TLB miss: no allocation, plain integers.
 */

import * as counter from "./counters.ts";
import type { PagingProfile } from "./geometry.ts";
import { geometryBytes, geometryError } from "./geometry.ts";
import type { MachineMemory } from "./memory.ts";
import {
  CR0_PE,
  CR0_PG,
  CR0_WP,
  CR4_PAE,
  CR4_PGE,
  CR4_PSE,
  PDE_LARGE_FRAME,
  PDE_PS,
  PF_P,
  PF_RSVD,
  PF_U,
  PF_W,
  PTE_D,
  PTE_FRAME,
  PTE_G,
} from "./pte.ts";
import type { Ram } from "./ram.ts";
import { EMPTY, LARGE, PIECE, TlbArray } from "./tlb.ts";
import { FAULTED, type MmuEvent, type PageFault, type Translator } from "./translator.ts";
import {
  FETCH,
  neededRights,
  READ,
  WALK_OK,
  WALK_PGE,
  WALK_PSE,
  WALK_RESERVED,
  WalkResult,
  WRITE,
  walk,
} from "./walk.ts";

/** One level of lookup. `large` is null where a 4 MiB page is entered in pieces. */
class Level {
  readonly small: TlbArray;
  readonly large: TlbArray | null;

  constructor(small: TlbArray, large: TlbArray | null) {
    this.small = small;
    this.large = large;
  }
}

/** Choices that are not the CPU's. */
export interface MmuOptions {
  /** Seed of random replacement; any integer. */
  readonly seed?: number;
}

/** The largest number of hot slots per class. */
export const MAX_SLOTS = 1024;

/** Slots per class while there is nothing to put in them: two, as many as the engines' page-crossing test needs. */
const PLAIN_SLOTS = 2;

export class PlainMmu implements Translator {
  readonly profile: PagingProfile;
  readonly fault: PageFault = { linear: 0, code: 0 };
  readonly counters: Float64Array;
  readonly slots: Int32Array;
  /** All TLB arrays, in the order of the geometry. */
  readonly tlbs: readonly TlbArray[];
  onEvent: ((event: MmuEvent) => void) | null = null;
  exposed: Uint8Array | null = null;
  fetchDisplaced = 0;
  paging = 0;

  protected readonly ram: Ram;
  /** Slots per class, a power of two. */
  protected readonly slotCount: number;

  /** CR0, CR2, CR3, CR4. */
  private readonly control: Int32Array;
  protected readonly levels: readonly (readonly Level[])[];
  /** 4 KiB arrays of the first level, by access class. */
  private readonly small: readonly TlbArray[];
  private readonly walked = new WalkResult();
  /** Clocks of a walk, by reads * 3 + writes. */
  private readonly walkClocks: Int32Array;
  /** Rights needed, by access * 2 + user. */
  protected readonly need = new Int32Array(6);
  /** WALK_ rules in force. */
  private rules = 0;

  constructor(memory: MachineMemory, ram: Ram, profile: PagingProfile, options: MmuOptions = {}, slots = PLAIN_SLOTS) {
    const error = geometryError(profile.tlb);
    if (error !== "") throw new RangeError(error);
    this.profile = profile;
    this.ram = ram;
    this.counters = counter.reserveCounters(memory);
    this.control = new Int32Array(memory.buffer, memory.reserve(16), 4);
    this.slotCount = slots;
    this.slots = new Int32Array(memory.buffer, memory.reserve(6 * slots * 8, 64), 6 * slots * 2);
    this.slots.fill(-1);

    const { reads, writes } = profile.clocks;
    this.walkClocks = Int32Array.from([0, ...reads].flatMap((read) => [0, ...writes].map((write) => read + write)));
    const seed = options.seed ?? 1;
    const { arrays, read, write, fetch } = profile.tlb;
    const byName = new Map(
      Object.entries(arrays).map(([name, spec], index) => [name, new TlbArray(memory, name, spec, seed + index)]),
    );
    const named = (name: string): TlbArray => {
      const array = byName.get(name);
      if (array === undefined) throw new RangeError(`no TLB is called ${name}`);
      return array;
    };
    this.tlbs = [...byName.values()];
    this.levels = [read, write, fetch].map((path) =>
      path.map(({ small, large }) => new Level(named(small), large === null ? null : named(large))),
    );
    this.small = this.levels.map(([{ small }]) => small);
    for (const access of [READ, WRITE, FETCH]) {
      const { small, large } = this.levels[access][0];
      small.backs |= 1 << access;
      if (large !== null) large.backs |= 1 << access;
    }
    this.derive();
  }

  /** State bytes that an Mmu or PlainMmu reserves for this profile. */
  static stateBytes(profile: PagingProfile): number {
    return geometryBytes(profile.tlb) + 6 * MAX_SLOTS * 8 + counter.counterNames.length * 8 + 256;
  }

  get cr0(): number {
    return this.control[0];
  }

  get cr2(): number {
    return this.control[1];
  }

  set cr2(value: number) {
    this.control[1] = value;
  }

  get cr3(): number {
    return this.control[2];
  }

  get cr4(): number {
    return this.control[3];
  }

  get clocks(): number {
    return this.counters[counter.WALK_CLOCKS] + this.counters[counter.REFILL_CLOCKS];
  }

  slotBase(user: number, access: number): number {
    return (user * 3 + access) * this.slotCount * 2;
  }

  slotMask(_access: number): number {
    return this.slotCount - 1;
  }

  setCr0(value: number): boolean {
    if ((value & CR0_PG) !== 0 && (value & CR0_PE) === 0) return false;
    const old = this.control[0];
    this.control[0] = this.profile.wp ? value : value & ~CR0_WP;
    const changed = old ^ this.control[0];
    this.derive();
    if (changed & CR0_PG) {
      this.counters[counter.FLUSH_CR0]++;
      this.drop(0, "cr0");
    } else if (changed & CR0_WP) {
      this.forgetAll();
    }
    return true;
  }

  setCr3(value: number): void {
    this.control[2] = value;
    this.counters[counter.FLUSH_CR3]++;
    this.drop(this.rules & WALK_PGE ? PTE_G : 0, "cr3");
  }

  setCr4(value: number): void {
    const changed = this.control[3] ^ value;
    this.control[3] = value;
    this.derive();
    if (changed & (CR4_PGE | CR4_PSE | CR4_PAE)) {
      this.counters[counter.FLUSH_CR4]++;
      this.drop(0, "cr4");
    }
  }

  invlpg(la: number): void {
    this.counters[counter.FLUSH_INVLPG]++;
    this.dropPage(la >>> 12);
    if (this.onEvent !== null) this.onEvent({ kind: "flush", cause: "invlpg", linear: la >>> 0 });
  }

  flushAll(): void {
    this.counters[counter.FLUSH_ALL]++;
    this.drop(0, "all");
  }

  reload(): void {
    this.derive();
    for (const tlb of this.tlbs) tlb.recount();
    this.forgetAll();
  }

  /** What follows from the control registers. */
  private derive(): void {
    const { wp, pse, pge, reservedBits } = this.profile;
    const [cr0, , , cr4] = this.control;
    this.paging = cr0 & CR0_PG ? 1 : 0;
    this.rules =
      (pse && cr4 & CR4_PSE ? WALK_PSE : 0) |
      (pge && cr4 & CR4_PGE ? WALK_PGE : 0) |
      (reservedBits === "fault" ? WALK_RESERVED : 0);
    for (const access of [READ, WRITE, FETCH]) {
      for (const user of [0, 1]) this.need[access * 2 + user] = neededRights(access, user, wp && (cr0 & CR0_WP) !== 0);
    }
  }

  translate(la: number, access: number, user: number): number {
    if (this.paging === 0) return this.identity(la, access, user);
    let array = this.small[access];
    let entry = array.find(la >>> 12);
    if (entry < 0) {
      const { large } = this.levels[access][0];
      if (large === null || large.large === 0) return this.miss(la, access, user);
      entry = large.find(LARGE | (la >>> 22));
      if (entry < 0) return this.miss(la, access, user);
      array = large;
    }
    if (this.onEvent !== null) this.onEvent({ kind: "hit", linear: la >>> 0, access, user });
    return this.hit(la, access, user, array, entry);
  }

  resident(_la: number, _access: number, _user: number): number {
    return FAULTED;
  }

  cached(la: number, access: number): number {
    for (const { small, large } of this.levels[access]) {
      const entry = small.find(la >>> 12);
      if (entry >= 0) return small.data(entry) & ~PIECE;
      const whole = large === null || large.large === 0 ? -1 : large.find(LARGE | (la >>> 22));
      if (large !== null && whole >= 0) return large.data(whole);
    }
    return 0;
  }

  unslot(_first: number, _count: number): void {
    this.fetchDisplaced = 1;
  }

  alternated(_first: number, _second: number, _times: number): void {}

  /** Hook for hot slots: `entry` of a first-level array was just used for `pa` and stays as it is when used again. */
  protected settled(_la: number, _access: number, _user: number, pa: number, _data: number): number {
    this.fetchDisplaced = 1;
    return pa;
  }

  /** Hook for hot slots: nothing may rely any more on the entry with this tag of this first-level array. */
  protected forget(_tag: number, _array: TlbArray): void {
    this.fetchDisplaced = 1;
  }

  /** Hook for hot slots: nothing may rely on anything any more. */
  protected forgetAll(): void {
    this.fetchDisplaced = 1;
  }

  /** CR0.PG = 0: linear addresses are physical. Hot slots may hold them; no TLB event happens. */
  protected identity(la: number, _access: number, _user: number): number {
    this.counters[counter.SLOW_NO_PAGING]++;
    return la >>> 0;
  }

  /** The first level holds the page. */
  private hit(la: number, access: number, user: number, array: TlbArray, entry: number): number {
    const data = array.data(entry);
    const need = this.need[access * 2 + user];
    if ((data & need) !== need) return this.denied(la, access, user);
    if (access === WRITE && (data & PTE_D) === 0) return this.dirtyAssist(la, user, array, entry);
    if (array.touch(entry) && array.lost !== EMPTY) this.forget(array.lost, array);
    return this.settled(la, access, user, physical(la, data), data);
  }

  private miss(la: number, access: number, user: number): number {
    this.counters[counter.MISS + access * 2 + user]++;
    if (this.onEvent !== null) this.onEvent({ kind: "miss", linear: la >>> 0, access, user });
    const levels = this.levels[access];
    for (let level = 1; level < levels.length; level++) {
      const data = this.lookLower(levels[level], la >>> 12);
      if (data !== 0) {
        this.counters[counter.REFILL + (level - 1) * 3 + access]++;
        this.counters[counter.REFILL_CLOCKS] += this.profile.clocks.refills[level - 1];
        return this.refill(la, access, user, level, data);
      }
    }
    return this.walkAndFill(la, access, user);
  }

  /** Data of the entry for the page in a level below the first, which is thereby used; 0 if it is not there. */
  private lookLower(level: Level, page: number): number {
    let array = level.small;
    let entry = array.find(page);
    if (entry < 0 && level.large !== null && level.large.large > 0) {
      array = level.large;
      entry = array.find(LARGE | (page >>> 10));
    }
    if (entry < 0) return 0;
    if (array.touch(entry) && array.lost !== EMPTY) this.forget(array.lost, array);
    return array.data(entry);
  }

  /** Copies a translation found at `from` to the levels above it, then judges it there as any hit. */
  private refill(la: number, access: number, user: number, from: number, data: number): number {
    for (let level = from - 1; level >= 0; level--) this.fill(la, access, level, data);
    const { small, large } = this.levels[access][0];
    if (data & PDE_PS && large !== null) {
      return this.hit(la, access, user, large, large.find(LARGE | (la >>> 22)));
    }
    return this.hit(la, access, user, small, small.find(la >>> 12));
  }

  private walkAndFill(la: number, access: number, user: number): number {
    const code = this.walk(la, access, user);
    if (code !== WALK_OK) return this.refuse(la, access, user, code);
    const data = this.walked.leaf;
    for (let level = this.levels[access].length - 1; level >= 0; level--) this.fill(la, access, level, data);
    return this.settled(la, access, user, physical(la, data), data);
  }

  /**
   * A write hits an entry with D = 0: the walk is repeated so that D is set in memory, and the entry is rewritten in
   * place at every level, with whatever the tables say now (80386 PRM section 10.6.1; SDM 3A section 4.8).
   */
  private dirtyAssist(la: number, user: number, array: TlbArray, entry: number): number {
    this.counters[counter.DIRTY_ASSIST]++;
    const old = array.data(entry);
    const code = this.walk(la, WRITE, user);
    if (code !== WALK_OK) return this.refuse(la, WRITE, user, code);
    const leaf = this.walked.leaf;
    const levels = this.levels[WRITE];
    const wasLarge = (old & (PDE_PS | PIECE)) !== 0;
    if (wasLarge !== ((leaf & PDE_PS) !== 0)) {
      this.dropPage(la >>> 12);
      for (let level = levels.length - 1; level >= 0; level--) this.fill(la, WRITE, level, leaf);
    } else {
      if (array.touch(entry) && array.lost !== EMPTY) this.forget(array.lost, array);
      for (let level = 0; level < levels.length; level++) this.rewrite(la, levels[level], leaf);
    }
    return this.settled(la, WRITE, user, physical(la, leaf), leaf);
  }

  /** Brings the entries of one level for this page up to date; an entry of the other page size stays as stale as it is. */
  private rewrite(la: number, level: Level, leaf: number): void {
    this.rewriteEntry(level.small, la >>> 12, pieceOf(la, leaf));
    if (leaf & PDE_PS && level.large !== null) this.rewriteEntry(level.large, LARGE | (la >>> 22), leaf);
  }

  private rewriteEntry(array: TlbArray, tag: number, data: number): void {
    const entry = array.find(tag);
    if (entry < 0 || (array.data(entry) ^ data) & PIECE) return;
    this.forget(tag, array);
    array.rewrite(entry, data);
  }

  /** The cached rights refuse the access. Either way the entry goes (SDM 3A section 4.10.4.1). */
  private denied(la: number, access: number, user: number): number {
    this.counters[counter.DENIED_HIT]++;
    if (this.profile.deniedHit === "walk") {
      this.dropPage(la >>> 12);
      return this.walkAndFill(la, access, user);
    }
    return this.refuse(la, access, user, PF_P | (access === WRITE ? PF_W : 0) | (user !== 0 ? PF_U : 0));
  }

  private refuse(la: number, access: number, user: number, code: number): number {
    this.dropPage(la >>> 12);
    this.fault.linear = la >>> 0;
    this.fault.code = code;
    this.counters[counter.FAULT + access * 2 + user]++;
    this.counters[faultKind(code)]++;
    if (this.onEvent !== null) this.onEvent({ kind: "fault", linear: la >>> 0, access, user, code });
    return FAULTED;
  }

  private walk(la: number, access: number, user: number): number {
    const out = this.walked;
    const code = walk(this.ram, this.control[2], la, access, user, this.need[access * 2 + user], this.rules, out);
    this.counters[counter.WALK]++;
    this.counters[counter.WALK_READ] += out.reads;
    this.counters[counter.WALK_WRITE] += out.writes;
    const clocks = this.walkClocks[out.reads * 3 + out.writes];
    this.counters[counter.WALK_CLOCKS] += clocks;
    if (this.onEvent !== null) {
      const { reads, writes } = out;
      this.onEvent({ kind: "walk", linear: la >>> 0, access, user, reads, writes, clocks });
    }
    return code;
  }

  /** Puts a translation into one level. */
  private fill(la: number, access: number, level: number, data: number): void {
    const { small, large } = this.levels[access][level];
    const whole = (data & PDE_PS) !== 0 && large !== null;
    const array = whole && large !== null ? large : small;
    array.insert(whole ? LARGE | (la >>> 22) : la >>> 12, whole ? data : pieceOf(la, data));
    if (array.lost !== EMPTY) this.forget(array.lost, array);
    if (array.evicted !== EMPTY) this.evicted(array, array.evicted, access, level);
  }

  private evicted(array: TlbArray, tag: number, access: number, level: number): void {
    this.counters[counter.EVICT + level * 3 + access]++;
    if (this.onEvent !== null) {
      const large = (tag & LARGE) !== 0;
      const linear = large ? ((tag & (LARGE - 1)) << 22) >>> 0 : tag * 4096;
      this.onEvent({ kind: "evict", tlb: array.name, linear, size: large ? "4M" : "4K" });
    }
  }

  /** Drops every translation of a page: 4 KiB entry, 4 MiB entry, and all pieces of that 4 MiB page. */
  private dropPage(page: number): void {
    for (const array of this.tlbs) {
      this.dropTag(array, page);
      if (array.large > 0) this.dropTag(array, LARGE | (page >>> 10));
      if (array.pieces > 0) {
        for (let entry = 0; entry < array.entries; entry++) {
          const tag = array.tag(entry);
          if (tag !== EMPTY && tag >>> 10 === page >>> 10 && array.data(entry) & PIECE) this.dropTag(array, tag);
        }
      }
    }
  }

  private dropTag(array: TlbArray, tag: number): void {
    const entry = array.find(tag);
    if (entry < 0) return;
    array.invalidate(entry);
    this.forget(tag, array);
  }

  protected drop(keep: number, cause: "cr0" | "cr3" | "cr4" | "all"): void {
    for (const array of this.tlbs) array.flush(keep);
    this.forgetAll();
    if (this.onEvent !== null) this.onEvent({ kind: "flush", cause, linear: 0 });
  }
}

/** Physical address of `la` under a leaf; a 4 MiB leaf carries PS, a piece does not. */
export function physical(la: number, data: number): number {
  return data & PDE_PS
    ? ((data & PDE_LARGE_FRAME) | (la & ~PDE_LARGE_FRAME)) >>> 0
    : ((data & PTE_FRAME) | (la & ~PTE_FRAME)) >>> 0;
}

/** What a 4 KiB array keeps of a leaf: of a 4 MiB page the piece around `la`, of a 4 KiB page the leaf itself. */
function pieceOf(la: number, leaf: number): number {
  if ((leaf & PDE_PS) === 0) return leaf;
  return (physical(la, leaf) & PTE_FRAME) | (leaf & 0xfff & ~PDE_PS) | PIECE;
}

function faultKind(code: number): number {
  if (code & PF_RSVD) return counter.FAULT_RESERVED;
  return code & PF_P ? counter.FAULT_PROTECTION : counter.FAULT_NOT_PRESENT;
}
