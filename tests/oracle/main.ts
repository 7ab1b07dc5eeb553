/**
 * The oracle: random instructions on the host's processor and on ours.
 *
 *     npm run oracle -- [--cases N] [--seed S] [--row TEXT] [--sequences] [--coverage] [--runner COMMAND]
 *
 * Every case runs natively and here in two ways: handlers one at a time over the plain TLB, and the interpreter's loop over
 * hot slots, which also must agree on every counter of the MMU. `--sequences` runs several instructions per case, which needs
 * a processor that makes the same choices in undefined flags. `--row` restricts to rows whose key contains the text,
 * `--runner` puts a command in front of the runner, such as another emulator.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { disassemble, type Row, rows } from "../../emu/isa/index.ts";
import { allOf, have32BitGcc, haveNativeI386 } from "../skip.ts";
import { differences, setHost, undefinedDifference } from "./compare.ts";
import { generate, generateSequence, type Plan, plan } from "./generate.ts";
import { type Case, CODE_16, type Outcome, user } from "./layout.ts";
import { buildRunner, runCases, startSelectors } from "./native.ts";
import { Random } from "./random.ts";
import { TwoWays } from "./ways.ts";

const CHUNK = 4000;
/** Mismatches printed in full. */
const PRINTED = 12;

interface Options {
  cases: number;
  seed: number;
  row: string;
  sequences: boolean;
  coverage: boolean;
  runner: string[];
}

function readOptions(words: readonly string[]): Options {
  const options: Options = { cases: 20000, seed: 1, row: "", sequences: false, coverage: false, runner: [] };
  for (let i = 0; i < words.length; i++) {
    if (words[i] === "--cases") options.cases = Number(words[++i]);
    else if (words[i] === "--seed") options.seed = Number(words[++i]);
    else if (words[i] === "--row") options.row = words[++i];
    else if (words[i] === "--sequences") options.sequences = true;
    else if (words[i] === "--coverage") options.coverage = true;
    else if (words[i] === "--runner") options.runner = words[++i].split(" ");
    else throw new Error(`unknown option ${words[i]}`);
  }
  if (!Number.isInteger(options.cases) || options.cases < 1) throw new Error("--cases wants a number");
  if (!Number.isInteger(options.seed)) throw new Error("--seed wants an integer");
  return options;
}

const hex = (value: number): string => (value >>> 0).toString(16);

function textOf(c: Case): string {
  const bytes = c.code.subarray(c.at, c.at + c.length);
  const listing = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const texts: string[] = [];
  for (let at = c.at; at < c.at + c.length; ) {
    const { text, length } = disassemble(c.code, at, c.eip + at, { bits: c.selectors[1] === CODE_16 ? 16 : 32 });
    texts.push(text);
    at += length;
  }
  return `${listing}   ${texts.join("; ")}`;
}

function describe(c: Case, native: Outcome): string {
  const regs = [...c.regs].map(hex).join(" ");
  const segments = [...c.selectors].map((selector) => (selector === -1 ? "-" : hex(selector))).join(" ");
  return [
    `  ${rows[c.row].key}, ${c.form}: ${textOf(c)}`,
    `    eip ${hex(c.eip)} eflags ${hex(c.eflags)} regs ${regs} segments ${segments}`,
    `    operand ${c.operand === undefined ? "-" : hex(c.operand)}, native: vector ${native.vector}`,
    ...(c.image === undefined ? [] : [`    x87 ${[...c.image].map(hex).join(" ")}`]),
  ].join("\n");
}

class Tally {
  passed = 0;
  failed = 0;
  /** Mismatches by row key. */
  readonly byRow = new Map<string, number>();
  /** Undefined-flag differences by row key. */
  readonly open = new Map<string, number>();
  /** Cases by row id and form. */
  readonly exercised = new Map<string, number>();
  /** Mismatches printed, by what was compared. */
  private readonly printed = new Map<string, number>();

  fail(c: Case, native: Outcome, what: string, found: readonly string[]): void {
    const { key } = rows[c.row];
    const before = this.byRow.get(key) ?? 0;
    this.byRow.set(key, before + 1);
    const printed = this.printed.get(what) ?? 0;
    if (before >= 2 || printed >= PRINTED) return;
    this.printed.set(what, printed + 1);
    console.log(`MISMATCH ${what}\n${describe(c, native)}\n    ${found.slice(0, 12).join("\n    ")}`);
  }
}

class Oracle {
  private readonly ways = new TwoWays();
  private readonly tally: Tally;

  constructor(tally: Tally) {
    this.tally = tally;
  }

