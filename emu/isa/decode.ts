// Hot path: nothing is allocated here; typed-array look-ups and integer arithmetic only.

import { CS, DS, EBP, EBX, EDI, ES, ESI, ESP, FS, GS, SS } from "../state.ts";
import { type Decoded, INVALID, NEED_MORE, NONE, OK, type Status, TOO_LONG } from "./decoded.ts";
import {
  cells,
  hasModrm,
  IMM_BYTE,
  IMM_BYTE_SIGNED,
  IMM_FAR,
  IMM_FULL,
  IMM_FULL_SIGNED,
  IMM_NONE,
  IMM_OFFSET,
  IMM_ONE,
  IMM_WORD,
  IMM_WORD_BYTE,
  immediateOf,
  mapOf,
  ROW_LOCK,
  ROW_MOD_IGNORED,
  ROW_NO_PREFIX,
  repCells,
  rowBits,
} from "./opcode-map.ts";

/** Longest legal instruction in bytes (SDM 2A 2.3.11). */
export const MAX_LENGTH = 15;

// Kinds of prefix bytes: 0 none, 1 operand size, 2 address size, 3 LOCK, 4 repeat, 8 + n override of segment n.
const prefixKind = new Uint8Array(256);
prefixKind[0x66] = 1;
prefixKind[0x67] = 2;
prefixKind[0xf0] = 3;
prefixKind[0xf2] = 4;
prefixKind[0xf3] = 4;
prefixKind[0x26] = 8 + ES;
prefixKind[0x2e] = 8 + CS;
prefixKind[0x36] = 8 + SS;
prefixKind[0x3e] = 8 + DS;
prefixKind[0x64] = 8 + FS;
prefixKind[0x65] = 8 + GS;

// 16-bit addressing by rm (SDM 2A table 2-1).
const base16 = Int8Array.of(EBX, EBX, EBP, EBP, ESI, EDI, EBP, EBX);
const index16 = Int8Array.of(ESI, EDI, ESI, EDI, NONE, NONE, NONE, NONE);

/**
 * Decodes the instruction at `bytes[start]` into `d`. Bytes from `end` on are not looked at: if the instruction goes on
 * there the answer is NEED_MORE, unless it is already known to be undefined or too long.
 *
 * @param code32 default operand and address size of the code segment (its D bit)
 * @returns OK; NEED_MORE; INVALID (#UD); TOO_LONG (#GP(0)). Fields of `d` other than `length` only mean something after OK.
 */
