/** Address spaces as pmap of procps prints them on an i386 (pmap -x, and the totals of pmap -d). */

import type { AddressMap, MappedPage, MappedProcess, MappedRegion } from "./address-map.ts";
import { hex } from "./entry-text.ts";
import { printable } from "./table.ts";

/** Pages in a line of letters. */
const LINE = 64;

/** The report of `pagewalk maps`; "pages" adds a letter for each page. */
export function pmapText({ processes }: AddressMap, detail: "regions" | "pages"): string {
  return processes.map((process) => processText(process, detail)).join("\n");
}

function processText(process: MappedProcess, detail: "regions" | "pages"): string {
  const { pid, command, mapped, resident, dirty, writablePrivate, shared } = process;
  return [
    `${pid}:   ${printable(command)}\n`,
    row("Address", ["Kbytes", "RSS", "Dirty"], "Mode  Mapping"),
    ...process.regions.flatMap((region) => [regionRow(region), ...(detail === "pages" ? pageLines(region) : [])]),
    "-------- ------- ------- ------- \n",
    row("total kB", [mapped, resident, dirty], ""),
    `mapped: ${mapped}K    writeable/private: ${writablePrivate}K    shared: ${shared}K\n`,
    ...(detail === "pages" ? [letterLegend] : []),
    tablesText(process, detail),
    framesText(process),
  ].join("");
}

function row(first: string, numbers: readonly (string | number)[], rest: string): string {
  const cells = numbers.map((number) => String(number).padStart(7));
  return `${[first.padEnd(8), ...cells, rest].join(" ").trimEnd()}\n`;
}

function regionRow(region: MappedRegion): string {
  const { start, end, resident, dirty, rights } = region;
  const mode = `${rights.slice(0, 3)}${rights[3] === "s" ? "s" : "-"}-`;
  return row(hex(start), [(end - start) / 1024, resident, dirty], `${mode} ${printable(pmapName(region))}`);
}

/** mapping_name() of pmap.c. */
function pmapName({ name, stack, inode }: MappedRegion): string {
  if (name.startsWith("/SYSV")) return `  [ shmid=0x${inode.toString(16)} ]`;
  const slash = name.lastIndexOf("/");
  if (slash >= 0) return name.slice(slash + 1) || name.slice(slash);
  return stack ? "  [ stack ]" : "  [ anon ]";
}

const letters = { anonymous: "a", file: "f", "shared memory": "s", "huge page": "h", zero: "z" } as const;
const letterLegend =
  "a anonymous, f page cache, s shared memory, h huge page, capital: another process has it too; z zeroes, . not in memory\n";

/** A letter per page, as many lines as needed, a line of its own for a huge page; stretches of lines with nothing in memory are left out. */
function pageLines({ start, end, pages }: MappedRegion): string[] {
  if (pages.some(({ size }) => size === "4M")) {
    return pages.map((page) => `  ${hex(page.address)}  ${letterOf(page)}, 4 MiB\n`);
  }
  const byPage = new Map(pages.map((page) => [page.address / 4096, letterOf(page)]));
  const lines: string[] = [];
  for (let at = start / 4096; at < end / 4096; at += LINE) {
    const count = Math.min(LINE, end / 4096 - at);
    const line = Array.from({ length: count }, (_, n) => byPage.get(at + n) ?? ".").join("");
    if (/[^.]/.test(line)) lines.push(`  ${hex(at * 4096)}  ${line}\n`);
  }
  return lines;
}

function letterOf({ kind, sharedWith }: MappedPage): string {
  return sharedWith.length > 0 ? letters[kind].toUpperCase() : letters[kind];
}

function tablesText({ directory, tables }: MappedProcess, detail: "regions" | "pages"): string {
  const each = tables.map(({ address, frame, entries, sharedWith }) => {
    const shared = sharedWith.length === 0 ? "" : `, also of process ${sharedWith.join(", ")}`;
    return `  ${hex(address)}  frame ${hex(frame, 5)}  ${entries} of 1024${shared}\n`;
  });
  const count = `${tables.length} page ${tables.length === 1 ? "table" : "tables"}`;
  const heading = `page directory in frame ${hex(directory, 5)}, ${count}: ${tables.length * 4}K\n`;
  return detail === "pages" ? heading + each.join("") : heading;
}

/** How many frames of each kind, and who has them too. */
function framesText({ regions }: MappedProcess): string {
  const pages = regions.flatMap((region) => region.pages);
  const kinds = Object.keys(letters).map((kind) => {
    const count = pages.filter((page) => page.kind === kind).length;
    return count === 0 ? "" : `${count} ${kind === "zero" ? "of zeroes" : kind}`;
  });
  const groups = new Map<string, number>();
  for (const { sharedWith } of pages) {
    if (sharedWith.length === 0) continue;
    const names = sharedWith.join(", ");
    groups.set(names, (groups.get(names) ?? 0) + 1);
  }
  const shares = [...groups].map(([names, count]) => `  ${count} also of process ${names}\n`);
  return `pages: ${kinds.filter((text) => text !== "").join(", ") || "none"}\n${shares.join("")}`;
}
