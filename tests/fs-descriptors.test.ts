/** Descriptor tables, directories as they are read, locks, sockets, epoll. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { EAGAIN, EBADF, EDEADLK, EEXIST, EINVAL, ELOOP, EMFILE, ENOENT, EPIPE } from "../kernel/errno.ts";
import { DirectoryFile } from "../kernel/fs/directory-file.ts";
import { EPOLLET, EPOLLONESHOT, EpollFile } from "../kernel/fs/epoll.ts";
import { EventFile } from "../kernel/fs/event-file.ts";
import { O_CREAT, O_RDWR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP, POLLRDNORM } from "../kernel/fs/file.ts";
import {
  clearRecord,
  dropLocks,
  F_RDLCK,
  F_WRLCK,
  OFFSET_MAX,
  setFlock,
  setRecord,
  testRecord,
} from "../kernel/fs/file-lock.ts";
import { FilesStruct } from "../kernel/fs/files-struct.ts";
import { KernelIter } from "../kernel/fs/iov-iter.ts";
import { MemoryFile, MemoryTree } from "../kernel/fs/memory-tree.ts";
import { makeDirectory, removeName } from "../kernel/fs/naming.ts";
import { SOCK_DGRAM, SOCK_STREAM, SocketFile } from "../kernel/fs/socket.ts";
import { bytesOf, readText, VfsFixture, writeText } from "./fs-rig.ts";

test("descriptors: lowest first, dup, close-on-exec, references", () => {
  const f = new VfsFixture(null);
  const files = new FilesStruct();
  const file = f.open("/tmp/x", O_CREAT | O_RDWR);
  assert.is(files.install(file, false, 4), 0);
  assert.is(files.dupAbove(0, 2, true, 4), 2);
  assert.is(files.dupAbove(0, 0, false, 4), 1);
  assert.is(files.dupAbove(0, 4, false, 4), -EINVAL);
  assert.is(files.install(file.get(), false, 4), 3);
  assert.is(files.install(file.get(), false, 4), -EMFILE, "and drops the reference");
  assert.is(files.dupTo(0, 4, false, 4), -EBADF);
  assert.is(files.dupTo(9, 1, false, 4), -EBADF);
  assert.is(files.dupTo(0, 2, false, 4), 2);
  assert.is(files.getCloexec(2), false, "dup2 clears it");
  files.setCloexec(3, true);
  const child = files.clone();
  assert.ok(child.getCloexec(3));
  child.closeOnExec();
  assert.equal([...child.descriptors()], [0, 1, 2]);
  for (const fd of [0, 1, 2, 3]) assert.is(files.close(fd), 0);
  assert.is(files.close(0), -EBADF);
  assert.is(file.closed, false, "the child has it open");
  child.release();
  assert.is(file.closed, true);
  assert.is(file.inode.openCount, 0);
});

test("a shared table closes when the last task leaves", () => {
  const f = new VfsFixture(null);
  const files = new FilesStruct();
  const file = f.open("/tmp/x", O_CREAT | O_RDWR);
  files.install(file, false, 10);
  files.share();
  files.release();
  assert.is(file.closed, false);
  files.release();
  assert.is(file.closed, true);
});

test("a program without a tree is found wherever it lies", () => {
  for (const path of ["/program", "/home/someone/program", "/tmp/program", "/dev/shm/dir/program", "../x/./program"]) {
    const f = new VfsFixture(null, "readonly", 1 << 24, {
      path,
      permissions: 0o755,
      file: new MemoryFile(bytesOf("ELF")),
    });
    assert.is(f.read(path), "ELF", path);
    assert.is(f.get(path).inode.mode & 0o777, 0o755);
    assert.is(f.tryOpen("/tmp/other"), -ENOENT);
    f.open("/tmp/other", O_CREAT | O_RDWR).put();
  }
});

function listing(file: DirectoryFile, max = Number.POSITIVE_INFINITY): string {
  const names: string[] = [];
  file.iterate((entry) => {
    if (names.length >= max) return false;
    names.push(entry.name);
    return true;
  });
  return names.join(" ");
}

test("directories: dots, order, positions, removal while reading", () => {
  const f = new VfsFixture(
    new MemoryTree().addFile("b", bytesOf("")).addFile("a", bytesOf("")).addFile("c", bytesOf("")),
  );
  const open = (path: string) => {
    const file = f.open(path);
    if (!(file instanceof DirectoryFile)) throw new Error("not a directory");
    return file;
  };
  const root = open("/");
  assert.is(listing(root), ". .. a b c dev", "what is mounted is listed");
  assert.is(listing(root), "");
  root.seek(0, 0);
  assert.is(listing(root, 3), ". .. a");
  assert.is(root.position, 3);
  removeName(f.context, f.place("b"));
  assert.is(listing(root), "c dev");
  root.seek(2, 0);
  assert.is(listing(root, 1), "a", "telldir and seekdir");
  assert.is(root.seek(-1, 0), -EINVAL);
  const shm = open("/dev/shm");
  const inos: Record<string, number> = {};
  shm.iterate((entry) => {
    inos[entry.name] = entry.ino;
    return true;
  });
  assert.is(inos[".."], f.get("/dev").inode.ino, ".. of a mounted root is the directory above the mount");
  makeDirectory(f.context, f.place("gone"), 0o755);
  const gone = open("gone");
  f.get("/").inode.rmdir("gone", gone.inode);
  gone.dentry.drop();
  assert.is(
    gone.iterate(() => true),
    -ENOENT,
  );
});

test("record locks split, merge, conflict and detect deadlock", () => {
  const { inode } = new VfsFixture(null).open("/tmp/l", O_CREAT | O_RDWR);
  const { inode: other } = new VfsFixture(null).open("/tmp/m", O_CREAT | O_RDWR);
  const [a, b] = [{ name: "a" }, { name: "b" }];
  const lock = (owner: object, type: 0 | 1, start: number, end: number, pid = 1) => ({ owner, pid, type, start, end });
  assert.is(setRecord(inode, lock(a, F_WRLCK, 0, 99), "now"), 0);
  assert.is(setRecord(inode, lock(a, F_RDLCK, 40, 59), "now"), 0);
  assert.is(setRecord(inode, lock(b, F_RDLCK, 45, 50), "now"), 0, "readers share");
  assert.is(setRecord(inode, lock(b, F_RDLCK, 39, 50), "now"), -EAGAIN);
  assert.equal(testRecord(inode, lock(b, F_WRLCK, 55, OFFSET_MAX)), lock(a, F_RDLCK, 40, 59));
  clearRecord(inode, b, 0, OFFSET_MAX);
  assert.is(setRecord(inode, lock(a, F_WRLCK, 40, 59), "now"), 0);
  assert.equal(testRecord(inode, lock(b, F_WRLCK, 0, 0)), lock(a, F_WRLCK, 0, 99), "merged again");
  assert.is(setRecord(other, lock(b, F_WRLCK, 0, 9), "now"), 0);
  assert.is(setRecord(inode, lock(b, F_WRLCK, 0, 9), "wait"), -EAGAIN);
  assert.is(setRecord(other, lock(a, F_WRLCK, 0, 9), "wait"), -EDEADLK);
  dropLocks(inode, a);
  assert.is(testRecord(inode, lock(b, F_WRLCK, 0, OFFSET_MAX)), null);
  assert.is(setFlock(inode, a, "shared"), 0);
  assert.is(setFlock(inode, b, "shared"), 0);
  assert.is(setFlock(inode, b, "exclusive"), -EAGAIN);
  dropLocks(inode, a);
  assert.is(setFlock(inode, b, "exclusive"), 0);
});

function pair(type: number): [SocketFile, SocketFile] {
  const { vfs } = new VfsFixture(null);
  const cred = { pid: 1, uid: 0, gid: 0 };
  const made = [0, 1].map(() => new SocketFile(vfs.socketDentry(), 0, type, cred)) as [SocketFile, SocketFile];
  made[0].pair(made[1]);
  return made;
}

test("stream sockets run together, datagrams do not", () => {
  const [a, b] = pair(SOCK_STREAM);
  writeText(a, 0, "one");
  writeText(a, 0, "two");
  assert.is(readText(b, 0, 4), "onet");
  assert.is(readText(b, 0, 10), "wo");
  assert.is(b.poll() & (POLLIN | POLLOUT), POLLOUT);
  assert.is(a.shutdown(1), 0);
  assert.is(writeText(a, 0, "x"), -EPIPE);
  assert.is(readText(b, 0, 10), "", "the end");
  assert.is(writeText(b, 0, "back"), 4);
  assert.is(readText(a, 0, 10), "back");
  b.put();
  assert.ok((a.poll() & (POLLHUP | POLLRDHUP | POLLIN)) === (POLLHUP | POLLRDHUP | POLLIN));
  assert.is(readText(a, 0, 10), "");
  a.put();
  const [c, d] = pair(SOCK_DGRAM);
  writeText(c, 0, "first");
  writeText(c, 0, "");
  writeText(c, 0, "third");
  assert.is(readText(d, 0, 3), "fir");
  assert.is(readText(d, 0, 10), "");
  assert.is(readText(d, 0, 10), "third");
});

test("a stream socket fills up and takes what fits", () => {
  const [a, b] = pair(SOCK_STREAM);
  assert.is(writeText(a, 0, "x".repeat(300000)), 212992);
  assert.is(writeText(a, 0, "y"), -EAGAIN);
  assert.is(a.poll() & POLLOUT, 0);
  assert.is(readText(b, 0, 1000).length, 1000);
  assert.is(writeText(a, 0, "y".repeat(2000)), 1000);
});

test("epoll: level, edge, one shot; closed files leave the set", () => {
  const { vfs } = new VfsFixture(null);
  const set = new EpollFile(vfs.anonymousDentry("[eventpoll]"));
  const counter = new EventFile(vfs.anonymousDentry("[eventfd]"), 0, 0, "counter");
  const data = bytesOf("\u0001\0\0\0\0\0\0\0");
  const add = () => counter.write(new KernelIter(data));
  const masks = () => set.collect(10).map((event) => event.events);
  assert.is(set.add(counter, 3, { events: POLLIN, data }), 0);
  assert.is(set.add(counter, 3, { events: POLLIN, data }), -EEXIST);
  assert.is(set.add(set, 4, { events: POLLIN, data }), -ELOOP);
  assert.equal(masks(), []);
  add();
  assert.is(set.poll(), POLLIN | POLLRDNORM);
  assert.equal(masks(), [POLLIN]);
  assert.equal(masks(), [POLLIN], "level: again");
  assert.is(set.modify(counter, 3, { events: POLLIN | EPOLLET, data }), 0);
  assert.equal(masks(), [POLLIN]);
  assert.equal(masks(), [], "edge: once");
  add();
  assert.equal(masks(), [POLLIN], "and once more when something happens");
  assert.is(set.modify(counter, 3, { events: POLLIN | EPOLLONESHOT, data }), 0);
  assert.equal(masks(), [POLLIN]);
  add();
  assert.equal(masks(), []);
  assert.is(set.delete(counter, 4), -ENOENT);
  counter.put();
  assert.is(set.delete(counter, 3), -ENOENT);
});

test.run();
