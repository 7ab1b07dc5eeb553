/** /proc/PID and what is in it. cf. fs/proc/base.c, fs/proc/array.c, fs/proc/fd.c. */

import { EINVAL, EIO, ENOENT } from "../../errno.ts";
import type { Kernel } from "../../kernel.ts";
import { mapsText, memoryStatusText, statmText } from "../../mm/maps-text.ts";
import type { MmStruct } from "../../mm/mm.ts";
import { PAGE_SIZE, TASK_SIZE } from "../../mm/physical-memory.ts";
import { readRemote, writeRemote } from "../../mm/remote.ts";
import { clockTicks, groupTimes } from "../../task/notify.ts";
import { RLIM_INFINITY, RLIM_NLIMITS, RLIMIT_RSS, RLIMIT_SIGPENDING } from "../../task/rlimit.ts";
import { SIG_DFL, SIG_IGN } from "../../task/sighand.ts";
import { NSIG } from "../../task/signals.ts";
import { SignalSet } from "../../task/sigset.ts";
import type { Task } from "../../task/task.ts";
import { type Dentry, dPath, mountOf } from "../dentry.ts";
import { DEV_PTS0 } from "../devices.ts";
import type { File } from "../file.ts";
import { O_CLOEXEC } from "../file.ts";
import { mountinfoText, mountsText } from "./mounts.ts";
import { fixedEntries, type ProcEntries, type ProcEntry, type ProcOwner } from "./proc-inode.ts";

const stateLetters = {
  running: "R (running)",
  interruptible: "S (sleeping)",
  uninterruptible: "D (disk sleep)",
  stopped: "T (stopped)",
  zombie: "Z (zombie)",
  dead: "X (dead)",
} as const;

const stateOf = (t: Task) => stateLetters[t.state];

const hex64 = ([low, high]: readonly [number, number]) =>
  (high >>> 0).toString(16).padStart(8, "0") + (low >>> 0).toString(16).padStart(8, "0");

const signalWord = ({ low, high }: SignalSet) => hex64([low, high]);

/** Signals that are ignored and that are caught: collect_sigign_sigcatch(). */
function dispositions(t: Task): { ignored: SignalSet; caught: SignalSet } {
  const ignored = new SignalSet();
  const caught = new SignalSet();
  for (let signo = 1; signo <= NSIG; signo++) {
    const { handler } = t.sighand.action(signo);
    if (handler === SIG_IGN) ignored.add(signo);
    else if (handler !== SIG_DFL) caught.add(signo);
  }
  return { ignored, caught };
}

/** fdtable size as status shows it: powers of two from 64 on. */
function fdSize(t: Task): number {
  let size = 64;
  if ((t.files?.span ?? 0) > size) for (size = 256; size < (t.files?.span ?? 0); size *= 2);
  return t.files === null ? 0 : size;
}

const limitText = (limit: number) => (limit === RLIM_INFINITY ? "4294967295" : String(limit));

function statText(k: Kernel, t: Task, whole: boolean): string {
  const { group, mm } = t;
  const times = whole ? groupTimes(group) : { user: t.usage.userCycles, system: t.usage.systemCycles };
  const ticks = (cycles: number) => clockTicks(k, cycles);
  const faults = { minor: t.usage.minorFaults, major: t.usage.majorFaults };
  if (whole) {
    faults.minor = group.usage.minorFaults;
    faults.major = group.usage.majorFaults;
    for (const thread of group.threads) {
      faults.minor += thread.usage.minorFaults;
      faults.major += thread.usage.majorFaults;
    }
  }
  const { ignored, caught } = dispositions(t);
  const tty = group.tty === null ? 0 : DEV_PTS0;
  const word = ({ low }: SignalSet) => low & 0x7fffffff;
  const fields: (number | string)[] = [
    t.pid,
    `(${t.comm})`,
    stateOf(t).charAt(0),
    t.ppid,
    group.pgrp,
    group.session,
    tty,
    group.tty === null ? -1 : group.tty.foregroundPgrp,
    0x400000,
    faults.minor,
    group.childUsage.minorFaults,
    faults.major,
    group.childUsage.majorFaults,
    ticks(times.user),
    ticks(times.system),
    ticks(group.childUsage.userCycles),
    ticks(group.childUsage.systemCycles),
    20 + t.nice,
    t.nice,
    group.liveThreads.length,
    0,
    ticks(t.startCycles),
    mm === null ? 0 : mm.totalVm * PAGE_SIZE,
    mm === null ? 0 : mm.tables.rssPages,
    limitText(group.rlimits.soft[RLIMIT_RSS] ?? RLIM_INFINITY),
    mm?.startCode ?? 0,
    mm?.endCode ?? 0,
    mm?.startStack ?? 0,
    0,
    0,
    word(t.pending.set),
    word(t.blocked),
    word(ignored),
    word(caught),
    0,
    0,
    0,
    group.exitSignal,
    0,
    0,
    0,
    0,
    0,
    0,
    mm?.startData ?? 0,
    mm?.endData ?? 0,
    mm?.startBrk ?? 0,
    mm?.argStart ?? 0,
    mm?.argEnd ?? 0,
    mm?.envStart ?? 0,
    mm?.envEnd ?? 0,
    t.state === "zombie" ? t.exitCode : 0,
  ];
  return `${fields.join(" ")}\n`;
}

