/**
 * From addresses to source lines: .debug_line of DWARF 2 to 5 (DWARF 5, section 6.2), of 32-bit ELF files. A file without it
 * and a damaged unit have no lines.
 *
 * A unit is a header with directory and file tables, and a program for a machine whose registers are an address, a file and
 * a line. What it executes appends rows; a row holds from its address to that of the next row of its sequence.
 */

import { ElfImage, stringAt } from "./elf-image.ts";

const PF_X = 1;
/** More than any program has; a line takes a byte at least. */
const MOST_BYTES = 64 << 20;

/** Standard opcodes (DWARF 5, section 6.2.5.2). */
const DW_LNS_COPY = 1;
const DW_LNS_ADVANCE_PC = 2;
const DW_LNS_ADVANCE_LINE = 3;
const DW_LNS_SET_FILE = 4;
const DW_LNS_SET_COLUMN = 5;
const DW_LNS_NEGATE_STMT = 6;
const DW_LNS_SET_BASIC_BLOCK = 7;
const DW_LNS_CONST_ADD_PC = 8;
const DW_LNS_FIXED_ADVANCE_PC = 9;
const DW_LNS_SET_PROLOGUE_END = 10;
const DW_LNS_SET_EPILOGUE_BEGIN = 11;
const DW_LNS_SET_ISA = 12;
/** Extended opcodes (section 6.2.5.3). */
const DW_LNE_END_SEQUENCE = 1;
const DW_LNE_SET_ADDRESS = 2;
const DW_LNE_DEFINE_FILE = 3;
/** Content types of the tables of version 5 (section 6.2.4.1), and forms of their values (section 7.5.6). */
const DW_LNCT_PATH = 1;
const DW_LNCT_DIRECTORY_INDEX = 2;
const DW_FORM_BLOCK2 = 0x03;
const DW_FORM_BLOCK4 = 0x04;
const DW_FORM_DATA2 = 0x05;
const DW_FORM_DATA4 = 0x06;
const DW_FORM_DATA8 = 0x07;
const DW_FORM_STRING = 0x08;
const DW_FORM_BLOCK = 0x09;
const DW_FORM_BLOCK1 = 0x0a;
const DW_FORM_DATA1 = 0x0b;
const DW_FORM_SDATA = 0x0d;
const DW_FORM_STRP = 0x0e;
const DW_FORM_UDATA = 0x0f;
const DW_FORM_DATA16 = 0x1e;
const DW_FORM_LINE_STRP = 0x1f;

export interface SourceLine {
  /** Path as the compiler saw it; relative to the compilation's directory if that is not known. */
  readonly source: string;
  /** From 1. */
  readonly line: number;
}

/** A string that nobody has read yet. */
interface Text {
  readonly table: Uint8Array;
  readonly at: number;
}

interface FileEntry {
  readonly name: Text;
  readonly directory: number;
}

interface Header {
  readonly minimumLength: number;
  readonly operations: number;
  readonly lineBase: number;
  readonly lineRange: number;
  /** Numbers of operands of the standard opcodes, from opcode 1. */
  readonly lengths: Uint8Array;
  readonly files: Files;
}

/** Directories and files of a unit by number, as its version counts them. */
class Files {
  readonly directories: Text[] = [];
  readonly entries: (FileEntry | undefined)[] = [];

  /** The path of a file; null if there is none of that number. */
  path(file: number): string | null {
    const entry = this.entries[file];
    if (entry === undefined) return null;
    const name = textAt(entry.name);
    return name === "" ? null : plain(join(this.directory(entry.directory), name));
  }

  /** Directory 0 is that of the compilation: "" before version 5, which does not name it. */
  private directory(index: number): string {
    const [compilation, own] = [this.directories[0], this.directories[index]].map((text) =>
      text === undefined ? "" : textAt(text),
    );
    return index === 0 ? compilation : join(compilation, own);
  }
}

const textAt = ({ table, at }: Text) => stringAt(table, at);
const join = (directory: string, name: string) =>
  directory === "" || name.startsWith("/") ? name : `${directory}/${name}`;
const plain = (path: string) => path.replace(/^(?:\.\/+)+/, "");

