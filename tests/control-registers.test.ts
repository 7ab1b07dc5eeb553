/** Control, debug and model-specific registers, CPUID, I/O permission, privilege (SDM 3A 2, statements P48, P63, P64). */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { EXIT_DEBUG_EXIT, EXIT_TRAP, type MachineOptions, profileNames } from "../emu/index.ts";
import { CR2, CS, DR, EAX, EBX, ECX, EDI, EDX, EIP, ESI, ESP, SS, SYSENTER } from "../emu/state.ts";
import { FLUSH_CR0, FLUSH_CR3 } from "../mmu/index.ts";
import { CODE, DATA, FREE, KERNEL_CS, STACK, SystemRig, segment, TSS, TSS_SELECTOR } from "./system-rig.ts";

const PE = 1;
const ET = 0x10;
const PG = 0x80000000;
const IOPL3 = 0x3002;

/** `registers`: number of the register and its value. */
function run(
  program: string,
  registers: Readonly<Record<number, number>> = {},
  options: MachineOptions & { cpl?: 0 | 3; eflags?: number } = {},
): { rig: SystemRig; how: string } {
  const { cpl = 0, eflags = 2, ...machine } = options;
  const rig = new SystemRig(machine).level(cpl);
  rig.cpu.setEflags(eflags);
  for (const [n, value] of Object.entries(registers)) rig.cpu.regs[Number(n)] = value;
  return { rig, how: rig.run(program).how };
}

const MOV_CR0_EAX = "0f22c0";
const MOV_CR4_EAX = "0f22e0";

test("P64: MOV to CR0 with PG but not PE, or NW but not CD, is #GP(0) and changes nothing", () => {
  for (const value of [PG, PE | 0x20000000]) {
    const { rig, how } = run(MOV_CR0_EAX, { [EAX]: value });
    assert.is(how, "#GP(0)");
    assert.is(rig.machine.mmu.cr0, PE | ET);
  }
  assert.is(run(MOV_CR0_EAX, { [EAX]: PE | 0x60000000 }).how, "done");
});

test("CR0: reserved bits read 0, ET 1, and the i386 has no NE, WP, AM, NW, CD", () => {
  const value = PE | 0x6005fffe | 0x00050020;
  // mov cr0, eax; mov ebx, cr0
  const { rig } = run(`${MOV_CR0_EAX} 0f20c3`, { [EAX]: value });
  assert.is(rig.cpu.regs[EBX] >>> 0, 0x6005003f);
  const old = run(`${MOV_CR0_EAX} 0f20c3`, { [EAX]: value }, { cpu: "i386" });
  assert.is(old.rig.cpu.regs[EBX] >>> 0, 0x1f);
});

test("P63: PG takes effect on the next fetch and flushes; MOV to CR3 flushes", () => {
  const rig = new SystemRig().paging();
  rig.machine.mmu.setCr0(PE | ET);
  // The page behind the program's shows its own code only once paging is on.
  const table = 0x21000;
  rig.poke(table + (CODE >>> 12) * 4, (DATA & ~4095) | 7);
  rig.load("90 90 90 cd80", DATA);
  rig.load(MOV_CR0_EAX);
  rig.load("f4", CODE + 3);
  rig.cpu.regs[EAX] = PG | PE;
  const before = rig.machine.mmu.counters[FLUSH_CR0];
  rig.cpu.eip = CODE;
  assert.is(rig.go().how, "done");
  assert.is(rig.machine.mmu.counters[FLUSH_CR0], before + 1);
  const flushes = rig.machine.mmu.counters[FLUSH_CR3];
  // mov eax, cr3; mov cr3, eax
  rig.load("0f20d8 0f22d8 cd80", DATA);
  rig.level(0).cpu.eip = CODE;
  assert.is(rig.go().how, "done");
  assert.is(rig.machine.mmu.counters[FLUSH_CR3], flushes + 1);
});

test("CR3 keeps PWT and PCD from the i486 on", () => {
  // mov cr3, eax; mov ebx, cr3
  for (const [cpu, kept] of [
    ["i386", 0xabcde000],
    ["i486", 0xabcde018],
  ] as const) {
    const { rig } = run("0f22d8 0f20db", { [EAX]: 0xabcdefff }, { cpu });
    assert.is(rig.cpu.regs[EBX] >>> 0, kept);
  }
});

