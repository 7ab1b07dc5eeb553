/** Contents of files against a naive model: tmpfs, the overlay, the write-through root; names against a map of paths. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { NodeTree } from "../cli/node-tree.ts";
import { EEXIST, ENOENT } from "../kernel/errno.ts";
import { O_CREAT, O_RDWR, SEEK_DATA, SEEK_HOLE } from "../kernel/fs/file.ts";
import { KernelIter } from "../kernel/fs/iov-iter.ts";
import { MemoryTree } from "../kernel/fs/memory-tree.ts";
import { removeName, renameName } from "../kernel/fs/naming.ts";
import { truncateInode } from "../kernel/fs/regular-file.ts";
import { bytesOf, readText, textOf, VfsFixture, writeText } from "./fs-rig.ts";

const position = fc.oneof(fc.nat(20000), fc.constantFrom(0, 4095, 4096, 4097, 8191, 8192, 12288));
const operation = fc.oneof(
  fc.record({
    kind: fc.constant("write" as const),
    at: position,
    length: fc.nat(9000),
    byte: fc.integer({ min: 1, max: 255 }),
  }),
  fc.record({ kind: fc.constant("truncate" as const), at: position }),
  fc.record({ kind: fc.constant("read" as const), at: position, length: fc.nat(9000) }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** Runs the operations on a file that starts with `initial` and compares with an array of bytes after each. */
function compare(f: VfsFixture, path: string, initial: Uint8Array, operations: Operation[]): Uint8Array {
  let model = initial.slice();
  const resize = (size: number) => {
    const resized = new Uint8Array(size);
    resized.set(model.subarray(0, size));
    model = resized;
  };
  const file = f.open(path, O_RDWR | O_CREAT);
  for (const op of operations) {
    if (op.kind === "write") {
      if (op.length > 0 && op.at + op.length > model.length) resize(op.at + op.length);
      model.fill(op.byte, op.at, op.at + op.length);
      assert.is(file.write(new KernelIter(new Uint8Array(op.length).fill(op.byte)), op.at), op.length);
    } else if (op.kind === "truncate") {
      resize(op.at);
      assert.is(truncateInode(file.inode, op.at), 0);
    } else {
      assert.is(readText(file, op.at, op.length), textOf(model.subarray(op.at, op.at + op.length)));
    }
    assert.is(file.inode.size, model.length);
  }
  const all = new Uint8Array(model.length + 10);
  assert.is(file.read(new KernelIter(all), 0), model.length);
  assert.equal(all.subarray(0, model.length), model);
  file.put();
  return model;
}

const seed = Number(process.env.SEED ?? 20240607);
const options = { seed, numRuns: 150 };
console.log(`seed ${seed}`);

test("contents in tmpfs", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 20 }), (operations) => {
      compare(new VfsFixture(null), "/tmp/file", new Uint8Array(0), operations);
    }),
    options,
  );
});

test("contents over a lower file", () => {
  const initial = Uint8Array.from({ length: 9999 }, (_, i) => 1 + (i % 251));
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 20 }), (operations) => {
      compare(new VfsFixture(new MemoryTree().addFile("file", initial)), "file", initial, operations);
    }),
    options,
  );
});

test("contents written through to the host", () => {
  const directory = mkdtempSync(join(tmpdir(), "pagewalk-fs-"));
  try {
    const initial = Uint8Array.from({ length: 9999 }, (_, i) => 1 + (i % 251));
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 12 }), (operations) => {
        writeFileSync(join(directory, "file"), initial);
        const f = new VfsFixture(new NodeTree(directory, "write"), "writable");
        const model = compare(f, "file", initial, operations);
        assert.equal(new Uint8Array(readFileSync(join(directory, "file"))), model);
      }),
      { ...options, numRuns: 40 },
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});

/** Names of three directories; a step makes, removes or moves a file. The model is a map from path to content. */
const paths = ["d/a", "d/b", "e/a", "e/b", "a", "b"];
const step = fc.oneof(
  fc.record({ kind: fc.constant("create" as const), path: fc.constantFrom(...paths) }),
  fc.record({ kind: fc.constant("remove" as const), path: fc.constantFrom(...paths) }),
  fc.record({ kind: fc.constant("rename" as const), path: fc.constantFrom(...paths), to: fc.constantFrom(...paths) }),
);

test("names over a lower tree", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const tree = new MemoryTree()
        .addFile("d/a", bytesOf("da"))
        .addFile("e/b", bytesOf("eb"))
        .addFile("b", bytesOf("b"));
      const f = new VfsFixture(tree.addDirectory("empty"));
      const model = new Map([
        ["d/a", "da"],
        ["e/b", "eb"],
        ["b", "b"],
      ]);
      steps.forEach((one, i) => {
        if (one.kind === "create") {
          const file = f.open(one.path, O_CREAT | O_RDWR);
          if (!model.has(one.path)) {
            writeText(file, 0, `new${i}`);
            model.set(one.path, `new${i}`);
          }
          file.put();
        } else if (one.kind === "remove") {
          assert.is(removeName(f.context, f.place(one.path)), model.delete(one.path) ? 0 : -ENOENT);
        } else {
          const content = model.get(one.path);
          assert.is(renameName(f.context, f.place(one.path), f.place(one.to), 0), content === undefined ? -ENOENT : 0);
          if (content !== undefined && one.to !== one.path) {
            model.delete(one.path);
            model.set(one.to, content);
          }
        }
        for (const path of paths) {
          const content = model.get(path);
          if (content === undefined) assert.is(f.find(path), -ENOENT, path);
          else assert.is(f.read(path), content, path);
        }
        for (const directory of ["d", "e"]) {
          const expected = [...model.keys()]
            .filter((path) => path.startsWith(`${directory}/`))
            .map((path) => path.slice(2));
          assert.is(f.names(directory), expected.sort().join(" "));
        }
      });
      assert.is(f.tryOpen("d/a", O_CREAT | O_RDWR | 0o200) === -EEXIST, model.has("d/a"));
    }),
    options,
  );
});

test("holes are found", () => {
  const f = new VfsFixture(null);
  const file = f.open("/tmp/holes", O_CREAT | O_RDWR);
  writeText(file, 8192 + 5, "data");
  truncateInode(file.inode, 40000);
  assert.is(file.seek(0, SEEK_DATA), 8192);
  assert.is(file.seek(9000, SEEK_DATA), 9000);
  assert.is(file.seek(9000, SEEK_HOLE), 12288);
  assert.is(file.seek(0, SEEK_HOLE), 0);
  assert.is(file.seek(12288, SEEK_DATA), -6);
  assert.is(file.seek(40000, SEEK_HOLE), -6);
  assert.is(file.inode.blocks, 8);
  truncateInode(file.inode, 2 ** 50);
  assert.is(file.seek(13000, SEEK_DATA), -6, "without looking at every page of a petabyte");
  file.put();
});

test.run();
