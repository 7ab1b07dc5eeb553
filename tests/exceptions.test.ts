/** Delivery of exceptions and interrupts through the guest's IDT (SDM 3A 6; statements P28 to P30, P32 to P35, P52, P53). */

import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  createMachine,
  EXIT_DEADLINE,
  EXIT_HALT,
  EXIT_INSTRUCTIONS,
  type MachineOptions,
  rowsOf,
} from "../emu/index.ts";
import { CS, DR, EAX, EBX, ECX, EDI, ESP, SHADOW, SS } from "../emu/state.ts";
import {
  CODE,
  CODE_READ,
  CONFORMING,
  DATA,
  DATA_WRITE,
  FREE,
  gate,
  HANDLERS,
  IDT,
  INNER_STACK,
  KERNEL_CS,
  KERNEL_DS,
  le,
  NOT_PRESENT,
  STACK,
  SystemRig,
  segment,
  TSS,
  TSS_SELECTOR,
  USER_CS,
  USER_DS,
} from "./system-rig.ts";

const TF = 0x100;
const IF = 0x200;
const NT = 0x4000;
const RF = 0x10000;
const AC = 0x40000;
const UD2 = "0f0b";
const NOP = "90";

const at = (cpl: 0 | 3, options: MachineOptions = {}): SystemRig => new SystemRig(options).level(cpl);

test("a fault at the same level pushes EFLAGS with RF, CS and EIP of the instruction (P30)", () => {
  const rig = at(0);
  const { how, eip, cs, eflags } = rig.run(`${NOP} f3 ${UD2}`);
  assert.is(how, "#UD");
  assert.is(eip, CODE + 1);
  assert.is(cs, KERNEL_CS);
  assert.is(eflags, RF | 2);
  assert.is(rig.cpu.regs[ESP], STACK - 12);
  assert.is(rig.cpu.getEflags() & RF, 0);
});

test("from CPL 3 the frame lies on the stack of the TSS and ends with SS:ESP", () => {
  const rig = at(3);
  rig.cpu.setEflags(0x202);
  const { how, eip, cs, eflags, esp, ss } = rig.run(UD2);
  assert.is(how, "#UD");
  assert.equal([eip, cs, eflags, esp, ss], [CODE, USER_CS, RF | IF | 2, STACK, USER_DS]);
  assert.is(rig.cpu.regs[ESP], INNER_STACK - 20);
  assert.is(rig.cpu.selector(SS), KERNEL_DS);
  assert.is(rig.cpu.cpl, 0);
  assert.is(rig.cpu.getEflags() & IF, 0);
});

test("an interrupt gate clears IF, a trap gate does not; both clear TF, NT and RF", () => {
  for (const [access, left] of [
    [0xee, 0],
    [0xef, IF],
  ]) {
    const rig = at(3);
    rig.setGate(0x80, gate(access, KERNEL_CS, HANDLERS + 0x80));
    rig.cpu.setEflags(NT | IF | 2);
    const { eflags } = rig.run("");
    assert.is(eflags, NT | IF | 2);
    assert.is(rig.cpu.getEflags() & (IF | TF | NT | RF), left);
  }
});

test("INT n returns behind itself and asks for the gate's DPL; exceptions do not", () => {
  const { how, eip } = at(3).run("cd80 cd40");
  assert.is(how, "done");
  assert.is(eip, CODE + 2);
  assert.is(at(0).run("cd40").how, "int 40");
  const refused = at(3).run("cd40");
  assert.is(refused.how, "#GP(202)");
  assert.is(refused.eip, CODE);
  assert.is(at(3).run("cc").how, "#BP");
  const rig = at(3);
  rig.setGate(3, gate(0x8e, KERNEL_CS, HANDLERS + 3));
  assert.is(rig.run("cc").how, "#GP(1a)");
  assert.is(at(3).run("cd06").how, "#GP(32)");
  assert.is(at(3).run(UD2).how, "#UD");
});

