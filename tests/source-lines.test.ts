/** Source lines and symbols of ELF files: those of real compilers, those of units made by hand, and nothing for damage. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, deflateSync } from "node:zlib";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { inflate } from "../observe/inflate.ts";
import { SourceLines } from "../observe/source-lines.ts";
import { SymbolTable } from "../observe/symbols.ts";
import { allOf, have32BitGcc, haveCommand, testIf } from "./skip.ts";

const BASE = 0x08048000;
const CODE_BYTES = 0x1000;

type Bytes = readonly number[];
const u16 = (value: number): Bytes => [value & 255, (value >> 8) & 255];
const u32 = (value: number): Bytes => [...u16(value & 0xffff), ...u16(value >>> 16)];
const text = (value: string): Bytes => [...new TextEncoder().encode(value), 0];

interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags?: number;
  readonly address?: number;
  readonly link?: number;
  readonly bytes: Bytes;
}

/** An ELF file with one segment of code at BASE and these sections, numbered from 1; the names come last. */
function elf(sections: readonly Section[]): Uint8Array {
  const names = [{ name: ".shstrtab", type: 3, bytes: [] as Bytes }];
  const all: Section[] = [{ name: "", type: 0, bytes: [] }, ...sections, ...names];
  let strings = "";
  const nameAt = all.map(({ name }) => {
    strings += `${name}\0`;
    return strings.length - name.length - 1;
  });
  all[all.length - 1] = { ...names[0], bytes: text(strings) };
  const file: number[] = new Array(52 + 32).fill(0);
  const offsets = all.map(({ bytes }) => {
    const at = file.length;
    for (const byte of bytes) file.push(byte);
    return at;
  });
  const shoff = file.length;
  for (const [n, { type, flags = 0, address = 0, link = 0, bytes }] of all.entries()) {
    const words = [nameAt[n], type, flags, address, offsets[n], bytes.length, link, 0, 1, 0];
    file.push(...words.flatMap(u32));
  }
  const header = [
    0x7f,
    0x45,
    0x4c,
    0x46,
    1,
    1,
    1,
    ...new Array(9).fill(0),
    ...u16(2),
    ...u16(3),
    ...u32(1),
    ...u32(BASE),
  ];
  header.push(...u32(52), ...u32(shoff), ...u32(0), ...u16(52), ...u16(32), ...u16(1));
  header.push(...u16(40), ...u16(all.length), ...u16(all.length - 1));
  // PT_LOAD, readable and executable.
  header.push(...[1, 0, BASE, BASE, file.length, CODE_BYTES, 5, 0x1000].flatMap(u32));
  header.forEach((byte, n) => {
    file[n] = byte;
  });
  return Uint8Array.from(file);
}

const PROGBITS = 1;
const COMPRESSED = 0x800;

interface UnitOptions {
  readonly version: 2 | 3 | 4 | 5;
  readonly program: Bytes;
  readonly operations?: number;
  readonly lineRange?: number;
  readonly opcodeBase?: number;
  readonly minimumLength?: number;
  readonly wide?: boolean;
}

const LENGTHS = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 2];
const LINE_BASE = -3;
const LINE_RANGE = 12;
const OPCODE_BASE = 13;

/** A unit with the files a.c in the directory of the compilation and b.h in include. */
function unit(options: UnitOptions): Bytes {
  const { version, program, operations = 1, lineRange = LINE_RANGE, opcodeBase = OPCODE_BASE } = options;
  const { minimumLength = 1, wide = false } = options;
  const offset = (value: number) => (wide ? [...u32(value), ...u32(0)] : u32(value));
  const tables: Bytes =
    version === 5
      ? // Path as string; then path as string, directory as udata, MD5 as data16; b.h is file 1.
        [
          ...[1, 1, 0x08, 2, ...text("/src"), ...text("include")],
          ...[3, 1, 0x08, 2, 0x0f, 5, 0x1e, 2],
          ...[...text("a.c"), 0, ...new Array(16).fill(7), ...text("b.h"), 1, ...new Array(16).fill(7)],
        ]
      : [...text("include"), 0, ...text("a.c"), 0, 0, 0, ...text("b.h"), 1, 0x80, 0x01, 0, 0];
  const rest = [minimumLength, ...(version >= 4 ? [operations] : []), 1, LINE_BASE & 255, lineRange, opcodeBase];
  const header = [...rest, ...LENGTHS.slice(0, Math.max(0, opcodeBase - 1)), ...tables];
  const body = [...u16(version), ...(version === 5 ? [4, 0] : []), ...offset(header.length), ...header, ...program];
  return [...(wide ? [...u32(0xffffffff), ...u32(body.length), ...u32(0)] : u32(body.length)), ...body];
}

