/** The loop of the machine: picks a task, runs its program, handles what the processor stops for. */

import { EXIT_DEADLINE, EXIT_INSTRUCTIONS, EXIT_TRAP } from "../emu/cpu.ts";
import type { Kernel } from "./kernel.ts";
import { AddressSpace } from "./mm/filemap.ts";
import { int80, resumeCall, sysenter } from "./syscall/dispatch.ts";
import { hasExitWork, returnToUser } from "./task/return-to-user.ts";
import { leaveCpu, switchTo } from "./task/switch.ts";
import type { Task } from "./task/task.ts";
import { handleException } from "./task/trap.ts";
import { runCpuTimers, untilCpuTimer } from "./time/cpu-timers.ts";

/** Time that a task may run while others wait (RR_TIMESLICE is 100 ms, CFS gives some 10), ns. */
const QUANTUM = 10_000_000;

/**
 * Cycles charged for the kernel's own work, which is not executed on the simulated CPU: entry, exit and the average body.
 * Named assumptions, of the order of a Linux 2.6 on a Pentium II; the guest's clock must not stand still in a loop of calls.
 */
const SYSCALL_CYCLES = 300;
const EXCEPTION_CYCLES = 800;
const SWITCH_CYCLES = 1200;

const SYSCALL_VECTOR = 0x80;

export interface RunBudget {
  /** Cycles to run for. Default: no limit. */
  cycles?: number;
  /** Instructions to run for, exact. Default: no limit. */
  instructions?: number;
}

/** Why run() came back. */
export type RunReason =
  /** The first process has ended and nothing else can run: wait status. */
  | { kind: "exit"; status: number }
  | { kind: "budget" }
  /** An observer set `stopRequested`; run() continues. */
  | { kind: "stopped" }
  /** Every task sleeps and one at least waits for standard input. `until`: cycles at which a timer would fire, or Infinity. */
  | { kind: "input"; until: number }
  /** Every task sleeps and nothing will ever wake one. */
  | { kind: "deadlock" };

/**
 * Runs the machine until something outside of it must decide. Can be called again after every reason: however small the
 * budgets are, everything happens at the same cycle as without any.
 */
export function run(k: Kernel, budget: RunBudget = {}): RunReason {
  const { cpu } = k;
  const endCycles = cpu.cycles + (budget.cycles ?? Number.POSITIVE_INFINITY);
  const endInstructions = cpu.instructions + (budget.instructions ?? Number.POSITIVE_INFINITY);
  for (;;) {
    if (!k.betweenTransfers) {
      if (k.hostInput.size > 0 && k.host.stdin.ready()) k.hostInput.wakeUp();
      if (k.scheduler.timers.next <= cpu.cycles) fireTimers(k);
      if (k.drained) return exitReason(k);
      if (k.stopRequested) {
        k.stopRequested = false;
        return { kind: "stopped" };
      }
    }
    const spent = cpu.cycles >= endCycles || cpu.instructions >= endInstructions;
    if (!k.betweenTransfers && (spent ? k.scheduler.pick() === null : !schedule(k))) {
      const idle = idleUntil(k, endCycles);
      if (idle !== null) return idle;
      if (!spent) continue;
    }
    if (spent) return { kind: "budget" };
    const task = k.current;
    runTask(k, task, Math.min(k.quantumEnd, endCycles), endInstructions);
    if (task.state !== "running" && task === k.onCpu) leaveCpu(k);
  }
}

/** Puts the task on the CPU whose turn it is; false if nobody can run. */
function schedule(k: Kernel): boolean {
  const { cpu, scheduler } = k;
  let task = scheduler.pick();
  if (task === null) return false;
  if (task === k.onCpu && cpu.cycles >= k.quantumEnd) {
    scheduler.rotate(task);
    const next = scheduler.pick() as Task;
    if (next !== task) task.usage.involuntarySwitches++;
    task = next;
    k.quantumEnd = cpu.cycles + k.clock.cyclesAt(QUANTUM);
  }
  if (task !== k.onCpu) {
    switchTo(k, task);
    cpu.addCycles(SWITCH_CYCLES);
    task.usage.systemCycles += SWITCH_CYCLES;
    k.quantumEnd = cpu.cycles + k.clock.cyclesAt(QUANTUM);
  }
  return true;
}