test("INTO traps with OF only, INT1 from any level", () => {
  assert.is(at(3).run("31c0 ce").how, "done");
  // mov al, 7f; inc al; into
  const { how, eip } = at(3).run("b07f fec0 ce");
  assert.is(how, "#OF");
  assert.is(eip, CODE + 5);
  const one = at(3);
  assert.is(one.run("f1").how, "#DB");
  assert.is(one.cpu.state[DR + 6], 0);
});

test("gates: beyond the limit, wrong type, not present, with bad code segments; EXT for exceptions, not for INT n", () => {
  const good = gate(0x8e, KERNEL_CS, HANDLERS + 6);
  const cases: [readonly [number, number], string, string][] = [
    [gate(0x0e, KERNEL_CS, 0), "#NP(33)", "#NP(32)"],
    [gate(0x8c, KERNEL_CS, 0), "#GP(33)", "#GP(32)"],
    [gate(0x9e, KERNEL_CS, 0), "#GP(33)", "#GP(32)"],
    [gate(0x8e, 0, 0), "#GP(1)", "#GP(0)"],
    [gate(0x8e, 0x103, 0), "#GP(101)", "#GP(100)"],
    [gate(0x8e, KERNEL_DS, 0), "#GP(11)", "#GP(10)"],
    [gate(0x8e, USER_CS, 0), "#GP(19)", "#GP(18)"],
    [gate(0x8e, FREE, 0), "#NP(39)", "#NP(38)"],
    [gate(0x8e, FREE + 8, 0x1000), "#GP(1)", "#GP(0)"],
    [gate(0x85, TSS_SELECTOR, 0), "#TS(29)", "#TS(28)"],
  ];
  for (const [entry, exception, software] of cases) {
    for (const [program, how] of [
      [UD2, exception],
      ["cd06", software],
    ]) {
      const rig = at(0);
      rig.descriptor(FREE, segment(CODE_READ + NOT_PRESENT));
      rig.descriptor(FREE + 8, segment(CODE_READ, 0, 0xfff, 4));
      rig.setGate(6, entry);
      assert.is(rig.run(program).how, how);
      assert.is(rig.cpu.regs[ESP], STACK - 16);
      rig.setGate(6, good);
    }
  }
  const rig = at(0);
  rig.cpu.setIdtr(IDT, 0x1ff);
  assert.is(rig.run("cd40").how, "#GP(202)");
});

test("the inner stack: what is wrong with it is #TS or #SS with its selector", () => {
  const cases: [(rig: SystemRig) => void, string][] = [
    [(rig) => rig.poke(TSS + 8, 0), "#TS(1)"],
    [(rig) => rig.poke(TSS + 8, 0x100), "#TS(101)"],
    [(rig) => rig.poke(TSS + 8, KERNEL_CS), "#TS(9)"],
    [(rig) => rig.poke(TSS + 8, KERNEL_DS | 3), "#TS(11)"],
    [(rig) => rig.poke(TSS + 8, USER_DS), "#TS(21)"],
    [(rig) => rig.cpu.setTr(TSS_SELECTOR, TSS, 8), "#TS(29)"],
    [(rig) => rig.descriptor(FREE, segment(DATA_WRITE + NOT_PRESENT)), "#SS(39)"],
    [(rig) => rig.descriptor(FREE, segment(DATA_WRITE, 0, INNER_STACK - 20, 4)), "#SS(39)"],
    [(rig) => rig.descriptor(FREE, segment(DATA_WRITE, 0, INNER_STACK - 1, 4)), "#UD"],
  ];
  for (const [spoil, how] of cases) {
    const rig = at(3);
    rig.poke(TSS + 8, FREE);
    rig.descriptor(FREE, segment(DATA_WRITE));
    spoil(rig);
    // A conforming handler for what follows: it stays at CPL 3 and needs no inner stack.
    rig.descriptor(FREE + 8, segment(CONFORMING));
    for (const vector of [10, 12]) rig.setGate(vector, gate(0x8e, FREE + 8, HANDLERS + vector));
    const ending = rig.run(UD2);
    if (how === "#UD") assert.is(ending.how, how);
    else assert.is(endingAtUserLevel(rig), how);
  }
});

