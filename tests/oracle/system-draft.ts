/**
 * Random cases of system instructions: segment loads, far transfers, gates, descriptor tables, flags, ports, with random
 * descriptors, stacks and page rights around them.
 */

import * as R from "../system-rig.ts";
import { gate, SystemRig, segment, type Words } from "../system-rig.ts";
import type { Random } from "./random.ts";
import { IMAGE_BYTES, STUBS, type SystemCase } from "./system-case.ts";

/** Where transfers lead, also those of 16 bits: INT 80. */
const TARGET = 0x15000;
const SHORT_TARGET = 0x5000;
const LEVEL1_CS = 0x39;
const LEVEL1_DS = 0x41;
const LEVEL2_CS = 0x4a;
const LEVEL2_DS = 0x52;
/** First of the random GDT entries, which go on to the GDT's limit. */
const RANDOM = 0x58;
const GDT_LIMIT = 0xff;
const codes = [R.KERNEL_CS, LEVEL1_CS, LEVEL2_CS, R.USER_CS];
const datas = [R.KERNEL_DS, LEVEL1_DS, LEVEL2_DS, R.USER_DS];
/** Gates of IDT vectors that cases make up. */
const randomVectors = [6, 0x40, 0x41, 0x42, 0x43];
const PORT = 0x7000;

/** The memory common to all cases: the rig's tables, segments of levels 1 and 2, INT3 wherever nothing else is. */
export function systemImage(): Uint8Array {
  const rig = new SystemRig().paging();
  rig.descriptor(LEVEL1_CS, segment(R.CODE_READ + 0x20));
  rig.descriptor(LEVEL1_DS, segment(R.DATA_WRITE + 0x20));
  rig.descriptor(LEVEL2_CS, segment(R.CODE_READ + 0x40));
  rig.descriptor(LEVEL2_DS, segment(R.DATA_WRITE + 0x40));
  // Accessed and dirty bits are set: what remains to be compared is what the cases do.
  for (let page = 0; page < 1024; page++) rig.poke(0x21000 + page * 4, (page * 4096) | 0x67);
  rig.poke(0x20000, 0x21000 | 0x27);
  for (let vector = 0; vector < 256; vector++) {
    const access = vector === 3 || vector === 4 || vector === 0x80 ? 0xee : 0x8e;
    rig.setGate(vector, gate(access, R.KERNEL_CS, STUBS + vector * 16));
  }
  rig.load("cd80", TARGET);
  rig.load("cd80", SHORT_TARGET);
  const image = rig.machine.ram.readBytes(0, IMAGE_BYTES);
  for (let at = 0; at < IMAGE_BYTES; at += 4096) {
    const page = image.subarray(at, at + 4096);
    if (page.every((byte) => byte === 0)) page.fill(0xcc);
  }
  return image;
}

export class SystemDraft {
  private readonly g: Random;
  private readonly cpl: number;
  private readonly memory = new Map<number, number>();
  private readonly regs: number[] = [];
  private cr0 = 0x11;
  private trLimit = 0x67;

  constructor(g: Random) {
    this.g = g;
    this.cpl = g.pick([0, 0, 0, 0, 3, 3, 3, 3, 1, 2]);
  }

  private put(address: number, value: number): void {
    this.memory.set(address, value);
  }

  private bytes(address: number, hexadecimal: string): void {
    const bytes: string[] = hexadecimal.replace(/\s/g, "").match(/../g) ?? [];
    while (bytes.length % 4 !== 0) bytes.push("cc");
    for (let n = 0; n < bytes.length; n += 4) {
      this.put(
        address + n,
        Number.parseInt(
          bytes
            .slice(n, n + 4)
            .reverse()
            .join(""),
          16,
        ) | 0,
      );
    }
  }

  private le(value: number, size: number): string {
    let text = "";
    for (let n = 0; n < size; n++) text += ((value >>> (8 * n)) & 255).toString(16).padStart(2, "0");
    return text;
  }

  private selector(): number {
    const { g } = this;
    const rpl = g.chance(0.6) ? this.cpl : g.below(4);
    switch (g.below(12)) {
      case 0:
        return g.below(4);
      case 1:
        return (g.pick([...codes, ...datas, R.TSS_SELECTOR, R.LDT_SELECTOR]) & ~3) | rpl;
      case 2:
        return g.pick([codes[this.cpl], datas[this.cpl]]);
      case 3:
        return (g.below(10) << 3) | 4 | rpl;
      case 4:
        return g.chance(0.3) ? (g.below(0x2000) << 3) | g.below(8) : (GDT_LIMIT + 1) | rpl;
      default:
        return (RANDOM + g.below((GDT_LIMIT + 1 - RANDOM) >> 3) * 8) | rpl;
    }
  }

  private offset(): number {
    const { g } = this;
    return g.chance(0.85) ? TARGET : g.pick([0x9000, 0xffff, 0x12345, 0x3fffe]);
  }

