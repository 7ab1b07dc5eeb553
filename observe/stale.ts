/**
 * The stale-translation check: reports every use of a page whose translation was changed in memory and not invalidated, whether
 * or not a TLB of this size still held the old one. Watching changes no counter. Rules and sources: docs/stale.md.
 */

import { ATTR_BIG, type Machine } from "../emu/index.ts";
import { disassemble } from "../emu/isa/index.ts";
import { ATTRIBUTES, CS } from "../emu/state.ts";
import { FETCH, type MmuEvent, PTE_D, PTE_P, PTE_RW, PTE_US, pteAddress, WRITE } from "../mmu/index.ts";
import { physical } from "../mmu/plain.ts";
import { listenToMmu } from "./mmu-events.ts";
import { lostOf, ShadowTlb, type StaleUse } from "./stale-shadow.ts";
import type { StaleWitness } from "./stale-witness.ts";

/** Where and when something happened. */
export interface StalePlace {
  /** Instructions executed before. */
  readonly instructions: number;
  /** The instruction, or the one of the program that the kernel outside of the machine works for. */
  readonly eip: number;
  /** "main+0x1c" and "main.c:12"; "" if not known. */
  readonly symbol: string;
  readonly source: string;
  /** Disassembly, as `objdump -d -M intel`; "" where the code cannot be read, or the kernel is at work. */
  readonly text: string;
  /** What the kernel outside of the machine was doing, "mprotect of pid 3 (sh)"; null: the instruction did it. */
  readonly kernel: string | null;
}

/** What an entry grants and the tables do not: page = it is not present, or elsewhere; the others are bits of a PTE. */
export type StaleLoss = "page" | "RW" | "US" | "D";

export interface StaleReport {
  /** What may be cached: the translation of a page, or a page-directory entry that leads to its page table. */
  readonly kind: "translation" | "page-directory entry";
  /** Linear address of the access, uint32. */
  readonly address: number;
  readonly access: "read" | "write" | "fetch";
  readonly by: "user" | "supervisor";
  readonly use: StalePlace;
  readonly lost: readonly StaleLoss[];
  /** What is cached, in the shape of the entry: frame, P, RW and US of both levels, D, G, PS. int32 */
  readonly entry: number;
  /** Instructions executed when it was loaded. */
  readonly since: number;
  /** What memory says: page-directory entry and page-table entry, int32; null where there is none. */
  readonly pde: number;
  readonly pte: number | null;
  /** What changed the tables behind the entry's back; null if that cannot be told. */
  readonly change: (StalePlace & { readonly by: "store" | "MOV to CR3" }) | null;
  /**
   * used: the TLBs held the entry, and the access went by it. re-walked: they held it, but the access made the processor look
   * again. evicted: they held it no more. none: this processor has no such cache.
   */
  readonly effect: "used" | "re-walked" | "evicted" | "none";
}

/** One report and how often the same instruction used what the same store left behind. */
export interface StaleSite {
  readonly report: StaleReport;
  uses: number;
}

interface Moment {
  readonly by: "store" | "MOV to CR3";
  readonly instructions: number;
  readonly eip: number;
  readonly kernel: string | null;
}

const accessNames = ["read", "write", "fetch"] as const;
const LONGEST_INSTRUCTION = 15;

export class StaleCheck {
  /** Called at the first use of each site, while the access is made: it must not translate. */
  onReport: ((report: StaleReport) => void) | null = null;
  private readonly machine: Machine;
  private readonly witness: StaleWitness;
  private readonly shadow: ShadowTlb<Moment>;
  private readonly found = new Map<string, StaleSite>();

  /** Watches from now on; what the TLBs hold already is not known. One check per machine. */
  constructor(machine: Machine, witness: StaleWitness) {
    this.machine = machine;
    this.witness = witness;
    this.shadow = new ShadowTlb(machine, (by) => ({ by, ...this.moment(this.witness.kernelWork()) }));
    listenToMmu(machine.mmu, (event) => this.hear(event));
  }

  /** In order of their first use. */
  get sites(): readonly StaleSite[] {
    return [...this.found.values()];
  }

