/** Waiting for children (kernel/exit.c do_wait()). */

import { ECHILD, ERESTARTSYS } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import { releaseTask } from "./exit.ts";
import { exitStatusOf } from "./notify.ts";
import { CLD_CONTINUED, CLD_STOPPED } from "./siginfo.ts";
import { SIGCHLD, SIGCONT } from "./signals.ts";
import { sleep } from "./sleep.ts";
import type { Task, ThreadGroup } from "./task.ts";
import { Usage } from "./usage.ts";

export const WNOHANG = 1;
export const WUNTRACED = 2;
export const WSTOPPED = 2;
export const WEXITED = 4;
export const WCONTINUED = 8;
export const WNOWAIT = 0x01000000;
export const __WNOTHREAD = 0x20000000;
export const __WALL = 0x40000000;
export const __WCLONE = 0x80000000 | 0;

/** Whom a wait is for. */
export type WaitFor = { kind: "all" } | { kind: "pid"; pid: number } | { kind: "pgid"; pgid: number };

/** What a wait found. */
export interface WaitResult {
  pid: number;
  uid: number;
  /** As wait4() reports it. */
  status: number;
  /** CLD_* and si_status, as waitid() reports it. */
  code: number;
  cause: number;
  usage: Usage;
}

/** eligible_child(): is this child meant at all? */
function eligible(t: Task, child: ThreadGroup, who: WaitFor, options: number): boolean {
  if (who.kind === "pid" && child.tgid !== who.pid) return false;
  if (who.kind === "pgid" && child.pgrp !== who.pgid) return false;
  if ((options & __WNOTHREAD) !== 0 && child.forker !== t) return false;
  if ((options & __WALL) !== 0) return true;
  return (child.exitSignal !== SIGCHLD) === ((options & __WCLONE) !== 0);
}

/** All resources that a process has used, its living threads included. */
export function usageOf(group: ThreadGroup): Usage {
  const sum = new Usage();
  sum.add(group.usage);
  for (const thread of group.threads) if (!thread.released) sum.add(thread.usage);
  const mm = group.leader.mm;
  if (mm !== null) sum.maxRss = Math.max(sum.maxRss, mm.tables.peakRss * 4, mm.tables.rssPages * 4);
  return sum;
}

function familyUsage(group: ThreadGroup): Usage {
  const sum = usageOf(group);
  sum.add(group.childUsage);
  return sum;
}

/** wait_consider_child(): what there is to report about a child, null if nothing. Reports each thing once. */
function consider(k: Kernel, t: Task, child: ThreadGroup, options: number): WaitResult | null {
  const base = { pid: child.tgid, uid: child.leader.cred.uid, usage: familyUsage(child) };
  if (child.leader.exited && child.threads.size === 1) {
    if ((options & WEXITED) === 0) return null;
    const { code, status: cause } = exitStatusOf(child.exitCode);
    const result = { ...base, status: child.exitCode, code, cause };
    if ((options & WNOWAIT) === 0) {
      t.group.childUsage.add(base.usage);
      releaseTask(k, child.leader);
    }
    return result;
  }
  if ((options & WSTOPPED) !== 0 && child.stopped && child.stopCode !== 0) {
    const cause = child.stopCode;
    if ((options & WNOWAIT) === 0) child.stopCode = 0;
    return { ...base, status: (cause << 8) | 0x7f, code: CLD_STOPPED, cause };
  }
  if ((options & WCONTINUED) !== 0 && child.continuedForWait) {
    if ((options & WNOWAIT) === 0) child.continuedForWait = false;
    return { ...base, status: 0xffff, code: CLD_CONTINUED, cause: SIGCONT };
  }
  return null;
}

/** A result, null (WNOHANG and nothing to report), -ECHILD, or what sleep() returned. */
export function doWait(k: Kernel, t: Task, who: WaitFor, options: number): WaitResult | null | number {
  let found = false;
  for (const child of t.group.children) {
    if (!eligible(t, child, who, options)) continue;
    const result = consider(k, t, child, options);
    if (result !== null) return result;
    // A child that has ended and cannot be reported by these options never will be.
    if (!child.leader.exited || child.threads.size > 1 || (options & WEXITED) !== 0) found = true;
  }
  if (!found) return -ECHILD;
  if ((options & WNOHANG) !== 0) return null;
  return sleep(t, { queues: [t.group.waitChildren], onSignal: -ERESTARTSYS });
}
