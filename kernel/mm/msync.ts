/** msync (cf. mm/msync.c). */

import { EBUSY, EINVAL, ENOMEM } from "../errno.ts";
import type { MmStruct } from "./mm.ts";
import { MS_ASYNC, MS_INVALIDATE, MS_SYNC } from "./mmap-flags.ts";
import { PAGE_SIZE, pageAlign } from "./physical-memory.ts";
import { mappingOf } from "./vm-ops.ts";
import { VM_LOCKED, VM_SHARED } from "./vma.ts";

/** MS_SYNC writes what shared mappings of files have changed; a gap gives -ENOMEM after the mapped parts are written. */
export function doMsync(mm: MmStruct, address: number, length: number, flags: number): number {
  if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) !== 0) return -EINVAL;
  if (address % PAGE_SIZE !== 0) return -EINVAL;
  if ((flags & MS_ASYNC) !== 0 && (flags & MS_SYNC) !== 0) return -EINVAL;
  const end = address + pageAlign(length);
  if (end > 0xffffffff) return -ENOMEM;
  if (end === address) return 0;
  let result = 0;
  let at = address;
  for (;;) {
    const vma = mm.findVma(at);
    if (vma === null) return -ENOMEM;
    if (at < vma.start) {
      if (flags === MS_ASYNC || vma.start >= end) return -ENOMEM;
      at = vma.start;
      result = -ENOMEM;
    }
    if ((flags & MS_INVALIDATE) !== 0 && (vma.flags & VM_LOCKED) !== 0) return -EBUSY;
    const stop = Math.min(vma.end, end);
    if ((flags & MS_SYNC) !== 0 && vma.ops !== null && (vma.flags & VM_SHARED) !== 0) {
      const error = mappingOf(vma).writeBack(vma.indexOf(at), vma.indexOf(stop));
      if (error < 0) return error;
    }
    at = stop;
    if (at >= end) return result;
  }
}
