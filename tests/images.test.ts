import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Image, loadImages, runNatively, runUnderQemu } from "./images.ts";
import { haveCommand, haveNativeI386, type Probe, testIf } from "./skip.ts";

const manifests = ["images/manifest.json", "bench/guests/manifest.json"].filter((path) => existsSync(path));
const images = manifests.flatMap(loadImages);
const ofImages = images.filter((image) => image.source.startsWith("images/"));

const lines = (path: string): string[] => readFileSync(path, "utf8").trimEnd().split("\n");

test("there are at least twelve programs and three kernels, and a demo", () => {
  assert.ok(ofImages.filter(({ kind }) => kind === "run").length >= 12);
  assert.ok(ofImages.filter(({ kind }) => kind === "boot").length >= 3);
  assert.ok(ofImages.some(({ name }) => name === "demo"));
  assert.is(new Set(ofImages.map(({ name }) => name)).size, ofImages.length);
});

test("every source is in a manifest and every ELF belongs to one", () => {
  const sources = ["images/run", "images/boot", "images/aout", "bench/guests"].filter((path) => existsSync(path));
  const present = sources.flatMap((path) =>
    readdirSync(path)
      .filter((file) => /\.[cS]$/.test(file))
      .map((file) => `${path}/${file}`),
  );
  assert.equal(present.sort(), images.map(({ source }) => source).sort());
  const elves = ["images/bin", "bench/guests/bin"].filter((path) => existsSync(path));
  const built = elves.flatMap((path) => readdirSync(path).map((file) => `${path}/${file}`));
  assert.equal(built.sort(), images.map(({ elf }) => elf).sort());
});

for (const image of images) {
  test(`${image.elf}: hash, lesson and size are as recorded`, () => {
    const elf = readFileSync(image.elf);
    assert.is(createHash("sha256").update(elf).digest("hex"), image.sha256);
    assert.is(lines(image.source)[0], `/* Lesson: ${image.lesson} */`);
    assert.ok(lines(image.source).length <= 70, "one lesson has at most 70 lines");
    assert.match(image.compiler, /^gcc /);
    assert.match(image.linker, /^GNU ld /);
    assert.ok(image.stdout.length > 0, "a lesson prints something");
  });
}

test("the committed ELFs are small and name no directory of the host", () => {
  const total = ofImages.reduce((sum, { elf }) => sum + statSync(elf).size, 0);
  assert.ok(total < 400_000, `${total} bytes`);
  for (const { elf } of images) assert.not.match(readFileSync(elf, "latin1"), /\/(work|home|root|tmp|build)\//);
});

/** The version line that decides the bytes, as images/build.mjs records it. */
function versionOf(command: string): string {
  const { stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
  return (stdout ?? "").split("\n")[0] ?? "";
}

/** A rebuild is comparable only with the compiler and the linker that are recorded. */
function haveRecordedTools(): Probe {
  if (haveCommand("gcc") !== true) return haveCommand("gcc");
  const linker = spawnSync("gcc", ["-print-prog-name=ld"], { encoding: "utf8" }).stdout.trim();
  const here = `${versionOf("gcc")} with ${versionOf(linker)}`;
  const other = images.find((image) => `${image.compiler} with ${image.linker}` !== here);
  return other === undefined ? true : `${here} is not what built ${other.elf}`;
}

/** gcc -m32 without a libc needs only libgcc.a for i386. */
function have32BitLibgcc(): Probe {
  const found = spawnSync("gcc", ["-m32", "-print-libgcc-file-name"], { encoding: "utf8" });
  return existsSync((found.stdout ?? "").trim()) ? true : "no 32-bit libgcc on this host";
}

const rebuild = haveRecordedTools() === true ? have32BitLibgcc() : haveRecordedTools();
testIf(rebuild, "a rebuild gives the same bytes", () => {
  const out = mkdtempSync(join(tmpdir(), "pagewalk-rebuild-"));
  try {
    const built = spawnSync(process.execPath, ["images/build.mjs", "--out", out], { encoding: "utf8" });
    assert.is(built.status, 0, built.stderr);
    for (const { elf } of images) assert.ok(readFileSync(join(out, elf)).equals(readFileSync(elf)), elf);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
});

function behaves(image: Image, run: (image: Image) => { stdout: string; status: number }): void {
  const { stdout, status } = run(image);
  assert.is(stdout, image.stdout);
  assert.is(status, image.status);
}

for (const image of images) {
  if (image.kind === "run") {
    testIf(haveNativeI386(), `${image.elf}: the processor does what the manifest says`, () => {
      behaves(image, runNatively);
      for (const other of image.also) behaves({ ...image, ...other }, runNatively);
    });
  } else if (image.kind === "boot") {
    testIf(haveCommand("qemu-system-i386"), `${image.elf}: QEMU does what the manifest says`, () => {
      behaves(image, runUnderQemu);
    });
  }
}

test.run();
