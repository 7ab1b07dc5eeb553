/** What execve makes of a file: the address space of a right one, the errno and the reason of a wrong one. */

import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { PF_R, PF_W, PF_X, PT_GNU_STACK, PT_INTERP, PT_PHDR } from "../emu/elf.ts";
import { parseScript } from "../kernel/binfmt/script.ts";
import { E2BIG, EACCES, EIO, ELIBBAD, ELOOP, ENOENT, ENOEXEC, ENOMEM } from "../kernel/errno.ts";
import { unplacedDentry } from "../kernel/fs/dentry.ts";
import { doBrk } from "../kernel/mm/brk.ts";
import { SEGV_ACCERR, SEGV_MAPERR } from "../kernel/mm/fault-record.ts";
import { OWNER_ANON } from "../kernel/mm/frames.ts";
import { mapsText, statmText } from "../kernel/mm/maps-text.ts";
import { doMmap } from "../kernel/mm/mmap.ts";
import { READ_IMPLIES_EXEC } from "../kernel/mm/mmap-flags.ts";
import { RLIMIT_STACK } from "../kernel/task/rlimit.ts";
import { type BuiltElf, type BuiltHeader, buildElf, ordinaryHeaders } from "./elf-builder.ts";
import { ExecRig } from "./exec-rig.ts";
import { MemoryFile } from "./mm-rig.ts";
import { haveNativeI386, testIf } from "./skip.ts";

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() % 2 ** 31);
console.log(`PAGEWALK_SEED=${seed}`);

const plainStack: BuiltHeader = { type: PT_GNU_STACK, flags: PF_R | PF_W, filesz: 0 };

const root = () => unplacedDentry("", new MemoryFile("/", new Uint8Array()).inode);

test("a static program: mappings, contents, .bss, heap, stack", () => {
  const rig = new ExecRig();
  rig.add("/bin/prog", { headers: [...ordinaryHeaders, plainStack] });
  const { mm, entry, stackPointer } = rig.run("/bin/prog");
  assert.is(entry, 0x08048100);
  assert.equal(mapsText(mm, root()).split("\n"), [
    "08048000-0804a000 r-xp 00000000 08:01 1          /bin/prog",
    "0804a000-0804b000 rw-p 00002000 08:01 1          /bin/prog",
    "0804b000-0804d000 rw-p 00000000 00:00 0 ",
    "bffdf000-c0000000 rw-p 00000000 00:00 0          [stack]",
    "",
  ]);
  assert.is(rig.load(0x08048000), 0x7f);
  assert.is(rig.load(0x080497ff), 0xff);
  assert.is(rig.load(0x08049800), 0, "the file goes on behind the text, and so does the page");
  assert.is(rig.load(0x0804a200), 0);
  assert.is(rig.load(0x0804aaff), 0xff);
  assert.is(rig.load(0x0804ab00), 0);
  assert.is(rig.load(0x0804afff), 0);
  assert.is(rig.load(0x0804bfff), 0);
  assert.is(rig.store(0x08048000, 1), SEGV_ACCERR);
  assert.is(rig.store(0x0804b000, 1), 0);
  assert.is(mm.brk, 0x0804d000);
  assert.is(rig.load(0x0804d000), SEGV_MAPERR);
  assert.is(doBrk(mm, 0x0804e000), 0x0804e000);
  assert.is(rig.store(0x0804d000, 1), 0);
  assert.match(mapsText(mm, root()), /\n0804b000-0804e000 rw-p 00000000 00:00 0 {10}\[heap\]\n/);
  assert.is(stackPointer % 16, 0);
  assert.match(statmText(mm), /^39 \d+ \d+ 2 0 37 0\n$/);
  rig.assertNothingLeft(...rig.files.values());
});

