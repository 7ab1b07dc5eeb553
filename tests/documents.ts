/**
 * The pages for users, with what is generated in them as it should be now: two whole pages, and every code block behind a
 * marker comment:
 *
 *     <!-- pagewalk run --help -->     what that command prints, standard error behind standard output
 *     <!-- example -->                 what the page's first js block prints
 */

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { instructionPage } from "./instruction-page.ts";
import { packageDirectory, pagewalk } from "./package.ts";
import { syscallPage } from "./syscall-page.ts";

const generated: Readonly<Record<string, () => string>> = {
  "docs/instructions.md": instructionPage,
  "docs/syscalls.md": syscallPage,
};

/** Every page for users, relative to the top of the project. */
export function documentFiles(): string[] {
  const pages = readdirSync("docs").filter((name) => name.endsWith(".md"));
  const docs = new Set(pages.map((name) => `docs/${name}`));
  for (const file of Object.keys(generated)) docs.add(file);
  return ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "images/README.md", "bench/guests/README.md", ...docs];
}

/** The first js block of a page, verbatim. */
export function exampleOf(page: string): string {
  return /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
}

/** Runs an example in the top directory with the package installed beside it. */
export function runExample(example: string): string {
  const file = join(packageDirectory(), "example.mjs");
  writeFileSync(file, example);
  const { stdout, stderr, status } = spawnSync(process.execPath, [file], { encoding: "utf8", timeout: 60_000 });
  if (status !== 0 || stderr !== "") throw new Error(`the example ends with ${status}:\n${stderr}`);
  return stdout;
}

function output(marker: string, page: string): string {
  if (marker === "example") return runExample(exampleOf(page));
  const { stdout, stderr } = pagewalk(marker.split(" ").slice(1));
  return stdout + stderr;
}

/** A page as it should be. */
export function currentDocument(file: string): string {
  const whole = generated[file];
  if (whole !== undefined) return whole();
  const page = readFileSync(file, "utf8");
  const block = /(<!-- (example|pagewalk [^\n]*) -->\n+```\n)[^`]*(```)/g;
  return page.replace(block, (_, start: string, marker: string, end: string) => start + output(marker, page) + end);
}
