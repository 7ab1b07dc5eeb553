/** Small ELF32 files, right or wrong on purpose. */

import { PF_R, PF_W, PF_X, PT_LOAD } from "../emu/elf.ts";

export interface BuiltHeader {
  type?: number;
  offset?: number;
  vaddr?: number;
  filesz?: number;
  memsz?: number;
  flags?: number;
  align?: number;
}

export interface BuiltElf {
  type?: number;
  machine?: number;
  entry?: number;
  phnum?: number;
  phoff?: number;
  headers: BuiltHeader[];
  /** Size of the whole file; bytes behind the headers are index & 0xff. */
  size?: number;
  /** Written at file offsets. */
  pieces?: readonly (readonly [offset: number, content: string | readonly number[]])[];
}

export function buildElf(elf: BuiltElf): Uint8Array {
  const bytes = Uint8Array.from({ length: elf.size ?? 0x3000 }, (_, i) => i & 0xff);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  view.setUint16(16, elf.type ?? 2, true);
  view.setUint16(18, elf.machine ?? 3, true);
  view.setUint32(20, 1, true);
  view.setUint32(24, elf.entry ?? 0x08048100, true);
  view.setUint32(28, elf.phoff ?? 52, true);
  view.setUint32(32, 0, true);
  view.setUint32(36, 0, true);
  view.setUint16(40, 52, true);
  view.setUint16(42, 32, true);
  view.setUint16(44, elf.phnum ?? elf.headers.length, true);
  view.setUint16(46, 40, true);
  view.setUint32(48, 0, true);
  elf.headers.forEach((header, i) => {
    const at = 52 + i * 32;
    const words = [
      header.type ?? PT_LOAD,
      header.offset ?? 0,
      header.vaddr ?? 0x08048000,
      header.vaddr ?? 0x08048000,
      header.filesz ?? 0x1000,
      header.memsz ?? header.filesz ?? 0x1000,
      header.flags ?? PF_R | PF_X,
      header.align ?? 0x1000,
    ];
    words.forEach((word, j) => {
      view.setUint32(at + j * 4, word, true);
    });
  });
  for (const [offset, content] of elf.pieces ?? []) {
    bytes.set(typeof content === "string" ? new TextEncoder().encode(content) : content, offset);
  }
  return bytes;
}

/** Text at 0x08048000, data with .bss at 0x0804a200. */
export const ordinaryHeaders: BuiltHeader[] = [
  { vaddr: 0x08048000, filesz: 0x1800, offset: 0 },
  { vaddr: 0x0804a200, filesz: 0x900, memsz: 0x2000, offset: 0x2200, flags: PF_R | PF_W },
];
