/**
 * A stack that pushes go to before SS:ESP say so: interrupt and call frames are written completely, with all checks, and
 * only then do registers change (P34, P50).
 */
import { AC_FAULT, type Cpu, SS_FAULT, TS } from "./cpu.ts";
import {
  DESC_BIG,
  DESC_EXPAND_DOWN,
  Descriptor,
  descriptorAttributes,
  descriptorBase,
  descriptorLimit,
  descriptorPrivilege,
  isNull,
  isPresent,
  isWritableData,
  SYSTEM_32,
} from "./descriptor.ts";
import { markAccessed, readDescriptor, selectorError } from "./segmentation.ts";
import { ATTRIBUTES, CPL, ESP, LIMIT, SEG_BASE, SELECTOR, SS, TR } from "./state.ts";

const FLAT_LIMIT = -1;

export class PendingStack {
  selector = 0;
  /** ESP; with SS.B = 0 only its low half moves. */
  pointer = 0;
  private base = 0;
  private limit = 0;
  private attributes = 0;
  /** 1 if pushes are accesses at CPL 3. */
  private user = 0;
  /** Error code of #SS where there is no room. */
  private error = 0;
  private readonly descriptor = new Descriptor();

  /** The stack in use. @param ext bit 0 of error codes */
  takeCurrent(cpu: Cpu, ext: number): void {
    const s = cpu.state;
    this.selector = s[SELECTOR + SS];
    this.pointer = s[ESP];
    this.base = s[SEG_BASE + SS];
    this.limit = s[LIMIT + SS];
    this.attributes = s[ATTRIBUTES + SS];
    this.user = s[CPL] === 3 ? 1 : 0;
    this.error = ext;
  }

  /**
   * The stack that the TSS names for an inner privilege level (SDM 3A 5.8.5, 6.12.1).
   *
   * @returns false after #TS, #SS or #PF
   */
  takeInner(cpu: Cpu, cpl: number, ext: number): boolean {
    const s = cpu.state;
    const size = s[TR + 3] & SYSTEM_32 ? 4 : 2;
    const at = size === 4 ? cpl * 8 + 4 : cpl * 4 + 2;
    if (isNull(s[TR]) || at + size + 1 > s[TR + 2] >>> 0) {
      cpu.raise(TS, selectorError(s[TR], ext));
      return false;
    }
    const pointer = cpu.loadLinear((s[TR + 1] + at) | 0, size, 0);
    if (cpu.faulted !== 0) return false;
    const selector = cpu.loadLinear((s[TR + 1] + at + size) | 0, 2, 0);
    if (cpu.faulted !== 0) return false;
    if (isNull(selector)) {
      cpu.raise(TS, ext);
      return false;
    }
    const d = this.descriptor;
    if (!readDescriptor(cpu, selector, TS, ext, d)) return false;
    if ((selector & 3) !== cpl || descriptorPrivilege(d.high) !== cpl || !isWritableData(d.high)) {
      cpu.raise(TS, selectorError(selector, ext));
      return false;
    }
    if (!isPresent(d.high)) {
      cpu.raise(SS_FAULT, selectorError(selector, ext));
      return false;
    }
    if (!markAccessed(cpu, d)) return false;
    this.selector = selector;
    this.pointer = pointer;
    this.base = descriptorBase(d);
    this.limit = descriptorLimit(d);
    this.attributes = descriptorAttributes(d.high);
    this.user = 0;
    this.error = selectorError(selector, ext);
    return true;
  }

  /** Whether `count` pushes of `size` bytes lie within the segment. @returns false after #SS */
  hasRoom(cpu: Cpu, count: number, size: number): boolean {
    for (let n = 1; n <= count; n++) {
      if (this.contains(this.below(n * size), size)) continue;
      cpu.raise(SS_FAULT, this.error);
      return false;
    }
    return true;
  }

  /** Writes a value that {@link hasRoom} has allowed for. @returns false after #AC or #PF */
  push(cpu: Cpu, value: number, size: number): boolean {
    const offset = this.below(size);
    const la = (this.base + offset) | 0;
    if (this.user !== 0 && (la & (size - 1)) !== 0 && cpu.checksAlignment()) {
      cpu.raise(AC_FAULT);
      return false;
    }
    if (!cpu.storeLinear(la, value, size, this.user)) return false;
    this.pointer = this.attributes & DESC_BIG ? offset : (this.pointer & ~0xffff) | offset;
    return true;
  }

  /** SS:ESP become this stack. */
  commit(cpu: Cpu): void {
    cpu.setSegmentRaw(SS, this.selector, this.base, this.limit, this.attributes);
    cpu.regs[ESP] = this.pointer;
  }

  private below(bytes: number): number {
    const offset = this.pointer - bytes;
    return this.attributes & DESC_BIG ? offset | 0 : offset & 0xffff;
  }

  private contains(offset: number, size: number): boolean {
    const last = (offset >>> 0) + size - 1;
    const limit = this.limit >>> 0;
    if (this.attributes & DESC_EXPAND_DOWN) {
      return offset >>> 0 > limit && last <= (this.attributes & DESC_BIG ? 0xffffffff : 0xffff);
    }
    return this.limit === FLAT_LIMIT || last <= limit;
  }
}
