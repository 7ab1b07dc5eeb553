/** Shared memory segments (ipc/shm.c): nameless files in memory that are mapped by identifier instead of descriptor. */

import { EACCES, EFAULT, EIDRM, EINVAL, ENOMEM, EPERM } from "../errno.ts";
import { O_RDONLY, O_RDWR } from "../fs/file.ts";
import { RegularFile } from "../fs/regular-file.ts";
import type { Kernel } from "../kernel.ts";
import { hugePageAlign, hugePageSizeKnown } from "../mm/hugetlb-pool.ts";
import { doMmap } from "../mm/mmap.ts";
import { MAP_FIXED, MAP_FIXED_NOREPLACE, MAP_SHARED, PROT_EXEC, PROT_READ, PROT_WRITE } from "../mm/mmap-flags.ts";
import { doMunmap } from "../mm/munmap.ts";
import { OVERCOMMIT_NEVER } from "../mm/overcommit.ts";
import { PAGE_SIZE, pageAlign, TASK_SIZE } from "../mm/physical-memory.ts";
import type { VmArea } from "../mm/vma.ts";
import { readWords, wide, writeWords } from "../syscall/words.ts";
import { CAP_IPC_LOCK } from "../task/cred.ts";
import { RLIMIT_MEMLOCK } from "../task/rlimit.ts";
import type { Task } from "../task/task.ts";
import { IPC_INFO, IPC_PRIVATE, IPC_RMID, IPC_SET, IPC_STAT, IpcPermissions, READ } from "./ids.ts";
import { AttachedFile, SHM_DEST, SHM_LOCKED, SHMMAX, SHMMIN, SHMMNI, type SharedSegment } from "./segments.ts";

const SHM_RDONLY = 0o10000;
const SHM_RND = 0o20000;
const SHM_REMAP = 0o40000;
const SHM_EXEC = 0o100000;
const SHM_HUGETLB = 0o4000;
const SHM_NORESERVE = 0o10000;
const SHM_LOCK = 11;
const SHM_UNLOCK = 12;
const SHM_STAT = 13;
const SHM_INFO = 14;
const SHM_STAT_ANY = 15;

const hex8 = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");

export function shmget(k: Kernel, t: Task, key: number, size: number, flags: number): number {
  const bytes = size >>> 0;
  return k.ipc.segments.get(
    t.cred,
    key,
    flags,
    () => {
      if (bytes < SHMMIN || bytes > SHMMAX) return -EINVAL;
      const file = (flags & SHM_HUGETLB) !== 0 ? hugeFile(k, t, key, bytes, flags) : smallFile(k, t, key, bytes, flags);
      if (typeof file === "number") return file;
      return {
        perm: new IpcPermissions(key, flags, t.cred),
        bytes,
        file,
        attached: 0,
        attachedAt: 0,
        detachedAt: 0,
        changedAt: k.clock.realtime().sec,
        creator: t.tgid,
        last: 0,
      };
    },
    (segment) => (segment.bytes < bytes ? -EINVAL : 0),
  );
}

/** The memory of a segment: a file of that size, or -errno. */
function smallFile(k: Kernel, t: Task, key: number, bytes: number, flags: number): RegularFile | number {
  const dentry = k.vfs.unplacedFile(`/SYSV${hex8(key)}`, flags & 0o777);
  if (typeof dentry === "number") return dentry;
  const file = new RegularFile(dentry, O_RDWR);
  const { overcommit } = k.mm.memory;
  const reserve = (flags & SHM_NORESERVE) === 0 || overcommit.policy === OVERCOMMIT_NEVER;
  const promised = reserve ? overcommit.commitShared(file, pageAlign(bytes) / PAGE_SIZE, t, t.mm?.totalVm ?? 0) : 0;
  if (promised >= 0 && dentry.inode.truncate(bytes) >= 0) return file;
  overcommit.uncommitShared(file);
  file.put();
  return -ENOMEM;
}

/** The same of 4 MiB pages, which are promised to the segment at once (hugetlb_file_setup()). */
function hugeFile(k: Kernel, t: Task, key: number, bytes: number, flags: number): RegularFile | number {
  if (!hugePageSizeKnown(k.mm.memory, flags)) return -EINVAL;
  if (!t.cred.capable(CAP_IPC_LOCK)) return -EPERM;
  const reserve = (flags & SHM_NORESERVE) === 0 ? "reserve" : "as touched";
  return k.mm.hugetlbfs.newReservedFile(`/SYSV${hex8(key)}`, hugePageAlign(bytes), flags & 0o777, reserve);
}

/** shm_open(), shm_close(): one VMA more or less; the last one of a removed segment destroys it. */
function count(k: Kernel, segment: SharedSegment, change: 1 | -1): void {
  const now = k.clock.realtime().sec;
  segment.attached += change;
  segment.last = k.onCpu?.tgid ?? 0;
  if (change > 0) {
    segment.attachedAt = now;
    return;
  }
  segment.detachedAt = now;
  if (segment.attached === 0 && (segment.perm.mode & SHM_DEST) !== 0) destroy(k, segment);
}

/** shm_add_rss_swap(). */
function residentPages({ inode: { mapping } }: RegularFile): number {
  return mapping === null ? 0 : mapping.pages.size * ((mapping.vmOps.pageSize ?? PAGE_SIZE) / PAGE_SIZE);
}

function destroy(k: Kernel, segment: SharedSegment): void {
  k.ipc.segments.remove(segment);
  k.mm.memory.overcommit.uncommitShared(segment.file);
  segment.file.put();
}

