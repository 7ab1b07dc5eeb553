/** `pagewalk merge FILE...`: the shards of a sweep, put together. */
import { readFileSync } from "node:fs";
import { errorText } from "../kernel/index.ts";
import { mergeSweeps, type NamedSweep, type SweepReport, sweepError } from "../observe/index.ts";
import type { Command } from "./command.ts";
import { UsageError } from "./failure.ts";
import { errnoOf } from "./node-tree.ts";
import type { Parsed } from "./options.ts";
import { JsonReport } from "./report.ts";
import { showSweep } from "./sweep.ts";

export const merge: Command = {
  name: "merge",
  operands: "FILE...",
  summary: "Joins the --json files of a sweep's shards: the table and the JSON that one run of all would give",
  options: [["", "json=FILE", "the whole report as JSON; - for standard output"]],
  run: mergeFiles,
};

function mergeFiles(parsed: Parsed): number {
  if (parsed.operands.length === 0) throw new UsageError("merge: no file given");
  const sweeps = parsed.operands.map(readSweep);
  let whole: SweepReport;
  try {
    whole = mergeSweeps(sweeps);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`merge: ${error.message}`);
  }
  const json = JsonReport.open(parsed);
  showSweep(whole, parsed);
  json?.write(whole);
  return 0;
}

/** Throws UsageError naming the file. */
function readSweep(name: string): NamedSweep {
  let text: string;
  try {
    text = readFileSync(name, "utf8");
  } catch (error) {
    throw new UsageError(`merge: ${name}: ${errorText(-errnoOf(error))}`);
  }
  if (text.trim() === "") throw new UsageError(`merge: ${name}: it is empty; its shard has not finished`);
  let report: unknown;
  try {
    report = JSON.parse(text);
  } catch {
    throw new UsageError(`merge: ${name}: no JSON, or not all of it`);
  }
  const error = sweepError(report);
  if (error !== "") throw new UsageError(`merge: ${name}: ${error}`);
  return { name, report: report as SweepReport };
}
