/**
 * Address spaces under random mmap, munmap, mprotect, mremap, madvise, brk, fork, exit, reads and writes, against a model
 * that is nothing but a table of pages. After every step mappings, rights and contents agree and every frame is explained.
 */

import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { EFAULT, EINVAL, ENOMEM } from "../kernel/errno.ts";
import { doBrk } from "../kernel/mm/brk.ts";
import { BUS_ADRERR, SEGV_ACCERR, SEGV_MAPERR } from "../kernel/mm/fault-record.ts";
import { dupMm } from "../kernel/mm/fork.ts";
import { doMadvise } from "../kernel/mm/madvise.ts";
import type { MmStruct } from "../kernel/mm/mm.ts";
import { doMmap } from "../kernel/mm/mmap.ts";
import {
  MADV_DONTFORK,
  MADV_DONTNEED,
  MADV_WIPEONFORK,
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
import { rmapWalk } from "../kernel/mm/rmap.ts";
import { VM_ACCESS, VM_MAYSHARE } from "../kernel/mm/vma.ts";
import { MemoryFile, Rig, type RigOptions } from "./mm-rig.ts";

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() % 2 ** 31);
console.log(`PAGEWALK_SEED=${seed}`);

/** The window lies across the border of two page tables. */
const BASE = 0x103f6000;
const PAGES = 20;
const FILE_PAGES = 12;

/** A shared object: one value per page. Beyond its end lies SIGBUS. */
interface Store {
  cells: number[];
}

interface ModelPage {
  prot: number;
  /** Where a page that nobody wrote privately comes from; null = zeroes. */
  store: Store | null;
  index: number;
  shared: boolean;
  /** The private value; undefined = not written. */
  own: number | undefined;
  fork: "copy" | "skip" | "wipe";
}

type Model = (ModelPage | null)[];

interface Space {
  mm: MmStruct;
  model: Model;
}

const op = fc.record({
  kind: fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom("store") },
    { weight: 6, arbitrary: fc.constantFrom("load") },
    { weight: 3, arbitrary: fc.constantFrom("mmap") },
    { weight: 3, arbitrary: fc.constantFrom("mprotect", "fork", "switch", "switch") },
    { weight: 2, arbitrary: fc.constantFrom("munmap", "mremap", "mremap") },
    { weight: 1, arbitrary: fc.constantFrom("dontneed", "forkadvice", "exit", "filewrite") },
  ),
  at: fc.nat(PAGES - 1),
  length: fc.integer({ min: 1, max: 7 }),
  extra: fc.nat(PAGES - 1),
  prot: fc.constantFrom(0, 1, 3, 3, 3),
  choice: fc.nat(7),
});

type Op = typeof op extends fc.Arbitrary<infer T> ? T : never;

class World {
  readonly rig: Rig;
  readonly spaces: Space[] = [];
  readonly file: MemoryFile;
  readonly fileStore: Store = { cells: [] };
  current: Space;
  private serial = 0;

  constructor(options: RigOptions) {
    this.rig = new Rig({ megabytes: 4, ...options });
    const bytes = new Uint8Array(FILE_PAGES * 4096);
    for (let i = 0; i < FILE_PAGES; i++) {
      bytes[i * 4096] = 100 + i;
      this.fileStore.cells.push(100 + i);
    }
    this.file = new MemoryFile("/file", bytes);
    this.current = { mm: this.rig.newMm(), model: Array.from({ length: PAGES }, () => null) };
    this.spaces.push(this.current);
  }

  private value(): number {
    this.serial = (this.serial + 1) % 255;
    return this.serial + 1;
  }

