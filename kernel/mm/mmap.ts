/** mmap (cf. mm/mmap.c do_mmap(), mmap_region(); ksys_mmap_pgoff()). Numbers are uint32. */

import { EACCES, EAGAIN, EEXIST, EINVAL, ENODEV, ENOMEM, EOPNOTSUPP, EOVERFLOW, EPERM } from "../errno.ts";
import type { File } from "../fs/file.ts";
import { sealMapping } from "../fs/seals.ts";
import { accountVm, commitMemory, mayExpandVm, uncommitMemory } from "./accounting.ts";
import { AddressSpace } from "./filemap.ts";
import { canDoMlock, lockLimitExceeded } from "./mlock-limit.ts";
import type { MmStruct } from "./mm.ts";
import {
  MAP_32BIT,
  MAP_ABOVE4G,
  MAP_ANONYMOUS,
  MAP_DENYWRITE,
  MAP_EXECUTABLE,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_GROWSDOWN,
  MAP_HUGE_1GB,
  MAP_HUGE_2MB,
  MAP_HUGETLB,
  MAP_LOCKED,
  MAP_NONBLOCK,
  MAP_NORESERVE,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_SHARED_VALIDATE,
  MAP_STACK,
  MAP_TYPE,
  MAP_UNINITIALIZED,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
  READ_IMPLIES_EXEC,
} from "./mmap-flags.ts";
import { unmapRange } from "./munmap.ts";
import { OVERCOMMIT_NEVER } from "./overcommit.ts";
import { PAGE_SIZE, pageAlign } from "./physical-memory.ts";
import { populate } from "./populate.ts";
import { getUnmappedArea, roundHint } from "./unmapped-area.ts";
import { shmemVmOps } from "./vm-ops.ts";
import {
  VM_ACCOUNT,
  VM_EXEC,
  VM_GROWSDOWN,
  VM_LOCKED,
  VM_MAYEXEC,
  VM_MAYREAD,
  VM_MAYSHARE,
  VM_MAYWRITE,
  VM_NORESERVE,
  VM_READ,
  VM_SHARED,
  VM_WRITE,
  VmArea,
  type VmOps,
} from "./vma.ts";
import { linkVma } from "./vma-link.ts";
import { MAX_MAP_COUNT, mergeVma } from "./vma-merge.ts";

/** Flags that MAP_SHARED always took, whatever they meant; MAP_SHARED_VALIDATE refuses all others (LEGACY_MAP_MASK). */
const LEGACY_FLAGS =
  MAP_SHARED |
  MAP_PRIVATE |
  MAP_FIXED |
  MAP_ANONYMOUS |
  MAP_DENYWRITE |
  MAP_EXECUTABLE |
  MAP_GROWSDOWN |
  MAP_LOCKED |
  MAP_NORESERVE |
  MAP_POPULATE |
  MAP_NONBLOCK |
  MAP_STACK |
  MAP_HUGETLB |
  MAP_32BIT |
  MAP_ABOVE4G |
  MAP_UNINITIALIZED |
  MAP_HUGE_2MB |
  MAP_HUGE_1GB;

/** calc_vm_prot_bits(). */
export function vmProtBits(prot: number): number {
  return (
    ((prot & PROT_READ) !== 0 ? VM_READ : 0) |
    ((prot & PROT_WRITE) !== 0 ? VM_WRITE : 0) |
    ((prot & PROT_EXEC) !== 0 ? VM_EXEC : 0)
  );
}

/**
 * Maps `length` bytes of a file from page `pgoff` on, or of anonymous memory (`file` null, MAP_ANONYMOUS or not): the address
 * or -errno. Takes a file reference of its own.
 */
