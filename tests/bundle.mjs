// Bundles TypeScript files for `node`, for tests/run.mjs and bench/run.mjs.

import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { constants } from "../constants.mjs";

/** The project root, which is also the working directory of every test and bench. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where the bundles of this run go: inside the project, so that packages resolve. */
const outdir = join(root, "dist-tests", String(process.pid));

/** Bundles the files (relative to the root); what several of them import is loaded from shared chunks. */
export async function bundle(files) {
  await mkdir(outdir, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: files,
    outdir,
    outbase: root,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    // As in build.mjs: the tests run what users run.
    minifySyntax: true,
    plugins: [constants],
    sourcemap: "inline",
    outExtension: { ".js": ".mjs" },
    logLevel: "silent",
  });
}

/** The bundle of a file. */
export const bundleOf = (file) => join(outdir, file.replace(/\.ts$/, ".mjs"));

/** Removes this run's bundles. */
export const removeBundles = () => rm(outdir, { recursive: true, force: true });
