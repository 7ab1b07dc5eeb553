/** The descriptors of a process. cf. fs/file.c, include/linux/fdtable.h. */

import { EBADF, EINVAL, EMFILE } from "../errno.ts";
import type { File } from "./file.ts";

/** sysctl fs.nr_open: no descriptor is higher, whatever RLIMIT_NOFILE says. */
export const NR_OPEN = 1048576;

/**
 * A table of open files, shared by the tasks made with CLONE_FILES. Invariant: `files[fd]` holds one reference to its
 * file, and `closeOnExec` has a member only where a file is.
 */
export class FilesStruct {
  private readonly files: (File | null)[] = [];
  private readonly cloexec = new Set<number>();
  private users = 1;

  /** The open file behind a descriptor (O_PATH ones included), or null. cf. fget_raw(). */
  get(fd: number): File | null {
    return this.files[fd] ?? null;
  }

  /** Descriptors in use, ascending. */
  *descriptors(): Generator<number> {
    for (let fd = 0; fd < this.files.length; fd++) if (this.files[fd]) yield fd;
  }

  /** One more than the highest descriptor ever used: FDSize of /proc/PID/status rounds it up. */
  get span(): number {
    return this.files.length;
  }

  /** The lowest free descriptor >= `minimum`; -EMFILE if none is below `limit` (RLIMIT_NOFILE). */
  unused(minimum: number, limit: number): number {
    let fd = minimum;
    while (this.files[fd]) fd++;
    return fd >= Math.min(limit, NR_OPEN) ? -EMFILE : fd;
  }

  /** Puts a file (whose reference it takes over) at the lowest free descriptor; on -EMFILE the reference is dropped. */
  install(file: File, cloexec: boolean, limit: number, minimum = 0): number {
    const fd = this.unused(minimum, limit);
    if (fd < 0) file.put();
    else this.set(fd, file, cloexec);
    return fd;
  }

  /** Puts a file (whose reference it takes over) at a descriptor, closing what was there. */
  replace(fd: number, file: File, cloexec: boolean): void {
    const old = this.get(fd);
    this.set(fd, file, cloexec);
    if (old !== null) this.drop(old);
  }

  close(fd: number): number {
    const file = this.get(fd);
    if (file === null) return -EBADF;
    this.files[fd] = null;
    this.cloexec.delete(fd);
    this.drop(file);
    return 0;
  }

  getCloexec(fd: number): boolean {
    return this.cloexec.has(fd);
  }

  setCloexec(fd: number, cloexec: boolean): void {
    if (cloexec && this.get(fd) !== null) this.cloexec.add(fd);
    else this.cloexec.delete(fd);
  }

  /** dup2 and dup3: -EINVAL for equal numbers is dup3's affair. cf. ksys_dup3(). */
  dupTo(oldFd: number, newFd: number, cloexec: boolean, limit: number): number {
    if (newFd < 0 || newFd >= Math.min(limit, NR_OPEN)) return -EBADF;
    const file = this.get(oldFd);
    if (file === null) return -EBADF;
    this.replace(newFd, file.get(), cloexec);
    return newFd;
  }

  /** F_DUPFD: the lowest free descriptor >= `minimum`. */
  dupAbove(fd: number, minimum: number, cloexec: boolean, limit: number): number {
    const file = this.get(fd);
    if (file === null) return -EBADF;
    if (minimum < 0 || minimum >= limit) return -EINVAL;
    return this.install(file.get(), cloexec, limit, minimum);
  }

  /** CLONE_FILES: one more task uses this table. Returns it. */
  share(): this {
    this.users += 1;
    return this;
  }

  get shared(): boolean {
    return this.users > 1;
  }

  /** fork: a table of its own with the same open files. cf. dup_fd(). */
  clone(): FilesStruct {
    const copy = new FilesStruct();
    for (const fd of this.descriptors()) {
      const file = this.files[fd];
      if (file) copy.set(fd, file.get(), this.cloexec.has(fd));
    }
    return copy;
  }

  /** execve: closes what is marked. The caller has unshared the table (`shared` is false). */
  closeOnExec(): void {
    for (const fd of [...this.cloexec].sort((a, b) => a - b)) this.close(fd);
  }

  /** A task is done with the table; the last one closes everything. cf. put_files_struct(). */
  release(): void {
    this.users -= 1;
    if (this.users > 0) return;
    for (const fd of this.descriptors()) this.close(fd);
  }

  private set(fd: number, file: File, cloexec: boolean): void {
    while (this.files.length <= fd) this.files.push(null);
    this.files[fd] = file;
    if (cloexec) this.cloexec.add(fd);
    else this.cloexec.delete(fd);
  }

  /** cf. filp_close(). */
  private drop(file: File): void {
    file.flush(this);
    file.put();
  }
}
