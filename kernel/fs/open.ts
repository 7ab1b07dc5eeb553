/** open(2): flags, creation, permission, truncation, the file that fits the inode. cf. fs/open.c, fs/namei.c path_openat(). */

import {
  EACCES,
  EEXIST,
  EINVAL,
  EISDIR,
  ELOOP,
  ENOENT,
  ENOTDIR,
  ENXIO,
  EOPNOTSUPP,
  EOVERFLOW,
  EPERM,
  ETXTBSY,
} from "../errno.ts";
import { type Dentry, unplacedDentry } from "./dentry.ts";
import { DirectoryFile } from "./directory-file.ts";
import {
  __O_TMPFILE,
  File,
  O_ACCMODE,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_LARGEFILE,
  O_NOATIME,
  O_NOCTTY,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  O_RDWR,
  O_TMPFILE,
  O_TRUNC,
  O_WRONLY,
  opensItself,
} from "./file.ts";
import { type Inode, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG, S_IFSOCK } from "./inode.ts";
import { Walk, type WalkContext } from "./namei.ts";
import { inodePermission, isOwner, MAY_EXEC, MAY_READ, MAY_WRITE, mayCreate } from "./permission.ts";
import { openFifo } from "./pipe.ts";
import { RegularFile, truncateInode } from "./regular-file.ts";

/** A file of this size needs O_LARGEFILE: MAX_NON_LFS. */
export const MAX_NON_LFS = 0x7fffffff;

/** Makes the file of a device node; -ENXIO for an unknown number. */
export interface DeviceTable {
  openDevice(dentry: Dentry, flags: number): File | number;
}

export interface OpenHow {
  flags: number;
  /** Permission bits of a new file, the umask taken off. */
  mode: number;
  /** RESOLVE_* of openat2. */
  resolve: number;
}

/** A regular file open for writing keeps it from being executed; see deny_write_access(). */
class WritableRegularFile extends RegularFile {
  constructor(dentry: Dentry, flags: number) {
    super(dentry, flags);
    this.inode.writeCount += 1;
  }

  override release(): void {
    this.inode.writeCount -= 1;
  }
}

/** The program file of a process: nobody may open it for writing while this file lives. */
class ProgramFile extends RegularFile {
  constructor(dentry: Dentry) {
    super(dentry, O_RDONLY | O_LARGEFILE);
    this.inode.writeCount -= 1;
  }

  override release(): void {
    this.inode.writeCount += 1;
  }
}

/** MAY_* bits that the access mode asks for; mode 3 asks for both and can then do neither. */
function accessMask(flags: number): number {
  const mode = flags & O_ACCMODE;
  let mask = mode === O_RDONLY ? MAY_READ : mode === O_WRONLY ? MAY_WRITE : MAY_READ | MAY_WRITE;
  if ((flags & O_TRUNC) !== 0) mask |= MAY_WRITE;
  return mask;
}

/** Flags that make no sense together: build_open_flags(). */
function checkFlags(flags: number): number {
  if ((flags & (O_DIRECTORY | O_CREAT)) === (O_DIRECTORY | O_CREAT)) return -EINVAL;
  if ((flags & __O_TMPFILE) !== 0) {
    if ((flags & O_TMPFILE) !== O_TMPFILE) return -EINVAL;
    if ((accessMask(flags) & MAY_WRITE) === 0) return -EINVAL;
  }
  return 0;
}

/** Opens a path: a File with one reference, or -errno. A FIFO may still have to wait (`awaitsPartner`). */
export function openPath(
  devices: DeviceTable,
  context: WalkContext,
  start: Dentry,
  path: string,
  how: OpenHow,
): File | number {
  const flags = (how.flags & O_PATH) !== 0 ? how.flags & (O_PATH | O_DIRECTORY | O_NOFOLLOW) : how.flags & ~O_CLOEXEC;
  const wrong = checkFlags(flags);
  if (wrong < 0) return wrong;
  if (path === "") return -ENOENT;
  if (!path.startsWith("/") && !start.inode.isDirectory) return -ENOTDIR;
  const walk = new Walk(context, start, how.resolve);
  const walked = walk.toParent(path);
  if (walked < 0) return walked;
  if ((flags & __O_TMPFILE) !== 0) return openUnnamed(walk, context, flags, how.mode);
  const exclusive = (flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL);
  const links = exclusive || (flags & O_NOFOLLOW) !== 0 ? "nofollow" : "follow";
  if ((flags & O_CREAT) === 0) {
    const found = walk.end(links);
    if (typeof found === "number") return found;
    if (walk.trailingSlash && !found.inode.isDirectory) return -ENOTDIR;
    return openDentry(devices, context, found, flags);
  }
  return openOrCreate(devices, context, walk, links, flags, how.mode);
}

function openOrCreate(
  devices: DeviceTable,
  context: WalkContext,
  walk: Walk,
  links: "follow" | "nofollow",
  flags: number,
  mode: number,
): File | number {
  for (;;) {
    if (walk.lastType === "norm" && walk.trailingSlash) return -EISDIR;
    const found = walk.lastType === "norm" ? walk.child() : walk.end("nofollow");
    if (found === -ENOENT && walk.lastType === "norm") return create(devices, context, walk, flags, mode);
    if (typeof found === "number") return found;
    if (found.inode.isSymlink && links === "follow") {
      const entered = walk.enter(found);
      if (entered < 0) return entered;
      continue;
    }
    if ((flags & O_EXCL) !== 0) return -EEXIST;
    if (found.inode.isDirectory) return -EISDIR;
    return openDentry(devices, context, found, flags);
  }
}

