/**
 * Translated code against the interpreter: random cases of every row, one at a time and in sequences, where everything is
 * translated before it is executed, and whole programs. Registers, flags, memory, faults, clocks and every counter agree.
 */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { rows } from "../emu/isa/index.ts";
import { createMachine as createHardware, type MachineOptions } from "../emu/machine.ts";
import { FIRST_DIAGNOSTIC } from "../mmu/index.ts";
import { createMachine } from "../observe/index.ts";
import { generate, generateSequence, plan } from "./oracle/generate.ts";
import type { Case } from "./oracle/layout.ts";
import { generateProgram } from "./oracle/program.ts";
import { Random } from "./oracle/random.ts";
import { TwoWays } from "./oracle/ways.ts";

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() & 0x7fffffff);
console.log(`PAGEWALK_SEED=${seed}`);
const cases = Number(process.env.CASES ?? 400);

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

const PAGE_DIRECTORY = 0x1000;
const PAGE_TABLE = 0x2000;
const FIRST_FRAME = 0x10000;
const FIRST_PAGE = 0x400000;
const RIGHTS = 7;

/** All that can be seen of code at CPL 0 under paging, whose page n has the n-th frame given, run in pieces up to a limit. */
function runCode(
  code: readonly number[],
  frames: readonly number[],
  ecx: number,
  pieces: number[],
  options: MachineOptions,
) {
  const { cpu, mmu, ram } = createHardware({ cpu: "p6", mem: 2 << 20, ...options });
  ram.write32(PAGE_DIRECTORY + 4, PAGE_TABLE | RIGHTS);
  for (const [n, frame] of frames.entries()) ram.write32(PAGE_TABLE + n * 4, (FIRST_FRAME + frame * 4096) | RIGHTS);
  ram.write32(PAGE_TABLE + 1023 * 4, 0x8000 | RIGHTS);
  ram.writeBytes(FIRST_FRAME, Uint8Array.from(code));
  mmu.setCr3(PAGE_DIRECTORY);
  mmu.setCr0(0x80010033 | 0);
  cpu.traps = "host";
  cpu.regs.set([0, ecx, 0, FIRST_PAGE, FIRST_PAGE + 0x3ffffc, 0, 0, 0]);
  cpu.eip = FIRST_PAGE;
  return pieces.map((piece) => {
    const exit = cpu.run(Infinity, cpu.instructions + piece);
    const { instructions, cycles, eip } = cpu;
    const counters = [...mmu.counters.subarray(0, FIRST_DIAGNOSTIC)];
    return { exit, instructions, cycles, eip, registers: [...cpu.regs], flags: cpu.getEflags(), counters };
  });
}

const everythingTranslated: MachineOptions = { engine: "translator", translateAfter: 0 };
const hotTranslated: MachineOptions = { engine: "translator", translateAfter: 1 };

/** inc eax; call $+5; pop edx; add esi, edx; dec ecx; jz 1f; xor ebx, 0x1000; jmp ebx; 1: int3 */
const turns = [
  ...[0x40, 0xe8, 0, 0, 0, 0, 0x5a, 0x01, 0xd6, 0x49, 0x74, 8],
  ...[0x81, 0xf3, 0, 0x10, 0, 0, 0xff, 0xe3, 0xcc],
];

test("a frame with code at two addresses, which jumps from one to the other", () => {
  const expected = runCode(turns, [0, 0], 500, [1e6], { engine: "interpreter" });
  assert.equal(runCode(turns, [0, 0], 500, [1e6], everythingTranslated), expected);
  assert.equal(
    runCode(turns, [0, 0], 40000, [1e6], hotTranslated),
    runCode(turns, [0, 0], 40000, [1e6], { engine: "interpreter" }),
  );
});

test("straight-line code of many pages stops where a limit says", () => {
  // Pages of INC EAX, a TLB set for each of them; then DEC ECX; JZ 1f; JMP to the first page; 1: INT3.
  const pages = 7;
  const back = -(pages * 4096 + 8);
  const line = Array<number>(pages * 4096).fill(0x40);
  const code = [...line, 0x49, 0x74, 5, 0xe9, ...[0, 8, 16, 24].map((shift) => (back >> shift) & 255), 0xcc];
  const frames = [...Array(pages + 1).keys()];
  const pieces = [270_001, 20_000, 400_000, 12_345, 9000, 1, 1e7];
  const expected = runCode(code, frames, 40, pieces, { engine: "interpreter" });
  assert.equal(runCode(code, frames, 40, pieces, hotTranslated), expected);
});

test("where the host compiles nothing, the interpreter executes everything", () => {
  const compile = WebAssembly.Module;
  let refused = 0;
  WebAssembly.Module = new Proxy(compile, {
    construct() {
      refused++;
      throw new WebAssembly.CompileError("out of memory");
    },
  });
  try {
    const found = runCode(turns, [0, 0], 500, [1e6], everythingTranslated);
    assert.equal(found, runCode(turns, [0, 0], 500, [1e6], { engine: "interpreter" }));
    assert.ok(refused > 0);
  } finally {
    WebAssembly.Module = compile;
  }
});

test.run();
