/** A whole machine: memory, MMU, processor, ports. Nothing in it knows which operating system, if any, it runs. */
import {
  DEFAULT_STATE_BYTES,
  geometryError,
  LinearBus,
  MachineMemory,
  Mmu,
  PlainMmu,
  parseTlbSpec,
  Ram,
  type TlbGeometry,
  TracedMmu,
  type Translator,
} from "../mmu/index.ts";
import { codeCacheBytes } from "./code-cache.ts";
import { Cpu } from "./cpu.ts";
import { type EngineKind, Interpreter } from "./engine.ts";
import { Ports } from "./ports.ts";
import { type ClockKind, cpuProfile, DEFAULT_CPU, onInstructionClock, type Profile } from "./profile.ts";

export interface MachineOptions {
  /** Name of a CPU model (profile.ts). Default p6. */
  cpu?: string;
  /** Guest RAM in bytes, a multiple of 4096. Default 256 MiB. */
  mem?: number;
  /** Other TLBs than the CPU's, as a geometry or a spec (mmu/tlb-spec.ts). CPUID still describes the CPU's own. */
  tlb?: string | TlbGeometry;
  /** What guest time is made of: clocks of the processor, or instructions at 4 ns each, whatever the TLBs are. Default "cycles". */
  clock?: ClockKind;
  /** Seed of random TLB replacement, any integer. Default 1. */
  seed?: number;
  /**
   * "hot": hot slots in front of the TLB; "plain": every access looks into the TLB; "traced" and "traced-unified": each change
   * of page is told to a listener (mmu/traced.ts). The counts are the same.
   */
  translation?: "hot" | "plain" | "traced" | "traced-unified";
  /** "translator": hot code becomes WebAssembly; "interpreter": none does. The counts are the same. Default "translator". */
  engine?: EngineKind;
  /** With the translator: how often the interpreter must have been found busy at a place; 0 = translate at first sight. Default 2. */
  translateAfter?: number;
}

export const DEFAULT_RAM = 256 << 20;

export interface Machine {
  readonly profile: Profile;
  readonly memory: MachineMemory;
  readonly ram: Ram;
  readonly mmu: Translator;
  readonly bus: LinearBus;
  readonly cpu: Cpu;
  readonly ports: Ports;
}

/** The CPU's profile, with the clock and the TLBs that the options ask for. */
function profileOf({ cpu = DEFAULT_CPU, clock = "cycles", tlb }: MachineOptions): Profile {
  const model = cpuProfile(cpu);
  const profile = clock === "instructions" ? onInstructionClock(model) : model;
  if (tlb === undefined) return profile;
  const geometry = typeof tlb === "string" ? parseTlbSpec(tlb) : tlb;
  const error = geometryError(geometry);
  if (error !== "") throw new RangeError(error);
  return { ...profile, paging: { ...profile.paging, tlb: geometry } };
}

/**
 * Builds a machine after reset: 32-bit protected mode, flat segments, paging off, CPL 0, traps to the caller of `run`.
 *
 * Throws RangeError for an unknown CPU, bad TLBs or an impossible memory size, HostMemoryError where the host refuses the
 * memory.
 */
export function createMachine(options: MachineOptions = {}): Machine {
  const profile = profileOf(options);
  const { paging } = profile;
  const stateBytes = DEFAULT_STATE_BYTES + PlainMmu.stateBytes(paging) + codeCacheBytes(options.mem ?? DEFAULT_RAM);
  const memory = new MachineMemory(options.mem ?? DEFAULT_RAM, stateBytes);
  const ram = new Ram(memory);
  const choices = { seed: options.seed ?? 1 };
  const parts = [memory, ram, paging, choices] as const;
  const { translation = "hot" } = options;
  const mmu =
    translation === "plain"
      ? new PlainMmu(...parts)
      : translation === "hot"
        ? new Mmu(...parts)
        : new TracedMmu(...parts, translation === "traced" ? "split" : "unified");
  const bus = new LinearBus(mmu, ram);
  const ports = new Ports();
  const cpu = new Cpu(profile, memory, ram, mmu, bus, ports);
  cpu.attach(new Interpreter(cpu, options.engine, options.translateAfter));
  return { profile, memory, ram, mmu, bus, cpu, ports };
}
