/** Miss curves of one run against machines that have the TLB of each size: the same misses, not similar ones. */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CR4_PGE, FETCH, PTE_G, PTE_P } from "../mmu/index.ts";
import {
  createMachine,
  type LinuxMachine,
  MissCurves,
  type MissCurvesReport,
  missesOf,
  STEPPED,
} from "../observe/index.ts";
import { LruCurves } from "../observe/lru-curves.ts";
import { buildElf } from "./elf-builder.ts";
import { type Image, loadImages } from "./images.ts";

const images = loadImages("images/manifest.json").filter(({ kind }) => kind === "run");
const SETS = [1, 2, 4, 8, 16, 64];
/** First page of the kernel's half, whose pages our kernel maps global. */
const KERNEL_PAGE = 0xc0000;

type Translation = "hot" | "plain" | "traced" | "traced-unified";

function machineFor({ stdin }: Image, translation: Translation, tlb = "p6", cpu = "p6"): LinuxMachine {
  return createMachine({ mem: 16 << 20, stdin, quiet: true, clock: "instructions", translation, tlb, cpu });
}

function finish(machine: LinuxMachine, { name, elf, args, env, stdout }: Image, piece: number): void {
  machine.load(readFileSync(elf), { name, argv: [name, ...args], env });
  let { reason } = machine.run(piece);
  while (reason === "budget") ({ reason } = machine.run(piece));
  assert.is(reason, "exit", name);
  assert.is(Buffer.from(machine.stdoutBytes).toString("latin1"), stdout);
}

function imageOf(name: string): Image {
  const image = images.find((candidate) => candidate.name === name);
  if (image === undefined) throw new Error(`no image ${name}`);
  return image;
}

function curvesOf(
  image: Image,
  translation: Translation,
  sets = SETS,
): { report: MissCurvesReport; counters: unknown } {
  const machine = machineFor(image, translation);
  const curves = new MissCurves(machine, { sets });
  finish(machine, image, Number.POSITIVE_INFINITY);
  return { report: curves.report(), counters: machine.counters };
}

/** Misses by access class of the machine with these TLBs. */
function missesWith(image: Image, tlb: string, cpu?: string): { fetch: number; data: number } {
  const machine = machineFor(image, "hot", tlb, cpu);
  finish(machine, image, Number.POSITIVE_INFINITY);
  return missesOfMachine(machine);
}

function missesOfMachine(machine: LinuxMachine): { fetch: number; data: number } {
  const { mmu } = machine.counters;
  const of = (access: string): number => mmu[`miss.${access}.user`] + mmu[`miss.${access}.kernel`];
  return { fetch: of("fetch"), data: of("read") + of("write") };
}

/** What the curves say of a shape. */
function predicted(report: MissCurvesReport, kind: "fetch" | "data" | "unified", sets: number, ways: number): number {
  const curves = report[kind]?.find((one) => one.sets === sets);
  if (curves === undefined) throw new Error(`no curves of ${kind} with ${sets} sets`);
  return missesOf(curves.misses, ways);
}

const shapes: readonly (readonly [number, number])[] = [
  ...[1, 2, 3, 5, 8, 13, 32, 100].map((ways) => [1, ways] as const),
  ...[1, 2, 3, 8].map((ways) => [4, ways] as const),
  ...[1, 2, 4].map((ways) => [16, ways] as const),
  [64, 1],
  [64, 3],
];

for (const [n, name] of ["demo", "cow", "thread", "pipes", "args", "repair", "shared", "selfmod"].entries()) {
  test(`${name}: one run gives what TLBs of all shapes miss`, () => {
    const image = imageOf(name);
    const { report } = curvesOf(image, "traced");
    for (const [sets, ways] of shapes.filter((_, i) => i % 4 === n % 4)) {
      const shape = `${sets}x${ways}`;
      assert.equal(
        { fetch: predicted(report, "fetch", sets, ways), data: predicted(report, "data", sets, ways) },
        missesWith(image, `itlb=${shape},dtlb=${shape}`),
        shape,
      );
    }
  });
}

for (const name of ["cow", "thread", "pipes", "repair"]) {
  test(`${name}: unified TLBs, too`, () => {
    const image = imageOf(name);
    const { report } = curvesOf(image, "traced-unified");
    for (const [sets, ways] of shapes.filter((_, i) => i % 3 === 0)) {
      const real = missesWith(image, `tlb=${sets}x${ways}`);
      assert.is(predicted(report, "unified", sets, ways), real.fetch + real.data, `${sets}x${ways}`);
    }
  });
}

