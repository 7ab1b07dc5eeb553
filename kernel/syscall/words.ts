/** Small structures of int32 words in user memory: most of what system calls read and write. */

import { EFAULT } from "../errno.ts";
import type { Kernel } from "../kernel.ts";

/** `count` int32 words at a user address, or null if any byte cannot be read. */
export function readWords(k: Kernel, address: number, count: number): Int32Array | null {
  const bytes = k.user.read(address >>> 0, count * 4);
  return bytes === null ? null : new Int32Array(bytes.buffer, bytes.byteOffset, count);
}

/** Writes words (the low 32 bits of each number): 0 or -EFAULT. */
export function writeWords(k: Kernel, address: number, words: readonly number[]): number {
  const values = Int32Array.from(words, (word) => lowWord(word));
  return k.user.write(address >>> 0, new Uint8Array(values.buffer)) ? 0 : -EFAULT;
}

/** The low 32 bits of a number of up to 53 bits, as int32. */
export function lowWord(value: number): number {
  return (value % 4294967296) | 0;
}

/** The high 32 bits of a signed 64-bit number that fits a double. */
export function highWord(value: number): number {
  return Math.floor(value / 4294967296) | 0;
}

/** Low and high word of a signed 64-bit number. */
export function wide(value: number): [low: number, high: number] {
  return [lowWord(value), highWord(value)];
}

/** A signed 64-bit number of two words; exact up to 2^53. */
export function fromWide(low: number, high: number): number {
  return high * 4294967296 + (low >>> 0);
}

/** put_user() of one word: 0 or -EFAULT. */
export function putWord(k: Kernel, address: number, value: number): number {
  return k.user.putU32(address >>> 0, value) ? 0 : -EFAULT;
}

/** get_user() of one word, int32, or null. */
export function getWord(k: Kernel, address: number): number | null {
  k.user.failed = false;
  const value = k.user.getI32(address >>> 0);
  if (!k.user.failed) return value;
  k.user.failed = false;
  return null;
}
