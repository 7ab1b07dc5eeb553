/** x87 state: images in all formats, pending exceptions, the escape table, and that the declared words are the whole state. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { escapeEntry, memoryBytes } from "../emu/x87/escape.ts";
import { Float80Unit } from "../emu/x87/float80.ts";
import { FpuState } from "../emu/x87/fpu.ts";
import type { ImageFormat } from "../emu/x87/image.ts";
import {
  C1,
  ES,
  IE,
  PE,
  SF,
  X87_A,
  X87_B,
  X87_BLOCK,
  X87_BLOCK_WORDS,
  X87_CONTROL,
  X87_EFLAGS,
  X87_FCS,
  X87_FDP,
  X87_FDS,
  X87_FIP,
  X87_FOP,
  X87_MEM,
  X87_STATE_WORDS,
  X87_STATUS,
  X87_TOP,
  X87_WORDS,
  ZE,
} from "../emu/x87/layout.ts";
import { allInstructions, CaseRunner, fillCase, Random, RECORD } from "./x87-case.ts";

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() & 0x7fffffff);
console.log(`seed ${seed} (PAGEWALK_SEED=${seed} repeats this run)`);

/** A unit in a state that has something in every field: 1, pi and three empty registers below a TOP of 3. */
function sample(): FpuState {
  const fpu = new FpuState(new Int32Array(X87_WORDS));
  const w = fpu.words;
  for (let i = 0; i < 5; i++) {
    w[X87_MEM] = 0x2168c235 + i;
    w[X87_MEM + 1] = 0xc90fdaa2;
    w[X87_MEM + 2] = 0x4000 - i;
    fpu.fld80();
  }
  w[X87_STATUS] |= 0x4500;
  fpu.recordInstruction(0x12345678, 0x23, 0x5f1);
  fpu.recordOperand(0x0badcafe, 0x2b);
  return fpu;
}

const halves = (fpu: FpuState): Uint16Array =>
  new Uint16Array(fpu.words.buffer, fpu.words.byteOffset + X87_BLOCK * 4, X87_BLOCK_WORDS * 2);
const stateOf = (fpu: FpuState): number[] => Array.from(fpu.words.subarray(0, X87_STATE_WORDS));

test("a difference that lies half a place below a power of two is a tie", () => {
  const w = new Int32Array(X87_WORDS);
  w[X87_CONTROL] = 0x37f;
  const [a, b] = [X87_A, X87_B];
  // 16 - 2^-61: the last place below 16 is 2^-60, and 16 is the even neighbour.
  w.set([0, 0x80000000, 0x4003], a);
  w.set([0, 0x80000000, 0x4003 - 65], b);
  const flags = new Float80Unit(w).subtract(a, a, b);
  assert.equal([w[a], w[a + 1] >>> 0, w[a + 2]], [0, 0x80000000, 0x4003]);
  assert.is(flags, PE | C1);
});

test("environment in 32-bit protected mode", () => {
  const fpu = sample();
  fpu.fnstenv("protected32");
  const expected = [0xffff037f, 0xffff5d00, 0xffff003f, 0x12345678, 0x05f10023, 0x0badcafe, 0xffff002b];
  assert.equal(
    Array.from(fpu.words.subarray(X87_BLOCK, X87_BLOCK + 7), (word) => word >>> 0),
    expected,
  );
});

test("environment in 16-bit protected mode", () => {
  const fpu = sample();
  fpu.fnstenv("protected16");
  assert.equal(Array.from(halves(fpu).subarray(0, 7)), [0x037f, 0x5d00, 0x003f, 0x5678, 0x23, 0xcafe, 0x2b]);
  fpu.fldenv("protected16");
  const w = fpu.words;
  assert.equal([w[X87_FIP], w[X87_FCS], w[X87_FOP], w[X87_FDP], w[X87_FDS]], [0x5678, 0x23, 0, 0xcafe, 0x2b]);
});

