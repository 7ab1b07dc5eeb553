/** Sweeps: each row is what a run with that TLB counts; shards put together are the whole, byte for byte; mistakes are named. */

import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { execute } from "../cli/execute.ts";
import { UsageError } from "../cli/failure.ts";
import { mergeSweeps, parseShard, type SweepReport, sweepError, sweepText } from "../observe/index.ts";
import { buildElf } from "./elf-builder.ts";
import { pagewalk } from "./package.ts";

const directory = mkdtempSync(join(tmpdir(), "pagewalk-sweep-"));
const at = (name: string): string => join(directory, name);
const SPECS = ["--sweep", "tlb={8,64}", "--sweep", "p6,dtlb={16,32}x{1,4}"];
const COW = "images/bin/cow";

function swept(json: string, words: readonly string[], input = ""): { report: SweepReport; stdout: string } {
  const { status, stdout, stderr } = pagewalk(["tlb", ...words], { input });
  assert.is(stderr, "");
  assert.is(status, 0);
  return { report: JSON.parse(readFileSync(json, "utf8")) as SweepReport, stdout };
}

/** In this process: what the command then does with the error is the same for all. */
function refused(words: readonly string[], message: RegExp): void {
  try {
    execute(words);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    assert.match(error.message, message);
    assert.not.match(error.message, /\n/);
    return;
  }
  assert.unreachable(`${words.join(" ")} is accepted`);
}

test.after(() => rmSync(directory, { recursive: true }));

test("each machine counts what a run with its TLB counts", () => {
  const { report, stdout } = swept(at("whole.json"), [...SPECS, "--json", at("whole.json"), COW]);
  const specs = ["tlb=8", "tlb=64", "p6,dtlb=16x1", "p6,dtlb=16x4", "p6,dtlb=32x1", "p6,dtlb=32x4"];
  assert.equal(report.specs, specs);
  assert.equal(
    report.runs.map(({ spec }) => spec),
    specs,
  );
  assert.is(stdout, sweepText(report));
  for (const { spec, misses, walks } of [report.runs[0], report.runs[4]]) {
    const json = at("one.json");
    const { status } = pagewalk(["run", "--clock", "instructions", "--tlb", spec, "--json", json, COW]);
    const { mmu, instructions } = JSON.parse(readFileSync(json, "utf8"));
    const of = (family: string, access: string): number =>
      mmu[`${family}.${access}.user`] + mmu[`${family}.${access}.kernel`];
    assert.is(report.outcome?.exitStatus, status);
    assert.is(report.outcome?.instructions, instructions);
    assert.equal(
      report.outcome?.accesses,
      { fetch: of("access", "fetch"), read: of("access", "read"), write: of("access", "write") },
      spec,
    );
    const [fetch, read, write] = [of("miss", "fetch"), of("miss", "read"), of("miss", "write")];
    assert.equal(misses, { fetch, read, write, all: fetch + read + write }, spec);
    assert.equal([walks.begun, walks.reads, walks.writes], [mmu.walk, mmu["walk.read"], mmu["walk.write"]], spec);
  }
});

test("clocks of walks are those of the processor, and of its lower levels", () => {
  for (const cpu of ["p6", "skylake"]) {
    const words = ["--cpu", cpu, "--json", at("clocks.json"), "images/bin/hello"];
    const { report } = swept(at("clocks.json"), ["--sweep", cpu, ...words]);
    pagewalk(["run", ...words]);
    const { mmu } = JSON.parse(readFileSync(at("clocks.json"), "utf8"));
    assert.is(report.runs[0].walks.clocks, mmu["walk.clocks"] + mmu["refill.clocks"], cpu);
    assert.ok(report.runs[0].walks.clocks > 0);
  }
});

test("shards put together are the whole, byte for byte", () => {
  const whole = swept(at("whole.json"), [...SPECS, "--json", at("whole.json"), COW]);
  for (const count of [2, 7]) {
    const files = Array.from({ length: count }, (_, n) => at(`${n + 1}-of-${count}.json`));
    for (const [n, file] of files.entries()) {
      const { report, stdout } = swept(file, [...SPECS, "--shard", `${n + 1}/${count}`, "--json", file, COW]);
      assert.is(sweepError(report), "");
      assert.equal(
        report.runs.map(({ spec }) => spec),
        whole.report.specs.filter((_, spec) => spec % count === n),
      );
      if (report.runs.length === 0) assert.match(stdout, /no specs/);
    }
    const { status, stdout, stderr } = pagewalk(["merge", "--json", at("merged.json"), ...files.reverse()]);
    assert.is(stderr, "");
    assert.is(status, 0);
    assert.is(stdout, whole.stdout);
    assert.is(readFileSync(at("merged.json"), "utf8"), readFileSync(at("whole.json"), "utf8"));
  }
});

/** read(0, ESP - 64, 64); exit(EAX). */
const reader = [
  [0xb8, 3, 0, 0, 0, 0x31, 0xdb, 0x8d, 0x4c, 0x24, 0xc0, 0xba, 64, 0, 0, 0, 0xcd, 0x80],
  [0x89, 0xc3, 0xb8, 1, 0, 0, 0, 0xcd, 0x80],
].flat();

test("every machine reads the same input; the exit status is the program's", () => {
  const elf = at("reader");
  const header = { vaddr: 0x08048000, filesz: 0x1000, offset: 0 };
  writeFileSync(elf, buildElf({ headers: [header], size: 0x1000, pieces: [[0x100, reader]] }));
  const words = ["tlb", "--sweep", "tlb={4,8,16}", "--json", at("input.json"), elf];
  const { status, stderr } = pagewalk(words, { input: "seventeen bytes.\n" });
  assert.equal([status, stderr], [17, ""]);
  const { outcome } = JSON.parse(readFileSync(at("input.json"), "utf8")) as SweepReport;
  assert.is(outcome?.exitStatus, 17);
  assert.is(outcome?.input, createHash("sha256").update("seventeen bytes.\n").digest("hex"));
});

