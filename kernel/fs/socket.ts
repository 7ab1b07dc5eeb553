/** Sockets of AF_UNIX, the only family: pairs, listeners, names in the file system and abstract ones. cf. net/unix/af_unix.c. */

import {
  EAGAIN,
  ECONNREFUSED,
  ECONNRESET,
  EFAULT,
  EINVAL,
  EISCONN,
  EMSGSIZE,
  ENOTCONN,
  ENOTTY,
  EOPNOTSUPP,
  EPIPE,
  EPROTOTYPE,
} from "../errno.ts";
import { WaitQueue } from "../task/wait.ts";
import type { Dentry } from "./dentry.ts";
import {
  File,
  type IoctlMemory,
  O_RDWR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from "./file.ts";
import { FIONREAD } from "./ioctl-numbers.ts";
import type { IovIter } from "./iov-iter.ts";

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_SEQPACKET = 5;

export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;

/** net.core.wmem_default: bytes that may be on their way to one receiver. */
const BUFFER_LIMIT = 212992;

/** net.unix.max_dgram_qlen. */
const MESSAGE_LIMIT = 512;

/** Who is at the other end: struct ucred. */
export interface PeerCred {
  pid: number;
  uid: number;
  gid: number;
}

interface Message {
  bytes: Uint8Array;
  offset: number;
  /** Address of the sender, sun_path without the family. */
  from: string;
  /** Files that travel with the message (SCM_RIGHTS), each with a reference. */
  files: File[];
}

/** What a receive found besides the bytes. */
export interface Received {
  bytes: number;
  /** Length of the datagram if it was longer than the buffer. */
  whole: number;
  from: string;
  files: File[];
}

export class SocketFile extends File {
  readonly socketType: number;
  readonly cred: PeerCred;
  /** sun_path, "" while unbound; an abstract name starts with NUL. */
  address = "";
  peer: SocketFile | null = null;
  /** Credentials of the peer at connect or socketpair: SO_PEERCRED. */
  peerCred: PeerCred = { pid: 0, uid: -1, gid: -1 };
  /** Address of the peer, which stays known when that is gone. */
  peerAddress = "";
  connected = false;
  /** Not null while listening: connections that wait to be accepted. */
  backlog: SocketFile[] | null = null;
  backlogLimit = 0;
  private queue: Message[] = [];
  private queued = 0;
  private readClosed = false;
  private writeClosed = false;
  /** -ECONNRESET: the peer went with something unread. */
  private pendingError = 0;
  readonly changed = new WaitQueue();

  constructor(dentry: Dentry, flags: number, socketType: number, cred: PeerCred) {
    super(dentry, O_RDWR | flags);
    this.socketType = socketType;
    this.cred = cred;
  }

  get isStream(): boolean {
    return this.socketType === SOCK_STREAM;
  }

  override get stream(): boolean {
    return this.isStream;
  }

  /** Makes two sockets each other's peer. */
  pair(other: SocketFile): void {
    for (const [one, two] of [
      [this, other],
      [other, this],
    ] as const) {
      one.peer = two;
      one.connected = true;
      one.peerCred = two.cred;
      one.peerAddress = two.address;
    }
  }

  /** Asks a listener for a connection: 0, -EAGAIN if its backlog is full, or -errno. `accepted` is its end of it. */
  connectTo(listener: SocketFile, accepted: () => SocketFile): number {
    if (this.connected) return -EISCONN;
    if (listener.socketType !== this.socketType) return -EPROTOTYPE;
    if (listener.closed || listener.backlog === null) return -ECONNREFUSED;
    if (listener.backlog.length > listener.backlogLimit) return -EAGAIN;
    const end = accepted();
    end.address = listener.address;
    this.pair(end);
    this.peerCred = listener.cred;
    listener.backlog.push(end);
    listener.changed.wakeUp();
    return 0;
  }

  /** The next connection, or -EAGAIN, -EINVAL if this is no listener. */
  accept(): SocketFile | number {
    if (this.socketType === SOCK_DGRAM) return -EOPNOTSUPP;
    if (this.backlog === null) return -EINVAL;
    const end = this.backlog.shift();
    if (end === undefined) return -EAGAIN;
    this.changed.wakeUp();
    return end;
  }

  shutdown(how: number): number {
    if (how < SHUT_RD || how > SHUT_RDWR) return -EINVAL;
    if (!this.connected && this.socketType !== SOCK_DGRAM) return -ENOTCONN;
    if (how !== SHUT_WR) this.readClosed = true;
    if (how !== SHUT_RD) this.writeClosed = true;
    const { peer } = this;
    if (peer !== null && this.socketType !== SOCK_DGRAM) {
      if (how !== SHUT_WR) peer.writeClosed = true;
      if (how !== SHUT_RD) peer.readClosed = true;
      peer.changed.wakeUp();
    }
    this.changed.wakeUp();
    return 0;
  }

  override write(from: IovIter): number {
    return this.send(from, this.peer, []);
  }

  /** Sends to a peer; of a stream as much as there is room for. The references of `files` pass to the message. */
  send(from: IovIter, target: SocketFile | null, files: File[]): number {
    if (this.pendingError !== 0) return this.takeError();
    if (this.writeClosed) return -EPIPE;
    if (target === null) return this.connected ? this.gone() : -ENOTCONN;
    if (target.closed) return this.socketType === SOCK_DGRAM ? -ECONNREFUSED : -EPIPE;
    if (target.readClosed) return -EPIPE;
    const room = BUFFER_LIMIT - target.queued;
    const wanted = this.isStream ? Math.min(from.count, room) : from.count;
    if (!this.isStream && wanted > BUFFER_LIMIT) return -EMSGSIZE;
    if (wanted > room || target.queue.length >= MESSAGE_LIMIT * 8 || (wanted === 0 && from.count > 0)) return -EAGAIN;
    if (this.isStream && wanted === 0) return 0;
    const bytes = new Uint8Array(wanted);
    const copied = from.copyFrom(bytes, 0, wanted);
    if (copied < wanted) {
      from.revert(copied);
      return -EFAULT;
    }
    target.queue.push({ bytes, offset: 0, from: this.address, files });
    target.queued += wanted;
    target.changed.wakeUp();
    return wanted;
  }

  private gone(): number {
    return this.socketType === SOCK_DGRAM ? -ECONNREFUSED : -EPIPE;
  }

  private takeError(): number {
    const error = this.pendingError;
    this.pendingError = 0;
    return error;
  }

  override read(to: IovIter): number {
    const received = this.receive(to, "take");
    if (typeof received === "number") return received;
    for (const file of received.files) file.put();
    return received.bytes;
  }

  /** Takes (or only looks at) what has arrived; 0 bytes at the end, -EAGAIN if nothing is there. */
  receive(to: IovIter, how: "take" | "peek"): Received | number {
    if (this.socketType !== SOCK_DGRAM && !this.connected) return this.isStream ? -EINVAL : -ENOTCONN;
    const [first] = this.queue;
    if (first === undefined) {
      if (this.pendingError !== 0) return this.takeError();
      const ended = this.readClosed || (this.peer === null && this.connected && this.socketType !== SOCK_DGRAM);
      return ended ? { bytes: 0, whole: 0, from: "", files: [] } : -EAGAIN;
    }
    const result: Received = { bytes: 0, whole: first.bytes.length, from: first.from, files: first.files };
    let index = 0;
    for (let message: Message | undefined = first; message !== undefined; message = this.queue[index]) {
      // Bytes of a stream run on up to the next message with files.
      if (message !== first && (!this.isStream || message.files.length > 0 || result.files.length > 0)) break;
      const length = Math.min(to.count, message.bytes.length - message.offset);
      const copied = to.copyTo(message.bytes, message.offset, length);
      result.bytes += copied;
      if (copied < length && result.bytes === 0) return -EFAULT;
      if (how === "take") this.consume(message, copied, index);
      else index += 1;
      if (copied < length || to.count === 0) break;
    }
    if (how === "peek") result.files = [];
    if (how === "take") this.peer?.changed.wakeUp();
    return result;
  }

  private consume(message: Message, bytes: number, index: number): void {
    message.files = [];
    const rest = message.bytes.length - message.offset - bytes;
    if (this.isStream && rest > 0) {
      message.offset += bytes;
      this.queued -= bytes;
      return;
    }
    this.queued -= message.bytes.length - message.offset;
    this.queue.splice(index, 1);
  }

  override poll(): number {
    let mask = 0;
    if (this.backlog !== null) return this.backlog.length > 0 ? POLLIN | POLLRDNORM : 0;
    const peerGone = this.connected && this.peer === null && this.socketType !== SOCK_DGRAM;
    if (this.queue.length > 0 || this.readClosed || peerGone) mask |= POLLIN | POLLRDNORM;
    if (this.readClosed || peerGone) mask |= POLLRDHUP;
    if ((this.readClosed && this.writeClosed) || peerGone) mask |= POLLHUP;
    if (!this.connected && this.socketType !== SOCK_DGRAM) return mask | POLLHUP | POLLOUT | POLLWRNORM | POLLWRBAND;
    if (this.peer === null || this.peer.queued < BUFFER_LIMIT) mask |= POLLOUT | POLLWRNORM | POLLWRBAND;
    return mask;
  }

  override get queues(): WaitQueue[] {
    return [this.changed];
  }

  override ioctl(command: number, argument: number, memory: IoctlMemory): number {
    if (command !== FIONREAD) return -ENOTTY;
    const first = this.queue[0];
    const bytes = this.isStream ? this.queued : first === undefined ? 0 : first.bytes.length;
    return memory.write(argument >>> 0, new Uint8Array(Int32Array.of(bytes).buffer)) ? 0 : -EFAULT;
  }

  override release(): void {
    for (const waiting of this.backlog ?? []) waiting.put();
    this.backlog = null;
    const { peer } = this;
    if (peer !== null && peer.peer === this) {
      if (this.queue.length > 0 && this.socketType !== SOCK_DGRAM) peer.pendingError = -ECONNRESET;
      peer.peer = null;
      peer.changed.wakeUp();
    }
    for (const message of this.queue) for (const file of message.files) file.put();
    this.queue = [];
    this.peer = null;
    this.changed.wakeUp();
  }
}
