/**
 * CPUs as paging hardware: the TLBs of each, and where its paging rules differ. Data only.
 *
 * Sources: Intel 80386 Programmer's Reference Manual (1986) and Hardware Reference Manual; Embedded Intel486 Processor
 * Hardware Reference Manual; Intel SDM 2A, CPUID leaf 2 descriptors (also Linux arch/x86/kernel/cpu/intel.c
 * intel_tlb_table); Intel Optimization Reference Manual; AMD family 17h Software Optimization Guide, as collected by
 * WikiChip and 7-cpu.com. Clocks of a walk: nand2mario's articles on the 80386, after Intel's ICCD 1986 paper; the notes to the
 * clock counts in the i486 data sheet (240440); Intel Optimization Reference Manual 2.1.4 for the Core 2's second level;
 * RightMark Memory Analyzer as measured by news.mynavi.jp for Haswell. What no source publishes is an assumption, and is
 * listed as one with the CPU.
 */

import type { TlbArraySpec } from "./tlb.ts";
import { tlbArrayBytes, tlbSpecError } from "./tlb.ts";

/** One level of lookup: the arrays for 4 KiB and for 4 MiB pages, by name; the same name twice for a mixed array. */
export interface TlbLevelSpec {
  readonly small: string;
  /** null: a 4 MiB page is entered as 4 KiB pieces into `small`. */
  readonly large: string | null;
}

/**
 * The TLBs of a CPU. A lookup goes through the levels of its access class; a translation found in a lower level is
 * copied to those above it, and a walk fills all of them. An entry displaced from one level stays in the others (neither
 * inclusive nor exclusive).
 */
export interface TlbGeometry {
  readonly arrays: Readonly<Record<string, TlbArraySpec>>;
  readonly read: readonly TlbLevelSpec[];
  readonly write: readonly TlbLevelSpec[];
  readonly fetch: readonly TlbLevelSpec[];
}

/** Clocks that a translation takes beyond a hit in the first level. They are the guest's time. */
export interface TranslationClocks {
  /** A walk by the entries that it reads: one (a 4 MiB page, a missing page table) or two. */
  readonly reads: readonly [number, number];
  /** What is added where it writes A or D: in one entry, in two. */
  readonly writes: readonly [number, number];
  /** A miss of the first level that the second level serves, or the third. */
  readonly refills: readonly [number, number];
}

/** Translation that takes no time. */
export const NO_CLOCKS: TranslationClocks = { reads: [0, 0], writes: [0, 0], refills: [0, 0] };

/** A CPU as far as paging is concerned. */
export interface PagingProfile {
  readonly name: string;
  readonly title: string;
  /** CR0.WP exists. */
  readonly wp: boolean;
  /** CR4.PSE exists: 4 MiB pages. */
  readonly pse: boolean;
  /** CR4.PGE exists: global pages. */
  readonly pge: boolean;
  /** The instruction exists. */
  readonly invlpg: boolean;
  /** Reserved bits of a 4 MiB PDE (21:13): they fault, or they are not looked at. */
  readonly reservedBits: "fault" | "ignored";
  /**
   * A TLB hit whose cached rights deny the access: fault at once, perhaps spuriously (Intel), or walk again first (AMD).
   * Either way the entry is dropped (SDM 3A section 4.10.4.1).
   */
  readonly deniedHit: "fault" | "walk";
  readonly tlb: TlbGeometry;
  readonly clocks: TranslationClocks;
  /** What is assumed where nothing is published. */
  readonly assumptions: readonly string[];
}

const noInclusion = "levels are neither inclusive nor exclusive";
const noPdeCache = "no paging-structure cache: every walk reads both levels";
const oneLargeEntry = "a 4 MiB page takes one entry where the source says 2M/4M";
const tablesCached = "walks find page tables in the first-level data cache";
const assists486 = "writing A or D costs what it costs the i486";
const oneRead = "a walk that ends at the directory takes a table read less";
/** Added on the i486 where one or two entries are written: 21 and 28 clocks instead of 13. */
const WRITES_486 = [8, 15] as const;

const plru = (sets: number, ways: number): TlbArraySpec => ({ sets, ways, policy: "plru" });
const lru = (sets: number, ways: number): TlbArraySpec => ({ sets, ways, policy: "lru" });

const unified = (array: TlbArraySpec): TlbGeometry => {
  const level = [{ small: "tlb", large: null }];
  return { arrays: { tlb: array }, read: level, write: level, fetch: level };
};

const i386: PagingProfile = {
  name: "i386",
  title: "Intel 80386DX",
  wp: false,
  pse: false,
  pge: false,
  invlpg: false,
  reservedBits: "ignored",
  deniedHit: "fault",
  tlb: unified({ sets: 8, ways: 4, policy: "pointer386" }),
  clocks: { reads: [10, 20], writes: [4, 8], refills: [0, 0] },
  assumptions: [
    "the way pointer is one for the whole array and advances with each fill, whether or not a way is empty",
    "a denied hit faults without walking again",
    'a walk takes 20 clocks, the published "about 20", half of them for the directory',
    "an entry is written in a locked read and write of two clocks each",
  ],
};

