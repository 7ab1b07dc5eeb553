/** The file systems of one machine: the root, what is mounted on it, the devices, the things without a name. */

import { ENOTDIR, ENXIO } from "../errno.ts";
import type { Host, HostOutput, Timespec } from "../host.ts";
import { Cred } from "../task/cred.ts";
import { SIGINT } from "../task/signals.ts";
import type { WaitQueue } from "../task/wait.ts";
import { Dentry, Mount, throughMounts, unplacedDentry } from "./dentry.ts";
import {
  DEV_CONSOLE,
  DEV_FULL,
  DEV_NULL,
  DEV_PTS0,
  DEV_RANDOM,
  DEV_TTY,
  DEV_URANDOM,
  DEV_ZERO,
  type Entropy,
  openMemoryDevice,
} from "./devices.ts";
import { type File, O_RDONLY, O_RDWR, O_WRONLY } from "./file.ts";
import { FilesStruct } from "./files-struct.ts";
import { HostInputFile, HostOutputFile, StreamInode } from "./host-stream.ts";
import { HostfsSuperBlock } from "./hostfs.ts";
import { Inode, S_IFCHR, S_IFIFO, S_IFREG, S_IFSOCK, SuperBlock } from "./inode.ts";
import { programTree } from "./memory-tree.ts";
import { lookupPath } from "./namei.ts";
import type { DeviceTable } from "./open.ts";
import { OverlaySuperBlock } from "./overlay.ts";
import { openPipeEnds, type PipeFile } from "./pipe.ts";
import { StorageBudget } from "./sparse-data.ts";
import { Terminal, TerminalFile } from "./terminal.ts";
import { TMPFS_MAGIC, TmpfsInode, TmpfsSuperBlock, tmpfsRoot } from "./tmpfs.ts";

export const PIPEFS_MAGIC = 0x50495045;
export const SOCKFS_MAGIC = 0x534f434b;
export const ANON_INODE_FS_MAGIC = 0x09041934;

/** What files made by guests may hold in memory, all together, unless told otherwise. */
const DEFAULT_STORAGE = 1024 * 1024 * 1024;

/** What the file systems need from outside. */
export interface VfsEnvironment {
  readonly host: Host;
  /** The guest's CLOCK_REALTIME. */
  now(): Timespec;
  readonly random: Entropy;
  /** Woken when the host's input has something new. */
  readonly hostInput: WaitQueue;
  signalPgrp(pgrp: number, signo: number): void;
  /** Do writes go through to the host's tree? The tree must allow it. */
  readonly writable: boolean;
  /** Bytes that files in memory may hold together. */
  readonly storageBytes?: number;
}

export class Vfs implements DeviceTable {
  readonly mounts: Mount[] = [];
  /** The root directory of the first process. */
  readonly root: Dentry;
  /** The host's terminal, if one of the standard streams is one. */
  readonly terminal: Terminal | null;
  /** Files of memory, all file systems together. */
  readonly budget: StorageBudget;
  private readonly env: VfsEnvironment;
  private readonly pipes: SuperBlock;
  private readonly sockets: SuperBlock;
  private readonly anonymous: SuperBlock;
  private readonly unplaced: TmpfsSuperBlock;
  /** Device 0:1 is the kernel's own mount of shared memory. */
  private lastDev = 1;

  constructor(env: VfsEnvironment) {
    this.env = env;
    this.budget = new StorageBudget(env.storageBytes ?? DEFAULT_STORAGE);
    this.terminal = this.makeTerminal();
    this.root = this.mountRoot();
    this.mountDevices();
    if (env.host.tree === null) this.mountTmpfs("/tmp", 0o1777);
    this.uncoverProgram();
    this.pipes = new SuperBlock("pipefs", PIPEFS_MAGIC, this.newDev(), this.now);
    this.sockets = new SuperBlock("sockfs", SOCKFS_MAGIC, this.newDev(), this.now);
    this.anonymous = new SuperBlock("anon_inodefs", ANON_INODE_FS_MAGIC, this.newDev(), this.now);
    this.unplaced = new TmpfsSuperBlock("tmpfs", TMPFS_MAGIC, this.newDev(), this.now, this.budget);
  }

  readonly now = (): Timespec => this.env.now();

  /** A device number for one more file system: major 0, minors counting up as get_anon_bdev() does. */
  newDev(): number {
    this.lastDev += 1;
    return (this.lastDev & 0xff) | ((this.lastDev & ~0xff) << 12);
  }