  check(c: Case, native: Outcome): void {
    const { tally } = this;
    let found: string[];
    let what = "native / handlers";
    try {
      const ran = this.ways.run(c);
      found = differences(c, native, ran.outcome);
      if (undefinedDifference(c, native, ran.outcome) !== 0) {
        const { key } = rows[c.row];
        tally.open.set(key, (tally.open.get(key) ?? 0) + 1);
      }
      if (found.length === 0) {
        what = "handlers / loop";
        found = ran.found;
      }
    } catch (error) {
      what = "exception";
      found = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
      this.ways.align();
    }
    if (found.length === 0) {
      tally.passed++;
    } else {
      tally.failed++;
      tally.fail(c, native, what, found);
    }
    const at = `${c.row} ${c.form}`;
    tally.exercised.set(at, (tally.exercised.get(at) ?? 0) + 1);
  }
}

function printCoverage(chosen: Plan, tally: Tally, detailed: boolean): void {
  const byMnemonic = new Map<string, { rows: Set<number>; forms: number; cases: number; least: number }>();
  const never: Row[] = [];
  const rowCases = new Map<number, number>();
  for (const { row, text } of chosen.entries) {
    const cases = tally.exercised.get(`${row.id} ${text}`) ?? 0;
    rowCases.set(row.id, (rowCases.get(row.id) ?? 0) + cases);
    const name = row.condition >= 0 ? row.family.split(" ")[0] : row.mnemonic;
    const line = byMnemonic.get(name) ?? { rows: new Set(), forms: 0, cases: 0, least: Number.POSITIVE_INFINITY };
    line.rows.add(row.id);
    line.forms++;
    line.cases += cases;
    line.least = Math.min(line.least, cases);
    byMnemonic.set(name, line);
    if (detailed) console.log(`${row.opcode.padEnd(12)} ${row.key.padEnd(24)} ${text.padEnd(18)} ${cases}`);
  }
  for (const row of new Set(chosen.entries.map((entry) => entry.row))) if (rowCases.get(row.id) === 0) never.push(row);
  console.log("coverage: mnemonic, rows, forms, cases, least cases of a form");
  const lines = [...byMnemonic].map(
    ([name, line]) =>
      `${name.padEnd(12)}${String(line.rows.size).padStart(4)}${String(line.forms).padStart(5)}${String(line.cases).padStart(8)}${String(line.least).padStart(6)}`,
  );
  for (let i = 0; i < lines.length; i += 3) console.log(`  ${lines.slice(i, i + 3).join("   |   ")}`);
  console.log(`rows exercised: ${rowCases.size - never.length} of ${rows.length - 1}`);
  for (const row of never) console.log(`never exercised: ${row.opcode} ${row.key}`);
  for (const { row, why } of chosen.left) console.log(`left out: ${row.opcode} ${row.key}: ${why}`);
}

function sorted(map: ReadonlyMap<string, number>): string {
  return [...map]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 60)
    .map(([key, count]) => `${key} (${count})`)
    .join(", ");
}

function hostIsAmd(): boolean {
  return readFileSync("/proc/cpuinfo", "latin1").includes("AuthenticAMD");
}

function main(): number {
  const options = readOptions(process.argv.slice(2));
  const probe = allOf(have32BitGcc(), options.runner.length > 0 ? true : haveNativeI386());
  if (probe !== true) {
    console.log(`SKIP oracle: ${probe}`);
    console.log("0 passed, 0 failed, 1 skipped");
    return 0;
  }
  const whole = plan();
  const entries = whole.entries.filter(({ row }) => row.key.includes(options.row));
  if (entries.length === 0) throw new Error(`no row contains "${options.row}"`);
  console.log(`seed ${options.seed}, ${options.cases} cases, ${entries.length} forms`);
  const g = new Random(options.seed);
  const tally = new Tally();
  const directory = mkdtempSync(join(tmpdir(), "pagewalk-oracle-"));
  try {
    const command = [...options.runner, buildRunner(directory)];
    Object.assign(user, startSelectors(command));
    const vendor = options.runner.length > 0 || hostIsAmd() ? "AMD" : "other";
    setHost(vendor);
    if (vendor === "other") console.log("this host is not an AMD processor: more undefined results are left open");
    const oracle = new Oracle(tally);
    let next = g.below(entries.length);
    for (let done = 0; done < options.cases; ) {
      const cases: Case[] = [];
      for (let n = Math.min(CHUNK, options.cases - done); n > 0; n--) {
        const { row, form } = entries[next++ % entries.length];
        cases.push(options.sequences ? generateSequence(g) : generate(row, form, g));
      }
      const outcomes = runCases(command, cases);
      cases.forEach((c, n) => {
        oracle.check(c, outcomes[n]);
      });
      done += cases.length;
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  printCoverage({ entries, left: options.row === "" ? whole.left : [] }, tally, options.coverage);
  if (tally.open.size > 0) console.log(`undefined flags that differ: ${sorted(tally.open)}`);
  else console.log("undefined flags that differ: none");
  if (tally.byRow.size > 0) console.log(`rows with mismatches: ${sorted(tally.byRow)}`);
  console.log(`seed ${options.seed}`);
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  return tally.failed > 0 ? 1 : 0;
}

process.exitCode = main();
