/** The opcode map: which row an opcode and its ModRM byte mean, as arrays for the decoder. Built when the module loads. */

import type { Operand, Row } from "./row.ts";
import { rows } from "./table.ts";

// What follows the opcode and ModRM.
export const IMM_NONE = 0;
/** One byte, zero-extended. */
export const IMM_BYTE = 1;
/** One byte, sign-extended. */
export const IMM_BYTE_SIGNED = 2;
/** Two bytes, zero-extended. */
export const IMM_WORD = 3;
/** Operand size. */
export const IMM_FULL = 4;
/** Operand size, sign-extended. */
export const IMM_FULL_SIGNED = 5;
/** Offset of operand size, then a selector. */
export const IMM_FAR = 6;
/** Address-sized offset of a memory operand. */
export const IMM_OFFSET = 7;
/** Word, then byte (ENTER). */
export const IMM_WORD_BYTE = 8;
/** No byte: the operand is the constant 1 (shifts). */
export const IMM_ONE = 9;

// Per-row bits for the decoder.
export const ROW_LOCK = 1;
/** mod is read as 3. */
export const ROW_MOD_IGNORED = 2;
/** Undefined with 66, F2 or F3. */
export const ROW_NO_PREFIX = 4;

/** IMM_* by row id. */
export const immediateOf = new Uint8Array(rows.length);
/** ROW_* by row id. */
export const rowBits = new Uint8Array(rows.length);

/** Cells of an opcode with ModRM: 8 for the memory forms by /digit, 64 for the register forms by the low six bits. */
const CELLS = 72;

/**
 * `mapOf[opcode]` (0x100 added behind 0F) is the start of the opcode's cells in `cells`, each a row id or 0; an opcode
 * without ModRM has one cell. `hasModrm[opcode]` says which. `repCells` has the same shape and is used behind F3.
 */
export const mapOf = new Uint16Array(512);
export const hasModrm = new Uint8Array(512);
export const cells = new Uint16Array(1 + 512 * CELLS);
export const repCells = new Uint16Array(cells.length);
fillMap();

/** Where a row belongs. */
interface Position {
  readonly row: Row;
  /** Opcode byte, plus 0x100 behind 0F. */
  readonly opcode: number;
  /** Opcodes covered: 1, or 8 for `+r`. */
  readonly count: number;
  readonly mandatoryRep: boolean;
  readonly modrm: boolean;
  /** Cells relative to the start of the opcode. */
  readonly cells: readonly number[];
}

function positionOf(row: Row): Position {
  let words = row.opcode.split(" ");
  const mandatoryRep = words[0] === "F3" && words.length > 1;
  if (mandatoryRep) words = words.slice(1);
  const escaped = words[0] === "0F" && words.length > 1;
  const [first, second] = escaped ? words.slice(1) : words;
  return {
    row,
    opcode: (escaped ? 0x100 : 0) + Number.parseInt(first, 16),
    count: first.endsWith("+r") ? 8 : 1,
    mandatoryRep,
    modrm: second !== undefined,
    cells: cellsOf(row, second),
  };
}

/** `modrm` is what follows the opcode byte: nothing, "/r", "/3", "/0,3-5", "C8+i" or "E9". */
function cellsOf(row: Row, modrm: string | undefined): number[] {
  if (modrm === undefined) return [0];
  if (!modrm.startsWith("/")) {
    const first = 8 + (Number.parseInt(modrm, 16) & 63);
    return Array.from({ length: modrm.endsWith("+i") ? 8 : 1 }, (_, i) => first + i);
  }
  const list: number[] = [];
  for (const digit of readDigits(modrm.slice(1))) {
    list.push(digit);
    if (row.operands.some(memoryOnly)) continue;
    for (let rm = 0; rm < 8; rm++) list.push(8 + digit * 8 + rm);
  }
  return list;
}

/** "r" -> 0 to 7; "0,3-5" -> 0, 3, 4, 5. */
function readDigits(text: string): number[] {
  if (text === "r") return [0, 1, 2, 3, 4, 5, 6, 7];
  return text.split(",").flatMap((part) => {
    const [from, to = from] = part.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

function memoryOnly(operand: Operand): boolean {
  return operand.method === "M" || operand.method === "m";
}

function fillMap(): void {
  let next = 1;
  const place = (position: Position, target: Uint16Array, taken: "forbidden" | "kept" | "replaced"): void => {
    const { row, opcode, count, modrm } = position;
    for (let i = opcode; i < opcode + count; i++) {
      if (mapOf[i] === 0) {
        mapOf[i] = next;
        hasModrm[i] = modrm ? 1 : 0;
        next += modrm ? CELLS : 1;
      }
      for (const cell of position.cells) {
        const index = mapOf[i] + cell;
        if (target[index] === 0 || taken === "replaced") target[index] = row.id;
        else if (taken === "forbidden") throw new Error(`instruction table: ${row.opcode} is defined twice`);
      }
    }
  };
  const positions = rows.slice(1).map(positionOf);
  for (const { row } of positions) {
    immediateOf[row.id] = immediateKind(row);
    rowBits[row.id] =
      (row.lockable ? ROW_LOCK : 0) | (row.modIgnored ? ROW_MOD_IGNORED : 0) | (row.noPrefix ? ROW_NO_PREFIX : 0);
  }
  const plain = positions.filter(({ mandatoryRep }) => !mandatoryRep);
  // A row that names its opcode exactly (90) takes precedence over one that covers eight (90+r).
  for (const position of plain) if (position.count === 1) place(position, cells, "forbidden");
  for (const position of plain) if (position.count > 1) place(position, cells, "kept");
  repCells.set(cells);
  for (const position of positions) if (position.mandatoryRep) place(position, repCells, "replaced");
}

function immediateKind(row: Row): number {
  const types = row.operands.filter(({ method }) => "IJAO1".includes(method)).map(({ text }) => text);
  switch (types.join(",")) {
    case "":
      return IMM_NONE;
    case "Ib":
      return IMM_BYTE;
    case "Ibs":
    case "Jb":
      return IMM_BYTE_SIGNED;
    case "Iw":
      return IMM_WORD;
    case "Iv":
      return IMM_FULL;
    case "Jv":
      return IMM_FULL_SIGNED;
    case "Ap":
      return IMM_FAR;
    case "Ob":
    case "Ov":
      return IMM_OFFSET;
    case "1":
      return IMM_ONE;
    case "Iw,Ib":
      return IMM_WORD_BYTE;
    default:
      throw new Error(`instruction table: immediate of ${row.key}`);
  }
}
