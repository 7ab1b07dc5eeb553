/**
 * Software interrupts. The owner of the traps takes them after the instruction; the guest's own IDT is entered by the
 * instruction itself, so that a fault on the way restarts it.
 */
import { BP, type Cpu, DB, GP, NEXT, OF_TRAP, type Status } from "../cpu.ts";
import { overflowFlag } from "../flags.ts";
import { enterGate, NO_ERROR_CODE } from "../gate.ts";
import { IMM } from "../record.ts";
import { CPL } from "../state.ts";
import type { Handlers } from "./handler.ts";
import { nextEip } from "./handler.ts";

/** Linux's only gates with DPL 3 (arch/x86/kernel/idt.c). */
const USER_GATES: readonly number[] = [BP, OF_TRAP, 0x80];
/** Error code bit: the index is one of the IDT. */
const IDT = 2;

function software(cpu: Cpu, code: Int32Array, ip: number, vector: number): Status {
  if (cpu.traps === "guest") return enterGate(cpu, vector, "software", NO_ERROR_CODE, nextEip(cpu, code, ip));
  if (cpu.state[CPL] === 3 && !USER_GATES.includes(vector)) return cpu.raise(GP, vector * 8 + IDT);
  return cpu.interrupt(vector, "int");
}

export const interruptHandlers: Handlers = {
  "INT Ib": (cpu, code, ip) => software(cpu, code, ip, code[ip + IMM]),
  INT3: (cpu, code, ip) => software(cpu, code, ip, BP),
  INTO: (cpu, code, ip) => (overflowFlag(cpu.state) === 1 ? software(cpu, code, ip, OF_TRAP) : NEXT),
  /** No gate is too privileged for it, and it leaves DR6 alone (SDM 3A 6.12.1.2). */
  INT1: (cpu, code, ip) => {
    if (cpu.traps === "guest") return enterGate(cpu, DB, "external", NO_ERROR_CODE, nextEip(cpu, code, ip));
    return cpu.interrupt(DB, "trap");
  },
};
