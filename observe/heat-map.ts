/**
 * A map of an address space: one cell for each page that was touched, its color the logarithm of its misses. Each row is a
 * stretch of addresses within a region; what nobody touched between rows is left out. Where that would be too many rows, a
 * cell is two pages, four, eight ...
 */

import { element, type Markup } from "./markup.ts";
import { box, compact, label, picture, shortLabel } from "./svg.ts";
import { grouped } from "./table.ts";
import type { TlbPage } from "./tlb-profile.ts";

/** Cells of a row. */
const COLUMNS = 64;
const MOST_ROWS = 60;
/** Pages of a cell at most: 256 MiB in a row. */
const MOST_PAGES = 1024;
const PAGE_BYTES = 4096;
/** Side of a cell and distance to the next one. */
const CELL = 11;
const PITCH = 12;
const LEFT = 76;
const RIGHT = LEFT + COLUMNS * PITCH + 12;
const WIDTH = 1040;
/** Characters of a region's name. */
const NAME = 20;
/** Above the first row of another region, and above one that does not follow the row before. */
const REGION_GAP = 9;
const ADDRESS_GAP = 5;
/** Colors besides that of no misses. */
const LEVELS = 7;

interface Cell {
  pages: number;
  fetch: number;
  read: number;
  write: number;
  faults: number;
}

interface Row {
  /** Its first address in rows. */
  readonly number: number;
  readonly region: string;
  readonly cells: Map<number, Cell>;
}

/** @param pages by address */
function rowsOf(pages: readonly TlbPage[], pagesPerCell: number): Row[] {
  const rows: Row[] = [];
  let row: Row | undefined;
  for (const { address, region, misses, faults } of pages) {
    const number = Math.floor(address / (PAGE_BYTES * pagesPerCell));
    const at = Math.floor(number / COLUMNS);
    if (row === undefined || row.number !== at || row.region !== region) {
      row = { number: at, region, cells: new Map() };
      rows.push(row);
    }
    const cell = row.cells.get(number % COLUMNS) ?? { pages: 0, fetch: 0, read: 0, write: 0, faults: 0 };
    cell.pages++;
    cell.fetch += misses.fetch;
    cell.read += misses.read;
    cell.write += misses.write;
    cell.faults += faults;
    row.cells.set(number % COLUMNS, cell);
  }
  return rows;
}

const missesOf = ({ fetch, read, write }: Cell): number => fetch + read + write;

/** The smallest base whose LEVELS powers reach beyond `highest`. */
function baseFor(highest: number): number {
  const bases = [2, 3, 4, 5, 6, 8, 10, 16, 20, 32, 50, 64, 100];
  return bases.find((base) => base ** LEVELS > highest) ?? 1000;
}

/** 0 for no misses, then one more with each power of the base. */
function levelOf(misses: number, base: number): number {
  let level = 0;
  for (let bound = 1; level < LEVELS && misses >= bound; bound *= base) level++;
  return level;
}

const hex = (address: number): string => address.toString(16).padStart(8, "0");

function tip(row: Row, column: number, cell: Cell, pagesPerCell: number): string {
  const first = (row.number * COLUMNS + column) * pagesPerCell * PAGE_BYTES;
  const where = pagesPerCell === 1 ? hex(first) : `${hex(first)}-${hex(first + pagesPerCell * PAGE_BYTES - 1)}`;
  const pages = pagesPerCell === 1 ? "" : `, ${cell.pages} of ${pagesPerCell} pages touched`;
  const { fetch, read, write, faults } = cell;
  const kinds = `fetch ${grouped(fetch)}, read ${grouped(read)}, write ${grouped(write)}`;
  return `${where} ${row.region}${pages}\n${grouped(missesOf(cell))} misses: ${kinds}\n${grouped(faults)} page faults`;
}

