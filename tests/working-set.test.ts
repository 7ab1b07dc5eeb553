/** Working sets against a list of every lookup: distinct pages of each window, counted by brute force. */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { workingSetText } from "../observe/curves-text.ts";
import { createMachine, type LinuxMachine, STEPPED } from "../observe/index.ts";
import { WorkingSet, type WorkingSetReport } from "../observe/working-set.ts";
import { type Image, loadImages } from "./images.ts";

const images = loadImages("images/manifest.json");
const FETCH = 2;
const KERNEL_START = 0xc0000000;

function machineFor({ stdin }: Image, translation: "hot" | "plain" | "traced" | "traced-unified"): LinuxMachine {
  return createMachine({ mem: 16 << 20, stdin, quiet: true, clock: "instructions", translation });
}

function imageOf(name: string): Image {
  const image = images.find((candidate) => candidate.name === name);
  if (image === undefined) throw new Error(`no image ${name}`);
  return image;
}

function load(machine: LinuxMachine, { name, elf, args, env }: Image): void {
  machine.load(readFileSync(elf), { name, argv: [name, ...args], env });
}

function workingSetOf(
  image: Image,
  translation: "traced" | "traced-unified",
): WorkingSetReport & { counters: unknown } {
  const machine = machineFor(image, translation);
  const workingSet = new WorkingSet(machine);
  load(machine, image);
  while (machine.run(workingSet.untilNext()).reason === "budget");
  return { ...workingSet.report(), counters: machine.counters };
}

interface Use {
  /** Instructions executed before the one that looked it up. */
  readonly at: number;
  /** Address space * 2^20 + page. */
  readonly page: number;
  readonly kind: "fetch" | "data";
}

/** Every lookup that did not fault, of a machine that executes one instruction after the other. */
function usesOf(image: Image): { uses: readonly Use[]; instructions: number } {
  const machine = machineFor(image, "plain");
  const { cpu, mmu } = machine.hardware;
  const spaces = new Map<object, number>();
  const uses: Use[] = [];
  mmu.onEvent = (event) => {
    if (event.kind === "fault") uses.pop();
    if (event.kind !== "hit" && event.kind !== "miss") return;
    const active = machine.loaded && event.linear < KERNEL_START ? machine.kernel.mm.active : null;
    if (active !== null && !spaces.has(active)) spaces.set(active, spaces.size + 1);
    const space = active === null ? 0 : (spaces.get(active) ?? 0);
    const page = space * 2 ** 20 + (event.linear >>> 12);
    uses.push({ at: cpu.instructionsBefore, page, kind: event.access === FETCH ? "fetch" : "data" });
  };
  load(machine, image);
  while (machine.run(STEPPED).reason === "budget");
  return { uses, instructions: machine.instructions };
}

/** Pages used in [from, to). Uses come in order. */
function distinct(uses: readonly Use[], from: number, to: number, kind: string): number {
  let first = 0;
  for (let end = uses.length; first < end; ) {
    const middle = (first + end) >> 1;
    if (uses[middle].at >= from) end = middle;
    else first = middle + 1;
  }
  const pages = new Set<number>();
  for (let n = first; n < uses.length && uses[n].at < to; n++) {
    if (kind === "all" || uses[n].kind === kind) pages.add(uses[n].page);
  }
  return pages.size;
}

for (const name of ["cow", "thread", "demo"]) {
  test(`${name}: every window has the pages that were used in it`, () => {
    const image = imageOf(name);
    const { windows, samples, total } = workingSetOf(image, "traced");
    const { uses, instructions } = usesOf(image);
    for (const kind of ["fetch", "data", "all"] as const) {
      assert.is(total[kind], distinct(uses, 0, Number.POSITIVE_INFINITY, kind), kind);
      const every = Math.ceil(samples.length / 6);
      for (const [n, sample] of samples.entries()) {
        if (n % every !== 0 && n !== samples.length - 1) continue;
        const t = (n + 1) * windows[0];
        for (const [column, length] of windows.entries()) {
          assert.is(sample[kind][column], distinct(uses, t - length, t, kind), `${kind}: W(${t}, ${length})`);
        }
      }
    }
    assert.is(samples.length, Math.floor(instructions / (windows[0] ?? 1024)));
  });
}

test("both ways to look say the same, and count the same", () => {
  for (const name of ["thread", "demo"]) {
    const image = imageOf(name);
    const traced = workingSetOf(image, "traced");
    assert.equal(workingSetOf(image, "traced-unified"), traced, name);
    const unheard = machineFor(image, "hot");
    load(unheard, image);
    unheard.run();
    assert.equal(traced.counters, unheard.counters, name);
  }
});

test("a long run has longer windows, not more samples", () => {
  const { windows, samples } = workingSetOf(imageOf("demo"), "traced");
  assert.ok(samples.length >= 128 && samples.length < 256, `${samples.length} samples`);
  assert.ok(windows.every((length, n) => n === 0 || length === windows[n - 1] * 2));
  for (const { all } of samples) assert.ok(all.every((pages, n) => n === 0 || pages >= all[n - 1]));
});

test("a run shorter than a window has its total", () => {
  const report = workingSetOf(imageOf("hello"), "traced");
  assert.equal([report.windows, report.samples], [[], []]);
  assert.ok(report.total.fetch >= 1 && report.total.all >= report.total.fetch);
  assert.match(workingSetText(report), /whole run/);
});

test.run();
