/** Contents of a file in memory, in pages: a page that was never written takes no room and reads as zeros. */

import { ENOSPC } from "../errno.ts";

const PAGE_SIZE = 4096;

/** How much the files of a filesystem may hold together, so that a guest cannot eat the host's memory. */
export class StorageBudget {
  readonly pages: number;
  used = 0;

  constructor(bytes: number) {
    this.pages = Math.floor(bytes / PAGE_SIZE);
  }
}

export class SparseData {
  private readonly pages = new Map<number, Uint8Array>();
  private readonly budget: StorageBudget;

  constructor(budget: StorageBudget) {
    this.budget = budget;
  }

  get pageCount(): number {
    return this.pages.size;
  }

  has(index: number): boolean {
    return this.pages.has(index);
  }

  /** Copies out of the pages; what is not here is taken from `below` (page index, offset in it, length), or is zeros. */
  read(
    position: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    below?: (position: number, offset: number, length: number) => void,
  ): void {
    for (let done = 0; done < length; ) {
      const index = Math.floor((position + done) / PAGE_SIZE);
      const within = position + done - index * PAGE_SIZE;
      const bytes = Math.min(PAGE_SIZE - within, length - done);
      const page = this.pages.get(index);
      if (page !== undefined) buffer.set(page.subarray(within, within + bytes), offset + done);
      else if (below !== undefined) below(position + done, offset + done, bytes);
      else buffer.fill(0, offset + done, offset + done + bytes);
      done += bytes;
    }
  }

  /** Copies in; `initial` fills a page that is new and not wholly overwritten. Returns bytes written or -ENOSPC. */
  write(
    position: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    initial?: (index: number, page: Uint8Array) => void,
  ): number {
    let done = 0;
    while (done < length) {
      const index = Math.floor((position + done) / PAGE_SIZE);
      const within = position + done - index * PAGE_SIZE;
      const bytes = Math.min(PAGE_SIZE - within, length - done);
      let page = this.pages.get(index);
      if (page === undefined) {
        const made = this.make(index);
        if (made === null) break;
        if (bytes < PAGE_SIZE) initial?.(index, made);
        page = made;
      }
      page.set(buffer.subarray(offset + done, offset + done + bytes), within);
      done += bytes;
    }
    return done > 0 || length === 0 ? done : -ENOSPC;
  }

  /** Makes all pages of a range present, zeros where nothing was; 0 or -ENOSPC. */
  allocate(position: number, length: number, initial?: (index: number, page: Uint8Array) => void): number {
    const end = Math.ceil((position + length) / PAGE_SIZE);
    for (let index = Math.floor(position / PAGE_SIZE); index < end; index++) {
      if (this.pages.has(index)) continue;
      const page = this.make(index);
      if (page === null) return -ENOSPC;
      initial?.(index, page);
    }
    return 0;
  }

  /** Makes pages first..end-1 holes. */
  discard(first: number, end: number): void {
    for (const index of this.pages.keys()) if (index >= first && index < end) this.remove(index);
  }

  /** Forgets what lies at or beyond `size` and zeroes the rest of the last page. */
  truncate(size: number): void {
    const last = Math.floor(size / PAGE_SIZE);
    for (const index of this.pages.keys()) if (index > last) this.remove(index);
    if (size === last * PAGE_SIZE) this.remove(last);
    else this.pages.get(last)?.fill(0, size - last * PAGE_SIZE);
  }

  clear(): void {
    for (const index of this.pages.keys()) this.remove(index);
  }

  /** First present page with an index >= `from`; Infinity if there is none. */
  next(from: number): number {
    let found = Number.POSITIVE_INFINITY;
    for (const index of this.pages.keys()) if (index >= from && index < found) found = index;
    return found;
  }

  private make(index: number): Uint8Array | null {
    if (this.budget.used >= this.budget.pages) return null;
    this.budget.used += 1;
    const page = new Uint8Array(PAGE_SIZE);
    this.pages.set(index, page);
    return page;
  }

  private remove(index: number): void {
    if (this.pages.delete(index)) this.budget.used -= 1;
  }
}
