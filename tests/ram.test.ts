/** Machine memory and guest RAM: sizes, the bus outside RAM, frame flags and who hears of a write. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  FRAME_CODE,
  FRAME_PAGE_TABLE,
  FRAME_WATCHED,
  HostMemoryError,
  linearAddress,
  MAX_RAM_BYTES,
  MachineMemory,
  pageAddress,
  pageOf,
  Ram,
} from "../mmu/index.ts";

const SIZE = 16 * 4096;

function make(): Ram {
  return new Ram(new MachineMemory(SIZE));
}

test("state and RAM share one memory without overlap", () => {
  const memory = new MachineMemory(SIZE, 1000);
  assert.is(memory.ramBase % 4096, 0);
  assert.is(memory.bytes.length % 65536, 0);
  const a = memory.reserve(10);
  const b = memory.reserve(8);
  const c = memory.reserve(100, 64);
  assert.ok(a > 0 && b >= a + 10 && b % 8 === 0 && c >= b + 8 && c % 64 === 0);
  assert.throws(() => memory.reserve(8192), /machine state needs \d+ bytes, only 4096 were planned/);
  const ram = new Ram(new MachineMemory(SIZE, 0));
  assert.is(ram.frameFlags.length, ram.frames);
});

test("a wrong size is refused in one line", () => {
  for (const size of [0, 4095, 4097, MAX_RAM_BYTES + 4096, Number.NaN]) {
    assert.throws(() => new MachineMemory(size), /guest RAM must be a multiple of 4096 bytes, from 4096 to 3 GiB/);
  }
});

test("3 GiB of RAM work to the last byte, where the host gives them", () => {
  let memory: MachineMemory;
  try {
    memory = new MachineMemory(MAX_RAM_BYTES);
  } catch (error) {
    assert.instance(error, HostMemoryError);
    assert.match(String(error), /the host refuses \d+ MiB of memory/);
    return;
  }
  const ram = new Ram(memory);
  ram.write32(MAX_RAM_BYTES - 4, 0x12345678);
  ram.write8(MAX_RAM_BYTES, 1);
  assert.is(ram.read32(MAX_RAM_BYTES - 4), 0x12345678);
  assert.is(ram.read32(MAX_RAM_BYTES - 3), 0xff123456 | 0);
  assert.is(ram.read8(MAX_RAM_BYTES), 0xff);
  assert.equal([...ram.readBytes(MAX_RAM_BYTES - 2, 4)], [0x34, 0x12, 0xff, 0xff]);
});

test("a host that refuses gives one clear error", () => {
  const real = WebAssembly.Memory;
  const refusing = class {
    constructor() {
      throw new RangeError("could not allocate memory");
    }
  };
  Object.defineProperty(WebAssembly, "Memory", { value: refusing, configurable: true, writable: true });
  try {
    assert.throws(
      () => new MachineMemory(1 << 20),
      (error: Error) =>
        error instanceof HostMemoryError &&
        error.message === "the host refuses 2 MiB of memory (could not allocate memory)",
    );
  } finally {
    Object.defineProperty(WebAssembly, "Memory", { value: real, configurable: true, writable: true });
  }
});

test("aligned and unaligned values, little-endian", () => {
  const ram = make();
  for (let at = 0x100; at < 0x108; at++) {
    ram.write32(at, 0x80c0e0f1);
    assert.is(ram.read32(at), 0x80c0e0f1 | 0);
    assert.is(ram.read16(at), 0xe0f1);
    assert.is(ram.read8(at), 0xf1);
    ram.write16(at + 1, 0xabcd);
    assert.is(ram.read32(at), 0x80abcdf1 | 0);
  }
  ram.write32(0xffe, 0x11223344);
  assert.is(ram.read32(0xffe), 0x11223344, "across frames");
});

test("outside RAM nothing answers", () => {
  const ram = make();
  assert.is(ram.read8(SIZE), 0xff);
  assert.is(ram.read16(SIZE), 0xffff);
  assert.is(ram.read32(SIZE), -1);
  assert.is(ram.read32(-4), -1);
  ram.write32(SIZE - 2, 0x11223344);
  assert.is(ram.read32(SIZE - 2), 0xffff3344 | 0);
  assert.is(ram.read16(SIZE - 1), 0xff33);
  ram.write8(SIZE, 1);
  ram.write16(0xffffffff, 0x1122);
  assert.is(ram.read8(0), 0x11, "physical addresses count modulo 2^32");
  ram.zeroFrame(1000);
  ram.writeBytes(SIZE - 1, new Uint8Array([1, 2, 3]));
  assert.equal([...ram.readBytes(SIZE - 1, 3)], [1, 0xff, 0xff]);
  assert.equal([...ram.readBytes(0xfffff000, 2)], [0xff, 0xff]);
  ram.copyFrame(2, 1000);
  assert.is(ram.read32(2 * 4096), -1);
  ram.copyFrame(1000, 2);
});

test("frames are zeroed, copied and filled", () => {
  const ram = make();
  ram.fill(4096, 4096, 7);
  ram.copyFrame(3, 1);
  assert.is(ram.read32(3 * 4096 + 4092), 0x07070707);
  assert.is(ram.read8(4 * 4096), 0);
  ram.zeroFrame(1);
  assert.is(ram.read32(4096), 0);
  assert.is(ram.read32(3 * 4096), 0x07070707);
  const bytes = ram.readBytes(3 * 4096, 4);
  bytes[0] = 1;
  assert.is(ram.read8(3 * 4096), 7, "readBytes gives a copy");
});

test("engines see the same bytes at ram.base", () => {
  const ram = make();
  ram.write32(0x123, -2);
  const { u8, i8, u16, i16, i32, data } = ram.engineViews();
  assert.is(u8[ram.base + 0x123], 0xfe);
  assert.is(i8[ram.base + 0x123], -2);
  assert.is(data.getInt32(ram.base + 0x123, true), -2);
  assert.is(u16[(ram.base + 0x124) >> 1], 0xffff);
  assert.is(i16[(ram.base + 0x124) >> 1], -1);
  assert.is(i32[(ram.base + 0x124) >> 2], 0x00ffffff);
});

test("every way to write tells the owner of code, frame by frame, before the bytes change", () => {
  const ram = make();
  const writes: [number, number, number][] = [];
  let found = -1;
  ram.onCodeWrite = (pfn, pa, length) => {
    writes.push([pfn, pa, length]);
    found = ram.read8(pa);
  };
  ram.setFrameFlag(2, FRAME_CODE);
  const ways: [() => void, number[]][] = [
    [() => ram.write8(0x2001, 1), [2, 0x2001, 1]],
    [() => ram.write16(0x2002, 1), [2, 0x2002, 2]],
    [() => ram.write32(0x2ffd, 1), [2, 0x2ffd, 2, 2, 0x2fff, 1]],
    [() => ram.write32(0x1ffe, 1), [2, 0x2000, 2]],
    [() => ram.write32(0x2004, 1), [2, 0x2004, 4]],
    [() => ram.zeroFrame(2), [2, 0x2000, 4096]],
    [() => ram.copyFrame(2, 5), [2, 0x2000, 4096]],
    [() => ram.writeBytes(0x1000, new Uint8Array(0x1010)), [2, 0x2000, 0x10]],
    [() => ram.fill(0x2ff0, 0x100, 0), [2, 0x2ff0, 0x10]],
  ];
  for (const [write, expected] of ways) {
    writes.length = 0;
    write();
    assert.equal(writes.flat(), expected);
  }
  ram.writeBytes(0x2000, new Uint8Array(1));
  writes.length = 0;
  ram.write8(0x2000, 9);
  assert.is(found, 0, "the old byte is still there");
  writes.length = 0;
  ram.write32(0x3000, 1);
  ram.copyFrame(3, 2);
  assert.is(writes.length, 0);
});

test("watched frames tell their own listener; page-table frames tell nobody", () => {
  const ram = make();
  let watched = 0;
  ram.onWatchedWrite = () => {
    watched++;
  };
  ram.setFrameFlag(1, FRAME_WATCHED);
  ram.setFrameFlag(2, FRAME_PAGE_TABLE);
  ram.write32(0x1000, 1);
  ram.write32(0x2000, 1);
  assert.is(watched, 1);
  ram.clearFrameFlag(1, FRAME_WATCHED);
  ram.write32(0x1000, 1);
  assert.is(watched, 1);
});

test("a frame reports once that it became guarded", () => {
  const ram = make();
  const guarded: number[] = [];
  ram.onGuard = (pfn) => guarded.push(pfn);
  ram.setFrameFlag(1, FRAME_PAGE_TABLE);
  ram.setFrameFlag(1, FRAME_CODE);
  ram.setFrameFlag(1, FRAME_CODE);
  ram.setFrameFlag(1, FRAME_WATCHED);
  ram.setFrameFlag(99, FRAME_CODE);
  ram.clearFrameFlag(99, FRAME_CODE);
  assert.equal(guarded, [1, 1]);
  assert.is(ram.frameFlags[1], FRAME_PAGE_TABLE | FRAME_CODE | FRAME_WATCHED);
});

test("addresses and page numbers convert", () => {
  const la = linearAddress(-4096);
  assert.is(la, 0xfffff000);
  assert.is(pageOf(la), 0xfffff);
  assert.is(pageAddress(pageOf(linearAddress(0x12345678))), 0x12345000);
});

test.run();
