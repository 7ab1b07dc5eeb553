/** The i386 programs that `node tests/fetch-debian.mjs PACKAGE` has unpacked. Nothing is fetched from here. */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Probe } from "./skip.ts";

/** Absolute path of a file of a fetched package: `debianFile("busybox-static", "bin/busybox")`. */
export function debianFile(name: string, path: string): string {
  return resolve(".cache/debian", name, path);
}

/** Has that package been fetched, with that file in it? */
export function haveDebianFile(name: string, path: string): Probe {
  return existsSync(debianFile(name, path)) || `no .cache/debian/${name}: node tests/fetch-debian.mjs ${name}`;
}
