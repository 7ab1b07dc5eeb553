/**
 * Page-table entries and error codes for people.
 *
 *     0a1c2:--DA--UWP     frame, then bits 8..0: G, S (PS in a PDE, PAT in a PTE), D, A, C (PCD), T (PWT), U (US), W (RW), P
 *     uw-                 error code: user or kernel, read or write, P if the page was present
 */

import {
  PDE_PS,
  PF_P,
  PF_RSVD,
  PF_U,
  PF_W,
  PTE_A,
  PTE_D,
  PTE_G,
  PTE_P,
  PTE_PCD,
  PTE_PWT,
  PTE_RW,
  PTE_US,
} from "../mmu/index.ts";

const letters = "GSDACTUWP";

/** "0a1c2:--DA--UWP", or "-" for an entry of zero. */
export function entryText(entry: number): string {
  if (entry === 0) return "-";
  const bits = [...letters].map((letter, n) => (((entry >>> (letters.length - 1 - n)) & 1) !== 0 ? letter : "-"));
  return `${(entry >>> 12).toString(16).padStart(5, "0")}:${bits.join("")}`;
}

/** "uw-"; a fourth letter for a reserved bit. */
export function errorCodeText(code: number): string {
  const who = (code & PF_U) !== 0 ? "u" : "k";
  const how = (code & PF_W) !== 0 ? "w" : "r";
  const why = (code & PF_P) !== 0 ? "p" : "-";
  return who + how + why + ((code & PF_RSVD) !== 0 ? "r" : "");
}

/** The bits of an entry by their names in the SDM, from bit 0 up; `level` names bit 7. */
export function entryBits(entry: number, level: "PDE" | "PTE"): Readonly<Record<string, 0 | 1>> {
  const named: [string, number][] = [
    ["P", PTE_P],
    ["RW", PTE_RW],
    ["US", PTE_US],
    ["PWT", PTE_PWT],
    ["PCD", PTE_PCD],
    ["A", PTE_A],
    ["D", PTE_D],
    [level === "PDE" ? "PS" : "PAT", PDE_PS],
    ["G", PTE_G],
  ];
  return Object.fromEntries(named.map(([name, bit]) => [name, (entry & bit) !== 0 ? 1 : 0]));
}

/** "0804a123". */
export function hex(value: number, digits = 8): string {
  return (value >>> 0).toString(16).padStart(digits, "0");
}
