/** The three descriptors that a thread may place in the GDT (arch/x86/kernel/tls.c). */

import { FS, GS } from "../../emu/state.ts";
import { EFAULT, EINVAL, ESRCH } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import {
  decodeUserDesc,
  encodeUserDesc,
  isEmptyDesc,
  isTlsDesc,
  isZeroDesc,
  packDesc,
  USER_DESC_BYTES,
  type UserDesc,
  unpackDesc,
} from "./descriptor.ts";
import { GDT_ENTRY_TLS_MAX, GDT_ENTRY_TLS_MIN } from "./segments.ts";
import type { Task } from "./task.ts";

/** Puts a checked descriptor into the array of a thread: 0, or -EINVAL if the entry is not one of the three. */
export function setTlsEntry(tls: Int32Array, entry: number, desc: UserDesc): number {
  if (entry < GDT_ENTRY_TLS_MIN || entry > GDT_ENTRY_TLS_MAX) return -EINVAL;
  const none = isEmptyDesc(desc) || isZeroDesc(desc);
  tls.set(none ? [0, 0] : packDesc(desc), (entry - GDT_ENTRY_TLS_MIN) * 2);
  return 0;
}

/** set_thread_area(): entry_number -1 takes the first free entry and tells which. */
export function setThreadArea(k: Kernel, task: Task, address: number): number {
  const bytes = k.user.read(address, USER_DESC_BYTES);
  if (bytes === null) return -EFAULT;
  const desc = decodeUserDesc(bytes);
  if (!isTlsDesc(desc)) return -EINVAL;
  let entry = desc.entryNumber;
  if (entry === -1) {
    entry = freeEntry(task);
    if (entry < 0) return entry;
    if (!k.user.putU32(address, entry)) return -EFAULT;
  }
  const result = setTlsEntry(task.tls, entry, desc);
  if (result < 0) return result;
  k.segments.loadTls(task.tls);
  k.segments.refresh(entry * 8 + 3);
  return 0;
}

/** get_free_idx(). */
function freeEntry(task: Task): number {
  for (let i = 0; i < 3; i++) {
    if (task.tls[i * 2] === 0 && task.tls[i * 2 + 1] === 0) return GDT_ENTRY_TLS_MIN + i;
  }
  return -ESRCH;
}

export function getThreadArea(k: Kernel, task: Task, address: number): number {
  k.user.failed = false;
  const entry = k.user.getI32(address);
  if (k.user.failed) {
    k.user.failed = false;
    return -EFAULT;
  }
  if (entry < GDT_ENTRY_TLS_MIN || entry > GDT_ENTRY_TLS_MAX) return -EINVAL;
  const i = (entry - GDT_ENTRY_TLS_MIN) * 2;
  const low = task.tls[i];
  const high = task.tls[i + 1];
  return k.user.write(address, encodeUserDesc(unpackDesc(entry, low, high))) ? 0 : -EFAULT;
}

/** After a context switch to a thread whose TLS entries changed while it was off the CPU (CLONE_SETTLS). */
export function reloadTlsSegments(k: Kernel): void {
  for (const seg of [FS, GS]) {
    const selector = k.cpu.selector(seg);
    if (selector >> 3 >= GDT_ENTRY_TLS_MIN && selector >> 3 <= GDT_ENTRY_TLS_MAX) k.segments.loadOrNull(seg, selector);
  }
}
