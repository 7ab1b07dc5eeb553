/** 4 MiB pages: the pool and its promises, faults, copy on write across fork, errors, and what the TLB sees. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { EINVAL, ENOMEM } from "../kernel/errno.ts";
import {
  BUS_ADRERR,
  FAULT_COW_COPY,
  FAULT_COW_REUSE,
  FAULT_FILE_CACHED,
  FAULT_ZERO,
} from "../kernel/mm/fault-record.ts";
import { dupMm } from "../kernel/mm/fork.ts";
import { doMadvise } from "../kernel/mm/madvise.ts";
import { doMlock } from "../kernel/mm/mlock.ts";
import type { MmStruct } from "../kernel/mm/mm.ts";
import { doMmap } from "../kernel/mm/mmap.ts";
import {
  MADV_DONTNEED,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_LOCKED,
  MAP_NORESERVE,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_SHARED,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
  PROT_NONE,
  PROT_READ,
  PROT_WRITE,
} from "../kernel/mm/mmap-flags.ts";
import { doMprotect } from "../kernel/mm/mprotect.ts";
import { doMremap } from "../kernel/mm/mremap.ts";
import { doMunmap } from "../kernel/mm/munmap.ts";
import { readRemote } from "../kernel/mm/remote.ts";
import { smapsText } from "../kernel/mm/smaps.ts";
import { MISS } from "../mmu/counters.ts";
import { PDE_PS } from "../mmu/pte.ts";
import { Rig } from "./mm-rig.ts";

const RW = PROT_READ | PROT_WRITE;
const HUGE = 0x400000;
const AT = 0x40000000;

/** A rig with so many huge pages, and RAM for a few more. */
function rigWith(pages: number, cpu = "p6"): { rig: Rig; mm: MmStruct } {
  const rig = new Rig({ megabytes: 48, cpu });
  rig.manager.memory.hugePages.resize(pages);
  return { rig, mm: rig.newMm() };
}

/** mmap of fresh huge pages: the address or -errno. */
function map(mm: MmStruct, at: number, pages: number, prot: number, flags: number): number {
  const file = mm.hugetlbfs.newFile("/anon_hugepage", pages * HUGE);
  const result = doMmap(mm, file, at, pages * HUGE, prot, flags | MAP_ANONYMOUS, 0);
  file.put();
  return result;
}

/** Total, free and promised pages. */
function pool(rig: Rig): number[] {
  const { total, free, reserved } = rig.manager.memory.hugePages;
  return [total, free, reserved];
}

function entry(mm: MmStruct, address: number): number {
  return mm.memory.ram.read32(mm.tables.pgdOffset(address));
}

function child(rig: Rig, mm: MmStruct): MmStruct {
  const copy = dupMm(rig.manager, mm);
  if (typeof copy === "number") throw new Error(`fork: ${copy}`);
  return copy;
}

function end(rig: Rig): void {
  rig.assertBalanced();
  for (const mm of [...rig.manager.mmlist]) rig.manager.mmput(mm);
  const { hugePages } = rig.manager.memory;
  assert.is(hugePages.free, hugePages.total);
  assert.is(hugePages.reserved, 0);
  hugePages.resize(0);
  rig.assertNothingLeft();
}

test("the pool grows as far as memory goes, and shrinks to what is in use or promised", () => {
  const { rig, mm } = rigWith(3);
  assert.equal(pool(rig), [3, 3, 0]);
  assert.is(map(mm, AT, 2, RW, MAP_PRIVATE | MAP_FIXED), AT);
  assert.equal(pool(rig), [3, 3, 2]);
  rig.manager.memory.hugePages.resize(0);
  assert.equal(pool(rig), [2, 2, 2]);
  assert.is(rig.store(AT, 1), 0);
  assert.equal(pool(rig), [2, 1, 1]);
  rig.manager.memory.hugePages.resize(1000);
  const [total] = pool(rig);
  assert.ok(total > 2 && total < 12, `${total} pages in 48 MiB`);
  rig.assertBalanced();
  end(rig);
});

