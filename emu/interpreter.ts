/**
 * The interpreter's loop: runs decoded blocks of 32-bit flat code. Hot: plain integers, typed arrays, nothing allocated.
 *
 * One dispatch per instruction, two where a memory operand is loaded or opened first. Memory is reached through the hot
 * slots (mmu/mmu.ts): a tag compare and an add. A slot that does not match means a slow path: the bus repeats the access
 * with all its checks, before anything of the instruction is committed.
 *
 * The function must stay below 60 KB of bytecode, or V8 never optimises it.
 */
import { ACCESS, FETCH, READ, WRITE } from "../mmu/index.ts";
import * as alu from "./alu.ts";
import { AGAIN, type Cpu, DE, FAULT, NEXT, type Status, TRANSFER, TRANSFER_STOP } from "./cpu.ts";
import { condition } from "./flags.ts";

import type { Handler } from "./instructions/handler.ts";
import { divide32, multiply32, multiplyWide32, signedDivide32 } from "./multiply.ts";
import * as H from "./operations.ts";
import { A, B, CLOCKS, COUNT, D, DISP, EA, FORM, IMM, PLACE, RECORD_WORDS, THEN } from "./record.ts";
import { rol, ror, sar, shr } from "./shift.ts";
import { CPL, EAX, EBP, EDX, EIP, ESP, FLAG_CARRY, FLAG_RESULT } from "./state.ts";

/** Left the loop before an instruction that has to be executed by itself. */
export const SINGLE = 16;
/** Left the loop before a record where translated code goes on. */
export const ENTER = 17;

/** How an instruction goes on: transfer to an address, transfer to page offset IMM, no transfer. 0: to the next record. */
const FAR = 1;
const NEAR = 2;
const ONWARD = 3;
/** Bits of a carry vector that FLAG_CARRY keeps. */
const CARRIES = 0xc0000008 | 0;

/** What one call of {@link execute} used up. */
export interface Used {
  instructions: number;
  clocks: number;
  /** 1 if the last instruction was a control transfer, which is where a deadline counts. */
  transfer: number;
}

/** Runs blocks; see {@link createLoop}. */
export type Loop = (
  frames: Int32Array,
  table: number,
  start: number,
  clocks: number,
  deadline: number,
  used: Used,
) => Status;

/**
 * The loop of one processor. Its arrays are constants of the closure, so that the compiler knows their addresses and lengths.
 *
 * The function it returns executes from a record until something leaves the loop:
 *
 * `frames`    table offsets by frame for the current mode (code-cache.ts)
 * `table`     table of the current page
 * `start`     record to begin with; EIP is its address
 * `clocks`    leave at the first control transfer or page end at or after this many clocks, below 2^30
 * `deadline`  clocks until the guest may be interrupted, for instructions with iterations; not below `clocks`
 * `used`      receives what was executed; its clocks are without those of translation, which the MMU has counted
 *
 * Before every slow path of an instruction EIP is at that instruction and `used.instructions` is the number of those executed
 * before it, for those who listen to the MMU.
 *
 * It returns NEXT when EIP has to be looked up, SINGLE, ENTER, or the status of the handler that ended the loop. EIP is at the
 * instruction after FAULT and AGAIN, else at the next one.
 */
