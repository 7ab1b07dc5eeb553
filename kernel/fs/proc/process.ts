/** /proc/PID and what is in it. cf. fs/proc/base.c, fs/proc/array.c, fs/proc/fd.c. */

import { EACCES, EINVAL, ENOENT, ESRCH } from "../../errno.ts";
import type { Kernel } from "../../kernel.ts";
import { ptraceMayAccess } from "../../task/ptrace-access.ts";
import { RLIM_INFINITY, RLIM_NLIMITS } from "../../task/rlimit.ts";
import type { Task } from "../../task/task.ts";
import { Usage } from "../../task/usage.ts";
import { type Dentry, dPath, mountOf } from "../dentry.ts";
import type { File } from "../file.ts";
import { O_CLOEXEC } from "../file.ts";
import { memoryEntries, ownOrByMode, whileThere } from "./memory-files.ts";
import { mountinfoText, mountsText } from "./mounts.ts";
import { oomEntries } from "./oom-files.ts";
import { fixedEntries, type ProcEntries, type ProcEntry, type ProcOwner, type TextReader } from "./proc-inode.ts";
import { statText, statusText } from "./status.ts";

const limitNames: readonly (readonly [name: string, unit: string])[] = [
  ["Max cpu time", "seconds"],
  ["Max file size", "bytes"],
  ["Max data size", "bytes"],
  ["Max stack size", "bytes"],
  ["Max core file size", "bytes"],
  ["Max resident set", "bytes"],
  ["Max processes", "processes"],
  ["Max open files", "files"],
  ["Max locked memory", "bytes"],
  ["Max address space", "bytes"],
  ["Max file locks", "locks"],
  ["Max pending signals", "signals"],
  ["Max msgqueue size", "bytes"],
  ["Max nice priority", ""],
  ["Max realtime priority", ""],
  ["Max realtime timeout", "us"],
];

function limitsText(t: Task): string {
  const { soft, hard } = t.group.rlimits;
  const row = (a: string, b: string, c: string, d: string) =>
    `${a.padEnd(25)} ${b.padEnd(20)} ${c.padEnd(20)} ${d.padEnd(10)}\n`;
  const value = (limit: number | undefined) => (limit === RLIM_INFINITY ? "unlimited" : String(limit));
  let text = row("Limit", "Soft Limit", "Hard Limit", "Units");
  for (let i = 0; i < RLIM_NLIMITS; i++) {
    const [name, unit] = limitNames[i] ?? ["", ""];
    const line = row(name, value(soft[i]), value(hard[i]), unit);
    text += unit === "" ? `${line.slice(0, 68)}\n` : line;
  }
  return text;
}

/** Nine kinds of mappings; a number in the base that its prefix tells (kstrtouint()). */
function setCoredumpFilter(t: Task, words: string): number {
  const text = words.trim();
  const value = /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text || Number.NaN);
  if (!(Number.isInteger(value) && value >= 0 && value <= 0xffffffff)) return -EINVAL;
  if (t.mm === null) return -ESRCH;
  t.group.coredumpFilter = value & 0x1ff;
  return 0;
}

/** /proc/PID/io. Nothing is read from or written to a block device. */
function ioText(t: Task, view: "process" | "thread"): string {
  const sum = new Usage();
  if (view === "process") sum.add(t.group.usage);
  for (const thread of view === "process" ? t.group.threads : [t]) if (!thread.released) sum.add(thread.usage);
  const { readBytes, writtenBytes, readCalls, writeCalls } = sum;
  const rows: [string, number][] = [
    ["rchar", readBytes],
    ["wchar", writtenBytes],
    ["syscr", readCalls],
    ["syscw", writeCalls],
    ["read_bytes", 0],
    ["write_bytes", 0],
    ["cancelled_write_bytes", 0],
  ];
  return rows.map(([name, count]) => `${name}: ${count}\n`).join("");
}

/** The directory /proc/PID, or /proc/PID/task/TID with "thread". */
export function processEntry(k: Kernel, t: Task, view: "process" | "thread"): ProcEntry {
  const owner: ProcOwner = { uid: t.cred.euid, gid: t.cred.egid };
  const children = () => processEntries(k, t, view, owner);
  return { kind: "directory", owner, children, order: "listed", ...(view === "process" ? { process: t.group } : {}) };
}

/** task_dump_owner(): what is inside a process that must not be dumped, or has no memory, is root's. */
function insideOwner(t: Task): ProcOwner {
  return t.mm !== null && t.dumpable === 1 ? { uid: t.cred.euid, gid: t.cred.egid } : { uid: 0, gid: 0 };
}

