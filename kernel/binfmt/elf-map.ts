/** Mapping the segments of an ELF file: nothing is read, the pages come by demand (cf. fs/binfmt_elf.c elf_load()). */

import { EFAULT, EINVAL } from "../errno.ts";
import type { File } from "../fs/file.ts";
import { brkRegion, dataFlags } from "../mm/brk.ts";
import type { MmStruct } from "../mm/mm.ts";
import { doMmap } from "../mm/mmap.ts";
import { MAP_FIXED, MAP_PRIVATE, PROT_EXEC, PROT_WRITE } from "../mm/mmap-flags.ts";
import { doMunmap } from "../mm/munmap.ts";
import { PAGE_SIZE, pageAlign, TASK_SIZE } from "../mm/physical-memory.ts";
import type { Uaccess } from "../mm/uaccess.ts";
import { VM_EXEC } from "../mm/vma.ts";
import { type Segment, span } from "./elf-file.ts";

/** Where the first segment may go; all others keep their distance from it, whatever lies there. */
export interface Placement {
  /** Added to every p_vaddr, modulo 2^32. */
  readonly bias: number;
  /** MAP_FIXED, MAP_FIXED_NOREPLACE, or 0 for a hint. */
  readonly flags: number;
  /** Does the first mapping have to find room for all of them? */
  readonly room: "all" | "one";
}

/** Maps all segments of one file into the active address space. Returns the bias that came out, a uint32, or -errno. */
export function mapSegments(
  mm: MmStruct,
  user: Uaccess,
  file: File,
  segments: readonly Segment[],
  placement: Placement,
): number {
  let { bias } = placement;
  const total = placement.room === "all" ? span(segments).bytes : 0;
  for (const [i, segment] of segments.entries()) {
    const address = (bias + segment.vaddr) >>> 0;
    const flags = i === 0 ? placement.flags : MAP_FIXED;
    const mapped = mapSegment(mm, user, file, segment, address, flags, i === 0 ? total : 0);
    if (mapped < 0) return mapped;
    if (i === 0) bias = (mapped - pageStart(segment.vaddr)) >>> 0;
  }
  return bias;
}

function mapSegment(
  mm: MmStruct,
  user: Uaccess,
  file: File,
  { vaddr, memsz, filesz, offset, prot }: Segment,
  address: number,
  flags: number,
  total: number,
): number {
  const inPage = vaddr % PAGE_SIZE;
  if (filesz > memsz || memsz > TASK_SIZE - address || (filesz > 0 && offset % PAGE_SIZE !== inPage)) return -EINVAL;
  let mapped = pageStart(address);
  let zeroStart = mapped;
  if (filesz > 0) {
    const bytes = pageAlign(filesz + inPage);
    const whole = Math.max(pageAlign(total), bytes);
    mapped = doMmap(mm, file, pageStart(address), whole, prot, MAP_PRIVATE | flags, (offset - inPage) / PAGE_SIZE);
    if (mapped < 0) return mapped;
    if (whole > bytes) doMunmap(mm, mapped + bytes, whole - bytes);
    const end = mapped + inPage + filesz;
    zeroStart = pageAlign(end);
    // The rest of the last page; of no interest where the program may not write (padzero()).
    const tail = zeroStart - end;
    if (memsz > filesz && tail > 0 && user.clear(end, tail) < tail && (prot & PROT_WRITE) !== 0) return -EFAULT;
  }
  const zeroEnd = pageAlign(mapped + inPage + memsz);
  if (zeroEnd > TASK_SIZE) return -EINVAL;
  if (memsz > filesz && zeroEnd > zeroStart) {
    const exec = (prot & PROT_EXEC) !== 0 ? VM_EXEC : 0;
    const error = brkRegion(mm, zeroStart, zeroEnd, dataFlags(mm.memory.current.personality) | exec);
    if (error < 0) return error;
  }
  return mapped;
}

function pageStart(address: number): number {
  return address - (address % PAGE_SIZE);
}
