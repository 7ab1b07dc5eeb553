/** The Node host: nothing outside of the root is reached, whatever links lie in it; nothing but regular files is opened. */

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { NodeTree } from "../cli/node-tree.ts";
import { EBADF, EEXIST, ELOOP, ENOENT, ENXIO } from "../kernel/errno.ts";
import { O_CREAT, O_RDWR, O_WRONLY } from "../kernel/fs/file.ts";
import { makeDirectory, makeLink, makeSymlink, removeDirectory, removeName, renameName } from "../kernel/fs/naming.ts";
import { readText, VfsFixture, writeText } from "./fs-rig.ts";
import { haveCommand, testIf } from "./skip.ts";

/** outside/secret and root/, with links in root/ that lead out. */
function layout(): { base: string; root: string; remove: () => void } {
  const base = mkdtempSync(join(tmpdir(), "pagewalk-tree-"));
  const root = join(base, "root");
  mkdirSync(join(base, "outside"));
  mkdirSync(join(root, "dir"), { recursive: true });
  writeFileSync(join(base, "outside", "secret"), "secret");
  writeFileSync(join(root, "file"), "inside");
  symlinkSync(join(base, "outside"), join(root, "absolute"));
  symlinkSync("../outside/secret", join(root, "relative"));
  symlinkSync("../../outside", join(root, "dir", "up"));
  symlinkSync("/file", join(root, "rooted"));
  return { base, root, remove: () => rmSync(base, { recursive: true }) };
}

test("links resolve inside the guest's root only", () => {
  const { base, root, remove } = layout();
  try {
    for (const mode of ["readonly", "writable"] as const) {
      const f = new VfsFixture(new NodeTree(root, mode === "writable" ? "write" : "read"), mode);
      for (const path of [
        "absolute/secret",
        "relative",
        "dir/up/secret",
        "../outside/secret",
        "dir/../../outside/secret",
        `${base}/outside/secret`,
        "/../../../../../../etc/passwd",
        "/proc/self/root/etc/passwd",
      ]) {
        assert.is(f.tryOpen(path), -ENOENT, path);
      }
      assert.is(f.read("rooted"), "inside", "an absolute link starts at the guest's root");
      assert.is(f.get("absolute", "nofollow").inode.readlink(), join(base, "outside"));
      f.open("absolute-new", O_CREAT | O_WRONLY).put();
      assert.is(existsSync(join(base, "absolute-new")), false);
    }
  } finally {
    remove();
  }
});

test("the tree itself follows no link, not even in the middle of a path", () => {
  const { root, base, remove } = layout();
  try {
    const tree = new NodeTree(root, "write");
    assert.is(tree.open("absolute/secret", "read"), -ELOOP);
    assert.is(tree.stat("absolute/secret"), -ELOOP);
    assert.is(tree.list("absolute"), -ELOOP);
    assert.is(tree.open("relative", "read"), -ELOOP);
    assert.is(tree.open("absolute/secret", "write"), -ELOOP);
    assert.is(tree.changes?.unlink("absolute/secret"), -ELOOP);
    assert.is(tree.changes?.createFile("dir/up/new", 0o644), -ELOOP);
    assert.is(tree.changes?.rename("file", "absolute/file"), -ELOOP);
    assert.is(tree.changes?.mkdir("absolute/new", 0o755), -ELOOP);
    assert.is(tree.changes?.link("file", "absolute/file"), -ELOOP);
    assert.is(tree.changes?.chmod("relative", 0o777), 0, "a link has no mode to change");
    assert.is(readFileSync(join(base, "outside", "secret"), "utf8"), "secret");
    assert.is(statSync(join(base, "outside", "secret")).mode & 0o777, 0o644);
    // Somebody exchanges a directory for a link while the machine runs.
    assert.is.not(typeof tree.stat("dir"), "number");
    renameSync(join(root, "dir"), join(root, "was"));
    symlinkSync("../outside", join(root, "dir"));
    assert.is(new NodeTree(root, "read").open("dir/secret", "read"), -ELOOP);
  } finally {
    remove();
  }
});

