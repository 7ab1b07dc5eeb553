/** Bit tests and bit scans. */
import { FAULT, NEXT } from "../cpu.ts";
import { CF, PF, parityFlag, setStatusFlags, updateStatusFlags, ZF } from "../flags.ts";
import { ADDRESS_16, IMM, isMemory, operandSize, PLACE, reg, segment } from "../record.ts";
import type { Handler, Handlers } from "./handler.ts";
import { closeE, effectiveAddress, openAt, openE, readE, readRegister, writeRegister } from "./operand.ts";

type Change = (value: number, bit: number) => number;
const set: Change = (value, bit) => value | bit;
const reset: Change = (value, bit) => value & ~bit;
const complement: Change = (value, bit) => value ^ bit;

/** Offset of the word that holds bit `index` of the bit string at the memory operand (P45). */
function bitStringOffset(
  cpu: Parameters<Handler>[0],
  code: Int32Array,
  ip: number,
  index: number,
  size: number,
): number {
  const displacement = size === 4 ? (index >> 5) * 4 : ((index << 16) >> 20) * 2;
  const offset = effectiveAddress(cpu, code, ip) + displacement;
  return code[ip + PLACE] & ADDRESS_16 ? offset & 0xffff : offset | 0;
}

/** BT: needs no write permission (P46). undefined: OF, SF, AF, PF unchanged. */
const bt =
  (by: "Gv" | "Ib"): Handler =>
  (cpu, code, ip) => {
    const size = operandSize(code, ip);
    const index = by === "Ib" ? code[ip + IMM] : readRegister(cpu, reg(code, ip), size);
    const value =
      by === "Gv" && isMemory(code, ip)
        ? cpu.load(segment(code, ip), bitStringOffset(cpu, code, ip, index, size), size)
        : readE(cpu, code, ip, size);
    if (cpu.faulted !== 0) return FAULT;
    updateStatusFlags(cpu.state, (value >> (index & (size * 8 - 1))) & CF, CF);
    return NEXT;
  };

/** BTS, BTR, BTC: one read-modify-write. undefined: OF, SF, AF, PF unchanged. */
const change =
  (how: Change, by: "Gv" | "Ib"): Handler =>
  (cpu, code, ip) => {
    const size = operandSize(code, ip);
    const index = by === "Ib" ? code[ip + IMM] : readRegister(cpu, reg(code, ip), size);
    const value =
      by === "Gv" && isMemory(code, ip)
        ? openAt(cpu, segment(code, ip), bitStringOffset(cpu, code, ip, index, size), size)
        : openE(cpu, code, ip, size);
    if (cpu.faulted !== 0) return FAULT;
    const position = index & (size * 8 - 1);
    closeE(cpu, code, ip, how(value, 1 << position), size);
    updateStatusFlags(cpu.state, (value >> position) & CF, CF);
    return NEXT;
  };

/**
 * BSF and BSR. undefined: a zero source leaves the destination alone (U01); PF is that of the index, 1 for a zero source;
 * OF, SF, AF, CF are cleared.
 */
const scan =
  (direction: "forward" | "reverse"): Handler =>
  (cpu, code, ip) => {
    const size = operandSize(code, ip);
    const value = readE(cpu, code, ip, size);
    if (cpu.faulted !== 0) return FAULT;
    if (value === 0) {
      setStatusFlags(cpu.state, ZF | PF);
      return NEXT;
    }
    const index = 31 - Math.clz32(direction === "forward" ? value & -value : value);
    writeRegister(cpu, reg(code, ip), index, size);
    setStatusFlags(cpu.state, parityFlag(index, 0) === 1 ? PF : 0);
    return NEXT;
  };

export const bitHandlers: Handlers = {
  "BT Ev,Gv": bt("Gv"),
  "BT Ev,Ib": bt("Ib"),
  "BTS Ev,Gv": change(set, "Gv"),
  "BTS Ev,Ib": change(set, "Ib"),
  "BTR Ev,Gv": change(reset, "Gv"),
  "BTR Ev,Ib": change(reset, "Ib"),
  "BTC Ev,Gv": change(complement, "Gv"),
  "BTC Ev,Ib": change(complement, "Ib"),
  "BSF Gv,Ev": scan("forward"),
  "BSR Gv,Ev": scan("reverse"),
};