  /** Mounts a file system on a directory, which appears if the one below does not have it. */
  mount(path: string, root: Inode, source: string, options: string): Mount {
    const mount = new Mount(this.mounts.length + 1, root, this.mountpoint(path), source, options);
    this.mounts.push(mount);
    return mount;
  }

  private mountpoint(path: string): Dentry {
    let here = this.root;
    for (const name of path.split("/").filter(Boolean)) {
      const child = here.lookup(name);
      if (typeof child !== "number" && child.inode.isDirectory) {
        here = throughMounts(child);
      } else {
        // A directory that only the dentry tree knows; readers of the parent find it because it is mounted on.
        const stub = new TmpfsInode(new TmpfsSuperBlock("rootfs", TMPFS_MAGIC, 0, this.now, this.budget), 0o040755);
        const dentry = new Dentry(name, here, stub);
        here.children.set(name, dentry);
        here = dentry;
      }
    }
    return here;
  }

  private mountRoot(): Dentry {
    const { host } = this.env;
    const fixedTime = host.hostTimes ? null : this.now();
    const tree = host.tree ?? (host.program === null ? null : programTree(host.program));
    let root: Inode | number;
    if (tree === null) {
      root = tmpfsRoot(new TmpfsSuperBlock("tmpfs", TMPFS_MAGIC, this.newDev(), this.now, this.budget), 0o755);
    } else if (this.env.writable && tree.changes !== null) {
      root = new HostfsSuperBlock(tree, this.newDev(), this.now, fixedTime).root();
    } else {
      root = new OverlaySuperBlock(tree, this.newDev(), this.now, fixedTime, this.budget).lowerInode("");
    }
    if (typeof root === "number" || !root.isDirectory) throw new RootError("the root is no readable directory");
    const mount = new Mount(1, root, null, root.sb.type, "rw,relatime");
    this.mounts.push(mount);
    return mount.root;
  }

  /** A program below /tmp or /dev must not be hidden by what has been mounted there. */
  private uncoverProgram(): void {
    const { program, tree } = this.env.host;
    if (program === null || tree !== null || typeof this.lookup(program.path) !== "number") return;
    const names = program.path.split("/").filter((name) => name !== "" && name !== "." && name !== "..");
    const name = names.pop() ?? "";
    let inode: Inode | number = this.root.inode;
    for (const part of [...names, name]) if (typeof inode !== "number") inode = inode.lookup(part);
    if (typeof inode === "number") return;
    const directory = this.mountpoint(names.join("/"));
    directory.children.set(name, new Dentry(name, directory, inode));
  }

  private mountTmpfs(path: string, mode: number): Inode {
    const sb = new TmpfsSuperBlock("tmpfs", TMPFS_MAGIC, this.newDev(), this.now, this.budget);
    const root = tmpfsRoot(sb, mode);
    this.mount(path, root, "tmpfs", mode === 0o1777 ? "rw,nosuid,nodev" : "rw,relatime");
    return root;
  }

  private mountDevices(): void {
    const sb = new TmpfsSuperBlock("devtmpfs", TMPFS_MAGIC, this.newDev(), this.now, this.budget);
    const root = tmpfsRoot(sb, 0o755);
    const owner = { uid: 0, gid: 0 };
    const nodes: [string, number, number][] = [
      ["null", DEV_NULL, 0o666],
      ["zero", DEV_ZERO, 0o666],
      ["full", DEV_FULL, 0o666],
      ["random", DEV_RANDOM, 0o666],
      ["urandom", DEV_URANDOM, 0o666],
      ["tty", DEV_TTY, 0o666],
      ["console", DEV_CONSOLE, 0o600],
    ];
    for (const [name, rdev, mode] of nodes) root.create(name, S_IFCHR | mode, rdev, owner);
    root.symlink("fd", "/proc/self/fd", owner);
    ["stdin", "stdout", "stderr"].forEach((name, fd) => {
      root.symlink(name, `/proc/self/fd/${fd}`, owner);
    });
    const pts = root.mkdir("pts", 0o755, owner);
    if (this.terminal !== null && typeof pts !== "number") pts.create("0", S_IFCHR | 0o620, DEV_PTS0, owner);
    root.mkdir("shm", 0o1777, owner);
    this.mount("/dev", root, "devtmpfs", "rw,nosuid,relatime");
    this.mountTmpfs("/dev/shm", 0o1777);
  }

