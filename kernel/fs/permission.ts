/** Who may do what with an inode. cf. fs/namei.c generic_permission(), may_delete(), may_create(); fs/attr.c. */

import { EACCES, EBUSY, EISDIR, ENOENT, ENOTDIR, EPERM } from "../errno.ts";
import { CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, type Cred } from "../task/cred.ts";
import type { Dentry } from "./dentry.ts";
import { type Inode, S_ISVTX } from "./inode.ts";

export const MAY_EXEC = 1;
export const MAY_WRITE = 2;
export const MAY_READ = 4;

/** 0 or -EACCES. */
export function inodePermission(inode: Inode, mask: number, cred: Cred): number {
  const special = inode.specialAccess();
  if (special !== "by mode") return special === "granted" ? 0 : -EACCES;
  let granted = inode.mode;
  if (cred.fsuid === inode.uid) granted >>= 6;
  else if (cred.inGroup(inode.gid)) granted >>= 3;
  if ((mask & ~granted & 7) === 0) return 0;
  const searching = cred.capable(CAP_DAC_READ_SEARCH);
  const overriding = cred.capable(CAP_DAC_OVERRIDE);
  if (inode.isDirectory) return ((mask & MAY_WRITE) === 0 && searching) || overriding ? 0 : -EACCES;
  if (mask === MAY_READ && searching) return 0;
  if (((mask & MAY_EXEC) === 0 || (inode.mode & 0o111) !== 0) && overriding) return 0;
  return -EACCES;
}

/** Is the caller the owner, or may it act as one? cf. inode_owner_or_capable(). */
export function isOwner(inode: Inode, cred: Cred): boolean {
  return cred.fsuid === inode.uid || cred.capable(CAP_FOWNER);
}

/** May a name be made in this directory? */
export function mayCreate(directory: Dentry, cred: Cred): number {
  if (directory.deleted) return -ENOENT;
  return inodePermission(directory.inode, MAY_WRITE | MAY_EXEC, cred);
}

/** May this name be removed, by rmdir ("directory") or by unlink ("other")? */
export function mayDelete(directory: Dentry, victim: Dentry, as: "directory" | "other", cred: Cred): number {
  const denied = inodePermission(directory.inode, MAY_WRITE | MAY_EXEC, cred);
  if (denied < 0) return denied;
  const sticky = (directory.inode.mode & S_ISVTX) !== 0;
  if (sticky && cred.fsuid !== victim.inode.uid && cred.fsuid !== directory.inode.uid && !cred.capable(CAP_FOWNER)) {
    return -EPERM;
  }
  if (as === "directory") {
    if (!victim.inode.isDirectory) return -ENOTDIR;
    if (victim.parent === null) return -EBUSY;
  } else if (victim.inode.isDirectory) {
    return -EISDIR;
  }
  return directory.deleted ? -ENOENT : 0;
}