test("a fault maps 4 MiB by one directory entry, and the translation is a large one", () => {
  const { rig, mm } = rigWith(2);
  map(mm, AT, 2, RW, MAP_PRIVATE | MAP_FIXED);
  const { record } = rig.manager.faults;
  assert.is(rig.load(AT + 0x123456), 0);
  assert.is(record.kind, FAULT_ZERO);
  assert.is(entry(mm, AT) & PDE_PS, PDE_PS);
  assert.is(mm.tables.tables, 0);
  assert.is(mm.tables.hugePages, 1);
  assert.is(mm.tables.rssPages, 0);
  assert.is(rig.store(AT + 0x3fffff, 7), 0);
  assert.is(record.kind, FAULT_COW_REUSE);
  assert.is(rig.load(AT + 0x3fffff), 7);
  for (let page = 0; page < 1024; page++) assert.is(rig.store(AT + page * 4096, page & 255), 0);
  assert.is(rig.faults, 2);
  assert.is(rig.store(AT + HUGE, 1), 0);
  assert.is(rig.faults, 3);
  end(rig);
});

test("one translation serves 4 MiB, where small pages need a thousand", () => {
  const { rig, mm } = rigWith(1);
  map(mm, AT, 1, RW, MAP_PRIVATE | MAP_FIXED);
  doMmap(mm, null, AT + HUGE, HUGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0);
  const misses = (at: number): number => {
    for (let page = 0; page < 1024; page++) rig.store(at + page * 4096, 1);
    const before = rig.mmu.counters[MISS + 1];
    for (let page = 0; page < 1024; page++) rig.load(at + page * 4096);
    return rig.mmu.counters[MISS + 1] - before;
  };
  assert.is(misses(AT), 0);
  assert.is(misses(AT + HUGE), 1024);
  end(rig);
});

test("lengths, places and offsets are multiples of the page size", () => {
  const { rig, mm } = rigWith(4);
  const file = mm.hugetlbfs.newFile("/memfd:x", 2 * HUGE);
  assert.is(doMmap(mm, file, AT + 4096, HUGE, RW, MAP_SHARED | MAP_FIXED, 0), -EINVAL);
  assert.is(doMmap(mm, file, AT, 4096, RW, MAP_SHARED | MAP_FIXED, 0), -EINVAL);
  assert.is(doMmap(mm, file, AT, HUGE, RW, MAP_SHARED | MAP_FIXED, 1), -EINVAL);
  const anywhere = doMmap(mm, file, 0, HUGE, RW, MAP_SHARED, 1024);
  assert.is(anywhere % HUGE, 0);
  assert.ok(anywhere > 0);
  const hinted = doMmap(mm, file, AT + 4096, HUGE, RW, MAP_SHARED, 0);
  assert.is(hinted, AT + HUGE);
  file.put();
  end(rig);
});

test("parts of a page cannot be unmapped, protected, moved or advised away", () => {
  const { rig, mm } = rigWith(4);
  map(mm, AT, 3, RW, MAP_PRIVATE | MAP_FIXED);
  for (let i = 0; i < 3; i++) rig.store(AT + i * HUGE, i + 1);
  assert.is(doMunmap(mm, AT + 4096, 4096), -EINVAL);
  assert.is(doMunmap(mm, AT, 4096), -EINVAL);
  assert.is(doMprotect(mm, AT, 4096, PROT_READ), -EINVAL);
  assert.is(doMadvise(mm, AT + 4096, HUGE, MADV_DONTNEED), -EINVAL);
  assert.is(doMadvise(mm, AT, 4096, MADV_DONTNEED), 0);
  assert.is(rig.load(AT), 1);
  assert.is(doMmap(mm, null, AT, 4096, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0), -EINVAL);
  assert.is(doMremap(mm, AT, HUGE, 2 * HUGE, MREMAP_MAYMOVE, 0), -EINVAL);
  assert.is(mm.vmas.count, 1);
  assert.is(doMlock(mm, AT, HUGE, 0), 0);
  assert.is(mm.lockedVm, 0);
  assert.is(doMadvise(mm, AT + HUGE, HUGE, MADV_DONTNEED), 0);
  assert.is(rig.load(AT + HUGE), 0);
  assert.is(doMunmap(mm, AT + HUGE, HUGE), 0);
  assert.is(mm.vmas.count, 2);
  rig.assertBalanced();
  end(rig);
});

