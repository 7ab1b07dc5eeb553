/**
 * The stack of a new program (cf. fs/exec.c copy_strings(), setup_arg_pages(), fs/binfmt_elf.c create_elf_tables()).
 *
 *     0xc0000000  +----------------------------+
 *                 | 4 bytes of zero            |
 *                 | name of the program        |  AT_EXECFN
 *                 | environment strings        |  env_start .. env_end
 *                 | argument strings           |  arg_start .. arg_end
 *                 | "i686", 16 random bytes    |  AT_PLATFORM, AT_RANDOM
 *                 | auxv pairs, AT_NULL last   |
 *                 | environment pointers, NULL |
 *                 | argument pointers, NULL    |
 *     ESP ----->  | argc                       |  16-byte aligned
 *                 +----------------------------+
 */

import { E2BIG, EFAULT, ENOMEM } from "../errno.ts";
import { accountVm, commitMemory } from "../mm/accounting.ts";
import { dataFlags } from "../mm/brk.ts";
import type { MmStruct } from "../mm/mm.ts";
import { addVma } from "../mm/mmap.ts";
import { PAGE_SIZE, TASK_SIZE } from "../mm/physical-memory.ts";
import { writeRemote } from "../mm/remote.ts";
import { expandStack } from "../mm/stack.ts";
import type { Uaccess } from "../mm/uaccess.ts";
import { VM_ACCOUNT, VM_EXEC, VM_GROWSDOWN } from "../mm/vma.ts";
import { RLIMIT_STACK } from "../task/rlimit.ts";
import type { ElfFile } from "./elf-file.ts";
import type { Program } from "./program.ts";

/** Room below the strings that the stack starts with: 128 KiB. */
const INITIAL_ROOM = 131072;

const AT_NULL = 0;
const AT_PHDR = 3;
const AT_PHENT = 4;
const AT_PHNUM = 5;
const AT_PAGESZ = 6;
const AT_BASE = 7;
const AT_FLAGS = 8;
const AT_ENTRY = 9;
const AT_UID = 11;
const AT_EUID = 12;
const AT_GID = 13;
const AT_EGID = 14;
const AT_PLATFORM = 15;
const AT_HWCAP = 16;
const AT_CLKTCK = 17;
const AT_SECURE = 23;
const AT_RANDOM = 25;
const AT_HWCAP2 = 26;
const AT_EXECFN = 31;

/** USER_HZ. */
const CLOCK_TICKS = 100;
const PHDR_BYTES = 32;

/** Who may execute the stack: what PT_GNU_STACK wants; "default" where there is none (EXSTACK_*). */
export type StackKind = "executable" | "plain" | "default";

/**
 * Makes the stack mapping of an address space and writes the strings (bprm_mm_init(), copy_strings()): 0, or -errno. The address
 * space need not be the active one.
 */
export function copyStrings(mm: MmStruct, program: Program, stack: StackKind): number {
  const { memory } = mm;
  const exec = dataFlags(memory.current.personality) & VM_EXEC;
  const executable = stack === "default" ? exec : stack === "executable" ? VM_EXEC : 0;
  const flags = (dataFlags(0) & ~VM_EXEC) | executable | VM_GROWSDOWN | VM_ACCOUNT | mm.defaultFlags;
  if (commitMemory(mm, 1) < 0) return -ENOMEM;
  addVma(mm, TASK_SIZE - PAGE_SIZE, TASK_SIZE, flags, TASK_SIZE / PAGE_SIZE - 1, null, null);
  accountVm(mm, flags, 1);

  const { argv, start } = program;
  const strings = [...argv, ...start.envp, start.filename];
  const bytes = new Uint8Array(strings.reduce((sum, string) => sum + string.length + 1, 0));
  let at = 0;
  for (const string of strings) {
    for (let i = 0; i < string.length; i++) bytes[at++] = string.charCodeAt(i);
    at++;
  }
  const bottom = TASK_SIZE - 4 - bytes.length;
  // From the top down, as Linux copies them: each page grows the stack by one.
  for (let end = bytes.length; end > 0; ) {
    const address = bottom + end - 1;
    const first = Math.max(0, end - 1 - (address % PAGE_SIZE));
    const written = writeRemote(mm, bottom + first, bytes, first, end - first, "force");
    if (written < end - first) return -E2BIG;
    end = first;
  }
  const size = (list: readonly string[]): number => list.reduce((sum, string) => sum + string.length + 1, 0);
  mm.argStart = bottom;
  mm.argEnd = bottom + size(argv);
  mm.envStart = mm.argEnd;
  mm.envEnd = mm.envStart + size(start.envp);
  mm.startStack = bottom;
  return 0;
}