export function decode(d: Decoded, bytes: Uint8Array, start: number, end: number, code32: boolean): Status {
  const limit = end - start > MAX_LENGTH ? start + MAX_LENGTH : end;
  let p = start;
  let operandPrefix = false;
  let addressPrefix = false;
  let lock = false;
  let rep = 0;
  let override = NONE;

  let byte = 0;
  for (;;) {
    if (p >= limit) return ranOut(d, start, p);
    byte = bytes[p++];
    const kind = prefixKind[byte];
    if (kind === 0) break;
    if (kind >= 8) override = kind - 8;
    else if (kind === 1) operandPrefix = true;
    else if (kind === 2) addressPrefix = true;
    else if (kind === 3) lock = true;
    else rep = byte;
  }

  let opcode = byte;
  if (byte === 0x0f) {
    if (p >= limit) return ranOut(d, start, p);
    opcode = 0x100 | bytes[p++];
  }
  const operandSize = operandPrefix !== code32 ? 4 : 2;
  const addressSize = addressPrefix !== code32 ? 4 : 2;
  d.opcode = opcode;
  d.operandSize = operandSize;
  d.addressSize = addressSize;
  d.override = override;
  d.rep = rep;
  d.lock = lock;
  d.disp = 0;
  d.imm = 0;
  d.imm2 = 0;

  const map = rep === 0xf3 ? repCells : cells;
  let row = 0;
  let memory = false;
  let segment = DS;
  if (hasModrm[opcode] !== 0) {
    if (p >= limit) return ranOut(d, start, p);
    const modrm = bytes[p++];
    const mod = modrm >> 6;
    const rm = modrm & 7;
    const reg = (modrm >> 3) & 7;
    d.modrm = modrm;
    d.mod = mod;
    d.reg = reg;
    d.rm = rm;
    row = map[mapOf[opcode] + (mod === 3 ? 8 + (modrm & 63) : reg)];
    if (row === 0) return undefinedAt(d, start, p);
    memory = mod !== 3 && (rowBits[row] & ROW_MOD_IGNORED) === 0;
    if (!memory) {
      d.base = NONE;
      d.index = NONE;
      d.scale = 0;
    } else if (addressSize === 4) {
      let base = rm;
      let index = NONE;
      let scale = 0;
      if (rm === ESP) {
        if (p >= limit) return ranOut(d, start, p);
        const sib = bytes[p++];
        base = sib & 7;
        index = (sib >> 3) & 7;
        scale = sib >> 6;
        if (index === ESP) index = NONE;
      }
      let dispSize = mod === 1 ? 1 : mod === 2 ? 4 : 0;
      if (mod === 0 && base === EBP) {
        base = NONE;
        dispSize = 4;
      }
      if (base === ESP || base === EBP) segment = SS;
      d.base = base;
      d.index = index;
      d.scale = scale;
      if (p + dispSize > limit) return ranOut(d, start, limit);
      if (dispSize === 1) d.disp = (bytes[p] << 24) >> 24;
      else if (dispSize === 4) d.disp = bytes[p] | (bytes[p + 1] << 8) | (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
      p += dispSize;
    } else {
      let dispSize: number = mod;
      d.base = base16[rm];
      d.index = index16[rm];
      d.scale = 0;
      if (mod === 0 && rm === 6) {
        d.base = NONE;
        dispSize = 2;
      }
      if (d.base === EBP) segment = SS;
      if (p + dispSize > limit) return ranOut(d, start, limit);
      if (dispSize === 1) d.disp = (bytes[p] << 24) >> 24;
      else if (dispSize === 2) d.disp = ((bytes[p] | (bytes[p + 1] << 8)) << 16) >> 16;
      p += dispSize;
    }
  } else {
    row = map[mapOf[opcode]];
    if (row === 0) return undefinedAt(d, start, p);
    d.modrm = 0;
    d.mod = 0;
    d.reg = opcode & 7;
    d.rm = opcode & 7;
    d.base = NONE;
    d.index = NONE;
    d.scale = 0;
  }

  const kind = immediateOf[row];
  if (kind !== IMM_NONE) {
    const size = immediateSize(kind, operandSize, addressSize);
    if (p + size > limit) return ranOut(d, start, limit);
    switch (kind) {
      case IMM_BYTE:
        d.imm = bytes[p];
        break;
      case IMM_BYTE_SIGNED:
        d.imm = (bytes[p] << 24) >> 24;
        break;
      case IMM_WORD:
        d.imm = bytes[p] | (bytes[p + 1] << 8);
        break;
      case IMM_WORD_BYTE:
        d.imm = bytes[p] | (bytes[p + 1] << 8);
        d.imm2 = bytes[p + 2];
        break;
      case IMM_FULL:
      case IMM_FULL_SIGNED:
      case IMM_FAR:
        d.imm = bytes[p] | (bytes[p + 1] << 8);
        if (operandSize === 4) d.imm |= (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        else if (kind === IMM_FULL_SIGNED) d.imm = (d.imm << 16) >> 16;
        if (kind === IMM_FAR) d.imm2 = bytes[p + operandSize] | (bytes[p + operandSize + 1] << 8);
        break;
      case IMM_ONE:
        d.imm = 1;
        break;
      case IMM_OFFSET:
        d.disp = bytes[p] | (bytes[p + 1] << 8);
        if (addressSize === 4) d.disp |= (bytes[p + 2] << 16) | (bytes[p + 3] << 24);
        memory = true;
        break;
    }
    p += size;
  }

  // Prefixes are judged last: #PF in the instruction's bytes and #GP for its length come first.
  const bits = rowBits[row];
  if (lock && (!memory || (bits & ROW_LOCK) === 0)) return undefinedAt(d, start, p);
  if ((bits & ROW_NO_PREFIX) !== 0 && (operandPrefix || rep !== 0)) return undefinedAt(d, start, p);

  d.row = row;
  d.memory = memory;
  d.segment = override === NONE ? segment : override;
  d.length = p - start;
  return OK;
}

function immediateSize(kind: number, operandSize: number, addressSize: number): number {
  if (kind === IMM_BYTE || kind === IMM_BYTE_SIGNED) return 1;
  if (kind === IMM_ONE) return 0;
  if (kind === IMM_WORD) return 2;
  if (kind === IMM_OFFSET) return addressSize;
  if (kind === IMM_WORD_BYTE) return 3;
  return kind === IMM_FAR ? operandSize + 2 : operandSize;
}

/** The next byte is missing: either it would be the sixteenth or the caller has to fetch it. */
function ranOut(d: Decoded, start: number, p: number): Status {
  d.length = p - start;
  return p - start >= MAX_LENGTH ? TOO_LONG : NEED_MORE;
}

function undefinedAt(d: Decoded, start: number, p: number): Status {
  d.length = p - start;
  return INVALID;
}
