/** Segment registers: loads, checks, accessed bits, and the instructions that only look at descriptors (SDM 3A 3.4, 5). */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadSegment } from "../emu/index.ts";
import { CS, DS, EAX, EBX, ECX, EDX, ESP, GS, SS } from "../emu/state.ts";
import {
  CODE_ONLY,
  CODE_READ,
  CONFORMING,
  DATA,
  DATA_READ,
  DATA_WRITE,
  DPL3,
  EXPAND_DOWN,
  FREE,
  GDT,
  KERNEL_CS,
  KERNEL_DS,
  LDT_SELECTOR,
  NOT_ACCESSED,
  NOT_PRESENT,
  STACK,
  SystemRig,
  segment,
  TSS_SELECTOR,
  USER_CS,
  USER_DS,
  type Words,
} from "./system-rig.ts";

const MOV_DS_AX = "8ed8";
const MOV_SS_AX = "8ed0";
const MOV_GS_AX = "8ee8";

/** Loads EAX into a segment register at a privilege level; the free entry holds a descriptor. */
function load(cpl: 0 | 3, mov: string, selector: number, entry?: Words): { rig: SystemRig; how: string } {
  const rig = new SystemRig().level(cpl);
  if (entry !== undefined) rig.descriptor(FREE, entry);
  rig.cpu.regs[EAX] = selector;
  return { rig, how: rig.run(mov).how };
}

test("a data segment register takes readable segments that CPL and RPL may use, and a null selector", () => {
  const dpl3 = segment(DATA_WRITE + DPL3);
  assert.is(load(0, MOV_DS_AX, FREE, segment(DATA_WRITE)).how, "done");
  assert.is(load(0, MOV_DS_AX, FREE | 3, segment(DATA_WRITE)).how, "#GP(38)");
  assert.is(load(3, MOV_DS_AX, FREE | 3, dpl3).how, "done");
  assert.is(load(3, MOV_DS_AX, FREE, dpl3).how, "done");
  assert.is(load(3, MOV_DS_AX, FREE, segment(DATA_READ)).how, "#GP(38)");
  assert.is(load(3, MOV_DS_AX, FREE, segment(DATA_READ + DPL3)).how, "done");
  assert.is(load(3, MOV_DS_AX, FREE, segment(CODE_READ)).how, "#GP(38)");
  assert.is(load(3, MOV_DS_AX, FREE | 3, segment(CODE_READ + DPL3)).how, "done");
  assert.is(load(3, MOV_DS_AX, FREE | 3, segment(CODE_ONLY + DPL3)).how, "#GP(38)");
  // Conforming code is readable from everywhere.
  assert.is(load(3, MOV_DS_AX, FREE | 3, segment(CONFORMING)).how, "done");
  assert.is(load(3, MOV_DS_AX, TSS_SELECTOR | 3).how, "#GP(28)");
  for (const selector of [0, 1, 2, 3]) {
    const { rig, how } = load(3, MOV_DS_AX, selector);
    assert.is(how, "done");
    assert.is(rig.cpu.selector(DS), selector);
  }
});

test("what is not present is #NP, in SS #SS; a wrong type goes first", () => {
  assert.is(load(0, MOV_DS_AX, FREE, segment(DATA_WRITE + NOT_PRESENT)).how, "#NP(38)");
  assert.is(load(0, MOV_SS_AX, FREE, segment(DATA_WRITE + NOT_PRESENT)).how, "#SS(38)");
  assert.is(load(0, MOV_SS_AX, FREE, segment(DATA_READ + NOT_PRESENT)).how, "#GP(38)");
  assert.is(load(0, MOV_DS_AX, FREE, segment(0x82 + NOT_PRESENT)).how, "#GP(38)");
});

test("a stack segment is writable data of exactly CPL and RPL", () => {
  assert.is(load(0, MOV_SS_AX, FREE, segment(DATA_WRITE)).how, "done");
  assert.is(load(0, MOV_SS_AX, FREE, segment(DATA_READ)).how, "#GP(38)");
  assert.is(load(0, MOV_SS_AX, FREE, segment(CODE_READ)).how, "#GP(38)");
  assert.is(load(0, MOV_SS_AX, FREE | 1, segment(DATA_WRITE)).how, "#GP(38)");
  assert.is(load(0, MOV_SS_AX, USER_DS).how, "#GP(20)");
  assert.is(load(3, MOV_SS_AX, KERNEL_DS).how, "#GP(10)");
  for (const selector of [0, 3]) assert.is(load(0, MOV_SS_AX, selector).how, "#GP(0)");
});

