/**
 * Damaged programs and kernels: whatever is in a file, the answer is a reason, an exit, a signal or a used-up budget; never an
 * exception, never a hang, and no frame is lost. `CASES=10000 SEED=7 npm test -- mutated-elf` runs more, or the same again.
 */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createMachine as createHardware, loadKernel } from "../emu/index.ts";
import { frameLedger } from "../kernel/mm/ledger.ts";
import { BootError, createMachine } from "../observe/index.ts";
import { loadImages } from "./images.ts";
import { Random } from "./oracle/random.ts";

const cases = Number(process.env.CASES ?? 1000);
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32));
console.log(`mutated ELF files: ${cases} cases, SEED=${seed}`);

const elves = loadImages("images/manifest.json").filter(({ kind }) => kind !== "aout");
const files = elves.map((image) => ({ ...image, bytes: readFileSync(image.elf) }));
const ELF_HEADER = 52;
const PROGRAM_HEADER = 32;
const CODE_BYTES = 1024;
const budget = 50_000;
const mem = 4 << 20;
/** Values at which arithmetic on addresses and sizes goes wrong. */
const edges = [
  0, 1, 2, 4, 31, 32, 33, 0xff, 0xfff, 0x1000, 0x1001, 0xffff, 0x10000, 0x8000, 0x08047fff, 0x08048000, 0x3fffffff,
  0x40000000, 0x7fffffff, 0x80000000, 0xbfffe000, 0xbfffffff, 0xc0000000, 0xfffff000, 0xffffffff,
];

/** One to six wounds; which kind is chosen once per file, or everything at once. */
function mutate(original: Uint8Array, random: Random): Uint8Array {
  const bytes = Uint8Array.from(original);
  const view = new DataView(bytes.buffer);
  const phnum = view.getUint16(44, true);
  const headersEnd = ELF_HEADER + phnum * PROGRAM_HEADER;
  const kind = random.below(5);
  for (let wounds = 1 + random.below(6); wounds > 0; wounds--) {
    switch (kind === 4 ? random.below(4) : kind) {
      case 0:
        wound(view, 0, ELF_HEADER, random);
        break;
      case 1:
        wound(view, ELF_HEADER, headersEnd, random);
        break;
      case 2:
        wound(view, headersEnd, Math.min(bytes.length, headersEnd + CODE_BYTES), random);
        break;
      default:
        wound(view, 0, bytes.length, random);
    }
  }
  return random.below(8) === 0 ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
}

/** Changes a bit, a byte or an aligned word of a range. */
function wound(view: DataView, start: number, end: number, random: Random): void {
  const at = start + random.below(end - start);
  switch (random.below(4)) {
    case 0:
      view.setUint8(at, view.getUint8(at) ^ (1 << random.below(8)));
      break;
    case 1:
      view.setUint8(at, random.below(256));
      break;
    default: {
      const word = Math.min(at & ~3, (end & ~3) - 4);
      const edge = edges[random.below(edges.length)];
      const delta = random.below(3) === 0 ? random.below(33) - 16 : 0;
      view.setUint32(word, edge + delta, true);
    }
  }
}

/** How a Linux program ends, in one word. */
function runProgram(name: string, bytes: Uint8Array): string {
  const machine = createMachine({ mem, collect: 0, quiet: true });
  try {
    machine.load(bytes, { name, env: {} });
  } catch (error) {
    if (!(error instanceof BootError)) throw error;
    assert.match(error.message, /^cannot run \/[\w-]+: [^\n]+$/);
    return "refused";
  }
  const result = machine.run(budget);
  const { complaints } = frameLedger(machine.kernel.mm);
  assert.equal(complaints, []);
  if (result.reason !== "exit") return result.reason;
  return result.signal ?? "exit";
}

/** The same for a kernel on the bare machine. */
function runKernel(bytes: Uint8Array): string {
  const machine = createHardware({ mem });
  const problem = loadKernel(machine, bytes, "mutated");
  assert.not.match(problem, "\n");
  if (problem !== "") return "kernel refused";
  return `kernel stopped ${machine.cpu.run(Number.POSITIVE_INFINITY, budget)}`;
}

test(`${cases} damaged files`, () => {
  const random = new Random(seed);
  const endings = new Map<string, number>();
  for (let n = 0; n < cases; n++) {
    const file = files[random.below(files.length)];
    const bytes = mutate(file.bytes, random);
    let ending: string;
    try {
      ending = file.kind === "boot" && random.below(4) !== 0 ? runKernel(bytes) : runProgram(file.name, bytes);
    } catch (error) {
      throw new Error(`case ${n} of SEED=${seed}, from ${file.name}`, { cause: error });
    }
    endings.set(ending, (endings.get(ending) ?? 0) + 1);
  }
  const counted = [...endings].sort(([, a], [, b]) => b - a).map(([ending, count]) => `${ending} ${count}`);
  console.log(counted.join(", "));
  assert.ok(endings.size >= 4, "damage of more than one kind");
});

test.run();