export function doMmap(
  mm: MmStruct,
  file: File | null,
  address: number,
  length: number,
  prot: number,
  flags: number,
  pgoff: number,
): number {
  if (length === 0) return -EINVAL;
  const { current } = mm.memory;
  let protection = prot;
  if ((prot & PROT_READ) !== 0 && (current.personality & READ_IMPLIES_EXEC) !== 0) protection |= PROT_EXEC;
  const fixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0;
  const hint = fixed ? address : roundHint(address);
  const bytes = pageAlign(length);
  if (bytes > 0xffffffff) return -ENOMEM;
  if (pgoff + bytes / PAGE_SIZE > 0xffffffff) return -EOVERFLOW;
  if (mm.vmas.count > MAX_MAP_COUNT) return -ENOMEM;
  const unit = file?.inode.mapping?.vmOps.pageSize ?? PAGE_SIZE;
  if (bytes % unit !== 0) return -EINVAL;
  const start = getUnmappedArea(mm, hint, bytes, fixed ? "fixed" : "anywhere", unit);
  if (start < 0) return start;
  if ((flags & MAP_FIXED_NOREPLACE) !== 0 && mm.findVmaIntersection(start, start + bytes) !== null) return -EEXIST;

  let vmFlags = vmProtBits(protection) | mm.defaultFlags | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
  if ((flags & MAP_GROWSDOWN) !== 0) vmFlags |= VM_GROWSDOWN;
  if ((flags & MAP_LOCKED) !== 0) {
    vmFlags |= VM_LOCKED;
    if (!canDoMlock(mm)) return -EPERM;
  }
  if ((vmFlags & VM_LOCKED) !== 0 && lockLimitExceeded(mm, bytes / PAGE_SIZE)) return -EAGAIN;

  const type = flags & MAP_TYPE;
  let index = pgoff;
  if (file !== null) {
    const kind = fileFlags(file, type, flags, protection, vmFlags);
    if (kind < 0) return kind;
    vmFlags = kind;
  } else if (type === MAP_SHARED) {
    if ((vmFlags & VM_GROWSDOWN) !== 0) return -EINVAL;
    vmFlags |= VM_SHARED | VM_MAYSHARE;
    index = 0;
  } else if (type === MAP_PRIVATE) {
    index = start / PAGE_SIZE;
  } else {
    return -EINVAL;
  }
  // Who promises nothing beyond what there is does not let a program off its reserve either.
  if ((flags & MAP_NORESERVE) !== 0 && mm.memory.overcommit.policy !== OVERCOMMIT_NEVER) vmFlags |= VM_NORESERVE;
  const error = mmapRegion(mm, file, start, bytes, vmFlags, index);
  if (error < 0) return error;
  if ((vmFlags & VM_LOCKED) !== 0 || (flags & (MAP_POPULATE | MAP_NONBLOCK)) === MAP_POPULATE) {
    populate(mm, start, start + bytes, "go on");
  }
  return start;
}

/** What the file allows: vm_flags, or -errno. */
function fileFlags(file: File, type: number, flags: number, prot: number, vmFlags: number): number {
  let result = vmFlags;
  if (type === MAP_SHARED || type === MAP_SHARED_VALIDATE) {
    if (type === MAP_SHARED_VALIDATE && (flags & ~LEGACY_FLAGS) !== 0) return -EOPNOTSUPP;
    if ((prot & PROT_WRITE) !== 0 && !file.writable) return -EACCES;
    result |= VM_SHARED | VM_MAYSHARE;
    if (!file.writable) result &= ~(VM_MAYWRITE | VM_SHARED);
  } else if (type !== MAP_PRIVATE) {
    return -EINVAL;
  }
  if (!file.readable) return -EACCES;
  const error = file.checkMmap();
  if (error < 0) return error;
  result = sealMapping(file.inode, result);
  if (result < 0) return result;
  if (file.mappable === "none") return -ENODEV;
  if ((result & VM_GROWSDOWN) !== 0) return -EINVAL;
  return result;
}