const i486: PagingProfile = {
  name: "i486",
  title: "Intel i486DX",
  wp: true,
  pse: false,
  pge: false,
  invlpg: true,
  reservedBits: "ignored",
  deniedHit: "fault",
  tlb: unified(plru(8, 4)),
  clocks: { reads: [7, 13], writes: WRITES_486, refills: [0, 0] },
  assumptions: [oneRead],
};

const pentium: PagingProfile = {
  name: "pentium",
  title: "Intel Pentium (P5, P54C)",
  wp: true,
  pse: true,
  pge: false,
  invlpg: true,
  reservedBits: "ignored",
  deniedHit: "fault",
  tlb: {
    arrays: { itlb: plru(8, 4), dtlb: plru(16, 4), "dtlb-4m": plru(2, 4) },
    read: [{ small: "dtlb", large: "dtlb-4m" }],
    write: [{ small: "dtlb", large: "dtlb-4m" }],
    fetch: [{ small: "itlb", large: null }],
  },
  clocks: { reads: [7, 13], writes: WRITES_486, refills: [0, 0] },
  assumptions: ["a walk takes as long as on the i486"],
};

const p6: PagingProfile = {
  name: "p6",
  title: "Intel Pentium Pro, II, III",
  wp: true,
  pse: true,
  pge: true,
  invlpg: true,
  reservedBits: "fault",
  deniedHit: "fault",
  tlb: {
    arrays: { itlb: plru(8, 4), "itlb-4m": plru(1, 2), dtlb: plru(16, 4), "dtlb-4m": plru(2, 4) },
    read: [{ small: "dtlb", large: "dtlb-4m" }],
    write: [{ small: "dtlb", large: "dtlb-4m" }],
    fetch: [{ small: "itlb", large: "itlb-4m" }],
  },
  clocks: { reads: [8, 11], writes: WRITES_486, refills: [0, 0] },
  assumptions: [
    "replacement is tree-PLRU",
    noPdeCache,
    "a walk takes 5 clocks and the data cache's 3 for each entry",
    tablesCached,
    assists486,
  ],
};

const p4: PagingProfile = {
  name: "p4",
  title: "Intel Pentium 4 (Willamette)",
  wp: true,
  pse: true,
  pge: true,
  invlpg: true,
  reservedBits: "fault",
  deniedHit: "fault",
  tlb: {
    arrays: { itlb: lru(1, 64), dtlb: lru(1, 64) },
    read: [{ small: "dtlb", large: "dtlb" }],
    write: [{ small: "dtlb", large: "dtlb" }],
    fetch: [{ small: "itlb", large: "itlb" }],
  },
  clocks: { reads: [15, 30], writes: WRITES_486, refills: [0, 0] },
  assumptions: [
    "replacement is LRU",
    "the arrays are fully associative",
    noPdeCache,
    "a walk takes 30 clocks, half of them for the directory",
    assists486,
  ],
};

const core2: PagingProfile = {
  name: "core2",
  title: "Intel Core 2 (Merom, Conroe)",
  wp: true,
  pse: true,
  pge: true,
  invlpg: true,
  reservedBits: "fault",
  deniedHit: "fault",
  tlb: {
    arrays: {
      itlb: plru(32, 4),
      "itlb-4m": plru(1, 4),
      dtlb0: plru(4, 4),
      "dtlb0-4m": plru(4, 4),
      dtlb1: plru(64, 4),
      "dtlb1-4m": plru(8, 4),
    },
    read: [
      { small: "dtlb0", large: "dtlb0-4m" },
      { small: "dtlb1", large: "dtlb1-4m" },
    ],
    write: [{ small: "dtlb1", large: "dtlb1-4m" }],
    fetch: [{ small: "itlb", large: "itlb-4m" }],
  },
  clocks: { reads: [7, 10], writes: WRITES_486, refills: [2, 2] },
  assumptions: [
    "replacement is tree-PLRU",
    noInclusion,
    noPdeCache,
    oneLargeEntry,
    "a walk takes 10 clocks",
    oneRead,
    tablesCached,
    assists486,
  ],
};

const haswell: PagingProfile = {
  name: "haswell",
  title: "Intel Haswell",
  wp: true,
  pse: true,
  pge: true,
  invlpg: true,
  reservedBits: "fault",
  deniedHit: "fault",
  tlb: {
    arrays: {
      itlb: plru(32, 4),
      "itlb-4m": plru(1, 8),
      dtlb: plru(16, 4),
      "dtlb-4m": plru(8, 4),
      stlb: plru(128, 8),
    },
    read: [
      { small: "dtlb", large: "dtlb-4m" },
      { small: "stlb", large: "stlb" },
    ],
    write: [
      { small: "dtlb", large: "dtlb-4m" },
      { small: "stlb", large: "stlb" },
    ],
    fetch: [
      { small: "itlb", large: "itlb-4m" },
      { small: "stlb", large: "stlb" },
    ],
  },
  clocks: { reads: [12, 16], writes: WRITES_486, refills: [8, 8] },
  assumptions: ["replacement is tree-PLRU", noInclusion, noPdeCache, oneLargeEntry, oneRead, tablesCached, assists486],
};

