/** User memory as source or destination of a transfer. cf. lib/iov_iter.c import_iovec(). */

import { EFAULT, EINVAL } from "../errno.ts";
import { accessOk, type Uaccess } from "../mm/uaccess.ts";
import type { IovIter } from "./iov-iter.ts";

/** UIO_MAXIOV. */
export const IOV_MAX = 1024;

/** Bytes that one call moves at most: INT_MAX rounded down to pages. */
export const MAX_RW_COUNT = 0x7ffff000;

interface Segment {
  address: number;
  length: number;
}

/** One piece of user memory. */
class BufferIter implements IovIter {
  private readonly user: Uaccess;
  private address: number;
  count: number;

  constructor(user: Uaccess, address: number, length: number) {
    this.user = user;
    this.address = address;
    this.count = length;
  }

  copyTo(source: Uint8Array, offset: number, length: number): number {
    const copied = this.user.copyOut(this.address, source, offset, Math.min(length, this.count));
    this.advance(copied);
    return copied;
  }

  copyFrom(target: Uint8Array, offset: number, length: number): number {
    const copied = this.user.copyIn(this.address, target, offset, Math.min(length, this.count));
    this.advance(copied);
    return copied;
  }

  advance(bytes: number): void {
    this.address += bytes;
    this.count -= bytes;
  }

  revert(bytes: number): void {
    this.advance(-bytes);
  }
}

/** Segments of user memory, in order. */
class SegmentsIter implements IovIter {
  private readonly user: Uaccess;
  private readonly segments: Segment[];
  private readonly total: number;
  private done = 0;

  constructor(user: Uaccess, segments: Segment[]) {
    this.user = user;
    this.segments = segments;
    this.total = segments.reduce((sum, segment) => sum + segment.length, 0);
  }

  get count(): number {
    return this.total - this.done;
  }

  copyTo(source: Uint8Array, offset: number, length: number): number {
    return this.each(length, (address, moved, bytes) => this.user.copyOut(address, source, offset + moved, bytes));
  }

  copyFrom(target: Uint8Array, offset: number, length: number): number {
    return this.each(length, (address, moved, bytes) => this.user.copyIn(address, target, offset + moved, bytes));
  }

  advance(bytes: number): void {
    this.done += bytes;
  }

  revert(bytes: number): void {
    this.done -= bytes;
  }

  private each(length: number, copy: (address: number, moved: number, bytes: number) => number): number {
    const wanted = Math.min(length, this.count);
    let start = 0;
    let moved = 0;
    for (const segment of this.segments) {
      const within = this.done - start;
      start += segment.length;
      if (within >= segment.length) continue;
      if (moved === wanted) break;
      const bytes = Math.min(segment.length - within, wanted - moved);
      const copied = copy(segment.address + within, moved, bytes);
      moved += copied;
      this.done += copied;
      if (copied < bytes) break;
    }
    return moved;
  }
}

/** One buffer, as read and write have it: -EFAULT outside of user space, -EINVAL for a length above 2^31 - 1. */
export function importBuffer(user: Uaccess, address: number, length: number): IovIter | number {
  if (!accessOk(address >>> 0, length >>> 0)) return -EFAULT;
  if (length < 0) return -EINVAL;
  return new BufferIter(user, address >>> 0, Math.min(length, MAX_RW_COUNT));
}

/** An array of struct iovec { void *base; size_t length; }. */
export function importIovec(user: Uaccess, address: number, segmentCount: number): IovIter | number {
  if (segmentCount >>> 0 > IOV_MAX) return -EINVAL;
  const table = user.read(address >>> 0, segmentCount * 8);
  if (table === null) return -EFAULT;
  const view = new DataView(table.buffer, table.byteOffset);
  const segments: Segment[] = [];
  let total = 0;
  for (let i = 0; i < segmentCount; i++) {
    const base = view.getUint32(8 * i, true);
    const length = view.getInt32(8 * i + 4, true);
    if (length < 0) return -EINVAL;
    if (!accessOk(base, length)) return -EFAULT;
    const used = Math.min(length, MAX_RW_COUNT - total);
    total += used;
    segments.push({ address: base, length: used });
  }
  return new SegmentsIter(user, segments);
}
