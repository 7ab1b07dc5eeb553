/** Where mappings go, what limits they meet, and what the kernel's own copies do with user memory. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  EACCES,
  EAGAIN,
  EEXIST,
  EFAULT,
  EINVAL,
  ENAMETOOLONG,
  ENODEV,
  ENOMEM,
  EOVERFLOW,
  EPERM,
} from "../kernel/errno.ts";
import { unplacedDentry } from "../kernel/fs/dentry.ts";
import { type Mappable, O_RDONLY, O_WRONLY } from "../kernel/fs/file.ts";
import { doBrk } from "../kernel/mm/brk.ts";
import { dupMm } from "../kernel/mm/fork.ts";
import { doMadvise } from "../kernel/mm/madvise.ts";
import { mapsText, memoryStatusText } from "../kernel/mm/maps-text.ts";
import { doMincore } from "../kernel/mm/mincore.ts";
import { doMlock, doMlockall, doMunlockall } from "../kernel/mm/mlock.ts";
import type { MmStruct } from "../kernel/mm/mm.ts";
import { doMmap } from "../kernel/mm/mmap.ts";
import {
  MADV_POPULATE_WRITE,
  MADV_REMOVE,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_GROWSDOWN,
  MAP_LOCKED,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_SHARED_VALIDATE,
  MAP_SYNC,
  MCL_FUTURE,
  MREMAP_DONTUNMAP,
  MREMAP_MAYMOVE,
  PROT_EXEC,
  PROT_NONE,
  PROT_READ,
  PROT_WRITE,
  READ_IMPLIES_EXEC,
} from "../kernel/mm/mmap-flags.ts";
import { doMremap } from "../kernel/mm/mremap.ts";
import { doMunmap } from "../kernel/mm/munmap.ts";
import { readRemote, writeRemote } from "../kernel/mm/remote.ts";
import { RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK, RLIMIT_STACK } from "../kernel/task/rlimit.ts";
import { ACCESS, READ, WRITE } from "../mmu/index.ts";
import { MemoryFile, page, Rig } from "./mm-rig.ts";

const RW = PROT_READ | PROT_WRITE;
const anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
const AT = 0x20000000;

function rigWithStack(): { rig: Rig; mm: MmStruct } {
  const rig = new Rig();
  rig.task.limits[RLIMIT_STACK] = 8 << 20;
  return { rig, mm: rig.newMm() };
}

test("mappings go top-down from 128 MiB below the stack, hints first, then anywhere", () => {
  const { rig, mm } = rigWithStack();
  const map = (hint: number, length: number, flags = anonymous) => doMmap(mm, null, hint, length, PROT_NONE, flags, 0);
  assert.is(map(0, 0x3000), 0xb8000000 - 0x3000);
  assert.is(map(0, 1), 0xb8000000 - 0x4000);
  doMunmap(mm, 0xb8000000 - 0x2000, 0x1000);
  assert.is(map(0, 0x1000), 0xb8000000 - 0x2000, "the highest gap that fits");
  assert.is(map(0, 0x2000), 0xb8000000 - 0x6000);
  assert.is(map(AT + 5, 0x1000), AT, "a hint is rounded down");
  assert.is(map(AT, 0x1000), 0xb8000000 - 0x7000, "a hint that is taken is none");
  assert.is(map(0x123, 0x1000), 0xb8000000 - 0x8000, "a hint in page 0 is none");
  assert.is(map(0x1000, 0x1000), 0x10000, "a hint below mmap_min_addr means that");
  assert.is(map(0xc0000000, 0x1000), 0xb8000000 - 0x9000, "a hint above user space is none");
  assert.is(map(0xb8000000, 0x1000), 0xb8000000, "a hint may lie above mmap_base");
  assert.is(map(AT + 0x10000, 0x1000, anonymous | MAP_GROWSDOWN), AT + 0x10000);
  assert.is(map(AT + 0x8000, 0x1000), 0xb8000000 - 0xa000, "a hint in a guard gap is none");
  assert.is(map(0, 0x90000000), 0xb8000000 - 0xa000 - 0x90000000);
  doMunmap(mm, 0, 0xc0000000);
  assert.is(map(0, 0xb7ff0000), 0x10000);
  assert.is(map(0, 0x07000000), 0xb8000000, "from below, once nothing is free from above");
  assert.is(map(0, 0x07000000), -ENOMEM);
  rig.assertNothingLeft();
});

test("mmap: what is refused, and how", () => {
  const { rig, mm } = rigWithStack();
  const data = new MemoryFile("/data", page(1, 4));
  const readOnly = new MemoryFile("/data", data, O_RDONLY);
  const writeOnly = new MemoryFile("/data", data, O_WRONLY);
  class Pipe extends MemoryFile {
    override get mappable(): Mappable {
      return "none";
    }
  }
  const map = (file: MemoryFile | null, address: number, length: number, prot: number, flags: number, pgoff = 0) =>
    doMmap(mm, file, address, length, prot, flags, pgoff);
  assert.is(map(null, 0, 0, RW, anonymous), -EINVAL);
  assert.is(map(null, 0, 0x1000, RW, MAP_ANONYMOUS), -EINVAL);
  assert.is(map(null, 0, 0x1000, RW, MAP_ANONYMOUS | MAP_SHARED_VALIDATE), -EINVAL);
  assert.is(map(null, 0, 0xffffffff, RW, anonymous), -ENOMEM);
  assert.is(map(null, 0, 0xc0001000, RW, anonymous), -ENOMEM);
  assert.is(map(null, AT + 1, 0x1000, RW, anonymous | MAP_FIXED), -EINVAL);
  assert.is(map(null, 0xbffff000, 0x2000, RW, anonymous | MAP_FIXED), -ENOMEM);
  assert.is(map(null, 0, 0x1000, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN), -EINVAL);
  assert.is(map(data, 0, 0x2000, RW, MAP_SHARED, 0xfffffffe), -EOVERFLOW);
  assert.is(map(readOnly, 0, 0x1000, RW, MAP_SHARED), -EACCES);
  assert.is(map(writeOnly, 0, 0x1000, PROT_WRITE, MAP_SHARED), -EACCES);
  assert.is(map(new Pipe("pipe", page(0)), 0, 0x1000, RW, MAP_PRIVATE), -ENODEV);
  assert.is(map(data, 0, 0x1000, RW, MAP_PRIVATE | MAP_GROWSDOWN), -EINVAL);
  assert.is(map(data, 0, 0x1000, RW, MAP_SHARED_VALIDATE | MAP_SYNC), -95);
  assert.is(map(readOnly, AT, 0x1000, PROT_READ, MAP_SHARED | MAP_FIXED), AT);
  assert.is(map(null, AT, 0x1000, RW, anonymous | MAP_FIXED_NOREPLACE), -EEXIST);
  assert.is(map(null, AT + 0x1000, 0x1000, RW, anonymous | MAP_FIXED_NOREPLACE), AT + 0x1000);
  rig.task.capabilities = "none";
  assert.is(map(null, 0, 0x1000, RW, anonymous | MAP_FIXED), -EPERM);
  assert.is(map(null, 0xf000, 0x1000, RW, anonymous | MAP_FIXED), -EPERM);
  assert.is(map(null, 0x10000, 0x1000, RW, anonymous | MAP_FIXED), 0x10000);
  rig.task.capabilities = "all";
  assert.is(map(null, 0, 0x1000, RW, anonymous | MAP_FIXED), 0);
  assert.is(rig.store(0, 1), 0);
  rig.assertNothingLeft(data);
});

test("limits: address space, data, locked memory", () => {
  const { rig, mm } = rigWithStack();
  const map = (pages: number, prot: number, flags = anonymous) => doMmap(mm, null, 0, pages * 4096, prot, flags, 0);
  rig.task.limits[RLIMIT_AS] = 10 * 4096;
  assert.ok(map(6, RW) > 0);
  assert.is(map(5, PROT_READ), -ENOMEM);
  const four = map(4, PROT_READ);
  assert.ok(four > 0);
  assert.is(doMremap(mm, four, 0x4000, 0x5000, MREMAP_MAYMOVE, 0), -ENOMEM);
  assert.is(doMmap(mm, null, four, 0x4000, RW, anonymous | MAP_FIXED, 0), four, "replacing needs no more");
  assert.is(doBrk(mm, mm.brk + 4096), mm.brk);
  delete rig.task.limits[RLIMIT_AS];
  rig.task.limits[RLIMIT_DATA] = 12 * 4096;
  assert.is(map(3, RW), -ENOMEM);
  assert.ok(map(3, PROT_READ) > 0);
  assert.ok(map(2, RW) > 0);
  delete rig.task.limits[RLIMIT_DATA];
  rig.task.limits[RLIMIT_MEMLOCK] = 2 * 4096;
  rig.task.capabilities = "none";
  assert.is(map(3, RW, anonymous | MAP_LOCKED), -EAGAIN);
  const locked = map(2, RW, anonymous | MAP_LOCKED);
  assert.is(mm.lockedVm, 2);
  assert.is(doMlock(mm, four, 0x1000, 0), -ENOMEM);
  assert.is(doMlock(mm, locked, 0x2000, 0), 0, "locking twice counts once");
  assert.is(doMlockall(mm, MCL_FUTURE), 0);
  assert.is(map(1, RW), -EAGAIN);
  assert.is(doMunlockall(mm), 0);
  assert.is(mm.lockedVm, 0);
  rig.task.limits[RLIMIT_MEMLOCK] = 0;
  assert.is(doMlock(mm, four, 0x1000, 0), -EPERM);
  rig.assertNothingLeft();
});

test("more than all RAM at once is refused, less is promised", () => {
  const { rig, mm } = rigWithStack();
  assert.is(doMmap(mm, null, 0, 9 << 20, RW, anonymous, 0), -ENOMEM);
  assert.ok(doMmap(mm, null, 0, 9 << 20, PROT_READ, anonymous, 0) > 0);
  for (let i = 0; i < 20; i++) assert.ok(doMmap(mm, null, 0, 7 << 20, RW, anonymous, 0) > 0);
  rig.assertNothingLeft();
});

test("MAP_POPULATE, MADV_POPULATE_WRITE and mincore", () => {
  const { rig, mm } = rigWithStack();
  const file = new MemoryFile("/data", page(1, 4));
  doMmap(mm, file, AT, 0x8000, PROT_READ, MAP_PRIVATE | MAP_FIXED | MAP_POPULATE, 0);
  doMmap(mm, null, AT + 0x8000, 0x4000, RW, anonymous | MAP_FIXED, 0);
  const before = rig.faults;
  assert.is(before, 4, "beyond the end of the file nothing is populated");
  const vector = new Uint8Array(12);
  assert.is(doMincore(mm, AT, 12, vector), 12);
  assert.equal([...vector], [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  assert.is(doMadvise(mm, AT + 0x8000, 0x2000, MADV_POPULATE_WRITE), 0);
  assert.is(doMadvise(mm, AT, 0x2000, MADV_POPULATE_WRITE), -EINVAL);
  assert.is(doMadvise(mm, AT + 0xa000, 0x4000, MADV_POPULATE_WRITE), -ENOMEM);
  assert.is(doMincore(mm, AT + 0x8000, 12, vector), 4);
  assert.equal([...vector.subarray(0, 4)], [1, 1, 1, 1]);
  assert.is(doMincore(mm, AT - 0x1000, 1, vector), -ENOMEM);
  assert.is(rig.store(AT + 0x8000, 1), 0);
  assert.is(rig.faults, before + 4);
  rig.assertNothingLeft(file);
});

test("MADV_REMOVE punches holes into shared memory and files", () => {
  const { rig, mm } = rigWithStack();
  const file = new MemoryFile("/data", page(7, 3));
  doMmap(mm, file, AT, 0x3000, RW, MAP_SHARED | MAP_FIXED, 0);
  doMmap(mm, file, AT + 0x4000, 0x3000, RW, MAP_PRIVATE | MAP_FIXED, 0);
  doMmap(mm, null, AT + 0x8000, 0x2000, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, 0);
  rig.store(AT + 0x5000, 9);
  rig.store(AT + 0x8000, 3);
  rig.load(AT + 0x1000);
  assert.is(doMadvise(mm, AT + 0x1000, 0x1000, MADV_REMOVE), 0);
  assert.is(doMadvise(mm, AT + 0x8000, 0x2000, MADV_REMOVE), 0);
  assert.is(doMadvise(mm, AT + 0x4000, 0x1000, MADV_REMOVE), -EACCES);
  assert.is(rig.load(AT + 0x1000), 0);
  assert.is(rig.load(AT + 0x2000), 7);
  assert.is(rig.load(AT + 0x5000), 9, "private copies stay");
  assert.is(rig.load(AT + 0x8000), 0);
  assert.is(file.memory.bytes[0x1000], 0);
  rig.assertNothingLeft(file);
});

test("MREMAP_DONTUNMAP leaves an empty mapping behind", () => {
  const { rig, mm } = rigWithStack();
  doMmap(mm, null, AT, 0x2000, RW, anonymous | MAP_FIXED, 0);
  rig.store(AT, 5);
  const moved = doMremap(mm, AT, 0x2000, 0x2000, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
  assert.is(rig.load(moved), 5);
  assert.is(rig.load(AT), 0);
  rig.store(AT, 6);
  assert.is(rig.load(moved), 5);
  rig.assertBalanced();
  rig.assertNothingLeft();
});

test("READ_IMPLIES_EXEC makes readable mappings and the heap executable", () => {
  const { rig, mm } = rigWithStack();
  rig.task.personality = READ_IMPLIES_EXEC;
  doMmap(mm, null, AT, 0x1000, PROT_READ, anonymous | MAP_FIXED, 0);
  doMmap(mm, null, AT + 0x2000, 0x1000, PROT_WRITE, anonymous | MAP_FIXED, 0);
  doBrk(mm, mm.brk + 4096);
  const rights = mapsText(mm, unplacedDentry("", new MemoryFile("/", page(0)).inode))
    .split("\n")
    .map((line) => line.slice(18, 22));
  assert.equal(rights, ["rwxp", "r-xp", "-w-p", ""]);
  rig.assertNothingLeft();
});

test("the accounts of /proc/PID/status", () => {
  const { rig, mm } = rigWithStack();
  doMmap(mm, null, AT, 0x4000, RW, anonymous | MAP_FIXED, 0);
  doMmap(mm, null, AT + 0x4000, 0x2000, PROT_READ | PROT_EXEC, anonymous | MAP_FIXED, 0);
  for (let i = 0; i < 3; i++) rig.store(AT + i * 4096, 1);
  doMunmap(mm, AT, 0x2000);
  const lines = Object.fromEntries(
    memoryStatusText(mm)
      .trimEnd()
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf("\t") + 1)]),
  );
  assert.equal(lines, {
    VmPeak: "      24 kB",
    VmSize: "      16 kB",
    VmLck: "       0 kB",
    VmPin: "       0 kB",
    VmHWM: "      12 kB",
    VmRSS: "       4 kB",
    RssAnon: "       4 kB",
    RssFile: "       0 kB",
    RssShmem: "       0 kB",
    VmData: "       8 kB",
    VmStk: "       0 kB",
    VmExe: "       0 kB",
    VmLib: "       8 kB",
    VmPTE: "       4 kB",
    VmSwap: "       0 kB",
    HugetlbPages: "       0 kB",
  });
  rig.assertNothingLeft();
});

for (const cpu of ["i386", "pentium"]) {
  test(`user copies on ${cpu}: supervisor accesses that fault pages in and break copy-on-write`, () => {
    const rig = new Rig({ cpu });
    const mm = rig.newMm();
    const { user } = rig.manager;
    doMmap(mm, null, AT, 0x3000, RW, anonymous | MAP_FIXED, 0);
    doMmap(mm, null, AT + 0x3000, 0x1000, PROT_READ, anonymous | MAP_FIXED, 0);
    assert.is(user.putU32(AT, 0x12345678), true);
    assert.is(user.getU32(AT), 0x12345678);
    assert.is(user.putU32(AT + 0xffe, -2), true, "across a page");
    assert.is(user.getU16(AT + 0x1000), 0xffff);
    assert.is(user.getI32(AT + 0xffe), -2);
    const child = dupMm(rig.manager, mm);
    if (typeof child === "number") throw new Error("no memory");
    assert.is(user.putU8(AT, 1), true);
    rig.activate(child);
    assert.is(user.getU8(AT), 0x78, "the child has its own");
    rig.activate(mm);
    const bytes = Uint8Array.from({ length: 0x4000 }, (_, i) => i & 0xff);
    assert.is(user.copyOut(AT, bytes, 0, 0x4000), 0x3000, "up to what may not be written");
    assert.is(user.write(AT + 0x2ffe, bytes.subarray(0, 4)), false);
    assert.is(user.clear(AT + 0x2ff0, 32), 16);
    const back = new Uint8Array(0x5000);
    assert.is(user.copyIn(AT, back, 0, 0x5000), 0x4000, "up to what is not mapped");
    assert.is(user.read(AT + 0x3ffe, 4), null);
    assert.is(user.failed, false);
    assert.is(user.getU32(AT + 0x3ffe), 0);
    assert.is(user.failed, true);
    user.failed = false;
    assert.is(user.putU32(0xc0000000, 1), false, "not the kernel's addresses");
    assert.is(user.putU32(0xbffffffe, 1), false);
    assert.is(user.getU8(0xffffffff), 0);
    assert.is(user.copyIn(0xbffff000, back, 0, 0x2000), 0);
    assert.is(user.copyIn(AT, back, 0, -1), 0);
    rig.assertBalanced();
    rig.assertNothingLeft();
  });
}

test("user copies are counted as the kernel's", () => {
  const rig = new Rig();
  const mm = rig.newMm();
  const { user } = rig.manager;
  doMmap(mm, null, AT, 0x1000, RW, anonymous | MAP_FIXED, 0);
  user.putU32(AT, 1);
  const kernelReads = ACCESS + READ * 2;
  const kernelWrites = ACCESS + WRITE * 2;
  const { counters } = rig.mmu;
  const [reads, writes] = [counters[kernelReads], counters[kernelWrites]];
  user.getU32(AT);
  user.putU32(AT, 2);
  user.copyOut(AT, new Uint8Array(10), 0, 10);
  assert.is(counters[kernelReads], reads + 1);
  assert.is(counters[kernelWrites], writes + 1 + 4, "two dwords and two bytes");
  rig.assertNothingLeft();
});

test("strings from user memory", () => {
  const rig = new Rig();
  const mm = rig.newMm();
  const { user } = rig.manager;
  doMmap(mm, null, AT, 0x2000, RW, anonymous | MAP_FIXED, 0);
  const put = (address: number, text: string) =>
    user.write(
      address,
      Uint8Array.from(text, (c) => c.charCodeAt(0)),
    );
  put(AT + 0xffd, "caf\xe9/x\0");
  assert.is(user.string(AT + 0xffd, 4096), "caf\xe9/x");
  assert.is(user.string(AT + 0xffd, 7), "caf\xe9/x");
  assert.is(user.string(AT + 0xffd, 6), -ENAMETOOLONG);
  put(AT + 0x1ffd, "abc");
  assert.is(user.string(AT + 0x1ffd, 4096), -EFAULT);
  assert.is(user.string(AT + 0x1ffd, 3), -ENAMETOOLONG);
  put(AT + 0x1ffd, "ab\0");
  assert.is(user.string(AT + 0x1ffd, 4096), "ab");
  assert.is(user.string(0xc0000000, 10), -EFAULT);
  assert.is(user.string(0, 10), -EFAULT);
  assert.is(user.string(AT, 10), "");
  rig.assertNothingLeft();
});

test("remote memory: another address space by its page tables, forced writes copy and stay read-only", () => {
  const rig = new Rig();
  const mm = rig.newMm();
  const file = new MemoryFile("/text", page(0x90, 2));
  doMmap(mm, file, AT, 0x2000, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, 0);
  const other = rig.newMm();
  rig.activate(other);
  const buffer = new Uint8Array(0x3000);
  assert.is(readRemote(mm, AT + 0xffe, buffer, 0, 4, "as mapped"), 4);
  assert.is(buffer[0], 0x90);
  assert.is(readRemote(mm, AT + 0x1000, buffer, 0, 0x3000, "as mapped"), 0x1000);
  assert.is(writeRemote(mm, AT, Uint8Array.of(0xcc), 0, 1, "as mapped"), 0);
  assert.is(writeRemote(mm, AT, Uint8Array.of(0xcc), 0, 1, "force"), 1);
  rig.activate(mm);
  assert.is(rig.load(AT), 0xcc);
  assert.equal(rig.store(AT, 1), { signo: 11, code: 2 });
  assert.is(file.readFile(0, 1)[0], 0x90);
  rig.assertBalanced();
  rig.assertNothingLeft(file);
});

test.run();
