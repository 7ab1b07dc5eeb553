/** One mapping of an address space: struct vm_area_struct. */

import { PTE_A, PTE_P, PTE_RW, PTE_US } from "../../mmu/pte.ts";
import type { File } from "../fs/file.ts";
import type { AnonVma } from "./anon-vma.ts";
import type { MmStruct } from "./mm.ts";
import { PTE_PROTNONE } from "./page-tables.ts";
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
export const VM_HUGETLB = 0x400000;
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
  /** Bytes that one entry of the page tables maps, if not PAGE_SIZE (pagesize). */
  readonly pageSize?: number;
  /** A VMA of this kind is about to be linked (file_operations.mmap): 0 or -errno. */
  map?(vma: VmArea): number;
  /** A further VMA maps the same (split, fork, mremap). */
  open?(vma: VmArea): void;
  /** A VMA is gone. */
  close?(vma: VmArea): void;
  /** May the VMA be cut at the address (may_split)? 0 or -errno. */
  maySplit?(vma: VmArea, address: number): number;
  /** Private pages of start..end-1 were taken away, the mapping stays (MADV_DONTNEED). */
  emptied?(vma: VmArea, start: number, end: number): void;
  /** The pages went to another VMA (mremap); this one is about to be unmapped. */
  moved?(vma: VmArea): void;
  /** The frame of page `index` of the file if it is in memory, else -1 (map_pages). */
  find(vma: VmArea, index: number): number;
  /** The frame of page `index`, read in if need be; -EFAULT beyond the end of the file, -ENOMEM, -EIO. */
  fault(vma: VmArea, index: number): number;
  /**
   * Page `index`, which is clean, is about to be written through a shared mapping: 0, or -errno. A kind that has it wants to
   * know of the first write: its PTEs stay read-only until then.
   */
  pageMkwrite?(vma: VmArea, index: number): number;
  /** Resolves a fault all by itself, in the page directory (huge_fault): FAULT_*, or -errno. */
  hugeFault?(vma: VmArea, address: number, access: "read" | "write"): number;
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
  /** The address space (vm_mm). */
  readonly mm: MmStruct;
  /** Where its new private pages are entered; set once the VMA has, or may have, some. */
  anonVma: AnonVma | null = null;
  /** Every AnonVma whose pages it may map, its own included (anon_vma_chain). */
  anonChain: AnonVma[] = [];
  /** Huge pages promised to a private mapping and not yet touched, by index; the pieces of a split share it (vm_private_data). */
  promised: Set<number> | null = null;
  /** Protection bits of a new PTE (vm_page_prot). */
  pageProt = 0;

  prev: VmArea | null = null;
  next: VmArea | null = null;
  left: VmArea | null = null;
  right: VmArea | null = null;
  height = 0;
  maxGap = 0;

  constructor(
    mm: MmStruct,
    start: number,
    end: number,
    flags: number,
    pgoff: number,
    file: File | null,
    ops: VmOps | null,
  ) {
    this.mm = mm;
    this.start = start;
    this.end = end;
    this.flags = flags;
    this.pgoff = pgoff;
    this.file = file;
    this.ops = ops;
    this.pageProt = pageProt(flags, this.ops);
  }

  /** Length of the chain: 1, and one more for each fork since the first AnonVma was made. */
  get anonDepth(): number {
    return this.anonChain.length;
  }

  /** vm_start_gap(). */
  get guardedStart(): number {
    return (this.flags & VM_GROWSDOWN) === 0 ? this.start : Math.max(0, this.start - STACK_GUARD_GAP);
  }

  get pages(): number {
    return (this.end - this.start) / PAGE_SIZE;
  }

  /** vma_kernel_pagesize(): bytes that one entry of the page tables maps. */
  get pageSize(): number {
    return this.ops?.pageSize ?? PAGE_SIZE;
  }

  /** may_split(). */
  maySplit(address: number): number {
    return this.ops?.maySplit?.(this, address) ?? 0;
  }

  setFlags(flags: number): void {
    this.flags = flags;
    this.pageProt = pageProt(flags, this.ops);
  }

  /** linear_page_index(): the page of the file, or of the anonymous object, at an address. */
  indexOf(address: number): number {
    return this.pgoff + ((address - this.start) >>> 12);
  }
}

/**
 * vma_set_page_prot(): a private mapping is never writable by itself, so that the first write copies, nor a shared one whose
 * kind wants to know of the first write. No execute bit exists in 32-bit paging: whatever may be touched may be read and
 * executed.
 */
function pageProt(flags: number, ops: VmOps | null): number {
  if ((flags & VM_ACCESS) === 0) return PTE_PROTNONE | PTE_A;
  const shared = (flags & (VM_SHARED | VM_WRITE)) === (VM_SHARED | VM_WRITE);
  return PTE_P | PTE_US | PTE_A | (shared && ops?.pageMkwrite === undefined ? PTE_RW : 0);
}
