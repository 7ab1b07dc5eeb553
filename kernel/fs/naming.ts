/** Making, removing and moving names. cf. fs/namei.c do_mkdirat(), do_unlinkat(), do_rmdir(), do_renameat2(), do_linkat(). */

import { EBUSY, EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY, EPERM, EXDEV } from "../errno.ts";
import { CAP_MKNOD } from "../task/cred.ts";
import { type Dentry, mountOf } from "./dentry.ts";
import {
  type Inode,
  RENAME_EXCHANGE,
  RENAME_NOREPLACE,
  RENAME_WHITEOUT,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from "./inode.ts";
import { Walk, type WalkContext } from "./namei.ts";
import { inodePermission, MAY_WRITE, mayCreate, mayDelete } from "./permission.ts";

/** A path and the directory in which it starts. */
export interface Place {
  start: Dentry;
  path: string;
}

/** Walks to the directory of the last component; -ENOENT for the empty path. */
function walkTo(context: WalkContext, place: Place): Walk | number {
  if (place.path === "") return -ENOENT;
  if (!place.path.startsWith("/") && !place.start.inode.isDirectory) return -ENOTDIR;
  const walk = new Walk(context, place.start);
  const walked = walk.toParent(place.path);
  return walked < 0 ? walked : walk;
}

/** Makes a new name in the directory; the operation itself is `make`. cf. filename_create(). */
function makeName(
  context: WalkContext,
  place: Place,
  kind: "directory" | "other",
  make: (directory: Dentry, name: string) => Inode | number,
): number {
  const walk = walkTo(context, place);
  if (typeof walk === "number") return walk;
  if (walk.lastType !== "norm") return -EEXIST;
  const existing = walk.child();
  if (typeof existing !== "number") return -EEXIST;
  if (existing !== -ENOENT) return existing;
  // The lookup of procfs itself fails, before anybody asks whether something could be made.
  if (walk.current.inode.sb.volatile) return -ENOENT;
  if (kind === "other" && walk.trailingSlash) return -ENOENT;
  const denied = mayCreate(walk.current, context.cred);
  if (denied < 0) return denied;
  const inode = make(walk.current, walk.last);
  if (typeof inode === "number") return inode;
  walk.current.add(walk.last, inode);
  return 0;
}

const ownerIn = (context: WalkContext) => ({ uid: context.cred.fsuid, gid: context.cred.fsgid });

export function makeDirectory(context: WalkContext, place: Place, mode: number): number {
  return makeName(context, place, "directory", (directory, name) =>
    directory.inode.mkdir(name, mode & 0o1777, ownerIn(context)),
  );
}

export function makeSymlink(context: WalkContext, place: Place, target: string): number {
  if (target === "") return -ENOENT;
  return makeName(context, place, "other", (directory, name) =>
    directory.inode.symlink(name, target, ownerIn(context)),
  );
}

/** mknod: regular files, FIFOs, sockets, device nodes (-EPERM without CAP_MKNOD). */
export function makeNode(context: WalkContext, place: Place, mode: number, rdev: number): number {
  const type = mode & S_IFMT;
  if (type === S_IFDIR) return -EPERM;
  if (type !== 0 && ![S_IFREG, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK].includes(type)) return -EINVAL;
  const device = type === S_IFCHR || type === S_IFBLK;
  return makeName(context, place, "other", (directory, name) => {
    if (device && !context.cred.capable(CAP_MKNOD)) return -EPERM;
    const full = (type === 0 ? S_IFREG : type) | (mode & 0o7777);
    return directory.inode.create(name, full, device ? rdev : 0, ownerIn(context));
  });
}

/** link: one more name for `existing`. */
export function makeLink(context: WalkContext, existing: Dentry, place: Place): number {
  return makeName(context, place, "other", (directory, name) => {
    if (mountOf(existing) !== mountOf(directory) && existing.inode.sb !== directory.inode.sb) return -EXDEV;
    if (existing.inode.isDirectory) return -EPERM;
    // A file made by O_TMPFILE has no name yet but may get one; one whose names are gone may not.
    if (existing.inode.nlink === 0 && existing.deleted) return -ENOENT;
    const linked = directory.inode.link(name, existing.inode);
    return linked < 0 ? linked : existing.inode;
  });
}

export function removeDirectory(context: WalkContext, place: Place): number {
  const walk = walkTo(context, place);
  if (typeof walk === "number") return walk;
  if (walk.lastType === "dotdot") return -ENOTEMPTY;
  if (walk.lastType === "dot") return -EINVAL;
  if (walk.lastType !== "norm") return -EBUSY;
  const victim = walk.current.lookup(walk.last);
  const found = walk.child();
  if (typeof found === "number") return found;
  if (typeof victim === "number") return victim;
  const denied = mayDelete(walk.current, victim, "directory", context.cred);
  if (denied < 0) return denied;
  if (victim.mounted !== null) return -EBUSY;
  const removed = walk.current.inode.rmdir(walk.last, victim.inode);
  if (removed === 0) victim.drop();
  return removed;
}

export function removeName(context: WalkContext, place: Place): number {
  const walk = walkTo(context, place);
  if (typeof walk === "number") return walk;
  if (walk.lastType !== "norm") return -EISDIR;
  const victim = walk.child();
  if (typeof victim === "number") return victim;
  if (walk.trailingSlash) return victim.inode.isDirectory ? -EISDIR : -ENOTDIR;
  const denied = mayDelete(walk.current, victim, "other", context.cred);
  if (denied < 0) return denied;
  const removed = walk.current.inode.unlink(walk.last, victim.inode);
  if (removed === 0) victim.drop();
  return removed;
}

export function renameName(context: WalkContext, from: Place, to: Place, flags: number): number {
  if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT)) !== 0) return -EINVAL;
  const exchanges = (flags & RENAME_EXCHANGE) !== 0;
  if (exchanges && (flags & (RENAME_NOREPLACE | RENAME_WHITEOUT)) !== 0) return -EINVAL;
  const source = walkTo(context, from);
  if (typeof source === "number") return source;
  const target = walkTo(context, to);
  if (typeof target === "number") return target;
  if (mountOf(source.current) !== mountOf(target.current)) return -EXDEV;
  if (source.lastType !== "norm") return -EBUSY;
  const noReplace = (flags & RENAME_NOREPLACE) !== 0;
  if (target.lastType !== "norm") return noReplace ? -EEXIST : -EBUSY;
  const moved = source.child();
  if (typeof moved === "number") return moved;
  const existing = target.child();
  if (typeof existing === "number" && existing !== -ENOENT) return existing;
  const replaced = typeof existing === "number" ? null : existing;
  if (noReplace && replaced !== null) return -EEXIST;
  if (exchanges) {
    if (replaced === null) return -ENOENT;
    if (!replaced.inode.isDirectory && target.trailingSlash) return -ENOTDIR;
  }
  if (!moved.inode.isDirectory) {
    if (source.trailingSlash) return -ENOTDIR;
    if (!exchanges && target.trailingSlash) return -ENOTDIR;
  }
  if (target.current.isBelow(moved)) return -EINVAL;
  if (replaced !== null && source.current.isBelow(replaced)) return exchanges ? -EINVAL : -ENOTEMPTY;
  return moveDentry(context, source, moved, target, replaced, flags);
}

