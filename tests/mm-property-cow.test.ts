/**
 * Copy-on-write between several processes: random forks, writes of all sizes by the processor, by system calls and from outside,
 * exits, unmapping, moving and advice, against a model that copies everything at once. After every step every byte of every
 * mapped page is compared, and reference counts and map counts with a scan of all page tables (kernel/mm/ledger.ts).
 */

import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { dupMm } from "../kernel/mm/fork.ts";
import { OWNER_ANON, PG_PRISTINE } from "../kernel/mm/frames.ts";
import { doMadvise } from "../kernel/mm/madvise.ts";
import type { MmStruct } from "../kernel/mm/mm.ts";
import { doMmap } from "../kernel/mm/mmap.ts";
import {
  MADV_DONTNEED,
  MADV_FREE,
  MADV_POPULATE_READ,
  MADV_POPULATE_WRITE,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  MAP_SHARED,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
  PROT_READ,
  PROT_WRITE,
} from "../kernel/mm/mmap-flags.ts";
import { doMprotect } from "../kernel/mm/mprotect.ts";
import { doMremap } from "../kernel/mm/mremap.ts";
import { doMunmap } from "../kernel/mm/munmap.ts";
import { pteFrame, ptePresent } from "../kernel/mm/page-tables.ts";
import { readRemote, writeRemote } from "../kernel/mm/remote.ts";
import { MemoryFile, Rig } from "./mm-rig.ts";
import { Random } from "./oracle/random.ts";

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() % 2 ** 31);
console.log(`PAGEWALK_SEED=${seed}`);

const PAGE = 4096;
/** The window lies across the border of two page tables. */
const BASE = 0x203fb000;
const PAGES = 10;
const FILE_PAGES = 6;
const RW = PROT_READ | PROT_WRITE;

/** One mapped page: what lies behind it, and the private copy once there is one. */
interface Cell {
  readonly shared: boolean;
  /** Page of the shared object or of the file; null = zeroes. */
  readonly source: Uint8Array | null;
  own: Uint8Array | null;
}

interface Process {
  readonly mm: MmStruct;
  readonly cells: (Cell | null)[];
}

const zeroes = new Uint8Array(PAGE);
const contents = ({ own, source }: Cell): Uint8Array => own ?? source ?? zeroes;

