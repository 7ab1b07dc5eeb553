/** A Vfs over a tree in memory, for tests that need no machine. */

import type { Dentry } from "../kernel/fs/dentry.ts";
import { type File, O_RDONLY } from "../kernel/fs/file.ts";
import { KernelIter } from "../kernel/fs/iov-iter.ts";
import { lookupPath, type WalkContext } from "../kernel/fs/namei.ts";
import { openPath } from "../kernel/fs/open.ts";
import { Vfs } from "../kernel/fs/vfs.ts";
import type { HostProgram, HostTree } from "../kernel/host.ts";
import { MemoryHost } from "../kernel/memory-host.ts";
import { Cred } from "../kernel/task/cred.ts";
import { WaitQueue } from "../kernel/task/wait.ts";

export const EPOCH = { sec: 946_684_800, nsec: 0 };

export const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
export const textOf = (bytes: Uint8Array) => String.fromCharCode(...bytes);

/** A Vfs and the few operations that tests make with paths; numbers below zero are -errno. */
export class VfsFixture {
  readonly vfs: Vfs;
  readonly context: WalkContext;
  private seconds = 0;

  constructor(
    tree: HostTree | null,
    writable: "writable" | "readonly" = "readonly",
    storageBytes = 1 << 24,
    program: HostProgram | null = null,
  ) {
    this.vfs = new Vfs({
      host: new MemoryHost({ ...(tree && { tree }), ...(program && { program }) }),
      now: () => ({ sec: EPOCH.sec + this.seconds, nsec: 0 }),
      random: { fill: (bytes) => bytes.fill(4) },
      hostInput: new WaitQueue(),
      signalPgrp: () => {},
      writable: writable === "writable",
      storageBytes,
    });
    this.context = { root: this.vfs.root, cwd: this.vfs.root, cred: new Cred() };
  }

  /** Lets a second of the guest pass. */
  tick(): void {
    this.seconds += 1;
  }

  place(path: string): { start: Dentry; path: string } {
    return { start: this.context.cwd, path };
  }

  find(path: string, links: "follow" | "nofollow" = "follow"): Dentry | number {
    return lookupPath(this.context, this.context.cwd, path, links);
  }

  /** The dentry of a path that must be there. */
  get(path: string, links: "follow" | "nofollow" = "follow"): Dentry {
    const dentry = this.find(path, links);
    if (typeof dentry === "number") throw new Error(`${path}: ${dentry}`);
    return dentry;
  }

  tryOpen(path: string, flags = O_RDONLY, mode = 0o644): File | number {
    return openPath(this.vfs, this.context, this.context.cwd, path, { flags, mode, resolve: 0 });
  }

  open(path: string, flags = O_RDONLY, mode = 0o644): File {
    const file = this.tryOpen(path, flags, mode);
    if (typeof file === "number") throw new Error(`${path}: ${file}`);
    return file;
  }

  /** The whole text of a file. */
  read(path: string): string {
    const file = this.open(path);
    const text = readText(file, 0, 1 << 20);
    file.put();
    return text;
  }

  /** The names in a directory, without "." and "..". */
  names(path: string): string {
    const entries = this.get(path).inode.readdir();
    return typeof entries === "number" ? String(entries) : entries.map((entry) => entry.name).join(" ");
  }
}

export function readText(file: File, position: number, length: number): string {
  const buffer = new Uint8Array(length);
  const bytes = file.read(new KernelIter(buffer), position);
  if (bytes < 0) throw new Error(`read: ${bytes}`);
  return textOf(buffer.subarray(0, bytes));
}

export function writeText(file: File, position: number, text: string): number {
  return file.write(new KernelIter(bytesOf(text)), position);
}
