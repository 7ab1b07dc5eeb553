/**
 * a.out programs. No kernel of today runs them, so what is expected here is what include/uapi/linux/a.out.h and
 * fs/binfmt_aout.c of Linux 5.17 say.
 */

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ENOEXEC, ENOMEM } from "../kernel/errno.ts";
import { unplacedDentry } from "../kernel/fs/dentry.ts";
import { doBrk } from "../kernel/mm/brk.ts";
import { SEGV_ACCERR, SEGV_MAPERR } from "../kernel/mm/fault-record.ts";
import { frameLedger } from "../kernel/mm/ledger.ts";
import { mapsText } from "../kernel/mm/maps-text.ts";
import { RLIMIT_AS, RLIMIT_DATA } from "../kernel/task/rlimit.ts";
import { createMachine } from "../observe/index.ts";
import { ExecRig } from "./exec-rig.ts";
import { loadImages } from "./images.ts";
import { MemoryFile } from "./mm-rig.ts";

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() % 2 ** 31);
console.log(`PAGEWALK_SEED=${seed}`);

const OMAGIC = 0o407;
const NMAGIC = 0o410;
const ZMAGIC = 0o413;
const QMAGIC = 0o314;

interface BuiltAout {
  magic: number;
  text?: number;
  data?: number;
  bss?: number;
  syms?: number;
  entry?: number;
  trsize?: number;
  /** Behind text and data, as if there were symbols. */
  tail?: number;
  code?: readonly number[];
}

/** A file whose text is 0x11 but for the code at its start, whose data is 0x22 and whose tail is 0x33. */
function buildAout(parts: BuiltAout): Uint8Array {
  const { magic, text = 0x1000, data = 0x1000, bss = 0, syms = 0, trsize = 0, tail = syms, code = [] } = parts;
  const start = magic === ZMAGIC ? 1024 : magic === QMAGIC ? 0 : 32;
  const codeAt = magic === QMAGIC ? 32 : 0;
  const entry = parts.entry ?? (magic === QMAGIC ? 0x1000 : 0) + codeAt;
  const bytes = new Uint8Array(start + text + data + tail);
  bytes.fill(0x11, start, start + text);
  bytes.fill(0x22, start + text, start + text + data);
  bytes.fill(0x33, start + text + data);
  bytes.set(code, start + codeAt);
  const view = new DataView(bytes.buffer);
  const header = [0x640000 | magic, text, data, bss, syms, entry, trsize, 0];
  header.forEach((word, i) => {
    view.setUint32(i * 4, word, true);
  });
  return bytes;
}

const root = () => unplacedDentry("", new MemoryFile("/", new Uint8Array()).inode);

/** Mappings without inode and name. */
function maps(rig: ExecRig, file: Uint8Array): string[] {
  rig.add("/prog", file);
  const { mm } = rig.run("/prog");
  return mapsText(mm, root())
    .trimEnd()
    .split("\n")
    .map((line) => line.slice(0, 31));
}

test("OMAGIC: text and data in one writable piece from 0, .bss on the page behind", () => {
  const rig = new ExecRig();
  const file = buildAout({ magic: OMAGIC, text: 0x1100, data: 0x300, bss: 0x2000, tail: 0x100 });
  assert.equal(maps(rig, file), [
    "00000000-00002000 rwxp 00000000",
    "00002000-00004000 rw-p 00000000",
    "bffdf000-c0000000 rw-p 00000000",
  ]);
  assert.is(rig.load(0), 0x11);
  assert.is(rig.load(0x10ff), 0x11);
  assert.is(rig.load(0x1100), 0x22, "data follows the text at once");
  assert.is(rig.load(0x13ff), 0x22);
  assert.is(rig.load(0x1400), 0, "symbols are not read");
  assert.is(rig.store(0x10, 5), 0, "impure text may be written");
  assert.is(rig.load(0x3fff), 0);
  assert.is(rig.load(0x4000), SEGV_MAPERR);
  const { active } = rig.manager;
  assert.ok(active !== null);
  assert.equal([active.startCode, active.endCode, active.startData, active.endData], [0, 0x1100, 0x1100, 0x1400]);
  assert.equal([active.startBrk, active.brk], [0x1400, 0x3400]);
  assert.is(doBrk(active, 0x5000), 0x5000);
  assert.is(rig.store(0x4fff, 1), 0);
  rig.assertNothingLeft(...rig.files.values());
});

