/** Which bits of EFLAGS a processor has, and which of them a program may change (SDM 1 3.4.3, 2B POPF, 2A IRET). */
import type { Cpu } from "./cpu.ts";
import { AC, AF, CF, DF, ID, IF, IOPL, NT, OF, PF, RF, readEflags, SF, TF, ZF } from "./flags.ts";
import type { Profile } from "./profile.ts";
import { CPL, FLAG_REST } from "./state.ts";

const ALWAYS = CF | PF | AF | ZF | SF | TF | IF | DF | OF | IOPL | NT | RF;
/** Instruction set level of the i486, which brought alignment checks. */
const I486 = 4;

/** Bits that can be 1 on this processor. VM, VIF and VIP cannot: virtual-8086 mode is not modelled. */
function existing(profile: Profile): number {
  return ALWAYS | (profile.level >= I486 ? AC : 0) | (profile.signature !== 0 ? ID : 0);
}

/** Bits that POPF and IRET may change at the current privilege level; IRET besides RF. */
function changeable(cpu: Cpu): number {
  const cpl = cpu.state[CPL];
  const base = CF | PF | AF | ZF | SF | TF | DF | OF | NT | AC | ID;
  return base | (cpl <= iopl(cpu) ? IF : 0) | (cpl === 0 ? IOPL : 0);
}

/** I/O privilege level, 0..3. */
export function iopl(cpu: Cpu): number {
  return (cpu.state[FLAG_REST] & IOPL) >> 12;
}

/**
 * EFLAGS after POPF or IRET of an image, for `Cpu.setEflags`. Bits that the current privilege level may not change
 * keep their values, silently.
 *
 * @param size 2: the image holds bits 15..0 only
 * @param resume RF of the image is loaded too (IRET); else RF is cleared
 */
export function mergedEflags(cpu: Cpu, image: number, size: number, resume: "resume" | "clear"): number {
  let mask = changeable(cpu) | (resume === "resume" ? RF : 0);
  if (size === 2) mask &= 0xffff;
  const old = readEflags(cpu.state) & ~RF;
  return (old & ~mask) | (image & mask & existing(cpu.profile));
}
