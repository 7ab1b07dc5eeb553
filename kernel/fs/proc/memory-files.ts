/** The files of /proc/PID about its address space: contents, mappings, page tables (cf. fs/proc/base.c, fs/proc/task_mmu.c). */

import { EACCES, EINVAL, EIO, EPERM, ESRCH } from "../../errno.ts";
import type { Kernel } from "../../kernel.ts";
import { makeOld } from "../../mm/change-protection.ts";
import { OWNER_ANON } from "../../mm/frames.ts";
import { mapsText, statmText } from "../../mm/maps-text.ts";
import type { MmStruct } from "../../mm/mm.ts";
import { pteFrame, ptePresent } from "../../mm/page-tables.ts";
import { PAGE_SIZE, TASK_SIZE } from "../../mm/physical-memory.ts";
import { readRemote, writeRemote } from "../../mm/remote.ts";
import { mapCount } from "../../mm/rmap.ts";
import { smapsRollupText, smapsText } from "../../mm/smaps.ts";
import { CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN } from "../../task/cred.ts";
import { ptraceMayAccess } from "../../task/ptrace-access.ts";
import type { Task } from "../../task/task.ts";
import { type Dentry, dPath } from "../dentry.ts";
import type { SpecialAccess } from "../inode.ts";
import type { MemoryTransfer, ProcEntries, ProcEntry, ProcOwner, TextReader } from "./proc-inode.ts";

/** Bytes of a range of the program's memory, as far as it is there. */
function memoryRange(mm: MmStruct, start: number, end: number): Uint8Array {
  if (end <= start) return new Uint8Array(0);
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

/** proc_fd_permission(): a process's own threads may always enter. */
export function ownOrByMode(k: Kernel, t: Task): SpecialAccess {
  return k.current.group === t.group ? "granted" : "by mode";
}

/** proc_mem_open(): an address space stays the one that was opened, whatever the process executes later. */
function openMm(k: Kernel, t: Task): MmStruct | null | number {
  return ptraceMayAccess(k.current, t, "fs") ? t.mm : -EACCES;
}

/** A reader that has nothing to say once the process is gone (get_proc_task()). */
export function whileThere(t: Task, read: TextReader): TextReader {
  return () => (t.released ? -ESRCH : read());
}

/** A text about the address space; without one, `gone`. */
function memoryText(k: Kernel, t: Task, gone: "empty" | "refused", read: (mm: MmStruct) => string | Uint8Array) {
  const open = (): TextReader | number => {
    const mm = openMm(k, t);
    if (typeof mm === "number") return mm;
    if (mm === null && gone === "refused") return -ESRCH;
    return () => (mm === null || mm.users === 0 ? "" : read(mm));
  };
  return open;
}

function auxv(mm: MmStruct): Uint8Array {
  const { buffer, byteOffset, byteLength } = mm.savedAuxv;
  return new Uint8Array(buffer, byteOffset, byteLength).slice();
}

/** /proc/PID/mem: as ptrace, protection does not count, but what is private is copied before it is written. */
function memTransfer(mm: MmStruct): MemoryTransfer {
  const within = (position: number, length: number) => Math.max(0, Math.min(length, TASK_SIZE - position));
  return {
    unit: 1,
    read: (position, bytes) => {
      if (mm.users === 0) return 0;
      const done = readRemote(mm, position, bytes, 0, within(position, bytes.length), "force");
      return done > 0 ? done : -EIO;
    },
    write: (position, bytes) => {
      if (mm.users === 0) return 0;
      const done = writeRemote(mm, position, bytes, 0, within(position, bytes.length), "force");
      return done > 0 ? done : -EIO;
    },
  };
}

/** Bits of a pagemap entry, those of its upper word (Documentation/admin-guide/mm/pagemap.rst). */
const PM_MMAP_EXCLUSIVE = 1 << 24;
const PM_FILE = 1 << 29;
const PM_PRESENT = 1 << 31;
const PM_ENTRY_BYTES = 8;

/** /proc/PID/pagemap: 64 bits per page; frame numbers only for who may see them. Soft-dirty bits do not exist on i386. */
function pagemapTransfer(mm: MmStruct, frameNumbers: "shown" | "hidden"): MemoryTransfer {
  const { frames, zeroPage } = mm.memory;
  const put = (view: DataView, at: number, pte: number) => {
    const pfn = pteFrame(pte);
    let high = PM_PRESENT;
    if (pfn !== zeroPage) {
      if (frames.owner[pfn] !== OWNER_ANON) high |= PM_FILE;
      if (mapCount(mm.tables, pfn) === 1) high |= PM_MMAP_EXCLUSIVE;
    }
    if (frameNumbers === "shown") view.setUint32(at, pfn, true);
    view.setInt32(at + 4, high, true);
  };
  return {
    unit: PM_ENTRY_BYTES,
    read: (position, bytes) => {
      if (mm.users === 0) return 0;
      const first = position / PM_ENTRY_BYTES;
      const count = Math.max(0, Math.min(bytes.length / PM_ENTRY_BYTES, TASK_SIZE / PAGE_SIZE - first));
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let i = 0; i < count; i++) {
        const pte = mm.tables.read((first + i) * PAGE_SIZE);
        if (ptePresent(pte)) put(view, i * PM_ENTRY_BYTES, pte);
      }
      return count * PM_ENTRY_BYTES;
    },
    write: () => -EINVAL,
  };
}