test("mprotect and mremap act on directory entries", () => {
  const { rig, mm } = rigWith(2);
  map(mm, AT, 2, RW, MAP_PRIVATE | MAP_FIXED);
  rig.store(AT + 5, 55);
  assert.is(doMprotect(mm, AT, HUGE, PROT_NONE), 0);
  assert.is.not(rig.load(AT + 5), 55);
  assert.is(doMprotect(mm, AT, HUGE, PROT_READ), 0);
  assert.is(rig.load(AT + 5), 55);
  assert.is.not(rig.store(AT + 5, 1), 0);
  assert.is(doMprotect(mm, AT, HUGE, RW), 0);
  assert.is(rig.store(AT + 5, 56), 0);
  const to = AT + 16 * HUGE;
  assert.is(doMremap(mm, AT, HUGE, HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, to), to);
  assert.is(rig.load(to + 5), 56);
  assert.is(entry(mm, AT), 0);
  rig.assertBalanced();
  end(rig);
});

test("fork copies on write; who was promised the pages keeps them when the pool is empty", () => {
  const { rig, mm } = rigWith(2);
  const { record } = rig.manager.faults;
  map(mm, AT, 1, RW, MAP_PRIVATE | MAP_FIXED);
  rig.store(AT, 1);
  const first = child(rig, mm);
  assert.is(first.tables.hugePages, 1);
  assert.is(rig.store(AT, 2), 0);
  assert.is(record.kind, FAULT_COW_COPY);
  rig.activate(first);
  assert.is(rig.load(AT), 1);
  assert.is(rig.store(AT, 3), 0);
  assert.is(record.kind, FAULT_COW_REUSE);
  const second = child(rig, first);
  // No page is left for the copy of one that was promised nothing.
  rig.activate(second);
  assert.is(rig.store(AT, 4), BUS_ADRERR);
  rig.activate(mm);
  const third = child(rig, mm);
  assert.is(rig.store(AT, 5), 0);
  assert.is(record.kind, FAULT_COW_REUSE);
  rig.activate(third);
  assert.is(third.tables.hugePages, 0);
  assert.is(rig.load(AT), BUS_ADRERR);
  rig.activate(mm);
  assert.is(rig.load(AT), 5);
  rig.assertBalanced();
  end(rig);
});

test("shared huge memory is one memory, promised once and kept while the file lives", () => {
  const { rig, mm } = rigWith(3);
  const file = mm.hugetlbfs.newFile("/memfd:x", 0);
  assert.is(doMmap(mm, file, AT, 2 * HUGE, RW, MAP_SHARED | MAP_FIXED, 0), AT);
  assert.is(file.inode.size, 2 * HUGE);
  assert.equal(pool(rig), [3, 3, 2]);
  rig.store(AT + 9, 9);
  const other = child(rig, mm);
  rig.activate(other);
  assert.is(rig.load(AT + 9), 9);
  assert.is(rig.manager.faults.record.kind, FAULT_FILE_CACHED);
  rig.store(AT + 9, 10);
  rig.activate(mm);
  assert.is(rig.load(AT + 9), 10);
  assert.is(doMunmap(mm, AT, 2 * HUGE), 0);
  const bytes = new Uint8Array(2);
  assert.is(file.inode.mapping?.read(8, bytes, 0, 2), 2);
  assert.equal([...bytes], [0, 10]);
  assert.equal(pool(rig), [3, 2, 1]);
  assert.is(file.inode.truncate(4096), -EINVAL);
  assert.is(file.inode.truncate(0), 0);
  file.inode.mapping?.truncate(0);
  assert.equal(pool(rig), [3, 3, 0]);
  rig.activate(other);
  assert.is(rig.load(AT), BUS_ADRERR);
  file.put();
  end(rig);
});

