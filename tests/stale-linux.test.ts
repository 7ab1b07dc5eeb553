/** The stale-translation check on our own Linux kernel: it flushes what it must, and is found out if a flush is dropped. */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  createMachine,
  type LinuxMachine,
  type LinuxMachineOptions,
  linuxWitness,
  StaleCheck,
  type StaleReport,
} from "../observe/index.ts";
import { type Image, loadImages } from "./images.ts";

const images = loadImages("images/manifest.json");
const mem = 32 << 20;

function image(name: string): Image {
  const found = images.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no image ${name}`);
  return found;
}

function load({ name, args, env, stdin, elf }: Image, options: LinuxMachineOptions = {}) {
  const machine = createMachine({ mem, stdin, quiet: true, ...options });
  const check = new StaleCheck(machine.hardware, linuxWitness(machine));
  machine.load(readFileSync(elf), { name, argv: [name, ...args], env });
  return { machine, check };
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

test.run();
