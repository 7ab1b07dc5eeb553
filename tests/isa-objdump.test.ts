/**
 * The disassembler against `objdump -d`: all opcodes and ModRM bytes in both syntaxes and code sizes, and the code of real
 * programs. Lengths are compared with any version; the spelling is that of GNU binutils 2.40.
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Decoded, type DisassembledInstruction, decode, disassemble, OK, rows, type Syntax } from "../emu/isa/index.ts";
import { allOf, have32BitGcc, haveCommand, type Probe, testIf } from "./skip.ts";

/** Spellings that differ on purpose: what is printed here, and what objdump prints there. */
const differences: { reason: string; ours: RegExp; theirs: RegExp }[] = [
  {
    reason: "newer meanings of hint no-operations",
    ours: /\bnop/,
    theirs: /^(\w+ )*(prefetch|bnd|cldemote|rdssp|endbr|hint)/,
  },
  {
    reason: "newer meanings of F3 BSF, F3 BSR, F3 WBINVD",
    ours: /^repz (bs[fr]|wbinvd)/,
    theirs: /^(tzcnt|lzcnt|wbnoinvd)/,
  },
  { reason: "transactional memory hints", ours: /^(lock )?(repn?z) /, theirs: /^(lock )?x(acquire|release) / },
  {
    reason: "undocumented aliases are (bad) in objdump",
    ours: /^(\w+ )*(salc|fcom|fcomp|fxch|fstp)\b/,
    theirs: /^(\w+ )*\(bad\)/,
  },
  {
    reason: "objdump does not wrap 16-bit branch targets",
    ours: /^(data16 )?(j|loop|call)\w*(,p[nt])? +0x\w{1,4}$/,
    theirs: /^(data16 )?(j|loop|call)\w*(,p[nt])? +0x\w+$/,
  },
];

interface Line {
  bytes: Uint8Array;
  length: number;
  text: string;
}