test("i386 and i486, without global pages", () => {
  for (const cpu of ["i386", "i486"]) {
    const image = imageOf("cow");
    const machine = machineFor(image, "traced-unified", cpu, cpu);
    const curves = new MissCurves(machine, { sets: SETS });
    finish(machine, image, Number.POSITIVE_INFINITY);
    for (const [sets, ways] of shapes.filter((_, i) => i % 4 === 0)) {
      const real = missesWith(image, `tlb=${sets}x${ways}`, cpu);
      assert.is(predicted(curves.report(), "unified", sets, ways), real.fetch + real.data, `${cpu}: ${sets}x${ways}`);
    }
  }
});

/** fork(); execve("/cow", {"/cow"}, NULL): both processes become the program `cow`. */
const forkAndExec = [
  [0xb8, 2, 0, 0, 0, 0xcd, 0x80],
  [0xb8, 11, 0, 0, 0, 0xbb, 0x00, 0x82, 0x04, 0x08, 0xb9, 0x10, 0x82, 0x04, 0x08, 0x31, 0xd2, 0xcd, 0x80, 0x0f, 0x0b],
].flat();

test("a program that forks and executes another", () => {
  const header = { vaddr: 0x08048000, filesz: 0x1000, offset: 0 };
  const argv = [0x00, 0x82, 0x04, 0x08, 0, 0, 0, 0];
  const pieces = [
    [0x100, forkAndExec],
    [0x200, "/cow\0"],
    [0x210, argv],
  ] as const;
  const elf = buildElf({ headers: [header], size: 0x1000, pieces });
  const files = { "/cow": readFileSync(imageOf("cow").elf) };
  const start = (translation: Translation, tlb: string): LinuxMachine =>
    createMachine({ mem: 16 << 20, quiet: true, clock: "instructions", files, translation, tlb });
  const one = start("traced", "p6");
  const curves = new MissCurves(one, { sets: SETS });
  assert.is(one.load(elf, { name: "twice" }).run().reason, "exit");
  assert.equal(one.counters.processes.execs, 3);
  const report = curves.report();
  for (const [sets, ways] of shapes.filter((_, i) => i % 3 === 1)) {
    const shape = `${sets}x${ways}`;
    const real = start("hot", `itlb=${shape},dtlb=${shape}`);
    real.load(elf, { name: "twice" }).run();
    const expected = { fetch: predicted(report, "fetch", sets, ways), data: predicted(report, "data", sets, ways) };
    assert.equal(expected, missesOfMachine(real), shape);
  }
});

/** mmap2() of a 4 MiB page; 5 times over its first 40 pieces; munmap(); exit(0). */
const hugePage = [
  [0xb8, 192, 0, 0, 0, 0x31, 0xdb, 0xb9, 0, 0, 0x40, 0, 0xba, 3, 0, 0, 0, 0xbe, 0x22, 0, 4, 0],
  [0xbf, 0xff, 0xff, 0xff, 0xff, 0x31, 0xed, 0xcd, 0x80, 0x89, 0xc3, 0xba, 5, 0, 0, 0],
  [0xb9, 40, 0, 0, 0, 0x89, 0xdf, 0x01, 0x0f, 0x81, 0xc7, 0, 0x10, 0, 0, 0x49, 0x75, 0xf5, 0x4a, 0x75, 0xeb],
  [0xb8, 91, 0, 0, 0, 0xb9, 0, 0, 0x40, 0, 0xcd, 0x80, 0x31, 0xdb, 0xb8, 1, 0, 0, 0, 0xcd, 0x80],
].flat();

test("4 MiB pages count as the pieces that a TLB without entries for them makes of them", () => {
  const header = { vaddr: 0x08048000, filesz: 0x1000, offset: 0 };
  const elf = buildElf({ headers: [header], size: 0x1000, pieces: [[0x100, hugePage]] });
  const start = (translation: Translation, tlb: string): LinuxMachine =>
    createMachine({ mem: 32 << 20, quiet: true, clock: "instructions", hugePages: 1, translation, tlb });
  const one = start("traced", "p6");
  const curves = new MissCurves(one, { sets: SETS });
  const ending = one.load(elf, { name: "huge" }).run();
  assert.is(ending.reason === "exit" && ending.exitStatus, 0);
  for (const [sets, ways] of [...shapes.filter((_, i) => i % 4 === 2), [1, 39], [1, 41], [1, 45]] as const) {
    const shape = `${sets}x${ways}`;
    const real = start("hot", `itlb=${shape},dtlb=${shape}`);
    real.load(elf, { name: "huge" }).run();
    const expected = {
      fetch: predicted(curves.report(), "fetch", sets, ways),
      data: predicted(curves.report(), "data", sets, ways),
    };
    assert.equal(expected, missesOfMachine(real), shape);
  }
  const whole = start("hot", "itlb=8,dtlb=8+4m");
  whole.load(elf, { name: "huge" }).run();
  assert.ok(missesOfMachine(whole).data < 20 && predicted(curves.report(), "data", 1, 8) > 190);
});

