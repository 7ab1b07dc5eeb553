/**
 * The frame ledger: every frame of RAM has exactly one explanation, and every reference count is the number of references
 * that can be found. Cold: it looks at everything.
 */

import { PDE_PS, PTE_P, PTE_RW } from "../../mmu/pte.ts";
import { FRAME_PAGE_TABLE } from "../../mmu/ram.ts";
import {
  OWNER_ANON,
  OWNER_FILE,
  OWNER_FREE,
  OWNER_HUGETLB,
  OWNER_KERNEL,
  OWNER_NAMES,
  OWNER_PAGE_TABLE,
  OWNER_RESERVED,
  OWNER_SHMEM,
  OWNER_VMALLOC,
} from "./frames.ts";
import { KERNEL_PDE } from "./kernel-tables.ts";
import type { MemoryManager } from "./memory-manager.ts";
import type { MmStruct } from "./mm.ts";
import { pteFrame, ptePresent, RSS_ANON, RSS_FILE, RSS_SHMEM } from "./page-tables.ts";
import { PAGE_SIZE } from "./physical-memory.ts";
import { rmapWalk } from "./rmap.ts";
import { VM_ACCOUNT } from "./vma.ts";
import { lockedPages } from "./vma-link.ts";

/** Frames by owner, and what does not add up. */
export interface Ledger {
  /** Frames of each owner, by OWNER_NAMES. */
  readonly frames: Record<string, number>;
  /** One line for each frame or count that has no or two explanations; empty = balanced. */
  readonly complaints: readonly string[];
}

/** Complaints kept; a broken ledger has thousands. */
const COMPLAINTS = 50;

export function frameLedger(manager: MemoryManager): Ledger {
  const { memory } = manager;
  const { frames } = memory;
  const complaints: string[] = [];
  const complain = (text: string): void => {
    if (complaints.length < COMPLAINTS) complaints.push(text);
  };
  const references = new Int32Array(frames.total);
  const mappings = new Int32Array(frames.total);
  const places = new Int32Array(frames.total);
  const owners = new Uint8Array(frames.total).fill(255);
  const explain = (pfn: number, owner: number): void => {
    if (owners[pfn] !== 255 && owners[pfn] !== owner) {
      complain(`frame ${pfn} is ${OWNER_NAMES[owners[pfn]]} and ${OWNER_NAMES[owner]}`);
    }
    owners[pfn] = owner;
  };

  for (let pfn = 0; pfn < memory.reservedFrames; pfn++) {
    explain(pfn, OWNER_RESERVED);
    references[pfn] = 1;
  }
  for (const [first, order] of memory.blocks) {
    for (let pfn = first; pfn < first + (1 << order); pfn++) {
      explain(pfn, memory.hugePages.has(first) ? OWNER_HUGETLB : OWNER_KERNEL);
      references[pfn]++;
    }
  }
  for (const table of manager.kernelSpace.tables) {
    explain(table, OWNER_KERNEL);
    references[table]++;
  }
  for (const { address, pages, kind } of manager.vmalloc.list) {
    for (let page = 0; kind === "vmalloc" && page < pages; page++) {
      const pfn = manager.vmalloc.frameOf(address + page * PAGE_SIZE);
      explain(pfn, OWNER_VMALLOC);
      references[pfn]++;
    }
  }
  for (const cache of memory.pageCaches) {
    for (const pfn of cache.pages.values()) {
      const owner = frames.owner[pfn];
      explain(pfn, owner === OWNER_SHMEM || owner === OWNER_HUGETLB ? owner : OWNER_FILE);
      references[pfn]++;
    }
  }
  let committed = 0;
  for (const mm of manager.mmlist) {
    committed += auditMm(mm, { references, mappings, places, explain, complain });
  }
  const { overcommit } = memory;
  for (const pages of overcommit.shared.values()) committed += pages;
  if (committed !== overcommit.committed) complain(`${overcommit.committed} pages committed, ${committed} found`);

  const free = new Uint8Array(frames.total);
  for (const { buddy } of memory.zones) buddy.markFree(free);
  const totals: Record<string, number> = {};
  for (let pfn = 0; pfn < frames.total; pfn++) {
    const recorded = frames.owner[pfn];
    const owner = free[pfn] !== 0 ? OWNER_FREE : owners[pfn];
    const name = OWNER_NAMES[owner] ?? "lost";
    totals[name] = (totals[name] ?? 0) + 1;
    if (owner === 255) complain(`frame ${pfn} is lost: ${OWNER_NAMES[recorded]}, count ${frames.count[pfn]}`);
    else if (owner !== recorded) complain(`frame ${pfn} is ${name}, recorded as ${OWNER_NAMES[recorded]}`);
    if (free[pfn] !== 0 && owners[pfn] !== 255) complain(`frame ${pfn} is free and ${OWNER_NAMES[owners[pfn]]}`);
    if (references[pfn] !== frames.count[pfn]) {
      complain(`frame ${pfn} (${name}) counts ${frames.count[pfn]} references, has ${references[pfn]}`);
    }
    if (mappings[pfn] !== frames.mapcount[pfn]) {
      complain(`frame ${pfn} (${name}) counts ${frames.mapcount[pfn]} mappings, has ${mappings[pfn]}`);
    }
    let found = 0;
    rmapWalk(memory, pfn, () => found++);
    if (found !== places[pfn]) {
      complain(`frame ${pfn} (${name}) is mapped in ${places[pfn]} places, the rmap finds ${found}`);
    }
    const isTable = (memory.ram.frameFlags[pfn] & FRAME_PAGE_TABLE) !== 0;
    if (isTable !== (owner === OWNER_PAGE_TABLE)) complain(`frame ${pfn} (${name}) is marked wrongly as a page table`);
  }
  return { frames: totals, complaints };
}