/** Reads numbers of a section up to an end; past it everything is 0 and `overrun` says so. */
class Cursor {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  at: number;
  readonly end: number;
  overrun = false;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.end = Math.min(end, bytes.length);
  }

  /** Whether there is more to read. */
  get more(): boolean {
    return !this.overrun && this.at < this.end;
  }

  u8(): number {
    return this.has(1) ? this.view.getUint8(this.at - 1) : 0;
  }

  u16(): number {
    return this.has(2) ? this.view.getUint16(this.at - 2, true) : 0;
  }

  u32(): number {
    return this.has(4) ? this.view.getUint32(this.at - 4, true) : 0;
  }

  u64(): number {
    return this.u32() + this.u32() * 2 ** 32;
  }

  /** An offset in a unit of 32-bit or of 64-bit DWARF: 4 or 8 bytes. */
  offset(size: number): number {
    return size === 8 ? this.u64() : this.u32();
  }

  /** Unsigned LEB128, modulo 2^32. */
  unsigned(): number {
    return this.leb() >>> 0;
  }

  /** Signed LEB128, modulo 2^32, as int32. */
  signed(): number {
    return this.leb("sign");
  }

  /** Steps over so many bytes, and says where they began. */
  skip(size: number): number {
    return this.has(size) ? this.at - size : this.end;
  }

  /** Steps over a string. */
  text(): Text {
    const text = { table: this.bytes, at: this.at };
    const end = this.bytes.indexOf(0, this.at);
    this.skip((end < 0 ? this.bytes.length : end) + 1 - this.at);
    return text;
  }

  private leb(extension?: "sign"): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.u8();
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80)
        return extension === "sign" && byte & 0x40 && shift + 7 < 32 ? value | (-1 << (shift + 7)) : value;
    }
  }

  /** Steps over `size` bytes if they are there. */
  private has(size: number): boolean {
    if (this.overrun || this.end - this.at < size) this.overrun = true;
    else this.at += size;
    return !this.overrun;
  }
}

/** Rows in the order in which they were appended, in three columns. */
class Rows {
  addresses = new Uint32Array(256);
  files = new Uint32Array(256);
  lines = new Uint32Array(256);
  count = 0;

  push(address: number, file: number, line: number): void {
    if (this.count === this.addresses.length) {
      this.addresses = larger(this.addresses);
      this.files = larger(this.files);
      this.lines = larger(this.lines);
    }
    this.addresses[this.count] = address;
    this.files[this.count] = file;
    this.lines[this.count] = line;
    this.count++;
  }

  /** Brings the rows from..to-1 into the order of their addresses; rows of one address stay as they are. */
  sort(from: number, to: number): void {
    const { addresses } = this;
    let ordered = true;
    for (let row = from + 1; row < to && ordered; row++) ordered = addresses[row - 1] <= addresses[row];
    if (ordered) return;
    const order = Array.from({ length: to - from }, (_, n) => from + n).sort(
      (a, b) => addresses[a] - addresses[b] || a - b,
    );
    for (const column of [this.addresses, this.files, this.lines]) {
      column.set(
        order.map((row) => column[row]),
        from,
      );
    }
  }
}

function larger(column: Uint32Array): Uint32Array<ArrayBuffer> {
  const copy = new Uint32Array(column.length * 2);
  copy.set(column);
  return copy;
}

/** Rows from..to-1 hold for the addresses start..end-1. */
interface Sequence {
  readonly files: Files;
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

export class SourceLines {
  private readonly rows = new Rows();
  /** By start. */
  private readonly sequences: readonly Sequence[];
  /** The highest end among the sequences up to each. */
  private readonly ends: readonly number[];

  /** @param bytes the whole file */
  constructor(bytes: Uint8Array) {
    const image = new ElfImage(bytes);
    const found: Sequence[] = [];
    const debug = (name: string) => image.contents(name, MOST_BYTES);
    const lines = debug(".debug_line");
    const strings = { line: debug(".debug_line_str"), debug: debug(".debug_str") };
    for (const unit = new Cursor(lines, 0, lines.length); unit.more; ) this.readUnit(lines, unit, strings, found);
    // What the linker has dropped has lines still, at address 0 or in no segment.
    const code = image.segments.filter(({ flags }) => flags & PF_X);
    this.sequences = found
      .filter(({ start }) => code.some(({ vaddr, memsz }) => start >= vaddr && start < vaddr + memsz))
      .sort((a, b) => a.start - b.start || a.from - b.from);
    let highest = 0;
    this.ends = this.sequences.map(({ end }) => {
      highest = Math.max(highest, end);
      return highest;
    });
  }

