/** Address spaces as `pagewalk maps` shows them: against /proc/PID/smaps, against pmap itself, and each form against the others. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { execute } from "../cli/execute.ts";
import { Failure } from "../cli/failure.ts";
import { smapsText } from "../kernel/mm/smaps.ts";
import {
  type AddressMap,
  addressMap,
  addressMapSvg,
  createMachine,
  type LinuxMachine,
  type MappedPage,
  type MappedProcess,
  pmapText,
} from "../observe/index.ts";
import { pagewalk } from "./package.ts";
import { type Probe, testIf } from "./skip.ts";

const directory = mkdtempSync(join(tmpdir(), "pagewalk-maps-"));
test.after(() => rmSync(directory, { recursive: true, force: true }));
const at = (name: string) => join(directory, name);

function stopped(name: string, instructions: number): LinuxMachine {
  const machine = createMachine({ mem: 16 << 20 }).load(readFileSync(`images/bin/${name}`), { name });
  machine.run(instructions);
  return machine;
}

const mapOf = (name: string, instructions: number): AddressMap => addressMap(stopped(name, instructions).kernel);

/** Programs with one and with several processes, at moments with something to see. */
const moments: readonly [string, number][] = [
  ["hello", 0],
  ["hello", 3],
  ["cow", 1386],
  ["cow", 3220],
  ["shared", 8280],
  ["demo", 300_000],
  ["mmap", 3000],
  ["filemap", 4000],
  ["thread", 20_000],
  ["repair", 9600],
];

const pagesOf = ({ regions }: MappedProcess): MappedPage[] => regions.flatMap(({ pages }) => [...pages]);

test("two processes after a fork: text, exactly", () => {
  const map = mapOf("cow", 1386);
  const [parent, child] = pmapText(map, "pages")
    .replace(/(frame(?: in)?) [0-9a-f]{5}/g, "$1 FRAME")
    .replace(/in frame FRAME/g, "in frame")
    .split("\n\n");
  const text = (pid: number, other: number, anonymous: string) =>
    [
      `${pid}:   cow`,
      "Address   Kbytes     RSS   Dirty Mode  Mapping",
      "08048000       4       4       0 r-x-- cow",
      "  08048000  F",
      "b7ff8000      32      32      32 rw---   [ anon ]",
      `  b7ff8000  ${anonymous}`,
      "bffdf000     132       8       8 rw---   [ stack ]",
      "  bffdf000  ...............................aA",
      "-------- ------- ------- ------- ",
      "total kB     168      44      40",
      "mapped: 168K    writeable/private: 164K    shared: 0K",
      "a anonymous, f page cache, s shared memory, h huge page, capital: another process has it too; z zeroes, . not in memory",
      "page directory in frame, 3 page tables: 12K",
      "  08000000  frame FRAME  1 of 1024",
      "  b7c00000  frame FRAME  8 of 1024",
      "  bfc00000  frame FRAME  2 of 1024",
      "pages: 10 anonymous, 1 file",
      `  9 also of process ${other}`,
    ].join("\n");
  assert.is(parent, text(2, 3, "AAaAAAAA"));
  assert.is(child.trimEnd(), text(3, 2, "AAaAAAAA"));
});

test("sizes are those of smaps, region by region", () => {
  for (const [name, instructions] of moments) {
    const machine = stopped(name, instructions);
    const { kernel } = machine;
    for (const process of addressMap(kernel).processes) {
      const mm = kernel.tasks.get(process.pid)?.mm;
      assert.ok(mm);
      const paragraphs = smapsText(mm, kernel.vfs.root).split(/^(?=[0-9a-f]{8}-)/m);
      assert.is(paragraphs.length, process.regions.length);
      for (const [n, { start, end, rights, resident, dirty }] of process.regions.entries()) {
        const [, from, to, mode] = /^(\w+)-(\w+) (\S+)/.exec(paragraphs[n]) ?? [];
        assert.equal([start, end, rights], [Number.parseInt(from, 16), Number.parseInt(to, 16), mode]);
        const field = (label: string) => Number(new RegExp(`^${label}: +(\\d+) kB`, "m").exec(paragraphs[n])?.[1]);
        assert.is(resident, field("Rss"), `${name} ${from}`);
        assert.is(dirty, field("Shared_Dirty") + field("Private_Dirty"), `${name} ${from}`);
      }
      assert.is(process.mapped, mm.totalVm * 4);
      assert.is(process.resident, mm.tables.rssPages * 4);
      assert.is(process.tables.length, mm.tables.tables);
      const used = process.tables.reduce((sum, { entries }) => sum + entries, 0);
      assert.is(used, pagesOf(process).length);
    }
  }
});

