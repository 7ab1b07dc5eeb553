/**
 * The oracle's runner as a guest: each case is entered by sigreturn and left by a signal, so that the outcome also shows
 * what the kernel puts into signal frames, restores from them, and makes of modify_ldt.
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { rows } from "../emu/isa/index.ts";
import { bootLinux } from "../kernel/boot.ts";
import { run } from "../kernel/run.ts";
import { differences } from "./oracle/compare.ts";
import { EmulatedProcessor } from "./oracle/emulated.ts";
import { generate, plan } from "./oracle/generate.ts";
import { user } from "./oracle/layout.ts";
import { buildRunner } from "./oracle/native.ts";
import { Random } from "./oracle/random.ts";
import { decodeOutcomes, encodeCases } from "./oracle/words.ts";
import { programHost } from "./program-host.ts";
import { have32BitGcc, testIf } from "./skip.ts";

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() & 0x7fffffff);
console.log(`seed ${seed}`);

/** Linux's segments on i386 (arch/x86/include/asm/segment.h). */
Object.assign(user, { cs: 0x73, ds: 0x7b });

function runInside(elf: Uint8Array, input: Uint8Array): Uint8Array {
  let at = 0;
  const host = programHost(elf);
  const stdin = {
    read: (buffer: Uint8Array, offset: number, length: number): number => {
      const part = input.subarray(at, at + length);
      buffer.set(part, offset);
      at += part.length;
      return part.length;
    },
    ready: () => true,
    terminal: false,
  };
  const kernel = bootLinux({ host: { ...host, stdin }, program: "/program", machineOptions: { mem: 32 << 20 } });
  assert.equal(run(kernel), { kind: "exit", status: 0 });
  return Buffer.from(host.text("stdout"), "latin1");
}

testIf(have32BitGcc(), "every row and form, entered and left by signals", () => {
  const directory = mkdtempSync(join(tmpdir(), "pagewalk-oracle-"));
  try {
    const elf = new Uint8Array(readFileSync(buildRunner(directory)));
    const g = new Random(seed);
    const cases = plan().entries.map(({ row, form }) => generate(row, form, g));
    const inside = decodeOutcomes(runInside(elf, encodeCases(cases)), cases);
    const processor = new EmulatedProcessor("steps", "plain");
    cases.forEach((c, n) => {
      const found = differences(c, inside[n], processor.run(c));
      assert.equal(found, [], `seed ${seed}: ${rows[c.row].key}, ${c.form}`);
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test.run();
