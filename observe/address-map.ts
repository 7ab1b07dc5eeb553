/**
 * Whole address spaces at one instant: every mapping, the pages of it that are in memory, the page tables, and who else has
 * the same frames. Looking changes nothing.
 */

import { type Kernel, textOf } from "../kernel/index.ts";
import { OWNER_ANON, OWNER_FILE, OWNER_HUGETLB, PG_DIRTY } from "../kernel/mm/frames.ts";
import { vmaName, vmaRights } from "../kernel/mm/maps-text.ts";
import type { MmStruct } from "../kernel/mm/mm.ts";
import { pteFrame, ptePresent } from "../kernel/mm/page-tables.ts";
import type { VmArea } from "../kernel/mm/vma.ts";
import type { Task } from "../kernel/task/task.ts";
import { PAGE_BYTES, PDE_LARGE_FRAME, PDE_PS, PTE_A, PTE_D, PTE_FRAME, PTE_P, PTE_RW } from "../mmu/index.ts";
import { ProcessView } from "./process.ts";
import { KERNEL_START } from "./region.ts";

const LARGE_PAGE = 4 << 20;
const KIB = 1024;

/** A huge page is one of hugetlb; "zero" is the one page of zeroes, which is no memory of the process. */
export type PageKind = "anonymous" | "file" | "shared memory" | "huge page" | "zero";

export interface MappedPage {
  readonly address: number;
  readonly size: "4K" | "4M";
  /** Frame number of its first 4 KiB. */
  readonly frame: number;
  readonly kind: PageKind;
  /** By the page-table entry. */
  readonly writable: boolean;
  readonly accessed: boolean;
  /** By the entry or, for a page of a file, since an entry that is gone. */
  readonly dirty: boolean;
  /** Other processes that map the frame, by pid; none for the page of zeroes. */
  readonly sharedWith: readonly number[];
}

export interface MappedRegion {
  readonly start: number;
  /** The address behind the last. */
  readonly end: number;
  /** "rw-p". */
  readonly rights: string;
  /** Of the file, in bytes. */
  readonly offset: number;
  readonly inode: number;
  /** As in /proc/PID/maps, "" where that has none. */
  readonly name: string;
  /** Where the stack began, if that is here. */
  readonly stack: boolean;
  /** KiB, as Rss and dirty pages of /proc/PID/smaps. */
  readonly resident: number;
  readonly dirty: number;
  readonly pages: readonly MappedPage[];
}

const kindOfOwner: ReadonlyMap<number, PageKind> = new Map([
  [OWNER_ANON, "anonymous"],
  [OWNER_FILE, "file"],
  [OWNER_HUGETLB, "huge page"],
]);

/** One page table. */
export interface MappedTable {
  /** First linear address that it translates; 4 MiB from there. */
  readonly address: number;
  readonly frame: number;
  /** Entries that are not zero. */
  readonly entries: number;
  /** Other processes that have the table itself, by pid. */
  readonly sharedWith: readonly number[];
}

export interface MappedProcess {
  readonly pid: number;
  readonly name: string;
  /** argv, joined by blanks. */
  readonly command: string;
  readonly regions: readonly MappedRegion[];
  /** Frame of the page directory. */
  readonly directory: number;
  /** Below 0xc0000000. */
  readonly tables: readonly MappedTable[];
  /** KiB. */
  readonly mapped: number;
  readonly writablePrivate: number;
  readonly shared: number;
  readonly resident: number;
  readonly dirty: number;
}

export interface AddressMap {
  readonly instructions: number;
  readonly cycles: number;
  readonly processes: readonly MappedProcess[];
}

/** A process that has an address space; several that share one are one, called as the first. */
interface Owner {
  readonly task: Task;
  readonly mm: MmStruct;
}

/**
 * @param pids only these processes; sharing with others is told all the same
 */
export function addressMap(kernel: Kernel, pids?: readonly number[]): AddressMap {
  const owners = ownersOf(kernel);
  const users = new Map<number, Set<number>>();
  const found = owners.map((owner) => ({ owner, pages: pagesOf(owner, users) }));
  const { instructions, cycles } = kernel.cpu;
  return {
    instructions,
    cycles,
    processes: found
      .filter(({ owner }) => pids === undefined || pids.includes(owner.task.tgid))
      .map(({ owner, pages }) => mappedProcess(kernel, owner, pages, users)),
  };
}

function ownersOf(kernel: Kernel): Owner[] {
  const owners = new Map<MmStruct, Owner>();
  for (const { threads } of kernel.tasks.groups()) {
    for (const task of threads)
      if (task.mm !== null && !owners.has(task.mm)) owners.set(task.mm, { task, mm: task.mm });
  }
  const { active } = kernel.mm;
  const { onCpu } = kernel;
  // A program that is being started has an address space in CR3, and is not yet its user.
  if (active !== null && onCpu !== null && !owners.has(active)) owners.set(active, { task: onCpu, mm: active });
  return [...owners.values()];
}

/** An entry that maps a page below 0xc0000000. */
interface LeafEntry {
  readonly address: number;
  readonly entry: number;
  readonly large: boolean;
}

