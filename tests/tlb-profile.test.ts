/** TLB profiles: they add up, they see what happened where, and nobody notices that they listen. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  createMachine,
  type LinuxMachine,
  MissCurves,
  STEPPED,
  type TlbCounts,
  TlbProfile,
  type TlbReport,
  tlbReportText,
  WorkingSet,
} from "../observe/index.ts";
import { SymbolTable } from "../observe/symbols.ts";
import { buildElf } from "./elf-builder.ts";
import { type Image, loadImages } from "./images.ts";
import { pagewalk } from "./package.ts";

const images = loadImages("images/manifest.json").filter(({ kind }) => kind === "run");

function imageOf(name: string): Image {
  const image = images.find((candidate) => candidate.name === name);
  if (image === undefined) throw new Error(`no image ${name}`);
  return image;
}

interface Profiled {
  readonly report: TlbReport | null;
  readonly counters: unknown;
  readonly stdout: string;
}

function profile(name: string, how: "unheard" | "heard" | "every lookup", tlb = "p6"): Profiled {
  const { elf, args, env, stdin } = imageOf(name);
  const translation = how === "every lookup" ? "plain" : "hot";
  const machine = createMachine({ mem: 32 << 20, stdin, quiet: true, tlb, translation });
  const profile = how === "unheard" ? null : new TlbProfile(machine);
  machine.load(readFileSync(elf), { name, argv: [name, ...args], env });
  const piece = how === "every lookup" ? STEPPED : Number.POSITIVE_INFINITY;
  let { reason } = machine.run(piece);
  while (reason === "budget") ({ reason } = machine.run(piece));
  assert.is(reason, "exit");
  return { report: profile?.report() ?? null, counters: machine.counters, stdout: machine.stdout };
}

function reportOf(name: string, how: "heard" | "every lookup", tlb?: string): TlbReport {
  const { report } = profile(name, how, tlb);
  if (report === null) throw new Error("no report");
  return report;
}

const lists = ["processes", "regions", "pages", "functions", "lines", "sites"] as const;

/** The lists, and the stretches of time, which add up as well. */
function everyList(report: TlbReport): readonly (readonly [name: string, list: readonly TlbCounts[]])[] {
  return [...lists.map((name) => [name, report[name]] as const), ["timeline", report.timeline.buckets]];
}

/** Whatever had a miss, walk or fault, in an order that does not depend on ties. */
const withoutLookups = (list: readonly TlbCounts[]): readonly string[] =>
  list
    .filter(({ misses, walks, faults }) => misses.all + walks + faults > 0)
    .map((counts) => JSON.stringify({ ...counts, lookups: null }))
    .sort();

test("nobody notices that somebody listens", () => {
  for (const name of ["demo", "thread"]) {
    const unheard = profile(name, "unheard");
    for (const how of ["heard", "every lookup"] as const) {
      const { counters, stdout } = profile(name, how);
      assert.equal(counters, unheard.counters, `${name}, ${how}`);
      assert.is(stdout, unheard.stdout);
    }
  }
});

test("nobody notices curves and working sets either", () => {
  for (const options of [{}, { cpu: "i386" }, { cpu: "core2" }, { tlb: "tlb=2x3:random" }]) {
    const counters = (["hot", "traced", "traced-unified"] as const).map((translation) => {
      const machine = createMachine({ mem: 32 << 20, translation, ...options });
      if (translation !== "hot") {
        new TlbProfile(machine);
        new MissCurves(machine);
        new WorkingSet(machine);
      }
      machine.load(readFileSync("images/bin/cow"), { name: "cow" });
      machine.run();
      return machine.counters;
    });
    assert.equal(counters[1], counters[0]);
    assert.equal(counters[2], counters[0]);
  }
});

test("every list adds up to the MMU's counters", () => {
  for (const name of ["demo", "thread"]) {
    const report = reportOf(name, "heard");
    const { misses, walks, kinds } = report;
    assert.is(
      misses,
      kinds.reduce((sum, kind) => sum + kind.misses, 0),
    );
    for (const [list, subjects] of everyList(report)) {
      const of = (pick: (counts: TlbCounts) => number) => subjects.reduce((sum, counts) => sum + pick(counts), 0);
      const sums = [of(({ misses }) => misses.all), of(({ walks }) => walks), of(({ walkClocks }) => walkClocks)];
      assert.equal(sums, [misses, walks.begun, walks.clocks], `${name}: misses, walks and their clocks of ${list}`);
      assert.is(
        of(({ faults }) => faults),
        report.faults,
        `${name}: faults of ${list}`,
      );
      for (const access of ["fetch", "read", "write"] as const) {
        const all = kinds.reduce((sum, kind) => sum + (kind.access === access ? kind.misses : 0), 0);
        assert.is(
          of((counts) => counts.misses[access]),
          all,
          `${name}: ${access} misses of ${list}`,
        );
      }
    }
  }
});

