/** What may be promised: the three policies of vm.overcommit_memory, the reserves, and the limits of one process. */

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { EINVAL, ENOMEM } from "../kernel/errno.ts";
import type { ProcEntry } from "../kernel/fs/proc/proc-inode.ts";
import { systemEntries } from "../kernel/fs/proc/system.ts";
import { doBrk } from "../kernel/mm/brk.ts";
import { SEGV_MAPERR } from "../kernel/mm/fault-record.ts";
import { dupMm } from "../kernel/mm/fork.ts";
import { doMmap } from "../kernel/mm/mmap.ts";
import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_GROWSDOWN,
  MAP_NORESERVE,
  MAP_PRIVATE,
  MAP_SHARED,
  MREMAP_MAYMOVE,
  PROT_NONE,
  PROT_READ,
  PROT_WRITE,
} from "../kernel/mm/mmap-flags.ts";
import { doMprotect } from "../kernel/mm/mprotect.ts";
import { doMremap } from "../kernel/mm/mremap.ts";
import { doMunmap } from "../kernel/mm/munmap.ts";
import { OVERCOMMIT_ALWAYS, OVERCOMMIT_GUESS, OVERCOMMIT_NEVER, type Overcommit } from "../kernel/mm/overcommit.ts";
import { RLIMIT_AS, RLIMIT_DATA, RLIMIT_STACK } from "../kernel/task/rlimit.ts";
import { createMachine } from "../observe/index.ts";
import { MemoryFile, page, Rig } from "./mm-rig.ts";

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() % 2 ** 31);
console.log(`PAGEWALK_SEED=${seed}`);

const RW = PROT_READ | PROT_WRITE;
const PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS;
const SHARED = MAP_SHARED | MAP_ANONYMOUS;
const MIB = 1 << 20;
/** Above where mmap puts what may go anywhere, the stack being unlimited here. */
const AT = 0x60000000;

function start(policy: number, megabytes = 8) {
  const rig = new Rig({ megabytes });
  const mm = rig.newMm();
  const { overcommit } = rig.manager.memory;
  overcommit.policy = policy;
  const map = (bytes: number, flags = PRIVATE, prot = RW) => doMmap(mm, null, 0, bytes, prot, flags, 0);
  return { rig, mm, overcommit, map };
}

test("guess: one demand for more than all RAM is refused, any number of smaller ones is not", () => {
  const { rig, overcommit, map } = start(OVERCOMMIT_GUESS);
  assert.is(map(9 * MIB), -ENOMEM);
  assert.is(map(9 * MIB, SHARED), -ENOMEM);
  assert.is(overcommit.committed, 0);
  assert.ok(map(9 * MIB, PRIVATE, PROT_READ) > 0, "what cannot be written is no promise");
  assert.ok(map(9 * MIB, PRIVATE | MAP_NORESERVE) > 0);
  assert.ok(map(9 * MIB, SHARED | MAP_NORESERVE) > 0);
  assert.is(overcommit.committed, 0);
  for (let i = 0; i < 20; i++) assert.ok(map(7 * MIB) > 0);
  assert.is(overcommit.committed, (20 * 7 * MIB) / 4096);
  rig.assertNothingLeft();
});

test("always: nothing is refused, everything is counted", () => {
  const { rig, overcommit, map } = start(OVERCOMMIT_ALWAYS);
  assert.ok(map(900 * MIB) > 0);
  assert.ok(map(900 * MIB, SHARED) > 0);
  assert.is(overcommit.committed, (1800 * MIB) / 4096);
  rig.assertNothingLeft();
});

