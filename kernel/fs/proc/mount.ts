/** Mounts /proc. */

import type { Kernel } from "../../kernel.ts";
import { byBytes } from "../tmpfs.ts";
import { type ProcEntries, ProcSuperBlock, procInode } from "./proc-inode.ts";
import { processEntry, taskNamed } from "./process.ts";
import { systemEntries } from "./system.ts";

/** Once per machine, after its Kernel is made. */
export function mountProc(k: Kernel): void {
  const table = systemEntries(k);
  const names = Object.keys(table).sort(byBytes);
  const entries: ProcEntries = {
    // Processes come last, by number, as readdir of Linux has them.
    list: () => {
      const pids = k.tasks.groups().map((group) => group.tgid);
      return [...names, ...pids.sort((a, b) => a - b).map(String)];
    },
    lookup: (name) => {
      if (Object.hasOwn(table, name)) return table[name] ?? null;
      const task = taskNamed(k, name);
      return task === undefined ? null : processEntry(k, task, "process");
    },
  };
  const sb = new ProcSuperBlock(k.vfs.newDev(), k.vfs.now);
  const root = procInode(sb, "", { kind: "directory", children: () => entries, order: "listed" });
  k.vfs.mount("/proc", root, "proc", "rw,nosuid,nodev,noexec,relatime");
}
