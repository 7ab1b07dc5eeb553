/** One mapping of an address space: struct vm_area_struct. */

import { PTE_A, PTE_P, PTE_RW, PTE_US } from "../../mmu/pte.ts";
import type { File } from "../fs/file.ts";
import { type PageTables, PTE_PROTNONE } from "./page-tables.ts";
import { PAGE_SIZE } from "./physical-memory.ts";
import type { RangeNode } from "./vma-tree.ts";

/** vm_flags (include/linux/mm.h). The MAY bits bound what mprotect() may set. */
export const VM_READ = 0x1;
export const VM_WRITE = 0x2;
export const VM_EXEC = 0x4;
export const VM_SHARED = 0x8;
export const VM_MAYREAD = 0x10;
export const VM_MAYWRITE = 0x20;
export const VM_MAYEXEC = 0x40;
export const VM_MAYSHARE = 0x80;
export const VM_GROWSDOWN = 0x100;
export const VM_LOCKED = 0x2000;
export const VM_SEQ_READ = 0x8000;
export const VM_RAND_READ = 0x10000;
export const VM_DONTCOPY = 0x20000;
export const VM_DONTEXPAND = 0x40000;
export const VM_LOCKONFAULT = 0x80000;
/** Counted in vm_committed_as. */
export const VM_ACCOUNT = 0x100000;
export const VM_NORESERVE = 0x200000;
export const VM_WIPEONFORK = 0x2000000;
export const VM_DONTDUMP = 0x4000000;

export const VM_ACCESS = VM_READ | VM_WRITE | VM_EXEC;

/** DEFAULT_STACK_GUARD_GAP: what stays free below a mapping that grows down. */
export const STACK_GUARD_GAP = 256 * PAGE_SIZE;

/**
 * What is special about a kind of mapping, so that no other code asks for the kind. Anonymous memory has none.
 * cf. struct vm_operations_struct.
 */
export interface VmOps {
  readonly name: string;
  /** The frame of page `index` of the file if it is in memory, else -1. */
  find(vma: VmArea, index: number): number;
  /** The frame of page `index`, read in if need be; -EFAULT beyond the end of the file, -ENOMEM, -EIO. */
  fault(vma: VmArea, index: number): number;
  /** A further VMA maps the same (split, fork, mremap). */
  open?(vma: VmArea): void;
  /** A VMA is gone. */
  close?(vma: VmArea): void;
}

/**
 * The root of private pages that a VMA and its copies may share; VMAs merge only if they have the same one, or none.
 * cf. struct anon_vma.
 */
export class AnonVma {
  /** VMAs that refer to it. */
  users = 0;
}

export class VmArea implements RangeNode<VmArea> {
  /** First address and the address after the last; multiples of the page size. */
  start: number;
  end: number;
  flags: number;
  /** File: page index of `start`. Anonymous: page number of the address at which it was mapped. */
  pgoff: number;
  /** Counted by File.get(). */
  readonly file: File | null;
  /** null: anonymous memory. */
  readonly ops: VmOps | null;
  readonly tables: PageTables;
  /** Set once the VMA has, or may have, private pages. */
  anonVma: AnonVma | null = null;
  /** Length of anon_vma_chain: 1, and one more for each fork since the anon_vma was made. */
  anonDepth = 0;
  /** Protection bits of a new PTE (vm_page_prot). */
  pageProt = 0;

  prev: VmArea | null = null;
  next: VmArea | null = null;
  left: VmArea | null = null;
  right: VmArea | null = null;
  height = 0;
  maxGap = 0;

  constructor(
    tables: PageTables,
    start: number,
    end: number,
    flags: number,
    pgoff: number,
    file: File | null,
    ops: VmOps | null,
  ) {
    this.tables = tables;
    this.start = start;
    this.end = end;
    this.flags = flags;
    this.pgoff = pgoff;
    this.file = file;
    this.ops = ops;
    this.pageProt = pageProt(flags);
  }

  /** vm_start_gap(). */
  get guardedStart(): number {
    return (this.flags & VM_GROWSDOWN) === 0 ? this.start : Math.max(0, this.start - STACK_GUARD_GAP);
  }

  get pages(): number {
    return (this.end - this.start) / PAGE_SIZE;
  }

  setFlags(flags: number): void {
    this.flags = flags;
    this.pageProt = pageProt(flags);
  }

  /** linear_page_index(): the page of the file, or of the anonymous object, at an address. */
  indexOf(address: number): number {
    return this.pgoff + ((address - this.start) >>> 12);
  }
}

/**
 * protection_map[]: a private mapping is never writable by itself, so that the first write copies. No execute bit exists in
 * 32-bit paging: whatever may be touched may be read and executed.
 */
function pageProt(flags: number): number {
  if ((flags & VM_ACCESS) === 0) return PTE_PROTNONE | PTE_A;
  const writable = (flags & (VM_SHARED | VM_WRITE)) === (VM_SHARED | VM_WRITE);
  return PTE_P | PTE_US | PTE_A | (writable ? PTE_RW : 0);
}
