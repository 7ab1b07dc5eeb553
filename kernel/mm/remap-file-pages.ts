/** remap_file_pages, as Linux emulates it since 4.0: by mapping the file again (cf. mm/mmap.c). */

import { EINVAL } from "../errno.ts";
import type { MmStruct } from "./mm.ts";
import { doMmap } from "./mmap.ts";
import { MAP_FIXED, MAP_LOCKED, MAP_NONBLOCK, MAP_POPULATE, MAP_SHARED } from "./mmap-flags.ts";
import { PAGE_SIZE } from "./physical-memory.ts";
import { VM_ACCESS, VM_LOCKED, VM_SHARED } from "./vma.ts";

/** Puts page `pgoff` of the file at `address`, in a shared mapping of that file: 0 or -errno. */
export function remapFilePages(
  mm: MmStruct,
  address: number,
  length: number,
  prot: number,
  pgoff: number,
  flags: number,
): number {
  if (prot !== 0) return -EINVAL;
  const start = address - (address % PAGE_SIZE);
  const bytes = length - (length % PAGE_SIZE);
  if (bytes === 0 || start + bytes > 0xffffffff || pgoff + bytes / PAGE_SIZE > 0xffffffff) return -EINVAL;
  const vma = mm.findVma(start);
  if (vma === null || vma.start > start || vma.file === null || (vma.flags & VM_SHARED) === 0) return -EINVAL;
  const { file } = vma;
  let last = vma;
  while (last.end < start + bytes) {
    const { next } = last;
    if (next === null || next.start !== last.end || next.file !== file || next.flags !== vma.flags) return -EINVAL;
    last = next;
  }
  const locked = (vma.flags & VM_LOCKED) !== 0 ? MAP_LOCKED : 0;
  const mode = (flags & MAP_NONBLOCK) | MAP_SHARED | MAP_FIXED | MAP_POPULATE | locked;
  // The VM_ access bits are the PROT_ bits; the file must outlive the mapping that is replaced.
  const held = file.get();
  const result = doMmap(mm, held, start, bytes, vma.flags & VM_ACCESS, mode, pgoff);
  held.put();
  return Math.min(result, 0);
}
