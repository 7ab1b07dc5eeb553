/**
 * Address spaces as a picture: a column for each process, addresses growing downwards, a cell for each page (of large
 * mappings for several), unmapped stretches folded. Cells of frames that processes share have the colour of that group.
 *
 *     08048000 r-xp /cow                      4K
 *     +-+
 *     |#|                                          a cell with a page in it
 *     +-+
 *     ~ 2.7 GiB unmapped
 *     b7ff8000 rw-p [anon]                   32K
 */

import type { AddressMap, MappedPage, MappedProcess, MappedRegion } from "./address-map.ts";
import { hex } from "./entry-text.ts";
import { element, Markup } from "./markup.ts";
import { KERNEL_START } from "./region.ts";
import { box, CHARACTER, label, rule, shortLabel } from "./svg.ts";

const MARGIN = 24;
const GUTTER = 36;
const CELL = 9;
const PITCH = 11;
const CELLS_IN_ROW = 32;
const MOST_ROWS = 12;
const MOST_TABLE_ROWS = 4;
const COLUMN = CELLS_IN_ROW * PITCH + 12;
const LINE = 17;
const PAGE = 4096;

/** Colours of frames that two or more processes have, by group in order of appearance. */
const groupColours = ["#e07b39", "#c2456b", "#b8922a", "#7d5ba6", "#3f8f8a", "#8a5a3c"];

const STYLE = `
text { font: 11px ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace; fill: #26323d }
.title { font-weight: 700; font-size: 15px }
.process { font-weight: 700; font-size: 13px }
.quiet { fill: #6b7885 }
.region { fill: #ffffff; stroke: #c9d1d9 }
.kernel { fill: #e8ebef; stroke: #c9d1d9 }
.table { fill: #f4f6f8; stroke: #c9d1d9 }
.fold { stroke: #b6c0ca; stroke-dasharray: 2 3 }
.paper { fill: #fbfcfd }
.absent { fill: #edf0f3 }
.anonymous { fill: #3c78b4 }
.file { fill: #55a071 }
.shm { fill: #7c6fd0 }
.huge { fill: #2f5f8f }
.zero { fill: #b9c2cb }
.clean { fill-opacity: 0.55 }
${groupColours.map((colour, n) => `.group${n} { fill: ${colour} }`).join("\n")}
`;

const kindClasses = {
  anonymous: "anonymous",
  file: "file",
  "shared memory": "shm",
  "huge page": "huge",
  zero: "zero",
} as const;

/** Pieces of a picture from the top down. */
class Column {
  readonly pieces: Markup[] = [];
  readonly x: number;
  y: number;

  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }

  text(words: string, kind?: string): void {
    this.pieces.push(label(this.x, this.y + 11, words, "start", kind));
    this.y += LINE;
  }
}

/** Which processes share frames: a colour for each group. */
class Groups {
  readonly names: string[] = [];

  /** Class of a page's cell. */
  classOf(page: MappedPage, pid: number): string {
    const kind = page.sharedWith.length === 0 ? kindClasses[page.kind] : this.groupOf([pid, ...page.sharedWith]);
    return page.dirty || page.kind === "zero" ? kind : `${kind} clean`;
  }

  private groupOf(pids: readonly number[]): string {
    const name = [...pids].sort((a, b) => a - b).join(", ");
    let n = this.names.indexOf(name);
    if (n < 0) n = this.names.push(name) - 1;
    return `group${n % groupColours.length}`;
  }
}

/** A picture of its own, in SVG. */
export function addressMapSvg(map: AddressMap): string {
  const groups = new Groups();
  const top = MARGIN + 40;
  const columns = map.processes.map((process, n) => drawProcess(process, MARGIN + n * (COLUMN + GUTTER), top, groups));
  const width = 2 * MARGIN + Math.max(1, columns.length) * (COLUMN + GUTTER) - GUTTER;
  const bottom = Math.max(top, ...columns.map(({ y }) => y));
  const legend = drawLegend(map, groups, bottom + 18, width);
  const title = map.processes.map(({ pid, name }) => `${pid} ${name}`).join(", ");
  const height = legend.y + MARGIN - 8;
  const moment = `after ${map.instructions} instructions and ${map.cycles} cycles`;
  return `${
    element(
      "svg",
      { xmlns: "http://www.w3.org/2000/svg", width, height, role: "img", "aria-label": `Address spaces: ${title}` },
      new Markup(`<style>${STYLE}</style>`),
      box(0, 0, width, height, "paper"),
      label(MARGIN, MARGIN + 8, "Address spaces", "start", "title"),
      label(MARGIN, MARGIN + 25, moment, "start", "quiet"),
      columns.map(({ pieces }) => pieces),
      legend.pieces,
    ).text
  }\n`;
}

