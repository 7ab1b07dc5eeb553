/** execve without a processor: loaders, files in memory, and the address space that comes of them. */

import * as assert from "uvu/assert";
import { type LoadedProgram, type LoadFailure, loadProgram, type ProgramStart } from "../kernel/binfmt/load.ts";
import { ENOENT } from "../kernel/errno.ts";
import { RLIMIT_STACK } from "../kernel/task/rlimit.ts";
import { type BuiltElf, buildElf } from "./elf-builder.ts";
import { MemoryFile, Rig, type RigOptions } from "./mm-rig.ts";

/** A machine with files by name, and what became of the last execve. */
export class ExecRig extends Rig {
  readonly files = new Map<string, MemoryFile>();
  reason = "";
  oldProgram: LoadFailure["oldProgram"] = "goes on";

  constructor(options: RigOptions = {}) {
    super(options);
    this.task.limits[RLIMIT_STACK] = 8 << 20;
  }

  add(name: string, contents: BuiltElf | Uint8Array | string): MemoryFile {
    const bytes =
      typeof contents === "string"
        ? new TextEncoder().encode(contents)
        : contents instanceof Uint8Array
          ? contents
          : buildElf(contents);
    const file = new MemoryFile(name, bytes);
    this.files.set(name, file);
    return file;
  }

  exec(name: string, changes: Partial<ProgramStart> = {}): LoadedProgram | number {
    const file = this.files.get(name);
    if (file === undefined) throw new Error(`no file ${name}`);
    this.reason = "";
    this.oldProgram = "goes on";
    const loaded = loadProgram(this.manager, file, {
      argv: [name, "one", "two"],
      envp: ["A=b", "PATH=/"],
      filename: name,
      openExec: (path) => this.files.get(path)?.get() ?? -ENOENT,
      cred: { uid: 1, euid: 1, gid: 3, egid: 3 },
      caller: this.task,
      random: { fill: (bytes) => bytes.fill(0x5a) },
      hwcap: 0x8111,
      platform: "i686",
      refused: (reason) => {
        this.reason = reason;
      },
      ...changes,
    });
    if (!("error" in loaded)) return loaded;
    this.oldProgram = loaded.oldProgram;
    return loaded.error;
  }

  run(name: string, changes: Partial<ProgramStart> = {}): LoadedProgram {
    const loaded = this.exec(name, changes);
    if (typeof loaded === "number") throw new Error(`exec ${name}: ${loaded} (${this.reason})`);
    this.assertBalanced();
    return loaded;
  }

  word(address: number): number {
    return this.manager.user.getU32(address);
  }

  /** Argument and environment strings, and auxv, read as a program would from its stack pointer. */
  stack(esp: number): { argv: string[]; envp: string[]; auxv: Map<number, number> } {
    let at = esp;
    const next = (): number => {
      const value = this.word(at);
      at += 4;
      return value;
    };
    const strings = (): string[] => {
      const list: string[] = [];
      for (let pointer = next(); pointer !== 0; pointer = next())
        list.push(String(this.manager.user.string(pointer, 4096)));
      return list;
    };
    const argc = next();
    const argv = strings();
    assert.is(argv.length, argc);
    const envp = strings();
    const auxv = new Map<number, number>();
    for (let key = next(); key !== 0; key = next()) auxv.set(key, next());
    return { argv, envp, auxv };
  }
}
