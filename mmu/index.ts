/**
 * The memory room: guest RAM, the page walk, TLBs and what they count.
 *
 *   MachineMemory   one WebAssembly.Memory: machine state and guest RAM
 *   Ram             guest RAM by physical address
 *   Mmu, PlainMmu   linear to physical addresses (interface Translator), with and without hot slots
 *   LinearBus       data accesses by linear address
 *
 * Reading order: pte.ts, walk.ts, tlb.ts, plain.ts, mmu.ts, access.ts.
 */

export { LinearBus } from "./access.ts";
export {
  type FrameNumber,
  frameAddress,
  frameOf,
  type LinearAddress,
  linearAddress,
  type PageNumber,
  type PhysicalAddress,
  pageAddress,
  pageOf,
  physicalAddress,
} from "./address.ts";
export * from "./counters.ts";
export {
  cpuNames,
  geometryError,
  NO_CLOCKS,
  type PagingProfile,
  pagingProfile,
  pagingProfiles,
  type TlbGeometry,
  type TlbLevelSpec,
  type TranslationClocks,
} from "./geometry.ts";
export { LruSets } from "./lru-sets.ts";
export { LruStack } from "./lru-stack.ts";
export { DEFAULT_STATE_BYTES, HostMemoryError, MAX_RAM_BYTES, MachineMemory, PAGE_BYTES } from "./memory.ts";
export { Mmu } from "./mmu.ts";
export { PageMap } from "./page-map.ts";
export { type MmuOptions, PlainMmu } from "./plain.ts";
export * from "./pte.ts";
export {
  type EngineViews,
  FRAME_CODE,
  FRAME_GUARDED,
  FRAME_PAGE_TABLE,
  FRAME_WATCHED,
  Ram,
  type WriteListener,
} from "./ram.ts";
export {
  LARGE,
  MAX_TLB_ENTRIES,
  PIECE,
  type ReplacementPolicy,
  replacementPolicies,
  TlbArray,
  type TlbArraySpec,
  type TlbEntry,
} from "./tlb.ts";
export { parseTlbSpec, tlbSpecText } from "./tlb-spec.ts";
export { type LookupListener, TracedMmu } from "./traced.ts";
export { FAULTED, type MmuEvent, type PageFault, type Translator } from "./translator.ts";
export { FETCH, READ, WALK_OK, WALK_PGE, WALK_PSE, WALK_RESERVED, WalkResult, WRITE, walk } from "./walk.ts";
