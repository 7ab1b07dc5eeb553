/** What of each mapping is in memory: /proc/PID/smaps and smaps_rollup (cf. fs/proc/task_mmu.c). */

import { PTE_A, PTE_D } from "../../mmu/pte.ts";
import type { Dentry } from "../fs/dentry.ts";
import { OWNER_ANON, OWNER_SHMEM, PG_DIRTY } from "./frames.ts";
import { mapsLine, rangeLine } from "./maps-text.ts";
import type { MmStruct } from "./mm.ts";
import { pteFrame, ptePresent } from "./page-tables.ts";
import { PAGE_SIZE } from "./physical-memory.ts";
import { mapCount } from "./rmap.ts";
import { VM_HUGETLB, VM_LOCKED, type VmArea } from "./vma.ts";

/** Fixed-point digits of a page's share among those that map it (PSS_SHIFT). */
const PSS_UNIT = 4096;

/** Two letters per bit of vm_flags, "" for bits that are not shown (show_smap_vma_flags()). */
const flagNames: readonly string[] = [
  ..."rd wr ex sh mr mw me ms gd um pf".split(" "),
  "",
  ..."uw lo io sr rr dc de lf ac nr ht sf ar wf dd".split(" "),
  "",
  ..."mm hg nh mg".split(" "),
];

/** struct mem_size_stats: bytes; the shares (pss...) in bytes times PSS_UNIT. */
class MemorySizes {
  resident = 0;
  sharedClean = 0;
  sharedDirty = 0;
  privateClean = 0;
  privateDirty = 0;
  referenced = 0;
  anonymous = 0;
  lazyFree = 0;
  sharedHuge = 0;
  privateHuge = 0;
  pss = 0;
  pssAnon = 0;
  pssFile = 0;
  pssShmem = 0;
  pssDirty = 0;
  pssLocked = 0;

  /** smap_gather_stats(): adds every page of the VMA that is in memory; the zero page belongs to nobody. */
  gather(mm: MmStruct, vma: VmArea): void {
    if ((vma.flags & VM_HUGETLB) !== 0) {
      this.gatherHuge(mm, vma);
      return;
    }
    const { zeroPage } = mm.memory;
    for (let address = vma.start; address < vma.end; address += PAGE_SIZE) {
      const pte = mm.tables.read(address);
      if (ptePresent(pte) && pteFrame(pte) !== zeroPage) this.addPage(mm, vma, pte);
    }
  }

  /** smaps_hugetlb_range(): huge pages are counted apart, and in no other number. */
  private gatherHuge(mm: MmStruct, vma: VmArea): void {
    const { mapcount } = mm.memory.frames;
    for (let address = vma.start; address < vma.end; address += vma.pageSize) {
      const pte = mm.tables.read(address);
      if (!ptePresent(pte)) continue;
      if (mapcount[pteFrame(pte)] > 1) this.sharedHuge += vma.pageSize;
      else this.privateHuge += vma.pageSize;
    }
  }

  /** smaps_account(). */
  private addPage(mm: MmStruct, vma: VmArea, pte: number): void {
    const { frames } = mm.memory;
    const pfn = pteFrame(pte);
    const dirty = (pte & PTE_D) !== 0 || (frames.flags[pfn] & PG_DIRTY) !== 0;
    const mappings = Math.max(1, mapCount(mm.tables, pfn));
    const share = Math.floor((PAGE_SIZE * PSS_UNIT) / mappings);
    this.resident += PAGE_SIZE;
    if ((pte & PTE_A) !== 0) this.referenced += PAGE_SIZE;
    this.pss += share;
    if (dirty) this.pssDirty += share;
    if ((vma.flags & VM_LOCKED) !== 0) this.pssLocked += share;
    if (frames.owner[pfn] === OWNER_ANON) {
      this.anonymous += PAGE_SIZE;
      this.pssAnon += share;
      if (!dirty) this.lazyFree += PAGE_SIZE;
    } else if (frames.owner[pfn] === OWNER_SHMEM) {
      this.pssShmem += share;
    } else {
      this.pssFile += share;
    }
    if (mappings > 1) {
      if (dirty) this.sharedDirty += PAGE_SIZE;
      else this.sharedClean += PAGE_SIZE;
    } else if (dirty) {
      this.privateDirty += PAGE_SIZE;
    } else {
      this.privateClean += PAGE_SIZE;
    }
  }

  /** __show_smap(). */
  text(kind: "mapping" | "rollup"): string {
    const shares: [string, number][] =
      kind === "mapping"
        ? []
        : [
            ["Pss_Anon", this.pssAnon / PSS_UNIT],
            ["Pss_File", this.pssFile / PSS_UNIT],
            ["Pss_Shmem", this.pssShmem / PSS_UNIT],
          ];
    const rows: [string, number][] = [
      ["Rss", this.resident],
      ["Pss", this.pss / PSS_UNIT],
      ["Pss_Dirty", this.pssDirty / PSS_UNIT],
      ...shares,
      ["Shared_Clean", this.sharedClean],
      ["Shared_Dirty", this.sharedDirty],
      ["Private_Clean", this.privateClean],
      ["Private_Dirty", this.privateDirty],
      ["Referenced", this.referenced],
      ["Anonymous", this.anonymous],
      ["KSM", 0],
      ["LazyFree", this.lazyFree],
      ["AnonHugePages", 0],
      ["ShmemPmdMapped", 0],
      ["FilePmdMapped", 0],
      ["Shared_Hugetlb", this.sharedHuge],
      ["Private_Hugetlb", this.privateHuge],
      ["Swap", 0],
      ["SwapPss", 0],
      ["Locked", this.pssLocked / PSS_UNIT],
    ];
    return rows.map(([name, bytes]) => sizeLine(name, bytes)).join("");
  }
}

function sizeLine(name: string, bytes: number): string {
  return `${`${name}:`.padEnd(16)}${String(Math.floor(bytes / 1024)).padStart(8)} kB\n`;
}

function vmFlagsLine(vma: VmArea): string {
  const names = flagNames.filter((name, bit) => name !== "" && ((vma.flags >>> bit) & 1) !== 0);
  return `VmFlags: ${names.map((name) => `${name} `).join("")}\n`;
}

/** /proc/PID/smaps: a paragraph per mapping. */
export function smapsText(mm: MmStruct, root: Dentry): string {
  let text = "";
  for (let vma = mm.vmas.first; vma !== null; vma = vma.next) {
    const sizes = new MemorySizes();
    sizes.gather(mm, vma);
    text += `${mapsLine(mm, vma, root)}\n`;
    text += sizeLine("Size", vma.end - vma.start);
    text += sizeLine("KernelPageSize", vma.pageSize) + sizeLine("MMUPageSize", vma.pageSize);
    text += sizes.text("mapping");
    text += `${"THPeligible:".padEnd(16)}${"0".padStart(8)}\n${vmFlagsLine(vma)}`;
  }
  return text;
}

/** /proc/PID/smaps_rollup: the sums. */
export function smapsRollupText(mm: MmStruct): string {
  const { first, last } = mm.vmas;
  const sizes = new MemorySizes();
  for (let vma = first; vma !== null; vma = vma.next) sizes.gather(mm, vma);
  return `${rangeLine(first?.start ?? 0, last?.end ?? 0, "[rollup]")}\n${sizes.text("rollup")}`;
}