/** All pages of an address space by address; notes in `users` who has which frame. */
function pagesOf({ task, mm }: Owner, users: Map<number, Set<number>>): LeafEntry[] {
  const { ram, zeroPage } = mm.memory;
  const pages: LeafEntry[] = [];
  const note = (frame: number) => {
    const pids = users.get(frame) ?? new Set();
    users.set(frame, pids.add(task.tgid));
  };
  for (const { address, entry } of directoryOf(mm)) {
    if ((entry & PDE_PS) !== 0) {
      pages.push({ address, entry, large: true });
      note((entry & PDE_LARGE_FRAME) >>> 12);
      continue;
    }
    note(pteFrame(entry));
    for (let n = 0; n < 1024; n++) {
      const pte = ram.read32((entry & PTE_FRAME) + n * 4);
      if (!ptePresent(pte)) continue;
      pages.push({ address: address + n * PAGE_BYTES, entry: pte, large: false });
      if (pteFrame(pte) !== zeroPage) note(pteFrame(pte));
    }
  }
  return pages;
}

/** Present directory entries of the user's half. */
function directoryOf({ tables, memory }: MmStruct): { readonly address: number; readonly entry: number }[] {
  const entries = Array.from({ length: KERNEL_START / LARGE_PAGE }, (_, n) => {
    return { address: n * LARGE_PAGE, entry: memory.ram.read32(tables.pgd * PAGE_BYTES + n * 4) };
  });
  return entries.filter(({ entry }) => (entry & PTE_P) !== 0);
}

function mappedProcess(
  kernel: Kernel,
  { task, mm }: Owner,
  pages: readonly LeafEntry[],
  users: ReadonlyMap<number, ReadonlySet<number>>,
): MappedProcess {
  const regions: MappedRegion[] = [];
  let next = 0;
  for (let vma = mm.vmas.first; vma !== null; vma = vma.next) {
    const own: MappedPage[] = [];
    while (next < pages.length && pages[next].address < vma.start) next++;
    for (; next < pages.length && pages[next].address < vma.end; next++) {
      own.push(mappedPage(mm, pages[next], task.tgid, users));
    }
    regions.push(mappedRegion(kernel, task, mm, vma, own));
  }
  const sum = (sizes: readonly number[]) => sizes.reduce((all, size) => all + size, 0);
  const size = (chosen: (region: MappedRegion) => boolean) =>
    sum(regions.filter(chosen).map(({ start, end }) => (end - start) / KIB));
  return {
    pid: task.tgid,
    name: textOf(task.comm),
    command: commandOf(kernel, task, mm),
    regions,
    directory: mm.tables.pgd,
    tables: tablesOf(mm, task.tgid, users),
    mapped: size(() => true),
    writablePrivate: size(({ rights }) => rights[1] === "w" && rights[3] === "p"),
    shared: size(({ rights }) => rights[3] === "s"),
    resident: sum(regions.map(({ resident }) => resident)),
    dirty: sum(regions.map(({ dirty }) => dirty)),
  };
}

function mappedRegion(
  kernel: Kernel,
  task: Task,
  mm: MmStruct,
  vma: VmArea,
  pages: readonly MappedPage[],
): MappedRegion {
  const { start, end, file } = vma;
  // Neither the page of zeroes nor 4 MiB pages are in Rss.
  const resident = pages.filter(({ kind, size }) => kind !== "zero" && size === "4K");
  return {
    start,
    end,
    rights: vmaRights(vma),
    offset: file === null ? 0 : vma.pgoff * PAGE_BYTES,
    inode: file?.inode.ino ?? 0,
    name: textOf(vmaName(mm, vma, task.fs?.root ?? kernel.vfs.root)),
    stack: start <= mm.startStack && mm.startStack <= end,
    resident: (resident.length * PAGE_BYTES) / KIB,
    dirty: (resident.filter(({ dirty }) => dirty).length * PAGE_BYTES) / KIB,
    pages,
  };
}

function mappedPage(
  { memory }: MmStruct,
  { address, entry, large }: LeafEntry,
  pid: number,
  users: ReadonlyMap<number, ReadonlySet<number>>,
): MappedPage {
  const { frames, zeroPage } = memory;
  const frame = large ? (entry & PDE_LARGE_FRAME) >>> 12 : pteFrame(entry);
  const kind = frame === zeroPage ? "zero" : (kindOfOwner.get(frames.owner[frame]) ?? "shared memory");
  return {
    address,
    size: large ? "4M" : "4K",
    frame,
    kind,
    writable: (entry & PTE_RW) !== 0,
    accessed: (entry & PTE_A) !== 0,
    dirty: (entry & PTE_D) !== 0 || (frames.flags[frame] & PG_DIRTY) !== 0,
    sharedWith: othersOf(frame, pid, users),
  };
}

function othersOf(frame: number, pid: number, users: ReadonlyMap<number, ReadonlySet<number>>): number[] {
  return [...(users.get(frame) ?? [])].filter((other) => other !== pid).sort((a, b) => a - b);
}

function tablesOf(mm: MmStruct, pid: number, users: ReadonlyMap<number, ReadonlySet<number>>): MappedTable[] {
  const { ram } = mm.memory;
  return directoryOf(mm)
    .filter(({ entry }) => (entry & PDE_PS) === 0)
    .map(({ address, entry }) => {
      const frame = pteFrame(entry);
      const words = Array.from({ length: 1024 }, (_, n) => ram.read32((entry & PTE_FRAME) + n * 4));
      const entries = words.filter((word) => word !== 0).length;
      return { address, frame, entries, sharedWith: othersOf(frame, pid, users) };
    });
}

/** As /proc/PID/cmdline has it, with blanks between the words; the name if that cannot be read. */
function commandOf(kernel: Kernel, task: Task, { argStart, argEnd }: MmStruct): string {
  const bytes = new ProcessView(kernel, task).read(argStart, Math.min(argEnd - argStart, PAGE_BYTES));
  const text = new TextDecoder().decode(bytes).replace(/\0+$/, "").replaceAll("\0", " ");
  return text === "" ? textOf(task.comm) : text;
}