  private makeTerminal(): Terminal | null {
    const { host, hostInput } = this.env;
    const output = [host.stdout, host.stderr].find((stream) => stream.terminal);
    if (output === undefined && !host.stdin.terminal) return null;
    return new Terminal({
      input: host.stdin,
      output: output ?? host.stderr,
      windowSize: () => host.windowSize(),
      signalPgrp: (pgrp, signo) => this.env.signalPgrp(pgrp, signo),
      inputArrived: hostInput,
    });
  }

  /** The interrupt key of a cooked terminal, which the host saw. */
  interrupt(): void {
    if (this.terminal !== null && this.terminal.foregroundPgrp !== 0) {
      this.env.signalPgrp(this.terminal.foregroundPgrp, SIGINT);
    }
  }

  openDevice(dentry: Dentry, flags: number): File | number {
    const { rdev } = dentry.inode;
    if (rdev === DEV_TTY || rdev === DEV_CONSOLE || rdev === DEV_PTS0) {
      return this.terminal === null ? -ENXIO : new TerminalFile(dentry, flags, this.terminal);
    }
    return openMemoryDevice(dentry, flags, this.env.random);
  }

  /** The dentry of an absolute path as the first process sees it. */
  lookup(path: string): Dentry | number {
    return lookupPath({ root: this.root, cwd: this.root, cred: new Cred() }, this.root, path, "follow");
  }

  /** A directory for a process to stand in; -ENOTDIR or -ENOENT. */
  lookupDirectory(path: string): Dentry | number {
    const dentry = this.lookup(path);
    return typeof dentry === "number" || dentry.inode.isDirectory ? dentry : -ENOTDIR;
  }

  /** Descriptors 0, 1 and 2 of the first process. Streams that are one terminal are one open file, as a login makes them. */
  standardFiles(): FilesStruct {
    const { stdin, stdout, stderr } = this.env.host;
    const files = new FilesStruct();
    const node = this.lookup("/dev/pts/0");
    const terminal = typeof node === "number" ? null : this.terminal;
    if (terminal !== null && typeof node !== "number") {
      const shared = stdin.terminal || stdout.terminal ? new TerminalFile(node, O_RDWR, terminal) : null;
      const output = (stream: HostOutput) => {
        if (!stream.terminal) return this.output(stream);
        return stdin.terminal && shared !== null ? shared.get() : new TerminalFile(node, O_RDWR, terminal, stream);
      };
      files.replace(0, stdin.terminal && shared !== null ? shared.get() : this.input(), false);
      files.replace(1, output(stdout), false);
      files.replace(2, output(stderr), false);
      shared?.put();
      return files;
    }
    files.replace(0, this.input(), false);
    files.replace(1, this.output(stdout), false);
    files.replace(2, this.output(stderr), false);
    return files;
  }

  private input(): File {
    const { host, hostInput } = this.env;
    const open = (dentry: Dentry, flags: number) => new HostInputFile(dentry, flags, host.stdin, hostInput);
    return open(this.pipeDentry(new StreamInode(this.pipes, open)), O_RDONLY);
  }

  private output(stream: HostOutput): File {
    const open = (dentry: Dentry, flags: number) => new HostOutputFile(dentry, flags, stream);
    return open(this.pipeDentry(new StreamInode(this.pipes, open)), O_WRONLY);
  }

  private pipeDentry(inode: Inode): Dentry {
    return unplacedDentry(`pipe:[${inode.ino}]`, inode);
  }

  /** pipe2: the reading and the writing end. */
  openPipe(flags: number): [PipeFile, PipeFile] {
    return openPipeEnds(this.pipeDentry(new Inode(this.pipes, S_IFIFO | 0o600)), flags);
  }

  socketDentry(): Dentry {
    const inode = new Inode(this.sockets, S_IFSOCK | 0o777);
    return unplacedDentry(`socket:[${inode.ino}]`, inode);
  }

  /** The place of an eventfd, an epoll set, ...: `kind` as /proc shows it, "[eventfd]". */
  anonymousDentry(kind: string): Dentry {
    return unplacedDentry(`anon_inode:${kind}`, new Inode(this.anonymous, 0o600));
  }

  /** A regular file in memory that has no name: memfd ("/memfd:name"), SysV shared memory ("/SYSV00000000"). */
  unplacedFile(name: string, mode: number): Dentry | number {
    const inode = this.unplaced.newInode(S_IFREG | mode);
    if (typeof inode === "number") return inode;
    inode.nlink = 0;
    return unplacedDentry(`${name} (deleted)`, inode);
  }
}

/** The host's tree cannot be the guest's root: said to the person who runs the machine. */
export class RootError extends Error {}
