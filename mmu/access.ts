/**
 * Data accesses by linear address: translation, counting and moving bytes in one call. For code that is not generated:
 * rare instructions, exception delivery, the kernel's user copies. Nothing is allocated by accesses up to 8 bytes.
 *
 * Every access is counted as the architecture defines it: one lookup per page that it touches; a read-modify-write is one
 * lookup with write intent; the reference that faults is counted, what would have come after it is not. An access that
 * crosses a page translates both parts before a byte moves (SDM 3A section 4.7; a fault in the second part reports that
 * page's first byte).
 */

import { ACCESS } from "./counters.ts";
import type { EngineViews, Ram } from "./ram.ts";
import type { Translator } from "./translator.ts";
import { READ, WRITE } from "./walk.ts";

const PAGE = 4096;

export class LinearBus {
  /** Set to 1 by a read that faulted (`mmu.fault` says how); whoever looks clears it. */
  faulted = 0;

  private readonly mmu: Translator;
  private readonly ram: Ram;
  private readonly views: EngineViews;
  private readonly slots: Int32Array;
  private readonly counters: Float64Array;
  private readonly mask: number;
  /** Slot bases, by access * 2 + user. */
  private readonly bases: Int32Array;

  /** The open reference: physical address of its first byte, of the first byte of its second page, and where it splits. */
  private first = 0;
  private second = 0;
  private split = 0;
  private size = 0;

  constructor(mmu: Translator, ram: Ram) {
    this.mmu = mmu;
    this.ram = ram;
    this.views = ram.engineViews();
    this.slots = mmu.slots;
    this.counters = mmu.counters;
    this.mask = mmu.slotMask(READ);
    this.bases = new Int32Array(6);
    for (const access of [0, 1, 2]) {
      for (const user of [0, 1]) this.bases[access * 2 + user] = mmu.slotBase(user, access);
    }
  }

  /** Unsigned; 0 with `faulted` set on a fault. */
  read8(la: number, user: number): number {
    const at = this.bases[READ * 2 + user] + (((la >>> 12) & this.mask) << 1);
    if (this.slots[at] === la >>> 12) {
      this.counters[ACCESS + READ * 2 + user] += this.mmu.paging;
      return this.views.u8[(la + this.slots[at + 1]) >>> 0];
    }
    const pa = this.lookUp(la, READ, user);
    return pa < 0 ? this.refused() : this.ram.read8(pa);
  }

  /** Unsigned; 0 with `faulted` set on a fault. */
  read16(la: number, user: number): number {
    const at = this.bases[READ * 2 + user] + (((la >>> 12) & this.mask) << 1);
    if (this.slots[at] === (la + 1) >>> 12) {
      this.counters[ACCESS + READ * 2 + user] += this.mmu.paging;
      return this.views.data.getUint16((la + this.slots[at + 1]) >>> 0, true);
    }
    if ((la & (PAGE - 1)) > PAGE - 2) return this.readAcross(la, 2, user);
    const pa = this.lookUp(la, READ, user);
    return pa < 0 ? this.refused() : this.ram.read16(pa);
  }

  /** Signed; 0 with `faulted` set on a fault. */
  read32(la: number, user: number): number {
    const at = this.bases[READ * 2 + user] + (((la >>> 12) & this.mask) << 1);
    if (this.slots[at] === (la + 3) >>> 12) {
      this.counters[ACCESS + READ * 2 + user] += this.mmu.paging;
      return this.views.data.getInt32((la + this.slots[at + 1]) >>> 0, true);
    }
    if ((la & (PAGE - 1)) > PAGE - 4) return this.readAcross(la, 4, user);
    const pa = this.lookUp(la, READ, user);
    return pa < 0 ? this.refused() : this.ram.read32(pa);
  }

  /** False: it faults, and nothing is written. */
  write8(la: number, value: number, user: number): boolean {
    const at = this.bases[WRITE * 2 + user] + (((la >>> 12) & this.mask) << 1);
    if (this.slots[at] === la >>> 12) {
      this.counters[ACCESS + WRITE * 2 + user] += this.mmu.paging;
      this.views.u8[(la + this.slots[at + 1]) >>> 0] = value;
      return true;
    }
    const pa = this.lookUp(la, WRITE, user);
    if (pa < 0) return false;
    this.ram.write8(pa, value);
    return true;
  }

