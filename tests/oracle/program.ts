/**
 * Random programs with control flow: loops, calls and returns, jumps in both directions and through registers, all forms of
 * operands, accesses that cross pages or fault, code that writes itself. Fuel in memory ends them. Encodings: SDM 2.
 */
import { generateSequence } from "./generate.ts";
import { type Case, CODE, DATA } from "./layout.ts";
import type { Random } from "./random.ts";

const EBP = 5;
const ESP = 4;
/** Where the fuel lies, from EBP on; in front of what the program accesses. */
const FUEL = -4;
/** Registers that the program may change. */
const free = [0, 1, 2, 3, 6, 7];
const byteRegisters = [0, 1, 2, 3, 4, 5, 6, 7];

class ProgramDraft {
  readonly bytes: number[] = [];
  readonly labels: number[] = [];
  private readonly fixups: { at: number; label: number; size: 1 | 4 }[] = [];
  /** Linear address of the program. */
  readonly start: number;
  private readonly g: Random;

  constructor(g: Random) {
    this.g = g;
    this.start = CODE + 16 * g.below(400);
  }

  emit(...bytes: number[]): void {
    this.bytes.push(...bytes);
  }

  word(value: number): void {
    this.emit(value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >>> 24) & 255);
  }

  /** A jump to the beginning of a block that may not exist yet. */
  jump(opcodes: readonly number[], label: number): void {
    this.emit(...opcodes);
    this.fixups.push({ at: this.bytes.length, label, size: 4 });
    this.word(0);
  }

  finish(): Uint8Array {
    for (const { at, label } of this.fixups) {
      const distance = this.labels[label] - (at + 4);
      for (let i = 0; i < 4; i++) this.bytes[at + i] = (distance >> (8 * i)) & 255;
    }
    return Uint8Array.from(this.bytes);
  }

  register(): number {
    return this.g.pick(free);
  }

  /** ModRM and what follows for [EBP + displacement], sometimes with an index. */
  memory(reg: number): void {
    const { g } = this;
    // Mostly inside the window, across its page border now and then, rarely beyond its end.
    const displacement = g.chance(0.97) ? g.below(0x1ff0) : g.below(0x6000);
    if (g.chance(0.2)) {
      // An index that was masked before.
      this.emit((2 << 6) | (reg << 3) | 4, (g.below(2) << 6) | (1 << 3) | EBP);
    } else {
      this.emit((2 << 6) | (reg << 3) | EBP);
    }
    this.word(displacement);
  }

  instruction(): void {
    const { g } = this;
    const a = this.register();
    const b = this.register();
    const alu = g.below(8);
    const wide = g.chance(0.75) ? 1 : 0;
    const ra = wide ? a : g.pick(byteRegisters.filter((n) => n !== ESP && n !== EBP));
    switch (g.below(24)) {
      case 0:
      case 1:
        this.emit((alu << 3) | wide, 0xc0 | (b << 3) | ra);
        break;
      case 2:
        this.emit((alu << 3) | 2 | wide);
        this.memory(ra);
        break;
      case 3:
        this.emit((alu << 3) | wide);
        this.memory(ra);
        break;
      case 4:
        this.emit(0x83, 0xc0 | (alu << 3) | a, g.below(256));
        break;
      case 5:
        this.emit(0x83);
        this.memory(alu);
        this.emit(g.below(256));
        break;
      case 6:
        this.emit(0x8a | wide);
        this.memory(ra);
        break;
      case 7:
        this.emit(0x88 | wide);
        this.memory(ra);
        break;
      case 8:
        this.emit(0x0f, g.pick([0xb6, 0xb7, 0xbe, 0xbf]));
        this.memory(a);
        break;
      case 9:
        this.emit(g.pick([0x40, 0x48]) | a);
        break;
      case 10:
        this.emit(0xff);
        this.memory(g.below(2));
        break;
      case 11:
        this.emit(0xc1, 0xc0 | (g.pick([0, 1, 4, 5, 7]) << 3) | a, g.below(40));
        break;
      case 12:
        this.emit(0xd3, 0xc0 | (g.pick([0, 1, 2, 3, 4, 5, 7]) << 3) | a);
        break;
      case 13:
        this.emit(0x0f, 0xaf, 0xc0 | (a << 3) | b);
        break;
      case 14:
        this.emit(0x0f, 0x90 | g.below(16), 0xc0 | g.pick([0, 1, 2, 3]));
        break;
      case 15:
        this.emit(0x0f, 0x40 | g.below(16), 0xc0 | (a << 3) | b);
        break;
      case 16:
        this.emit(0x8d);
        this.memory(a);
        break;
      case 17:
        this.emit(0x50 | a, 0x58 | b);
        break;
      case 18:
        this.emit(0x84 | wide, 0xc0 | (b << 3) | ra);
        break;
      case 19:
        this.emit(0xf7, 0xc0 | (g.pick([2, 3, 4, 5]) << 3) | a);
        break;
      case 20:
        this.emit(0xff);
        this.memory(6);
        this.emit(0x58 | a);
        break;
      case 21:
        // Masks ECX for the indices.
        this.emit(0x81, 0xe1);
        this.word(g.pick([0xff, 0xffc, 0xfff]));
        break;
      case 22:
        if (g.chance(0.1)) {
          // mov byte [code], imm8: the program writes itself.
          this.emit(0xc6, 0x05);
          this.word(this.start + g.below(300));
          this.emit(g.pick([0x90, 0x40, 0x4f, 0xcc, 0x05, 0xff]));
          break;
        }
        this.emit(...g.pick([[0x99], [0x98], [0x90], [0xf8], [0xf9], [0x9c, 0x9d], [0x87, 0xc0 | (a << 3) | b]]));
        break;
      default:
        this.emit(0xb8 | a);
        this.word(g.chance(0.5) ? g.below(300) : g.below(2 ** 32));
    }
  }
}

