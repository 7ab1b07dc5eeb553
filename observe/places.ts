/** Addresses of a running program as symbols of the files mapped there, and symbols as addresses. */

import type { Inode } from "../kernel/fs/inode.ts";
import { textOf } from "../kernel/index.ts";
import type { MmStruct } from "../kernel/mm/mm.ts";
import { VM_EXEC } from "../kernel/mm/vma.ts";
import { PAGE_BYTES } from "../mmu/index.ts";
import { vmaAt } from "./region.ts";
import { SymbolTable } from "./symbols.ts";

/** A mapped ELF file whose code may run. */
interface MappedImage {
  readonly inode: Inode;
  readonly symbols: SymbolTable;
  /** Added to the file's own addresses. */
  readonly bias: number;
}

export class Places {
  /** Read when first asked for: a file may be gone at the end. */
  private readonly tables = new Map<Inode, SymbolTable>();

  /** "main+0x1c"; "libc.so.6+0x1234", an offset in the file, where there is no symbol; "" where no file is mapped. */
  at(mm: MmStruct | null, address: number): string {
    const vma = vmaAt(mm, address);
    if (mm === null || vma === null) return "";
    const symbol = this.symbolAt(mm, address);
    if (symbol !== null || vma.file === null) return symbol ?? "";
    const offset = address - vma.start + vma.pgoff * PAGE_BYTES;
    return `${textOf(vma.file.dentry.name)}+0x${offset.toString(16)}`;
  }

  /** "main+0x1c", or "counter+0x0" for data; null where there is no symbol. */
  symbolAt(mm: MmStruct, address: number): string | null {
    const file = vmaAt(mm, address)?.file ?? null;
    for (const { inode, symbols, bias } of this.images(mm)) {
      if (file !== null && file.inode !== inode) continue;
      const own = address - bias;
      const place = own < symbols.end ? symbols.place(own) : null;
      if (place !== null) return `${place.name}+0x${place.offset.toString(16)}`;
    }
    return null;
  }

  /** Linear address of a symbol, the program's before those of its libraries; null if nobody defines it. */
  addressOf(mm: MmStruct, name: string): number | null {
    for (const { symbols, bias } of this.images(mm)) {
      const address = symbols.addressOf(name);
      if (address !== null) return (address + bias) >>> 0;
    }
    return null;
  }

  /** The program first, then what else is mapped and may be executed, by address. */
  private images(mm: MmStruct): MappedImage[] {
    const found = new Map<Inode, MappedImage>();
    const executable = new Set<Inode>();
    for (let vma = mm.vmas.first; vma !== null; vma = vma.next) {
      if (vma.file === null) continue;
      const { inode } = vma.file;
      if ((vma.flags & VM_EXEC) !== 0) executable.add(inode);
      if (found.has(inode)) continue;
      const symbols = this.table(inode);
      const bias = symbols.bias(vma.start, vma.pgoff * PAGE_BYTES);
      if (bias !== null) found.set(inode, { inode, symbols, bias });
    }
    const images = [...found.values()].filter(({ inode }) => executable.has(inode));
    const main = mm.exeFile?.inode;
    return [...images.filter(({ inode }) => inode === main), ...images.filter(({ inode }) => inode !== main)];
  }

  private table(inode: Inode): SymbolTable {
    const known = this.tables.get(inode);
    if (known !== undefined) return known;
    const table = new SymbolTable(fileContents(inode));
    this.tables.set(inode, table);
    return table;
  }
}

/** A file as it lies in its file system, past the page cache; nothing if it cannot be read. */
export function fileContents(inode: Inode): Uint8Array {
  const bytes = new Uint8Array(inode.isRegular ? inode.size : 0);
  const read = inode.readAt(0, bytes, 0, bytes.length);
  return bytes.subarray(0, Math.max(0, read));
}