  apply({ kind, at, length, extra, prot, choice }: Op): void {
    const { mm, model } = this.current;
    const { rig } = this;
    const start = BASE + at * 4096;
    const pages = Math.min(length, PAGES - at);
    const bytes = pages * 4096;
    const range = model.slice(at, at + pages);
    const gap = range.includes(null);
    if (kind === "mmap") {
      const anonymous = choice < 4;
      const shared = choice % 2 === 1;
      const pgoff = anonymous ? 0 : extra % FILE_PAGES;
      const flags = MAP_FIXED | (anonymous ? MAP_ANONYMOUS : 0) | (shared ? MAP_SHARED : MAP_PRIVATE);
      assert.is(doMmap(mm, anonymous ? null : this.file, start, bytes - choice, prot, flags, pgoff), start);
      let store: Store | null = anonymous ? null : this.fileStore;
      if (anonymous && shared) store = { cells: new Array(pages).fill(0) };
      for (let i = 0; i < pages; i++) {
        model[at + i] = { prot, store, index: pgoff + i, shared, own: undefined, fork: "copy" };
      }
    } else if (kind === "munmap") {
      assert.is(doMunmap(mm, start, bytes), 0);
      model.fill(null, at, at + pages);
    } else if (kind === "mprotect") {
      assert.is(doMprotect(mm, start, bytes, prot), gap ? -ENOMEM : 0);
      for (const page of range) {
        if (page === null) break;
        page.prot = prot;
      }
    } else if (kind === "dontneed") {
      assert.is(doMadvise(mm, start, bytes, MADV_DONTNEED), gap ? -ENOMEM : 0);
      for (const page of range) if (page !== null && !page.shared) page.own = undefined;
    } else if (kind === "forkadvice") {
      // Wiping is for private anonymous memory alone, and stops at the first other mapping.
      const wipe = choice < 4;
      const usable = range.every((page) => page === null || (page.store === null && !page.shared));
      if (wipe && !usable) return;
      assert.is(doMadvise(mm, start, bytes, wipe ? MADV_WIPEONFORK : MADV_DONTFORK), gap ? -ENOMEM : 0);
      // DONTFORK wins over WIPEONFORK.
      for (const page of range) if (page !== null) page.fork = wipe && page.fork !== "skip" ? "wipe" : "skip";
    } else if (kind === "mremap") {
      this.remap(at, pages, extra, choice);
    } else if (kind === "fork") {
      this.fork();
    } else if (kind === "switch") {
      this.current = this.spaces[extra % this.spaces.length];
      rig.activate(this.current.mm);
    } else if (kind === "exit") {
      if (this.spaces.length === 1) return;
      const [gone] = this.spaces.splice(extra % this.spaces.length, 1);
      rig.manager.mmput(gone.mm);
      if (gone === this.current) {
        this.current = this.spaces[0];
        rig.activate(this.current.mm);
      }
    } else if (kind === "filewrite") {
      const value = this.value();
      this.file.writeFile((extra % FILE_PAGES) * 4096, Uint8Array.of(value));
      this.fileStore.cells[extra % FILE_PAGES] = value;
    } else if (kind === "load") {
      assert.is(rig.load(start), this.expected(model[at]));
    } else {
      this.store(at, start);
    }
  }

  private expected(page: ModelPage | null): unknown {
    if (page === null) return SEGV_MAPERR;
    if (page.prot === 0) return SEGV_ACCERR;
    if (page.own !== undefined) return page.own;
    if (page.store === null) return 0;
    return page.store.cells[page.index] ?? BUS_ADRERR;
  }

  private store(at: number, address: number): void {
    const page = this.current.model[at];
    const value = this.value();
    const outcome = this.rig.store(address, value);
    if (page === null) {
      assert.is(outcome, SEGV_MAPERR);
    } else if ((page.prot & PROT_WRITE) === 0) {
      assert.is(outcome, SEGV_ACCERR);
    } else if (page.store !== null && page.own === undefined && page.store.cells[page.index] === undefined) {
      assert.is(outcome, BUS_ADRERR);
    } else {
      assert.is(outcome, 0);
      if (page.shared && page.store !== null) page.store.cells[page.index] = value;
      else page.own = value;
    }
  }

