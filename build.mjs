// Builds pagewalk: `node build.mjs [--quick] [--out DIR] [images]`.
//   (nothing)   dist/<room>.mjs, dist/pagewalk.mjs and dist/types
//   --quick     the same without dist/types
//   --out DIR   into DIR instead of dist; only with --quick
//   images      rebuilds the guest programs under images/ instead

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, readdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { constants } from "./constants.mjs";

const root = dirname(fileURLToPath(import.meta.url));
const { quick, images, dist } = parseArguments(process.argv.slice(2));

function parseArguments(words) {
  const parsed = { quick: false, images: false, dist: join(root, "dist") };
  for (let i = 0; i < words.length; i++) {
    if (words[i] === "--quick") parsed.quick = true;
    else if (words[i] === "images") parsed.images = true;
    else if (words[i] === "--out" && i + 1 < words.length) parsed.dist = resolve(words[++i]);
    else usage(`unknown argument ${words[i]}`);
  }
  if (parsed.dist !== join(root, "dist") && !parsed.quick) usage("--out wants --quick");
  return parsed;
}

function usage(complaint) {
  console.error(`build.mjs: ${complaint}; usage: node build.mjs [--quick] [--out DIR] [images]`);
  process.exit(2);
}

/** Rooms that a browser can load: files, sockets and clocks come in through interfaces. */
const libraryRooms = ["mmu", "emu", "kernel", "observe"];

const shared = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  target: "es2022",
  sourcemap: true,
  sourcesContent: false,
  outExtension: { ".js": ".mjs" },
  // Inlines numeric constants across modules: a switch over them becomes a jump table.
  minifySyntax: true,
  plugins: [constants],
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};

const entryOf = (room) => `${room}/index.ts`;
const present = (rooms) => rooms.filter((room) => existsSync(join(root, entryOf(room))));

/** One copy of every module is shared by the rooms: code splitting puts it into dist/chunks. */
async function buildLibrary() {
  const rooms = present(libraryRooms);
  if (rooms.length === 0) return [];
  const { metafile } = await build({
    ...shared,
    entryPoints: Object.fromEntries(rooms.map((room) => [room, entryOf(room)])),
    outdir: dist,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    platform: "neutral",
  });
  for (const room of rooms) await assertBrowserSafe(room);
  return outputsOf(metafile);
}

/** Absolute paths of what a build wrote. */
const outputsOf = (metafile) => Object.keys(metafile.outputs).map((path) => resolve(root, path));

/** A browser has no node: modules, so bundling a room for one must succeed without externals. */
async function assertBrowserSafe(room) {
  await build({ ...shared, entryPoints: [entryOf(room)], platform: "browser", write: false, outdir: dist });
}

/** The command is one file; CommonJS inside it (node-getopt) needs `require`. */
async function buildCommand() {
  if (!existsSync(join(root, "cli/main.ts"))) return [];
  const outfile = join(dist, "pagewalk.mjs");
  const { metafile } = await build({
    ...shared,
    entryPoints: ["cli/main.ts"],
    // Reading the file is the largest part of a short run.
    minify: true,
    outfile,
    platform: "node",
    banner: {
      js: [
        "#!/usr/bin/env node",
        'import { createRequire as __createRequire } from "node:module";',
        "const require = __createRequire(import.meta.url);",
      ].join("\n"),
    },
    outExtension: undefined,
  });
  await chmod(outfile, 0o755);
  return outputsOf(metafile);
}

/** Removes the bundles of earlier builds, after the new ones are in place: somebody may be running the old. */
async function removeOthers(outputs) {
  for (const name of await readdir(dist, { recursive: true })) {
    const path = join(dist, name);
    if (/\.mjs(\.map)?$/.test(path) && !outputs.includes(path)) await rm(path);
  }
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

async function buildTypes() {
  await rm(join(dist, "types"), { recursive: true, force: true });
  if (present(libraryRooms).length === 0) return;
  const require = createRequire(import.meta.url);
  const tsc = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
  run(process.execPath, [tsc, "-p", "tsconfig.types.json"]);
}

function buildImages() {
  const script = join(root, "images", "build.mjs");
  if (!existsSync(script)) throw new Error("images/build.mjs does not exist");
  run(process.execPath, [script]);
}

if (images) {
  buildImages();
} else {
  const outputs = [...(await buildLibrary()), ...(await buildCommand())];
  if (outputs.length > 0) await removeOthers(outputs);
  if (!quick) await buildTypes();
}
