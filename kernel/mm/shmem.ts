/** Shared anonymous memory: nameless files whose pages live in the page cache alone (cf. mm/shmem.c shmem_zero_setup()). */

import { ENOMEM } from "../errno.ts";
import { unplacedDentry } from "../fs/dentry.ts";
import { File, type Mappable, O_RDWR } from "../fs/file.ts";
import { Inode, S_IFREG, SuperBlock } from "../fs/inode.ts";
import { AddressSpace, type Backing } from "./filemap.ts";
import { PAGE_SIZE, type PhysicalMemory } from "./physical-memory.ts";

const TMPFS_MAGIC = 0x01021994;
/** The kernel's own tmpfs mount, the first unnamed device. */
const SHMEM_DEVICE = 1;

class ShmemInode extends Inode {
  private readonly memory: PhysicalMemory;
  private readonly bytes: number;

  constructor(sb: SuperBlock, memory: PhysicalMemory, bytes: number) {
    super(sb, S_IFREG | 0o777);
    this.nlink = 0;
    this.memory = memory;
    this.bytes = bytes;
  }

  override get size(): number {
    return this.bytes;
  }

  override get backing(): Backing {
    return "none";
  }

  override punchHole(): number {
    return 0;
  }

  override readAt(_position: number, buffer: Uint8Array, offset: number, length: number): number {
    buffer.fill(0, offset, offset + length);
    return length;
  }

  override evict(): void {
    this.memory.overcommit.uncommitShared(this);
  }
}

class ShmemFile extends File {
  override get mappable(): Mappable {
    return "cache";
  }
}

/** The mount that the nameless files of one machine belong to. */
export class ShmemMount {
  private readonly sb = new SuperBlock("tmpfs", TMPFS_MAGIC, SHMEM_DEVICE, () => ({ sec: 0, nsec: 0 }));

  /**
   * A file of `bytes` zeroes for an address space of `totalVm` pages, or -ENOMEM; the caller holds the only reference. All of it is
   * promised at once, or with "no reserve" nothing ever (VM_NORESERVE).
   */
  newFile(memory: PhysicalMemory, bytes: number, totalVm: number, promise: "reserve" | "no reserve"): File | number {
    const inode = new ShmemInode(this.sb, memory, bytes);
    const { overcommit, current } = memory;
    if (promise === "reserve" && overcommit.commitShared(inode, bytes / PAGE_SIZE, current, totalVm) < 0)
      return -ENOMEM;
    inode.mapping = new AddressSpace(memory, inode);
    return new ShmemFile(unplacedDentry("/dev/zero (deleted)", inode), O_RDWR);
  }
}
