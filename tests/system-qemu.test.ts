/**
 * System instructions at all privilege levels, with random descriptors, gates, stacks and page rights: our processor against
 * QEMU's, run by the same bare-metal program (tests/kernels). Where QEMU is known to be wrong is said in oracle/system-case.ts.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Random } from "./oracle/random.ts";
import { encodeSystemCases, lineDifferences, type SystemCase, withoutKnownDifferences } from "./oracle/system-case.ts";
import { SystemDraft, systemImage } from "./oracle/system-draft.ts";
import { bootOurs, bootQemu, buildSystemKernel, withCases } from "./oracle/system-kernel.ts";
import { SystemTrial } from "./oracle/system-trial.ts";
import { allOf, have32BitGcc, haveCommand, testIf } from "./skip.ts";

const CASES = Number(process.env.PAGEWALK_CASES ?? 700);
const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() & 0x7fffffff);
console.log(`seed ${seed}`);

const image = systemImage();

/** Cases that end in a handler, so that the bare-metal program keeps control. */
function drafts(count: number): SystemCase[] {
  const g = new Random(seed);
  const trial = new SystemTrial(image);
  const cases: SystemCase[] = [];
  while (cases.length < count) {
    const c = new SystemDraft(g).make();
    if (trial.run(c) === "ends") cases.push(c);
  }
  return cases;
}

function kernelWith(cases: readonly SystemCase[], directory: string): Uint8Array {
  return withCases(buildSystemKernel(directory), encodeSystemCases(image, cases));
}

function expectEqual(
  cases: readonly SystemCase[],
  ours: readonly string[],
  theirs: readonly string[],
  known: boolean,
): void {
  const bytes = new DataView(image.buffer);
  cases.forEach((c, n) => {
    const changed = new Map(c.memory);
    const initial = (address: number): number => changed.get(address) ?? bytes.getInt32(address, true);
    const line = (text = ""): string => (known ? withoutKnownDifferences(text, c.text, initial) : text);
    const found = lineDifferences(line(ours[n]), line(theirs[n]));
    assert.equal(found, [], `seed ${seed}, case ${n}: ${c.text}`);
  });
}

function inDirectory(body: (directory: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), "pagewalk-system-"));
  try {
    body(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

testIf(allOf(have32BitGcc(), haveCommand("qemu-system-i386")), `${CASES} random cases end as under QEMU`, () => {
  inDirectory((directory) => {
    const cases = drafts(CASES);
    const kernel = kernelWith(cases, directory);
    expectEqual(cases, bootOurs(kernel), bootQemu(kernel, directory), true);
  });
});

testIf(have32BitGcc(), "the same cases end the same way without hot slots and on the i486", () => {
  inDirectory((directory) => {
    const cases = drafts(CASES / 5);
    const kernel = kernelWith(cases, directory);
    const hot = bootOurs(kernel);
    expectEqual(cases, hot, bootOurs(kernel, { translation: "plain" }), false);
    expectEqual(cases, hot, bootOurs(kernel, { cpu: "i486" }), false);
  });
});

test.run();
