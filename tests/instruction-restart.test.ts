/**
 * Order of references and restart of single instructions, one test per statement. Pnn: operand order and restart P36-P47,
 * LOCK P54; Unn: results the manual leaves open. Sources: 80386 PRM (instruction pages, 9.8), SDM 2A and 2B. Every test
 * runs through the handlers over the plain TLB and through the interpreter's loop over hot slots.
 */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { ACCESS, READ, WRITE } from "../mmu/index.ts";
import { EmulatedProcessor } from "./oracle/emulated.ts";
import { CODE, DATA, type Outcome, pattern } from "./oracle/layout.ts";

const READ_ONLY = DATA + 0x2000;
const BELOW = DATA - 0x1000;
const ABOVE = DATA + 0x3000;
const DE = 0;
const BP = 3;
const BR = 5;
const UD = 6;
const PF = 14;
const CF = 1;
const ZF = 0x40;
const OF = 0x800;
const DF = 0x400;

const names = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"] as const;
type Registers = Partial<Record<(typeof names)[number], number>>;

interface Start extends Registers {
  eflags?: number;
  /** Dwords by linear address. */
  memory?: Record<number, number>;
}

interface Result extends Required<Registers> {
  outcome: Outcome;
  /** Vector, error code and CR2 of a page fault, "0" as "#0", and so on; "" if the instruction ended at its INT3. */
  fault: string;
  /** Flags set of CF PF AF ZF SF OF DF. */
  flags: number;
  reads: number;
  writes: number;
  /** Dword of the window afterwards. */
  at(linear: number): number;
}

type Run = (bytes: readonly number[], start?: Start) => Result;

function both(name: string, body: (run: Run) => void): void {
  for (const way of ["steps", "blocks"] as const) {
    test(`${name} (${way})`, () => {
      const processor = new EmulatedProcessor(way, way === "steps" ? "plain" : "hot");
      body((bytes, start = {}) => execute(processor, bytes, start));
    });
  }
}

function execute(processor: EmulatedProcessor, bytes: readonly number[], start: Start): Result {
  const regs = Int32Array.from(names, (name) => start[name] ?? (name === "esp" ? DATA + 0x800 : 0x01010101));
  const { counters } = processor.machine.mmu;
  const reads = counters[ACCESS + READ * 2 + 1];
  const writes = counters[ACCESS + WRITE * 2 + 1];
  const outcome = processor.run({
    row: 0,
    form: "",
    eip: CODE + 0x100,
    eflags: (start.eflags ?? 0) | 0x202,
    regs,
    selectors: new Int32Array(6).fill(-1),
    codeAddress: CODE + 0x100,
    code: Uint8Array.from(bytes),
    at: 0,
    length: bytes.length,
    patches: Object.entries(start.memory ?? {}).map(([linear, value]) => [(Number(linear) - DATA) / 4, value]),
    image: undefined,
    operand: undefined,
  });
  const changed = new Map<number, number>();
  for (let n = 0; n < outcome.changes.length; n += 2) changed.set(outcome.changes[n], outcome.changes[n + 1]);
  const hex = (value: number): string => (value >>> 0).toString(16);
  const fault =
    outcome.vector === PF
      ? `#PF ${outcome.errorCode} @${hex(outcome.cr2)}`
      : outcome.vector === BP
        ? ""
        : `#${outcome.vector}`;
  if (outcome.vector !== BP) assert.is(hex(outcome.eip), hex(CODE + 0x100), "EIP at the first byte");
  return {
    ...(Object.fromEntries(names.map((name, n) => [name, outcome.regs[n] >>> 0])) as Required<Registers>),
    outcome,
    fault,
    flags: outcome.eflags & 0xcd5,
    reads: counters[ACCESS + READ * 2 + 1] - reads,
    writes: counters[ACCESS + WRITE * 2 + 1] - writes,
    at: (linear) => (changed.get((linear - DATA) / 4) ?? pattern[(linear - DATA) / 4]) >>> 0,
  };
}