/** HLT is not allowed in a handler at CPL 3: it ends in #GP or worse, but the frame of the first fault is there. */
function endingAtUserLevel(rig: SystemRig): string {
  const code = rig.peek(STACK - 16) >>> 0;
  const vector = rig.cpu.eip - HANDLERS;
  return `${vector === 10 ? "#TS" : vector === 12 ? "#SS" : vector.toString()}(${code.toString(16)})`;
}

test("16-bit gates push words, a 16-bit TSS has 16-bit stack pointers", () => {
  const rig = at(0);
  rig.setGate(0x40, gate(0x86, KERNEL_CS, HANDLERS + 0x40));
  assert.is(rig.run("cd40").how, "int 40");
  assert.is(rig.cpu.regs[ESP], STACK - 6);
  assert.is(rig.machine.ram.read16(STACK - 6), (CODE + 2) & 0xffff);

  // A 16-bit inner stack: SP moves, and keeps the upper half that the TSS gave.
  const narrow = at(3);
  narrow.descriptor(FREE, segment(DATA_WRITE, 0, 0xffff, 0));
  narrow.poke(TSS + 4, 0x55557000);
  narrow.poke(TSS + 8, FREE);
  narrow.run("");
  assert.is(narrow.cpu.regs[ESP], 0x55557000 - 20);
  narrow.level(3).poke(TSS + 4, 0x55550000);
  narrow.run("");
  assert.is(narrow.cpu.regs[ESP], 0x5555ffec);

  const old = at(3);
  old.poke(TSS + 2, 0x7ff0 | (KERNEL_DS << 16));
  old.cpu.state.set([TSS_SELECTOR, TSS, 0x2b, 0x8300], 41);
  const { how, esp } = old.run("");
  assert.is(how, "done");
  assert.is(old.cpu.regs[ESP], 0x7ff0 - 20);
  assert.is(esp, STACK);
});

test("a conforming handler keeps the privilege level and the stack", () => {
  const rig = at(3);
  rig.descriptor(FREE, segment(CONFORMING));
  rig.setGate(0x80, gate(0xee, FREE, HANDLERS + 0x80));
  rig.setGate(13, gate(0x8e, KERNEL_CS, HANDLERS + 13));
  // HLT at CPL 3 is the #GP that ends it.
  const { how, cs, esp } = rig.run("");
  assert.is(how, "#GP(0)");
  assert.is(cs, FREE | 3);
  assert.is(esp, STACK - 12);
});

/** The IDT straddles two pages, with the gates from vector `first` on in the second one. */
function splitIdt(rig: SystemRig, first: number): { low: number; high: number } {
  const base = 0x31000 - first * 8;
  for (let n = 0; n < 256; n++) {
    rig.poke(base + n * 8, rig.peek(IDT + n * 8));
    rig.poke(base + n * 8 + 4, rig.peek(IDT + n * 8 + 4));
  }
  rig.cpu.setIdtr(base, 0x7ff);
  return { low: 0x30000, high: 0x31000 };
}

test("P28: CR2 is loaded before delivery, a nested page fault overwrites it, software may write it", () => {
  const rig = at(0).paging();
  rig.rights(0x32000, 0);
  // mov eax, [32010]
  assert.is(rig.run("a110200300").how, "#PF(0)");
  assert.is(rig.cpu.state[49], 0x32010);
  // mov cr2, ebx; mov ecx, cr2
  rig.cpu.regs[EBX] = 0x1234;
  assert.is(rig.level(0).run("0f22d3 0f20d1").how, "done");
  assert.is(rig.cpu.regs[ECX], 0x1234);
});

