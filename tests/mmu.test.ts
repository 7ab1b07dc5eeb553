/**
 * The paging unit against brute force: random accesses, table edits, flushes and mode changes run on the hot slots (driven
 * as an engine drives them), on the plain TLB, and on tests/reference-paging.ts. They must agree on every address, value
 * and fault, on every A and D bit, every counter, and every TLB entry in its way.
 *
 * PAGEWALK_SEED repeats a run; PAGEWALK_RUNS lengthens it; PAGEWALK_SHRINK=no stops at the first failure.
 */

import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  ACCESS,
  CR0_PE,
  CR0_PG,
  CR0_WP,
  CR4_PGE,
  CR4_PSE,
  counterNames,
  cpuNames,
  FETCH,
  FRAME_CODE,
  FRAME_WATCHED,
  namedCounters,
  type PagingProfile,
  PDE_PS,
  PTE_A,
  PTE_D,
  PTE_G,
  PTE_P,
  PTE_RW,
  PTE_US,
  pagingProfile,
  READ,
  replacementPolicies,
  type TlbGeometry,
} from "../mmu/index.ts";
import { DIRECTORY, OPEN, PagingRig, SECOND_DIRECTORY } from "./paging-rig.ts";
import { type ReferenceEntry, ReferencePaging } from "./reference-paging.ts";

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() % 2 ** 31);
const runs = Number(process.env.PAGEWALK_RUNS ?? 12);
console.log(`PAGEWALK_SEED=${seed}`);

const FRAMES = 256;
const RAM_BYTES = FRAMES * 4096;
/** Page tables lie in frames 3 to 12. Everything else is data; small pages mostly share frames 13 to 24. */
const TABLES = 10;
const DIRECTORIES = [0, 1, 2, 3, 512, 1023];

/** [what to do, where, with what]: three random numbers, so that fast-check can shrink them. */
type Command = readonly [number, number, number];

/** A rotation of the choices that a number stands for. */
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length];

/** Pages that collide in sets, and others; in a 4 MiB page at physical 0 mostly inside RAM and not the tables. */
function pageOf(n: number): number {
  const spread = n >>> 5;
  const index = [16 + (spread % 8), 16 + (spread % 15) * 16, 16 + (spread % 240), spread % 1024][(n >>> 3) % 4];
  return pick(DIRECTORIES, n) * 1024 + index;
}

/** Mostly one of few pages, so that entries are met again; offsets near the end of the page, and others. */
function linearOf(n: number, pool: readonly number[]): number {
  const page = n % 16 === 0 ? pageOf(n >>> 4) : pageOf(pick(pool, n >>> 4));
  const offset = (n >>> 20) % 4 === 0 ? 4095 - ((n >>> 10) % 6) : (n >>> 10) % 4096;
  return page * 4096 + offset;
}

/** Mostly mapped, user and writable; A, D and G as they come. */
function pteOf(n: number): number {
  const present = n % 11 === 0 ? 0 : PTE_P;
  const rights = pick([PTE_RW | PTE_US, PTE_US, PTE_RW | PTE_US, PTE_RW, PTE_RW | PTE_US, 0], n >>> 1);
  const frame = (n >>> 9) % 16 === 0 ? (n >>> 13) % (FRAMES + 8) : 13 + ((n >>> 13) % 12);
  return (frame << 12) | rights | (n & (PTE_A | PTE_D | PTE_G)) | present;
}

/** The first table of each directory entry three times in four, so that edits of one PTE meet its page. */
function pdeOf(n: number, directory: number): number {
  const flags = pick([OPEN, OPEN, PTE_P | PTE_US, PTE_P | PTE_RW, 0], n) | (n & (PTE_A | PTE_D | PTE_G));
  const large = (n >>> 9) % 3 === 0;
  const reserved = (n >>> 11) % 9 === 0 ? 0x2000 : 0;
  if (large) return (((n >>> 15) % 8 === 0 ? 1 : 0) << 22) | reserved | PDE_PS | flags;
  const table = (n >>> 15) % 4 === 0 ? (n >>> 17) % TABLES : DIRECTORIES.indexOf(directory);
  return ((3 + table) << 12) | flags;
}