function drawProcess(process: MappedProcess, x: number, y: number, groups: Groups): Column {
  const column = new Column(x, y);
  const { pid, command, mapped, resident, regions } = process;
  column.pieces.push(shortLabel(x, y + 12, `${pid}  ${command}`, Math.floor(COLUMN / 8), "process"));
  column.y += LINE;
  column.text(`${size(mapped * 1024)} mapped, ${size(resident * 1024)} resident`, "quiet");
  column.y += 4;
  let end = 0;
  for (const region of regions) {
    if (region.start > end) fold(column, region.start - end);
    drawRegion(column, region, pid, groups);
    end = region.end;
  }
  if (end < KERNEL_START) fold(column, KERNEL_START - end);
  column.pieces.push(box(x, column.y, COLUMN, 22, "kernel"));
  column.pieces.push(label(x + 6, column.y + 15, `${hex(KERNEL_START)} kernel`, "start", "quiet"));
  column.pieces.push(label(x + COLUMN - 6, column.y + 15, "1 GiB", "end", "quiet"));
  column.y += 36;
  drawTables(column, process);
  return column;
}

/** A stretch where nothing is mapped. */
function fold(column: Column, bytes: number): void {
  const { x, y } = column;
  const words = `${size(bytes)} unmapped`;
  const middle = x + COLUMN / 2;
  const half = (words.length * CHARACTER) / 2 + 6;
  column.pieces.push(
    rule(x, y + 8, middle - half, y + 8, "fold"),
    rule(middle + half, y + 8, x + COLUMN, y + 8, "fold"),
  );
  column.pieces.push(label(middle, y + 12, words, "middle", "quiet"));
  column.y += 20;
}

function drawRegion(column: Column, region: MappedRegion, pid: number, groups: Groups): void {
  const { start, end, rights, name, pages } = region;
  const { x } = column;
  const count = (end - start) / PAGE;
  let span = 1;
  while (count / span > CELLS_IN_ROW * MOST_ROWS) span *= 2;
  const cells = Math.ceil(count / span);
  const rows = Math.ceil(cells / CELLS_IN_ROW);
  const tail = `${size(end - start)}${span === 1 ? "" : `, a cell is ${span} pages`}`;
  const head = `${hex(start)} ${rights} `;
  const room = Math.floor(COLUMN / CHARACTER) - head.length - tail.length - 2;
  column.pieces.push(label(x, column.y + 11, head, "start"));
  column.pieces.push(shortLabel(x + head.length * CHARACTER, column.y + 11, name === "" ? "[anon]" : name, room));
  column.pieces.push(label(x + COLUMN, column.y + 11, tail, "end", "quiet"));
  column.y += LINE;
  const width = Math.min(cells, CELLS_IN_ROW) * PITCH + 4;
  column.pieces.push(box(x, column.y, width, rows * PITCH + 4, "region"));
  const byCell = new Map<number, MappedPage[]>();
  for (const page of pages) {
    const first = Math.floor((page.address - start) / PAGE / span);
    const last = page.size === "4K" ? first : Math.floor(((page.address - start) / PAGE + 1023) / span);
    for (let cell = first; cell <= last; cell++) byCell.set(cell, [...(byCell.get(cell) ?? []), page]);
  }
  for (let cell = 0; cell < cells; cell++) {
    const here = byCell.get(cell) ?? [];
    const address = start + cell * span * PAGE;
    const [at, down] = [x + 3 + (cell % CELLS_IN_ROW) * PITCH, column.y + 3 + Math.floor(cell / CELLS_IN_ROW) * PITCH];
    const [first] = here;
    if (first === undefined || span > 1) column.pieces.push(box(at, down, CELL, CELL, "absent"));
    if (first === undefined) continue;
    // Of a cell for several pages as much is filled as is in memory.
    const part = first.size === "4M" ? 1 : here.length / Math.min(span, count - cell * span);
    const height = Math.max(2, CELL * part);
    const kind = groups.classOf(strongest(here), pid);
    column.pieces.push(box(at, down + CELL - height, CELL, height, kind, tip(address, here, span)));
  }
  column.y += rows * PITCH + 14;
}

