/** The `pagewalk` command: whatever goes wrong ends in one line and an exit status. */

import { HostMemoryError } from "../mmu/index.ts";
import { execute } from "./execute.ts";
import { Failure } from "./failure.ts";
import { complain } from "./streams.ts";

const FAILED = 1;

/** What is no mistake of the user's is marked, and shown in full to who asks for it. */
function describe(error: unknown): string {
  if (error instanceof Failure || error instanceof HostMemoryError) return error.message;
  const stack = error instanceof Error && process.env.PAGEWALK_DEBUG !== undefined ? `\n${error.stack}` : "";
  return `internal error: ${error instanceof Error ? error.message : String(error)}${stack}`;
}

try {
  process.exitCode = execute(process.argv.slice(2));
} catch (error) {
  complain(`pagewalk: ${describe(error)}\n`);
  process.exitCode = error instanceof Failure ? error.status : FAILED;
}
