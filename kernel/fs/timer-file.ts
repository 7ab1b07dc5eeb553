/** timerfd: a timer whose expirations are read. cf. fs/timerfd.c. */

import { EAGAIN, EFAULT, EINVAL } from "../errno.ts";
import { WaitQueue } from "../task/wait.ts";
import type { Dentry } from "./dentry.ts";
import { File, O_RDWR, POLLIN, POLLRDNORM } from "./file.ts";
import type { IovIter } from "./iov-iter.ts";

/** The kernel's clock and timers, in ns since boot. */
export interface TimerDoors {
  now(): number;
  /** Returns how to cancel. */
  schedule(at: number, fire: () => void): () => void;
}

export class TimerFile extends File {
  readonly clockId: number;
  private readonly doors: TimerDoors;
  /** ns since boot of the next expiration; 0 = disarmed. */
  private expires = 0;
  /** ns; 0 = once. */
  private interval = 0;
  private fired = false;
  private cancel: () => void = () => {};
  private readonly changed = new WaitQueue();

  constructor(dentry: Dentry, flags: number, clockId: number, doors: TimerDoors) {
    super(dentry, O_RDWR | flags);
    this.clockId = clockId;
    this.doors = doors;
  }

  /** Arms (or with 0 disarms) the timer: absolute expiry and interval in ns. */
  arm(expires: number, interval: number): void {
    this.cancel();
    this.cancel = () => {};
    this.fired = false;
    this.expires = expires;
    this.interval = interval;
    if (expires === 0 || expires === Number.POSITIVE_INFINITY) return;
    this.cancel = this.doors.schedule(expires, () => {
      this.fired = true;
      this.changed.wakeUp();
    });
  }

  /** What timerfd_gettime shows: ns until the next expiration and the interval. */
  get state(): { left: number; interval: number } {
    if (this.expires === 0) return { left: 0, interval: this.interval };
    const now = this.doors.now();
    let next = this.expires;
    if (next <= now)
      next = this.interval === 0 ? now : next + (Math.floor((now - next) / this.interval) + 1) * this.interval;
    return { left: next - now, interval: this.interval };
  }

  /** The number of expirations since the last read: those of an interval are counted here, not one timer each. */
  override read(to: IovIter): number {
    if (to.count < 8) return -EINVAL;
    if (!this.fired) return -EAGAIN;
    let ticks = 1;
    if (this.interval > 0) {
      ticks += Math.floor((this.doors.now() - this.expires) / this.interval);
      this.arm(this.expires + ticks * this.interval, this.interval);
    } else {
      this.fired = false;
      this.expires = 0;
    }
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(ticks), true);
    return to.copyTo(bytes, 0, 8) === 8 ? 8 : -EFAULT;
  }

  override poll(): number {
    return this.fired ? POLLIN | POLLRDNORM : 0;
  }

  override get queues(): WaitQueue[] {
    return [this.changed];
  }

  override release(): void {
    this.cancel();
  }
}
