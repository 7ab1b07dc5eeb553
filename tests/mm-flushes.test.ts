/** The kernel counts the TLB flushes that it asks for, and the paging unit those that it is asked for. */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { vmstatText } from "../kernel/fs/proc/vmstat.ts";
import { createMachine, type LinuxMachine, linuxSummaryText } from "../observe/index.ts";

function finished(name: string, cpu = "p6"): LinuxMachine {
  const machine = createMachine({ mem: 16 << 20, cpu }).load(readFileSync(`images/bin/${name}`), { name });
  assert.is(machine.run().reason, "exit");
  return machine;
}

for (const cpu of ["i386", "i486", "p6", "zen"]) {
  test(`kinds add up to what the paging unit counted (${cpu})`, () => {
    for (const name of ["cow", "mmap", "demo", "thread", "pipes"]) {
      const { flushes, mmu, processes } = finished(name, cpu).counters;
      const invlpg = cpu !== "i386";
      assert.is(flushes.page + flushes.rangePages, mmu["flush.invlpg"], name);
      assert.is(flushes.all + flushes.switch + 1, mmu["flush.cr3"], `${name}: one MOV to CR3 turns paging on`);
      assert.is(flushes.range <= flushes.rangePages, true);
      assert.is(flushes.page + flushes.range > 0, invlpg && name !== "thread", name);
      if (processes.forks > 0 && name !== "thread") assert.ok(flushes.all > 0 && flushes.switch > 1, name);
    }
  });
}

test("a fork flushes the address space once, each copied page by itself", () => {
  const { flushes, faults } = finished("demo").counters;
  assert.is(flushes.page, faults["COW copy"]);
  assert.is(flushes.all, 1);
});

test("munmap and mprotect flush ranges", () => {
  const { flushes } = finished("mmap").counters;
  assert.ok(flushes.range > 0);
});

test("/proc/vmstat has them under Linux's names, the summary shows them", () => {
  const machine = finished("cow");
  const { flushes, faults } = machine.counters;
  const rows = new Map(
    vmstatText(machine.kernel)
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" ") as [string, string]),
  );
  assert.is(rows.get("nr_tlb_local_flush_all"), `${flushes.all}`);
  assert.is(rows.get("nr_tlb_local_flush_one"), `${flushes.page + flushes.rangePages}`);
  const total = Object.values(faults).reduce((sum, count) => sum + count, 0);
  assert.is(rows.get("pgfault"), `${total - faults.SEGV}`);
  assert.match(linuxSummaryText(machine.kernel), /\n {2}kernel flushes +\d+ {2}.*\bpage \d+/);
});

test.run();
