/**
 * Translated code: where it comes from, where it is, and how it is run. Hot: `run` and the functions that regions call.
 *
 * The interpreter leaves its loop at a control transfer when its clocks are used up; the records where that happens again and
 * again are hot, and the region around such a record is translated. The records at which its blocks begin get the operation
 * ENTER_REGION, so that the interpreter comes back for it; what stood there is kept. A frame whose code is dropped takes the
 * way to its regions with it: they can only be reached through its records.
 */
import { ACCESS, FETCH, READ, WRITE } from "../../mmu/index.ts";
import { AGAIN, type Cpu, FAULT, NEXT, type Status, TRANSFER, TRANSFER_STOP } from "../cpu.ts";
import type { Handler } from "../instructions/handler.ts";
import { SINGLE, type Used } from "../interpreter.ts";
import { ENTER_REGION } from "../operations.ts";
import { length, OP, row, THEN } from "../record.ts";
import { CPL, EIP } from "../state.ts";
import { assembleModule, Code, I32, type ImportedFunction } from "./assembler.ts";
import { LOCALS, PARAMETERS } from "./locals.ts";
import { findRegion, type Operations, ownClocks } from "./region.ts";
import { RegionCode } from "./region-code.ts";
import {
  MAIL_BYTES,
  MAIL_CLOCKS,
  MAIL_LEFT,
  MAIL_PAGE,
  MAIL_SLOW,
  MAIL_TALLY,
  type Site,
  SLOW_FAULT,
  SLOW_LEAVE,
  tagOf,
} from "./sites.ts";

/** Most clocks of one run: the fields of TALLY hold the instructions that so many clocks may take. */
export const REGION_CLOCKS = 60_000;
/** Regions, and bytes of their WebAssembly, before everything is dropped and translated anew. */
const MAX_REGIONS = 2000;
const MAX_BYTES = 32 << 20;
const FIELD = 2 ** 17;
const FIELD_MASK = FIELD - 1;

const I32S = (count: number): number[] => Array<number>(count).fill(I32);
/** In the order of IMPORTS. */
const importTypes: readonly ImportedFunction[] = [
  { name: "load", type: { params: I32S(4), results: [I32] } },
  { name: "store", type: { params: I32S(5), results: [] } },
  { name: "open", type: { params: I32S(4), results: [] } },
  { name: "readOpen", type: { params: [], results: [I32] } },
  { name: "writeOpen", type: { params: [I32], results: [] } },
  { name: "handle", type: { params: I32S(4), results: [I32] } },
];

/** Tail calls came to WebAssembly after everything else that is used here. */
const haveTailCalls = WebAssembly.validate(
  assembleModule(
    [],
    [{ type: { params: [], results: [] }, locals: [], code: new Code().const(0).returnCallIndirect(0) }],
  ),
);

/** Runs from a block: the site at which this or another region was left. */
type Run = (block: number, page: number, clocks: number, tally: bigint) => number;

export class CodeTranslator {
  /** Bytes of WebAssembly in `runs`. */
  private bytes = 0;
  /** Is everything translated before it is executed? */
  readonly eager: boolean;
  private readonly translateAfter: number;
  private readonly cpu: Cpu;
  private readonly handlers: readonly Handler[];
  private readonly code: Int32Array;
  private readonly mail: number;
  private readonly imports: WebAssembly.Imports;
  /** By number of the region; the same functions as in the table that regions call each other through. */
  private readonly runs: Run[] = [];
  private readonly table = new WebAssembly.Table({ element: "anyfunc", initial: 256 });
  private readonly sites: Site[] = [];
  /** Records that begin a block of a region: what their OP and THEN were. */
  private readonly originals = new Map<number, { readonly first: number; readonly second: number }>();
  private readonly operations: Operations;
  /** By record: how often the interpreter was found there. */
  private readonly samples = new Map<number, number>();
  private generation: number;

  // What a running region and the functions that it calls share.
  private user = 0;
  private used: Used;
  /** Clocks of translation that the region knows of. */
  private translated = 0;
  private clocks = 0;
  private deadline = 0;
  private status: Status = NEXT;

  /**
   * @param used as for the interpreter's loop; its `instructions` are kept up to date for those who listen to the MMU
   * @param translateAfter samples of a place; 0 = everything is to be translated at first sight
   */
  constructor(cpu: Cpu, handlers: readonly Handler[], used: Used, translateAfter: number) {
    this.cpu = cpu;
    this.translateAfter = Math.max(1, translateAfter);
    this.eager = translateAfter === 0;
    this.handlers = handlers;
    this.used = used;
    this.code = cpu.codeCache.code;
    this.generation = cpu.codeCache.generation;
    this.mail = cpu.memory.reserve(MAIL_BYTES);
    this.operations = {
      first: (ip) => this.originals.get(ip)?.first ?? this.code[ip + OP],
      second: (ip) => this.originals.get(ip)?.second ?? this.code[ip + THEN],
    };
    this.imports = {
      env: {
        memory: cpu.memory.wasm,
        table: this.table,
        load: (la: number, site: number, page: number, tally: number) => this.load(la, site, page, tally),
        store: (la: number, value: number, site: number, page: number, tally: number) =>
          this.store(la, value, site, page, tally),
        open: (la: number, site: number, page: number, tally: number) => this.open(la, site, page, tally),
        readOpen: () => cpu.bus.rmwRead(),
        writeOpen: (value: number) => this.writeOpen(value),
        handle: (site: number, page: number, tally: number, left: number) => this.handle(site, page, tally, left),
      },
    };
  }

