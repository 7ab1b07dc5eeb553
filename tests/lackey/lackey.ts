/** Whether this host can trace i386 programs natively. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allOf, have32BitGcc, haveCommand, haveNativeI386, type Probe } from "../skip.ts";

/** valgrind, its lackey for i386, and what builds and runs such programs. */
export function haveLackey(): Probe {
  const probe = allOf(haveCommand("valgrind"), have32BitGcc(), haveNativeI386());
  return probe === true ? tracesI386() : probe;
}

function tracesI386(): Probe {
  const directory = mkdtempSync(join(tmpdir(), "pagewalk-lackey-"));
  try {
    const [source, program] = [join(directory, "probe.S"), join(directory, "probe")];
    writeFileSync(source, ".globl _start\n_start: mov $1, %eax\nmov $42, %ebx\nint $0x80\n");
    spawnSync("gcc", ["-m32", "-nostdlib", "-static", "-o", program, source]);
    const { status } = spawnSync("valgrind", ["--tool=lackey", "--quiet", "--trace-mem=yes", program]);
    return status === 42 ? true : "valgrind's lackey does not run i386 programs here";
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
