/** Path walks: what a path leads to and the order in which it fails. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { EACCES, EEXIST, EINVAL, EISDIR, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, ENXIO, EXDEV } from "../kernel/errno.ts";
import { dPath, pathFrom } from "../kernel/fs/dentry.ts";
import {
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from "../kernel/fs/file.ts";
import { MemoryTree } from "../kernel/fs/memory-tree.ts";
import { RESOLVE_BENEATH, RESOLVE_IN_ROOT, RESOLVE_NO_SYMLINKS, RESOLVE_NO_XDEV, Walk } from "../kernel/fs/namei.ts";
import { makeDirectory, removeDirectory, renameName } from "../kernel/fs/naming.ts";
import { VfsFixture } from "./fs-rig.ts";

function tree(): MemoryTree {
  const made = new MemoryTree()
    .addFile("etc/passwd", new Uint8Array(5))
    .addFile("a/b/file", new Uint8Array(3))
    .addSymlink("a/up", "..")
    .addSymlink("a/down", "b")
    .addSymlink("a/absolute", "/etc/passwd")
    .addSymlink("a/outside", "../../../../../etc/passwd")
    .addSymlink("a/dangling", "nowhere")
    .addSymlink("a/slash", "b/")
    .addSymlink("a/fileslash", "b/file/")
    .addSymlink("loop", "loop")
    .addSymlink("one", "two")
    .addSymlink("two", "one");
  for (let i = 0; i < 45; i++) made.addSymlink(`chain${i}`, i === 44 ? "a" : `chain${i + 1}`);
  return made;
}

const where = (fixture: VfsFixture, path: string, links: "follow" | "nofollow" = "follow") => {
  const dentry = fixture.find(path, links);
  return typeof dentry === "number" ? dentry : pathFrom(dentry, fixture.vfs.root).path;
};

test("components, dots and slashes", () => {
  const f = new VfsFixture(tree());
  for (const [path, expected] of [
    ["/", "/"],
    ["//", "/"],
    [".", "/"],
    ["..", "/"],
    ["/..", "/"],
    ["/../../..", "/"],
    ["/a/b/file", "/a/b/file"],
    ["a//b/./file", "/a/b/file"],
    ["a/b/../b/..", "/a"],
    ["a/b/", "/a/b"],
    ["a/b/.", "/a/b"],
    ["a/../../a/b", "/a/b"],
    ["", -ENOENT],
    ["a/none", -ENOENT],
    ["a/none/x", -ENOENT],
    ["a/none/..", -ENOENT],
    ["a/b/file/", -ENOTDIR],
    ["a/b/file/.", -ENOTDIR],
    ["a/b/file/..", -ENOTDIR],
    ["a/b/file/x", -ENOTDIR],
    [`a/${"n".repeat(255)}`, -ENOENT],
    [`a/${"n".repeat(256)}`, -ENAMETOOLONG],
    [`a/b/file/${"n".repeat(256)}`, -ENOTDIR],
  ] as const) {
    assert.is(where(f, path), expected, path);
  }
});

test("symbolic links", () => {
  const f = new VfsFixture(tree());
  for (const [path, expected] of [
    ["a/down", "/a/b"],
    ["a/down/file", "/a/b/file"],
    ["a/up/a/up/a/down/file", "/a/b/file"],
    ["a/absolute", "/etc/passwd"],
    ["a/outside", "/etc/passwd"],
    ["a/dangling", -ENOENT],
    ["a/slash", "/a/b"],
    ["a/fileslash", -ENOTDIR],
    ["loop", -ELOOP],
    ["loop/x", -ELOOP],
    ["one", -ELOOP],
    ["chain5/b", "/a/b"],
    ["chain4/b", -ELOOP],
  ] as const) {
    assert.is(where(f, path), expected, path);
  }
  assert.is(where(f, "a/down", "nofollow"), "/a/down");
  assert.is(where(f, "a/down/", "nofollow"), "/a/b", "a slash follows the link");
  assert.is(where(f, "loop", "nofollow"), "/loop");
});

test("a path never leaves the root of the process", () => {
  const f = new VfsFixture(tree());
  f.context.root = f.get("a");
  f.context.cwd = f.get("a/b");
  for (const [path, expected] of [
    ["/", "/a"],
    ["..", "/a"],
    ["../..", "/a"],
    ["/up", "/a"],
    ["/up/up/up", "/a"],
    ["/absolute", -ENOENT],
    ["/outside", -ENOENT],
    ["/../etc/passwd", -ENOENT],
  ] as const) {
    assert.is(where(f, path), expected, path);
  }
});

test("search permission is asked of each directory on the way", () => {
  const f = new VfsFixture(new MemoryTree().addDirectory("closed", 0o700).addFile("closed/x/y", new Uint8Array(1)));
  assert.is(where(f, "closed/x/y"), "/closed/x/y", "root may");
  const { cred } = f.context;
  Object.assign(cred, { uid: 5, euid: 5, fsuid: 5, capEffective: [0, 0] });
  assert.is(where(f, "closed"), "/closed");
  assert.is(where(f, "closed/x"), -EACCES);
  assert.is(where(f, "closed/none"), -EACCES, "before it is known whether the name exists");
  assert.is(where(f, "closed/.."), -EACCES);
});

test("mounts are crossed in both directions", () => {
  const f = new VfsFixture(tree());
  assert.is(where(f, "/dev/shm/.."), "/dev");
  assert.is(where(f, "/dev/.."), "/");
  assert.is(f.get("/dev").inode.sb.type, "devtmpfs");
  assert.is(f.get("/dev/shm").inode.sb.type, "tmpfs");
  assert.is(renameName(f.context, f.place("a/b"), f.place("dev/shm/b"), 0), -EXDEV);
});

test("open: flags and their errors", () => {
  const f = new VfsFixture(tree());
  const fails = (path: string, flags: number) => {
    const file = f.tryOpen(path, flags);
    if (typeof file === "number") return file;
    file.put();
    return 0;
  };
  for (const [path, flags, expected] of [
    ["a/b", O_RDONLY, 0],
    ["a/b", O_WRONLY, -EISDIR],
    ["a/b", O_RDONLY | O_CREAT, -EISDIR],
    ["a/b/", O_RDONLY | O_CREAT, -EISDIR],
    ["a/new/", O_RDONLY | O_CREAT, -EISDIR],
    ["a/new/x", O_RDONLY | O_CREAT, -ENOENT],
    ["a/b/file", O_RDONLY | O_DIRECTORY, -ENOTDIR],
    ["a/b/file/", O_RDONLY, -ENOTDIR],
    ["a/b/file", O_RDWR | O_CREAT | O_EXCL, -EEXIST],
    ["a/down", O_RDONLY | O_NOFOLLOW, -ELOOP],
    ["a/down", O_PATH | O_NOFOLLOW, 0],
    ["a/down", O_RDONLY | O_DIRECTORY | O_NOFOLLOW, -ENOTDIR],
    ["a/down", O_WRONLY | O_CREAT | O_EXCL, -EEXIST],
    ["a/dangling", O_WRONLY | O_CREAT | O_EXCL, -EEXIST],
    ["a/dangling", O_WRONLY, -ENOENT],
    ["loop", O_RDONLY, -ELOOP],
    ["loop", O_RDWR | O_CREAT, -ELOOP],
    ["a/x", O_CREAT | O_DIRECTORY, -EINVAL],
    ["/dev/tty", O_RDONLY, -ENXIO],
    ["..", O_RDWR | O_CREAT, -EISDIR],
  ] as const) {
    assert.is(fails(path, flags), expected, `${path} ${flags.toString(8)}`);
  }
  assert.is(fails("a/dangling", O_WRONLY | O_CREAT), 0, "creates what the link names");
  assert.is(where(f, "a/nowhere"), "/a/nowhere");
  assert.is(f.get("a/b/file").inode.size, 3);
  assert.is(fails("a/b/file", O_RDONLY | O_TRUNC), 0);
  assert.is(f.get("a/b/file").inode.size, 0);
});

test("openat2 restrictions", () => {
  const f = new VfsFixture(tree());
  const walk = (start: string, path: string, resolve: number) => {
    const made = new Walk(f.context, f.get(start), resolve);
    const walked = made.toParent(path);
    const dentry = walked < 0 ? walked : made.end("follow");
    return typeof dentry === "number" ? dentry : pathFrom(dentry, f.vfs.root).path;
  };
  assert.is(walk("a", "b/file", RESOLVE_BENEATH), "/a/b/file");
  assert.is(walk("a", "b/../b", RESOLVE_BENEATH), "/a/b");
  assert.is(walk("a", "..", RESOLVE_BENEATH), -EXDEV);
  assert.is(walk("a", "b/../../etc", RESOLVE_BENEATH), -EXDEV);
  assert.is(walk("a", "/etc", RESOLVE_BENEATH), -EXDEV);
  assert.is(walk("a", "absolute", RESOLVE_BENEATH), -EXDEV);
  assert.is(walk("a", "/b", RESOLVE_IN_ROOT), "/a/b");
  assert.is(walk("a", "../../b", RESOLVE_IN_ROOT), "/a/b");
  assert.is(walk("a", "absolute", RESOLVE_IN_ROOT), -ENOENT);
  assert.is(walk("a", "down", RESOLVE_NO_SYMLINKS), -ELOOP);
  assert.is(walk("/", "dev/null", RESOLVE_NO_XDEV), -EXDEV);
  assert.is(walk("/dev", "..", RESOLVE_NO_XDEV), -EXDEV);
});

test("where a directory is, after it was moved and removed", () => {
  const f = new VfsFixture(tree());
  assert.is(makeDirectory(f.context, f.place("a/new"), 0o755), 0);
  const directory = f.get("a/new");
  assert.is(renameName(f.context, f.place("a"), f.place("z"), 0), 0);
  assert.is(dPath(directory, f.vfs.root), "/z/new");
  assert.is(renameName(f.context, f.place("z"), f.place("z/b/inside"), 0), -EINVAL);
  assert.is(removeDirectory(f.context, f.place("z/new")), 0);
  assert.is(dPath(directory, f.vfs.root), "/z/new (deleted)");
  f.context.cwd = directory;
  assert.is(f.find("x"), -ENOENT);
  assert.is(f.tryOpen("x", O_RDWR | O_CREAT), -ENOENT);
  assert.is(makeDirectory(f.context, f.place("x"), 0o755), -ENOENT);
  assert.is(where(f, ".."), "/z");
});

test.run();
