/**
 * The two ways of executing agree: handlers one at a time over the plain TLB, and the interpreter's loop over hot slots. Random
 * cases of every table row, compared in registers, flags, memory, faults, clocks and every counter of the MMU. The same cases
 * run against the host's processor in `npm run oracle`.
 */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { rows } from "../emu/isa/index.ts";
import { profileNames } from "../emu/profile.ts";
import { exactDifferences } from "./oracle/compare.ts";
import { Draft } from "./oracle/draft.ts";
import { EmulatedProcessor } from "./oracle/emulated.ts";
import { generate, generateSequence, plan } from "./oracle/generate.ts";
import { type Case, DATA } from "./oracle/layout.ts";
import { Random } from "./oracle/random.ts";
import { TwoWays } from "./oracle/ways.ts";

const seed = Date.now() & 0x7fffffff;
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

test.run();