/** `owner` has the directories that everybody may enter. */
function processEntries(k: Kernel, t: Task, view: "process" | "thread", owner: ProcOwner): ProcEntries {
  const root = () => k.current.fs?.root ?? k.vfs.root;
  const inside = insideOwner(t);
  const readable = () => ptraceMayAccess(k.current, t, "fs");
  const text = (read: TextReader, mode = 0o444): ProcEntry => ({
    kind: "text",
    read: whileThere(t, read),
    mode,
    owner: inside,
  });
  const secret = (read: TextReader): ProcEntry => ({
    kind: "text",
    mode: 0o400,
    owner: inside,
    open: () => (readable() ? whileThere(t, read) : -EACCES),
  });
  const place = (dentry: () => Dentry | null): ProcEntry => ({
    kind: "magic",
    owner: inside,
    read: () => {
      if (!readable()) return -EACCES;
      const target = dentry();
      return target === null ? -ENOENT : dPath(target, root());
    },
    jump: () => (readable() ? (dentry() ?? -ENOENT) : -EACCES),
  });
  const memory = memoryEntries(k, t, root, inside);
  const table: Record<string, ProcEntry> = {};
  if (view === "process") {
    table.task = { kind: "directory", owner, children: () => threadEntries(k, t), order: "listed" };
  }
  table.fd = {
    kind: "directory",
    mode: 0o500,
    owner: inside,
    children: () => fdEntries(k, t, root, inside),
    order: "listed",
    access: () => ownOrByMode(k, t),
  };
  if (view === "process") table.map_files = memory.map_files;
  table.fdinfo = {
    kind: "directory",
    owner,
    children: () => fdinfoEntries(t, inside),
    order: "listed",
    access: () => (readable() ? "by mode" : "refused"),
  };
  table.environ = memory.environ;
  table.auxv = memory.auxv;
  table.status = text(() => statusText(t));
  table.personality = secret(() => `${(t.personality >>> 0).toString(16).padStart(8, "0")}\n`);
  table.limits = text(() => limitsText(t));
  table.comm = {
    kind: "text",
    mode: 0o644,
    owner: inside,
    read: () => `${t.comm}\n`,
    write: (name) => {
      if (t.group !== k.current.group) return -EINVAL;
      t.comm = name.replace(/\n$/, "").slice(0, 15);
      return 0;
    },
  };
  table.cmdline = memory.cmdline;
  table.stat = text(() => statText(k, t, view));
  table.statm = memory.statm;
  table.maps = memory.maps;
  table.mem = memory.mem;
  table.cwd = place(() => t.fs?.cwd ?? null);
  table.root = place(() => t.fs?.root ?? null);
  table.exe = place(() => t.mm?.exeFile?.dentry ?? null);
  table.mounts = text(() => mountsText(k, t.fs?.root ?? k.vfs.root));
  table.mountinfo = text(() => mountinfoText(k, t.fs?.root ?? k.vfs.root));
  table.clear_refs = memory.clear_refs;
  table.smaps = memory.smaps;
  table.smaps_rollup = memory.smaps_rollup;
  table.pagemap = memory.pagemap;
  table.wchan = text(() => "0");
  table.schedstat = text(() => "0 0 0\n");
  table.cgroup = text(() => "0::/\n");
  Object.assign(table, oomEntries(k, t, inside));
  table.loginuid = text(() => "4294967295");
  table.sessionid = text(() => "4294967295");
  table.coredump_filter = {
    kind: "text",
    mode: 0o644,
    owner: inside,
    read: () => (t.mm === null ? "" : `${t.group.coredumpFilter.toString(16).padStart(8, "0")}\n`),
    write: (words) => setCoredumpFilter(t, words),
  };
  table.io = secret(() => ioText(t, view));
  table.timerslack_ns = text(() => `${t.timerSlack}\n`);
  return fixedEntries(table);
}

function threadEntries(k: Kernel, t: Task): ProcEntries {
  return {
    list: () => [...t.group.threads].filter((thread) => thread.state !== "dead").map((thread) => String(thread.pid)),
    lookup: (name) => {
      const thread = taskNamed(k, name);
      return thread?.group === t.group ? processEntry(k, thread, "thread") : null;
    },
  };
}

/** The task of a decimal name without leading zeros. */
export function taskNamed(k: Kernel, name: string): Task | undefined {
  return /^[1-9][0-9]{0,8}$/.test(name) ? k.tasks.get(Number(name)) : undefined;
}

function openFile(t: Task, name: string): File | null {
  return /^(0|[1-9][0-9]{0,8})$/.test(name) ? (t.files?.get(Number(name)) ?? null) : null;
}

const fdNames = (t: Task) => [...(t.files?.descriptors() ?? [])].map(String);

function fdEntries(k: Kernel, t: Task, root: () => Dentry, owner: ProcOwner): ProcEntries {
  return {
    list: () => fdNames(t),
    lookup: (name) => {
      const file = openFile(t, name);
      if (file === null) return null;
      const current = () => (ptraceMayAccess(k.current, t, "fs") ? (openFile(t, name)?.dentry ?? -ENOENT) : -EACCES);
      return {
        kind: "magic",
        owner,
        mode: (file.readable ? 0o500 : 0) | (file.writable ? 0o300 : 0),
        read: () => {
          const dentry = current();
          return typeof dentry === "number" ? dentry : dPath(dentry, root());
        },
        jump: current,
      };
    },
  };
}

function fdinfoEntries(t: Task, owner: ProcOwner): ProcEntries {
  return {
    list: () => fdNames(t),
    lookup: (name) => {
      if (openFile(t, name) === null) return null;
      const read = () => {
        const file = openFile(t, name);
        if (file === null) return -ENOENT;
        const flags = file.flags | (t.files?.getCloexec(Number(name)) ? O_CLOEXEC : 0);
        const mount = mountOf(file.dentry)?.id ?? 0;
        return `pos:\t${file.position}\nflags:\t0${flags.toString(8)}\nmnt_id:\t${mount}\nino:\t${file.inode.ino}\n`;
      };
      return { kind: "text", owner, read };
    },
  };
}
