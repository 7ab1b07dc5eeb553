/**
 * The list of geometries of `--sweep`, written short:
 *
 *   SPEC      what --tlb takes, with lists in braces: dtlb={16,32}x{1,2} is dtlb=16x1, dtlb=16x2, dtlb=32x1, dtlb=32x2
 *   @FILE     one SPEC a line; empty lines and what follows a # are passed over
 */
import { readFileSync } from "node:fs";
import { errorText } from "../kernel/index.ts";
import { parseTlbSpec, type TlbGeometry } from "../mmu/index.ts";
import { UsageError } from "./failure.ts";
import { errnoOf } from "./node-tree.ts";

const MOST_SPECS = 65536;

export interface SweptTlb {
  readonly spec: string;
  readonly geometry: TlbGeometry;
}

/** Throws UsageError naming the spec, and the file and line that it stands in, and what is allowed. */
export function parseSweep(words: readonly string[]): SweptTlb[] {
  const swept: SweptTlb[] = [];
  const seen = new Set<string>();
  for (const word of words) {
    for (const { text, where } of word.startsWith("@") ? linesOf(word.slice(1)) : [{ text: word, where: "--sweep" }]) {
      for (const spec of expanded(text, where)) {
        if (seen.has(spec)) throw new UsageError(`${where} ${spec}: this TLB is given twice`);
        seen.add(spec);
        swept.push({ spec, geometry: geometryOf(spec, where) });
      }
      if (swept.length > MOST_SPECS) throw new UsageError(`${where} ${text}: more than ${MOST_SPECS} TLBs in all`);
    }
  }
  return swept;
}

function linesOf(path: string): { text: string; where: string }[] {
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`--sweep @${path}: ${errorText(-errnoOf(error))}`);
  }
  const lines = content
    .split("\n")
    .map((line, n) => ({ text: line.replace(/#.*/, "").trim(), where: `${path}, line ${n + 1}:` }))
    .filter(({ text }) => text !== "");
  if (lines.length === 0) throw new UsageError(`--sweep @${path}: no TLB is in it`);
  return lines;
}

function geometryOf(spec: string, where: string): TlbGeometry {
  try {
    return parseTlbSpec(spec);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`${where} ${spec}: ${error.message}`);
  }
}

/** Every choice of one word from each pair of braces, the last pair varying fastest. */
function expanded(text: string, where: string): string[] {
  const pieces = text.split(/\{([^{}]*)\}/);
  if (pieces.some((piece, n) => n % 2 === 0 && /[{}]/.test(piece))) {
    throw new UsageError(`${where} ${text}: write lists as {16,32,64}, and none inside another`);
  }
  const choices = pieces.map((piece, n) => (n % 2 === 0 ? [piece] : piece.split(",").map((word) => word.trim())));
  const count = choices.reduce((product, words) => product * words.length, 1);
  if (count > MOST_SPECS) throw new UsageError(`${where} ${text}: more than ${MOST_SPECS} TLBs`);
  return choices.reduce((heads, words) => heads.flatMap((head) => words.map((word) => head + word)), [""]);
}
