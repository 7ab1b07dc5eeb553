/** Miss curves of one run against machines that have the TLB of each size: the same misses, not similar ones. */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  createMachine,
  type LinuxMachine,
  MissCurves,
  type MissCurvesReport,
  missesOf,
  STEPPED,
} from "../observe/index.ts";
import { type Image, loadImages } from "./images.ts";

const images = loadImages("images/manifest.json").filter(({ kind }) => kind === "run");
const SETS = [1, 2, 4, 8, 16, 64];

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
  finish(machine, image, translation === "plain" ? STEPPED : Number.POSITIVE_INFINITY);
  return { report: curves.report(), counters: machine.counters };
}

/** Misses by access class of the machine with these TLBs. */
function missesWith(image: Image, tlb: string, cpu?: string): { fetch: number; data: number } {
  const machine = machineFor(image, "hot", tlb, cpu);
  finish(machine, image, Number.POSITIVE_INFINITY);
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
    for (const [sets, ways] of shapes.filter((_, i) => i % 2 === 0)) {
      const real = missesWith(image, `tlb=${sets}x${ways}`);
      assert.is(predicted(report, "unified", sets, ways), real.fetch + real.data, `${sets}x${ways}`);
    }
  });
}

test("every lookup of the plain TLB says the same as the changes of page", () => {
  for (const name of ["cow", "thread", "selfmod", "mandelbrot"]) {
    const image = imageOf(name);
    const { unified, ...split } = curvesOf(image, "plain").report;
    const traced = curvesOf(image, "traced").report;
    const together = curvesOf(image, "traced-unified").report;
    for (const [n, sets] of SETS.entries()) {
      for (const kind of ["fetch", "data"] as const) {
        assert.equal(traced[kind][n].misses, split[kind][n].misses, `${name}: ${kind}, ${sets} sets`);
        assert.equal(together[kind][n].misses, split[kind][n].misses, `${name}: ${kind}, ${sets} sets`);
      }
      assert.equal(together.unified?.[n].misses, unified?.[n].misses, `${name}: unified, ${sets} sets`);
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
  assert.throws(() => new MissCurves(createMachine({ mem: 16 << 20 })), /need translation: "traced"/);
});

test.run();