/** The same curves from every lookup, as the events of a machine that executes one instruction after the other tell them. */
function curvesOfEvents(image: Image): Record<"fetch" | "data" | "unified", LruCurves> {
  const machine = machineFor(image, "plain");
  const { mmu } = machine.hardware;
  const [fetch, data, unified] = [0, 1, 2].map(() => new LruCurves(SETS, () => 0));
  let pending: { page: number; own: LruCurves } | null = null;
  const settle = (): void => {
    if (pending === null) return;
    const { page, own } = pending;
    for (const curves of [own, unified]) curves.lookup(page, page >= KERNEL_PAGE ? PTE_P | PTE_G : PTE_P);
    pending = null;
  };
  mmu.onEvent = (event) => {
    const page = "linear" in event ? event.linear >>> 12 : 0;
    if (event.kind === "hit" || event.kind === "miss") {
      settle();
      pending = { page, own: event.access === FETCH ? fetch : data };
    } else if (event.kind === "fault") {
      pending = null;
      for (const curves of [event.access === FETCH ? fetch : data, unified]) curves.lookup(page, 0);
      (event.access === FETCH ? data : fetch).drop(page);
    } else if (event.kind === "flush") {
      settle();
      for (const curves of [fetch, data, unified]) {
        if (event.cause === "invlpg") curves.drop(page);
        else curves.flush(event.cause === "cr3" && (mmu.cr4 & CR4_PGE) !== 0 ? "global" : "nothing");
      }
    }
  };
  finish(machine, image, STEPPED);
  return { fetch, data, unified };
}

test("every lookup of the plain TLB says the same as the changes of page", () => {
  for (const name of ["cow", "thread", "selfmod", "mandelbrot"]) {
    const image = imageOf(name);
    const every = curvesOfEvents(image);
    for (const translation of ["traced", "traced-unified"] as const) {
      const { report } = curvesOf(image, translation);
      for (const [n, sets] of SETS.entries()) {
        for (const kind of ["fetch", "data", "unified"] as const) {
          if (report[kind] === undefined) continue;
          assert.equal(
            report[kind][n].misses,
            every[kind].curve(sets),
            `${name}: ${kind}, ${sets} sets, ${translation}`,
          );
        }
      }
    }
  }
});

test("nobody notices who listens: every counter is the same", () => {
  for (const name of ["demo", "thread"]) {
    const image = imageOf(name);
    const unheard = machineFor(image, "hot");
    finish(unheard, image, Number.POSITIVE_INFINITY);
    for (const translation of ["traced", "traced-unified"] as const) {
      assert.equal(curvesOf(image, translation).counters, unheard.counters, `${name}, ${translation}`);
    }
  }
});

test("regions have their names, and add up", () => {
  const { report } = curvesOf(imageOf("stride"), "traced");
  for (const { sets, misses, regions } of report.data) {
    for (const size of [1, 2, 7, 64, 1000]) {
      const sum = regions.reduce((all, region) => all + missesOf(region.misses, size), 0);
      assert.is(sum, missesOf(misses, size), `${sets} sets, ${size} ways`);
    }
  }
  assert.ok(report.data[0].regions.some(({ region }) => region === "[stack]"));
  assert.is(report.fetch[0].regions.find(({ region }) => region === "/stride")?.pid, 2);
});

test("hot slots do not say enough", () => {
  assert.throws(() => new MissCurves(createMachine({ mem: 16 << 20 })), /need translation: "traced" or/);
  for (const sets of [[], [0], [1.5], [65537]]) {
    const machine = createMachine({ mem: 16 << 20, translation: "traced" });
    assert.throws(() => new MissCurves(machine, { sets }), /numbers of sets from 1 to 65536/);
  }
});

test.run();
