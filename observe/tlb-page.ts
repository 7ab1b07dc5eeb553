/** A TLB profile as one HTML page that needs nothing else: figures, pictures and tables of what the JSON report holds. */

import { heatMap } from "./heat-map.ts";
import { chart, decimalAxis, doublingAxis, type Hint, type Line, linearAxis } from "./line-chart.ts";
import { missesOf } from "./lru-curves.ts";
import { type Child, element, Markup } from "./markup.ts";
import type { MissCurvesReport, SetCurves } from "./miss-curves.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { compact, type Point } from "./svg.ts";
import { grouped, percent } from "./table.ts";
import type { TlbCounts } from "./tlb-counts.ts";
import type { TlbReport } from "./tlb-profile.ts";
import type { TlbMoment } from "./tlb-timeline.ts";
import type { WorkingSetReport } from "./working-set.ts";

/** The object of `pagewalk tlb --json`. */
export interface TlbPageReport extends TlbReport {
  readonly curves?: MissCurvesReport;
  readonly workingSet?: WorkingSetReport;
}

/** Columns of the chart over time, each of one or two buckets. */
const MOST_COLUMNS = 256;
/** Processes whose address spaces are drawn. */
const MOST_MAPS = 4;
/** Curves of regions. */
const MOST_CURVES = 6;
/** Of the highest miss rate that is drawn to the lowest. */
const MOST_CONTRAST = 1e5;
/** Points of a curve per doubling of the size. */
const FINENESS = 8;
/** An outlier is more than so many times what 97 columns of 100 stay below. */
const OUTLIER = 3;

const hex = (address: number): string => address.toString(16).padStart(8, "0");

/**
 * @param rows of each table
 * @returns a whole document, well-formed as XML too
 */
export function tlbPage(report: TlbPageReport, rows: number): string {
  const title = `TLB profile of ${report.program === "" ? "a program" : report.program}`;
  const head = element(
    "head",
    {},
    element("meta", { charset: "utf-8" }),
    element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    element("title", {}, title),
    element("style", {}, new Markup(PAGE_STYLE)),
  );
  const body = element(
    "body",
    {},
    element("h1", {}, title),
    element("p", {}, `${report.cpu}, TLBs `, element("code", {}, report.tlb)),
    tiles(report),
    kinds(report),
    overTime(report),
    workingSets(report),
    curves(report),
    maps(report),
    tables(report, rows),
    footer(report),
  );
  return `<!doctype html>\n${element("html", { lang: "en" }, head, body).text}\n`;
}

function section(title: string, text: string, ...children: readonly Child[]): Markup {
  return element("section", {}, element("h2", {}, title), text === "" ? [] : element("p", {}, text), ...children);
}

function tiles(report: TlbReport): Markup {
  const { instructions, cycles, accesses, misses, walks, faults, refillClocks } = report;
  const walking = walks.clocks + refillClocks;
  const list: [name: string, figure: string, note: string][] = [
    [
      "instructions",
      grouped(instructions),
      instructions === 0 ? "" : `${grouped(cycles / instructions, 2)} cycles each`,
    ],
    ["cycles", grouped(cycles), ""],
    ["accesses", grouped(accesses), `${grouped(accesses - misses)} hits`],
    ["misses", grouped(misses), `${percent(misses, accesses)} of accesses`],
    ["misses per 1,000 instructions", grouped(report.missesPerThousandInstructions, 3), ""],
    ["page walks", grouped(walks.begun), `${grouped(walks.reads)} reads, ${grouped(walks.writes)} A/D writes`],
    ["cycles in walks and refills", grouped(walking), `${percent(walking, cycles)} of cycles`],
    ["page faults", grouped(faults), ""],
  ];
  return element(
    "dl",
    { class: "tiles" },
    list.map(([name, figure, note]) =>
      element("div", { class: "tile" }, element("dt", {}, name), element("dd", {}, figure), element("dd", {}, note)),
    ),
  );
}