test("sharing is mutual, and as often as the kernel counts", () => {
  for (const [name, instructions] of moments) {
    const machine = stopped(name, instructions);
    const { processes } = addressMap(machine.kernel);
    const { mapcount } = machine.kernel.mm.memory.frames;
    for (const process of processes) {
      for (const { frame, kind, sharedWith } of pagesOf(process)) {
        const users = processes.flatMap(pagesOf).filter((page) => page.frame === frame);
        if (kind === "zero") assert.equal(sharedWith, []);
        else assert.is(users.length, mapcount[frame], `${name}: frame ${frame}`);
        for (const pid of sharedWith) {
          const other = processes.find((candidate) => candidate.pid === pid);
          assert.ok(other && pagesOf(other).some((page) => page.frame === frame));
        }
      }
    }
  }
});

test("looking changes nothing", () => {
  const machine = stopped("cow", 1500);
  const before = Uint8Array.from(machine.hardware.memory.bytes);
  const map = addressMap(machine.kernel);
  pmapText(map, "pages");
  addressMapSvg(map);
  assert.is(Buffer.compare(before, machine.hardware.memory.bytes), 0);
  machine.run();
  const undisturbed = stopped("cow", 1500);
  undisturbed.run();
  assert.equal(machine.counters, undisturbed.counters);
});

test("the letters are the pages", () => {
  for (const [name, instructions] of moments) {
    const map = mapOf(name, instructions);
    const letters = [...pmapText(map, "pages").matchAll(/^ {2}[0-9a-f]{8} {2}([afsz.]+)$/gim)]
      .map(([, line]) => line)
      .join("");
    const pages = map.processes.flatMap(pagesOf);
    assert.is(letters.replaceAll(".", "").length, pages.length, name);
    assert.is(letters.replace(/[^A-Z]/g, "").length, pages.filter(({ sharedWith }) => sharedWith.length > 0).length);
  }
});