/** A program of so many blocks. */
export function generateProgram(g: Random, blocks = 2 + g.below(10)): Case {
  const d = new ProgramDraft(g);
  const functions = 1 + g.below(3);
  for (let block = 0; block < blocks + functions; block++) {
    d.labels.push(d.bytes.length);
    const inFunction = block >= blocks;
    for (let n = g.below(8); n > 0; n--) d.instruction();
    if (inFunction) {
      d.emit(...(g.chance(0.8) ? [0xc3] : [0xc2, 0, 0]));
      continue;
    }
    // dec dword [ebp + FUEL]; js to the end
    d.emit(0xff, 0x4d, FUEL & 255);
    d.jump([0x0f, 0x88], blocks + functions);
    for (let n = g.below(4); n > 0; n--) d.instruction();
    const target = g.below(blocks);
    switch (g.below(7)) {
      case 0:
        d.jump([0xe9], target);
        break;
      case 1:
        d.jump([0xe8], blocks + g.below(functions));
        break;
      case 2: {
        // A jump through a register: call +0; pop; add; jmp
        d.emit(0xe8, 0, 0, 0, 0, 0x58, 0x83, 0xc0, 6, 0xff, 0xe0);
        break;
      }
      default:
        d.jump([0x0f, 0x80 | g.below(16)], target);
    }
  }
  d.labels.push(d.bytes.length);
  d.emit(0xcc);
  const base = generateSequence(g);
  const regs = Int32Array.from(base.regs);
  regs[EBP] = DATA + 0x10;
  regs[ESP] = DATA + 0x1f00;
  const patches: [number, number][] = [[(0x10 + FUEL) / 4, 5 + g.below(60)]];
  return {
    ...base,
    regs,
    selectors: new Int32Array(6).fill(-1),
    eflags: 0x202,
    eip: d.start,
    codeAddress: d.start,
    code: d.finish(),
    patches,
  };
}