test("environments of real-address mode hold 20- and 32-bit addresses", () => {
  const fpu = sample();
  fpu.recordInstruction(0x12345, 0, 0x5f1);
  fpu.recordOperand(0xabcde, 0);
  fpu.fnstenv("real16");
  assert.equal(Array.from(halves(fpu).subarray(0, 7)), [0x037f, 0x5d00, 0x003f, 0x2345, 0x15f1, 0xbcde, 0xa000]);
  fpu.fnstenv("real32");
  const expected = [0xffff037f, 0xffff5d00, 0xffff003f, 0xffff2345, 0x000015f1, 0xffffbcde, 0x0000a000];
  assert.equal(
    Array.from(fpu.words.subarray(X87_BLOCK, X87_BLOCK + 7), (word) => word >>> 0),
    expected,
  );
});

test("FNSAVE and FRSTOR give the state back", () => {
  const formats: ImageFormat[] = ["protected32", "real32", "protected16", "real16"];
  for (const format of formats) {
    const fpu = sample();
    if (format === "real16") fpu.recordInstruction(0x45678, 0, 0x5f1);
    else if (format === "protected16") fpu.recordInstruction(0x5678, 0x23, 0);
    else if (format === "real32") fpu.recordInstruction(0x12345678, 0, 0x5f1);
    if (format.startsWith("real")) fpu.recordOperand(format === "real16" ? 0x9cafe : 0x0badcafe, 0);
    else if (format === "protected16") fpu.recordOperand(0xcafe, 0x2b);
    const before = stateOf(fpu);
    fpu.fnsave(format);
    assert.is(fpu.words[X87_CONTROL], 0x37f);
    assert.is(fpu.words[X87_TOP], 0);
    fpu.frstor(format);
    assert.equal(stateOf(fpu), before, format);
  }
});

test("FXSAVE and FXRSTOR give the state back", () => {
  const fpu = sample();
  const before = stateOf(fpu);
  fpu.fxsave();
  const words = Array.from(fpu.words.subarray(X87_BLOCK, X87_BLOCK + 12), (word) => word >>> 0);
  assert.equal(words.slice(0, 8), [0x5d00037f, 0x05f100f8, 0x12345678, 0x23, 0x0badcafe, 0x2b, 0, 0]);
  assert.equal(words.slice(8), [0x2168c239, 0xc90fdaa2, 0x3ffc, 0]);
  assert.equal(stateOf(fpu), before, "FXSAVE does not initialise");
  fpu.reset();
  fpu.fxrstor();
  assert.equal(stateOf(fpu), before);
});

test("an unmasked exception is pending until it is cleared or masked", () => {
  const fpu = new FpuState(new Int32Array(X87_WORDS));
  const w = fpu.words;
  w[X87_MEM] = 0x37f & ~ZE;
  fpu.fldcw();
  w[X87_MEM] = 0;
  fpu.fild32();
  fpu.fild32();
  w[X87_MEM] = 1;
  fpu.fild32();
  assert.not.ok(fpu.pendingException());
  assert.not.ok(escapeEntry(0xd8, 0xf1)?.run(fpu, 1, "protected32"), "FDIV ST(1): 1 / 0");
  assert.ok(fpu.pendingException());
  fpu.fnstsw();
  assert.is(w[X87_MEM] & (ES | ZE), ES | ZE);
  fpu.fnstenv("protected32");
  assert.not.ok(fpu.pendingException(), "FNSTENV masks");
  w[X87_MEM] = 0x37f & ~ZE;
  fpu.fldcw();
  assert.ok(fpu.pendingException(), "FLDCW unmasks what is still flagged");
  fpu.fnclex();
  assert.not.ok(fpu.pendingException());
});

test("a store withheld by an unmasked stack fault leaves memory and stack alone", () => {
  const fpu = new FpuState(new Int32Array(X87_WORDS));
  const w = fpu.words;
  w[X87_MEM] = 0x37f & ~IE;
  fpu.fldcw();
  w[X87_MEM] = 0x5a5a5a5a;
  assert.not.ok(fpu.fst32(1));
  assert.equal([w[X87_MEM], w[X87_TOP], w[X87_STATUS]], [0x5a5a5a5a, 0, IE | SF]);
});

