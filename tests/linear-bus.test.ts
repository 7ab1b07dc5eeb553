/** Data accesses by linear address: values, page crossings, faults without partial writes, and what is counted. */

import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ACCESS, CR0_WP, FETCH, MISS, PTE_D, PTE_P, PTE_RW, PTE_US, READ, WRITE } from "../mmu/index.ts";
import { PagingRig } from "./paging-rig.ts";

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() % 2 ** 31);
console.log(`PAGEWALK_SEED=${seed}`);

const LA = 0x08048000;
const FRAME = 0x40;
const USER = 1;

/** Three pages at LA on frames that are not neighbours: writable, read-only, writable; the next one is missing. */
function rigOf(kind: "hot" | "plain"): PagingRig {
  const rig = new PagingRig("pentium", kind);
  rig.map(LA, FRAME);
  rig.map(LA + 0x1000, FRAME + 8, PTE_P | PTE_US);
  rig.map(LA + 0x2000, FRAME + 4);
  return rig.start(CR0_WP);
}

/** Runs the body on both translators. */
function both(name: string, body: (rig: PagingRig) => void): void {
  for (const kind of ["hot", "plain"] as const) test(`${name} (${kind})`, () => body(rigOf(kind)));
}

const accesses = (rig: PagingRig, access: number, user = USER): number => rig.count(ACCESS + access * 2 + user);

both("values come back with the signs that the width has", (rig) => {
  const { bus } = rig;
  assert.is(bus.write32(LA + 4, 0x89abcdef, USER), true);
  assert.is(bus.read32(LA + 4, USER), 0x89abcdef | 0);
  assert.is(bus.read16(LA + 6, USER), 0x89ab);
  assert.is(bus.read8(LA + 7, USER), 0x89);
  assert.is(bus.write16(LA + 5, 0x1234, USER), true);
  assert.is(bus.write8(LA + 4, -1, USER), true);
  assert.is(bus.read32(LA + 4, USER), 0x891234ff | 0);
  assert.is(bus.read32(LA - 2 ** 32 + 4, USER), 0x891234ff | 0, "addresses count modulo 2^32");
  assert.is(bus.faulted, 0);
});

both("an access that crosses a page uses both frames and counts twice", (rig) => {
  const { bus, ram } = rig;
  ram.write32((FRAME << 12) + 0xffc, 0x44332211);
  ram.write32((FRAME + 8) << 12, 0x88776655);
  assert.is(bus.read32(LA + 0xffd, USER), 0x55443322);
  assert.is(bus.read32(LA + 0xffe, USER), 0x66554433);
  assert.is(bus.read32(LA + 0xfff, USER), 0x77665544);
  assert.is(bus.read16(LA + 0xfff, USER), 0x5544);
  assert.is(accesses(rig, READ), 8);
  assert.is(bus.read32(LA + 0xffc, USER), 0x44332211);
  assert.is(accesses(rig, READ), 9);
  assert.is(rig.count(MISS + READ * 2 + USER), 2);
});

both("a crossing write reaches both frames", (rig) => {
  rig.setPte(LA + 0x1000, rig.pte(LA + 0x1000) | PTE_RW);
  for (const [offset, first, second] of [
    [0xffd, 0x332211, 0x44],
    [0xffe, 0x2211, 0x4433],
    [0xfff, 0x11, 0x443322],
  ]) {
    rig.ram.zeroFrame(FRAME);
    rig.ram.zeroFrame(FRAME + 8);
    assert.ok(rig.bus.write32(LA + offset, 0x44332211, USER));
    assert.is(rig.ram.read32((FRAME << 12) + 0xffc), first << (8 * (offset & 3)));
    assert.is(rig.ram.read32((FRAME + 8) << 12), second);
  }
  assert.is(accesses(rig, WRITE), 6);
});

both("a fault counts the reference that faults and none after it", (rig) => {
  const { bus } = rig;
  assert.is(bus.read32(LA - 2, USER), 0);
  assert.is(bus.faulted, 1);
  assert.is(accesses(rig, READ), 1);
  bus.faulted = 0;
  assert.is(bus.write32(LA + 0xffe, 1, USER), false);
  assert.is(accesses(rig, WRITE), 2);
  assert.is(bus.faulted, 0, "a write answers false instead");
  assert.is(rig.ram.read32((FRAME << 12) + 0xffc), 0);
});

