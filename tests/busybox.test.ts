/**
 * Debian's static busybox does the same here as on the host's own Linux: both outputs, the exit status, and the files that
 * each command line leaves behind. The command lines are in tests/data/busybox-lines.txt: parted by blank lines, under headings. Each
 * runs as `sh -c LINE` among the files of `inputs`; nothing they print depends on the time, on process numbers or on where they run.
 */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { debianFile, haveDebianFile } from "./debian.ts";
import { differences, type Filling, fill, makeTree, readCommandLines, removeTree, runBoth } from "./side-by-side.ts";
import { allOf, haveNativeI386, testIf } from "./skip.ts";

const lines = readCommandLines("tests/data/busybox-lines.txt");

/** A small deterministic text: `count` lines of words from a linear congruential generator (Numerical Recipes). */
function words(count: number, seed: number): string {
  const stems = "page frame table entry fault walk tlb cache dirty user write fetch stack heap fork".split(" ");
  let state = seed >>> 0;
  const next = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let text = "";
  for (let i = 0; i < count; i++) {
    text += `${stems[next(stems.length)]} ${next(1000)} ${stems[next(stems.length)]}${next(10)}\n`;
  }
  return text;
}

const everyByte = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join("");

const inputs: Filling = {
  words: { text: words(200, 1) },
  long: { text: words(4000, 7) },
  numbers: { text: "10\n9\n-3\n1e2\n0x1f\n7\n007\n3.25\n" },
  table: { text: "name:age:town\nada:36:london\nalan:41:wilmslow\ngrace:85:arlington\nedsger:72:nuenen\n" },
  bytes: { text: everyByte + everyByte },
  empty: { text: "" },
  tabs: { text: "a\tb\tc\n\tindented\n    four\n        eight\nx\ty z\n" },
  "old.c": { text: "int main(void)\n{\n  int a = 1;\n  int b = 2;\n  return a + b;\n}\n" },
  "new.c": { text: "int main(void)\n{\n  int a = 1;\n  int c = 3;\n  return a + c;\n  // end\n}\n" },
  script: { text: 'echo "$# $1 $2"\nshift\necho "$@"\nexit 3\n', mode: 0o755 },
  "tree/a/one.txt": { text: "one\n" },
  "tree/a/two.txt": { text: "two two\n" },
  "tree/b/three.dat": { text: "three three three\n", mode: 0o600 },
  "tree/b/deep/four.txt": { text: "four\n" },
  "tree/link": { linkTo: "a/one.txt" },
  "tree/dangling": { linkTo: "nowhere" },
  "tree/empty": "directory",
};

const busybox = debianFile("busybox-static", "bin/busybox");
const probe = allOf(haveDebianFile("busybox-static", "bin/busybox"), haveNativeI386());

test("there are enough command lines", () => {
  assert.ok(lines.length >= 100);
});

function makeBusyboxTree(): string {
  const tree = makeTree();
  // popen() of the C library runs /bin/sh; on the host that is the host's.
  fill(tree, { "bin/busybox": { copyOf: busybox }, "bin/sh": { linkTo: "busybox" } });
  return tree;
}

const root = probe === true ? makeBusyboxTree() : "";
test.after(() => removeTree(root));

for (const { area, line } of lines) {
  testIf(probe, `${area}: ${line}`, () => {
    const env = { PATH: "/none", HOME: "/", TZ: "UTC" };
    const both = runBoth(root, inputs, { program: "bin/busybox", argv: ["sh", "-c", line], env });
    assert.is(differences(both), "");
  });
}

test.run();
