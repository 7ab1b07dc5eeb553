/** Page tables that a fork shares: when they are copied, given up and taken back, what that saves, and that nobody can tell. */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { bootLinux } from "../kernel/boot.ts";
import { FAULT_COW_COPY, FAULT_COW_REUSE } from "../kernel/mm/fault-record.ts";
import { dupMm } from "../kernel/mm/fork.ts";
import { frameLedger } from "../kernel/mm/ledger.ts";
import { doMadvise } from "../kernel/mm/madvise.ts";
import type { MmStruct } from "../kernel/mm/mm.ts";
import { doMmap } from "../kernel/mm/mmap.ts";
import {
  MADV_DONTFORK,
  MADV_DONTNEED,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  MAP_SHARED,
  PROT_READ,
  PROT_WRITE,
} from "../kernel/mm/mmap-flags.ts";
import { doMprotect } from "../kernel/mm/mprotect.ts";
import { doMunmap } from "../kernel/mm/munmap.ts";
import type { SharingCounts } from "../kernel/mm/shared-tables.ts";
import { run } from "../kernel/run.ts";
import { MemoryFile, page, Rig } from "./mm-rig.ts";
import { programHost } from "./program-host.ts";

const RW = PROT_READ | PROT_WRITE;
const anonymous = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
const AT = 0x10000000;
const SPAN = 0x400000;

function rigWith(pages: number): { rig: Rig; mm: MmStruct } {
  const rig = new Rig({ megabytes: 32, pageTables: "share" });
  const mm = rig.newMm();
  doMmap(mm, null, AT, pages * 4096, RW, anonymous, 0);
  for (let i = 0; i < pages; i++) assert.is(rig.store(AT + i * 4096, i & 127), 0);
  return { rig, mm };
}

function child(rig: Rig, mm: MmStruct): MmStruct {
  const copy = dupMm(rig.manager, mm);
  if (typeof copy === "number") throw new Error(`fork: ${copy}`);
  return copy;
}

function counts(rig: Rig): SharingCounts {
  return { ...(rig.manager.sharing?.counts as SharingCounts) };
}

test("a fork takes one frame, whatever is mapped, and a child that only reads never takes more", () => {
  const { rig, mm } = rigWith(2048);
  const { memory } = rig.manager;
  const before = memory.freeFrames;
  const other = child(rig, mm);
  assert.is(memory.freeFrames, before - 1);
  assert.equal(counts(rig), { shared: 2, copied: 0, dropped: 0 });
  assert.is(other.tables.rssPages, 2048);
  rig.activate(other);
  const faults = rig.faults;
  for (let i = 0; i < 2048; i++) assert.is(rig.load(AT + i * 4096), i & 127);
  assert.is(rig.faults, faults);
  rig.assertBalanced();
  rig.manager.mmput(other);
  assert.is(memory.freeFrames, before);
  assert.equal(counts(rig), { shared: 2, copied: 0, dropped: 2 });
  // Both tables are the parent's alone again: no fault.
  rig.activate(mm);
  assert.is(rig.store(AT, 1), 0);
  assert.is(rig.faults, faults);
  rig.assertBalanced();
  rig.assertNothingLeft();
});

test("the first write copies the table, then the page; the other side gets its table back", () => {
  const { rig, mm } = rigWith(2048);
  const other = child(rig, mm);
  const { record } = rig.manager.faults;
  assert.is(rig.store(AT + 5, 99), 0);
  assert.is(record.kind, FAULT_COW_COPY);
  assert.equal(counts(rig), { shared: 2, copied: 1, dropped: 0 });
  rig.assertBalanced();
  rig.activate(other);
  assert.is(rig.load(AT + 5), 0);
  assert.is(rig.store(AT + 5, 98), 0);
  assert.is(record.kind, FAULT_COW_REUSE);
  assert.is(rig.store(AT + 4096, 97), 0);
  assert.is(record.kind, FAULT_COW_COPY);
  assert.is(counts(rig).copied, 1);
  rig.activate(mm);
  assert.is(rig.load(AT + 5), 99);
  assert.is(rig.load(AT + 4096), 1);
  rig.assertBalanced();
  rig.assertNothingLeft();
});

test("three generations on one table", () => {
  const { rig, mm } = rigWith(16);
  const second = child(rig, mm);
  rig.activate(second);
  const third = child(rig, second);
  assert.is(counts(rig).shared, 2);
  rig.activate(third);
  assert.is(rig.store(AT, 3), 0);
  rig.assertBalanced();
  rig.activate(second);
  assert.is(rig.store(AT, 2), 0);
  assert.is(counts(rig).copied, 2);
  rig.assertBalanced();
  rig.activate(mm);
  assert.is(rig.load(AT), 0);
  assert.is(rig.store(AT, 1), 0);
  for (const [each, value] of [
    [mm, 1],
    [second, 2],
    [third, 3],
  ] as const) {
    rig.activate(each);
    assert.is(rig.load(AT), value);
    assert.is(rig.load(AT + 4096), 1);
  }
  rig.assertBalanced();
  rig.assertNothingLeft();
});