/** Runs the task on the CPU until it sleeps, stops, ends, or a limit or a timer is reached. */
function runTask(k: Kernel, task: Task, end: number, endInstructions: number): void {
  const { cpu } = k;
  const { timers } = k.scheduler;
  if (!k.betweenTransfers) {
    if (task.firstRun !== null) {
      task.firstRun();
      task.firstRun = null;
    }
    if (task.call !== null) resumeCall(k, task);
    // A task that comes back from a stop still has its interrupted call to restart: it always looks.
    if (task.state === "running" && !returnToUser(k, task)) return;
  }
  const { usage } = task;
  let now = cpu.cycles;
  while (task.state === "running") {
    if (!k.betweenTransfers && hasExitWork(task)) {
      if (!returnToUser(k, task)) return;
      now = cpu.cycles;
    }
    const limit = Math.min(end, timers.next, now + untilCpuTimer(k, task));
    const reason = cpu.run(limit, endInstructions);
    const entry = cpu.cycles;
    usage.userCycles += entry - now;
    now = entry;
    k.betweenTransfers = reason === EXIT_INSTRUCTIONS;
    if (k.betweenTransfers) return;
    if (reason === EXIT_TRAP) {
      cpu.addCycles(handleTrap(k, task));
      now = cpu.cycles;
      usage.systemCycles += now - entry;
    } else {
      task.origEax = -1;
      if (reason !== EXIT_DEADLINE) throw new Error(`the processor stopped with reason ${reason} at CPL 3`);
    }
    runCpuTimers(k, task);
    if (k.scheduler.needResched) {
      k.scheduler.needResched = false;
      return;
    }
    if (k.stopRequested) return;
    if (now >= end || cpu.instructions >= endInstructions || now >= timers.next) return;
  }
}

/** Handles what stopped the processor. Returns the cycles that the kernel's work is worth. */
function handleTrap(k: Kernel, task: Task): number {
  const { trap } = k.cpu;
  if (trap.source === "int" && trap.vector === SYSCALL_VECTOR) {
    int80(k, task);
    return SYSCALL_CYCLES;
  }
  if (trap.source === "sysenter") {
    sysenter(k, task);
    return SYSCALL_CYCLES;
  }
  task.origEax = -1;
  handleException(k, task);
  return EXCEPTION_CYCLES;
}

function fireTimers(k: Kernel): void {
  k.counters.timerTicks++;
  k.scheduler.timers.run(k.cpu.cycles);
}

/** Nobody can run: lets time pass until the next timer, or says why that is no use. */
function idleUntil(k: Kernel, endCycles: number): RunReason | null {
  leaveCpu(k);
  const next = k.scheduler.timers.next;
  if (k.hostInput.size > 0) return k.mainExit !== null ? finish(k) : { kind: "input", until: next };
  if (next === Number.POSITIVE_INFINITY) return k.mainExit !== null ? finish(k) : { kind: "deadlock" };
  k.cpu.addCycles(Math.max(0, Math.min(next, endCycles) - k.cpu.cycles));
  return null;
}

/** While the machine waits for input its clock stands still, unless its owner lets time pass: up to `cycles` (absolute). */
export function passTime(k: Kernel, cycles: number): void {
  if (cycles > k.cpu.cycles) k.cpu.addCycles(cycles - k.cpu.cycles);
}

/** Nothing will run any more: what programs wrote through shared mappings reaches its files. */
function finish(k: Kernel): RunReason {
  k.drained = true;
  for (const cache of k.mm.memory.pageCaches) if (cache instanceof AddressSpace) cache.writeBack();
  return exitReason(k);
}

function exitReason(k: Kernel): RunReason {
  if (k.mainExit === null) throw new Error("the first process has not ended");
  return { kind: "exit", status: k.mainExit.status };
}
