/** What the three kinds of System V IPC have in common: keys, identifiers, permissions (ipc/util.c). */

import { EACCES, EEXIST, EINVAL, ENOENT, ENOSPC, EPERM } from "../errno.ts";
import { CAP_IPC_OWNER, CAP_SYS_ADMIN, type Cred } from "../task/cred.ts";

export const IPC_PRIVATE = 0;
export const IPC_CREAT = 0o1000;
export const IPC_EXCL = 0o2000;
export const IPC_NOWAIT = 0o4000;
export const IPC_RMID = 0;
export const IPC_SET = 1;
export const IPC_STAT = 2;
export const IPC_INFO = 3;
/** In ipc(117): the structures are the 64-bit capable ones. */
export const IPC_64 = 0x100;

/** ipcmni_seq_shift(): an identifier is sequence << 15 | index. */
const SEQ_SHIFT = 15;
const INDEX_MASK = (1 << SEQ_SHIFT) - 1;
/** S_IRUGO, S_IWUGO. */
export const READ = 0o444;
export const WRITE = 0o222;

/** struct kern_ipc_perm. */
export class IpcPermissions {
  key: number;
  id = 0;
  uid: number;
  gid: number;
  readonly cuid: number;
  readonly cgid: number;
  mode: number;
  removed = false;

  constructor(key: number, mode: number, cred: Cred) {
    this.key = key;
    this.mode = mode & 0o777;
    this.uid = cred.euid;
    this.gid = cred.egid;
    this.cuid = cred.euid;
    this.cgid = cred.egid;
  }

  /** ipcperms(): may this task do what `wanted` (mode bits) asks? */
  allows(cred: Cred, wanted: number): boolean {
    const requested = ((wanted >> 6) | (wanted >> 3) | wanted) & 7;
    let granted = this.mode;
    if (cred.euid === this.cuid || cred.euid === this.uid) granted >>= 6;
    else if (cred.inGroup(this.cgid) || cred.inGroup(this.gid)) granted >>= 3;
    return (requested & ~granted) === 0 || cred.capable(CAP_IPC_OWNER);
  }

  /** ipcctl_obtain_check(): may this task change or remove the object? */
  ownedBy(cred: Cred): boolean {
    return cred.euid === this.cuid || cred.euid === this.uid || cred.capable(CAP_SYS_ADMIN);
  }

  /** struct ipc64_perm, 36 bytes as 9 words. */
  words(): number[] {
    const sequence = this.id >> SEQ_SHIFT;
    return [this.key, this.uid, this.gid, this.cuid, this.cgid, this.mode & 0xffff, sequence & 0xffff, 0, 0];
  }

  /** IPC_SET from struct ipc64_perm. */
  update(words: Int32Array): void {
    this.uid = words[1];
    this.gid = words[2];
    this.mode = (this.mode & ~0o777) | (words[5] & 0o777);
  }
}

/** All objects of one kind. Indices go round, so that an old identifier is not soon valid again. */
export class IpcIds<T extends { readonly perm: IpcPermissions }> {
  readonly #objects = new Map<number, T>();
  readonly #limit: number;
  #lastIndex = -1;
  #sequence = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#objects.size;
  }

  /** Highest index in use, -1 if there is none. */
  get highestIndex(): number {
    return Math.max(-1, ...this.#objects.keys());
  }

  /** By identifier. */
  find(id: number): T | undefined {
    if (id < 0) return undefined;
    const object = this.#objects.get(id & INDEX_MASK);
    return object?.perm.id === id ? object : undefined;
  }

  /** By index, as the *_STAT commands want it. */
  at(index: number): T | undefined {
    return this.#objects.get(index & INDEX_MASK);
  }

  /** In order of index. */
  [Symbol.iterator](): IterableIterator<T> {
    return [...this.#objects]
      .sort(([a], [b]) => a - b)
      .map(([, object]) => object)
      [Symbol.iterator]();
  }

  /** ipcget(): finds the object of a key or makes one; `check` judges one that exists. The identifier or -errno. */
  get(cred: Cred, key: number, flags: number, make: () => T | number, check: (object: T) => number): number {
    const found = key === IPC_PRIVATE ? undefined : this.byKey(key);
    if (found === undefined) {
      if (key !== IPC_PRIVATE && (flags & IPC_CREAT) === 0) return -ENOENT;
      return this.add(make);
    }
    if ((flags & (IPC_CREAT | IPC_EXCL)) === (IPC_CREAT | IPC_EXCL)) return -EEXIST;
    const checked = check(found);
    if (checked < 0) return checked;
    return found.perm.allows(cred, flags) ? found.perm.id : -EACCES;
  }

  private byKey(key: number): T | undefined {
    for (const object of this.#objects.values()) if (object.perm.key === key) return object;
    return undefined;
  }

  private add(make: () => T | number): number {
    if (this.#objects.size >= this.#limit) return -ENOSPC;
    const object = make();
    if (typeof object === "number") return object;
    let index = this.#lastIndex;
    do {
      index++;
      if (index >= this.#limit) {
        index = 0;
        this.#sequence = (this.#sequence + 1) & 0xffff;
      }
    } while (this.#objects.has(index));
    this.#lastIndex = index;
    object.perm.id = (this.#sequence << SEQ_SHIFT) | index;
    this.#objects.set(index, object);
    return object.perm.id;
  }

  remove(object: T): void {
    object.perm.removed = true;
    this.#objects.delete(object.perm.id & INDEX_MASK);
  }

  /** The object of an identifier that a task may use like this, or -EINVAL, -EACCES. */
  use(cred: Cred, id: number, wanted: number): T | number {
    const object = this.find(id);
    if (object === undefined) return -EINVAL;
    return object.perm.allows(cred, wanted) ? object : -EACCES;
  }

  /** The object of an identifier that a task owns, or -EINVAL, -EPERM. */
  own(cred: Cred, id: number): T | number {
    const object = this.find(id);
    if (object === undefined) return -EINVAL;
    return object.perm.ownedBy(cred) ? object : -EPERM;
  }
}