export function createLoop(cpu: Cpu, handlers: readonly Handler[]): Loop {
  const { state, state8, state16, mmu, codeCache: cache, bus } = cpu;
  const { code: words } = cache;
  const { slots: hotSlots } = mmu;
  const { data: bytes, u8: octets } = cpu.views;
  const readMask = mmu.slotMask(READ);
  const writeMask = mmu.slotMask(WRITE);
  const fetchMask = mmu.slotMask(FETCH);
  const ramBase = cpu.memory.ramBase;

  const execute: Loop = (frames, pageTable, start, clocks, deadline, used) => {
    // Locals: code compiled while the loop runs (OSR) does not know what the closure's constants hold.
    const s = state;
    const s8 = state8;
    const s16 = state16;
    const code = words;
    const slots = hotSlots;
    const data = bytes;
    const u8 = octets;
    const user = s[CPL] === 3 ? 1 : 0;
    const readBase = mmu.slotBase(user, READ) | 0;
    const writeBase = mmu.slotBase(user, WRITE) | 0;
    const fetchBase = mmu.slotBase(user, FETCH) | 0;
    let table = pageTable | 0;
    let ip = start | 0;
    /** EIP of the first byte of the current page. */
    let page = s[EIP] & ~0xfff;
    let left = clocks | 0;
    let instructions = 0;
    let reads = 0;
    let writes = 0;
    let clocksBefore = code[start - RECORD_WORDS + CLOCKS];
    let countBefore = code[start - RECORD_WORDS + COUNT];
    let status: Status = NEXT;
    /** 1: the instruction at ip was executed; 0: it was not; 2: its block is settled already and EIP set. */
    let done = 0;
    let target = 0;
    let next = ONWARD;
    /** Record that the last control transfer led to. */
    let entered = 0;
    /** 1 after a slow path that may have dropped code, displaced the code page or taken clocks for a walk. */
    let slow = 0;
    /** Clocks of translation that `left` knows of, and those before the first instruction. */
    const translatedBefore = mmu.clocks;
    let translated = translatedBefore;
    /** Host offset of memory opened for read-modify-write, int32. */
    let host = 0;
    /** 1 if that memory is open on the bus instead: it crosses a page or is no plain RAM. */
    let onBus = 0;

    cache.dropped = 0;
    let op = code[ip];
    leave: for (;;) {
      // biome-ignore lint/suspicious/noConfusingLabels: leaving this block is how an instruction becomes a control transfer
      transfer: {
        switch (op) {
          case H.ALU32 + H.ADD: {
            const a = code[code[ip + A]];
            const b = code[code[ip + B]];
            const r = (a + b) | 0;
            code[code[ip + A]] = r;
            s[FLAG_RESULT] = r;
            s[FLAG_CARRY] = ((a & b) | ((a | b) & ~r)) & CARRIES;
            break;
          }
          case H.ALU32 + H.OR: {
            const a = code[code[ip + A]];
            const b = code[code[ip + B]];
            const r = a | b;
            code[code[ip + A]] = r;
            s[FLAG_RESULT] = r;
            s[FLAG_CARRY] = 0;
            break;
          }
          case H.ALU32 + H.ADC: {
            const a = code[code[ip + A]];
            const b = code[code[ip + B]];
            const r = (a + b + (s[FLAG_CARRY] >>> 31)) | 0;
            code[code[ip + A]] = r;
            s[FLAG_RESULT] = r;
            s[FLAG_CARRY] = ((a & b) | ((a | b) & ~r)) & CARRIES;
            break;
          }
          case H.ALU32 + H.SBB: {
            const a = code[code[ip + A]];
            const b = code[code[ip + B]];
            const r = (a - b - (s[FLAG_CARRY] >>> 31)) | 0;
            code[code[ip + A]] = r;
            s[FLAG_RESULT] = r;
            s[FLAG_CARRY] = ((~a & b) | ((~a | b) & r)) & CARRIES;
            break;
          }
          case H.ALU32 + H.AND: {
            const a = code[code[ip + A]];
            const b = code[code[ip + B]];
            const r = a & b;
            code[code[ip + A]] = r;
            s[FLAG_RESULT] = r;
            s[FLAG_CARRY] = 0;
            break;
          }
          case H.ALU32 + H.SUB: {
            const a = code[code[ip + A]];
            const b = code[code[ip + B]];
            const r = (a - b) | 0;
            code[code[ip + A]] = r;
            s[FLAG_RESULT] = r;
            s[FLAG_CARRY] = ((~a & b) | ((~a | b) & r)) & CARRIES;
            break;
          }
          case H.ALU32 + H.XOR: {
            const a = code[code[ip + A]];
            const b = code[code[ip + B]];
            const r = a ^ b;
            code[code[ip + A]] = r;
            s[FLAG_RESULT] = r;
            s[FLAG_CARRY] = 0;
            break;
          }
          case H.ALU32 + H.CMP: {
            const a = code[code[ip + A]];
            const b = code[code[ip + B]];
            const r = (a - b) | 0;
            s[FLAG_RESULT] = r;
            s[FLAG_CARRY] = ((~a & b) | ((~a | b) & r)) & CARRIES;
            break;
          }
          case H.QUIET_ADD:
            code[code[ip + A]] = (code[code[ip + A]] + code[code[ip + B]]) | 0;
            break;
          case H.QUIET_OR:
            code[code[ip + A]] = code[code[ip + A]] | code[code[ip + B]];
            break;
          case H.QUIET_AND:
            code[code[ip + A]] = code[code[ip + A]] & code[code[ip + B]];
            break;
          case H.QUIET_SUB:
            code[code[ip + A]] = (code[code[ip + A]] - code[code[ip + B]]) | 0;
            break;
          case H.QUIET_XOR:
            code[code[ip + A]] = code[code[ip + A]] ^ code[code[ip + B]];
            break;
          case H.QUIET_SHL:
            code[code[ip + A]] = code[code[ip + A]] << (code[code[ip + B]] & 31);
            break;
          case H.QUIET_SHR:
            code[code[ip + A]] = code[code[ip + A]] >>> (code[code[ip + B]] & 31);
            break;
          case H.QUIET_SAR:
            code[code[ip + A]] = code[code[ip + A]] >> (code[code[ip + B]] & 31);
            break;
          case H.QUIET_IMUL:
            code[code[ip + A]] = Math.imul(code[code[ip + A]], code[code[ip + B]]);
            break;
          case H.QUIET_ROL: {
            const a = code[code[ip + A]];
            const n = code[code[ip + B]] & 31;
            code[code[ip + A]] = (a << n) | (a >>> (32 - n));
            break;
          }
          case H.QUIET_ROR: {
            const a = code[code[ip + A]];
            const n = code[code[ip + B]] & 31;
            code[code[ip + A]] = (a >>> n) | (a << (32 - n));
            break;
          }
          case H.LOAD32: {
            const ea = code[ip + EA];
            const la = (s[ea & 15] + (s[(ea >> 8) & 15] << ((ea >> 16) & 3)) + code[ip + DISP]) | 0;
            const slot = (readBase + (((la >>> 12) & readMask) << 1)) | 0;
            let value: number;
            if (slots[slot] === (la + 3) >>> 12) {
              reads = (reads + 1) | 0;
              value = data.getInt32((la + slots[slot + 1]) >>> 0, true);
            } else {
              s[EIP] = page + (code[ip + PLACE] & 0xfff);
              used.instructions = (instructions + code[ip + COUNT] - countBefore - 1) | 0;
              value = cpu.loadLinear(la, 4, user) | 0;
              slow = 1;
              if (cpu.faulted !== 0) {
                status = FAULT;
                break leave;
              }
            }
            code[code[ip + D]] = value;
            op = code[ip + THEN];
            if (op !== H.DONE) continue leave;
            break;
          }
          case H.LOAD8:
          case H.LOAD8S: {
            const ea = code[ip + EA];
            const la = (s[ea & 15] + (s[(ea >> 8) & 15] << ((ea >> 16) & 3)) + code[ip + DISP]) | 0;
            const slot = (readBase + (((la >>> 12) & readMask) << 1)) | 0;
            let value: number;
            if (slots[slot] === la >>> 12) {
              reads = (reads + 1) | 0;
              value = u8[(la + slots[slot + 1]) >>> 0];
            } else {
              s[EIP] = page + (code[ip + PLACE] & 0xfff);
              used.instructions = (instructions + code[ip + COUNT] - countBefore - 1) | 0;
              value = cpu.loadLinear(la, 1, user) | 0;
              slow = 1;
              if (cpu.faulted !== 0) {
                status = FAULT;
                break leave;
              }
            }
            code[code[ip + D]] = op === H.LOAD8S ? (value << 24) >> 24 : value;
            op = code[ip + THEN];
            if (op !== H.DONE) continue leave;
            break;
          }
          case H.LOAD16:
          case H.LOAD16S: {
            const ea = code[ip + EA];
            const la = (s[ea & 15] + (s[(ea >> 8) & 15] << ((ea >> 16) & 3)) + code[ip + DISP]) | 0;
            const slot = (readBase + (((la >>> 12) & readMask) << 1)) | 0;
            let value: number;
            if (slots[slot] === (la + 1) >>> 12) {
              reads = (reads + 1) | 0;
              value = data.getUint16((la + slots[slot + 1]) >>> 0, true);
            } else {
              s[EIP] = page + (code[ip + PLACE] & 0xfff);
              used.instructions = (instructions + code[ip + COUNT] - countBefore - 1) | 0;
              value = cpu.loadLinear(la, 2, user) | 0;
              slow = 1;
              if (cpu.faulted !== 0) {
                status = FAULT;
                break leave;
              }
            }
            code[code[ip + D]] = op === H.LOAD16S ? (value << 16) >> 16 : value;
            op = code[ip + THEN];
            if (op !== H.DONE) continue leave;
            break;
          }
          case H.TAKE8:
            code[code[ip + D]] = s8[code[ip + IMM]];
            op = code[ip + THEN];
            if (op !== H.DONE) continue leave;
            break;
          case H.TAKE8S:
            code[code[ip + D]] = (s8[code[ip + IMM]] << 24) >> 24;
            op = code[ip + THEN];
            if (op !== H.DONE) continue leave;
            break;
          case H.TAKE16:
            code[code[ip + D]] = s16[code[ip + IMM]];
            op = code[ip + THEN];
            if (op !== H.DONE) continue leave;
            break;
          case H.TAKE16S:
            code[code[ip + D]] = (s16[code[ip + IMM]] << 16) >> 16;
            op = code[ip + THEN];
            if (op !== H.DONE) continue leave;
            break;
          case H.STORE32: {
            const ea = code[ip + EA];
            const la = (s[ea & 15] + (s[(ea >> 8) & 15] << ((ea >> 16) & 3)) + code[ip + DISP]) | 0;
            const slot = (writeBase + (((la >>> 12) & writeMask) << 1)) | 0;
            if (slots[slot] === (la + 3) >>> 12) {
              writes = (writes + 1) | 0;
              data.setInt32((la + slots[slot + 1]) >>> 0, code[code[ip + B]], true);
            } else {
              s[EIP] = page + (code[ip + PLACE] & 0xfff);
              used.instructions = (instructions + code[ip + COUNT] - countBefore - 1) | 0;
              slow = 1;
              if (!cpu.storeLinear(la, code[code[ip + B]], 4, user)) {
                status = FAULT;
                break leave;
              }
            }
            break;
          }
          case H.STORE16: {
            const ea = code[ip + EA];
            const la = (s[ea & 15] + (s[(ea >> 8) & 15] << ((ea >> 16) & 3)) + code[ip + DISP]) | 0;
            const slot = (writeBase + (((la >>> 12) & writeMask) << 1)) | 0;
            if (slots[slot] === (la + 1) >>> 12) {
              writes = (writes + 1) | 0;
              data.setInt16((la + slots[slot + 1]) >>> 0, code[code[ip + B]], true);
            } else {
              s[EIP] = page + (code[ip + PLACE] & 0xfff);
              used.instructions = (instructions + code[ip + COUNT] - countBefore - 1) | 0;
              slow = 1;
              if (!cpu.storeLinear(la, code[code[ip + B]], 2, user)) {
                status = FAULT;
                break leave;
              }
            }
            break;
          }
          case H.STORE8: {
            const ea = code[ip + EA];
            const la = (s[ea & 15] + (s[(ea >> 8) & 15] << ((ea >> 16) & 3)) + code[ip + DISP]) | 0;
            const slot = (writeBase + (((la >>> 12) & writeMask) << 1)) | 0;
            if (slots[slot] === la >>> 12) {
              writes = (writes + 1) | 0;
              u8[(la + slots[slot + 1]) >>> 0] = code[code[ip + B]];
            } else {
              s[EIP] = page + (code[ip + PLACE] & 0xfff);
              used.instructions = (instructions + code[ip + COUNT] - countBefore - 1) | 0;
              slow = 1;
              if (!cpu.storeLinear(la, code[code[ip + B]], 1, user)) {
                status = FAULT;
                break leave;
              }
            }
            break;
          }
          case H.PUSH32: {
            const la = (s[ESP] - 4) | 0;
            const slot = (writeBase + (((la >>> 12) & writeMask) << 1)) | 0;
            if (slots[slot] === (la + 3) >>> 12) {
              writes = (writes + 1) | 0;
              data.setInt32((la + slots[slot + 1]) >>> 0, code[code[ip + B]], true);
            } else {
              s[EIP] = page + (code[ip + PLACE] & 0xfff);
              used.instructions = (instructions + code[ip + COUNT] - countBefore - 1) | 0;
              slow = 1;
              if (!cpu.storeLinear(la, code[code[ip + B]], 4, user)) {
                status = FAULT;
                break leave;
              }
            }
            s[ESP] = la;
            break;
          }
          case H.MOV32:
            code[code[ip + A]] = code[code[ip + B]];
            break;
          case H.MOV16:
            s16[code[ip + A]] = code[code[ip + B]];
            break;
          case H.MOV8:
            s8[code[ip + A]] = code[code[ip + B]];
            break;
          case H.LEA32: {
            const ea = code[ip + EA];
            code[code[ip + A]] = (s[ea & 15] + (s[(ea >> 8) & 15] << ((ea >> 16) & 3)) + code[ip + DISP]) | 0;
            break;
          }
          case H.INC32: {
            const a = code[code[ip + A]];
            const r = (a + 1) | 0;
            const cf = s[FLAG_CARRY] & 0x80000000;
            code[code[ip + A]] = r;
            s[FLAG_RESULT] = r;
            // OF only when the sum is 80000000h; CPO = CF XOR OF.
            s[FLAG_CARRY] = cf | ((cf >>> 1) ^ (r === -0x80000000 ? 0x40000000 : 0)) | (a & ~r & 8);
            break;
          }
          case H.DEC32: {
            const a = code[code[ip + A]];
            const r = (a - 1) | 0;
            const cf = s[FLAG_CARRY] & 0x80000000;
            code[code[ip + A]] = r;
            s[FLAG_RESULT] = r;
            s[FLAG_CARRY] = cf | ((cf >>> 1) ^ (r === 0x7fffffff ? 0x40000000 : 0)) | (~a & r & 8);
            break;
          }
          case H.INC32_MEM:
            if (onBus === 0) data.setInt32(host >>> 0, alu.inc(s, data.getInt32(host >>> 0, true), 4), true);
            else bus.rmwWrite(alu.inc(s, bus.rmwRead(), 4));
            break;
          case H.DEC32_MEM:
            if (onBus === 0) data.setInt32(host >>> 0, alu.dec(s, data.getInt32(host >>> 0, true), 4), true);
            else bus.rmwWrite(alu.dec(s, bus.rmwRead(), 4));
            break;
          case H.NEG32:
            code[code[ip + A]] = alu.neg(s, code[code[ip + A]], 4);
            break;
          case H.NOT32:
            code[code[ip + A]] = ~code[code[ip + A]];
            break;
          case H.SHL32: {
            const count = code[code[ip + B]] & 31;
            if (count !== 0) {
              const a = code[code[ip + A]];
              const r = a << count;
              code[code[ip + A]] = r;
              s[FLAG_RESULT] = r;
              // CF is the last bit shifted out, CPO the new top bit: both stand at the top of a << (count - 1). AF is set.
              s[FLAG_CARRY] = ((a << (count - 1)) & 0xc0000000) | 8;
            }
            break;
          }
          case H.SHR32: {
            const count = code[code[ip + B]] & 31;
            if (count !== 0) code[code[ip + A]] = shr(s, code[code[ip + A]], count, 4);
            break;
          }
          case H.SAR32: {
            const count = code[code[ip + B]] & 31;
            if (count !== 0) code[code[ip + A]] = sar(s, code[code[ip + A]], count, 4);
            break;
          }
          case H.ROL32:
            code[code[ip + A]] = rol(s, code[code[ip + A]], code[code[ip + B]] & 31, 4);
            break;
          case H.ROR32:
            code[code[ip + A]] = ror(s, code[code[ip + A]], code[code[ip + B]] & 31, 4);
            break;
          case H.IMUL32:
            code[code[ip + A]] = multiply32(s, code[code[ip + A]], code[code[ip + B]]);
            break;
          case H.IMUL32_IMM:
            code[code[ip + A]] = multiply32(s, code[code[ip + B]], code[ip + IMM]);
            break;
          case H.MUL32:
            multiplyWide32(s, code[code[ip + B]]);
            break;
          case H.DIV32:
            if (!divide32(s, code[code[ip + B]])) {
              status = cpu.raise(DE);
              break leave;
            }
            break;
          case H.IDIV32:
            if (!signedDivide32(s, code[code[ip + B]])) {
              status = cpu.raise(DE);
              break leave;
            }
            break;
          case H.NOP:
            break;
          case H.CDQ:
            s[EDX] = s[EAX] >> 31;
            break;
          case H.XCHG32: {
            const b = code[code[ip + B]];
            code[code[ip + B]] = code[code[ip + A]];
            code[code[ip + A]] = b;
            break;
          }
          case H.SETCC:
            s8[code[ip + A]] = condition(s, (code[ip + FORM] >> 12) & 15) ? 1 : 0;
            break;
          case H.CMOVCC:
            if (condition(s, (code[ip + FORM] >> 12) & 15)) code[code[ip + A]] = code[code[ip + B]];
            break;
          case H.POP32:
          case H.LEAVE: {
            const la = op === H.POP32 ? s[ESP] : s[EBP];
            const slot = (readBase + (((la >>> 12) & readMask) << 1)) | 0;
            let value: number;
            if (slots[slot] === (la + 3) >>> 12) {
              reads = (reads + 1) | 0;
              value = data.getInt32((la + slots[slot + 1]) >>> 0, true);
            } else {
              s[EIP] = page + (code[ip + PLACE] & 0xfff);
              used.instructions = (instructions + code[ip + COUNT] - countBefore - 1) | 0;
              value = cpu.loadLinear(la, 4, user) | 0;
              slow = 1;
              if (cpu.faulted !== 0) {
                status = FAULT;
                break leave;
              }
            }
            s[ESP] = (la + 4) | 0;
            if (op === H.POP32) code[code[ip + A]] = value;
            else s[EBP] = value;
            break;
          }
          case H.CALL:
          case H.CALL_NEAR:
          case H.CALL_INDIRECT: {
            const place = code[ip + PLACE];
            const behind = (page + (place & 0xfff) + ((place >> 12) & 15)) | 0;
            target =
              op === H.CALL_NEAR
                ? (page + code[ip + IMM]) | 0
                : op === H.CALL
                  ? (behind + code[ip + IMM]) | 0
                  : code[code[ip + B]];
            const la = (s[ESP] - 4) | 0;
            const slot = (writeBase + (((la >>> 12) & writeMask) << 1)) | 0;
            if (slots[slot] === (la + 3) >>> 12) {
              writes = (writes + 1) | 0;
              data.setInt32((la + slots[slot + 1]) >>> 0, behind, true);
            } else {
              s[EIP] = page + (code[ip + PLACE] & 0xfff);
              used.instructions = (instructions + code[ip + COUNT] - countBefore - 1) | 0;
              slow = 1;
              if (!cpu.storeLinear(la, behind, 4, user)) {
                status = FAULT;
                break leave;
              }
            }
            s[ESP] = la;
            next = FAR;
            break transfer;
          }
          case H.RET:
          case H.RET_IMM: {
            const la = s[ESP];
            const slot = (readBase + (((la >>> 12) & readMask) << 1)) | 0;
            if (slots[slot] === (la + 3) >>> 12) {
              reads = (reads + 1) | 0;
              target = data.getInt32((la + slots[slot + 1]) >>> 0, true);
            } else {
              s[EIP] = page + (code[ip + PLACE] & 0xfff);
              used.instructions = (instructions + code[ip + COUNT] - countBefore - 1) | 0;
              target = cpu.loadLinear(la, 4, user) | 0;
              slow = 1;
              if (cpu.faulted !== 0) {
                status = FAULT;
                break leave;
              }
            }
            s[ESP] = op === H.RET ? (la + 4) | 0 : (la + 4 + code[ip + IMM]) | 0;
            next = FAR;
            break transfer;
          }
          case H.JMP_INDIRECT:
            target = code[code[ip + B]];
            next = FAR;
            break transfer;
          case H.JMP: {
            const place = code[ip + PLACE];
            target = (page + (place & 0xfff) + ((place >> 12) & 15) + code[ip + IMM]) | 0;
            next = FAR;
            break transfer;
          }
          case H.JCC: {
            if (!condition(s, (code[ip + FORM] >> 12) & 15)) break;
            const place = code[ip + PLACE];
            target = (page + (place & 0xfff) + ((place >> 12) & 15) + code[ip + IMM]) | 0;
            next = FAR;
            break transfer;
          }
          case H.JMP_NEAR:
            next = NEAR;
            break transfer;
          case H.JCC_NEAR + 0:
            if ((s[FLAG_CARRY] ^ (s[FLAG_CARRY] << 1)) < 0) {
              next = NEAR;
              break transfer;
            }
            break;
          case H.JCC_NEAR + 1:
            if ((s[FLAG_CARRY] ^ (s[FLAG_CARRY] << 1)) >= 0) {
              next = NEAR;
              break transfer;
            }
            break;
          case H.JCC_NEAR + 2:
            if (s[FLAG_CARRY] < 0) {
              next = NEAR;
              break transfer;
            }
            break;
          case H.JCC_NEAR + 3:
            if (s[FLAG_CARRY] >= 0) {
              next = NEAR;
              break transfer;
            }
            break;
          case H.JCC_NEAR + 4:
            if (s[FLAG_RESULT] === 0) {
              next = NEAR;
              break transfer;
            }
            break;
          case H.JCC_NEAR + 5:
            if (s[FLAG_RESULT] !== 0) {
              next = NEAR;
              break transfer;
            }
            break;
          case H.JCC_NEAR + 6:
            if (s[FLAG_CARRY] < 0 || s[FLAG_RESULT] === 0) {
              next = NEAR;
              break transfer;
            }
            break;
          case H.JCC_NEAR + 7:
            if (s[FLAG_CARRY] >= 0 && s[FLAG_RESULT] !== 0) {
              next = NEAR;
              break transfer;
            }
            break;
          case H.JCC_NEAR + 8:
            if ((s[FLAG_RESULT] ^ (s[FLAG_CARRY] << 31)) < 0) {
              next = NEAR;
              break transfer;
            }
            break;
          case H.JCC_NEAR + 9:
            if ((s[FLAG_RESULT] ^ (s[FLAG_CARRY] << 31)) >= 0) {
              next = NEAR;
              break transfer;
            }
            break;
          case H.JCC_NEAR + 10:
            if (condition(s, 10)) {
              next = NEAR;
              break transfer;
            }
            break;
          case H.JCC_NEAR + 11:
            if (condition(s, 11)) {
              next = NEAR;
              break transfer;
            }
            break;
          case H.JCC_NEAR + 12: {
            const carry = s[FLAG_CARRY];
            const result = s[FLAG_RESULT];
            if ((result ^ (carry << 31) ^ carry ^ (carry << 1)) < 0) {
              next = NEAR;
              break transfer;
            }
            break;
          }
          case H.JCC_NEAR + 13: {
            const carry = s[FLAG_CARRY];
            const result = s[FLAG_RESULT];
            if ((result ^ (carry << 31) ^ carry ^ (carry << 1)) >= 0) {
              next = NEAR;
              break transfer;
            }
            break;
          }
          case H.JCC_NEAR + 14: {
            const carry = s[FLAG_CARRY];
            const result = s[FLAG_RESULT];
            if (result === 0 || (result ^ (carry << 31) ^ carry ^ (carry << 1)) < 0) {
              next = NEAR;
              break transfer;
            }
            break;
          }
          case H.JCC_NEAR + 15: {
            const carry = s[FLAG_CARRY];
            const result = s[FLAG_RESULT];
            if (result !== 0 && (result ^ (carry << 31) ^ carry ^ (carry << 1)) >= 0) {
              next = NEAR;
              break transfer;
            }
            break;
          }
          case H.BLOCK_END:
            target = (page + code[ip + IMM]) | 0;
            next = ONWARD;
            break transfer;
          case H.STEP:
            status = SINGLE;
            break leave;
          case H.ENTER_REGION:
            status = ENTER;
            break leave;
          case H.CMP32_IMM:
          case H.CMP32_REVERSED: {
            const a = code[code[ip + B]];
            const b = op === H.CMP32_IMM ? code[ip + IMM] : code[code[ip + A]];
            const r = (a - b) | 0;
            s[FLAG_RESULT] = r;
            s[FLAG_CARRY] = ((~a & b) | ((~a | b) & r)) & CARRIES;
            break;
          }
          case H.CMP8_IMM:
            alu.sub(s, code[code[ip + B]], code[ip + IMM], 1);
            break;
          case H.CMP8_REVERSED:
            alu.sub(s, code[code[ip + B]], s8[code[ip + A]], 1);
            break;
          case H.TEST32:
            s[FLAG_RESULT] = code[code[ip + A]] & code[code[ip + B]];
            s[FLAG_CARRY] = 0;
            break;
          case H.TEST32_IMM:
            s[FLAG_RESULT] = code[code[ip + B]] & code[ip + IMM];
            s[FLAG_CARRY] = 0;
            break;
          case H.TEST8:
            s[FLAG_RESULT] = ((s8[code[ip + A]] & code[code[ip + B]]) << 24) >> 24;
            s[FLAG_CARRY] = 0;
            break;
          case H.TEST8_IMM:
            s[FLAG_RESULT] = ((code[code[ip + B]] & code[ip + IMM]) << 24) >> 24;
            s[FLAG_CARRY] = 0;
            break;
          case H.ALU8 + H.ADD:
          case H.ALU8 + H.OR:
          case H.ALU8 + H.ADC:
          case H.ALU8 + H.SBB:
          case H.ALU8 + H.AND:
          case H.ALU8 + H.SUB:
          case H.ALU8 + H.XOR:
            s8[code[ip + A]] = alu.arithmetic(s, op & 7, s8[code[ip + A]], code[code[ip + B]], 1);
            break;
          case H.ALU8 + H.CMP:
            alu.sub(s, s8[code[ip + A]], code[code[ip + B]], 1);
            break;
          case H.OPEN32: {
            const ea = code[ip + EA];
            const la = (s[ea & 15] + (s[(ea >> 8) & 15] << ((ea >> 16) & 3)) + code[ip + DISP]) | 0;
            const slot = (writeBase + (((la >>> 12) & writeMask) << 1)) | 0;
            if (slots[slot] === (la + 3) >>> 12) {
              writes = (writes + 1) | 0;
              host = (la + slots[slot + 1]) | 0;
              onBus = 0;
            } else {
              slow = 1;
              onBus = 1;
              s[EIP] = page + (code[ip + PLACE] & 0xfff);
              used.instructions = (instructions + code[ip + COUNT] - countBefore - 1) | 0;
              if (!bus.openRmw(la, 4, user)) {
                status = cpu.raisePageFault();
                break leave;
              }
            }
            op = code[ip + THEN];
            continue leave;
          }
          case H.OPEN8: {
            const ea = code[ip + EA];
            const la = (s[ea & 15] + (s[(ea >> 8) & 15] << ((ea >> 16) & 3)) + code[ip + DISP]) | 0;
            const slot = (writeBase + (((la >>> 12) & writeMask) << 1)) | 0;
            if (slots[slot] === la >>> 12) {
              writes = (writes + 1) | 0;
              host = (la + slots[slot + 1]) | 0;
              onBus = 0;
            } else {
              slow = 1;
              onBus = 1;
              s[EIP] = page + (code[ip + PLACE] & 0xfff);
              used.instructions = (instructions + code[ip + COUNT] - countBefore - 1) | 0;
              if (!bus.openRmw(la, 1, user)) {
                status = cpu.raisePageFault();
                break leave;
              }
            }
            op = code[ip + THEN];
            continue leave;
          }
          case H.ALU32_MEM + H.ADD:
          case H.ALU32_MEM + H.OR:
          case H.ALU32_MEM + H.ADC:
          case H.ALU32_MEM + H.SBB:
          case H.ALU32_MEM + H.AND:
          case H.ALU32_MEM + H.SUB:
          case H.ALU32_MEM + H.XOR:
            if (onBus === 0) {
              data.setInt32(
                host >>> 0,
                alu.arithmetic(s, op & 7, data.getInt32(host >>> 0, true), code[code[ip + B]], 4),
                true,
              );
            } else bus.rmwWrite(alu.arithmetic(s, op & 7, bus.rmwRead(), code[code[ip + B]], 4));
            break;
          case H.ALU8_MEM + H.ADD:
          case H.ALU8_MEM + H.OR:
          case H.ALU8_MEM + H.ADC:
          case H.ALU8_MEM + H.SBB:
          case H.ALU8_MEM + H.AND:
          case H.ALU8_MEM + H.SUB:
          case H.ALU8_MEM + H.XOR:
            if (onBus === 0) u8[host >>> 0] = alu.arithmetic(s, op & 7, u8[host >>> 0], code[code[ip + B]], 1);
            else bus.rmwWrite(alu.arithmetic(s, op & 7, bus.rmwRead(), code[code[ip + B]], 1));
            break;
          default: {
            s[EIP] = page + (code[ip + PLACE] & 0xfff);
            used.instructions = (instructions + code[ip + COUNT] - countBefore - 1) | 0;
            cpu.clocksLeft = deadline - (clocks - left) - (code[ip - RECORD_WORDS + CLOCKS] - clocksBefore);
            status = handlers[(code[ip + PLACE] >> 16) & 0x7ff](cpu, code, ip);
            left = (left - cpu.extraClocks) | 0;
            cpu.extraClocks = 0;
            slow = 1;
            if (status === NEXT) break;
            if (status === TRANSFER) {
              target = s[EIP];
              next = FAR;
              break transfer;
            }
            done = status === FAULT || status === AGAIN ? 0 : 1;
            break leave;
          }
        }
        ip = (ip + RECORD_WORDS) | 0;
        if (slow !== 0) {
          slow = 0;
          status = NEXT;
          left = (left - (mmu.clocks - translated)) | 0;
          translated = mmu.clocks;
          if ((mmu.fetchDisplaced | cache.dropped) !== 0) break;
        }
        op = code[ip];
        continue;
      }

      // A control transfer, or the way on to other code: settle the block, then find the target's record. A branch within
      // its page remembers it: as long as its own record can be reached, the target's can.
      if (next === NEAR) {
        const known = code[ip + D];
        const remaining = (left - (code[ip + CLOCKS] - clocksBefore)) | 0;
        if (known !== 0 && remaining > 0 && slow === 0) {
          left = remaining;
          instructions = (instructions + code[ip + COUNT] - countBefore) | 0;
          clocksBefore = code[ip + A];
          countBefore = code[ip + B];
          entered = known;
          ip = known;
          op = code[known];
          continue;
        }
        target = (page + code[ip + IMM]) | 0;
      }
      if (slow !== 0) {
        left = (left - (mmu.clocks - translated)) | 0;
        translated = mmu.clocks;
      }
      const from = ip;
      const last = next === ONWARD ? ip - RECORD_WORDS : ip;
      left = (left - (code[last + CLOCKS] - clocksBefore)) | 0;
      instructions = (instructions + code[last + COUNT] - countBefore) | 0;
      if ((target ^ page) >>> 12 !== 0) {
        const slot = (fetchBase + (((target >>> 12) & fetchMask) << 1)) | 0;
        if (slots[slot] === target >>> 12) {
          page = target & ~0xfff;
          table = frames[(page + slots[slot + 1] - ramBase) >>> 12];
        } else {
          table = 0;
        }
      }
      ip = table === 0 ? 0 : code[table + (target & 0xfff)];
      if (ip === 0 || left <= 0) {
        s[EIP] = target;
        status = NEXT;
        used.transfer = next === ONWARD ? 0 : 1;
        done = 2;
        break;
      }
      entered = next === ONWARD ? 0 : ip;
      clocksBefore = code[ip - RECORD_WORDS + CLOCKS];
      countBefore = code[ip - RECORD_WORDS + COUNT];
      if (next === NEAR) {
        code[from + D] = ip;
        code[from + A] = clocksBefore;
        code[from + B] = countBefore;
      }
      if (slow !== 0) {
        slow = 0;
        status = NEXT;
        if ((mmu.fetchDisplaced | cache.dropped) !== 0) break;
      }
      op = code[ip];
    }

    if (done !== 2) {
      const last = done === 1 ? ip : ip - RECORD_WORDS;
      left = (left - (code[last + CLOCKS] - clocksBefore)) | 0;
      instructions = (instructions + code[last + COUNT] - countBefore) | 0;
      used.transfer = status === TRANSFER_STOP || status === AGAIN || (done === 0 && ip === entered) ? 1 : 0;
      if (status !== TRANSFER_STOP) {
        const place = code[ip + PLACE];
        // The end of a block may lie at offset 4096, which PLACE cannot hold.
        const offset = code[ip] === H.BLOCK_END ? code[ip + IMM] : place & 0xfff;
        s[EIP] = page + offset + (done === 1 ? (place >> 12) & 15 : 0);
      }
    }
    used.instructions = instructions;
    used.clocks = clocks - left - (translated - translatedBefore);
    if (mmu.cr0 < 0) {
      const counters = mmu.counters;
      counters[ACCESS + READ * 2 + user] += reads;
      counters[ACCESS + WRITE * 2 + user] += writes;
      counters[ACCESS + FETCH * 2 + user] += instructions + (status === FAULT || status === AGAIN ? 1 : 0);
    }
    return status;
  };
  return execute;
}
