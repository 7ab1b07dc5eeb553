/** What a file of the host takes on the disk that the guest imagines below it: an ext4 with blocks of 4 KiB. */

import type { Inode } from "./inode.ts";

/** Every directory has this size, whatever the host's filesystem says. */
export const DIRECTORY_SIZE = 4096;
/** sizeof(ext4_inode.i_block), bytes: a shorter target lies in the inode. cf. ext4_inode_is_fast_symlink(). */
const FAST_SYMLINK_SIZE = 60;

/** Units of 512 bytes, as stat shows. */
export function diskBlocks({ isSymlink, size }: Inode): number {
  return isSymlink && size < FAST_SYMLINK_SIZE ? 0 : Math.ceil(size / 4096) * 8;
}