  /** MREMAP_FIXED or in place; the model follows whatever succeeds, and nothing but what is promised happens otherwise. */
  private remap(at: number, pages: number, extra: number, choice: number): void {
    const { mm, model } = this.current;
    const start = BASE + at * 4096;
    const wanted = Math.min(1 + (choice % 4) * 3, PAGES - extra);
    const to = BASE + extra * 4096;
    const fixed = choice < 5;
    const flags = fixed ? MREMAP_MAYMOVE | MREMAP_FIXED : 0;
    const result = doMremap(mm, start, pages * 4096, wanted * 4096, flags, to);
    if (!fixed) {
      if (model[at] === null) assert.is(result, -EFAULT);
      if (result < 0) return;
      assert.is(result, start);
      const grown = model[at + pages - 1];
      if (wanted < pages) model.fill(null, at + wanted, at + pages);
      for (let i = pages; i < wanted; i++) {
        assert.ok(at + i >= PAGES || model[at + i] === null);
        if (at + i < PAGES && grown) model[at + i] = { ...grown, index: grown.index + i - pages + 1, own: undefined };
      }
      // What grew out of the window is not watched.
      if (at + wanted > PAGES) doMunmap(mm, BASE + PAGES * 4096, (at + wanted - PAGES) * 4096);
      return;
    }
    if (start + pages * 4096 > to && to + wanted * 4096 > start) {
      assert.is(result, -EINVAL);
      return;
    }
    if (model[at] === null) assert.is(result, -EFAULT);
    if (result < 0) {
      // The source is not one mapping.
      assert.is(result, -EFAULT);
      return;
    }
    const source = model.slice(at, at + Math.min(pages, wanted));
    assert.is(result, to);
    if (wanted < pages) model.fill(null, at + wanted, at + pages);
    model.fill(null, at, at + source.length);
    // Several mappings move at once, if none is resized; the gaps between them replace nothing.
    const last = source.at(-1);
    for (let i = 0; i < wanted; i++) {
      const grown = last ? { ...last, index: last.index + i - source.length + 1, own: undefined } : null;
      const moved = i < source.length ? source[i] : grown;
      if (moved !== null || pages !== wanted) model[extra + i] = moved ?? null;
    }
  }

  private fork(): void {
    if (this.spaces.length >= 4) return;
    const mm = dupMm(this.rig.manager, this.current.mm);
    if (typeof mm === "number") throw new Error(`fork: ${mm}`);
    const model = this.current.model.map((page) => {
      if (page === null || page.fork === "skip") return null;
      return { ...page, own: page.fork === "wipe" ? undefined : page.own };
    });
    this.spaces.push({ mm, model });
  }

  /** The reverse map finds every place where a frame is mapped, and no other: compared with all page tables. */
  private checkRmap(): void {
    const { memory, mmlist } = this.rig.manager;
    const places = new Map<number, Set<string>>();
    for (const mm of mmlist) {
      for (let i = -1; i <= PAGES; i++) {
        const pte = mm.tables.read(BASE + i * 4096);
        if (!ptePresent(pte) || pteFrame(pte) === memory.zeroPage) continue;
        const found = places.get(pteFrame(pte)) ?? new Set();
        places.set(pteFrame(pte), found.add(`${mm.tables.pgd}:${i}`));
      }
    }
    for (const [pfn, expected] of places) {
      const found = new Set<string>();
      rmapWalk(memory, pfn, ({ mm }, address) => found.add(`${mm.tables.pgd}:${(address - BASE) / 4096}`));
      assert.equal([...found].sort(), [...expected].sort(), `frame ${pfn}`);
    }
  }

