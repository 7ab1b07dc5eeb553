/**
 * Pipes and FIFOs. cf. fs/pipe.c.
 *
 *     slots   [ page: offset, length ] [ ... ] ...        at most `slotLimit` of them, one page each
 *
 * A write goes into the last slot if all of its odd bytes fit there, and else takes fresh slots: so a write of at most
 * PIPE_BUF bytes is never cut, and a pipe can be full with less than slotLimit pages of bytes in it, as in Linux.
 */

import { EAGAIN, EBUSY, EFAULT, EINVAL, ENOTTY, ENXIO, EPERM, EPIPE } from "../errno.ts";
import { WaitQueue } from "../task/wait.ts";
import type { Dentry } from "./dentry.ts";
import {
  File,
  type IoctlMemory,
  O_ACCMODE,
  O_DIRECT,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDNORM,
  POLLWRNORM,
} from "./file.ts";
import type { Inode } from "./inode.ts";
import { FIONREAD } from "./ioctl-numbers.ts";
import type { IovIter } from "./iov-iter.ts";

const PAGE_SIZE = 4096;

/** PIPE_DEF_BUFFERS: 65536 bytes. */
const DEFAULT_SLOTS = 16;

/** fs.pipe-max-size, bytes. Even root may not go beyond: the host's memory is behind it. */
export const PIPE_MAX_SIZE = 1048576;

interface Slot {
  page: Uint8Array;
  offset: number;
  length: number;
  /** O_DIRECT: one write, one read; nothing is appended and the rest of it is thrown away. */
  packet: boolean;
}

export class Pipe {
  readonly slots: Slot[] = [];
  slotLimit = DEFAULT_SLOTS;
  readers = 0;
  writers = 0;
  /** How many have ever opened it: a FIFO's opener waits for a change. */
  readerOpens = 0;
  writerOpens = 0;
  /** Those who wait for something to read, and those who wait for room: rd_wait, wr_wait. */
  readonly filled = new WaitQueue();
  readonly drained = new WaitQueue();

  get full(): boolean {
    return this.slots.length >= this.slotLimit;
  }

  get bytes(): number {
    return this.slots.reduce((sum, slot) => sum + slot.length, 0);
  }

  /** Bytes read, 0 at the end, -EAGAIN if the pipe is empty and somebody may still write. cf. pipe_read(). */
  read(to: IovIter): number {
    if (to.count === 0) return 0;
    let done = 0;
    for (let slot = this.slots[0]; slot !== undefined && to.count > 0; slot = this.slots[0]) {
      const wanted = Math.min(slot.length, to.count);
      const copied = to.copyTo(slot.page, slot.offset, wanted);
      if (copied < wanted) {
        to.revert(copied);
        if (done === 0) return -EFAULT;
        break;
      }
      done += copied;
      slot.offset += copied;
      slot.length = slot.packet ? 0 : slot.length - copied;
      if (slot.length > 0) break;
      this.slots.shift();
      if (slot.packet) break;
    }
    if (done > 0) this.drained.wakeUp();
    if (done > 0 || this.writers === 0) return done;
    return -EAGAIN;
  }

  /** Bytes written, perhaps fewer than wanted; -EAGAIN if none fits now, -EPIPE if nobody reads. cf. pipe_write(). */
  write(from: IovIter, packet: boolean): number {
    if (from.count === 0) return 0;
    if (this.readers === 0) return -EPIPE;
    let done = packet ? 0 : this.append(from);
    if (done < 0) return done;
    while (from.count > 0) {
      if (this.full) break;
      const page = new Uint8Array(PAGE_SIZE);
      const wanted = Math.min(PAGE_SIZE, from.count);
      const copied = from.copyFrom(page, 0, wanted);
      if (copied < wanted) {
        from.revert(copied);
        if (done === 0) return -EFAULT;
        break;
      }
      this.slots.push({ page, offset: 0, length: copied, packet });
      done += copied;
    }
    if (done === 0) return -EAGAIN;
    this.filled.wakeUp();
    return done;
  }

  /** The odd bytes of a write go behind those of the last slot if there is room for all of them. */
  private append(from: IovIter): number {
    const odd = from.count % PAGE_SIZE;
    const last = this.slots.at(-1);
    if (odd === 0 || last === undefined || last.packet || last.offset + last.length + odd > PAGE_SIZE) return 0;
    const copied = from.copyFrom(last.page, last.offset + last.length, odd);
    if (copied < odd) {
      from.revert(copied);
      return -EFAULT;
    }
    last.length += copied;
    return copied;
  }

  /** F_SETPIPE_SZ: the new capacity in bytes or -errno. cf. pipe_set_size(). */
  resize(bytes: number): number {
    if (bytes < 0) return -EINVAL;
    let capacity = PAGE_SIZE;
    while (capacity < bytes) capacity *= 2;
    if (capacity > PIPE_MAX_SIZE) return -EPERM;
    const slots = capacity / PAGE_SIZE;
    if (slots < this.slots.length) return -EBUSY;
    this.slotLimit = slots;
    this.drained.wakeUp();
    return capacity;
  }

  /** Somebody opened or closed an end. */
  wakeAll(): void {
    this.filled.wakeUp();
    this.drained.wakeUp();
  }

  get capacity(): number {
    return this.slotLimit * PAGE_SIZE;
  }
}

