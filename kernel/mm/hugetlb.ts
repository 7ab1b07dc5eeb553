/**
 * Mappings of 4 MiB pages: one page directory entry each (cf. mm/hugetlb.c).
 *
 *     PDE    | frame | PS=1 | D A US RW P |     no page table below; the whole of a VMA is made of such pages
 */

import { PDE_PS, PTE_A, PTE_D, PTE_RW } from "../../mmu/pte.ts";
import { EFAULT, EINVAL, ENOSPC } from "../errno.ts";
import { prepareAnonVma } from "./anon-vma.ts";
import { FAULT_COW_COPY, FAULT_COW_REUSE, FAULT_FILE_CACHED, FAULT_SPURIOUS, FAULT_ZERO } from "./fault-record.ts";
import { HUGE_PAGE_FRAMES, HUGE_PAGE_SIZE } from "./hugetlb-pool.ts";
import type { HugetlbCache } from "./hugetlbfs.ts";
import { PAGE_SIZE } from "./physical-memory.ts";
import { rmapWalk } from "./rmap.ts";
import { mappingOf } from "./vm-ops.ts";
import {
  VM_DONTEXPAND,
  VM_HUGETLB,
  VM_LOCKED,
  VM_LOCKONFAULT,
  VM_MAYSHARE,
  VM_NORESERVE,
  VM_SHARED,
  VM_WRITE,
  type VmArea,
  type VmOps,
} from "./vma.ts";
import { zapPageRange } from "./zap.ts";

function cacheOf(vma: VmArea): HugetlbCache {
  return mappingOf(vma) as HugetlbCache;
}

/** Physical address of the directory entry of an address. */
function entryOf(vma: VmArea, address: number): number {
  const { tables } = vma.mm;
  return tables.pmdOffset(tables.pgdOffset(address), address);
}

/** A page of the VMA is touched that is not there, or not writable: the kind of fault, or -errno (hugetlb_fault()). */
function hugeFault(vma: VmArea, address: number, access: "read" | "write"): number {
  const { ram } = vma.mm.memory;
  const base = address - (address % HUGE_PAGE_SIZE);
  const pmd = entryOf(vma, base);
  const entry = ram.read32(pmd);
  if (entry === 0) return noPage(vma, base, pmd, access);
  if (access === "write" && (entry & PTE_RW) === 0) return writeProtected(vma, base, pmd, entry);
  ram.write32(pmd, entry | PTE_A | (access === "write" ? PTE_D : 0));
  return FAULT_SPURIOUS;
}

/** hugetlb_no_page(): a page of the file, or a private one. There is no zero page of this size. */
function noPage(vma: VmArea, base: number, pmd: number, access: "read" | "write"): number {
  const { memory } = vma.mm;
  const cache = cacheOf(vma);
  const index = vma.indexOf(base);
  if (index * PAGE_SIZE >= cache.source.size) return -EFAULT;
  const shared = (vma.flags & VM_MAYSHARE) !== 0;
  const known = cache.find(index);
  if (shared || known >= 0) {
    const pfn = cache.getPage(index);
    if (pfn < 0) return pfn;
    memory.getFrame(pfn);
    const writable = (vma.flags & (VM_SHARED | VM_WRITE)) === (VM_SHARED | VM_WRITE);
    map(vma, pmd, pfn, writable ? PTE_RW | (access === "write" ? PTE_D : 0) : 0);
    if (access === "read" || writable) return known >= 0 ? FAULT_FILE_CACHED : FAULT_ZERO;
    return writeProtected(vma, base, pmd, memory.ram.read32(pmd));
  }
  prepareAnonVma(vma);
  const pfn = cache.pool.take(vma.promised?.delete(index) ? "promised" : "spare");
  if (pfn < 0) return -ENOSPC;
  mapAnon(vma, base, pmd, pfn, access === "write" ? PTE_RW | PTE_D : 0);
  return FAULT_ZERO;
}