  /** False: it faults, and nothing is written. */
  write16(la: number, value: number, user: number): boolean {
    const at = this.bases[WRITE * 2 + user] + (((la >>> 12) & this.mask) << 1);
    if (this.slots[at] === (la + 1) >>> 12) {
      this.counters[ACCESS + WRITE * 2 + user] += this.mmu.paging;
      this.views.data.setUint16((la + this.slots[at + 1]) >>> 0, value, true);
      return true;
    }
    if ((la & (PAGE - 1)) > PAGE - 2) return this.writeAcross(la, value, 2, user);
    const pa = this.lookUp(la, WRITE, user);
    if (pa < 0) return false;
    this.ram.write16(pa, value);
    return true;
  }

  /** False: it faults, and nothing is written. */
  write32(la: number, value: number, user: number): boolean {
    const at = this.bases[WRITE * 2 + user] + (((la >>> 12) & this.mask) << 1);
    if (this.slots[at] === (la + 3) >>> 12) {
      this.counters[ACCESS + WRITE * 2 + user] += this.mmu.paging;
      this.views.data.setInt32((la + this.slots[at + 1]) >>> 0, value, true);
      return true;
    }
    if ((la & (PAGE - 1)) > PAGE - 4) return this.writeAcross(la, value, 4, user);
    const pa = this.lookUp(la, WRITE, user);
    if (pa < 0) return false;
    this.ram.write32(pa, value);
    return true;
  }

  /**
   * Opens one reference of 1 to 4096 bytes without moving any: translates the page or both pages that it touches, and
   * remembers them for get and put, until the next call of this bus that is not one of those. False: it faults.
   */
  open(la: number, size: number, access: number, user: number): boolean {
    const inFirst = PAGE - (la & (PAGE - 1));
    this.size = size;
    this.split = size;
    const first = this.lookUp(la, access, user);
    if (first < 0) return false;
    this.first = first;
    if (size <= inFirst) return true;
    const second = this.lookUp((la + inFirst) >>> 0, access, user);
    if (second < 0) return false;
    this.second = second;
    this.split = inFirst;
    return true;
  }

  /** Opens a read-modify-write of 1, 2 or 4 bytes: one reference with write intent, so a read-only page faults W = 1. */
  openRmw(la: number, size: number, user: number): boolean {
    return this.open(la, size, WRITE, user);
  }

  /** What the opened read-modify-write finds: unsigned for 1 and 2 bytes, signed for 4. */
  rmwRead(): number {
    return this.size === 4 ? this.get32(0) : this.size === 2 ? this.get16(0) : this.get8(0);
  }

  rmwWrite(value: number): void {
    if (this.size === 4) this.put32(0, value);
    else if (this.size === 2) this.put16(0, value);
    else this.put8(0, value);
  }

  /** Byte `offset` of the open reference. */
  get8(offset: number): number {
    return this.ram.read8(offset < this.split ? this.first + offset : this.second + offset - this.split);
  }

  get16(offset: number): number {
    if (offset + 2 <= this.split) return this.ram.read16(this.first + offset);
    if (offset >= this.split) return this.ram.read16(this.second + offset - this.split);
    return this.get8(offset) | (this.get8(offset + 1) << 8);
  }

  get32(offset: number): number {
    if (offset + 4 <= this.split) return this.ram.read32(this.first + offset);
    if (offset >= this.split) return this.ram.read32(this.second + offset - this.split);
    return this.get16(offset) | (this.get16(offset + 2) << 16);
  }

  /** Stores to the open reference, which must have been opened for WRITE. */
  put8(offset: number, value: number): void {
    this.ram.write8(offset < this.split ? this.first + offset : this.second + offset - this.split, value);
  }

