/** Curves and working sets as text: which sizes are shown, what is left out. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { execute } from "../cli/execute.ts";
import { UsageError } from "../cli/failure.ts";
import { type MissCurvesReport, missCurvesText, type SetCurves, workingSetText } from "../observe/index.ts";

const region = (name: string, most: number) => ({
  pid: 2,
  region: name,
  misses: [[1, most] as const, [3, 1] as const],
});

function curves(sets: number, most: number): SetCurves {
  return {
    sets,
    misses: [
      [1, most],
      [3, 100],
      [6, 7],
    ],
    regions: [region("[heap]", 40), region("[stack]", 30), region("[anon]", 5)],
  };
}

const lines = (text: string): string[] => text.split("\n").map((line) => line.trim().replace(/ {2,}/g, " | "));

test("sizes are powers of two up to the last that misses less", () => {
  const report: MissCurvesReport = { fetch: [curves(1, 500)], data: [curves(1, 4000)] };
  assert.equal(lines(missCurvesText(report, 10_000, 2)).slice(0, 7), [
    "",
    "LRU entries | fetch misses | per 1,000 | data misses | per 1,000",
    "1 | 500 | 50.000 | 4,000 | 400.000",
    "2 | 500 | 50.000 | 4,000 | 400.000",
    "4 | 100 | 10.000 | 100 | 10.000",
    "8 | 7 | 0.700 | 7 | 0.700",
    "",
  ]);
});

test("regions: the most misses first, the rest counted", () => {
  const text = missCurvesText({ fetch: [], data: [curves(1, 4000)], unified: [] }, 0, 2);
  assert.equal(lines(text).slice(-6), [
    "",
    "data misses by region | 1 entry | 2 entries | 4 entries | 8 entries",
    "2 [heap] | 40 | 40 | 1 | 1",
    "2 [stack] | 30 | 30 | 1 | 1",
    "and 1 more",
    "",
  ]);
});

test("several numbers of sets: a table of sets by ways; without one set none of entries", () => {
  const report: MissCurvesReport = { fetch: [], data: [curves(16, 900), curves(64, 300)] };
  const text = lines(missCurvesText(report, 1000, 1));
  assert.not.ok(text.some((line) => line.startsWith("LRU entries")));
  assert.ok(text.includes("data misses: sets | 1 way | 2 ways | 4 ways | 8 ways | 16 ways"));
  assert.ok(text.includes("16 | 900 | 900 | 100 | 7 | 7"));
  assert.ok(text.includes("data misses by region | 16x1 | 16x2 | 16x4 | 16x8"));
});

test("working sets: mean and most of each window", () => {
  const sample = (pages: number) => ({ fetch: [1, 2], data: [pages, pages + 1], all: [pages + 1, pages + 3] });
  const report = { windows: [1024, 2048], samples: [sample(3), sample(10)], total: { fetch: 2, data: 20, all: 22 } };
  assert.equal(lines(workingSetText(report)), [
    "",
    "working set of, pages | fetch mean | most | data mean | most | all mean | most",
    "1,024 instructions | 1.0 | 1 | 6.5 | 10 | 7.5 | 11",
    "2,048 instructions | 2.0 | 2 | 7.5 | 11 | 9.5 | 13",
    "whole run | 2 | 20 | 22",
    "",
  ]);
});

test("options: what is allowed is said before anything runs", () => {
  const refused = (words: readonly string[], message: RegExp): void => {
    assert.throws(
      () => execute(["tlb", ...words, "images/bin/hello"]),
      (error: unknown) => error instanceof UsageError && message.test(error.message),
    );
  };
  for (const list of ["0", "1,,2", "x", "65537", "-4", "1.5"]) {
    refused([`--curve-sets=${list}`], /^--curve-sets .*: whole numbers from 1 to 65536 are allowed, such as 1,16,64$/);
  }
  for (const option of ["--curves", "--working-set", "--curve-unified"])
    refused(["--lookups", option], /--lookups cannot be/);
});

test.run();
