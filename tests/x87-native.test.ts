/**
 * Every x87 instruction against the host's processor: random operands, control words, stacks and memory; all 80 bits of all
 * registers, status, tags, memory and flags. CASES sets how many (default about 120,000), PAGEWALK_SEED repeats a run.
 */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { testIf } from "./skip.ts";
import { allInstructions, CaseRunner, describeCase, difference, RECORD } from "./x87-case.ts";
import { executeNatively, haveX87Oracle, randomRecords, viewOf } from "./x87-oracle.ts";

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() & 0x7fffffff);
const instructions = allInstructions();
const wanted = Number(process.env.CASES ?? 120_000);
const perInstruction = Math.ceil(wanted / instructions.length);
/** Cases of one process and buffer. */
const batch = 100;

testIf(haveX87Oracle(), "x87 instructions equal the processor's", () => {
  const runner = new CaseRunner();
  const complaints: string[] = [];
  let cases = 0;
  for (let done = 0; done < perInstruction && complaints.length === 0; done += batch) {
    const each = Math.min(batch, perInstruction - done);
    const before = randomRecords(seed + done, instructions, each);
    const theirs = viewOf(executeNatively(before));
    const ours = viewOf(Buffer.from(before));
    instructions.forEach((instruction, index) => {
      for (let n = 0; n < each; n++) {
        const at = (index * each + n) * RECORD;
        runner.run(ours, at);
        const complaint = difference(instruction, ours, theirs, at);
        cases++;
        if (complaint !== "") complaints.push(`${describeCase(instruction, viewOf(before), at)}\n    ${complaint}`);
      }
    });
  }
  console.log(`${cases} cases of ${instructions.length} instructions, ${complaints.length} differ; seed ${seed}`);
  assert.is(complaints.length, 0, `PAGEWALK_SEED=${seed}\n${complaints.slice(0, 10).join("\n")}`);
});

test.run();
