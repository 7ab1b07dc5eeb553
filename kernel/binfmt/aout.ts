/**
 * a.out programs as Linux loaded them on the i386 until 5.18 (fs/binfmt_aout.c, include/uapi/linux/a.out.h).
 *
 *     exec header, 8 words:  a_info  a_text  a_data  a_bss  a_syms  a_entry  a_trsize  a_drsize
 *
 *     a_info & 0xffff          text in the file   text in memory   data in memory          how it comes there
 *     OMAGIC 0407  impure      from byte 32       from 0           behind the text         read into private memory
 *     NMAGIC 0410  pure        from byte 32       from 0           from the next KiB       read, text and data in one piece
 *     ZMAGIC 0413  paged       from byte 1024     from 0           from the next KiB       read likewise: 1 KiB is no page
 *     QMAGIC 0314  paged       from byte 0        from 0x1000      from the next KiB       mapped, the header with the text
 *
 * The .bss follows the data and starts out as whatever is in its first page. The stack has no auxv; between argc and
 * the array of argument pointers lie the addresses of that array and of the environment's.
 */

import { EFAULT, EINVAL, ENOEXEC, ENOMEM } from "../errno.ts";
import { readInode } from "../fs/regular-file.ts";
import { brkRegion, dataFlags } from "../mm/brk.ts";
import type { MmStruct } from "../mm/mm.ts";
import { doMmap } from "../mm/mmap.ts";
import { MAP_FIXED, MAP_PRIVATE, PROT_EXEC, PROT_READ, PROT_WRITE } from "../mm/mmap-flags.ts";
import { PAGE_SIZE, pageAlign } from "../mm/physical-memory.ts";
import { VM_EXEC } from "../mm/vma.ts";
import { RLIMIT_DATA } from "../task/rlimit.ts";
import type { BinaryFormat, LoadedProgram, Program } from "./program.ts";
import { stringPointers, wordBytes } from "./stack-image.ts";

export const OMAGIC = 0o407;
export const NMAGIC = 0o410;
export const ZMAGIC = 0o413;
export const QMAGIC = 0o314;

/** sizeof(struct exec). */
export const EXEC_BYTES = 32;
/** SEGMENT_SIZE of the i386: what data addresses are rounded up to. */
const SEGMENT_SIZE = 1024;

/** The exec header, all numbers uint32, and what the N_*() macros derive from it. */
interface AoutFile {
  readonly magic: number;
  readonly text: number;
  readonly data: number;
  readonly bss: number;
  readonly syms: number;
  readonly entry: number;
  /** Bytes of relocations: an object file, no program. */
  readonly relocations: number;
  /** N_TXTOFF, N_TXTADDR, N_DATADDR, N_BSSADDR. */
  readonly textOffset: number;
  readonly textAddress: number;
  readonly dataAddress: number;
  readonly bssAddress: number;
}

/** Reads the exec header; null if it has none of the four magic numbers. */
function readAout(head: Uint8Array): AoutFile | null {
  const view = new DataView(head.buffer, head.byteOffset, EXEC_BYTES);
  const [info, text, data, bss, syms, entry, trsize, drsize] = Array.from({ length: 8 }, (_, i) =>
    view.getUint32(i * 4, true),
  );
  const magic = info & 0xffff;
  if (magic !== OMAGIC && magic !== NMAGIC && magic !== ZMAGIC && magic !== QMAGIC) return null;
  const textOffset = magic === ZMAGIC ? 1024 : magic === QMAGIC ? 0 : EXEC_BYTES;
  const textAddress = magic === QMAGIC ? PAGE_SIZE : 0;
  const textEnd = textAddress + text;
  const dataAddress = magic === OMAGIC ? textEnd : Math.ceil(textEnd / SEGMENT_SIZE) * SEGMENT_SIZE;
  const relocations = trsize + drsize;
  const bssAddress = dataAddress + data;
  return { magic, text, data, bss, syms, entry, relocations, textOffset, textAddress, dataAddress, bssAddress };
}