test("stack: arguments, environment and auxv where Linux puts them", () => {
  const rig = new ExecRig();
  rig.add("/bin/prog", { headers: [...ordinaryHeaders, { type: PT_PHDR, offset: 52, vaddr: 0x08048034, filesz: 96 }] });
  const { mm, stackPointer } = rig.run("/bin/prog");
  const { argv, envp, auxv } = rig.stack(stackPointer);
  assert.equal(argv, ["/bin/prog", "one", "two"]);
  assert.equal(envp, ["A=b", "PATH=/"]);
  const strings = "/bin/prog\0one\0two\0A=b\0PATH=/\0/bin/prog\0";
  assert.is(mm.argStart, 0xbffffffc - strings.length);
  assert.is(rig.manager.user.string(mm.argStart, 100), "/bin/prog");
  assert.is(mm.envEnd, 0xbffffffc - "/bin/prog\0".length);
  assert.equal([...auxv.keys()], [16, 6, 17, 3, 4, 5, 7, 8, 9, 11, 12, 13, 14, 23, 25, 26, 31, 15]);
  const platform = (mm.argStart & ~15) - 5;
  const expected: Record<number, number> = {
    16: 0x8111,
    6: 4096,
    17: 100,
    3: 0x08048034,
    4: 32,
    5: 3,
    7: 0,
    8: 0,
    9: 0x08048100,
    11: 1,
    12: 1,
    13: 3,
    14: 3,
    23: 0,
    25: (platform >>> 0) - 16,
    26: 0,
    31: mm.envEnd,
    15: platform >>> 0,
  };
  assert.equal(Object.fromEntries(auxv), expected);
  assert.is(rig.manager.user.string(expected[15], 10), "i686");
  assert.is(rig.word(expected[25]), 0x5a5a5a5a);
  assert.equal([...mm.savedAuxv].slice(0, 4), [16, 0x8111, 6, 4096]);
  assert.is(mm.startStack, stackPointer);
  rig.assertNothingLeft(...rig.files.values());
});

test("PT_GNU_STACK decides who may execute; without it everything readable may be", () => {
  const stackFlags = (flags: number | null): [string, number] => {
    const rig = new ExecRig();
    const headers = flags === null ? ordinaryHeaders : [...ordinaryHeaders, { type: PT_GNU_STACK, flags, filesz: 0 }];
    rig.add("/prog", { headers });
    const { mm, personality } = rig.run("/prog");
    const lines = mapsText(mm, root()).split("\n");
    return [lines.map((line) => line.split(" ")[1]?.slice(0, 3)).join(" "), personality & READ_IMPLIES_EXEC];
  };
  assert.equal(stackFlags(PF_R | PF_W), ["r-x rw- rw- rw- ", 0]);
  assert.equal(stackFlags(PF_R | PF_W | PF_X), ["r-x rw- rw- rwx ", 0]);
  assert.equal(stackFlags(null), ["r-x rwx rwx rwx ", READ_IMPLIES_EXEC]);
});

const interpreterHeaders: BuiltHeader[] = [
  { vaddr: 0, filesz: 0x1200, offset: 0 },
  { vaddr: 0x2200, filesz: 0x100, memsz: 0x1000, offset: 0x1200, flags: PF_R | PF_W },
];

test("a position-independent program with an interpreter", () => {
  const rig = new ExecRig();
  rig.add("/lib/ld.so", { type: 3, entry: 0x500, headers: interpreterHeaders });
  rig.add("/bin/pie", {
    type: 3,
    entry: 0x100,
    headers: [
      { type: PT_INTERP, offset: 0x800, filesz: 11 },
      { vaddr: 0, filesz: 0x1800, offset: 0 },
      { vaddr: 0x2200, filesz: 0x900, memsz: 0x900, offset: 0x2200, flags: PF_R | PF_W },
      plainStack,
    ],
    pieces: [[0x800, "/lib/ld.so\0"]],
  });
  const { mm, entry, stackPointer } = rig.run("/bin/pie");
  const { auxv } = rig.stack(stackPointer);
  // The top of the mmap area is below 128 MiB of stack.
  const base = 0xb8000000 - 0x4000;
  assert.is(auxv.get(7), base);
  assert.is(auxv.get(9), 0x00400100);
  assert.is(auxv.get(3), 0x00400034);
  assert.is(entry, base + 0x500);
  assert.equal(
    mapsText(mm, root())
      .split("\n")
      .map((line) => line.slice(0, 31)),
    [
      "00400000-00402000 r-xp 00000000",
      "00402000-00403000 rw-p 00002000",
      "b7ffc000-b7ffe000 r-xp 00000000",
      "b7ffe000-b7fff000 rw-p 00001000",
      "b7fff000-b8000000 rw-p 00000000",
      "bffdf000-c0000000 rw-p 00000000",
      "",
    ],
  );
  assert.is(mm.brk, 0x00403000);
  rig.assertNothingLeft(...rig.files.values());
});

