/** Open regular files, and what changes an inode's contents: page cache and backing store stay one. cf. mm/filemap.c. */

import { EFAULT, EFBIG, EINVAL, ENXIO, EPERM } from "../errno.ts";
import { File, type Mappable, O_NOATIME, SEEK_CUR, SEEK_DATA, SEEK_END, SEEK_HOLE, SEEK_SET } from "./file.ts";
import { type Inode, MAX_FILE_SIZE } from "./inode.ts";
import type { IovIter } from "./iov-iter.ts";
import { sizeSealed, writeSealed } from "./seals.ts";
import { TmpfsInode } from "./tmpfs.ts";

/** Bytes on their way between an inode and its user. Never holds anything across calls. */
const bounce = new Uint8Array(64 * 1024);

/** Reads what a program sees: cached pages, then the backing store. Bytes or -errno. */
export function readInode(inode: Inode, position: number, buffer: Uint8Array, offset: number, length: number): number {
  return inode.mapping === null
    ? inode.readAt(position, buffer, offset, length)
    : inode.mapping.read(position, buffer, offset, length);
}

/** Writes to the backing store and to the cached pages. Bytes or -errno. */
export function writeInode(inode: Inode, position: number, buffer: Uint8Array, offset: number, length: number): number {
  if (writeSealed(inode, position + length)) return -EPERM;
  const { mapping, size } = inode;
  // What a mapping wrote beyond the end of the file must not appear when the file grows over it.
  if (mapping !== null && position + length > size) mapping.truncate(size);
  const written = inode.writeAt(position, buffer, offset, length);
  if (written > 0) mapping?.update(position, buffer, offset, written);
  return written;
}

/** Sets the size of a regular file; cached pages beyond it go. */
export function truncateInode(inode: Inode, size: number): number {
  if (sizeSealed(inode, size)) return -EPERM;
  const before = inode.size;
  if (size > before) inode.mapping?.truncate(before);
  const result = inode.truncate(size);
  if (result < 0) return result;
  if (size < before) inode.mapping?.truncate(size);
  inode.touchMtime();
  return 0;
}

/** Dirty cached pages go to the backing store, and that to the host. */
export function syncInode(inode: Inode): number {
  const written = inode.mapping?.writeBack() ?? 0;
  const synced = inode.sync();
  return written < 0 ? written : synced;
}

/** Where lseek goes in a file of this size; -EINVAL below zero. cf. generic_file_llseek_size(). */
export function seekTo(offset: number, whence: number, position: number, size: number): number {
  const base = whence === SEEK_SET ? 0 : whence === SEEK_CUR ? position : whence === SEEK_END ? size : -1;
  if (base < 0) return -EINVAL;
  const target = base + offset;
  return target < 0 || target > MAX_FILE_SIZE ? -EINVAL : target;
}

export class RegularFile extends File {
  override get seekable(): boolean {
    return true;
  }

  override get mappable(): Mappable {
    return "cache";
  }

  override read(to: IovIter, position: number): number {
    const { inode } = this;
    let done = 0;
    while (to.count > 0) {
      const wanted = Math.min(to.count, bounce.length);
      const bytes = readInode(inode, position + done, bounce, 0, wanted);
      if (bytes < 0) return done > 0 ? done : bytes;
      if (bytes === 0) break;
      const copied = to.copyTo(bounce, 0, bytes);
      done += copied;
      if (copied < bytes) return done > 0 ? done : -EFAULT;
    }
    if ((this.flags & O_NOATIME) === 0) inode.touchAtime();
    return done;
  }

  override write(from: IovIter, position: number): number {
    const { inode } = this;
    let done = 0;
    while (from.count > 0) {
      if (position + done >= MAX_FILE_SIZE) return done > 0 ? done : -EFBIG;
      const wanted = Math.min(from.count, bounce.length, MAX_FILE_SIZE - position - done);
      const bytes = from.copyFrom(bounce, 0, wanted);
      const written = bytes > 0 ? writeInode(inode, position + done, bounce, 0, bytes) : 0;
      if (written > 0) done += written;
      if (written < bytes) {
        from.revert(bytes - Math.max(0, written));
        if (done === 0) return written;
        break;
      }
      if (bytes < wanted) {
        if (done === 0) return -EFAULT;
        break;
      }
    }
    if (done > 0) inode.touchMtime();
    return done;
  }

  override seek(offset: number, whence: number): number {
    if (whence === SEEK_DATA || whence === SEEK_HOLE) return this.seekDataOrHole(offset, whence);
    const target = seekTo(offset, whence, this.position, this.inode.size);
    if (target >= 0) this.position = target;
    return target;
  }

  override sync(): number {
    return syncInode(this.inode);
  }

  /** Holes are known for files in memory; of others only the end is one. cf. generic_file_llseek(). */
  private seekDataOrHole(offset: number, whence: number): number {
    const { inode } = this;
    if (offset < 0 || offset >= inode.size) return -ENXIO;
    const index = Math.floor(offset / 4096);
    let found = inode.size;
    if (inode instanceof TmpfsInode) {
      const next = whence === SEEK_DATA ? inode.nextData(index) : inode.nextHole(index);
      found = next === index ? offset : next * 4096;
    } else if (whence === SEEK_DATA) {
      found = offset;
    }
    if (found >= inode.size && whence === SEEK_DATA) return -ENXIO;
    this.position = Math.min(inode.size, found);
    return this.position;
  }
}