test("P29: a fetch fault in the second page of an instruction names that page, EIP its start", () => {
  const rig = at(0).paging();
  rig.rights(0x33000, 0);
  rig.load("b8", 0x32fff);
  rig.cpu.eip = 0x32fff;
  const { how, eip } = rig.go();
  assert.is(how, "#PF(0)");
  assert.is(eip, 0x32fff);
  assert.is(rig.cpu.state[49], 0x33000);
});

test("P32, P35: a page fault while delivering a contributory exception is delivered itself, with U = 0", () => {
  const rig = at(3).paging();
  const { low } = splitIdt(rig, 14);
  rig.rights(low, 0);
  // hlt: #GP, whose gate is not there
  const { how, eip, cs } = rig.run("f4");
  assert.is(how, "#PF(0)");
  assert.is(rig.cpu.state[49], 0x31000 - 8);
  assert.equal([eip, cs], [CODE, USER_CS]);
});

test("P32: contributory after contributory, and contributory after a page fault, is a double fault", () => {
  const gp = at(3);
  gp.setGate(13, gate(0x0e, KERNEL_CS, 0));
  const { how, eip } = gp.run("f4");
  assert.is(how, "#DF(0)");
  assert.is(eip, CODE);

  const pf = at(3).paging();
  pf.setGate(14, gate(0x8e, 0, 0));
  pf.rights(0x32000, 0);
  assert.is(pf.run("a110200300").how, "#DF(0)");

  // A benign exception and what its delivery raises are handled one after the other.
  const ud = at(3);
  ud.setGate(6, gate(0x0e, KERNEL_CS, 0));
  assert.is(ud.run(UD2).how, "#NP(33)");
});

test("P32: a page fault while delivering a page fault is a double fault; the i386 tries again first", () => {
  const rig = at(3).paging();
  const { high } = splitIdt(rig, 14);
  rig.rights(high, 0);
  rig.rights(0x32000, 0);
  assert.is(rig.run("a110200300").how, "#DF(0)");
  assert.is(rig.cpu.state[49], 0x31000);

  const old = at(3, { cpu: "i386" }).paging();
  splitIdt(old, 14);
  old.rights(high, 0);
  old.rights(0x32000, 0);
  assert.is(old.run("a110200300").how, "shutdown");
});

test("P33: any fault while delivering a double fault shuts the processor down", () => {
  const rig = at(3);
  rig.setGate(13, gate(0x0e, KERNEL_CS, 0));
  rig.setGate(8, gate(0x0e, KERNEL_CS, 0));
  const { how, eip } = rig.run("f4");
  assert.is(how, "shutdown");
  assert.is(eip, CODE);
});

test("P34: a page fault on the new stack leaves the old state intact", () => {
  const rig = at(3).paging(0x10000);
  rig.rights(INNER_STACK - 4, 1);
  const { how, eip } = rig.run(UD2);
  // #PF and #DF have the same stack.
  assert.is(how, "shutdown");
  assert.equal([eip, rig.cpu.selector(CS), rig.cpu.selector(SS), rig.cpu.regs[ESP]], [CODE, USER_CS, USER_DS, STACK]);
  assert.is(rig.cpu.state[49], INNER_STACK - 4);
  assert.is(rig.cpu.trap.errorCode, 3);
});

test("P34: the error code of a page fault lies behind the return frame", () => {
  const rig = at(3).paging();
  rig.rights(0x32000, 0);
  const { how, esp, ss } = rig.run("a310200300");
  assert.is(how, "#PF(6)");
  assert.is(rig.cpu.regs[ESP], INNER_STACK - 24);
  assert.equal([esp, ss], [STACK, USER_DS]);
});