  check(): void {
    this.rig.assertBalanced();
    this.checkRmap();
    for (const { mm, model } of this.spaces) {
      for (let i = 0; i < PAGES; i++) {
        const vma = mm.vmas.find(BASE + i * 4096);
        const inside = vma !== null && vma.start <= BASE + i * 4096;
        const page = model[i];
        assert.is(inside, page !== null, `page ${i}`);
        if (!inside || page === null) continue;
        assert.is(vma.flags & VM_ACCESS, page.prot, `protection of page ${i}`);
        assert.is((vma.flags & VM_MAYSHARE) !== 0, page.shared);
        if (page.store !== null) assert.is(vma.indexOf(BASE + i * 4096), page.index, `file page of page ${i}`);
        this.peek(mm, page, BASE + i * 4096);
      }
      assert.ok(mm.vmas.count === 0 || (mm.vmas.first?.start ?? 0) >= BASE);
    }
  }

  /** A page that is present has the right contents; in the active space the TLB agrees. */
  private peek(mm: MmStruct, page: ModelPage, address: number): void {
    const pte = mm.tables.read(address);
    const expected = page.own ?? (page.store === null ? 0 : page.store.cells[page.index]);
    if (!ptePresent(pte)) {
      assert.ok(page.own === undefined, "a private page is lost");
      return;
    }
    assert.is(this.rig.ram.read8(pteFrame(pte) * 4096), expected);
    if (mm !== this.current.mm || page.prot === 0) return;
    assert.is(this.rig.bus.read8(address, 1), expected);
    assert.is(this.rig.bus.faulted, 0);
  }

  end(): void {
    for (const space of this.spaces) {
      this.current = space;
      this.rig.activate(space.mm);
      space.model.forEach((page, i) => {
        assert.is(this.rig.load(BASE + i * 4096), this.expected(page), `page ${i}`);
      });
    }
    for (let i = 0; i < FILE_PAGES; i++) {
      assert.is(this.file.readFile(i * 4096, 1)[0], this.fileStore.cells[i]);
    }
    this.check();
    assert.is(this.file.inode.mapping?.writeBack() ?? 0, 0);
    for (let i = 0; i < FILE_PAGES; i++) assert.is(this.file.memory.bytes[i * 4096], this.fileStore.cells[i]);
    this.rig.assertNothingLeft(this.file);
  }
}

const worlds: [name: string, runs: number, options: RigOptions][] = [
  ["hot translator", 200, { translator: "hot" }],
  ["plain translator", 60, { translator: "plain" }],
  ["page tables shared across fork", 200, { pageTables: "share" }],
];

for (const [name, numRuns, options] of worlds) {
  test(`random histories of several address spaces, ${name}`, () => {
    fc.assert(
      fc.property(fc.array(op, { maxLength: 160, size: "max" }), (ops) => {
        const world = new World(options);
        for (const step of ops) {
          world.apply(step);
          world.check();
        }
        world.end();
      }),
      { seed, numRuns, includeErrorInReport: true },
    );
  });
}

test("the break follows a model of its own", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -0x3000, max: 0x9000 }), { maxLength: 40, size: "max" }), (moves) => {
      const rig = new Rig({ megabytes: 4 });
      const mm = rig.newMm();
      const first = mm.brk;
      const wall = first + 0x20000;
      assert.is(doMmap(mm, null, wall, 4096, PROT_READ, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, 0), wall);
      let brk = first;
      for (const move of moves) {
        const wanted = brk + move;
        const fits = wanted >= first && Math.ceil(wanted / 4096) * 4096 + 4096 <= wall;
        const same = Math.ceil(wanted / 4096) === Math.ceil(brk / 4096);
        const expected = wanted >= first && (fits || same || wanted <= brk) ? wanted : brk;
        assert.is(doBrk(mm, wanted), expected);
        brk = expected;
        if (brk > first) assert.is(rig.store(brk - 1, 1), 0);
        assert.is(rig.load(Math.ceil(brk / 4096) * 4096), SEGV_MAPERR);
        rig.assertBalanced();
      }
      rig.assertNothingLeft();
    }),
    { seed, numRuns: 60, includeErrorInReport: true },
  );
});

test.run();