  /** Of a 16-bit gate QEMU 7 would take 32 bits. */
  private gate(access: number, parameters: number): Words {
    const offset = this.offset();
    return gate(access, this.selector(), access & 8 ? offset : offset & 0xffff, parameters);
  }

  private privilege(): number {
    const { g } = this;
    return g.chance(0.6) ? this.cpl : g.below(4);
  }

  /** Types that ask for a task switch are left out. */
  private descriptor(): Words {
    const { g } = this;
    const present = g.chance(0.92) ? 0x80 : 0;
    const rights = present | (this.privilege() << 5);
    if (g.chance(0.18)) {
      return this.gate(rights | g.pick([4, 12, 12]), g.chance(0.5) ? 0 : g.below(6));
    }
    const base = g.chance(0.75) ? 0 : g.pick([0x100, 0x10000, 0x30000]);
    const [limit, flags] = g.chance(0.65)
      ? [0xfffff, 0xc]
      : [g.pick([0, 0xf, 0x20, 0xfff, 0xffff, 0x11001, 0x13fff, 0xfffff]), g.pick([0, 4, 8, 0xc])];
    if (g.chance(0.1)) return segment(rights | g.pick([0, 2, 3, 6, 7, 8, 10, 11, 13, 14, 15]), base, limit, flags);
    if (g.chance(0.5)) return segment(rights | 0x10 | g.below(8), base, limit, flags);
    // QEMU does not check the limit of code everywhere.
    return segment(rights | 0x10 | g.pick([8, 9, 10, 11, 11, 14, 15]), base, 0xfffff, 0x8 | (flags & 4));
  }

  private tables(): void {
    const { g } = this;
    for (let at = RANDOM; at < GDT_LIMIT; at += 8) this.pair(R.GDT + at, this.descriptor());
    for (let at = 0; at < 0x40; at += 8) this.pair(R.LDT + at, this.descriptor());
    for (const vector of randomVectors) {
      const access =
        (g.chance(0.9) ? 0x80 : 0) |
        (this.privilege() << 5) |
        g.pick([6, 7, 14, 14, 15, 15, g.pick([4, 12, 8, 13, 30])]);
      this.pair(R.IDT + vector * 8, this.gate(access, g.below(32)));
    }
    // Stacks of levels 1 and 2; level 0 keeps its own, where the handlers run.
    for (const level of [1, 2]) {
      this.put(R.TSS + 4 + 8 * level, g.chance(0.9) ? R.INNER_STACK - 0x100 * level : 2);
      this.put(R.TSS + 8 + 8 * level, g.chance(0.6) ? datas[level] : this.selector());
    }
  }

  private pair(address: number, [low, high]: Words): void {
    this.put(address, low);
    this.put(address + 4, high);
  }

  private stack(words: readonly number[]): void {
    words.forEach((word, n) => {
      this.put(R.STACK + 4 * n, word);
    });
  }

  private flags(): number {
    // Without TF, and without VM and NT, which ask for what is not modelled.
    return (this.g.int32() & 0x00243ed5 & ~0x4100) | 2;
  }

