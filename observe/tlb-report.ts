/** A TLB profile for people: aligned tables, the most misses first. */

import { grouped, percent, printable, textTable } from "./table.ts";
import type { TlbCounts } from "./tlb-counts.ts";
import type { TlbLine, TlbReport } from "./tlb-profile.ts";

/** Characters of a name; of a longer one the end is shown, where paths differ. */
const LONGEST_NAME = 72;
const MOST_COLUMNS = 64;
const BLOCKS = " ▁▂▃▄▅▆▇█";

function shortName(name: string): string {
  const text = printable(name);
  return text.length <= LONGEST_NAME ? text : `…${text.slice(1 - LONGEST_NAME)}`;
}

/** Lines of one table: what does not fit is named in one more line. */
function table<Subject extends TlbCounts>(
  subjects: readonly Subject[],
  shown: number,
  title: string,
  nameOf: (subject: Subject) => string,
  all: number,
): string {
  const present = subjects.filter(
    ({ misses, walks, faults, lookups }) => misses.all + walks + faults + (lookups ?? 0) > 0,
  );
  if (present.length === 0) return "";
  const known = present.some(({ lookups }) => lookups !== null);
  const rows = present.slice(0, shown).map((subject) => {
    const { misses, walks, walkClocks, faults, lookups } = subject;
    const numbers = [misses.fetch, misses.read, misses.write, misses.all].map((n) => grouped(n));
    const rate = known ? [grouped(lookups ?? 0), percent(misses.all, lookups ?? 0)] : [];
    const walking = [walks, walkClocks, faults].map((n) => grouped(n));
    return [shortName(nameOf(subject)), ...rate, ...numbers, percent(misses.all, all), ...walking];
  });
  const rateHeads = known ? ["lookups", "miss rate"] : [];
  const heads = [title, ...rateHeads, "fetch", "read", "write", "misses", "of all", "walks", "clocks", "faults"];
  const rest = present.length > shown ? `  and ${grouped(present.length - shown)} more\n` : "";
  return `\n${textTable([heads, ...rows])}${rest}`;
}

/** One line of blocks, as high as the misses in their stretch of the run. */
function overTime({ timeline, misses }: TlbReport): string {
  if (misses === 0) return "";
  const { width, buckets } = timeline;
  const each = Math.ceil(buckets.length / MOST_COLUMNS);
  const columns: number[] = [];
  for (const [n, bucket] of buckets.entries()) {
    const column = Math.floor(n / each);
    columns[column] = (columns[column] ?? 0) + bucket.misses.all;
  }
  const highest = Math.max(...columns);
  const blocks = columns.map((count) => BLOCKS[Math.ceil((count * (BLOCKS.length - 1)) / highest)]).join("");
  return `\n  misses in each ${grouped(each * width)} instructions, ${grouped(highest)} at most\n  |${blocks}|\n`;
}

/** "demo.c:15 main"; what is known where no line is. */
function lineName({ source, line, name, file }: TlbLine): string {
  return line === 0 ? `${name} (${file})`.trimStart() : `${source}:${line} ${name}`;
}

/**
 * The report of `pagewalk tlb`.
 *
 * @param shown rows of each table
 */
export function tlbReportText(report: TlbReport, shown: number): string {
  const { accesses, misses, walks, cycles, refillClocks, lines } = report;
  const walking = walks.clocks + refillClocks;
  const heading = textTable(
    [
      ["TLB", report.cpu, report.tlb],
      ["instructions", grouped(report.instructions), `${grouped(cycles)} cycles`],
      ["accesses", grouped(accesses), `${grouped(accesses - misses)} hits`],
      ["misses", grouped(misses), `${grouped(report.missesPerThousandInstructions, 3)} per 1,000 instructions`],
      ["page walks", grouped(walks.begun), `${grouped(walks.reads)} reads, ${grouped(walks.writes)} A/D writes`],
      ["walk cycles", grouped(walking), `with refills; ${percent(walking, cycles)} of all`],
    ],
    2,
  );
  const kinds = report.kinds.filter((kind) => kind.accesses > 0);
  const kindRows = kinds.map((kind) => [
    `${kind.access} ${kind.by}`,
    grouped(kind.accesses),
    grouped(kind.hits),
    grouped(kind.misses),
    percent(kind.misses, kind.accesses),
  ]);
  const hex = (address: number) => address.toString(16).padStart(8, "0");
  const known = lines.some(({ line }) => line > 0);
  return [
    heading,
    kinds.length === 0 ? "" : `\n${textTable([["kind", "accesses", "hits", "misses", "miss rate"], ...kindRows])}`,
    overTime(report),
    table(report.processes, shown, "process", ({ pid, name }) => `${pid} ${name}`, misses),
    table(report.regions, shown, "region", ({ pid, region }) => `${pid} ${region}`, misses),
    table(report.functions, shown, "function", ({ file, name }) => (name === "" ? file : `${name} (${file})`), misses),
    known ? table(lines, shown, "line", lineName, misses) : "",
    table(report.pages, shown, "page", ({ pid, address, region }) => `${pid} ${hex(address)} ${region}`, misses),
  ].join("");
}
