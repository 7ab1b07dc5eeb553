/** The fault decision list: which handler takes which fault, what it leaves in the PTE, and what the program gets. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  BUS_ADRERR,
  FAULT_COW_COPY,
  FAULT_COW_REUSE,
  FAULT_FILE_CACHED,
  FAULT_FILE_MAJOR,
  FAULT_MKWRITE,
  FAULT_ZERO,
  FAULT_ZERO_PAGE,
  OUT_OF_MEMORY,
  SEGV_ACCERR,
  SEGV_MAPERR,
} from "../kernel/mm/fault-record.ts";
import { dupMm } from "../kernel/mm/fork.ts";
import { PG_DIRTY } from "../kernel/mm/frames.ts";
import type { MmStruct } from "../kernel/mm/mm.ts";
import { doMmap } from "../kernel/mm/mmap.ts";
import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_GROWSDOWN,
  MAP_PRIVATE,
  MAP_SHARED,
  PROT_NONE,
  PROT_READ,
  PROT_WRITE,
} from "../kernel/mm/mmap-flags.ts";
import { doMprotect } from "../kernel/mm/mprotect.ts";
import { doMunmap } from "../kernel/mm/munmap.ts";
import { pteFrame } from "../kernel/mm/page-tables.ts";
import { PTE_D, PTE_RW } from "../mmu/index.ts";
import { MemoryFile, page, Rig } from "./mm-rig.ts";

const RW = PROT_READ | PROT_WRITE;
const anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
const AT = 0x10000000;

function child(rig: Rig, mm: MmStruct): MmStruct {
  const copy = dupMm(rig.manager, mm);
  if (typeof copy === "number") throw new Error(`fork: ${copy}`);
  return copy;
}

test("anonymous memory: the shared zero page when read, a frame of its own when written", () => {
  const rig = new Rig();
  const mm = rig.newMm();
  const { record } = rig.manager.faults;
  assert.is(doMmap(mm, null, AT, 0x4000, RW, anonymous | MAP_FIXED, 0), AT);
  assert.is(rig.load(AT + 5), 0);
  assert.is(record.kind, FAULT_ZERO_PAGE);
  assert.is(pteFrame(mm.tables.read(AT)), rig.manager.memory.zeroPage);
  assert.is(mm.tables.read(AT) & PTE_RW, 0);
  assert.is(mm.tables.rssPages, 0);
  assert.is(rig.store(AT + 5, 7), 0);
  assert.is(record.kind, FAULT_COW_COPY);
  assert.is(rig.load(AT + 5), 7);
  assert.is(rig.store(AT + 0x1000, 9), 0);
  assert.is(record.kind, FAULT_ZERO);
  assert.is(mm.tables.rssPages, 2);
  assert.is(rig.faults, 3);
  rig.assertBalanced();
  rig.assertNothingLeft();
});

test("no mapping, and a mapping that forbids the access", () => {
  const rig = new Rig();
  const mm = rig.newMm();
  doMmap(mm, null, AT, 0x1000, PROT_READ, anonymous | MAP_FIXED, 0);
  doMmap(mm, null, AT + 0x1000, 0x1000, PROT_NONE, anonymous | MAP_FIXED, 0);
  assert.is(rig.load(AT - 1), SEGV_MAPERR);
  assert.is(rig.load(0), SEGV_MAPERR);
  assert.is(rig.load(0xc0000000), SEGV_MAPERR);
  assert.is(rig.store(AT, 1), SEGV_ACCERR);
  assert.is(rig.load(AT), 0);
  assert.is(rig.store(AT, 1), SEGV_ACCERR);
  assert.is(rig.load(AT + 0x1000), SEGV_ACCERR);
  assert.is(rig.load(AT + 0x2000), SEGV_MAPERR);
  assert.is(rig.faults, 1);
  rig.assertNothingLeft();
});

test("PROT_NONE keeps the page and clears P: the fault has error code P = 0", () => {
  const rig = new Rig();
  const mm = rig.newMm();
  doMmap(mm, null, AT, 0x1000, RW, anonymous | MAP_FIXED, 0);
  rig.store(AT, 42);
  assert.is(doMprotect(mm, AT, 0x1000, PROT_NONE), 0);
  assert.is(rig.load(AT), SEGV_ACCERR);
  assert.is(rig.mmu.fault.code & 1, 0);
  assert.is(doMprotect(mm, AT, 0x1000, PROT_READ), 0);
  assert.is(rig.load(AT), 42);
  assert.is(rig.store(AT, 1), SEGV_ACCERR);
  assert.is(rig.mmu.fault.code & 1, 1);
  assert.is(doMprotect(mm, AT, 0x1000, RW), 0);
  assert.is(rig.store(AT, 43), 0);
  assert.is(rig.faults, 1);
  rig.assertNothingLeft();
});

test("private file pages come from the page cache and are copied when written", () => {
  const rig = new Rig();
  const mm = rig.newMm();
  const { record } = rig.manager.faults;
  const file = new MemoryFile("/data", page(0x11, 2));
  doMmap(mm, file, AT, 0x2000, RW, MAP_PRIVATE | MAP_FIXED, 0);
  assert.is(rig.load(AT), 0x11);
  assert.is(record.kind, FAULT_FILE_MAJOR);
  assert.is(rig.task.usage.majorFaults, 1);
  const cached = pteFrame(mm.tables.read(AT));
  assert.is(rig.store(AT, 1), 0);
  assert.is(record.kind, FAULT_COW_COPY);
  assert.is.not(pteFrame(mm.tables.read(AT)), cached);
  assert.is(file.readFile(0, 1)[0], 0x11);
  assert.is(rig.store(AT + 0x1000, 2), 0);
  assert.is(record.kind, FAULT_FILE_MAJOR);
  assert.is(rig.task.usage.majorFaults, 2);
  assert.equal([...mm.tables.rss], [0, 2, 0]);
  rig.assertBalanced();
  rig.assertNothingLeft(file);
});

test("shared file pages: two mappings, read and write see one frame; D becomes the page's dirt", () => {
  const rig = new Rig();
  const mm = rig.newMm();
  const { record } = rig.manager.faults;
  const file = new MemoryFile("/data", page(0x22));
  doMmap(mm, file, AT, 0x1000, RW, MAP_SHARED | MAP_FIXED, 0);
  doMmap(mm, file, AT + 0x4000, 0x1000, PROT_READ, MAP_PRIVATE | MAP_FIXED, 0);
  assert.is(rig.load(AT + 0x4000), 0x22);
  assert.is(rig.store(AT + 3, 0x33), 0);
  assert.is(record.kind, FAULT_FILE_CACHED);
  assert.is(mm.tables.read(AT) & PTE_D, PTE_D);
  assert.is(rig.load(AT + 0x4003), 0x33);
  assert.is(file.readFile(3, 1)[0], 0x33);
  file.writeFile(4, Uint8Array.of(0x44));
  assert.is(rig.load(AT + 4), 0x44);
  assert.is(file.memory.bytes[3], 0x22);
  assert.is(file.inode.mapping?.writeBack(), 0);
  assert.is(file.memory.bytes[3], 0x33);
  assert.is(mm.tables.read(AT) & PTE_D, 0);
  // The D bit comes back with the next write, though the TLB knew a dirty entry.
  assert.is(rig.store(AT + 3, 0x55), 0);
  assert.is(mm.tables.read(AT) & PTE_D, PTE_D);
  doMunmap(mm, AT, 0x1000);
  assert.is(file.inode.mapping?.writeBack(), 0);
  assert.is(file.memory.bytes[3], 0x55);
  rig.assertNothingLeft(file);
});

test("page_mkwrite: the first write to a clean page of a shared file is a fault, and again after it was written back", () => {
  const rig = new Rig();
  const mm = rig.newMm();
  const { record } = rig.manager.faults;
  const file = new MemoryFile("/data", page(0x22, 2));
  doMmap(mm, file, AT, 0x2000, RW, MAP_SHARED | MAP_FIXED, 0);
  doMmap(mm, file, AT + 0x4000, 0x2000, RW, MAP_SHARED | MAP_FIXED, 0);
  const { flags } = rig.manager.memory.frames;
  for (const at of [AT, AT + 0x1000, AT + 0x4000]) rig.load(at);
  const frame = pteFrame(mm.tables.read(AT));
  assert.is(mm.tables.read(AT) & PTE_RW, 0);
  assert.is(flags[frame] & PG_DIRTY, 0);
  const before = rig.faults;
  const mtime = file.inode.mtime;
  assert.is(rig.store(AT, 1), 0);
  assert.is(record.kind, FAULT_MKWRITE);
  assert.is(flags[frame] & PG_DIRTY, PG_DIRTY);
  assert.ok(file.inode.mtime !== mtime);
  assert.is(rig.store(AT + 5, 1), 0);
  assert.is(rig.faults, before + 1);
  // Every mapping has its own fault.
  assert.is(rig.store(AT + 0x4000, 2), 0);
  assert.is(rig.faults, before + 2);
  // Rights that mprotect gives back come at once where the page is known to be dirty.
  assert.is(doMprotect(mm, AT, 0x2000, PROT_READ), 0);
  assert.is(doMprotect(mm, AT, 0x2000, RW), 0);
  assert.is(rig.store(AT, 3), 0);
  assert.is(rig.faults, before + 2);
  assert.is(rig.store(AT + 0x1000, 3), 0);
  assert.is(rig.faults, before + 3);
  assert.is(file.inode.mapping?.writeBack(), 0);
  assert.is(flags[frame] & PG_DIRTY, 0);
  assert.is(mm.tables.read(AT + 0x4000) & PTE_RW, 0);
  assert.is(rig.store(AT + 0x4000, 4), 0);
  assert.is(record.kind, FAULT_MKWRITE);
  assert.is(file.memory.bytes[0], 3);
  assert.is(file.inode.mapping?.writeBack(), 0);
  assert.is(file.memory.bytes[0], 4);
  rig.assertBalanced();
  rig.assertNothingLeft(file);
});

test("shared anonymous memory is writable at once: nobody asks which of its pages are dirty", () => {
  const rig = new Rig();
  const mm = rig.newMm();
  const shared = doMmap(mm, null, 0, 0x1000, RW, MAP_SHARED | MAP_ANONYMOUS, 0);
  assert.is(rig.load(shared), 0);
  assert.is(rig.store(shared, 1), 0);
  assert.is(rig.faults, 1);
  rig.assertNothingLeft();
});

test("beyond the end of the file: the rest of the last page is zero, the next page is SIGBUS", () => {
  const rig = new Rig();
  const mm = rig.newMm();
  const file = new MemoryFile("/data", new Uint8Array(4097).fill(1));
  doMmap(mm, file, AT, 0x4000, RW, MAP_SHARED | MAP_FIXED, 0);
  assert.is(rig.load(AT + 4096), 1);
  assert.is(rig.load(AT + 4097), 0);
  assert.is(rig.load(AT + 0x2000), BUS_ADRERR);
  file.shrinkTo(100);
  assert.is(rig.load(AT + 4096), BUS_ADRERR);
  assert.is(rig.load(AT + 99), 1);
  assert.is(rig.load(AT + 100), 0);
  rig.assertNothingLeft(file);
});

test("truncation takes private copies away as well", () => {
  const rig = new Rig();
  const mm = rig.newMm();
  const file = new MemoryFile("/data", page(1, 2));
  doMmap(mm, file, AT, 0x2000, RW, MAP_PRIVATE | MAP_FIXED, 0);
  rig.store(AT + 0x1000, 9);
  file.shrinkTo(4096);
  assert.is(rig.load(AT + 0x1000), BUS_ADRERR);
  rig.assertNothingLeft(file);
});

test("fork: copy on write on both sides, reuse by the last owner", () => {
  const rig = new Rig();
  const mm = rig.newMm();
  const { record } = rig.manager.faults;
  doMmap(mm, null, AT, 0x2000, RW, anonymous | MAP_FIXED, 0);
  rig.store(AT, 1);
  const other = child(rig, mm);
  const frame = pteFrame(mm.tables.read(AT));
  assert.is(rig.manager.memory.frames.count[frame], 2);
  assert.is(rig.store(AT, 2), 0);
  assert.is(record.kind, FAULT_COW_COPY);
  rig.activate(other);
  assert.is(rig.load(AT), 1);
  assert.is(rig.store(AT, 3), 0);
  assert.is(record.kind, FAULT_COW_REUSE);
  assert.is(pteFrame(other.tables.read(AT)), frame);
  rig.activate(mm);
  assert.is(rig.load(AT), 2);
  rig.assertBalanced();
  rig.assertNothingLeft();
});

test("shared anonymous memory is one memory for parent and child, private is not", () => {
  const rig = new Rig();
  const mm = rig.newMm();
  const shared = doMmap(mm, null, 0, 0x2000, RW, MAP_SHARED | MAP_ANONYMOUS, 0);
  rig.store(shared, 1);
  const other = child(rig, mm);
  rig.activate(other);
  assert.is(rig.load(shared), 1);
  rig.store(shared, 2);
  rig.store(shared + 0x1000, 3);
  rig.activate(mm);
  assert.is(rig.load(shared), 2);
  assert.is(rig.load(shared + 0x1000), 3);
  assert.equal([...mm.tables.rss], [0, 0, 2]);
  assert.is(rig.task.usage.majorFaults, 0);
  rig.assertBalanced();
  rig.assertNothingLeft();
});

test("a mapping that grows down grows by faults below it, as far as limit and guard gap allow", () => {
  const rig = new Rig();
  const mm = rig.newMm();
  rig.task.limits[3] = 0x10000;
  doMmap(mm, null, AT, 0x1000, RW, anonymous | MAP_FIXED | MAP_GROWSDOWN, 0);
  assert.is(rig.store(AT - 1, 1), 0);
  assert.is(rig.manager.faults.record.stackGrowth, true);
  assert.is(rig.store(AT + 0x1000 - 0x10000, 1), 0);
  assert.is(rig.store(AT + 0x1000 - 0x10000 - 1, 1), SEGV_MAPERR);
  assert.is(mm.stackVm, 16);
  rig.task.limits = {};
  const below = AT - 0x200000;
  doMmap(mm, null, below - 0x1000, 0x1000, RW, anonymous | MAP_FIXED, 0);
  assert.is(rig.store(below + 0x100000 - 1, 1), SEGV_MAPERR);
  assert.is(rig.store(below + 0x100000, 1), 0);
  rig.assertBalanced();
  rig.assertNothingLeft();
});

test("when frames run out the program is killed and nothing is lost", () => {
  const rig = new Rig({ megabytes: 2 });
  const mm = rig.newMm();
  doMmap(mm, null, AT, 0x100000, RW, anonymous | MAP_FIXED, 0);
  doMmap(mm, null, AT + 0x100000, 0x100000, RW, anonymous | MAP_FIXED, 0);
  let outcome: unknown = 0;
  let address = AT;
  for (; outcome === 0; address += 0x1000) outcome = rig.store(address, 1);
  assert.is(outcome, OUT_OF_MEMORY);
  rig.assertBalanced();
  assert.is(dupMm(rig.manager, mm), -12);
  rig.assertBalanced();
  rig.assertNothingLeft();
});

test("unmapped page cache is given up before memory runs out", () => {
  const rig = new Rig({ megabytes: 2 });
  const mm = rig.newMm();
  const file = new MemoryFile("/data", page(5, 200));
  doMmap(mm, file, AT, 200 * 4096, RW, MAP_SHARED | MAP_FIXED, 0);
  for (let i = 0; i < 200; i++) rig.store(AT + i * 4096, 6);
  doMunmap(mm, AT, 200 * 4096);
  doMmap(mm, null, AT, 400 * 4096, RW, anonymous | MAP_FIXED, 0);
  for (let i = 0; i < 400; i++) assert.is(rig.store(AT + i * 4096, 1), 0);
  assert.is(file.memory.bytes[199 * 4096], 6);
  rig.assertBalanced();
  rig.assertNothingLeft(file);
});

test("a file larger than memory, written and read back through one window", () => {
  const rig = new Rig({ megabytes: 2 });
  const mm = rig.newMm();
  const pages = 700;
  const file = new MemoryFile("/data", page(0, pages));
  const window = 50;
  for (const pass of ["write", "read"]) {
    for (let first = 0; first < pages; first += window) {
      doMmap(mm, file, AT, window * 4096, RW, MAP_SHARED | MAP_FIXED, first);
      for (let i = 0; i < window; i++) {
        const value = 1 + ((first + i) % 251);
        if (pass === "write") assert.is(rig.store(AT + i * 4096, value), 0);
        else assert.is(rig.load(AT + i * 4096), value);
      }
    }
  }
  rig.assertBalanced();
  rig.assertNothingLeft(file);
});

test.run();
