/** Guests about memory, compared with the host's own Linux. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { compareGuests } from "./guest-comparison.ts";
import { loadGuests } from "./guests.ts";

test("memory has sixty guests", () => {
  const about = loadGuests().filter(({ name }) => name.startsWith("mm-"));
  assert.ok(about.length >= 60, `${about.length}`);
});

await compareGuests(({ name }) => name.startsWith("mm-"));

test.run();
