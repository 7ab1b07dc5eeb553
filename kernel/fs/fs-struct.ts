/** Where a process stands in the tree. cf. include/linux/fs_struct.h. */

import type { Dentry } from "./dentry.ts";

/** Root directory, working directory and umask, shared by the tasks made with CLONE_FS. */
export class FsStruct {
  root: Dentry;
  cwd: Dentry;
  umask: number;
  private users = 1;

  constructor(root: Dentry, cwd: Dentry, umask: number) {
    this.root = root;
    this.cwd = cwd;
    this.umask = umask;
  }

  /** CLONE_FS: one more task uses it. Returns it. */
  share(): this {
    this.users += 1;
    return this;
  }

  get shared(): boolean {
    return this.users > 1;
  }

  /** fork: the same places for a process of its own. */
  clone(): FsStruct {
    return new FsStruct(this.root, this.cwd, this.umask);
  }

  release(): void {
    this.users -= 1;
  }
}