/** Replaces whatever lies in the range by a new mapping: 0, or -errno. */
export function mmapRegion(
  mm: MmStruct,
  file: File | null,
  start: number,
  bytes: number,
  flags: number,
  pgoff: number,
): number {
  const { memory } = mm;
  const end = start + bytes;
  const pages = bytes / PAGE_SIZE;
  if (!mayExpandVm(mm, flags, pages) && !mayExpandVm(mm, flags, pages - mappedPages(mm, start, end))) return -ENOMEM;
  const anonymous = file === null || file.mappable === "zero";
  let ops: VmOps | null = null;
  if (!anonymous) {
    file.inode.mapping ??= new AddressSpace(memory, file.inode);
    ops = file.inode.mapping.vmOps;
    if (ops.map !== undefined) return mapSpecial(new VmArea(mm, start, end, flags, pgoff, file.get(), ops));
  }
  const accountable = (flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) === VM_WRITE;
  const vmFlags = accountable ? flags | VM_ACCOUNT : flags;
  // What the range held before goes, and need not be promised twice.
  const replaced = accountable ? accountedPages(mm, start, end) : 0;
  if (accountable && commitMemory(mm, pages - replaced) < 0) return -ENOMEM;
  memory.overcommit.committed += replaced;
  const error = unmapRange(mm, start, end);
  if (error < 0) {
    if (accountable) uncommitMemory(mm, pages);
    return error;
  }
  if (anonymous && (vmFlags & VM_SHARED) !== 0) {
    // Shared memory without a name is a file of its own that nobody else can open (shmem_zero_setup()).
    const promise = (vmFlags & VM_NORESERVE) === 0 ? "reserve" : "no reserve";
    const shared = mm.shmem.newFile(memory, bytes, mm.totalVm, promise);
    if (typeof shared === "number") return shared;
    accountMapping(mm, vmFlags, pages);
    addVma(mm, start, end, vmFlags, pgoff, shared, shmemVmOps);
    return 0;
  }
  accountMapping(mm, vmFlags, pages);
  const prev = mm.findVmaPrev(start);
  if (mergeVma(mm, prev, start, end, { flags: vmFlags, file, ops, pgoff, from: null }) === null) {
    addVma(mm, start, end, vmFlags, pgoff, file?.get() ?? null, ops);
  }
  return 0;
}

function accountMapping(mm: MmStruct, flags: number, pages: number): void {
  accountVm(mm, flags, pages);
  if ((flags & VM_LOCKED) !== 0) mm.lockedVm += pages;
}

/** A new VMA whose kind has its own conditions and neither merges nor counts as committed: 0, or -errno. */
function mapSpecial(vma: VmArea): number {
  const error = unmapRange(vma.mm, vma.start, vma.end) || (vma.ops?.map?.(vma) ?? 0);
  if (error < 0) {
    vma.file?.put();
    return error;
  }
  linkVma(vma.mm, vma);
  accountVm(vma.mm, vma.flags, vma.pages);
  return 0;
}

/** A new VMA, which takes over one reference to the file. */
export function addVma(
  mm: MmStruct,
  start: number,
  end: number,
  flags: number,
  pgoff: number,
  file: File | null,
  ops: VmOps | null,
): VmArea {
  const vma = new VmArea(mm, start, end, flags, pgoff, file, ops);
  linkVma(mm, vma);
  return vma;
}

/** count_vma_pages_range(). */
function mappedPages(mm: MmStruct, start: number, end: number): number {
  let pages = 0;
  for (let vma = mm.findVmaIntersection(start, end); vma !== null && vma.start < end; vma = vma.next) {
    pages += (Math.min(vma.end, end) - Math.max(vma.start, start)) / PAGE_SIZE;
  }
  return pages;
}

/** Pages of the range that are promised already (vma_munmap_struct.nr_accounted). */
function accountedPages(mm: MmStruct, start: number, end: number): number {
  let pages = 0;
  for (let vma = mm.findVmaIntersection(start, end); vma !== null && vma.start < end; vma = vma.next) {
    if ((vma.flags & VM_ACCOUNT) === 0) continue;
    pages += (Math.min(vma.end, end) - Math.max(vma.start, start)) / PAGE_SIZE;
  }
  return pages;
}
