/** Segment registers as operands: MOV, PUSH, POP, far pointers. A load ends in STOP: code may be flat no longer, or again. */
import { FAULT, NEXT, STOP } from "../cpu.ts";
import { isMemory, operandSize, reg, segment } from "../record.ts";
import { loadSegment } from "../segmentation.ts";
import { CS, DS, ES, ESP, FS, GS, SELECTOR, SHADOW, SHADOW_ALL, SS } from "../state.ts";
import type { Handler, Handlers } from "./handler.ts";
import { effectiveAddress, peek, push, readE, stackOffset, stackWide, writeE, writeRegister } from "./operand.ts";

/** Into memory 16 bits, into a 32-bit register zero-extended (P6 and later). */
const movFromSegment: Handler = (cpu, code, ip) => {
  const size = isMemory(code, ip) ? 2 : operandSize(code, ip);
  return writeE(cpu, code, ip, cpu.state[SELECTOR + reg(code, ip)], size) ? NEXT : FAULT;
};

const movToSegment: Handler = (cpu, code, ip) => {
  const seg = reg(code, ip);
  const selector = readE(cpu, code, ip, 2);
  if (cpu.faulted !== 0 || loadSegment(cpu, seg, selector) === FAULT) return FAULT;
  if (seg === SS) cpu.state[SHADOW] = SHADOW_ALL;
  return STOP;
};

/** A 32-bit push writes the selector zero-extended. */
const pushSegment =
  (seg: number): Handler =>
  (cpu, code, ip) =>
    push(cpu, cpu.state[SELECTOR + seg], operandSize(code, ip)) ? NEXT : FAULT;

/** The stack pointer moves by the old stack segment's width. */
const popSegment =
  (seg: number): Handler =>
  (cpu, code, ip) => {
    const size = operandSize(code, ip);
    const selector = peek(cpu, 0, size) & 0xffff;
    if (cpu.faulted !== 0) return FAULT;
    const width = stackWide(cpu) ? 4 : 2;
    const top = stackOffset(cpu, size);
    if (loadSegment(cpu, seg, selector) === FAULT) return FAULT;
    writeRegister(cpu, ESP, top, width);
    if (seg === SS) cpu.state[SHADOW] = SHADOW_ALL;
    return STOP;
  };

/** LDS and its kin: the offset, then the selector. */
const loadPointer =
  (seg: number): Handler =>
  (cpu, code, ip) => {
    const size = operandSize(code, ip);
    const from = segment(code, ip);
    const at = effectiveAddress(cpu, code, ip);
    const offset = cpu.load(from, at, size);
    if (cpu.faulted !== 0) return FAULT;
    const selector = cpu.load(from, (at + size) | 0, 2);
    if (cpu.faulted !== 0 || loadSegment(cpu, seg, selector) === FAULT) return FAULT;
    writeRegister(cpu, reg(code, ip), offset, size);
    return STOP;
  };

export const segmentHandlers: Handlers = {
  "MOV Rv/Mw,Sw": movFromSegment,
  "MOV Sw,Ew": movToSegment,
  "PUSH ES": pushSegment(ES),
  "PUSH CS": pushSegment(CS),
  "PUSH SS": pushSegment(SS),
  "PUSH DS": pushSegment(DS),
  "PUSH FS": pushSegment(FS),
  "PUSH GS": pushSegment(GS),
  "POP ES": popSegment(ES),
  "POP SS": popSegment(SS),
  "POP DS": popSegment(DS),
  "POP FS": popSegment(FS),
  "POP GS": popSegment(GS),
  "LES Gv,Mp": loadPointer(ES),
  "LSS Gv,Mp": loadPointer(SS),
  "LDS Gv,Mp": loadPointer(DS),
  "LFS Gv,Mp": loadPointer(FS),
  "LGS Gv,Mp": loadPointer(GS),
};
