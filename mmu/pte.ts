/**
 * Formats of 32-bit paging (SDM 3A section 4.3). A linear address is cut in three:
 *
 *    31        22 21        12 11         0
 *   +------------+------------+------------+
 *   | directory  |   table    |   offset   |      4 KiB page: CR3 -> PDE -> PTE -> frame
 *   +------------+------------+------------+
 *
 *    31        22 21                      0
 *   +------------+-------------------------+
 *   | directory  |         offset          |      4 MiB page: CR3 -> PDE with PS = 1 (CR4.PSE = 1)
 *   +------------+-------------------------+
 *
 * and both kinds of entry are 32 bits:
 *
 *    31                    12 11 9 8  7  6  5  4   3   2  1  0
 *   +------------------------+----+-+--+--+--+---+---+--+--+-+
 *   | frame                  | sw |G|PS| D| A|PCD|PWT|US|RW|P|     sw: free for software
 *   +------------------------+----+-+--+--+--+---+---+--+--+-+
 *
 * In a PDE that points to a page table, G and D are ignored. In a PDE with PS = 1 bits 31:22 are the frame and bits 21:13
 * are reserved (no PSE-36 here: physical addresses have 32 bits). With P = 0 no other bit means anything.
 */

export const PTE_P = 0x001;
export const PTE_RW = 0x002;
export const PTE_US = 0x004;
export const PTE_PWT = 0x008;
export const PTE_PCD = 0x010;
export const PTE_A = 0x020;
export const PTE_D = 0x040;
/** In a PDE only: this entry maps a 4 MiB page. */
export const PDE_PS = 0x080;
/** In the entry that maps the page: CR3 loads do not drop it (CR4.PGE = 1). */
export const PTE_G = 0x100;

/** Frame of a PTE, page table of a PDE. */
export const PTE_FRAME = 0xfffff000 | 0;
/** Frame of a PDE with PS = 1. */
export const PDE_LARGE_FRAME = 0xffc00000 | 0;
/** Bits 21:13 of a PDE with PS = 1. */
export const PDE_LARGE_RESERVED = 0x003fe000;

/** Control register bits that concern paging (SDM 3A section 2.5). */
export const CR0_PE = 0x00000001;
export const CR0_WP = 0x00010000;
export const CR0_PG = 0x80000000 | 0;
/** CR3 bits 31:12: the page directory; the low 12 bits are not part of the address. */
export const CR3_DIRECTORY = 0xfffff000 | 0;
export const CR4_PSE = 0x00000010;
export const CR4_PAE = 0x00000020;
export const CR4_PGE = 0x00000080;

/** Page-fault error code (SDM 3A section 4.7). Bit 4 (I/D) needs NX or SMEP and is never set in this paging mode. */
export const PF_P = 1;
export const PF_W = 2;
export const PF_U = 4;
export const PF_RSVD = 8;

/** Physical address of the PDE of `la` under `cr3`. */
export const pdeAddress = (cr3: number, la: number): number => ((cr3 & CR3_DIRECTORY) | ((la >>> 22) << 2)) >>> 0;
/** Physical address of the PTE of `la` in the page table that `pde` points to. */
export const pteAddress = (pde: number, la: number): number => ((pde & PTE_FRAME) | ((la >>> 10) & 0xffc)) >>> 0;
