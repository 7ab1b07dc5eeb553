// Is what `npm publish` would upload complete? Packs the project, installs the tarball in an empty directory, loads every
// entry of the exports map, type-checks a consumer of them and runs the command: `node tests/tarball.mjs`.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function run(command, args, cwd) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", timeout: 120_000 });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: exit status ${status}\n${stdout}${stderr}`);
  return stdout;
}

const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
const entries = Object.entries(manifest.exports)
  .filter(([, value]) => typeof value === "object")
  .map(([name]) => name.replace(/^\./, manifest.name));

const consumer = `${entries.map((entry, index) => `import * as room${index} from "${entry}";`).join("\n")}
console.log(${entries.map((_, index) => `Object.keys(room${index}).length`).join(", ")});
`;
/** What only the compiler reads: events are known by name, and have their types. */
const typedConsumer = `${consumer}
const machine = room0.createMachine({ translation: "plain" });
const addresses: number[] = [];
machine.on("hit", ({ address }) => addresses.push(address));
machine.on("miss", ({ address, access, by }) => access === "fetch" && by === "program" && addresses.push(address));
machine.on("walk", ({ reads, writes, clocks }) => addresses.push(reads + writes + clocks));
machine.on("evict", ({ tlb, size }: room0.MachineEvents["evict"]) => size === "4M" && addresses.push(tlb.length));
machine.on("flush", ({ cause, address }) => cause === "invlpg" && addresses.push(address ?? 0));
machine.on("fault", ({ address, kind }) => kind === "COW copy" && addresses.push(address));
// @ts-expect-error: no such event
machine.on("mis", () => {});
`;
const compilerOptions = {
  module: "nodenext",
  target: "es2022",
  lib: ["es2022", "dom"],
  types: [],
  strict: true,
  noEmit: true,
  skipLibCheck: false,
};

const work = await mkdtemp(join(tmpdir(), "pagewalk-tarball-"));
try {
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--silent", "--pack-destination", work], root));
  await writeFile(join(work, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  run("npm", ["install", "--no-audit", "--no-fund", join(work, packed.filename)], work);

  await writeFile(join(work, "consumer.ts"), typedConsumer);
  await writeFile(join(work, "consumer.mjs"), consumer);
  await writeFile(join(work, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
  const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
  run(process.execPath, [join(typescript, "bin", "tsc"), "-p", "."], work);
  console.log(`exports per entry: ${run(process.execPath, ["consumer.mjs"], work).trim()}`);

  const command = join(work, "node_modules", ".bin", manifest.name);
  if (!existsSync(command)) throw new Error(`the tarball installs no ${manifest.name}`);
  console.log(run(command, ["--version"], work).trim());
  console.log(`${packed.filename}: ${packed.files.length} files, ${(packed.size / 1024).toFixed(0)} KiB packed`);
} finally {
  await rm(work, { recursive: true, force: true });
}