test("unmapping, protecting and advising concern one side only", () => {
  const { rig, mm } = rigWith(2048);
  const other = child(rig, mm);
  assert.is(doMunmap(mm, AT, 4096), 0);
  assert.is(doMprotect(mm, AT + 8192, 4096, PROT_READ), 0);
  assert.is(doMadvise(mm, AT + 3 * 4096, 4096, MADV_DONTNEED), 0);
  assert.is(counts(rig).copied, 1);
  assert.is(rig.load(AT + 3 * 4096), 0);
  rig.assertBalanced();
  rig.activate(other);
  assert.is(rig.load(AT + 4096), 1);
  assert.is(rig.store(AT + 8192, 9), 0);
  assert.is(rig.load(AT + 3 * 4096), 3);
  // The whole of the second table goes: nothing is copied for that.
  assert.is(doMunmap(other, AT + SPAN, SPAN), 0);
  assert.equal(counts(rig), { shared: 2, copied: 1, dropped: 1 });
  rig.activate(mm);
  assert.is(rig.load(AT + SPAN), 0);
  rig.assertBalanced();
  rig.assertNothingLeft();
});

test("a table with mappings that the child does not get is copied", () => {
  const { rig, mm } = rigWith(1024);
  doMmap(mm, null, AT + SPAN, 8192, RW, anonymous, 0);
  rig.store(AT + SPAN, 1);
  rig.store(AT + SPAN + 4096, 2);
  assert.is(doMadvise(mm, AT + SPAN + 4096, 4096, MADV_DONTFORK), 0);
  const other = child(rig, mm);
  assert.is(counts(rig).shared, 1);
  rig.activate(other);
  assert.is(rig.load(AT + SPAN), 1);
  assert.is.not(rig.load(AT + SPAN + 4096), 2);
  rig.assertBalanced();
  rig.assertNothingLeft();
});

test("a table with pages that a fork leaves out is copied, and the child faults as often as ever", () => {
  const { rig, mm } = rigWith(1);
  const file = new MemoryFile("/data", page(7, 4));
  doMmap(mm, file, AT + 0x10000, 0x4000, PROT_READ, MAP_SHARED | MAP_FIXED, 0);
  assert.is(rig.load(AT + 0x10000), 7);
  const other = child(rig, mm);
  assert.is(counts(rig).shared, 0);
  rig.activate(other);
  const faults = rig.faults;
  assert.is(rig.load(AT + 0x10000), 7);
  assert.is(rig.faults, faults + 1);
  rig.assertNothingLeft(file);
});

test("truncation takes a page from all who share the table", () => {
  const { rig, mm } = rigWith(1);
  const file = new MemoryFile("/data", page(7, 4));
  doMmap(mm, file, AT + 0x20000, 0x4000, RW, MAP_PRIVATE | MAP_FIXED, 0);
  for (let i = 0; i < 4; i++) rig.store(AT + 0x20000 + i * 4096, 50 + i);
  const other = child(rig, mm);
  assert.is(counts(rig).shared, 1);
  file.shrinkTo(4096);
  assert.equal(counts(rig), { shared: 1, copied: 0, dropped: 0 });
  rig.assertBalanced();
  assert.equal([...other.tables.rss], [...mm.tables.rss]);
  rig.activate(other);
  assert.is(rig.load(AT + 0x20000), 50);
  assert.is.not(rig.load(AT + 0x21000), 51);
  rig.activate(mm);
  assert.is(rig.load(AT + 0x20000), 50);
  rig.assertBalanced();
  rig.assertNothingLeft(file);
});

test("programs that fork print the same", () => {
  for (const name of ["cow", "pipes", "shared"]) {
    const [copied, shared] = (["copy", "share"] as const).map((pageTables) => {
      const host = programHost(readFileSync(`images/bin/${name}`));
      const kernel = bootLinux({ host, program: "/program", pageTables, machineOptions: { mem: 32 << 20 } });
      const reason = run(kernel, { instructions: 1e8 });
      assert.equal(frameLedger(kernel.mm).complaints, []);
      if (pageTables === "share") assert.ok((kernel.mm.sharing?.counts.shared ?? 0) > 0);
      return `${host.text("stdout")}${JSON.stringify(reason)}`;
    });
    assert.is(shared, copied, name);
  }
});

test.run();
