/** Fields of decoded instructions, the statuses at the end of the bytes, and the 15-byte limit. */

import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  allForms,
  Decoded,
  decode,
  FormCoverage,
  formIndex,
  formOf,
  INVALID,
  NEED_MORE,
  NONE,
  OK,
  rows,
  TOO_LONG,
} from "../emu/isa/index.ts";
import { CS, DS, EAX, EBP, EBX, ECX, ESI, ESP, FS, GS, SS } from "../emu/state.ts";

const d = new Decoded();

function decoded(hex: string, code32 = true): string {
  const bytes = Uint8Array.from(hex.split(" "), (byte) => Number.parseInt(byte, 16));
  const status = decode(d, bytes, 0, bytes.length, code32);
  return status === OK ? rows[d.row].key : ["OK", "NEED_MORE", "INVALID", "TOO_LONG"][status];
}

test("operands of a SIB form", () => {
  assert.is(decoded("64 8b 84 8b 10 ff ff ff"), "MOV Gv,Ev");
  assert.is(d.length, 8);
  assert.is(d.memory, true);
  assert.is(d.reg, EAX);
  assert.is(d.base, EBX);
  assert.is(d.index, ECX);
  assert.is(d.scale, 2);
  assert.is(d.disp, -240);
  assert.is(d.segment, FS);
  assert.is(d.override, FS);
});

test("default segments follow the base register", () => {
  decoded("8b 45 08");
  assert.equal([d.base, d.segment, d.override, d.disp], [EBP, SS, NONE, 8]);
  decoded("8b 04 24");
  assert.equal([d.base, d.index, d.segment], [ESP, NONE, SS]);
  decoded("8b 04 2b"); // EBP as an index does not select SS
  assert.equal([d.base, d.index, d.segment], [EBX, EBP, DS]);
  decoded("8b 04 2d 00 00 00 00"); // no base
  assert.equal([d.base, d.index, d.segment], [NONE, EBP, DS]);
  decoded("3e 8b 45 08");
  assert.equal([d.segment, d.override], [DS, DS]);
  decoded("2e 65 8b 00");
  assert.is(d.segment, GS);
  decoded("67 8b 02"); // BP+SI
  assert.equal([d.base, d.index, d.segment, d.addressSize], [EBP, ESI, SS, 2]);
  decoded("67 8b 06 34 92");
  assert.equal([d.base, d.index, d.disp & 0xffff, d.segment], [NONE, NONE, 0x9234, DS]);
});

test("immediates", () => {
  decoded("83 c0 80");
  assert.is(d.imm, -128);
  decoded("04 80");
  assert.is(d.imm, 0x80);
  decoded("66 05 80 ff");
  assert.is(d.imm, 0xff80);
  decoded("05 00 00 00 80");
  assert.is(d.imm, -0x80000000);
  decoded("66 83 c0 80");
  assert.is(d.imm, -128);
  decoded("c8 34 92 1f");
  assert.equal([d.imm, d.imm2], [0x9234, 0x1f]);
  decoded("9a 78 56 34 12 73 00");
  assert.equal([d.imm, d.imm2], [0x12345678, 0x73]);
  decoded("66 9a 78 96 73 00");
  assert.equal([d.imm, d.imm2, d.length], [0x9678, 0x73, 6]);
  decoded("66 e8 fe ff");
  assert.equal([d.imm, d.operandSize], [-2, 2]);
  decoded("eb fe");
  assert.is(d.imm, -2);
  decoded("d1 e0");
  assert.is(d.imm, 1);
  decoded("65 a1 14 00 00 80");
  assert.equal([d.disp, d.memory, d.segment], [-0x7fffffec, true, GS]);
  decoded("c2 00 80");
  assert.is(d.imm, 0x8000);
});

test("registers in opcodes, conditions, x87 stack registers", () => {
  decoded("8f c1");
  assert.equal([d.mod, d.rm, d.memory], [3, ECX, false]);
  decoded("53");
  assert.equal([d.reg, d.rm], [EBX, EBX]);
  assert.is(decoded("0f 85 00 00 00 00"), "JNZ Jv");
  assert.is(d.opcode & 15, 5);
  assert.is(rows[d.row].condition, 5);
  assert.is(decoded("d8 c3"), "FADD ST0,STi");
  assert.is(d.rm, 3);
});

test("operand and address size by code segment", () => {
  decoded("8b 00", false);
  assert.equal([d.operandSize, d.addressSize, d.base, d.index], [2, 2, EBX, ESI]);
  decoded("66 67 8b 00", false);
  assert.equal([d.operandSize, d.addressSize, d.base], [4, 4, EAX]);
  decoded("66 66 8b 00");
  assert.is(d.operandSize, 2);
});

test("prefixes: the last repeat and override count, mandatory F3", () => {
  assert.is(decoded("f3 f2 a6"), "CMPS Xb,Yb");
  assert.is(d.rep, 0xf2);
  assert.is(decoded("f3 90"), "PAUSE");
  assert.is(decoded("f2 f3 90"), "PAUSE");
  assert.is(decoded("f3 f2 90"), "NOP");
  assert.is(decoded("f3 0f 1e fb"), "ENDBR32");
  assert.is(decoded("0f 1e fb"), "NOP Ev");
  assert.is(decoded("f3 0f 1e c8"), "NOP Ev");
  assert.is(decoded("f3 0f bc c1"), "BSF Gv,Ev");
  assert.is(decoded("2e 64 8b 00"), "MOV Gv,Ev");
  assert.is(d.override, FS);
  assert.is(decoded("64 2e 8b 00"), "MOV Gv,Ev");
  assert.is(d.override, CS);
});

