/** Sockets: AF_UNIX works, every other family is refused: -EAFNOSUPPORT. cf. net/socket.c, net/unix/af_unix.c. */

import {
  EADDRINUSE,
  EAFNOSUPPORT,
  EAGAIN,
  EBADF,
  ECONNREFUSED,
  EEXIST,
  EFAULT,
  EINVAL,
  EISCONN,
  EMSGSIZE,
  ENOPROTOOPT,
  ENOTCONN,
  ENOTSOCK,
  EOPNOTSUPP,
  EPIPE,
  EPROTONOSUPPORT,
  ERESTARTSYS,
  ESOCKTNOSUPPORT,
} from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import type { Syscall, SyscallTable } from "../syscall/syscall.ts";
import { putWord, readWords } from "../syscall/words.ts";
import { RLIMIT_NOFILE } from "../task/rlimit.ts";
import { kernelSignal, sendSignal } from "../task/signal.ts";
import { SIGPIPE } from "../task/signals.ts";
import { sleep } from "../task/sleep.ts";
import type { Task } from "../task/task.ts";
import { type File, O_CLOEXEC, O_NONBLOCK } from "./file.ts";
import { type Inode, S_IFSOCK } from "./inode.ts";
import type { IovIter } from "./iov-iter.ts";
import { lookupPath } from "./namei.ts";
import { makeNode } from "./naming.ts";
import { inodePermission, MAY_WRITE } from "./permission.ts";
import { type PeerCred, type Received, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM, SocketFile } from "./socket.ts";
import { fget } from "./syscalls-io.ts";
import { latin1 } from "./syscalls-names.ts";
import { contextOf, filesOf, fsOf, movedBefore, rememberMoved } from "./transfer.ts";
import { importBuffer, importIovec } from "./user-iter.ts";

const AF_UNIX = 1;
const AF_MAX = 46;
const SOCK_TYPE_MASK = 0xf;

const MSG_PEEK = 2;
const MSG_CTRUNC = 8;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;

/** Sockets bound to a name of the file system, and to abstract names of a machine. */
const boundInodes = new WeakMap<Inode, SocketFile>();
const abstractNames = new WeakMap<Kernel, Map<string, SocketFile>>();

function abstractsOf(k: Kernel): Map<string, SocketFile> {
  const known = abstractNames.get(k) ?? new Map<string, SocketFile>();
  abstractNames.set(k, known);
  return known;
}

const credOf = (t: Task): PeerCred => ({ pid: t.tgid, uid: t.cred.euid, gid: t.cred.egid });

function makeSocket(k: Kernel, t: Task, type: number): SocketFile {
  return new SocketFile(k.vfs.socketDentry(), type & O_NONBLOCK, type & SOCK_TYPE_MASK, credOf(t));
}

function install(t: Task, file: File, type: number): number {
  return filesOf(t).install(file, (type & O_CLOEXEC) !== 0, t.rlimit(RLIMIT_NOFILE));
}

function checkFamily(family: number, type: number, protocol: number): number {
  if ((type & ~(SOCK_TYPE_MASK | O_CLOEXEC | O_NONBLOCK)) !== 0) return -EINVAL;
  if (family < 0 || family >= AF_MAX || family !== AF_UNIX) return -EAFNOSUPPORT;
  if (![SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET].includes(type & SOCK_TYPE_MASK)) return -ESOCKTNOSUPPORT;
  return protocol !== 0 && protocol !== AF_UNIX ? -EPROTONOSUPPORT : 0;
}

function socket(k: Kernel, t: Task, family: number, type: number, protocol: number): number {
  const wrong = checkFamily(family, type, protocol);
  return wrong < 0 ? wrong : install(t, makeSocket(k, t, type), type);
}

function socketpair(k: Kernel, t: Task, family: number, type: number, protocol: number, address: number): number {
  const wrong = checkFamily(family, type, protocol);
  if (wrong < 0) return wrong;
  const [one, two] = [makeSocket(k, t, type), makeSocket(k, t, type)];
  one.pair(two);
  const first = install(t, one, type);
  const second = first < 0 ? first : install(t, two, type);
  if (second < 0) {
    if (first >= 0) filesOf(t).close(first);
    else two.put();
    return second;
  }
  if (k.user.write(address >>> 0, new Uint8Array(Int32Array.of(first, second).buffer))) return 0;
  filesOf(t).close(first);
  filesOf(t).close(second);
  return -EFAULT;
}

function socketOf(t: Task, fd: number): SocketFile | number {
  const file = fget(t, fd);
  if (file === null) return -EBADF;
  return file instanceof SocketFile ? file : -ENOTSOCK;
}

