/**
 * A case under construction: registers, memory and the bytes of one instruction, chosen so that its memory operand lies
 * where the case wants it.
 */
import type { Row } from "../../emu/isa/index.ts";
import {
  baseOf,
  type Case,
  CODE,
  CODE_16,
  CODE_BYTES,
  DATA,
  pattern,
  SMALL_CODE,
  SMALL_DATA,
  STACK_16,
  WRITABLE_BYTES,
} from "./layout.ts";
import type { Random } from "./random.ts";

export const EAX = 0;
export const ECX = 1;
export const EDX = 2;
export const EBX = 3;
export const ESP = 4;
export const EBP = 5;
export const ESI = 6;
export const EDI = 7;
export const ES = 0;
export const CS = 1;
export const SS = 2;
export const DS = 3;
const segmentPrefixes = [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65];

/** How a row is exercised: a line of the coverage table. */
export interface Form {
  readonly operand: "register" | "memory";
  /** Operand and address size in bytes. */
  readonly size: 2 | 4;
  readonly address: 2 | 4;
}

export function formText(form: Form): string {
  return `${form.operand} o${form.size * 8} a${form.address * 8}`;
}

const base16 = [EBX, EBX, EBP, EBP, ESI, EDI, EBP, EBX];
const index16 = [ESI, EDI, ESI, EDI, -1, -1, -1, -1];

export class Draft {
  readonly row: Row;
  readonly form: Form;
  readonly g: Random;
  readonly regs = new Int32Array(8);
  readonly selectors = new Int32Array(6).fill(-1);
  eflags = 0x202;
  /** Registers that an address or a rule of the row depends on. */
  readonly fixed = new Set<number>();
  private readonly patches = new Map<number, number>();
  image: Int32Array | undefined;
  /** Linear address of the memory operand. */
  operand: number | undefined;
  override = -1;
  rep = 0;
  lock = false;
  /** ModRM fields; mod 3 for a register operand. */
  mod = 3;
  reg = 0;
  rm = 0;
  private sib = -1;
  private displacement: number[] = [];
  immediate: number[] = [];
  codeAddress = CODE + 0x100;

  constructor(row: Row, form: Form, g: Random) {
    this.row = row;
    this.form = form;
    this.g = g;
    for (let n = 0; n < 8; n++) this.regs[n] = g.value();
    this.reg = g.below(8);
    this.rm = g.below(8);
  }

  get code16(): boolean {
    return this.selectors[CS] === CODE_16;
  }

  /** Offset in CS of a linear address. */
  codeOffset(linear: number): number {
    return (linear - this.segmentBase(CS)) | 0;
  }

  segmentBase(seg: number): number {
    const selector = this.selectors[seg];
    return selector === -1 ? 0 : baseOf(selector);
  }

  /** Sets a register of 1, 2 or 4 bytes, unless something depends on it already. */
  setRegister(n: number, size: number, value: number): void {
    const whole = size === 1 ? n & 3 : n;
    if (this.fixed.has(whole)) return;
    if (size === 4) this.regs[n] = value;
    else if (size === 2) this.regs[n] = (this.regs[n] & ~0xffff) | (value & 0xffff);
    else if (n < 4) this.regs[whole] = (this.regs[whole] & ~0xff) | (value & 0xff);
    else this.regs[whole] = (this.regs[whole] & ~0xff00) | ((value & 0xff) << 8);
  }

  getRegister(n: number, size: number): number {
    if (size === 4) return this.regs[n];
    if (size === 2) return this.regs[n] & 0xffff;
    return (this.regs[n & 3] >> (n < 4 ? 0 : 8)) & 0xff;
  }

  /** What a byte of the window holds at the start. */
  byteAt(linear: number): number {
    const offset = (linear - DATA) >>> 0;
    const word = this.patches.get(offset >>> 2) ?? pattern[offset >>> 2] ?? 0;
    return (word >> ((offset & 3) * 8)) & 0xff;
  }

