/**
 * The instruction set: all rows, and how to find them by key. Everything about instructions derives from `rows`: decoder,
 * disassembler, handlers, clocks, coverage.
 */

import { type Level, type Row, readTable } from "./row.ts";
import { oneByteRows } from "./rows-one-byte.ts";
import { twoByteRows } from "./rows-two-byte.ts";
import { x87Rows } from "./rows-x87.ts";

/** Row 0 is no instruction: what an empty cell of the opcode map holds. */
const undefinedRow: Row = readTable("00 | (bad) | | | ud", 0)[0];

function allRows(): Row[] {
  const list = [undefinedRow];
  for (const text of [oneByteRows, twoByteRows, x87Rows]) list.push(...readTable(text, list.length));
  return list;
}

/** All rows; `rows[d.row]` is the row of a decoded instruction. `rows[0]` stands for "no such instruction". */
export const rows: readonly Row[] = allRows();

const byKey = new Map<string, Row[]>();
for (const row of rows.slice(1)) {
  for (const key of new Set([row.key, row.family])) {
    const list = byKey.get(key);
    if (list === undefined) byKey.set(key, [row]);
    else list.push(row);
  }
}

/**
 * Rows of a key such as "ADD Ev,Gv" (documented encoding and aliases) or of a family such as "Jcc Jb".
 * Throws if there is none: a misspelt key is a mistake in the program.
 */
export function rowsOf(key: string): readonly Row[] {
  const list = byKey.get(key);
  if (list === undefined) throw new Error(`no instruction row "${key}"`);
  return list;
}

/** Every key, in table order. */
export const keys: readonly string[] = [...new Set(rows.slice(1).map((row) => row.key))];

/** Does a processor of this level have the instruction? What it lacks is #UD there. */
export function supports(id: number, level: Level): boolean {
  return rows[id].since <= level && level <= rows[id].until;
}