both("P36 a read-modify-write of a read-only page faults with W = 1", (run) => {
  for (const modrm of [0x00, 0x08, 0x10, 0x18, 0x20, 0x28, 0x30]) {
    assert.is(run([0x83, modrm, 1], { eax: READ_ONLY }).fault, "#PF 7 @30002000");
  }
  const cmp = run([0x83, 0x38, 1], { eax: READ_ONLY });
  assert.is(cmp.fault, "");
  assert.equal([cmp.reads, cmp.writes], [1, 0]);
  const add = run([0x83, 0x00, 1], { eax: DATA });
  assert.equal([add.reads, add.writes], [0, 1], "one lookup, with write intent");
});

both("P37 CMPXCHG and CMPXCHG8B write although the comparison fails", (run) => {
  const cmpxchg = [0x0f, 0xb1, 0x0b];
  assert.is(run(cmpxchg, { ebx: READ_ONLY, eax: 0 }).fault, "#PF 7 @30002000");
  const failed = run(cmpxchg, { ebx: DATA, eax: 5, memory: { [DATA]: 6 } });
  assert.equal([failed.eax, failed.writes, failed.reads], [6, 1, 0]);
  const cmpxchg8b = [0x0f, 0xc7, 0x0e];
  assert.is(run(cmpxchg8b, { esi: READ_ONLY }).fault, "#PF 7 @30002000");
  assert.is(run(cmpxchg8b, { esi: READ_ONLY - 4 }).fault, "#PF 7 @30002000", "both halves before either");
  const wide = run(cmpxchg8b, { esi: DATA, eax: 1, edx: 2, ebx: 3, ecx: 4, memory: { [DATA]: 1, [DATA + 4]: 2 } });
  assert.equal([wide.at(DATA), wide.at(DATA + 4), wide.flags & ZF, wide.writes], [3, 4, ZF, 2]);
});

both("P38 PUSH m reads its operand before it writes the stack", (run) => {
  const push = [0xff, 0x36];
  const start = { esi: BELOW, esp: BELOW };
  assert.is(run(push, start).fault, "#PF 4 @2ffff000");
  const stack = run(push, { esi: DATA, esp: DATA });
  assert.is(stack.fault, "#PF 6 @2ffffffc");
  assert.is(stack.esp, DATA);
});

both("P39 PUSH ESP stores the value before the decrement", (run) => {
  const pushed = run([0x54], { esp: DATA + 0x100 });
  assert.is(pushed.at(DATA + 0xfc), DATA + 0x100);
  assert.is(pushed.esp, DATA + 0xfc);
});

both("P40 POP m addresses with the incremented ESP; a fault leaves it", (run) => {
  const pop = [0x8f, 0x44, 0x24, 0x08];
  const done = run(pop, { esp: DATA + 0x100, memory: { [DATA + 0x100]: 77 } });
  assert.is(done.at(DATA + 0x10c), 77);
  assert.is(done.esp, DATA + 0x104);
  const fault = run([0x8f, 0x04, 0x24], { esp: READ_ONLY - 4 });
  assert.is(fault.fault, "#PF 7 @30002000");
  assert.is(fault.esp, READ_ONLY - 4);
});

both("P41 POP ESP ends with the popped value", (run) => {
  assert.is(run([0x5c], { esp: DATA + 0x100, memory: { [DATA + 0x100]: 0x12345678 } }).esp, 0x12345678);
});

both("P42 ENTER leaves ESP and EBP alone when a push faults", (run) => {
  for (const levels of [0, 1, 5]) {
    const start = { esp: DATA + 4 * levels, ebp: DATA + 0x100 };
    const fault = run([0xc8, 0, 0, levels], start);
    assert.is(fault.fault, "#PF 6 @2ffffffc");
    assert.equal([fault.esp, fault.ebp], [start.esp, start.ebp]);
  }
  const probed = run([0xc8, 0, 1, 0], { esp: DATA + 0x80, ebp: 0x55 });
  assert.is(probed.fault, "#PF 6 @2fffff7c", "the final stack pointer is probed for writing");
  const done = run([0xc8, 0x10, 0, 3], { esp: DATA + 0x200, ebp: DATA + 0x100 });
  assert.equal([done.ebp, done.esp], [DATA + 0x1fc, DATA + 0x1e0]);
  assert.equal(
    [0x1fc, 0x1f8, 0x1f4, 0x1f0].map((offset) => done.at(DATA + offset)),
    [DATA + 0x100, pattern[0xfc / 4] >>> 0, pattern[0xf8 / 4] >>> 0, DATA + 0x1fc],
  );
});

