/** The package as its users get it: built by build.mjs into a directory of its own, once per test process. */

import { type SpawnSyncOptions, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shellStatus } from "./images.ts";

let built: string | undefined;

/** A directory in which `import "pagewalk"` finds the package; removed when the process ends. */
export function packageDirectory(): string {
  if (built !== undefined) return built;
  const directory = mkdtempSync(join(tmpdir(), "pagewalk-package-"));
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  const home = join(directory, "node_modules", "pagewalk");
  mkdirSync(home, { recursive: true });
  copyFileSync("package.json", join(home, "package.json"));
  const { status, stderr } = spawnSync(process.execPath, ["build.mjs", "--quick", "--out", join(home, "dist")]);
  if (status !== 0) throw new Error(`build.mjs: ${stderr}`);
  built = directory;
  return directory;
}

/** The command's file, for `node`. */
export function commandFile(): string {
  return join(packageDirectory(), "node_modules", "pagewalk", "dist", "pagewalk.mjs");
}

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** As a shell shows it. */
  readonly status: number;
}

/** Runs `pagewalk WORDS...` to its end. Throws if it cannot be started or takes longer than 60 s. */
export function pagewalk(words: readonly string[], options: SpawnSyncOptions = {}): CommandResult {
  const node = [commandFile(), ...words];
  const { status, signal, stdout, stderr, error } = spawnSync(process.execPath, node, { timeout: 60_000, ...options });
  if (error) throw error;
  return { stdout: String(stdout), stderr: String(stderr), status: shellStatus(status, signal) };
}