const linesOf = (...units: Bytes[]) =>
  new SourceLines(elf([{ name: ".debug_line", type: PROGBITS, bytes: units.flat() }]));

const setAddress = (address: number): Bytes => [0, 5, 2, ...u32(address)];
const END: Bytes = [0, 1, 1];
const COPY = 1;
const special = (addresses: number, lines: number) => OPCODE_BASE + addresses * LINE_RANGE + (lines - LINE_BASE);

/** "a.c:3" for each address from BASE on; "-" where nothing is known. */
function listing(lines: SourceLines, count: number): string {
  return Array.from({ length: count }, (_, n) => {
    const found = lines.at(BASE + n);
    return found === null ? "-" : `${found.source}:${found.line}`;
  }).join(" ");
}

for (const version of [2, 3, 4, 5] as const) {
  for (const wide of [false, true]) {
    test(`version ${version}${wide ? ", 64-bit" : ""}: every opcode`, () => {
      const first = version === 5 ? 0 : 1;
      const program = [
        ...[5, 9, ...setAddress(BASE), 3, 0x81, 0x00, 4, first, COPY], // set_column; line 2
        ...[special(2, 5)], // +2, line 7
        ...[2, 1, 3, 0x7d, COPY], // advance_pc 1, advance_line -3: line 4
        ...[4, first + 1, 6, 7, 10, 11, 12, 3, COPY], // the other file at the same address: the last row counts
        ...[0, 2, 4, 9], // set_discriminator
        ...[0, 3, 0x80, 1, 2], // nobody's extension
        ...[9, ...u16(2), 3, 0x7c, COPY], // fixed_advance_pc 2; line 0: not known
        ...[3, 1, 4, first, COPY],
        ...[8, special(0, 0)], // const_add_pc: as far as opcode 255
        ...[2, 2, ...END],
      ];
      const lines = linesOf(unit({ version, program, wide }));
      const [a, b] = version === 5 ? ["/src/a.c", "/src/include/b.h"] : ["a.c", "include/b.h"];
      const far = Math.floor((255 - OPCODE_BASE) / LINE_RANGE);
      const expected = [`${a}:2`, `${a}:2`, `${a}:7`, `${b}:4`, `${b}:4`];
      for (let n = 0; n < far; n++) expected.push(`${a}:1`);
      expected.push(`${a}:1`, `${a}:1`, "-");
      assert.is(listing(lines, expected.length), expected.join(" "));
      assert.is(lines.at(BASE - 1), null);
    });
  }
}

test("files that the program defines; opcodes that a unit does not have, or has more of", () => {
  const defined = [...setAddress(BASE), 0, 7, 3, ...text("c.h"), 1, 0, 0, 4, 3, COPY, 2, 2, ...END];
  // The size of an extended opcode counts its own byte.
  defined[8] = 8;
  assert.is(listing(linesOf(unit({ version: 3, program: defined })), 3), "include/c.h:1 include/c.h:1 -");
  // DWARF 2 has nine standard opcodes: 10 is special there.
  const old = [...setAddress(BASE), 10 + 4 - 0, 2, 1, ...END];
  assert.is(listing(linesOf(unit({ version: 2, opcodeBase: 10, program: old })), 2), "a.c:2 -");
  const more = [...setAddress(BASE), 13, 0x81, 0x82, 0x03, 0x81, 0x00, COPY, 2, 1, ...END];
  assert.is(listing(linesOf(unit({ version: 4, opcodeBase: 14, program: more })), 2), "a.c:1 -");
});

test("instruction words of several operations", () => {
  // Two operations in each word of 4 bytes: three operations on is one word and a half.
  const program = [...setAddress(BASE), COPY, 2, 3, 3, 1, COPY, 2, 1, 3, 1, COPY, 2, 2, ...END];
  const lines = linesOf(unit({ version: 4, operations: 2, minimumLength: 4, program }));
  assert.is(
    listing(lines, 13),
    [...new Array(4).fill("a.c:1"), ...new Array(4).fill("a.c:2")].join(" ").concat(" a.c:3".repeat(4), " -"),
  );
});

