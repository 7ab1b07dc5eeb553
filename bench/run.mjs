// Runs benches: `npm run bench [-- [--list] NAME...]`. A name selects bench/*.bench.ts whose name contains it; none
// selects all. Builds dist/ first, because some benches measure the command as installed. One bench at a time, each in
// a process of its own.

import { spawnSync } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { bundle, bundleOf, removeBundles, root } from "../tests/bundle.mjs";

const words = process.argv.slice(2);
const names = words.filter((word) => word !== "--list");
const benches = (await readdir(join(root, "bench")))
  .filter((file) => file.endsWith(".bench.ts"))
  .filter((file) => names.length === 0 || names.some((name) => file.includes(name)))
  .sort();

const node = (args) => spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" }).status ?? 1;

async function runBenches() {
  const files = benches.map((bench) => `bench/${bench}`);
  if (node(["build.mjs", "--quick"]) !== 0) return 1;
  await bundle(files);
  let failed = 0;
  for (const file of files) {
    console.log(`\n== ${file}`);
    if (node(["--enable-source-maps", bundleOf(file)]) !== 0) failed++;
  }
  if (failed > 0) console.error(`${failed} of ${files.length} benches failed`);
  return failed > 0 ? 1 : 0;
}

if (benches.length === 0) {
  console.error(`no bench matches ${names.join(" ") || "bench/*.bench.ts"}`);
  process.exitCode = 1;
} else if (words.includes("--list")) {
  for (const bench of benches) console.log(bench.replace(/\.bench\.ts$/, ""));
} else {
  try {
    process.exitCode = await runBenches();
  } finally {
    await removeBundles();
  }
}