test("selectors beyond the GDT, beyond the LDT, or without an LDT", () => {
  assert.is(load(0, MOV_DS_AX, 0xfb).how, "#GP(f8)");
  assert.is(load(0, MOV_DS_AX, 0x100).how, "#GP(100)");
  assert.is(load(0, MOV_DS_AX, 0x44).how, "#GP(44)");
  const rig = new SystemRig();
  rig.descriptor(0x3c, segment(DATA_WRITE));
  rig.cpu.regs[EAX] = 0x3c;
  assert.is(rig.run(MOV_DS_AX).how, "done");
  rig.level(0).cpu.setLdtr(0, 0, 0);
  assert.is(rig.run(MOV_DS_AX).how, "#GP(3c)");
  // All eight bytes must lie within the limit.
  const partly = new SystemRig();
  partly.descriptor(FREE, segment(DATA_WRITE));
  partly.cpu.setGdtr(GDT, FREE + 6);
  partly.cpu.regs[EAX] = FREE;
  assert.is(partly.run(MOV_DS_AX).how, "#GP(38)");
});

test("limits: granularity, expand-down, and a word that reaches over the end", () => {
  const cases: [Words, number, string][] = [
    [segment(DATA_WRITE, 0, 0xfff, 4), 0xffc, "done"],
    [segment(DATA_WRITE, 0, 0xfff, 4), 0xffd, "#GP(0)"],
    [segment(DATA_WRITE, 0, 0, 0xc), 0xffc, "done"],
    [segment(DATA_WRITE, 0, 0, 0xc), 0x1000, "#GP(0)"],
    [segment(EXPAND_DOWN, 0, 0xfff, 4), 0x1000, "done"],
    [segment(EXPAND_DOWN, 0, 0xfff, 4), 0xffc, "#GP(0)"],
    [segment(EXPAND_DOWN, 0, 0xfff, 0), 0xfffc, "done"],
    [segment(EXPAND_DOWN, 0, 0xfff, 0), 0x10000, "#GP(0)"],
    [segment(DATA_WRITE, 0, 0xfffff, 0xc), 0xfffffffd, "done"],
  ];
  for (const [entry, offset, how] of cases) {
    const rig = new SystemRig();
    rig.descriptor(FREE, entry);
    rig.cpu.regs[EAX] = FREE;
    rig.cpu.regs[EBX] = offset;
    // mov ds, ax; mov ecx, [ebx]
    assert.is(rig.run("8ed8 8b0b").how, how, offset.toString(16));
  }
});

test("writes to code and to read-only data, reads of execute-only code and of a null segment: #GP(0)", () => {
  const cases: [Words, string, string][] = [
    [segment(DATA_READ), "8b0b", "done"],
    [segment(DATA_READ), "890b", "#GP(0)"],
    [segment(CODE_READ), "8b0b", "done"],
    [segment(CODE_READ), "890b", "#GP(0)"],
  ];
  for (const [entry, access, how] of cases) {
    const rig = new SystemRig();
    rig.descriptor(FREE, entry);
    rig.cpu.regs[EAX] = FREE;
    rig.cpu.regs[EBX] = DATA;
    assert.is(rig.run(`8ed8 ${access}`).how, how);
  }
  const rig = new SystemRig();
  assert.is(rig.run("31c0 8ed8 8b0b").how, "#GP(0)");
  rig.level(0).cpu.setSegmentRaw(CS, KERNEL_CS, 0, -1, 0x00c09900);
  // mov ecx, cs:[ebx]
  assert.is(rig.run("2e 8b0b").how, "#GP(0)");
});

test("P18: descriptor tables are read as supervisor at CPL 3, and a fault there has U = 0", () => {
  const rig = new SystemRig().paging().level(3);
  rig.descriptor(FREE, segment(DATA_WRITE + DPL3));
  rig.rights(GDT, 3);
  rig.cpu.regs[EAX] = FREE | 3;
  assert.is(rig.run(MOV_DS_AX).how, "done");
  const far = new SystemRig().paging().level(3);
  far.cpu.setLdtr(LDT_SELECTOR, 0x30000, 0xff);
  far.rights(0x30000, 0);
  far.cpu.regs[EAX] = 0x0f;
  assert.is(far.run(MOV_DS_AX).how, "#PF(0)");
  assert.is(far.cpu.trap.cr2, 0x30008);
});

