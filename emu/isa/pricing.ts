/**
 * Makes one number of each figure of the timing table; clock-figures.ts records the results.
 *
 * Base clocks of every row on a processor, protected mode, everything in the TLB and the cache: what an instruction costs
 * before penalties. Static rules where the manuals give no single number:
 *   range            the lower end                       latency/throughput   throughput
 *   m components     one                                 BSF, BSR, ENTER      n = 0 (level 0)
 *   INT, INT3, INTO  gate to an inner privilege level    IRET, far transfers  same privilege level, no gate
 *   less than 1      1 (FXCH alone in the U pipe)
 * A processor that lacks a row, or of which nothing is known, takes the figure of the next newer one, then of an older one.
 */

import { type ClockedCpu, type ClockTable, clockedCpus, emptyClockTable } from "./clocks.ts";
import { formIndex } from "./forms.ts";
import type { Row } from "./row.ts";
import { rows, rowsOf } from "./table.ts";
import { type Figure, repeatedTimingsOf, type Timing, timingsOf } from "./timing.ts";

/** Clocks of the P6 instructions and of what no table prints: assumptions, each with its model. */
export const assumedClocks: Readonly<Record<string, { register: number; memory: number; because: string }>> = {
  "CMOVcc Gv,Ev": { register: 1, memory: 2, because: "as an ALU instruction on the Pentium" },
  "FCMOVB ST0,STi": { register: 2, memory: 2, because: "P6 latency" },
  "FCMOVE ST0,STi": { register: 2, memory: 2, because: "P6 latency" },
  "FCMOVBE ST0,STi": { register: 2, memory: 2, because: "P6 latency" },
  "FCMOVU ST0,STi": { register: 2, memory: 2, because: "P6 latency" },
  "FCMOVNB ST0,STi": { register: 2, memory: 2, because: "P6 latency" },
  "FCMOVNE ST0,STi": { register: 2, memory: 2, because: "P6 latency" },
  "FCMOVNBE ST0,STi": { register: 2, memory: 2, because: "P6 latency" },
  "FCMOVNU ST0,STi": { register: 2, memory: 2, because: "P6 latency" },
  "FCOMI ST0,STi": { register: 1, memory: 1, because: "as FCOM on the Pentium" },
  "FCOMIP ST0,STi": { register: 1, memory: 1, because: "as FCOM on the Pentium" },
  "FUCOMI ST0,STi": { register: 1, memory: 1, because: "as FUCOM on the Pentium" },
  "FUCOMIP ST0,STi": { register: 1, memory: 1, because: "as FUCOM on the Pentium" },
  "FFREEP STi": { register: 1, memory: 1, because: "as FFREE on the Pentium" },
  "FXSAVE m512byte": { register: 124, memory: 124, because: "as FNSAVE on the Pentium" },
  "FXRSTOR m512byte": { register: 70, memory: 70, because: "as FRSTOR on the Pentium" },
  "NOP Ev": { register: 1, memory: 1, because: "as NOP" },
  PAUSE: { register: 1, memory: 1, because: "as NOP" },
  ENDBR32: { register: 1, memory: 1, because: "as NOP" },
  ENDBR64: { register: 1, memory: 1, because: "as NOP" },
  RDPMC: { register: 6, memory: 6, because: "as RDTSC" },
  SYSENTER: { register: 4, memory: 4, because: "as a far call to the same privilege level on the Pentium" },
  SYSEXIT: { register: 4, memory: 4, because: "as a far return to the same privilege level on the Pentium" },
  "UD0 Gv,Ev": { register: 1, memory: 1, because: "only raises #UD" },
  "UD1 Gv,Ev": { register: 1, memory: 1, because: "only raises #UD" },
  UD2: { register: 1, memory: 1, because: "only raises #UD" },
};

/** Rows that the tables leave out, and the rows whose clocks they take. */
export const pricedLike: Readonly<Record<string, string>> = {
  INT1: "INT3",
  "FDIV STi,ST0": "FDIV ST0,STi",
  "FDIVR STi,ST0": "FDIVR ST0,STi",
};

