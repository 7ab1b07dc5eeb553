/**
 * Files of 4 MiB pages, which live in memory alone and have no place in the tree: what MAP_HUGETLB, SHM_HUGETLB and
 * MFD_HUGETLB map (cf. fs/hugetlbfs/inode.c). Indices and offsets count 4 KiB pages, as those of every file.
 */

import { EINVAL, ENOMEM, ENOSPC } from "../errno.ts";
import { unplacedDentry } from "../fs/dentry.ts";
import { O_RDWR } from "../fs/file.ts";
import { type FsStatistics, Inode, S_IFREG, SuperBlock } from "../fs/inode.ts";
import { RegularFile } from "../fs/regular-file.ts";
import { AddressSpace, type Backing } from "./filemap.ts";
import { hugetlbVmOps } from "./hugetlb.ts";
import { HUGE_PAGE_FRAMES, HUGE_PAGE_SIZE, type HugetlbPool } from "./hugetlb-pool.ts";
import { PAGE_SIZE, type PhysicalMemory } from "./physical-memory.ts";
import type { VmOps } from "./vma.ts";

const HUGETLBFS_MAGIC = 0x958458f6;
/** The kernel's own mount, the last unnamed device of one byte. */
const HUGETLBFS_DEVICE = 0xff;

class HugetlbSuperBlock extends SuperBlock {
  override statfs(): FsStatistics {
    return { blockSize: HUGE_PAGE_SIZE, blocks: 0, blocksFree: 0, files: 0, filesFree: 0 };
  }
}

/** The page cache of such a file: index of the first 4 KiB -> first frame. */
export class HugetlbCache extends AddressSpace {
  /** Were its pages promised when it was made, as far as ever (SHM_HUGETLB)? Then mappings ask for none. */
  settled = false;
  /** Pages promised to shared mappings and not yet touched, by index. */
  readonly promised = new Set<number>();
  readonly pool: HugetlbPool;
  readonly inode: Inode;

  constructor(memory: PhysicalMemory, inode: Inode, pool: HugetlbPool) {
    super(memory, inode);
    this.pool = pool;
    this.inode = inode;
  }

  override get vmOps(): VmOps {
    return hugetlbVmOps;
  }

  override find(index: number): number {
    const within = index % HUGE_PAGE_FRAMES;
    const head = this.pages.get(index - within);
    return head === undefined ? -1 : head + within;
  }

  /** Promises the pages first..end-1 that are not there yet: 0 or -ENOMEM (hugetlb_reserve_pages()). */
  promise(first: number, end: number): number {
    const wanted: number[] = [];
    for (let index = first; index < end; index += HUGE_PAGE_FRAMES) {
      if (!this.pages.has(index) && !this.promised.has(index)) wanted.push(index);
    }
    const result = this.pool.reserve(wanted.length);
    if (result === 0) for (const index of wanted) this.promised.add(index);
    return result;
  }

  override release(): void {
    super.release();
    this.breakPromises(0);
  }

  override truncate(size: number): void {
    super.truncate(size);
    this.breakPromises(size / HUGE_PAGE_SIZE);
  }

  protected override fill(index: number): number {
    const within = index % HUGE_PAGE_FRAMES;
    const pfn = this.pool.take(this.promised.delete(index - within) ? "promised" : "spare");
    if (pfn < 0) return -ENOSPC;
    this.add(index - within, pfn);
    return pfn + within;
  }

  protected override dropFrame(pfn: number): void {
    this.pool.put(pfn);
  }

  private breakPromises(firstPage: number): void {
    for (const index of this.promised) {
      if (index < firstPage * HUGE_PAGE_FRAMES) continue;
      this.promised.delete(index);
      this.pool.unreserve(1);
    }
  }
}

class HugetlbInode extends Inode {
  private bytes: number;

  constructor(sb: SuperBlock, mode: number, bytes: number) {
    super(sb, S_IFREG | mode);
    this.nlink = 0;
    this.bytes = bytes;
  }

  override get size(): number {
    return this.bytes;
  }

  override get blockSize(): number {
    return HUGE_PAGE_SIZE;
  }

  override get blocks(): number {
    return (this.mapping?.pages.size ?? 0) * (HUGE_PAGE_SIZE / 512);
  }

  override readAt(_position: number, buffer: Uint8Array, offset: number, length: number): number {
    buffer.fill(0, offset, offset + length);
    return length;
  }

  override get backing(): Backing {
    return "none";
  }

  /** hugetlbfs_setattr(): whole pages only. */
  override truncate(size: number): number {
    if (size % HUGE_PAGE_SIZE !== 0) return -EINVAL;
    this.bytes = size;
    return 0;
  }
}

class HugetlbFile extends RegularFile {
  /** hugetlbfs_file_operations has no write. */
  override write(): number {
    return -EINVAL;
  }
}

/** The mount of one machine, and its pool. */
export class Hugetlbfs {
  readonly pool: HugetlbPool;
  private readonly memory: PhysicalMemory;
  private readonly sb = new HugetlbSuperBlock("hugetlbfs", HUGETLBFS_MAGIC, HUGETLBFS_DEVICE, () => ({
    sec: 0,
    nsec: 0,
  }));

  constructor(memory: PhysicalMemory) {
    this.memory = memory;
    this.pool = memory.hugePages;
  }

  /** newFile() with all its pages promised at once: the file, or -ENOMEM. "as touched" promises none. */
  newReservedFile(name: string, bytes: number, mode: number, when: "reserve" | "as touched"): HugetlbFile | number {
    const file = this.newFile(name, bytes, mode);
    const cache = file.inode.mapping as HugetlbCache;
    cache.settled = true;
    if (when === "as touched" || cache.promise(0, bytes / PAGE_SIZE) === 0) return file;
    file.put();
    return -ENOMEM;
  }

  /** hugetlb_file_setup(): a file of zeroes that the caller alone holds. `bytes` are whole pages. */
  newFile(name: string, bytes: number, mode = 0o777): HugetlbFile {
    const inode = new HugetlbInode(this.sb, mode, bytes);
    inode.mapping = new HugetlbCache(this.memory, inode, this.pool);
    return new HugetlbFile(unplacedDentry(`${name} (deleted)`, inode), O_RDWR);
  }
}
