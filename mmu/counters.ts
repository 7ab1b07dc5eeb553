/**
 * What the MMU counts: one Float64Array in the machine memory (exact up to 2^53), one name per index, so that reports,
 * JSON and comparisons walk a list instead of knowing fields.
 *
 * An *access* is what an instruction's row in the instruction table says it is; whoever makes it counts it, while
 * paging is on. Everything else is counted where it happens. hits = access - miss. Families indexed by access class and privilege use
 * `FAMILY + access * 2 + user` (READ, WRITE, FETCH; 0 kernel, 1 user).
 */

import type { MachineMemory } from "./memory.ts";

/** Accesses, a page-crossing one counted twice. */
export const ACCESS = 0;
/** Lookups that missed the first TLB level. */
export const MISS = 6;
/** Page faults. */
export const FAULT = 12;
/** Misses of the first level served by the second and third, by access class: REFILL + (level - 2) * 3 + access. */
export const REFILL = 18;
/** Valid entries displaced by a fill, by level and the access class that filled: EVICT + (level - 1) * 3 + access. */
export const EVICT = 24;
/** Page walks begun, their reads of paging-structure entries, and their locked writes (one per entry that gets A or D). */
export const WALK = 33;
export const WALK_READ = 34;
export const WALK_WRITE = 35;
/** Clocks of walks, and of misses that the second or third level served: time of the guest (TranslationClocks). */
export const WALK_CLOCKS = 36;
export const REFILL_CLOCKS = 37;
/** Walks begun because a write hit an entry with D = 0 (not a miss). */
export const DIRTY_ASSIST = 38;
/** Hits on an entry whose cached rights deny the access: it is dropped; a fault or a new walk follows (CPU profile). */
export const DENIED_HIT = 39;
/** Page faults by the reason that the error code gives. */
export const FAULT_NOT_PRESENT = 40;
export const FAULT_PROTECTION = 41;
export const FAULT_RESERVED = 42;
/** Flushes by cause: MOV CR3, INVLPG, change of CR4.PGE/PSE/PAE, change of CR0.PG, request of the machine's owner. */
export const FLUSH_CR3 = 43;
export const FLUSH_INVLPG = 44;
export const FLUSH_CR4 = 45;
export const FLUSH_CR0 = 46;
export const FLUSH_ALL = 47;

/** From here on diagnostic: why an access could not go through a hot slot. They differ between Mmu and PlainMmu. */
export const FIRST_DIAGNOSTIC = 48;
/** Paging is off. */
export const SLOW_NO_PAGING = 48;
/** A write hit kept out of the slots because its frame holds code or is watched. */
export const SLOW_GUARDED = 49;
/** A hit whose frame lies outside RAM. */
export const SLOW_OUTSIDE = 50;

const accessClasses = ["read", "write", "fetch"];
const byClass = (family: string) => accessClasses.map((access) => `${family}.${access}`);
const byClassAndPrivilege = (family: string) =>
  accessClasses.flatMap((access) => [`${family}.${access}.kernel`, `${family}.${access}.user`]);

/** The name of each counter; the index is the position. */
export const counterNames: readonly string[] = [
  ...byClassAndPrivilege("access"),
  ...byClassAndPrivilege("miss"),
  ...byClassAndPrivilege("fault"),
  ...byClass("refill.l2"),
  ...byClass("refill.l3"),
  ...byClass("evict.l1"),
  ...byClass("evict.l2"),
  ...byClass("evict.l3"),
  "walk",
  "walk.read",
  "walk.write",
  "walk.clocks",
  "refill.clocks",
  "walk.dirty-assist",
  "hit.denied",
  "fault.not-present",
  "fault.protection",
  "fault.reserved",
  "flush.cr3",
  "flush.invlpg",
  "flush.cr4",
  "flush.cr0",
  "flush.all",
  "slow.no-paging",
  "slow.guarded",
  "slow.outside-ram",
];

/** The counters of one Mmu, zeroed. */
export function reserveCounters(memory: MachineMemory): Float64Array {
  const count = counterNames.length;
  return new Float64Array(memory.buffer, memory.reserve(count * 8), count);
}

/** Name -> value. Diagnostic counters only on request: a comparison of two runs leaves them out. */
export function namedCounters(counters: Float64Array, diagnostics: "with" | "without"): Record<string, number> {
  const end = diagnostics === "with" ? counterNames.length : FIRST_DIAGNOSTIC;
  return Object.fromEntries(counterNames.slice(0, end).map((name, index) => [name, counters[index]]));
}
