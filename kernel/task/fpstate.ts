/**
 * The x87 state as a signal frame holds it (arch/x86/kernel/fpu/signal.c, struct _fpstate_32):
 *
 *     0    FSAVE image, 108 bytes: control, status, tag, FIP, FCS | FOP << 16, FDP, FDS, ST(0) .. ST(7)
 *     108  status word again (16 bits), magic (16 bits): 0xffff = no more; 0 = an FXSAVE image follows
 *     112  FXSAVE image, 512 bytes, 64-byte aligned
 */

import type { Cpu } from "../../emu/cpu.ts";
import { FPU } from "../../emu/state.ts";
import { readState, stateBytes, writeFxImage, writeState } from "../../emu/x87/image.ts";
import { X87_BLOCK, X87_WORDS } from "../../emu/x87/layout.ts";

export const FSAVE_BYTES = 112;
export const FXSAVE_BYTES = 512;
/** Reset value of MXCSR. */
const MXCSR_DEFAULT = 0x1f80;

function wordsOf(cpu: Cpu): Int32Array {
  return cpu.state.subarray(FPU, FPU + X87_WORDS);
}

/** The bytes of the image buffer. */
function blockOf(words: Int32Array, length: number): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset + X87_BLOCK * 4, length);
}

/** The FSAVE part: 112 bytes. `magic` says whether an FXSAVE image follows. */
export function saveFsave(cpu: Cpu, extended: boolean): Uint8Array {
  const words = wordsOf(cpu);
  writeState(words, "protected32");
  const bytes = new Uint8Array(FSAVE_BYTES);
  bytes.set(blockOf(words, stateBytes("protected32")));
  bytes[108] = bytes[4];
  bytes[109] = bytes[5];
  if (!extended) bytes.fill(0xff, 110, 112);
  return bytes;
}

/** The FXSAVE part: 512 bytes. */
export function saveFxsave(cpu: Cpu): Uint8Array {
  const words = wordsOf(cpu);
  writeFxImage(words);
  const bytes = new Uint8Array(FXSAVE_BYTES);
  bytes.set(blockOf(words, 160));
  new DataView(bytes.buffer).setUint32(24, MXCSR_DEFAULT, true);
  return bytes;
}

/** Loads the registers from the first 108 bytes of an FSAVE image. */
export function restoreFsave(cpu: Cpu, bytes: Uint8Array): void {
  const words = wordsOf(cpu);
  blockOf(words, stateBytes("protected32")).set(bytes.subarray(0, stateBytes("protected32")));
  readState(words, "protected32");
}

/** fpu__clear_user_states(): a handler starts with a fresh x87. */
export function clearFpu(cpu: Cpu): void {
  cpu.fpu.fninit();
}
