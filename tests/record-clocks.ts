/** Writes emu/isa/clock-figures.ts from the timing table: node tests/run.mjs --script tests/record-clocks.ts */

import { writeFileSync } from "node:fs";
import { clockedCpus, encodeFigures, priceAll } from "../emu/isa/index.ts";

const WIDTH = 110;

/** A string literal over several lines. */
function literal(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line.length + word.length >= WIDTH) {
      lines.push(line);
      line = "";
    }
    line += `${word} `;
  }
  lines.push(line.trimEnd());
  return lines.map((part) => JSON.stringify(part)).join(" +\n      ");
}

const cpus = clockedCpus.map((cpu) => {
  const table = priceAll(cpu);
  const parts = (["base", "taken", "repStart", "repEach"] as const).map(
    (part) => `    ${part}:\n      ${literal(encodeFigures(table[part]))},`,
  );
  return `  ${cpu}: {\n${parts.join("\n")}\n  },`;
});
const file = `/**
 * Base clocks by processor: the timing table as priced by pricing.ts, recorded so that starting a machine need not read
 * it. Rebuild: node tests/run.mjs --script tests/record-clocks.ts
 */
import type { ClockedCpu } from "./clocks.ts";

type Figures = Readonly<Record<"base" | "taken" | "repStart" | "repEach", string>>;

export const clockFigures: Readonly<Record<ClockedCpu, Figures>> = {
${cpus.join("\n")}
};
`;
writeFileSync("emu/isa/clock-figures.ts", file);
console.log(`emu/isa/clock-figures.ts: ${file.length} bytes`);
