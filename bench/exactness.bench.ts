/**
 * What it costs that TLBs are exact, and what reports cost: the same programs on a plain direct-mapped table of 4096 pages
 * (bench/direct-mapped.ts), on TLBs of 64 and of 16 sets, under `pagewalk tlb` and with miss curves. CPU time of the run alone,
 * each in a process of its own, taking turns; medians.
 *
 * RUNS=n (default 7), PERCENT=n of the guests' work (default 10), GUESTS=a,b.
 */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { codeCacheBytes } from "../emu/code-cache.ts";
import { Cpu } from "../emu/cpu.ts";
import { Interpreter } from "../emu/engine.ts";
import { cpuProfile, createMachine, type Machine } from "../emu/index.ts";
import { Ports } from "../emu/ports.ts";
import { bootLinux, MemoryFile, MemoryHost, run } from "../kernel/index.ts";
import { DEFAULT_STATE_BYTES, LinearBus, MachineMemory, PlainMmu, Ram, READ } from "../mmu/index.ts";
import { createMachine as createLinux, MissCurves, TlbProfile } from "../observe/index.ts";
import { DirectMappedMmu } from "./direct-mapped.ts";
import { median, printTable } from "./measure.ts";

const RAM = 64 << 20;
const SIXTEEN = "itlb=32x4,dtlb=16x4,policy=plru";
const SIXTY_FOUR = "itlb=64x4,dtlb=64x4,policy=plru";
const GUESTS = ["sieve", "sha256", "quicksort", "hash", "dispatch", "matmul"];

/** The default machine with a table instead of its TLBs. */
function tableMachine(): Machine {
  const profile = cpuProfile("p6");
  const stateBytes =
    DEFAULT_STATE_BYTES + PlainMmu.stateBytes(profile.paging) + codeCacheBytes(RAM) + DirectMappedMmu.extraBytes;
  const memory = new MachineMemory(RAM, stateBytes);
  const ram = new Ram(memory);
  const mmu = new DirectMappedMmu(memory, ram, profile.paging);
  const bus = new LinearBus(mmu, ram);
  const ports = new Ports();
  const cpu = new Cpu(profile, memory, ram, mmu, bus, ports);
  cpu.attach(new Interpreter(cpu));
  return { profile, memory, ram, mmu, bus, cpu, ports };
}

/** Time does not depend on the TLBs, so that all execute the same instructions. */
const machines: Record<string, () => Machine> = {
  table: tableMachine,
  "64 sets": () => createMachine({ mem: RAM, tlb: SIXTY_FOUR, clock: "instructions" }),
  "16 sets": () => createMachine({ mem: RAM, tlb: SIXTEEN, clock: "instructions" }),
};

const seconds = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
};

/** One run of a guest; CPU seconds. */
function runGuest(kind: string, guest: string, percent: string): number {
  const elf = readFileSync(`bench/guests/bin/${guest}`);
  const machine = machines[kind];
  if (machine !== undefined) {
    const host = new MemoryHost({ program: { path: "/guest", permissions: 0o755, file: new MemoryFile(elf) } });
    const kernel = bootLinux({ machine: machine(), host, program: "/guest", argv: ["guest", percent] });
    return seconds(() => run(kernel));
  }
  const options = { mem: RAM, tlb: SIXTEEN, clock: "instructions" } as const;
  const linux = createLinux(kind === "curves" ? { ...options, translation: "traced" } : options);
  if (kind === "curves") new MissCurves(linux);
  if (kind === "profile") new TlbProfile(linux);
  linux.load(elf, { name: "guest", argv: ["guest", percent] });
  return seconds(() => linux.run());
}

