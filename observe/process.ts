/** One process of a machine: its registers and its memory, from outside. Looking changes no counter and no page table. */

import { readEflags, writeEflags } from "../emu/flags.ts";
import { EIP, SELECTOR } from "../emu/state.ts";
import { type Kernel, textOf } from "../kernel/index.ts";
import { mapsText } from "../kernel/mm/maps-text.ts";
import type { MmStruct } from "../kernel/mm/mm.ts";
import { pteFrame, ptePresent } from "../kernel/mm/page-tables.ts";
import { writeRemote } from "../kernel/mm/remote.ts";
import { mappingOf } from "../kernel/mm/vm-ops.ts";
import type { Task, TaskState } from "../kernel/task/task.ts";
import { PAGE_BYTES } from "../mmu/index.ts";

/** In the order of ModRM.reg. */
const general = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"] as const;
const segments = ["es", "cs", "ss", "ds", "fs", "gs"] as const;

export type GeneralRegister = (typeof general)[number];
export type SegmentRegister = (typeof segments)[number];
/** uint32; segment registers are selectors. */
export type Registers = Record<GeneralRegister | SegmentRegister | "eip" | "eflags", number>;

export class ProcessView {
  readonly #kernel: Kernel;
  readonly #task: Task;

  /** @param task the thread whose registers are shown */
  constructor(kernel: Kernel, task: Task) {
    this.#kernel = kernel;
    this.#task = task;
  }

  get pid(): number {
    return this.#task.pid;
  }

  get parentPid(): number {
    return this.#task.ppid;
  }

  /** The last component of the program's path, at most 15 bytes. */
  get name(): string {
    return textOf(this.#task.comm);
  }

  get state(): TaskState {
    return this.#task.state;
  }

  registers(): Registers {
    const words = this.words();
    const values = { eip: words[EIP] >>> 0, eflags: readEflags(words) >>> 0 } as Registers;
    general.forEach((name, n) => {
      values[name] = words[n] >>> 0;
    });
    segments.forEach((name, n) => {
      values[name] = words[SELECTOR + n];
    });
    return values;
  }

  /** Sets a register. The result of a system call that sleeps replaces EAX when it ends. */
  setRegister(name: GeneralRegister | "eip" | "eflags", value: number): void {
    const words = this.words();
    if (name === "eip") words[EIP] = value;
    else if (name === "eflags") writeEflags(words, value);
    else words[general.indexOf(name)] = value;
  }

  /**
   * Bytes at a linear address, up to the first page that nothing is mapped at. A page that was never touched is read from
   * where a page fault would take it, but not brought in.
   */
  read(address: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    const { mm } = this.#task;
    let done = 0;
    while (mm !== null && done < length) {
      const at = (address >>> 0) + done;
      const part = Math.min(PAGE_BYTES - (at % PAGE_BYTES), length - done);
      if (!readPage(mm, at, bytes.subarray(done, done + part))) break;
      done += part;
    }
    return bytes.subarray(0, done);
  }

  /** Text up to the first zero byte, at most `limit` bytes. */
  readText(address: number, limit = 4096): string {
    const bytes = this.read(address, limit);
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  }

  /**
   * Writes as a debugger does: read-only mappings too, shared pages are copied first, and pages that are not in memory are
   * brought in, which counts as a fault. Returns the bytes written before the first page that nothing is mapped at.
   */
  write(address: number, bytes: Uint8Array): number {
    const { mm } = this.#task;
    return mm === null ? 0 : writeRemote(mm, address >>> 0, bytes, 0, bytes.length, "force");
  }

  /** The mappings as /proc/PID/maps shows them; "" once the process has ended. */
  maps(): string {
    const { mm, fs } = this.#task;
    return mm === null || fs === null ? "" : textOf(mapsText(mm, fs.root));
  }

  /** State words of the task: of the processor if it is there, else as saved. */
  private words(): Int32Array {
    const { onCpu, cpu } = this.#kernel;
    return onCpu === this.#task ? cpu.state : this.#task.context;
  }
}

/** Fills `into` from the page at `address`, which it does not cross the end of; false if nothing is mapped there. */
function readPage(mm: MmStruct, address: number, into: Uint8Array): boolean {
  const vma = mm.vmas.find(address);
  if (vma === null || vma.start > address) return false;
  const pte = mm.tables.read(address);
  if (ptePresent(pte)) {
    mm.memory.ram.load(pteFrame(pte) * PAGE_BYTES + (address % PAGE_BYTES), into, 0, into.length);
  } else if (vma.ops !== null) {
    const position = vma.indexOf(address) * PAGE_BYTES + (address % PAGE_BYTES);
    mappingOf(vma).read(position, into, 0, into.length);
  }
  return true;
}