test("CR4: bits that the processor does not offer are #GP(0); before the Pentium it does not exist", () => {
  assert.is(run(MOV_CR4_EAX, { [EAX]: 0x394 }).how, "done");
  for (const reserved of [0x20, 0x1, 0x8, 0x40, 0x400, 0x80000000]) {
    assert.is(run(MOV_CR4_EAX, { [EAX]: reserved }).how, "#GP(0)", reserved.toString(16));
  }
  assert.is(run(MOV_CR4_EAX, { [EAX]: 0x14 }, { cpu: "pentium" }).how, "done");
  assert.is(run(MOV_CR4_EAX, { [EAX]: 0x80 }, { cpu: "pentium" }).how, "#GP(0)");
  assert.is(run(MOV_CR4_EAX, {}, { cpu: "i486" }).how, "#UD");
});

test("LMSW sets the low four bits and cannot clear PE; SMSW; CLTS", () => {
  // lmsw ax; smsw ebx
  const { rig } = run("0f01f0 0f01e3", { [EAX]: 0xffee });
  assert.is(rig.cpu.regs[EBX], 0x1f);
  // lmsw ax; clts; smsw ebx
  assert.is(run("0f01f0 0f06 0f01e3", { [EAX]: 0xf }).rig.cpu.regs[EBX], 0x17);
  // smsw [ebx] writes a word.
  const memory = new SystemRig();
  memory.poke(DATA, -1);
  memory.cpu.regs[EBX] = DATA;
  assert.is(memory.run("0f0123").how, "done");
  assert.is(memory.peek(DATA) >>> 0, 0xffff0011);
});

test("what asks for CPL 0", () => {
  const privileged = {
    "mov eax, cr0": "0f20c0",
    "mov cr0, eax": MOV_CR0_EAX,
    "mov cr3, eax": "0f22d8",
    "mov eax, dr7": "0f21f8",
    "mov dr7, eax": "0f23f8",
    lmsw: "0f01f0",
    clts: "0f06",
    invd: "0f08",
    wbinvd: "0f09",
    "invlpg [eax]": "0f0138",
    "lgdt [eax]": "0f0110",
    "lidt [eax]": "0f0118",
    hlt: "f4",
    rdmsr: "0f32",
    wrmsr: "0f30",
    sysexit: "0f35",
    cli: "fa",
    sti: "fb",
    "in al, 3": "e403",
    "out dx, eax": "ef",
    insb: "6c",
    outsb: "6e",
  };
  for (const [name, program] of Object.entries(privileged)) {
    const registers = { [EAX]: DATA, [ECX]: 0x10, [EDI]: DATA, [ESI]: DATA };
    assert.is(run(program, registers, { cpl: 3 }).how, "#GP(0)", name);
  }
  // sgdt, sidt, smsw, sldt, str are open to all.
  for (const program of ["0f0100", "0f0108", "0f01e0", "0f00c0", "0f00c8"]) {
    assert.is(run(program, { [EAX]: DATA }, { cpl: 3 }).how, "done");
  }
});

test("INVLPG reaches any address and checks no limit; the i386 has none", () => {
  assert.is(run("0f0138", { [EAX]: 0xfffff000 }).how, "done");
  assert.is(run("0f0138", {}, { cpu: "i386" }).how, "#UD");
});

test("debug registers: DR4 and DR5 are DR6 and DR7, reserved bits are fixed", () => {
  // mov dr6, eax; mov ebx, dr4; mov dr5, eax; mov ecx, dr7
  const { rig } = run("0f23f0 0f21e3 0f23e8 0f21f9", { [EAX]: 0xffffd000 });
  assert.is(rig.cpu.regs[EBX] >>> 0, 0xffffcff0);
  assert.is(rig.cpu.regs[ECX] >>> 0, 0xffff0400);
  // mov dr3, eax; mov ebx, dr3
  assert.is(run("0f23d8 0f21db", { [EAX]: 0x1234 }).rig.cpu.regs[EBX], 0x1234);
});

