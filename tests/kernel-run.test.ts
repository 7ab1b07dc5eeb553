/** The loop of the machine: why it comes back, and that slicing a run changes nothing. */

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BootError, bootLinux } from "../kernel/boot.ts";
import { type RunBudget, run } from "../kernel/run.ts";
import { programHost } from "./program-host.ts";

const image = (name: string): Uint8Array => readFileSync(`images/bin/${name}`);

function boot(elf: Uint8Array, input: "open" | "complete" = "complete", cpu = "p6") {
  const host = programHost(elf, input);
  const kernel = bootLinux({ host, program: "/program", machineOptions: { cpu, mem: 32 << 20 } });
  return { kernel, host, text: () => host.text("stdout") };
}

/** A program of machine code at 0x08048054, with writable memory behind it. */
function program(...code: number[]): Uint8Array {
  const bytes = new Uint8Array(84 + code.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, 3, true);
  view.setUint32(20, 1, true);
  view.setUint32(24, 0x08048054, true);
  view.setUint32(28, 52, true);
  view.setUint16(40, 52, true);
  view.setUint16(42, 32, true);
  view.setUint16(44, 1, true);
  const segment = [1, 0, 0x08048000, 0x08048000, bytes.length, 0x2000, 7, 0x1000];
  for (const [i, word] of segment.entries()) view.setUint32(52 + i * 4, word, true);
  bytes.set(code, 84);
  return bytes;
}

/** mov eax, number; int 0x80 */
const call = (number: number): number[] => [0xb8, number, 0, 0, 0, 0xcd, 0x80];
const exitZero = [0x31, 0xdb, ...call(1)];

test("exit tells the wait status", () => {
  const { kernel, text } = boot(image("hello"));
  assert.equal(run(kernel), { kind: "exit", status: 0 });
  assert.is(text(), "hello, paged world\n");
  assert.equal(run(kernel), { kind: "exit", status: 0 }, "again and again");
});

test("a fatal fault is told with its place", () => {
  const { kernel } = boot(program(0xa1, 0x10, 0, 0, 0));
  assert.equal(run(kernel), { kind: "exit", status: 11 });
  assert.equal(kernel.mainExit?.fatal, { info: { signo: 11, code: 1, addr: 0x10 }, eip: 0x08048054 });
});

test("an instruction budget is exact", () => {
  const { kernel } = boot(program(0xeb, 0xfe));
  for (let i = 1; i <= 3; i++) {
    assert.equal(run(kernel, { instructions: 1000 }), { kind: "budget" });
    assert.is(kernel.cpu.instructions, 1000 * i);
  }
});

test("a cycle budget ends at the next transfer", () => {
  const { kernel } = boot(program(0xeb, 0xfe));
  const start = kernel.cpu.cycles;
  assert.equal(run(kernel, { cycles: 5000 }), { kind: "budget" });
  const used = kernel.cpu.cycles - start;
  assert.ok(used >= 5000 && used < 5010, `${used}`);
});

test("deadlock: pause() without anyone to end it", () => {
  assert.equal(run(boot(program(...call(29), ...exitZero)).kernel), { kind: "deadlock" });
});

test("input: the clock stands still until it comes", () => {
  // read(0, esp, 1)
  const { kernel, host } = boot(
    program(0x31, 0xdb, 0x89, 0xe1, 0xba, 1, 0, 0, 0, ...call(3), 0x0f, 0xb6, 0x1c, 0x24, ...call(1)),
    "open",
  );
  assert.is(run(kernel).kind, "input");
  const { cycles } = kernel.cpu;
  assert.is(run(kernel).kind, "input");
  assert.is(kernel.cpu.cycles, cycles);
  host.push(42);
  assert.equal(run(kernel), { kind: "exit", status: 42 << 8 });
});

test("a sleep is passed in no time", () => {
  // nanosleep({5, 0}, 0)
  const { kernel } = boot(program(0x6a, 0, 0x6a, 5, 0x89, 0xe3, 0x31, 0xc9, ...call(162), ...exitZero));
  assert.equal(run(kernel), { kind: "exit", status: 0 });
  assert.ok(kernel.clock.now() >= 5e9 && kernel.clock.now() < 5.001e9);
});

test("a process in the background runs to its end after the first one's", () => {
  // fork(); the child: nanosleep({1, 0}, 0), write(1, esp, 1)
  const child = [0x6a, 0, 0x6a, 1, 0x89, 0xe3, 0x31, 0xc9, ...call(162)];
  const write = [0x6a, 0x41, 0x89, 0xe1, 0xbb, 1, 0, 0, 0, 0xba, 1, 0, 0, 0, ...call(4)];
  const both = [...child, ...write, ...exitZero];
  const { kernel, text } = boot(program(...call(2), 0x85, 0xc0, 0x75, both.length, ...both, ...exitZero));
  assert.equal(run(kernel), { kind: "exit", status: 0 });
  assert.is(text(), "A");
});

test("an unknown system call is ENOSYS, and one line", () => {
  // mov eax, 600; int 0x80; twice; neg eax; mov ebx, eax; exit(ebx)
  const unknown = [0xb8, 0x58, 2, 0, 0, 0xcd, 0x80];
  const { kernel, host } = boot(program(...unknown, ...unknown, 0xf7, 0xd8, 0x89, 0xc3, ...call(1)));
  assert.equal(run(kernel), { kind: "exit", status: 38 << 8 });
  assert.equal(host.lines, ["no system call 600: ENOSYS"]);
});

test("what is no program is said in one line", () => {
  assert.throws(
    () => boot(new Uint8Array([1, 2, 3])),
    (error: unknown) => error instanceof BootError,
  );
});

/** Everything countable about a run. */
function observe(name: string, budget: RunBudget, cpu: string) {
  const { kernel, text } = boot(image(name), "complete", cpu);
  for (let slices = 0; ; slices++) {
    const reason = run(kernel, budget);
    if (reason.kind === "budget" && slices < 1e6) continue;
    const { cycles, instructions } = kernel.cpu;
    const { counters } = kernel.machine.mmu;
    const { contextSwitches } = kernel.counters;
    return { reason, cycles, instructions, contextSwitches, mmu: [...counters], text: text() };
  }
}

for (const name of ["thread", "pipes", "cow"]) {
  for (const cpu of ["p6", "pentium"]) {
    test(`${name} on ${cpu}: the same run in one piece and in slices`, () => {
      const whole = observe(name, {}, cpu);
      assert.is(whole.reason.kind, "exit");
      assert.equal(observe(name, {}, cpu), whole);
      assert.equal(observe(name, { instructions: 997 }, cpu), whole);
      assert.equal(observe(name, { cycles: 3001 }, cpu), whole);
    });
  }
}

test.run();