/** What the address spaces are found to hold, by frame: references, PTEs, and places where a program sees it. */
interface Findings {
  readonly references: Int32Array;
  readonly mappings: Int32Array;
  readonly places: Int32Array;
  explain(pfn: number, owner: number): void;
  complain(text: string): void;
}

/** Walks one address space and checks its own accounts; returns the pages that it has committed. */
function auditMm(mm: MmStruct, found: Findings): number {
  const { references, mappings, places, explain, complain } = found;
  const { memory, tables } = mm;
  const { ram, frames, zeroPage } = memory;
  const who = `mm of pgd ${tables.pgd}`;
  explain(tables.pgd, OWNER_PAGE_TABLE);
  references[tables.pgd]++;
  const rss = [0, 0, 0];
  let tableCount = 0;
  let hugePages = 0;
  for (let i = 0; i < KERNEL_PDE; i++) {
    const pde = ram.read32(tables.pgd * PAGE_SIZE + i * 4);
    if ((pde & PDE_PS) !== 0) {
      references[pteFrame(pde)]++;
      mappings[pteFrame(pde)]++;
      places[pteFrame(pde)]++;
      hugePages++;
      continue;
    }
    if ((pde & PTE_P) === 0) continue;
    const table = pteFrame(pde);
    explain(table, OWNER_PAGE_TABLE);
    // Of a table that several address spaces share, each PTE is one reference and one mapping, but a place in each.
    const first = references[table]++ === 0;
    tableCount++;
    const users = tables.sharing?.usersOf(table) ?? null;
    if (((pde & PTE_RW) === 0) !== (users?.has(tables) ?? false))
      complain(`${who}: table ${table} is shared or is not`);
    for (let j = 0; j < 1024; j++) {
      const pte = ram.read32(table * PAGE_SIZE + j * 4);
      if (!ptePresent(pte)) {
        if (pte !== 0) complain(`${who}: PTE ${(pte >>> 0).toString(16)} means nothing`);
        continue;
      }
      const address = i * 0x400000 + j * PAGE_SIZE;
      if (mm.vmas.findIntersection(address, address + PAGE_SIZE) === null) {
        complain(`${who}: page at ${address.toString(16)} lies in no VMA`);
      }
      const pfn = pteFrame(pte);
      if (pfn === zeroPage) continue;
      const owner = frames.owner[pfn];
      if (owner === OWNER_ANON) explain(pfn, OWNER_ANON);
      rss[owner === OWNER_ANON ? RSS_ANON : owner === OWNER_FILE ? RSS_FILE : RSS_SHMEM]++;
      places[pfn]++;
      if (!first) continue;
      references[pfn]++;
      mappings[pfn]++;
    }
  }
  if (tableCount !== tables.tables) complain(`${who}: counts ${tables.tables} page tables, has ${tableCount}`);
  if (hugePages !== tables.hugePages) complain(`${who}: counts ${tables.hugePages} huge pages, has ${hugePages}`);
  for (const kind of [RSS_FILE, RSS_ANON, RSS_SHMEM]) {
    if (rss[kind] !== tables.rss[kind]) complain(`${who}: rss ${kind} is ${tables.rss[kind]}, found ${rss[kind]}`);
  }
  let pages = 0;
  let locked = 0;
  let committed = 0;
  for (const vma of mm.vmas) {
    pages += vma.pages;
    locked += lockedPages(vma);
    if ((vma.flags & VM_ACCOUNT) !== 0) committed += vma.pages;
  }
  if (pages !== mm.totalVm) complain(`${who}: total_vm is ${mm.totalVm}, found ${pages}`);
  if (locked !== mm.lockedVm) complain(`${who}: locked_vm is ${mm.lockedVm}, found ${locked}`);
  return committed;
}
