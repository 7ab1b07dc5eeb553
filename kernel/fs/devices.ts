/** Character devices of memory. cf. drivers/char/mem.c, drivers/char/random.c. */

import { EFAULT, ENOSPC, ENXIO } from "../errno.ts";
import type { Dentry } from "./dentry.ts";
import { File, type Mappable } from "./file.ts";
import type { IovIter } from "./iov-iter.ts";

/** new_encode_dev() for numbers below 256. */
export function deviceNumber(major: number, minor: number): number {
  return (major << 8) | minor;
}

export const DEV_NULL = deviceNumber(1, 3);
export const DEV_ZERO = deviceNumber(1, 5);
export const DEV_FULL = deviceNumber(1, 7);
export const DEV_RANDOM = deviceNumber(1, 8);
export const DEV_URANDOM = deviceNumber(1, 9);
export const DEV_TTY = deviceNumber(5, 0);
export const DEV_CONSOLE = deviceNumber(5, 1);
/** The first pseudo terminal: the host's terminal. */
export const DEV_PTS0 = deviceNumber(136, 0);

/** Where random bytes come from. */
export interface Entropy {
  fill(bytes: Uint8Array): void;
}

const zeros = new Uint8Array(4096);

/** Takes everything, gives nothing: /dev/null. */
class NullFile extends File {
  override read(_to: IovIter, _position: number): number {
    return 0;
  }

  override write(from: IovIter, _position: number): number {
    const bytes = from.count;
    return skip(from, bytes);
  }

  /** null_lseek(): the position is always 0. */
  override seek(_offset: number, _whence: number): number {
    return 0;
  }

  override get seekable(): boolean {
    return true;
  }
}

/** Advances over bytes that nobody wants, without looking at them (write_null() does not). */
function skip(from: IovIter, bytes: number): number {
  from.advance(bytes);
  return bytes;
}

class ZeroFile extends NullFile {
  override get mappable(): Mappable {
    return "zero";
  }

  override read(to: IovIter, _position: number): number {
    return produce(to, zeros);
  }
}

class FullFile extends ZeroFile {
  override get mappable(): Mappable {
    return "none";
  }

  override write(_from: IovIter, _position: number): number {
    return -ENOSPC;
  }
}

class RandomFile extends File {
  private readonly entropy: Entropy;

  constructor(dentry: Dentry, flags: number, entropy: Entropy) {
    super(dentry, flags);
    this.entropy = entropy;
  }

  override read(to: IovIter, _position: number): number {
    const bytes = new Uint8Array(256);
    return produce(to, bytes, () => this.entropy.fill(bytes));
  }

  /** Bytes written would stir the pool; the generator is seeded and stays as it is. */
  override write(from: IovIter, _position: number): number {
    return skip(from, from.count);
  }

  override seek(_offset: number, _whence: number): number {
    return 0;
  }

  override get seekable(): boolean {
    return true;
  }
}

/** Fills the destination from a buffer that is renewed for every piece. */
function produce(to: IovIter, buffer: Uint8Array, renew: () => void = () => {}): number {
  let done = 0;
  while (to.count > 0) {
    const wanted = Math.min(to.count, buffer.length);
    renew();
    const copied = to.copyTo(buffer, 0, wanted);
    done += copied;
    if (copied < wanted) return done > 0 ? done : -EFAULT;
  }
  return done;
}

/** The devices that need nothing but memory; null for a number that is none of them. */
export function openMemoryDevice(dentry: Dentry, flags: number, entropy: Entropy): File | number {
  switch (dentry.inode.rdev) {
    case DEV_NULL:
      return new NullFile(dentry, flags);
    case DEV_ZERO:
      return new ZeroFile(dentry, flags);
    case DEV_FULL:
      return new FullFile(dentry, flags);
    case DEV_RANDOM:
    case DEV_URANDOM:
      return new RandomFile(dentry, flags, entropy);
    default:
      return -ENXIO;
  }
}
