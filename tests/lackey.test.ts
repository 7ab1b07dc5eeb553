/** The emulator makes the memory accesses that valgrind sees natively: `npm run trace-check` says more. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { differences } from "./lackey/compare.ts";
import { haveLackey } from "./lackey/lackey.ts";
import { Program, programNames } from "./lackey/program.ts";
import { emulatedTrace, lackeyTrace } from "./lackey/trace.ts";
import { testIf } from "./skip.ts";

const probe = haveLackey();
for (const name of programNames) {
  testIf(probe, `${name}: addresses, sizes and kinds in valgrind's order`, () => {
    const directory = mkdtempSync(join(tmpdir(), "pagewalk-lackey-"));
    try {
      const program = new Program(name, directory);
      const ours = emulatedTrace(program);
      assert.ok(ours.length > 100);
      assert.equal(differences(program, ours, lackeyTrace(program)), []);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
}

test.run();