/** One end, or both, of a pipe or a FIFO. */
export class PipeFile extends File {
  readonly pipe: Pipe;
  /** Opens of the other side when this was opened: a change means that a partner came, or came and went. */
  private partnerOpens = 0;
  private awaiting = false;
  private readonly onRelease: () => void;

  constructor(dentry: Dentry, flags: number, pipe: Pipe, onRelease: () => void = () => {}) {
    super(dentry, flags);
    this.pipe = pipe;
    this.onRelease = onRelease;
    if (this.readable) {
      pipe.readers += 1;
      pipe.readerOpens += 1;
    }
    if (this.writable) {
      pipe.writers += 1;
      pipe.writerOpens += 1;
    }
    pipe.wakeAll();
  }

  override get stream(): boolean {
    return true;
  }

  override read(to: IovIter): number {
    const bytes = this.pipe.read(to);
    if (bytes > 0) this.inode.touchAtime();
    return bytes;
  }

  override write(from: IovIter): number {
    const bytes = this.pipe.write(from, (this.flags & O_DIRECT) !== 0);
    if (bytes > 0) this.inode.touchMtime();
    return bytes;
  }

  override poll(): number {
    const { pipe } = this;
    let mask = 0;
    if (this.readable) {
      if (pipe.slots.length > 0) mask |= POLLIN | POLLRDNORM;
      if (pipe.writers === 0 && pipe.writerOpens !== this.partnerOpens) mask |= POLLHUP;
    }
    if (this.writable) {
      if (!pipe.full) mask |= POLLOUT | POLLWRNORM;
      if (pipe.readers === 0) mask |= POLLERR;
    }
    return mask;
  }

  override get queues(): WaitQueue[] {
    const { filled, drained } = this.pipe;
    if (!this.writable) return [filled];
    return this.readable ? [filled, drained] : [drained];
  }

  override ioctl(command: number, argument: number, memory: IoctlMemory): number {
    if (command !== FIONREAD) return -ENOTTY;
    const bytes = new Uint8Array(new Int32Array([this.pipe.bytes]).buffer);
    return memory.write(argument >>> 0, bytes) ? 0 : -EFAULT;
  }

  override release(): void {
    const { pipe } = this;
    if (this.readable) pipe.readers -= 1;
    if (this.writable) pipe.writers -= 1;
    pipe.wakeAll();
    this.onRelease();
  }

  /** FIFO: the other side must be opened before this open returns. cf. fifo_open(), wait_for_partner(). */
  awaitPartner(): void {
    this.awaiting = true;
    this.partnerOpens = this.readable ? this.pipe.writerOpens : this.pipe.readerOpens;
  }

  /** FIFO opened for reading without waiting: POLLHUP only after a writer has come and gone. */
  ignorePastWriters(): void {
    this.partnerOpens = this.pipe.writerOpens;
  }

  /** Does the open of this FIFO still have to wait? */
  get awaitsPartner(): boolean {
    if (!this.awaiting) return false;
    const opens = this.readable ? this.pipe.writerOpens : this.pipe.readerOpens;
    this.awaiting = opens === this.partnerOpens;
    if (!this.awaiting) this.partnerOpens = -1;
    return this.awaiting;
  }
}

/** The pipes behind FIFOs, and behind nameless pipes, that somebody has open. */
const fifos = new WeakMap<Inode, OpenPipe>();

interface OpenPipe {
  readonly pipe: Pipe;
  /** Files that are its ends. */
  users: number;
  /** An end of pipe(2), opened again through /proc/PID/fd, waits for nobody and needs nobody. */
  readonly nameless: boolean;
}

function openEnd(inode: Inode, fifo: OpenPipe, dentry: Dentry, flags: number): PipeFile {
  fifos.set(inode, fifo);
  fifo.users += 1;
  return new PipeFile(dentry, flags, fifo.pipe, () => {
    fifo.users -= 1;
    if (fifo.users === 0) fifos.delete(inode);
  });
}

/** pipe(2): the reading and the writing end of a new pipe. */
export function openPipeEnds(dentry: Dentry, flags: number): [PipeFile, PipeFile] {
  const fifo = { pipe: new Pipe(), users: 0, nameless: true };
  const end = (mode: number) => openEnd(dentry.inode, fifo, dentry, mode | flags);
  return [end(O_RDONLY), end(O_WRONLY)];
}

/** Opens a FIFO, or a nameless pipe again; the caller waits while the result `awaitsPartner`. cf. fifo_open(). */
export function openFifo(dentry: Dentry, flags: number): PipeFile | number {
  const { inode } = dentry;
  const fifo = fifos.get(inode) ?? { pipe: new Pipe(), users: 0, nameless: false };
  const { pipe, nameless } = fifo;
  const mode = flags & O_ACCMODE;
  const nonblocking = (flags & O_NONBLOCK) !== 0;
  const lonely = !nameless && (mode === O_WRONLY ? pipe.readers : pipe.writers) === 0;
  if (mode === O_WRONLY && nonblocking && lonely) return -ENXIO;
  if (mode !== O_RDONLY && mode !== O_WRONLY && mode !== O_RDWR) return -EINVAL;
  const file = openEnd(inode, fifo, dentry, flags);
  if (!lonely || mode === O_RDWR) return file;
  if (nonblocking) file.ignorePastWriters();
  else file.awaitPartner();
  return file;
}