test("NMAGIC and ZMAGIC: read in one piece, the break as if data began at a KiB", () => {
  for (const magic of [NMAGIC, ZMAGIC]) {
    const rig = new ExecRig();
    const file = buildAout({ magic, text: 0x1100, data: 0x300, bss: 0x1000 });
    assert.equal(maps(rig, file), [
      "00000000-00002000 rwxp 00000000",
      "00002000-00003000 rw-p 00000000",
      "bffdf000-c0000000 rw-p 00000000",
    ]);
    assert.is(rig.load(0x10ff), 0x11);
    assert.is(rig.load(0x1100), 0x22);
    const { active } = rig.manager;
    assert.ok(active !== null);
    assert.equal([active.startData, active.endData, active.startBrk, active.brk], [0x1400, 0x1700, 0x1700, 0x2700]);
    rig.assertNothingLeft(...rig.files.values());
  }
});

test("QMAGIC: mapped on demand, the header with the text, pages of the file behind the data", () => {
  const rig = new ExecRig();
  const file = buildAout({ magic: QMAGIC, text: 0x2000, data: 0x1200, bss: 0x1000, tail: 0x200 });
  assert.equal(maps(rig, file), [
    "00001000-00003000 r-xp 00000000",
    "00003000-00005000 rwxp 00002000",
    "00005000-00006000 rw-p 00000000",
    "bffdf000-c0000000 rw-p 00000000",
  ]);
  assert.is(rig.load(0), SEGV_MAPERR);
  assert.is(rig.load(0x1000), QMAGIC & 0xff);
  assert.is(rig.load(0x2fff), 0x11);
  assert.is(rig.store(0x2000, 1), SEGV_ACCERR);
  assert.is(rig.load(0x3000), 0x22);
  assert.is(rig.load(0x4200), 0x33, "the rest of the last page of data is not cleared");
  assert.is(rig.load(0x4400), 0);
  assert.is(rig.load(0x5fff), SEGV_MAPERR === rig.load(0x6000) ? 0 : -1);
  assert.is(rig.manager.active?.brk, 0x5200);
  rig.assertNothingLeft(...rig.files.values());
});

test("stack: argc, the addresses of argv and envp, the arrays, no auxv", () => {
  const rig = new ExecRig();
  rig.add("/prog", buildAout({ magic: QMAGIC }));
  const { stackPointer, mm, entry, personality } = rig.run("/prog");
  const { user } = rig.manager;
  assert.is(entry, 0x1020);
  assert.is(personality, 0);
  assert.is(mm.savedAuxv.length, 0);
  assert.is(stackPointer % 4, 0);
  const [argc, argv, envp] = [0, 4, 8].map((offset) => rig.word(stackPointer + offset));
  assert.is(argc, 3);
  assert.is(argv, stackPointer + 12);
  assert.is(envp, argv + 16);
  const strings = (array: number, count: number) =>
    Array.from({ length: count }, (_, i) => user.string(rig.word(array + i * 4), 100));
  assert.equal(strings(argv, 3), ["/prog", "one", "two"]);
  assert.is(rig.word(argv + 12), 0);
  assert.equal(strings(envp, 2), ["A=b", "PATH=/"]);
  assert.is(rig.word(envp + 8), 0);
  assert.ok(envp + 12 <= mm.argStart && mm.argStart - (envp + 12) < 4, "nothing between the arrays and the strings");
  rig.assertNothingLeft(...rig.files.values());
});

const refusals: [
  name: string,
  file: BuiltAout,
  cut: number,
  error: number,
  oldProgram: string,
  limit?: [number, number],
][] = [
  ["relocations", { magic: QMAGIC, trsize: 8 }, 0, ENOEXEC, "goes on"],
  ["a truncated file", { magic: QMAGIC }, 1, ENOEXEC, "goes on"],
  ["truncated symbols", { magic: OMAGIC, syms: 100 }, 1, ENOEXEC, "goes on"],
  ["more data than allowed", { magic: ZMAGIC, bss: 0x1001 }, 0, ENOMEM, "goes on", [RLIMIT_DATA, 0x2000]],
  ["text that ends within a page", { magic: QMAGIC, text: 0x1400 }, 0, 22, "is lost"],
  ["a file without text", { magic: QMAGIC, text: 0 }, 0, 22, "is lost"],
  ["a file without data", { magic: QMAGIC, data: 0 }, 0, 22, "is lost"],
  [".bss that reaches the stack", { magic: QMAGIC, bss: 0xbfffc000 }, 0, ENOMEM, "is lost"],
  ["more than RLIMIT_AS", { magic: QMAGIC, bss: 0x100000 }, 0, ENOMEM, "is lost", [RLIMIT_AS, 0x80000]],
];