  /** Bytes at a linear address; those outside the writable window stay as they are. */
  poke(linear: number, bytes: readonly number[]): void {
    bytes.forEach((byte, i) => {
      const offset = (linear + i - DATA) >>> 0;
      if (offset >= WRITABLE_BYTES) return;
      const index = offset >>> 2;
      const shift = (offset & 3) * 8;
      const word = this.patches.get(index) ?? pattern[index];
      this.patches.set(index, (word & ~(0xff << shift)) | ((byte & 0xff) << shift));
    });
  }

  pokeValue(linear: number, value: number, size: number): void {
    this.poke(linear, bytesOf(value, size));
  }

  /** Gives the ModRM operand a value. */
  setOperand(value: number, size: number): void {
    if (this.operand !== undefined) this.pokeValue(this.operand, value, size);
    else this.setRegister(this.rm, size, value);
  }

  getOperand(size: number): number {
    if (this.operand === undefined) return this.getRegister(this.rm, size);
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = (value << 8) | this.byteAt(this.operand + i);
    return value;
  }

  /** A linear address for an access of `size` bytes: mostly good, often at an edge of a page. */
  dataAddress(size: number): number {
    const { g } = this;
    const near = 1 + g.below(size + 2);
    switch (g.below(40)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        return DATA + 0x1000 - near;
      case 5:
      case 6:
        return DATA + 0x2000 - near;
      case 7:
      case 8:
        return DATA + 0x2000 + g.below(0xf00);
      case 9:
        return DATA + 0x3000 - near;
      case 10:
        return DATA - near;
      case 11:
        return g.pick([0x10000000, 0x50000000, DATA + 0x8000, 0x100]) + g.below(64);
      default:
        return DATA + 0x40 + (g.below(0x1e80) & (g.chance(0.6) ? ~(size - 1) | 3 : -1));
    }
  }

  /** Puts (E)SP, or another register of the stack segment, at a good place for `bytes` bytes on both sides. */
  placeStack(register: number, bytes: number): number {
    const { g } = this;
    let la = DATA + 0x100 + g.below(0x1d00);
    if (g.chance(0.7)) la &= ~3;
    const edge = g.below(16);
    if (edge < 3) la = DATA + 0x1000 + g.below(2 * bytes + 1) - bytes;
    else if (edge === 3) la = DATA + 0x2000 + g.below(2 * bytes + 1) - bytes;
    else if (edge === 4) la = DATA + g.below(2 * bytes + 1) - bytes;
    const offset = (la - this.segmentBase(SS)) | 0;
    this.regs[register] = this.selectors[SS] === STACK_16 ? (g.int32() & ~0xffff) | (offset & 0xffff) : offset;
    this.fixed.add(register);
    return la;
  }

  /** Linear address of an offset from (E)SP. */
  stackLinear(displacement: number): number {
    const offset = this.regs[ESP] + displacement;
    return (this.segmentBase(SS) + (this.selectors[SS] === STACK_16 ? offset & 0xffff : offset)) >>> 0;
  }

  /** Chooses ModRM, SIB and displacement so that the operand lies at `linear`. */
  placeOperand(linear: number): void {
    if (this.form.address === 4) this.placeOperand32(linear);
    else this.placeOperand16(linear);
  }

  private operandBase(base: number): number {
    const stack = base === ESP || base === EBP;
    return this.segmentBase(this.override >= 0 ? this.override : stack ? SS : DS);
  }

