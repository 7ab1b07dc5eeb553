/** The plan of the house, enforced: which room may import which, what a room may touch, how big a file may be. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { blank, lineOf, type Source, sources } from "./source.ts";

/** An import may only go to a room of lower rank or stay in its own: cli, web -> observe -> kernel -> emu -> mmu. */
const rank: Record<string, number> = { mmu: 0, emu: 1, kernel: 2, observe: 3, cli: 4, web: 4 };
const rooms = Object.keys(rank);

/** The rooms that a browser loads; the host comes in through interfaces. */
const browserSafe = ["mmu", "emu", "kernel", "observe"];

/** Packages and `node:` modules by room; a room that is not listed may have none. */
const packages: Record<string, RegExp> = { cli: /^(node:.+|node-getopt)$/ };

/** Data that a room may import although it is no room. */
const importableFiles = ["package.json"];

const maximumLines = 600;

/** Files above the limit, each with its reason. */
const longFiles: Record<string, string> = {
  "emu/interpreter.ts": "one switch, which the compiler has to see whole",
  "emu/isa/timing-table.ts": "one line per timing",
};

const topLevel = [
  ...rooms,
  "images",
  "tests",
  "bench",
  "docs",
  ".ci",
  ".git",
  ".gitattributes",
  ".gitignore",
  ".npmrc",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "tsconfig.core.json",
  "tsconfig.types.json",
  "biome.json",
  "build.mjs",
  "constants.mjs",
  "README.md",
  "LICENSE",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
];

const house = sources(...rooms);
const everything = [...house, ...sources("tests", "bench", "images")];

/** Fails with all complaints at once. */
function expectNone(complaints: string[]): void {
  assert.ok(complaints.length === 0, `\n${complaints.join("\n")}\n`);
}

/** `path:line: text` for every match of the pattern in the code of the files, comments and strings left out. */
function matches(files: Source[], pattern: RegExp): string[] {
  return files.flatMap((file) =>
    [...file.code.matchAll(pattern)].map((match) => `${file.path}:${lineOf(file.code, match.index)}: ${match[0]}`),
  );
}

test("imports follow the arrows", () => {
  const complaints: string[] = [];
  for (const file of house) {
    for (const { specifier, target } of file.imports) {
      if (target === undefined || importableFiles.includes(target)) continue;
      const from = rank[file.room] ?? -1;
      const room = target.split("/")[0] ?? "";
      const to = rank[room];
      if (room !== file.room && (to === undefined || to >= from)) {
        complaints.push(`${file.path} imports ${specifier}: ${file.room} must not know ${room}`);
      }
    }
  }
  expectNone(complaints);
});

test("packages and node: modules stay in their rooms", () => {
  const complaints: string[] = [];
  for (const file of house) {
    for (const { specifier, target } of file.imports) {
      if (target === undefined && !packages[file.room]?.test(specifier)) {
        complaints.push(`${file.path} imports ${specifier}`);
      }
    }
  }
  expectNone(complaints);
});

test("relative imports name an existing file with its extension", () => {
  const complaints: string[] = [];
  for (const file of everything) {
    for (const { specifier, target } of file.imports) {
      if (target !== undefined && !(/\.(ts|json|mjs)$/.test(target) && existsSync(target))) {
        complaints.push(`${file.path} imports ${specifier}`);
      }
    }
  }
  expectNone(complaints);
});

test("no file imports itself through others", () => {
  expectNone(cycles(house));
});

test("browser-safe rooms name no global of one host", () => {
  const files = house.filter((file) => browserSafe.includes(file.room));
  const words = "Buffer|require|__dirname|__filename|globalThis|window|document|navigator|localStorage|console";
  const timers = "performance|setTimeout|setInterval|setImmediate|queueMicrotask";
  const members = "process\\.(?:env|argv|std\\w+|exit\\w*|cwd|on|nextTick|platform|hrtime|memoryUsage|version\\w*)";
  expectNone(matches(files, new RegExp(`(?<![.\\w$])(?:${words}|${timers}|${members})\\b(?!\\s*:)`, "g")));
});

test("host time, host randomness and the host's libm never reach the guest", () => {
  const files = house.filter((file) => ["mmu", "emu", "kernel"].includes(file.room));
  const transcendental = "a?(?:sin|cos|tan)h?|atan2|expm?1?|log(?:1p|2|10)?|pow|cbrt|hypot";
  expectNone(matches(files, new RegExp(`\\bMath\\.(?:random|${transcendental})\\b`, "g")));
  expectNone(matches(files, /\bDate\.now\b|\bnew Date\(\s*\)|\bcrypto\./g));
});

