/**
 * The bench guests, one kind of work each: native, qemu-i386 where installed, pagewalk; CPU time, medians of one run.
 *
 * PERCENT=n scales the work (default 100: 0.2 to 0.5 s native); GUESTS=a,b picks guests; RUNS=n (default 3).
 */

import { readFileSync } from "node:fs";
import { haveCommand } from "../tests/skip.ts";
import { measureCommand, median } from "./measure.ts";

interface Guest {
  readonly name: string;
  readonly elf: string;
}

const manifest = JSON.parse(readFileSync("bench/guests/manifest.json", "utf8")) as { images: Guest[] };
const percent = process.env.PERCENT ?? "100";
const wanted = process.env.GUESTS?.split(",");
const runs = Number(process.env.RUNS ?? 3);
const guests = manifest.images.filter(({ name }) => wanted === undefined || wanted.includes(name));
const qemu = haveCommand("qemu-i386") === true;

const columns = ["native", "qemu-i386", "pagewalk", "qemu/native", "pagewalk/native"];
const line = (name: string, cells: readonly string[]): string =>
  `  ${name.padEnd(12)}${cells.map((cell, i) => cell.padStart(columns[i].length + 2)).join("")}`;
console.log(`bench guests at ${percent} % of their work, CPU seconds, medians of ${runs}`);
console.log(line("", columns));
const ratios: number[] = [];
for (const { name, elf } of guests) {
  const native: number[] = [];
  const emulated: number[] = [];
  const ours: number[] = [];
  const cpu = (command: readonly [string, ...string[]]): number => {
    const { user, system } = measureCommand(command);
    return user + system;
  };
  for (let i = 0; i < runs; i++) {
    native.push(cpu([elf, percent]));
    if (qemu) emulated.push(cpu(["qemu-i386", elf, percent]));
    ours.push(cpu([process.execPath, "dist/pagewalk.mjs", "run", elf, percent]));
  }
  const base = median(native);
  const ratio = median(ours) / base;
  ratios.push(ratio);
  const cells = [
    base.toFixed(3),
    qemu ? median(emulated).toFixed(3) : "-",
    median(ours).toFixed(3),
    qemu ? `${(median(emulated) / base).toFixed(1)}x` : "-",
    `${ratio.toFixed(1)}x`,
  ];
  console.log(line(name, cells));
}
const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
console.log(`geometric mean pagewalk/native ${mean.toFixed(1)}x`);