/** sun_path of a struct sockaddr_un of user memory: up to the NUL, or all of an abstract name. */
function readAddress(k: Kernel, address: number, length: number): string | number {
  if (length < 2 || length > 128) return -EINVAL;
  const bytes = k.user.read(address >>> 0, length);
  if (bytes === null) return -EFAULT;
  if (((bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8)) !== AF_UNIX || length > 110) return -EINVAL;
  const path = String.fromCharCode(...bytes.subarray(2));
  if (path.startsWith("\0") || path === "") return path;
  const end = path.indexOf("\0");
  return end < 0 ? path : path.slice(0, end);
}

/** Gives an address back: cut to the room there is, its true length beside it. A null pointer asks for none. */
function writeAddress(k: Kernel, path: string, address: number, lengthAddress: number): number {
  if (address === 0) return 0;
  const words = readWords(k, lengthAddress, 1);
  if (words === null) return -EFAULT;
  const room = words[0] ?? 0;
  if (room < 0) return -EINVAL;
  const named = path !== "" && !path.startsWith("\0");
  const bytes = Uint8Array.of(AF_UNIX, 0, ...latin1(named ? `${path}\0` : path));
  if (!k.user.write(address >>> 0, bytes.subarray(0, room))) return -EFAULT;
  return putWord(k, lengthAddress, bytes.length);
}

function bind(k: Kernel, t: Task, fd: number, address: number, length: number): number {
  const file = socketOf(t, fd);
  if (typeof file === "number") return file;
  const path = readAddress(k, address, length);
  if (typeof path === "number") return path;
  if (file.address !== "") return -EINVAL;
  if (path === "") return bindAbstract(k, file, autobindName(k));
  if (path.startsWith("\0")) return bindAbstract(k, file, path);
  const { cwd, umask } = fsOf(t);
  const made = makeNode(contextOf(t), { start: cwd, path }, (S_IFSOCK | 0o777) & ~umask, 0);
  if (made < 0) return made === -EEXIST ? -EADDRINUSE : made;
  const dentry = lookupPath(contextOf(t), cwd, path, "nofollow");
  if (typeof dentry === "number") return dentry;
  boundInodes.set(dentry.inode, file);
  file.address = path;
  return 0;
}

function bindAbstract(k: Kernel, file: SocketFile, name: string): number {
  const names = abstractsOf(k);
  const holder = names.get(name);
  if (holder !== undefined && !holder.closed) return -EADDRINUSE;
  names.set(name, file);
  file.address = name;
  return 0;
}

/** unix_autobind(): five hexadecimal digits. */
function autobindName(k: Kernel): string {
  const names = abstractsOf(k);
  let number = 0;
  while (names.has(`\0${number.toString(16).padStart(5, "0")}`)) number += 1;
  return `\0${number.toString(16).padStart(5, "0")}`;
}

/** The socket that a name stands for. */
function findSocket(k: Kernel, t: Task, path: string): SocketFile | number {
  if (path.startsWith("\0")) {
    const file = abstractsOf(k).get(path);
    return file === undefined || file.closed ? -ECONNREFUSED : file;
  }
  const dentry = lookupPath(contextOf(t), fsOf(t).cwd, path, "follow");
  if (typeof dentry === "number") return dentry;
  const denied = inodePermission(dentry.inode, MAY_WRITE, t.cred);
  if (denied < 0) return denied;
  const file = boundInodes.get(dentry.inode);
  return file === undefined || file.closed ? -ECONNREFUSED : file;
}

function listen(_k: Kernel, t: Task, fd: number, backlog: number): number {
  const file = socketOf(t, fd);
  if (typeof file === "number") return file;
  if (file.socketType === SOCK_DGRAM) return -EOPNOTSUPP;
  if (file.address === "" || file.connected) return -EINVAL;
  file.backlog ??= [];
  file.backlogLimit = Math.min(backlog >>> 0, 4096);
  return 0;
}

function connect(k: Kernel, t: Task, fd: number, address: number, length: number): number {
  const file = socketOf(t, fd);
  if (typeof file === "number") return file;
  const path = readAddress(k, address, length);
  if (typeof path === "number") return path;
  if (file.backlog !== null) return -EINVAL;
  if (path === "") return -EINVAL;
  const target = findSocket(k, t, path);
  if (typeof target === "number") return target;
  if (file.socketType === SOCK_DGRAM) {
    file.peer = target;
    file.connected = true;
    file.peerAddress = target.address;
    return 0;
  }
  const result = file.connectTo(target, () => makeSocket(k, t, target.socketType));
  if (result !== -EAGAIN || (file.flags & O_NONBLOCK) !== 0) return result;
  return sleep(t, { queues: [target.changed], onSignal: -ERESTARTSYS });
}