test("a static position-independent program goes to the mmap area, its heap elsewhere", () => {
  const rig = new ExecRig();
  rig.add("/bin/pie", { type: 3, entry: 0x500, headers: interpreterHeaders });
  const { mm, entry, stackPointer } = rig.run("/bin/pie");
  assert.is(entry, 0xb7ffc500);
  assert.is(rig.stack(stackPointer).auxv.get(7), 0);
  assert.is(mm.brk, 0x00400000);
  assert.is(rig.load(0xb7ffc000 + 0x2300), 0);
  assert.is(rig.load(0xb7ffc000 + 0x22ff), 0xff);
  rig.assertNothingLeft(...rig.files.values());
});

const data = ordinaryHeaders[1];
const refusals: [name: string, file: BuiltElf | Uint8Array | string, errno: number, reason: RegExp][] = [
  ["nothing", "", ENOEXEC, /neither/],
  ["text", "echo hello\n", ENOEXEC, /neither/],
  ["a truncated header", buildElf({ headers: [] }).slice(0, 40), ENOEXEC, /truncated ELF header/],
  ["another machine", { machine: 40, headers: ordinaryHeaders }, ENOEXEC, /ARM/],
  ["64 bits", Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, ...new Array(60).fill(0)]), ENOEXEC, /64-bit/],
  ["an object file", { type: 1, headers: ordinaryHeaders }, ENOEXEC, /not an executable/],
  ["no program headers", { headers: [] }, ENOEXEC, /no program headers/],
  ["headers beyond the end", { headers: ordinaryHeaders, phoff: 0x10000 }, ENOEXEC, /past the end/],
  ["65535 headers", { headers: ordinaryHeaders, phnum: 65535 }, ENOEXEC, /past the end/],
  ["2049 headers", { headers: ordinaryHeaders, phnum: 2049, size: 0x20000 }, ENOEXEC, /at most 2048/],
  ["nothing to load", { headers: [{ type: 4 }] }, ENOEXEC, /no segment/],
  ["a truncated segment", { headers: [{ filesz: 0x4000 }] }, ENOEXEC, /header 0 at 0x8048000 reaches past the end/],
  ["an offset of 4 GiB", { headers: [{ offset: 0xfffff000 }] }, ENOEXEC, /past the end/],
  ["less memory than file", { headers: [{ filesz: 0x1000, memsz: 0xfff }] }, ENOEXEC, /only 4095 in memory/],
  ["kernel addresses", { headers: [{ vaddr: 0xbffff000, memsz: 0x1001 }] }, ENOEXEC, /kernel/],
  ["addresses that wrap", { headers: [{ vaddr: 0x08048000, memsz: 0xffffffff }] }, ENOEXEC, /kernel/],
  ["odd places", { headers: [{ offset: 0x10 }] }, ENOEXEC, /differ/],
  ["overlap", { headers: [...ordinaryHeaders, { ...data, vaddr: 0x0804b200 }] }, ENOEXEC, /2 at 0x804b200 overlaps/],
  ["an entry in the kernel", { headers: ordinaryHeaders, entry: 0xc0000000 }, 22, /does not fit/],
  ["the stack's place", { headers: [{ vaddr: 0xbffff000 }] }, 17, /does not fit/],
  ["no interpreter name", { headers: [{ type: PT_INTERP, filesz: 1 }] }, ENOEXEC, /header 0: no valid interpreter/],
  [
    "no interpreter",
    { headers: [{ type: PT_INTERP, offset: 0x800, filesz: 5 }, ...ordinaryHeaders], pieces: [[0x800, "/no!\0"]] },
    ENOENT,
    /cannot open the program's interpreter \/no!/,
  ],
  [
    "an interpreter that is none",
    { headers: [{ type: PT_INTERP, offset: 0x800, filesz: 6 }, ...ordinaryHeaders], pieces: [[0x800, "/text\0"]] },
    EIO,
    /interpreter \/text: not an ELF file/,
  ],
  [
    "an interpreter that is none, of some length",
    { headers: [{ type: PT_INTERP, offset: 0x800, filesz: 6 }, ...ordinaryHeaders], pieces: [[0x800, "/long\0"]] },
    ELIBBAD,
    /interpreter \/long: not an ELF file/,
  ],
];