  private placeOperand32(linear: number): void {
    const { g } = this;
    let mod = g.below(3);
    const rm = g.below(8);
    let base = rm;
    let index = -1;
    let scale = 0;
    if (rm === ESP) {
      base = g.below(8);
      index = g.below(8);
      scale = g.below(4);
      this.sib = (scale << 6) | (index << 3) | base;
      if (index === ESP) index = -1;
    }
    if (mod !== 2 && base !== EBP && (this.fixed.has(base) || base === index)) mod = 2;
    if (mod === 1 && base === EBP && (this.fixed.has(EBP) || base === index)) mod = 2;
    if (mod === 0 && base === EBP) base = -1;
    const wide = mod === 2 || base === -1;
    const offset = (linear - this.operandBase(base)) | 0;
    const indexed = index < 0 ? 0 : this.regs[index] << scale;
    if (index >= 0) this.fixed.add(index);
    if (wide) {
      const disp = (offset - (base < 0 ? 0 : this.regs[base]) - indexed) | 0;
      this.displacement = bytesOf(disp, 4);
    } else {
      const disp = mod === 1 ? g.below(256) - 128 : 0;
      this.displacement = mod === 1 ? [disp & 0xff] : [];
      this.regs[base] = (offset - disp - indexed) | 0;
    }
    if (base >= 0) this.fixed.add(base);
    this.mod = mod;
    this.rm = rm;
    this.operand = linear >>> 0;
  }

  private placeOperand16(linear: number): void {
    const { g } = this;
    const rm = g.below(8);
    let mod = g.below(3);
    let base = base16[rm];
    const index = index16[rm];
    const plain = mod === 0 && rm === 6;
    if (plain) base = -1;
    const adjusted = base;
    if (!plain && mod !== 2 && this.fixed.has(adjusted)) mod = 2;
    // BP makes SS the default; SI, DI and BX alone do not.
    const segmentBase = this.operandBase(base === EBP ? EBP : EBX);
    const offset = (linear - segmentBase) & 0xffff;
    const indexed = index < 0 ? 0 : this.regs[index];
    if (index >= 0) this.fixed.add(index);
    if (plain || mod === 2) {
      this.displacement = bytesOf(offset - (base < 0 ? 0 : this.regs[base]) - indexed, 2);
    } else {
      const disp = mod === 1 ? g.below(256) - 128 : 0;
      this.displacement = mod === 1 ? [disp & 0xff] : [];
      this.setRegister(base, 2, offset - disp - indexed);
    }
    if (base >= 0) this.fixed.add(base);
    this.mod = mod;
    this.rm = rm;
    this.operand = (segmentBase + offset) >>> 0;
  }

  /** The operand at a displacement alone, whatever the registers hold by then. */
  placeAbsolute(linear: number): void {
    this.mod = 0;
    this.rm = EBP;
    this.displacement = bytesOf(linear, 4);
    this.operand = linear >>> 0;
  }

  /** Offset operand of A0..A3. */
  placeOffset(linear: number): void {
    const segmentBase = this.segmentBase(this.override >= 0 ? this.override : DS);
    const offset = (linear - segmentBase) | 0;
    this.immediate = bytesOf(offset, this.form.address);
    this.operand = (segmentBase + (this.form.address === 2 ? offset & 0xffff : offset)) >>> 0;
  }

  /** A place for the code, sometimes across or at the end of a page. */
  placeCode(): void {
    const { g } = this;
    const edge = g.below(50);
    this.codeAddress = CODE + 0x40 + g.below(0x800);
    if (edge < 3) this.codeAddress = CODE + 0x1000 - 1 - g.below(12);
    else if (edge === 3) this.codeAddress = CODE + CODE_BYTES - 1 - g.below(12);
  }

  /** Moves code, data or stack into segments with bases and limits. */
  chooseSegments(codeChance: number, usesStack: boolean): void {
    const { g, form } = this;
    if (this.image === undefined && g.chance(codeChance)) this.selectors[CS] = g.chance(0.5) ? SMALL_CODE : CODE_16;
    const small = form.address === 2 ? 0.7 : 0.06;
    if (g.chance(small)) this.selectors[DS] = SMALL_DATA;
    if (g.chance(small)) this.selectors[ES] = SMALL_DATA;
    if (g.chance(small)) this.selectors[4] = SMALL_DATA;
    if (g.chance(small)) this.selectors[5] = 15;
    if (usesStack) {
      if (g.chance(0.12)) this.selectors[SS] = g.chance(0.5) ? SMALL_DATA : STACK_16;
    } else if (g.chance(form.address === 2 ? 0.5 : 0.02)) {
      this.selectors[SS] = SMALL_DATA;
    }
  }