/** Both directories map the same tables at first; table entries and data are random but repeatable. */
const image = (() => {
  const words = new Uint32Array(RAM_BYTES / 4);
  for (const root of [DIRECTORY, SECOND_DIRECTORY]) {
    for (const [i, index] of DIRECTORIES.entries()) words[root / 4 + index] = ((3 + i) << 12) | OPEN;
  }
  for (let i = 3 * 1024; i < words.length; i++) words[i] = pteOf(Math.imul(i, 0x9e3779b1) >>> 3);
  return words;
})();

/** What both sides can do; answers are strings so that they compare. */
interface Subject {
  move(la: number, access: "read" | "write" | "fetch" | "rmw", size: number, user: number, value: number): string;
  copy(la: number, direction: "in" | "out", length: number, user: number, byte: number): string;
  poke(pa: number, value: number): void;
  invlpg(la: number): void;
  flushAll(): void;
  control(cr0: number, cr3: number, cr4: number, how: "load CR3" | "keep CR3"): void;
  guard(frame: number, flag: number): void;
  /** TLB entries by array, set and way; frame flags; how many bytes were written to watched frames. */
  contents(): string;
  counts(): Record<string, number>;
}

const faultText = (code: number, linear: number) => `fault ${code} at ${linear}`;
const mask = (size: number) => (size === 4 ? 0xffffffff : 2 ** (size * 8) - 1);

/** An engine's way to use a translator: slots first, fetches looked up where the code page may have changed. */
class EngineSubject extends PagingRig implements Subject {
  private fetchPage = -1;
  private fetchUser = 0;
  private fetchPa = 0;
  private watchedBytes = 0;

  constructor(profile: PagingProfile, kind: "hot" | "plain") {
    super(profile, kind, RAM_BYTES);
    this.ram.writeBytes(0, new Uint8Array(image.buffer));
    this.ram.onCodeWrite = (pfn) => this.ram.clearFrameFlag(pfn, FRAME_CODE);
    this.ram.onWatchedWrite = (_pfn, _pa, length) => {
      this.watchedBytes += length;
    };
  }

  move(la: number, access: "read" | "write" | "fetch" | "rmw", size: number, user: number, value: number): string {
    if (access === "fetch") return this.fetchBytes(la, size, user);
    const { bus } = this;
    bus.faulted = 0;
    let result = 0;
    const promised = access === "read" ? this.promised(la, size, user) : -1;
    if (access === "read") {
      result = size === 1 ? bus.read8(la, user) : size === 2 ? bus.read16(la, user) : bus.read32(la, user);
    } else if (access === "write") {
      const write = size === 1 ? bus.write8 : size === 2 ? bus.write16 : bus.write32;
      if (!write.call(bus, la, value, user)) bus.faulted = 1;
    } else if (bus.openRmw(la, size, user)) {
      result = bus.rmwRead();
      bus.rmwWrite(result + value);
    } else {
      bus.faulted = 1;
    }
    if (promised >= 0) assert.is(result, promised, "resident() promised another value");
    return bus.faulted ? this.faultText() : `value ${(result & mask(size)) >>> 0}`;
  }

  copy(la: number, direction: "in" | "out", length: number, user: number, byte: number): string {
    const bytes = new Uint8Array(length).fill(byte);
    const done =
      direction === "in" ? this.bus.copyIn(la, bytes, 0, length, user) : this.bus.copyOut(la, bytes, 0, length, user);
    return `${done} of ${length}: ${bytes.subarray(0, done).join()} ${done < length ? this.faultText() : ""}`;
  }

  poke(pa: number, value: number): void {
    this.ram.write32(pa, value);
  }

  invlpg(la: number): void {
    this.mmu.invlpg(la);
  }

  flushAll(): void {
    this.mmu.flushAll();
  }

  control(cr0: number, cr3: number, cr4: number, how: "load CR3" | "keep CR3"): void {
    if (cr0 !== this.mmu.cr0) this.mmu.setCr0(cr0);
    if (cr4 !== this.mmu.cr4) this.mmu.setCr4(cr4);
    if (how === "load CR3") this.mmu.setCr3(cr3);
  }

  guard(frame: number, flag: number): void {
    if (this.ram.frameFlags[frame] & flag) this.ram.clearFrameFlag(frame, flag);
    else this.ram.setFrameFlag(frame, flag);
  }

  contents(): string {
    const entries = this.mmu.tlbs.flatMap((tlb) =>
      tlb.list().map((e) => `${tlb.name} ${e.set}.${e.way} ${e.page}:${e.size} ${e.frame} ${e.flags}`),
    );
    return [...entries, this.ram.frameFlags.join(), this.watchedBytes].join("\n");
  }