/** cf. vfs_rename(). */
function moveDentry(
  context: WalkContext,
  source: Walk,
  moved: Dentry,
  target: Walk,
  replaced: Dentry | null,
  flags: number,
): number {
  const exchanges = (flags & RENAME_EXCHANGE) !== 0;
  if (replaced !== null && replaced.inode === moved.inode) return 0;
  const { cred } = context;
  const kind = (dentry: Dentry) => (dentry.inode.isDirectory ? "directory" : "other");
  let denied = mayDelete(source.current, moved, kind(moved), cred);
  if (denied < 0) return denied;
  if (replaced === null) denied = mayCreate(target.current, cred);
  else denied = mayDelete(target.current, replaced, exchanges ? kind(replaced) : kind(moved), cred);
  if (denied < 0) return denied;
  if (source.current !== target.current) {
    if (moved.inode.isDirectory) denied = inodePermission(moved.inode, MAY_WRITE, cred);
    if (denied === 0 && exchanges && replaced?.inode.isDirectory) {
      denied = inodePermission(replaced.inode, MAY_WRITE, cred);
    }
    if (denied < 0) return denied;
  }
  if (moved.mounted !== null || moved.rootOf !== null || replaced?.mounted || replaced?.rootOf) return -EBUSY;
  if ((flags & RENAME_WHITEOUT) !== 0) return -EINVAL;
  const [fromDirectory, toDirectory] = [source.current.inode, target.current.inode];
  const mode = exchanges ? RENAME_EXCHANGE : 0;
  const result = fromDirectory.rename(
    source.last,
    moved.inode,
    toDirectory,
    target.last,
    replaced?.inode ?? null,
    mode,
  );
  if (result < 0) return result;
  if (exchanges && replaced !== null) {
    const [directory, name] = [source.current, source.last];
    moved.move(target.current, target.last);
    replaced.move(directory, name);
  } else {
    replaced?.drop();
    moved.move(target.current, target.last);
  }
  return 0;
}
