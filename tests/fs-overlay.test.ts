/** The root over a read-only tree: what is changed stays in memory, what is not is read from below. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { EEXIST, EISDIR, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY } from "../kernel/errno.ts";
import { O_APPEND, O_CREAT, O_RDWR, O_TRUNC, O_WRONLY } from "../kernel/fs/file.ts";
import { RENAME_EXCHANGE, RENAME_NOREPLACE } from "../kernel/fs/inode.ts";
import { MemoryTree } from "../kernel/fs/memory-tree.ts";
import { makeDirectory, makeLink, makeSymlink, removeDirectory, removeName, renameName } from "../kernel/fs/naming.ts";
import { truncateInode } from "../kernel/fs/regular-file.ts";
import type { HostStat, HostTree } from "../kernel/host.ts";
import { bytesOf, EPOCH, readText, VfsFixture, writeText } from "./fs-rig.ts";

const letters = (length: number) => Uint8Array.from({ length }, (_, i) => 97 + (i % 26));

function fixture(storage?: number): VfsFixture {
  const tree = new MemoryTree({ sec: 7, nsec: 7 })
    .addFile("file", bytesOf("lower text"))
    .addFile("big", letters(10000))
    .addFile("dir/one", bytesOf("1"))
    .addFile("dir/two", bytesOf("2"))
    .addFile("dir/sub/three", bytesOf("3"))
    .addDirectory("empty")
    .addSymlink("link", "file");
  return new VfsFixture(tree, "readonly", storage);
}

test("names of both halves, sorted by bytes, with fixed times", () => {
  const f = fixture();
  f.open("Zeta", O_CREAT | O_WRONLY).put();
  f.open("alpha", O_CREAT | O_WRONLY).put();
  assert.is(f.names("/"), "Zeta alpha big dir empty file link");
  const { inode } = f.get("file");
  assert.equal(inode.mtime, EPOCH, "not the host's");
  assert.is(inode.uid, 0);
  assert.is(f.get("file").inode, inode, "one inode for one file");
  f.get("dir").inode.prepareStat();
  assert.is(f.get("dir").inode.nlink, 3);
});

test("a write copies up only what it touches", () => {
  const f = fixture();
  const file = f.open("big", O_RDWR);
  assert.is(writeText(file, 4094, "ABCD"), 4);
  assert.is(
    readText(file, 4090, 12),
    `${String.fromCharCode(...letters(10000).subarray(4090, 4094))}ABCD${String.fromCharCode(...letters(10000).subarray(4098, 4102))}`,
  );
  assert.is(file.inode.size, 10000);
  assert.is(writeText(file, 12000, "end"), 3);
  assert.is(readText(file, 9999, 2003), `${String.fromCharCode(97 + (9999 % 26))}${"\0".repeat(2000)}en`);
  file.put();
  assert.is(f.read("big").length, 12003);
});

test("truncating hides what lies below for good", () => {
  const f = fixture();
  const { inode } = f.get("big");
  assert.is(truncateInode(inode, 5000), 0);
  assert.is(truncateInode(inode, 9000), 0);
  const text = f.read("big");
  assert.is(text.slice(4999), `${String.fromCharCode(97 + (4999 % 26))}${"\0".repeat(4000)}`);
  f.open("file", O_WRONLY | O_TRUNC).put();
  assert.is(f.read("file"), "");
  const appended = f.open("file", O_WRONLY | O_APPEND);
  assert.is(writeText(appended, appended.inode.size, "new"), 3);
  assert.is(f.read("file"), "new");
});

test("whiteouts", () => {
  const f = fixture();
  assert.is(removeName(f.context, f.place("file")), 0);
  assert.is(f.find("file"), -ENOENT);
  assert.is(f.find("link"), -ENOENT);
  assert.is(removeName(f.context, f.place("file")), -ENOENT);
  assert.is(f.names("/"), "big dir empty link");
  f.open("file", O_CREAT | O_WRONLY).put();
  assert.is(f.read("link"), "", "a new file has nothing of the old");
  assert.is(removeName(f.context, f.place("file")), 0);
  assert.is(f.find("file"), -ENOENT, "the one below stays hidden");
});

test("removing directories", () => {
  const f = fixture();
  assert.is(removeDirectory(f.context, f.place("dir")), -ENOTEMPTY);
  assert.is(removeName(f.context, f.place("dir")), -EISDIR);
  assert.is(removeDirectory(f.context, f.place("file")), -ENOTDIR);
  assert.is(removeName(f.context, f.place("dir/one")), 0);
  assert.is(removeName(f.context, f.place("dir/two")), 0);
  assert.is(removeName(f.context, f.place("dir/sub/three")), 0);
  assert.is(removeDirectory(f.context, f.place("dir/sub")), 0);
  assert.is(removeDirectory(f.context, f.place("dir")), 0);
  assert.is(makeDirectory(f.context, f.place("dir"), 0o755), 0);
  assert.is(f.names("dir"), "", "what was below does not shine through");
  f.get("dir").inode.prepareStat();
  assert.is(f.get("dir").inode.nlink, 2);
});

test("renaming files and directories of the lower tree", () => {
  const f = fixture();
  assert.is(renameName(f.context, f.place("dir"), f.place("moved"), 0), 0);
  assert.is(f.find("dir"), -ENOENT);
  assert.is(f.read("moved/one"), "1");
  assert.is(f.read("moved/sub/three"), "3");
  assert.is(renameName(f.context, f.place("file"), f.place("moved/one"), RENAME_NOREPLACE), -EEXIST);
  assert.is(renameName(f.context, f.place("file"), f.place("moved/one"), 0), 0);
  assert.is(f.read("moved/one"), "lower text");
  assert.is(f.names("/"), "big empty link moved");
  assert.is(renameName(f.context, f.place("moved/one"), f.place("moved/sub"), 0), -EISDIR);
  assert.is(renameName(f.context, f.place("moved/sub"), f.place("moved/one"), 0), -ENOTDIR);
  assert.is(renameName(f.context, f.place("empty"), f.place("moved"), 0), -ENOTEMPTY);
  assert.is(renameName(f.context, f.place("moved"), f.place("empty"), 0), 0);
  assert.is(f.names("empty"), "one sub two");
  assert.is(renameName(f.context, f.place("empty"), f.place("big"), RENAME_EXCHANGE), 0);
  assert.is(f.names("big"), "one sub two");
  assert.is(f.read("empty").length, 10000);
});

test("links and what is open after its name is gone", () => {
  const f = fixture();
  assert.is(makeLink(f.context, f.get("file"), f.place("dir/other")), 0);
  assert.is(f.get("file").inode.nlink, 2);
  const file = f.open("file", O_RDWR);
  writeText(file, 0, "LOWER");
  assert.is(f.read("dir/other"), "LOWER text");
  assert.is(removeName(f.context, f.place("file")), 0);
  assert.is(removeName(f.context, f.place("dir/other")), 0);
  assert.is(readText(file, 0, 20), "LOWER text");
  const used = f.vfs.budget.used;
  file.put();
  assert.is(f.vfs.budget.used, used - 1, "its page is free");
  assert.is(makeSymlink(f.context, f.place("new"), "dir/two"), 0);
  assert.is(f.read("new"), "2");
});

test("several names of one file of the host are one inode", () => {
  const inner = new MemoryTree()
    .addFile("a", bytesOf("same"))
    .addFile("b", bytesOf("same"))
    .addFile("c", bytesOf("other"));
  const tree: HostTree = {
    changes: null,
    list: (path) => inner.list(path),
    readlink: (path) => inner.readlink(path),
    open: (path) => inner.open(path),
    stat: (path) => {
      const stat = inner.stat(path);
      return typeof stat === "number" || path === "" || path === "c"
        ? stat
        : ({ ...stat, links: 2, identity: "1:1" } satisfies HostStat);
    },
  };
  const f = new VfsFixture(tree);
  assert.is(f.get("a").inode, f.get("b").inode);
  assert.is.not(f.get("a").inode, f.get("c").inode);
  assert.is(f.get("a").inode.nlink, 2);
});

test("files in memory have a limit", () => {
  const f = fixture(8 * 4096);
  const file = f.open("new", O_CREAT | O_RDWR);
  assert.is(writeText(file, 0, "x".repeat(8 * 4096)), 8 * 4096);
  assert.is(writeText(file, 8 * 4096, "y"), -ENOSPC);
  assert.is(writeText(file, 0, "still"), 5);
  file.put();
  assert.is(removeName(f.context, f.place("new")), 0);
  assert.is(f.vfs.budget.used, 0);
});

test("a listing does not depend on the order of the host or of lookups", () => {
  const one = new VfsFixture(
    new MemoryTree().addFile("b", letters(1)).addFile("a", letters(1)).addFile("c", letters(1)),
  );
  const two = new VfsFixture(
    new MemoryTree().addFile("c", letters(1)).addFile("b", letters(1)).addFile("a", letters(1)),
  );
  assert.equal(one.get("/").inode.readdir(), two.get("/").inode.readdir(), "names, numbers and types");
  const three = new VfsFixture(
    new MemoryTree().addFile("a", letters(1)).addFile("b", letters(1)).addFile("c", letters(1)),
  );
  three.get("c");
  assert.is(three.names("/"), "a b c");
});

test.run();