export const aoutFormat: BinaryFormat = {
  name: "a.out",
  load(program: Program) {
    const aout = readAout(program.head);
    if (aout === null) return "other";
    const { file, start } = program;
    const { text, data, bss, syms, relocations, textOffset } = aout;
    if (relocations !== 0) return program.refuse(ENOEXEC, "an a.out object file, not an executable one");
    if (file.inode.size < text + data + syms + textOffset) return program.refuse(ENOEXEC, "a truncated a.out file");
    if (file.mappable !== "cache") return program.refuse(ENOEXEC, "an a.out file that cannot be mapped");
    if (data + bss > start.caller.rlimit(RLIMIT_DATA))
      return program.refuse(ENOMEM, "more data than RLIMIT_DATA allows");
    // set_personality(PER_LINUX).
    const mm = program.beginNewExec("default", 0);
    const loaded = typeof mm === "number" ? mm : fillMm(program, mm, aout);
    if (typeof loaded !== "number") return loaded;
    return program.refuse(-loaded, "the a.out program does not fit the address space or the memory");
  },
};

function fillMm(program: Program, mm: MmStruct, aout: AoutFile): LoadedProgram | number {
  mm.startCode = aout.textAddress;
  mm.endCode = aout.textAddress + aout.text;
  mm.startData = aout.dataAddress;
  mm.endData = aout.bssAddress;
  mm.startBrk = aout.bssAddress;
  mm.brk = aout.bssAddress + aout.bss;
  const error = aout.magic === QMAGIC ? mapImage(program, mm, aout) : readImage(program, mm, aout);
  if (error < 0) return error;
  const bssStart = pageAlign(mm.startBrk);
  const bssEnd = pageAlign(mm.brk);
  const grown = bssEnd > bssStart ? brkRegion(mm, bssStart, bssEnd, dataFlags(0)) : 0;
  if (grown < 0) return grown;
  const stackPointer = writeAoutTables(program, mm);
  if (stackPointer < 0) return stackPointer;
  return { mm, entry: aout.entry, stackPointer, personality: 0 };
}

/** Text and data in one piece into private memory: vm_brk_flags(), read_code(). */
function readImage({ file, manager }: Program, mm: MmStruct, { text, data, textOffset }: AoutFile): number {
  if (text + data === 0) return 0;
  const error = brkRegion(mm, 0, pageAlign(text + data), dataFlags(0) | VM_EXEC);
  if (error < 0) return error;
  const page = new Uint8Array(PAGE_SIZE);
  for (let at = 0; at < text + data; at += PAGE_SIZE) {
    const bytes = page.subarray(0, Math.min(PAGE_SIZE, text + data - at));
    const read = readInode(file.inode, textOffset + at, bytes, 0, bytes.length);
    if (read < 0) return read;
    if (!manager.user.write(at, bytes.subarray(0, read))) return -EFAULT;
  }
  return 0;
}

/** Text and data as two mappings of the file: vm_mmap(). Neither may be empty, and the data must start a page of it. */
function mapImage({ file }: Program, mm: MmStruct, aout: AoutFile): number {
  const { text, data, textAddress, dataAddress } = aout;
  if (text % PAGE_SIZE !== 0) return -EINVAL;
  const flags = MAP_FIXED | MAP_PRIVATE;
  const mapped = doMmap(mm, file, textAddress, text, PROT_READ | PROT_EXEC, flags, 0);
  if (mapped < 0) return mapped;
  const pgoff = text / PAGE_SIZE;
  const result = doMmap(mm, file, dataAddress, data, PROT_READ | PROT_WRITE | PROT_EXEC, flags, pgoff);
  return Math.min(result, 0);
}

/** create_aout_tables(): argc, the addresses of argv and envp, then both arrays. The stack pointer, or -errno. */
function writeAoutTables(program: Program, mm: MmStruct): number {
  const pointers = stringPointers(program, mm);
  const argc = program.argv.length;
  const argv = mm.argStart - (mm.argStart % 4) - pointers.length * 4;
  const envp = argv + (argc + 1) * 4;
  const stackPointer = argv - 12;
  if (!program.manager.user.write(stackPointer, wordBytes([argc, argv, envp, ...pointers]))) return -EFAULT;
  mm.startStack = stackPointer;
  return stackPointer;
}