test("several units and sequences, rows out of order, dropped code", () => {
  const at = (address: number, line: number, size: number) => [
    ...setAddress(address),
    3,
    line - 1,
    COPY,
    2,
    size,
    ...END,
  ];
  const first = unit({ version: 4, program: [...at(BASE + 4, 20, 4), ...at(BASE, 10, 2)] });
  const dropped = unit({ version: 4, program: [...at(0, 99, 0x7f), ...at(0xffffffff, 98, 3)] });
  const inner = unit({ version: 4, program: at(BASE + 5, 30, 1) });
  const backwards = [
    ...setAddress(BASE + 10),
    3,
    49,
    COPY,
    ...setAddress(BASE + 8),
    3,
    1,
    COPY,
    ...setAddress(BASE + 12),
    ...END,
  ];
  const lines = linesOf(first, dropped, inner, unit({ version: 4, program: backwards }));
  const of = (...numbers: number[]) => numbers.map((line) => (line === 0 ? "-" : `a.c:${line}`)).join(" ");
  assert.is(listing(lines, 13), of(10, 10, 0, 0, 20, 30, 20, 20, 51, 51, 50, 50, 0));
  assert.is(lines.at(0), null);
});

test("version 5: names in the string sections, and forms of every size", () => {
  const strings = [...text("/src"), ...text("main.c")];
  const tables = [1, 1, 0x1f, 1, ...u32(0)].concat(
    [9, 1, 0x0e, 2, 0x05, 3, 0x06, 4, 0x07, 0x2001, 0x0a, 6, 0x03, 7, 0x04, 8, 0x09, 9, 0x0d].flatMap((n) =>
      n === 0x2001 ? [5] : [n],
    ),
    [1, ...u32(5), ...u16(0), ...u32(1), ...u32(2), ...u32(3), 2, 8, 8, ...u16(1), 8, ...u32(1), 8, 1, 8, 0x7f],
  );
  const header = [1, 1, 1, LINE_BASE & 255, LINE_RANGE, OPCODE_BASE, ...LENGTHS.slice(0, OPCODE_BASE - 1), ...tables];
  const program = [...setAddress(BASE), 4, 0, COPY, 2, 1, ...END];
  const body = [...u16(5), 4, 0, ...u32(header.length), ...header, ...program];
  const sections = [
    { name: ".debug_line", type: PROGBITS, bytes: [...u32(body.length), ...body] },
    { name: ".debug_line_str", type: PROGBITS, bytes: strings },
    { name: ".debug_str", type: PROGBITS, bytes: strings },
  ];
  assert.equal(new SourceLines(elf(sections)).at(BASE), { source: "/src/main.c", line: 1 });
});

test("units that cannot be read are passed over, whatever they promise", () => {
  const program = [...setAddress(BASE), COPY, 2, 4, ...END];
  const good = unit({ version: 4, program });
  const strange = [...unit({ version: 4, program })];
  strange[4] = 9;
  const bad: Bytes[] = [
    strange,
    unit({ version: 4, lineRange: 0, program }),
    unit({ version: 4, operations: 0, program }),
    unit({ version: 4, opcodeBase: 0, program }),
    unit({ version: 4, program: [...setAddress(BASE), COPY, 2, 4] }),
    unit({ version: 4, program: [...setAddress(BASE), COPY, 0, 0x80, 0x80, 0x80, 0x80, 0x0f, 3] }),
    ...[
      // Directories without a format; one of a form that nobody knows.
      [0, 0x80, 0x80, 0x80, 0x80, 0x0f],
      [1, 1, 0x7e, 1],
    ].map((tables) => {
      const header = [
        1,
        1,
        1,
        LINE_BASE & 255,
        LINE_RANGE,
        OPCODE_BASE,
        ...LENGTHS.slice(0, OPCODE_BASE - 1),
        ...tables,
      ];
      const body = [...u16(5), 4, 0, ...u32(header.length), ...header, ...program];
      return [...u32(body.length), ...body];
    }),
  ];
  for (const unreadable of bad) assert.is(listing(linesOf(unreadable, good), 5), "a.c:1 a.c:1 a.c:1 a.c:1 -");
  const section = { name: ".debug_line", type: PROGBITS, bytes: good };
  const compressed = (bytes: Bytes) => new SourceLines(elf([{ ...section, flags: COMPRESSED, bytes }])).at(BASE);
  const stream = [...deflateSync(Uint8Array.from(good))];
  const [zlib, zstd] = [1, 2];
  assert.equal(compressed([...u32(zlib), ...u32(good.length), ...u32(1), ...stream]), { source: "a.c", line: 1 });
  for (const [type, size, bytes] of [
    [zstd, good.length, stream],
    [zlib, good.length + 1, stream],
    [zlib, good.length - 1, stream],
    [zlib, 0xffffffff, stream],
    [zlib, good.length, stream.slice(0, 20)],
  ] as const) {
    assert.is(compressed([...u32(type), ...u32(size), ...u32(1), ...bytes]), null);
  }
  assert.is(compressed([1, 2, 3]), null);
  assert.is(new SourceLines(elf([{ ...section, type: 8 }])).at(BASE), null);
});

