/** Resource limits (include/uapi/asm-generic/resource.h). */

export const RLIMIT_CPU = 0;
export const RLIMIT_FSIZE = 1;
export const RLIMIT_DATA = 2;
export const RLIMIT_STACK = 3;
export const RLIMIT_CORE = 4;
export const RLIMIT_RSS = 5;
export const RLIMIT_NPROC = 6;
export const RLIMIT_NOFILE = 7;
export const RLIMIT_MEMLOCK = 8;
export const RLIMIT_AS = 9;
export const RLIMIT_LOCKS = 10;
export const RLIMIT_SIGPENDING = 11;
export const RLIMIT_MSGQUEUE = 12;
export const RLIMIT_NICE = 13;
export const RLIMIT_RTPRIO = 14;
export const RLIMIT_RTTIME = 15;
export const RLIM_NLIMITS = 16;

/** No limit: above every uint32; the system calls translate it to ~0 of their own width. */
export const RLIM_INFINITY = Number.POSITIVE_INFINITY;

/** Soft and hard limits of a thread group, by resource; units as getrlimit(2) has them. */
export class Rlimits {
  readonly soft: Float64Array;
  readonly hard: Float64Array;

  constructor(from?: Rlimits) {
    this.soft = from ? from.soft.slice() : Float64Array.from(initial, ([soft]) => soft);
    this.hard = from ? from.hard.slice() : Float64Array.from(initial, ([, hard]) => hard);
  }
}

const unlimited = [RLIM_INFINITY, RLIM_INFINITY] as const;

/** INIT_RLIMITS of include/asm-generic/resource.h, and the numbers that a 256 MiB machine derives (fork_init()). */
const initial: readonly (readonly [number, number])[] = [
  unlimited, // CPU
  unlimited, // FSIZE
  unlimited, // DATA
  [8 * 1024 * 1024, RLIM_INFINITY], // STACK
  [0, RLIM_INFINITY], // CORE
  unlimited, // RSS
  [2048, 2048], // NPROC
  [1024, 4096], // NOFILE
  [8 * 1024 * 1024, 8 * 1024 * 1024], // MEMLOCK
  unlimited, // AS
  unlimited, // LOCKS
  [2048, 2048], // SIGPENDING
  [819200, 819200], // MSGQUEUE
  [0, 0], // NICE
  [0, 0], // RTPRIO
  unlimited, // RTTIME
];
