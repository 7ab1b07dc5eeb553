/**
 * TLB geometries written on one line, as `--tlb` takes them:
 *
 *   SPEC  = CPU | [CPU ,] ITEM , ITEM ...
 *   ITEM  = NAME = SHAPE [: POLICY] [+4m]      an array
 *         | policy = POLICY                    of all arrays that name none; without it lru, or the CPU's
 *         | fetch | read | write = NAME / NAME ...      the arrays that such an access looks in, first level first
 *   SHAPE = SETS x WAYS | ENTRIES              ENTRIES alone: fully associative
 *   NAME  = tlb | itlb | dtlb | stlb, with a digit or without, and -4m or without
 *
 *   itlb=32x4,dtlb=64x4,stlb=1024x8,policy=plru     two first levels of 4-way sets, one second level for both
 *   tlb=64                                          64 entries, fully associative, LRU, for all accesses
 *   skylake,stlb=128x8:fifo+4m                      Skylake's with another second level
 *
 * 4 MiB pages go into the array NAME-4m if there is one, into NAME itself if it says +4m, else in 4 KiB pieces into NAME.
 * Without fetch=, read= and write=, fetches look in tlb and the itlbs, reads and writes in tlb and the dtlbs, in the order
 * written, and all of them behind that in the stlbs. With a CPU they look in its arrays as they do there, and then in those
 * that it does not have.
 */

import { cpuNames, geometryError, pagingProfiles, type TlbGeometry, type TlbLevelSpec } from "./geometry.ts";
import { type ReplacementPolicy, replacementPolicies, type TlbArraySpec } from "./tlb.ts";

const NAME = /^(?:tlb|itlb|dtlb|stlb)\d?(?:-4m)?$/;
const NAMES = "tlb, itlb, dtlb, stlb, with a digit or -4m behind or without";
const LARGE_SUFFIX = "-4m";
const DEFAULT_POLICY: ReplacementPolicy = "lru";
const accessWords = ["fetch", "read", "write"] as const;
type AccessWord = (typeof accessWords)[number];

/** A geometry while its items are read. */
interface Draft {
  readonly arrays: Map<string, DraftArray>;
  readonly paths: Map<AccessWord, readonly string[]>;
  policy?: ReplacementPolicy;
}

interface DraftArray {
  readonly sets: number;
  readonly ways: number;
  /** Named with the array. */
  readonly policy?: ReplacementPolicy;
  /** Where nobody names one. */
  readonly fallback: ReplacementPolicy;
  /** 4 MiB pages go into it as they are. */
  mixed: boolean;
}

/**
 * The geometry that a spec describes. Throws RangeError with one line that says what is wrong and what is allowed.
 *
 * undefined: tree-PLRU over a number of ways that is not a power of two; it is refused.
 */
export function parseTlbSpec(spec: string): TlbGeometry {
  const items = spec.split(",").map((item) => item.trim());
  const draft: Draft = { arrays: new Map(), paths: new Map() };
  if (!items[0].includes("=")) startFrom(draft, items.shift() ?? "");
  const seen = new Set<string>();
  for (const item of items) {
    const at = item.indexOf("=");
    const key = item.slice(0, at);
    if (at <= 0) throw new RangeError(`${item === "" ? "an empty item" : item}: write NAME=SETSxWAYS`);
    if (seen.has(key)) throw new RangeError(`${key} is given twice`);
    seen.add(key);
    readItem(draft, key, item.slice(at + 1));
  }
  const geometry = finished(draft);
  const error = geometryError(geometry);
  if (error !== "") throw new RangeError(error);
  return geometry;
}

/** The spec of a geometry: parseTlbSpec() of it is an equal geometry. For arrays with names of the grammar. */
export function tlbSpecText(geometry: TlbGeometry): string {
  const { arrays } = geometry;
  const policies = new Set(Object.values(arrays).map(({ policy }) => policy));
  const common = policies.size === 1;
  const mixed = new Set<string>();
  for (const access of accessWords) {
    for (const { small, large } of geometry[access]) if (small === large) mixed.add(small);
  }
  const items = Object.entries(arrays).map(([name, { sets, ways, policy }]) => {
    const shape = sets === 1 ? `${ways}` : `${sets}x${ways}`;
    return `${name}=${shape}${common ? "" : `:${policy}`}${mixed.has(name) ? "+4m" : ""}`;
  });
  const usual = usualPaths(Object.keys(arrays));
  for (const access of accessWords) {
    const path = geometry[access].map(({ small }) => small).join("/");
    if (path !== usual[access].join("/")) items.push(`${access}=${path}`);
  }
  for (const policy of policies) if (common && policy !== DEFAULT_POLICY) items.push(`policy=${policy}`);
  return items.join(",");
}

