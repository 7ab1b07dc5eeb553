/** State of shared memory segments. */

import type { Dentry } from "../fs/dentry.ts";
import { RegularFile } from "../fs/regular-file.ts";
import type { IpcPermissions } from "./ids.ts";

/** Smallest and largest segment, segments (include/uapi/linux/shm.h). */
export const SHMMIN = 1;
export const SHMMAX = 0xfeffffff;
export const SHMMNI = 4096;
/** Mode bit: removed, and gone with the last attachment. */
export const SHM_DEST = 0o1000;
export const SHM_LOCKED = 0o2000;

export interface SharedSegment {
  readonly perm: IpcPermissions;
  readonly bytes: number;
  /** Holds the memory; one reference until the segment is destroyed. */
  readonly file: RegularFile;
  attached: number;
  /** Seconds since 1970. */
  attachedAt: number;
  detachedAt: number;
  changedAt: number;
  creator: number;
  last: number;
}

/**
 * One attachment: every VMA made of it holds a reference, so that fork, unmapping and exit count by themselves. The first
 * reference is that of the call that attaches, which does not count and ends with done().
 */
export class AttachedFile extends RegularFile {
  readonly segment: SharedSegment;
  private readonly onChange: (segment: SharedSegment, change: 1 | -1) => void;

  constructor(
    dentry: Dentry,
    flags: number,
    segment: SharedSegment,
    onChange: (segment: SharedSegment, change: 1 | -1) => void,
  ) {
    super(dentry, flags);
    this.segment = segment;
    this.onChange = onChange;
  }

  done(): void {
    super.put();
  }

  override get(): this {
    this.onChange(this.segment, 1);
    return super.get();
  }

  override put(): void {
    super.put();
    this.onChange(this.segment, -1);
  }
}
