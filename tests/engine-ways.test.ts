/**
 * The two ways of executing agree: handlers one at a time over the plain TLB, and the interpreter's loop over hot slots. Random
 * cases of every table row, compared in registers, flags, memory, faults, clocks and every counter of the MMU. The same cases
 * run against the host's processor in `npm run oracle`.
 */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { createMachine, EXIT_TRAP } from "../emu/index.ts";
import { rows } from "../emu/isa/index.ts";
import { profileNames } from "../emu/profile.ts";
import { CR0_PE, CR0_PG, FIRST_DIAGNOSTIC, type PlainMmu, PTE_P, PTE_RW } from "../mmu/index.ts";
import { exactDifferences } from "./oracle/compare.ts";
import { Draft } from "./oracle/draft.ts";
import { EmulatedProcessor } from "./oracle/emulated.ts";
import { generate, generateSequence, plan } from "./oracle/generate.ts";
import { type Case, DATA } from "./oracle/layout.ts";
import { Random } from "./oracle/random.ts";
import { TwoWays } from "./oracle/ways.ts";

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() & 0x7fffffff);
console.log(`seed ${seed}`);

/** TLBs of a few entries: walks and refills take clocks within blocks and within repeated string instructions. */
const few = [
  ["i386", "tlb=2"],
  ["haswell", "itlb=1,dtlb=2,stlb=1x4"],
] as const;

function expectAgreement(ways: TwoWays, c: Case, slice?: number): void {
  const { found } = ways.run(c, slice);
  const bytes = [...c.code].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  assert.ok(found.length === 0, `seed ${seed}: ${rows[c.row].key} (${bytes})\n${found.join("\n")}`);
}

test("every row and form, default CPU", () => {
  const g = new Random(seed);
  const ways = new TwoWays();
  for (let round = 0; round < 6; round++) {
    for (const { row, form } of plan().entries) expectAgreement(ways, generate(row, form, g));
  }
});

test("every row once on every CPU", () => {
  const g = new Random(seed);
  for (const name of profileNames) {
    const ways = new TwoWays(name);
    for (const { row, form } of plan().entries) expectAgreement(ways, generate(row, form, g));
  }
});

test("sequences of instructions", () => {
  const g = new Random(seed);
  const ways = new TwoWays();
  for (let n = 0; n < 12000; n++) expectAgreement(ways, generateSequence(g));
});

test("sequences of instructions that walk all the time", () => {
  const g = new Random(seed);
  for (const [cpu, tlb] of few) {
    const ways = new TwoWays(cpu, tlb);
    for (let n = 0; n < 1500; n++)
      expectAgreement(ways, generateSequence(g), g.chance(0.5) ? undefined : 20 + g.below(200));
  }
});

/** A repeated string instruction of thousands of iterations, pages apart, overlapping or unaligned. */
function longString(g: Random): Case {
  const row = g.pick(rows.filter((candidate) => candidate.rep !== "none" && candidate.privilege === "any"));
  const size = g.pick([2, 4] as const);
  const d = new Draft(row, { operand: "register", size, address: 4 }, g);
  d.rep = g.pick([0xf2, 0xf3]);
  d.regs[1] = g.below(9000);
  d.regs[6] = DATA + g.below(0x3000);
  d.regs[7] = g.chance(0.4) ? d.regs[6] + g.below(40) - 20 : DATA + g.below(0x2800);
  if (g.chance(0.1)) d.eflags |= 0x400;
  if (row.mnemonic === "CMPS" && g.chance(0.5)) d.regs[7] = d.regs[6];
  if (row.mnemonic === "SCAS") d.regs[0] = 0x5a5a5a5a;
  return d.finish([], []);
}

test("long runs of string instructions on every CPU", () => {
  const g = new Random(seed);
  for (const name of profileNames) {
    const ways = new TwoWays(name);
    for (let n = 0; n < 150; n++) expectAgreement(ways, longString(g));
  }
});

test("interrupted in the middle of repeated string instructions", () => {
  const g = new Random(seed);
  for (const [cpu, tlb] of [["p6", "p6"], ...few]) {
    const ways = new TwoWays(cpu, tlb);
    const whole = new EmulatedProcessor("steps", "plain", cpu, tlb);
    for (let n = 0; n < 100; n++) {
      const c = longString(g);
      expectAgreement(ways, c, 50 + g.below(3000));
      const sliced = ways.run(c, 50 + g.below(3000)).outcome;
      assert.equal(exactDifferences(sliced, whole.run(c)), [], `seed ${seed}`);
    }
  }
});

test("strings across many pages leave few TLB entries in the same order", () => {
  const g = new Random(seed);
  const [directory, table, code, data, pages] = [0x10000, 0x11000, 0x1000, 0x20000, 12];
  const mov = (register: number, value: number) => [0xb8 + register, ...new Uint8Array(Int32Array.of(value).buffer)];
  for (const tlb of ["2x2:lru", "3x2:lru", "2x4:plru", "5x3:lru"]) {
    const bytes: number[] = [];
    for (let n = 0; n < 120; n++) {
      const [from, to] = [0, 0].map(
        () => data + g.below(pages) * 4096 + (g.chance(0.5) ? 4092 - 4 * g.below(8) : g.below(4096)),
      );
      bytes.push(
        ...mov(1, g.below(1500)),
        ...mov(6, from),
        ...mov(7, to),
        0xf3,
        g.pick([0xa4, 0xa5, 0xa6, 0xa7, 0xab, 0xaf]),
      );
    }
    const [plain, hot] = (["plain", "hot"] as const).map((translation) => {
      const machine = createMachine({ mem: 1 << 20, tlb: `itlb=4,dtlb=${tlb}`, translation });
      const { ram, mmu, cpu } = machine;
      ram.write32(directory, table | PTE_P | PTE_RW);
      for (let page = 0; page < 256; page++) ram.write32(table + page * 4, (page << 12) | PTE_P | PTE_RW);
      ram.writeBytes(code, Uint8Array.from([...bytes, 0xcc]));
      mmu.setCr3(directory);
      mmu.setCr0(CR0_PE | CR0_PG);
      cpu.eip = code;
      assert.is(cpu.run(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY), EXIT_TRAP);
      const entries = (mmu as PlainMmu).tlbs.flatMap((array) =>
        array.list().map(({ page, set, way }) => [page, array.fillsLeft(set * array.spec.ways + way)]),
      );
      return { entries, counters: [...mmu.counters.subarray(0, FIRST_DIAGNOSTIC)], cycles: cpu.cycles };
    });
    assert.equal(hot, plain, `seed ${seed}, ${tlb}`);
  }
});

test.run();
