/** A process as an open file: readable once it has ended (kernel/fork.c pidfd_fops). */

import type { Dentry } from "../fs/dentry.ts";
import { File, O_RDWR, POLLIN, POLLRDNORM } from "../fs/file.ts";
import type { ThreadGroup } from "./task.ts";
import type { WaitQueue } from "./wait.ts";

export class PidFile extends File {
  /** The process; null only while clone() is making it. */
  group: ThreadGroup | null;

  constructor(dentry: Dentry, flags: number, group: ThreadGroup | null) {
    super(dentry, O_RDWR | flags);
    this.group = group;
  }

  override poll(): number {
    return this.group?.ended ? POLLIN | POLLRDNORM : 0;
  }

  override get queues(): WaitQueue[] {
    return this.group === null ? [] : [this.group.waitEnd];
  }
}
