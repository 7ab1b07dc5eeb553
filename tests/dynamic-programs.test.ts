/**
 * Debian's own dynamic programs, through their own dynamic loader, do the same here as on the host's own Linux: both outputs, the
 * exit status, and the files that each command line of tests/data/dynamic-lines.txt leaves behind. Their tree holds nothing but
 * the unpacked packages; on the host it has neither /proc nor devices.
 */

import { cpSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { debianFile, haveDebianFile } from "./debian.ts";
import {
  differences,
  fill,
  haveChangeOfRoot,
  makeTree,
  readCommandLines,
  removeTree,
  runBoth,
} from "./side-by-side.ts";
import { allOf, haveNativeI386, testIf } from "./skip.ts";

/** .ci/run fetches the same. */
const packages = [
  "libc6 libgcc-s1 bash libtinfo6 dash coreutils libacl1 libattr1 libgmp10 libselinux1 libpcre2-8-0 sed grep mawk bc",
  "perl-base libcrypt1 lua5.4 libreadline8 sqlite3 libsqlite3-0 zlib1g",
].flatMap((names) => names.split(" "));

const probe = allOf(haveNativeI386(), haveChangeOfRoot(), ...packages.map((name) => haveDebianFile(name, ".")));
function makePackageTree(): string {
  const tree = makeTree();
  for (const name of packages) cpSync(debianFile(name, "."), tree, { recursive: true, verbatimSymlinks: true });
  fill(tree, {
    "etc/passwd": { text: "root:x:0:0:root:/:/bin/bash\nnobody:x:1:1::/:/bin/false\n" },
    "dev/null": { text: "" },
  });
  return tree;
}

const root = probe === true ? makePackageTree() : "";
test.after(() => removeTree(root));

for (const { area, line } of readCommandLines("tests/data/dynamic-lines.txt")) {
  testIf(probe, `${area}: ${line}`, () => {
    const env = { PATH: "/usr/bin:/bin", HOME: "/", LC_ALL: "C", TZ: "UTC" };
    const command = { program: "bin/bash", argv: ["/bin/bash", "-c", `cd /work; ${line}`], env, confined: true };
    assert.is(differences(runBoth(root, {}, command)), "");
  });
}

test.run();
