/** Tries cases of system-case.ts on our processor alone: can they be run by tests/kernels/system.c, without losing control? */

import { EXIT_HALT, EXIT_SHUTDOWN, type Unmodelled } from "../../emu/index.ts";
import { CS, TR } from "../../emu/state.ts";
import { SystemRig, TSS, TSS_SELECTOR } from "../system-rig.ts";
import { DIRECTORY, STUBS, type SystemCase } from "./system-case.ts";

/** Longer programs count as endless. */
const MAX_INSTRUCTIONS = 20_000;
const HLT = 0xf4;

export class SystemTrial {
  private readonly rig = new SystemRig();
  private readonly image: Uint8Array;

  constructor(image: Uint8Array) {
    this.image = image.slice();
    this.image.fill(HLT, STUBS, STUBS + 4096);
  }

  /** "ends" in a handler; or why the case cannot be used. */
  run(c: SystemCase): "ends" | "shutdown" | "endless" | "halts" | Unmodelled {
    const { machine, cpu } = this.rig;
    const { mmu, ram } = machine;
    cpu.reset();
    ram.writeBytes(0, this.image);
    for (const [address, value] of c.memory) ram.write32(address, value);
    this.rig.level((c.cs & 3) === 0 ? 0 : 3);
    const dpl = (c.cs & 3) << 13;
    cpu.setSegmentRaw(CS, c.cs, 0, -1, 0x00c09b00 | dpl);
    for (const seg of [0, 2, 3, 4, 5]) cpu.setSegmentRaw(seg, c.ds, 0, -1, 0x00c09300 | dpl);
    cpu.regs.set(c.regs);
    cpu.eip = c.eip;
    cpu.setEflags(c.eflags);
    cpu.setGdtr(0x1000, 0xff);
    cpu.setIdtr(0x2000, 0x7ff);
    cpu.setLdtr(0x30, 0x3800, 0x3f);
    cpu.setTr(TSS_SELECTOR, TSS, ram.read32(0x1000 + TSS_SELECTOR) & 0xffff);
    cpu.state[TR + 3] = 0x8b00;
    mmu.setCr3(DIRECTORY);
    mmu.setCr0(c.cr0);
    let refused: Unmodelled | null = null;
    cpu.onUnmodelled = (feature) => {
      refused = feature;
    };
    const reason = cpu.run(Number.POSITIVE_INFINITY, cpu.instructions + MAX_INSTRUCTIONS);
    if (refused !== null) return refused;
    if (reason === EXIT_SHUTDOWN) return "shutdown";
    if (reason !== EXIT_HALT) return "endless";
    const at = cpu.segBase(CS) + cpu.eip - 1 - STUBS;
    return at >= 0 && at < 4096 && at % 16 === 0 ? "ends" : "halts";
  }
}
