/** `pagewalk maps PROGRAM`: the address spaces at an instant, as pmap prints them, as JSON and as a picture. */
import { addressMap, addressMapSvg, pmapText } from "../observe/index.ts";
import type { Command } from "./command.ts";
import { UsageError } from "./failure.ts";
import { INSTANT_OPTIONS, instantOption, pidsOption, seeProgram } from "./instant.ts";
import { flagOption, type Parsed } from "./options.ts";
import { OutputFile } from "./output-file.ts";
import { PROGRAM_OPTIONS } from "./run.ts";
import { complain } from "./streams.ts";

/** Version of the JSON's shape. */
const SCHEMA = 1;

export const maps: Command = {
  name: "maps",
  operands: "PROGRAM [ARGS...]",
  summary: "Runs a program up to an instant and shows the address spaces there, on standard error",
  options: [
    ...INSTANT_OPTIONS,
    ["p", "pid=N+", "only this process; without it, all that there are"],
    ["", "pages", "a letter for each page"],
    ["o", "output=FILE", "write to FILE instead of standard error; - for standard output"],
    ["", "svg=FILE", "a picture of the address spaces"],
    ["", "json=FILE", "mappings, pages, page tables and sharing as JSON"],
    ...PROGRAM_OPTIONS,
  ],
  run: mapProgram,
};

function mapProgram(parsed: Parsed): number {
  const pids = pidsOption(parsed);
  const instant = instantOption(parsed);
  const output = OutputFile.open(parsed, "output");
  const svg = OutputFile.open(parsed, "svg");
  const { seen, status, program } = seeProgram(parsed, "maps", instant, ({ kernel }) => {
    const map = addressMap(kernel, pids);
    const missing = pids?.find((pid) => map.processes.every((process) => process.pid !== pid));
    if (missing !== undefined) throw new UsageError(`--pid ${missing}: no such process has memory then`);
    return map;
  });
  OutputFile.expectApart(output, svg, program.json?.file);
  const text = pmapText(seen, flagOption(parsed, "pages") ? "pages" : "regions");
  if (output === undefined) complain(text);
  else output.replace(text);
  svg?.replace(addressMapSvg(seen));
  program.json?.write({ schema: SCHEMA, ...seen });
  return status;
}