const step = fc.record({
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom("store", "copy out", "write remotely") },
    { weight: 3, arbitrary: fc.constantFrom("mmap", "fork", "switch") },
    { weight: 2, arbitrary: fc.constantFrom("load", "exit", "munmap", "move", "advise", "toggle") },
    { weight: 1, arbitrary: fc.constantFrom("write file") },
  ),
  page: fc.nat(PAGES - 1),
  offset: fc.oneof(fc.constantFrom(0, 1, PAGE - 1), fc.nat(PAGE - 1)),
  length: fc.oneof(fc.constantFrom(1, 2, 4), fc.integer({ min: 1, max: 3 * PAGE })),
  other: fc.nat(PAGES - 1),
  what: fc.nat(15),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class World {
  readonly rig: Rig;
  readonly processes: Process[] = [];
  readonly file: MemoryFile;
  /** The file's pages, as all who map it see them. */
  private readonly filePages: Uint8Array[];
  private current: Process;
  private serial = 0;

  constructor(translator: "plain" | "hot") {
    this.rig = new Rig({ megabytes: 2, translator });
    const bytes = Uint8Array.from({ length: FILE_PAGES * PAGE }, (_, i) => (i * 7 + (i >> 12)) & 0xff);
    this.filePages = Array.from({ length: FILE_PAGES }, (_, i) => bytes.slice(i * PAGE, (i + 1) * PAGE));
    this.file = new MemoryFile("/file", bytes);
    this.current = { mm: this.rig.newMm(), cells: new Array(PAGES).fill(null) };
    this.processes.push(this.current);
    this.map(0, PAGES, 0, 0);
  }

  apply({ kind, page, offset, length, other, what }: Step): void {
    const { mm, cells } = this.current;
    const address = BASE + page * PAGE;
    const pages = Math.min(1 + (what % 4), PAGES - page);
    const mapped = !cells.slice(page, page + pages).includes(null);
    switch (kind) {
      case "mmap":
        this.map(page, pages, what, other);
        break;
      case "munmap":
        assert.is(doMunmap(mm, address, pages * PAGE), 0);
        cells.fill(null, page, page + pages);
        break;
      case "move":
        if (mapped) this.move(page, Math.min(pages, PAGES - other), other);
        break;
      case "advise":
        if (mapped) this.advise(page, pages, what);
        break;
      case "toggle":
        // To no rights and back: the pages stay, write-protected until they are alone.
        if (!mapped) break;
        assert.is(doMprotect(mm, address, pages * PAGE, what % 2 === 0 ? 0 : PROT_READ), 0);
        assert.is(doMprotect(mm, address, pages * PAGE, RW), 0);
        break;
      case "fork":
        this.fork();
        break;
      case "switch":
        this.current = this.processes[what % this.processes.length];
        this.rig.activate(this.current.mm);
        break;
      case "exit":
        this.exit(what);
        break;
      case "load":
        if (cells[page] !== null) assert.is(this.rig.load(address + offset), contents(cells[page])[offset]);
        break;
      case "store":
        this.store(page, offset);
        break;
      case "write file": {
        const bytes = this.bytes(Math.min(length, FILE_PAGES * PAGE - offset));
        this.file.writeFile(offset, bytes);
        this.write(this.filePages, offset, bytes);
        break;
      }
      default: {
        const bytes = this.bytes(Math.min(length, this.reach(this.current, page) * PAGE - offset));
        if (bytes.length === 0) break;
        if (kind === "copy out")
          assert.is(this.rig.manager.user.copyOut(address + offset, bytes, 0, bytes.length), bytes.length);
        else this.writeRemotely(what, page, offset, length);
        if (kind === "copy out") this.writeCells(this.current, page, offset, bytes, 4);
      }
    }
  }

  /** Bytes that nobody has written before. */
  private bytes(length: number): Uint8Array {
    this.serial++;
    return Uint8Array.from({ length: Math.max(0, length) }, (_, i) => (this.serial * 31 + i * 3) & 0xff);
  }

  private write(pages: readonly Uint8Array[], position: number, bytes: Uint8Array): void {
    bytes.forEach((byte, i) => {
      pages[(position + i) >> 12][(position + i) % PAGE] = byte;
    });
  }

  /**
   * In accesses of `unit` bytes, and single ones at the end: a private page is copied when the first access reaches it, with
   * whatever the accesses before it have written to the file behind it.
   */
  private writeCells({ cells }: Process, page: number, offset: number, bytes: Uint8Array, unit: 1 | 4): void {
    const writable = (position: number): Uint8Array => {
      const cell = cells[position >> 12];
      if (cell === null) throw new Error("written to a hole");
      if (!cell.shared) cell.own ??= contents(cell).slice();
      return contents(cell);
    };
    const start = page * PAGE + offset;
    const units = bytes.length - (bytes.length % unit);
    bytes.forEach((byte, i) => {
      if (i < units && i % unit === 0) writable(start + i + unit - 1);
      writable(start + i)[(start + i) % PAGE] = byte;
    });
  }

  /** Mapped pages from `page` on. */
  private reach({ cells }: Process, page: number): number {
    const hole = cells.indexOf(null, page);
    return (hole < 0 ? PAGES : hole) - page;
  }

  private map(page: number, pages: number, what: number, other: number): void {
    const file = what % 3 === 1;
    const shared = what % 5 === 3;
    const pgoff = file ? other % (FILE_PAGES - Math.min(pages, FILE_PAGES - 1)) : 0;
    const flags = MAP_FIXED | (shared ? MAP_SHARED : MAP_PRIVATE) | (file ? 0 : MAP_ANONYMOUS);
    const count = file ? Math.min(pages, FILE_PAGES - pgoff) : pages;
    const address = BASE + page * PAGE;
    assert.is(doMmap(this.current.mm, file ? this.file : null, address, count * PAGE, RW, flags, pgoff), address);
    for (let i = 0; i < count; i++) {
      const source = file ? this.filePages[pgoff + i] : shared ? new Uint8Array(PAGE) : null;
      this.current.cells[page + i] = { shared, source, own: null };
    }
  }

  private move(page: number, pages: number, to: number): void {
    if (page < to + pages && to < page + pages) return;
    const { mm, cells } = this.current;
    const place = BASE + to * PAGE;
    const bytes = pages * PAGE;
    assert.is(doMremap(mm, BASE + page * PAGE, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, place), place);
    cells.splice(to, pages, ...cells.slice(page, page + pages));
    cells.fill(null, page, page + pages);
  }

  private advise(page: number, pages: number, what: number): void {
    const advice = [MADV_DONTNEED, MADV_FREE, MADV_POPULATE_READ, MADV_POPULATE_WRITE][what % 4];
    const range = this.current.cells.slice(page, page + pages).filter((cell) => cell !== null);
    // MADV_FREE is for private anonymous memory alone; what it frees keeps its contents while nobody needs the frames.
    if (advice === MADV_FREE && range.some(({ shared, source }) => shared || source !== null)) return;
    assert.is(doMadvise(this.current.mm, BASE + page * PAGE, pages * PAGE, advice), 0);
    for (const cell of range) {
      if (advice === MADV_DONTNEED && !cell.shared) cell.own = null;
      // A private copy does not follow the file any more.
      if (advice === MADV_POPULATE_WRITE && !cell.shared) cell.own ??= contents(cell).slice();
    }
  }

  private fork(): void {
    if (this.processes.length >= 5) return;
    const mm = dupMm(this.rig.manager, this.current.mm);
    if (typeof mm === "number") throw new Error(`fork: ${mm}`);
    const cells = this.current.cells.map((cell) => cell && { ...cell, own: cell.own?.slice() ?? null });
    this.processes.push({ mm, cells });
  }

  private exit(what: number): void {
    if (this.processes.length === 1) return;
    const [gone] = this.processes.splice(what % this.processes.length, 1);
    this.rig.manager.mmput(gone.mm);
    if (gone === this.current) this.current = this.processes[0];
    this.rig.activate(this.current.mm);
  }

  /** By the processor. A frame that nobody else holds is written where it is. */
  private store(page: number, offset: number): void {
    const cell = this.current.cells[page];
    if (cell === null) return;
    const { frames } = this.rig.manager.memory;
    const address = BASE + page * PAGE;
    const before = this.current.mm.tables.read(address);
    const alone =
      ptePresent(before) && frames.owner[pteFrame(before)] === OWNER_ANON && frames.count[pteFrame(before)] === 1;
    const [byte] = this.bytes(1);
    assert.is(this.rig.store(address + offset, byte), 0);
    this.writeCells(this.current, page, offset, Uint8Array.of(byte), 1);
    const after = this.current.mm.tables.read(address);
    if (alone) assert.is(pteFrame(after), pteFrame(before), "the sole owner's frame is not copied");
    if (!cell.shared) assert.is(frames.mapcount[pteFrame(after)], 1, "what was written privately is mapped once");
  }

  /** As ptrace and process_vm_writev do, into any process. */
  private writeRemotely(what: number, page: number, offset: number, length: number): void {
    const target = this.processes[what % this.processes.length];
    const bytes = this.bytes(Math.min(length, this.reach(target, page) * PAGE - offset));
    if (bytes.length === 0) return;
    assert.is(writeRemote(target.mm, BASE + page * PAGE + offset, bytes, 0, bytes.length, "as mapped"), bytes.length);
    this.writeCells(target, page, offset, bytes, 1);
  }

  check(): void {
    this.rig.assertBalanced();
    const { ram } = this.rig;
    const seen = new Uint8Array(PAGE);
    for (const [n, { mm, cells }] of this.processes.entries()) {
      cells.forEach((cell, i) => {
        const pte = mm.tables.read(BASE + i * PAGE);
        if (cell === null) assert.is(pte, 0);
        if (cell === null || !ptePresent(pte)) {
          assert.is(cell?.own ?? null, null, `process ${n} has lost page ${i}`);
          return;
        }
        ram.load(pteFrame(pte) * PAGE, seen, 0, PAGE);
        assert.is(Buffer.compare(seen, contents(cell)), 0, `process ${n}, page ${i}`);
      });
    }
  }

  end(): void {
    const seen = new Uint8Array(PAGE);
    for (const { mm, cells } of this.processes) {
      cells.forEach((cell, i) => {
        if (cell === null) return;
        assert.is(readRemote(mm, BASE + i * PAGE, seen, 0, PAGE, "as mapped"), PAGE);
        assert.is(Buffer.compare(seen, contents(cell)), 0, `page ${i} at the end`);
      });
    }
    for (const [i, page] of this.filePages.entries()) {
      assert.is(Buffer.compare(this.file.readFile(i * PAGE, PAGE), page), 0, `page ${i} of the file`);
    }
    this.check();
    this.rig.assertNothingLeft(this.file);
  }
}