test("flags: POPF changes IF with IOPL, IOPL at CPL 0, never VM; PUSHF shows RF and VM as 0", () => {
  const flags = (cpl: 0 | 3, before: number, image: number, program = "9d"): number => {
    const rig = new SystemRig().level(cpl);
    rig.cpu.setEflags(before);
    rig.poke(STACK, image);
    const { how, eflags } = rig.run(program);
    assert.is(how, "done");
    return eflags;
  };
  const all = 0x00277fd7 & ~0x100;
  assert.is(flags(0, 2, all), 0x00247ed7);
  assert.is(flags(3, 2, all), 0x00244cd7);
  assert.is(flags(3, IOPL3, all), 0x00247ed7);
  assert.is(flags(3, 0x202, 2), 0x202);
  assert.is(flags(0, 0x40002, 0xffff & ~0x100, "669d"), 0x47ed7);
  const old = new SystemRig({ cpu: "i386" });
  old.poke(STACK, all);
  assert.is(old.run("9d").eflags, 0x7ed7);
  assert.is(run("9c 58", {}, { eflags: 0x10002 }).rig.cpu.regs[EAX], 2);
});

test("CLI and STI ask for IOPL", () => {
  for (const program of ["fa", "fb"]) assert.is(run(program, {}, { cpl: 3, eflags: IOPL3 }).how, "done");
});

test("ports: IOPL, then the bitmap of the TSS, two bytes of which must lie within the limit", () => {
  const read = (limit: number, bits: number, program: string): string => {
    const rig = new SystemRig().level(3);
    rig.poke(TSS + 0x64, 0x68 << 16);
    for (let n = 0; n < 0x40; n += 4) rig.poke(TSS + 0x68 + n, -1);
    rig.poke(TSS + 0x68 + 4, bits);
    rig.cpu.setTr(TSS_SELECTOR, TSS, limit);
    return rig.run(program).how;
  };
  // Ports 20..3f: in al, 21; in eax, 21; in al, 3f
  assert.is(read(0xff, ~2, "e421"), "done");
  assert.is(read(0xff, ~2, "e521"), "#GP(0)");
  assert.is(read(0xff, ~0x1e, "e521"), "done");
  assert.is(read(0xff, 0, "e43f"), "done");
  // The word at 3f continues in the next byte.
  assert.is(read(0xff, 0, "66e53f"), "#GP(0)");
  assert.is(read(0x68 + 7, 0, "e437"), "done");
  assert.is(read(0x68 + 7, 0, "e43f"), "#GP(0)");
  assert.is(read(0x66, 0, "e421"), "#GP(0)");
  assert.is(run("e421", {}, { cpl: 3, eflags: IOPL3 }).how, "done");
});

test("IN and OUT in all widths; nobody answers at most ports", () => {
  const { rig } = run("e510 89c3 e410 66ed", { [EAX]: 0x11111111, [EDX]: 0x3f8 + 5 });
  assert.is(rig.cpu.regs[EBX], -1);
  let text = "";
  const serial = new SystemRig();
  serial.machine.ports.onSerial = (byte) => {
    text += String.fromCharCode(byte);
  };
  serial.machine.ram.writeBytes(DATA, new TextEncoder().encode("hello"));
  Object.assign(serial.cpu.regs, { [ECX]: 5, [ESI]: DATA, [EDX]: 0x3f8 });
  // rep outsb
  assert.is(serial.run("f36e").how, "done");
  assert.is(text, "hello");
});

test("P48: INS checks its destination before it reads the port", () => {
  const rig = new SystemRig().paging();
  rig.rights(0x32000, 0);
  rig.machine.ports.receive(Uint8Array.of(0x41, 0x42));
  Object.assign(rig.cpu.regs, { [EDI]: 0x31fff, [ECX]: 2, [EDX]: 0x3f8 });
  // rep insb
  assert.is(rig.run("f36c").how, "#PF(2)");
  assert.equal([rig.cpu.regs[ECX], rig.cpu.regs[EDI]], [1, 0x32000]);
  assert.is(rig.machine.ram.read8(0x31fff), 0x41);
  assert.is(rig.machine.ports.read(0x3f8, 1), 0x42);
});

