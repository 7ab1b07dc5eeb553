/**
 * What is translated together: blocks of one code page that near transfers connect, found from the decoded records of the
 * interpreter (record.ts). A block begins where a transfer can lead and ends with a transfer or before the next block.
 */
import { rows } from "../isa/index.ts";
import * as O from "../operations.ts";
import { CLOCKS, COUNT, IMM, length, pageOffset, RECORD_WORDS, row } from "../record.ts";

/** Instructions of a region, and its blocks: br_table and the sizes that compilers like bound them. */
const MAX_INSTRUCTIONS = 1500;
const MAX_BLOCKS = 240;
const MANY_HANDLED = 3;

export interface Block {
  /** Records first, first + RECORD_WORDS ... below end. */
  readonly first: number;
  end: number;
  /** Page offset of the first instruction. */
  readonly offset: number;
  /**
   * How the block goes on behind its last record: "transfer" is up to that record; "fall" to the block at `fallsTo`; "leave"
   * to code that is not here, at `fallsTo`; "single" before an instruction that must be executed alone.
   */
  ending: "transfer" | "fall" | "leave" | "single";
  /** Page offset, 4096 for the next page. */
  fallsTo: number;
}

export interface Region {
  /** In order of their page offsets. */
  readonly blocks: readonly Block[];
  /** Page offset -> index in `blocks`. */
  readonly byOffset: ReadonlyMap<number, number>;
}

/** The operations of a record, whatever a translation has put in their place. */
export interface Operations {
  first(ip: number): number;
  /** Behind a load. */
  second(ip: number): number;
}

/** The one that decides where control goes. */
export function lastOperation(operations: Operations, ip: number): number {
  const op = operations.first(ip);
  return op === O.LOAD32 ? operations.second(ip) : op;
}

/** Does the operation end a block? */
function isTransfer(code: Int32Array, ip: number, last: number): boolean {
  if (last >= O.CALL && last < O.JCC_NEAR + 16) return true;
  return last === O.HANDLER && rows[row(code, ip)].transfer !== "none";
}

/**
 * Collects the blocks that can be reached from a page offset without leaving the page; then, as long as there is room, from
 * wherever else the interpreter has come into the page: where returns and indirect jumps lead. With "little", without blocks
 * that mostly call handlers.
 */
export function findRegion(
  code: Int32Array,
  table: number,
  from: number,
  operations: Operations,
  handling: "all" | "little",
): Region {
  const ends = new Map<number, Block>();
  const work = [...interpretedFrom(code, table), from];
  let instructions = 0;
  while (work.length > 0 && ends.size < MAX_BLOCKS && instructions < MAX_INSTRUCTIONS) {
    const offset = work.pop() as number;
    const first = offset < 4096 ? code[table + offset] : 0;
    if (first === 0 || ends.has(offset)) continue;
    const block: Block = { first, end: first, offset, ending: "transfer", fallsTo: 0 };
    for (let ip = first; ; ip += RECORD_WORDS) {
      const op = lastOperation(operations, ip);
      block.end = ip;
      if (op === O.BLOCK_END) {
        block.ending = "leave";
        block.fallsTo = code[ip + IMM];
        work.push(block.fallsTo);
        break;
      }
      if (op === O.STEP) {
        block.ending = "single";
        block.fallsTo = pageOffset(code, ip);
        break;
      }
      block.end = ip + RECORD_WORDS;
      if (!isTransfer(code, ip, op)) continue;
      if (op === O.JMP_NEAR || op === O.CALL_NEAR || op >= O.JCC_NEAR) work.push(code[ip + IMM]);
      // Behind a jump lies other code; behind calls and conditional ones the way back and the way on.
      block.fallsTo = pageOffset(code, ip) + length(code, ip);
      if (op !== O.JMP_NEAR && op !== O.JMP && op !== O.JMP_INDIRECT && op !== O.RET && op !== O.RET_IMM) {
        work.push(block.fallsTo);
      }
      break;
    }
    instructions += (block.end - first) / RECORD_WORDS;
    if (block.end > first && (handling === "all" || !mostlyHandled(code, block, operations))) ends.set(offset, block);
  }
  return cut(code, ends);
}

/** Page offsets at which blocks of the interpreter begin, the last first: their records lie behind headers. */
function interpretedFrom(code: Int32Array, table: number): number[] {
  const offsets: number[] = [];
  for (let offset = 4095; offset >= 0; offset--) {
    const ip = code[table + offset];
    if (ip !== 0 && code[ip - RECORD_WORDS + COUNT] === 0) offsets.push(offset);
  }
  return offsets;
}

/** Blocks that run into the beginning of another end there. */
function cut(code: Int32Array, found: ReadonlyMap<number, Block>): Region {
  const blocks = [...found.values()].sort((a, b) => a.offset - b.offset);
  const starts = new Set(blocks.map(({ first }) => first));
  const byOffset = new Map(blocks.map(({ offset }, index) => [offset, index]));
  for (const block of blocks) {
    for (let ip = block.first + RECORD_WORDS; ip < block.end; ip += RECORD_WORDS) {
      if (!starts.has(ip)) continue;
      block.end = ip;
      block.ending = "fall";
      block.fallsTo = pageOffset(code, ip);
      break;
    }
    if (block.ending === "leave" && byOffset.has(block.fallsTo)) block.ending = "fall";
  }
  return { blocks, byOffset };
}

/** Is so much of a block the handlers' that the interpreter executes it as fast? */
function mostlyHandled(code: Int32Array, { first, end }: Block, operations: Operations): boolean {
  let handled = 0;
  for (let ip = first; ip < end; ip += RECORD_WORDS) {
    if (operations.first(ip) === O.HANDLER && rows[row(code, ip)].transfer === "none") handled++;
  }
  return handled >= MANY_HANDLED && handled * 3 >= (end - first) / RECORD_WORDS;
}

/** Clocks of one record: the running sum of its block less that of the record before it, which may be a header. */
export function ownClocks(code: Int32Array, ip: number): number {
  return code[ip + CLOCKS] - code[ip - RECORD_WORDS + CLOCKS];
}
