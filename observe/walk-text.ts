/** Page walks for people. */

import { hex } from "./entry-text.ts";
import type { LinuxWalk } from "./linux-walk.ts";
import type { CachedPage, PageWalk, WalkedEntry } from "./page-walk.ts";
import { printable } from "./table.ts";

const bits = (value: number, digits: number) => value.toString(2).padStart(digits, "0");

/** The cut of the address, drawn (mmu/pte.ts). */
function drawing({ directory, table, offset, size }: PageWalk): string {
  const low = `${bits(offset, 12)}`;
  if (size === "4M") {
    return [
      "   31        22 21                      0",
      "  +------------+-------------------------+",
      `  | ${bits(directory, 10)} | ${bits(table, 10)} ${low} |`,
      "  +------------+-------------------------+",
      `   ${`PDE ${directory}`.padEnd(12)} offset 0x${((table << 12) | offset).toString(16)}`,
      "",
    ].join("\n");
  }
  return [
    "   31        22 21        12 11          0",
    "  +------------+------------+--------------+",
    `  | ${bits(directory, 10)} | ${bits(table, 10)} | ${low} |`,
    "  +------------+------------+--------------+",
    `   ${`PDE ${directory}`.padEnd(12)} ${`PTE ${table}`.padEnd(12)} offset 0x${offset.toString(16)}`,
    "",
  ].join("\n");
}

function entryLine(level: "PDE" | "PTE", entry: WalkedEntry): string {
  const { at, value, inRam } = entry;
  const named = Object.entries(entry.bits).map(([name, bit]) => `${name}=${bit}`);
  const outside = inRam ? "" : "   outside RAM, reads as ones";
  return `  ${level}  [${hex(at)}] = ${hex(value)}   ${named.join(" ")} AVL=${entry.available}${outside}\n`;
}

function cachedLine(page: CachedPage): string {
  const { tlb, set, way, ways, size, frame, user, dirty, global, levels, latest, replacedBy } = page;
  const sorts = Object.entries(levels).map(([access, level]) => `${access}${level === 1 ? "" : ` (level ${level})`}`);
  const facts = [
    `${size}${page.piece ? " (a piece of 4M)" : ""} frame ${hex(frame, 5)}`,
    `user ${user}`,
    ...(dirty ? ["D"] : []),
    ...(global ? ["G"] : []),
    `looked at for ${sorts.join(", ")}`,
    ...(latest === null ? [] : [latest ? "last used of its set" : "not the last used of its set"]),
    ...(replacedBy === null ? [] : [replacedBy === 1 ? "the next to be replaced" : `replaced by fill ${replacedBy}`]),
    ...(page.stale ? ["STALE: the page tables say something else"] : []),
  ];
  return `  TLB  ${tlb} set ${set} way ${way} of ${ways}: ${facts.join(", ")}\n`;
}

/** The walk of one address, whose kernel is not ours. */
export function pageWalkText(walk: PageWalk): string {
  const { address, paging, pde, pte, physical, fault, size, tlb, slots } = walk;
  const on = (name: string, value: boolean) => `${name}=${value ? 1 : 0}`;
  const modes = [on("PG", paging), on("WP", walk.wp), on("PSE", walk.pse), on("PGE", walk.pge)].join(" ");
  const lines = [
    `${hex(address)}\n\n`,
    ...(paging ? [`${drawing(walk)}\n`] : []),
    `  CR3  ${hex(walk.cr3)}                ${modes}\n`,
    ...(pde === null ? [] : [entryLine("PDE", pde)]),
    ...(pte === null ? [] : [entryLine("PTE", pte)]),
  ];
  if (!paging) lines.push("  paging is off: the linear address is the physical address\n");
  if (fault !== null) lines.push(`  #PF  ${fault}\n`);
  if (physical !== null) {
    const page = paging
      ? `${size === "4M" ? "4 MiB" : "4 KiB"} page, user ${walk.user}, supervisor ${walk.supervisor}`
      : "";
    const outside = walk.inRam ? "" : `${paging ? ", " : ""}outside RAM`;
    lines.push(`  =>   ${hex(physical)}                ${page}${outside}`.trimEnd(), "\n");
  }
  if (tlb === null) lines.push("  TLB  holds nothing of page tables that are not in CR3\n");
  else if (tlb.length === 0) lines.push("  TLB  does not hold the page\n");
  else lines.push(...tlb.map(cachedLine));
  if (slots.length > 0) lines.push(`  hot  ${slots.join(", ")}\n`);
  return lines.join("");
}

/** The walk of one address under our kernel. */
export function linuxWalkText(walk: LinuxWalk): string {
  const { pid, mapping, file, symbol, frame } = walk;
  const references = frame === null ? "" : `${frame.references} ${frame.references === 1 ? "reference" : "references"}`;
  const mappings = frame === null ? "" : `${frame.mappings} ${frame.mappings === 1 ? "mapping" : "mappings"}`;
  return [
    pageWalkText(walk),
    `\n  process  ${pid}\n`,
    mapping === null ? "" : `  mapping  ${mappingText(mapping)}\n`,
    file === null ? "" : `  file     ${printable(file.path)} at 0x${file.offset.toString(16)}\n`,
    symbol === null ? "" : `  symbol   ${printable(symbol)}\n`,
    frame === null ? "" : `  frame    ${hex(frame.number, 5)}: ${frame.owner}, ${references}, ${mappings}\n`,
    `  meaning  ${walk.meaning}\n`,
  ].join("");
}

function mappingText({ start, end, rights, name }: NonNullable<LinuxWalk["mapping"]>): string {
  return `${hex(start)}-${hex(end)} ${rights} ${printable(name)}`.trimEnd();
}