test("the fast run says the same as the run that is looked at instruction by instruction", () => {
  for (const name of ["demo", "filemap", "repair"]) {
    const fast = reportOf(name, "heard", "tlb=8");
    const slow = reportOf(name, "every lookup", "tlb=8");
    for (const list of lists) assert.equal(withoutLookups(fast[list]), withoutLookups(slow[list]), `${name}: ${list}`);
    const over = ({ timeline: { width, buckets } }: TlbReport) => [
      width,
      buckets.map((one) => ({ ...one, lookups: 0 })),
    ];
    assert.equal(over(fast), over(slow), `${name}: over time`);
    assert.ok(slow.processes.every(({ lookups, misses }) => lookups !== null && lookups >= misses.all));
    assert.ok(fast.processes.every(({ lookups }) => lookups === null));
  }
});

test("every lookup of a fetch is attributed, and no more lookups than accesses", () => {
  const report = reportOf("cow", "every lookup");
  const lookups = report.pages.reduce((sum, page) => sum + (page.lookups ?? 0), 0);
  const fetches = report.kinds.reduce((sum, { access, accesses }) => sum + (access === "fetch" ? accesses : 0), 0);
  assert.ok(lookups > fetches && lookups <= report.accesses);
  for (const [name, list] of everyList(report)) {
    assert.is(
      list.reduce((sum, counts) => sum + (counts.lookups ?? 0), 0),
      lookups,
      name,
    );
  }
});

test("regions, functions and lines have their names", () => {
  const { regions, functions, lines, processes, pages, sites, program } = reportOf("stride", "heard");
  assert.is(program, "stride");
  const [line] = lines;
  assert.is(line.source, "images/run/stride.c");
  assert.is(line.name, "sweep");
  assert.match(readFileSync(line.source, "utf8").split("\n")[line.line - 1], "sum += words[i]");
  assert.is(processes[0].name, "stride");
  assert.is(regions[0].region, "[anon]");
  assert.ok(regions.some(({ region }) => region === "[stack]"));
  assert.is(functions[0].name, "sweep");
  assert.is(functions[0].file, "/stride");
  assert.is(sites[0].name, "sweep");
  assert.ok(pages.every(({ address }) => address % 4096 === 0));
});

test("time: buckets without gaps, in bounded memory, whose width is a power of two", () => {
  const { timeline, instructions } = reportOf("demo", "heard");
  const { width, buckets } = timeline;
  assert.is(2 ** Math.round(Math.log2(width)), width);
  assert.ok(buckets.length > 256 && buckets.length <= 512);
  buckets.forEach(({ from }, n) => {
    assert.is(from, n * width);
  });
  const last = buckets[buckets.length - 1].from;
  assert.ok(last <= instructions && instructions < last + width);
  assert.ok(buckets[0].misses.all > 0);
});

test("a run in pieces has the report of the whole", () => {
  const { elf } = imageOf("cow");
  const reportsOf = (piece: number): TlbReport => {
    const machine = createMachine({ mem: 32 << 20 });
    const profile = new TlbProfile(machine);
    machine.load(readFileSync(elf), { name: "cow" });
    while (machine.run(piece).reason === "budget");
    return profile.report();
  };
  assert.equal(reportsOf(9000), reportsOf(Number.POSITIVE_INFINITY));
});

/** A program of a few bytes of code, and text behind them. */
function program(code: readonly number[], text: string): Uint8Array {
  return buildElf({
    headers: [{ vaddr: BASE, offset: 0 }],
    entry: BASE + CODE,
    pieces: [
      [CODE, code],
      [TEXT, `${text}\0`],
    ],
    size: 0x1000,
  });
}

const BASE = 0x08048000;
const CODE = 0x100;
const TEXT = 0x200;
const dword = (value: number) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
/** MOV EAX, number; MOV EBX, TEXT; XOR ECX, ECX; XOR EDX, EDX; INT 80h. */
const call = (number: number) => [
  0xb8,
  ...dword(number),
  0xbb,
  ...dword(BASE + TEXT),
  0x31,
  0xc9,
  0x31,
  0xd2,
  0xcd,
  0x80,
];
const UNLINK = 10;
const EXECVE = 11;