test("an IRET from the handler restarts the instruction", () => {
  const rig = at(3).paging();
  rig.rights(0x32000, 0);
  // The handler of #PF: push eax; map the page; invlpg [32000]; pop eax; add esp, 4; iret
  rig.setGate(14, gate(0x8e, KERNEL_CS, 0x9000));
  rig.load(`50 c705 ${le(0x21000 + 0x32 * 4)} ${le(0x32007)} 0f013d ${le(0x32000)} 58 83c404 cf`, 0x9000);
  rig.cpu.regs[EAX] = 0x55;
  // mov [32010], eax; mov ebx, [32010]
  const { how, esp } = rig.run(`a3${le(0x32010)} 8b1d${le(0x32010)}`);
  assert.is(how, "done");
  assert.is(rig.cpu.regs[EBX], 0x55);
  assert.is(esp, STACK);
});

/** Where an interrupt that is pending from the start interrupts the program: bytes behind its beginning. */
function interruptedAt(program: string, eflags: number): number | string {
  const rig = at(0);
  rig.cpu.regs[EAX] = KERNEL_DS;
  rig.cpu.setEflags(eflags);
  rig.cpu.pendingInterrupt = 0x40;
  const { how, eip } = rig.run(program);
  return how === "int 40" ? eip - CODE : how;
}

test("P52: MOV SS and POP SS hold off interrupts for one instruction; of several in a row only the first counts", () => {
  assert.is(interruptedAt(NOP, IF), 0);
  assert.is(interruptedAt(NOP, 0), "done");
  // sti; mov ss, ax; nop
  assert.is(interruptedAt(`fb 8ed0 ${NOP} ${NOP}`, 0), 3);
  const rig = at(0);
  rig.cpu.regs[EAX] = KERNEL_DS;
  rig.cpu.setEflags(IF);
  rig.load("8ed0 8ed0 90 90");
  rig.cpu.eip = CODE;
  rig.cpu.run(Number.POSITIVE_INFINITY, rig.cpu.instructions + 1);
  rig.cpu.pendingInterrupt = 0x40;
  const { how, eip } = rig.go();
  assert.equal([how, eip], ["int 40", CODE + 4]);
});

test("P53: STI holds off interrupts for one instruction, only if IF was 0", () => {
  assert.is(interruptedAt(`fb ${NOP} ${NOP}`, 0), 2);
  assert.is(interruptedAt(`fb fa ${NOP}`, 0), "done");
  const rig = at(0);
  rig.cpu.setEflags(IF);
  rig.load("fb");
  rig.cpu.eip = CODE;
  rig.cpu.run(Number.POSITIVE_INFINITY, rig.cpu.instructions + 1);
  assert.is(rig.cpu.state[SHADOW], 0);
});

test("HLT waits for an interrupt that may come, and is behind it when it does", () => {
  const rig = at(0);
  rig.load("fb f4 90 cd80");
  rig.cpu.eip = CODE;
  rig.cpu.pendingInterrupt = 0x40;
  const { how, eip } = rig.go();
  assert.equal([how, eip], ["int 40", CODE + 2]);

  const masked = at(0);
  masked.load("f4");
  masked.cpu.eip = CODE;
  masked.cpu.pendingInterrupt = 0x40;
  assert.is(masked.cpu.run(Number.POSITIVE_INFINITY, 100), EXIT_HALT);
  assert.is(at(3).run("f4").how, "#GP(0)");
});

test("an interrupt between iterations of a repeated string pushes RF and returns to it", () => {
  const rig = at(0);
  rig.cpu.setEflags(IF);
  rig.cpu.regs[ECX] = 1000;
  rig.cpu.regs[EDI] = DATA;
  rig.load("f3aa cd80");
  rig.cpu.eip = CODE;
  assert.is(rig.cpu.run(rig.cpu.cycles + 50, Number.POSITIVE_INFINITY), EXIT_DEADLINE);
  const left = rig.cpu.regs[ECX];
  assert.ok(left > 0 && left < 1000);
  rig.cpu.pendingInterrupt = 0x40;
  const { how, eip, eflags } = rig.go();
  assert.equal([how, eip, eflags & RF], ["int 40", CODE, RF]);
});

