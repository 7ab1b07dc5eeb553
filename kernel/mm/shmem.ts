/** Shared anonymous memory: nameless files whose pages live in the page cache alone (cf. mm/shmem.c shmem_zero_setup()). */

import { unplacedDentry } from "../fs/dentry.ts";
import { File, type Mappable, O_RDWR } from "../fs/file.ts";
import { Inode, S_IFREG, SuperBlock } from "../fs/inode.ts";
import { AddressSpace } from "./filemap.ts";
import type { PhysicalMemory } from "./physical-memory.ts";

const TMPFS_MAGIC = 0x01021994;
/** The kernel's own tmpfs mount, the first unnamed device. */
const SHMEM_DEVICE = 1;

class ShmemInode extends Inode {
  private readonly bytes: number;

  constructor(sb: SuperBlock, bytes: number) {
    super(sb, S_IFREG | 0o777);
    this.nlink = 0;
    this.bytes = bytes;
  }

  override get size(): number {
    return this.bytes;
  }

  override readAt(_position: number, buffer: Uint8Array, offset: number, length: number): number {
    buffer.fill(0, offset, offset + length);
    return length;
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

  /** A file of `bytes` zeroes; the caller holds the only reference. */
  newFile(memory: PhysicalMemory, bytes: number): File {
    const inode = new ShmemInode(this.sb, bytes);
    inode.mapping = new AddressSpace(memory, inode, "resident");
    return new ShmemFile(unplacedDentry("/dev/zero (deleted)", inode), O_RDWR);
  }
}
