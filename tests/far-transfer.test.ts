/** Far JMP, CALL, RET and IRET, gates and privilege levels (SDM 3A 5.8; statement P50). */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { CS, DS, EAX, EBX, ES, ESP, FS, GS, SS } from "../emu/state.ts";
import {
  CODE,
  CODE_READ,
  CONFORMING,
  DATA,
  DATA_WRITE,
  DPL3,
  type Ending,
  EXPAND_DOWN,
  FREE,
  gate,
  INNER_STACK,
  KERNEL_CS,
  KERNEL_DS,
  NOT_ACCESSED,
  NOT_PRESENT,
  STACK,
  SystemRig,
  segment,
  TSS,
  TSS_SELECTOR,
  USER_CS,
  USER_DS,
  type Words,
} from "./system-rig.ts";

/** Where gates and direct transfers of these tests lead: INT 80. */
const TARGET = 0x11000;

function le(value: number, bytes = 4): string {
  let text = "";
  for (let i = 0; i < bytes; i++) text += ((value >>> (8 * i)) & 255).toString(16).padStart(2, "0");
  return text;
}

const jmpFar = (selector: number, offset = TARGET): string => `ea${le(offset)}${le(selector, 2)}`;
const callFar = (selector: number, offset = TARGET): string => `9a${le(offset)}${le(selector, 2)}`;

function rigAt(cpl: 0 | 3, entry?: Words): SystemRig {
  const rig = new SystemRig().level(cpl);
  if (entry !== undefined) rig.descriptor(FREE, entry);
  rig.load("cd80", TARGET);
  return rig;
}

/** "done at TARGET with CS", or the fault. */
function told(ending: Ending): string {
  if (ending.how !== "done") return ending.how;
  return ending.eip === TARGET + 2 ? `target ${ending.cs.toString(16)}` : `done ${ending.eip.toString(16)}`;
}

const transfer = (cpl: 0 | 3, program: string, entry?: Words): string => told(rigAt(cpl, entry).run(program));

test("direct JMP and CALL: the level stays, conforming code may be more privileged", () => {
  for (const far of [jmpFar, callFar]) {
    assert.is(transfer(0, far(KERNEL_CS)), "target 8");
    assert.is(transfer(3, far(USER_CS)), "target 1b");
    assert.is(transfer(3, far(USER_CS & ~3)), "target 1b");
    assert.is(transfer(0, far(KERNEL_CS | 3)), "#GP(8)");
    assert.is(transfer(0, far(USER_CS)), "#GP(18)");
    assert.is(transfer(3, far(KERNEL_CS)), "#GP(8)");
    assert.is(transfer(0, far(0)), "#GP(0)");
    assert.is(transfer(0, far(3)), "#GP(0)");
    assert.is(transfer(0, far(0x203)), "#GP(200)");
    assert.is(transfer(0, far(KERNEL_DS)), "#GP(10)");
    assert.is(transfer(3, far(FREE), segment(CONFORMING)), "target 3b");
    assert.is(transfer(0, far(FREE | 3), segment(CONFORMING)), "target 38");
    assert.is(transfer(0, far(FREE), segment(CONFORMING + DPL3)), "#GP(38)");
    assert.is(transfer(0, far(FREE), segment(CODE_READ + NOT_PRESENT)), "#NP(38)");
    assert.is(transfer(0, far(FREE), segment(CODE_READ, 0, TARGET - 1, 4)), "#GP(0)");
    assert.is(transfer(0, far(FREE), segment(0x82)), "#GP(38)");
  }
});

test("a direct CALL pushes CS and the return offset, in the operand size", () => {
  const rig = rigAt(0);
  rig.load("f4", TARGET);
  assert.is(rig.run(callFar(KERNEL_CS)).how, "halted");
  assert.is(rig.peek(STACK - 4), KERNEL_CS);
  assert.is(rig.peek(STACK - 8), CODE + 7);
  const short = rigAt(0);
  short.load("f4", 0x9000);
  // o16 call 8:9000
  assert.is(short.run(`66 9a 0090 0800`).how, "halted");
  assert.is(short.cpu.regs[ESP], STACK - 4);
  assert.is(short.peek(STACK - 4) >>> 0, ((KERNEL_CS << 16) | ((CODE + 6) & 0xffff)) >>> 0);
});