both("P43 LEAVE changes nothing when the pop faults", (run) => {
  const fault = run([0xc9], { ebp: ABOVE, esp: DATA + 0x100 });
  assert.is(fault.fault, "#PF 4 @30003000");
  assert.equal([fault.ebp, fault.esp], [ABOVE, DATA + 0x100]);
});

both("P44 PUSHA and POPA change no register before all pages are known good", (run) => {
  const push = run([0x60], { esp: DATA + 12 });
  assert.is(push.fault, "#PF 6 @2ffffffc");
  assert.is(push.esp, DATA + 12);
  const pop = run([0x61], { esp: ABOVE - 16, edi: 1, esi: 2, ebp: 3, ebx: 4, edx: 5, ecx: 6, eax: 7 });
  assert.is(pop.fault, "#PF 4 @30003000");
  assert.equal([pop.edi, pop.esi, pop.ebp, pop.ebx, pop.edx, pop.ecx, pop.eax], [1, 2, 3, 4, 5, 6, 7]);
  assert.is(pop.esp, ABOVE - 16);
  assert.is(run([0x61], {}).reads, 7, "the stacked ESP is skipped");
});

both("P45 BT addresses a signed bit string and accesses whole dwords", (run) => {
  const bt = [0x0f, 0xa3, 0x08];
  assert.is(run(bt, { eax: DATA + 0x100, ecx: -1, memory: { [DATA + 0xfc]: 1 << 31 } }).flags & CF, CF);
  assert.is(run(bt, { eax: DATA + 0x100, ecx: 33, memory: { [DATA + 0x104]: 2 } }).flags & CF, CF);
  assert.is(run(bt, { eax: ABOVE - 2, ecx: 3 }).fault, "#PF 4 @30003000", "the bit is in the page before");
  const narrow = run([0x66, ...bt], { eax: DATA + 0x100, ecx: 0xffff, memory: { [DATA + 0xfc]: 1 << 31 } });
  assert.is(narrow.flags & CF, CF);
});

both("P46 BT needs no write permission, BTS, BTR and BTC do", (run) => {
  assert.is(run([0x0f, 0xa3, 0x08], { eax: READ_ONLY, ecx: 1 }).fault, "");
  assert.is(run([0x0f, 0xba, 0x20, 1], { eax: READ_ONLY }).fault, "");
  for (const opcode of [0xab, 0xb3, 0xbb]) {
    assert.is(run([0x0f, opcode, 0x08], { eax: READ_ONLY, ecx: 1 }).fault, "#PF 7 @30002000");
  }
});

both("P47 a repeated string instruction faults with the finished iterations in its registers", (run) => {
  const movsd = [0xf3, 0xa5];
  const moved = run(movsd, { ecx: 10, esi: DATA, edi: READ_ONLY - 8 });
  assert.is(moved.fault, "#PF 7 @30002000");
  assert.equal([moved.ecx, moved.esi, moved.edi], [8, DATA + 8, READ_ONLY]);
  assert.is(moved.at(READ_ONLY - 4), pattern[1] >>> 0);
  assert.equal([moved.reads, moved.writes], [3, 3], "the faulting reference counts");
  assert.is(run(movsd, { ecx: 1, esi: BELOW, edi: BELOW }).fault, "#PF 4 @2ffff000", "the source comes first");
  const none = run(movsd, { ecx: 0, esi: BELOW, edi: BELOW });
  assert.equal([none.fault, none.reads, none.writes], ["", 0, 0]);
  const backwards = run(movsd, { ecx: 5, esi: DATA + 0x100, edi: DATA + 4, eflags: DF });
  assert.is(backwards.fault, "#PF 6 @2ffffffc");
  assert.equal([backwards.ecx, backwards.esi, backwards.edi], [3, DATA + 0xf8, (DATA - 4) >>> 0]);
  const scan = run([0xf2, 0xae], { ecx: 0x10000, edi: ABOVE - 3, eax: 0x7b });
  if (scan.fault !== "") assert.is(scan.edi, ABOVE);
});

