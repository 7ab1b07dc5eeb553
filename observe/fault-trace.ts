/** A program's page faults, one by one: what `pagewalk faults` shows, and what its records hold. */

import { FAULT_KINDS } from "../kernel/index.ts";
import type { PageFaultEvent } from "./events.ts";
import type { LinuxMachine } from "./machine.ts";
import { Places } from "./places.ts";

export interface TracedFault extends PageFaultEvent {
  /** 1, 2, 3 ... in the order in which they happen. */
  readonly fault: number;
  /** The instruction as "main+0x1c", or as "libc.so.6+0x1234", an offset in the file; "" where no file is mapped. */
  readonly symbol: string;
}

/** Which faults are told; without a field, all. */
export interface FaultFilter {
  /** Process and thread ids. */
  readonly pids?: readonly number[];
  /** Of faultWords: faults that answer to one of them. */
  readonly kinds?: readonly string[];
}

/** Counts of some faults. */
export interface FaultCounts {
  readonly faults: number;
  readonly minor: number;
  readonly major: number;
  /** Ended in a signal. */
  readonly refused: number;
  /** Of the kernel's own accesses to the program's memory. */
  readonly byKernel: number;
}

export interface FaultSummary extends FaultCounts {
  /** By the word that faultKind() gives, in the order of their first fault. */
  readonly kinds: Readonly<Record<string, FaultCounts>>;
  /** By pid. */
  readonly processes: Readonly<Record<string, FaultCounts>>;
}

/** One word: "COW-copy", "zero+stack-growth", "SEGV-MAPERR". */
export function faultKind({ kind, signal, stackGrowth }: PageFaultEvent): string {
  const growth = stackGrowth ? "+stack-growth" : "";
  const code = signal === null || signal === "SI_KERNEL" ? "" : signal.slice(signal.indexOf("_"));
  return kind.replaceAll(" ", "-") + code.replace("_", "-") + growth;
}

type Test = (fault: PageFaultEvent) => boolean;

/** What a filter may ask for: the kinds, as "cow-copy" or by their first word, "cow", and a few other properties. */
const tests = new Map<string, Test>();
for (const kind of FAULT_KINDS) {
  const [first] = kind.split(" ");
  tests.set(first.toLowerCase(), (fault) => fault.kind.split(" ")[0] === first);
}
for (const kind of FAULT_KINDS) tests.set(kind.replaceAll(" ", "-").toLowerCase(), (fault) => fault.kind === kind);
tests.set("stack-growth", ({ stackGrowth }) => stackGrowth);
tests.set("signal", ({ signal }) => signal !== null);
tests.set("minor", ({ major, signal }) => !major && signal === null);
tests.set("major", ({ major }) => major);
tests.set("read", ({ access }) => access === "read");
tests.set("write", ({ access }) => access === "write");
tests.set("program", ({ by }) => by === "program");
tests.set("kernel", ({ by }) => by === "kernel");

export const faultWords: readonly string[] = [...tests.keys()];

class Tally {
  faults = 0;
  minor = 0;
  major = 0;
  refused = 0;
  byKernel = 0;

  add({ major, signal, by }: PageFaultEvent): void {
    this.faults++;
    if (signal !== null) this.refused++;
    else if (major) this.major++;
    else this.minor++;
    if (by === "kernel") this.byKernel++;
  }
}

function tallyOf<Key>(tallies: Map<Key, Tally>, key: Key): Tally {
  const tally = tallies.get(key) ?? new Tally();
  tallies.set(key, tally);
  return tally;
}

export class FaultTrace {
  private readonly all = new Tally();
  private readonly kinds = new Map<string, Tally>();
  private readonly processes = new Map<number, Tally>();
  private faults = 0;

  /**
   * Tells `listener` each fault from now on; make it before the program is loaded, or those of its start are missing. The
   * listener may look at the machine, which is as the fault has left it.
   */
  constructor(machine: LinuxMachine, listener: (fault: TracedFault) => void, filter: FaultFilter = {}) {
    const places = new Places();
    machine.on("fault", (event) => {
      this.faults++;
      if (!passes(event, filter)) return;
      const mm = machine.kernel.onCpu?.mm ?? null;
      this.count(event);
      listener({ fault: this.faults, ...event, symbol: places.at(mm, event.eip) });
    });
  }

  summary(): FaultSummary {
    const byNumber = [...this.processes].sort(([a], [b]) => a - b);
    return {
      ...this.all,
      kinds: Object.fromEntries([...this.kinds].map(([kind, tally]) => [kind, { ...tally }])),
      processes: Object.fromEntries(byNumber.map(([pid, tally]) => [pid, { ...tally }])),
    };
  }

  private count(event: PageFaultEvent): void {
    this.all.add(event);
    tallyOf(this.kinds, faultKind(event)).add(event);
    tallyOf(this.processes, event.pid).add(event);
  }
}

function passes(fault: PageFaultEvent, { pids, kinds }: FaultFilter): boolean {
  if (pids !== undefined && !pids.includes(fault.pid)) return false;
  return kinds === undefined || kinds.some((word) => tests.get(word)?.(fault));
}
