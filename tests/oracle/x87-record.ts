/** Records the x87 corpus on this host's processor; see tests/x87-corpus.ts. */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { allInstructions } from "../x87-case.ts";
import { changesOf, checksumOf, corpusPath, encodeCorpus } from "../x87-corpus.ts";
import { executeNatively, haveX87Oracle, randomRecords } from "../x87-oracle.ts";

const perInstruction = 10;
const seed = Number(process.argv[2] ?? 1987);
const probe = haveX87Oracle();
if (probe !== true) throw new Error(probe);
const before = randomRecords(seed, allInstructions(), perInstruction);
const changes = changesOf(before, executeNatively(before));
const file = encodeCorpus({ seed, perInstruction, checksum: checksumOf(before), changes });
mkdirSync(dirname(corpusPath), { recursive: true });
writeFileSync(corpusPath, file);
console.log(`${corpusPath}: ${allInstructions().length * perInstruction} cases, ${file.length} bytes`);
