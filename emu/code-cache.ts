/**
 * Decoded code, kept by physical frame, so that it survives context switches and is shared by all mappings of a frame.
 *
 * ```
 *  frames[mode][pfn] ──► table (4096 words, one per byte of the page) ──► record of the instruction starting there
 * ```
 *
 * `mode` is the part of the CPU state that decoding depends on (Cpu.mode). 0 means "nothing decoded" at both levels.
 * A frame that holds decoded code carries FRAME_CODE, so every store into it reaches {@link CodeCache.drop}. Dropping
 * forgets the table but leaves the records where they are: a block that is being executed stays intact until its
 * engine leaves it, which `dropped` asks for.
 */
import { FRAME_CODE, type MachineMemory, type Ram } from "../mmu/index.ts";
import { STEP } from "./operations.ts";
import { length, OP, RECORD_WORDS } from "./record.ts";

/** Words of the record arena: about 350,000 instructions. */
const ARENA_WORDS = 4 << 20;
/** Tables of code pages before everything is dropped and decoded anew. */
const MAX_TABLES = 1536;
/** Words in a table: one per byte of the page. */
const TABLE_WORDS = 4096;
/** Decode modes (Cpu.mode). */
const MODES = 4;
/** No instruction is longer (SDM 2A 2.3.11). */
const LONGEST_INSTRUCTION = 15;
/** A block that cannot be decoded here still needs room for its first instruction and its end. */
const MARGIN_WORDS = 512 * RECORD_WORDS;

/** Bytes of machine state that decoded code takes. */
export function codeCacheBytes(ramBytes: number): number {
  return (ARENA_WORDS + MAX_TABLES * TABLE_WORDS + (MODES * ramBytes) / 4096) * 4;
}

export class CodeCache {
  /**
   * The whole machine memory in words. Records, tables, registers and immediates are all named by their word in it;
   * no table and no record is at word 0.
   */
  readonly code: Int32Array;
  /** 1 after code was dropped: the engine must leave its block before the next instruction. */
  dropped = 0;
  /** How often everything was dropped: records of another generation are gone. */
  generation = 0;
  /** Header of a one-instruction block for single steps. */
  readonly scratch: number;
  private readonly firstBlock: number;
  private readonly end: number;
  private readonly firstTable: number;
  private next: number;
  /** Tables given back by {@link drop}, all zero. */
  private readonly freeTables = new Int32Array(MAX_TABLES);
  private freeCount = 0;
  private tableCount = 0;
  /** Of all modes, one behind the other. */
  private readonly allFrames: Int32Array;
  private readonly modes: (Int32Array | undefined)[] = [];
  private readonly ram: Ram;

  constructor(memory: MachineMemory, ram: Ram) {
    this.ram = ram;
    this.code = ram.engineViews().i32;
    this.scratch = memory.reserve(codeCacheBytes(memory.ramBytes), 64) / 4;
    this.firstBlock = this.scratch + 3 * RECORD_WORDS;
    this.end = this.scratch + ARENA_WORDS;
    this.firstTable = this.end;
    const frames = this.firstTable + MAX_TABLES * TABLE_WORDS;
    this.allFrames = this.code.subarray(frames, frames + MODES * ram.frames);
    this.next = this.firstBlock;
    ram.onCodeWrite = (pfn, pa, bytes) => this.written(pfn, pa & 0xfff, bytes);
  }

  /** Table offsets by frame for one decode mode. */
  frames(mode: number): Int32Array {
    let frames = this.modes[mode];
    if (frames === undefined) {
      frames = this.allFrames.subarray(mode * this.ram.frames, (mode + 1) * this.ram.frames);
      this.modes[mode] = frames;
    }
    return frames;
  }

  /** Table of a frame, created empty when absent. May drop all code to make room. */
  table(mode: number, pfn: number): number {
    const frames = this.frames(mode);
    if (frames[pfn] === 0) {
      if (this.freeCount === 0 && this.tableCount === MAX_TABLES) this.clear();
      frames[pfn] =
        this.freeCount > 0 ? this.freeTables[--this.freeCount] : this.firstTable + this.tableCount++ * TABLE_WORDS;
      this.ram.setFrameFlag(pfn, FRAME_CODE);
    }
    return frames[pfn];
  }

  /** First word of a new block with room for a page of instructions. May drop all code to make room. */
  open(): number {
    if (this.next + MARGIN_WORDS > this.end) this.clear();
    return this.next;
  }

  /** Ends the block that {@link open} began; `end` is the word after its last record. */
  close(end: number): void {
    this.next = end;
  }

  /** A store is about to change bytes of a frame with code: forgets it unless only data between the code changes. */
  private written(pfn: number, offset: number, bytes: number): void {
    for (const frames of this.modes) {
      if (frames !== undefined && frames[pfn] !== 0 && this.overlaps(frames[pfn], offset, bytes)) {
        this.drop(pfn);
        return;
      }
    }
  }

  private overlaps(table: number, offset: number, bytes: number): boolean {
    if (bytes > 4) return true;
    for (let at = Math.max(0, offset - LONGEST_INSTRUCTION + 1); at < offset + bytes; at++) {
      const ip = this.code[table + at];
      if (ip !== 0 && (this.code[ip + OP] === STEP || at + length(this.code, ip) > offset)) return true;
    }
    return false;
  }

  /** Forgets the code of one frame in every mode. */
  drop(pfn: number): void {
    for (const frames of this.modes) {
      if (frames === undefined || frames[pfn] === 0) continue;
      this.code.fill(0, frames[pfn], frames[pfn] + TABLE_WORDS);
      this.freeTables[this.freeCount++] = frames[pfn];
      frames[pfn] = 0;
    }
    this.ram.clearFrameFlag(pfn, FRAME_CODE);
    this.dropped = 1;
  }

  /** Forgets all code. */
  clear(): void {
    for (const frames of this.modes) {
      if (frames === undefined) continue;
      for (let pfn = 0; pfn < frames.length; pfn++) if (frames[pfn] !== 0) this.ram.clearFrameFlag(pfn, FRAME_CODE);
      frames.fill(0);
    }
    this.code.fill(0, this.firstTable, this.firstTable + this.tableCount * TABLE_WORDS);
    this.tableCount = 0;
    this.freeCount = 0;
    this.next = this.firstBlock;
    this.generation++;
    this.dropped = 1;
  }
}
