/** What happens in the TLBs of a machine that runs Linux programs, for listeners by name. */

import type { Machine } from "../emu/index.ts";
import type { MmuEvent } from "../mmu/index.ts";
import { listenToMmu } from "./mmu-events.ts";

/** Whose access it is and where. */
export interface LookupEvent {
  /** Instructions executed before. */
  readonly instructions: number;
  /** The thread on the processor, 0 before there is one. */
  readonly pid: number;
  /** Linear address, uint32. */
  readonly address: number;
  /** The instruction; while the kernel accesses the program's memory the one behind its system call. */
  readonly eip: number;
  readonly access: "read" | "write" | "fetch";
  /** Who made the access: the program at CPL 3, or the kernel for it. */
  readonly by: "program" | "kernel";
}

export interface WalkEvent extends LookupEvent {
  /** Paging-structure entries read, and those written because A or D was set. */
  readonly reads: number;
  readonly writes: number;
  /** What the processor takes for it. */
  readonly clocks: number;
}

export interface EvictEvent {
  readonly instructions: number;
  readonly pid: number;
  /** Name of the TLB that the entry was displaced from, as in `--tlb`. */
  readonly tlb: string;
  /** First linear address of its page, uint32. */
  readonly address: number;
  readonly size: "4K" | "4M";
}

export interface FlushEvent {
  readonly instructions: number;
  readonly pid: number;
  /** MOV to CR3, INVLPG, a change of CR0.PG or of CR4.PGE, PSE or PAE, or all entries for the machine's owner. */
  readonly cause: "cr3" | "invlpg" | "cr0" | "cr4" | "all";
  /** The address that INVLPG was given, uint32; null for the others. */
  readonly address: number | null;
}

export interface TlbEvents {
  /**
   * A lookup that the first TLB level answers. Complete for data with `translation: "plain"`; else those hits alone that the
   * hot slots cannot answer. Fetches are looked up where something can have changed since the last one.
   */
  hit: LookupEvent;
  /** A lookup that the first TLB level does not answer. A lower level may, or a walk follows. */
  miss: LookupEvent;
  /** A page walk: after a miss of all levels, or for a write that hits an entry with D = 0. A fault may follow. */
  walk: WalkEvent;
  /** A valid entry made room for another. */
  evict: EvictEvent;
  /** Entries were invalidated on request. */
  flush: FlushEvent;
}

const accessNames = ["read", "write", "fetch"] as const;
const names: readonly (keyof TlbEvents)[] = ["hit", "miss", "walk", "evict", "flush"];

/** Where events go: what Listeners has of these. */
export interface TlbListeners {
  has(name: keyof TlbEvents): boolean;
  tell<Name extends keyof TlbEvents>(name: Name, event: TlbEvents[Name]): void;
}

/**
 * Hears the paging unit for those who listen now; with nobody it is left alone. What comes back ends that.
 *
 * @param pid of the thread on the processor
 */
export function hookMmu(machine: Machine, listeners: TlbListeners, pid: () => number): () => void {
  const wanted = new Set<string>(names.filter((name) => listeners.has(name)));
  if (wanted.size === 0) return () => {};
  const { cpu } = machine;
  return listenToMmu(machine.mmu, (event) => {
    if (wanted.has(event.kind)) tell(event, listeners, { instructions: cpu.instructionsBefore, pid: pid() }, cpu.eip);
  });
}

function tell(
  event: MmuEvent,
  listeners: TlbListeners,
  when: Pick<EvictEvent, "instructions" | "pid">,
  eip: number,
): void {
  const { linear: address } = event;
  switch (event.kind) {
    case "evict":
      listeners.tell("evict", { ...when, tlb: event.tlb, address, size: event.size });
      return;
    case "flush":
      listeners.tell("flush", { ...when, cause: event.cause, address: event.cause === "invlpg" ? address : null });
      return;
    case "hit":
    case "miss":
      listeners.tell(event.kind, { ...when, ...accessOf(event, eip) });
      return;
    case "walk": {
      const { reads, writes, clocks } = event;
      listeners.tell("walk", { ...when, ...accessOf(event, eip), reads, writes, clocks });
    }
  }
}

function accessOf(event: { linear: number; access: number; user: number }, eip: number) {
  const by = event.user !== 0 ? ("program" as const) : ("kernel" as const);
  return { address: event.linear, eip, access: accessNames[event.access], by };
}
