/**
 * A fault trace as a file that later runs are compared with:
 *
 *     pagewalk faults, record 1           what it is, and the version of its form
 *     program: "cow"                      how it was made: names and JSON values
 *     ...
 *     (an empty line)
 *     fault instructions cycles ...       names of the columns
 *         1            0      0 ...       one line per fault (fault-text.ts)
 *     end: 25 faults, exit status 0
 *
 * Everything in it is the same in every run with the same input.
 */

import { faultColumns, faultHeading } from "./fault-text.ts";
import { printable } from "./table.ts";

const FIRST_LINE = "pagewalk faults, record ";
const VERSION = "1";
const END = "end: ";
/** Lines shown around the first difference. */
const CONTEXT = 3;
/** How far a fault is looked for that is missing or superfluous. */
const NEARBY = 8;

/** Most characters of a damaged line that are shown. */
const QUOTED = 80;

/** How the trace was made: JSON values by name. */
export type FaultSetup = Readonly<Record<string, unknown>>;

export interface FaultRecording {
  readonly setup: FaultSetup;
  /** Of fault-text.ts. */
  readonly lines: readonly string[];
  /** How the program ended: "exit status 0". */
  readonly ending: string;
}

export function faultRecordingText({ setup, lines, ending }: FaultRecording): string {
  const header = Object.entries(setup).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`);
  const end = `${END}${lines.length} ${lines.length === 1 ? "fault" : "faults"}, ${ending}\n`;
  return `${FIRST_LINE}${VERSION}\n${header.join("")}\n${faultHeading()}${lines.join("")}${end}`;
}

/** Reads what faultRecordingText() wrote, or says in one clause what is wrong with it. */
export function parseFaultRecording(text: string): FaultRecording | string {
  if (text === "") return "an empty file, no record of faults";
  const rows = text.split("\n");
  const [first] = rows;
  if (!first.startsWith(FIRST_LINE)) return "not a record of pagewalk faults";
  if (first !== FIRST_LINE + VERSION)
    return `record version ${quoted(first.slice(FIRST_LINE.length))}, this is version ${VERSION}`;
  const truncated = "a truncated record: its last line, the number of faults, is missing";
  if (rows.at(-1) !== "" || !rows.at(-2)?.startsWith(END)) return truncated;
  const blank = rows.indexOf("");
  const setup: Record<string, unknown> = {};
  for (const [n, row] of rows.slice(1, blank).entries()) {
    const [, name, value] = /^([\w-]+): (.*)$/.exec(row) ?? [];
    const parsed = name === undefined ? undefined : jsonValue(value);
    if (parsed === undefined) return `line ${n + 2} is no setting of a record: ${quoted(row)}`;
    setup[name] = parsed;
  }
  if (`${rows[blank + 1]}\n` !== faultHeading()) return `line ${blank + 2} does not name the columns of a record`;
  const lines = rows.slice(blank + 2, -2);
  for (const [n, line] of lines.entries()) {
    if (wordsOf(line).length !== faultColumns.length) return `line ${blank + 3 + n} is no fault: ${quoted(line)}`;
  }
  const [, count, ending] = /^(\d+) faults?, (.*)$/.exec(rows.at(-2)?.slice(END.length) ?? "") ?? [];
  if (count === undefined || Number(count) !== lines.length) {
    return `a damaged record: ${lines.length} faults, but its last line says ${quoted(rows.at(-2) ?? "")}`;
  }
  return { setup, lines: lines.map((line) => `${line}\n`), ending };
}

/** Of whatever a file holds, as much as a line of complaint bears. */
function quoted(text: string): string {
  return printable(text.length > QUOTED ? `${text.slice(0, QUOTED)}...` : text);
}

function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wordsOf(line: string): string[] {
  return line.trim().split(/ +/);
}

/** What differs between two setups, a clause each: `cpu is "i386", the record has "p6"`. */
export function setupDifferences(recorded: FaultSetup, current: FaultSetup): string[] {
  const names = new Set([...Object.keys(recorded), ...Object.keys(current)]);
  const text = (value: unknown) => (value === undefined ? "absent" : JSON.stringify(value));
  return [...names]
    .filter((name) => text(recorded[name]) !== text(current[name]))
    .map((name) => `${name} is ${text(current[name])}, the record has ${text(recorded[name])}`);
}

/**
 * Compares a run with a record: null if they have the same faults and ended alike, else a text for people: the first
 * difference among its neighbours, in the manner of a unified diff, and in words.
 *
 * @param ignored names of columns (faultColumns) that do not matter
 */
export function faultDifference(
  recorded: FaultRecording,
  current: FaultRecording,
  ignored: readonly string[] = [],
): string | null {
  const compared = faultColumns.map(([name]) => !ignored.includes(name));
  const key = (line: string) =>
    wordsOf(line)
      .filter((_, n) => compared[n])
      .join(" ");
  const before = recorded.lines.map(key);
  const after = current.lines.map(key);
  let same = 0;
  while (same < before.length && same < after.length && before[same] === after[same]) same++;
  const equal = same === before.length && same === after.length;
  if (equal && recorded.ending === current.ending) return null;
  const counts = `${recorded.lines.length} faults recorded, ${current.lines.length} in this run`;
  const ending =
    recorded.ending === current.ending
      ? ""
      : `the record ends with ${recorded.ending}, this run with ${current.ending}\n`;
  if (equal) return ending;
  const start = Math.max(0, same - CONTEXT);
  const [removed, added] = meeting(before, after, same);
  const shown = (sign: string, lines: readonly string[], from: number, to: number) =>
    lines.slice(from, to).map((line) => `${sign}${line}`);
  let agreeing = 0;
  while (agreeing < CONTEXT && before[same + removed + agreeing] === after[same + added + agreeing]) agreeing++;
  return [
    "--- recorded\n+++ this run\n",
    `@@ fault ${same + 1}; ${counts} @@\n`,
    ` ${faultHeading()}`,
    ...shown(" ", current.lines, start, same),
    ...shown("-", recorded.lines, same, same + removed),
    ...shown("+", current.lines, same, same + added),
    ...shown(" ", current.lines, same + added, same + added + agreeing),
    `fault ${same + 1}: ${inWords(recorded.lines, current.lines, same, compared)}\n`,
    ending,
  ].join("");
}

/** How many lines from `at` on differ until both sides agree again, on each side; a few if they do not soon. */
function meeting(before: readonly string[], after: readonly string[], at: number): [removed: number, added: number] {
  for (let sum = 1; sum <= NEARBY; sum++) {
    for (let removed = 0; removed <= sum; removed++) {
      const line = before[at + removed];
      if (line !== undefined && line === after[at + sum - removed]) return [removed, sum - removed];
    }
  }
  return [CONTEXT, CONTEXT];
}

/** The first difference, told as columns that differ or as faults that are missing or superfluous. */
function inWords(
  recorded: readonly string[],
  current: readonly string[],
  at: number,
  compared: readonly boolean[],
): string {
  if (at >= recorded.length) return `the record has no more, this run has ${current.length - at} more`;
  if (at >= current.length) return `this run has no more, the record has ${recorded.length - at} more`;
  const was = wordsOf(recorded[at]);
  const is = wordsOf(current[at]);
  if (placeOf(recorded[at]) !== placeOf(current[at])) {
    for (let distance = 1; distance <= NEARBY; distance++) {
      const faults = distance === 1 ? "1 fault" : `${distance} faults`;
      if (placeOf(current[at + distance]) === placeOf(recorded[at]))
        return `this run has ${faults} before it that the record has not`;
      if (placeOf(recorded[at + distance]) === placeOf(current[at]))
        return `the record has ${faults} before it that this run has not`;
    }
  }
  const differences = faultColumns.flatMap(([name], n) =>
    compared[n] && was[n] !== is[n] ? [`${name} was ${was[n]}, is ${is[n]}`] : [],
  );
  return differences.join("; ");
}

/** What tells a fault from its neighbours whatever came before it: pid, EIP, address and error code. */
function placeOf(line: string | undefined): string {
  if (line === undefined) return "";
  const words = wordsOf(line);
  return ["pid", "eip", "address", "error"]
    .map((name) => words[faultColumns.findIndex(([of]) => of === name)])
    .join(" ");
}
