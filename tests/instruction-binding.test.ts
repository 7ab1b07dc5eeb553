/** Every row of the instruction table has exactly one handler. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { NEXT } from "../emu/cpu.ts";
import { bind, handlers, unboundFamilies } from "../emu/instructions/index.ts";
import { rows, rowsOf } from "../emu/isa/index.ts";

test("no row is without a handler", () => {
  assert.equal(unboundFamilies, []);
  assert.is(handlers.length, rows.length);
});

test("a handler of an instruction that does not exist is refused", () => {
  assert.throws(() => bind([{ "ADD Ev,Qv": () => NEXT }]), /unknown instruction: ADD Ev,Qv/);
});

test("a second handler of a row is refused", () => {
  const nop = { NOP: () => NEXT };
  assert.throws(() => bind([nop, nop]), /two handlers of NOP/);
});

test("a family binds all its rows", () => {
  const handler = () => NEXT;
  const bound = bind([{ "Jcc Jb": handler }]);
  assert.is(bound.filter((entry) => entry === handler).length, rowsOf("Jcc Jb").length);
});

test.run();
