/**
 * What an access costs, in nanoseconds per 32-bit read or write: hot-slot hit, hit on another entry of the set, miss with
 * walk, page crossing, fault. Engines inline the slot check as `read` and `write` do here; `bus` is LinearBus.
 *
 * The yardsticks: no translation at all, and a plain direct-mapped table of 4096 pages, which is what software TLBs of
 * emulators that do not count misses look like.
 */

import { LinearBus, MachineMemory, Mmu, PlainMmu, pagingProfile, Ram, READ, WRITE } from "../mmu/index.ts";
import { compareFunctions, type Kernel } from "./measure.ts";

const RAM_BYTES = 64 << 20;
const PAGES = 1024;
/** Every access of a kernel goes to one of these many addresses in turn. */
const OPERATIONS = 4096;
const USER = 1;

/** A machine with PAGES pages mapped from linear 0 on, and 4 MiB pages from 1 GiB on. */
class Bench {
  readonly ram: Ram;
  readonly mmu: PlainMmu;
  readonly bus: LinearBus;
  private readonly data: DataView;
  private readonly slots: Int32Array;
  private readonly mask: number;
  private readonly readBase: number;
  private readonly writeBase: number;

  constructor(cpu: string, kind: "hot" | "plain") {
    const memory = new MachineMemory(RAM_BYTES);
    this.ram = new Ram(memory);
    this.mmu = new (kind === "hot" ? Mmu : PlainMmu)(memory, this.ram, pagingProfile(cpu));
    this.bus = new LinearBus(this.mmu, this.ram);
    this.data = this.ram.engineViews().data;
    this.slots = this.mmu.slots;
    this.mask = this.mmu.slotMask(READ);
    this.readBase = this.mmu.slotBase(USER, READ);
    this.writeBase = this.mmu.slotBase(USER, WRITE);
    for (let table = 0; table < PAGES / 1024; table++) this.ram.write32(0x1000 + table * 4, ((2 + table) << 12) | 0x67);
    for (let page = 0; page < PAGES; page++) this.ram.write32(0x2000 + page * 4, ((page + 16) << 12) | 0x67);
    for (let i = 0; i < 16; i++) this.ram.write32(0x1000 + (256 + i) * 4, (i << 22) | 0xe7);
    this.mmu.setCr3(0x1000);
    this.mmu.setCr4(0x10);
    this.mmu.setCr0(0x80000001);
  }

  /** As an engine reads. */
  read(la: number): number {
    const at = this.readBase + (((la >>> 12) & this.mask) << 1);
    if (this.slots[at] === (la + 3) >>> 12) return this.data.getInt32((la + this.slots[at + 1]) >>> 0, true);
    return this.readSlowly(la);
  }

  /** As an engine writes. */
  write(la: number, value: number): void {
    const at = this.writeBase + (((la >>> 12) & this.mask) << 1);
    if (this.slots[at] === (la + 3) >>> 12) this.data.setInt32((la + this.slots[at + 1]) >>> 0, value, true);
    else this.writeSlowly(la, value);
  }

  private readSlowly(la: number): number {
    if ((la & 0xfff) > 0xffc) return this.bus.read32(la, USER);
    return this.ram.read32(this.mmu.translate(la, READ, USER));
  }

  private writeSlowly(la: number, value: number): void {
    if ((la & 0xfff) > 0xffc) this.bus.write32(la, value, USER);
    else this.ram.write32(this.mmu.translate(la, WRITE, USER), value);
  }
}

let sink = 0;

/** Where the accesses go: `count` addresses, `stride` apart, from `start` on, again and again. */
function addresses(start: number, stride: number, count: number): Int32Array {
  return Int32Array.from({ length: OPERATIONS }, (_, i) => start + (i % count) * stride);
}

function reads(name: string, bench: Bench, list: Int32Array): Kernel {
  const run = () => {
    let sum = 0;
    for (let i = 0; i < OPERATIONS; i++) sum = (sum + bench.read(list[i])) | 0;
    sink ^= sum;
  };
  return { name, operations: OPERATIONS, run };
}

function writes(name: string, bench: Bench, list: Int32Array): Kernel {
  const run = () => {
    for (let i = 0; i < OPERATIONS; i++) bench.write(list[i], i);
  };
  return { name, operations: OPERATIONS, run };
}

