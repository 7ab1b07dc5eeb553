/**
 * Every system call with arguments that make no sense: nothing a program passes may crash or hang the host, every result is
 * one that Linux could give, and no frame is lost. SEED=n and RUNS=n in the environment choose others.
 */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { frameLedger } from "../kernel/mm/ledger.ts";
import { Random } from "../kernel/random.ts";
import { syscalls } from "../kernel/syscall/table.ts";
import { NO_RETURN, SLEEPING } from "../kernel/task/sleep.ts";
import { KernelRig, MEMORY, MEMORY_BYTES } from "./kernel-rig.ts";

const firstSeed = Number(process.env.SEED ?? 1);
const runs = Number(process.env.RUNS ?? 40);
const CALLS = 200;

/** exit, exit_group, execve, execveat and both sigreturns do not come back. */
const skipped = new Set([1, 11, 119, 173, 252, 358]);
const numbers = [...syscalls.keys()].filter((number) => syscalls[number] !== undefined && !skipped.has(number));

const interesting = [
  0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 32, 64, 100, 255, 256, 4095, 4096, 4097, 65535, 65536,
].concat([0x7fffffff, -1, -2, -100, -4096, -0x80000000, 0x10000, 0xbffff000 | 0, 0xc0000000 | 0, 0xffffe000 | 0]);
const paths = [
  "/",
  "/tmp",
  "/tmp/a",
  "/dev/null",
  "/proc/self/maps",
  "a/b",
  "/dev/zero",
  "/tmp/a/b",
  ".",
  "/proc/1/stat",
];

function argumentOf(random: Random): number {
  const kind = random.next() % 10;
  if (kind < 4) return interesting[random.next() % interesting.length];
  if (kind < 6) return MEMORY + (random.next() % paths.length) * 64;
  if (kind < 8) return MEMORY + (random.next() % MEMORY_BYTES);
  return kind === 8 ? random.next() % 32 : random.next() | 0;
}

/** Fills the rig's memory with numbers of the same kinds, and the paths. */
function fill(rig: KernelRig, random: Random): void {
  const words = new Int32Array(MEMORY_BYTES / 4);
  for (let i = 0; i < words.length; i++) {
    const kind = random.next() % 4;
    words[i] = kind === 0 ? argumentOf(random) : kind === 1 ? random.next() % 20 : 0;
  }
  rig.k.user.write(MEMORY, new Uint8Array(words.buffer));
  for (const [i, path] of paths.entries()) rig.k.user.write(MEMORY + i * 64, new TextEncoder().encode(`${path}\0`));
}

/** One process making calls at random; returns them, the last one first. */
function fuzz(seed: number): void {
  const random = new Random(seed);
  const rig = new KernelRig();
  const { k, main } = rig;
  main.files = k.vfs.standardFiles();
  fill(rig, random);
  const made: string[] = [];
  try {
    for (let i = 0; i < CALLS && !main.exited && !main.group.groupExit; i++) {
      const number = numbers[random.next() % numbers.length];
      const entry = syscalls[number];
      if (entry === undefined) throw new Error(`no system call ${number}`);
      const [name, call] = entry;
      const args = Array.from({ length: 6 }, () => argumentOf(random)) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      made.unshift(`${name}(${args.map((argument) => (argument >>> 0).toString(16)).join(", ")})`);
      main.progress = null;
      let result = call(k, main, ...args);
      if (result === SLEEPING) {
        main.wake();
        result = call(k, main, ...args);
        main.wake();
      }
      const valid = Number.isInteger(result) && result <= 0xffffffff;
      assert.ok(
        valid && (result >= -600 || result === SLEEPING || result === NO_RETURN || result < -4095),
        `${result}`,
      );
      main.savedSigmask = null;
      main.realBlocked = null;
      main.pending.clear();
      main.group.pending.clear();
      main.sigpending = false;
    }
    const { complaints } = frameLedger(k.mm);
    assert.equal(complaints, []);
  } catch (error) {
    console.log(`SEED=${seed} RUNS=1: ${made.slice(0, 5).join("\n  ")}`);
    throw error;
  }
}

for (let seed = firstSeed; seed < firstSeed + runs; seed++) test(`seed ${seed}`, () => fuzz(seed));

test.run();