test("no file is too long", () => {
  const complaints: string[] = [];
  for (const file of everything) {
    const lines = file.text.split("\n").length - 1;
    if (lines > maximumLines && longFiles[file.path] === undefined) {
      complaints.push(`${file.path} has ${lines} lines: which noun is hiding inside?`);
    }
  }
  for (const path of Object.keys(longFiles)) {
    const file = everything.find((candidate) => candidate.path === path);
    if (file === undefined || file.text.split("\n").length - 1 <= maximumLines) {
      complaints.push(`${path} is listed as too long and is not`);
    }
  }
  expectNone(complaints);
});

test("files are named after nouns", () => {
  const shapeless = /^(utils?|helpers?|common|misc|shared|stuff)$/;
  const bad = everything.filter((file) =>
    file.path.split("/").some((part) => shapeless.test(part.replace(/\..*$/, ""))),
  );
  expectNone(bad.map((file) => file.path));
});

test("no unfinished business in comments", () => {
  const complaints: string[] = [];
  for (const file of house) {
    for (const match of file.text.matchAll(/\b(TODO|FIXME|XXX|HACK)\b|@ts-(ignore|expect-error|nocheck)/g)) {
      complaints.push(`${file.path}:${lineOf(file.text, match.index)}: ${match[0]}`);
    }
  }
  expectNone(complaints);
});

test("the top level holds the rooms and nothing else", () => {
  const ignored = readFileSync(".gitignore", "utf8").split("\n").filter(Boolean);
  const isIgnored = (name: string) =>
    ignored.some((line) => (line.startsWith("*") ? name.endsWith(line.slice(1)) : name === line.replace(/\/$/, "")));
  expectNone(readdirSync(".").filter((name) => !topLevel.includes(name) && !isIgnored(name)));
});

test("the exports map names the rooms", () => {
  const manifest: { exports: Record<string, { types: string; default: string } | string> } = JSON.parse(
    readFileSync("package.json", "utf8"),
  );
  for (const room of ["mmu", "emu", "kernel", "observe"]) {
    assert.equal(manifest.exports[`./${room}`], {
      types: `./dist/types/${room}/index.d.ts`,
      default: `./dist/${room}.mjs`,
    });
  }
});

test("the lock file is whole and names no private registry", () => {
  interface Locked {
    resolved?: string;
    optionalDependencies?: Record<string, string>;
  }
  const { packages: locked }: { packages: Record<string, Locked> } = JSON.parse(
    readFileSync("package-lock.json", "utf8"),
  );
  const complaints: string[] = [];
  for (const [path, { resolved, optionalDependencies }] of Object.entries(locked)) {
    if (resolved !== undefined && !resolved.startsWith("https://registry.npmjs.org/")) {
      complaints.push(`${path} resolved from ${resolved}`);
    }
    for (const name of Object.keys(optionalDependencies ?? {})) {
      if (locked[`node_modules/${name}`] === undefined) complaints.push(`${path} lacks ${name}: npm ci refuses this`);
    }
  }
  expectNone(complaints);
});

test("this test sees what it looks for", () => {
  assert.is(blank('a = "x//y"; // z\n'), 'a = "    ";     \n');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: source text with a template in it.
  assert.is(blank("a = `t${b + `u${c}`}v`;"), "a = ` ${b + ` ${c}`} `;");
  assert.is(blank("a = b / c / d; e = /x'y/g;"), "a = b / c / d; e =      g;");
  assert.is(blank("/* 'q' \n */ f();"), "       \n    f();");
  const file = (path: string, ...targets: string[]): Source => ({
    path,
    room: posix.dirname(path),
    text: "",
    code: "",
    imports: targets.map((target) => ({ specifier: target, target, typeOnly: false })),
  });
  assert.equal(cycles([file("mmu/a.ts", "mmu/b.ts"), file("mmu/b.ts", "mmu/c.ts"), file("mmu/c.ts")]), []);
  assert.equal(cycles([file("mmu/a.ts", "mmu/b.ts"), file("mmu/b.ts", "mmu/c.ts"), file("mmu/c.ts", "mmu/b.ts")]), [
    "mmu/b.ts -> mmu/c.ts -> mmu/b.ts",
  ]);
});

/**
 * One line for each cycle that a depth-first walk meets. Types do not count: structures may point at each other, as
 * task_struct and mm_struct do, but no module may need another that needs it to be initialised first.
 */
function cycles(files: Source[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const finished = new Set<string>();
  const trail: string[] = [];
  const found: string[] = [];
  const visit = (path: string) => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path].join(" -> "));
    if (start >= 0 || finished.has(path)) return;
    trail.push(path);
    for (const { target, typeOnly } of byPath.get(path)?.imports ?? []) {
      if (target !== undefined && !typeOnly && byPath.has(target)) visit(target);
    }
    trail.pop();
    finished.add(path);
  };
  for (const file of files) visit(file.path);
  return found;
}

test.run();
