/**
 * One case in two ways that must agree on everything: handlers one at a time over the plain TLB, and the interpreter's loop,
 * or translated code, over hot slots.
 */
import { counterNames, FIRST_DIAGNOSTIC } from "../../mmu/index.ts";
import { exactDifferences } from "./compare.ts";
import { EmulatedProcessor } from "./emulated.ts";
import type { Case, Outcome } from "./layout.ts";

export class TwoWays {
  readonly steps: EmulatedProcessor;
  readonly blocks: EmulatedProcessor;

  /**
   * @param cpuName CPU model, default as the machine's
   * @param tlb other TLBs than the CPU's
   */
  constructor(cpuName?: string, tlb?: string, fast: "blocks" | "translated" = "blocks") {
    this.steps = new EmulatedProcessor("steps", "plain", cpuName, tlb);
    this.blocks = new EmulatedProcessor(fast, "hot", cpuName, tlb);
  }

  /**
   * @param slice as of EmulatedProcessor.run
   * @returns the outcome of the handlers, and how the loop differed
   */
  run(c: Case, slice?: number): { outcome: Outcome; found: string[] } {
    const outcome = this.steps.run(c, slice);
    const other = this.blocks.run(c, slice);
    const found = exactDifferences(outcome, other);
    found.push(...this.counters());
    if (found.length > 0) this.align();
    return { outcome, found };
  }

  private counters(): string[] {
    const found: string[] = [];
    const { machine: a } = this.steps;
    const { machine: b } = this.blocks;
    for (let i = 0; i < FIRST_DIAGNOSTIC; i++) {
      const [x, y] = [a.mmu.counters[i], b.mmu.counters[i]];
      if (x !== y) found.push(`${counterNames[i]}: ${x} ${y}`);
    }
    const { cpu } = a;
    if (cpu.instructions !== b.cpu.instructions) found.push(`instructions: ${cpu.instructions} ${b.cpu.instructions}`);
    if (cpu.cycles !== b.cpu.cycles) found.push(`cycles: ${cpu.cycles} ${b.cpu.cycles}`);
    return found;
  }

  /** After a difference both count on from the same numbers. */
  align(): void {
    const { machine: a } = this.steps;
    const { machine: b } = this.blocks;
    b.mmu.counters.set(a.mmu.counters.subarray(0, FIRST_DIAGNOSTIC));
    b.cpu.instructions = a.cpu.instructions;
    b.cpu.cycles = a.cpu.cycles;
    for (const { cpu } of [a, b]) {
      cpu.faulted = 0;
      cpu.extraClocks = 0;
    }
  }
}
