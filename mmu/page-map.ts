/** A small number for each page that has one: two levels, so that the pages of a program take no more room than they are. */

const CHUNK_BITS = 10;
const CHUNK = 1 << CHUNK_BITS;
const PAGES = 1 << 20;

/** Whole numbers from 0 by page number; -1 where there is none. */
export class PageMap {
  /** Shared by all parts of the address space that hold nothing. */
  private static readonly nothing = new Int32Array(CHUNK).fill(-1);
  private readonly chunks: Int32Array[] = new Array(PAGES >> CHUNK_BITS).fill(PageMap.nothing);

  get(page: number): number {
    return this.chunks[page >> CHUNK_BITS][page & (CHUNK - 1)];
  }

  set(page: number, value: number): void {
    let chunk = this.chunks[page >> CHUNK_BITS];
    if (chunk === PageMap.nothing) {
      chunk = new Int32Array(CHUNK).fill(-1);
      this.chunks[page >> CHUNK_BITS] = chunk;
    }
    chunk[page & (CHUNK - 1)] = value;
  }
}