/** A cell with a bar and the percentage that it shows. */
function share(part: number, whole: number): Markup {
  const width = whole === 0 ? 0 : (64 * part) / whole;
  const bar = element("rect", { width, height: 9, class: "bar" });
  const text = whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`;
  return element(
    "td",
    { class: "share" },
    element("svg", { viewBox: "0 0 64 9", "aria-hidden": "true" }, bar),
    element("span", {}, text),
  );
}

function count(value: number): Markup {
  return element("td", value === 0 ? { class: "zero" } : {}, grouped(value));
}

function headings(...names: readonly string[]): Markup {
  const cells = names.map((name) => element("th", name === "of all misses" ? { class: "share" } : {}, name));
  return element("thead", {}, element("tr", {}, cells));
}

function wide(...children: readonly Child[]): Markup {
  return element("div", { class: "scroll" }, element("table", {}, ...children));
}

function kinds({ kinds: list, misses }: TlbReport): Markup {
  const present = list.filter(({ accesses }) => accesses > 0);
  if (present.length === 0) return section("Misses by kind", "Paging was never on: nothing was looked up.");
  const rows = present.map(({ access, by, accesses, hits, misses: own }) =>
    element(
      "tr",
      {},
      element("td", {}, `${access}, ${by}`),
      ...[accesses, hits, own].map(count),
      element("td", {}, percent(own, accesses)),
      share(own, misses),
    ),
  );
  const heads = headings("kind", "accesses", "hits", "misses", "miss rate", "of all misses");
  return section("Misses by kind", "", wide(heads, element("tbody", {}, rows)));
}

function keys(names: readonly (readonly [color: string, name: string])[]): Markup {
  return element(
    "span",
    { class: "keys" },
    names.map(([color, name]) => element("span", { class: "key" }, element("i", { class: `swatch ${color}` }), name)),
  );
}

/** A stretch of the run: one bucket of the timeline, or two. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly fetch: number;
  readonly read: number;
  readonly write: number;
  readonly faults: number;
  readonly walks: number;
}

function stretches({ timeline, instructions }: TlbReport): Stretch[] {
  const { width, buckets } = timeline;
  const each = buckets.length > MOST_COLUMNS ? 2 : 1;
  const list: Stretch[] = [];
  const sum = (group: readonly TlbMoment[], pick: (one: TlbCounts) => number) =>
    group.reduce((total, one) => total + pick(one), 0);
  for (let n = 0; n < buckets.length; n += each) {
    const group = buckets.slice(n, n + each);
    const from = n * width;
    list.push({
      from,
      to: Math.max(from + 1, Math.min(from + each * width, instructions)),
      fetch: sum(group, ({ misses }) => misses.fetch),
      read: sum(group, ({ misses }) => misses.read),
      write: sum(group, ({ misses }) => misses.write),
      faults: sum(group, ({ faults }) => faults),
      walks: sum(group, ({ walks }) => walks),
    });
  }
  return list;
}

const allMisses = ({ fetch, read, write }: Stretch): number => fetch + read + write;

/** The top of an axis for rates, of which the last stretch may be too short to have one. */
function topOf(rates: readonly number[]): number {
  const sorted = [...rates].sort((a, b) => a - b);
  const usual = sorted[Math.floor((sorted.length - 1) * 0.97)] ?? 0;
  const highest = sorted[sorted.length - 1] ?? 0;
  return usual > 0 && highest > usual * OUTLIER ? usual * 1.25 : highest * 1.05;
}

function overTime(report: TlbReport): Markup {
  const all = stretches(report);
  const last = all[all.length - 1];
  const full = all[0].to - all[0].from;
  // What comes behind the last whole stretch is too short for a rate; its counts are in the one before.
  const short = all.length > 1 && last.to - last.from < full / 2;
  const list = short ? [...all.slice(0, -2), joined(all[all.length - 2], last)] : all;
  const x = linearAxis("instructions", report.instructions, 8);
  const end = list[list.length - 1].to;
  const rate = (value: number, { from, to }: Stretch) => (1000 * value) / (to - from);
  const series = (pick: (one: Stretch) => number): Point[] => [
    ...list.map((one) => ({ x: one.from, y: rate(pick(one), one) })),
    { x: end, y: rate(pick(list[list.length - 1]), list[list.length - 1]) },
  ];
  const top = topOf(list.map((one) => rate(allMisses(one), one)));
  const hints: Hint[] = list.map((one) => ({ from: one.from, to: one.to, text: momentText(one) }));
  const beyond = list.filter((one) => rate(allMisses(one), one) > top);
  const highest = Math.max(...list.map((one) => rate(allMisses(one), one)));
  const misses = chart({
    label: "TLB misses per 1,000 instructions over time",
    height: 260,
    x,
    y: linearAxis("misses per 1,000 instructions", top, 5),
    kind: "areas",
    lines: [
      { color: "s2", points: series(allMisses) },
      { color: "s1", points: series(({ fetch, read }) => fetch + read) },
      { color: "s3", points: series(({ fetch }) => fetch) },
    ],
    hints,
    beyond: beyond.map(({ from, to }) => (from + to) / 2),
  });
  const faultTop = topOf(list.map((one) => rate(one.faults, one)));
  const faults = chart({
    label: "Page faults per 1,000 instructions over time",
    height: 140,
    x,
    y: linearAxis("page faults per 1,000 instructions", faultTop, 2),
    kind: "areas",
    lines: [{ color: "s5", points: series((one) => one.faults) }],
    hints,
    beyond: list.filter((one) => rate(one.faults, one) > faultTop).map(({ from, to }) => (from + to) / 2),
  });
  const cut = beyond.length === 0 ? "" : `Triangles: more than the axis shows, up to ${compact(highest)}.`;
  return section(
    "Over time",
    `Misses and page faults per 1,000 instructions, in steps of ${grouped(full)}.`,
    element(
      "figure",
      {},
      misses,
      report.faults === 0 ? [] : faults,
      element(
        "figcaption",
        {},
        keys([
          ["s3", "fetch misses"],
          ["s1", "read misses"],
          ["s2", "write misses"],
          ["s5", "page faults"],
        ]),
        cut,
      ),
    ),
  );
}

function joined(a: Stretch, b: Stretch): Stretch {
  const { from } = a;
  return {
    from,
    to: b.to,
    fetch: a.fetch + b.fetch,
    read: a.read + b.read,
    write: a.write + b.write,
    faults: a.faults + b.faults,
    walks: a.walks + b.walks,
  };
}

function momentText(one: Stretch): string {
  const { from, to, fetch, read, write, faults, walks } = one;
  return (
    `instructions ${grouped(from)} to ${grouped(to)}\n${grouped(allMisses(one))} misses: ` +
    `fetch ${grouped(fetch)}, read ${grouped(read)}, write ${grouped(write)}\n` +
    `${grouped(walks)} walks, ${grouped(faults)} page faults`
  );
}

function workingSets({ workingSet, instructions }: TlbPageReport): Child {
  if (workingSet === undefined || workingSet.samples.length === 0) return [];
  const { windows, samples } = workingSet;
  const [step] = windows;
  // Four windows at most, from the shortest to one that is a quarter of the run.
  const useful = windows
    .map((length, n) => ({ length, n }))
    .filter(({ length, n }) => n === 0 || length * 4 <= samples.length * step);
  const apart = Math.max(1, Math.ceil(useful.length / 4));
  const shown = useful.filter(({ n }) => n % apart === 0);
  const lines: Line[] = shown.map(({ n }, color) => ({
    color: `s${color + 1}`,
    points: samples.map(({ all }, k) => ({ x: (k + 1) * step, y: all[n] ?? 0 })),
  }));
  const highest = Math.max(1, ...lines.flatMap(({ points }) => points.map(({ y }) => y)));
  const hints = samples.map(({ all }, k) => ({
    from: k * step,
    to: (k + 1) * step,
    text: [`at instruction ${grouped((k + 1) * step)}`]
      .concat(shown.map(({ length, n }) => `${grouped(all[n] ?? 0)} pages in ${grouped(length)} instructions`))
      .join("\n"),
  }));
  return section(
    "Working set",
    "Distinct pages that were used in the instructions before: so many entries would hold them.",
    element(
      "figure",
      {},
      chart({
        label: "Pages used in the last instructions, over time",
        height: 220,
        x: linearAxis("instructions", instructions, 8),
        y: linearAxis("pages", highest * 1.05, 5),
        kind: "lines",
        lines,
        hints,
      }),
      element("figcaption", {}, keys(shown.map(({ length }, n) => [`s${n + 1}`, `in the last ${grouped(length)}`]))),
    ),
  );
}

/** A curve that somebody can be shown. */
interface NamedCurve {
  readonly name: string;
  /** Sets of the TLBs: a size is so many entries. */
  readonly sets: number;
  readonly misses: SetCurves["misses"];
}

function curveChart(title: string, list: readonly NamedCurve[], instructions: number): Markup {
  const per = (misses: number) => (1000 * misses) / Math.max(1, instructions);
  const enough = Math.max(2, ...list.map(({ sets, misses }) => sets * misses[misses.length - 1][0]));
  const largest = 2 ** Math.ceil(Math.log2(enough));
  const sizes = samplesUpTo(largest);
  const at = ({ sets, misses }: NamedCurve, size: number) => per(missesOf(misses, Math.floor(size / sets)));
  const lines = list.map((curve, n) => ({
    color: `s${n + 1}`,
    points: sizes.filter((size) => size >= curve.sets).map((size) => ({ x: size, y: at(curve, size) })),
  }));
  const values = [1, ...lines.flatMap(({ points }) => points.map(({ y }) => y)).filter((y) => y > 0)];
  const highest = Math.max(...values);
  const hints = sizes.slice(0, -1).map((size, n) => ({
    from: size,
    to: sizes[n + 1],
    text: [`${grouped(size)} entries`]
      .concat(
        list
          .filter(({ sets }) => size >= sets)
          .map((curve) => `${curve.name}: ${grouped(at(curve, size), 3)} per 1,000`),
      )
      .join("\n"),
  }));
  return element(
    "figure",
    {},
    chart({
      label: title,
      height: 260,
      x: doublingAxis("entries", largest),
      y: decimalAxis("misses per 1,000 instructions", Math.max(highest / MOST_CONTRAST, Math.min(...values)), highest),
      kind: "lines",
      lines,
      hints,
    }),
    element("figcaption", {}, keys(list.map(({ name }, n) => [`s${n + 1}`, name]))),
  );
}

/** Whole sizes, FINENESS for each doubling. */
function samplesUpTo(largest: number): number[] {
  const sizes = new Set<number>();
  for (let n = 0; ; n++) {
    const size = Math.round(2 ** (n / FINENESS));
    sizes.add(Math.min(size, largest));
    if (size >= largest) return [...sizes];
  }
}

function curves({ curves: report, instructions }: TlbPageReport): Child {
  if (report === undefined) return [];
  const present = (["fetch", "data", "unified"] as const).flatMap((kind) => {
    const list = report[kind];
    return list === undefined || list.length === 0 ? [] : [{ kind, list }];
  });
  const full = present.flatMap(({ kind, list }) =>
    list.filter(({ sets }) => sets === 1).map((one) => ({ kind, ...one })),
  );
  const charts: Markup[] = [];
  if (full.length > 0) {
    const named = full.map(({ kind, misses }) => ({ name: kind === "fetch" ? "fetches" : kind, sets: 1, misses }));
    charts.push(element("h3", {}, "Fully associative"), curveChart("Misses by number of entries", named, instructions));
  }
  const data = present.find(({ kind }) => kind === "data")?.list ?? [];
  if (data.length > 1) {
    const every = Math.ceil(data.length / MOST_CURVES);
    const named = data
      .filter((_, n) => n % every === 0)
      .map(({ sets, misses }) => ({ name: sets === 1 ? "1 set" : `${grouped(sets)} sets`, sets, misses }));
    charts.push(
      element("h3", {}, "Data, by number of sets"),
      curveChart("Data misses by sets and entries", named, instructions),
    );
  }
  const regions = full.find(({ kind }) => kind === "data")?.regions ?? [];
  if (regions.length > 0) {
    const named = regions
      .slice(0, MOST_CURVES)
      .map(({ pid, region, misses }) => ({ name: `${pid} ${region}`, sets: 1, misses }));
    charts.push(
      element("h3", {}, "Data, by region"),
      curveChart("Data misses by region and entries", named, instructions),
    );
  }
  const text = "Misses per 1,000 instructions that LRU TLBs of other sizes would have had in this run.";
  return charts.length === 0 ? [] : section("Other sizes", text, charts);
}

function maps({ processes, pages }: TlbReport): Child {
  const shown = processes.filter(({ misses }) => misses.all > 0).slice(0, MOST_MAPS);
  if (shown.length === 0) return [];
  const drawn = shown.map(({ pid, name, misses }) => {
    const title = `Process ${pid} ${name}, ${grouped(misses.all)} misses`;
    return [
      element("h3", {}, title),
      heatMap(
        pages.filter((page) => page.pid === pid),
        title,
      ),
    ];
  });
  const rest = processes.filter(({ misses }) => misses.all > 0).length - shown.length;
  const text =
    "Each touched page, by address; the darker, or in a dark page the brighter, the more misses. Addresses that nobody touched are left out." +
    (rest > 0 ? ` The ${MOST_MAPS} processes with most misses of ${grouped(rest + MOST_MAPS)}.` : "");
  return section("Address space", text, drawn);
}

function subjects<Subject extends TlbCounts>(
  title: string,
  head: string,
  list: readonly Subject[],
  rows: number,
  all: number,
  nameOf: (subject: Subject) => string,
): Child {
  const present = list.filter(({ misses, walks, faults, lookups }) => misses.all + walks + faults + (lookups ?? 0) > 0);
  if (present.length === 0) return [];
  const known = present.some(({ lookups }) => lookups !== null);
  const heads = [head, ...(known ? ["lookups", "miss rate"] : []), "misses", "of all misses", "fetch", "read", "write"];
  const cells = present.slice(0, rows).map((subject) => {
    const { misses, walks, walkClocks, faults, lookups } = subject;
    const name = nameOf(subject);
    return element(
      "tr",
      {},
      element("td", { title: name }, name),
      known ? [count(lookups ?? 0), element("td", {}, percent(misses.all, lookups ?? 0))] : [],
      count(misses.all),
      share(misses.all, all),
      [misses.fetch, misses.read, misses.write, walks, walkClocks, faults].map(count),
    );
  });
  const columns = String(heads.length + 3);
  const rest =
    present.length > rows
      ? element(
          "tr",
          { class: "rest" },
          element("td", { colspan: columns }, `and ${grouped(present.length - rows)} more`),
        )
      : [];
  return [
    element("h3", {}, title),
    wide(headings(...heads, "walks", "walk clocks", "faults"), element("tbody", {}, cells, rest)),
  ];
}

function tables(report: TlbReport, rows: number): Markup {
  const { processes, regions, functions, lines, pages, misses } = report;
  const known = lines.some(({ line }) => line > 0);
  return section(
    "Where the misses come from",
    "Most misses first. What the kernel touches for a program counts for the function that asked for it.",
    subjects("Processes", "process", processes, rows, misses, ({ pid, name }) => `${pid} ${name}`),
    subjects("Regions", "region", regions, rows, misses, ({ pid, region }) => `${pid} ${region}`),
    subjects("Functions", "function", functions, rows, misses, ({ file, name }) =>
      name === "" ? file : `${name} (${file})`,
    ),
    known ? subjects("Source lines", "line", lines, rows, misses, lineName) : [],
    subjects("Pages", "page", pages, rows, misses, ({ pid, address, region }) => `${pid} ${hex(address)} ${region}`),
  );
}

/** "stride.c:14 sweep"; what is known where no line is. */
function lineName({ source, line, name, file }: TlbReport["lines"][number]): string {
  return line === 0 ? `${name === "" ? "" : `${name} `}(${file})` : `${source}:${line} ${name}`;
}

function footer({ schema }: TlbReport): Markup {
  return element(
    "footer",
    {},
    `Made by pagewalk tlb; figures are those of its --json report, schema ${schema}. Misses are lookups that missed the first TLB level.`,
  );
}
