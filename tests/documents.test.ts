/** The pages for users say what is true now. */

import { existsSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createMachine } from "../observe/index.ts";
import { currentDocument, documentFiles } from "./documents.ts";

const pages = new Map(documentFiles().map((file) => [file, readFileSync(file, "utf8")]));

for (const [file, page] of pages) {
  test(`${file} is current (npm run docs)`, () => {
    assert.is(page, currentDocument(file));
  });

  test(`${file}: links lead to files, headings and paths that are there`, () => {
    const complaints: string[] = [];
    const text = page.replace(/```[\s\S]*?```/g, "");
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path, heading] = target.split("#");
      const linked = path === "" ? file : posix.join(posix.dirname(file), path);
      if (!existsSync(linked)) complaints.push(target);
      else if (heading !== undefined && !headings(linked).includes(heading)) complaints.push(target);
    }
    for (const [, path] of text.matchAll(/`((?:mmu|emu|kernel|observe|cli|tests|bench|images|docs)\/[\w./-]*\w)`/g)) {
      if (!existsSync(path)) complaints.push(path);
    }
    assert.equal(complaints, []);
  });

  test(`${file}: lines of at most 140 characters outside of tables and blocks`, () => {
    const text = page.replace(/```[\s\S]*?```/g, "");
    const long = text.split("\n").filter((line) => line.length > 140 && !line.startsWith("|"));
    assert.equal(long, []);
  });
}

function headings(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, text]) =>
    text
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replace(/\s/g, "-"),
  );
}

test("docs/counters.md names every field of the counters", () => {
  const machine = createMachine({ mem: 16 << 20 }).load(readFileSync("images/bin/hello"));
  machine.run();
  const { mmu, faults, processes, ...others } = machine.counters;
  const fields = [
    ...Object.keys(others),
    "mmu",
    ...Object.keys(mmu),
    "faults",
    ...Object.keys(faults),
    ...Object.keys(processes).map((name) => `processes.${name}`),
  ];
  const page = pages.get("docs/counters.md") ?? "";
  assert.equal(
    fields.filter((field) => !page.includes(`\`${field}\``)),
    [],
  );
});

test("the tour visits every room", () => {
  const page = pages.get("docs/tour.md") ?? "";
  for (const room of ["mmu", "emu", "emu/isa", "emu/instructions", "emu/x87", "kernel", "observe", "cli"]) {
    assert.match(page, `\`${room}/`);
  }
  for (const part of ["mm", "task", "fs", "binfmt", "syscall", "time"]) assert.match(page, `\`kernel/${part}/`);
});

test.run();
