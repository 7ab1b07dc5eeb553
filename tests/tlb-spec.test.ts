/** The one-line notation of TLB geometries, and machines built from it. */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { execute } from "../cli/execute.ts";
import { Failure } from "../cli/failure.ts";
import { createMachine as createHardware } from "../emu/index.ts";
import { cpuNames, pagingProfile, parseTlbSpec, replacementPolicies, tlbSpecText } from "../mmu/index.ts";
import { createMachine } from "../observe/index.ts";

/** What a spec is refused with. */
function refusal(spec: string): string {
  try {
    parseTlbSpec(spec);
  } catch (error) {
    assert.instance(error, RangeError);
    return (error as RangeError).message;
  }
  return "accepted";
}

test("the notation expresses every CPU, arrays in order", () => {
  for (const cpu of cpuNames) {
    const { tlb } = pagingProfile(cpu);
    const text = tlbSpecText(tlb);
    const parsed = parseTlbSpec(text);
    assert.equal(parsed, tlb, `${cpu}: ${text}`);
    assert.equal(Object.keys(parsed.arrays), Object.keys(tlb.arrays));
    assert.equal(parseTlbSpec(cpu), tlb);
  }
  assert.is(tlbSpecText(pagingProfile("i386").tlb), "tlb=8x4,policy=pointer386");
  assert.is(
    tlbSpecText(pagingProfile("core2").tlb),
    "itlb=32x4,itlb-4m=4,dtlb0=4x4,dtlb0-4m=4x4,dtlb1=64x4,dtlb1-4m=8x4,write=dtlb1,policy=plru",
  );
  assert.is(tlbSpecText(pagingProfile("p4").tlb), "itlb=64+4m,dtlb=64+4m");
});

test("lookups go through the levels that the names say", () => {
  const { arrays, fetch, read, write } = parseTlbSpec("itlb=32x4,dtlb=64x4,stlb=1024x8,policy=plru");
  assert.equal(arrays.stlb, { sets: 1024, ways: 8, policy: "plru" });
  const level = (small: string) => ({ small, large: null });
  assert.equal(fetch, [level("itlb"), level("stlb")]);
  assert.equal(read, [level("dtlb"), level("stlb")]);
  assert.equal(write, read);
  const one = parseTlbSpec("tlb=7+4m");
  assert.equal(one.arrays, { tlb: { sets: 1, ways: 7, policy: "lru" } });
  for (const access of ["fetch", "read", "write"] as const) {
    assert.equal(one[access], [{ small: "tlb", large: "tlb" }]);
  }
  assert.equal(parseTlbSpec("tlb=3x5:fifo, tlb-4m=2").read, [{ small: "tlb", large: "tlb-4m" }]);
});

test("a CPU's TLBs with changes", () => {
  const { tlb } = pagingProfile("skylake");
  const smaller = parseTlbSpec("skylake,stlb=128x8:fifo+4m");
  assert.equal(smaller, { ...tlb, arrays: { ...tlb.arrays, stlb: { sets: 128, ways: 8, policy: "fifo" } } });
  const two = parseTlbSpec("p6,stlb=512x4");
  assert.equal(two.read, [
    { small: "dtlb", large: "dtlb-4m" },
    { small: "stlb", large: null },
  ]);
  const fifo = parseTlbSpec("skylake,policy=fifo");
  assert.ok(Object.values(fifo.arrays).every(({ policy }) => policy === "fifo"));
});

test("every policy, and shapes that are no powers of two", () => {
  for (const policy of replacementPolicies) {
    const machine = createHardware({ mem: 4 << 20, tlb: `tlb=3x4,policy=${policy}` });
    assert.equal(machine.profile.paging.tlb.arrays, { tlb: { sets: 3, ways: 4, policy } });
  }
  assert.equal(parseTlbSpec("tlb=65536").arrays.tlb.ways, 65536);
  createHardware({ mem: 4 << 20, tlb: "itlb=65536,dtlb=65536x1,stlb=1x65535" });
  assert.is(refusal("tlb=8x12,policy=plru"), "TLB tlb: plru needs a power of two of ways, not 12");
});