  /** The bytes of the instruction. */
  encode(): number[] {
    const { g, form, row } = this;
    const tokens = row.opcode.split(" ");
    const prefixes: number[] = [];
    if (row.opcode.startsWith("F3 ")) {
      prefixes.push(0xf3);
      tokens.shift();
    }
    if (this.lock) prefixes.push(0xf0);
    if (this.rep !== 0) prefixes.push(this.rep);
    if (this.override >= 0) prefixes.push(segmentPrefixes[this.override]);
    const narrow = this.code16 ? 4 : 2;
    if (form.size === narrow) prefixes.push(0x66);
    if (form.address === narrow) prefixes.push(0x67);
    for (let n = prefixes.length - 1; n > 0; n--) {
      const other = g.below(n + 1);
      [prefixes[n], prefixes[other]] = [prefixes[other], prefixes[n]];
    }
    const spareable = row.transfer === "none" && !row.undefinedOpcode;
    if (prefixes.length > 0 && spareable && g.chance(0.003)) {
      const spare = g.below(15);
      for (let n = 0; n < spare; n++) prefixes.unshift(prefixes[0]);
    }
    const bytes = [...prefixes];
    let modrm = false;
    tokens.forEach((token, n) => {
      if (token === "/r") modrm = true;
      else if (token.startsWith("/")) {
        modrm = true;
        this.reg = Number(token[1]);
      } else {
        const [hex, plus] = token.split("+");
        let byte = Number.parseInt(hex, 16);
        if (plus === "r") byte += this.reg;
        else if (plus === "i") byte += this.rm;
        bytes.push(byte);
        // The second byte of an x87 register form is its ModRM byte.
        if (n === 1 && row.x87) modrm = false;
      }
    });
    if (modrm) {
      bytes.push((this.mod << 6) | (this.reg << 3) | this.rm);
      if (this.mod !== 3 && form.address === 4 && this.rm === ESP) bytes.push(this.sib);
      bytes.push(...this.displacement);
    }
    bytes.push(...this.immediate);
    return bytes;
  }

  /**
   * @param before bytes in front of the instruction, `after` behind it: what loads and saves the x87 state
   * @param relative called with the address behind the instruction to fill in a displacement of `immediate`
   */
  finish(before: readonly number[], after: readonly number[]): Case {
    const instruction = this.encode();
    const all = [...before, ...instruction, ...after];
    const room = CODE + CODE_BYTES - this.codeAddress;
    const code = Uint8Array.from(all.slice(0, Math.max(0, room)));
    return {
      row: this.row.id,
      form: formText(this.form),
      eip: this.codeOffset(this.codeAddress),
      eflags: this.eflags,
      regs: this.regs,
      selectors: this.selectors,
      codeAddress: this.codeAddress,
      code,
      at: before.length,
      length: instruction.length,
      patches: [...this.patches],
      image: this.image,
      operand: this.operand,
    };
  }

  /** Length of the instruction as it stands. */
  length(): number {
    const tokens = this.row.opcode.split(" ").filter((token) => !token.startsWith("/")).length;
    const narrow = this.code16 ? 4 : 2;
    return (
      tokens +
      (this.lock ? 1 : 0) +
      (this.rep !== 0 ? 1 : 0) +
      (this.override >= 0 ? 1 : 0) +
      (this.form.size === narrow ? 1 : 0) +
      (this.form.address === narrow ? 1 : 0) +
      this.immediate.length
    );
  }
}

/** Little-endian bytes of a value. */
export function bytesOf(value: number, size: number): number[] {
  return Array.from({ length: size }, (_, i) => (value >> (8 * i)) & 0xff);
}
