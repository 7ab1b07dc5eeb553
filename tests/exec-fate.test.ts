/** What becomes of a process that executes a file: it goes on with an errno, runs the new program, or is killed. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { PF_R, PF_W, PF_X, PT_INTERP } from "../emu/elf.ts";
import { EIO, ELIBBAD, ELOOP, ENOENT, ENOEXEC } from "../kernel/errno.ts";
import { frameLedger } from "../kernel/mm/ledger.ts";
import { createMachine } from "../observe/index.ts";
import { type BuiltElf, type BuiltHeader, buildElf } from "./elf-builder.ts";

const BASE = 0x08048000;
const CODE = 0x100;
const STATUS = BASE + 0x300;
const PATH = BASE + 0x310;

const word = (value: number): number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];

/** The child executes PATH with no arguments and exits with the errno; the parent exits as a shell would tell of the child. */
const forkAndExec = [
  ...[0xb8, ...word(2), 0xcd, 0x80, 0x85, 0xc0, 0x75, 0x1b], // fork; test eax, eax; jnz parent
  ...[0xb8, ...word(11), 0xbb, ...word(PATH), 0x31, 0xc9, 0x31, 0xd2, 0xcd, 0x80], // execve(PATH, NULL, NULL)
  ...[0x89, 0xc3, 0xf7, 0xdb, 0xb8, ...word(1), 0xcd, 0x80], // exit(-eax)
  ...[0x89, 0xc3, 0xb9, ...word(STATUS), 0x31, 0xd2, 0xb8, ...word(7), 0xcd, 0x80], // waitpid(child, STATUS, 0)
  ...[0x8b, 0x1d, ...word(STATUS), 0x0f, 0xb6, 0xc3, 0x09, 0xc0, 0x75, 0x05], // mov ebx, [STATUS]; signal? jnz killed
  ...[0xc1, 0xeb, 0x08, 0xeb, 0x06], // shr ebx, 8; jmp done
  ...[0x83, 0xe3, 0x7f, 0x80, 0xcb, 0x80], // killed: and ebx, 127; or bl, 128
  ...[0xb8, ...word(1), 0xcd, 0x80], // done: exit(ebx)
];
/** exit(42). */
const leave = [0xb8, ...word(1), 0xbb, ...word(42), 0xcd, 0x80];

const all = PF_R | PF_W | PF_X;
const text: BuiltHeader = { vaddr: BASE, filesz: 0x1000, offset: 0, flags: all };

const parent = buildElf({
  headers: [text],
  pieces: [
    [CODE, forkAndExec],
    [PATH - BASE, "/child\0"],
  ],
});

/** The exit status of the parent: 42 of a program that ran, an errno, or 128 + the signal. */
function fate(child: BuiltElf | string, files: Record<string, Uint8Array> = {}): number | null {
  const encoder = new TextEncoder();
  const bytes = typeof child === "string" ? encoder.encode(child) : buildElf(child);
  const machine = createMachine({ mem: 4 << 20, quiet: true, files: { "/parent": parent, "/child": bytes, ...files } });
  machine.load("/parent");
  const result = machine.run(100_000);
  assert.equal(frameLedger(machine.kernel.mm).complaints, []);
  return result.reason === "exit" ? result.exitStatus : null;
}

const runs = (changes: Partial<BuiltElf> = {}): BuiltElf => ({ headers: [text], pieces: [[CODE, leave]], ...changes });
const withInterpreter = (path: string): BuiltElf =>
  runs({
    headers: [{ type: PT_INTERP, offset: 0x200, filesz: path.length + 1 }, text],
    pieces: [
      [CODE, leave],
      [0x200, `${path}\0`],
    ],
  });

const SIGBUS = 128 + 7;
const SIGSEGV = 128 + 11;

const cases: [name: string, child: BuiltElf | string, fate: number][] = [
  ["a program that is whole", runs(), 42],
  ["text", "text", ENOEXEC],
  ["no program headers", runs({ phnum: 0 }), ENOEXEC],
  ["a script without its interpreter", "#!/none\n", ENOENT],
  ["a script that interprets itself", "#!/child\n", ELOOP],
  ["an ELF interpreter that is not there", withInterpreter("/none"), ENOENT],
  ["an ELF interpreter of four bytes", withInterpreter("/short"), EIO],
  ["an ELF interpreter that is text", withInterpreter("/long"), ELIBBAD],
  ["a segment over another", runs({ headers: [{ ...text, offset: 0x1000, flags: PF_R }, text] }), 42],
  ["more memory in the file than the file has", runs({ headers: [{ ...text, filesz: 0x100000 }] }), 42],
  ["a segment beyond the end of the file", runs({ headers: [{ ...text, offset: 0x100000 }] }), SIGBUS],
  ["less memory than file", runs({ headers: [{ ...text, memsz: 0xfff }] }), SIGSEGV],
  ["a segment in the kernel", runs({ headers: [text, { ...text, vaddr: 0xc0000000 }] }), SIGSEGV],
  ["a segment in the stack's place", runs({ headers: [{ ...text, vaddr: 0xbffff000 }] }), SIGSEGV],
  ["an offset that is in another place of its page", runs({ headers: [{ ...text, offset: 0x10 }] }), SIGSEGV],
  ["an entry in the kernel", runs({ entry: 0xc0000000 }), SIGSEGV],
  ["more memory than there is", runs({ headers: [text, { ...text, vaddr: 0x10000000, memsz: 0xa0000000 }] }), SIGSEGV],
];

for (const [name, child, expected] of cases) {
  test(name, () => {
    const encoder = new TextEncoder();
    const files = { "/short": encoder.encode("text"), "/long": encoder.encode("text".repeat(30)) };
    assert.is(fate(child, files), expected);
  });
}

test.run();