both("P54 LOCK is undefined except on a read-modify-write of memory", (run) => {
  assert.is(run([0xf0, 0x01, 0x08], { eax: DATA }).fault, "");
  assert.is(run([0xf0, 0x01, 0xc8]).fault, `#${UD}`);
  assert.is(run([0xf0, 0x8b, 0x08], { eax: DATA }).fault, `#${UD}`);
  assert.is(run([0xf0, 0x39, 0x08], { eax: DATA }).fault, `#${UD}`);
});

both("U01 a bit scan of zero leaves the destination alone", (run) => {
  for (const opcode of [0xbc, 0xbd]) {
    const scanned = run([0x0f, opcode, 0xc1], { eax: 0x1234, ecx: 0 });
    assert.equal([scanned.eax, scanned.flags & ZF], [0x1234, ZF]);
  }
});

both("U06 a 16-bit SHLD by more than 16 shifts the second operand in again", (run) => {
  assert.is(run([0x66, 0x0f, 0xa4, 0xd0, 20], { eax: 0x1111, edx: 0xabcd }).eax & 0xffff, 0xbcda);
});

both("U08 shift counts are taken modulo 32; a count of zero changes no flag", (run) => {
  const byte = run([0xc0, 0xe0, 33], { eax: 0x81 });
  assert.equal([byte.eax & 0xff, byte.flags & CF], [2, CF]);
  assert.is(run([0xc0, 0xe0, 32], { eax: 0x81, eflags: CF | OF }).flags, CF | OF);
  assert.is(run([0xc0, 0xe0, 16], { eax: 0x81 }).eax & 0xff, 0);
});

both("U09 RCL of a byte rotates nine bits, of a word seventeen", (run) => {
  assert.is(run([0xc0, 0xd0, 9], { eax: 0x81, eflags: CF }).eax & 0xff, 0x81);
  assert.is(run([0xc0, 0xd0, 1], { eax: 0x81, eflags: CF }).eax & 0xff, 3);
  assert.is(run([0x66, 0xc1, 0xd8, 17], { eax: 0x8001 }).eax & 0xffff, 0x8001);
});

both("U12 IDIV may give the most negative quotient", (run) => {
  const least = run([0xf6, 0xfb], { eax: 0xff80, ebx: 1 });
  assert.equal([least.fault, least.eax & 0xffff], ["", 0x80]);
  assert.is(run([0xf6, 0xfb], { eax: 0xff7f, ebx: 1 }).fault, `#${DE}`);
  assert.is(run([0xf7, 0xfb], { eax: 0x80000000, edx: -1, ebx: -1 }).fault, `#${DE}`);
  assert.is(run([0xf7, 0xfb], { eax: 0x80000000, edx: -1, ebx: 1 }).eax, 0x80000000);
});

both("U14 AAM 0 is a divide error of the instruction itself", (run) => {
  const fault = run([0xd4, 0], { eax: 0x1234 });
  assert.equal([fault.fault, fault.eax], [`#${DE}`, 0x1234]);
});

both("BOUND faults outside its bounds and reads both", (run) => {
  const bound = [0x62, 0x03];
  const memory = { [DATA]: -5, [DATA + 4]: 5 };
  assert.is(run(bound, { ebx: DATA, eax: -6, memory }).fault, `#${BR}`);
  assert.is(run(bound, { ebx: DATA, eax: 6, memory }).fault, `#${BR}`);
  const within = run(bound, { ebx: DATA, eax: 5, memory });
  assert.equal([within.fault, within.reads], ["", 2]);
});

test.run();