function accept4(k: Kernel, t: Task, fd: number, address: number, lengthAddress: number, flags: number): number {
  if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) !== 0) return -EINVAL;
  const file = socketOf(t, fd);
  if (typeof file === "number") return file;
  const free = filesOf(t).unused(0, t.rlimit(RLIMIT_NOFILE));
  if (free < 0) return free;
  const end = file.accept();
  if (typeof end === "number") {
    if (end !== -EAGAIN || (file.flags & O_NONBLOCK) !== 0) return end;
    return sleep(t, { queues: file.queues, onSignal: -ERESTARTSYS });
  }
  end.flags |= flags & O_NONBLOCK;
  const given = writeAddress(k, end.peerAddress, address, lengthAddress);
  if (given < 0) {
    end.put();
    return given;
  }
  return install(t, end, flags);
}

function getName(
  k: Kernel,
  t: Task,
  fd: number,
  address: number,
  lengthAddress: number,
  whose: "own" | "peer",
): number {
  const file = socketOf(t, fd);
  if (typeof file === "number") return file;
  if (whose === "peer" && !file.connected) return -ENOTCONN;
  return writeAddress(k, whose === "own" ? file.address : file.peerAddress, address, lengthAddress);
}

/** The message that a send call describes. */
interface Outgoing {
  from: IovIter;
  /** "" = the peer. */
  to: string;
  files: File[];
}

function sendOn(k: Kernel, t: Task, fd: number, flags: number, outgoing: () => Outgoing | number): number {
  const file = socketOf(t, fd);
  if (typeof file === "number") return file;
  const message = outgoing();
  if (typeof message === "number") return message;
  const { from, to, files } = message;
  const give = (result: number) => {
    for (const passed of files) passed.put();
    return result;
  };
  let target = file.peer;
  if (to !== "") {
    if (file.socketType !== SOCK_DGRAM) return give(file.connected ? -EISCONN : -EOPNOTSUPP);
    const found = findSocket(k, t, to);
    if (typeof found === "number") return give(found);
    target = found;
  } else if (file.socketType === SOCK_DGRAM && !file.connected) {
    return give(-ENOTCONN);
  }
  let done = movedBefore(t);
  from.advance(done);
  for (;;) {
    const sent = file.send(from, target, done === 0 ? files.map((passed) => passed.get()) : []);
    if (sent <= 0 && done === 0) for (const passed of files) passed.put();
    if (sent === -EPIPE && (flags & MSG_NOSIGNAL) === 0) sendSignal(k, t, kernelSignal(SIGPIPE));
    if (sent > 0) done += sent;
    if (sent > 0 && from.count > 0 && file.isStream) continue;
    if (sent !== -EAGAIN) return give(done > 0 ? done : sent);
    if (((file.flags & O_NONBLOCK) | (flags & MSG_DONTWAIT)) !== 0) return give(done > 0 ? done : -EAGAIN);
    const slept = sleep(t, {
      queues: [(target ?? file).changed, file.changed],
      onSignal: done > 0 ? done : -ERESTARTSYS,
    });
    rememberMoved(t, done);
    return give(slept);
  }
}

function sendto(k: Kernel, t: Task, fd: number, address: number, length: number, flags: number, to: number, n: number) {
  return sendOn(k, t, fd, flags, () => {
    const from = importBuffer(k.user, address, length);
    if (typeof from === "number") return from;
    const path = to === 0 ? "" : readAddress(k, to, n);
    return typeof path === "number" ? path : { from, to: path, files: [] };
  });
}

/** struct msghdr: name, namelen, iov, iovlen, control, controllen, flags. */
function sendmsg(k: Kernel, t: Task, fd: number, header: number, flags: number): number {
  return sendOn(k, t, fd, flags, () => {
    const words = readWords(k, header, 7);
    if (words === null) return -EFAULT;
    const [name, nameLength, vector, segments, control, controlLength] = [...words] as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const from = importIovec(k.user, vector, segments);
    if (typeof from === "number") return segments >>> 0 > 1024 ? -EMSGSIZE : from;
    const path = name === 0 || nameLength === 0 ? "" : readAddress(k, name, nameLength);
    if (typeof path === "number") return path;
    const files = readRights(k, t, control, controlLength);
    return typeof files === "number" ? files : { from, to: path, files };
  });
}

