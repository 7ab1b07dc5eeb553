/** /proc/vmstat: page counts and events of memory management, those that this kernel keeps. cf. mm/vmstat.c vmstat_text[]. */

import type { Kernel } from "../../kernel.ts";
import { FAULT_FILE_MAJOR, FAULT_SEGV } from "../../mm/fault-record.ts";
import { OWNER_ANON, OWNER_FILE, OWNER_PAGE_TABLE, OWNER_SHMEM } from "../../mm/frames.ts";

/** Frames by owner. */
export function countOwners(k: Kernel): Map<number, number> {
  const { owner, total } = k.mm.memory.frames;
  const counts = new Map<number, number>();
  for (let pfn = 0; pfn < total; pfn++) counts.set(owner[pfn] ?? 0, (counts.get(owner[pfn] ?? 0) ?? 0) + 1);
  return counts;
}

/** In Linux's order. There is no swap and no other processor; disk traffic is not counted. */
export function vmstatText(k: Kernel): string {
  const { memory, faults } = k.mm;
  const { flushes } = memory;
  const owners = countOwners(k);
  const count = (owner: number) => owners.get(owner) ?? 0;
  const { byKind } = faults.counters;
  const rows: [string, number][] = [
    ["nr_free_pages", memory.freeFrames],
    ["nr_anon_pages", count(OWNER_ANON)],
    ["nr_file_pages", count(OWNER_FILE) + count(OWNER_SHMEM)],
    ["nr_shmem", count(OWNER_SHMEM)],
    ["nr_page_table_pages", count(OWNER_PAGE_TABLE)],
    ["pgpgin", 0],
    ["pgpgout", 0],
    ["pswpin", 0],
    ["pswpout", 0],
    // Linux counts in handle_mm_fault(), which a fault without a mapping or without a right does not reach.
    ["pgfault", byKind.reduce((sum, faulted) => sum + faulted, 0) - byKind[FAULT_SEGV]],
    ["pgmajfault", byKind[FAULT_FILE_MAJOR]],
    ["nr_tlb_remote_flush", 0],
    ["nr_tlb_remote_flush_received", 0],
    ["nr_tlb_local_flush_all", flushes.all],
    ["nr_tlb_local_flush_one", flushes.page + flushes.rangePages],
  ];
  return rows.map(([name, value]) => `${name} ${value}\n`).join("");
}
