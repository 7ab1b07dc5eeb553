/** The mapping that an address belongs to, and what people call it. */

import type { Dentry } from "../kernel/fs/dentry.ts";
import { type Kernel, textOf } from "../kernel/index.ts";
import { vmaName } from "../kernel/mm/maps-text.ts";
import type { MmStruct } from "../kernel/mm/mm.ts";
import { VM_GROWSDOWN, type VmArea } from "../kernel/mm/vma.ts";

/** PAGE_OFFSET: from here up every address space is the kernel's. */
export const KERNEL_START = 0xc0000000;

/** The mapping that holds the address; finding it counts as nobody's lookup. */
export function vmaAt(mm: MmStruct | null, address: number): VmArea | null {
  const vma = mm?.vmas.find(address) ?? null;
  return vma !== null && vma.start <= address ? vma : null;
}

/** Name as in /proc/PID/maps, "[anon]" where that has none. The stack of a program that is being loaded has its name already. */
export function mappingName(mm: MmStruct, vma: VmArea, root: Dentry): string {
  const name = vmaName(mm, vma, root);
  if (name !== "") return textOf(name);
  return mm.startStack === 0 && (vma.flags & VM_GROWSDOWN) !== 0 ? "[stack]" : "[anon]";
}

/** mappingName() of what holds an address, paths as seen from `root`; "[kernel]" from 0xc0000000 up, "[unmapped]". */
export function regionName(mm: MmStruct | null, address: number, root: Dentry): string {
  if (address >= KERNEL_START) return "[kernel]";
  const vma = vmaAt(mm, address);
  return vma === null || mm === null ? "[unmapped]" : mappingName(mm, vma, root);
}

/** regionName() in the address space that the processor uses, also while a program is being put into it. */
export function regionOf(kernel: Kernel, address: number): string {
  const root = kernel.onCpu?.fs?.root;
  if (root === undefined) return address >= KERNEL_START ? "[kernel]" : "[unmapped]";
  return regionName(kernel.mm.active, address, root);
}
