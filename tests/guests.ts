/**
 * The C programs of tests/guests/: static glibc programs, compiled where `gcc -m32` exists, whose output on the host's own
 * processor is the expectation for the emulator. Builds are kept in .cache/guests/.
 */

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Outcome, shellStatus } from "./images.ts";

/** One program. It takes no arguments, reads no input and uses no environment. */
export interface Guest {
  readonly name: string;
  readonly source: string;
  /** What it shows, from its first line. */
  readonly shows: string;
  /** It creates files in its working directory, so it wants a writable root. Others need only /proc and /dev. */
  readonly writesFiles: boolean;
  /** Run by another user it prints something else: "(as root)" in its first line. */
  readonly needsRoot: boolean;
  /** It maps huge pages, for which the kernel must be configured: "(huge pages)" in its first line. */
  readonly needsHugePages: boolean;
  /** The Linux that first did what it shows: "(Linux 6.17)" in its first line; [0, 0] if any does. */
  readonly since: readonly [major: number, minor: number];
}

const directory = "tests/guests";
const flags = "-m32 -static -O2 -std=gnu11 -Wall -Wextra -pthread".split(" ");

/** All guests by name. Throws if a first line is not `Shows: ...`. */
export function loadGuests(): Guest[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith(".c"))
    .sort()
    .map((file) => {
      const source = `${directory}/${file}`;
      const shows = /^\/\* Shows: (.*) \*\/\n/.exec(readFileSync(source, "utf8"))?.[1];
      if (shows === undefined) throw new Error(`${source}: the first line is no /* Shows: ... */`);
      const [, major = 0, minor = 0] = (/\(Linux (\d+)\.(\d+)\)/.exec(shows) ?? []).map(Number);
      return {
        name: file.slice(0, -2),
        source,
        shows,
        writesFiles: shows.includes("(root)"),
        needsRoot: shows.includes("(as root)"),
        needsHugePages: shows.includes("(huge pages)"),
        since: [major, minor],
      };
    });
}

/** Where the guest's ELF is or will be: the name holds a hash of its source, the headers, the flags and the compiler. */
function elfOf(guest: Guest): string {
  const compiler = spawnSync("gcc", ["-m32", "--version"], { encoding: "utf8" }).stdout ?? "";
  const headers = readdirSync(directory).filter((file) => file.endsWith(".h"));
  const inputs = [guest.source, ...headers.sort().map((file) => `${directory}/${file}`)].map((path) =>
    readFileSync(path, "utf8"),
  );
  const hash = createHash("sha256").update([compiler, ...flags, ...inputs].join("\0"));
  return resolve(".cache/guests", `${guest.name}-${hash.digest("hex").slice(0, 16)}`);
}

/** Compiles the guest unless that was done before; resolves to the path of its ELF, rejects with the compiler's words. */
export function buildGuest(guest: Guest): Promise<string> {
  const elf = elfOf(guest);
  if (existsSync(elf)) return Promise.resolve(elf);
  mkdirSync(".cache/guests", { recursive: true });
  const partial = `${elf}.${process.pid}`;
  return new Promise((done, failed) => {
    const compiler = spawn("gcc", [...flags, guest.source, "-lm", "-o", partial], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let words = "";
    compiler.stderr.on("data", (chunk) => {
      words += chunk;
    });
    compiler.on("error", failed);
    compiler.on("close", (status) => {
      if (status !== 0) return failed(new Error(words));
      renameSync(partial, elf);
      done(elf);
    });
  });
}

/** Builds all, two at a time. */
export async function buildGuests(guests: readonly Guest[]): Promise<Map<Guest, string>> {
  const waiting = [...guests];
  const built = new Map<Guest, string>();
  const worker = async () => {
    for (let guest = waiting.shift(); guest !== undefined; guest = waiting.shift()) {
      built.set(guest, await buildGuest(guest));
    }
  };
  await Promise.all([worker(), worker()]);
  return built;
}

/** Runs an ELF on the host's processor in an empty directory, stderr behind stdout. Throws if it hangs. */
export function runGuestNatively(elf: string, env: Record<string, string> = {}): Outcome {
  const cwd = mkdtempSync(join(tmpdir(), "pagewalk-guest-"));
  try {
    const { status, signal, stdout, stderr, error } = spawnSync(elf, { argv0: "guest", env, cwd, timeout: 30_000 });
    if (error) throw error;
    return { stdout: stdout.toString("latin1") + stderr.toString("latin1"), status: shellStatus(status, signal) };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