test("never: up to the limit less the reserves, and MAP_NORESERVE does not help", () => {
  const { rig, mm, overcommit, map } = start(OVERCOMMIT_NEVER);
  const free = rig.manager.memory.freeFrames + 1;
  assert.is(overcommit.userReserve, Math.floor(free / 8), "1/32 of what was free, in KiB");
  assert.is(overcommit.adminReserve, overcommit.userReserve);
  overcommit.kbytes = 4096;
  assert.is(overcommit.limit, 1024);
  assert.is(map(4 * MIB), -ENOMEM, "the limit itself is too much");
  assert.is(map(4 * MIB, SHARED), -ENOMEM);
  assert.is(map(4 * MIB, PRIVATE | MAP_NORESERVE), -ENOMEM);
  assert.ok(map(4 * MIB - 4096) > 0, "total_vm / 32 is 0 yet");
  assert.is(overcommit.committed, 1023);
  assert.is(map(4096), -ENOMEM);
  assert.ok(map(64 * MIB, PRIVATE, PROT_READ) > 0);
  assert.is(doBrk(mm, mm.brk + 4096), mm.brk);
  assert.is(dupMm(rig.manager, mm), -ENOMEM, "a copy promises everything again");
  rig.assertBalanced();
  rig.assertNothingLeft();
});

test("never: who is not root leaves a reserve to root, a large process one to its user", () => {
  const { rig, mm, overcommit, map } = start(OVERCOMMIT_NEVER);
  overcommit.kbytes = 4096;
  overcommit.adminReserve = 400;
  overcommit.userReserve = 200;
  rig.task.capabilities = "none";
  assert.is(map(924 * 4096), -ENOMEM);
  assert.ok(map(923 * 4096) > 0);
  rig.task.capabilities = "all";
  const { totalVm } = mm;
  assert.is(totalVm, 923);
  // 1024 - 923 / 32 = 996, and less than that may be promised.
  assert.is(map(73 * 4096), -ENOMEM);
  assert.ok(map(72 * 4096) > 0);
  assert.ok(map(40 * MIB, PRIVATE, PROT_READ) > 0);
  assert.is(map(4096), -ENOMEM);
  overcommit.userReserve = 0;
  assert.ok(map(28 * 4096) > 0);
  assert.is(map(4096), -ENOMEM);
  rig.assertNothingLeft();
});

test("never: a mapping in the place of another needs only the difference, and a refused one leaves it alone", () => {
  const { rig, mm, overcommit } = start(OVERCOMMIT_NEVER);
  overcommit.kbytes = 400;
  overcommit.userReserve = 0;
  const over = (pages: number) => doMmap(mm, null, AT, pages * 4096, RW, PRIVATE | MAP_FIXED, 0);
  assert.is(over(90), AT);
  assert.is(rig.store(AT, 7), 0);
  assert.is(over(100), -ENOMEM);
  assert.is(rig.load(AT), 7);
  assert.is(over(95), AT);
  assert.is(rig.load(AT), 0);
  assert.is(overcommit.committed, 95);
  assert.is(doMremap(mm, AT, 95 * 4096, 99 * 4096, MREMAP_MAYMOVE, 0), AT);
  assert.is(doMremap(mm, AT, 99 * 4096, 100 * 4096, MREMAP_MAYMOVE, 0), -ENOMEM);
  assert.is(overcommit.committed, 99);
  rig.assertBalanced();
  rig.assertNothingLeft();
});

test("mprotect promises what becomes writable, and takes back what was never touched", () => {
  const { rig, mm, overcommit, map } = start(OVERCOMMIT_NEVER);
  overcommit.kbytes = 40;
  const file = new MemoryFile("/data", page(1, 4));
  const at = map(8 * 4096, PRIVATE, PROT_NONE);
  assert.is(doMprotect(mm, at, 8 * 4096, RW), 0);
  assert.is(overcommit.committed, 8);
  assert.is(doMmap(mm, file, AT, 4 * 4096, PROT_READ, MAP_PRIVATE | MAP_FIXED, 0), AT);
  assert.is(doMprotect(mm, AT, 4 * 4096, RW), -ENOMEM);
  assert.is(doMprotect(mm, at, 4 * 4096, PROT_READ), 0);
  assert.is(overcommit.committed, 4);
  assert.is(doMprotect(mm, AT, 4 * 4096, RW), 0);
  assert.is(doMprotect(mm, AT, 4 * 4096, PROT_READ), 0);
  assert.is(overcommit.committed, 8, "a file's private pages stay promised");
  assert.is(rig.store(at + 4 * 4096, 1), 0);
  assert.is(doMprotect(mm, at + 4 * 4096, 4 * 4096, PROT_READ), 0);
  assert.is(overcommit.committed, 8, "so does what may have been written");
  rig.assertNothingLeft(file);
});