/** A name in status: newline and backslash escaped. */
const escapeName = (name: string) => name.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");

function statusText(t: Task): string {
  const { cred, group, mm } = t;
  const { ignored, caught } = dispositions(t);
  const ids = (...values: number[]) => values.join("\t");
  const lines: [string, string | number][] = [
    ["Name", escapeName(t.comm)],
    ["Umask", `0${(t.fs?.umask ?? 0).toString(8).padStart(3, "0")}`],
    ["State", stateOf(t)],
    ["Tgid", t.tgid],
    ["Ngid", 0],
    ["Pid", t.pid],
    ["PPid", t.ppid],
    ["TracerPid", 0],
    ["Uid", ids(cred.uid, cred.euid, cred.suid, cred.fsuid)],
    ["Gid", ids(cred.gid, cred.egid, cred.sgid, cred.fsgid)],
    ["FDSize", fdSize(t)],
    ["Groups", `${cred.groups.map((gid) => `${gid} `).join("")}`],
    ["NStgid", t.tgid],
    ["NSpid", t.pid],
    ["NSpgid", group.pgrp],
    ["NSsid", group.session],
  ];
  const after: [string, string | number][] = [
    ["Threads", group.liveThreads.length],
    ["SigQ", `${t.pending.length + group.pending.length}/${group.rlimits.soft[RLIMIT_SIGPENDING] ?? 0}`],
    ["SigPnd", signalWord(t.pending.set)],
    ["ShdPnd", signalWord(group.pending.set)],
    ["SigBlk", signalWord(t.blocked)],
    ["SigIgn", signalWord(ignored)],
    ["SigCgt", signalWord(caught)],
    ["CapInh", hex64(cred.capInheritable)],
    ["CapPrm", hex64(cred.capPermitted)],
    ["CapEff", hex64(cred.capEffective)],
    ["CapBnd", hex64([0xffffffff, 0x1ff])],
    ["CapAmb", hex64([0, 0])],
    ["NoNewPrivs", t.noNewPrivileges ? 1 : 0],
    ["Seccomp", 0],
    ["Seccomp_filters", 0],
    ["Cpus_allowed", 1],
    ["Cpus_allowed_list", 0],
    ["Mems_allowed", 1],
    ["Mems_allowed_list", 0],
    ["voluntary_ctxt_switches", t.usage.voluntarySwitches],
    ["nonvoluntary_ctxt_switches", t.usage.involuntarySwitches],
  ];
  const text = (pairs: [string, string | number][]) => pairs.map(([name, value]) => `${name}:\t${value}\n`).join("");
  const memory = mm === null ? "" : `${memoryStatusText(mm)}CoreDumping:\t0\n`;
  return text(lines) + memory + text(after);
}

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

/** Bytes of a range of the program's memory, as far as it is there. */
function memoryRange(mm: MmStruct | null, start: number, end: number): Uint8Array {
  if (mm === null || end <= start) return new Uint8Array(0);
  const bytes = new Uint8Array(end - start);
  return bytes.subarray(0, readRemote(mm, start, bytes, 0, bytes.length, "force"));
}

/** The argument area; if the program has overwritten its end (setproctitle), on into the environment. cf. get_mm_cmdline(). */
function cmdline(mm: MmStruct | null): Uint8Array {
  if (mm === null) return new Uint8Array(0);
  const bytes = memoryRange(mm, mm.argStart, mm.argEnd);
  if (bytes.length === 0 || bytes.at(-1) === 0) return bytes;
  const longer = memoryRange(mm, mm.argStart, Math.max(mm.argEnd, mm.envEnd));
  const end = longer.indexOf(0);
  return end < 0 ? longer : longer.subarray(0, end + 1);
}

/** The directory /proc/PID, or /proc/PID/task/TID with "thread". */
export function processEntry(k: Kernel, t: Task, view: "process" | "thread"): ProcEntry {
  const owner: ProcOwner = { uid: t.cred.euid, gid: t.cred.egid };
  const children = () => processEntries(k, t, view, owner);
  return { kind: "directory", owner, children, order: "listed", ...(view === "process" ? { process: t.group } : {}) };
}

