// Builds the guest programs: `node images/build.mjs [--out DIR] [--record] [NAME...]`.
//   (nothing)   every program of images/ and bench/guests/, its ELF and its entry in the manifest
//   --out DIR   builds into DIR instead and leaves ELFs and manifests alone
//   --record    also runs each program on this host and records what it printed and how it ended: Linux programs on the
//               processor itself, kernels under qemu-system-i386. Without it the recorded expectations stay.
//
// A program is a file in one of the directories below; its first comment line is its lesson. What cannot be read from
// the source (args, env, stdin) is written by hand into the manifest and kept.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const runtime = "images/runtime";

/**
 * Where programs live. `prefix` keeps the names of kernels apart from those of Linux programs; `also` lists further runs
 * of every program, by their arguments: a bench guest at 2 % of its work is a test of the emulator.
 */
const collections = [
  {
    manifest: "images/manifest.json",
    elves: "images/bin",
    // Every CPU of the emulator runs them.
    architecture: "i386",
    also: [],
    directories: [
      { path: "images/run", kind: "run", prefix: "" },
      { path: "images/boot", kind: "boot", prefix: "boot-" },
      { path: "images/aout", kind: "aout", prefix: "aout-" },
    ],
  },
  {
    manifest: "bench/guests/manifest.json",
    elves: "bench/guests/bin",
    architecture: "i686",
    also: [["2"]],
    directories: [{ path: "bench/guests", kind: "run", prefix: "" }],
  },
];

/**
 * The same bytes from the same compiler: no build id, no .comment, no absolute path. No SSE, so floating point is x87.
 * The frame pointer stays for stack traces, -g for function and line reports. Code, constants and headers share pages.
 */
const compilerFlags = (architecture) => [
  ...`-m32 -march=${architecture} -mno-sse -mfpmath=387 -O2 -g -std=gnu11 -Wall -Wextra`.split(" "),
  ..."-ffreestanding -fno-pie -fno-omit-frame-pointer -fno-asynchronous-unwind-tables".split(" "),
  ..."-fno-stack-protector -fcf-protection=none -fno-ident".split(" "),
  `-ffile-prefix-map=${root}=.`,
  `-I${runtime}`,
];
const linkerFlags = "-static -nostdlib -no-pie -Wl,--build-id=none -Wl,-z,noseparate-code".split(" ");

const kinds = {
  run: { objects: [`${runtime}/start.S`, `${runtime}/say.c`], flags: [] },
  boot: {
    objects: [`${runtime}/boot.S`, `${runtime}/say.c`],
    flags: ["-mgeneral-regs-only", `-Wl,-T,${runtime}/boot.ld`],
  },
  aout: { objects: [`${runtime}/start.S`, `${runtime}/say.c`], flags: [`-Wl,-T,${runtime}/aout.ld`] },
};

function command(name, args) {
  const { status, stdout, stderr, error } = spawnSync(name, args, { cwd: root, encoding: "utf8" });
  if (error || status !== 0) throw new Error(`${name} failed: ${error?.message ?? stderr}`);
  if (stderr !== "") console.error(stderr.trimEnd());
  return stdout;
}

const firstLine = (text) => text.slice(0, text.indexOf("\n"));

/** First line of `gcc --version` and of the linker behind it: together they decide the bytes of an ELF. */
function toolVersions() {
  const linker = command("gcc", ["-print-prog-name=ld"]).trim();
  return { compiler: firstLine(command("gcc", ["--version"])), linker: firstLine(command(linker, ["--version"])) };
}

/** The programs of a collection in order of their names, without looking at the manifest. */
function programsOf({ directories, elves, architecture }) {
  return directories.flatMap(({ path, kind, prefix }) =>
    existsSync(join(root, path))
      ? readdirSync(join(root, path))
          .filter((file) => [".c", ".S"].includes(extname(file)))
          .sort()
          .map((file) => {
            const name = prefix + file.slice(0, -extname(file).length);
            return { name, kind, source: `${path}/${file}`, elf: `${elves}/${name}`, architecture };
          })
      : [],
  );
}