test("inflate: every kind of block, and damage", () => {
  const random = (seed: number, size: number, symbols: number) =>
    Uint8Array.from({ length: size }, () => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 16) % symbols;
    });
  for (const size of [0, 1, 258, 5000, 70_000]) {
    for (const symbols of [1, 3, 40, 256]) {
      const data = random(size + symbols, size, symbols);
      for (const options of [
        { level: 0 },
        { level: 1 },
        { level: 9 },
        { strategy: constants.Z_FIXED },
        { strategy: constants.Z_HUFFMAN_ONLY },
      ]) {
        const stream = deflateSync(data, options);
        assert.equal(inflate(stream, size), data);
        assert.is(inflate(stream, size + 1), null);
        if (size > 0) assert.is(inflate(stream, size - 1), null);
      }
    }
  }
  const stream = deflateSync(readFileSync("images/bin/cow").subarray(0, 3000));
  for (let at = 0; at < stream.length; at++) {
    inflate(stream.subarray(0, at), 3000);
    const damaged = Uint8Array.from(stream);
    damaged[at] ^= 1 << (at % 8);
    inflate(damaged, 3000);
  }
});

test("damage: no lines or other ones, at once", () => {
  const image = readFileSync("images/bin/cow");
  let random = 12345;
  const next = (limit: number) => {
    random = (Math.imul(random, 1103515245) + 12345) >>> 0;
    return (random >>> 8) % limit;
  };
  for (let round = 0; round < 300; round++) {
    const damaged = Uint8Array.from(image);
    for (let n = 0; n < 1 + (round % 16); n++) damaged[next(damaged.length)] = next(256);
    new SourceLines(damaged).at(0x08048100);
    new SymbolTable(damaged).functionAt(0x08048100);
  }
  for (let size = 0; size < image.length; size += 101) new SourceLines(image.subarray(0, size)).at(0x08048100);
});

test("the images: functions begin where their sources say", () => {
  for (const [name, source, functions] of [
    ["stride", "images/run/stride.c", ["guest_main"]],
    ["boot-cow", "images/boot/cow.c", ["kernel_main"]],
  ] as const) {
    const bytes = readFileSync(`images/bin/${name}`);
    const lines = new SourceLines(bytes);
    const symbols = new SymbolTable(bytes);
    const text = readFileSync(source, "utf8").split("\n");
    for (const wanted of functions) {
      const found = lines.at(symbols.addressOf(wanted) ?? 0);
      assert.is(found?.source, source);
      assert.match(text[(found?.line ?? 0) - 1], new RegExp(`\\b${wanted}\\(`));
    }
  }
});

const FUNC = 2;
const LOCAL = 0;
const GLOBAL = 1;
const WEAK = 2;

/** A symbol table from [name, start - BASE, size, type, binding, section]. */
function symbolTable(
  list: readonly (readonly [string, number, number, number, number, number?])[],
  type = 2,
): Section[] {
  const strings = list.map(([name]) => `${name}\0`);
  const at = (n: number) => 1 + strings.slice(0, n).join("").length;
  const bytes = list.flatMap(([, start, size, kind, binding, section = 1], n) => [
    ...[at(n), BASE + start, size].flatMap(u32),
    ...[kind | (binding << 4), 0, ...u16(section)],
  ]);
  return [
    { name: ".text", type: PROGBITS, flags: 6, address: BASE, bytes: new Array(0x100).fill(0x90) },
    { name: "symbols", type, link: 3, bytes },
    { name: "strings", type: 3, bytes: text(`\0${strings.join("")}`) },
  ];
}

