/** Whether a program may use an I/O port: IOPL, then the bitmap in its TSS (SDM 1 19.5, 3A 7.2.1). */
import { type Cpu, GP } from "./cpu.ts";
import { isNull, SYSTEM_32 } from "./descriptor.ts";
import { iopl } from "./eflags.ts";
import { CPL, TR } from "./state.ts";

/** Field of a 32-bit TSS: offset of the bitmap. */
const IO_MAP_BASE = 0x66;

/**
 * One bit per port, 0 = allowed. Two bytes are read, so that the last byte of the bitmap is followed by one of ones; a
 * 16-bit TSS has no bitmap, and what lies beyond the limit counts as ones.
 *
 * @param size bytes of the access: as many ports must be allowed
 * @returns false after #GP(0) or a #PF in the TSS
 */
export function ioPermitted(cpu: Cpu, port: number, size: number): boolean {
  const s = cpu.state;
  if (s[CPL] <= iopl(cpu)) return true;
  const limit = s[TR + 2] >>> 0;
  if (!isNull(s[TR]) && (s[TR + 3] & SYSTEM_32) !== 0 && limit > IO_MAP_BASE) {
    const map = cpu.loadLinear((s[TR + 1] + IO_MAP_BASE) | 0, 2, 0);
    if (cpu.faulted !== 0) return false;
    const at = map + (port >> 3);
    if (at + 1 <= limit) {
      const bits = cpu.loadLinear((s[TR + 1] + at) | 0, 2, 0);
      if (cpu.faulted !== 0) return false;
      if (((bits >> (port & 7)) & ((1 << size) - 1)) === 0) return true;
    }
  }
  cpu.raise(GP);
  return false;
}