/** One pattern of reads, checked in line as engines do; nanoseconds per read. */
function readPattern(kind: string, pages: number): number {
  const { mmu, ram, bus } = machines[kind]();
  for (let page = 0; page < 1024; page++) ram.write32(0x2000 + page * 4, ((page + 16) << 12) | 0x67);
  ram.write32(0x1000, 0x2067);
  mmu.setCr3(0x1000);
  mmu.setCr0(0x80000001);
  let seed = 1;
  const list = Int32Array.from({ length: 4096 }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    return ((seed >>> 8) % pages) * 4096 + ((seed >>> 2) & 0xffc);
  });
  const { data } = ram.engineViews();
  const { slots } = mmu;
  const [base, mask] = [mmu.slotBase(1, READ), mmu.slotMask(READ)];
  let sum = 0;
  const round = () => {
    for (let i = 0; i < list.length; i++) {
      const la = list[i];
      const at = base + (((la >>> 12) & mask) << 1);
      if (slots[at] === (la + 3) >>> 12) sum = (sum + data.getInt32((la + slots[at + 1]) >>> 0, true)) | 0;
      else sum = (sum + bus.read32(la, 1)) | 0;
    }
  };
  for (let i = 0; i < 400; i++) round();
  const rounds = 1000;
  const spent = seconds(() => {
    for (let i = 0; i < rounds; i++) round();
  });
  if (sum === 0.5) console.log();
  return (spent * 1e9) / (rounds * list.length);
}

/** In a process of its own: its optimised code then knows one kind of paging unit only. */
function measure(...words: string[]): number {
  const { stdout, stderr, status } = spawnSync(process.execPath, [process.argv[1], ...words], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${words.join(" ")}: ${stderr}`);
  return Number(stdout);
}

/** Medians of contenders that take turns. */
function medians(kinds: readonly string[], runs: number, sample: (kind: string) => number): number[] {
  const samples = kinds.map((): number[] => []);
  for (let n = 0; n < runs; n++) for (const [i, kind] of kinds.entries()) samples[i].push(sample(kind));
  return samples.map((list) => median(list));
}

const ratio = (value: number, base: number): string => `${(value / base).toFixed(2)}x`;

function table(
  title: string,
  head: readonly string[],
  rows: (readonly [string, readonly number[]])[],
  digits: number,
): void {
  const product = (column: number) =>
    Math.exp(rows.reduce((sum, [, values]) => sum + Math.log(values[column] / values[0]), 0) / rows.length);
  const cells = rows.map(([name, [base, ...others]]) => [
    name,
    base.toFixed(digits),
    ...others.map((value) => ratio(value, base)),
  ]);
  console.log(title);
  printTable(
    ["", ...head],
    [...cells, ["geometric mean", "", ...head.slice(1).map((_, i) => `${product(i + 1).toFixed(2)}x`)]],
  );
}

function compareAll(): void {
  const runs = Number(process.env.RUNS ?? 7);
  const percent = process.env.PERCENT ?? "10";
  const guests = process.env.GUESTS?.split(",") ?? GUESTS;
  const exact = ["table", "64 sets", "16 sets"];
  const reports = ["plain run", "profile", "curves"];
  table(
    "reads of random pages: ns through a direct-mapped table, exact TLBs beside it",
    exact,
    [8, 16, 32, 48].map((pages) => [
      `${pages} pages`,
      medians(exact, runs, (kind) => measure("reads", kind, `${pages}`)),
    ]),
    2,
  );
  const programs = (kinds: readonly string[]) =>
    guests.map((guest) => [guest, medians(kinds, runs, (kind) => measure("guest", kind, guest, percent))] as const);
  table(
    `programs at ${percent} % of their work: CPU s with the table, exact TLBs beside it`,
    exact,
    programs(exact),
    2,
  );
  table(`the same: CPU s on 16 sets, reports beside it`, reports, programs(reports), 2);
}

const [task, kind, subject, percent] = process.argv.slice(2);
if (task === "guest") console.log(runGuest(kind, subject, percent));
else if (task === "reads") console.log(readPattern(kind, Number(subject)));
else compareAll();