/** The files of SCM_RIGHTS control messages { u32 len, int level, int type, int fds[] }, each with a reference. */
function readRights(k: Kernel, t: Task, address: number, length: number): File[] | number {
  if (address === 0 || length < 12) return [];
  if (length > 65536) return -EINVAL;
  const bytes = k.user.read(address >>> 0, length);
  if (bytes === null) return -EFAULT;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const files: File[] = [];
  for (let at = 0; at + 12 <= length; ) {
    const size = view.getUint32(at, true);
    if (size < 12 || at + size > length) return -EINVAL;
    if (view.getInt32(at + 4, true) === SOL_SOCKET && view.getInt32(at + 8, true) === SCM_RIGHTS) {
      for (let fd = at + 12; fd + 4 <= at + size; fd += 4) {
        const file = fget(t, view.getInt32(fd, true));
        if (file === null) return -EBADF;
        files.push(file);
      }
    }
    at += (size + 3) & ~3;
  }
  if (files.length > 253) return -EINVAL;
  return files.map((file) => file.get());
}

function receiveOn(t: Task, fd: number, flags: number, to: () => IovIter | number): Received | number {
  const file = socketOf(t, fd);
  if (typeof file === "number") return file;
  const iter = to();
  if (typeof iter === "number") return iter;
  const received = file.receive(iter, (flags & MSG_PEEK) !== 0 ? "peek" : "take");
  if (received !== -EAGAIN || ((file.flags & O_NONBLOCK) | (flags & MSG_DONTWAIT)) !== 0) return received;
  return sleep(t, { queues: file.queues, onSignal: -ERESTARTSYS });
}

/** A datagram that was cut counts as a whole if MSG_TRUNC asks so. */
function lengthOf(t: Task, fd: number, flags: number, received: Received): number {
  const file = socketOf(t, fd);
  const datagram = typeof file !== "number" && !file.isStream;
  return datagram && (flags & MSG_TRUNC) !== 0 ? received.whole : received.bytes;
}

function recvfrom(
  k: Kernel,
  t: Task,
  fd: number,
  address: number,
  length: number,
  flags: number,
  from: number,
  n: number,
) {
  const received = receiveOn(t, fd, flags, () => importBuffer(k.user, address, length));
  if (typeof received === "number") return received;
  for (const file of received.files) file.put();
  if (from !== 0) {
    const given = writeAddress(k, received.from, from, n);
    if (given < 0) return given;
  }
  return lengthOf(t, fd, flags, received);
}

function recvmsg(k: Kernel, t: Task, fd: number, header: number, flags: number): number {
  const words = readWords(k, header, 7);
  if (words === null) return -EFAULT;
  const [name, nameLength, vector, segments, control, controlLength] = [...words] as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const received = receiveOn(t, fd, flags, () => importIovec(k.user, vector, segments));
  if (typeof received === "number") return received;
  let outFlags = 0;
  const file = socketOf(t, fd);
  if (typeof file !== "number" && !file.isStream && received.whole > received.bytes) outFlags |= MSG_TRUNC;
  const rights = writeRights(k, t, received.files, control, controlLength >>> 0, flags);
  if (rights.cut) outFlags |= MSG_CTRUNC;
  if (name !== 0) {
    const path = received.from;
    const bytes = path === "" ? new Uint8Array(0) : Uint8Array.of(AF_UNIX, 0, ...latin1(path));
    if (!k.user.write(name >>> 0, bytes.subarray(0, Math.max(0, nameLength)))) return -EFAULT;
    if (putWord(k, header + 4, bytes.length) < 0) return -EFAULT;
  }
  if (putWord(k, header + 20, rights.length) < 0 || putWord(k, header + 24, outFlags) < 0) return -EFAULT;
  return lengthOf(t, fd, flags, received);
}

/** Installs received files and tells of them in one control message; those that do not fit are dropped. */
function writeRights(k: Kernel, t: Task, files: File[], address: number, room: number, flags: number) {
  if (files.length === 0) return { length: 0, cut: false };
  const fit = address === 0 || room < 16 ? 0 : Math.min(files.length, Math.floor((room - 12) / 4));
  const fds: number[] = [];
  for (const file of files.slice(0, fit)) {
    const fd = filesOf(t).install(file, (flags & MSG_CMSG_CLOEXEC) !== 0, t.rlimit(RLIMIT_NOFILE));
    if (fd >= 0) fds.push(fd);
  }
  for (const file of files.slice(fit)) file.put();
  if (fds.length === 0) return { length: 0, cut: true };
  const message = Int32Array.of(12 + 4 * fds.length, SOL_SOCKET, SCM_RIGHTS, ...fds);
  k.user.write(address >>> 0, new Uint8Array(message.buffer));
  return { length: message.byteLength, cut: fds.length < files.length };
}