  counts(): Record<string, number> {
    return namedCounters(this.mmu.counters, "without");
  }

  /** The value that a read of a byte will find, if resident() promises a plain hit; asking must change nothing. */
  private promised(la: number, size: number, user: number): number {
    const pa = this.mmu.resident(la, READ, user);
    if (pa < 0 || size > 1) return -1;
    return this.ram.read8(pa);
  }

  private fetchBytes(la: number, size: number, user: number): string {
    const first = this.fetch(la, user);
    const last = (la + size - 1) >>> 0;
    if (first < 0 || la >>> 12 === last >>> 12) return this.fetched(first);
    const second = this.fetch((last & ~0xfff) >>> 0, user);
    return second < 0 ? this.fetched(second) : `pa ${first} ${second}`;
  }

  /** One instruction's fetch in one page: not looked up again while the page is in its slot. */
  private fetch(la: number, user: number): number {
    const { mmu } = this;
    mmu.counters[ACCESS + FETCH * 2 + user] += mmu.paging;
    if (this.fetchPage === la >>> 12 && this.fetchUser === user && mmu.fetchDisplaced === 0) {
      return this.fetchPa + (la & 0xfff);
    }
    mmu.fetchDisplaced = 0;
    const pa = this.look(la, FETCH, user);
    this.fetchPage = this.inSlot(la, FETCH, user) ? la >>> 12 : -1;
    this.fetchUser = user;
    this.fetchPa = pa - (la & 0xfff);
    return pa;
  }

  private fetched(pa: number): string {
    return pa < 0 ? this.faultText() : `pa ${pa}`;
  }

  private faultText(): string {
    return faultText(this.mmu.fault.code, this.mmu.fault.linear);
  }
}

class ReferenceSubject extends ReferencePaging implements Subject {
  private readonly bytes: Uint8Array;
  private readonly flags = new Uint8Array(FRAMES);
  private watchedBytes = 0;

  constructor(profile: PagingProfile) {
    super(profile, image.slice());
    this.bytes = new Uint8Array(this.words.buffer);
    this.cr3 = DIRECTORY;
    this.tally["flush.cr3"] = 1;
  }

  move(la: number, access: "read" | "write" | "fetch" | "rmw", size: number, user: number, value: number): string {
    const first = Math.min(size, 4096 - (la % 4096));
    const places: number[] = [];
    for (const [at, length] of [
      [la, first],
      [(la + first) % 2 ** 32, size - first],
    ]) {
      if (length === 0) continue;
      const outcome = this.access(at, access === "rmw" ? "write" : access, user === 1);
      if ("code" in outcome) return faultText(outcome.code, outcome.linear);
      for (let i = 0; i < length; i++) places.push(outcome.pa + i);
    }
    if (access === "fetch") return `pa ${places[0]}${first < size ? ` ${places[first]}` : ""}`;
    let found = 0;
    if (access !== "write") for (const [i, pa] of places.entries()) found += (this.bytes[pa] ?? 0xff) * 2 ** (8 * i);
    const stored = (access === "rmw" ? found + value : value) >>> 0;
    if (access !== "read") for (const [i, pa] of places.entries()) this.put(pa, stored >>> (8 * i));
    return `value ${found}`;
  }

  copy(la: number, direction: "in" | "out", length: number, user: number, byte: number): string {
    const copied: number[] = [];
    let fault = "";
    while (copied.length < length && fault === "") {
      const size = length - copied.length >= 4 && copied.length % 4 === 0 ? 4 : 1;
      const value = direction === "out" ? byte * 0x01010101 : 0;
      const answer = this.move(
        (la + copied.length) % 2 ** 32,
        direction === "in" ? "read" : "write",
        size,
        user,
        value,
      );
      if (answer.startsWith("fault")) fault = answer;
      else
        for (let i = 0; i < size; i++)
          copied.push(direction === "in" ? (Number(answer.slice(6)) >>> (8 * i)) & 255 : byte);
    }
    return `${copied.length} of ${length}: ${copied.join()} ${fault}`;
  }

  poke(pa: number, value: number): void {
    this.announce(pa, 4);
    this.words[pa / 4] = value >>> 0;
  }

  flushAll(): void {
    this.flush("all", "nothing");
  }

