/** From a path to a dentry. cf. fs/namei.c link_path_walk(), walk_component(), Documentation/filesystems/path-lookup.rst. */

import { EAGAIN, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, EXDEV } from "../errno.ts";
import type { Cred } from "../task/cred.ts";
import { type Dentry, mountOf, parentOf, throughMounts } from "./dentry.ts";
import { type Inode, NAME_MAX } from "./inode.ts";
import { inodePermission, MAY_EXEC } from "./permission.ts";

/** As many symbolic links may be followed in one walk: MAXSYMLINKS. */
const MAXSYMLINKS = 40;

/** openat2(2) restrictions, include/uapi/linux/openat2.h. */
export const RESOLVE_NO_XDEV = 0x01;
export const RESOLVE_NO_MAGICLINKS = 0x02;
export const RESOLVE_NO_SYMLINKS = 0x04;
export const RESOLVE_BENEATH = 0x08;
export const RESOLVE_IN_ROOT = 0x10;
export const RESOLVE_CACHED = 0x20;

/** Where and as whom a path is walked. */
export interface WalkContext {
  root: Dentry;
  cwd: Dentry;
  cred: Cred;
}

/** A link of /proc that leads to an open file or a place instead of a text. cf. nd_jump_link(). */
export interface MagicLink {
  jump(): Dentry | number;
}

export function isMagicLink(inode: Inode): inode is Inode & MagicLink {
  return "jump" in inode;
}

/** What the last component of a path is; "jumped" is the end of a magic link: `current` is the result itself. */
export type LastType = "norm" | "dot" | "dotdot" | "root" | "jumped";

/**
 * One walk. After `toParent(path)` the directory `current` and the name `last` stand for the path's end; the caller looks
 * the name up, or follows it further by `follow`.
 */
export class Walk {
  current: Dentry;
  last = "";
  lastType: LastType = "root";
  /** The path ends in a slash: its end must be a directory, and a link there is followed. */
  trailingSlash = false;
  private readonly context: WalkContext;
  private readonly root: Dentry;
  private readonly start: Dentry;
  private readonly resolve: number;
  private links = 0;

  constructor(context: WalkContext, start: Dentry, resolve = 0) {
    this.context = context;
    this.start = start;
    this.current = start;
    this.resolve = resolve;
    this.root = (resolve & (RESOLVE_IN_ROOT | RESOLVE_BENEATH)) !== 0 ? start : context.root;
  }

  /** Walks all components but the last: 0 or -errno. The path is not empty. */
  toParent(path: string): number {
    if ((this.resolve & RESOLVE_CACHED) !== 0) return -EAGAIN;
    let at = 0;
    this.lastType = "dot";
    this.last = ".";
    if (path.startsWith("/")) {
      const jumped = this.toRoot();
      if (jumped < 0) return jumped;
      while (path[at] === "/") at++;
      if (at === path.length) return 0;
    }
    for (;;) {
      let end = path.indexOf("/", at);
      if (end < 0) end = path.length;
      const name = path.slice(at, end);
      const searchable = inodePermission(this.current.inode, MAY_EXEC, this.context.cred);
      if (searchable < 0) return searchable;
      this.last = name;
      this.lastType = name === "." ? "dot" : name === ".." ? "dotdot" : "norm";
      at = end;
      while (path[at] === "/") at++;
      if (at === path.length) {
        this.trailingSlash ||= end < path.length;
        return 0;
      }
      const trailing = this.trailingSlash;
      const next = this.end("follow");
      this.trailingSlash = trailing;
      if (typeof next === "number") return next;
      if (!next.inode.isDirectory) return -ENOTDIR;
      this.current = next;
    }
  }

  /**
   * The dentry at the end of the path. A symbolic link there is followed if asked for or if a slash follows. -ENOENT if
   * there is nothing; then `current` and `last` tell where it would be.
   */
  end(links: "follow" | "nofollow"): Dentry | number {
    for (;;) {
      if (this.lastType !== "norm") return this.endDots();
      const child = this.child();
      if (typeof child === "number") return child;
      if (!child.inode.isSymlink || (links === "nofollow" && !this.trailingSlash)) return child;
      const entered = this.enter(child);
      if (entered < 0) return entered;
    }
  }

  /** The dentry named `last` in `current`, links not followed, mounts crossed. */
  child(): Dentry | number {
    if (this.last.length > NAME_MAX) return -ENAMETOOLONG;
    const child = this.current.lookup(this.last);
    if (typeof child === "number") return child;
    const top = throughMounts(child);
    return top !== child && (this.resolve & RESOLVE_NO_XDEV) !== 0 ? -EXDEV : top;
  }

  /** Goes on with the text of a symbolic link: `current` and `last` then stand for the end of that. */
  enter(link: Dentry): number {
    this.links += 1;
    if (this.links > MAXSYMLINKS || (this.resolve & RESOLVE_NO_SYMLINKS) !== 0) return -ELOOP;
    link.inode.touchAtime();
    if (isMagicLink(link.inode)) return this.jump(link.inode);
    const text = link.inode.readlink();
    if (typeof text === "number") return text;
    if (text === "") return -ENOENT;
    return this.toParent(text);
  }

  private jump(link: MagicLink): number {
    if ((this.resolve & RESOLVE_NO_MAGICLINKS) !== 0) return -ELOOP;
    const target = link.jump();
    if (typeof target === "number") return target;
    if ((this.resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) !== 0) return -EXDEV;
    if ((this.resolve & RESOLVE_NO_XDEV) !== 0 && mountOf(target) !== mountOf(this.start)) return -EXDEV;
    this.current = target;
    this.lastType = "jumped";
    this.last = "";
    return 0;
  }

  private toRoot(): number {
    if ((this.resolve & RESOLVE_BENEATH) !== 0) return -EXDEV;
    if ((this.resolve & RESOLVE_NO_XDEV) !== 0 && mountOf(this.root) !== mountOf(this.start)) return -EXDEV;
    this.current = this.root;
    this.lastType = "root";
    this.last = "";
    return 0;
  }

  private endDots(): Dentry | number {
    if (this.lastType !== "dotdot") return this.current;
    if ((this.resolve & RESOLVE_BENEATH) !== 0 && this.current === this.root) return -EXDEV;
    const parent = parentOf(this.current, this.root);
    const crossed = (this.resolve & RESOLVE_NO_XDEV) !== 0 && mountOf(parent) !== mountOf(this.current);
    return crossed ? -EXDEV : parent;
  }
}

/** Everything at once: the dentry that a path leads to. The empty path is -ENOENT. */
export function lookupPath(
  context: WalkContext,
  start: Dentry,
  path: string,
  links: "follow" | "nofollow",
): Dentry | number {
  if (path === "") return -ENOENT;
  if (!path.startsWith("/") && !start.inode.isDirectory) return -ENOTDIR;
  const walk = new Walk(context, start);
  const walked = walk.toParent(path);
  if (walked < 0) return walked;
  const dentry = walk.end(links);
  if (typeof dentry === "number") return dentry;
  return walk.trailingSlash && !dentry.inode.isDirectory ? -ENOTDIR : dentry;
}
