/**
 * The escapes D8..DF, FWAIT, FXSAVE and FXRSTOR: memory operands, faults and flags around the x87 unit (emu/x87).
 *
 * The order is that of the SDM (3A 6.9, 2A FLD): #NM, then a pending exception, then the memory operand, then the
 * instruction. Memory to be written is translated before the unit executes, so that nothing has changed when it faults.
 */
import { ACCESS, READ, WRITE } from "../../mmu/index.ts";
import { type Cpu, FAULT, GP, MF, NEXT, NM, type Status, UD } from "../cpu.ts";
import { setStatusFlags, statusFlags } from "../flags.ts";
import { rows } from "../isa/index.ts";
import { isMemory, modrm, opcode, operandSize, segment } from "../record.ts";
import { CPL, CS, EAX, EIP, SELECTOR } from "../state.ts";
import { type EscapeEntry, escapeEntry, memoryBytes } from "../x87/escape.ts";
import type { ImageFormat } from "../x87/image.ts";
import { FX_IMAGE_BYTES, readFxImage, writeFxImage } from "../x87/image.ts";
import { X87_BLOCK, X87_EFLAGS, X87_MEM } from "../x87/layout.ts";
import type { Handler, Handlers } from "./handler.ts";
import { effectiveAddress, openSpan, writeRegister } from "./operand.ts";

const CR0_MP = 1 << 1;
const CR0_EM = 1 << 2;
const CR0_TS = 1 << 3;
const CR0_NE = 1 << 5;
const FX_BYTES = 512;

/** References of an operand of so many bytes. */
const pieces: Readonly<Record<number, readonly number[]>> = { 2: [2], 4: [4], 8: [4, 4], 10: [4, 4, 2] };
const fxPieces: readonly number[] = new Array(FX_BYTES / 4).fill(4);

/** References of an environment or state image, by operand size. */
function imagePieces(entry: EscapeEntry, size: number): readonly number[] {
  const list: number[] = new Array(7).fill(size);
  if (entry.image === "state") for (let n = 0; n < 8; n++) list.push(4, 4, 2);
  return list;
}

/**
 * A pending exception reaches the processor as #MF under CR0.NE. Without NE it would leave by the FERR# pin; no interrupt
 * controller is wired to it, and IGNNE# counts as active: execution goes on (SDM 3A 2.5).
 */
function reportsPending(cpu: Cpu): boolean {
  return (cpu.mmu.cr0 & CR0_NE) !== 0 && cpu.fpu.pendingException();
}

function moveIn(cpu: Cpu, word: number, bytes: number): void {
  const { bus } = cpu;
  const { words } = cpu.fpu;
  let done = 0;
  for (; done + 4 <= bytes; done += 4) words[word++] = bus.get32(done);
  if (done < bytes) words[word] = bus.get16(done);
}

function moveOut(cpu: Cpu, word: number, bytes: number): void {
  const { bus } = cpu;
  const { words } = cpu.fpu;
  let done = 0;
  for (; done + 4 <= bytes; done += 4) bus.put32(done, words[word++]);
  if (done < bytes) bus.put16(done, words[word]);
}

/** No host offset: the operand is open on the bus. */
const ON_BUS = -1;

/**
 * Host offset of a 4- or 8-byte operand whose page is in a hot slot, its references counted; else ON_BUS and nothing done.
 * Check `faulted`: the segment may refuse.
 */
function hotOperand(cpu: Cpu, seg: number, offset: number, bytes: number, access: typeof READ | typeof WRITE): number {
  const la = cpu.linear(seg, offset, bytes, access);
  if (cpu.faulted !== 0) return ON_BUS;
  const { mmu } = cpu;
  const user = cpu.state[CPL] === 3 ? 1 : 0;
  const slot = mmu.slotBase(user, access) + (((la >>> 12) & mmu.slotMask(access)) << 1);
  if (mmu.slots[slot] !== (la + bytes - 1) >>> 12) return ON_BUS;
  mmu.counters[ACCESS + access * 2 + user] += (bytes >> 2) * mmu.paging;
  return (la + mmu.slots[slot + 1]) >>> 0;
}

