/** TLB events of the library: what listeners hear agrees with the counters, and nobody pays who does not listen. */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createMachine, type LinuxMachineOptions, type MachineEvents } from "../observe/index.ts";

const mem = 16 << 20;
const elf = (name: string) => readFileSync(`images/bin/${name}`);
const names = ["hit", "miss", "walk", "evict", "flush"] as const;

/** Runs an image and collects the events of some names. */
function heard(name: string, options: LinuxMachineOptions, wanted: readonly (keyof MachineEvents)[] = names) {
  const machine = createMachine({ mem, ...options });
  const events: { [Name in keyof MachineEvents]?: MachineEvents[Name][] } = {};
  for (const event of wanted) {
    const list: unknown[] = [];
    Object.assign(events, { [event]: list });
    machine.on(event, (one) => list.push(one));
  }
  machine.load(elf(name)).run();
  return { machine, events };
}

const sum = (counters: Readonly<Record<string, number>>, prefix: string): number =>
  Object.entries(counters).reduce((total, [name, count]) => total + (name.startsWith(prefix) ? count : 0), 0);

for (const translation of ["hot", "plain"] as const) {
  for (const cpu of ["p6", "haswell"]) {
    test(`misses, walks, evictions and flushes are those that the counters count (${cpu}, ${translation})`, () => {
      const { machine, events } = heard("demo", { translation, cpu });
      const { mmu } = machine.counters;
      assert.is(events.miss?.length, sum(mmu, "miss."));
      assert.is(events.walk?.length, mmu.walk);
      assert.is(events.evict?.length ?? 0, sum(mmu, "evict."));
      assert.is(events.flush?.length, sum(mmu, "flush."));
      const reads = events.walk?.reduce((total, { reads }) => total + reads, 0);
      assert.is(reads, mmu["walk.read"]);
      for (const by of ["program", "kernel"] as const) {
        for (const access of ["read", "write", "fetch"] as const) {
          const counted = mmu[`miss.${access}.${by === "program" ? "user" : "kernel"}`];
          assert.is(events.miss?.filter((miss) => miss.by === by && miss.access === access).length, counted);
        }
      }
      assert.is(events.flush?.filter(({ cause }) => cause === "invlpg").length, mmu["flush.invlpg"]);
      assert.ok(events.flush?.every(({ cause, address }) => (cause === "invlpg") === (address !== null)));
    });
  }
}

test("with the plain TLB every lookup of data is a hit or a miss", () => {
  const { machine, events } = heard("hello", { translation: "plain" });
  const { mmu } = machine.counters;
  const lookups = [...(events.hit ?? []), ...(events.miss ?? [])];
  const pages = lookups.filter(({ access, by }) => access !== "fetch" && by === "program").length;
  assert.is(pages, mmu["access.read.user"] + mmu["access.write.user"]);
});

test("an event says who, where and when", () => {
  const { machine, events } = heard("stride", {}, ["miss"]);
  const [first] = events.miss ?? [];
  assert.is(first.instructions, 0);
  const last = events.miss?.at(-1);
  assert.ok(last);
  assert.is(last.pid, 2);
  assert.ok(last.instructions > 1000 && last.instructions <= machine.instructions);
  assert.ok(last.eip >= 0x08048000 && last.eip < 0x08060000);
  assert.ok(events.miss?.every((miss, n, all) => n === 0 || miss.instructions >= all[n - 1].instructions));
});

test("the exact instruction of an event is that of a run instruction by instruction", () => {
  const pieces = createMachine({ mem });
  const stepped: unknown[] = [];
  pieces.on("walk", ({ instructions, eip, address }) => stepped.push([instructions, eip, address]));
  pieces.load(elf("cow"));
  while (pieces.run(1).reason === "budget");
  const whole = heard("cow", {}, ["walk"]).events.walk?.map(({ instructions, eip, address }) => [
    instructions,
    eip,
    address,
  ]);
  assert.equal(whole, stepped);
});

test("listening changes no counter; without listeners the paging unit tells nobody", () => {
  const silent = createMachine({ mem }).load(elf("cow"));
  assert.is(silent.hardware.mmu.onEvent, null);
  silent.run();
  const { machine } = heard("cow", {});
  assert.equal(machine.counters, silent.counters);
  const leaving = createMachine({ mem });
  let count = 0;
  const leave = leaving.on("miss", () => {
    count++;
    if (count === 3) leave();
  });
  leaving.on("fault", () => {});
  leaving.load(elf("cow")).run();
  assert.is(count, 3);
  assert.is(leaving.hardware.mmu.onEvent, null);
  assert.equal(leaving.counters, silent.counters);
});

test.run();
