/** /proc/PID/stat and status (cf. fs/proc/array.c). */

import type { Kernel } from "../../kernel.ts";
import { memoryStatusText } from "../../mm/maps-text.ts";
import type { MmStruct } from "../../mm/mm.ts";
import { PAGE_SIZE } from "../../mm/physical-memory.ts";
import { clockTicks, groupTimes } from "../../task/notify.ts";
import { ptraceMayAccess } from "../../task/ptrace-access.ts";
import { RLIM_INFINITY, RLIMIT_RSS, RLIMIT_SIGPENDING } from "../../task/rlimit.ts";
import { SIG_DFL, SIG_IGN } from "../../task/sighand.ts";
import { NSIG } from "../../task/signals.ts";
import { SignalSet } from "../../task/sigset.ts";
import type { Task } from "../../task/task.ts";
import { DEV_PTS0 } from "../devices.ts";

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

/**
 * /proc/PID/stat, with the whole process's times and faults, or with one thread's. Who may not look into the process sees no
 * addresses (do_task_stat()).
 */
export function statText(k: Kernel, t: Task, view: "process" | "thread"): string {
  const { group, mm } = t;
  const whole = view === "process";
  const permitted = ptraceMayAccess(k.current, t, "fs");
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
    mm === null ? 0 : permitted ? mm.startCode : 1,
    mm === null ? 0 : permitted ? mm.endCode : 1,
    permitted ? (mm?.startStack ?? 0) : 0,
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
    ...(mm === null || !permitted ? [0, 0, 0, 0, 0, 0, 0] : addresses(mm)),
    permitted && t.state === "zombie" ? t.exitCode : 0,
  ];
  return `${fields.join(" ")}\n`;
}

/** Where data, heap, arguments and environment lie. */
function addresses(mm: MmStruct): number[] {
  return [mm.startData, mm.endData, mm.startBrk, mm.argStart, mm.argEnd, mm.envStart, mm.envEnd];
}

/** A name in status: newline and backslash escaped. */
const escapeName = (name: string) => name.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");

/** /proc/PID/status: proc_pid_status(). */
export function statusText(t: Task): string {
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
    ["Kthread", t.kernelThread ? 1 : 0],
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
    ["Speculation_Store_Bypass", "not vulnerable"],
    ["SpeculationIndirectBranch", "not affected"],
    ["Cpus_allowed", 1],
    ["Cpus_allowed_list", 0],
    ["Mems_allowed", 1],
    ["Mems_allowed_list", 0],
    ["voluntary_ctxt_switches", t.usage.voluntarySwitches],
    ["nonvoluntary_ctxt_switches", t.usage.involuntarySwitches],
  ];
  const text = (pairs: [string, string | number][]) => pairs.map(([name, value]) => `${name}:\t${value}\n`).join("");
  const memory = mm === null ? "" : `${memoryStatusText(mm)}CoreDumping:\t0\nTHP_enabled:\t0\n`;
  return text(lines) + memory + text(after);
}
