/** What a TLB profile counts of every subject: a process, a region, a page, a function, a stretch of time. */

import { FETCH, type MmuEvent, READ, WRITE } from "../mmu/index.ts";

export interface TlbCounts {
  /** Lookups, only with the plain TLB; else null. Further dwords of an operand or a kernel copy in its page make none. */
  readonly lookups: number | null;
  /** First-level misses by access class, and all. */
  readonly misses: { readonly fetch: number; readonly read: number; readonly write: number; readonly all: number };
  /** Page walks, those that only set D included. */
  readonly walks: number;
  /** Clocks of those walks. */
  readonly walkClocks: number;
  /** Page faults. */
  readonly faults: number;
}

/** Whether lookups are heard of. */
export type Lookups = "known" | "unknown";

/** The counts of one subject as they grow. Hot: once per subject and event. */
export class Tally {
  lookups = 0;
  /** By access class. */
  readonly misses = [0, 0, 0];
  walks = 0;
  walkClocks = 0;
  faults = 0;

  add(event: MmuEvent): void {
    switch (event.kind) {
      case "hit":
        this.lookups++;
        break;
      case "miss":
        this.lookups++;
        this.misses[event.access]++;
        break;
      case "walk":
        this.walks++;
        this.walkClocks += event.clocks;
        break;
      case "fault":
        this.faults++;
        break;
    }
  }

  merge(other: Tally): void {
    this.lookups += other.lookups;
    for (const access of [READ, WRITE, FETCH]) this.misses[access] += other.misses[access];
    this.walks += other.walks;
    this.walkClocks += other.walkClocks;
    this.faults += other.faults;
  }

  counts(lookups: Lookups): TlbCounts {
    const { misses, walks, walkClocks, faults } = this;
    const [read, write, fetch] = [misses[READ], misses[WRITE], misses[FETCH]];
    return {
      lookups: lookups === "known" ? this.lookups : null,
      misses: { fetch, read, write, all: fetch + read + write },
      walks,
      walkClocks,
      faults,
    };
  }
}

/** The tally of a key, which begins when it is first asked for. */
export function tallyOf<Key>(tallies: Map<Key, Tally>, key: Key): Tally {
  let tally = tallies.get(key);
  if (tally === undefined) {
    tally = new Tally();
    tallies.set(key, tally);
  }
  return tally;
}