test("shared memory is promised once, however many map it, until the last one is gone", () => {
  const { rig, mm, overcommit, map } = start(OVERCOMMIT_GUESS);
  const at = map(10 * 4096, SHARED);
  const child = dupMm(rig.manager, mm);
  assert.ok(typeof child !== "number");
  assert.is(overcommit.committed, 10);
  assert.is(doMunmap(mm, at, 10 * 4096), 0);
  assert.is(overcommit.committed, 10);
  rig.manager.mmput(child);
  assert.is(overcommit.committed, 0);
  rig.assertNothingLeft();
});

test("the stack grows no further than the promise", () => {
  const { rig, mm, overcommit } = start(OVERCOMMIT_NEVER);
  overcommit.kbytes = 40;
  const top = AT + 0x100000;
  assert.is(doMmap(mm, null, top, 4096, RW, PRIVATE | MAP_FIXED | MAP_GROWSDOWN, 0), top);
  assert.is(rig.store(top - 8 * 4096, 1), 0);
  assert.is(rig.store(top - 9 * 4096, 1), SEGV_MAPERR);
  assert.is(overcommit.committed, 9);
  rig.assertNothingLeft();
});

test("RLIMIT_AS, RLIMIT_DATA and RLIMIT_STACK, to the page", () => {
  const { rig, mm, map } = start(OVERCOMMIT_GUESS);
  const { limits, hardLimits } = rig.task;
  limits[RLIMIT_AS] = 10 * 4096 + 4095;
  const first = map(10 * 4096, PRIVATE, PROT_READ);
  assert.ok(first > 0);
  assert.is(map(1, PRIVATE, PROT_READ), -ENOMEM);
  assert.is(doMmap(mm, null, first, 10 * 4096, PROT_READ, PRIVATE | MAP_FIXED, 0), first, "in the place of another");
  assert.is(doMmap(mm, null, first, 11 * 4096, PROT_READ, PRIVATE | MAP_FIXED, 0), -ENOMEM);
  limits[RLIMIT_AS] = Number.POSITIVE_INFINITY;
  limits[RLIMIT_DATA] = 4 * 4096;
  assert.is(doMprotect(mm, first, 5 * 4096, RW), -ENOMEM);
  assert.is(doMprotect(mm, first, 4 * 4096, RW), 0);
  assert.is(map(4096), -ENOMEM);
  assert.ok(map(4096, SHARED) > 0);
  assert.ok(map(4096, PRIVATE | MAP_GROWSDOWN) > 0, "a stack is no data");
  assert.is(doMremap(mm, first, 4 * 4096, 5 * 4096, MREMAP_MAYMOVE, 0), -ENOMEM);
  limits[RLIMIT_DATA] = 0;
  hardLimits[RLIMIT_DATA] = 5 * 4096;
  assert.ok(map(4096) > 0, "a soft limit of 0 is for the break alone");
  assert.is(map(4096), -ENOMEM);
  assert.is(doBrk(mm, mm.brk + 1), mm.brk);
  limits[RLIMIT_DATA] = Number.POSITIVE_INFINITY;
  limits[RLIMIT_STACK] = 3 * 4096 + 100;
  const top = AT + 0x100000;
  assert.is(doMmap(mm, null, top, 4096, RW, PRIVATE | MAP_FIXED | MAP_GROWSDOWN, 0), top);
  assert.is(rig.store(top - 2 * 4096, 1), 0);
  assert.is(rig.store(top - 3 * 4096, 1), SEGV_MAPERR);
  rig.assertNothingLeft();
});

