/**
 * Page faults as lines of words, for people and for records. Every column is one word; blanks in names are written as in
 * /proc/mounts, \040.
 */

import { entryText, errorCodeText, hex } from "./entry-text.ts";
import { type FaultCounts, type FaultSummary, faultKind, type TracedFault } from "./fault-trace.ts";
import { grouped, printable, textTable } from "./table.ts";

/** A column: its name, its least width, and on which side numbers stand. */
type Column = readonly [name: string, width: number, align: "left" | "right"];

export const faultColumns: readonly Column[] = [
  ["fault", 5, "right"],
  ["instructions", 12, "right"],
  ["cycles", 11, "right"],
  ["pid", 5, "right"],
  ["eip", 8, "left"],
  ["symbol", 20, "left"],
  ["address", 8, "left"],
  ["error", 5, "left"],
  ["region", 14, "left"],
  ["kind", 14, "left"],
  ["before", 15, "left"],
  ["after", 15, "left"],
  ["syscall", 7, "left"],
];

function line(words: readonly string[]): string {
  const cells = words.map((word, n) => {
    const [, width, align] = faultColumns[n];
    return align === "right" ? word.padStart(width) : word.padEnd(width);
  });
  return `${cells.join(" ").trimEnd()}\n`;
}

/** The line of column names. */
export function faultHeading(): string {
  return line(faultColumns.map(([name]) => name));
}

export function faultLine(fault: TracedFault): string {
  return line([
    String(fault.fault),
    String(fault.instructions),
    String(fault.cycles),
    String(fault.pid),
    hex(fault.eip),
    word(fault.symbol),
    hex(fault.address),
    errorCodeText(fault.errorCode),
    word(fault.region),
    faultKind(fault),
    entryText(fault.pteBefore),
    entryText(fault.pteAfter),
    fault.by === "program" ? "-" : word(fault.syscall ?? "kernel"),
  ]);
}

function word(text: string): string {
  if (text === "") return "-";
  const escaped = text.replace(/[\s\\]/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, "0")}`);
  return printable(escaped);
}

/** Faults by kind and by process. */
export function faultSummaryText(summary: FaultSummary): string {
  const heads = ["faults", "minor", "major", "refused", "by kernel"];
  const row = (name: string, counts: FaultCounts) => {
    const { faults, minor, major, refused, byKernel } = counts;
    return [name, ...[faults, minor, major, refused, byKernel].map((n) => grouped(n))];
  };
  const rows = (counts: Readonly<Record<string, FaultCounts>>) =>
    Object.entries(counts).map(([name, of]) => row(name, of));
  const kinds = [["kind", ...heads], ...rows(summary.kinds), row("all", summary)];
  const processes = [["pid", ...heads], ...rows(summary.processes)];
  return `\n${textTable(kinds)}\n${textTable(processes)}`;
}