/** Gives the stack of a new address space its first room to grow (setup_arg_pages()): 0, or -EFAULT. */
export function setupArgPages(mm: MmStruct): number {
  const vma = mm.vmas.last;
  if (vma === null) throw new Error("an address space without a stack");
  const limit = Math.floor(mm.memory.current.rlimit(RLIMIT_STACK) / PAGE_SIZE) * PAGE_SIZE;
  const base = vma.end - vma.start + INITIAL_ROOM > limit ? vma.end - limit : vma.start - INITIAL_ROOM;
  return base < vma.start && expandStack(mm, vma, base) < 0 ? -EFAULT : 0;
}

/** Writes what lies between the strings and ESP, into the active address space: the stack pointer, or -errno. */
export function writeElfTables(
  mm: MmStruct,
  user: Uaccess,
  program: Program,
  elf: ElfFile,
  addresses: { phdr: number; base: number; entry: number },
): number {
  const { argv, start } = program;
  const { cred } = start;
  let at = mm.argStart - (mm.argStart % 16);
  const platform = new Uint8Array(start.platform.length + 1);
  for (let i = 0; i < start.platform.length; i++) platform[i] = start.platform.charCodeAt(i);
  at -= platform.length;
  const platformAddress = at;
  if (!user.write(at, platform)) return -EFAULT;
  const random = new Uint8Array(16);
  start.random.fill(random);
  at -= random.length;
  const randomAddress = at;
  if (!user.write(at, random)) return -EFAULT;

  const secure = cred.uid !== cred.euid || cred.gid !== cred.egid;
  const auxv = [
    [AT_HWCAP, start.hwcap],
    [AT_PAGESZ, PAGE_SIZE],
    [AT_CLKTCK, CLOCK_TICKS],
    [AT_PHDR, addresses.phdr],
    [AT_PHENT, PHDR_BYTES],
    [AT_PHNUM, elf.header.phnum],
    [AT_BASE, addresses.base],
    [AT_FLAGS, 0],
    [AT_ENTRY, addresses.entry],
    [AT_UID, cred.uid],
    [AT_EUID, cred.euid],
    [AT_GID, cred.gid],
    [AT_EGID, cred.egid],
    [AT_SECURE, secure ? 1 : 0],
    [AT_RANDOM, randomAddress],
    [AT_HWCAP2, 0],
    [AT_EXECFN, mm.envEnd],
    [AT_PLATFORM, platformAddress],
    [AT_NULL, 0],
  ].flat();
  mm.savedAuxv = Uint32Array.from(auxv);

  // STACK_ADD(), STACK_ROUND().
  const words = [argv.length, ...stringPointers(program, mm), ...auxv];
  const stackPointer = at - (at % 4) - words.length * 4;
  const aligned = stackPointer - (stackPointer % 16);
  if (!user.write(aligned, wordBytes(words))) return -EFAULT;
  mm.startStack = aligned;
  return aligned;
}

/** argv and envp: the addresses of their strings, a null pointer behind each list. */
export function stringPointers({ argv, start }: Program, mm: MmStruct): number[] {
  const pointers: number[] = [];
  let string = mm.argStart;
  for (const list of [argv, start.envp]) {
    for (const text of list) {
      pointers.push(string);
      string += text.length + 1;
    }
    pointers.push(0);
  }
  return pointers;
}

/** Words of 32 bits as they lie in memory. */
export function wordBytes(words: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(words.length * 4));
  for (const [i, word] of words.entries()) view.setUint32(i * 4, word, true);
  return new Uint8Array(view.buffer);
}
