/** The lines of the timing table, read into numbers, and which of them belong to which instruction row. */

import type { ClockedCpu } from "./clocks.ts";
import type { Row } from "./row.ts";
import { rows } from "./table.ts";
import { timingTable } from "./timing-table.ts";

/** Processors with published clocks. */

/** A figure of the manuals: low..high + m * components + n * iterations + x * parameters + ts * task switch. */
export interface Figure {
  /** As printed. */
  readonly text: string;
  readonly low: number;
  readonly high: number;
  readonly m: number;
  readonly n: number;
  readonly x: number;
  readonly ts: number;
}

export interface Timing {
  readonly mnemonic: string;
  readonly opcode: string;
  readonly operands: string;
  /** "8", "16", "32", "16/32", "8/16/32", "x87", "64" or "-". */
  readonly width: string;
  /** Operand form ("reg,mem"), outcome ("taken") or path ("inner priv"). */
  readonly form: string;
  /** Base figures; null where the processor lacks the instruction or nothing is known. */
  readonly clocks: Readonly<Record<ClockedCpu, Figure | null>>;
  /** Protected-mode figures where they differ. */
  readonly protectedClocks: Readonly<Record<ClockedCpu, Figure | null>>;
  /** Pentium pairing class. */
  readonly pairing: string;
  readonly confidence: Readonly<Record<ClockedCpu, string>>;
  readonly sources: Readonly<Record<ClockedCpu, string>>;
  readonly alternatives: string;
  readonly notes: string;
  /** For a memory operand (true), a register operand (false), or for both (null)? */
  readonly memory: boolean | null;
}

/** Reads "7", "9-14", "7+m", "5+4*n", "15+4*(n-1)", "94+4*x+m", "5+ts", "3/1" (latency, throughput), "2000+". */
export function readFigure(text: string): Figure | null {
  if (text === "" || text === "-") return null;
  let [low, high] = [0, 0];
  const factors: Record<string, number> = { m: 0, n: 0, x: 0, ts: 0 };
  for (const term of text.split("+")) {
    if (term === "") continue;
    const iterations = /^(?:(\d+)\*)?\(n-1\)$/.exec(term);
    const factor = /^(?:(\d+)\*)?(m|n|x|ts)$/.exec(term);
    const range = /^(\d+)-(\d+)$/.exec(term);
    const pipelined = /^(\d+)\/(\d+)$/.exec(term);
    if (iterations !== null) {
      const each = Number(iterations[1] ?? 1);
      factors.n += each;
      low -= each;
      high -= each;
    } else if (factor !== null) {
      factors[factor[2]] += Number(factor[1] ?? 1);
    } else if (range !== null) {
      low += Number(range[1]);
      high += Number(range[2]);
    } else if (pipelined !== null) {
      low += Number(pipelined[2]);
      high += Number(pipelined[1]);
    } else if (/^\d+$/.test(term)) {
      low += Number(term);
      high += Number(term);
    } else {
      throw new Error(`timing table: figure ${text}`);
    }
  }
  return { text, low, high, m: factors.m, n: factors.n, x: factors.x, ts: factors.ts };
}

interface Tables {
  readonly timings: readonly Timing[];
  readonly penalties: readonly (readonly string[])[];
  readonly byRow: ReadonlyMap<number, readonly Timing[]>;
  readonly repByRow: ReadonlyMap<number, readonly Timing[]>;
}

let tables: Tables | null = null;

function load(): Tables {
  if (tables !== null) return tables;
  const lines = timingTable.split("\n").filter((line) => line !== "");
  const cells = lines.slice(1).map((line) => line.split("\t"));
  const timings = cells.filter(([name]) => !name.startsWith("@")).map(readTiming);
  tables = { timings, penalties: cells.filter(([name]) => name.startsWith("@")), ...join(timings) };
  return tables;
}

function readTiming(cells: string[]): Timing {
  const [mnemonic, opcode, operands, width, form, i386, i386pm, i486, i486pm, p5, p5pm, pairing] = cells;
  const [confidence386, confidence486, confidenceP5, source386, source486, sourceP5, alternatives = "", notes = ""] =
    cells.slice(12);
  return {
    mnemonic,
    opcode,
    operands,
    width,
    form,
    clocks: { i386: readFigure(i386), i486: readFigure(i486), pentium: readFigure(p5) },
    protectedClocks: { i386: readFigure(i386pm), i486: readFigure(i486pm), pentium: readFigure(p5pm) },
    pairing,
    confidence: { i386: confidence386, i486: confidence486, pentium: confidenceP5 },
    sources: { i386: source386, i486: source486, pentium: sourceP5 },
    alternatives,
    notes,
    memory: memoryForm(form, operands),
  };
}

