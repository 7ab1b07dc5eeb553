/** x87 instructions against results recorded on a processor; needs nothing but Node. */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { allInstructions, CaseRunner, describeCase, difference, RECORD } from "./x87-case.ts";
import { applyChanges, checksumOf, corpusPath, decodeCorpus } from "./x87-corpus.ts";
import { randomRecords, viewOf } from "./x87-oracle.ts";

test("x87 instructions equal the recorded results", () => {
  const corpus = decodeCorpus(readFileSync(corpusPath));
  const instructions = allInstructions();
  const before = randomRecords(corpus.seed, instructions, corpus.perInstruction);
  assert.is(
    checksumOf(before),
    corpus.checksum,
    "the case generator has changed: record the corpus anew (x87-corpus.ts)",
  );
  const theirs = viewOf(applyChanges(before, corpus.changes));
  const ours = viewOf(Buffer.from(before));
  const runner = new CaseRunner();
  const complaints: string[] = [];
  instructions.forEach((instruction, index) => {
    for (let n = 0; n < corpus.perInstruction; n++) {
      const at = (index * corpus.perInstruction + n) * RECORD;
      runner.run(ours, at);
      const complaint = difference(instruction, ours, theirs, at);
      if (complaint !== "") complaints.push(`${describeCase(instruction, viewOf(before), at)}\n    ${complaint}`);
    }
  });
  console.log(`${instructions.length * corpus.perInstruction} recorded cases, ${complaints.length} differ`);
  assert.is(complaints.length, 0, complaints.slice(0, 10).join("\n"));
});

test.run();