/** What a cell of several pages shows: one that is shared before one that is not, one that is dirty before a clean one. */
function strongest(pages: readonly MappedPage[]): MappedPage {
  const weight = ({ sharedWith, dirty }: MappedPage) => (sharedWith.length > 0 ? 2 : 0) + (dirty ? 1 : 0);
  return pages.reduce((best, page) => (weight(page) > weight(best) ? page : best));
}

function tip(address: number, pages: readonly MappedPage[], span: number): string {
  const [{ frame, kind, writable, dirty, sharedWith, size: bytes }] = pages;
  if (span > 1 && bytes === "4K") return `${hex(address)}: ${pages.length} of ${span} pages in memory`;
  const facts = [kind, writable ? "writable" : "read-only", dirty ? "dirty" : "clean"];
  const others = sharedWith.length === 0 ? "" : `, also of process ${sharedWith.join(", ")}`;
  return `${hex(address)}: frame ${hex(frame, 5)}, ${facts.join(", ")}${others}`;
}

function drawTables(column: Column, { directory, tables }: MappedProcess): void {
  const { x } = column;
  column.text(`page directory in frame ${hex(directory, 5)}, ${tables.length} page tables`, "quiet");
  const across = 3;
  const width = (COLUMN - (across - 1) * 6) / across;
  const shown = tables.slice(0, across * MOST_TABLE_ROWS);
  for (const [n, { address, frame, entries }] of shown.entries()) {
    const [left, top] = [x + (n % across) * (width + 6), column.y + Math.floor(n / across) * 38];
    column.pieces.push(box(left, top, width, 32, "table", `${hex(address)} to ${hex(address + 0x3fffff)}`));
    column.pieces.push(label(left + 5, top + 13, `${hex(address)} +4M`));
    column.pieces.push(label(left + 5, top + 26, `${hex(frame, 5)}, ${entries} used`, "start", "quiet"));
  }
  column.y += Math.ceil(shown.length / across) * 38;
  if (tables.length > shown.length) column.text(`and ${tables.length - shown.length} more`, "quiet");
}

function drawLegend(map: AddressMap, groups: Groups, y: number, width: number): Column {
  const kinds = new Set(
    map.processes
      .flatMap(({ regions }) => regions.flatMap(({ pages }) => pages))
      .filter(({ sharedWith }) => sharedWith.length === 0)
      .map(({ kind }) => kind),
  );
  const names: [string, string][] = [["absent", "not in memory"]];
  if (kinds.has("anonymous")) names.push(["anonymous", "anonymous"]);
  if (kinds.has("file")) names.push(["file", "page cache"]);
  if (kinds.has("shared memory")) names.push(["shm", "shared memory"]);
  if (kinds.has("huge page")) names.push(["huge", "huge page"]);
  if (kinds.has("zero")) names.push(["zero", "page of zeroes"]);
  for (const [n, pids] of groups.names.entries()) names.push([`group${n % groupColours.length}`, `frames of ${pids}`]);
  names.push(["anonymous clean", "pale: clean"]);
  const column = new Column(MARGIN, y);
  column.pieces.push(rule(MARGIN, y - 10, width - MARGIN, y - 10, "fold"));
  let x = MARGIN;
  for (const [kind, words] of names) {
    const needed = 15 + (words.length + 2) * CHARACTER;
    if (x > MARGIN && x + needed > width - MARGIN) {
      x = MARGIN;
      column.y += LINE;
    }
    column.pieces.push(box(x, column.y, CELL, CELL, kind), label(x + 14, column.y + 9, words));
    x += needed;
  }
  column.y += LINE;
  return column;
}

/** "132 KiB", "2.7 GiB". */
function size(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  const unit = bytes < 2 ** 20 ? 1 : bytes < 2 ** 30 ? 2 : 3;
  const value = bytes / 1024 ** unit;
  return `${value < 10 && !Number.isInteger(value) ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