testIf(haveCommand("mkfifo"), "FIFOs and devices of the host are seen and not opened", () => {
  const { root, remove } = layout();
  try {
    spawnSync("mkfifo", [join(root, "fifo")]);
    const tree = new NodeTree(root, "write");
    const stat = tree.stat("fifo");
    assert.is(typeof stat === "number" ? stat : stat.kind, "fifo");
    assert.is(tree.open("fifo", "read"), -ENXIO);
    assert.is(tree.open("fifo", "write"), -ENXIO);
    assert.is(typeof tree.open("dir", "read"), "number");
    const devices = new NodeTree("/dev", "read");
    assert.is(devices.open("null", "read"), -ENXIO);
  } finally {
    remove();
  }
});

test("names that are no UTF-8 survive", () => {
  const { root, remove } = layout();
  try {
    const f = new VfsFixture(new NodeTree(root, "write"), "writable");
    const name = "\xff\xfe name";
    const file = f.open(name, O_CREAT | O_RDWR);
    writeText(file, 0, "odd");
    file.put();
    assert.ok(f.names("/").includes(name));
    assert.is(readFileSync(Buffer.from(`${root}/${name}`, "latin1"), "utf8"), "odd");
  } finally {
    remove();
  }
});

test("a writable root: what the guest does is done on the host", () => {
  const { root, remove } = layout();
  try {
    const f = new VfsFixture(new NodeTree(root, "write"), "writable");
    const read = (path: string) => readFileSync(join(root, path), "utf8");
    assert.is(makeDirectory(f.context, f.place("new"), 0o750), 0);
    assert.is(statSync(join(root, "new")).mode & 0o777, 0o750);
    const file = f.open("new/text", O_CREAT | O_RDWR, 0o600);
    assert.is(writeText(file, 0, "written"), 7);
    assert.is(read("new/text"), "written");
    assert.is(statSync(join(root, "new/text")).mode & 0o777, 0o600);
    assert.is(makeLink(f.context, f.get("new/text"), f.place("second")), 0);
    assert.is(renameName(f.context, f.place("new"), f.place("dir/moved"), 0), 0);
    assert.is(read("dir/moved/text"), "written");
    assert.is(writeText(file, 7, " more"), 5, "the path of an open file has changed");
    assert.is(removeName(f.context, f.place("dir/moved/text")), 0);
    assert.is(readText(file, 0, 20), "written more");
    assert.is(f.read("second"), "written more");
    assert.is(f.get("second").inode.nlink, 1);
    assert.is(removeName(f.context, f.place("second")), 0);
    assert.is(readText(file, 0, 20), "written more", "open, without a name");
    file.put();
    assert.is(makeSymlink(f.context, f.place("link"), "../outside/secret"), 0);
    assert.is(readlinkSync(join(root, "link")), "../outside/secret");
    assert.is(f.tryOpen("link"), -ENOENT);
    assert.is(f.get("file").inode.setAttributes({ mode: 0o640 }), 0);
    assert.is(statSync(join(root, "file")).mode & 0o777, 0o640);
    assert.is(renameName(f.context, f.place("file"), f.place("dir"), 2), 0, "exchange");
    assert.is(read("dir"), "inside");
    assert.ok(existsSync(join(root, "file/moved")));
    assert.is(removeDirectory(f.context, f.place("file/moved")), 0);
    assert.is(f.tryOpen("dir", O_CREAT | O_RDWR | 0o200), -EEXIST);
    assert.not.ok(existsSync(join(root, "dev")), "mount points are not made on the host");
  } finally {
    remove();
  }
});

test("a tree that is only read refuses to write, and unreadable files say so", () => {
  const { root, remove } = layout();
  try {
    const tree = new NodeTree(root, "read");
    assert.is(tree.changes, null);
    const file = tree.open("file", "read");
    if (typeof file === "number") throw new Error("not opened");
    assert.is(file.writeAt(0, new Uint8Array(1), 0, 1), -EBADF);
    file.close();
    if (process.getuid?.() !== 0) {
      chmodSync(join(root, "file"), 0);
      assert.is(tree.open("file", "read"), -13);
    }
    assert.throws(() => new NodeTree(join(root, "file"), "read"), /not a directory/);
    assert.throws(() => new NodeTree(join(root, "none"), "read"), /ENOENT/);
  } finally {
    remove();
  }
});

test.run();