test("P19: setting the accessed bit is a supervisor write, which CR0.WP refuses on a read-only page", () => {
  for (const [wp, how, access] of [
    [0, "done", DATA_WRITE],
    [0x10000, "#PF(3)", DATA_WRITE + NOT_ACCESSED],
  ] as const) {
    const rig = new SystemRig().paging(wp);
    rig.cpu.setLdtr(LDT_SELECTOR, 0x30000, 0xff);
    const [low, high] = segment(DATA_WRITE + NOT_ACCESSED);
    rig.poke(0x30008, low);
    rig.poke(0x3000c, high);
    rig.rights(0x30000, 1);
    rig.cpu.regs[EAX] = 0x0c;
    assert.is(rig.run(MOV_DS_AX).how, how);
    assert.is((rig.peek(0x3000c) >> 8) & 0xff, access);
    // An accessed segment is not written again.
    if (wp === 0) continue;
    rig.poke(0x3000c, high | 0x100);
    rig.level(0).cpu.regs[EAX] = 0x0c;
    assert.is(rig.run(MOV_DS_AX).how, "done");
  }
});

test("P20: limit and type are judged before paging, CR2 stays", () => {
  const rig = new SystemRig().paging();
  rig.rights(0x30000, 0);
  rig.descriptor(FREE, segment(DATA_WRITE, 0, 0x2ffff, 4));
  rig.cpu.regs[EAX] = FREE;
  rig.cpu.regs[EBX] = 0x30000;
  assert.is(rig.run("8ed8 8b0b").how, "#GP(0)");
  // mov eax, cr2
  assert.is(rig.level(0).run("0f20d0").how, "done");
  assert.is(rig.cpu.regs[EAX], 0);
});

test("P49: a load that faults leaves register, stack pointer and accessed bit alone", () => {
  const rig = new SystemRig().paging();
  rig.descriptor(FREE, segment(DATA_WRITE + NOT_ACCESSED + NOT_PRESENT));
  // push 38; pop ds
  assert.is(rig.run("6a38 1f").how, "#NP(38)");
  assert.is(rig.cpu.selector(DS), KERNEL_DS);
  assert.is(rig.access(FREE), DATA_WRITE + NOT_ACCESSED + NOT_PRESENT);
  // The frame of #NP, no level changed: error code, EIP, CS, EFLAGS below the selector that was not popped.
  assert.is(rig.cpu.regs[ESP], STACK - 4 - 16);

  const lds = new SystemRig();
  lds.poke(DATA, 0x12345678);
  lds.poke(DATA + 4, 0x100);
  lds.cpu.regs[EBX] = DATA;
  // lds ecx, [ebx]
  assert.is(lds.run("c50b").how, "#GP(100)");
  assert.is(lds.cpu.regs[ECX], 0);
});

test("a load sets the accessed bit and the hidden part", () => {
  const rig = new SystemRig();
  rig.descriptor(FREE, segment(DATA_WRITE + NOT_ACCESSED, DATA, 0xfff, 4));
  rig.poke(DATA, 0x55aa1234);
  rig.cpu.regs[EAX] = FREE;
  // mov gs, ax; mov ecx, gs:[0]; mov edx, gs
  assert.is(rig.run(`${MOV_GS_AX} 65 8b0d 00000000 8cea`).how, "done");
  assert.is(rig.cpu.regs[ECX], 0x55aa1234);
  assert.is(rig.cpu.regs[EDX], FREE);
  assert.is(rig.access(FREE), DATA_WRITE);
  assert.is(rig.cpu.segBase(GS), DATA);
});

test("PUSH and POP of segment registers move the stack by the operand size", () => {
  const rig = new SystemRig();
  rig.poke(STACK - 4, -1);
  // push ds; pop es
  assert.is(rig.runToHalt("1e 07").how, "halted");
  assert.is(rig.peek(STACK - 4), KERNEL_DS);
  // o16 push fs; o16 pop gs; mov eax, esp
  assert.is(rig.runToHalt("66 0fa0 66 0fa9 89e0").how, "halted");
  assert.is(rig.cpu.regs[EAX], STACK);
});

