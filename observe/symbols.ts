/** Functions and data of an ELF file by address (System V ABI, chapter 4: symbol table). A file that is damaged has none. */

import { EHDR_BYTES, PHDR_BYTES, type ProgramHeader, PT_LOAD, readElfHeader, readProgramHeader } from "../emu/elf.ts";
import { PAGE_BYTES } from "../mmu/index.ts";

const SHDR_BYTES = 40;
const SYM_BYTES = 16;
const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;
const STT_NOTYPE = 0;
const STT_OBJECT = 1;
const STT_FUNC = 2;

/** A byte of an ELF file's image, named. */
export interface SymbolPlace {
  readonly name: string;
  /** Bytes from the symbol's first. */
  readonly offset: number;
}

interface ElfSymbol {
  readonly name: string;
  /** Address in the file's own numbering. */
  readonly start: number;
  /** Bytes; 0 where the file does not say. */
  readonly size: number;
}

export class SymbolTable {
  /** By start. */
  private readonly functions: readonly ElfSymbol[];
  private readonly objects: readonly ElfSymbol[];
  private readonly segments: readonly ProgramHeader[];
  /** The address behind the last segment in memory, in the file's own numbering. */
  readonly end: number;

  /** @param bytes the whole file */
  constructor(bytes: Uint8Array) {
    const header = readElfHeader(bytes.subarray(0, EHDR_BYTES), bytes.length);
    if (typeof header === "string") {
      this.functions = [];
      this.objects = [];
      this.segments = [];
      this.end = 0;
      return;
    }
    const table = bytes.subarray(header.phoff, header.phoff + header.phnum * PHDR_BYTES);
    this.segments = Array.from({ length: header.phnum }, (_, n) => readProgramHeader(table, n)).filter(
      ({ type }) => type === PT_LOAD,
    );
    this.end = this.segments.reduce((end, { vaddr, memsz }) => Math.max(end, vaddr + memsz), 0);
    this.functions = symbolsOf(bytes, [STT_FUNC, STT_NOTYPE]);
    this.objects = symbolsOf(bytes, [STT_OBJECT]);
  }

  /** The function that holds the byte at this file offset; null if none is known. */
  at(offset: number): string | null {
    const segment = this.segments.find((s) => offset >= s.offset && offset < s.offset + s.filesz);
    if (segment === undefined) return null;
    return holder(this.functions, offset - segment.offset + segment.vaddr)?.name ?? null;
  }

  /** The function or object at an address in the file's own numbering; null if none is known. */
  place(address: number): SymbolPlace | null {
    const symbol = holder(this.objects, address) ?? holder(this.functions, address);
    return symbol === null ? null : { name: symbol.name, offset: address - symbol.start };
  }

  /** Address of a symbol in the file's own numbering; null if the file defines none of that name. */
  addressOf(name: string): number | null {
    return [...this.functions, ...this.objects].find((symbol) => symbol.name === name)?.start ?? null;
  }

  /**
   * What has to be added to the file's own addresses where the first page of its first segment lies at `start`; null if the
   * page at `offset` is another one.
   */
  bias(start: number, offset: number): number | null {
    const [first] = this.segments;
    if (first === undefined || first.offset - (first.offset % PAGE_BYTES) !== offset) return null;
    return start - (first.vaddr - (first.vaddr % PAGE_BYTES));
  }
}

/** The symbol that holds an address, or the last one before it whose size the file does not say. */
function holder(symbols: readonly ElfSymbol[], address: number): ElfSymbol | null {
  let low = 0;
  let high = symbols.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (symbols[middle].start <= address) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return null;
  const symbol = symbols[low - 1];
  return symbol.size === 0 || address < symbol.start + symbol.size ? symbol : null;
}

/**
 * Symbols of some types by start, of the full symbol table if there is one, else of the dynamic one; where several begin
 * together, one of the first type.
 */
function symbolsOf(bytes: Uint8Array, types: readonly number[]): ElfSymbol[] {
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

  const byStart = new Map<number, ElfSymbol>();
  for (let at = start; at + SYM_BYTES <= start + length; at += SYM_BYTES) {
    const type = view.getUint8(at + 12) & 15;
    const defined = view.getUint16(at + 14, true) !== 0;
    if (!defined || !types.includes(type)) continue;
    const name = stringAt(bytes, names + view.getUint32(at, true));
    const value = view.getUint32(at + 4, true);
    if (name !== "" && (type === types[0] || !byStart.has(value))) {
      byStart.set(value, { name, start: value, size: view.getUint32(at + 8, true) });
    }
  }
  return [...byStart.values()].sort((a, b) => a.start - b.start);
}

function stringAt(bytes: Uint8Array, at: number): string {
  const end = bytes.indexOf(0, at);
  return at >= bytes.length || end < 0 ? "" : new TextDecoder().decode(bytes.subarray(at, end));
}