/** What is written to clear_refs: 1 all pages, 2 anonymous ones, 3 those of files, 4 soft-dirty bits, 5 the peak of the RSS. */
function clearRefs(mm: MmStruct | null, text: string): number {
  const type = /^\s*\d+\s*$/.test(text) ? Number(text) : 0;
  if (type < 1 || type > 5) return -EINVAL;
  if (mm === null) return 0;
  if (type === 5) mm.tables.peakRss = mm.tables.rssPages;
  if (type > 3) return 0;
  for (let vma = mm.vmas.first; vma !== null; vma = vma.next) {
    if (type === 2 && vma.file !== null) continue;
    if (type === 3 && vma.file === null) continue;
    makeOld(mm.tables, vma.start, vma.end);
  }
  return 0;
}

/** The directory map_files: a link to the file of each mapping that has one, by its range of addresses. */
function mapFiles(k: Kernel, t: Task, root: () => Dentry, owner: ProcOwner): ProcEntries {
  const ranges = () => {
    const found = new Map<string, Dentry>();
    for (let vma = t.mm?.vmas.first ?? null; vma !== null; vma = vma.next) {
      if (vma.file !== null) found.set(`${vma.start.toString(16)}-${vma.end.toString(16)}`, vma.file.dentry);
    }
    return found;
  };
  const { cred } = k.current;
  const mayFollow = cred.capable(CAP_SYS_ADMIN) || cred.capable(CAP_CHECKPOINT_RESTORE);
  return {
    list: () => [...ranges().keys()],
    lookup: (name) => {
      const target = ranges().get(name);
      if (target === undefined) return null;
      const jump = () => (mayFollow ? target : -EPERM);
      return { kind: "magic", mode: 0o600, owner, read: () => dPath(target, root()), jump };
    },
  };
}

/** Every file about the memory of a process. `root` is the root directory as the reader has it. */
export function memoryEntries(k: Kernel, t: Task, root: () => Dentry, owner: ProcOwner): Record<string, ProcEntry> {
  const text = (mode: number, open: () => TextReader | number): ProcEntry => ({ kind: "text", mode, owner, open });
  const range = (mode: number, read: (mm: MmStruct) => Uint8Array) => text(mode, memoryText(k, t, "refused", read));
  const mappings = (gone: "empty" | "refused", read: (mm: MmStruct) => string) =>
    text(0o444, () => {
      const reader = memoryText(k, t, gone, read)();
      return typeof reader === "number" ? reader : whileThere(t, reader);
    });
  const transfer = (mode: number, make: (mm: MmStruct) => MemoryTransfer): ProcEntry => ({
    kind: "memory",
    mode,
    owner,
    open: () => {
      const mm = openMm(k, t);
      if (typeof mm === "number" || mm === null) return mm ?? -ESRCH;
      mm.grab();
      return { ...make(mm), close: () => k.mm.mmdrop(mm) };
    },
  });
  const frameNumbers = () => (k.current.cred.capable(CAP_SYS_ADMIN) ? "shown" : "hidden");
  return {
    environ: range(0o400, (mm) => memoryRange(mm, mm.envStart, mm.envEnd)),
    auxv: range(0o400, auxv),
    cmdline: { kind: "text", owner, read: whileThere(t, () => cmdline(t.mm)) },
    statm: { kind: "text", owner, read: whileThere(t, () => (t.mm === null ? "0 0 0 0 0 0 0\n" : statmText(t.mm))) },
    maps: mappings("empty", (mm) => mapsText(mm, root())),
    mem: transfer(0o600, memTransfer),
    clear_refs: {
      kind: "text",
      mode: 0o200,
      owner,
      read: () => -EINVAL,
      write: (words) => clearRefs(t.mm, words),
    },
    smaps: mappings("empty", (mm) => smapsText(mm, root())),
    smaps_rollup: mappings("refused", smapsRollupText),
    pagemap: transfer(0o400, (mm) => pagemapTransfer(mm, frameNumbers())),
    map_files: {
      kind: "directory",
      mode: 0o500,
      owner,
      children: () => mapFiles(k, t, root, owner),
      order: "listed",
      access: () => ownOrByMode(k, t),
    },
  };
}