test("a process that becomes another program", () => {
  const second = readFileSync("images/bin/hello");
  const machine = createMachine({
    mem: 16 << 20,
    files: { "/first": program(call(EXECVE), "/second"), "/second": second },
  });
  const profile = new TlbProfile(machine);
  machine.load("/first");
  const { report, regions } = finished(machine, profile);
  assert.is(machine.stdout, "hello, paged world\n");
  assert.is(report.program, "second");
  assert.ok(regions.includes("/first") && regions.includes("/second"));
  assert.ok(report.functions.some(({ file, name }) => file === "/second" && name === "_start"));
});

test("a process whose file is deleted, and code in no file", () => {
  // unlink; push the bytes of MOV EAX, 1; MOV EBX, 7; INT 80h and jump there.
  const exit = [0xb8, ...dword(1), 0xbb, ...dword(7), 0xcd, 0x80];
  const pushes = [8, 4, 0].flatMap((at) => [0x68, ...[0, 1, 2, 3].map((n) => exit[at + n] ?? 0x90)]);
  const machine = createMachine({
    mem: 16 << 20,
    files: { "/gone": program([...call(UNLINK), ...pushes, 0xff, 0xe4], "/gone") },
  });
  const profile = new TlbProfile(machine);
  machine.load("/gone");
  const result = machine.run();
  assert.is(result.reason === "exit" ? result.exitStatus : -1, 7);
  assert.is(machine.readFile("/gone"), null);
  const { functions, lines, misses } = profile.report();
  assert.ok(functions.some(({ file, name }) => file.startsWith("/gone") && name === ""));
  assert.ok(functions.some(({ file, misses: own }) => file === "[stack]" && own.fetch === 1));
  assert.is(
    lines.reduce((sum, line) => sum + line.misses.all, 0),
    misses,
  );
});

test("a thousand processes", () => {
  // fork a thousand times: MOV ESI, 1000; L: MOV EAX, 2; INT 80h; TEST EAX, EAX; JZ exit; waitpid; DEC ESI; JNZ L; exit.
  const fork = [0xb8, ...dword(2), 0xcd, 0x80, 0x85, 0xc0];
  const wait = [0x89, 0xc3, 0xb8, ...dword(7), 0x31, 0xc9, 0x31, 0xd2, 0xcd, 0x80, 0x4e];
  const loop = [...fork, 0x74, wait.length + 2, ...wait];
  const code = [0xbe, ...dword(1000), ...loop, 0x75, 256 - loop.length - 2, 0xb8, ...dword(1), 0x31, 0xdb, 0xcd, 0x80];
  const machine = createMachine({ mem: 16 << 20, files: { "/many": program(code, "") } });
  const profile = new TlbProfile(machine);
  machine.load("/many");
  const { report } = finished(machine, profile);
  const children = report.processes.filter(({ name, misses }) => name === "many" && misses.all > 0);
  assert.is(children.length, 1001);
  assert.match(tlbReportText(report, 5), /and 99[67] more/);
});

function finished(machine: LinuxMachine, profile: TlbProfile): { report: TlbReport; regions: string[] } {
  assert.is(machine.run().reason, "exit");
  const report = profile.report();
  return { report, regions: report.regions.map(({ region }) => region) };
}

test("symbols: names by file offset, nothing for what is damaged", () => {
  const elf = readFileSync("images/bin/stride");
  assert.is(new SymbolTable(elf).at(elf.length + 5), null);
  assert.is(new SymbolTable(new Uint8Array()).at(0), null);
  assert.is(new SymbolTable(elf.subarray(0, 300)).at(200), null);
  for (let at = 0; at < 52; at++) {
    for (const value of [0, 0xff]) {
      const damaged = Uint8Array.from(elf);
      damaged[at] = value;
      new SymbolTable(damaged).at(0x1000);
    }
  }
  for (let size = 0; size < elf.length; size += 97) new SymbolTable(elf.subarray(0, size)).at(0x1000);
});

test("the command reports behind the program, and writes JSON", () => {
  const directory = mkdtempSync(join(tmpdir(), "pagewalk-profile-"));
  const json = join(directory, "report.json");
  const image = imageOf("cow");
  const { status, stdout, stderr } = pagewalk(["tlb", "--tlb=tlb=16", "--top=3", "--json", json, image.elf]);
  assert.is(status, image.status);
  assert.is(stdout, image.stdout);
  const report = JSON.parse(readFileSync(json, "utf8")) as TlbReport;
  rmSync(directory, { recursive: true });
  assert.is(report.tlb, "tlb=16");
  assert.ok(stderr.includes(tlbReportText(report, 3)));
  assert.match(stderr, /and \d+ more/);
});

test.run();
