/** Where bytes of a read go and bytes of a write come from: user segments or a kernel buffer. cf. lib/iov_iter.c. */

/** `count` is what is left; a copy moves less than asked only if user memory faults, and then nothing more moves. */
export interface IovIter {
  readonly count: number;
  /** Copies `source[offset, offset + length)` to the destination and advances; returns the bytes copied. */
  copyTo(source: Uint8Array, offset: number, length: number): number;
  /** Copies the next bytes of the source into `target[offset, offset + length)` and advances; returns the bytes copied. */
  copyFrom(target: Uint8Array, offset: number, length: number): number;
  /** Moves on over `bytes` of the rest without touching them. cf. iov_iter_advance(). */
  advance(bytes: number): void;
  /** Gives back the last `bytes` copied: they did not go where they should have. cf. iov_iter_revert(). */
  revert(bytes: number): void;
}

/** A buffer of the kernel. */
export class KernelIter implements IovIter {
  private readonly buffer: Uint8Array;
  private position = 0;

  constructor(buffer: Uint8Array) {
    this.buffer = buffer;
  }

  get count(): number {
    return this.buffer.length - this.position;
  }

  copyTo(source: Uint8Array, offset: number, length: number): number {
    const bytes = Math.min(length, this.count);
    this.buffer.set(source.subarray(offset, offset + bytes), this.position);
    this.position += bytes;
    return bytes;
  }

  copyFrom(target: Uint8Array, offset: number, length: number): number {
    const bytes = Math.min(length, this.count);
    target.set(this.buffer.subarray(this.position, this.position + bytes), offset);
    this.position += bytes;
    return bytes;
  }

  advance(bytes: number): void {
    this.position += bytes;
  }

  revert(bytes: number): void {
    this.position -= bytes;
  }
}