for (const [name, file, errno, reason] of refusals) {
  test(`refused: ${name}`, () => {
    const rig = new ExecRig();
    rig.add("/text", "text");
    rig.add("/long", "text".repeat(20));
    rig.add("/prog", file);
    const before = rig.newMm();
    assert.is(rig.exec("/prog"), -errno, rig.reason);
    assert.match(rig.reason, reason);
    assert.is(rig.manager.active, before);
    rig.assertNothingLeft(...rig.files.values());
  });
}

test("too much on the stack is E2BIG, no memory ENOMEM, and the old program goes on", () => {
  const rig = new ExecRig({ megabytes: 2 });
  rig.add("/prog", { headers: ordinaryHeaders });
  const before = rig.newMm();
  rig.task.limits[RLIMIT_STACK] = 0x8000;
  assert.is(rig.exec("/prog", { argv: ["x".repeat(0x9000)] }), -E2BIG);
  rig.task.limits = {};
  rig.add("/huge", { headers: [{ filesz: 0x1000, memsz: 0x20000000, flags: PF_R | PF_W }] });
  assert.is(rig.exec("/huge"), -ENOMEM);
  assert.is(rig.manager.active, before);
  rig.assertNothingLeft(...rig.files.values());
});

/** Runs `action` with so many frames to allocate and no more. */
function withFrames<T>(rig: ExecRig, left: number, action: () => T): T {
  const { memory } = rig.manager;
  const taken: number[] = [];
  for (let pfn = memory.allocFrame(OWNER_ANON); pfn >= 0; pfn = memory.allocFrame(OWNER_ANON)) taken.push(pfn);
  for (const pfn of taken.splice(0, left)) memory.putFrame(pfn);
  const result = action();
  for (const pfn of taken) memory.putFrame(pfn);
  return result;
}

