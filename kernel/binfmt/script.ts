/** `#!` scripts (cf. fs/binfmt_script.c): the interpreter is executed with the script's name as its argument. */

import { ENOEXEC } from "../errno.ts";
import { type BinaryFormat, HEAD_BYTES, type Program } from "./program.ts";

const TAB = 9;
const NEWLINE = 10;
const SPACE = 32;

export interface ScriptLine {
  interpreter: string;
  /** Everything after the interpreter, blanks included; null = none. */
  argument: string | null;
}

/**
 * The first line of a script: null if the head of the file is no script, or a reason why it names no interpreter. A line may be
 * longer than the head if the interpreter's name ends within it; the argument is then cut off.
 */
export function parseScript(head: Uint8Array): ScriptLine | string | null {
  if (head[0] !== 0x23 || head[1] !== 0x21) return null;
  const limit = HEAD_BYTES - 1;
  let end = lineEnd(head);
  if (end < 0) {
    const name = skipBlanks(head, 2, limit);
    if (name < 0) return "#! without the name of an interpreter";
    // Without a blank or NUL behind it the name may be cut off.
    if (nameEnd(head, name, limit) < 0) return `the name of the interpreter is longer than ${HEAD_BYTES - 3} bytes`;
    end = limit;
  }
  while (isBlank(head[end - 1])) end--;
  const name = skipBlanks(head, 2, end);
  if (name < 0 || name >= end) return "#! without the name of an interpreter";
  const stop = nameEnd(head, name, end);
  const path = text(head, name, stop < 0 || stop > end ? end : stop);
  if (stop < 0 || stop >= end || head[stop] === 0) return { interpreter: path, argument: null };
  const argument = skipBlanks(head, stop, end);
  return { interpreter: path, argument: argument < 0 || argument >= end ? null : text(head, argument, end) };
}

/** Index of the newline if no NUL comes before it, else -1. */
function lineEnd(head: Uint8Array): number {
  for (let i = 0; i < HEAD_BYTES; i++) {
    if (head[i] === NEWLINE) return i;
    if (head[i] === 0) return -1;
  }
  return -1;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

/** next_non_spacetab(): the first byte from first..last that is no blank, -1 if there is none. */
function skipBlanks(head: Uint8Array, first: number, last: number): number {
  for (let i = first; i <= last; i++) if (!isBlank(head[i])) return i;
  return -1;
}

/** next_terminator(): the first blank or NUL from first..last, -1 if there is none. */
function nameEnd(head: Uint8Array, first: number, last: number): number {
  for (let i = first; i <= last; i++) if (isBlank(head[i]) || head[i] === 0) return i;
  return -1;
}

/** Bytes up to `end` or a NUL. */
function text(head: Uint8Array, start: number, end: number): string {
  let result = "";
  for (let i = start; i < end && head[i] !== 0; i++) result += String.fromCharCode(head[i]);
  return result;
}

export const scriptFormat: BinaryFormat = {
  name: "script",
  load(program: Program) {
    const line = parseScript(program.head);
    if (line === null) return "other";
    if (typeof line === "string") return program.refuse(ENOEXEC, line);
    const file = program.start.openExec(line.interpreter);
    if (typeof file === "number") {
      return program.refuse(-file, `cannot execute the script's interpreter ${line.interpreter}`);
    }
    const argument = line.argument === null ? [] : [line.argument];
    program.argv = [line.interpreter, ...argument, program.interpreter, ...program.argv.slice(1)];
    program.replaceFile(file, line.interpreter);
    return "interpreter";
  },
};
