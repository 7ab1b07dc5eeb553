/** Names: the tree of dentries over the inodes, and what is mounted where. cf. fs/dcache.c, fs/namespace.c, fs/d_path.c. */

import type { Inode, SuperBlock } from "./inode.ts";

/**
 * One name in the tree. A dentry exists from the first lookup of its name on (there are no negative ones) and is the same
 * object as long as the name is: renaming moves it. A path is a dentry alone, since nothing is mounted twice.
 */
export class Dentry {
  name: string;
  /** null for the root of a filesystem and for things without a place in the tree (pipes, sockets). */
  parent: Dentry | null;
  readonly inode: Inode;
  readonly children = new Map<string, Dentry>();
  /** What is mounted on this directory. */
  mounted: Mount | null = null;
  /** The mount of which this is the root. */
  rootOf: Mount | null = null;
  /** The name is gone; open files still hold the dentry. */
  deleted = false;

  constructor(name: string, parent: Dentry | null, inode: Inode) {
    this.name = name;
    this.parent = parent;
    this.inode = inode;
  }

  /** The dentry of a name in this directory, asking the filesystem at first sight; -ENOENT if there is none. */
  lookup(name: string): Dentry | number {
    const known = this.children.get(name);
    if (known !== undefined) return known;
    const inode = this.inode.lookup(name);
    return typeof inode === "number" ? inode : this.add(name, inode);
  }

  /** A name has been made. */
  add(name: string, inode: Inode): Dentry {
    const child = new Dentry(name, this, inode);
    if (!inode.sb.volatile) this.children.set(name, child);
    return child;
  }

  /** The name has been removed. cf. d_delete(). */
  drop(): void {
    this.deleted = true;
    if (this.parent?.children.get(this.name) === this) this.parent.children.delete(this.name);
  }

  /** The thing has been renamed. cf. d_move(). */
  move(directory: Dentry, name: string): void {
    if (this.parent?.children.get(this.name) === this) this.parent.children.delete(this.name);
    this.parent = directory;
    this.name = name;
    directory.children.set(name, this);
  }

  /** Is this `other` or below it, in the same filesystem? cf. is_subdir(). */
  isBelow(other: Dentry): boolean {
    for (let dentry: Dentry | null = this; dentry !== null; dentry = dentry.parent) if (dentry === other) return true;
    return false;
  }
}

/** One filesystem in the tree. */
export class Mount {
  readonly sb: SuperBlock;
  readonly root: Dentry;
  /** The directory that it covers; null for the root filesystem. */
  readonly mountpoint: Dentry | null;
  /** First column of /proc/mounts. */
  readonly source: string;
  /** Fourth column of /proc/mounts. */
  readonly options: string;
  readonly id: number;

  constructor(id: number, root: Inode, mountpoint: Dentry | null, source: string, options: string) {
    this.id = id;
    this.sb = root.sb;
    this.root = new Dentry("", null, root);
    this.root.rootOf = this;
    this.mountpoint = mountpoint;
    this.source = source;
    this.options = options;
    if (mountpoint !== null) mountpoint.mounted = this;
  }
}

/** A pipe, a socket, a memfd: something open that has no place in the tree; /proc shows `name`. */
export function unplacedDentry(name: string, inode: Inode): Dentry {
  return new Dentry(name, null, inode);
}

/** The directory that a path sees here: the root of what is mounted on it, if anything is. cf. follow_mount(). */
export function throughMounts(dentry: Dentry): Dentry {
  let top = dentry;
  while (top.mounted !== null) top = top.mounted.root;
  return top;
}

/** ".." as seen by a task with this root: stays at the root, leaves a mounted filesystem. cf. follow_dotdot(). */
export function parentOf(dentry: Dentry, root: Dentry): Dentry {
  let here = dentry;
  while (here !== root && here.parent === null) {
    const mountpoint = here.rootOf?.mountpoint ?? null;
    if (mountpoint === null) return here;
    here = mountpoint;
  }
  if (here === root || here.parent === null) return here;
  return throughMounts(here.parent);
}

/** The absolute path and whether `root` was met on the way up: a dentry that lies elsewhere is unreachable. */
export function pathFrom(dentry: Dentry, root: Dentry): { path: string; reachable: boolean } {
  const names: string[] = [];
  let here = dentry;
  let reachable = true;
  while (here !== root) {
    if (here.parent !== null) {
      names.push(here.name);
      here = here.parent;
    } else if (here.rootOf !== null && here.rootOf.mountpoint !== null) {
      here = here.rootOf.mountpoint;
    } else {
      reachable = false;
      break;
    }
  }
  return { path: `/${names.reverse().join("/")}`, reachable };
}

/** A path for people and for /proc: absolute, " (deleted)" appended if so; the bare name of what has no place. cf. d_path(). */
export function dPath(dentry: Dentry, root: Dentry): string {
  if (dentry.parent === null && dentry.rootOf === null) return dentry.name;
  const { path } = pathFrom(dentry, root);
  return dentry.deleted ? `${path} (deleted)` : path;
}

/** The mount in which a dentry lies; null for what has no place in the tree. */
export function mountOf(dentry: Dentry): Mount | null {
  let here = dentry;
  while (here.parent !== null) here = here.parent;
  return here.rootOf;
}
