/**
 * Time that counts instructions does not know the TLBs: a program under timers and preemption executes the same instructions
 * and makes the same accesses whatever they are, on the processor's clock it need not.
 */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type ClockKind, createMachine as createHardware, EXIT_TRAP } from "../emu/index.ts";
import { createMachine } from "../observe/index.ts";
import { loadImages } from "./images.ts";

const geometries = [undefined, "itlb=3,dtlb=5x3:random,stlb=64x4:plru", "zen"];

/** What happened in a run, without what the TLBs did. */
function history(name: string, args: readonly string[], clock: ClockKind, tlb: string | undefined, cpu = "p6") {
  const machine = createMachine({ mem: 16 << 20, cpu, clock, quiet: true, ...(tlb === undefined ? {} : { tlb }) });
  machine.load(readFileSync(`images/bin/${name}`), { name, argv: [name, ...args], env: {} });
  const { reason } = machine.run();
  const { mmu, ...counters } = machine.counters;
  const accesses = Object.entries(mmu).filter(([counter]) => counter.startsWith("access."));
  return { reason, stdout: machine.stdout, ...counters, cpu: "", tlb: "", accesses: Object.fromEntries(accesses), mmu };
}

const withoutTlb = ({ mmu: _, ...rest }: ReturnType<typeof history>) => rest;

test("preempted processes under timers: the same instructions and accesses with all TLBs", () => {
  const first = history("turns", ["all"], "instructions", geometries[0]);
  assert.match(first.stdout, /^3 processes, 12 ticks each, 0 failed\n[abc]{36} \d+ \d+ \d+\n$/);
  assert.ok(first.processes.contextSwitches > 6);
  for (const tlb of geometries.slice(1)) {
    const other = history("turns", ["all"], "instructions", tlb);
    assert.equal(withoutTlb(other), withoutTlb(first), tlb);
    assert.is.not(other.mmu.walk, first.mmu.walk, tlb);
  }
});

test("on the processor's clock time depends on them", () => {
  const [a, b] = ["tlb=3", "tlb=512"].map((tlb) => history("turns", ["all"], "cycles", tlb));
  assert.is(a.stdout.split("\n")[0], b.stdout.split("\n")[0]);
  assert.ok(a.instructions < b.instructions);
});

test("the rate is the same on every processor", () => {
  const [a, b] = ["p6", "zen"].map((cpu) => history("turns", [], "instructions", undefined, cpu));
  assert.equal(withoutTlb(a), withoutTlb(b));
  assert.is(a.seconds, a.cycles / 250e6);
});

test("every program of images/ executes the same instructions with all TLBs", () => {
  const linux = loadImages("images/manifest.json").filter(({ kind, name }) => kind === "run" && name !== "turns");
  for (const { name, args } of linux) {
    const [first, ...others] = [undefined, "tlb=3:random"].map((tlb) =>
      withoutTlb(history(name, args, "instructions", tlb)),
    );
    for (const other of others) assert.equal(other, first, name);
  }
});

test("an instruction takes one cycle, an iteration of a repeated one another", () => {
  const { cpu, ram } = createHardware({ mem: 1 << 20, clock: "instructions" });
  // mov $5, %ecx; mul %ecx; rep stosb; mov $0, %ecx; rep movsb; int3
  ram.writeBytes(
    0x1000,
    Uint8Array.from([0xb9, 5, 0, 0, 0, 0xf7, 0xe1, 0xf3, 0xaa, 0xb9, 0, 0, 0, 0, 0xf3, 0xa4, 0xcc]),
  );
  cpu.eip = 0x1000;
  assert.is(cpu.run(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY), EXIT_TRAP);
  assert.equal([cpu.instructions, cpu.cycles], [6, 6 + 5]);
});

test.run();
