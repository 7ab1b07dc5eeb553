/**
 * A recorded corpus of native x87 results, so that a host without compiler or x87 checks exactness too.
 *
 *   0  "x87c"   4  seed   8  cases per instruction   12  checksum of the records before execution
 *   16 brotli of (record after execution XOR record before), all records, their registers in physical order so that a push
 *      or pop moves none
 *
 * The records before execution come from the seed. Record anew with
 *   node tests/run.mjs --script tests/oracle/x87-record.ts [SEED]
 */

import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import { RECORD, STATE_AT } from "./x87-case.ts";

export const corpusPath = "tests/data/x87-corpus.bin";
const MAGIC = 0x63373878;
const HEADER = 16;

/** What the corpus file says. */
export interface Corpus {
  readonly seed: number;
  readonly perInstruction: number;
  readonly checksum: number;
  /** After XOR before. */
  readonly changes: Buffer;
}

/** FNV-1a over the bytes. */
export function checksumOf(bytes: Buffer): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** What execution changed in the records. */
export function changesOf(before: Buffer, after: Buffer): Buffer {
  return exclusiveOr(rotated(before, 1), rotated(after, 1));
}

/** The records after execution. */
export function applyChanges(before: Buffer, changes: Buffer): Buffer {
  return rotated(exclusiveOr(rotated(before, 1), changes), -1);
}

function exclusiveOr(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ b[i]));
}

/** Records with their registers moved from stack to physical order (1) or back (-1); TOP is in the status word. */
function rotated(records: Buffer, direction: 1 | -1): Buffer {
  const result = Buffer.from(records);
  for (let at = 0; at < records.length; at += RECORD) {
    const top = (records[at + STATE_AT + 5] >> 3) & 7;
    for (let i = 0; i < 8; i++) {
      const from = at + STATE_AT + 28 + i * 10;
      records.copy(result, at + STATE_AT + 28 + ((i + direction * top + 8) & 7) * 10, from, from + 10);
    }
  }
  return result;
}

export function encodeCorpus(corpus: Corpus): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt32LE(corpus.seed, 4);
  header.writeUInt32LE(corpus.perInstruction, 8);
  header.writeUInt32LE(corpus.checksum, 12);
  return Buffer.concat([header, brotliCompressSync(corpus.changes)]);
}

export function decodeCorpus(file: Buffer): Corpus {
  if (file.length < HEADER || file.readUInt32LE(0) !== MAGIC) throw new Error(`${corpusPath} is no x87 corpus`);
  return {
    seed: file.readUInt32LE(4),
    perInstruction: file.readUInt32LE(8),
    checksum: file.readUInt32LE(12),
    changes: brotliDecompressSync(file.subarray(HEADER)),
  };
}
