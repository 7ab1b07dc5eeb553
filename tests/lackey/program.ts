/** The traced programs, and what their instructions are. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readElfHeader, readProgramHeader } from "../../emu/index.ts";
import { Decoded, decode, OK, rows } from "../../emu/isa/index.ts";

/** Where the programs store before and behind what is compared (start.h). */
export const MARKER = 0x0a000000;

export const programNames = ["forms", "strings", "x87", "sort"] as const;
export type ProgramName = (typeof programNames)[number];

/** No SSE: valgrind shows its processor's instructions, this machine has none of them. */
const flags = [
  ..."-m32 -march=i686 -mno-sse -mfpmath=387 -O2 -ffreestanding -fno-pie -fno-stack-protector".split(" "),
  ..."-fcf-protection=none -fno-asynchronous-unwind-tables -static -nostdlib -no-pie -Wl,--build-id=none".split(" "),
  `-Wl,--section-start=.marker=0x${MARKER.toString(16)}`,
];

/** What the comparison needs to know of an instruction. */
export interface Instruction {
  readonly length: number;
  readonly mnemonic: string;
  /** Has a LOCK prefix, or is XCHG, which locks anyway. */
  readonly locked: boolean;
  readonly repeated: boolean;
}

export class Program {
  readonly name: ProgramName;
  /** Of the ELF. */
  readonly path: string;
  readonly bytes: Uint8Array;
  private readonly known = new Map<number, Instruction>();

  /** Builds it with gcc. Throws if that fails. */
  constructor(name: ProgramName, directory: string) {
    this.name = name;
    this.path = join(directory, name);
    const sources = name === "sort" ? ["start.S", "sort.c"] : [`${name}.S`];
    const files = sources.map((file) => join("tests/lackey", file));
    const { status, stderr } = spawnSync("gcc", [...flags, "-o", this.path, ...files, "-lgcc"], { encoding: "utf8" });
    if (status !== 0) throw new Error(`gcc ${name}: ${stderr}`);
    this.bytes = readFileSync(this.path);
  }

  /** The instruction at a linear address of the image. */
  instruction(address: number): Instruction {
    let instruction = this.known.get(address);
    if (instruction === undefined) {
      instruction = this.decode(address);
      this.known.set(address, instruction);
    }
    return instruction;
  }

  private decode(address: number): Instruction {
    const header = readElfHeader(this.bytes, this.bytes.length);
    if (typeof header === "string") throw new Error(header);
    for (let i = 0; i < header.phnum; i++) {
      const { vaddr, filesz, offset } = readProgramHeader(this.bytes.subarray(header.phoff), i);
      if (address < vaddr || address >= vaddr + filesz) continue;
      const d = new Decoded();
      const at = offset + address - vaddr;
      if (decode(d, this.bytes, at, offset + filesz, true) !== OK) break;
      const { mnemonic } = rows[d.row];
      return {
        length: d.length,
        mnemonic,
        locked: d.lock || (mnemonic === "XCHG" && d.memory),
        repeated: d.rep !== 0,
      };
    }
    throw new Error(`no instruction at ${address.toString(16)} of ${this.name}`);
  }
}
