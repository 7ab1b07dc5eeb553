/** The guest's clock: the cycle counter of the CPU, read as nanoseconds (kernel/time/timekeeping.c). */

import type { Timespec } from "../host.ts";

/** What the clock is derived from: the CPU. */
export interface CycleCounter {
  /** Exact, never decreases. */
  readonly cycles: number;
}

export const NSEC_PER_SEC = 1_000_000_000;

/** 2000-01-01 00:00:00 UTC, the time at which every machine boots unless it is told the host's. Seconds. */
export const DEFAULT_EPOCH = 946_684_800;

/** Clock ticks per second that programs see in times(), clock_t, /proc (USER_HZ). */
export const USER_HZ = 100;

/** A point or span of time given in nanoseconds. Nanoseconds since 1970 would not fit a double, hence the pair. */
export function timespecOf(nanoseconds: number): Timespec {
  const sec = Math.floor(nanoseconds / NSEC_PER_SEC);
  return { sec, nsec: nanoseconds - sec * NSEC_PER_SEC };
}

const LATEST = 2 ** 53 - NSEC_PER_SEC;

export class Clock {
  readonly #counter: CycleCounter;
  /** Cycles per second. */
  readonly frequency: number;
  /** Realtime at boot, moved by clock_settime(). */
  #epoch: Timespec;

  constructor(counter: CycleCounter, frequency: number, epochSeconds = DEFAULT_EPOCH) {
    this.#counter = counter;
    this.frequency = frequency;
    this.#epoch = timespecOf(Math.floor(epochSeconds * 1000) * 1_000_000);
  }

  /** Cycles since boot. */
  get cycles(): number {
    return this.#counter.cycles;
  }

  /** Nanoseconds since boot: CLOCK_MONOTONIC. */
  now(): number {
    return this.nanoseconds(this.#counter.cycles);
  }

  /** A number of cycles as nanoseconds, rounded down; exact where the frequency divides 10^9. */
  nanoseconds(cycles: number): number {
    const seconds = Math.floor(cycles / this.frequency);
    const rest = cycles - seconds * this.frequency;
    return seconds * NSEC_PER_SEC + Math.floor((rest * NSEC_PER_SEC) / this.frequency);
  }

  /**
   * The first cycle count at which now() is at least `nanoseconds`. A time so late that the counter is no longer exact
   * (2^53 ns are 104 days, 2^53 cycles 34 days at 3 GHz) never comes: Infinity.
   */
  cyclesAt(nanoseconds: number): number {
    if (!(nanoseconds < LATEST && nanoseconds * this.frequency < LATEST * NSEC_PER_SEC))
      return Number.POSITIVE_INFINITY;
    const seconds = Math.floor(nanoseconds / NSEC_PER_SEC);
    const rest = nanoseconds - seconds * NSEC_PER_SEC;
    let cycles = seconds * this.frequency + Math.ceil((rest * this.frequency) / NSEC_PER_SEC);
    while (this.nanoseconds(cycles) < nanoseconds) cycles++;
    return cycles;
  }

  /** CLOCK_REALTIME. */
  realtime(): Timespec {
    return this.realtimeAt(this.now());
  }

  /** CLOCK_REALTIME at a time since boot (ns). */
  realtimeAt(nanoseconds: number): Timespec {
    const now = timespecOf(nanoseconds + this.#epoch.nsec);
    return { sec: now.sec + this.#epoch.sec, nsec: now.nsec };
  }

  /** Nanoseconds since boot at which CLOCK_REALTIME reads `time`; negative for a time before boot. */
  sinceBoot(time: Timespec): number {
    return (time.sec - this.#epoch.sec) * NSEC_PER_SEC + time.nsec - this.#epoch.nsec;
  }

  /** clock_settime(CLOCK_REALTIME). */
  setRealtime(time: Timespec): void {
    const now = timespecOf(this.now());
    let sec = time.sec - now.sec;
    let nsec = time.nsec - now.nsec;
    if (nsec < 0) {
      sec--;
      nsec += NSEC_PER_SEC;
    }
    this.#epoch = { sec, nsec };
  }
}
