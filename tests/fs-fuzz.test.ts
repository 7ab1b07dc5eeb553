/** Whatever a program passes to a call of the file system: an answer, in time, and no exception. */

import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { FilesStruct } from "../kernel/fs/files-struct.ts";
import { mountProc } from "../kernel/fs/proc/mount.ts";
import { fsSyscalls } from "../kernel/fs/syscalls.ts";
import { AT_FDCWD } from "../kernel/fs/user-path.ts";
import { SLEEPING } from "../kernel/task/sleep.ts";
import { bytesOf } from "./fs-rig.ts";
import { KernelRig, MEMORY, MEMORY_BYTES } from "./kernel-rig.ts";

const paths = [
  "/tmp",
  "/tmp/a",
  "/tmp/b",
  "/tmp/d",
  "/tmp/d/e",
  "/tmp/link",
  "a",
  "b/",
  "d/../d",
  ".",
  "..",
  "/",
  "",
  "/dev/null",
  "/dev/zero",
  "/dev/full",
  "/dev/urandom",
  "/dev/tty",
  "/dev",
  "/proc",
  "/proc/self/fd/3",
  "/proc/self/maps",
  "/proc/self/stat",
  "/proc/self/mem",
  "/proc/self/cwd",
  "/proc/sys/kernel",
  "/proc/meminfo",
  "/tmp/fifo",
  "x".repeat(300),
  "/tmp/loop/x",
];

/** Offsets in the rig's memory: one path per slot, then words that change with every round. */
const SLOT = 512;
const WORDS = 0x8000;

const pathPointer = fc.nat(paths.length - 1).map((i) => MEMORY + i * SLOT);
const wordPointer = fc.nat(1000).map((i) => MEMORY + WORDS + i * 4);
const anything = fc.integer({ min: -0x80000000, max: 0x7fffffff });
const argument = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -2, max: 12 }) },
  { weight: 3, arbitrary: pathPointer },
  { weight: 3, arbitrary: wordPointer },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      0,
      1,
      0x40,
      0x42,
      0x242,
      0o2000000,
      0x5401,
      0x5413,
      0x541b,
      4096,
      65536,
      1 << 20,
      AT_FDCWD,
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(0xc0000000 | 0, MEMORY + MEMORY_BYTES - 3, 0x7fffffff, -0x80000000, 0x1000) },
  { weight: 1, arbitrary: anything },
);
const numbers = Object.keys(fsSyscalls).map(Number);
const call = fc.record({
  number: fc.constantFrom(...numbers),
  args: fc.array(argument, { minLength: 6, maxLength: 6 }),
});
const words = fc.array(fc.oneof(fc.integer({ min: -2, max: 12 }), pathPointer, wordPointer, anything), {
  minLength: 32,
  maxLength: 32,
});

const path = (name: string) => MEMORY + paths.indexOf(name) * SLOT;
const open = (name: string, flags: number) => ({ number: 5, args: [path(name), flags, 0o644, 0, 0, 0] });

/** Something of every kind is open from the start: descriptors 0 to 10. */
const opening = [
  { number: 39, args: [path("/tmp/d"), 0o755, 0, 0, 0, 0] },
  open("/tmp/a", 0o102),
  open("/tmp/d", 0),
  open("/dev/zero", 2),
  open("/proc/self/mem", 2),
  { number: 331, args: [MEMORY + WORDS + 8, 0, 0, 0, 0, 0] },
  { number: 360, args: [1, 1, 0, MEMORY + WORDS + 8, 0, 0] },
  { number: 328, args: [3, 0, 0, 0, 0, 0] },
  { number: 329, args: [0, 0, 0, 0, 0, 0] },
  { number: 356, args: [path("a"), 0, 0, 0, 0, 0] },
  { number: 322, args: [1, 0, 0, 0, 0, 0] },
];

const seed = Number(process.env.SEED ?? 1999);
console.log(`seed ${seed}`);

test("random calls with random arguments", () => {
  const rig = new KernelRig();
  const { k, main } = rig;
  mountProc(k);
  paths.forEach((path, i) => {
    k.user.write(MEMORY + i * SLOT, bytesOf(`${path}\0`));
  });
  const answered = new Set<number>();
  let slowest = { milliseconds: 0, what: "" };
  fc.assert(
    fc.property(fc.array(call, { minLength: 20, maxLength: 60 }), words, fc.boolean(), (calls, values, signalled) => {
      main.files = new FilesStruct();
      for (let at = 0; at < 4096; at += values.length * 4) {
        k.user.write(MEMORY + WORDS + at, new Uint8Array(Int32Array.from(values).buffer));
      }
      for (const { number, args } of [...opening, ...calls]) {
        const [a, b, c, d, e, f] = args as [number, number, number, number, number, number];
        const entry = fsSyscalls[number];
        if (entry === undefined) throw new Error("no such call");
        main.sigpending = signalled;
        const start = performance.now();
        const result = entry[1](k, main, a, b, c, d, e, f);
        const milliseconds = performance.now() - start;
        const what = `${entry[0]}(${args.map((value) => (value >>> 0).toString(16)).join(", ")})`;
        if (milliseconds > slowest.milliseconds) slowest = { milliseconds, what };
        assert.ok(Number.isInteger(result), `${what} = ${result}`);
        assert.ok(result >= -4095 || result === SLEEPING, `${what} = ${result}`);
        if (result >= 0) answered.add(number);
        main.sigpending = true;
        if (result === SLEEPING) {
          main.wake();
          const again = entry[1](k, main, a, b, c, d, e, f);
          assert.is.not(again, SLEEPING, `${what} sleeps though a signal waits`);
        }
        main.progress = null;
      }
      main.files.release();
      main.sigpending = false;
    }),
    { seed, numRuns: 1500 },
  );
  console.log(
    `${answered.size} of ${numbers.length} calls succeeded; slowest ${slowest.milliseconds.toFixed(0)} ms: ${slowest.what}`,
  );
  assert.ok(slowest.milliseconds < 3000, slowest.what);
  assert.ok(answered.size > 80);
});

test.run();