function processEntries(k: Kernel, t: Task, view: "process" | "thread", owner: ProcOwner): ProcEntries {
  const root = () => k.current.fs?.root ?? k.vfs.root;
  const text = (read: () => string | Uint8Array | number, mode = 0o444): ProcEntry => ({
    kind: "text",
    read,
    mode,
    owner,
  });
  const place = (dentry: () => Dentry | null): ProcEntry => ({
    kind: "magic",
    owner,
    read: () => {
      const target = dentry();
      return target === null ? -ENOENT : dPath(target, root());
    },
    jump: () => dentry() ?? -ENOENT,
  });
  const table: Record<string, ProcEntry> = {};
  if (view === "process")
    table.task = { kind: "directory", owner, children: () => threadEntries(k, t), order: "listed" };
  table.fd = { kind: "directory", mode: 0o500, owner, children: () => fdEntries(t, root, owner), order: "listed" };
  table.fdinfo = { kind: "directory", owner, children: () => fdinfoEntries(t, owner), order: "listed" };
  table.environ = text(() => memoryRange(t.mm, t.mm?.envStart ?? 0, t.mm?.envEnd ?? 0), 0o400);
  table.auxv = text(() => auxv(t), 0o400);
  table.status = text(() => statusText(t));
  table.personality = text(() => `${(t.personality >>> 0).toString(16).padStart(8, "0")}\n`, 0o400);
  table.limits = text(() => limitsText(t));
  table.comm = {
    kind: "text",
    mode: 0o644,
    owner,
    read: () => `${t.comm}\n`,
    write: (name) => {
      if (t.group !== k.current.group) return -EINVAL;
      t.comm = name.replace(/\n$/, "").slice(0, 15);
      return 0;
    },
  };
  table.cmdline = text(() => cmdline(t.mm));
  table.stat = text(() => statText(k, t, view === "process"));
  table.statm = text(() => (t.mm === null ? "0 0 0 0 0 0 0\n" : statmText(t.mm)));
  table.maps = text(() => (t.mm === null ? "" : mapsText(t.mm, root())));
  table.mem = { kind: "memory", mode: 0o600, owner, transfer: memoryTransfer(t) };
  table.cwd = place(() => t.fs?.cwd ?? null);
  table.root = place(() => t.fs?.root ?? null);
  table.exe = place(() => t.mm?.exeFile?.dentry ?? null);
  table.mounts = text(() => mountsText(k, t.fs?.root ?? k.vfs.root));
  table.mountinfo = text(() => mountinfoText(k, t.fs?.root ?? k.vfs.root));
  table.wchan = text(() => "0");
  table.schedstat = text(() => "0 0 0\n");
  table.cgroup = text(() => "0::/\n");
  table.oom_score = text(() => "0\n");
  table.oom_score_adj = text(() => "0\n");
  table.oom_adj = text(() => "0\n");
  table.loginuid = text(() => "4294967295");
  table.sessionid = text(() => "4294967295");
  table.coredump_filter = text(() => "00000033\n");
  table.timerslack_ns = text(() => `${t.timerSlack}\n`);
  return fixedEntries(table);
}

function auxv(t: Task): Uint8Array {
  const words = t.mm?.savedAuxv ?? new Uint32Array(0);
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength).slice();
}

function memoryTransfer(t: Task) {
  const within = (position: number, length: number) => Math.max(0, Math.min(length, TASK_SIZE - position));
  return {
    read: (position: number, bytes: Uint8Array) => {
      if (t.mm === null || t.mm.users === 0) return 0;
      const done = readRemote(t.mm, position, bytes, 0, within(position, bytes.length), "force");
      return done > 0 ? done : -EIO;
    },
    write: (position: number, bytes: Uint8Array) => {
      if (t.mm === null || t.mm.users === 0) return 0;
      const done = writeRemote(t.mm, position, bytes, 0, within(position, bytes.length), "force");
      return done > 0 ? done : -EIO;
    },
  };
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

function fdEntries(t: Task, root: () => Dentry, owner: ProcOwner): ProcEntries {
  return {
    list: () => fdNames(t),
    lookup: (name) => {
      const file = openFile(t, name);
      if (file === null) return null;
      const current = () => openFile(t, name);
      return {
        kind: "magic",
        owner,
        mode: (file.readable ? 0o500 : 0) | (file.writable ? 0o300 : 0),
        read: () => {
          const open = current();
          return open === null ? -ENOENT : dPath(open.dentry, root());
        },
        jump: () => current()?.dentry ?? -ENOENT,
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
