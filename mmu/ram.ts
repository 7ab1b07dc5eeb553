/**
 * Guest RAM: the only file with views of it. Hot path: no allocation, plain integers.
 *
 * A physical address may come as any number and is taken modulo 2^32. 8- and 16-bit values are unsigned; 32-bit values
 * are SIGNED int32, as everywhere in this project. Outside RAM nothing answers on the bus: reads give all ones and
 * writes are dropped. The views assume a little-endian host, as every host of V8, SpiderMonkey and JavaScriptCore is.
 *
 * Every frame has a flag byte. A write to a guarded frame (code or watched) first tells the listener, so that decoded
 * code never outlives the bytes it was decoded from. Nobody writes RAM behind these functions except an engine through
 * a write hot slot, and a guarded frame is in no write hot slot.
 */

import type { MachineMemory } from "./memory.ts";
import { PAGE_BYTES } from "./memory.ts";

/** The frame holds bytes that were decoded or translated. */
export const FRAME_CODE = 1;
/** The frame holds a page directory or page table; information only. */
export const FRAME_PAGE_TABLE = 2;
/** Writes to the frame are reported (watchpoints, stale-entry checks). */
export const FRAME_WATCHED = 4;
/** Flags that keep a frame out of the write hot slots. */
export const FRAME_GUARDED = FRAME_CODE | FRAME_WATCHED;

/** Called before the bytes change: frame, physical address of the first byte, length within the frame. */
export type WriteListener = (pfn: number, pa: number, length: number) => void;

/** Views of the WHOLE machine memory, indexed by host offset (a hot slot's `(la + addend) >>> 0`). For engines only. */
export interface EngineViews {
  readonly u8: Uint8Array;
  readonly i8: Int8Array;
  readonly u16: Uint16Array;
  readonly i16: Int16Array;
  readonly i32: Int32Array;
  readonly data: DataView;
}

export class Ram {
  /** Size in bytes, a multiple of 4096. */
  readonly size: number;
  /** Frames 0 .. frames - 1 exist. */
  readonly frames: number;
  /** Host offset of physical address 0. */
  readonly base: number;
  /** One byte of FRAME_ flags per frame. Change it only through setFrameFlag and clearFrameFlag. */
  readonly frameFlags: Uint8Array;
  /** Set by the owner of decoded code: drops the code of that frame and clears FRAME_CODE. */
  onCodeWrite: WriteListener | null = null;
  /** Set by whoever watches writes. */
  onWatchedWrite: WriteListener | null = null;
  /** Set by the Mmu: the frame has become guarded and must leave the write hot slots. */
  onGuard: ((pfn: number) => void) | null = null;

  private readonly views: EngineViews;
  private readonly u8: Uint8Array;
  private readonly u16: Uint16Array;
  private readonly i32: Int32Array;
  private readonly data: DataView;
  /** Highest addresses at which 2 and 4 bytes lie inside RAM. */
  private readonly last16: number;
  private readonly last32: number;

  constructor(memory: MachineMemory) {
    this.size = memory.ramBytes;
    this.frames = memory.ramBytes / PAGE_BYTES;
    this.base = memory.ramBase;
    this.last16 = memory.ramBytes - 2;
    this.last32 = memory.ramBytes - 4;
    this.frameFlags = new Uint8Array(memory.buffer, memory.reserve(this.frames), this.frames);
    const buffer = memory.buffer;
    this.views = {
      u8: memory.bytes,
      i8: new Int8Array(buffer),
      u16: new Uint16Array(buffer),
      i16: new Int16Array(buffer),
      i32: new Int32Array(buffer),
      data: new DataView(buffer),
    };
    this.u8 = this.views.u8;
    this.u16 = this.views.u16;
    this.i32 = this.views.i32;
    this.data = this.views.data;
  }

  engineViews(): EngineViews {
    return this.views;
  }

  read8(pa: number): number {
    const p = pa >>> 0;
    return p < this.size ? this.u8[this.base + p] : 0xff;
  }

  read16(pa: number): number {
    const p = pa >>> 0;
    if (p > this.last16) return this.read8(p) | (this.read8(p + 1) << 8);
    return p & 1 ? this.data.getUint16(this.base + p, true) : this.u16[(this.base + p) >>> 1];
  }

  read32(pa: number): number {
    const p = pa >>> 0;
    if (p > this.last32) return this.read16(p) | (this.read16(p + 2) << 16);
    return p & 3 ? this.data.getInt32(this.base + p, true) : this.i32[(this.base + p) >>> 2];
  }

  write8(pa: number, value: number): void {
    const p = pa >>> 0;
    if (p >= this.size) return;
    if (this.frameFlags[p >>> 12] & FRAME_GUARDED) this.announce(p, 1);
    this.u8[this.base + p] = value;
  }