test("an interrupt whose handler cannot be entered becomes an exception with EXT", () => {
  const rig = at(0);
  rig.cpu.setEflags(IF);
  rig.setGate(0x40, gate(0x0e, KERNEL_CS, 0));
  rig.cpu.pendingInterrupt = 0x40;
  assert.is(rig.run(NOP).how, "#NP(203)");
});

test("#AC: unaligned data at CPL 3 under AC and AM, not of the system's own tables or at CPL 0", () => {
  const run = (cpl: 0 | 3, cr0: number, flags: number, program: string): string => {
    const rig = at(cpl);
    rig.machine.mmu.setCr0(rig.machine.mmu.cr0 | cr0);
    rig.cpu.setEflags(flags | 2);
    return rig.run(program).how;
  };
  const unaligned = `a1${le(DATA + 1)}`;
  assert.is(run(3, 0x40000, AC, unaligned), "#AC(0)");
  assert.is(run(3, 0x40000, AC, `a1${le(DATA)}`), "done");
  assert.is(run(3, 0x40000, 0, unaligned), "done");
  assert.is(run(3, 0, AC, unaligned), "done");
  assert.is(run(0, 0x40000, AC, unaligned), "done");
});

test("#DE, #BR and #NM are faults", () => {
  // xor ecx, ecx; div ecx
  const de = at(0).run("31c9 f7f1");
  assert.equal([de.how, de.eip], ["#DE", CODE + 2]);
  const rig = at(0);
  rig.cpu.regs[EBX] = DATA;
  // mov eax, 5; bound eax, [ebx]
  assert.is(rig.run("b805000000 6203").how, "#BR");
  const nm = at(0);
  nm.machine.mmu.setCr0(nm.machine.mmu.cr0 | 8);
  // fldz
  assert.is(nm.run("d9ee").how, "#NM");
});

test("a handler that faults at its first instruction meets every limit", () => {
  const storm = (): SystemRig => {
    const rig = at(0);
    rig.setGate(6, gate(0x8e, KERNEL_CS, CODE));
    rig.load(UD2);
    rig.cpu.eip = CODE;
    return rig;
  };
  assert.is(storm().cpu.run(Number.POSITIVE_INFINITY, 20_000), EXIT_INSTRUCTIONS);
  assert.is(storm().cpu.run(100_000, Number.POSITIVE_INFINITY), EXIT_DEADLINE);
});

test("delivery takes the clocks of INT n", () => {
  const rig = at(0, { cpu: "pentium" });
  rig.load(UD2);
  rig.cpu.eip = CODE;
  assert.is(rig.cpu.run(1, Number.POSITIVE_INFINITY), EXIT_DEADLINE);
  assert.equal([rig.cpu.cycles, rig.cpu.instructions], [rig.cpu.profile.clocks(rowsOf("INT Ib")[0].id, false), 0]);
});

test("what goes to the owner of the machine: INT n as Linux's gates allow, #GP otherwise", () => {
  const machine = createMachine({ mem: 1 << 20 });
  const { cpu, ram } = machine;
  cpu.setSegmentRaw(CS, USER_CS, 0, -1, 0x00c0fb00);
  for (const [vector, expected] of [
    [0x80, [0x80, 0, "int", CODE + 2]],
    [3, [3, 0, "int", CODE + 2]],
    [0x40, [13, 0x202, "fault", CODE]],
  ] as const) {
    ram.writeBytes(CODE, Uint8Array.of(0xcd, vector));
    cpu.eip = CODE;
    cpu.run(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    assert.equal([cpu.trap.vector, cpu.trap.errorCode, cpu.trap.source, cpu.eip], expected);
  }
});

test.run();