  control(cr0: number, cr3: number, cr4: number, how: "load CR3" | "keep CR3"): void {
    const changed0 = this.cr0 ^ cr0;
    const changed4 = this.cr4 ^ cr4;
    this.cr0 = cr0;
    this.cr4 = cr4;
    if (changed0 & CR0_PG) this.flush("cr0", "nothing");
    if (changed4 & (CR4_PSE | CR4_PGE)) this.flush("cr4", "nothing");
    if (how === "load CR3") {
      this.cr3 = cr3;
      this.flush("cr3", "global");
    }
  }

  guard(frame: number, flag: number): void {
    this.flags[frame] ^= flag;
  }

  contents(): string {
    const entries = Object.entries(this.arrays).flatMap(([name, array]) =>
      array.sets.flatMap((ways, set) =>
        ways.flatMap((e, way) =>
          e === null ? [] : [`${name} ${set}.${way} ${e.page}:${e.pages === 1 ? "4K" : "4M"} ${e.frame} ${flagsOf(e)}`],
        ),
      ),
    );
    return [...entries, this.flags.join(), this.watchedBytes].join("\n");
  }

  counts(): Record<string, number> {
    return this.tally;
  }

  protected override announce(pa: number, length: number): void {
    const frame = Math.floor(pa / 4096);
    if (frame >= this.flags.length) return;
    if (this.flags[frame] & FRAME_WATCHED) this.watchedBytes += length;
    this.flags[frame] &= ~FRAME_CODE;
  }

  private put(pa: number, value: number): void {
    this.announce(pa, 1);
    if (pa < this.bytes.length) this.bytes[pa] = value;
  }
}

function flagsOf(entry: ReferenceEntry): number {
  const size = (entry.pages === 1024 ? PDE_PS : 0) | (entry.piece ? 0x200 : 0);
  const rights = (entry.writable ? PTE_RW : 0) | (entry.user ? PTE_US : 0);
  return PTE_P | rights | size | (entry.dirty ? PTE_D : 0) | (entry.global ? PTE_G : 0);
}

/** Runs one command on a subject and says what came of it. */
function run(subject: Subject, [what, where, value]: Command, pool: readonly number[], state: Control): string {
  const la = linearOf(where, pool);
  const size = pick([4, 4, 1, 2], value >>> 3);
  const user = (value >>> 5) & 1;
  if (what < 28) return subject.move(la, "read", size, user, 0);
  if (what < 48) return subject.move(la, "write", size, user, pteOf(value));
  if (what < 68) return subject.move(la, "fetch", 1 + (value % 8), user, 0);
  if (what < 72) return subject.move(la, "rmw", size, user, value);
  if (what < 75) return subject.copy(la, what & 1 ? "in" : "out", value % 70, user, value >>> 24);
  if (what < 83) {
    const table = 3 + Math.max(0, DIRECTORIES.indexOf(Math.floor(la / 2 ** 22)));
    subject.poke(table * 4096 + (Math.floor(la / 4096) % 1024) * 4, pteOf(value));
  } else if (what < 86) {
    const directory = Math.floor(la / 2 ** 22);
    subject.poke(DIRECTORY + directory * 4, pdeOf(value, directory));
  } else if (what < 91) subject.invlpg(la);
  else if (what < 95) subject.guard(13 + (where % 12), pick([FRAME_CODE, FRAME_WATCHED], value));
  else if (what < 96) subject.control(state.cr0, state.cr3, state.cr4, "load CR3");
  else if (what < 99) subject.control(state.cr0, state.cr3, state.cr4, "keep CR3");
  else if (value % 4 === 0) subject.flushAll();
  return "";
}

interface Control {
  cr0: number;
  cr3: number;
  cr4: number;
}

/** What the control registers become by a command; paging is never off for long. */
function change([what, , value]: Command, state: Control): void {
  if (what === 95) state.cr3 = pick([DIRECTORY, DIRECTORY, SECOND_DIRECTORY], value);
  if (what === 96) state.cr0 ^= CR0_WP;
  if (what === 97) state.cr4 ^= pick([CR4_PSE, CR4_PGE], value);
  if (what === 98 && value % 4 === 0) state.cr0 &= ~CR0_PG;
  else if (what > 94) state.cr0 |= CR0_PG;
}

/** Sums over all runs, to see that every event really happened. */
const totals: Record<string, number> = {};

