/** The kernels of images/ on a bare machine: what they print and how they end, on every CPU that can run them. */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  cpuProfile,
  createMachine,
  EXIT_DEBUG_EXIT,
  EXIT_SHUTDOWN,
  type ExitReason,
  loadKernel,
  type MachineOptions,
  profileNames,
} from "../emu/index.ts";
import { loadImages } from "./images.ts";

const MAX_INSTRUCTIONS = 50_000_000;
const kernels = loadImages("images/manifest.json").filter(({ kind }) => kind === "boot");

interface Booted {
  readonly reason: ExitReason;
  readonly stdout: string;
  readonly status: number;
  readonly counters: readonly number[];
  readonly cycles: number;
}

function boot(file: Uint8Array, options: MachineOptions): Booted {
  const machine = createMachine({ mem: 16 << 20, ...options });
  assert.is(loadKernel(machine, file, "kernel"), "");
  let stdout = "";
  machine.ports.onSerial = (byte) => {
    stdout += String.fromCharCode(byte);
  };
  const reason = machine.cpu.run(Number.POSITIVE_INFINITY, MAX_INSTRUCTIONS);
  const counters = [...machine.mmu.counters.subarray(0, 6), machine.cpu.instructions];
  return { reason, stdout, status: machine.ports.exitStatus, counters, cycles: machine.cpu.cycles };
}

for (const image of kernels) {
  const file = readFileSync(image.elf);
  test(`${image.name}: output and exit status`, () => {
    const { reason, stdout, status } = boot(file, {});
    assert.is(stdout, image.stdout);
    assert.is(status, image.status);
    assert.is(reason, EXIT_DEBUG_EXIT);
  });
  test(`${image.name}: the same accesses and clocks without hot slots`, () => {
    assert.equal(boot(file, { translation: "plain" }), boot(file, { translation: "hot" }));
  });
}

test("the kernels run on every processor that has their instructions", () => {
  for (const { name, elf, stdout } of kernels) {
    // INVLPG and CR0.WP came with the i486.
    const since = ["boot-paging", "boot-cow", "boot-move"].includes(name) ? 4 : 3;
    for (const cpu of profileNames.filter((known) => cpuProfile(known).level >= since)) {
      assert.is(boot(readFileSync(elf), { cpu }).stdout, stdout, `${name} on ${cpu}`);
    }
  }
});

test("a kernel without an IDT shuts down at its first fault", () => {
  const machine = createMachine({ mem: 1 << 20 });
  machine.cpu.traps = "guest";
  machine.cpu.setIdtr(0, 0);
  machine.ram.writeBytes(0x1000, Uint8Array.of(0x0f, 0x0b));
  machine.cpu.eip = 0x1000;
  assert.is(machine.cpu.run(Number.POSITIVE_INFINITY, 1000), EXIT_SHUTDOWN);
  assert.is(machine.cpu.eip, 0x1000);
});

test.run();