/** Paths and outcomes in the order in which the base figure is chosen from a row's lines. */
const basePaths = ["nottaken", "OF=0", "inner priv", "same priv", "far", "far,mem", "level0", "n iterations"];

/** A line's protected-mode figure, else its base figure. */
export function figureOf(timing: Timing, cpu: ClockedCpu): Figure | null {
  return timing.protectedClocks[cpu] ?? timing.clocks[cpu];
}

function fits(timing: Timing, memory: boolean, operandSize: number): boolean {
  if (timing.memory !== null && timing.memory !== memory) return false;
  return timing.width === "16" || timing.width === "32" ? Number(timing.width) === operandSize * 8 : true;
}

/** A row's lines that apply to a form; a form the table leaves out (8C with 32 bits) takes any line of the row. */
function linesFor(row: Row, memory: boolean, operandSize: number): readonly Timing[] {
  const all = timingsOf(row.id).filter(({ form }) => form !== "real" && !form.endsWith(" real"));
  const exact = all.filter((timing) => fits(timing, memory, operandSize));
  if (exact.length > 0) return exact;
  const sameForm = all.filter((timing) => timing.memory === memory);
  return sameForm.length > 0 ? sameForm : all;
}

/** Figures of the processor, then of newer ones, then of older ones. */
function figureFor(timing: Timing, cpu: ClockedCpu): Figure | null {
  const n = clockedCpus.indexOf(cpu);
  for (const candidate of [...clockedCpus.slice(n), ...clockedCpus.slice(0, n).reverse()]) {
    const figure = figureOf(timing, candidate);
    if (figure !== null) return figure;
  }
  return null;
}

const atLeastOne = (clocks: number): number => Math.max(1, clocks);

/** The line that a form's base figure comes from; undefined if no manual has one. */
function lineOf(row: Row, memory: boolean, operandSize: number): Timing | undefined {
  const lines = linesFor(row, memory, operandSize);
  const chosen = basePaths.map((path) => lines.find(({ form }) => form === path)).find((line) => line !== undefined);
  return chosen ?? lines[0];
}

function baseClocks(row: Row, memory: boolean, operandSize: number, cpu: ClockedCpu): number | null {
  const model = pricedLike[row.key];
  if (model !== undefined) return baseClocks(rowsOf(model)[0], memory, operandSize, cpu);
  const line = lineOf(row, memory, operandSize);
  if (line === undefined) {
    const assumed = assumedClocks[row.key] ?? assumedClocks[row.family];
    return assumed === undefined ? null : memory ? assumed.memory : assumed.register;
  }
  const figure = figureFor(line, cpu);
  return figure === null ? null : atLeastOne(figure.low + figure.m);
}

/** How far the base clocks of a form can be trusted: A and B as in the timing table, C for what is assumed or borrowed too. */
export function confidenceOf(row: Row, memory: boolean, operandSize: number, cpu: ClockedCpu): string {
  const line = pricedLike[row.key] === undefined ? lineOf(row, memory, operandSize) : undefined;
  return line === undefined || figureOf(line, cpu) === null ? "C" : line.confidence[cpu];
}

/** Prices all rows; a row for which nothing is known gets 0 (none, as a test checks). */
export function priceAll(cpu: ClockedCpu): ClockTable {
  const table = emptyClockTable(cpu);
  for (const row of rows.slice(1)) {
    for (const operandSize of [2, 4]) {
      for (const memory of [false, true]) {
        table.base[formIndex(row.id, operandSize, memory)] = baseClocks(row, memory, operandSize, cpu) ?? 0;
      }
    }
    const taken = timingsOf(row.id).find(({ form }) => form === "taken" || form === "OF=1 inner priv");
    const figure = taken === undefined ? null : figureFor(taken, cpu);
    table.taken[row.id] = figure === null ? table.base[formIndex(row.id, 4, false)] : figure.low + figure.m;
    const repeated = repeatedTimingsOf(row.id)[0];
    const perIteration = repeated === undefined ? null : figureFor(repeated, cpu);
    if (perIteration !== null) {
      table.repStart[row.id] = perIteration.low;
      table.repEach[row.id] = perIteration.n;
    }
  }
  return table;
}