test("without a free page: -ENOMEM for a promise, SIGBUS without one", () => {
  const { rig, mm } = rigWith(1);
  assert.is(map(mm, AT, 2, RW, MAP_PRIVATE | MAP_FIXED), -ENOMEM);
  assert.is(mm.totalVm, 0);
  assert.is(map(mm, AT, 2, RW, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE), AT);
  assert.is(rig.store(AT, 1), 0);
  assert.is(rig.store(AT + HUGE, 1), BUS_ADRERR);
  rig.assertBalanced();
  end(rig);
});

test("populate, remote access and smaps know them", () => {
  const { rig, mm } = rigWith(2);
  map(mm, AT, 2, RW, MAP_PRIVATE | MAP_FIXED | MAP_POPULATE | MAP_LOCKED);
  assert.is(mm.tables.hugePages, 2);
  assert.is(mm.lockedVm, 0);
  rig.store(AT + HUGE - 1, 1);
  rig.store(AT + HUGE, 2);
  const bytes = new Uint8Array(2);
  assert.is(readRemote(mm, AT + HUGE - 1, bytes, 0, 2, "as mapped"), 2);
  assert.equal([...bytes], [1, 2]);
  const root = mm.vmas.first?.file?.dentry;
  if (!root) throw new Error("no mapping");
  const text = smapsText(mm, root);
  assert.match(text, /^KernelPageSize: {5}4096 kB$/m);
  assert.match(text, /^Private_Hugetlb: {4}8192 kB$/m);
  assert.match(text, /^Rss: +0 kB$/m);
  assert.match(text, /^VmFlags: .*\bht\b/m);
  end(rig);
});

test("random histories of private huge mappings keep contents and accounts", () => {
  const { rig, mm } = rigWith(6);
  // Each address space with the values of its four pages, null = not mapped.
  const spaces = [{ mm, cells: [0, 0, 0, 0] as (number | null)[] }];
  map(mm, AT, 4, RW, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE);
  let state = 7;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  for (let step = 0; step < 150; step++) {
    const space = spaces[random(spaces.length)];
    const page = random(4);
    const address = AT + page * HUGE + random(1024) * 4096;
    rig.activate(space.mm);
    const kind = random(8);
    if (kind < 4) {
      const outcome = rig.store(AT + page * HUGE, step & 127);
      if (space.cells[page] === null) assert.is.not(outcome, 0);
      else if (outcome === 0) space.cells[page] = step & 127;
      else assert.is(outcome, BUS_ADRERR);
    } else if (kind === 4 && spaces.length < 3) {
      spaces.push({ mm: child(rig, space.mm), cells: [...space.cells] });
    } else if (kind === 5 && spaces.length > 1) {
      spaces.splice(spaces.indexOf(space), 1);
      rig.manager.mmput(space.mm);
    } else if (kind === 6 && step % 5 === 0) {
      assert.is(doMunmap(space.mm, address - (address % HUGE), HUGE), 0);
      space.cells[page] = null;
    }
    rig.assertBalanced();
    for (const { mm: each, cells } of spaces) {
      cells.forEach((value, i) => {
        const pte = each.tables.read(AT + i * HUGE);
        if (pte !== 0) assert.is(rig.ram.read8((pte >>> 12) * 4096), value);
        else assert.ok(value === null || value === 0);
      });
    }
  }
  end(rig);
});

test("a processor without 4 MiB pages has no pool", () => {
  const { rig } = rigWith(4, "i486");
  assert.is(rig.manager.memory.hugePages.supported, false);
  assert.equal(pool(rig), [0, 0, 0]);
  rig.assertNothingLeft();
});

test.run();
