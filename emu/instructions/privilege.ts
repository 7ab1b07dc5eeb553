/** EFLAGS as a whole, interrupts on and off, HLT, caches and the fast system calls. */
import { type Cpu, FAULT, GP, HALTED, NEXT, STOP, type Status, TRANSFER_STOP } from "../cpu.ts";
import { iopl, mergedEflags } from "../eflags.ts";
import { AC, IF, RF, readEflags, TF, VM } from "../flags.ts";
import { operandSize } from "../record.ts";
import { CPL, CS, ECX, EDX, EIP, ESP, FLAG_REST, SHADOW, SHADOW_INTERRUPTS, SS, SYSENTER } from "../state.ts";
import type { Handler, Handlers } from "./handler.ts";
import { pop, push } from "./operand.ts";

/** Flags that the engine has to look at before the next instruction. */
const WATCHED = TF | IF | AC;

const pushf: Handler = (cpu, code, ip) =>
  push(cpu, readEflags(cpu.state) & ~(VM | RF), operandSize(code, ip)) ? NEXT : FAULT;

const popf: Handler = (cpu, code, ip) => {
  const size = operandSize(code, ip);
  const image = pop(cpu, size);
  if (cpu.faulted !== 0) return FAULT;
  const before = cpu.state[FLAG_REST];
  cpu.setEflags(mergedEflags(cpu, image, size, "clear"));
  return ((before ^ cpu.state[FLAG_REST]) & WATCHED) === 0 ? NEXT : STOP;
};

const cli: Handler = (cpu) => {
  if (cpu.state[CPL] > iopl(cpu)) return cpu.raise(GP);
  cpu.state[FLAG_REST] &= ~IF;
  return NEXT;
};

/** Holds interrupts off for one more instruction if they were off (P53). */
const sti: Handler = (cpu) => {
  const s = cpu.state;
  if (s[CPL] > iopl(cpu)) return cpu.raise(GP);
  if ((s[FLAG_REST] & IF) !== 0) return NEXT;
  s[FLAG_REST] |= IF;
  s[SHADOW] = SHADOW_INTERRUPTS;
  return STOP;
};

/** An instruction that only asks for CPL 0, like INVD and WBINVD without a cache. */
const privileged =
  (status: Status): Handler =>
  (cpu) =>
    cpu.state[CPL] === 0 ? status : cpu.raise(GP);

/** Flat segments with fixed attributes; the descriptor tables are not read (SDM 2B SYSENTER, SYSEXIT). */
function loadFlat(cpu: Cpu, selector: number, cpl: number): void {
  const dpl = cpl << 13;
  cpu.setSegmentRaw(CS, selector | cpl, 0, -1, 0x00c09b00 | dpl);
  cpu.setSegmentRaw(SS, (selector + 8) | cpl, 0, -1, 0x00c09300 | dpl);
}

const sysenter: Handler = (cpu) => {
  const s = cpu.state;
  if (cpu.traps === "host") return cpu.interrupt(0, "sysenter");
  const selector = s[SYSENTER] & 0xfffc;
  if (selector === 0) return cpu.raise(GP);
  s[FLAG_REST] &= ~(VM | IF);
  loadFlat(cpu, selector, 0);
  s[ESP] = s[SYSENTER + 1];
  s[EIP] = s[SYSENTER + 2];
  return TRANSFER_STOP;
};

const sysexit: Handler = (cpu) => {
  const s = cpu.state;
  const selector = s[SYSENTER] & 0xfffc;
  if (selector === 0 || s[CPL] !== 0) return cpu.raise(GP);
  loadFlat(cpu, selector + 16, 3);
  s[ESP] = s[ECX];
  s[EIP] = s[EDX];
  return TRANSFER_STOP;
};

export const privilegeHandlers: Handlers = {
  PUSHF: pushf,
  POPF: popf,
  CLI: cli,
  STI: sti,
  HLT: privileged(HALTED),
  INVD: privileged(NEXT),
  WBINVD: privileged(NEXT),
  SYSENTER: sysenter,
  SYSEXIT: sysexit,
};
