/** A TLB profile for people: aligned tables, the most misses first. */

import { grouped, percent, textTable } from "./table.ts";
import type { TlbCounts, TlbReport } from "./tlb-profile.ts";

/** Lines of one table: what does not fit is named in one more line. */
function table<Subject extends TlbCounts>(
  subjects: readonly Subject[],
  shown: number,
  title: string,
  nameOf: (subject: Subject) => string,
  all: number,
): string {
  const missed = subjects.filter(({ misses, faults, lookups }) => misses.all + faults + (lookups ?? 0) > 0);
  if (missed.length === 0) return "";
  const known = missed.some(({ lookups }) => lookups !== null);
  const rows = missed.slice(0, shown).map((subject) => {
    const { misses, walks, faults, lookups } = subject;
    const numbers = [misses.fetch, misses.read, misses.write, misses.all].map((n) => grouped(n));
    const rate = known ? [grouped(lookups ?? 0), percent(misses.all, lookups ?? 0)] : [];
    return [nameOf(subject), ...rate, ...numbers, percent(misses.all, all), grouped(walks), grouped(faults)];
  });
  const rateHeads = known ? ["lookups", "miss rate"] : [];
  const heads = [title, ...rateHeads, "fetch", "read", "write", "misses", "of all", "walks", "faults"];
  const rest = missed.length > shown ? `  and ${grouped(missed.length - shown)} more\n` : "";
  return `\n${textTable([heads, ...rows])}${rest}`;
}

/**
 * The report of `pagewalk tlb`.
 *
 * @param shown rows of each table
 */
export function tlbReportText(report: TlbReport, shown: number): string {
  const { accesses, misses, walks } = report;
  const heading = textTable(
    [
      ["TLB", report.tlb, `${report.cpu}`],
      ["instructions", grouped(report.instructions), `${grouped(report.cycles)} cycles`],
      ["accesses", grouped(accesses), `${grouped(accesses - misses)} hits`],
      ["misses", grouped(misses), `${grouped(report.missesPerThousandInstructions, 3)} per 1,000 instructions`],
      ["page walks", grouped(walks.begun), `${grouped(walks.reads)} reads, ${grouped(walks.writes)} A/D writes`],
    ],
    1,
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
  return [
    heading,
    kinds.length === 0 ? "" : `\n${textTable([["kind", "accesses", "hits", "misses", "miss rate"], ...kindRows])}`,
    table(report.processes, shown, "process", ({ pid, name }) => `${pid} ${name}`, misses),
    table(report.regions, shown, "region", ({ pid, region }) => `${pid} ${region}`, misses),
    table(report.functions, shown, "function", ({ file, name }) => (name === "" ? file : `${name} (${file})`), misses),
    table(report.pages, shown, "page", ({ pid, address, region }) => `${pid} ${hex(address)} ${region}`, misses),
  ].join("");
}