test("a write to the debug-exit port ends the run at once", () => {
  const rig = new SystemRig();
  // mov al, 3; out f4, al; ud2
  rig.load("b003 e6f4 0f0b");
  rig.cpu.eip = CODE;
  assert.is(rig.cpu.run(Number.POSITIVE_INFINITY, 100), EXIT_DEBUG_EXIT);
  assert.is(rig.machine.ports.exitStatus, 7);
  assert.is(rig.cpu.eip, CODE + 4);
});

test("model-specific registers: the time-stamp counter, SYSENTER; others are #GP(0)", () => {
  // rdmsr
  assert.is(run("0f32", { [ECX]: 0x1b }).how, "#GP(0)");
  assert.is(run("0f30", { [ECX]: 0x1b }).how, "#GP(0)");
  // wrmsr; rdmsr
  const { rig } = run("0f30 31c0 0f32", { [ECX]: 0x175, [EAX]: 0x1234, [EDX]: 5 });
  assert.equal([rig.cpu.regs[EAX], rig.cpu.regs[EDX]], [0x1234, 0]);
  assert.is(run("0f32", { [ECX]: 0x174 }, { cpu: "pentium" }).how, "#GP(0)");
  assert.is(run("0f32", { [ECX]: 0x10 }, { cpu: "i486" }).how, "#UD");
  // rdpmc
  assert.is(run("0f33").how, "#GP(0)");
});

test("the time-stamp counter counts clocks exactly, also in the middle of a block, and can be set", () => {
  const clocks = (program: string): number => {
    const { rig } = run(`0f31 89c3 ${program} 0f31 29d8`);
    return rig.cpu.regs[EAX];
  };
  const none = clocks("");
  assert.ok(none > 0);
  const each = (clocks("90".repeat(50)) - none) / 50;
  assert.ok(each > 0 && each <= 1, `${each} clocks for a NOP`);
  assert.is((clocks("90".repeat(200)) - none) / 200, each);
  // xor eax, eax; mov ecx, 10; wrmsr; rdtsc
  const { rig } = run("31c0 b910000000 0f30 0f31", { [EDX]: 77 });
  assert.ok(rig.cpu.regs[EAX] >= 0 && rig.cpu.regs[EAX] < 100);
  assert.is(rig.cpu.regs[EDX], 0);
  const later = new SystemRig();
  later.cpu.cycles = 2 ** 33 + 5;
  assert.is(later.run("0f31").how, "done");
  assert.is(later.cpu.regs[EDX], 2);
  assert.is(later.cpu.regs[EAX], 5);
});

test("RDTSC at CPL 3 unless CR4.TSD", () => {
  assert.is(run("0f31", {}, { cpl: 3 }).how, "done");
  const rig = new SystemRig().level(3);
  rig.machine.mmu.setCr4(4);
  assert.is(rig.run("0f31").how, "#GP(0)");
  assert.is(rig.level(0).run("0f31").how, "done");
});

test("CPUID: vendor, signature and features of each processor", () => {
  const word = (value: number): string =>
    [0, 8, 16, 24].map((shift) => String.fromCharCode((value >>> shift) & 255)).join("");
  for (const cpu of profileNames) {
    const { rig, how } = run("0fa2", { [EAX]: 0 }, { cpu });
    if (cpu === "i386") {
      assert.is(how, "#UD");
      continue;
    }
    const { regs, profile } = rig.cpu;
    assert.is(word(regs[EBX]) + word(regs[EDX]) + word(regs[ECX]), profile.vendor);
    const highest = regs[EAX];
    assert.is(highest, profile.level < 6 || profile.vendor === "AuthenticAMD" ? 1 : 2);
    const one = run("0fa2", { [EAX]: 1 }, { cpu }).rig.cpu.regs;
    assert.equal([one[EAX], one[EDX]], [profile.signature, profile.features]);
    // Nobody takes the answer to leaf 80000000 for extended leaves.
    const beyond = run("0fa2", { [EAX]: 0x80000000 }, { cpu }).rig.cpu.regs;
    assert.ok(beyond[EAX] >>> 0 < 0x80000000);
  }
});

