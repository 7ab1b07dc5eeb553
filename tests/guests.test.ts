import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildGuests, loadGuests, runGuestNatively } from "./guests.ts";
import { allOf, have32BitGcc, haveNativeI386, testIf } from "./skip.ts";

const guests = loadGuests();

test("there are at least twenty-five guests, each of one page or two", () => {
  assert.ok(guests.length >= 25, `${guests.length}`);
  for (const { source } of guests) {
    const lines = readFileSync(source, "utf8").split("\n").length;
    assert.ok(lines <= 120, `${source} has ${lines} lines`);
  }
});

// An expectation must not depend on address space randomisation or on the size of the environment.
testIf(
  allOf(have32BitGcc(), haveNativeI386()),
  "every guest compiles and repeats itself on the processor",
  async () => {
    for (const [{ name }, elf] of await buildGuests(guests)) {
      const first = runGuestNatively(elf);
      const second = runGuestNatively(elf, { PADDING: "x".repeat(1000 + name.length * 37) });
      assert.ok(first.stdout.length > 0, `${name} prints nothing`);
      assert.ok(first.status < 128, `${name} died of signal ${first.status - 128}`);
      assert.is(second.stdout, first.stdout, name);
      assert.is(second.status, first.status, name);
    }
  },
);

test.run();