const inSixteenSets = addresses(0x4000, 4096 + 8, 16);
const twoOfOneSet = addresses(0x4000, 16 * 4096, 2);
const manyOfOneSet = addresses(0x4000, 16 * 4096, 60);
const manyOfAll = addresses(0x4000, 4096 + 4, 900);
const manyLarge = addresses(0x40000000, (4 << 20) + 0x1140, 15);
const crossing = addresses(0x4ffe, 4096, 8);
const missing = addresses(0x20000000, 4096, 100);

function yardsticks(): Kernel[] {
  const data = new DataView(new ArrayBuffer(8 << 20));
  const tags = new Int32Array(8192);
  for (let page = 0; page < PAGES; page++) {
    tags[(page & 4095) << 1] = page;
    tags[((page & 4095) << 1) + 1] = 16 << 12;
  }
  const plain = () => {
    let sum = 0;
    for (let i = 0; i < OPERATIONS; i++) sum = (sum + data.getInt32(manyOfAll[i] >>> 0, true)) | 0;
    sink ^= sum;
  };
  const table = () => {
    let sum = 0;
    for (let i = 0; i < OPERATIONS; i++) {
      const la = manyOfAll[i];
      const at = ((la >>> 12) & 4095) << 1;
      if (tags[at] === (la + 3) >>> 12) sum = (sum + data.getInt32((la + tags[at + 1]) >>> 0, true)) | 0;
      else sum++;
    }
    sink ^= sum;
  };
  return [
    { name: "read, no translation", operations: OPERATIONS, run: plain },
    { name: "read, direct-mapped table of 4096", operations: OPERATIONS, run: table },
  ];
}

function viaBus(bench: Bench): Kernel[] {
  const { bus } = bench;
  const readAll = (list: Int32Array) => () => {
    let sum = 0;
    for (let i = 0; i < OPERATIONS; i++) sum = (sum + bus.read32(list[i], USER)) | 0;
    sink ^= sum;
  };
  const writeAll = (list: Int32Array) => () => {
    for (let i = 0; i < OPERATIONS; i++) bus.write32(list[i], i, USER);
  };
  const modifyAll = (list: Int32Array) => () => {
    for (let i = 0; i < OPERATIONS; i++) {
      if (bus.openRmw(list[i], 4, USER)) bus.rmwWrite(bus.rmwRead() + 1);
    }
  };
  return [
    { name: "read, hot slot", operations: OPERATIONS, run: readAll(inSixteenSets) },
    { name: "write, hot slot", operations: OPERATIONS, run: writeAll(inSixteenSets) },
    { name: "read-modify-write, hot slot", operations: OPERATIONS, run: modifyAll(inSixteenSets) },
    { name: "read across pages", operations: OPERATIONS, run: readAll(crossing) },
    { name: "write across pages", operations: OPERATIONS, run: writeAll(crossing) },
    { name: "read, page fault", operations: OPERATIONS, run: readAll(missing) },
  ];
}

const pentium = new Bench("pentium", "hot");
compareFunctions("yardsticks", yardsticks());
compareFunctions("pentium (16x4 tree-PLRU), slots checked in line", [
  reads("read, hot slot", pentium, inSixteenSets),
  writes("write, hot slot", pentium, inSixteenSets),
  reads("read, other entry of the set", pentium, twoOfOneSet),
  writes("write, other entry of the set", pentium, twoOfOneSet),
  reads("read, miss with walk", pentium, manyOfOneSet),
  writes("write, miss with walk", pentium, manyOfOneSet),
  reads("read, miss with walk, 4 MiB page", pentium, manyLarge),
]);
compareFunctions("pentium, through LinearBus", viaBus(pentium));

for (const [cpu, what] of [
  ["p4", "64 entries, fully associative, LRU"],
  ["haswell", "16x4 and 128x8, tree-PLRU"],
] as const) {
  const bench = new Bench(cpu, "hot");
  compareFunctions(`${cpu} (${what}), slots checked in line`, [
    reads("read, 16 pages in turn", bench, inSixteenSets),
    reads("read, 900 pages in turn", bench, manyOfAll),
  ]);
}

const plain = new Bench("pentium", "plain");
compareFunctions("pentium, plain TLB without hot slots", [reads("read, 16 pages in turn", plain, inSixteenSets)]);

if (sink === 1) console.log();