test("whenever memory runs out, the old program is as it was: first it goes on, past the point of no return it is lost", () => {
  const rig = new ExecRig({ megabytes: 2 });
  rig.add("/bin/prog", {
    headers: [
      { type: PT_INTERP, offset: 0x800, filesz: 11 },
      ...ordinaryHeaders,
      { vaddr: 0x08100200, filesz: 0x100, memsz: 0x100200, offset: 0x2200, flags: PF_R | PF_W },
    ],
    pieces: [[0x800, "/lib/ld.so\0"]],
  });
  rig.add("/lib/ld.so", { type: 3, entry: 0x500, headers: interpreterHeaders });
  rig.add("/script", "#!/bin/prog\n");
  const old = rig.newMm();
  assert.is(doMmap(old, null, 0x10000000, 0x3000, 3, 0x32, 0), 0x10000000);
  for (const [i, value] of [3, 1, 4].entries()) assert.is(rig.store(0x10000000 + i * 0x1000, value), 0);
  const endings: string[] = [];
  for (let left = 0; endings.at(-1) !== "runs" && left < 100; left++) {
    const result = withFrames(rig, left, () => {
      // Pages in the cache could be given up, and would count as free.
      for (const file of rig.files.values()) file.drop();
      return rig.exec("/script", { argv: ["/script", "x".repeat(6000)] });
    });
    if (typeof result === "number") {
      endings.push(`${rig.oldProgram} ${-result}`);
      assert.is(rig.manager.active, old);
      assert.is(rig.manager.mmlist.size, 1);
    } else {
      endings.push("runs");
      rig.manager.mmput(result.mm);
      rig.activate(old);
    }
    for (const [i, value] of [3, 1, 4].entries()) assert.is(rig.load(0x10000000 + i * 0x1000), value);
    rig.assertBalanced();
  }
  const stages = endings.filter((ending, i) => ending !== endings[i - 1]);
  assert.equal(stages, [`goes on ${ENOMEM}`, `goes on ${E2BIG}`, "is lost 14", "runs"]);
  rig.assertNothingLeft(...rig.files.values());
});

test("scripts: the interpreter, its one argument, the script, the arguments", () => {
  const rig = new ExecRig();
  rig.add("/bin/prog", { headers: ordinaryHeaders });
  rig.add("/s1", "#! /bin/prog  -x  y \nrest");
  rig.add("/s2", "#!/s1\n");
  assert.equal(rig.stack(rig.run("/s1").stackPointer).argv, ["/bin/prog", "-x  y", "/s1", "one", "two"]);
  const { stackPointer } = rig.run("/s2");
  const { argv, auxv } = rig.stack(stackPointer);
  assert.equal(argv, ["/bin/prog", "-x  y", "/s1", "/s2", "one", "two"]);
  assert.is(rig.manager.user.string(auxv.get(31) ?? 0, 100), "/s2");
  rig.add("/missing", "#!/nowhere\n");
  assert.is(rig.exec("/missing"), -ENOENT);
  rig.add("/forbidden", "#!/bin/prog\n");
  assert.is(rig.exec("/forbidden", { openExec: () => -EACCES }), -EACCES);
  for (let i = 0; i < 8; i++) rig.add(`/l${i}`, i === 0 ? "#!/bin/prog\n" : `#!/l${i - 1}\n`);
  assert.is(rig.stack(rig.run("/l4").stackPointer).argv[0], "/bin/prog");
  assert.is(rig.exec("/l5"), -ELOOP);
  rig.add("/self", "#!/self\n");
  assert.is(rig.exec("/self"), -ELOOP);
  rig.assertNothingLeft(...rig.files.values());
});

/** Lines that show each rule of the parser, and random ones of its characters. */
function scriptLines(interpreter: string): string[] {
  const lines = [
    `#!${interpreter}`,
    `#!${interpreter}\n`,
    `#! \t${interpreter}\t\n`,
    `#!${interpreter} a b  c \n`,
    `#!${interpreter}   \n`,
    `#!${interpreter} `,
    `#!${interpreter} x\0y\n`,
    `#!${interpreter}\0 x\n`,
    `#!\n${interpreter}\n`,
    "#!",
    "#!   ",
    "#!\0",
    `#!${interpreter} ${"a".repeat(300)}\n`,
    `#!${" ".repeat(250)}${interpreter}\n`,
    `#!${" ".repeat(300)}`,
    `#!${interpreter}${"/".repeat(300)}`,
  ];
  for (let total = 250; total < 260; total++) {
    lines.push(`#!${interpreter} ${"b".repeat(total - interpreter.length - 3)}\n`);
    lines.push(`#!${" ".repeat(total - interpreter.length - 2)}${interpreter}\nx`);
    lines.push(`#!${" ".repeat(total - interpreter.length - 2)}${interpreter}`);
  }
  const word = fc.constantFrom(" ", "\t", "\n", "\0", "a", "-b", interpreter, interpreter);
  const random = fc.sample(fc.array(word, { maxLength: 8, size: "max" }), { seed, numRuns: 60 });
  return [...lines, ...random.map((words) => `#!${words.join("")}`)];
}