test("what is wrong is said in one line with what is allowed", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["", /^nothing is neither a CPU \(i386, .*zen\) nor NAME=SETSxWAYS$/],
    ["i286", /^i286 is neither a CPU \(i386, i486, pentium/],
    ["__proto__", /^__proto__ is neither a CPU/],
    ["tlb=0", /^TLB tlb: sets and ways must be whole numbers from 1 with at most 65536 entries, not 1x0$/],
    ["tlb=4x0", /not 4x0$/],
    ["tlb=1000000000", /at most 65536 entries, not 1x1000000000$/],
    ["tlb=99999999999999999999x99999999999999999999", /at most 65536 entries/],
    ["tlb=-4", /^tlb=-4: write SETSxWAYS or ENTRIES/],
    ["tlb=4x4x4", /^tlb=4x4x4: write SETSxWAYS/],
    ["tlb=", /^tlb=: write SETSxWAYS/],
    ["tlb=4:mru", /^policy must be one of lru, plru, fifo, random, pointer386, not mru$/],
    ["tlb=4,policy=", /^policy must be one of .*, not $/],
    ["tlb=4,tlb=8", /^tlb is given twice$/],
    ["tlb=4,", /^an empty item: write NAME=SETSxWAYS$/],
    ["dltb=4", /^dltb names no TLB; allowed are tlb, itlb, dtlb, stlb/],
    ["toString=4", /^toString names no TLB/],
    ["itlb=4", /^no TLB for read accesses: give tlb, dtlb or read=$/],
    ["dtlb=4", /^no TLB for fetch accesses: give tlb, itlb or fetch=$/],
    ["tlb=4,itlb-4m=4", /^no access looks in itlb-4m$/],
    ["tlb=4,read=dtlb", /^read=dtlb names a TLB that is not given: dtlb$/],
    ["tlb=4,read=tlb/tlb", /^read lookups pass TLB tlb on two levels$/],
    ["tlb0=4,tlb1=4,tlb2=4,tlb3=4", /lookups must have 1 to 3 TLB levels$/],
    ["tlb=4+4m,tlb-4m=4", /^tlb has \+4m, and there is a tlb-4m/],
    ["tlb=4,tlb-4m=4+4m", /^tlb-4m holds 4 MiB pages without \+4m$/],
  ];
  for (const [spec, expected] of cases) assert.match(refusal(spec), expected, spec);
  const zero = { ...pagingProfile("i386").tlb, arrays: { tlb: { sets: 1, ways: 1e9, policy: "lru" } } } as const;
  assert.throws(() => createHardware({ tlb: zero }), /^TLB tlb: sets and ways/);
});

test("the seed decides what random replacement does, and nothing else", () => {
  const stateOf = (seed: number) =>
    createHardware({ mem: 4 << 20, tlb: "tlb=4:random", seed }).memory.bytes.slice(0, 1 << 20);
  assert.equal(stateOf(7), stateOf(7));
  assert.not.equal(stateOf(7), stateOf(8));
});

test("the command names the option", () => {
  const complaint = (...words: string[]) => {
    try {
      execute(words);
    } catch (error) {
      if (error instanceof Failure) return `${error.status} ${error.message}`;
      throw error;
    }
    return "accepted";
  };
  const reason = "--tlb tlb=0: TLB tlb: sets and ways must be whole numbers from 1 with at most 65536 entries, not 1x0";
  assert.is(complaint("run", "--tlb", "tlb=0", "images/bin/hello"), `2 ${reason}`);
  assert.is(complaint("boot", "--tlb=tlb=0", "images/bin/boot-minimal"), `2 ${reason}`);
});

test("a smaller TLB misses more, the program notices nothing", () => {
  const results = ["tlb=64", "tlb=1"].map((tlb) => {
    const machine = createMachine({ mem: 16 << 20, tlb }).load(readFileSync("images/bin/demo"));
    assert.is(machine.run().reason, "exit");
    const { mmu } = machine.counters;
    return { stdout: machine.stdout, accesses: mmu["access.read.user"], misses: mmu["miss.read.user"] };
  });
  assert.is(results[0].stdout, results[1].stdout);
  assert.is(results[0].accesses, results[1].accesses);
  assert.ok(results[0].misses < results[1].misses);
});

test.run();
