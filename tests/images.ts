/** The guest programs of images/ and bench/guests/ and how this host itself runs them. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** One entry of a manifest; images/README.md explains the fields. Paths are relative to the top of the project. */
export interface Image {
  readonly name: string;
  /** A Linux program for `pagewalk run`, a multiboot kernel for `pagewalk boot`, or a Linux program in the a.out format. */
  readonly kind: "run" | "boot" | "aout";
  readonly source: string;
  readonly elf: string;
  readonly lesson: string;
  readonly compiler: string;
  readonly linker: string;
  readonly sha256: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  /** One character per byte (latin1). */
  readonly stdout: string;
  /** Exit status as a shell shows it: 128 + n if signal n killed the program. */
  readonly status: number;
  /** Further runs of the same program with other arguments. */
  readonly also: readonly (Outcome & { readonly args: readonly string[] })[];
}

export interface Outcome {
  readonly stdout: string;
  readonly status: number;
}

/** The programs of one manifest, `images/manifest.json` or `bench/guests/manifest.json`. */
export function loadImages(manifest: string): Image[] {
  const { images } = JSON.parse(readFileSync(manifest, "utf8")) as { images: Image[] };
  return images;
}

/** The exit status a shell would show. */
export function shellStatus(status: number | null, signal: NodeJS.Signals | null): number {
  return status ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

/** Runs a Linux image on the host's processor in an empty directory. Throws if it cannot be started or hangs. */
export function runNatively(image: Image): Outcome {
  const cwd = mkdtempSync(join(tmpdir(), "pagewalk-image-"));
  try {
    const options = { argv0: image.name, env: { ...image.env }, input: image.stdin, cwd, timeout: 90_000 };
    const { status, signal, stdout, error } = spawnSync(resolve(image.elf), [...image.args], options);
    if (error) throw error;
    return { stdout: stdout.toString("latin1"), status: shellStatus(status, signal) };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** Runs a kernel under QEMU, whose isa-debug-exit device gives the exit status. */
export function runUnderQemu(image: Image): Outcome {
  const machine = "-device isa-debug-exit,iobase=0xf4,iosize=4 -serial stdio -display none -no-reboot".split(" ");
  const args = [...machine, "-kernel", image.elf];
  const { status, signal, stdout, error } = spawnSync("qemu-system-i386", args, { timeout: 90_000 });
  if (error) throw error;
  return { stdout: stdout.toString("latin1"), status: shellStatus(status, signal) };
}