test("EFLAGS.ID can be changed where there is CPUID, AC from the i486 on", () => {
  for (const [cpu, bits] of [
    ["i386", 0],
    ["i486", 0x240000],
    ["p6", 0x240000],
  ] as const) {
    // pushf; xor [esp], 240000; popf; pushf; pop eax
    const { rig } = run("9c 813424 00002400 9d 9c 58", {}, { cpu });
    assert.is(rig.cpu.regs[EAX] & 0x240000, bits, cpu);
  }
});

test("instructions newer than the processor are #UD", () => {
  // bswap, xadd, cmpxchg8b, cmovz, rdtsc, sysenter, nop ev
  const since: Readonly<Record<string, number>> = {
    "0fc8": 4,
    "0fc1d8": 4,
    "0fc70b": 5,
    "0f44c3": 6,
    "0f31": 5,
    "0f1f00": 6,
  };
  for (const [program, level] of Object.entries(since)) {
    for (const cpu of ["i386", "i486", "pentium", "p6"]) {
      const { rig, how } = run(`90 ${program}`, { [EBX]: DATA, [EAX]: DATA }, { cpu });
      assert.is(how, rig.cpu.profile.level >= level ? "done" : "#UD", `${program} on ${cpu}`);
    }
  }
});

test("SYSENTER and SYSEXIT load flat segments around IA32_SYSENTER_CS", () => {
  const rig = new SystemRig().level(3);
  rig.cpu.state.set([KERNEL_CS, 0x17000, 0x11000], SYSENTER);
  rig.cpu.setEflags(0x202);
  // mov ecx, esp; mov edx, CODE+20; sysexit
  rig.load("89c1 ba20000100 0f35", 0x11000);
  rig.cpu.regs[EAX] = DATA + 0x100;
  rig.load("0f34", CODE);
  rig.load("cd80", CODE + 0x20);
  rig.cpu.eip = CODE;
  const { how, cs, esp, ss, eip } = rig.go();
  assert.equal([how, cs, esp, ss, eip], ["done", KERNEL_CS + 16 + 3, DATA + 0x100, KERNEL_CS + 24 + 3, CODE + 0x22]);
  const none = new SystemRig().level(3);
  assert.is(none.run("0f34").how, "#GP(0)");
  // The owner of the machine takes it where the traps are the owner's.
  const host = new SystemRig().level(3);
  host.cpu.traps = "host";
  host.load("0f34");
  host.cpu.eip = CODE;
  assert.is(host.cpu.run(Number.POSITIVE_INFINITY, 100), EXIT_TRAP);
  assert.equal([host.cpu.trap.source, host.cpu.eip, host.cpu.regs[ESP]], ["sysenter", CODE + 2, STACK]);
});

test("what is not modelled is reported: real mode, test registers", () => {
  const told: string[] = [];
  const go = (program: string, cpu: string): string => {
    const rig = new SystemRig({ cpu });
    rig.cpu.onUnmodelled = (feature) => told.push(`${feature} at ${(rig.cpu.state[EIP] - CODE).toString(16)}`);
    return rig.run(program).how;
  };
  // xor eax, eax; mov cr0, eax
  assert.is(go(`31c0 ${MOV_CR0_EAX}`, "p6"), "#GP(0)");
  // mov tr6, eax
  assert.is(go("0f26f0", "i386"), "#UD");
  assert.is(go("0f26f0", "p6"), "#UD");
  assert.equal(told, ["real mode at 2", "test registers at 0"]);
});

test("reset: protected mode, flat, paging off", () => {
  const { cpu, machine } = new SystemRig();
  cpu.state[DR + 7] = 0x2000;
  cpu.reset();
  assert.equal([machine.mmu.cr0, cpu.cpl, cpu.getEflags(), cpu.selector(CS), cpu.selector(SS)], [PE | ET, 0, 2, 8, 16]);
  assert.equal([cpu.state[CR2], cpu.state[DR + 7]], [0, 0]);
});

test("a TSS descriptor with other base and limit is what LTR loads", () => {
  const rig = new SystemRig();
  rig.descriptor(FREE, segment(0x89, 0x9000, 0x80, 0));
  rig.cpu.regs[EAX] = FREE;
  // ltr ax; str ebx
  assert.is(rig.run("0f00d8 0f00cb").how, "done");
  assert.equal([...rig.cpu.state.subarray(41, 45)], [FREE, 0x9000, 0x80, 0x8b00]);
});

test.run();
