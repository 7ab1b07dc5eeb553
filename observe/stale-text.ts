/** A stale translation as text for people. */

import { PDE_LARGE_FRAME, PDE_PS, PTE_A, PTE_D, PTE_FRAME, PTE_G, PTE_P, PTE_RW, PTE_US } from "../mmu/index.ts";
import type { StalePlace, StaleReport, StaleSite } from "./stale.ts";

const bits = [
  [PTE_P, "P"],
  [PTE_RW, "RW"],
  [PTE_US, "US"],
  [PTE_A, "A"],
  [PTE_D, "D"],
  [PDE_PS, "PS"],
  [PTE_G, "G"],
] as const;

const effects: Readonly<Record<StaleReport["effect"], string>> = {
  used: "the TLB held the old entry, and the access went by it",
  "re-walked": "the TLB held the old entry, but this access made the processor walk again",
  evicted: "none here: the TLB had evicted the old entry in time; a larger one would not have",
  none: "none here: this processor keeps no page-directory entries; others do",
};

/** The lines of one report. */
export function staleReportText(report: StaleReport): string {
  const { kind, address, access, by, use, entry, since, pde, pte, change, effect } = report;
  const what = kind === "translation" ? "stale translation" : "stale page-directory entry";
  const rows = [
    [`${what}: ${by} ${access} of ${hex(address)}`],
    ["at", placeText(use)],
    ["cached", `${entryText(entry)}, since instruction ${since}`],
    ["memory", memoryText(pde, pte)],
    ["lost", lossText(report)],
    ["changed", change === null ? "before anything was watched" : changeText(change, use)],
    ["effect", effects[effect]],
  ];
  return rows.map(([head, text]) => (text === undefined ? head : `  ${head.padEnd(8)} ${text}`)).join("\n");
}

/** One line about all sites. */
export function staleSummaryText(sites: readonly StaleSite[]): string {
  const uses = sites.reduce((sum, site) => sum + site.uses, 0);
  return `stale translations: ${counted(uses, "use")} at ${counted(sites.length, "site")}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function placeText({ eip, symbol, source, text, kernel, instructions }: StalePlace): string {
  if (kernel !== null) return `the kernel, ${kernel}, instruction ${instructions}`;
  const parts = [`eip ${hex(eip)}`];
  if (symbol !== "") parts.push(`<${symbol}>`);
  if (source !== "") parts.push(source);
  if (text !== "") parts.push(`"${text}"`);
  return `${parts.join(" ")}, instruction ${instructions}`;
}

function changeText(change: NonNullable<StaleReport["change"]>, use: StalePlace): string {
  return `by ${change.by === "store" ? "" : "MOV to CR3, "}${placeText(change)}, ${use.instructions - change.instructions} before the use`;
}

function memoryText(pde: number, pte: number | null): string {
  if (pte === null) return `PDE ${word(pde)} ${entryText(pde)}`;
  return `PDE ${word(pde)}, PTE ${word(pte)} ${entryText(pte)}`;
}

function lossText({ kind, lost, pde, pte, access }: StaleReport): string {
  const present = (pde & PTE_P) !== 0 && (pte === null || (pte & PTE_P) !== 0);
  const texts = {
    page: !present
      ? "the page is not present"
      : kind === "translation"
        ? "the page is in another frame"
        : "another page table",
    RW: "the right to write",
    US: "the right of user accesses",
    D: `D is clear, and this ${access} would not set it`,
  };
  return lost.map((loss) => texts[loss]).join(", ");
}

/** Frame and bits, "frame 00202 P RW US". */
function entryText(entry: number): string {
  const frame = (entry & PDE_PS ? entry & PDE_LARGE_FRAME : entry & PTE_FRAME) >>> 12;
  const names = bits.filter(([bit]) => (entry & bit) !== 0).map(([, name]) => name);
  return (entry & PTE_P) === 0 ? "not present" : `frame ${frame.toString(16).padStart(5, "0")} ${names.join(" ")}`;
}

function hex(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, "0")}`;
}

function word(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}