function lessonOf(source) {
  const lesson = /^\/\* Lesson: (.*) \*\/$/.exec(firstLine(readFileSync(join(root, source), "utf8")))?.[1];
  if (lesson === undefined) throw new Error(`${source}: the first line is no /* Lesson: ... */`);
  return lesson;
}

/** An assembly program stands alone; a C program gets the start file of its kind. libgcc serves 64-bit division. */
function compile({ kind, source, architecture }, output) {
  mkdirSync(dirname(output), { recursive: true });
  const objects = source.endsWith(".S") ? [] : kinds[kind].objects;
  const all = [...compilerFlags(architecture), ...linkerFlags, ...kinds[kind].flags];
  command("gcc", [...all, ...objects, source, "-lgcc", "-o", output]);
}

/** What the program prints and its exit status as a shell would show it. */
function observe({ name, kind, elf, args, env, stdin }) {
  const cwd = mkdtempSync(join(tmpdir(), "pagewalk-image-"));
  try {
    const file = join(root, elf);
    const emulator = "-device isa-debug-exit,iobase=0xf4,iosize=4 -serial stdio -display none -no-reboot -kernel";
    const { status, signal, stdout, error } =
      kind === "run"
        ? spawnSync(file, args, { argv0: name, env, input: stdin, cwd, timeout: 20_000 })
        : spawnSync("qemu-system-i386", [...emulator.split(" "), file], { cwd, timeout: 20_000 });
    if (error) throw new Error(`${name}: ${error.message}`);
    return { stdout: stdout.toString("latin1"), status: status ?? 128 + constants.signals[signal] };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** JSON with lists of plain values on one line, as the formatter of this project wants it. */
function toJson(value) {
  const oneLine = (_, items) => `[${items.replace(/\n\s+/g, " ")}]`;
  return `${JSON.stringify(value, null, 2).replace(/\[\n\s+([^[\]{}]*?)\n\s+\]/g, oneLine)}\n`;
}

function buildCollection(collection, versions, { out, record, names }) {
  const path = join(root, collection.manifest);
  const programs = programsOf(collection);
  if (programs.length === 0) return;
  const known = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).images : [];
  const images = programs.map(({ architecture, ...program }) => {
    const before = known.find(({ name }) => name === program.name);
    if (names.length > 0 && !names.includes(program.name)) return before;
    compile({ ...program, architecture }, join(out ?? root, program.elf));
    if (out !== undefined) return before;
    const sha256 = createHash("sha256")
      .update(readFileSync(join(root, program.elf)))
      .digest("hex");
    const { args = [], env = {}, stdin = "", stdout = "", status = 0 } = before ?? {};
    const image = { ...program, lesson: lessonOf(program.source), ...versions, sha256, args, env, stdin };
    // No kernel of today runs an a.out program: its output is written into the manifest by hand, from its source.
    if (image.kind === "aout" || (!record && before !== undefined))
      return { ...image, stdout, status, also: before?.also ?? [] };
    const also = collection.also.map((words) => ({ args: words, ...observe({ ...image, args: words }) }));
    return { ...image, ...observe(image), also };
  });
  if (out === undefined) writeFileSync(path, toJson({ images: images.filter((image) => image !== undefined) }));
}

function parseArguments(words) {
  const options = { out: undefined, record: false, names: [] };
  while (words.length > 0) {
    const word = words.shift();
    if (word === "--out" && words.length > 0) options.out = words.shift();
    else if (word === "--record") options.record = true;
    else if (!word.startsWith("-")) options.names.push(word);
    else throw new Error("usage: node images/build.mjs [--out DIR] [--record] [NAME...]");
  }
  return options;
}

try {
  const options = parseArguments(process.argv.slice(2));
  const versions = toolVersions();
  for (const collection of collections) buildCollection(collection, versions, options);
} catch (error) {
  console.error(`images/build.mjs: ${error.message}`);
  process.exit(1);
}