test("POP SS moves the stack pointer that it was popped from", () => {
  const rig = new SystemRig();
  rig.descriptor(FREE, segment(DATA_WRITE, 0, 0xffff, 0));
  // push 38; pop ss; mov eax, esp
  rig.cpu.regs[ESP] = 0x30000;
  assert.is(rig.runToHalt("6a38 17 89e0").how, "halted");
  assert.is(rig.cpu.regs[EAX], 0x30000);
});

test("a 16-bit stack segment wraps SP and keeps the upper half of ESP", () => {
  const rig = new SystemRig();
  rig.descriptor(FREE, segment(DATA_WRITE, 0x30000, 0xffff, 0));
  rig.cpu.regs[EAX] = FREE;
  rig.cpu.regs[ESP] = 0x7fff0000;
  // mov ss, ax; push 7; mov ebx, esp; pop ecx; mov edx, esp
  assert.is(rig.runToHalt("8ed0 6a07 89e3 59 89e2").how, "halted");
  assert.is(rig.cpu.regs[EBX], 0x7ffffffc);
  assert.is(rig.peek(0x3fffc), 7);
  assert.is(rig.cpu.regs[EDX], 0x7fff0000);
});

test("far pointers: offset and selector, in 32 and 16 bits", () => {
  const rig = new SystemRig();
  rig.poke(DATA, 0x12345678);
  rig.poke(DATA + 4, KERNEL_DS);
  rig.cpu.regs[EBX] = DATA;
  // lgs ecx, [ebx]
  assert.is(rig.run("0fb50b").how, "done");
  assert.is(rig.cpu.regs[ECX], 0x12345678);
  rig.poke(DATA, (KERNEL_DS << 16) | 0xbeef);
  // o16 lfs cx, [ebx]
  assert.is(rig.level(0).run("66 0fb40b").how, "done");
  assert.is(rig.cpu.regs[ECX], 0x1234beef);
});

/** LAR, LSL, VERR, VERW of ECX's selector: "register,ZF" of the first two, ZF of the others. */
function look(cpl: 0 | 3, selector: number, entry?: Words): string {
  const results: string[] = [];
  for (const op of ["0f02c1", "0f03c1", "0f00e1", "0f00e9"]) {
    const rig = new SystemRig().level(cpl);
    if (entry !== undefined) rig.descriptor(FREE, entry);
    rig.cpu.regs[ECX] = selector;
    rig.cpu.regs[EAX] = -1;
    const { how, eflags } = rig.run(op);
    assert.is(how, "done");
    const zf = (eflags >> 6) & 1;
    results.push(op < "0f04" && op > "0f01" ? `${(rig.cpu.regs[EAX] >>> 0).toString(16)},${zf}` : String(zf));
  }
  return results.join(" ");
}

test("LAR, LSL, VERR, VERW", () => {
  const invisible = "ffffffff,0 ffffffff,0 0 0";
  assert.is(look(3, 0), invisible);
  assert.is(look(3, 0x100), invisible);
  assert.is(look(3, KERNEL_DS), invisible);
  assert.is(look(0, KERNEL_DS), "cf9300,1 ffffffff,1 1 1");
  assert.is(look(0, KERNEL_DS | 1), invisible);
  assert.is(look(3, USER_CS), "cffb00,1 ffffffff,1 1 0");
  assert.is(look(3, FREE, segment(CONFORMING, 0, 0x1234, 4)), "409f00,1 1234,1 1 0");
  assert.is(look(3, FREE, segment(CODE_ONLY + DPL3)), "cff900,1 ffffffff,1 0 0");
  assert.is(look(3, FREE, segment(DATA_READ + DPL3, 0, 5, 0xc)), "c0f100,1 5fff,1 1 0");
  // Presence plays no part.
  assert.is(look(3, FREE, segment(DATA_WRITE + DPL3 + NOT_PRESENT)), "cf7300,1 ffffffff,1 1 1");
  assert.is(look(0, TSS_SELECTOR), "8b00,1 67,1 0 0");
  assert.is(look(0, LDT_SELECTOR), "8200,1 3f,1 0 0");
  // A call gate has rights but no limit; an interrupt gate has neither.
  assert.is(look(0, FREE, segment(0x8c, 0, 0, 0)), "8c00,1 ffffffff,0 0 0");
  assert.is(look(0, FREE, segment(0x8e, 0, 0, 0)), invisible);
});