/** @param list pages of one process, in any order; at least one */
export function heatMap(list: readonly TlbPage[], title: string): Markup {
  const pages = [...list].sort((a, b) => a.address - b.address);
  let pagesPerCell = 1;
  let rows = rowsOf(pages, pagesPerCell);
  while (rows.length > MOST_ROWS && pagesPerCell < MOST_PAGES) {
    pagesPerCell *= 2;
    rows = rowsOf(pages, pagesPerCell);
  }
  const hidden = Math.max(0, rows.length - MOST_ROWS);
  if (hidden > 0) rows = busiest(rows);
  const highest = Math.max(0, ...rows.flatMap(({ cells }) => [...cells.values()].map(missesOf)));
  const base = baseFor(highest);
  const ofRegion = new Map<string, number>();
  for (const { region, misses } of pages) ofRegion.set(region, (ofRegion.get(region) ?? 0) + misses.all);

  const drawn: Markup[] = [];
  let y = 0;
  for (const [n, row] of rows.entries()) {
    const before = rows[n - 1];
    if (before !== undefined && before.region !== row.region) y += REGION_GAP;
    else if (before !== undefined && before.number + 1 !== row.number) y += ADDRESS_GAP;
    drawn.push(label(LEFT - 10, y + 10, hex(row.number * COLUMNS * pagesPerCell * PAGE_BYTES), "end", "dim"));
    drawn.push(box(LEFT, y, COLUMNS * PITCH - 1, CELL, "bed"));
    for (const [column, cell] of row.cells) {
      const level = levelOf(missesOf(cell), base);
      drawn.push(box(LEFT + column * PITCH, y, CELL, CELL, `h${level}`, tip(row, column, cell, pagesPerCell)));
    }
    if (before?.region !== row.region) {
      drawn.push(shortLabel(RIGHT, y + 10, row.region, NAME));
      drawn.push(label(WIDTH, y + 10, compact(ofRegion.get(row.region) ?? 0), "end", "dim"));
    }
    y += PITCH;
  }
  const rest = hidden === 0 ? "" : ` ${grouped(hidden)} rows with fewer misses are left out.`;
  return element(
    "figure",
    {},
    picture(WIDTH, y + 2, title, drawn),
    element("figcaption", {}, legend(base, highest), element("div", {}, `${scale(pagesPerCell)}${rest}`)),
  );
}

function scale(pagesPerCell: number): string {
  const row = compactBytes(COLUMNS * pagesPerCell * PAGE_BYTES);
  return pagesPerCell === 1
    ? `A cell is a page, a full row ${row}. Misses of each region on the right.`
    : `A cell is ${pagesPerCell} pages (${compactBytes(pagesPerCell * PAGE_BYTES)}), a full row ${row}. Misses of each region on the right.`;
}

const compactBytes = (bytes: number): string => (bytes < 1 << 20 ? `${bytes / 1024} KiB` : `${bytes / (1 << 20)} MiB`);

/** The rows with most misses, still by address. */
function busiest(rows: readonly Row[]): Row[] {
  const missesIn = ({ cells }: Row) => [...cells.values()].reduce((sum, cell) => sum + missesOf(cell), 0);
  const order = rows.map((row, n) => ({ n, misses: missesIn(row) })).sort((a, b) => b.misses - a.misses || a.n - b.n);
  const kept = order.slice(0, MOST_ROWS).sort((a, b) => a.n - b.n);
  return kept.map(({ n }) => rows[n]);
}

function legend(base: number, highest: number): Markup {
  const used = levelOf(highest, base);
  const swatches = Array.from({ length: used + 1 }, (_, level) => {
    const [from, to] = [base ** (level - 1), base ** level - 1];
    const text = level === 0 ? "none" : to <= from ? compact(from) : `${compact(from)}–${compact(to)}`;
    return element("span", { class: "key" }, element("i", { class: `swatch k${level}` }), text);
  });
  return element("span", { class: "keys" }, "misses ", swatches);
}
