/** Pipes and FIFOs: capacity, atomicity, ends of file, poll. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { EAGAIN, EBUSY, ENXIO, EPERM, EPIPE } from "../kernel/errno.ts";
import {
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
} from "../kernel/fs/file.ts";
import { S_IFIFO } from "../kernel/fs/inode.ts";
import { KernelIter } from "../kernel/fs/iov-iter.ts";
import { makeNode } from "../kernel/fs/naming.ts";
import { openFifo, PipeFile } from "../kernel/fs/pipe.ts";
import { readText, VfsFixture, writeText } from "./fs-rig.ts";

const IN = POLLIN | POLLRDNORM;
const OUT = POLLOUT | POLLWRNORM;

test("bytes come out as they went in, then the end", () => {
  const [input, output] = new VfsFixture(null).vfs.openPipe(0);
  assert.is(input.read(new KernelIter(new Uint8Array(10))), -EAGAIN);
  assert.is(input.poll(), 0);
  assert.is(output.poll(), OUT);
  assert.is(writeText(output, 0, "hello "), 6);
  assert.is(writeText(output, 0, "world"), 5);
  assert.is(input.poll(), IN);
  assert.is(readText(input, 0, 4), "hell");
  assert.is(readText(input, 0, 100), "o world");
  writeText(output, 0, "rest");
  output.put();
  assert.is(input.poll(), IN | POLLHUP);
  assert.is(readText(input, 0, 100), "rest");
  assert.is(readText(input, 0, 100), "");
  assert.is(input.poll(), POLLHUP);
  input.put();
});

test("nobody reads", () => {
  const [input, output] = new VfsFixture(null).vfs.openPipe(0);
  input.put();
  assert.is(writeText(output, 0, "x"), -EPIPE);
  assert.is(writeText(output, 0, ""), 0);
  assert.is(output.poll(), OUT | POLLERR);
  output.put();
});

test("capacity is sixteen pages, in slots", () => {
  const [input, output] = new VfsFixture(null).vfs.openPipe(0);
  assert.is(writeText(output, 0, "x".repeat(70000)), 65536);
  assert.is(output.poll(), 0);
  assert.is(writeText(output, 0, "y"), -EAGAIN);
  assert.is(readText(input, 0, 1), "x");
  assert.is(writeText(output, 0, "y"), -EAGAIN, "a slot that is not empty is not free");
  assert.is(readText(input, 0, 4095).length, 4095);
  assert.is(writeText(output, 0, "y"), 1);
  while (input.pipe.bytes > 0) readText(input, 0, 65536);
  for (let i = 0; i < 16; i++) assert.is(writeText(output, 0, "z".repeat(3000)), 3000);
  assert.is(writeText(output, 0, "z".repeat(3000)), -EAGAIN, "odd writes take a slot each");
  assert.is(writeText(output, 0, "z".repeat(1096)), 1096, "what fits into the last slot is appended");
  input.put();
  output.put();
});

test("a write of PIPE_BUF bytes is whole or not at all", () => {
  const [input, output] = new VfsFixture(null).vfs.openPipe(0);
  writeText(output, 0, "x".repeat(65536 - 4096 - 10));
  assert.is(writeText(output, 0, "a".repeat(4096)), 4096);
  assert.is(writeText(output, 0, "b".repeat(4096)), -EAGAIN);
  input.put();
  output.put();
});

test("packets", () => {
  const [input, output] = new VfsFixture(null).vfs.openPipe(O_DIRECT);
  writeText(output, 0, "first");
  writeText(output, 0, "second");
  assert.is(readText(input, 0, 3), "fir");
  assert.is(readText(input, 0, 100), "second");
  input.put();
  output.put();
});

test("resizing", () => {
  const { pipe } = new VfsFixture(null).vfs.openPipe(0)[1];
  assert.is(pipe.capacity, 65536);
  assert.is(pipe.resize(1), 4096);
  assert.is(pipe.resize(5000), 8192);
  assert.is(pipe.resize(1 << 20), 1 << 20);
  assert.is(pipe.resize((1 << 20) + 1), -EPERM);
  pipe.write(new KernelIter(new Uint8Array(20000)), false);
  assert.is(pipe.resize(4096), -EBUSY);
});

test("a nameless pipe that is opened again waits for nobody", () => {
  const { vfs } = new VfsFixture(null);
  const [input, output] = vfs.openPipe(0);
  writeText(output, 0, "left behind");
  output.put();
  const again = openFifo(input.dentry, O_RDONLY);
  assert.ok(again instanceof PipeFile && !again.awaitsPartner);
  assert.is(readText(again, 0, 100), "left behind");
  assert.is(readText(again, 0, 100), "");
  again.put();
  input.put();
  const [other, lonely] = vfs.openPipe(0);
  other.put();
  const writer = openFifo(lonely.dentry, O_WRONLY | O_NONBLOCK);
  assert.ok(writer instanceof PipeFile && !writer.awaitsPartner);
  assert.is(writeText(writer, 0, "x"), -EPIPE);
  writer.put();
  lonely.put();
});

test("FIFOs wait for their other side", () => {
  const f = new VfsFixture(null);
  assert.is(makeNode(f.context, f.place("/tmp/fifo"), S_IFIFO | 0o644, 0), 0);
  const open = (flags: number) => {
    const file = f.open("/tmp/fifo", flags);
    if (!(file instanceof PipeFile)) throw new Error("not a pipe");
    return file;
  };
  assert.is(f.tryOpen("/tmp/fifo", O_WRONLY | O_NONBLOCK), -ENXIO);
  const reader = open(O_RDONLY);
  assert.ok(reader.awaitsPartner);
  const writer = open(O_WRONLY);
  assert.not.ok(writer.awaitsPartner);
  assert.not.ok(reader.awaitsPartner);
  writeText(writer, 0, "through");
  writer.put();
  assert.is(readText(reader, 0, 100), "through");
  assert.is(readText(reader, 0, 100), "");
  const second = open(O_WRONLY | O_NONBLOCK);
  assert.is(reader.poll(), 0, "a new writer is a new beginning");
  second.put();
  reader.put();
  const early = open(O_RDONLY | O_NONBLOCK);
  assert.not.ok(early.awaitsPartner);
  assert.is(early.poll(), 0, "no writer yet is no hang-up");
  assert.is(readText(early, 0, 1), "");
  early.put();
  const waiting = open(O_WRONLY);
  assert.ok(waiting.awaitsPartner);
  const passing = open(O_RDONLY | O_NONBLOCK);
  passing.put();
  assert.not.ok(waiting.awaitsPartner, "a partner that came and went was one");
  waiting.put();
  const both = open(O_RDWR);
  assert.not.ok(both.awaitsPartner);
  writeText(both, 0, "self");
  assert.is(readText(both, 0, 10), "self");
  both.put();
});

test.run();
