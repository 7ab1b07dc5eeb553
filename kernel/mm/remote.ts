/**
 * Memory of an address space that need not be in CR3, reached through its page tables and the direct map as
 * get_user_pages() and kmap do: ptrace, /proc/PID/mem, process_vm_readv, arguments of execve. Not an access of the processor:
 * nothing is translated or counted but the faults it takes.
 */

import { PTE_RW } from "../../mmu/pte.ts";
import { changeProtection } from "./change-protection.ts";
import type { MmStruct } from "./mm.ts";
import { pteFrame, ptePresent } from "./page-tables.ts";
import { PAGE_SIZE } from "./physical-memory.ts";
import { expandStack } from "./stack.ts";
import { VM_GROWSDOWN, VM_MAYREAD, VM_MAYWRITE, VM_READ, VM_SHARED, VM_WRITE } from "./vma.ts";

/** Whether the mapping's protection counts: "force" is ptrace's right to read and to write private copies (FOLL_FORCE). */
export type RemoteRights = "as mapped" | "force";

/** Reads into buffer[offset ...]; returns the bytes before the first page that cannot be read. */
export function readRemote(
  mm: MmStruct,
  address: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  rights: RemoteRights,
): number {
  let done = 0;
  while (done < length) {
    const at = address + done;
    const pfn = userPage(mm, at, false, rights);
    if (pfn < 0) break;
    const inPage = at % PAGE_SIZE;
    const bytes = Math.min(PAGE_SIZE - inPage, length - done);
    mm.memory.highmem.load(pfn, inPage, buffer, offset + done, bytes);
    done += bytes;
  }
  return done;
}

/** Writes buffer[offset ...]; returns the bytes before the first page that cannot be written. */
export function writeRemote(
  mm: MmStruct,
  address: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  rights: RemoteRights,
): number {
  let done = 0;
  while (done < length) {
    const at = address + done;
    const pfn = userPage(mm, at, true, rights);
    if (pfn < 0) break;
    const inPage = at % PAGE_SIZE;
    const bytes = Math.min(PAGE_SIZE - inPage, length - done);
    mm.memory.highmem.store(pfn, inPage, buffer, offset + done, bytes);
    done += bytes;
  }
  return done;
}

/** The frame at an address, faulted in if need be, or -1. A page to be written is a private copy or shared (get_user_pages()). */
function userPage(mm: MmStruct, address: number, write: boolean, rights: RemoteRights): number {
  const vma = mm.findVma(address);
  if (vma === null) return -1;
  if (vma.start > address && ((vma.flags & VM_GROWSDOWN) === 0 || expandStack(mm, vma, address) < 0)) return -1;
  const wanted = write ? VM_WRITE : VM_READ;
  let breakCow = false;
  if ((vma.flags & wanted) === 0) {
    if (rights !== "force" || (vma.flags & (write ? VM_MAYWRITE : VM_MAYREAD)) === 0) return -1;
    if (write && (vma.flags & VM_SHARED) !== 0) return -1;
    breakCow = write;
  }
  const pte = mm.tables.read(address);
  if (ptePresent(pte) && (!write || (pte & PTE_RW) !== 0)) return pteFrame(pte);
  if (mm.faults.resolve(mm, vma, address, write) !== 0) return -1;
  const now = mm.tables.read(address);
  // The copy that a forced write made belongs to a mapping that forbids writes: the program must not get the right.
  const page = address - (address % PAGE_SIZE);
  if (breakCow) changeProtection(vma, page, page + PAGE_SIZE);
  return pteFrame(now);
}
