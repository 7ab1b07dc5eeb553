/** Seals of files in memory: what may not happen to them any more (cf. mm/memfd.c, mm/shmem.c). */

import { EBUSY, EINVAL, EPERM } from "../errno.ts";
import { VM_MAYWRITE, VM_SHARED, VM_WRITE } from "../mm/vma.ts";
import type { File } from "./file.ts";
import type { Inode } from "./inode.ts";

/** include/uapi/linux/fcntl.h. */
export const F_SEAL_SEAL = 0x01;
export const F_SEAL_SHRINK = 0x02;
export const F_SEAL_GROW = 0x04;
export const F_SEAL_WRITE = 0x08;
export const F_SEAL_FUTURE_WRITE = 0x10;
export const F_SEAL_EXEC = 0x20;

const F_ALL_SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE | F_SEAL_EXEC;
const WRITE_SEALS = F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;
const MODE_EXEC = 0o111;

/** Do seals forbid to write up to `end`? */
export function writeSealed(inode: Inode, end: number): boolean {
  const { seals } = inode;
  if (seals === null) return false;
  return (seals & WRITE_SEALS) !== 0 || ((seals & F_SEAL_GROW) !== 0 && end > inode.size);
}

/** Do seals forbid this size? */
export function sizeSealed(inode: Inode, size: number): boolean {
  const { seals } = inode;
  if (seals === null || size === inode.size) return false;
  return (seals & (size < inode.size ? F_SEAL_SHRINK : F_SEAL_GROW)) !== 0;
}

/** Do seals forbid these permission bits? */
export function modeSealed(inode: Inode, mode: number): boolean {
  return ((inode.seals ?? 0) & F_SEAL_EXEC) !== 0 && ((inode.mode ^ mode) & MODE_EXEC) !== 0;
}

/** memfd_check_seals_mmap(): vm_flags for a mapping, or -EPERM. A shared one that only reads can never become writable. */
export function sealMapping(inode: Inode, flags: number): number {
  if (((inode.seals ?? 0) & WRITE_SEALS) === 0 || (flags & VM_SHARED) === 0) return flags;
  return (flags & VM_WRITE) !== 0 ? -EPERM : flags & ~VM_MAYWRITE;
}

/** fcntl(F_GET_SEALS). */
export function getSeals(file: File): number {
  return file.inode.seals ?? -EINVAL;
}

/** fcntl(F_ADD_SEALS): memfd_add_seals(). */
export function addSeals(file: File, seals: number): number {
  const { inode } = file;
  if (!file.writable) return -EPERM;
  if ((seals & ~F_ALL_SEALS) !== 0 || inode.seals === null) return -EINVAL;
  if ((inode.seals & F_SEAL_SEAL) !== 0) return -EPERM;
  let added = seals;
  // What may be executed and no longer changes its mode must not change its contents either.
  if ((seals & F_SEAL_EXEC) !== 0 && (inode.mode & MODE_EXEC) !== 0) added |= F_SEAL_SHRINK | F_SEAL_GROW | WRITE_SEALS;
  if ((added & ~inode.seals & F_SEAL_WRITE) !== 0 && hasWriters(inode)) return -EBUSY;
  inode.seals |= added;
  return 0;
}

/** mapping_deny_writable(): is there a shared mapping that is or may become writable? */
function hasWriters(inode: Inode): boolean {
  const wanted = VM_SHARED | VM_MAYWRITE;
  for (const { flags } of inode.mapping?.vmas ?? []) if ((flags & wanted) === wanted) return true;
  return false;
}
