/** oom_score, oom_score_adj and oom_adj of /proc/PID: who goes first when memory runs out (cf. fs/proc/base.c, mm/oom_kill.c). */

import { EACCES, EINVAL } from "../../errno.ts";
import type { Kernel } from "../../kernel.ts";
import { CAP_SYS_RESOURCE } from "../../task/cred.ts";
import type { Task } from "../../task/task.ts";
import type { ProcEntry, ProcOwner } from "./proc-inode.ts";

const OOM_SCORE_ADJ_MIN = -1000;
const OOM_SCORE_ADJ_MAX = 1000;
/** The older scale. */
const OOM_DISABLE = -17;
const OOM_ADJUST_MAX = 15;

/** proc_oom_score(): two thirds of 1000 and of what the process uses of all memory, in thousandths. */
function oomScore(k: Kernel, t: Task): number {
  const { mm, group } = t;
  const { memory } = k.mm;
  if (mm === null || group.oomScoreAdj === OOM_SCORE_ADJ_MIN) return 0;
  const total = memory.frames.total - memory.reservedFrames;
  const adjustment = group.oomScoreAdj * Math.floor(total / 1000);
  const badness = mm.tables.rssPages + mm.tables.tables + adjustment;
  return Math.trunc(((1000 + Math.trunc((badness * 1000) / total)) * 2) / 3);
}

/** A decimal number alone on its line (kstrtoint()), NaN if it is none. */
function parseNumber(text: string): number {
  return /^[-+]?\d+\n?$/.test(text) ? Number(text) : Number.NaN;
}

/** __set_oom_adj(): more protection than before needs a capability. */
function setAdjustment(k: Kernel, t: Task, value: number): number {
  if (value < t.group.oomScoreAdj && !k.current.cred.capable(CAP_SYS_RESOURCE)) return -EACCES;
  t.group.oomScoreAdj = value;
  return 0;
}

/** The value on the older scale (oom_adj_read()). */
function oldScale(adjustment: number): number {
  if (adjustment === OOM_SCORE_ADJ_MAX) return OOM_ADJUST_MAX;
  return Math.min(OOM_ADJUST_MAX, Math.trunc((adjustment * -OOM_DISABLE) / OOM_SCORE_ADJ_MAX));
}

export function oomEntries(k: Kernel, t: Task, owner: ProcOwner): Record<string, ProcEntry> {
  return {
    oom_score: { kind: "text", owner, read: () => `${oomScore(k, t)}\n` },
    oom_score_adj: {
      kind: "text",
      mode: 0o644,
      owner,
      read: () => `${t.group.oomScoreAdj}\n`,
      write: (text) => {
        const value = parseNumber(text.trimStart());
        return value >= OOM_SCORE_ADJ_MIN && value <= OOM_SCORE_ADJ_MAX ? setAdjustment(k, t, value) : -EINVAL;
      },
    },
    oom_adj: {
      kind: "text",
      mode: 0o644,
      owner,
      read: () => `${oldScale(t.group.oomScoreAdj)}\n`,
      write: (text) => {
        const value = parseNumber(text.trimStart());
        if (!(value >= OOM_DISABLE && value <= OOM_ADJUST_MAX)) return -EINVAL;
        const scaled = Math.trunc((value * OOM_SCORE_ADJ_MAX) / -OOM_DISABLE);
        return setAdjustment(k, t, value === OOM_ADJUST_MAX ? OOM_SCORE_ADJ_MAX : scaled);
      },
    },
  };
}
