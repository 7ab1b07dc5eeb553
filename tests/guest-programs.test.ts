/**
 * The guests that make files, in a directory of the host with writes let through: what they print, how they end and what they
 * leave behind is what the same program does there under the host's own Linux.
 */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildGuests, type Guest, loadGuests } from "./guests.ts";
import { differences, fill, makeTree, removeTree, runBoth } from "./side-by-side.ts";
import { allOf, have32BitGcc, haveNativeI386, testIf } from "./skip.ts";

const guests = loadGuests().filter((guest) => guest.writesFiles);
const probe = allOf(have32BitGcc(), haveNativeI386());
const built = probe === true ? await buildGuests(guests) : new Map<Guest, string>();

for (const guest of guests) {
  testIf(probe, guest.name, () => {
    const elf = built.get(guest);
    assert.ok(elf !== undefined);
    const root = makeTree();
    try {
      fill(root, { "bin/guest": { copyOf: elf } });
      assert.is(differences(runBoth(root, {}, { program: "bin/guest", argv: ["guest"], env: {} })), "");
    } finally {
      removeTree(root);
    }
  });
}

test.run();
