/** Standard streams of the host that are no terminal: to the guest they look like pipes. */

import { EAGAIN, EFAULT } from "../errno.ts";
import type { HostInput, HostOutput } from "../host.ts";
import type { WaitQueue } from "../task/wait.ts";
import type { Dentry } from "./dentry.ts";
import { File, type OpensItself, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "./file.ts";
import { Inode, S_IFIFO, type SuperBlock } from "./inode.ts";
import type { IovIter } from "./iov-iter.ts";
import { writeOutput } from "./terminal.ts";

/** Bytes on their way from the host. Never holds anything across calls. */
const bounce = new Uint8Array(65536);

/** The pipe that a stream seems to be; opened again (through /proc/self/fd) it is the same stream. */
export class StreamInode extends Inode implements OpensItself {
  readonly openFile: (dentry: Dentry, flags: number) => File;

  constructor(sb: SuperBlock, openFile: (dentry: Dentry, flags: number) => File) {
    super(sb, S_IFIFO | 0o600);
    this.openFile = openFile;
  }
}

export class HostInputFile extends File {
  private readonly input: HostInput;
  private readonly arrived: WaitQueue;

  constructor(dentry: Dentry, flags: number, input: HostInput, arrived: WaitQueue) {
    super(dentry, flags);
    this.input = input;
    this.arrived = arrived;
  }

  /** The guest's buffer is filled from one read of the host; what faults there is lost to nobody but that program. */
  override read(to: IovIter): number {
    if (to.count === 0) return 0;
    if (!this.input.ready()) return -EAGAIN;
    const read = this.input.read(bounce, 0, Math.min(to.count, bounce.length));
    if (read <= 0) return read;
    const copied = to.copyTo(bounce, 0, read);
    return copied > 0 ? copied : -EFAULT;
  }

  override poll(): number {
    return this.input.ready() ? POLLIN | POLLRDNORM : 0;
  }

  override get queues(): WaitQueue[] {
    return [this.arrived];
  }
}

export class HostOutputFile extends File {
  private readonly output: HostOutput;

  constructor(dentry: Dentry, flags: number, output: HostOutput) {
    super(dentry, flags);
    this.output = output;
  }

  override get stream(): boolean {
    return true;
  }

  override write(from: IovIter): number {
    return writeOutput(this.output, from);
  }

  override poll(): number {
    return POLLOUT | POLLWRNORM;
  }
}
