/** Open directories. cf. fs/readdir.c, fs/libfs.c dcache_readdir(). */

import { EISDIR, ENOENT } from "../errno.ts";
import { parentOf } from "./dentry.ts";
import { File } from "./file.ts";
import { type DirectoryEntry, S_IFDIR } from "./inode.ts";
import { seekTo } from "./regular-file.ts";
import { byBytes } from "./tmpfs.ts";

/**
 * The position is the index of the next entry: 0 is ".", 1 is "..", the names follow in byte order. The names are those at
 * the time of the first read or of the last rewind; what has been removed since is left out, so that deleting while
 * reading skips nothing.
 */
export class DirectoryFile extends File {
  private names: DirectoryEntry[] | null = null;

  override get seekable(): boolean {
    return true;
  }

  override read(): number {
    return -EISDIR;
  }

  override seek(offset: number, whence: number): number {
    const target = seekTo(offset, whence, this.position, this.inode.size);
    if (target < 0) return target;
    this.position = target;
    if (target === 0) this.names = null;
    return target;
  }

  override sync(): number {
    return 0;
  }

  /**
   * Gives the entries from the position on to `emit` until that refuses one; `next` is the position behind it, d_off.
   * Returns 0 or -errno.
   */
  iterate(emit: (entry: DirectoryEntry, next: number) => boolean): number {
    if (this.dentry.deleted) return -ENOENT;
    const names = this.load();
    if (typeof names === "number") return names;
    while (this.position < names.length + 2) {
      const entry = this.entryAt(names, this.position);
      if (entry !== null && !emit(entry, this.position + 1)) break;
      this.position += 1;
    }
    this.inode.touchAtime();
    return 0;
  }

  private load(): DirectoryEntry[] | number {
    if (this.names !== null && this.position > 0) return this.names;
    const entries = this.inode.readdir();
    if (typeof entries === "number") return entries;
    this.names = this.withMountpoints(entries);
    return this.names;
  }

  /** What is mounted here is listed even where the directory below has no such name. */
  private withMountpoints(entries: DirectoryEntry[]): DirectoryEntry[] {
    const missing: DirectoryEntry[] = [];
    for (const [name, dentry] of this.dentry.children) {
      if (dentry.mounted === null || entries.some((entry) => entry.name === name)) continue;
      missing.push({ name, ino: dentry.inode.ino, type: S_IFDIR });
    }
    return missing.length === 0 ? entries : [...entries, ...missing].sort((a, b) => byBytes(a.name, b.name));
  }

  private entryAt(names: DirectoryEntry[], index: number): DirectoryEntry | null {
    if (index === 0) return { name: ".", ino: this.inode.ino, type: S_IFDIR };
    if (index === 1) {
      const parent = this.dentry.parent ?? parentOf(this.dentry, this.dentry);
      return { name: "..", ino: parent.inode.ino, type: S_IFDIR };
    }
    const entry = names[index - 2];
    if (entry === undefined) return null;
    if (this.inode.sb.volatile || this.dentry.children.has(entry.name)) return entry;
    return typeof this.inode.lookup(entry.name) === "number" ? null : entry;
  }
}
