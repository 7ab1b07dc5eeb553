/**
 * What curves and working sets cost: the bench guests under `pagewalk run` and `pagewalk tlb` with each option, CPU time as a
 * multiple of the plain run, medians.
 *
 * PERCENT=n scales the guests' work (default 1), GUESTS=a,b picks guests, RUNS=n (default 3).
 */

import { readFileSync } from "node:fs";
import { measureCommand, median } from "./measure.ts";

const manifest = JSON.parse(readFileSync("bench/guests/manifest.json", "utf8")) as {
  images: { readonly name: string; readonly elf: string }[];
};
const percent = process.env.PERCENT ?? "1";
const wanted = process.env.GUESTS?.split(",");
const runs = Number(process.env.RUNS ?? 3);
const guests = manifest.images.filter(({ name }) => wanted === undefined || wanted.includes(name));

const ways: readonly (readonly [name: string, words: readonly string[]])[] = [
  ["plain", ["run"]],
  ["tlb", ["tlb"]],
  ["--curve-sets=1", ["tlb", "--curve-sets=1"]],
  ["--curves", ["tlb", "--curves"]],
  ["--curve-unified", ["tlb", "--curve-unified"]],
  ["--working-set", ["tlb", "--working-set"]],
];
const line = (name: string, cells: readonly string[]): string =>
  `  ${name.padEnd(12)}${cells.map((cell, i) => cell.padStart(ways[i][0].length + 3)).join("")}`;

console.log(`bench guests at ${percent} % of their work, medians of ${runs}`);
console.log(
  line(
    "",
    ways.map(([name]) => name),
  ),
);
const products = ways.map(() => 0);
for (const { name, elf } of guests) {
  const seconds: number[][] = ways.map(() => []);
  for (let i = 0; i < runs; i++) {
    for (const [way, [, words]] of ways.entries()) {
      const { user, system } = measureCommand([process.execPath, "dist/pagewalk.mjs", ...words, elf, percent]);
      seconds[way].push(user + system);
    }
  }
  const plain = median(seconds[0]);
  const ratios = seconds.map((times) => median(times) / plain);
  for (const [way, ratio] of ratios.entries()) products[way] += Math.log(ratio);
  console.log(line(name, [`${plain.toFixed(2)} s`, ...ratios.slice(1).map((ratio) => `${ratio.toFixed(1)}x`)]));
}
const means = products.map((sum) => Math.exp(sum / guests.length));
console.log(line("mean", ["", ...means.slice(1).map((mean) => `${mean.toFixed(1)}x`)]));