test("LAR and LSL of 16 bits leave the upper half", () => {
  const rig = new SystemRig();
  rig.cpu.regs[EAX] = -1;
  rig.cpu.regs[ECX] = KERNEL_DS;
  // o16 lar ax, cx
  assert.is(rig.run("66 0f02c1").how, "done");
  assert.is(rig.cpu.regs[EAX] >>> 0, 0xffff9300);
});

test("ARPL raises the RPL", () => {
  for (const [destination, source, result, zf] of [
    [0x10, 0x03, 0x13, 1],
    [0x12, 0x01, 0x12, 0],
    [0x11, 0x01, 0x11, 0],
  ]) {
    const rig = new SystemRig();
    rig.cpu.regs[EAX] = destination;
    rig.cpu.regs[EBX] = source;
    // arpl ax, bx
    const { eflags } = rig.run("63d8");
    assert.is(rig.cpu.regs[EAX], result);
    assert.is((eflags >> 6) & 1, zf);
  }
});

test("LLDT and LTR: types, presence, the busy bit, only from the GDT and at CPL 0", () => {
  const lldt = (selector: number, entry?: Words): string => load(0, "0f00d0", selector, entry).how;
  const ltr = (selector: number, entry?: Words): string => load(0, "0f00d8", selector, entry).how;
  assert.is(lldt(LDT_SELECTOR), "done");
  assert.is(lldt(0), "done");
  assert.is(lldt(0x0c), "#GP(c)");
  assert.is(lldt(KERNEL_DS), "#GP(10)");
  assert.is(lldt(FREE, segment(0x82 + NOT_PRESENT)), "#NP(38)");
  assert.is(lldt(0x200), "#GP(200)");
  assert.is(ltr(0), "#GP(0)");
  assert.is(ltr(TSS_SELECTOR), "#GP(28)");
  assert.is(ltr(0x0c), "#GP(c)");
  assert.is(ltr(FREE, segment(0x89 + NOT_PRESENT)), "#NP(38)");
  const { rig, how } = load(0, "0f00d8 0f00c9", FREE, segment(0x89, 0x3000, 0x67, 0));
  assert.is(how, "done");
  assert.is(rig.access(FREE), 0x8b);
  // str ecx
  assert.is(rig.cpu.regs[ECX], FREE);
  assert.is(load(3, "0f00d0", LDT_SELECTOR).how, "#GP(0)");
  assert.is(load(3, "0f00d8", TSS_SELECTOR).how, "#GP(0)");
});

test("SGDT and SIDT store limit and base, LGDT and LIDT load them; 16 bits load 24 bits of the base", () => {
  const rig = new SystemRig();
  rig.cpu.regs[EBX] = DATA;
  // sgdt [ebx]; sidt [ebx+8]
  assert.is(rig.run("0f0103 0f014b08").how, "done");
  assert.is(rig.peek(DATA), ((GDT & 0xffff) << 16) | 0xff);
  assert.is(rig.machine.ram.read16(DATA + 4), 0);
  assert.is(rig.peek(DATA + 8), (0x2000 << 16) | 0x7ff);
  rig.poke(DATA, (GDT << 16) | 0xff);
  rig.poke(DATA + 4, 0xab00);
  // o16 lgdt [ebx]; sgdt [ebx+16]
  assert.is(rig.level(0).run("66 0f0113 0f014310").how, "done");
  assert.is(rig.peek(DATA + 16) >>> 0, ((GDT << 16) | 0xff) >>> 0);
  assert.is(rig.machine.ram.read16(DATA + 20), 0);
  assert.is(new SystemRig().level(3).run("0f0115 00400100").how, "#GP(0)");
});

test("LOCK before a segment load is #UD (P54), as is MOV to CS", () => {
  assert.is(new SystemRig().run("f0 8ed8").how, "#UD");
  assert.is(new SystemRig().run("8ec8").how, "#UD");
  assert.is(new SystemRig().run("8ef0").how, "#UD");
});

test("loadSegment is what MOV does, for owners of the machine", () => {
  const rig = new SystemRig().level(3);
  assert.is(loadSegment(rig.cpu, DS, USER_DS), 0);
  assert.is(loadSegment(rig.cpu, SS, KERNEL_DS), 2);
  assert.is(rig.cpu.trap.errorCode, KERNEL_DS);
  assert.is(rig.cpu.selector(SS), USER_DS);
});

test.run();
