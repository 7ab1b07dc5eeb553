/**
 * What sharing page tables across fork saves (`--share-page-tables`): one round is a fork of a process with so much anonymous
 * memory, writes of the child to some pages, spread evenly, and the end of the child. Frames are those that the child holds
 * at the end. Only the kernel's work is measured; no instruction is executed.
 */

import { dupMm } from "../kernel/mm/fork.ts";
import { MemoryManager } from "../kernel/mm/memory-manager.ts";
import type { MmStruct } from "../kernel/mm/mm.ts";
import { doMmap } from "../kernel/mm/mmap.ts";
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, PROT_READ, PROT_WRITE } from "../kernel/mm/mmap-flags.ts";
import { SharedTables } from "../kernel/mm/shared-tables.ts";
import { LinearBus, MachineMemory, Mmu, PF_U, PF_W, pagingProfile, Ram } from "../mmu/index.ts";
import { median, printTable } from "./measure.ts";

const MEGABYTES = [4, 64];
const WRITTEN = [0, 1, 16, 256, 1024];
const ROUNDS = Number(process.env.ROUNDS ?? 31);
const AT = 0x10000000;
const PAGE = 4096;

interface Process {
  readonly manager: MemoryManager;
  readonly mm: MmStruct;
}

/** A process with that much memory, all of it written. */
function makeProcess(megabytes: number, tables: "copy" | "share"): Process {
  const memory = new MachineMemory(256 << 20);
  const ram = new Ram(memory);
  const mmu = new Mmu(memory, ram, pagingProfile("p6"));
  const manager = new MemoryManager(ram, mmu, new LinearBus(mmu, ram));
  if (tables === "share") manager.sharing = new SharedTables(manager.memory);
  manager.enablePaging();
  const mm = manager.createMm();
  if (mm === null) throw new Error("no frame for a page directory");
  manager.activate(mm, manager.memory.current);
  doMmap(mm, null, AT, megabytes << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0);
  write(manager, mm, megabytes * 256, megabytes);
  return { manager, mm };
}

/** Writes to so many pages as their faults do. */
function write(manager: MemoryManager, mm: MmStruct, pages: number, megabytes: number): void {
  const step = ((megabytes << 20) / Math.max(1, pages)) & -PAGE;
  for (let i = 0; i < pages; i++) manager.handleMmFault(mm, AT + i * step, PF_W | PF_U);
}

/** Microseconds and frames of one round. */
function round({ manager, mm }: Process, pages: number, megabytes: number): [time: number, frames: number] {
  const { memory } = manager;
  const free = memory.freeFrames;
  const start = process.cpuUsage();
  const child = dupMm(manager, mm);
  if (typeof child === "number") throw new Error(`fork: ${child}`);
  write(manager, child, pages, megabytes);
  const frames = free - memory.freeFrames;
  manager.mmput(child);
  const { user, system } = process.cpuUsage(start);
  // The parent writes too, so that every round begins with its pages writable.
  write(manager, mm, megabytes * 256, megabytes);
  return [user + system, frames];
}

for (const megabytes of MEGABYTES) {
  const [copied, shared] = (["copy", "share"] as const).map((tables) => makeProcess(megabytes, tables));
  const rows = WRITTEN.map((pages) => {
    const times: number[][] = [[], []];
    const frames = [0, 0];
    for (let i = 0; i < ROUNDS; i++) {
      for (const [side, each] of [copied, shared].entries()) {
        const [time, taken] = round(each as Process, pages, megabytes);
        times[side]?.push(time);
        frames[side] = taken;
      }
    }
    const [before = 0, after = 0] = times.map(median);
    return [
      String(pages),
      before.toFixed(0),
      after.toFixed(0),
      `${(before / after).toFixed(1)}x`,
      ...frames.map(String),
    ];
  });
  console.log(`fork, writes, exit of a child with ${megabytes} MiB (median of ${ROUNDS})`);
  printTable(["pages written", "µs copied", "µs shared", "", "frames copied", "frames shared"], rows);
}