test("LOCK wants a lockable row with a memory destination", () => {
  assert.is(decoded("f0 01 00"), "ADD Ev,Gv");
  assert.is(d.lock, true);
  for (const hex of [
    "f0 01 c0",
    "f0 03 00",
    "f0 39 00",
    "f0 89 00",
    "f0 0f a3 00",
    "f0 90",
    "f0 a1 00 00 00 00",
    "f0 f4",
  ]) {
    assert.is(decoded(hex), "INVALID", hex);
  }
  assert.is(decoded("f0 87 00"), "XCHG Ev,Gv");
  assert.is(decoded("f0 0f c7 08"), "CMPXCHG8B Mq");
  assert.is(decoded("01 00"), "ADD Ev,Gv");
  assert.is(d.lock, false);
});

test("undefined opcodes and forms", () => {
  const list =
    "0f 04|0f 05|8d c0|c4 c0|62 c0|ff f8|fe d0|8f c8|c6 c8|8c f0|8e c8|8e f0|0f 20 c8|0f 01 c0|0f c7 c8|0f ae e8|0f 6f c0|0f 10 c0|0f 38 00|d9 d1|db e5|df e1|66 0f ae 00|f3 0f b8 c0";
  for (const hex of list.split("|")) assert.is(decoded(hex), "INVALID", hex);
});

test("MOV to and from control registers ignores mod", () => {
  assert.is(decoded("0f 22 1d"), "MOV Cd,Rd");
  assert.equal([d.length, d.memory, d.rm, d.reg], [3, false, 5, 3]);
});

test("NEED_MORE for every proper prefix of every instruction", () => {
  const bytes = new Uint8Array(16);
  for (let opcode = 0; opcode < 512; opcode++) {
    for (const modrm of [0x05, 0x44, 0x84, 0xc1]) {
      bytes.fill(0x11);
      bytes.set(opcode < 256 ? [0x66, opcode, modrm] : [0x66, 0x0f, opcode & 255, modrm]);
      if (decode(d, bytes, 0, 16, true) !== OK) continue;
      const length = d.length;
      for (let end = 0; end < length; end++) {
        assert.is(decode(d, bytes, 0, end, true), NEED_MORE, `${opcode.toString(16)} ${end}`);
        assert.ok(d.length <= end);
      }
      assert.is(decode(d, bytes, 0, length, true), OK);
      assert.is(d.length, length);
    }
  }
});

test("15 bytes are the limit", () => {
  const prefixes = (n: number, ...tail: number[]): Uint8Array => Uint8Array.of(...Array(n).fill(0x66), ...tail);
  assert.is(decode(d, prefixes(14, 0x90), 0, 15, true), OK);
  assert.is(d.length, 15);
  assert.is(decode(d, prefixes(15, 0x90), 0, 16, true), TOO_LONG);
  assert.is(decode(d, prefixes(15), 0, 15, true), TOO_LONG);
  assert.is(decode(d, prefixes(14), 0, 14, true), NEED_MORE);
  assert.is(decode(d, prefixes(12, 0x81, 0xc0, 1), 0, 15, true), TOO_LONG);
  assert.is(decode(d, prefixes(10, 0x81, 0xc0, 1), 0, 13, true), NEED_MORE);
  assert.is(decode(d, prefixes(14, 0x0f, 0x0b), 0, 16, true), TOO_LONG);
  assert.is(decode(d, Uint8Array.of(0x0f, 0x04), 0, 2, true), INVALID);
});

test("any bytes give a status, and OK a length within the bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), fc.boolean(), (bytes, code32) => {
      const status = decode(d, bytes, 0, bytes.length, code32);
      if (status === OK) {
        assert.ok(d.length >= 1 && d.length <= Math.min(15, bytes.length));
        assert.ok(d.row > 0 && d.row < rows.length);
      }
      if (status === NEED_MORE) assert.ok(bytes.length < 15);
      if (status === TOO_LONG) assert.ok(bytes.length >= 15);
    }),
    { numRuns: 20000 },
  );
});

test("the forms of the rows are those the decoder produces", () => {
  const seen = new Set<number>();
  const bytes = new Uint8Array(16).fill(0x11);
  for (const prefix of [0x26, 0x66, 0xf3]) {
    for (let opcode = 0; opcode < 512; opcode++) {
      for (let modrm = 0; modrm < 256; modrm++) {
        bytes.set(opcode < 256 ? [prefix, opcode, modrm, 0x11] : [prefix, 0x0f, opcode & 255, modrm]);
        if (decode(d, bytes, 0, 16, true) === OK) seen.add(formOf(d));
      }
    }
  }
  const listed = new Set<number>();
  for (const { row, memory, operandSize } of allForms()) {
    const index = formIndex(row.id, operandSize, memory);
    assert.ok(seen.has(index), `${row.key} ${memory} ${operandSize} is never decoded`);
    listed.add(index);
  }
  for (const index of seen)
    assert.ok(listed.has(index) || listed.has(index | 2), `${rows[index >> 2].key} ${index & 3}`);
  console.log(`${listed.size} forms`);
});

test("coverage names the forms never executed", () => {
  const coverage = new FormCoverage();
  assert.is(coverage.below().length, allForms().length);
  decoded("66 01 00");
  coverage.record(d);
  decoded("66 f8"); // CLC has one operand size only
  coverage.record(d);
  assert.is(coverage.below().length, allForms().length - 2);
  assert.is(coverage.below(2).length, allForms().length);
});

test.run();
