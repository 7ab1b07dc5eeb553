/** Functions of an ELF file by address (System V ABI, chapter 4: symbol table). A file that is damaged has none. */

import { EHDR_BYTES, PHDR_BYTES, type ProgramHeader, PT_LOAD, readElfHeader, readProgramHeader } from "../emu/elf.ts";

const SHDR_BYTES = 40;
const SYM_BYTES = 16;
const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;
const STT_NOTYPE = 0;
const STT_FUNC = 2;

interface FunctionSymbol {
  readonly name: string;
  /** Address in the file's own numbering. */
  readonly start: number;
  /** Bytes; 0 where the file does not say. */
  readonly size: number;
}

export class SymbolTable {
  /** By start. */
  private readonly functions: readonly FunctionSymbol[];
  private readonly segments: readonly ProgramHeader[];

  /** @param bytes the whole file */
  constructor(bytes: Uint8Array) {
    const header = readElfHeader(bytes.subarray(0, EHDR_BYTES), bytes.length);
    if (typeof header === "string") {
      this.functions = [];
      this.segments = [];
      return;
    }
    const table = bytes.subarray(header.phoff, header.phoff + header.phnum * PHDR_BYTES);
    this.segments = Array.from({ length: header.phnum }, (_, n) => readProgramHeader(table, n)).filter(
      ({ type }) => type === PT_LOAD,
    );
    this.functions = functionsOf(bytes);
  }

  /** The function that holds the byte at this file offset; null if none is known. */
  at(offset: number): string | null {
    const segment = this.segments.find((s) => offset >= s.offset && offset < s.offset + s.filesz);
    if (segment === undefined) return null;
    const address = offset - segment.offset + segment.vaddr;
    let low = 0;
    let high = this.functions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.functions[middle].start <= address) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return null;
    const { name, start, size } = this.functions[low - 1];
    return size === 0 || address < start + size ? name : null;
  }
}

/** Of the full symbol table if there is one, else of the dynamic one; where several begin together, one of type FUNC. */
function functionsOf(bytes: Uint8Array): FunctionSymbol[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shoff = view.getUint32(32, true);
  const shnum = view.getUint16(48, true);
  if (view.getUint16(46, true) !== SHDR_BYTES || shoff + shnum * SHDR_BYTES > bytes.length) return [];
  const field = (section: number, at: number) => view.getUint32(shoff + section * SHDR_BYTES + at, true);
  const sections = Array.from({ length: shnum }, (_, n) => n);
  const symbols = [SHT_SYMTAB, SHT_DYNSYM]
    .map((type) => sections.find((n) => field(n, 4) === type))
    .find((n) => n !== undefined);
  if (symbols === undefined || field(symbols, 24) >= shnum) return [];
  const [start, length, names] = [field(symbols, 16), field(symbols, 20), field(field(symbols, 24), 16)];
  if (start + length > bytes.length) return [];

  const byStart = new Map<number, FunctionSymbol>();
  for (let at = start; at + SYM_BYTES <= start + length; at += SYM_BYTES) {
    const type = view.getUint8(at + 12) & 15;
    const defined = view.getUint16(at + 14, true) !== 0;
    if (!defined || (type !== STT_FUNC && type !== STT_NOTYPE)) continue;
    const name = stringAt(bytes, names + view.getUint32(at, true));
    const value = view.getUint32(at + 4, true);
    if (name !== "" && (type === STT_FUNC || !byStart.has(value))) {
      byStart.set(value, { name, start: value, size: view.getUint32(at + 8, true) });
    }
  }
  return [...byStart.values()].sort((a, b) => a.start - b.start);
}

function stringAt(bytes: Uint8Array, at: number): string {
  const end = bytes.indexOf(0, at);
  return at >= bytes.length || end < 0 ? "" : new TextDecoder().decode(bytes.subarray(at, end));
}
