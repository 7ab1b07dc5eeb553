/** Functions and data of an ELF file by address (System V ABI, chapter 4: symbol table). A file that is damaged has none. */

import { PAGE_BYTES } from "../mmu/index.ts";
import { ElfImage, stringAt } from "./elf-image.ts";

const SYM_BYTES = 16;
const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;
const SHN_UNDEF = 0;
/** From here on a symbol belongs to no section: its value may be no address. */
const SHN_LORESERVE = 0xff00;
const STT_NOTYPE = 0;
const STT_OBJECT = 1;
const STT_FUNC = 2;
const STT_GNU_IFUNC = 10;
const STB_GLOBAL = 1;
const STB_WEAK = 2;

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
  readonly type: number;
  readonly binding: number;
  /** The address behind its section. */
  readonly sectionEnd: number;
}

/** From an address to that of the next piece. */
interface Piece {
  readonly start: number;
  /** null: no symbol holds it. */
  readonly symbol: ElfSymbol | null;
}

export class SymbolTable {
  private readonly image: ElfImage;
  private readonly symbols: readonly ElfSymbol[];
  /** By start. */
  private readonly functions: readonly Piece[];
  private readonly objects: readonly Piece[];
  /** The address behind the last segment in memory, in the file's own numbering. */
  readonly end: number;

  /** @param bytes the whole file */
  constructor(bytes: Uint8Array) {
    this.image = new ElfImage(bytes);
    this.end = this.image.segments.reduce((end, { vaddr, memsz }) => Math.max(end, vaddr + memsz), 0);
    this.symbols = symbolsOf(this.image);
    this.functions = pieces(this.symbols.filter(({ type }) => type !== STT_OBJECT));
    this.objects = pieces(this.symbols.filter(({ type }) => type === STT_OBJECT));
  }

  /** The function that holds the byte at this file offset; null if none is known. */
  at(offset: number): string | null {
    const address = this.image.addressOf(offset);
    return address === null ? null : this.functionAt(address);
  }

  /** The function at an address in the file's own numbering; null if none is known. */
  functionAt(address: number): string | null {
    return holder(this.functions, address)?.name ?? null;
  }

  /** The function or object at an address in the file's own numbering; null if none is known. */
  place(address: number): SymbolPlace | null {
    const symbol = holder(this.objects, address) ?? holder(this.functions, address);
    return symbol === null ? null : { name: symbol.name, offset: address - symbol.start };
  }

  /** Address of a symbol in the file's own numbering; null if the file defines none of that name. */
  addressOf(name: string): number | null {
    return this.symbols.find((symbol) => symbol.name === name)?.start ?? null;
  }

  /**
   * What has to be added to the file's own addresses where the first page of its first segment lies at `start`; null if the
   * page at `offset` is another one.
   */
  bias(start: number, offset: number): number | null {
    const [first] = this.image.segments;
    if (first === undefined || first.offset - (first.offset % PAGE_BYTES) !== offset) return null;
    return start - (first.vaddr - (first.vaddr % PAGE_BYTES));
  }
}

/** Functions first, then objects, each by address: of the full symbol table if there is one, else of the dynamic one. */
function symbolsOf({ sections }: ElfImage): ElfSymbol[] {
  const table = [SHT_SYMTAB, SHT_DYNSYM]
    .map((type) => sections.find((section) => section.type === type))
    .find((section) => section !== undefined);
  if (table === undefined) return [];
  const names = sections[table.link]?.bytes ?? new Uint8Array();
  const view = new DataView(table.bytes.buffer, table.bytes.byteOffset, table.bytes.byteLength);
  const symbols: ElfSymbol[] = [];
  for (let at = 0; at + SYM_BYTES <= view.byteLength; at += SYM_BYTES) {
    const info = view.getUint8(at + 12);
    const shndx = view.getUint16(at + 14, true);
    const type = info & 15;
    if (shndx === SHN_UNDEF || shndx >= SHN_LORESERVE) continue;
    if (type !== STT_NOTYPE && type !== STT_OBJECT && type !== STT_FUNC && type !== STT_GNU_IFUNC) continue;
    const name = stringAt(names, view.getUint32(at, true));
    if (name === "") continue;
    const section = sections[shndx];
    symbols.push({
      name,
      start: view.getUint32(at + 4, true),
      size: view.getUint32(at + 8, true),
      type,
      binding: info >> 4,
      sectionEnd: section === undefined ? Number.POSITIVE_INFINITY : section.address + section.size,
    });
  }
  const kind = ({ type }: ElfSymbol) => (type === STT_OBJECT ? 1 : 0);
  return symbols.sort((a, b) => kind(a) - kind(b) || a.start - b.start || preference(a, b));
}

/**
 * Which of two names of one address people know it by, the better one first (cf. tools/perf/util/symbol.c,
 * choose_best_symbol(): sized, not weak, global, fewer underscores, longer).
 */
function preference(a: ElfSymbol, b: ElfSymbol): number {
  const rank = ({ type, size, binding }: ElfSymbol) =>
    (type === STT_NOTYPE ? 8 : 0) +
    (size === 0 ? 4 : 0) +
    (binding === STB_WEAK ? 2 : 0) +
    (binding === STB_GLOBAL ? 0 : 1);
  const underscores = ({ name }: ElfSymbol) => name.length - name.replace(/^_+/, "").length;
  return (
    rank(a) - rank(b) ||
    underscores(a) - underscores(b) ||
    b.name.length - a.name.length ||
    (a.name < b.name ? -1 : Number(a.name > b.name))
  );
}

/**
 * Cuts the addresses at the symbols' ends. The innermost symbol has an address; one without a size reaches to the next
 * symbol or the end of its section, and is none of the pieces if it is a label within another.
 *
 * @param symbols by start
 */
function pieces(symbols: readonly ElfSymbol[]): Piece[] {
  const cut: Piece[] = [];
  const open: { symbol: ElfSymbol; end: number }[] = [];
  /** Closes what ends at or below an address. */
  const close = (address: number) => {
    for (let top = open.at(-1); top !== undefined && top.end <= address; top = open.at(-1)) {
      const { end } = top;
      while ((open.at(-1)?.end ?? Number.POSITIVE_INFINITY) <= end) open.pop();
      cut.push({ start: end, symbol: open.at(-1)?.symbol ?? null });
    }
  };
  for (const [i, symbol] of symbols.entries()) {
    const { start, size, sectionEnd } = symbol;
    close(start);
    const label = size === 0 && open.length > 0;
    if (label || symbols[i - 1]?.start === start) continue;
    let next = i + 1;
    while (symbols[next]?.start === start) next++;
    const reach = Math.min(symbols[next]?.start ?? Number.POSITIVE_INFINITY, Math.max(start, sectionEnd));
    open.push({ symbol, end: size > 0 ? start + size : reach });
    cut.push({ start, symbol });
  }
  close(Number.POSITIVE_INFINITY);
  return cut;
}

/** The symbol of the last piece that starts at or below an address. */
function holder(cut: readonly Piece[], address: number): ElfSymbol | null {
  let low = 0;
  let high = cut.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cut[middle].start <= address) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? null : cut[low - 1].symbol;
}