test("symbols: the innermost, the best known name, ends", () => {
  const table = new SymbolTable(
    elf(
      symbolTable([
        ["outer", 0x10, 0x40, FUNC, GLOBAL],
        ["label", 0x18, 0, 0, LOCAL],
        ["inner", 0x20, 8, FUNC, LOCAL],
        ["__alias", 0x60, 8, FUNC, GLOBAL],
        ["alias", 0x60, 8, FUNC, GLOBAL],
        ["weak_alias", 0x60, 8, FUNC, WEAK],
        ["resolver", 0x70, 4, 10, GLOBAL],
        ["bare", 0x80, 0, 0, GLOBAL],
        ["after", 0x90, 0, 0, GLOBAL],
        ["absolute", 0x68, 0, 0, GLOBAL, 0xfff1],
        ["missing", 0x6a, 4, FUNC, GLOBAL, 0],
      ]),
    ),
  );
  const at = (offset: number) => table.functionAt(BASE + offset);
  assert.equal([0xf, 0x10, 0x18, 0x1f].map(at), [null, "outer", "outer", "outer"]);
  assert.equal([0x20, 0x27, 0x28, 0x4f, 0x50].map(at), ["inner", "inner", "outer", "outer", null]);
  assert.equal([0x60, 0x67, 0x68, 0x6a].map(at), ["alias", "alias", null, null]);
  assert.equal([0x70, 0x74, 0x80, 0x8f, 0x90, 0xff, 0x100].map(at), [
    "resolver",
    null,
    "bare",
    "bare",
    "after",
    "after",
    null,
  ]);
  assert.is(table.addressOf("inner"), BASE + 0x20);
});

test("symbols: those of the dynamic table where there is no other", () => {
  const dynamic = symbolTable([["exported", 0, 8, FUNC, GLOBAL]], 11);
  assert.is(new SymbolTable(elf(dynamic)).functionAt(BASE), "exported");
});

const program = `
#include <stdio.h>
#include <stdlib.h>
static inline int square(int x) { return x * x; }
int fold(int n) {
  int sum = 0;
  for (int i = 0; i < n; i++)
    sum += square(i) ^ (i << 3);
  return sum;
}
int main(int argc, char **argv) {
  char *p = malloc(100);
  switch (argc) {
  case 1: puts("one"); break;
  default: printf("%s\\n", argv[1]);
  }
  free(p);
  return fold(argc) & 1;
}
`;

const builds = [
  ...[2, 3, 4, 5].flatMap((version) => [
    `-gdwarf-${version} -O0`,
    `-gdwarf-${version} -O2 -ffunction-sections -Wl,--gc-sections`,
  ]),
  "-gdwarf-4 -O2 -shared -fPIC",
  "-gdwarf-5 -O2 -no-pie -Wl,-z,noseparate-code",
  "-gdwarf-5 -O2 -gz=zlib",
];

testIf(
  allOf(have32BitGcc(), haveCommand("addr2line"), haveCommand("objdump")),
  "gcc's lines as addr2line reads them",
  () => {
    const directory = mkdtempSync(join(tmpdir(), "pagewalk-lines-"));
    try {
      const [source, file] = [join(directory, "program.c"), join(directory, "program")];
      writeFileSync(source, program);
      for (const flags of builds) {
        const built = spawnSync("gcc", ["-m32", ...flags.split(" "), "-o", file, source], { encoding: "utf8" });
        // Compilers may be built without zlib.
        if (built.status !== 0 && flags.includes("-gz")) continue;
        assert.is(built.status, 0, built.stderr);
        const code = spawnSync("objdump", ["-d", "--no-show-raw-insn", file], {
          encoding: "utf8",
          env: { LC_ALL: "C", PATH: process.env.PATH },
        });
        const addresses = [...code.stdout.matchAll(/^\s*([0-9a-f]+):\t/gm)].map(([, address]) => address);
        const { stdout } = spawnSync("addr2line", ["-s", "-e", file], {
          input: addresses.join("\n"),
          encoding: "utf8",
        });
        const lines = new SourceLines(readFileSync(file));
        const ours = addresses.map((address) => {
          const found = lines.at(Number.parseInt(address, 16));
          return found === null ? "?" : `${found.source.replace(/^.*\//, "")}:${found.line}`;
        });
        const theirs = stdout.trim().split("\n");
        assert.equal(
          ours,
          theirs.map((line) => (/:[?0]/.test(line) ? "?" : line.replace(/ \(discriminator.*/, ""))),
          flags,
        );
        assert.ok(ours.includes("program.c:8"), flags);
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
);

test.run();