  private hear(event: MmuEvent): void {
    const { shadow } = this;
    switch (event.kind) {
      case "hit":
      case "miss":
        if (shadow.suspects[event.linear >>> 12] !== 0) this.judge(event.linear, event.access, event.user);
        break;
      case "walk":
        shadow.walked(event.linear);
        break;
      case "fault":
        shadow.faulted(event.linear);
        break;
      case "flush":
        if (event.cause === "invlpg") shadow.invalidatePage(event.linear);
        else if (event.cause === "cr3") shadow.switchDirectory();
        else shadow.clear();
        break;
    }
  }

  private moment(kernel: string | null): Omit<Moment, "by"> {
    const { cpu } = this.machine;
    return { instructions: cpu.instructionsBefore, eip: cpu.eip, kernel };
  }

  private judge(la: number, access: number, user: number): void {
    const uses = this.shadow.staleUses(la, access, user);
    if (uses.length === 0) return;
    // Of several stale entries the one that the TLBs still hold is told, since only that one hurts.
    const effects = uses.map((use) => this.effectOf(use, la, access, user));
    const index = Math.max(0, effects.indexOf("used"));
    const { kind, cached, lost } = uses[index];
    const by = user !== 0 ? "user" : "supervisor";
    const now = this.moment(user !== 0 ? null : this.witness.kernelWork());
    const key = [kind, access, now.kernel ?? now.eip, cached.store?.kernel ?? cached.store?.eip].join("|");
    const known = this.found.get(key);
    if (known !== undefined) {
      known.uses++;
      return;
    }
    const pde = this.shadow.pde(la);
    const report: StaleReport = {
      kind,
      address: la,
      access: accessNames[access],
      by,
      use: this.place(now),
      lost: lossesOf(lost),
      entry: cached.entry,
      since: cached.since,
      pde,
      pte: (pde & PTE_P) === 0 || this.shadow.isLarge(pde) ? null : this.machine.ram.read32(pteAddress(pde, la)),
      change: cached.store === null ? null : { by: cached.store.by, ...this.place(cached.store) },
      effect: effects[index],
    };
    this.found.set(key, { report, uses: 1 });
    this.onReport?.(report);
  }

  private effectOf(use: StaleUse<Moment>, la: number, access: number, user: number): StaleReport["effect"] {
    if (use.kind !== "translation") return "none";
    const held = this.machine.mmu.cached(la, access);
    const needed = PTE_P | this.shadow.rights(access, user);
    if (held === 0 || (lostOf(held, this.shadow.granted(la), la) & use.lost) === 0) return "evicted";
    if ((held & needed) !== needed || (access === WRITE && (held & PTE_D) === 0)) return "re-walked";
    return "used";
  }

  private place({ instructions, eip, kernel }: Omit<Moment, "by">): StalePlace {
    const symbol = this.witness.symbol(eip);
    const source = this.witness.source(eip);
    return { instructions, eip, symbol, source, text: kernel === null ? this.textAt(eip) : "", kernel };
  }

  /** The instruction at EIP as the processor would fetch it. */
  private textAt(eip: number): string {
    const { cpu, ram } = this.machine;
    const bytes: number[] = [];
    for (let at = eip; at < eip + LONGEST_INSTRUCTION; at++) {
      const pa = this.codeAddress((cpu.segBase(CS) + at) >>> 0);
      if (pa === null) break;
      bytes.push(ram.read8(pa));
    }
    if (bytes.length === 0) return "";
    const bits = (cpu.state[ATTRIBUTES + CS] & ATTR_BIG) !== 0 ? 32 : 16;
    return disassemble(Uint8Array.from(bytes), 0, eip, { bits }).text.replace(/ +/g, " ");
  }

  private codeAddress(la: number): number | null {
    const { mmu } = this.machine;
    if (mmu.paging === 0) return la;
    const leaf = mmu.cached(la, FETCH) || this.shadow.granted(la);
    return leaf === 0 ? null : physical(la, leaf);
  }
}

function lossesOf(lost: number): StaleLoss[] {
  if ((lost & PTE_P) !== 0) return ["page"];
  const bits = [
    [PTE_RW, "RW"],
    [PTE_US, "US"],
    [PTE_D, "D"],
  ] as const;
  return bits.filter(([bit]) => (lost & bit) !== 0).map(([, name]) => name);
}