/** Runs objdump and returns its lines by address. */
function objdump(options: string[], file: string): Map<number, Line> {
  const run = spawnSync("objdump", ["-w", ...options, file], { encoding: "latin1", maxBuffer: 1 << 29 });
  assert.is(run.status, 0, run.stderr);
  const lines = new Map<number, Line>();
  for (const line of run.stdout.split("\n")) {
    const match = /^ *([0-9a-f]+):\t([0-9a-f ]+?) *\t(.*)$/.exec(line);
    if (match === null) continue;
    const text = match[3].replace(/ *#.*$/, "").trimEnd();
    const bytes = Uint8Array.from(match[2].split(" "), (byte) => Number.parseInt(byte, 16));
    lines.set(Number.parseInt(match[1], 16), { bytes, length: bytes.length, text });
  }
  return lines;
}

function spellingKnown(): Probe {
  const version = /\b(\d+\.\d+)/.exec(spawnSync("objdump", ["--version"], { encoding: "utf8" }).stdout ?? "")?.[1];
  return version === "2.40" ? true : `objdump ${version ?? "unknown"} may spell instructions unlike 2.40`;
}

/** objdump's text with branch targets as plain numbers, as they are printed without symbols. */
function withoutSymbols(text: string): string {
  return text.replace(/ ([0-9a-f]+) <[^>]*>$/, " 0x$1").replace(/ (0x[0-9a-f]+) <[^>]*>$/, " $1");
}

const hexOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");

function judge(
  ours: DisassembledInstruction,
  theirs: Line | undefined,
  spelling: boolean,
): "equal" | "listed" | "wrong" {
  if (theirs !== undefined) {
    if (ours.length === theirs.length && (!spelling || ours.text === theirs.text)) return "equal";
    const listed = differences.find((each) => each.ours.test(ours.text) && each.theirs.test(theirs.text));
    if (listed !== undefined) return "listed";
  }
  return "wrong";
}

const STRIDE = 16;
/** NOP DWORD PTR [EAX+0], or NOP WORD PTR [BX+SI+0] and an ADD. */
const longNop = [0x0f, 0x1f, 0x80, 0, 0, 0, 0];

/** One encoding per opcode and ModRM byte (behind a prefix a quarter of these), each alone in a field of NOPs so that objdump finds its start. */
function encodings(prefix: number[], code32: boolean): Uint8Array {
  const d = new Decoded();
  const list: Uint8Array[] = [];
  let seed = 12345;
  for (let opcode = 0; opcode < 512; opcode++) {
    for (let modrm = 0; modrm < 256; modrm++) {
      if (prefix.length > 0 && (modrm * 5 + opcode) % 4 !== 0) continue;
      const bytes = new Uint8Array(STRIDE);
      const head = [...prefix, ...(opcode < 256 ? [] : [0x0f]), opcode & 0xff, modrm];
      bytes.set(head);
      for (let i = head.length; i < STRIDE; i++) {
        seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
        bytes[i] = seed >>> 24;
      }
      if (decode(d, bytes, 0, STRIDE, code32) !== OK || (d.length < head.length && modrm > 0)) continue;
      // An opcode that is a prefix, or 0F, makes another instruction, which comes up by itself.
      if (d.opcode !== opcode || (modrm > 3 && !rows[d.row].opcode.includes("/") && d.modrm !== modrm)) continue;
      // objdump takes these for MPX, whose 16-bit forms it makes longer than their bytes.
      if (d.addressSize === 2 && (opcode === 0x11a || opcode === 0x11b)) continue;
      bytes.fill(0x90, d.length);
      if (d.length + longNop.length <= STRIDE) bytes.set(longNop, d.length);
      list.push(bytes);
    }
  }
  const all = new Uint8Array(list.length * STRIDE);
  list.forEach((bytes, i) => {
    all.set(bytes, i * STRIDE);
  });
  return all;
}

function compareEncodings(prefixes: number[][], bits: 16 | 32, syntax: Syntax): void {
  const directory = mkdtempSync(join(tmpdir(), "pagewalk-objdump-"));
  try {
    const spelling = spellingKnown() === true;
    const wrong: string[] = [];
    const count = { equal: 0, listed: 0, wrong: 0 };
    for (const prefix of prefixes) {
      const bytes = encodings(prefix, bits === 32);
      const file = join(directory, "code.bin");
      writeFileSync(file, bytes);
      const machine = bits === 32 ? "i386" : "i8086";
      const lines = objdump(["-D", "-b", "binary", "-m", machine, "-M", syntax], file);
      for (let at = 0; at < bytes.length; at += STRIDE) {
        const mine = disassemble(bytes, at, at, { syntax, bits });
        const theirs = lines.get(at);
        const verdict = judge(mine, theirs, spelling);
        count[verdict]++;
        const code = hexOf(bytes.subarray(at, at + mine.length));
        if (verdict === "wrong" && wrong.length < 30) wrong.push(`${code}: ${mine.text} | ${theirs?.text}`);
      }
    }
    console.log(`${bits}-bit ${syntax}: ${count.equal} equal, ${count.listed} listed differences`);
    assert.equal(wrong, []);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const objdumpProbe = haveCommand("objdump");

for (const syntax of ["intel", "att"] as const) {
  testIf(objdumpProbe, `all encodings, 32-bit code, ${syntax}`, () => {
    compareEncodings([[], [0x66], [0x67]], 32, syntax);
  });
}

testIf(objdumpProbe, "all encodings, 16-bit code", () => {
  compareEncodings([[], [0x66]], 16, "intel");
});

/** Everything the table can print: objdump's other mnemonics are outside the profile. */
const prefixNames = /^(data16|addr16|repz?|repnz|lock|notrack|bnd|[cdefgs]s)$/;
const knownMnemonic = new RegExp(
  `^(${rows
    .slice(1)
    .flatMap(({ mnemonic }) => mnemonic.toLowerCase().split("/"))
    .join("|")})$`,
);

interface Count {
  equal: number;
  listed: number;
  wrong: number;
  /** Lines whose instruction the profile does not have. */
  outside: number;
}

/** Compares every line of the program's code; the bytes are those that objdump prints. */
function compareProgram(file: string, count: Count, wrong: string[]): void {
  const spelling = spellingKnown() === true;
  for (const [address, theirs] of objdump(["-d", "-M", "intel"], file)) {
    const mine = disassemble(theirs.bytes, 0, address);
    const text = withoutSymbols(theirs.text);
    let verdict: keyof Count = judge(mine, { ...theirs, text }, spelling);
    const mnemonic = text.split(/ +/).find((word) => !prefixNames.test(word)) ?? "";
    if (verdict === "wrong" && mine.text === "(bad)" && !knownMnemonic.test(mnemonic)) verdict = "outside";
    count[verdict]++;
    if (verdict === "wrong" && wrong.length < 30) wrong.push(`${hexOf(theirs.bytes)}: ${mine.text} | ${text}`);
  }
}

function comparePrograms(files: string[]): void {
  const count: Count = { equal: 0, listed: 0, wrong: 0, outside: 0 };
  const wrong: string[] = [];
  for (const file of files) compareProgram(file, count, wrong);
  console.log(`${files.length} programs: ${JSON.stringify(count)}`);
  assert.equal(wrong, []);
  assert.ok(count.equal > 100);
}

/** objdump knows no a.out files any more. */
const isElf = (file: string): boolean => readFileSync(file).subarray(1, 4).toString("latin1") === "ELF";
const images = existsSync("images/bin")
  ? readdirSync("images/bin")
      .map((name) => join("images/bin", name))
      .filter(isElf)
  : [];

testIf(allOf(objdumpProbe, images.length > 0 ? true : "no programs in images/bin"), "code of the images", () => {
  comparePrograms(images);
});

testIf(allOf(objdumpProbe, have32BitGcc()), "code of a static C program", () => {
  const directory = mkdtempSync(join(tmpdir(), "pagewalk-objdump-"));
  try {
    const [source, program] = [join(directory, "program.c"), join(directory, "program")];
    writeFileSync(source, '#include <stdio.h>\nint main(int n) { return printf("%Lg", n / 3.0L) < 0; }\n');
    assert.is(spawnSync("gcc", ["-m32", "-O2", "-static", "-o", program, source]).status, 0);
    comparePrograms([program]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test.run();
