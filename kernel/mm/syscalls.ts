/** The memory system calls of i386: arguments in, results out; what they do is in the file of each call's noun. */

import { EBADF, EFAULT, EINVAL, ENOMEM } from "../errno.ts";
import { O_PATH } from "../fs/file.ts";
import type { Kernel } from "../kernel.ts";
import type { Syscall, SyscallTable } from "../syscall/syscall.ts";
import type { Task } from "../task/task.ts";
import { doBrk } from "./brk.ts";
import { hugePageAlign, hugePageSizeKnown } from "./hugetlb-pool.ts";
import { doMadvise } from "./madvise.ts";
import { doMincore } from "./mincore.ts";
import { doMlock, doMlockall, doMunlock, doMunlockall } from "./mlock.ts";
import type { MmStruct } from "./mm.ts";
import { doMmap } from "./mmap.ts";
import { MAP_ANONYMOUS, MAP_HUGETLB } from "./mmap-flags.ts";
import { doMprotect } from "./mprotect.ts";
import { doMremap } from "./mremap.ts";
import { doMsync } from "./msync.ts";
import { doMunmap } from "./munmap.ts";
import { PAGE_SIZE, TASK_SIZE } from "./physical-memory.ts";
import { processVmReadv, processVmWritev } from "./process-vm.ts";
import { remapFilePages } from "./remap-file-pages.ts";

/** A call that needs nothing but the address space; arguments as uint32. */
function onMm(call: (mm: MmStruct, a: number, b: number, c: number, d: number, e: number) => number): Syscall {
  return (_k, t, a, b, c, d, e) => call(mmOf(t), a >>> 0, b >>> 0, c >>> 0, d >>> 0, e >>> 0);
}

/** Only programs make system calls, and a program has an address space. */
function mmOf(t: Task): MmStruct {
  if (t.mm === null) throw new Error("a system call without an address space");
  return t.mm;
}

/** ksys_mmap_pgoff(). */
function mmapPgoff(t: Task, address: number, length: number, prot: number, flags: number, fd: number, pgoff: number) {
  const mm = mmOf(t);
  if ((flags & MAP_ANONYMOUS) !== 0) {
    if ((flags & MAP_HUGETLB) !== 0) return mmapHuge(mm, address, length, prot, flags, pgoff);
    return doMmap(mm, null, address, length, prot, flags, pgoff);
  }
  const file = t.files?.get(fd) ?? null;
  if (file === null || (file.flags & O_PATH) !== 0) return -EBADF;
  const unit = file.inode.mapping?.vmOps.pageSize;
  if (unit === undefined && (flags & MAP_HUGETLB) !== 0) return -EINVAL;
  const bytes = unit === undefined ? length : Math.ceil(length / unit) * unit;
  return doMmap(mm, file, address, bytes, prot, flags, pgoff);
}

/** MAP_HUGETLB | MAP_ANONYMOUS: a nameless file of huge pages (hugetlb_file_setup()). */
function mmapHuge(mm: MmStruct, address: number, length: number, prot: number, flags: number, pgoff: number): number {
  if (!hugePageSizeKnown(mm.memory, flags)) return -EINVAL;
  const bytes = hugePageAlign(length);
  const file = mm.hugetlbfs.newFile("/anon_hugepage", bytes);
  const result = doMmap(mm, file, address, bytes, prot, flags, pgoff);
  file.put();
  return result;
}

const mmap2: Syscall = (_k, t, address, length, prot, flags, fd, pgoff) =>
  mmapPgoff(t, address >>> 0, length >>> 0, prot, flags, fd, pgoff >>> 0);

/** Six words behind a pointer: struct mmap_arg_struct. The offset is in bytes. */
const oldMmap: Syscall = (k, t, pointer) => {
  const bytes = k.user.read(pointer >>> 0, 24);
  if (bytes === null) return -EFAULT;
  const [address, length, prot, flags, fd, offset] = new Uint32Array(bytes.buffer, bytes.byteOffset, 6);
  if (offset % PAGE_SIZE !== 0) return -EINVAL;
  return mmapPgoff(t, address, length, prot, flags, fd | 0, offset / PAGE_SIZE);
};

/** Pages that one piece of a mincore() answer is about. */
const MINCORE_CHUNK = 4096;

const mincore: Syscall = (k: Kernel, t: Task, address, length, vector) => {
  const start = address >>> 0;
  const bytes = length >>> 0;
  if (start % PAGE_SIZE !== 0) return -EINVAL;
  if (start + bytes > TASK_SIZE) return -ENOMEM;
  const residency = new Uint8Array(MINCORE_CHUNK);
  const pages = Math.ceil(bytes / PAGE_SIZE);
  for (let done = 0; done < pages; ) {
    const answered = doMincore(mmOf(t), start + done * PAGE_SIZE, Math.min(MINCORE_CHUNK, pages - done), residency);
    if (answered < 0) return answered;
    if (!k.user.write((vector >>> 0) + done, residency.subarray(0, answered))) return -EFAULT;
    done += answered;
  }
  return 0;
};

export const mmSyscalls: SyscallTable = {
  45: ["brk", onMm(doBrk)],
  90: ["mmap", oldMmap],
  91: ["munmap", onMm(doMunmap)],
  125: ["mprotect", onMm(doMprotect)],
  144: ["msync", onMm(doMsync)],
  150: ["mlock", onMm((mm, address, length) => doMlock(mm, address, length, 0))],
  151: ["munlock", onMm(doMunlock)],
  152: ["mlockall", onMm(doMlockall)],
  153: ["munlockall", onMm(doMunlockall)],
  163: ["mremap", onMm(doMremap)],
  192: ["mmap2", mmap2],
  218: ["mincore", mincore],
  219: ["madvise", onMm(doMadvise)],
  257: ["remap_file_pages", onMm(remapFilePages)],
  347: ["process_vm_readv", processVmReadv],
  348: ["process_vm_writev", processVmWritev],
  376: ["mlock2", onMm(doMlock)],
};
