/** ELF32 headers: read, and judged by one sentence that a person can act on. (System V ABI, Intel386 supplement.) */

export const ET_EXEC = 2;
export const ET_DYN = 3;
const EM_386 = 3;
const EM_486 = 6;
export const PT_LOAD = 1;
export const PT_INTERP = 3;
export const PT_PHDR = 6;
export const PT_TLS = 7;
export const PT_GNU_STACK = 0x6474e551;
export const PF_X = 1;
export const PF_W = 2;
export const PF_R = 4;
export const EHDR_BYTES = 52;
export const PHDR_BYTES = 32;

export interface ElfHeader {
  readonly type: typeof ET_EXEC | typeof ET_DYN;
  readonly entry: number;
  /** File offset and number of the program headers. */
  readonly phoff: number;
  readonly phnum: number;
}

/** All numbers uint32. */
export interface ProgramHeader {
  readonly type: number;
  readonly offset: number;
  readonly vaddr: number;
  readonly paddr: number;
  readonly filesz: number;
  readonly memsz: number;
  readonly flags: number;
  readonly align: number;
}

const machines: Readonly<Record<number, string>> = {
  8: "MIPS",
  20: "PowerPC",
  40: "ARM",
  62: "x86-64",
  183: "AArch64",
};

/**
 * Reads the ELF header at the start of a file.
 *
 * @param bytes at least the first EHDR_BYTES of the file, or all of it if it is shorter
 * @param size of the whole file
 * @returns the header, or what is wrong with it
 */
export function readElfHeader(bytes: Uint8Array, size: number): ElfHeader | string {
  if (bytes.length < 4 || bytes[0] !== 0x7f || bytes[1] !== 0x45 || bytes[2] !== 0x4c || bytes[3] !== 0x46) {
    return "not an ELF file";
  }
  if (bytes.length < EHDR_BYTES) return `truncated ELF header: ${size} bytes of ${EHDR_BYTES}`;
  if (bytes[4] !== 1) return bytes[4] === 2 ? "a 64-bit ELF file; only 32-bit i386 programs run" : "unknown ELF class";
  if (bytes[5] !== 1) return "not a little-endian ELF file";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = view.getUint16(16, true);
  const machine = view.getUint16(18, true);
  if (machine !== EM_386 && machine !== EM_486) {
    return `an ELF file for ${machines[machine] ?? `machine ${machine}`}; only i386 programs run`;
  }
  if (type !== ET_EXEC && type !== ET_DYN) return `not an executable ELF file (type ${type})`;
  const phentsize = view.getUint16(42, true);
  const phnum = view.getUint16(44, true);
  const phoff = view.getUint32(28, true);
  if (phentsize !== PHDR_BYTES) return `program headers of ${phentsize} bytes instead of ${PHDR_BYTES}`;
  if (phnum === 0) return "no program headers";
  if (phoff + phnum * PHDR_BYTES > size) {
    return `truncated: ${phnum} program headers at offset ${phoff} reach past the end of the file (${size} bytes)`;
  }
  return { type, entry: view.getUint32(24, true), phoff, phnum };
}

/** Program header number `index` of a table that starts at `bytes[0]`. */
export function readProgramHeader(bytes: Uint8Array, index: number): ProgramHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset + index * PHDR_BYTES, PHDR_BYTES);
  const word = (n: number) => view.getUint32(n * 4, true);
  return {
    type: word(0),
    offset: word(1),
    vaddr: word(2),
    paddr: word(3),
    filesz: word(4),
    memsz: word(5),
    flags: word(6),
    align: word(7),
  };
}
