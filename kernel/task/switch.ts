/** Putting tasks on and off the CPU (arch/x86/kernel/process_32.c __switch_to()). */

import { Cpu } from "../../emu/cpu.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "./task.ts";

/** Makes `next` the task on the CPU; the one that was there keeps its registers in `context`. */
export function switchTo(k: Kernel, next: Task): void {
  leaveCpu(k);
  k.counters.contextSwitches++;
  k.setCurrent(next);
  k.mm.activate(next.mm, next);
  k.cpu.restoreContext(next.context);
  k.segments.loadTls(next.tls);
  k.segments.loadLdt(next.mm?.ldt ?? null);
}

/** Saves the registers of the task on the CPU, if there is one. */
export function leaveCpu(k: Kernel): void {
  const task = k.onCpu;
  if (task === null) return;
  saveContext(k, task);
  k.setCurrent(null);
}

/** Copies the registers of the CPU into the task. */
export function saveContext(k: Kernel, task: Task): void {
  if (task.context.length === 0) task.context = new Int32Array(Cpu.CONTEXT_WORDS);
  k.cpu.saveContext(task.context);
}
