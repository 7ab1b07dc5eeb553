/** eventfd: a 64-bit counter that can be waited for. cf. fs/eventfd.c. */

import { EAGAIN, EFAULT, EINVAL } from "../errno.ts";
import { WaitQueue } from "../task/wait.ts";
import type { Dentry } from "./dentry.ts";
import { File, O_RDWR, POLLERR, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "./file.ts";
import type { IovIter } from "./iov-iter.ts";

const MAXIMUM = 0xffffffffffffffffn;

export class EventFile extends File {
  private counter: bigint;
  private readonly semaphore: boolean;
  private readonly changed = new WaitQueue();

  constructor(dentry: Dentry, flags: number, initial: number, kind: "counter" | "semaphore") {
    super(dentry, O_RDWR | flags);
    this.counter = BigInt(initial);
    this.semaphore = kind === "semaphore";
  }

  override read(to: IovIter): number {
    if (to.count < 8) return -EINVAL;
    if (this.counter === 0n) return -EAGAIN;
    const value = this.semaphore ? 1n : this.counter;
    this.counter -= value;
    this.changed.wakeUp();
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, value, true);
    return to.copyTo(bytes, 0, 8) === 8 ? 8 : -EFAULT;
  }

  override write(from: IovIter): number {
    if (from.count < 8) return -EINVAL;
    const bytes = new Uint8Array(8);
    if (from.copyFrom(bytes, 0, 8) < 8) return -EFAULT;
    const value = new DataView(bytes.buffer).getBigUint64(0, true);
    if (value === MAXIMUM) return -EINVAL;
    if (MAXIMUM - this.counter <= value) {
      from.revert(8);
      return -EAGAIN;
    }
    this.counter += value;
    this.changed.wakeUp();
    return 8;
  }

  override poll(): number {
    let mask = 0;
    if (this.counter > 0n) mask |= POLLIN | POLLRDNORM;
    if (this.counter === MAXIMUM) mask |= POLLERR;
    if (this.counter < MAXIMUM - 1n) mask |= POLLOUT | POLLWRNORM;
    return mask;
  }

  override get queues(): WaitQueue[] {
    return [this.changed];
  }
}
