/** Every Linux program of images/ does here what its manifest says, however translation is done and time is cut. */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createMachine, type LinuxMachine, type LinuxMachineOptions, profileNames } from "../observe/index.ts";
import { type Image, loadImages } from "./images.ts";

const images = loadImages("images/manifest.json").filter(({ kind }) => kind === "run");
const mem = 32 << 20;

function load(image: Image, options: LinuxMachineOptions): LinuxMachine {
  const { name, args, env, stdin } = image;
  const machine = createMachine({ mem, stdin, quiet: true, ...options });
  return machine.load(readFileSync(image.elf), { name, argv: [name, ...args], env });
}

function finish(machine: LinuxMachine, piece = Number.POSITIVE_INFINITY) {
  let result = machine.run(piece);
  while (result.reason === "budget") result = machine.run(piece);
  assert.is(result.reason, "exit");
  const stdout = Buffer.from(machine.stdoutBytes).toString("latin1");
  const status = result.reason === "exit" ? result.exitStatus : -1;
  return { stdout, status, counters: machine.counters };
}

for (const image of images) {
  for (const run of [image, ...image.also.map((other) => ({ ...image, ...other }))]) {
    test(`${[image.elf, ...run.args].join(" ")}: output and status of the manifest, plain TLB and hot slots count alike`, () => {
      const hot = finish(load(run, { translation: "hot" }));
      assert.is(hot.stdout, run.stdout);
      assert.is(hot.status, run.status);
      const plain = finish(load(run, { translation: "plain" }));
      assert.equal(plain, hot);
    });
  }
}

for (const name of ["demo", "thread", "pipes", "repair", "cow"]) {
  const image = images.find((candidate) => candidate.name === name);
  if (image === undefined) throw new Error(`no image ${name}`);
  test(`${image.elf}: pieces of 997 instructions are the whole run`, () => {
    assert.equal(finish(load(image, {}), 997), finish(load(image, {})));
  });
}

test("images/bin/turns: timers and preemption in pieces of 50,021 instructions are those of the whole run", () => {
  const turns = images.find(({ name }) => name === "turns");
  if (turns === undefined) throw new Error("no turns");
  assert.equal(finish(load(turns, { tlb: "tlb=8" }), 50_021), finish(load(turns, { tlb: "tlb=8" })));
});

for (const cpu of profileNames) {
  test(`the demo on ${cpu}: plain TLB and hot slots count alike`, () => {
    const demo = images.find(({ name }) => name === "demo");
    if (demo === undefined) throw new Error("no demo");
    const hot = finish(load(demo, { cpu, translation: "hot" }));
    assert.is(hot.stdout, demo.stdout);
    assert.equal(finish(load(demo, { cpu, translation: "plain" })), hot);
  });
}

test.run();
