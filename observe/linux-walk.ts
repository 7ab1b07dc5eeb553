/** A page walk in an address space of our kernel: with the mapping, the file, the frame, and what the kernel means by an entry. */

import { type Kernel, textOf } from "../kernel/index.ts";
import { OWNER_ANON, OWNER_NAMES } from "../kernel/mm/frames.ts";
import { vmaName, vmaRights } from "../kernel/mm/maps-text.ts";
import type { MmStruct } from "../kernel/mm/mm.ts";
import { PTE_PROTNONE, pteFrame, ptePresent } from "../kernel/mm/page-tables.ts";
import { VM_ACCESS, VM_GROWSDOWN, VM_SHARED, VM_WRITE, type VmArea } from "../kernel/mm/vma.ts";
import { RLIMIT_STACK } from "../kernel/task/rlimit.ts";
import { PAGE_BYTES, PTE_P, PTE_RW } from "../mmu/index.ts";
import { type PageWalk, pageWalk } from "./page-walk.ts";
import type { Places } from "./places.ts";
import { KERNEL_START, regionName, vmaAt } from "./region.ts";

export interface LinuxWalk extends PageWalk {
  /** The process whose page tables they are; 0 while none has them. */
  readonly pid: number;
  /** The mapping, with rights and name as in /proc/PID/maps; null where nothing is mapped. */
  readonly mapping: {
    readonly start: number;
    readonly end: number;
    readonly rights: string;
    readonly name: string;
  } | null;
  /** Path of the mapped file, and where in it the byte lies; null for other memory. */
  readonly file: { readonly path: string; readonly offset: number } | null;
  /** "main+0x1c"; null where the files have no symbol for it. */
  readonly symbol: string | null;
  /** The frame as the kernel sees it: whose it is, references to it, page-table entries that map it. */
  readonly frame: {
    readonly number: number;
    readonly owner: string;
    readonly references: number;
    readonly mappings: number;
  } | null;
  /** What an access finds here, in words. */
  readonly meaning: string;
}

/** Walks the page tables of `mm`. */
export function linuxWalk(kernel: Kernel, mm: MmStruct, address: number, places: Places): LinuxWalk {
  const walk = pageWalk(kernel.machine, address, mm.tables.pgd * PAGE_BYTES);
  const la = walk.address;
  const user = kernel.tasks
    .groups()
    .find(({ leader, threads }) => leader.mm === mm || [...threads].some((t) => t.mm === mm));
  const root = user?.leader.fs?.root ?? kernel.vfs.root;
  const vma = la < KERNEL_START ? vmaAt(mm, la) : null;
  const offset = vma === null ? 0 : vma.pgoff * PAGE_BYTES + (la - vma.start);
  return {
    ...walk,
    pid: user?.tgid ?? kernel.onCpu?.tgid ?? 0,
    mapping:
      vma === null
        ? null
        : { start: vma.start, end: vma.end, rights: vmaRights(vma), name: textOf(vmaName(mm, vma, root)) },
    file: vma === null || vma.file === null ? null : { path: regionName(mm, la, root), offset },
    symbol: places.symbolAt(mm, la),
    frame: frameOf(kernel, walk),
    meaning: meaningOf(kernel, mm, walk, vma, user?.leader.rlimit(RLIMIT_STACK) ?? 0),
  };
}

/** The frame that the walk ends at, or that an entry which forbids every access keeps. */
function frameOf({ mm }: Kernel, { address, physical, inRam, pte, size }: PageWalk): LinuxWalk["frame"] {
  const kept = pte !== null && ptePresent(pte.value) ? pteFrame(pte.value) : null;
  let number = physical !== null && inRam ? Math.floor(physical / PAGE_BYTES) : kept;
  if (number === null) return null;
  // The first frame of a huge page stands for all.
  if (size === "4M" && address < KERNEL_START) number -= number % 1024;
  const { owner, count, mapcount } = mm.memory.frames;
  return { number, owner: OWNER_NAMES[owner[number]], references: count[number], mappings: mapcount[number] };
}

function meaningOf(kernel: Kernel, mm: MmStruct, walk: PageWalk, vma: VmArea | null, stackLimit: number): string {
  const { address, pde, pte } = walk;
  if (address >= KERNEL_START) {
    return walk.physical === null
      ? "the kernel's half, nothing mapped"
      : "the kernel's half, which programs cannot touch";
  }
  if (vma === null) return unmapped(mm, address, stackLimit);
  // A 4 MiB page has its bits in the directory entry.
  const value = pte?.value ?? (walk.size === "4M" ? (pde?.value ?? 0) : 0);
  const page = vma.indexOf(address);
  if ((vma.flags & VM_ACCESS) === 0) {
    return value === 0 ? "PROT_NONE, and never touched" : "PROT_NONE: the frame is kept, every access is SIGSEGV";
  }
  if (value === 0 && walk.physical === null) {
    if (vma.ops === null) return "never touched: a read maps the page of zeroes, a write a zeroed frame";
    if (vma.ops.name === "hugetlb") return "not mapped yet: the first access takes a huge page";
    if (page * PAGE_BYTES >= (vma.file?.inode.size ?? 0)) return "beyond the end of the file: an access is SIGBUS";
    if (vma.ops.find(vma, page) >= 0) return `not mapped yet: page ${page} of the file, which is in the page cache`;
    const comes = vma.ops.name === "file" ? "has to be read" : "will be zeroes";
    return `not mapped yet: page ${page} of the file, which ${comes}`;
  }
  if ((value & PTE_P) === 0 && walk.physical === null) {
    return (value & PTE_PROTNONE) !== 0 ? "present for the kernel alone" : "not in memory: the entry says where it is";
  }
  if ((vma.flags & VM_WRITE) === 0) return "present, read-only as its mapping";
  if ((value & PTE_RW) !== 0) {
    return walk.user === "rw" ? "present and writable" : "the page table is shared: a write copies it first";
  }
  return writeFault(kernel, vma, value);
}

/** expandStack() has the last word: rights of the process and what lies below also count. */
function unmapped(mm: MmStruct, address: number, stackLimit: number): string {
  const above = mm.vmas.find(address);
  const grows = above !== null && (above.flags & VM_GROWSDOWN) !== 0 && above.end - address <= stackLimit;
  return grows
    ? "nothing mapped yet: the stack grows down to here"
    : "nothing mapped: an access is SIGSEGV (SEGV_MAPERR)";
}

/** What a write to a present, read-only page of a writable mapping does: do_wp_page(). */
function writeFault({ mm }: Kernel, { flags }: VmArea, value: number): string {
  const { frames, zeroPage } = mm.memory;
  const frame = pteFrame(value);
  if (frame === zeroPage) return "the page of zeroes: a write gets a zeroed frame";
  if ((flags & VM_SHARED) !== 0) return "present, clean: the first write makes it writable";
  const sole = frames.owner[frame] === OWNER_ANON && frames.count[frame] === 1;
  return sole
    ? "copy on write, but nobody else has it: a write makes it writable"
    : "copy on write: a write copies the frame";
}