const showArguments = "images/bin/args";

testIf(haveNativeI386(), "scripts start as they do natively", () => {
  if (!existsSync(showArguments)) return;
  const directory = mkdtempSync(join(tmpdir(), "pw-"));
  try {
    const interpreter = join(directory, "i");
    copyFileSync(showArguments, interpreter);
    chmodSync(interpreter, 0o755);
    const script = join(directory, "s");
    for (const line of scriptLines(interpreter)) {
      writeFileSync(script, line, "latin1");
      chmodSync(script, 0o755);
      const native = spawnSync(script, ["z"], { encoding: "latin1", env: {} });
      const head = new Uint8Array(256);
      head.set(new TextEncoder().encode(line).subarray(0, 256));
      const parsed = parseScript(head);
      const works = parsed !== null && typeof parsed !== "string" && parsed.interpreter === interpreter;
      const shown = [...(native.stdout ?? "").matchAll(/^argv\[\d+\] = "(.*)"$/gm)].map((match) => match[1]);
      // What the kernel refuses, the C library hands to sh, which never names the script.
      assert.is(shown.at(-2) === script, works, JSON.stringify(line));
      if (!works) continue;
      const argv = [...(parsed.argument === null ? [] : [parsed.argument]), script, "z"];
      assert.equal(shown, argv, JSON.stringify(line));
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test("mutated files: an answer, never an exception, and no frame lost", () => {
  const good = buildElf({
    headers: [
      { type: PT_PHDR, offset: 52, vaddr: 0x08048034, filesz: 160 },
      { type: PT_INTERP, offset: 0x800, filesz: 11 },
      ...ordinaryHeaders,
      { type: PT_GNU_STACK, flags: PF_R | PF_W },
    ],
    pieces: [[0x800, "/lib/ld.so\0"]],
  });
  const loader = buildElf({ type: 3, entry: 0x500, headers: interpreterHeaders });
  const values = fc.oneof(
    fc.constantFrom(0, 1, 0xfff, 0x1000, 0x7fffffff, 0x80000000, 0xbffff000, 0xc0000000, 0xfffff000, 0xffffffff, 65535),
    fc.nat(0xffffffff),
    fc.nat(0x4000),
  );
  const mutation = fc.record({
    which: fc.constantFrom("program", "program", "program", "loader"),
    at: fc.nat(52 + 5 * 32 - 4),
    width: fc.constantFrom(1, 2, 4, 4),
    value: values,
    aligned: fc.boolean(),
  });
  const rig = new ExecRig({ megabytes: 4 });
  fc.assert(
    fc.property(
      fc.array(mutation, { minLength: 1, maxLength: 5, size: "max" }),
      fc.option(fc.nat(good.length), { freq: 10, nil: good.length }),
      (mutations, length) => {
        const files = { program: good.slice(), loader: loader.slice() };
        for (const { which, at, width, value, aligned } of mutations) {
          const view = new DataView(files[which].buffer);
          const place = aligned ? at & ~3 : at;
          if (width === 1) view.setUint8(place, value & 0xff);
          else if (width === 2) view.setUint16(place, value & 0xffff, true);
          else view.setUint32(place, value, true);
        }
        rig.add("/lib/ld.so", files.loader);
        rig.add("/prog", files.program.slice(0, length));
        const result = rig.exec("/prog");
        if (typeof result === "number") {
          assert.ok(result < 0 && result >= -4095);
          assert.ok(rig.reason !== "");
        } else {
          assert.ok(result.entry < 0xc0000000 && result.stackPointer < 0xc0000000);
          rig.load(result.entry);
        }
        rig.assertNothingLeft(...rig.files.values());
      },
    ),
    { seed, numRuns: 3000, includeErrorInReport: true },
  );
});

test.run();
