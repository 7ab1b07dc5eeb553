/** Times in user memory, in both widths of i386: struct __kernel_old_timespec (32 bits) and struct __kernel_timespec (64). */

import { EFAULT, EINVAL } from "../errno.ts";
import type { Timespec } from "../host.ts";
import type { Kernel } from "../kernel.ts";
import { fromWide, readWords, wide, writeWords } from "../syscall/words.ts";
import { NSEC_PER_SEC } from "./clock.ts";

/** "old": two 32-bit words; "wide": 64-bit seconds, 64-bit nanoseconds whose high half the kernel ignores on i386. */
export type TimeWidth = "old" | "wide";

export function timeBytes(width: TimeWidth): number {
  return width === "old" ? 8 : 16;
}

/** A timespec, -EFAULT. The value is not checked: timespecValid(). */
export function readTimespec(k: Kernel, address: number, width: TimeWidth): Timespec | number {
  const words = readWords(k, address, width === "old" ? 2 : 4);
  if (words === null) return -EFAULT;
  const [a, b, c] = words as unknown as [number, number, number];
  return width === "old" ? { sec: a, nsec: b } : { sec: fromWide(a, b), nsec: c };
}

/** timespec64_valid(). */
export function timespecValid(time: Timespec): boolean {
  return time.sec >= 0 && time.nsec >= 0 && time.nsec < NSEC_PER_SEC;
}

/** A valid timespec, -EFAULT or -EINVAL. */
export function readValidTimespec(k: Kernel, address: number, width: TimeWidth): Timespec | number {
  const time = readTimespec(k, address, width);
  if (typeof time === "number") return time;
  return timespecValid(time) ? time : -EINVAL;
}

/** 0 or -EFAULT. */
export function writeTimespec(k: Kernel, address: number, time: Timespec, width: TimeWidth): number {
  return writeWords(k, address, width === "old" ? [time.sec, time.nsec] : [...wide(time.sec), time.nsec, 0]);
}

/** KTIME_MAX in ns: a later time is this one. */
const KTIME_MAX = 2 ** 63;

/** Nanoseconds of a span; Infinity where Linux saturates. Exact below 2^53. */
export function spanOf(time: Timespec): number {
  const span = time.sec * NSEC_PER_SEC + time.nsec;
  return span >= KTIME_MAX ? Number.POSITIVE_INFINITY : span;
}

export { timespecOf } from "./clock.ts";
