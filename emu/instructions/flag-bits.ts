/** Instructions that move single flags. POPF, STI and the like belong to privilege.ts. */
import { NEXT } from "../cpu.ts";
import { AF, CF, carryFlag, DF, PF, SF, statusFlags, updateStatusFlags, ZF } from "../flags.ts";
import { EAX, FLAG_REST } from "../state.ts";
import type { Handlers } from "./handler.ts";
import { readRegister, writeRegister } from "./operand.ts";

/** Register number of AH. */
const AH = EAX + 4;
const LOW = SF | ZF | AF | PF | CF;

export const flagBitHandlers: Handlers = {
  CLC: (cpu) => {
    updateStatusFlags(cpu.state, 0, CF);
    return NEXT;
  },
  STC: (cpu) => {
    updateStatusFlags(cpu.state, CF, CF);
    return NEXT;
  },
  CMC: (cpu) => {
    updateStatusFlags(cpu.state, carryFlag(cpu.state) ^ 1, CF);
    return NEXT;
  },
  CLD: (cpu) => {
    cpu.state[FLAG_REST] &= ~DF;
    return NEXT;
  },
  STD: (cpu) => {
    cpu.state[FLAG_REST] |= DF;
    return NEXT;
  },
  LAHF: (cpu) => {
    writeRegister(cpu, AH, (statusFlags(cpu.state) & LOW) | 2, 1);
    return NEXT;
  },
  SAHF: (cpu) => {
    updateStatusFlags(cpu.state, readRegister(cpu, AH, 1), LOW);
    return NEXT;
  },
};
