/** Command-line options: declared per subcommand, parsed by node-getopt, turned into values here. */
import Getopt from "node-getopt";
import { PAGE_BYTES } from "../mmu/index.ts";
import { UsageError } from "./failure.ts";

/** Short letter or "", definition as node-getopt reads it ("mem=SIZE", "env=K=V+", "stats"), description, default. */
export type OptionSpec = readonly [short: string, definition: string, comment: string, fallback?: string];

export interface Parsed {
  /** Program and its arguments: everything from the first word that is no option. */
  readonly operands: readonly string[];
  /** Of a subcommand with operands of its own: the guest's words, behind `--`. */
  readonly behind?: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | string[]>>;
}

const HELP: OptionSpec = ["h", "help", "this text"];

/** The option without dashes: "max-instructions". */
export function optionName(spec: OptionSpec): string {
  return spec[1].replace(/[=+[].*$/, "");
}

/** Where the options end: behind `--`, or at the first word that is neither an option nor an option's argument. */
function countOptionWords(words: readonly string[], specs: readonly OptionSpec[]): number {
  let i = 0;
  while (i < words.length) {
    const word = words[i];
    if (word === "--") return i + 1;
    if (word === "-" || !word.startsWith("-")) return i;
    const [, name, value] = /^--?([^=]*)(=.*)?$/s.exec(word) ?? [];
    const spec = word.startsWith("--")
      ? specs.find((s) => optionName(s) === name)
      : specs.find((s) => s[0] !== "" && s[0] === word[1]);
    if (spec === undefined) throw new UsageError(`unknown option ${word.startsWith("--") ? `--${name}` : word}`);
    const takesValue = spec[1].includes("=");
    if (!word.startsWith("--") && word.length > 2) {
      throw new UsageError(`write -${word[1]} and its neighbours apart: ${word}`);
    }
    if (!takesValue && value !== undefined) throw new UsageError(`option --${name} takes no value`);
    if (takesValue && value === undefined && i + 1 >= words.length) {
      throw new UsageError(`option --${optionName(spec)} needs a value`);
    }
    i += takesValue && value === undefined ? 2 : 1;
  }
  return i;
}

/** Throws UsageError for an unknown option, a missing or a superfluous value. */
export function parseOptions(words: readonly string[], own: readonly OptionSpec[]): Parsed {
  const specs = [...own, HELP];
  const end = countOptionWords(words, specs);
  const getopt = new Getopt(specs);
  getopt.errorFunc = (error) => {
    throw new UsageError(error.message);
  };
  const { options } = getopt.parse(words.slice(0, end).filter((word, i) => word !== "--" || i < end - 1));
  return { operands: words.slice(end), options };
}

/**
 * parseOptions() for a subcommand whose operands are not the guest's: options may stand among them, and the words behind `--`
 * are `behind`.
 */
export function parseScattered(words: readonly string[], own: readonly OptionSpec[]): Parsed {
  const options: string[] = [];
  const operands: string[] = [];
  let at = 0;
  while (at < words.length && words[at] !== "--") {
    const rest = words.slice(at);
    const border = rest.indexOf("--");
    const end = countOptionWords(border < 0 ? rest : rest.slice(0, border), [...own, HELP]);
    options.push(...rest.slice(0, end));
    at += end;
    if (at < words.length && words[at] !== "--") operands.push(words[at++]);
  }
  return { ...parseOptions([...options, "--", ...operands], own), behind: words.slice(at + 1) };
}

/** The options of a subcommand, aligned; cli.md shows the same. */
export function optionHelp(specs: readonly OptionSpec[]): string {
  const rows = [...specs, HELP].map(([short, definition, comment, fallback]) => {
    const repeats = definition.endsWith("+") ? ", repeatable" : "";
    const name = `${short === "" ? "    " : `-${short}, `}--${definition.replace(/\+$/, "")}`;
    return [name, comment + repeats + (fallback === undefined ? "" : ` (default ${fallback})`)];
  });
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, comment]) => `  ${name.padEnd(width)}  ${comment}`).join("\n");
}

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** "256M", "64k", "1G" or bytes. Throws UsageError naming the option and what is allowed. */
export function sizeOption(parsed: Parsed, name: string, smallest: number, largest: number): number {
  const text = String(parsed.options[name]);
  const match = /^(\d+)\s*([KMG]?)(i?B)?$/i.exec(text);
  const bytes = match === null ? Number.NaN : Number(match[1]) * UNITS[match[2].toUpperCase()];
  if (!(bytes >= smallest && bytes <= largest)) {
    const range = `${smallest / 2 ** 20}M to ${largest / 2 ** 30}G`;
    throw new UsageError(`--${name} ${text}: a size from ${range} is allowed, such as 256M`);
  }
  if (bytes % PAGE_BYTES !== 0) throw new UsageError(`--${name} ${text}: a whole number of 4 KiB pages is allowed`);
  return bytes;
}

/** A whole number, or undefined if the option is absent. Throws UsageError naming the option and what is allowed. */
export function countOption(parsed: Parsed, name: string, smallest: number, largest: number): number | undefined {
  const text = parsed.options[name];
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(String(text)) ? Number(text) : Number.NaN;
  if (!(value >= smallest && value <= largest)) {
    throw new UsageError(`--${name} ${text}: a whole number from ${smallest} to ${largest} is allowed`);
  }
  return value;
}

export function textOption(parsed: Parsed, name: string): string | undefined {
  const value = parsed.options[name];
  return typeof value === "string" ? value : undefined;
}

export function listOption(parsed: Parsed, name: string): readonly string[] {
  const value = parsed.options[name];
  return Array.isArray(value) ? value : [];
}

export function flagOption(parsed: Parsed, name: string): boolean {
  return parsed.options[name] === true;
}

/** One of a few words. Throws UsageError naming the option and what is allowed. */
export function choiceOption<Choice extends string>(parsed: Parsed, name: string, choices: readonly Choice[]): Choice {
  const text = String(parsed.options[name]);
  const choice = choices.find((allowed) => allowed === text);
  if (choice === undefined) throw new UsageError(`--${name} ${text}: allowed are ${choices.join(", ")}`);
  return choice;
}
