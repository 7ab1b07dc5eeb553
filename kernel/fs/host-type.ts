/** How the kinds of files of a host tree look in the guest. */

import type { HostKind, HostStat, Timespec } from "../host.ts";
import { S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG, S_IFSOCK } from "./inode.ts";

/** S_IFMT bits. A device shows as a character device of number 0, which opens with ENXIO: no host device is reached. */
export const TYPE_OF_KIND: Readonly<Record<HostKind, number>> = {
  file: S_IFREG,
  directory: S_IFDIR,
  symlink: S_IFLNK,
  fifo: S_IFIFO,
  socket: S_IFSOCK,
  other: S_IFCHR,
};

/** What files of the host show instead of their times: the machine's epoch, or null for the times they have. */
export type FixedTime = Timespec | null;

export function modeOf(stat: HostStat): number {
  return TYPE_OF_KIND[stat.kind] | (stat.kind === "symlink" ? 0o777 : stat.permissions & 0o7777);
}