/** Executes an escape whose memory operand, if any, is at a host offset or open on the bus. */
function execute(cpu: Cpu, entry: EscapeEntry, i: number, format: ImageFormat, host: number): void {
  const { words } = cpu.fpu;
  if (host !== ON_BUS) {
    const { data } = cpu.views;
    if (entry.access === "load") {
      words[X87_MEM] = data.getInt32(host, true);
      if (entry.bytes === 8) words[X87_MEM + 1] = data.getInt32(host + 4, true);
      entry.run(cpu.fpu, i, format);
    } else if (entry.run(cpu.fpu, i, format)) {
      data.setInt32(host, words[X87_MEM], true);
      if (entry.bytes === 8) data.setInt32(host + 4, words[X87_MEM + 1], true);
    }
    return;
  }
  const bytes = memoryBytes(entry, format);
  const buffer = entry.image === "none" ? X87_MEM : X87_BLOCK;
  if (entry.access === "load") moveIn(cpu, buffer, bytes);
  if (entry.eflags === "read") words[X87_EFLAGS] = statusFlags(cpu.state);
  if (!entry.run(cpu.fpu, i, format)) return;
  if (entry.access === "store") moveOut(cpu, buffer, bytes);
  else if (entry.access === "ax") writeRegister(cpu, EAX, words[X87_MEM], 2);
  if (entry.eflags === "write") setStatusFlags(cpu.state, words[X87_EFLAGS]);
}

const escapeOpcode: Handler = (cpu, code, ip): Status => {
  if ((cpu.mmu.cr0 & (CR0_EM | CR0_TS)) !== 0) return cpu.raise(NM);
  const byte = modrm(code, ip);
  const op = opcode(code, ip);
  const entry = escapeEntry(op, byte);
  if (entry === undefined) return cpu.raise(UD);
  if (entry.wait === "wait" && reportsPending(cpu)) return cpu.raise(MF);
  const size = operandSize(code, ip);
  const format = size === 4 ? "protected32" : "protected16";
  const s = cpu.state;
  let host = ON_BUS;
  if (isMemory(code, ip)) {
    const seg = segment(code, ip);
    const offset = effectiveAddress(cpu, code, ip);
    const image = entry.image !== "none";
    const access = entry.access === "store" ? WRITE : READ;
    if (!image && (entry.bytes === 4 || entry.bytes === 8)) {
      host = hotOperand(cpu, seg, offset, entry.bytes, access);
      if (cpu.faulted !== 0) return FAULT;
    }
    if (host === ON_BUS) {
      const list = image ? imagePieces(entry, size) : pieces[entry.bytes];
      const alignment = image ? size : Math.min(8, entry.bytes);
      if (!openSpan(cpu, seg, offset, list, alignment, access)) return FAULT;
    }
    if (entry.records) cpu.fpu.recordOperand(offset, s[SELECTOR + seg]);
  }
  if (entry.records) cpu.fpu.recordInstruction(s[EIP], s[SELECTOR + CS], ((op & 7) << 8) | byte);
  execute(cpu, entry, byte & 7, format, host);
  return NEXT;
};

const fwait: Handler = (cpu) => {
  if ((cpu.mmu.cr0 & (CR0_MP | CR0_TS)) === (CR0_MP | CR0_TS)) return cpu.raise(NM);
  return reportsPending(cpu) ? cpu.raise(MF) : NEXT;
};

/** FXSAVE and FXRSTOR of a processor without SSE: header and registers; what lies behind them is not touched. */
const fxImage =
  (access: typeof READ | typeof WRITE): Handler =>
  (cpu, code, ip) => {
    if ((cpu.mmu.cr0 & (CR0_EM | CR0_TS)) !== 0) return cpu.raise(NM);
    const seg = segment(code, ip);
    const offset = effectiveAddress(cpu, code, ip);
    const la = cpu.linear(seg, offset, 1, access);
    if (cpu.faulted !== 0) return FAULT;
    if ((la & 15) !== 0) return cpu.raise(GP);
    if (!openSpan(cpu, seg, offset, fxPieces, 1, access)) return FAULT;
    if (access === WRITE) {
      writeFxImage(cpu.fpu.words);
      moveOut(cpu, X87_BLOCK, FX_IMAGE_BYTES);
    } else {
      moveIn(cpu, X87_BLOCK, FX_IMAGE_BYTES);
      readFxImage(cpu.fpu.words);
    }
    return NEXT;
  };

export const x87Handlers: Handlers = {
  ...Object.fromEntries(
    rows
      .filter((row) => row.opcode.startsWith("D"))
      .filter((row) => row.x87)
      .map((row) => [row.family, escapeOpcode]),
  ),
  FWAIT: fwait,
  "FXSAVE m512byte": fxImage(WRITE),
  "FXRSTOR m512byte": fxImage(READ),
};