test("indirect far transfers read offset and selector", () => {
  for (const op of ["ff2b", "ff1b"]) {
    const rig = rigAt(0);
    rig.poke(DATA, TARGET);
    rig.poke(DATA + 4, KERNEL_CS);
    rig.cpu.regs[EBX] = DATA;
    assert.is(told(rig.run(op)), "target 8");
  }
  // The operand must be in memory.
  assert.is(rigAt(0).run("ffeb").how, "#UD");
});

test("the new segment's accessed bit is set before anything is pushed", () => {
  const rig = rigAt(0, segment(CODE_READ + NOT_ACCESSED));
  assert.is(told(rig.run(callFar(FREE))), "target 38");
  assert.is(rig.access(FREE), CODE_READ);
});

test("call gates: DPL against CPL and RPL, presence, the code segment behind them", () => {
  const through = (access: number, selector: number): Words => gate(access, selector, TARGET);
  assert.is(transfer(3, callFar(FREE, 0), through(0xec, KERNEL_CS)), "target 8");
  assert.is(transfer(3, jmpFar(FREE, 0), through(0xec, KERNEL_CS)), "#GP(8)");
  assert.is(transfer(3, jmpFar(FREE, 0), through(0xec, USER_CS)), "target 1b");
  assert.is(transfer(0, jmpFar(FREE, 0), through(0x8c, KERNEL_CS)), "target 8");
  assert.is(transfer(0, callFar(FREE, 0), through(0x8c, KERNEL_CS)), "target 8");
  for (const far of [jmpFar, callFar]) {
    assert.is(transfer(3, far(FREE), through(0x8c, KERNEL_CS)), "#GP(38)");
    assert.is(transfer(0, far(FREE | 3), through(0x8c, KERNEL_CS)), "#GP(38)");
    assert.is(transfer(3, far(FREE), through(0x6c, KERNEL_CS)), "#NP(38)");
    assert.is(transfer(3, far(FREE), through(0xec, 0)), "#GP(0)");
    assert.is(transfer(3, far(FREE), through(0xec, 0x200)), "#GP(200)");
    assert.is(transfer(3, far(FREE), through(0xec, KERNEL_DS)), "#GP(10)");
    assert.is(transfer(0, far(FREE), through(0x8c, USER_CS)), "#GP(18)");
    assert.is(transfer(0, far(FREE), through(0x8e, KERNEL_CS)), "#GP(38)");
  }
  const conforming = rigAt(3, gate(0xec, FREE + 8, TARGET));
  conforming.descriptor(FREE + 8, segment(CONFORMING));
  assert.is(told(conforming.run(jmpFar(FREE, 0))), "target 43");
  const missing = rigAt(3, gate(0xec, FREE + 8, TARGET));
  missing.descriptor(FREE + 8, segment(CODE_READ + NOT_PRESENT));
  assert.is(missing.run(callFar(FREE)).how, "#NP(40)");
});

test("a call to an inner level switches stacks and copies the parameters", () => {
  const rig = rigAt(3, gate(0xec, KERNEL_CS, TARGET, 2));
  rig.load("f4", TARGET);
  // push 11; push 22; call gate
  assert.is(rig.run(`6a11 6a22 ${callFar(FREE)}`).how, "halted");
  assert.is(rig.cpu.regs[ESP], INNER_STACK - 24);
  const frame = [4, 8, 12, 16, 20, 24].map((below) => rig.peek(INNER_STACK - below));
  assert.equal(frame, [USER_DS, STACK - 8, 0x11, 0x22, USER_CS, CODE + 11]);
  assert.is(rig.cpu.cpl, 0);
  assert.is(rig.cpu.selector(SS), KERNEL_DS);
});

test("a 16-bit gate copies words and has a 16-bit offset", () => {
  const rig = rigAt(3, gate(0xe4, KERNEL_CS, 0x77770000 | 0x9000, 1));
  rig.load("f4", 0x9000);
  assert.is(rig.run(`66 6a11 ${callFar(FREE)}`).how, "halted");
  assert.is(rig.cpu.regs[ESP], INNER_STACK - 10);
  const frame = [2, 4, 6, 8, 10].map((below) => rig.machine.ram.read16(INNER_STACK - below));
  assert.equal(frame, [USER_DS, (STACK - 2) & 0xffff, 0x11, USER_CS, (CODE + 10) & 0xffff]);
});

