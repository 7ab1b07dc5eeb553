/**
 * Loads a flat ELF kernel the way a multiboot loader does (Multiboot Specification 0.6.96, sections 3.1 to 3.3):
 * segments at their physical addresses, protected mode, flat segments, paging and interrupts off.
 *
 * A file without a multiboot header is loaded the same way; the header only has to be right where there is one.
 */
import { ET_EXEC, PHDR_BYTES, PT_LOAD, readElfHeader, readProgramHeader } from "./elf.ts";
import type { Machine } from "./machine.ts";
import { EAX, EBX } from "./state.ts";

const HEADER_MAGIC = 0x1badb002;
const LOADER_MAGIC = 0x2badb002;
/** The header lies within the first 8192 bytes, on a 4-byte boundary. */
const HEADER_SEARCH = 8192;
/** Flags of the header that this loader does not understand make it refuse (bits 0..15 are requirements). */
const UNDERSTOOD = 0x0003;
/** Where the information structure goes: below the conventional 640 KiB, where no kernel is linked. */
const INFO_ADDRESS = 0x9000;
const INFO_BYTES = 88;
/** Info flags: memory sizes, command line. */
const INFO_MEMORY = 1;
const INFO_COMMAND_LINE = 4;

/**
 * Puts a kernel into the machine's RAM and the registers into the state of section 3.2.
 *
 * @param commandLine handed over through the information structure
 * @returns what is wrong with the file, or "" when the machine is ready to run
 */
export function loadKernel(machine: Machine, file: Uint8Array, commandLine: string): string {
  const header = readElfHeader(file, file.length);
  if (typeof header === "string") return header;
  if (header.type !== ET_EXEC) return "a position-independent ELF file; a kernel must be linked at a fixed address";
  const problem = headerProblem(file);
  if (problem !== "") return problem;
  const { ram, cpu } = machine;
  const table = file.subarray(header.phoff, header.phoff + header.phnum * PHDR_BYTES);
  let loaded = 0;
  for (let i = 0; i < header.phnum; i++) {
    const segment = readProgramHeader(table, i);
    if (segment.type !== PT_LOAD || segment.memsz === 0) continue;
    if (segment.filesz > segment.memsz) return `segment ${i} has more bytes in the file than in memory`;
    if (segment.offset + segment.filesz > file.length) {
      return `truncated: segment ${i} reaches past the end of the file (${file.length} bytes)`;
    }
    if (segment.paddr + segment.memsz > ram.size) {
      const end = (segment.paddr + segment.memsz).toString(16);
      return `segment ${i} ends at physical address 0x${end}, past the ${ram.size >>> 20} MiB of RAM`;
    }
    ram.writeBytes(segment.paddr, file.subarray(segment.offset, segment.offset + segment.filesz));
    ram.fill(segment.paddr + segment.filesz, segment.memsz - segment.filesz, 0);
    loaded++;
  }
  if (loaded === 0) return "no loadable segment";
  writeInfo(machine, commandLine);
  cpu.reset();
  cpu.traps = "guest";
  cpu.regs[EAX] = LOADER_MAGIC;
  cpu.regs[EBX] = INFO_ADDRESS;
  cpu.eip = header.entry;
  return "";
}

/** What is wrong with the multiboot header; "" if nothing, or if there is none. */
function headerProblem(file: Uint8Array): string {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 0; at + 12 <= Math.min(file.length, HEADER_SEARCH); at += 4) {
    if (view.getUint32(at, true) !== HEADER_MAGIC) continue;
    const flags = view.getUint32(at + 4, true);
    if (((HEADER_MAGIC + flags + view.getUint32(at + 8, true)) | 0) !== 0) continue;
    const unknown = flags & 0xffff & ~UNDERSTOOD;
    if (unknown !== 0)
      return `the multiboot header requires features that are not offered (flags 0x${unknown.toString(16)})`;
    return "";
  }
  return "";
}

function writeInfo(machine: Machine, commandLine: string): void {
  const { ram } = machine;
  const text = new TextEncoder().encode(`${commandLine}\0`);
  ram.fill(INFO_ADDRESS, INFO_BYTES, 0);
  ram.write32(INFO_ADDRESS, INFO_MEMORY | INFO_COMMAND_LINE);
  ram.write32(INFO_ADDRESS + 4, 640);
  ram.write32(INFO_ADDRESS + 8, Math.max(0, ram.size / 1024 - 1024));
  ram.write32(INFO_ADDRESS + 16, INFO_ADDRESS + INFO_BYTES);
  ram.writeBytes(INFO_ADDRESS + INFO_BYTES, text.subarray(0, 4096 - INFO_BYTES));
}