  /** The interpreter was found at a record, that of a page offset in a table: translates its region if that happens often. */
  sample(ip: number, mode: number, table: number, offset: number): void {
    if (this.generation !== this.cpu.codeCache.generation) this.forget();
    const times = (this.samples.get(ip) ?? 0) + 1;
    this.samples.set(ip, times);
    if (times === this.translateAfter) this.translate(mode, table, offset);
  }

  /** All records are gone. */
  private forget(): void {
    this.generation = this.cpu.codeCache.generation;
    this.originals.clear();
    this.samples.clear();
    this.runs.length = 0;
    this.sites.length = 0;
    this.bytes = 0;
  }

  /** Translates the region around a place. When there is too much code, all of it goes, decoded and translated. */
  private translate(mode: number, table: number, offset: number): void {
    const { cpu, code } = this;
    const { mmu } = cpu;
    if (this.runs.length === MAX_REGIONS || this.bytes > MAX_BYTES) {
      cpu.codeCache.clear();
      return;
    }
    const region = findRegion(code, table, offset, this.operations, this.eager ? "all" : "little");
    if (!region.byOffset.has(offset)) return;
    const user = cpu.state[CPL] === 3 ? 1 : 0;
    const slots = (access: number) => mmu.slots.byteOffset + mmu.slotBase(user, access) * 4;
    const number = this.runs.length;
    const emitter = new RegionCode(region, {
      code,
      stateWord: cpu.stateWord,
      table,
      readSlots: slots(READ),
      readMask: mmu.slotMask(READ),
      writeSlots: slots(WRITE),
      writeMask: mmu.slotMask(WRITE),
      mail: this.mail,
      fetchSlots: slots(FETCH),
      fetchMask: mmu.slotMask(FETCH),
      ramBase: cpu.memory.ramBase,
      frames: cpu.codeCache.frames(mode).byteOffset,
      user,
      tailCalls: haveTailCalls,
      number,
      firstSite: this.sites.length,
      operations: this.operations,
    });
    const type = { params: PARAMETERS, results: [I32] };
    const bytes = assembleModule(importTypes, [{ type, locals: LOCALS, code: emitter.code }]);
    const run = this.compile(bytes);
    if (run === null) return;
    if (number === this.table.length) this.table.grow(256);
    this.table.set(number, run);
    this.runs.push(run);
    for (const site of emitter.sites) this.sites.push(site);
    this.bytes += bytes.length;
    for (const [index, { first }] of region.blocks.entries()) {
      if (!this.originals.has(first))
        this.originals.set(first, { first: code[first + OP], second: code[first + THEN] });
      code[first + OP] = ENTER_REGION;
      code[first + THEN] = tagOf(number, user, index);
    }
  }

  /** @returns null where the host has no room for the code, or forbids it: the interpreter goes on with it */
  private compile(bytes: Uint8Array<ArrayBuffer>): Run | null {
    try {
      return new WebAssembly.Instance(new WebAssembly.Module(bytes), this.imports).exports["0"] as Run;
    } catch (error) {
      if (error instanceof WebAssembly.CompileError || error instanceof RangeError) return null;
      throw error;
    }
  }

