/** Private pages that move beside mappings without any: one mapping, and the reverse map still finds the pages. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { dupMm } from "../kernel/mm/fork.ts";
import { doMmap } from "../kernel/mm/mmap.ts";
import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
  PROT_READ,
  PROT_WRITE,
} from "../kernel/mm/mmap-flags.ts";
import { doMprotect } from "../kernel/mm/mprotect.ts";
import { doMremap } from "../kernel/mm/mremap.ts";
import { doMunmap } from "../kernel/mm/munmap.ts";
import { pteFrame } from "../kernel/mm/page-tables.ts";
import { rmapWalk } from "../kernel/mm/rmap.ts";
import { Rig } from "./mm-rig.ts";

const RW = PROT_READ | PROT_WRITE;
const AT = 0x10000000;
/** Where pages wait whose page offset fits between AT and AT + 0x3000. */
const ASIDE = 0x18000000;

/** Three pages, of which the middle one is written, waits elsewhere, and comes back between what `around` maps. */
function moveBetween(around: readonly number[]): Rig {
  const rig = new Rig();
  const mm = rig.newMm();
  const { memory } = rig.manager;
  const map = (address: number, pages: number) =>
    assert.is(doMmap(mm, null, address, pages * 4096, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0), address);
  const move = (from: number, to: number) =>
    assert.is(doMremap(mm, from, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, to), to);
  map(AT, 3);
  assert.is(rig.store(AT + 0x1000, 7), 0);
  move(AT + 0x1000, ASIDE);
  assert.is(doMunmap(mm, AT, 0x3000), 0);
  for (const address of around) map(address, 1);
  move(ASIDE, AT + 0x1000);

  assert.is(mm.vmas.count, 1, "one mapping");
  assert.is(rig.load(AT + 0x1000), 7);
  const places: number[] = [];
  rmapWalk(memory, pteFrame(mm.tables.read(AT + 0x1000)), (_, address) => places.push(address));
  assert.equal(places, [AT + 0x1000]);
  rig.assertBalanced();
  return rig;
}

for (const [where, around] of Object.entries({
  "above a mapping": [AT],
  "below a mapping": [AT + 0x2000],
  "between two": [AT, AT + 0x2000],
})) {
  test(`a written page moves ${where} that nobody has written to`, () => {
    const rig = moveBetween(around);
    const [mm] = rig.manager.mmlist;
    const copy = dupMm(rig.manager, mm);
    if (typeof copy === "number") throw new Error(`fork: ${copy}`);
    for (const address of around) assert.is(rig.store(address, 1), 0);
    assert.is(rig.store(AT + 0x1000, 8), 0);
    assert.is(doMprotect(mm, AT + 0x1000, 4096, PROT_READ), 0);
    rig.assertBalanced();
    rig.activate(copy);
    assert.is(rig.load(AT + 0x1000), 7);
    rig.assertNothingLeft();
  });
}

test.run();
