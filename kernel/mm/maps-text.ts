/** What /proc/PID says about an address space (cf. fs/proc/task_mmu.c). */

import { type Dentry, dPath } from "../fs/dentry.ts";
import { HUGE_PAGE_FRAMES } from "./hugetlb-pool.ts";
import type { MmStruct } from "./mm.ts";
import { RSS_ANON, RSS_FILE, RSS_SHMEM } from "./page-tables.ts";
import { PAGE_SIZE, pageAlign } from "./physical-memory.ts";
import { VM_EXEC, VM_MAYSHARE, VM_READ, VM_WRITE, type VmArea } from "./vma.ts";

/** Column of the name: seq_setwidth(25 + sizeof(void *) * 6 - 1) and a space. */
const NAME_COLUMN = 49;
const KIB_PER_PAGE = PAGE_SIZE / 1024;

/** /proc/PID/maps; paths as seen from `root`. */
export function mapsText(mm: MmStruct, root: Dentry): string {
  let text = "";
  for (let vma = mm.vmas.first; vma !== null; vma = vma.next) text += `${mapsLine(mm, vma, root)}\n`;
  return text;
}

/** One line of maps, without the newline (show_map_vma()); the same line heads each paragraph of smaps. */
export function mapsLine(mm: MmStruct, vma: VmArea, root: Dentry): string {
  const { file } = vma;
  const dev = file === null ? 0 : file.inode.sb.dev;
  const major = (dev >>> 8) & 0xfff;
  const minor = (dev & 0xff) | ((dev >>> 12) & 0xfff00);
  const device = `${hex(major, 2)}:${hex(minor, 2)}`;
  const [offset, ino] = file === null ? [0, 0] : [vma.pgoff * PAGE_SIZE, file.inode.ino];
  return rangeLine(vma.start, vma.end, vmaName(mm, vma, root), { rights: vmaRights(vma), offset, device, ino });
}

/** "rw-p". */
export function vmaRights({ flags }: VmArea): string {
  return (
    ((flags & VM_READ) !== 0 ? "r" : "-") +
    ((flags & VM_WRITE) !== 0 ? "w" : "-") +
    ((flags & VM_EXEC) !== 0 ? "x" : "-") +
    ((flags & VM_MAYSHARE) !== 0 ? "s" : "p")
  );
}

/** What a line says between the addresses and the name. */
interface RangeDetails {
  readonly rights: string;
  /** Bytes. */
  readonly offset: number;
  readonly device: string;
  readonly ino: number;
}

const NOTHING: RangeDetails = { rights: "---p", offset: 0, device: "00:00", ino: 0 };

/** show_vma_header_prefix() and the name. The offset is unsigned long long, printed with at least 8 digits. */
export function rangeLine(start: number, end: number, name: string, details = NOTHING): string {
  const { rights, offset, device, ino } = details;
  const line = `${hex(start, 8)}-${hex(end, 8)} ${rights} ${hex(offset, 8)} ${device} ${ino} `;
  return name === "" ? line : line.padEnd(NAME_COLUMN) + name;
}

/** File path with newlines escaped, [heap], [stack], or "". */
export function vmaName(mm: MmStruct, vma: VmArea, root: Dentry): string {
  if (vma.file !== null) return dPath(vma.file.dentry, root).replaceAll("\n", "\\012");
  if (vma.start < mm.brk && vma.end > mm.startBrk) return "[heap]";
  if (vma.start <= mm.startStack && vma.end >= mm.startStack) return "[stack]";
  return "";
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, "0");
}

/** Pages of program text. */
function textPages(mm: MmStruct): number {
  return (pageAlign(mm.endCode) - (mm.startCode - (mm.startCode % PAGE_SIZE))) / PAGE_SIZE;
}

/** /proc/PID/statm: pages. */
export function statmText(mm: MmStruct): string {
  const { rss } = mm.tables;
  const shared = rss[RSS_FILE] + rss[RSS_SHMEM];
  const resident = shared + rss[RSS_ANON];
  return `${mm.totalVm} ${resident} ${shared} ${textPages(mm)} 0 ${mm.dataVm + mm.stackVm} 0\n`;
}

/** The Vm and Rss lines of /proc/PID/status (task_mem()). */
export function memoryStatusText(mm: MmStruct): string {
  const { rss } = mm.tables;
  const resident = mm.tables.rssPages;
  const text = Math.min(textPages(mm), mm.execVm);
  const pages: [string, number][] = [
    ["VmPeak", Math.max(mm.hiwaterVm, mm.totalVm)],
    ["VmSize", mm.totalVm],
    ["VmLck", mm.lockedVm],
    ["VmPin", 0],
    ["VmHWM", Math.max(mm.tables.peakRss, resident)],
    ["VmRSS", resident],
    ["RssAnon", rss[RSS_ANON]],
    ["RssFile", rss[RSS_FILE]],
    ["RssShmem", rss[RSS_SHMEM]],
    ["VmData", mm.dataVm],
    ["VmStk", mm.stackVm],
    ["VmExe", text],
    ["VmLib", mm.execVm - text],
    ["VmPTE", mm.tables.tables],
    ["VmSwap", 0],
  ];
  if (mm.memory.hugePages.supported) pages.push(["HugetlbPages", mm.tables.hugePages * HUGE_PAGE_FRAMES]);
  return pages.map(([name, count]) => `${name}:\t${String(count * KIB_PER_PAGE).padStart(8)} kB\n`).join("");
}