function create(devices: DeviceTable, context: WalkContext, walk: Walk, flags: number, mode: number): File | number {
  const directory = walk.current;
  if (directory.inode.sb.volatile) return -ENOENT;
  const denied = mayCreate(directory, context.cred);
  if (denied < 0) return denied;
  const owner = { uid: context.cred.fsuid, gid: context.cred.fsgid };
  const inode = directory.inode.create(walk.last, S_IFREG | (mode & 0o7777), 0, owner);
  if (typeof inode === "number") return inode;
  const dentry = directory.add(walk.last, inode);
  return fileOf(devices, dentry, flags & ~O_TRUNC);
}

/** O_TMPFILE. */
function openUnnamed(walk: Walk, context: WalkContext, flags: number, mode: number): File | number {
  const directory = walk.end((flags & O_NOFOLLOW) !== 0 ? "nofollow" : "follow");
  if (typeof directory === "number") return directory;
  if (!directory.inode.isDirectory) return -ENOTDIR;
  const denied = inodePermission(directory.inode, MAY_WRITE | MAY_EXEC, context.cred);
  if (denied < 0) return denied;
  const owner = { uid: context.cred.fsuid, gid: context.cred.fsgid };
  const inode = directory.inode.createUnnamed(S_IFREG | (mode & 0o7777), owner);
  if (typeof inode === "number") return inode === -EPERM ? -EOPNOTSUPP : inode;
  const dentry = unplacedDentry(`#${inode.ino}`, inode);
  return new WritableRegularFile(dentry, flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC));
}

/** Opens what has been found: may_open(), do_open(), handle_truncate(). */
export function openDentry(devices: DeviceTable, context: WalkContext, dentry: Dentry, flags: number): File | number {
  const { inode } = dentry;
  if ((flags & O_DIRECTORY) !== 0 && !inode.isDirectory) return -ENOTDIR;
  if ((flags & O_PATH) !== 0) return new File(dentry, flags);
  const mask = accessMask(flags);
  if (inode.isSymlink) return -ELOOP;
  if (inode.isDirectory && (mask & MAY_WRITE) !== 0) return -EISDIR;
  const denied = inodePermission(inode, mask, context.cred);
  if (denied < 0) return denied;
  if ((flags & O_NOATIME) !== 0 && !isOwner(inode, context.cred)) return -EPERM;
  const file = fileOf(devices, dentry, flags);
  if (typeof file !== "number" && (flags & O_TRUNC) !== 0 && inode.isRegular && !opensItself(inode)) {
    const truncated = truncateForOpen(inode, file);
    if (truncated < 0) {
      file.put();
      return truncated;
    }
  }
  return file;
}

/** O_TRUNC; with O_RDONLY the file was not counted as a writer when it was opened. */
function truncateForOpen(inode: Inode, file: File): number {
  if (!file.writable && inode.writeCount < 0) return -ETXTBSY;
  return truncateInode(inode, 0);
}

/** The open file of an inode by its type: do_dentry_open(). */
function fileOf(devices: DeviceTable, dentry: Dentry, openFlags: number): File | number {
  const { inode } = dentry;
  const flags = openFlags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC);
  if (opensItself(inode)) return inode.openFile(dentry, flags);
  switch (inode.type) {
    case S_IFREG: {
      const mode = flags & O_ACCMODE;
      const writes = mode === O_WRONLY || mode === O_RDWR;
      if (writes && inode.writeCount < 0) return -ETXTBSY;
      if ((flags & O_LARGEFILE) === 0 && inode.size > MAX_NON_LFS) return -EOVERFLOW;
      return writes ? new WritableRegularFile(dentry, flags) : new RegularFile(dentry, flags);
    }
    case S_IFDIR:
      return new DirectoryFile(dentry, flags);
    case S_IFIFO:
      return openFifo(dentry, flags);
    case S_IFCHR:
      return devices.openDevice(dentry, flags);
    case S_IFLNK:
      return -ELOOP;
    case S_IFSOCK:
      return -ENXIO;
    default:
      return -ENXIO;
  }
}

/**
 * Opens a program for execve: -EACCES unless it is a regular file that the caller may execute, -ETXTBSY if somebody has
 * it open for writing. Nobody can open it for writing until the last reference is put. cf. do_open_execat().
 */
export function openProgram(context: WalkContext, dentry: Dentry): File | number {
  const { inode } = dentry;
  if (inode.isSymlink) return -ELOOP;
  if (!inode.isRegular || opensItself(inode)) return -EACCES;
  const denied = inodePermission(inode, MAY_EXEC, context.cred);
  if (denied < 0) return denied;
  if (inode.writeCount > 0) return -ETXTBSY;
  return new ProgramFile(dentry);
}

/** A memfd: open for writing, and yet it may be executed. Linux counts only writers that have opened a file by a path. */
export function openUnplaced(dentry: Dentry, flags: number): File {
  return new RegularFile(dentry, flags);
}