for (const [translator, numRuns] of [
  ["hot", 70],
  ["plain", 20],
] as const) {
  test(`no process sees another's writes, ${translator} translator`, () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 100, size: "max" }), (steps) => {
        const world = new World(translator);
        for (const each of steps) {
          world.apply(each);
          world.check();
        }
        world.end();
      }),
      { seed, numRuns, includeErrorInReport: true },
    );
  });
}

test("frames that were used before are used again before any that never was", () => {
  const rig = new Rig({ megabytes: 64 });
  const mm = rig.newMm();
  const { frames } = rig.manager.memory;
  const used = () => frames.flags.reduce((sum, flags) => sum + (flags & PG_PRISTINE ? 0 : 1), 0);
  const before = used();
  const random = new Random(7);
  const live: { at: number; pages: number }[] = [];
  let [now, peak] = [0, 0];
  for (let round = 0; round < 300; round++) {
    if (live.length < 12 && random.below(2) === 0) {
      const pages = 1 + random.below(120);
      const at = 0x20000000 + round * 0x100000;
      assert.is(doMmap(mm, null, at, pages * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0), at);
      for (let i = 0; i < pages; i++) assert.is(rig.store(at + i * PAGE, 1), 0);
      live.push({ at, pages });
      now += pages;
      peak = Math.max(peak, now);
    } else if (live.length > 0) {
      const [{ at, pages }] = live.splice(random.below(live.length), 1);
      assert.is(doMunmap(mm, at, pages * PAGE), 0);
      now -= pages;
    }
  }
  // Page tables besides, one for each mapping at most.
  assert.ok(used() - before <= peak * 1.05, `${used() - before} frames touched, ${peak} in use at once`);
  rig.assertNothingLeft();
});

test.run();