test("RETF from the inner level releases the parameters on both stacks and drops inner segments", () => {
  const rig = rigAt(3, gate(0xec, KERNEL_CS, TARGET, 1));
  // mov ax, 10; mov es, ax; mov eax, 38; mov fs, ax ... retf 4
  rig.load(`66b81000 8ec0 66b84000 8ee0 31c0 8ee8 ca0400`, TARGET);
  rig.descriptor(FREE + 8, segment(CONFORMING));
  const { how, eip, esp, cs } = rig.run(`6a11 ${callFar(FREE)}`);
  assert.equal([how, eip, esp, cs], ["done", CODE + 11, STACK, USER_CS]);
  assert.is(rig.cpu.selector(ES), 0);
  assert.is(rig.cpu.selector(FS), FREE + 8);
  assert.is(rig.cpu.selector(GS), 0);
  assert.is(rig.cpu.selector(DS), USER_DS);
});

/** RETF at CPL 0 to what is on the stack. */
function retf(words: readonly number[], prepare: (rig: SystemRig) => void = () => {}): Ending & { rig: SystemRig } {
  const rig = rigAt(0);
  prepare(rig);
  words.forEach((word, n) => {
    rig.poke(STACK + 4 * n, word);
  });
  return { ...rig.run("cb"), rig };
}

test("RETF: what the stack may hold", () => {
  const outer = (ss: number): string => told(retf([TARGET, USER_CS, DATA + 0x100, ss]));
  assert.is(told(retf([TARGET, KERNEL_CS])), "target 8");
  assert.is(outer(USER_DS), "target 1b");
  assert.is(outer(0), "#GP(0)");
  assert.is(outer(KERNEL_DS), "#GP(10)");
  assert.is(outer(USER_DS & ~3), "#GP(20)");
  assert.is(outer(0x203), "#GP(200)");
  assert.is(outer(USER_CS), "#GP(18)");
  assert.is(told(retf([TARGET, 0])), "#GP(0)");
  assert.is(told(retf([TARGET, 0x200])), "#GP(200)");
  assert.is(told(retf([TARGET, KERNEL_DS])), "#GP(10)");
  assert.is(told(retf([TARGET, USER_CS & ~3])), "#GP(18)");
  assert.is(told(retf([TARGET, KERNEL_CS | 3])), "#GP(8)");
  const np = retf([TARGET, FREE], (rig) => rig.descriptor(FREE, segment(CODE_READ + NOT_PRESENT)));
  assert.is(np.how, "#NP(38)");
  const limit = retf([TARGET, FREE], (rig) => rig.descriptor(FREE, segment(CODE_READ, 0, TARGET - 1, 4)));
  assert.is(limit.how, "#GP(0)");
  const ss = retf([TARGET, USER_CS, 0, FREE | 3], (rig) => rig.descriptor(FREE, segment(0x73)));
  assert.is(ss.how, "#SS(38)");
  // From CPL 3 there is no way inwards.
  const rig = rigAt(3);
  rig.poke(STACK, TARGET);
  rig.poke(STACK + 4, KERNEL_CS);
  assert.is(rig.run("cb").how, "#GP(8)");
});

test("P50: a return that faults leaves stack and segments as they were", () => {
  const { how, rig } = retf([TARGET, USER_CS, DATA, FREE | 3], (r) => {
    r.descriptor(FREE, segment(EXPAND_DOWN + DPL3 + NOT_PRESENT));
  });
  assert.is(how, "#SS(38)");
  assert.is(rig.cpu.regs[ESP], STACK - 16);
  assert.equal([rig.cpu.selector(CS), rig.cpu.selector(SS), rig.cpu.selector(DS)], [KERNEL_CS, KERNEL_DS, KERNEL_DS]);

  const page = new SystemRig().paging();
  page.rights(STACK, 0);
  page.poke(STACK - 8, TARGET);
  page.poke(STACK - 4, USER_CS);
  page.cpu.regs[ESP] = STACK - 8;
  assert.is(page.run("cb").how, "#PF(0)");
  assert.is(page.cpu.state[49], STACK);
  assert.is(page.cpu.regs[ESP], STACK - 8 - 16);
});

