/** A host tree in memory: for the browser, for tests, and for a guest that sees nothing but its program. */

import { EBADF, EINVAL, EISDIR, ENOENT, ENOTDIR } from "../errno.ts";
import type { HostEntry, HostFile, HostProgram, HostStat, HostTree, Timespec } from "../host.ts";

type Node =
  | { kind: "file"; permissions: number; file: HostFile }
  | { kind: "directory"; permissions: number; entries: Map<string, Node> }
  | { kind: "symlink"; target: string };

/** Bytes as a file of the host. */
export class MemoryFile implements HostFile {
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  size(): number {
    return this.bytes.length;
  }

  readAt(position: number, buffer: Uint8Array, offset: number, length: number): number {
    const part = this.bytes.subarray(position, position + length);
    buffer.set(part, offset);
    return part.length;
  }

  writeAt(): number {
    return -EBADF;
  }

  truncate(): number {
    return -EBADF;
  }

  sync(): number {
    return 0;
  }

  close(): void {}
}

export class MemoryTree implements HostTree {
  readonly changes = null;
  private readonly root: Node & { kind: "directory" } = { kind: "directory", permissions: 0o755, entries: new Map() };
  private readonly time: Timespec;

  constructor(time: Timespec = { sec: 0, nsec: 0 }) {
    this.time = time;
  }

  /** Adds a file, making the directories above it; an existing one is replaced. */
  addFile(path: string, content: Uint8Array | HostFile, permissions = 0o644): this {
    const file = content instanceof Uint8Array ? new MemoryFile(content) : content;
    return this.add(path, { kind: "file", permissions, file });
  }

  addDirectory(path: string, permissions = 0o755): this {
    return this.add(path, { kind: "directory", permissions, entries: new Map() });
  }

  addSymlink(path: string, target: string): this {
    return this.add(path, { kind: "symlink", target });
  }

  stat(path: string): HostStat | number {
    const node = this.find(path);
    if (typeof node === "number") return node;
    return {
      kind: node.kind,
      permissions: node.kind === "symlink" ? 0o777 : node.permissions,
      size: node.kind === "file" ? node.file.size() : node.kind === "symlink" ? node.target.length : 0,
      links: node.kind === "directory" ? 2 : 1,
      identity: path,
      accessed: this.time,
      modified: this.time,
      changed: this.time,
    };
  }

  list(path: string): HostEntry[] | number {
    const node = this.find(path);
    if (typeof node === "number") return node;
    if (node.kind !== "directory") return -ENOTDIR;
    return [...node.entries].map(([name, entry]) => ({ name, kind: entry.kind }));
  }

  readlink(path: string): string | number {
    const node = this.find(path);
    if (typeof node === "number") return node;
    return node.kind === "symlink" ? node.target : -EINVAL;
  }

  open(path: string): HostFile | number {
    const node = this.find(path);
    if (typeof node === "number") return node;
    if (node.kind === "directory") return -EISDIR;
    return node.kind === "file" ? node.file : -EINVAL;
  }

  private find(path: string): Node | number {
    let node: Node = this.root;
    for (const name of namesOf(path)) {
      if (node.kind !== "directory") return -ENOTDIR;
      const next = node.entries.get(name);
      if (next === undefined) return -ENOENT;
      node = next;
    }
    return node;
  }

  private add(path: string, node: Node): this {
    const names = namesOf(path);
    const last = names.pop();
    if (last === undefined) throw new Error("the root is there already");
    let { entries } = this.root;
    for (const name of names) {
      const next = entries.get(name) ?? { kind: "directory", permissions: 0o755, entries: new Map() };
      if (next.kind !== "directory") throw new Error(`${path}: ${name} is no directory`);
      entries.set(name, next);
      entries = next.entries;
    }
    entries.set(last, node);
    return this;
  }
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

/** A tree with nothing but the program at its path; ".." in the path is not understood and is left out. */
export function programTree(program: HostProgram): MemoryTree {
  const path = namesOf(program.path).filter((name) => name !== "..");
  return new MemoryTree().addFile(path.join("/"), program.file, program.permissions);
}
