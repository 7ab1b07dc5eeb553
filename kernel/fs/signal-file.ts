/** signalfd: signals that are read instead of delivered. cf. fs/signalfd.c. */

import { EAGAIN, EFAULT, EINVAL } from "../errno.ts";
import { encodeSiginfo, SIGINFO_BYTES, type Siginfo, type SiginfoLayout, siginfoLayout } from "../task/siginfo.ts";
import type { SignalSet } from "../task/sigset.ts";
import type { WaitQueue } from "../task/wait.ts";
import type { Dentry } from "./dentry.ts";
import { File, O_RDWR, POLLIN, POLLRDNORM } from "./file.ts";
import type { IovIter } from "./iov-iter.ts";

/** The signals of whoever looks: the task on the CPU, not the one that made the file. */
export interface SignalSource {
  /** Takes the next pending signal of the set, or null. */
  take(set: SignalSet): Siginfo | null;
  pending(set: SignalSet): boolean;
  readonly arrived: WaitQueue;
}

export class SignalFile extends File {
  set: SignalSet;
  private readonly source: SignalSource;

  constructor(dentry: Dentry, flags: number, set: SignalSet, source: SignalSource) {
    super(dentry, O_RDWR | flags);
    this.set = set;
    this.source = source;
  }

  /** As many struct signalfd_siginfo as fit and are there. */
  override read(to: IovIter): number {
    if (to.count < SIGINFO_BYTES) return -EINVAL;
    let done = 0;
    while (to.count >= SIGINFO_BYTES) {
      const info = this.source.take(this.set);
      if (info === null) break;
      if (to.copyTo(encode(info), 0, SIGINFO_BYTES) < SIGINFO_BYTES) return done > 0 ? done : -EFAULT;
      done += SIGINFO_BYTES;
    }
    return done > 0 ? done : -EAGAIN;
  }

  override poll(): number {
    return this.source.pending(this.set) ? POLLIN | POLLRDNORM : 0;
  }

  override get queues(): WaitQueue[] {
    return [this.source.arrived];
  }
}

/** Where the words of siginfo_t's union (offset 12, 16, 20, ...) go in struct signalfd_siginfo, by layout. */
const places: Readonly<Record<SiginfoLayout, readonly (readonly [from: number, to: number])[]>> = {
  kill: [
    [12, 12],
    [16, 16],
  ],
  timer: [
    [12, 24],
    [16, 32],
    [20, 44],
    [20, 48],
  ],
  rt: [
    [12, 12],
    [16, 16],
    [20, 44],
    [20, 48],
  ],
  child: [
    [12, 12],
    [16, 16],
    [20, 40],
    [24, 56],
    [28, 64],
  ],
  fault: [[12, 72]],
  poll: [
    [12, 28],
    [16, 20],
  ],
  sys: [
    [12, 112],
    [16, 108],
    [20, 120],
  ],
};

/** struct signalfd_siginfo: the fields of all layouts side by side, 128 bytes; signo, errno and code come first in both. */
function encode(info: Siginfo): Uint8Array {
  const source = encodeSiginfo(info);
  const bytes = new Uint8Array(SIGINFO_BYTES);
  bytes.set(source.subarray(0, 12));
  for (const [from, to] of places[siginfoLayout(info.signo, info.code)]) bytes.set(source.subarray(from, from + 4), to);
  return bytes;
}