/** Takes a CPU's arrays and paths as if they had been written out. */
function startFrom(draft: Draft, cpu: string): void {
  if (!Object.hasOwn(pagingProfiles, cpu)) {
    throw new RangeError(
      `${cpu === "" ? "nothing" : cpu} is neither a CPU (${cpuNames.join(", ")}) nor NAME=SETSxWAYS`,
    );
  }
  const { tlb } = pagingProfiles[cpu];
  for (const [name, { sets, ways, policy }] of Object.entries(tlb.arrays)) {
    draft.arrays.set(name, { sets, ways, fallback: policy, mixed: false });
  }
  for (const access of accessWords) {
    draft.paths.set(
      access,
      tlb[access].map(({ small }) => small),
    );
    for (const { small, large } of tlb[access]) {
      const array = draft.arrays.get(small);
      if (small === large && array !== undefined) array.mixed = true;
    }
  }
}

function readItem(draft: Draft, key: string, value: string): void {
  const access = accessWords.find((word) => word === key);
  if (key === "policy") {
    draft.policy = policyOf(value);
    return;
  }
  if (access !== undefined) {
    draft.paths.set(access, value.split("/"));
    return;
  }
  if (!NAME.test(key))
    throw new RangeError(`${key} names no TLB; allowed are ${NAMES}, and policy, fetch, read, write`);
  const match = /^(?:(\d+)x)?(\d+)(?::([^+]*))?(\+4m)?$/.exec(value);
  if (match === null) {
    throw new RangeError(`${key}=${value}: write SETSxWAYS or ENTRIES, then :POLICY or not, then +4m or not`);
  }
  const [, sets = "1", ways, policy, mixed] = match;
  draft.arrays.set(key, {
    sets: Number(sets),
    ways: Number(ways),
    fallback: DEFAULT_POLICY,
    mixed: mixed !== undefined,
    ...(policy === undefined ? {} : { policy: policyOf(policy) }),
  });
  // Arrays that a CPU does not have come into its lookups as usual.
  const { paths } = draft;
  if (paths.size > 0 && !key.endsWith(LARGE_SUFFIX) && ![...paths.values()].some((path) => path.includes(key))) {
    for (const [word, path] of Object.entries(usualPaths([key]))) {
      const old = paths.get(word as AccessWord);
      if (old !== undefined) paths.set(word as AccessWord, [...old, ...path]);
    }
  }
}

function policyOf(word: string): ReplacementPolicy {
  const policy = replacementPolicies.find((known) => known === word);
  if (policy === undefined)
    throw new RangeError(`policy must be one of ${replacementPolicies.join(", ")}, not ${word}`);
  return policy;
}

/** The arrays that accesses look in where the spec does not say. */
function usualPaths(names: readonly string[]): Record<AccessWord, readonly string[]> {
  const small = names.filter((name) => !name.endsWith(LARGE_SUFFIX));
  const of = (first: string) => [
    ...small.filter((name) => name.startsWith("tlb") || name.startsWith(first)),
    ...small.filter((name) => name.startsWith("stlb")),
  ];
  return { fetch: of("itlb"), read: of("dtlb"), write: of("dtlb") };
}

function finished(draft: Draft): TlbGeometry {
  const names = [...draft.arrays.keys()];
  const arrays: Record<string, TlbArraySpec> = {};
  for (const [name, { sets, ways, policy, fallback, mixed }] of draft.arrays) {
    arrays[name] = { sets, ways, policy: policy ?? draft.policy ?? fallback };
    if (mixed && name.endsWith(LARGE_SUFFIX)) throw new RangeError(`${name} holds 4 MiB pages without +4m`);
    if (mixed && draft.arrays.has(name + LARGE_SUFFIX)) {
      throw new RangeError(`${name} has +4m, and there is a ${name + LARGE_SUFFIX}: 4 MiB pages go into one of them`);
    }
  }
  const usual = usualPaths(names);
  const used = new Set<string>();
  const levels = (access: AccessWord): TlbLevelSpec[] => {
    const path = draft.paths.get(access) ?? usual[access];
    if (path.length === 0) {
      const first = access === "fetch" ? "itlb" : "dtlb";
      throw new RangeError(`no TLB for ${access} accesses: give tlb, ${first} or ${access}=`);
    }
    return path.map((small) => {
      if (!Object.hasOwn(arrays, small)) {
        throw new RangeError(`${access}=${path.join("/")} names a TLB that is not given: ${small}`);
      }
      const companion = small + LARGE_SUFFIX;
      const large = draft.arrays.get(small)?.mixed ? small : Object.hasOwn(arrays, companion) ? companion : null;
      used.add(small);
      if (large !== null) used.add(large);
      return { small, large };
    });
  };
  const geometry = { arrays, read: levels("read"), write: levels("write"), fetch: levels("fetch") };
  const unused = names.find((name) => !used.has(name));
  if (unused !== undefined) throw new RangeError(`no access looks in ${unused}`);
  return geometry;
}
