/**
 * Base clocks of every row on a processor, protected mode, everything in the TLB and the cache: what an instruction costs
 * before penalties. The numbers are recorded in clock-figures.ts; pricing.ts says how they come from the timing table.
 */

import { clockFigures } from "./clock-figures.ts";
import { FORMS_PER_ROW, formIndex } from "./forms.ts";
import { rows } from "./table.ts";

/** Processors that the timing table has columns for. */
export const clockedCpus = ["i386", "i486", "pentium"] as const;
export type ClockedCpu = (typeof clockedCpus)[number];

export interface ClockTable {
  readonly cpu: ClockedCpu;
  /** By `formIndex`. Conditional branches: not taken. */
  readonly base: Uint16Array;
  /** By row: clocks of a taken conditional branch; INTO with OF set; equal to the base elsewhere. */
  readonly taken: Uint16Array;
  /** By row: start of a repeated string instruction, without iterations. */
  readonly repStart: Uint16Array;
  /** By row: clocks per iteration. */
  readonly repEach: Uint16Array;
}

/** A table of zeros, in the shape the instruction table demands. */
export function emptyClockTable(cpu: ClockedCpu): ClockTable {
  return {
    cpu,
    base: new Uint16Array(rows.length * FORMS_PER_ROW),
    taken: new Uint16Array(rows.length),
    repStart: new Uint16Array(rows.length),
    repEach: new Uint16Array(rows.length),
  };
}

const read = new Map<ClockedCpu, ClockTable>();

/** Clocks of all rows. */
export function clockTable(cpu: ClockedCpu): ClockTable {
  let table = read.get(cpu);
  if (table === undefined) {
    table = emptyClockTable(cpu);
    const figures = clockFigures[cpu];
    for (const part of ["base", "taken", "repStart", "repEach"] as const) table[part].set(decodeFigures(figures[part]));
    read.set(cpu, table);
  }
  return table;
}

/** The inverse of {@link encodeFigures}. */
function decodeFigures(text: string): number[] {
  const values: number[] = [];
  for (const word of text.split(" ")) {
    const [value, times = "1"] = word.split("x");
    for (let i = Number(times); i > 0; i--) values.push(Number(value));
  }
  return values;
}

/** Numbers as words: "7" once, "7x3" three times in a row. */
export function encodeFigures(values: Iterable<number>): string {
  const words: string[] = [];
  let last = -1;
  let times = 0;
  const end = (): void => {
    if (times > 0) words.push(times === 1 ? `${last}` : `${last}x${times}`);
  };
  for (const value of values) {
    if (value !== last) {
      end();
      times = 0;
    }
    last = value;
    times++;
  }
  end();
  return words.join(" ");
}

/** Base clocks of one form of a row. */
export function clocksOf(rowId: number, memory: boolean, cpu: ClockedCpu, operandSize: 2 | 4 = 4): number {
  return clockTable(cpu).base[formIndex(rowId, operandSize, memory)];
}
