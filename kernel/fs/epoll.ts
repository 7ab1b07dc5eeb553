/** epoll: a set of files that tells which are ready. cf. fs/eventpoll.c. */

import { EEXIST, ELOOP, ENOENT } from "../errno.ts";
import { type Sleeper, WaitQueue } from "../task/wait.ts";
import type { Dentry } from "./dentry.ts";
import { File, O_RDWR, POLLERR, POLLHUP, POLLIN, POLLRDNORM } from "./file.ts";

export const EPOLLEXCLUSIVE = 1 << 28;
export const EPOLLWAKEUP = 1 << 29;
export const EPOLLONESHOT = 1 << 30;
export const EPOLLET = 1 << 31;

const PRIVATE_BITS = EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLONESHOT | EPOLLET;

/** Sets may watch sets this deep: EP_MAX_NESTS. */
const MAX_NESTS = 4;

/** struct epoll_event: `data` is the program's own. */
export interface EpollEvent {
  events: number;
  data: Uint8Array;
}

/** One watched descriptor. It stands in the queues of its file all the time: struct epitem. */
class Item implements Sleeper {
  readonly file: File;
  readonly fd: number;
  event: EpollEvent;
  private readonly onWake: (item: Item) => void;

  constructor(file: File, fd: number, event: EpollEvent, onWake: (item: Item) => void) {
    this.file = file;
    this.fd = fd;
    this.event = event;
    this.onWake = onWake;
    for (const queue of file.queues) queue.add(this);
  }

  wake(): void {
    this.onWake(this);
  }

  leave(): void {
    for (const queue of this.file.queues) queue.remove(this);
  }

  /** What is ready of what is asked for; EPOLLONESHOT leaves nothing asked for once it has been reported. */
  get ready(): number {
    const asked = this.event.events & ~PRIVATE_BITS;
    return asked === 0 ? 0 : this.file.poll() & (asked | POLLERR | POLLHUP);
  }
}

export class EpollFile extends File {
  private items: Item[] = [];
  /** Items that may be ready, in the order in which they became so. */
  private readonly candidates = new Set<Item>();
  private readonly changed = new WaitQueue();

  constructor(dentry: Dentry) {
    super(dentry, O_RDWR);
  }

  private readonly onWake = (item: Item): void => {
    if (item.ready === 0 || this.candidates.has(item)) return;
    this.candidates.add(item);
    this.changed.wakeUp();
  };

  add(file: File, fd: number, event: EpollEvent): number {
    if (file instanceof EpollFile && (file === this || file.reaches(this) || file.depth >= MAX_NESTS)) return -ELOOP;
    if (this.find(file, fd) !== undefined) return -EEXIST;
    const item = new Item(file, fd, { ...event, events: event.events | POLLERR | POLLHUP }, this.onWake);
    this.items.push(item);
    this.onWake(item);
    return 0;
  }

  modify(file: File, fd: number, event: EpollEvent): number {
    const item = this.find(file, fd);
    if (item === undefined) return -ENOENT;
    item.event = { ...event, events: event.events | POLLERR | POLLHUP };
    this.candidates.delete(item);
    this.onWake(item);
    return 0;
  }

  delete(file: File, fd: number): number {
    const item = this.find(file, fd);
    if (item === undefined) return -ENOENT;
    this.forget(item);
    return 0;
  }

  /** Up to `max` events. Level-triggered items stay candidates, edge-triggered ones until something happens again do not. */
  collect(max: number): EpollEvent[] {
    const events: EpollEvent[] = [];
    for (const item of [...this.candidates]) {
      if (events.length >= max) break;
      this.candidates.delete(item);
      if (item.file.closed) {
        this.forget(item);
        continue;
      }
      const ready = item.ready;
      if (ready === 0) continue;
      events.push({ events: ready, data: item.event.data });
      if ((item.event.events & EPOLLONESHOT) !== 0)
        item.event = { ...item.event, events: item.event.events & PRIVATE_BITS };
      else if ((item.event.events & EPOLLET) === 0) this.candidates.add(item);
    }
    return events;
  }

  override poll(): number {
    for (const item of this.candidates) if (!item.file.closed && item.ready !== 0) return POLLIN | POLLRDNORM;
    return 0;
  }

  override get queues(): WaitQueue[] {
    return [this.changed];
  }

  override release(): void {
    for (const item of this.items) item.leave();
    this.items = [];
    this.candidates.clear();
  }

  private get depth(): number {
    let deepest = 0;
    for (const { file } of this.items) if (file instanceof EpollFile) deepest = Math.max(deepest, file.depth);
    return deepest + 1;
  }

  private reaches(target: EpollFile): boolean {
    return this.items.some(({ file }) => file === target || (file instanceof EpollFile && file.reaches(target)));
  }

  private find(file: File, fd: number): Item | undefined {
    const closed = this.items.filter((item) => item.file.closed);
    for (const item of closed) this.forget(item);
    return this.items.find((item) => item.file === file && item.fd === fd);
  }

  private forget(item: Item): void {
    item.leave();
    this.candidates.delete(item);
    this.items = this.items.filter((other) => other !== item);
  }
}
