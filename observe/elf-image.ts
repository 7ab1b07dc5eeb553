/** Segments and sections of an ELF file (System V ABI, chapter 4). What is damaged is not there. */

import { EHDR_BYTES, PHDR_BYTES, type ProgramHeader, PT_LOAD, readElfHeader, readProgramHeader } from "../emu/elf.ts";

const SHDR_BYTES = 40;
const SHT_NOBITS = 8;
/** Flags of a section: it occupies memory; its content is compressed. */
export const SHF_ALLOC = 0x2;
export const SHF_COMPRESSED = 0x800;

export interface ElfSection {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  /** In the file's own numbering. */
  readonly address: number;
  readonly size: number;
  /** Index of a section that belongs to it. */
  readonly link: number;
  /** Empty for a section that has none, or none that lie in the file. */
  readonly bytes: Uint8Array;
}

export class ElfImage {
  /** PT_LOAD. */
  readonly segments: readonly ProgramHeader[];
  readonly sections: readonly ElfSection[];

  /** @param bytes the whole file */
  constructor(bytes: Uint8Array) {
    const header = readElfHeader(bytes.subarray(0, EHDR_BYTES), bytes.length);
    if (typeof header === "string") {
      this.segments = [];
      this.sections = [];
      return;
    }
    const table = bytes.subarray(header.phoff, header.phoff + header.phnum * PHDR_BYTES);
    const headers = Array.from({ length: header.phnum }, (_, n) => readProgramHeader(table, n));
    this.segments = headers.filter(({ type }) => type === PT_LOAD);
    this.sections = sectionsOf(bytes);
  }

  /** The first section of that name. */
  section(name: string): ElfSection | undefined {
    return this.sections.find((section) => section.name === name);
  }

  /** The section that holds an address of the file's own numbering. */
  sectionAt(address: number): ElfSection | undefined {
    return this.sections.find(
      (section) =>
        (section.flags & SHF_ALLOC) !== 0 && address >= section.address && address - section.address < section.size,
    );
  }

  /** Address, in the file's own numbering, of the byte at a file offset; null for a byte that is in no segment. */
  addressOf(offset: number): number | null {
    const segment = this.segments.find((s) => offset >= s.offset && offset < s.offset + s.filesz);
    return segment === undefined ? null : offset - segment.offset + segment.vaddr;
  }
}

function sectionsOf(bytes: Uint8Array): ElfSection[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shoff = view.getUint32(32, true);
  const shnum = view.getUint16(48, true);
  if (view.getUint16(46, true) !== SHDR_BYTES || shoff + shnum * SHDR_BYTES > bytes.length) return [];
  const field = (section: number, n: number) => view.getUint32(shoff + section * SHDR_BYTES + n * 4, true);
  const contents = (section: number) => {
    const [offset, size] = [field(section, 4), field(section, 5)];
    return field(section, 1) === SHT_NOBITS || offset + size > bytes.length
      ? new Uint8Array()
      : bytes.subarray(offset, offset + size);
  };
  const names = view.getUint16(50, true);
  const strings = names < shnum ? contents(names) : new Uint8Array();
  return Array.from({ length: shnum }, (_, index) => ({
    index,
    name: stringAt(strings, field(index, 0)),
    type: field(index, 1),
    flags: field(index, 2),
    address: field(index, 3),
    size: field(index, 5),
    link: field(index, 6),
    bytes: contents(index),
  }));
}

/** PATH_MAX. What is longer is cut, so that many names in one long string cost no more than they must. */
const LONGEST = 4096;

/** The string that begins at `at` of a string table; "" where there is none. */
export function stringAt(table: Uint8Array, at: number): string {
  if (at >= table.length) return "";
  const from = table.subarray(at, at + LONGEST);
  const end = from.indexOf(0);
  return new TextDecoder().decode(end < 0 ? from : from.subarray(0, end));
}
