/** From the words of the command line to the subcommand. */

import manifest from "../package.json" with { type: "json" };
import { boot } from "./boot.ts";
import type { Command } from "./command.ts";
import { UsageError } from "./failure.ts";
import { faults } from "./faults.ts";
import { maps } from "./maps.ts";
import { merge } from "./merge.ts";
import { optionHelp, parseOptions, parseScattered } from "./options.ts";
import { run } from "./run.ts";
import { print } from "./streams.ts";
import { tlb } from "./tlb.ts";
import { walk } from "./walk.ts";

const commands: readonly Command[] = [run, boot, tlb, merge, faults, walk, maps];

function overview(): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  return [
    "Usage: pagewalk COMMAND [options] ...",
    "",
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    "",
    "  pagewalk COMMAND --help  the options of a command",
    "  pagewalk --version       the version",
    "",
  ].join("\n");
}

function commandHelp(command: Command): string {
  return [
    `Usage: pagewalk ${command.name} [options] ${command.optionsStand === "anywhere" ? "" : "[--] "}${command.operands}`,
    "",
    command.summary,
    "",
    optionHelp(command.options),
    "",
  ].join("\n");
}

/**
 * Executes a command line, without `pagewalk`, and returns the exit status. Throws Failure, HostMemoryError, or whatever
 * shows a mistake of this program.
 */
export function execute(words: readonly string[]): number {
  const [first, ...rest] = words;
  if (first === "--help" || first === "-h" || first === "help") {
    print(overview());
    return 0;
  }
  if (first === "--version" || first === "-V") {
    print(`${manifest.version}\n`);
    return 0;
  }
  if (first === undefined) throw new UsageError(`no command given; there are ${names()}`);
  const command = commands.find((candidate) => candidate.name === first);
  if (command === undefined) throw new UsageError(`unknown command ${first}; there are ${names()}`);
  const parse = command.optionsStand === "anywhere" ? parseScattered : parseOptions;
  const parsed = parse(rest, command.options);
  if (parsed.options.help === true) {
    print(commandHelp(command));
    return 0;
  }
  return command.run(parsed);
}

function names(): string {
  return commands.map((command) => command.name).join(", ");
}
