/** Memory management without a processor: RAM, a paging unit, and accesses made as a program at CPL 3 would make them. */

import * as assert from "uvu/assert";
import { unplacedDentry } from "../kernel/fs/dentry.ts";
import { File, type Mappable, O_RDWR } from "../kernel/fs/file.ts";
import { Inode, S_IFREG, SuperBlock } from "../kernel/fs/inode.ts";
import type { FaultOutcome } from "../kernel/mm/fault-record.ts";
import { frameLedger } from "../kernel/mm/ledger.ts";
import { MemoryManager } from "../kernel/mm/memory-manager.ts";
import type { MmStruct } from "../kernel/mm/mm.ts";
import type { MemoryCaller } from "../kernel/mm/physical-memory.ts";
import { SharedTables } from "../kernel/mm/shared-tables.ts";
import { mmapBase } from "../kernel/mm/unmapped-area.ts";
import { LinearBus, MachineMemory, Mmu, PlainMmu, pagingProfile, Ram } from "../mmu/index.ts";

/** A task as memory management sees it. Limits by RLIMIT_* number; absent = none. */
export class RigTask implements MemoryCaller {
  limits: Record<number, number> = {};
  hardLimits: Record<number, number> = {};
  capabilities: "all" | "none" = "all";
  readonly usage = { minorFaults: 0, majorFaults: 0 };
  personality = 0;
  readonly cred = { capable: () => this.capabilities === "all" };
  rlimit(resource: number): number {
    return this.limits[resource] ?? Number.POSITIVE_INFINITY;
  }
  rlimitMax(resource: number): number {
    return this.hardLimits[resource] ?? Number.POSITIVE_INFINITY;
  }
}

export interface RigOptions {
  megabytes?: number;
  cpu?: string;
  translator?: "plain" | "hot";
  pageTables?: "copy" | "share";
}

export class Rig {
  readonly ram: Ram;
  readonly bus: LinearBus;
  readonly mmu: Mmu | PlainMmu;
  readonly manager: MemoryManager;
  readonly task = new RigTask();

  constructor({ megabytes = 8, cpu = "pentium", translator = "hot", pageTables = "copy" }: RigOptions = {}) {
    const memory = new MachineMemory(megabytes * 1048576);
    this.ram = new Ram(memory);
    const profile = pagingProfile(cpu);
    this.mmu = translator === "hot" ? new Mmu(memory, this.ram, profile) : new PlainMmu(memory, this.ram, profile);
    this.bus = new LinearBus(this.mmu, this.ram);
    this.manager = new MemoryManager(this.ram, this.mmu, this.bus);
    if (pageTables === "share") this.manager.sharing = new SharedTables(this.manager.memory);
    this.manager.enablePaging();
    this.manager.memory.current = this.task;
  }

  /** An address space, laid out and made the active one. */
  newMm(): MmStruct {
    const mm = this.manager.createMm();
    if (mm === null) throw new Error("no frame for a page directory");
    mm.mmapBase = mmapBase(this.manager.memory);
    mm.startBrk = 0x08050000;
    mm.brk = 0x08050000;
    this.activate(mm);
    return mm;
  }

  activate(mm: MmStruct): void {
    this.manager.activate(mm, this.task);
  }

  /** Reads a byte as the program would, faults resolved: the byte, or the signal. */
  load(address: number): number | FaultOutcome {
    for (;;) {
      const value = this.bus.read8(address, 1);
      if (!this.bus.faulted) return value;
      this.bus.faulted = 0;
      const outcome = this.resolve();
      if (outcome !== 0) return outcome;
    }
  }

  /** Writes a byte as the program would: 0, or the signal. */
  store(address: number, value: number): FaultOutcome {
    while (!this.bus.write8(address, value, 1)) {
      const outcome = this.resolve();
      if (outcome !== 0) return outcome;
    }
    return 0;
  }

  private resolve(): FaultOutcome {
    const { active } = this.manager;
    if (active === null) throw new Error("no address space is active");
    const { linear, code } = this.mmu.fault;
    return this.manager.handleMmFault(active, linear, code);
  }

  /** Faults so far: minor and major. */
  get faults(): number {
    return this.task.usage.minorFaults + this.task.usage.majorFaults;
  }

  /** Fails with every frame that the ledger cannot explain. */
  assertBalanced(): void {
    const { complaints } = frameLedger(this.manager);
    assert.ok(complaints.length === 0, `\n${complaints.join("\n")}\n`);
    for (const mm of this.manager.mmlist) mm.vmas.verify();
  }

  /** Ends the address spaces and drops page caches: nothing but the kernel may hold a frame then. */
  assertNothingLeft(...files: MemoryFile[]): void {
    for (const mm of [...this.manager.mmlist]) this.manager.mmput(mm);
    for (const file of files) file.drop();
    this.assertBalanced();
    const { memory } = this.manager;
    assert.is(memory.freeFrames, memory.frames.total - memory.reservedFrames);
    assert.is(this.manager.memory.overcommit.committed, 0);
  }
}

const sb = () => new SuperBlock("rigfs", 0, 0x801, () => ({ sec: 0, nsec: 0 }));

class MemoryInode extends Inode {
  bytes: Uint8Array;
  reads = 0;
  constructor(bytes: Uint8Array) {
    super(sb(), S_IFREG | 0o755);
    this.bytes = bytes;
  }
  override get size(): number {
    return this.bytes.length;
  }
  override readAt(position: number, buffer: Uint8Array, offset: number, length: number): number {
    this.reads++;
    const piece = this.bytes.subarray(position, position + length);
    buffer.set(piece, offset);
    return piece.length;
  }
  override writeAt(position: number, buffer: Uint8Array, offset: number, length: number): number {
    if (position + length > this.bytes.length) {
      const grown = new Uint8Array(position + length);
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.bytes.set(buffer.subarray(offset, offset + length), position);
    return length;
  }
}

/** A regular file in host memory; made from another one it is the same file opened again. */
export class MemoryFile extends File {
  readonly memory: MemoryInode;

  constructor(name: string, contents: Uint8Array | MemoryFile, flags = O_RDWR) {
    const inode = contents instanceof MemoryFile ? contents.memory : new MemoryInode(contents);
    super(unplacedDentry(name, inode), flags);
    this.memory = inode;
  }

  override get mappable(): Mappable {
    return "cache";
  }

  /** Writes as write(2) does: backing store, then what is cached. */
  writeFile(position: number, bytes: Uint8Array): void {
    this.inode.writeAt(position, bytes, 0, bytes.length);
    this.inode.mapping?.update(position, bytes, 0, bytes.length);
  }

  /** Reads as read(2) does. */
  readFile(position: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    const read = this.inode.mapping
      ? this.inode.mapping.read(position, bytes, 0, length)
      : this.inode.readAt(position, bytes, 0, length);
    return bytes.subarray(0, Math.max(0, read));
  }

  /** ftruncate to fewer bytes. */
  shrinkTo(size: number): void {
    this.memory.bytes = this.memory.bytes.slice(0, size);
    this.inode.mapping?.truncate(size);
  }

  drop(): void {
    this.inode.mapping?.release();
    this.inode.mapping = null;
  }
}

/** One page filled with a byte. */
export function page(byte: number, pages = 1): Uint8Array {
  return new Uint8Array(pages * 4096).fill(byte);
}