both("a read-modify-write is one lookup with write intent", (rig) => {
  const { bus } = rig;
  rig.ram.write32(FRAME << 12, 41);
  assert.ok(bus.openRmw(LA, 4, USER));
  bus.rmwWrite(bus.rmwRead() + 1);
  assert.is(rig.ram.read32(FRAME << 12), 42);
  assert.is(accesses(rig, WRITE), 1);
  assert.is(accesses(rig, READ), 0);
  assert.is(rig.pte(LA) & PTE_D, PTE_D);
});

both("P36 a read-modify-write of a read-only page faults with W = 1", (rig) => {
  assert.is(rig.bus.openRmw(LA + 0x1000, 1, USER), false);
  assert.equal({ ...rig.mmu.fault }, { linear: LA + 0x1000, code: 7 });
  assert.is(rig.bus.openRmw(LA + 0x1000, 4, 0), false);
  assert.equal({ ...rig.mmu.fault }, { linear: LA + 0x1000, code: 3 });
});

both("a read-modify-write may cross a page, in all widths", (rig) => {
  const { bus, ram } = rig;
  rig.setPte(LA + 0x1000, rig.pte(LA + 0x1000) | PTE_RW);
  for (const [size, offset] of [
    [4, 0xffd],
    [4, 0xffe],
    [4, 0xfff],
    [2, 0xfff],
    [1, 0xfff],
  ]) {
    ram.fill(FRAME << 12, 4096, 0x11);
    ram.fill((FRAME + 8) << 12, 4096, 0x11);
    assert.ok(bus.openRmw(LA + offset, size, USER));
    const found = bus.rmwRead();
    assert.is(found, size === 4 ? 0x11111111 : size === 2 ? 0x1111 : 0x11);
    bus.rmwWrite(found + 0x01020304);
    const read = size === 4 ? bus.read32 : size === 2 ? bus.read16 : bus.read8;
    const mask = size === 4 ? -1 : 2 ** (8 * size) - 1;
    assert.is(read.call(bus, LA + offset, USER), (found + 0x01020304) & mask);
    assert.is(bus.read8(LA + offset + size, USER), 0x11);
  }
});

both("an opened reference serves wider operands piece by piece", (rig) => {
  const { bus } = rig;
  rig.setPte(LA + 0x1000, rig.pte(LA + 0x1000) | PTE_RW);
  assert.ok(bus.open(LA + 0xffb, 10, WRITE, USER));
  bus.put32(0, 0x03020100);
  bus.put32(4, 0x07060504);
  bus.put16(8, 0x0908);
  assert.is(accesses(rig, WRITE), 2);
  assert.ok(bus.open(LA + 0xffb, 10, READ, USER));
  assert.equal(
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => bus.get8(i)),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  assert.is(bus.get32(3), 0x06050403);
  assert.is(bus.get16(4), 0x0504);
  assert.is(bus.get32(6), 0x09080706);
  assert.is(bus.open(LA + 0x2ffc, 10, READ, USER), false);
  assert.equal({ ...rig.mmu.fault }, { linear: LA + 0x3000, code: 4 });
});

both("a probe checks every page and moves nothing", (rig) => {
  const { bus } = rig;
  assert.ok(bus.probe(LA, 0x3000, READ, USER));
  assert.is(accesses(rig, READ), 3);
  assert.is(bus.probe(LA + 0xfff, 2, WRITE, USER), false);
  assert.equal({ ...rig.mmu.fault }, { linear: LA + 0x1000, code: 7 });
  assert.is(accesses(rig, WRITE), 2);
  assert.ok(bus.probe(LA + 0xff0, 0x10, FETCH, USER));
  assert.is(accesses(rig, FETCH), 1);
  assert.ok(bus.probe(0, 0, WRITE, USER), "nothing to check");
});

