/**
 * Copies between the kernel and the address space in CR3 (cf. arch/x86/lib/usercopy_32.c). Each is a supervisor access with
 * CR0.WP = 1 through the MMU: translated, counted and faulting like the hardware's own; a fault that handleMmFault()
 * cannot resolve ends the copy. Addresses are below TASK_SIZE or the copy does not start (access_ok()).
 */

import type { LinearBus } from "../../mmu/access.ts";
import type { Translator } from "../../mmu/translator.ts";
import { EFAULT, ENAMETOOLONG } from "../errno.ts";
import { TASK_SIZE } from "./physical-memory.ts";

/** Resolves a fault of the kernel's own access to user memory: is the access to be repeated? */
export type FaultFixup = (address: number, errorCode: number) => boolean;

const SUPERVISOR = 0;

/** access_ok(): does the range lie in user space? */
export function accessOk(address: number, length: number): boolean {
  return length >= 0 && address >>> 0 <= TASK_SIZE && length <= TASK_SIZE - (address >>> 0);
}

export class Uaccess {
  /** Set by getU8() ... getU32() when the read failed; whoever looks clears it. */
  failed = false;
  private readonly bus: LinearBus;
  private readonly mmu: Translator;
  private readonly fixup: FaultFixup;
  private readonly prepareWrite: ((address: number, length: number) => number) | null;
  private readonly name = new Uint8Array(256);

  /** `prepareWrite` is for processors without CR0.WP: makes a range writable beforehand and returns the bytes that are. */
  constructor(
    bus: LinearBus,
    mmu: Translator,
    fixup: FaultFixup,
    prepareWrite: ((address: number, length: number) => number) | null = null,
  ) {
    this.bus = bus;
    this.mmu = mmu;
    this.fixup = fixup;
    this.prepareWrite = prepareWrite;
  }

  /** Copies from user memory to target[offset ...]; returns the bytes copied before the first that cannot be read. */
  copyIn(address: number, target: Uint8Array, offset: number, length: number): number {
    if (!accessOk(address, length)) return 0;
    const start = address >>> 0;
    let done = 0;
    while (done < length) {
      done += this.bus.copyIn(start + done, target, offset + done, length - done, SUPERVISOR);
      if (done === length || this.resolve()) continue;
      const rest = this.before(start + done);
      return done + this.bus.copyIn(start + done, target, offset + done, rest, SUPERVISOR);
    }
    return done;
  }

  /** Copies source[offset ...] to user memory; returns the bytes copied before the first that cannot be written. */
  copyOut(address: number, source: Uint8Array, offset: number, length: number): number {
    if (!accessOk(address, length)) return 0;
    const start = address >>> 0;
    const end = this.prepareWrite === null ? length : this.prepareWrite(start, length);
    let done = 0;
    while (done < end) {
      done += this.bus.copyOut(start + done, source, offset + done, end - done, SUPERVISOR);
      if (done === end || this.resolve()) continue;
      const rest = this.before(start + done);
      return done + this.bus.copyOut(start + done, source, offset + done, rest, SUPERVISOR);
    }
    return done;
  }

  /** Zeroes user memory (clear_user()); returns the bytes zeroed before the first that cannot be written. */
  clear(address: number, length: number): number {
    let done = 0;
    while (done < length) {
      const piece = Math.min(zeroes.length, length - done);
      const copied = this.copyOut(address + done, zeroes, 0, piece);
      done += copied;
      if (copied < piece) break;
    }
    return done;
  }

  /** All `length` bytes, or null if any cannot be read. */
  read(address: number, length: number): Uint8Array | null {
    if (!accessOk(address, length)) return null;
    const bytes = new Uint8Array(length);
    return this.copyIn(address, bytes, 0, length) === length ? bytes : null;
  }

  /** Writes all bytes; false if any cannot be written (those before it are). */
  write(address: number, bytes: Uint8Array): boolean {
    return this.copyOut(address, bytes, 0, bytes.length) === bytes.length;
  }

  /** get_user(): uint8, or 0 with `failed` set. */
  getU8(address: number): number {
    if (!accessOk(address, 1)) return this.fail();
    for (;;) {
      const value = this.bus.read8(address, SUPERVISOR);
      if (!this.bus.faulted) return value;
      if (!this.resolve()) return this.fail();
    }
  }

  /** get_user(): uint16, or 0 with `failed` set. */
  getU16(address: number): number {
    if (!accessOk(address, 2)) return this.fail();
    for (;;) {
      const value = this.bus.read16(address, SUPERVISOR);
      if (!this.bus.faulted) return value;
      if (!this.resolve()) return this.fail();
    }
  }

  /** get_user(): uint32, or 0 with `failed` set. */
  getU32(address: number): number {
    return this.getI32(address) >>> 0;
  }

  /** get_user(): int32, or 0 with `failed` set. */
  getI32(address: number): number {
    if (!accessOk(address, 4)) return this.fail();
    for (;;) {
      const value = this.bus.read32(address, SUPERVISOR);
      if (!this.bus.faulted) return value;
      if (!this.resolve()) return this.fail();
    }
  }

  /** put_user(): false if the address cannot be written. */
  putU8(address: number, value: number): boolean {
    if (!this.mayWrite(address, 1)) return false;
    while (!this.bus.write8(address, value, SUPERVISOR)) if (!this.resolve()) return false;
    return true;
  }

  putU16(address: number, value: number): boolean {
    if (!this.mayWrite(address, 2)) return false;
    while (!this.bus.write16(address, value, SUPERVISOR)) if (!this.resolve()) return false;
    return true;
  }

  /** The low 32 bits of `value`. */
  putU32(address: number, value: number): boolean {
    if (!this.mayWrite(address, 4)) return false;
    while (!this.bus.write32(address, value, SUPERVISOR)) if (!this.resolve()) return false;
    return true;
  }

  /**
   * A string up to its NUL, one character per byte (strncpy_from_user()): at most `max` bytes with the NUL, else
   * -ENAMETOOLONG; -EFAULT if the memory ends first.
   */
  string(address: number, max: number): string | number {
    let text = "";
    let at = address >>> 0;
    let left = max;
    while (left > 0) {
      if (!accessOk(at, 1)) return -EFAULT;
      // Never beyond the page: the next one may not exist.
      const piece = Math.min(this.name.length, left, 4096 - (at & 4095), TASK_SIZE - at);
      const copied = this.copyIn(at, this.name, 0, piece);
      for (let i = 0; i < copied; i++) {
        const byte = this.name[i];
        if (byte === 0) return text;
        text += String.fromCharCode(byte);
      }
      if (copied < piece) return -EFAULT;
      at += piece;
      left -= piece;
    }
    return -ENAMETOOLONG;
  }

  private fail(): 0 {
    this.failed = true;
    return 0;
  }

  private mayWrite(address: number, length: number): boolean {
    if (!accessOk(address, length)) return false;
    return this.prepareWrite === null || this.prepareWrite(address >>> 0, length) === length;
  }

  /** The bytes from `address` to the fault, less than a doubleword: the access that failed may have begun before it. */
  private before(address: number): number {
    return Math.max(0, this.mmu.fault.linear - address);
  }

  private resolve(): boolean {
    this.bus.faulted = 0;
    const { linear, code } = this.mmu.fault;
    return this.fixup(linear, code);
  }
}

const zeroes = new Uint8Array(4096);