test("never: no history of calls promises more than the limit, or forgets a promise", () => {
  const step = fc.record({
    kind: fc.constantFrom("mmap", "mmap", "shared", "munmap", "mprotect", "mremap", "brk", "fork", "exit"),
    at: fc.nat(60),
    pages: fc.integer({ min: 1, max: 40 }),
    prot: fc.constantFrom(PROT_NONE, PROT_READ, RW, RW),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const { rig, mm, overcommit } = start(OVERCOMMIT_NEVER, 4);
      overcommit.kbytes = 400;
      for (const { kind, at, pages, prot } of steps) {
        const address = AT + at * 4096;
        const bytes = pages * 4096;
        if (kind === "mmap") doMmap(mm, null, address, bytes, prot, PRIVATE | MAP_FIXED, 0);
        else if (kind === "shared") doMmap(mm, null, address, bytes, prot, SHARED | MAP_FIXED, 0);
        else if (kind === "munmap") doMunmap(mm, address, bytes);
        else if (kind === "mprotect") doMprotect(mm, address, bytes, prot);
        else if (kind === "mremap") doMremap(mm, address, 4096, bytes, MREMAP_MAYMOVE, 0);
        else if (kind === "brk") doBrk(mm, mm.startBrk + at * 4096);
        else if (kind === "fork") dupMm(rig.manager, mm);
        else for (const other of [...rig.manager.mmlist].filter((each) => each !== mm)) rig.manager.mmput(other);
        assert.ok(overcommit.committed < overcommit.limit);
        rig.assertBalanced();
      }
      rig.assertNothingLeft();
    }),
    { seed, numRuns: 60, includeErrorInReport: true },
  );
});

/** The entry at a path below /proc/sys. */
function knobs(): {
  overcommit: Overcommit;
  write(name: string, text: string): number;
  read(name: string): string;
  meminfo(): string;
} {
  const machine = createMachine({ mem: 8 << 20 });
  machine.load(readFileSync("images/bin/hello"), { name: "hello" });
  const { kernel } = machine;
  const entries = systemEntries(kernel);
  const at = (entry: ProcEntry | null | undefined, name: string): ProcEntry | null =>
    entry?.kind === "directory" ? entry.children().lookup(name) : null;
  const find = (name: string) => at(at(entries.sys, "vm"), name) as { read(): string; write(text: string): number };
  return {
    overcommit: kernel.mm.memory.overcommit,
    write: (name, text) => find(name).write(text),
    read: (name) => find(name).read().trimEnd(),
    meminfo: () => (entries.meminfo as { read(): string }).read(),
  };
}

test("/proc/sys/vm: what is written is kept, what makes no sense refused; ratio and kbytes exclude each other", () => {
  const { overcommit, write, read, meminfo } = knobs();
  assert.is(read("overcommit_memory"), "0");
  assert.is(write("overcommit_memory", "2\n"), 0);
  assert.is(overcommit.policy, OVERCOMMIT_NEVER);
  for (const wrong of ["3", "-1", "x", "1.5"]) assert.is(write("overcommit_memory", wrong), -EINVAL);
  assert.is(read("overcommit_memory"), "2");
  assert.is(read("overcommit_ratio"), "50");
  assert.is(write("overcommit_kbytes", "4000\n"), 0);
  assert.is(read("overcommit_ratio"), "0");
  assert.match(meminfo(), /^CommitLimit: +4000 kB$/m);
  assert.is(write("overcommit_ratio", "25"), 0);
  assert.is(read("overcommit_kbytes"), "0");
  const total = Number(/^MemTotal: +(\d+) kB$/m.exec(meminfo())?.[1]);
  assert.match(meminfo(), new RegExp(`^CommitLimit: +${Math.floor(total / 4 / 4) * 4} kB$`, "m"));
  assert.is(write("user_reserve_kbytes", "12"), 0);
  assert.is(write("admin_reserve_kbytes", "34"), 0);
  assert.equal([overcommit.userReserve, overcommit.adminReserve], [12, 34]);
  overcommit.committed = 5;
  assert.match(meminfo(), /^Committed_AS: +20 kB$/m);
});

test.run();
