/** Guests of tests/guests/ as tests: each prints here what it prints on the host's own Linux, and leaves no frame behind. */

import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { bootLinux } from "../kernel/boot.ts";
import { frameLedger } from "../kernel/mm/ledger.ts";
import { run } from "../kernel/run.ts";
import { buildGuests, type Guest, loadGuests, runGuestNatively } from "./guests.ts";
import type { Outcome } from "./images.ts";
import { programHost } from "./program-host.ts";
import { allOf, have32BitGcc, haveHugePages, haveLinux, haveNativeI386, haveRoot, testIf } from "./skip.ts";

const MAX_INSTRUCTIONS = 2e9;

/** Runs an ELF on a machine of its own. */
function runHere(elf: string): Outcome {
  const host = programHost(readFileSync(elf));
  const kernel = bootLinux({ host, program: "/program", argv: ["guest"], envp: [] });
  const reason = run(kernel, { instructions: MAX_INSTRUCTIONS });
  const text = host.text("stdout") + host.text("stderr") + host.lines.join("\n");
  if (reason.kind !== "exit") return { stdout: `${text}${reason.kind}\n`, status: -1 };
  const { complaints } = frameLedger(kernel.mm);
  assert.ok(complaints.length === 0, `${elf}\n${complaints.join("\n")}`);
  return { stdout: text, status: reason.status & 0x7f ? 128 + (reason.status & 0x7f) : reason.status >> 8 };
}

/** Registers a test for each of these guests. */
export async function compareGuests(which: (guest: Guest) => boolean): Promise<void> {
  const guests = loadGuests().filter(which);
  const probe = allOf(have32BitGcc(), haveNativeI386());
  const built = probe === true ? await buildGuests(guests) : new Map();
  for (const guest of guests) {
    const root = guest.needsRoot ? haveRoot() : true;
    const hugePages = guest.needsHugePages ? haveHugePages() : true;
    testIf(allOf(probe, haveLinux(...guest.since), root, hugePages), guest.name, () => {
      const elf = built.get(guest);
      const here = runHere(elf);
      // On a busy host timers come late, there and not here: such a guest has three tries.
      let native = runGuestNatively(elf);
      for (let tries = 1; tries < 3 && native.stdout !== here.stdout; tries++) native = runGuestNatively(elf);
      assert.is(here.stdout, native.stdout);
      assert.is(here.status, native.status);
    });
  }
}