  put16(offset: number, value: number): void {
    if (offset + 2 <= this.split) {
      this.ram.write16(this.first + offset, value);
    } else if (offset >= this.split) {
      this.ram.write16(this.second + offset - this.split, value);
    } else {
      this.put8(offset, value);
      this.put8(offset + 1, value >>> 8);
    }
  }

  put32(offset: number, value: number): void {
    if (offset + 4 <= this.split) {
      this.ram.write32(this.first + offset, value);
    } else if (offset >= this.split) {
      this.ram.write32(this.second + offset - this.split, value);
    } else {
      this.put16(offset, value);
      this.put16(offset + 2, value >>> 16);
    }
  }

  /**
   * Checks that `length` bytes from `la` on are accessible, moving none: one lookup, counted as one access, per page.
   * False: `mmu.fault` names the first byte that is not.
   */
  probe(la: number, length: number, access: number, user: number): boolean {
    for (let done = 0; done < length; ) {
      const at = (la + done) >>> 0;
      if (this.lookUp(at, access, user) < 0) return false;
      done += PAGE - (at & (PAGE - 1));
    }
    return true;
  }

  /**
   * Reads `length` bytes from `la` on into destination[offset ..), as REP MOVSD and then MOVSB would: accesses are counted
   * by dwords, then bytes. Returns how many bytes were copied: less than `length` means a fault at the next one.
   */
  copyIn(la: number, destination: Uint8Array, offset: number, length: number, user: number): number {
    return this.copy(la, destination, offset, length, READ, user);
  }

  /** Writes source[offset .. offset + length) from `la` on; counted and answered like copyIn. */
  copyOut(la: number, source: Uint8Array, offset: number, length: number, user: number): number {
    return this.copy(la, source, offset, length, WRITE, user);
  }

  /** Runs of whole units within a page: after the first one's lookup the others would change nothing, so they only count. */
  private copy(la: number, bytes: Uint8Array, offset: number, length: number, access: number, user: number): number {
    const dwordBytes = length - (length % 4);
    let done = 0;
    while (done < length) {
      const at = (la + done) >>> 0;
      const room = PAGE - (at & (PAGE - 1));
      const unit = done < dwordBytes ? 4 : 1;
      if (unit > room) {
        if (!this.open(at, 4, access, user)) return done;
        this.moveOpen(bytes, offset + done, access);
        done += 4;
        continue;
      }
      const pa = this.lookUp(at, access, user);
      if (pa < 0) return done;
      const run = Math.min(room - (room % unit), (unit === 4 ? dwordBytes : length) - done);
      if (access === READ) this.ram.load(pa, bytes, offset + done, run);
      else this.ram.store(pa, bytes, offset + done, run);
      this.counters[ACCESS + access * 2 + user] += (run / unit - 1) * this.mmu.paging;
      done += run;
    }
    return done;
  }

  private moveOpen(bytes: Uint8Array, offset: number, access: number): void {
    for (let i = 0; i < this.size; i++) {
      if (access === READ) bytes[offset + i] = this.get8(i);
      else this.put8(i, bytes[offset + i]);
    }
  }

  private readAcross(la: number, size: 2 | 4, user: number): number {
    if (!this.open(la, size, READ, user)) return this.refused();
    return size === 4 ? this.get32(0) : this.get16(0);
  }

  private writeAcross(la: number, value: number, size: 2 | 4, user: number): boolean {
    if (!this.open(la, size, WRITE, user)) return false;
    if (size === 4) this.put32(0, value);
    else this.put16(0, value);
    return true;
  }

  private refused(): number {
    this.faulted = 1;
    return 0;
  }

  /** Counts one access within a page and returns its physical address, or -1 for a fault. */
  private lookUp(la: number, access: number, user: number): number {
    const kind = access * 2 + user;
    this.counters[ACCESS + kind] += this.mmu.paging;
    const page = la >>> 12;
    const at = this.bases[kind] + ((page & this.mask) << 1);
    if (this.slots[at] === page) return ((la + this.slots[at + 1]) >>> 0) - this.ram.base;
    return this.mmu.translate(la, access, user);
  }
}
