/** CPU models by name: instruction set, paging unit, clock columns and CPUID of each. */
import { NO_CLOCKS, type PagingProfile, pagingProfile } from "../mmu/index.ts";
import { clocksOf, clockTable, type Level, rows } from "./isa/index.ts";

/** Columns of the clock table (isa/clocks.ts). */
export type ClockColumn = "i386" | "i486" | "pentium";

export interface Profile {
  readonly name: string;
  readonly paging: PagingProfile;
  /** Newest instructions it executes: 3 = i386 … 6 = P6. */
  readonly level: Level;
  /** What a cycle is. */
  readonly clock: ClockKind;
  /** Clock rate in Hz: what turns cycles into guest seconds. */
  readonly hertz: number;
  /** CPUID leaf 1 EAX: family, model, stepping (SDM 2A CPUID); 0 where CPUID does not exist. */
  readonly signature: number;
  /** CPUID leaf 1 EDX feature flags. */
  readonly features: number;
  /** CPUID leaf 0 vendor string, 12 characters. */
  readonly vendor: string;
  /** CPUID leaf 2: EAX EBX ECX EDX, one cache or TLB descriptor per byte (SDM 2A table 3-12). Absent: no such leaf. */
  readonly cacheDescriptors?: readonly [number, number, number, number];
  /** Base clocks of a table row with a register or a memory operand, protected mode (isa/clocks.ts). */
  clocks(row: number, memory: boolean): number;
  /** Clocks of a repeated string instruction by table row: without iterations, and of each iteration. */
  readonly repStart: Uint16Array;
  readonly repEach: Uint16Array;
}

/**
 * What guest time is made of: the processor's clocks, or the number of executed instructions. The second does not know what
 * a TLB costs, so that a program under timers and preemption executes the same instructions whatever the TLBs are.
 */
export const clockKinds = ["cycles", "instructions"] as const;
export type ClockKind = (typeof clockKinds)[number];

/** Rate of the clock that counts instructions: 4 ns each, about the pace of a Pentium II of 400 MHz. */
const INSTRUCTION_HERTZ = 250e6;

/** CPUID.1:EDX bits (SDM 2A table 3-11). */
export const FEATURE_FPU = 1 << 0;
export const FEATURE_PSE = 1 << 3;
export const FEATURE_TSC = 1 << 4;
export const FEATURE_MSR = 1 << 5;
export const FEATURE_CX8 = 1 << 8;
export const FEATURE_SEP = 1 << 11;
export const FEATURE_PGE = 1 << 13;
export const FEATURE_CMOV = 1 << 15;
export const FEATURE_FXSR = 1 << 24;

const PENTIUM = FEATURE_FPU | FEATURE_PSE | FEATURE_TSC | FEATURE_MSR | FEATURE_CX8;
const P6 = PENTIUM | FEATURE_SEP | FEATURE_PGE | FEATURE_CMOV | FEATURE_FXSR;

/** Pentium II: 4 KiB code TLB of 32 entries, 4-way data TLB of 64, 16 KiB caches, 512 KiB second level. */
const PENTIUM_II_CACHES = [0x03020101, 0, 0, 0x0c040843] as const;

/**
 * The later models keep the i686 instruction set, Pentium clocks and a Pentium II's CPUID: what they name is their TLBs.
 */
interface Model extends Omit<Profile, "name" | "paging" | "clock" | "clocks" | "repStart" | "repEach"> {
  readonly clockColumn: ClockColumn;
}

/** @param caches CPUID leaf 2 */
function later(hertz: number, caches: Model["cacheDescriptors"]): Model {
  const common = { level: 6, clockColumn: "pentium", hertz, signature: 0x652, features: P6 } as const;
  return caches === undefined
    ? { ...common, vendor: "AuthenticAMD" }
    : { ...common, vendor: "GenuineIntel", cacheDescriptors: caches };
}

const models: Readonly<Record<string, Model>> = {
  i386: { level: 3, clockColumn: "i386", hertz: 33e6, signature: 0, features: 0, vendor: "" },
  i486: { level: 4, clockColumn: "i486", hertz: 66e6, signature: 0x435, features: FEATURE_FPU, vendor: "GenuineIntel" },
  pentium: {
    level: 5,
    clockColumn: "pentium",
    hertz: 100e6,
    signature: 0x525,
    features: PENTIUM,
    vendor: "GenuineIntel",
  },
  p6: later(400e6, PENTIUM_II_CACHES),
  p4: later(1.5e9, [0x665b5001, 0, 0, 0x007a7000]),
  core2: later(2.4e9, [0x05b0b101, 0x005657f0, 0, 0x2cb43049]),
  haswell: later(3e9, [0x76036301, 0x00f0b500, 0, 0x00c10000]),
  skylake: later(3e9, [0x76036301, 0x00f0b500, 0, 0x00c30000]),
  zen: later(3e9, undefined),
};

/** The CPU of a machine nobody chose one for: i686 instructions, Pentium II TLBs, Pentium clocks. */
export const DEFAULT_CPU = "p6";

export const profileNames: readonly string[] = Object.keys(models);

/** Throws RangeError with the allowed names for an unknown one. */
export function cpuProfile(name: string): Profile {
  const paging = pagingProfile(name);
  const { clockColumn, ...model } = models[name];
  const { repStart, repEach } = clockTable(clockColumn);
  const clocks = (row: number, memory: boolean): number => clocksOf(row, memory, clockColumn);
  return { name, paging, ...model, clock: "cycles", clocks, repStart, repEach };
}

/** The same processor on a clock that counts instructions, and the iterations of repeated string instructions. */
export function onInstructionClock(profile: Profile): Profile {
  const once = new Uint16Array(rows.length).fill(1);
  return {
    ...profile,
    paging: { ...profile.paging, clocks: NO_CLOCKS },
    clock: "instructions",
    hertz: INSTRUCTION_HERTZ,
    clocks: () => 1,
    repStart: once,
    repEach: once,
  };
}