/** IRET at CPL 0 or 3 with a frame on the stack. */
function iret(cpl: 0 | 3, words: readonly number[], eflags = 2): Ending & { rig: SystemRig } {
  const rig = rigAt(cpl);
  rig.cpu.setEflags(eflags);
  words.forEach((word, n) => {
    rig.poke(STACK + 4 * n, word);
  });
  return { ...rig.run("cf"), rig };
}

const ALL = 0x00247fd7;
const IOPL = 0x3000;
const IF = 0x200;
const TF = 0x100;
const NT = 0x4000;

test("IRET: same level, outer level, and which flags it may change", () => {
  const same = iret(0, [TARGET, KERNEL_CS, (ALL & ~TF) | 0x10000]);
  assert.is(told(same), "target 8");
  // INT 80 pushes RF as 0.
  assert.is(same.eflags, ALL & ~TF);
  const outer = iret(0, [TARGET, USER_CS, IF | IOPL | 2, DATA + 0x100, USER_DS]);
  assert.is(told(outer), "target 1b");
  assert.equal([outer.eflags, outer.esp, outer.ss], [IF | IOPL | 2, DATA + 0x100, USER_DS]);
  // CPL 3, IOPL 0: IF and IOPL stay.
  assert.is(iret(3, [TARGET, USER_CS, 2], IF | 2).eflags, IF | 2);
  assert.is(iret(3, [TARGET, USER_CS, IF | IOPL | 2], 2).eflags, 2);
  // CPL 3, IOPL 3: IF may change.
  assert.is(iret(3, [TARGET, USER_CS, 2], IF | IOPL | 2).eflags, IOPL | 2);
  assert.is(iret(3, [TARGET, KERNEL_CS, 2]).how, "#GP(8)");
});

test("a 16-bit IRET pops words and keeps the upper half of EFLAGS", () => {
  const rig = rigAt(0);
  rig.cpu.setEflags(0x40002);
  rig.load("cd80", 0x9000);
  rig.poke(STACK, 0x9000 | (KERNEL_CS << 16));
  rig.poke(STACK + 4, 0x0003);
  const { how, eip, eflags } = rig.run("66cf");
  assert.equal([how, eip, eflags], ["done", 0x9002, 0x40003]);
});

test("a 16-bit outer stack keeps the upper half of ESP", () => {
  const rig = rigAt(0);
  rig.descriptor(FREE, segment(DATA_WRITE + DPL3, 0, 0xffff, 0));
  [TARGET, USER_CS, 2, 0x99991000, FREE | 3].forEach((word, n) => {
    rig.poke(STACK + 4 * n, word);
  });
  assert.is(rig.run("cf").esp, (STACK & ~0xffff) | 0x1000);
});

test("hardware task switches are refused loudly: #TS", () => {
  const features: string[] = [];
  const run = (rig: SystemRig, program: string): string => {
    rig.cpu.onUnmodelled = (feature) => features.push(feature);
    return rig.run(program).how;
  };
  assert.is(run(rigAt(0, segment(0x89, TSS, 0x67, 0)), jmpFar(FREE)), "#TS(38)");
  assert.is(run(rigAt(0, gate(0x85, TSS_SELECTOR, 0)), callFar(FREE)), "#TS(38)");
  // A busy TSS is no target at all.
  assert.is(run(rigAt(0), jmpFar(TSS_SELECTOR)), "#GP(28)");
  const nested = rigAt(0);
  nested.cpu.setEflags(NT | 2);
  assert.is(run(nested, "cf"), "#TS(0)");
  const virtual = rigAt(0);
  [TARGET, KERNEL_CS, 0x20002].forEach((word, n) => {
    virtual.poke(STACK + 4 * n, word);
  });
  assert.is(run(virtual, "cf"), "#GP(0)");
  const task = "hardware task switch";
  assert.equal(features, [task, task, task, "virtual-8086 mode"]);
});

test("16-bit code: operand and address sizes, and the limit of 64 KiB", () => {
  const rig = rigAt(0, segment(CODE_READ, CODE, 0xffff, 0));
  // mov ax, 1234; jmp 8:TARGET with a 32-bit operand
  rig.load(`b83412 66${jmpFar(KERNEL_CS)}`, CODE + 0x100);
  assert.is(told(rig.run(jmpFar(FREE, 0x100))), "target 8");
  assert.is(rig.cpu.regs[EAX], 0x1234);
});

test.run();