  write16(pa: number, value: number): void {
    const p = pa >>> 0;
    if (p > this.last16 || (p & 0xfff) === 0xfff) {
      this.write8(p, value);
      this.write8(p + 1, value >>> 8);
      return;
    }
    if (this.frameFlags[p >>> 12] & FRAME_GUARDED) this.announce(p, 2);
    if (p & 1) this.data.setUint16(this.base + p, value, true);
    else this.u16[(this.base + p) >>> 1] = value;
  }

  write32(pa: number, value: number): void {
    const p = pa >>> 0;
    if (p > this.last32 || (p & 0xfff) > 0xffc) {
      this.write16(p, value);
      this.write16(p + 2, value >>> 16);
      return;
    }
    if (this.frameFlags[p >>> 12] & FRAME_GUARDED) this.announce(p, 4);
    if (p & 3) this.data.setInt32(this.base + p, value, true);
    else this.i32[(this.base + p) >>> 2] = value;
  }

  /** Fills one frame with zeroes; a frame outside RAM is ignored. */
  zeroFrame(pfn: number): void {
    this.fill(pfn * PAGE_BYTES, PAGE_BYTES, 0);
  }

  /** Copies one frame; a destination outside RAM is ignored, a source outside RAM reads all ones. */
  copyFrame(destination: number, source: number): void {
    if (source >= this.frames) {
      this.fill(destination * PAGE_BYTES, PAGE_BYTES, 0xff);
    } else if (destination < this.frames) {
      if (this.frameFlags[destination] & FRAME_GUARDED) this.announce(destination * PAGE_BYTES, PAGE_BYTES);
      const from = this.base + source * PAGE_BYTES;
      this.u8.copyWithin(this.base + destination * PAGE_BYTES, from, from + PAGE_BYTES);
    }
  }

  /** Stores `bytes` from `pa` on; the part outside RAM is dropped. */
  writeBytes(pa: number, bytes: Uint8Array): void {
    this.store(pa, bytes, 0, bytes.length);
  }

  /** A copy of `length` bytes from `pa` on; bytes outside RAM are 0xff. */
  readBytes(pa: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    this.load(pa, bytes, 0, length);
    return bytes;
  }

  /** Stores source[offset .. offset + length) from `pa` on. */
  store(pa: number, source: Uint8Array, offset: number, length: number): void {
    const p = pa >>> 0;
    const inside = this.inside(p, length);
    if (inside === 0) return;
    this.announceRange(p, inside);
    this.u8.set(source.subarray(offset, offset + inside), this.base + p);
  }

  /** Copies `length` bytes from `pa` on to destination[offset ..). */
  load(pa: number, destination: Uint8Array, offset: number, length: number): void {
    const p = pa >>> 0;
    const inside = this.inside(p, length);
    destination.set(this.u8.subarray(this.base + p, this.base + p + inside), offset);
    destination.fill(0xff, offset + inside, offset + length);
  }

  /** Sets `length` bytes from `pa` on to `byte`; the part outside RAM is dropped. */
  fill(pa: number, length: number, byte: number): void {
    const p = pa >>> 0;
    const inside = this.inside(p, length);
    if (inside === 0) return;
    this.announceRange(p, inside);
    this.u8.fill(byte, this.base + p, this.base + p + inside);
  }

  /** Sets flags of a frame; a frame that becomes guarded leaves the write hot slots at once. */
  setFrameFlag(pfn: number, flag: number): void {
    if (pfn >= this.frames) return;
    const old = this.frameFlags[pfn];
    this.frameFlags[pfn] = old | flag;
    if (flag & ~old & FRAME_GUARDED) this.onGuard?.(pfn);
  }

  clearFrameFlag(pfn: number, flag: number): void {
    if (pfn < this.frames) this.frameFlags[pfn] &= ~flag;
  }

  private inside(p: number, length: number): number {
    return Math.max(0, Math.min(length, this.size - p));
  }

  private announceRange(p: number, length: number): void {
    const end = p + length;
    for (let at = p; at < end; ) {
      const next = Math.min(end, at - (at % PAGE_BYTES) + PAGE_BYTES);
      if (this.frameFlags[at >>> 12] & FRAME_GUARDED) this.announce(at, next - at);
      at = next;
    }
  }

  private announce(p: number, length: number): void {
    const pfn = p >>> 12;
    const flags = this.frameFlags[pfn];
    if (flags & FRAME_WATCHED) this.onWatchedWrite?.(pfn, p, length);
    if (flags & FRAME_CODE) this.onCodeWrite?.(pfn, p, length);
  }
}
