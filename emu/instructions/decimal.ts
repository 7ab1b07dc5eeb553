/** Decimal and ASCII adjustment (SDM 2A). Flags called undefined follow AMD family 19h. */
import { add, logic, signExtend, sub } from "../alu.ts";
import { DE, NEXT } from "../cpu.ts";
import { AF, adjustFlag, CF, carryFlag, updateStatusFlags } from "../flags.ts";
import { IMM } from "../record.ts";
import { EAX } from "../state.ts";
import type { Handler, Handlers } from "./handler.ts";
import { readRegister, writeRegister } from "./operand.ts";

type Arithmetic = (s: Int32Array, a: number, b: number, size: number) => number;

/** DAA and DAS. undefined: OF as of one addition or subtraction of the whole correction (U04). */
const decimal =
  (operation: Arithmetic): Handler =>
  (cpu) => {
    const s = cpu.state;
    const al = cpu.state8[EAX];
    const low = (al & 15) > 9 || adjustFlag(s) === 1;
    const high = al > 0x99 || carryFlag(s) === 1;
    const result = operation(s, al, (low ? 0x06 : 0) + (high ? 0x60 : 0), 1);
    // DAS borrows out of AL below 6 even if the upper digit needs no correction.
    const carry = high || (operation === sub && low && al < 6);
    updateStatusFlags(s, (carry ? CF : 0) | (low ? AF : 0), CF | AF);
    writeRegister(cpu, EAX, result, 1);
    return NEXT;
  };

/** AAA and AAS. undefined: OF, SF, ZF, PF as of the 16-bit addition of 0106h to AX. */
const ascii =
  (operation: Arithmetic): Handler =>
  (cpu) => {
    const s = cpu.state;
    const ax = readRegister(cpu, EAX, 2);
    const adjust = (ax & 15) > 9 || adjustFlag(s) === 1;
    const result = operation(s, ax, adjust ? 0x106 : 0, 2);
    updateStatusFlags(s, adjust ? CF | AF : 0, CF | AF);
    writeRegister(cpu, EAX, result & 0xff0f, 2);
    return NEXT;
  };

/** undefined: OF, AF, CF cleared (U02). A base of zero is #DE (U14). */
const aam: Handler = (cpu, code, ip) => {
  const base = code[ip + IMM];
  if (base === 0) return cpu.raise(DE);
  const al = cpu.state8[EAX];
  const remainder = al % base;
  writeRegister(cpu, EAX, (((al - remainder) / base) << 8) | remainder, 2);
  logic(cpu.state, signExtend(remainder, 1), 1);
  return NEXT;
};

/** undefined: OF, AF, CF as of the 8-bit addition (U03). */
const aad: Handler = (cpu, code, ip) => {
  const ax = readRegister(cpu, EAX, 2);
  const result = add(cpu.state, ax & 0xff, ((ax >> 8) * code[ip + IMM]) & 0xff, 1);
  writeRegister(cpu, EAX, result & 0xff, 2);
  return NEXT;
};

export const decimalHandlers: Handlers = {
  DAA: decimal(add),
  DAS: decimal(sub),
  AAA: ascii(add),
  AAS: ascii(sub),
  "AAM Ib": aam,
  "AAD Ib": aad,
};
