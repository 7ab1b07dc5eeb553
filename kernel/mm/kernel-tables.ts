/**
 * The kernel's quarter of every address space: low memory mapped at TASK_SIZE, supervisor-only, one to one.
 *
 *     page directory        entry 768 ... 991: 896 MiB of RAM
 *     PSE:     one 4 MiB page per entry (global where PGE exists), 4 KiB pages only for a last odd piece
 *     no PSE:  one table of 1024 PTEs per entry
 *     entry 1022, 1023: empty tables, for PKMAP and FIXMAP
 *
 * cf. arch/x86/mm/init.c kernel_physical_mapping_init(), __supported_pte_mask.
 */

import type { PagingProfile } from "../../mmu/geometry.ts";
import { PDE_PS, PTE_A, PTE_D, PTE_G, PTE_P, PTE_RW } from "../../mmu/pte.ts";
import type { Ram } from "../../mmu/ram.ts";

const FRAMES_PER_TABLE = 1024;
/** First page directory entry of the kernel: TASK_SIZE / 4 MiB. */
export const KERNEL_PDE = 768;
/** The directory entries of PKMAP and FIXMAP (kernel-space.ts), whose page tables exist from the start. */
const EARLY_PDES = [1022, 1023];

/** Fills the page directory in frame `pgd` and takes the frames after it for tables. Returns the first frame not used. */
export function buildKernelTables(ram: Ram, pgd: number, lowFrames: number, cpu: PagingProfile): number {
  const global = cpu.pge ? PTE_G : 0;
  const pageBits = PTE_P | PTE_RW | PTE_A | PTE_D | global;
  let nextTable = pgd + 1;
  ram.zeroFrame(pgd);
  for (let first = 0; first < lowFrames; first += FRAMES_PER_TABLE) {
    const entry = pgd * 4096 + (KERNEL_PDE + first / FRAMES_PER_TABLE) * 4;
    if (cpu.pse && first + FRAMES_PER_TABLE <= lowFrames) {
      ram.write32(entry, (first << 12) | PDE_PS | pageBits);
      continue;
    }
    const table = nextTable++;
    ram.zeroFrame(table);
    const last = Math.min(first + FRAMES_PER_TABLE, lowFrames);
    for (let pfn = first; pfn < last; pfn++) ram.write32(table * 4096 + (pfn - first) * 4, (pfn << 12) | pageBits);
    ram.write32(entry, (table << 12) | PTE_P | PTE_RW | PTE_A);
  }
  for (const pde of EARLY_PDES) {
    const table = nextTable++;
    ram.zeroFrame(table);
    ram.write32(pgd * 4096 + pde * 4, (table << 12) | PTE_P | PTE_RW | PTE_A);
  }
  return nextTable;
}