test("the escape table has every documented encoding and refuses the reserved ones", () => {
  const reserved: string[] = [];
  for (let opcode = 0xd8; opcode <= 0xdf; opcode++) {
    for (let modrm = 0; modrm < 0x100; modrm++) {
      const entry = escapeEntry(opcode, modrm);
      if (entry === undefined) {
        if (modrm >= 0xc0 || (modrm & 0xc7) === 0) reserved.push(`${opcode.toString(16)} ${modrm.toString(16)}`);
      } else if (modrm < 0xc0) {
        assert.ok(entry.access !== "none" && memoryBytes(entry, "protected32") > 0, entry.mnemonic);
      }
    }
  }
  const row = (opcode: string, first: number, count: number): string[] =>
    Array.from({ length: count }, (_, i) => `${opcode} ${(first + i).toString(16)}`);
  assert.equal(reserved, [
    ...row("d9", 0x08, 1),
    ...row("d9", 0xd1, 7),
    ...row("d9", 0xe2, 2),
    ...row("d9", 0xe6, 2),
    ...row("d9", 0xef, 1),
    ...row("da", 0xe0, 9),
    ...row("da", 0xea, 22),
    ...row("db", 0x08, 1),
    ...row("db", 0x20, 1),
    ...row("db", 0x30, 1),
    ...row("db", 0xe5, 3),
    ...row("db", 0xf8, 8),
    ...row("dd", 0x08, 1),
    ...row("dd", 0x28, 1),
    ...row("dd", 0xf0, 16),
    ...row("de", 0xd8, 1),
    ...row("de", 0xda, 6),
    ...row("df", 0x08, 1),
    ...row("df", 0xe1, 7),
    ...row("df", 0xf8, 8),
  ]);
});

test("the declared words are the whole state", () => {
  const random = new Random(seed);
  const record = new DataView(new ArrayBuffer(RECORD));
  const runner = new CaseRunner();
  const twin = new FpuState(new Int32Array(X87_WORDS));
  for (const instruction of allInstructions()) {
    for (let n = 0; n < 5; n++) {
      fillCase(random, record, 0, instruction);
      runner.load(record, 0);
      // The twin gets the state words and, apart from the operand, rubbish in place of the scratch words.
      for (let i = X87_STATE_WORDS; i < X87_WORDS; i++) twin.words[i] = random.bits();
      const w = runner.fpu.words;
      twin.words.set(w.subarray(0, X87_STATE_WORDS));
      twin.words.set(w.subarray(X87_MEM, X87_MEM + 4), X87_MEM);
      twin.words.set(w.subarray(X87_BLOCK, X87_WORDS), X87_BLOCK);
      twin.words[X87_EFLAGS] = w[X87_EFLAGS];
      const format = instruction.code.length === 3 ? "protected16" : "protected32";
      const completed = instruction.entry.run(runner.fpu, instruction.modrm & 7, format);
      assert.is(instruction.entry.run(twin, instruction.modrm & 7, format), completed);
      const name = instruction.entry.mnemonic;
      assert.equal(stateOf(twin), stateOf(runner.fpu), name);
      if (!completed || instruction.entry.access !== "store") continue;
      const bytes = memoryBytes(instruction.entry, format);
      const [at, words] = instruction.entry.image === "none" ? [X87_MEM, 3] : [X87_BLOCK, 27];
      const written = (fpu: FpuState): number[] =>
        Array.from(new Uint8Array(fpu.words.slice(at, at + words).buffer).subarray(0, bytes));
      assert.equal(written(twin), written(runner.fpu), name);
    }
  }
});

test("a block that is too short is refused", () => {
  assert.throws(() => new FpuState(new Int32Array(X87_STATE_WORDS)), /X87_WORDS/);
});

test.run();