function memoryForm(form: string, operands: string): boolean | null {
  if (form === "x87") return operands.includes("/m") || operands === "" ? null : operands.startsWith("m");
  const words = form.split(/[, ]/);
  if (words.includes("mem") || words.includes("moffs")) return true;
  return words.includes("reg") || words.includes("1") || words.includes("cl") ? false : null;
}

/** Opcodes of a timing line as the instruction table writes them; behind "F3" or "F3/F2" only the repeated form is meant. */
export function opcodesOf(text: string): { opcodes: string[]; repeated: boolean } {
  const words = text
    .replace(/ iw 0[01]$/, "")
    .split(" ")
    .filter((word) => !/^(\/|i[bwd]|iw\/id|c[bwdp]|cw\/cd|cd\/cp)$/.test(word));
  const repeated = /^F3(\/F2)?$/.test(words[0]) && words.length > 1;
  const opcodes: string[] = [];
  for (let i = repeated ? 1 : 0; i < words.length; i++) {
    const map = words[i] === "0F" ? "0F " : "";
    if (map !== "") i++;
    const first = words[i].split("/");
    const x87 = /^D[89A-F]$/.test(first[0]);
    const second = words[i + 1] !== undefined && (x87 || words[i + 1].startsWith("/")) ? words[++i] : "";
    const seconds = second.startsWith("/") || second === "" ? [second] : second.split("/");
    for (const byte of first) for (const rest of seconds) opcodes.push(`${map}${byte}${rest === "" ? "" : ` ${rest}`}`);
  }
  return { opcodes, repeated };
}

/** Rows of control, debug and test registers, which a timing line names by its operands. */
const systemRegisterRows: Record<string, string[]> = {
  "0F 20 r32,CR0": ["0F 20 /0,2,3", "0F 20 /4"],
  "0F 20 r32,CR2/CR3": ["0F 20 /0,2,3", "0F 20 /4"],
  "0F 22 CR0,r32": ["0F 22 /0"],
  "0F 22 CR2,r32": ["0F 22 /2"],
  "0F 22 CR3,r32": ["0F 22 /3"],
  "0F 22 CR4,r32": ["0F 22 /4"],
  "0F 21 r32,DR0-3": ["0F 21 /0-3"],
  "0F 21 r32,DR6/7": ["0F 21 /4-7"],
  "0F 23 DR0-3,r32": ["0F 23 /0-3"],
  "0F 23 DR6/7,r32": ["0F 23 /4-7"],
};

function join(timings: readonly Timing[]): Pick<Tables, "byRow" | "repByRow"> {
  const byOpcode = new Map<string, Row[]>();
  for (const row of rows) {
    // A row that covers several digits (8C /0-5) is found as /r.
    const opcode = /\/\d[,-]/.test(row.opcode) ? row.opcode.replace(/\/.*/, "/r") : row.opcode;
    for (const name of new Set([opcode, row.opcode])) byOpcode.set(name, [...(byOpcode.get(name) ?? []), row]);
  }
  // MOV SS (8E /2) has a row of its own.
  byOpcode.get("8E /r")?.push(...rows.filter(({ opcode }) => opcode === "8E /2"));
  const byRow = new Map<number, Timing[]>();
  const repByRow = new Map<number, Timing[]>();
  for (const timing of timings) {
    const { opcodes, repeated } = opcodesOf(timing.opcode);
    const named = systemRegisterRows[`${timing.opcode.replace(" /r", "")} ${timing.operands}`];
    const target = repeated ? repByRow : byRow;
    for (const opcode of named ?? opcodes) {
      const found = byOpcode.get(opcode) ?? byOpcode.get(opcode.replace("/0", "/r"));
      for (const row of found ?? []) target.set(row.id, [...(target.get(row.id) ?? []), timing]);
    }
  }
  // An undocumented encoding costs what the documented one does.
  for (const row of rows) {
    if (!row.alias || byRow.has(row.id)) continue;
    const documented = rows.find(({ key, alias }) => key === row.key && !alias);
    const lines = documented === undefined ? undefined : byRow.get(documented.id);
    if (lines !== undefined) byRow.set(row.id, lines);
  }
  return { byRow, repByRow };
}

/** All lines that describe instructions. */
export function timings(): readonly Timing[] {
  return load().timings;
}

/** Cells of the lines that begin with @: penalties, pairing rules, general facts. */
export function penalties(): readonly (readonly string[])[] {
  return load().penalties;
}

/** Lines of a row, all its forms and paths; empty if the table has none. */
export function timingsOf(rowId: number): readonly Timing[] {
  return load().byRow.get(rowId) ?? [];
}

/** Lines of a row with a repeat prefix. */
export function repeatedTimingsOf(rowId: number): readonly Timing[] {
  return load().repByRow.get(rowId) ?? [];
}