/** hugetlb_wp(): reuse by the sole owner, or a copy. */
function writeProtected(vma: VmArea, base: number, pmd: number, entry: number): number {
  const { memory, tables } = vma.mm;
  const { frames, ram, highmem } = memory;
  const cache = cacheOf(vma);
  const { pool } = cache;
  const old = entry >>> 12;
  const isPrivate = frames.mapping[old] !== cache;
  if (!isPrivate || frames.mapcount[old] > 1) {
    prepareAnonVma(vma);
    const index = vma.indexOf(base);
    const copy = pool.take(vma.promised?.delete(index) ? "promised" : "spare");
    if (copy >= 0) {
      for (let i = 0; i < HUGE_PAGE_FRAMES; i++) highmem.copy(copy + i, old + i);
      ram.write32(pmd, 0);
      memory.flushPage(tables.pgd, base);
      tables.releaseHuge(old);
      mapAnon(vma, base, pmd, copy, PTE_RW | PTE_D);
      return FAULT_COW_COPY;
    }
    // The pool is empty. Who was promised pages keeps this one, and the children lose it (unmap_ref_private()).
    if (!isPrivate || vma.promised === null) return -ENOSPC;
    rmapWalk(memory, old, (other, address) => {
      if (other.mm !== vma.mm) zapPageRange(other.mm.tables, address, address + HUGE_PAGE_SIZE);
    });
  }
  ram.write32(pmd, entry | PTE_RW | PTE_A | PTE_D);
  return FAULT_COW_REUSE;
}

function mapAnon(vma: VmArea, base: number, pmd: number, pfn: number, bits: number): void {
  const { frames } = vma.mm.memory;
  frames.mapping[pfn] = vma.anonVma;
  frames.index[pfn] = vma.indexOf(base);
  map(vma, pmd, pfn, bits);
}

/** Maps a page whose reference passes to the entry. */
function map(vma: VmArea, pmd: number, pfn: number, bits: number): void {
  vma.mm.tables.accountHuge(pfn, 1);
  vma.mm.memory.ram.write32(pmd, (pfn << 12) | (vma.pageProt & ~PTE_RW) | PDE_PS | bits);
}

/** hugetlbfs_file_mmap(): promises the pages; 0 or -errno. */
function mapHuge(vma: VmArea): number {
  const cache = cacheOf(vma);
  if (vma.pgoff % HUGE_PAGE_FRAMES !== 0) return -EINVAL;
  const end = vma.pgoff + vma.pages;
  vma.setFlags((vma.flags | VM_HUGETLB | VM_DONTEXPAND) & ~(VM_LOCKED | VM_LOCKONFAULT));
  if ((vma.flags & VM_NORESERVE) === 0 && !cache.settled) {
    const shared = (vma.flags & VM_MAYSHARE) !== 0;
    const result = shared ? cache.promise(vma.pgoff, end) : cache.pool.reserve(vma.pages / HUGE_PAGE_FRAMES);
    if (result < 0) return result;
    if (!shared) {
      vma.promised = new Set();
      for (let index = vma.pgoff; index < end; index += HUGE_PAGE_FRAMES) vma.promised.add(index);
    }
  }
  const { inode } = cache;
  if ((vma.flags & VM_WRITE) !== 0 && inode.size < end * PAGE_SIZE) inode.truncate(end * PAGE_SIZE);
  return 0;
}

/** hugetlb_vm_ops. */
export const hugetlbVmOps: VmOps = {
  name: "hugetlb",
  pageSize: HUGE_PAGE_SIZE,
  find: (vma, index) => cacheOf(vma).find(index),
  fault: (vma, index) => cacheOf(vma).getPage(index),
  map: mapHuge,
  hugeFault,
  maySplit: (_vma, address) => (address % HUGE_PAGE_SIZE === 0 ? 0 : -EINVAL),
  /** The promises for pages of this part that were never touched (hugetlb_vm_op_close()). */
  close(vma) {
    const end = vma.pgoff + vma.pages;
    for (let index = vma.pgoff; index < end; index += HUGE_PAGE_FRAMES) {
      if (vma.promised?.delete(index)) cacheOf(vma).pool.unreserve(1);
    }
  },
  /** A page that was given back is promised anew (folio_set_hugetlb_restore_reserve()). */
  emptied(vma, start, end) {
    const { promised } = vma;
    if (promised === null) return;
    for (let index = vma.indexOf(start); index < vma.indexOf(end); index += HUGE_PAGE_FRAMES) {
      if (!promised.has(index) && cacheOf(vma).pool.reserve(1) === 0) promised.add(index);
    }
  },
  /** The promises went with the pages (clear_vma_resv_huge_pages()). */
  moved(vma) {
    vma.promised = null;
  },
};
