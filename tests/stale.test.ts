/** The stale-translation check on whole machines: kernels of images/, and our own Linux kernel with a flush dropped. */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createMachine as createHardware, loadKernel, type MachineOptions } from "../emu/index.ts";
import {
  bareWitness,
  createMachine,
  type LinuxMachine,
  type LinuxMachineOptions,
  linuxWitness,
  machineSummary,
  StaleCheck,
  type StaleReport,
  staleReportText,
  staleSummaryText,
} from "../observe/index.ts";
import { type Image, loadImages } from "./images.ts";
import { pagewalk } from "./package.ts";

const images = loadImages("images/manifest.json");
const mem = 32 << 20;
const MAX_INSTRUCTIONS = 50_000_000;

function image(name: string): Image {
  const found = images.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no image ${name}`);
  return found;
}

function boot({ elf }: Image, options: MachineOptions = {}) {
  const file = readFileSync(elf);
  const machine = createHardware({ mem, ...options });
  const check = new StaleCheck(machine, bareWitness(file));
  assert.is(loadKernel(machine, file, "kernel"), "");
  machine.cpu.run(Number.POSITIVE_INFINITY, MAX_INSTRUCTIONS);
  return { check, status: machine.ports.exitStatus, summary: machineSummary(machine) };
}

function load({ name, args, env, stdin, elf }: Image, options: LinuxMachineOptions = {}) {
  const machine = createMachine({ mem, stdin, quiet: true, ...options });
  const check = new StaleCheck(machine.hardware, linuxWitness(machine));
  machine.load(readFileSync(elf), { name, argv: [name, ...args], env });
  return { machine, check };
}

const PLANTED = `stale translation: supervisor read of 0x40001000
  at       eip 0x001004a8 <sum+0x8> images/boot/move.c:36 "mov ecx,DWORD PTR [eax]", instruction 68881
  cached   frame 00201 P RW D, since instruction 12356
  memory   PDE 00105023, PTE 00204003 frame 00204 P RW
  lost     the page is in another frame
  changed  by eip 0x0010051d <move_page+0x61> images/boot/move.c:28 "mov DWORD PTR [edx*4+0x105000],eax", instruction 54816, 14065 before the use
  effect   the TLB held the old entry, and the access went by it`;

test("a forgotten INVLPG is found, although the kernel prints what its correct twin prints", () => {
  const { check, status } = boot(image("boot-move-stale"));
  assert.is(status, 33);
  assert.is(image("boot-move-stale").stdout, image("boot-move").stdout);
  assert.is(check.sites.length, 1);
  const [{ report, uses }] = check.sites;
  assert.is(staleReportText(report), PLANTED);
  assert.is(uses, 2048, "each word of two pages");
  assert.is(staleSummaryText(check.sites), "stale translations: 2048 uses at 1 site");
});

test("it is found where the TLB has evicted the entry in time, and on every processor with INVLPG", () => {
  const evicted = boot(image("boot-move-stale"), { tlb: "tlb=1" });
  assert.equal(
    evicted.check.sites.map(({ report }) => report.effect),
    ["evicted"],
  );
  for (const cpu of ["i486", "pentium", "p4", "core2", "zen"]) {
    for (const translation of ["hot", "plain"] as const) {
      const { check } = boot(image("boot-move-stale"), { cpu, translation });
      assert.is(check.sites.length, 1, cpu);
      assert.is(check.sites[0].report.change?.symbol, "move_page+0x61");
    }
  }
});

for (const kernel of images.filter(({ kind, name }) => kind === "boot" && name !== "boot-move-stale")) {
  test(`${kernel.name} is clean, and its counters are those of a run without a check`, () => {
    const { check, status, summary } = boot(kernel);
    assert.equal(check.sites, []);
    assert.is(status, kernel.status);
    const plain = createHardware({ mem });
    loadKernel(plain, readFileSync(kernel.elf), "kernel");
    plain.cpu.run(Number.POSITIVE_INFINITY, MAX_INSTRUCTIONS);
    assert.equal(summary, machineSummary(plain));
  });
}

for (const program of images.filter(({ kind }) => kind === "run")) {
  test(`${program.name} under our kernel is clean, and its counters are those of a run without a check`, () => {
    const { machine, check } = load(program);
    machine.run();
    assert.equal(check.sites, []);
    const without = createMachine({ mem, stdin: program.stdin, quiet: true });
    without.load(readFileSync(program.elf), {
      name: program.name,
      argv: [program.name, ...program.args],
      env: program.env,
    });
    without.run();
    assert.equal(machine.counters, without.counters);
  });
}

for (const cpu of ["i386", "pentium", "zen"]) {
  test(`fork, threads, mprotect, pipes and exec are clean on ${cpu}`, () => {
    for (const name of ["cow", "thread", "mmap", "repair", "pipes"]) {
      const { machine, check } = load(image(name), { cpu });
      assert.is(machine.run().reason, "exit");
      assert.equal(check.sites, [], name);
    }
  });
}

/** Lets the machine's kernel believe that it flushed: its n-th INVLPG, or MOV to CR3 of what CR3 holds, does nothing. */
function dropFlush({ hardware: { mmu } }: LinuxMachine, kind: "INVLPG" | "MOV to CR3", n: number): () => number {
  let seen = 0;
  const { invlpg, setCr3 } = mmu;
  mmu.invlpg = (la) => {
    if (kind === "MOV to CR3" || ++seen !== n) invlpg.call(mmu, la);
  };
  mmu.setCr3 = (value) => {
    if (kind === "INVLPG" || value !== mmu.cr3 || ++seen !== n) setCr3.call(mmu, value);
  };
  return () => seen;
}

interface Dropped {
  readonly report: StaleReport | null;
  /** Did the program do what it does under a kernel that flushes? */
  readonly harm: "none" | "done";
}

/** What is found with the first, second ... flush dropped. */
function withoutEach(name: string, kind: "INVLPG" | "MOV to CR3"): Dropped[] {
  const dropped: Dropped[] = [];
  const { stdout, status } = image(name);
  for (let n = 1; ; n++) {
    const { machine, check } = load(image(name));
    const seen = dropFlush(machine, kind, n);
    const result = machine.run(2_000_000);
    if (seen() < n) return dropped;
    const same = result.reason === "exit" && result.exitStatus === status && machine.stdout === stdout;
    dropped.push({ report: check.sites[0]?.report ?? null, harm: same ? "none" : "done" });
  }
}

test("the kernel with a flush of fork dropped: the parent's write is found", () => {
  const { machine, check } = load(image("cow"));
  dropFlush(machine, "MOV to CR3", 1);
  machine.run();
  const [{ report }] = check.sites;
  assert.is(report.kind, "translation");
  assert.is(report.access, "write");
  assert.equal(report.lost, ["RW"]);
  assert.match(report.change?.kernel ?? "", /^(fork|clone) of pid 2 \(cow\)$/);
});

test("the kernel with each flush dropped in turn: whatever changes what a program does is found", () => {
  let harmful = 0;
  for (const name of ["cow", "mmap", "shared", "repair"]) {
    for (const kind of ["INVLPG", "MOV to CR3"] as const) {
      for (const { report, harm } of withoutEach(name, kind)) {
        if (harm === "done") harmful++;
        assert.ok(harm === "none" || report !== null, `${name}, ${kind}`);
        if (report !== null) assert.match(report.change?.kernel ?? "", /^(\w+|#PF) of pid \d+ \(\w+\)$/);
      }
    }
  }
  assert.ok(harmful >= 5, `${harmful} dropped flushes did harm`);
});

test("--check-stale: reports on standard error, exit status 123, else the guest's", () => {
  const { stdout } = image("boot-move");
  const found = pagewalk(["boot", "--check-stale", "images/bin/boot-move-stale"]);
  const summary = "stale translations: 2048 uses at 1 site";
  assert.equal(found, { status: 123, stdout, stderr: `pagewalk: ${PLANTED}\npagewalk: ${summary}\n` });
  const twin = pagewalk(["boot", "--check-stale", "images/bin/boot-move"]);
  assert.equal(twin, { status: 33, stdout, stderr: "" });
  const program = pagewalk(["run", "--check-stale", "images/bin/null"]);
  assert.is(program.status, 139);
  assert.not.match(program.stderr, "stale");
});

test.run();