  /**
   * Runs translated code from a record whose operation is ENTER_REGION; arguments and result as the interpreter's loop, which
   * leaves at the same places.
   */
  run(start: number, clocks: number, deadline: number): Status {
    const { cpu, code, used } = this;
    const { mmu, state } = cpu;
    const tag = code[start + THEN];
    const user = state[CPL] === 3 ? 1 : 0;
    used.instructions = 0;
    used.clocks = 0;
    used.transfer = 1;
    if (((tag >> 8) & 1) !== user) return SINGLE;
    const before = mmu.clocks;
    this.user = user;
    this.translated = before;
    this.clocks = clocks;
    this.deadline = deadline;
    cpu.codeCache.dropped = 0;
    const site = this.sites[this.runs[tag >>> 9](tag & 0xff, state[EIP] & ~0xfff, clocks, 0n)];
    const mail = this.mail >> 2;
    const page = code[mail + (MAIL_PAGE >> 2)];
    // Fields of 17 bits: exact in a float.
    const tally =
      code[mail + (MAIL_TALLY >> 2) + 1] * 2 ** 32 +
      (code[mail + (MAIL_TALLY >> 2)] >>> 0) +
      (site.reads + site.writes * FIELD) * FIELD;
    const writes = Math.floor(tally / (FIELD * FIELD));
    const reads = Math.floor(tally / FIELD) - writes * FIELD;
    let instructions = tally - (reads + writes * FIELD) * FIELD + site.count;
    let taken = clocks - code[mail + (MAIL_LEFT >> 2)] + site.clocks;
    let status: Status = NEXT;
    used.transfer = 0;
    switch (site.kind) {
      case "transfer":
        used.transfer = 1;
        break;
      case "chain":
        break;
      case "single":
        state[EIP] = page + site.offset;
        status = SINGLE;
        break;
      case "leave":
      case "after":
        state[EIP] = page + site.offset + (site.kind === "after" ? length(code, site.ip) : 0);
        break;
      case "fault":
        state[EIP] = page + site.offset;
        status = FAULT;
        break;
      case "handler": {
        status = this.status;
        const executed = status !== FAULT && status !== AGAIN;
        if (executed) {
          instructions++;
          taken += ownClocks(code, site.ip);
        }
        if (status === TRANSFER || status === TRANSFER_STOP) {
          used.transfer = 1;
          if (status === TRANSFER) status = NEXT;
        } else {
          if (status === AGAIN) used.transfer = 1;
          state[EIP] = page + site.offset + (executed ? length(code, site.ip) : 0);
        }
      }
    }
    used.instructions = instructions;
    used.clocks = taken - (this.translated - before);
    if (mmu.cr0 < 0) {
      const { counters } = mmu;
      counters[ACCESS + READ * 2 + user] += reads;
      counters[ACCESS + WRITE * 2 + user] += writes;
      counters[ACCESS + FETCH * 2 + user] += instructions + (status === FAULT || status === AGAIN ? 1 : 0);
    }
    return status;
  }

  /** EIP and the instructions before it, as the interpreter has them during a slow access. */
  private arrive(index: number, page: number, tally: number): Site {
    const site = this.sites[index];
    this.cpu.state[EIP] = page + site.offset;
    this.used.instructions = (tally & FIELD_MASK) + site.count;
    return site;
  }

  /** Has the code page been displaced, or code been dropped? Then the next instruction must be looked up. */
  private mustLeave(): boolean {
    return (this.cpu.mmu.fetchDisplaced | this.cpu.codeCache.dropped) !== 0;
  }

  /** Tells the region how the access went. */
  private report(fault: boolean): void {
    const { code } = this;
    const mail = this.mail >> 2;
    if (fault) {
      code[mail + (MAIL_SLOW >> 2)] = SLOW_FAULT;
      code[mail + (MAIL_CLOCKS >> 2)] = 0;
      return;
    }
    code[mail + (MAIL_SLOW >> 2)] = this.mustLeave() ? SLOW_LEAVE : 0;
    code[mail + (MAIL_CLOCKS >> 2)] = this.walkClocks();
  }

  /** Clocks that translation took since the region was told last. */
  private walkClocks(): number {
    const { clocks } = this.cpu.mmu;
    const taken = clocks - this.translated;
    this.translated = clocks;
    return taken;
  }

  private load(la: number, index: number, page: number, tally: number): number {
    const { size } = this.arrive(index, page, tally);
    const value = this.cpu.loadLinear(la, size, this.user);
    this.report(this.cpu.faulted !== 0);
    return value;
  }

  private store(la: number, value: number, index: number, page: number, tally: number): void {
    const { size } = this.arrive(index, page, tally);
    this.report(!this.cpu.storeLinear(la, value, size, this.user));
  }

  private open(la: number, index: number, page: number, tally: number): void {
    const { size } = this.arrive(index, page, tally);
    const open = this.cpu.bus.openRmw(la, size, this.user);
    if (!open) this.cpu.raisePageFault();
    this.report(!open);
  }

  private writeOpen(value: number): void {
    this.cpu.bus.rmwWrite(value);
    // The write may have dropped code.
    this.code[(this.mail + MAIL_SLOW) >> 2] = this.mustLeave() ? SLOW_LEAVE : 0;
  }

  /** Executes an instruction by its handler. @returns 0 to go on behind it, else 1: `status` says how the region ends */
  private handle(index: number, page: number, tally: number, left: number): number {
    const { cpu, code } = this;
    const site = this.arrive(index, page, tally);
    cpu.clocksLeft = this.deadline - (this.clocks - left) - site.clocks;
    const status = this.handlers[row(code, site.ip)](cpu, code, site.ip);
    const extra = cpu.extraClocks;
    cpu.extraClocks = 0;
    this.status = status;
    const mail = (this.mail + MAIL_CLOCKS) >> 2;
    code[mail] = extra + (status === FAULT || status === AGAIN ? 0 : this.walkClocks());
    return status === NEXT && !this.mustLeave() ? 0 : 1;
  }
}
