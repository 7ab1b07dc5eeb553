/** Descriptors that programs ask for, and the tables they end up in. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { DS, GS } from "../emu/state.ts";
import { EINVAL, ENOSYS, ESRCH } from "../kernel/errno.ts";
import { threadSyscalls } from "../kernel/syscall/thread.ts";
import {
  decodeUserDesc,
  encodeUserDesc,
  isEmptyDesc,
  isTlsDesc,
  packDesc,
  type UserDesc,
  unpackDesc,
} from "../kernel/task/descriptor.ts";
import { KernelRig, MEMORY } from "./kernel-rig.ts";

const glibc: UserDesc = {
  entryNumber: -1,
  base: 0xf7d3c9c0,
  limit: 0xfffff,
  seg32: 1,
  contents: 0,
  readExecOnly: 0,
  limitInPages: 1,
  notPresent: 0,
  useable: 1,
};

const empty: UserDesc = {
  entryNumber: 6,
  base: 0,
  limit: 0,
  seg32: 0,
  contents: 0,
  readExecOnly: 1,
  limitInPages: 0,
  notPresent: 1,
  useable: 0,
};

const call = (rig: KernelRig, number: number, ...args: number[]): number => {
  const entry = threadSyscalls[number];
  if (entry === undefined) throw new Error(`no call ${number}`);
  const [a = 0, b = 0, c = 0] = args;
  return entry[1](rig.k, rig.k.current, a, b, c, 0, 0, 0);
};

test("struct user_desc and descriptors convert both ways", () => {
  assert.equal(decodeUserDesc(encodeUserDesc(glibc)), glibc);
  const [low, high] = packDesc(glibc);
  assert.equal([low >>> 0, high >>> 0], [0xc9c0ffff, 0xf7dff3d3]);
  assert.equal(unpackDesc(-1, low, high), glibc);
  assert.ok(isEmptyDesc(empty));
  assert.not(isTlsDesc({ ...glibc, seg32: 0 }));
  assert.not(isTlsDesc({ ...glibc, contents: 2 }));
  assert.not(isTlsDesc({ ...glibc, notPresent: 1 }));
});

test("set_thread_area hands out 6, 7, 8, and get_thread_area tells", () => {
  const rig = new KernelRig();
  const { k } = rig;
  for (const expected of [6, 7, 8]) {
    k.user.write(MEMORY, encodeUserDesc(glibc));
    assert.is(call(rig, 243, MEMORY), 0);
    assert.is(k.user.getI32(MEMORY), expected);
  }
  k.user.write(MEMORY, encodeUserDesc(glibc));
  assert.is(call(rig, 243, MEMORY), -ESRCH);
  assert.ok(k.segments.load(GS, 0x33));
  assert.is(k.cpu.segBase(GS), glibc.base);
  k.user.write(MEMORY, encodeUserDesc({ ...glibc, entryNumber: 6, base: 0x1234 }));
  assert.is(call(rig, 243, MEMORY), 0);
  assert.is(k.cpu.segBase(GS), 0x1234, "GS follows its descriptor");
  k.user.write(MEMORY, encodeUserDesc({ ...glibc, entryNumber: 6 }));
  assert.is(call(rig, 244, MEMORY), 0);
  assert.is(decodeUserDesc(k.user.read(MEMORY, 16) as Uint8Array).base, 0x1234);
  k.user.write(MEMORY, encodeUserDesc(empty));
  assert.is(call(rig, 243, MEMORY), 0);
  assert.is(k.cpu.selector(GS), 0, "a selector without a descriptor becomes null");
  k.user.write(MEMORY, encodeUserDesc({ ...glibc, entryNumber: 9 }));
  assert.is(call(rig, 243, MEMORY), -EINVAL);
});

test("each thread has its own TLS entries", () => {
  const rig = new KernelRig();
  const { k, main } = rig;
  k.user.write(MEMORY, encodeUserDesc({ ...glibc, entryNumber: 6, base: 0x1000 }));
  call(rig, 243, MEMORY);
  k.segments.load(GS, 0x33);
  const child = rig.fork();
  k.user.write(MEMORY, encodeUserDesc({ ...glibc, entryNumber: 6, base: 0x2000 }));
  call(rig, 243, MEMORY);
  assert.is(k.cpu.segBase(GS), 0x2000);
  rig.run(child);
  assert.is(k.cpu.segBase(GS), 0x1000);
  assert.ok(k.segments.load(DS, 0x33));
  assert.is(k.cpu.segBase(DS), 0x1000);
  rig.run(main);
  assert.ok(k.segments.load(DS, 0x33));
  assert.is(k.cpu.segBase(DS), 0x2000);
});

test("modify_ldt: entries are written, read back, copied by fork and freed", () => {
  const rig = new KernelRig();
  const { k, main } = rig;
  const free = k.mm.memory.freeFrames;
  assert.is(call(rig, 123, 0, MEMORY, 64), 0, "there is no LDT yet");
  k.user.write(MEMORY, encodeUserDesc({ ...glibc, entryNumber: 1, base: 0x5000 }));
  assert.is(call(rig, 123, 0x11, MEMORY, 16), 0);
  assert.is(call(rig, 123, 0x11, MEMORY, 15), -EINVAL);
  assert.is(call(rig, 123, 3, MEMORY, 16), -ENOSYS);
  assert.ok(k.segments.load(GS, 0x0f));
  assert.is(k.cpu.segBase(GS), 0x5000);
  assert.is(call(rig, 123, 0, MEMORY + 64, 32), 32);
  assert.equal(
    [0, 4, 8, 12, 16].map((o) => k.user.getI32(MEMORY + 64 + o)),
    [0, 0, ...packDesc({ ...glibc, base: 0x5000 }), 0],
  );
  const child = rig.fork();
  k.user.write(MEMORY, encodeUserDesc({ ...glibc, entryNumber: 600, base: 0x6000 }));
  assert.is(call(rig, 123, 1, MEMORY, 16), 0, "the table grows beyond a page");
  assert.ok(k.segments.load(GS, 600 * 8 + 7));
  rig.run(child);
  assert.not(k.segments.load(GS, 600 * 8 + 7));
  assert.ok(k.segments.load(GS, 0x0f));
  rig.run(main);
  for (const task of [child, main]) {
    task.mm?.ldt?.free();
    if (task.mm) task.mm.ldt = null;
  }
  assert.ok(k.mm.memory.freeFrames <= free);
});

test("what may not be loaded is refused", () => {
  const { k } = new KernelRig();
  assert.not(k.segments.load(DS, 0x60), "kernel code");
  assert.not(k.segments.load(DS, 0x68), "kernel data");
  assert.not(k.segments.load(DS, 0x33), "an empty entry");
  assert.not(k.segments.load(DS, 0x07), "no LDT");
  assert.not(k.segments.load(DS, 0xffff), "beyond the table");
  assert.ok(k.segments.load(DS, 0x73), "readable code");
  assert.ok(k.segments.load(DS, 0), "null");
});

test.run();