/** do_shmat(): the address, or -errno. */
export function shmat(k: Kernel, t: Task, id: number, address: number, flags: number): number {
  if (id < 0 || t.mm === null) return -EINVAL;
  let at = address >>> 0;
  if (at !== 0) {
    if (at % PAGE_SIZE !== 0) {
      if ((flags & SHM_RND) === 0) return -EINVAL;
      at -= at % PAGE_SIZE;
      if (at === 0 && (flags & SHM_REMAP) !== 0) return -EINVAL;
    }
  } else if ((flags & SHM_REMAP) !== 0) {
    return -EINVAL;
  }
  const segment = k.ipc.segments.find(id);
  if (segment === undefined) return -EINVAL;
  let prot = PROT_READ;
  let wanted = READ;
  let mode = O_RDONLY;
  if ((flags & SHM_RDONLY) === 0) {
    prot |= PROT_WRITE;
    mode = O_RDWR;
    wanted = 0o666;
  }
  if ((flags & SHM_EXEC) !== 0) {
    prot |= PROT_EXEC;
    wanted |= 0o111;
  }
  if (!segment.perm.allows(t.cred, wanted)) return -EACCES;
  if (at !== 0 && (flags & SHM_REMAP) === 0) {
    const end = at + pageAlign(segment.file.inode.size);
    if (end > TASK_SIZE || t.mm.findVmaIntersection(at, end) !== null) return -EINVAL;
  }
  const file = new AttachedFile(segment.file.dentry, mode, segment, (of, change) => count(k, of, change));
  const fixed = at === 0 ? 0 : (flags & SHM_REMAP) !== 0 ? MAP_FIXED : MAP_FIXED_NOREPLACE;
  const result = doMmap(t.mm, file, at, file.inode.size, prot, MAP_SHARED | fixed, 0);
  file.done();
  return result;
}

/** Unmaps what is left of the attachment at this address. */
export function shmdt(t: Task, address: number): number {
  const at = address >>> 0;
  const { mm } = t;
  if (mm === null || at % PAGE_SIZE !== 0) return -EINVAL;
  let vma = mm.findVma(at);
  // The first VMA at or above the address that would lie there if all of the attachment still did.
  while (vma !== null && !(vma.file instanceof AttachedFile && vma.start - at === vma.pgoff * PAGE_SIZE))
    vma = vma.next;
  if (vma === null) return -EINVAL;
  const { file } = vma;
  const end = at + pageAlign((file as AttachedFile).inode.size);
  while (vma !== null && vma.end <= end) {
    const next: VmArea | null = vma.next;
    if (vma.file === file && vma.start - at === vma.pgoff * PAGE_SIZE) doMunmap(mm, vma.start, vma.end - vma.start);
    vma = next;
  }
  return 0;
}

function writeStat(k: Kernel, segment: SharedSegment, address: number): number {
  return writeWords(k, address, [
    ...segment.perm.words(),
    segment.bytes,
    ...wide(segment.attachedAt),
    ...wide(segment.detachedAt),
    ...wide(segment.changedAt),
    segment.creator,
    segment.last,
    segment.attached,
    0,
    0,
  ]);
}

export function shmctl(k: Kernel, t: Task, id: number, command: number, address: number): number {
  const { segments } = k.ipc;
  if (id < 0 || command < 0) return -EINVAL;
  switch (command) {
    case IPC_INFO: {
      // struct shminfo64: max min mni seg all
      const words = [SHMMAX, SHMMIN, SHMMNI, SHMMNI, 0x0fffffff, 0, 0, 0, 0];
      return writeWords(k, address, words) < 0 ? -EFAULT : Math.max(0, segments.highestIndex);
    }
    case SHM_INFO: {
      const all = [...segments];
      const pages = all.reduce((sum, { bytes }) => sum + pageAlign(bytes) / PAGE_SIZE, 0);
      const resident = all.reduce((sum, { file }) => sum + residentPages(file), 0);
      const words = [segments.size, pages, resident, 0, 0, 0];
      return writeWords(k, address, words) < 0 ? -EFAULT : Math.max(0, segments.highestIndex);
    }
    case IPC_STAT: {
      const segment = segments.use(t.cred, id, READ);
      return typeof segment === "number" ? segment : writeStat(k, segment, address);
    }
    case SHM_STAT:
    case SHM_STAT_ANY: {
      const segment = segments.at(id);
      if (segment === undefined) return -EINVAL;
      if (command === SHM_STAT && !segment.perm.allows(t.cred, READ)) return -EACCES;
      return writeStat(k, segment, address) < 0 ? -EFAULT : segment.perm.id;
    }
    case IPC_SET: {
      const words = readWords(k, address, 9);
      if (words === null) return -EFAULT;
      const segment = segments.own(t.cred, id);
      if (typeof segment === "number") return segment;
      segment.perm.update(words);
      segment.changedAt = k.clock.realtime().sec;
      return 0;
    }
    case IPC_RMID: {
      const segment = segments.own(t.cred, id);
      if (typeof segment === "number") return segment;
      if (segment.attached === 0) {
        destroy(k, segment);
      } else {
        segment.perm.key = IPC_PRIVATE;
        segment.perm.mode |= SHM_DEST;
      }
      return 0;
    }
    case SHM_LOCK:
    case SHM_UNLOCK: {
      const segment = segments.find(id);
      if (segment === undefined) return -EINVAL;
      if (segment.perm.removed) return -EIDRM;
      if (!t.cred.capable(CAP_IPC_LOCK)) {
        const { euid } = t.cred;
        if (euid !== segment.perm.uid && euid !== segment.perm.cuid) return -EPERM;
        if (command === SHM_LOCK && t.rlimit(RLIMIT_MEMLOCK) === 0) return -EPERM;
      }
      if (command === SHM_LOCK) segment.perm.mode |= SHM_LOCKED;
      else segment.perm.mode &= ~SHM_LOCKED;
      return 0;
    }
    default:
      return -EINVAL;
  }
}