const skylake: PagingProfile = {
  name: "skylake",
  title: "Intel Skylake client",
  wp: true,
  pse: true,
  pge: true,
  invlpg: true,
  reservedBits: "fault",
  deniedHit: "fault",
  tlb: {
    arrays: {
      itlb: plru(16, 8),
      "itlb-4m": plru(1, 8),
      dtlb: plru(16, 4),
      "dtlb-4m": plru(8, 4),
      stlb: lru(128, 12),
    },
    read: [
      { small: "dtlb", large: "dtlb-4m" },
      { small: "stlb", large: "stlb" },
    ],
    write: [
      { small: "dtlb", large: "dtlb-4m" },
      { small: "stlb", large: "stlb" },
    ],
    fetch: [
      { small: "itlb", large: "itlb-4m" },
      { small: "stlb", large: "stlb" },
    ],
  },
  clocks: { reads: [12, 16], writes: WRITES_486, refills: [8, 8] },
  assumptions: [
    "replacement is tree-PLRU, in the 12-way second level LRU",
    "one thread owns the shared instruction TLB",
    noInclusion,
    noPdeCache,
    oneLargeEntry,
    "walks and second-level hits take Haswell's clocks",
    assists486,
  ],
};

const zen: PagingProfile = {
  name: "zen",
  title: "AMD Zen (family 17h)",
  wp: true,
  pse: true,
  pge: true,
  invlpg: true,
  reservedBits: "fault",
  deniedHit: "walk",
  tlb: {
    arrays: {
      itlb0: lru(1, 8),
      itlb1: lru(1, 64),
      itlb2: plru(64, 8),
      dtlb1: lru(1, 64),
      dtlb2: lru(128, 12),
    },
    read: [
      { small: "dtlb1", large: "dtlb1" },
      { small: "dtlb2", large: "dtlb2" },
    ],
    write: [
      { small: "dtlb1", large: "dtlb1" },
      { small: "dtlb2", large: "dtlb2" },
    ],
    fetch: [
      { small: "itlb0", large: "itlb0" },
      { small: "itlb1", large: "itlb1" },
      { small: "itlb2", large: "itlb2" },
    ],
  },
  clocks: { reads: [12, 16], writes: WRITES_486, refills: [8, 16] },
  assumptions: [
    "replacement is LRU, in the 512-entry instruction TLB tree-PLRU",
    "the second-level data TLB caches no PDEs",
    noInclusion,
    oneLargeEntry,
    "walks and second-level hits take Haswell's clocks, third-level hits twice those",
    assists486,
  ],
};

/** Every CPU by its name on the command line. */
export const pagingProfiles: Readonly<Record<string, PagingProfile>> = {
  i386,
  i486,
  pentium,
  p6,
  p4,
  core2,
  haswell,
  skylake,
  zen,
};

export const cpuNames: readonly string[] = Object.keys(pagingProfiles);

/** The profile of a CPU; throws RangeError with the allowed names. */
export function pagingProfile(name: string): PagingProfile {
  if (!Object.hasOwn(pagingProfiles, name)) {
    throw new RangeError(`unknown CPU ${name}; known are ${cpuNames.join(", ")}`);
  }
  return pagingProfiles[name];
}

/** What is wrong with a geometry, in one line; "" when it can be built. */
export function geometryError(geometry: TlbGeometry): string {
  for (const [name, spec] of Object.entries(geometry.arrays)) {
    const error = tlbSpecError(spec);
    if (error !== "") return `TLB ${name}: ${error}`;
  }
  for (const access of ["read", "write", "fetch"] as const) {
    const levels = geometry[access];
    if (levels.length < 1 || levels.length > 3) return `${access} lookups must have 1 to 3 TLB levels`;
    for (const { small, large } of levels) {
      for (const name of [small, large ?? small]) {
        if (!Object.hasOwn(geometry.arrays, name)) return `${access} lookups name a TLB that does not exist: ${name}`;
      }
    }
    const used = levels.flatMap(({ small, large }) => [...new Set([small, large ?? small])]);
    const twice = used.find((name, index) => used.indexOf(name) !== index);
    if (twice !== undefined) return `${access} lookups pass TLB ${twice} on two levels`;
  }
  return "";
}

/** State bytes that the arrays of a geometry reserve. */
export function geometryBytes(geometry: TlbGeometry): number {
  return Object.values(geometry.arrays).reduce((sum, spec) => sum + tlbArrayBytes(spec), 0);
}
