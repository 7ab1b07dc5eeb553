/** Miss curves for people: tables of sizes, of sets by ways, and of regions by sizes. */

import { type MissCurve, missesOf } from "./lru-curves.ts";
import type { MissCurvesReport, SetCurves } from "./miss-curves.ts";
import { grouped, textTable } from "./table.ts";
import type { WorkingSetReport } from "./working-set.ts";

const WAYS = [1, 2, 4, 8, 16];
/** Columns of the tables of regions. */
const MOST_SIZES = 6;
const kinds = ["fetch", "data", "unified"] as const;

/** The size from which on no size misses less. */
const enough = (curve: MissCurve): number => curve[curve.length - 1][0];

/** Powers of two up to the first from which on all miss alike. */
function sizesOf(curves: readonly MissCurve[]): number[] {
  const sizes = [1];
  while (sizes[sizes.length - 1] < Math.max(...curves.map(enough))) sizes.push(sizes[sizes.length - 1] * 2);
  return sizes;
}

function associativeTable(report: MissCurvesReport, instructions: number): string {
  const columns = kinds.flatMap((kind) => {
    const full = report[kind]?.find(({ sets }) => sets === 1);
    return full === undefined ? [] : [{ kind, curve: full.misses }];
  });
  if (columns.length === 0) return "";
  const rate = (misses: number): string => (instructions === 0 ? "-" : grouped((misses * 1000) / instructions, 3));
  const heads = columns.flatMap(({ kind }) => [`${kind} misses`, "per 1,000"]);
  const rows = sizesOf(columns.map(({ curve }) => curve)).map((size) => [
    grouped(size),
    ...columns.flatMap(({ curve }) => [grouped(missesOf(curve, size)), rate(missesOf(curve, size))]),
  ]);
  return `\n${textTable([["LRU entries", ...heads], ...rows])}`;
}

function setsTable(kind: string, curves: readonly SetCurves[]): string {
  if (!curves.some(({ sets }) => sets > 1)) return "";
  const rows = curves.map(({ sets, misses }) => [
    `${grouped(sets)}`,
    ...WAYS.map((ways) => grouped(missesOf(misses, ways))),
  ]);
  return `\n${textTable([[`${kind} misses: sets`, ...WAYS.map((ways) => `${ways} way${ways === 1 ? "" : "s"}`)], ...rows])}`;
}

function regionsTable(kind: string, { sets, misses, regions }: SetCurves, shown: number): string {
  if (regions.length === 0) return "";
  const sizes = sizesOf([misses]);
  const step = Math.ceil(sizes.length / MOST_SIZES);
  const columns = sizes.filter((_, n) => (sizes.length - 1 - n) % step === 0);
  const rows = [...regions]
    .sort((a, b) => missesOf(b.misses, columns[0]) - missesOf(a.misses, columns[0]))
    .slice(0, shown)
    .map(({ pid, region, misses: own }) => [
      `${pid} ${region}`,
      ...columns.map((size) => grouped(missesOf(own, size))),
    ]);
  const rest = regions.length > shown ? `  and ${grouped(regions.length - shown)} more\n` : "";
  const head = (size: number): string =>
    sets === 1 ? `${grouped(size)} ${size === 1 ? "entry" : "entries"}` : `${grouped(sets)}x${grouped(size)}`;
  return `\n${textTable([[`${kind} misses by region`, ...columns.map(head)], ...rows])}${rest}`;
}

/**
 * Misses of LRU TLBs by size, by sets and ways, and by region.
 *
 * @param shown rows of each table of regions
 */
export function missCurvesText(report: MissCurvesReport, instructions: number, shown: number): string {
  const present = kinds.flatMap((kind) => {
    const curves = report[kind];
    return curves === undefined ? [] : [{ kind, curves }];
  });
  return [
    associativeTable(report, instructions),
    ...present.map(({ kind, curves }) => setsTable(kind, curves)),
    ...present.flatMap(({ kind, curves }) => curves.slice(0, 1).map((first) => regionsTable(kind, first, shown))),
  ].join("");
}

/** Mean and largest working set of each window length, in pages. */
export function workingSetText({ windows, samples, total }: WorkingSetReport): string {
  const rows = windows.map((length, column) => [
    grouped(length),
    ...(["fetch", "data", "all"] as const).flatMap((kind) => {
      const sizes = samples.map((sample) => sample[kind][column]);
      const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
      return [grouped(mean, 1), grouped(Math.max(...sizes))];
    }),
  ]);
  const whole = ["whole run", "", grouped(total.fetch), "", grouped(total.data), "", grouped(total.all)];
  const heads = ["working set of, pages", "fetch mean", "most", "data mean", "most", "all mean", "most"];
  return `\n${textTable([heads, ...rows.map(([length, ...cells]) => [`${length} instructions`, ...cells]), whole])}`;
}