  /** The line of the instruction at an address in the file's own numbering; null if none is known. */
  at(address: number): SourceLine | null {
    let index = lastAtOrBelow(this.sequences.length, (n) => this.sequences[n].start, address);
    while (index >= 0 && this.ends[index] > address && this.sequences[index].end <= address) index--;
    if (index < 0 || this.ends[index] <= address) return null;
    const { files, from, to } = this.sequences[index];
    const { addresses, files: numbers, lines } = this.rows;
    const row = from + lastAtOrBelow(to - from, (n) => addresses[from + n], address);
    const source = files.path(numbers[row]);
    return source === null || lines[row] === 0 ? null : { source, line: lines[row] };
  }

  /** Reads the unit at the cursor, which then is behind it. */
  private readUnit(bytes: Uint8Array, unit: Cursor, strings: Strings, found: Sequence[]): void {
    let length = unit.u32();
    const offsetSize = length === 0xffffffff ? 8 : 4;
    if (offsetSize === 8) length = unit.u64();
    const start = unit.at;
    unit.skip(length);
    if (unit.overrun) return;
    const cursor = new Cursor(bytes, start, start + length);
    const header = readHeader(cursor, offsetSize, strings);
    if (header !== null) this.execute(cursor, header, found);
  }

  private execute(program: Cursor, header: Header, found: Sequence[]): void {
    const { minimumLength, operations, lineBase, lineRange, lengths, files } = header;
    const { rows } = this;
    const firstSpecial = lengths.length + 1;
    let [address, operation, file, line] = [0, 0, 1, 1];
    let from = rows.count;
    /** An instruction word of this machine may hold several operations (section 6.2.5.1). */
    const advance = (by: number) => {
      address = (address + minimumLength * Math.floor((operation + by) / operations)) >>> 0;
      operation = (operation + by) % operations;
    };
    while (program.more) {
      const opcode = program.u8();
      if (opcode >= firstSpecial) {
        const special = opcode - firstSpecial;
        advance(Math.floor(special / lineRange));
        line = (line + lineBase + (special % lineRange)) >>> 0;
        rows.push(address, file, line);
        continue;
      }
      switch (opcode) {
        case 0: {
          const size = program.unsigned();
          const next = program.at + size;
          const extended = size === 0 ? 0 : program.u8();
          if (extended === DW_LNE_END_SEQUENCE) {
            rows.sort(from, rows.count);
            const first = rows.addresses[from];
            if (rows.count > from && first < address)
              found.push({ files, start: first, end: address, from, to: rows.count });
            else rows.count = from;
            from = rows.count;
            [address, operation, file, line] = [0, 0, 1, 1];
          } else if (extended === DW_LNE_SET_ADDRESS) {
            address = (size === 9 ? program.u64() : program.u32()) >>> 0;
            operation = 0;
          } else if (extended === DW_LNE_DEFINE_FILE) {
            const name = program.text();
            files.entries.push({ name, directory: program.unsigned() });
          }
          program.skip(next - program.at);
          break;
        }
        case DW_LNS_COPY:
          rows.push(address, file, line);
          break;
        case DW_LNS_ADVANCE_PC:
          advance(program.unsigned());
          break;
        case DW_LNS_ADVANCE_LINE:
          line = (line + program.signed()) >>> 0;
          break;
        case DW_LNS_SET_FILE:
          file = program.unsigned();
          break;
        case DW_LNS_CONST_ADD_PC:
          advance(Math.floor((255 - firstSpecial) / lineRange));
          break;
        case DW_LNS_FIXED_ADVANCE_PC:
          address = (address + program.u16()) >>> 0;
          operation = 0;
          break;
        case DW_LNS_SET_COLUMN:
        case DW_LNS_SET_ISA:
          program.unsigned();
          break;
        case DW_LNS_NEGATE_STMT:
        case DW_LNS_SET_BASIC_BLOCK:
        case DW_LNS_SET_PROLOGUE_END:
        case DW_LNS_SET_EPILOGUE_BEGIN:
          break;
        default:
          for (let operand = lengths[opcode - 1]; operand > 0; operand--) program.unsigned();
      }
    }
    // A sequence that does not end says nothing.
    rows.count = from;
  }
}

/** The sections that names of version 5 may lie in. */
interface Strings {
  readonly line: Uint8Array;
  readonly debug: Uint8Array;
}

/** The last of `count` ascending keys that is not above `limit`; -1 if all are. */
function lastAtOrBelow(count: number, keyOf: (index: number) => number, limit: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keyOf(middle) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Section 6.2.4. The cursor then is at the program; null for what cannot be read. */
function readHeader(cursor: Cursor, offsetSize: number, strings: Strings): Header | null {
  const version = cursor.u16();
  if (version < 2 || version > 5) return null;
  // Sizes of an address and of a segment selector: the first is the ELF file's, the second 0.
  if (version === 5) cursor.skip(2);
  const headerLength = cursor.offset(offsetSize);
  const program = cursor.at + headerLength;
  const minimumLength = cursor.u8();
  const operations = version >= 4 ? cursor.u8() : 1;
  cursor.skip(1);
  const lineBase = (cursor.u8() << 24) >> 24;
  const lineRange = cursor.u8();
  const opcodeBase = cursor.u8();
  if (operations === 0 || lineRange === 0 || opcodeBase === 0) return null;
  const lengths = Uint8Array.from({ length: opcodeBase - 1 }, () => cursor.u8());
  const files = version === 5 ? readTables(cursor, offsetSize, strings) : readOldTables(cursor);
  if (files === null || cursor.overrun || program < cursor.at || program > cursor.end) return null;
  cursor.at = program;
  return { minimumLength, operations, lineBase, lineRange, lengths, files };
}

/** Versions 2 to 4: directories and files count from 1, each table ends at an empty name. */
function readOldTables(cursor: Cursor): Files {
  const files = new Files();
  files.directories.push({ table: new Uint8Array(), at: 0 });
  files.entries.push(undefined);
  const named = () => {
    const name = cursor.text();
    return cursor.more && name.table[name.at] !== 0 ? name : null;
  };
  for (let name = named(); name !== null; name = named()) files.directories.push(name);
  for (let name = named(); name !== null; name = named()) {
    files.entries.push({ name, directory: cursor.unsigned() });
    // Time and length of the file.
    cursor.unsigned();
    cursor.unsigned();
  }
  return files;
}

/** Version 5: both tables say of what their entries consist, and count from 0. */
function readTables(cursor: Cursor, offsetSize: number, strings: Strings): Files | null {
  const files = new Files();
  for (const table of ["directories", "files"] as const) {
    const formats = Array.from({ length: cursor.u8() }, () => [cursor.unsigned(), cursor.unsigned()] as const);
    const count = cursor.unsigned();
    if (count > 0 && formats.length === 0) return null;
    for (let n = 0; n < count && cursor.more; n++) {
      let name: Text = { table: new Uint8Array(), at: 0 };
      let directory = 0;
      for (const [content, form] of formats) {
        const value = readForm(cursor, form, offsetSize, strings);
        if (value === null) return null;
        if (content === DW_LNCT_PATH && typeof value !== "number") name = value;
        if (content === DW_LNCT_DIRECTORY_INDEX && typeof value === "number") directory = value;
      }
      if (table === "directories") files.directories.push(name);
      else files.entries.push({ name, directory });
    }
  }
  return files;
}

/** A value: a string, or a number (0 for what is neither); null for an unknown form. */
function readForm(cursor: Cursor, form: number, offsetSize: number, strings: Strings): Text | number | null {
  switch (form) {
    case DW_FORM_STRING:
      return cursor.text();
    case DW_FORM_LINE_STRP:
      return { table: strings.line, at: cursor.offset(offsetSize) };
    case DW_FORM_STRP:
      return { table: strings.debug, at: cursor.offset(offsetSize) };
    case DW_FORM_UDATA:
    case DW_FORM_SDATA:
      return cursor.unsigned();
    case DW_FORM_DATA1:
      return cursor.u8();
    case DW_FORM_DATA2:
      return cursor.u16();
    case DW_FORM_DATA4:
      return cursor.u32();
    case DW_FORM_DATA8:
      return cursor.u64();
  }
  if (form === DW_FORM_DATA16) cursor.skip(16);
  else if (form === DW_FORM_BLOCK) cursor.skip(cursor.unsigned());
  else if (form === DW_FORM_BLOCK1) cursor.skip(cursor.u8());
  else if (form === DW_FORM_BLOCK2) cursor.skip(cursor.u16());
  else if (form === DW_FORM_BLOCK4) cursor.skip(cursor.u32());
  else return null;
  return 0;
}
