/** Who is at work in a machine, for the stale-translation check: an instruction, or the kernel that stands outside of it. */

import { type Kernel, textOf } from "../kernel/index.ts";
import { syscallName } from "../kernel/syscall/dispatch.ts";
import type { LinuxMachine } from "./machine.ts";
import { Places } from "./places.ts";
import { SourceLines } from "./source-lines.ts";
import { exceptionName } from "./summary.ts";
import { LinuxSurroundings } from "./surroundings.ts";
import { SymbolTable } from "./symbols.ts";

export interface StaleWitness {
  /** What the kernel outside of the machine is doing, "mprotect of pid 3 (sh)"; null: an instruction is at work. */
  kernelWork(): string | null;
  /** Symbol of an instruction of what is running, "main+0x1c"; "" if none is known. */
  symbol(eip: number): string;
  /** Source line of it, "main.c:12"; "" if none is known. */
  source(eip: number): string;
}

/** Of a bare machine, where instructions of the guest do everything. `file`: the kernel's ELF image. */
export function bareWitness(file: Uint8Array): StaleWitness {
  const symbols = new SymbolTable(file);
  const lines = new SourceLines(file);
  return {
    kernelWork: () => null,
    symbol: (eip) => {
      const place = symbols.place(eip);
      return place === null ? "" : `${place.name}+0x${place.offset.toString(16)}`;
    },
    source: (eip) => {
      const line = lines.at(eip);
      return line === null ? "" : `${line.source}:${line.line}`;
    },
  };
}

/** Of a machine that runs Linux programs: the kernel writes every page table, and programs only use them. */
export function linuxWitness(linux: LinuxMachine): StaleWitness {
  const places = new Places();
  const surroundings = new LinuxSurroundings(linux);
  return {
    kernelWork: () => (linux.loaded ? workOf(linux.kernel) : "starting"),
    symbol: (eip) => (linux.loaded ? places.at(linux.kernel.onCpu?.mm ?? null, eip) : ""),
    source: (eip) => {
      surroundings.look();
      const { file, site } = surroundings.code(eip);
      const { source, line } = file.lineAt(site);
      return line === 0 ? "" : `${source}:${line}`;
    },
  };
}

function workOf({ onCpu, cpu }: Kernel): string {
  if (onCpu === null) return "no task";
  const { origEax, pid, comm } = onCpu;
  const work = origEax >= 0 ? syscallName(origEax) : cpu.instructions === 0 ? "start" : exceptionName(cpu.trap.vector);
  return `${work} of pid ${pid} (${textOf(comm)})`;
}
