/**
 * What engines and the kernel see of a paging unit. Two classes implement it: PlainMmu (plain.ts: the TLB and the walk,
 * nothing else) and Mmu (mmu.ts: the same behind hot slots). A machine uses one of them.
 */

import type { PagingProfile } from "./geometry.ts";

/** Why the last access was refused; valid after translate() returned FAULTED. */
export interface PageFault {
  /** What CR2 receives: the first byte of the faulting part, 0 .. 2^32 - 1. */
  linear: number;
  /** Error code: PF_ bits (SDM 3A section 4.7). */
  code: number;
}

/** translate(): the access faults; `fault` says how. */
export const FAULTED = -1;

/** What happens in slow paths. A hit in a hot slot makes no event; PlainMmu reports every lookup. */
export type MmuEvent =
  | { readonly kind: "hit"; readonly linear: number; readonly access: number; readonly user: number }
  | { readonly kind: "miss"; readonly linear: number; readonly access: number; readonly user: number }
  | {
      readonly kind: "walk";
      readonly linear: number;
      readonly access: number;
      readonly user: number;
      readonly reads: number;
      readonly writes: number;
      readonly clocks: number;
    }
  | {
      readonly kind: "evict";
      /** Name of the TLB array. */
      readonly tlb: string;
      /** Linear address of the page that was displaced. */
      readonly linear: number;
      readonly size: "4K" | "4M";
    }
  | { readonly kind: "flush"; readonly cause: "cr0" | "cr3" | "cr4" | "invlpg" | "all"; readonly linear: number }
  | {
      readonly kind: "fault";
      readonly linear: number;
      readonly access: number;
      readonly user: number;
      readonly code: number;
    };

export interface Translator {
  readonly profile: PagingProfile;
  readonly fault: PageFault;
  /** Indices and names: counters.ts. */
  readonly counters: Float64Array;
  readonly cr0: number;
  /** Last page-fault address; loaded by whoever delivers the exception, int32. */
  cr2: number;
  readonly cr3: number;
  readonly cr4: number;
  /** 1 while CR0.PG = 1. With 0 nothing is looked up, and accesses are not counted: add this, not 1, to ACCESS. */
  readonly paging: number;
  /** Clocks that walks and refills have taken so far. */
  readonly clocks: number;

  /**
   * Hot slots: pairs [tag, addend], at `slotBase(user, access) + ((page & slotMask(access)) << 1)` for linear page
   * `page`. tag is the page number, or -1 for an empty slot; a match promises that the access is permitted and would
   * change no state, and `(la + addend) >>> 0` is its host offset into the engine views. Test the page number of the LAST
   * byte of the access against the slot of the first: an access that crosses a page then never matches, since there are
   * at least two slots. Bases and masks are constant.
   */
  readonly slots: Int32Array;
  slotBase(user: number, access: number): number;
  slotMask(access: number): number;

  /**
   * 1 after anything emptied a fetch slot: before its next instruction an engine must look its fetch up again, and set
   * this to 0. As long as it is 0 and the code page is in its fetch slot, fetches from that page need no look; a page in no
   * slot (PlainMmu; frames outside RAM) is translated for every instruction.
   */
  fetchDisplaced: number;

  /** Called from slow paths only; null costs nothing. */
  onEvent: ((event: MmuEvent) => void) | null;

  /**
   * By page number: not 0 keeps the page out of the hot slots, so that every lookup of it makes an event. null: no page.
   * Owned by an observer; whoever sets a byte calls unslot().
   */
  exposed: Uint8Array | null;
  /** Empties the hot slots of `count` pages from page `first` on. */
  unslot(first: number, count: number): void;

  /**
   * One lookup for an access that lies within a page.
   * @param la linear address, any number
   * @param access READ, WRITE or FETCH
   * @param user 1 for an access at CPL 3, 0 for a supervisor access
   * @returns the physical address, 0 .. 2^32 - 1, or FAULTED with `fault` set
   *
   * The caller counts the access itself, if `paging`.
   */
  translate(la: number, access: number, user: number): number;

  /**
   * For loops over one page: the physical address if the first level holds the page and a repetition of this very access
   * would be a plain hit (rights, D, unguarded RAM), else FAULTED. Changes and counts nothing. PlainMmu looks at every
   * access by itself and always answers FAULTED.
   */
  resident(la: number, access: number, user: number): number;

  /**
   * The entry that a lookup of `la` would find in the TLBs, in the shape of a PTE (frame, P, RW, US, D, G; PS for a 4 MiB
   * entry), or 0. Changes and counts nothing.
   */
  cached(la: number, access: number): number;

  /**
   * After resident(): the accesses at `first` and at `second` were repeated in turns, `times` each, and only counted. For
   * units that tell the order of accesses; others do nothing.
   */
  alternated(first: number, second: number, times: number): void;

  /** MOV to CR0. Returns false, changing nothing, for PG = 1 with PE = 0: a #GP(0) (SDM 3A section 2.5). */
  setCr0(value: number): boolean;
  /** MOV to CR3: drops all entries that are not global. */
  setCr3(value: number): void;
  /** MOV to CR4: drops all entries if PGE, PSE or PAE changes. */
  setCr4(value: number): void;
  /** INVLPG: drops the page that contains `la`, global or not. */
  invlpg(la: number): void;
  /** Drops everything. */
  flushAll(): void;
  /** Brings derived state up to date after the machine memory was replaced as a whole (a snapshot was loaded). */
  reload(): void;
}
