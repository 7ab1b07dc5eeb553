/** The mapping that an address belongs to, and what people call it. */

import type { Dentry } from "../kernel/fs/dentry.ts";
import { textOf } from "../kernel/index.ts";
import { vmaName } from "../kernel/mm/maps-text.ts";
import type { MmStruct } from "../kernel/mm/mm.ts";
import type { VmArea } from "../kernel/mm/vma.ts";
import type { Task } from "../kernel/task/task.ts";

/** PAGE_OFFSET: from here up every address space is the kernel's. */
export const KERNEL_START = 0xc0000000;

/** The mapping that holds the address; finding it counts as nobody's lookup. */
export function vmaAt(mm: MmStruct | null, address: number): VmArea | null {
  const vma = mm?.vmas.find(address) ?? null;
  return vma !== null && vma.start <= address ? vma : null;
}

/**
 * Name as in /proc/PID/maps, paths as seen from `root`; "[anon]" where that has none, "[kernel]" from 0xc0000000 up,
 * "[unmapped]".
 */
export function regionName(mm: MmStruct | null, address: number, root: Dentry): string {
  if (address >= KERNEL_START) return "[kernel]";
  const vma = vmaAt(mm, address);
  if (vma === null || mm === null) return "[unmapped]";
  return vmaName(mm, vma, root) === "" ? "[anon]" : textOf(vmaName(mm, vma, root));
}

/** regionName() for the task that is on the CPU; null between tasks, where nothing is mapped but the kernel. */
export function regionOf(task: Task | null, address: number): string {
  if (task?.fs == null) return address >= KERNEL_START ? "[kernel]" : "[unmapped]";
  return regionName(task.mm, address, task.fs.root);
}