test("a file of specs: comments, empty lines, braces", () => {
  writeFileSync(at("specs"), "# unified\ntlb={4,8} # small ones\n\np6\n");
  const { report } = swept(at("file.json"), [
    "--sweep",
    `@${at("specs")}`,
    "--json",
    at("file.json"),
    "images/bin/hello",
  ]);
  assert.equal(report.specs, ["tlb=4", "tlb=8", "p6"]);
  writeFileSync(at("bad"), "tlb=4\n\ntlb=4x0\n");
  refused(["tlb", "--sweep", `@${at("bad")}`, COW], /bad, line 3: tlb=4x0: .*whole numbers from 1/);
  writeFileSync(at("empty"), "# nothing\n");
  refused(["tlb", "--sweep", `@${at("empty")}`, COW], /no TLB is in it/);
  refused(["tlb", "--sweep", `@${at("absent")}`, COW], /absent: no such file/);
});

test("mistakes are named before anything runs", () => {
  const { status, stdout, stderr } = pagewalk(["tlb", "--sweep", "p6", "--shard", "0/3", COW]);
  assert.equal([status, stdout], [2, ""]);
  assert.match(stderr, /^pagewalk: --shard 0\/3: [^\n]+\n$/);
  for (const shard of ["0/3", "4/3", "1/0", "x", "1", "-1/3", "1/2/3"]) {
    refused(["tlb", "--sweep", "p6", "--shard", shard, COW], /--shard .*write I\/N with I from 1 to N/);
  }
  refused(["tlb", "--shard", "1/2", COW], /--shard needs --sweep/);
  refused(["tlb", "--sweep", "tlb={4,none}", COW], /--sweep tlb=none: /);
  refused(["tlb", "--sweep", "tlb={4,{8}}", COW], /--sweep tlb=\{4,\{8\}\}: write lists as/);
  refused(["tlb", "--sweep", "tlb={4,4}", COW], /--sweep tlb=4: this TLB is given twice/);
  const digits = "{0,1,2,3,4,5,6,7,8,9}";
  refused(["tlb", "--sweep", `tlb=1${digits.repeat(5)}`, COW], /more than 65536/);
  for (const other of ["--tlb=p6", "--curves", "--lookups", "--working-set", "--writable", "--host-time"]) {
    refused(["tlb", "--sweep", "p6", other, COW], /and --sweep exclude each other/);
  }
});

test("files that do not belong together are told apart", () => {
  const words = ["--sweep", "tlb={2,4,8}"];
  for (const n of [1, 2, 3]) swept(at(`s${n}`), [...words, "--shard", `${n}/3`, "--json", at(`s${n}`), COW]);
  const read = (name: string): SweepReport => JSON.parse(readFileSync(at(name), "utf8"));
  const write = (name: string, value: unknown): string => {
    writeFileSync(at(name), typeof value === "string" ? value : JSON.stringify(value));
    return at(name);
  };
  const one = read("s1");
  refused(["merge"], /no file given/);
  refused(["merge", at("s1"), at("s3")], /missing shard 2\/3/);
  refused(["merge", at("s2")], /missing shards 1\/3, 3\/3/);
  refused(["merge", at("s1"), at("s2"), at("s1"), at("s3")], /s1 and .*s1 are both shard 1\/3/);
  refused(["merge", at("nowhere")], /nowhere: no such file/);
  refused(["merge", write("half", readFileSync(at("s1"), "utf8").slice(0, 500))], /half: no JSON, or not all of it/);
  refused(["merge", write("empty", "")], /empty: it is empty/);
  refused(["merge", write("foreign", { schema: 1 })], /foreign: no report of a sweep/);
  refused(["merge", write("number", "7")], /number: no report of a sweep/);
  refused(["merge", write("newer", { ...one, schema: 99 })], /newer: a sweep of schema 99/);
  refused(["merge", write("cut", { ...one, runs: [] })], /cut: a damaged report/);
  refused(["merge", write("odd", { ...one, shard: "7/3" })], /odd: a damaged report/);
  const others: readonly (readonly [string, Partial<SweepReport>, RegExp])[] = [
    ["version", { pagewalk: "9.9.9" }, /another version of pagewalk/],
    ["program", { program: { ...one.program, sha256: "" } }, /another program/],
    ["options", { options: { ...one.options, cpu: "i486" } }, /another set of options/],
    [
      "outcome",
      { outcome: { ...read("s2").outcome, exitStatus: 9 } as SweepReport["outcome"] & object },
      /did not do the same/,
    ],
  ];
  for (const [name, change, message] of others) {
    refused(["merge", at("s1"), write(name, { ...read("s2"), ...change }), at("s3")], message);
  }
  const longer = { ...read("s2"), specs: [...one.specs, "p6"] };
  refused(["merge", at("s1"), write("specs", longer), at("s3")], /another list of specs/);
  swept(at("half-2"), [...words, "--shard", "2/2", "--json", at("half-2"), COW]);
  refused(["merge", at("s1"), at("half-2")], /half-2 is shard 2\/2, .*s1 shard 1\/3/);
});

test("shards are 1-based fractions", () => {
  assert.equal(parseShard("3/3"), { index: 3, count: 3 });
  for (const text of ["0/1", "2/1", "a/b", "1/", "1 / 2"]) assert.is(parseShard(text), null);
  assert.throws(() => mergeSweeps([]), /no sweep/);
});

test.run();
