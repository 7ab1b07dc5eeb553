/**
 * Translated code against the interpreter: random cases of every row, one at a time and in sequences, where everything is
 * translated before it is executed, and whole programs. Registers, flags, memory, faults, clocks and every counter agree.
 */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { rows } from "../emu/isa/index.ts";
import { createMachine } from "../observe/index.ts";
import { generate, generateSequence, plan } from "./oracle/generate.ts";
import type { Case } from "./oracle/layout.ts";
import { generateProgram } from "./oracle/program.ts";
import { Random } from "./oracle/random.ts";
import { TwoWays } from "./oracle/ways.ts";

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() & 0x7fffffff);
console.log(`PAGEWALK_SEED=${seed}`);
const cases = Number(process.env.CASES ?? 600);

function expectAgreement(ways: TwoWays, c: Case, slice?: number): void {
  const { found } = ways.run(c, slice);
  const bytes = [...c.code].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  assert.ok(found.length === 0, `PAGEWALK_SEED=${seed}: ${rows[c.row].key} (${bytes})\n${found.join("\n")}`);
}

test("every row and form", () => {
  const g = new Random(seed);
  const ways = new TwoWays(undefined, undefined, "translated");
  for (const { row, form } of plan().entries) expectAgreement(ways, generate(row, form, g));
});

test("sequences of instructions", () => {
  const g = new Random(seed);
  const ways = new TwoWays(undefined, undefined, "translated");
  for (let n = 0; n < cases; n++) expectAgreement(ways, generateSequence(g));
});

test("sequences of instructions that walk all the time", () => {
  const g = new Random(seed);
  for (const [cpu, tlb] of [
    ["i386", "tlb=2"],
    ["haswell", "itlb=1,dtlb=2,stlb=1x4"],
  ]) {
    const ways = new TwoWays(cpu, tlb, "translated");
    for (let n = 0; n < cases / 10; n++) {
      expectAgreement(ways, generateSequence(g), g.chance(0.5) ? undefined : 20 + g.below(200));
    }
  }
});

/** Fuel bounds the loops that the generator makes, not those that a program makes by writing itself or a wild return. */
function runProgram(ways: TwoWays, c: Case, slice?: number): void {
  try {
    expectAgreement(ways, c, slice);
  } catch (error) {
    if (!(error instanceof Error) || !/exit reason/.test(error.message)) throw error;
    endless++;
    ways.align();
  }
}
let endless = 0;

test("programs with loops, calls and code that writes itself", () => {
  const g = new Random(seed);
  const configurations = [
    [undefined, undefined],
    ["i386", "tlb=2"],
    ["haswell", "itlb=1,dtlb=2,stlb=1x4"],
    ["pentium", undefined],
  ] as const;
  for (const [cpu, tlb] of configurations) {
    const ways = new TwoWays(cpu, tlb, "translated");
    for (let n = 0; n < cases / 8; n++) {
      runProgram(ways, generateProgram(g), g.chance(0.6) ? undefined : 10 + g.below(500));
    }
  }
  assert.ok(endless < cases / 20, `${endless} programs did not end`);
});

/** All that can be seen of a program's run. */
function runImage(path: string, engine: "interpreter" | "translator", cpu: string): unknown {
  const machine = createMachine({ cpu, mem: 64 << 20, engine, translateAfter: 1, quiet: true });
  const result = machine.load(readFileSync(path)).run(60e6);
  return [result, machine.stdout, machine.stderr, machine.counters];
}

for (const name of ["demo", "cow", "pipes", "selfmod", "stack", "stride", "text-write", "thread", "turns"]) {
  test(`${name}: the same with translated code`, () => {
    for (const cpu of ["p6", "i486"]) {
      const path = `images/bin/${name}`;
      assert.equal(runImage(path, "translator", cpu), runImage(path, "interpreter", cpu));
    }
  });
}

test.run();
