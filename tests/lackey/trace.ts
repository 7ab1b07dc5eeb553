/**
 * Address traces of a program between its two stores to the marker: from valgrind's lackey, which executes it by translation
 * to the host's code, and from the emulated machine's data bus.
 */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { READ, WRITE } from "../../mmu/index.ts";
import { createMachine } from "../../observe/index.ts";
import { MARKER, type Program } from "./program.ts";

/** L: load, S: store, M: read-modify-write. */
export type Kind = "L" | "S" | "M";

export interface Access {
  readonly kind: Kind;
  readonly address: number;
  /** Bytes, also of an access that crosses a page. */
  readonly size: number;
}

/** One executed instruction; a repeated string instruction is one. */
export interface Step {
  readonly address: number;
  /** Bytes that were fetched. */
  readonly length: number;
  readonly accesses: Access[];
}

/** Every instruction is translated by itself and without optimisation: no load of one is left out for the sake of another. */
const VALGRIND = [
  ..."--tool=lackey --trace-mem=yes --quiet --log-fd=2".split(" "),
  ..."--vex-guest-max-insns=1 --vex-iropt-level=0 --vex-guest-chase=no".split(" "),
];

/** Throws if valgrind cannot execute the program. */
export function lackeyTrace(program: Program): Step[] {
  const { status, stderr } = spawnSync("valgrind", [...VALGRIND, program.path], {
    encoding: "latin1",
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`valgrind ends with status ${status}:\n${stderr.slice(-2000)}`);
  const steps: Step[] = [];
  for (const [, kind, address, size] of stderr.matchAll(/^ ?([ILSM]) +([0-9a-f]+),(\d+)$/gm)) {
    const at = Number.parseInt(address, 16);
    const last = steps.at(-1);
    if (kind !== "I") last?.accesses.push({ kind: kind as Kind, address: at, size: Number(size) });
    else if (last?.address !== at || !program.instruction(at).repeated) {
      steps.push({ address: at, length: Number(size), accesses: [] });
    }
  }
  return between(steps);
}

/** Listens to the data bus of a machine that looks every access up. */
export function emulatedTrace(program: Program): Step[] {
  const machine = createMachine({ mem: 16 << 20, translation: "plain", quiet: true });
  machine.load(readFileSync(program.path), { name: program.name, env: {} });
  const { cpu, bus } = machine.hardware;
  const steps: Step[] = [];
  let accesses: Access[] = [];
  /** By CPL 3; what a page fault refused did not happen. */
  const note = (kind: Kind, address: number, size: number, user: number, done: boolean): boolean => {
    if (!done) accesses = [];
    else if (user === 1) accesses.push({ kind, address: address >>> 0, size });
    return done;
  };
  const { read8, read16, read32, write8, write16, write32, open } = bus;
  /** What the bus calls of its own is part of the access that it was asked for. */
  const whole = <Result>(perform: () => Result): Result => {
    bus.open = open;
    const result = perform();
    bus.open = openNoted;
    return result;
  };
  const reading = (size: number, read: typeof read8) => (la: number, user: number) => {
    const value = whole(() => read.call(bus, la, user));
    note("L", la, size, user, bus.faulted === 0);
    return value;
  };
  const writing = (size: number, write: typeof write8) => (la: number, value: number, user: number) =>
    note(
      "S",
      la,
      size,
      user,
      whole(() => write.call(bus, la, value, user)),
    );
  const openNoted: typeof open = (la, size, access, user) =>
    note(access === READ ? "L" : "S", la, size, user, open.call(bus, la, size, access, user));
  Object.assign(bus, {
    read8: reading(1, read8),
    read16: reading(2, read16),
    read32: reading(4, read32),
    write8: writing(1, write8),
    write16: writing(2, write16),
    write32: writing(4, write32),
    open: openNoted,
    openRmw: (la: number, size: number, user: number) =>
      note("M", la, size, user, open.call(bus, la, size, WRITE, user)),
  });
  for (;;) {
    const address = cpu.eip;
    const result = machine.run(1);
    if (result.reason !== "budget") break;
    steps.push({ address, length: program.instruction(address).length, accesses });
    accesses = [];
  }
  return between(steps);
}

function between(steps: readonly Step[]): Step[] {
  const marks = steps.flatMap(({ accesses: [first] }, index) => (first?.address === MARKER ? [index] : []));
  if (marks.length !== 2) throw new Error(`${marks.length} stores to the marker instead of 2`);
  return steps.slice(marks[0] + 1, marks[1]);
}