  /** One instruction, perhaps with some around it. */
  private program(): string {
    const { g } = this;
    const prefix = g.chance(0.15) ? "66" : "";
    const size = prefix === "" ? 4 : 2;
    this.put(R.DATA, this.offset());
    this.put(R.DATA + 4, this.selector());
    if (size === 2) this.put(R.DATA, (this.offset() & 0xffff) | (this.selector() << 16));
    switch (g.below(20)) {
      case 0:
      case 1: {
        const seg = g.pick([0, 2, 3, 4, 5]);
        return `${prefix}8e${this.le(0xc0 | (seg << 3), 1)}`;
      }
      case 2: {
        this.stack([this.selector(), this.selector()]);
        return prefix + g.pick(["07", "17", "1f", "0fa1", "0fa9"]);
      }
      case 3:
        return prefix + g.pick(["c40b", "c50b", "0fb20b", "0fb40b", "0fb50b"]);
      case 4:
      case 5:
        return `${prefix}${g.pick(["ea", "9a"])}${this.le(this.offset(), size)}${this.le(this.selector(), 2)}`;
      case 6:
        return prefix + g.pick(["ff1b", "ff2b"]);
      case 7:
      case 8: {
        // Returns: offset, selector, perhaps parameters, then an outer stack
        const release = g.chance(0.3) ? 4 * g.below(3) : 0;
        const outer = [
          g.chance(0.8) ? R.STACK - 0x200 : g.pick([2, 0x7003, 0x10017f00]),
          g.chance(0.5) ? g.pick(datas) : this.selector(),
        ];
        const code = g.chance(0.5) ? g.pick(codes) : this.selector();
        if (size === 2) this.words16([this.offset(), code, ...new Array(release / 2).fill(7), ...outer]);
        else this.stack([this.offset(), code, ...new Array(release / 4).fill(7), ...outer]);
        return prefix + (release === 0 ? "cb" : `ca${this.le(release, 2)}`);
      }
      case 9:
      case 10: {
        const outer = [
          g.chance(0.8) ? R.STACK - 0x200 : g.pick([2, 0x7003, 0x10017f00]),
          g.chance(0.5) ? g.pick(datas) : this.selector(),
        ];
        const frame = [this.offset(), g.chance(0.5) ? g.pick(codes) : this.selector(), this.flags(), ...outer];
        if (size === 2) this.words16(frame);
        else this.stack(frame);
        return `${prefix}cf`;
      }
      case 11:
      case 12:
        return g.pick(["cd40", "cd41", "cd42", "cd43", "cd06", "0f0b", "cc", "ce"]);
      case 13: {
        const modrm = g.chance(0.6) ? "c8" : "0b";
        this.put(R.DATA, this.selector());
        return prefix + g.pick([`0f02${modrm}`, `0f03${modrm}`]);
      }
      case 14:
        return g.pick(["0f00e0", "0f00e8", "63c8", "0f00c1", "0f00c9", "660f00c1", "8cd9", "668ce1", "8c0b"]);
      case 15:
        // QEMU lets LTR take a null selector.
        this.regs[0] |= 8;
        this.put(R.DATA, this.selector() | 8);
        return g.pick(["0f00d0", "0f00d8", "0f0013", "0f001b", "0f0103", "0f010b"]);
      case 16: {
        this.stack([this.flags()]);
        return g.pick(["9d 9c 59", "669d 9c 59", "fa 9c 59", "fb 9c 59", "9c 59", "669c 59"]);
      }
      case 17: {
        this.trLimit = g.pick([0x66, 0x67, 0x68, 0x68 + 0x201, 0xfff]);
        this.put(R.TSS + 0x64, g.pick([0x68, 0x68, 0x60, 0xfff0]) << 16);
        for (let n = 0x68; n < 0x68 + 0x210; n += 4) this.put(R.TSS + n, g.pick([0, -1, g.int32()]));
        this.regs[2] = PORT + g.below(16);
        return prefix + g.pick(["ec", "ee", "ef", "6e"]);
      }
      case 18: {
        const control = g.pick(["0f20c1", "0f20d1", "0f20d9", "0f22d0", "0f01e1", "0f01f0", "0f06", "0f0133", "0f08"]);
        this.regs[0] = g.chance(0.5) ? 1 | g.below(16) : g.value();
        return control;
      }
      default: {
        this.stack([this.selector()]);
        return prefix + g.pick(["06", "0e", "16", "1e", "0fa0", "0fa8"]);
      }
    }
  }

  private words16(values: readonly number[]): void {
    const words = values.length % 2 === 0 ? values : [...values, 0];
    const pairs: number[] = [];
    for (let n = 0; n < words.length; n += 2) pairs.push((words[n] & 0xffff) | (words[n + 1] << 16));
    this.stack(pairs);
  }

  private paging(): void {
    const { g } = this;
    if (!g.chance(0.4)) return;
    this.cr0 |= 0x80000000 | (g.chance(0.5) ? 0x10000 : 0);
    // QEMU 7 pushes and pops as supervisor at CPL 3 too.
    const stacks = this.cpl === 3 ? [] : [R.STACK - 4096, R.STACK];
    const pages = [R.GDT, R.TSS, R.DATA, R.IDT, 0x30000, TARGET, ...stacks];
    for (let n = g.below(3); n > 0; n--) {
      const page = g.pick(pages);
      // The tables of the handlers stay readable; QEMU 7 marks no code segment as accessed, so the GDT stays writable.
      const rights = page === R.GDT ? 3 : g.pick(page === R.IDT || page === R.TSS ? [1, 3, 5] : [0, 1, 3, 5]);
      this.put(0x21000 + (page >>> 12) * 4, (page & ~4095) | 0x60 | rights);
    }
  }

  make(): SystemCase {
    const { g, cpl } = this;
    for (let n = 0; n < 8; n++) this.regs[n] = g.value();
    this.regs[0] = this.selector();
    this.regs[1] = g.chance(0.7) ? this.selector() : g.value();
    this.regs[3] = R.DATA;
    this.regs[4] = R.STACK;
    this.regs[6] = R.DATA;
    this.regs[7] = R.DATA + 0x40;
    let eflags = this.flags() & ~(g.chance(0.8) ? 0x3000 : 0);
    // QEMU 7 has no #AC.
    eflags &= ~0x40000;
    this.tables();
    const program = this.program();
    this.bytes(R.CODE, `${program} cd80`);
    // The runner enters level 0 with the flags already loaded: a single step would be its own. QEMU has none behind STI and LSS.
    if (cpl > 0 && !/^fb|0fb2/.test(program) && g.chance(0.05)) eflags |= 0x100;
    this.paging();
    this.put(R.GDT + R.TSS_SELECTOR, segment(0x8b, R.TSS, this.trLimit, 0)[0]);
    return {
      text: `CPL ${cpl}: ${program}`,
      memory: [...this.memory],
      regs: this.regs,
      eip: R.CODE,
      eflags,
      cs: codes[cpl],
      ds: datas[cpl],
      cr0: this.cr0,
    };
  }
}