both("copies stop at the byte that faults and say how far they came", (rig) => {
  const { bus } = rig;
  const bytes = new Uint8Array(0x3010);
  assert.is(bus.copyIn(LA, bytes, 0, 0x3010, USER), 0x3000);
  assert.equal({ ...rig.mmu.fault }, { linear: LA + 0x3000, code: 4 });
  assert.is(accesses(rig, READ), 0xc00 + 1);
  assert.is(bus.copyOut(LA + 0xff0, bytes, 0, 0x20, USER), 0x10);
  assert.equal({ ...rig.mmu.fault }, { linear: LA + 0x1000, code: 7 });
  assert.is(bus.copyOut(LA + 0xffe, bytes, 0, 8, USER), 0, "the dword that crosses is not torn");
  assert.is(bus.copyOut(LA + 0xffe, bytes, 0, 3, USER), 2, "bytes are");
});

test("copies count as the dword and byte accesses that they stand for", () => {
  const place = fc.tuple(fc.nat(0x2fff), fc.nat(600), fc.constantFrom("in", "out"));
  fc.assert(
    fc.property(place, ([offset, length, direction]) => {
      const copied = rigOf("hot");
      const single = rigOf("plain");
      const bytes = Uint8Array.from({ length }, (_, i) => i * 7 + 1);
      const access = direction === "in" ? READ : WRITE;
      const done =
        access === READ
          ? copied.bus.copyIn(LA + offset, bytes.slice(), 0, length, USER)
          : copied.bus.copyOut(LA + offset, bytes, 0, length, USER);
      let at = 0;
      for (let ok = true; ok && at < length; ) {
        const unit = length - at >= 4 && at % 4 === 0 ? 4 : 1;
        const value = unit === 4 ? new DataView(bytes.buffer).getInt32(at, true) : bytes[at];
        if (access === READ) {
          single.bus.faulted = 0;
          if (unit === 4) single.bus.read32(LA + offset + at, USER);
          else single.bus.read8(LA + offset + at, USER);
          ok = single.bus.faulted === 0;
        } else {
          ok =
            unit === 4
              ? single.bus.write32(LA + offset + at, value, USER)
              : single.bus.write8(LA + offset + at, value, USER);
        }
        if (ok) at += unit;
      }
      assert.is(done, at);
      assert.is(accesses(copied, access), accesses(single, access));
      assert.equal(copied.ram.readBytes(0, copied.ram.size), single.ram.readBytes(0, single.ram.size));
    }),
    { seed, numRuns: 300 },
  );
});

both("with paging off nothing is counted and linear is physical", (rig) => {
  rig.mmu.setCr0(0);
  const before = accesses(rig, WRITE);
  rig.bus.write32(0x50ffe, 0x12345678, USER);
  assert.is(rig.ram.read32(0x50ffe), 0x12345678);
  assert.is(rig.bus.read32(0x50ffe, 0), 0x12345678);
  assert.is(accesses(rig, WRITE), before);
  assert.is(accesses(rig, READ, 0), 0);
});

both("outside RAM reads give all ones and writes vanish", (rig) => {
  rig.map(LA, 0x7ffff);
  assert.ok(rig.bus.write32(LA + 8, 1, USER));
  assert.is(rig.bus.read32(LA + 8, USER), -1);
  assert.is(rig.bus.read16(LA + 8, USER), 0xffff);
  assert.is(rig.bus.read8(LA + 8, USER), 0xff);
  const bytes = new Uint8Array(16);
  assert.is(rig.bus.copyIn(LA + 8, bytes, 0, 16, USER), 16);
  assert.ok(bytes.every((byte) => byte === 0xff));
});

both("the last page of the address space has a neighbour: page 0", (rig) => {
  rig.map(0xfffff000, FRAME + 1);
  rig.map(0, FRAME + 2);
  assert.ok(rig.bus.write32(0xfffffffe, 0x44332211, USER));
  assert.is(rig.ram.read16(((FRAME + 1) << 12) + 0xffe), 0x2211);
  assert.is(rig.ram.read16((FRAME + 2) << 12), 0x4433);
  assert.is(rig.bus.read32(-2, USER), 0x44332211);
});

test.run();