function compare(profile: PagingProfile, pool: readonly number[], commands: readonly Command[]): void {
  const hot = new EngineSubject(profile, "hot");
  const plain = new EngineSubject(profile, "plain");
  const reference = new ReferenceSubject(profile);
  const subjects: Subject[] = [hot, plain, reference];
  const state: Control = { cr0: CR0_PG | CR0_PE, cr3: DIRECTORY, cr4: CR4_PSE | CR4_PGE };
  for (const subject of subjects) subject.control(state.cr0, state.cr3, state.cr4, "keep CR3");
  for (const command of commands) {
    change(command, state);
    const [a, b, c] = subjects.map((subject) => run(subject, command, pool, state));
    assert.is(a, c, "hot slots against brute force");
    assert.is(b, c, "plain TLB against brute force");
  }
  const ram = new Uint8Array(reference.words.buffer);
  for (const subject of [hot, plain]) {
    assert.is(subject.contents(), reference.contents());
    const counts = subject.counts();
    for (const [name, value] of Object.entries(reference.counts())) assert.is(counts[name], value, name);
    for (const [name, value] of Object.entries(counts)) assert.is(value, reference.counts()[name] ?? 0, name);
    assert.ok(Buffer.compare(subject.ram.readBytes(0, RAM_BYTES), ram) === 0, "RAM differs");
  }
  for (const [name, value] of Object.entries(namedCounters(hot.mmu.counters, "with"))) {
    totals[name] = (totals[name] ?? 0) + value;
  }
  assert.ok(
    plain.mmu.slots.every((word) => word === -1),
    "the plain TLB fills no slot",
  );
}

const pools = fc.array(fc.nat(), { minLength: 1, maxLength: 24, size: "max" });
const commands = fc.array(fc.tuple(fc.nat(99), fc.nat(), fc.nat()), { maxLength: 800, size: "max" });

let checks = 0;

function check(name: string, profile: PagingProfile): void {
  const own = seed + checks++;
  test(name, () => {
    fc.assert(
      fc.property(pools, commands, (pool, list) => compare(profile, pool, list)),
      { seed: own, numRuns: runs, endOnFailure: process.env.PAGEWALK_SHRINK === "no" },
    );
  });
}

for (const cpu of cpuNames) check(`${cpu} equals brute force`, pagingProfile(cpu));

/** A small machine with every feature, so that few accesses fill it. */
function small(name: string, tlb: TlbGeometry, deniedHit: "fault" | "walk" = "fault"): PagingProfile {
  const clocks = { reads: [2, 5], writes: [11, 23], refills: [3, 7] } as const;
  return { ...pagingProfile("p6"), name, deniedHit, tlb, clocks };
}

const one = (small: string, large: string | null) => [{ small, large }];

for (const policy of replacementPolicies) {
  const ways = policy === "plru" ? 4 : 3;
  const array = (sets: number, n = ways) => ({ sets, ways: n, policy });
  const unified = (sets: number, n: number, large: string | null) => ({
    arrays: { t: array(sets, n) },
    read: one("t", large),
    write: one("t", large),
    fetch: one("t", large),
  });
  check(`${policy}: unified, mixed page sizes`, small(policy, unified(3, ways, "t")));
  check(`${policy}: unified, 4 MiB pages in pieces, fully associative`, small(policy, unified(1, 8, null)));
  check(`${policy}: one entry for everything`, small(policy, unified(1, 1, "t"), "walk"));
  const split: TlbGeometry = {
    arrays: { i: array(2), d: array(5), l: array(1) },
    read: one("d", "l"),
    write: one("d", "l"),
    fetch: one("i", "l"),
  };
  check(`${policy}: split, shared 4 MiB array`, small(policy, split, "walk"));
  const levels: TlbGeometry = {
    arrays: { i: array(1), d: array(2), l: array(1), s: array(2), u: array(4), ul: array(1, 2 * ways) },
    read: [...one("d", "l"), ...one("s", "s"), ...one("u", "ul")],
    write: [...one("s", "s"), ...one("u", "ul")],
    fetch: [...one("i", null), ...one("u", "ul")],
  };
  const deep = [...one("d", "l"), ...one("s", null), ...one("u", "ul")];
  check(`${policy}: three levels for all`, small(policy, { ...levels, read: deep, write: deep, fetch: deep }));
  check(`${policy}: three levels, loads before stores`, small(policy, levels));
}

test("the random runs made every countable event happen", () => {
  for (const name of counterNames) assert.ok(totals[name] > 0, `${name} never happened`);
});

test.run();
