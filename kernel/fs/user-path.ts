/** Paths that system calls are given: the string, the directory it starts from. cf. fs/namei.c getname(), path_init(). */

import { EBADF, ENOENT, ENOTDIR } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import type { Dentry } from "./dentry.ts";
import { PATH_MAX } from "./inode.ts";
import { lookupPath } from "./namei.ts";
import type { Place } from "./naming.ts";
import { contextOf, filesOf, fsOf } from "./transfer.ts";

export const AT_FDCWD = -100;
export const AT_SYMLINK_NOFOLLOW = 0x100;
/** The same bit means AT_REMOVEDIR to unlinkat and AT_EACCESS to faccessat. */
export const AT_REMOVEDIR = 0x200;
export const AT_EACCESS = 0x200;
export const AT_SYMLINK_FOLLOW = 0x400;
export const AT_NO_AUTOMOUNT = 0x800;
export const AT_EMPTY_PATH = 0x1000;
export const AT_STATX_SYNC_TYPE = 0x6000;

/** A path of user memory: -EFAULT, -ENAMETOOLONG from PATH_MAX bytes on. */
export function getPath(k: Kernel, address: number): string | number {
  return k.user.string(address >>> 0, PATH_MAX);
}

/** Where a relative path starts: -EBADF, or -ENOTDIR if the descriptor is no directory. */
export function startOf(t: Task, dirfd: number, path: string): Dentry | number {
  const { cwd } = fsOf(t);
  if (path.startsWith("/") || dirfd === AT_FDCWD) return cwd;
  const file = filesOf(t).get(dirfd);
  if (file === null) return -EBADF;
  if (path !== "" && !file.inode.isDirectory) return -ENOTDIR;
  return file.dentry;
}

/** A path and its start, for calls that make or remove names. */
export function placeAt(k: Kernel, t: Task, dirfd: number, address: number): Place | number {
  const path = getPath(k, address);
  if (typeof path === "number") return path;
  const start = startOf(t, dirfd, path);
  return typeof start === "number" ? start : { start, path };
}

/** What a path leads to, as the AT_ flags say: AT_EMPTY_PATH makes the empty path the descriptor itself. */
export function dentryAt(k: Kernel, t: Task, dirfd: number, address: number, flags: number): Dentry | number {
  const path = getPath(k, address);
  if (typeof path === "number") return path;
  if (path === "" && (flags & AT_EMPTY_PATH) === 0) return -ENOENT;
  const start = startOf(t, dirfd, path);
  if (typeof start === "number" || path === "") return start;
  return lookupPath(contextOf(t), start, path, (flags & AT_SYMLINK_NOFOLLOW) !== 0 ? "nofollow" : "follow");
}
