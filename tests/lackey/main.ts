/**
 * Compares the address traces of valgrind's lackey and of the emulator.
 *
 *     npm run trace-check
 *
 * Needs gcc -m32 and valgrind with its 32-bit tools. What is compared, and what valgrind is known to do otherwise: docs/tlb.md.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { differences } from "./compare.ts";
import { haveLackey } from "./lackey.ts";
import { Program, programNames } from "./program.ts";
import { emulatedTrace, lackeyTrace } from "./trace.ts";

const probe = haveLackey();
if (probe !== true) {
  console.error(`trace-check: ${probe}`);
  process.exit(2);
}
const directory = mkdtempSync(join(tmpdir(), "pagewalk-lackey-"));
try {
  for (const name of programNames) {
    const program = new Program(name, directory);
    const ours = emulatedTrace(program);
    const found = differences(program, ours, lackeyTrace(program), 30);
    const accesses = ours.reduce((sum, step) => sum + step.accesses.length, 0);
    console.log(`${name}: ${ours.length} instructions, ${accesses} data accesses, ${found.length} differences`);
    for (const line of found) console.log(`  ${line}`);
    if (found.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