/** Names of the elements of a picture; throws where a tag is not closed by its own. */
function elementsOf(svg: string): string[] {
  const open: string[] = [];
  const names: string[] = [];
  for (const [tag, closing, name, , empty] of svg.matchAll(
    /<(\/?)(\w+)((?:\s[\w:-]+="[^"<&]*(?:&\w+;[^"<&]*)*")*)(\/?)>/g,
  )) {
    if (closing !== "") assert.is(open.pop(), name, tag);
    else names.push(name);
    if (closing === "" && empty === "") open.push(name);
  }
  assert.equal(open, []);
  return names;
}

test("the picture is well formed and has a cell for each page", () => {
  for (const [name, instructions] of moments) {
    const map = mapOf(name, instructions);
    const svg = addressMapSvg(map);
    assert.is(svg, addressMapSvg(mapOf(name, instructions)), "the same bytes");
    const names = elementsOf(svg);
    assert.is(names[0], "svg");
    const pages = map.processes
      .flatMap(({ regions }) => regions)
      .reduce((sum, { start, end }) => sum + (end - start) / 4096, 0);
    const frames = map.processes.flatMap(pagesOf).length;
    const tables = map.processes.reduce((sum, process) => sum + Math.min(12, process.tables.length), 0);
    if (pages < 300) assert.is(names.filter((element) => element === "title").length, frames + tables, name);
    for (const { pid, regions } of map.processes) {
      assert.match(svg, `>${pid}  `);
      for (const { start } of regions) assert.match(svg, `>${start.toString(16).padStart(8, "0")} `);
    }
  }
});

test("names are escaped in the picture and stay in one line of the text", () => {
  const machine = createMachine({ mem: 8 << 20 });
  machine.load(readFileSync("images/bin/hello"), { name: 'a<b>&"c\n', argv: ["<&>\"'\u0001"] });
  machine.run(3);
  const map = addressMap(machine.kernel);
  elementsOf(addressMapSvg(map));
  assert.not.match(addressMapSvg(map), "<b>");
  assert.match(pmapText(map, "regions"), ' r-x-- a<b>&"c\\012\n');
});

test("exitMm: each address space once, with all its memory", () => {
  const machine = createMachine({ mem: 16 << 20 });
  const ended: [number, number][] = [];
  machine.on("exitMm", ({ pid }) => {
    const [process] = addressMap(machine.kernel, [pid]).processes;
    ended.push([pid, process.resident]);
  });
  machine.load(readFileSync("images/bin/shared"), { name: "shared" });
  machine.run();
  assert.equal(ended.map(([pid]) => pid).sort(), [2, 3, 4, 5, 6]);
  for (const [pid, resident] of ended) assert.ok(resident > 0, `${pid}`);
  assert.equal(addressMap(machine.kernel).processes, []);
});

test("the command: at the end by default, text equals JSON", () => {
  const [json, svg, out] = [at("m.json"), at("m.svg"), at("m.txt")];
  const words = ["maps", "--mem=32M", "--json", json, "--svg", svg, "-o", out, "--pages", "images/bin/shared"];
  const { status, stdout, stderr } = pagewalk(words);
  assert.equal([status, stderr], [0, ""]);
  assert.match(stdout, "private counter 100\n");
  const { schema, ...map } = JSON.parse(readFileSync(json, "utf8")) as AddressMap & { schema: number };
  assert.is(schema, 1);
  assert.is(readFileSync(out, "utf8"), pmapText(map, "pages"));
  assert.is(readFileSync(svg, "utf8"), addressMapSvg(map));
  assert.is(map.processes.length, 1, "the children have ended");
  assert.ok(map.processes[0].resident > 0);
});

test("the command: at an instant the machine stops, with those processes that there are", () => {
  const two = pagewalk(["maps", "--at-fault", "15", "images/bin/cow"]);
  assert.is(two.status, 0);
  assert.equal(
    [...two.stderr.matchAll(/^(\d+): {3}/gm)].map(([, pid]) => pid),
    ["2", "3"],
  );
  assert.not.match(two.stdout, "parent sees QQQQQQQQ");
  const one = pagewalk(["maps", "--at-fault", "15", "-p", "3", "images/bin/cow"]);
  assert.ok(two.stderr.endsWith(one.stderr));
  const cut = pagewalk(["maps", "--max-instructions", "1386", "images/bin/cow"]);
  assert.is(cut.status, 125);
  assert.match(cut.stderr, /^3: {3}images/m);
  const killed = pagewalk(["maps", "images/bin/null"]);
  assert.is(killed.status, 139);
  assert.match(killed.stderr, /^mapped: \d+K {4}writeable\/private: \d+K {4}shared: 0K$/m);
});

function mistaken(words: readonly string[], complaint: string | RegExp): void {
  try {
    execute(["maps", ...words]);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    assert.match(error.message, complaint);
    assert.not.match(error.message, "\n");
    assert.is(error.status, 2);
    return;
  }
  throw new Error(`${words.join(" ")} is no mistake`);
}

test("mistakes are one line", () => {
  const hello = "images/bin/hello";
  mistaken([], "maps: no program given");
  mistaken(["--svg", at("no/where"), hello], /^--svg .*: cannot be written: no such file or directory$/);
  mistaken(["--svg", directory, hello], /^--svg .*: cannot be written: is a directory$/);
  mistaken(["--pid", "x", hello], /^--pid x: a whole number from 1 to /);
  mistaken(["--pid", "9", "--at", "1", hello], "--pid 9: no such process has memory then");
  mistaken(["--at", "-1", hello], /^--at -1: a whole number from 0/);
  mistaken(["--at", "1", "--at-fault", "1", hello], "--at and --at-fault: one instant is allowed");
  mistaken(["--at-fault", "1e3", hello], /^--at-fault 1e3: a whole number from 1/);
  mistaken(["--break", "", hello], /^address : neither/);
  mistaken(["--page", hello], "unknown option --page");
});

/** Is there a pmap that prints as procps-ng's does, and may it look at us? */
function havePmap(): Probe {
  const version = spawnSync("pmap", ["-V"], { encoding: "utf8" });
  if (version.error !== undefined || !version.stdout.includes("procps-ng")) return "no pmap of procps-ng on this host";
  return spawnSync("pmap", [String(process.pid)]).status === 0 ? true : "pmap sees no process on this host";
}

testIf(havePmap(), "headings, columns and totals are those of pmap", () => {
  // Of the process that runs this test, whose addresses have 16 digits and not 8.
  const pmap = (option: string) => {
    const { stdout } = spawnSync("pmap", [option, String(process.pid)], { encoding: "utf8", env: { LC_ALL: "C" } });
    return stdout.split("\n");
  };
  const ours = pmapText(mapOf("cow", 1386), "regions").split("\n");
  const theirs = [...pmap("-x"), ...pmap("-d").filter((line) => line.startsWith("mapped"))];
  const wide = " ".repeat(8);
  const lineOf = (lines: readonly string[], start: RegExp) => lines.find((line) => start.test(line)) ?? "";
  const shape = (line: string) => line.replace(/ *\d+/g, " N");
  assert.is(lineOf(ours, /^Address/).replace("Address ", `Address ${wide}`), lineOf(theirs, /^Address/));
  assert.is(lineOf(ours, /^-----/), lineOf(theirs, /^-----/).slice(8));
  assert.is(shape(lineOf(ours, /^total kB/)), shape(lineOf(theirs, /^total kB/)));
  assert.is(shape(lineOf(ours, /^mapped/)), shape(lineOf(theirs, /^mapped/)));
  const stack = (lines: readonly string[]) => shape(lineOf(lines, /stack \]$/).replace(/^[0-9a-f]+/, ""));
  assert.is(stack(ours), stack(theirs));
});

test.run();
