/** #DB: single steps, breakpoints, general detect, and RF (SDM 3B 17; statements P31, P52). */

import { test } from "uvu";
import * as assert from "uvu/assert";
import type { MachineOptions } from "../emu/index.ts";
import { DR, EAX, ECX, EDI, ESP, FLAG_REST } from "../emu/state.ts";
import { CODE, DATA, gate, KERNEL_CS, KERNEL_DS, le, STACK, SystemRig } from "./system-rig.ts";

const TF = 0x100;
const RF = 0x10000;
const UD2 = "0f0b";
const NOP = "90";

const at = (cpl: 0 | 3, options: MachineOptions = {}): SystemRig => new SystemRig(options).level(cpl);

test("P31: a fault comes before the single step of the same instruction", () => {
  const rig = at(0);
  rig.cpu.setEflags(TF | 2);
  const { how, eip, eflags } = rig.run(UD2);
  assert.is(how, "#UD");
  assert.is(eip, CODE);
  assert.is(eflags, TF | RF | 2);
});

test("single step: after each instruction, DR6.BS, EIP of the next one", () => {
  const rig = at(0);
  rig.cpu.setEflags(TF | 2);
  const { how, eip, eflags } = rig.run(`${NOP} ${NOP}`);
  assert.is(how, "#DB");
  assert.is(eip, CODE + 1);
  assert.is(eflags, TF | 2);
  assert.is(rig.cpu.state[DR + 6], 1 << 14);
  // pushf; or [esp+1], 1; popf; nop; nop: the step is behind the first nop.
  assert.is(at(0).run(`9c 804c240101 9d ${NOP} ${NOP}`).eip, CODE + 8);
  // An instruction that clears TF still traps; one that enters a handler does not.
  const popf = at(0);
  popf.cpu.setEflags(TF | 2);
  popf.poke(STACK, 2);
  assert.is(popf.run("9d").how, "#DB");
  const int = at(0);
  int.cpu.setEflags(TF | 2);
  const entered = int.run("");
  assert.is(entered.how, "done");
  assert.is(entered.eflags, TF | 2);
  // INTO without OF enters none.
  const into = at(0);
  into.cpu.setEflags(TF | 2);
  assert.is(into.run("ce").how, "#DB");
});

test("single step of a repeated string: after every iteration, RF until the last", () => {
  const rig = at(0);
  rig.cpu.setEflags(TF | 2);
  rig.cpu.regs[ECX] = 2;
  rig.cpu.regs[EDI] = DATA;
  let ending = rig.run("f3aa");
  assert.equal([ending.how, ending.eip, ending.eflags, rig.cpu.regs[ECX]], ["#DB", CODE, TF | RF | 2, 1]);
  rig.level(0).cpu.setEflags(TF | 2);
  rig.cpu.eip = CODE;
  ending = rig.go();
  assert.equal([ending.how, ending.eip, ending.eflags, rig.cpu.regs[ECX]], ["#DB", CODE + 2, TF | 2, 0]);
});

test("P52: MOV SS and POP SS hold off the single step, but not a page fault", () => {
  const rig = at(0).paging();
  rig.cpu.regs[EAX] = KERNEL_DS;
  rig.cpu.setEflags(TF | 2);
  // mov ss, ax; nop; nop
  const { how, eip } = rig.run(`8ed0 ${NOP} ${NOP}`);
  assert.is(how, "#DB");
  assert.is(eip, CODE + 3);
  rig.rights(0x32000, 0);
  rig.level(0).cpu.regs[EAX] = KERNEL_DS;
  rig.cpu.setEflags(2);
  assert.is(rig.run("8ed0 a110200300").how, "#PF(0)");
});

test("RF set by IRET covers one instruction", () => {
  const rig = at(0);
  rig.poke(STACK - 12, CODE + 0x10);
  rig.poke(STACK - 8, KERNEL_CS);
  rig.poke(STACK - 4, RF | 2);
  rig.cpu.regs[ESP] = STACK - 12;
  rig.load("90 90", CODE + 0x10);
  rig.load("cf");
  rig.cpu.eip = CODE;
  const one = (): number => {
    rig.cpu.run(Number.POSITIVE_INFINITY, rig.cpu.instructions + 1);
    return rig.cpu.state[FLAG_REST] & RF;
  };
  assert.is(one(), RF);
  assert.is(one(), 0);
});

test("instruction breakpoints are faults, once per arrival thanks to RF", () => {
  const rig = at(0);
  // mov eax, CODE+d; mov dr0, eax; mov eax, 3; mov dr7, eax; nop
  rig.setGate(1, gate(0x8e, KERNEL_CS, 0x9000));
  // inc ebp; or byte [esp+10], 1 (RF); iret
  rig.load("45 804c240a01 cf", 0x9000);
  const program = `b8${le(CODE + 0x10)} 0f23c0 b803000000 0f23f8 ${NOP} ${NOP}`;
  assert.is(program.replace(/ /g, "").length / 2, 18);
  assert.is(rig.run(program).how, "done");
  assert.is(rig.cpu.regs[5], 1);
  assert.is(rig.cpu.state[DR + 6], 1);
});

test("data breakpoints are traps: of writes, of reads and writes, by length and alignment", () => {
  const cases: [number, string, string][] = [
    // Four bytes at DATA, writes only: mov [..], eax; mov eax, [..]; mov [DATA+3], al; mov [DATA+4], al
    [0xd0002, `a3${le(DATA)}`, "#DB"],
    [0xd0002, `a1${le(DATA)}`, "done"],
    [0xd0002, `a2${le(DATA + 3)}`, "#DB"],
    [0xd0002, `a2${le(DATA + 4)}`, "done"],
    [0xd0002, `a3${le(DATA - 2)}`, "#DB"],
    [0xf0002, `a1${le(DATA)}`, "#DB"],
    // Two bytes at DATA + 1 are those at DATA.
    [0x50008, `a2${le(DATA)}`, "done"],
    [0x500008, `a2${le(DATA)}`, "#DB"],
    [0xf0000, `a1${le(DATA)}`, "done"],
    // push dword [DATA]: reads
    [0xf0002, `ff35${le(DATA)}`, "#DB"],
  ];
  for (const [dr7, program, how] of cases) {
    const rig = at(0);
    rig.cpu.state[DR] = DATA;
    rig.cpu.state[DR + 1] = DATA + 1;
    rig.cpu.state[DR + 7] = dr7;
    const ending = rig.run(program);
    assert.is(ending.how, how, `${dr7.toString(16)} ${program}`);
    assert.is(rig.cpu.state[DR + 6], how === "#DB" ? ((dr7 & 3) !== 0 ? 1 : 2) : 0);
    if (how === "#DB") assert.ok(ending.eip > CODE);
  }
});

test("general detect: a debug register cannot be touched until the handler is entered", () => {
  const rig = at(0);
  rig.cpu.state[DR + 7] = 1 << 13;
  // mov eax, dr0
  const { how, eip, eflags } = rig.run("0f21c0");
  assert.equal([how, eip, eflags & RF], ["#DB", CODE, RF]);
  assert.is(rig.cpu.state[DR + 6], 1 << 13);
  assert.is(rig.cpu.state[DR + 7] & (1 << 13), 0);
});

test.run();