for (const [name, parts, cut, error, oldProgram, limit] of refusals) {
  test(`refused: ${name}`, () => {
    const rig = new ExecRig();
    if (limit !== undefined) rig.task.limits[limit[0]] = limit[1];
    const file = buildAout(parts);
    rig.add("/prog", file.subarray(0, file.length - cut));
    const before = rig.newMm();
    assert.is(rig.exec("/prog"), -error, rig.reason);
    assert.is(rig.oldProgram, oldProgram);
    assert.match(rig.reason, /a\.out|RLIMIT_DATA/);
    assert.is(rig.manager.active, before);
    rig.assertNothingLeft(...rig.files.values());
  });
}

test("only root may have a page at 0", () => {
  const rig = new ExecRig();
  rig.task.capabilities = "none";
  rig.add("/zmagic", buildAout({ magic: ZMAGIC }));
  rig.add("/qmagic", buildAout({ magic: QMAGIC }));
  const before = rig.newMm();
  assert.is(rig.exec("/zmagic"), -1);
  assert.is(rig.oldProgram, "is lost");
  assert.is(rig.exec("/qmagic"), -1, "mmap_min_addr is above 0x1000 too");
  assert.is(rig.manager.active, before);
  rig.assertNothingLeft(...rig.files.values());
});

/** write(1, message, 3); exit(7), the message being in the data. */
function speak(dataAddress: number): number[] {
  const word = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
  const moves = [0xb8, ...word(4), 0xbb, ...word(1), 0xb9, ...word(dataAddress), 0xba, ...word(3), 0xcd, 0x80];
  return [...moves, 0xb8, ...word(1), 0xbb, ...word(7), 0xcd, 0x80];
}

for (const [name, magic, dataAddress] of [
  ["OMAGIC", OMAGIC, 0x1000],
  ["NMAGIC", NMAGIC, 0x1000],
  ["ZMAGIC", ZMAGIC, 0x1000],
  ["QMAGIC", QMAGIC, 0x2000],
] as const) {
  test(`${name} runs`, () => {
    const machine = createMachine({ mem: 4 << 20 });
    machine.load(buildAout({ magic, code: speak(dataAddress) }), { name: "prog" });
    const result = machine.run(1000);
    assert.is(result.reason === "exit" && result.exitStatus, 7);
    assert.is(machine.stdout, '"""');
  });
}

test("the image prints what follows from its source", () => {
  const image = loadImages("images/manifest.json").find(({ kind }) => kind === "aout");
  assert.ok(image !== undefined);
  const machine = createMachine({ mem: 4 << 20 });
  machine.load(readFileSync(image.elf), { name: image.name, argv: [image.name, ...image.args], env: image.env });
  const result = machine.run(1_000_000);
  assert.is(machine.stdout, image.stdout);
  assert.is(result.reason === "exit" && result.exitStatus, image.status);
  assert.equal(frameLedger(machine.kernel.mm).complaints, []);
});

test("any header: an answer, and no frame lost", () => {
  const rig = new ExecRig({ megabytes: 4 });
  const word = fc.oneof(
    fc.constantFrom(0, 1, 0xfff, 0x1000, 0x1400, 0x2000, 0x7fffffff, 0x80000000, 0xbffff000, 0xc0000000, 0xffffffff),
    fc.nat(0x4000),
    fc.nat(0xffffffff),
  );
  const header = fc.record({
    magic: fc.constantFrom(OMAGIC, NMAGIC, ZMAGIC, QMAGIC),
    sizes: fc.tuple(word, word, word, word, word),
    capabilities: fc.constantFrom("all" as const, "none" as const),
  });
  const image = buildAout({ magic: QMAGIC, text: 0x2000, data: 0x2000 });
  fc.assert(
    fc.property(header, ({ magic, sizes, capabilities }) => {
      const file = image.slice();
      const view = new DataView(file.buffer);
      view.setUint32(0, magic, true);
      sizes.forEach((size, i) => {
        view.setUint32(4 + i * 4, size, true);
      });
      rig.task.capabilities = capabilities;
      rig.add("/prog", file);
      const result = rig.exec("/prog");
      if (typeof result === "number") assert.ok(result < 0 && rig.reason !== "");
      else rig.load(result.entry);
      rig.assertNothingLeft(...rig.files.values());
    }),
    { seed, numRuns: 1500, includeErrorInReport: true },
  );
});

test.run();
