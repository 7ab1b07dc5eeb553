/** Segments and sections of an ELF file (System V ABI, chapter 4). What is damaged is not there. */

import { EHDR_BYTES, PHDR_BYTES, type ProgramHeader, PT_LOAD, readElfHeader, readProgramHeader } from "../emu/elf.ts";

import { inflate } from "./inflate.ts";

const SHDR_BYTES = 40;
const SHT_NOBITS = 8;
/** Flags of a section: it occupies memory; its content is compressed, and begins with an Elf32_Chdr. */
const SHF_ALLOC = 0x2;
const SHF_COMPRESSED = 0x800;
const CHDR_BYTES = 12;
const ELFCOMPRESS_ZLIB = 1;

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

  /** The content of the first section of that name, decompressed; nothing where there is none or it is above `limit` bytes. */
  contents(name: string, limit: number): Uint8Array {
    const section = this.sections.find((candidate) => candidate.name === name);
    const bytes =
      section === undefined ? NOTHING : section.flags & SHF_COMPRESSED ? expanded(section.bytes, limit) : section.bytes;
    return bytes.length <= limit ? bytes : NOTHING;
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

const NOTHING = new Uint8Array();

/** cf. the gABI's Elf32_Chdr: type, size, alignment. */
function expanded(bytes: Uint8Array, limit: number): Uint8Array {
  if (bytes.length < CHDR_BYTES) return NOTHING;
  const view = new DataView(bytes.buffer, bytes.byteOffset, CHDR_BYTES);
  const size = view.getUint32(4, true);
  if (view.getUint32(0, true) !== ELFCOMPRESS_ZLIB || size > limit) return NOTHING;
  return inflate(bytes.subarray(CHDR_BYTES), size) ?? NOTHING;
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
      ? NOTHING
      : bytes.subarray(offset, offset + size);
  };
  const names = view.getUint16(50, true);
  const strings = names < shnum ? contents(names) : NOTHING;
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
