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

/** Columns of a row; the first three are misses by access class. */
const HITS = 3;
const WALKS = 4;
const WALK_CLOCKS = 5;
const FAULTS = 6;
const COLUMNS = 8;
const FIRST_ROWS = 64;

/** Counts as they grow: a row for each subject. Hot: count() runs for each subject of each event. */
export class Tallies {
  private counts = new Float64Array(FIRST_ROWS * COLUMNS);
  private rows = 0;

  /** Number of a new row, from 0 on. */
  open(): number {
    if ((this.rows + 1) * COLUMNS > this.counts.length) {
      const larger = new Float64Array(this.counts.length * 2);
      larger.set(this.counts);
      this.counts = larger;
    }
    return this.rows++;
  }

  /** Counts an event other than "evict" and "flush". */
  count(row: number, event: MmuEvent): void {
    const { counts } = this;
    const first = row * COLUMNS;
    switch (event.kind) {
      case "hit":
        counts[first + HITS]++;
        break;
      case "miss":
        counts[first + event.access]++;
        break;
      case "walk":
        counts[first + WALKS]++;
        counts[first + WALK_CLOCKS] += event.clocks;
        break;
      case "fault":
        counts[first + FAULTS]++;
        break;
    }
  }

  /** Adds the row of another table, or of this one, to a row. */
  add(row: number, from: Tallies, other: number): void {
    for (let column = 0; column < COLUMNS; column++) {
      this.counts[row * COLUMNS + column] += from.counts[other * COLUMNS + column];
    }
  }

  clear(row: number): void {
    this.counts.fill(0, row * COLUMNS, (row + 1) * COLUMNS);
  }

  read(row: number, lookups: Lookups): TlbCounts {
    const counts = this.counts.subarray(row * COLUMNS, (row + 1) * COLUMNS);
    const [fetch, read, write] = [counts[FETCH], counts[READ], counts[WRITE]];
    const all = fetch + read + write;
    return {
      lookups: lookups === "known" ? all + counts[HITS] : null,
      misses: { fetch, read, write, all },
      walks: counts[WALKS],
      walkClocks: counts[WALK_CLOCKS],
      faults: counts[FAULTS],
    };
  }
}

/** The row of a key, which is opened when it is first asked for. */
export function rowOf<Key>(rows: Map<Key, number>, key: Key, tallies: Tallies): number {
  let row = rows.get(key);
  if (row === undefined) {
    row = tallies.open();
    rows.set(key, row);
  }
  return row;
}