function shutdown(_k: Kernel, t: Task, fd: number, how: number): number {
  const file = socketOf(t, fd);
  return typeof file === "number" ? file : file.shutdown(how);
}

const SO_TYPE = 3;
const SO_ERROR = 4;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_PEERCRED = 17;
const SO_ACCEPTCONN = 30;
const SO_PROTOCOL = 38;
const SO_DOMAIN = 39;
const SO_MAX = 83;

function getsockopt(k: Kernel, t: Task, fd: number, level: number, option: number, address: number, length: number) {
  const file = socketOf(t, fd);
  if (typeof file === "number") return file;
  if (level !== SOL_SOCKET) return -EOPNOTSUPP;
  const words = readWords(k, length, 1);
  if (words === null) return -EFAULT;
  const room = words[0] ?? 0;
  if (room < 0) return -EINVAL;
  const values: Record<number, number[]> = {
    [SO_TYPE]: [file.socketType],
    [SO_ERROR]: [0],
    [SO_SNDBUF]: [212992],
    [SO_RCVBUF]: [212992],
    [SO_PEERCRED]: [file.peerCred.pid, file.peerCred.uid, file.peerCred.gid],
    [SO_ACCEPTCONN]: [file.backlog !== null ? 1 : 0],
    [SO_PROTOCOL]: [0],
    [SO_DOMAIN]: [AF_UNIX],
  };
  if (option < 0 || option > SO_MAX) return -ENOPROTOOPT;
  const bytes = new Uint8Array(Int32Array.from(values[option] ?? [0]).buffer).subarray(0, room);
  if (!k.user.write(address >>> 0, bytes)) return -EFAULT;
  return putWord(k, length, bytes.length);
}

/** Options are taken and change nothing: buffers have one size, nothing is routed. */
function setsockopt(_k: Kernel, t: Task, fd: number, level: number, option: number): number {
  const file = socketOf(t, fd);
  if (typeof file === "number") return file;
  if (level !== SOL_SOCKET) return -EOPNOTSUPP;
  return option < 0 || option > SO_MAX ? -ENOPROTOOPT : 0;
}

const direct: Readonly<Record<string, Syscall>> = {
  socket,
  bind,
  connect,
  listen,
  socketpair,
  sendto,
  recvfrom,
  shutdown,
  setsockopt,
  getsockopt,
  sendmsg,
  recvmsg,
  accept4,
  accept: (k, t, fd, address, length) => accept4(k, t, fd, address, length, 0),
  getsockname: (k, t, fd, address, length) => getName(k, t, fd, address, length, "own"),
  getpeername: (k, t, fd, address, length) => getName(k, t, fd, address, length, "peer"),
  send: (k, t, fd, address, length, flags) => sendto(k, t, fd, address, length, flags, 0, 0),
  recv: (k, t, fd, address, length, flags) => recvfrom(k, t, fd, address, length, flags, 0, 0),
};

/** socketcall: the call's number and how many words its arguments have. */
const calls: readonly (readonly [name: string, words: number])[] = [
  ["", 0],
  ["socket", 3],
  ["bind", 3],
  ["connect", 3],
  ["listen", 2],
  ["accept", 3],
  ["getsockname", 3],
  ["getpeername", 3],
  ["socketpair", 4],
  ["send", 4],
  ["recv", 4],
  ["sendto", 6],
  ["recvfrom", 6],
  ["shutdown", 2],
  ["setsockopt", 5],
  ["getsockopt", 5],
  ["sendmsg", 3],
  ["recvmsg", 3],
  ["accept4", 4],
];

function socketcall(k: Kernel, t: Task, number: number, address: number): number {
  const entry = calls[number];
  const call = entry === undefined ? undefined : direct[entry[0]];
  if (entry === undefined || call === undefined) return -EINVAL;
  const words = readWords(k, address, entry[1]);
  if (words === null) return -EFAULT;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = words;
  return call(k, t, a, b, c, d, e, f);
}

const named = (name: string): readonly [string, Syscall] => [name, direct[name] ?? (() => -EINVAL)];

export const socketSyscalls: SyscallTable = {
  102: ["socketcall", socketcall],
  359: named("socket"),
  360: named("socketpair"),
  361: named("bind"),
  362: named("connect"),
  363: named("listen"),
  364: named("accept4"),
  365: named("getsockopt"),
  366: named("setsockopt"),
  367: named("getsockname"),
  368: named("getpeername"),
  369: named("sendto"),
  370: named("sendmsg"),
  371: named("recvfrom"),
  372: named("recvmsg"),
  373: named("shutdown"),
};
