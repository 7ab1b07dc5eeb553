/**
 * x87 instruction cases: random ones, and their execution by emu/x87, in the record format of tests/oracle/x87-oracle.c.
 */

import { type EscapeEntry, escapeEntry, memoryBytes } from "../emu/x87/escape.ts";
import { FpuState } from "../emu/x87/fpu.ts";
import type { ImageFormat } from "../emu/x87/image.ts";
import { C1, ES, X87_BLOCK, X87_EFLAGS, X87_MEM, X87_WORDS } from "../emu/x87/layout.ts";

export const RECORD = 256;
const EFLAGS_AT = 8;
/** Where a record holds the FSAVE image. */
export const STATE_AT = 16;
const STATE_BYTES = 108;
const MEMORY_AT = 128;
const OPERAND_SIZE_PREFIX = 0x66;
const ARITHMETIC_FLAGS = 0x8d5;

/** Random numbers from a seed: 32-bit xorshift. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0 || 1;
    for (let i = 0; i < 8; i++) this.bits();
  }

  /** 32 random bits as a signed integer. */
  bits(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return Math.imul(x, 0x9e3779b1) ^ (x >>> 15);
  }

  below(limit: number): number {
    return (this.bits() >>> 0) % limit;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)];
  }
}

/** An instruction under test: its bytes as executed, its table entry, and the ModRM byte. */
export interface Instruction {
  readonly code: readonly number[];
  readonly entry: EscapeEntry;
  readonly modrm: number;
}

/** Every x87 instruction of the escape table; memory operands at [esi]; images also with operand-size prefix. */
export function allInstructions(): Instruction[] {
  const list: Instruction[] = [];
  for (let opcode = 0xd8; opcode <= 0xdf; opcode++) {
    for (let modrm = 0; modrm < 0x100; modrm++) {
      if (modrm < 0xc0 && (modrm & ~0x38) !== 0x06) continue;
      const entry = escapeEntry(opcode, modrm);
      if (entry === undefined) continue;
      list.push({ code: [opcode, modrm], entry, modrm });
      if (entry.image !== "none") list.push({ code: [OPERAND_SIZE_PREFIX, opcode, modrm], entry, modrm });
    }
  }
  return list;
}

/** Values at the edges of the 64-bit significand and of the roundings to 24 and 53 bits. */
const significands: readonly (readonly [hi: number, lo: number])[] = [
  [0x80000000, 0],
  [0x80000000, 1],
  [0xffffffff, 0xffffffff],
  [0xffffffff, 0xfffff800],
  [0xffffffff, 0xfffffbff],
  [0xffffffff, 0xfffffc00],
  [0xffffff00, 0],
  [0xffffff7f, 0xffffffff],
  [0xffffff80, 0],
  [0x80000080, 0],
  [0x80000180, 0],
  [0x80000000, 0x400],
  [0x80000000, 0xc00],
  [0xc0000000, 0],
  [0xaaaaaaaa, 0xaaaaaaaa],
];

/** A register value [se, hi, lo] of a random kind; `near` is a value to be close to. */
function randomValue(random: Random, near: readonly number[]): number[] {
  const sign = random.chance(50) ? 0x8000 : 0;
  let [hi, lo] = random.chance(30) ? random.of(significands) : [random.bits(), random.bits()];
  if (random.chance(20)) {
    const keep = random.below(64);
    if (keep < 32) {
      lo = 0;
      hi &= keep === 0 ? 0 : -1 << (32 - keep);
    } else if (keep > 32) lo &= -1 << (64 - keep);
    else lo = 0;
  }
  const normal = hi | 0x80000000;
  const kind = random.below(100);
  if (kind < 18) return [sign | (0x3fff - 70 + random.below(140)), normal, lo];
  if (kind < 30) return [sign | (0x3fff - 3 + random.below(7)), normal, lo];
  if (kind < 34) return [sign | random.below(0x7fff) || 1, normal, lo];
  if (kind < 39) return [sign | (1 + random.below(70)), normal, lo];
  if (kind < 44) return [sign | (0x7ffe - random.below(70)), normal, lo];
  if (kind < 49) return [sign | (0x3fff - 1100 + random.below(2200)), normal, lo];
  if (kind < 53) return [sign | (0x3fff - 160 + random.below(40)), normal, lo];
  if (kind < 56) return [sign | (0x3fff + 120 + random.below(10)), normal, lo];
  if (kind < 59) return [sign | (0x3fff - 1090 + random.below(80)), normal, lo];
  if (kind < 61) return [sign | (0x3fff + 1018 + random.below(10)), normal, lo];
  if (kind < 70) {
    // Close to the other operand: exponent difference within the significand, or nearly equal.
    const se = (near[0] & 0x7fff) + random.below(140) - 70;
    if (random.chance(30)) return [sign | (near[0] & 0x7fff), near[1], near[2] + random.below(5) - 2];
    return [sign | Math.min(0x7ffe, Math.max(1, se)), normal, lo];
  }
  if (kind < 75) {
    // Integers and halves.
    const value = random.below(random.of([4, 100, 0x8001, 0x10000])) + 1;
    const shift = Math.clz32(value);
    return [sign | (0x3fff + 31 - shift - random.below(3)), value << shift, 0];
  }
  if (kind < 77) return [sign | (0x3fff + 28 + random.below(5)), normal, lo];
  if (kind < 79) return [sign | (0x3fff + 57 + random.below(8)), normal, lo];
  if (kind < 84) return [sign, 0, 0];
  if (kind < 89) {
    const shift = random.below(64);
    const small = hi & 0x7fffffff;
    return shift < 32 ? [sign, small >>> shift, lo] : [sign, 0, lo >>> (shift - 32) || 1];
  }
  if (kind < 90) return [sign, normal, lo];
  if (kind < 91) return [sign | random.below(0x7fff), hi & 0x7fffffff, lo];
  if (kind < 94) return [sign | 0x7fff, 0x80000000, 0];
  if (kind < 97) return [sign | 0x7fff, normal | 0x40000000, lo];
  if (kind < 99) return [sign | 0x7fff, (normal & ~0x40000000) | (lo === 0 ? 1 : 0), lo];
  return [sign | 0x7fff, hi & 0x7fffffff, lo];
}

function randomFloat32(random: Random): number {
  const sign = random.bits() & 0x80000000;
  const fraction = random.of([random.bits() & 0x7fffff, 0, 0x7fffff, 1, random.bits() & 0x7ff000]);
  const exp = random.of([127 - 20 + random.below(40), random.below(256), 0, 255, 1, 254, 127 + random.below(3)]);
  return sign | (exp << 23) | fraction;
}

function randomFloat64(random: Random): [lo: number, hi: number] {
  const sign = random.bits() & 0x80000000;
  const hi = random.of([random.bits() & 0xfffff, 0, 0xfffff, random.bits() & 0xff000]);
  const lo = random.of([random.bits(), 0, -1, 1, random.bits() & -0x1000]);
  const exp = random.of([1023 - 20 + random.below(40), random.below(2048), 0, 2047, 1, 2046, 1023 + random.below(3)]);
  return [lo, sign | (exp << 20) | hi];
}

/** Fills the record at `offset` with a random case for the instruction. */
export function fillCase(random: Random, view: DataView, offset: number, instruction: Instruction): void {
  const { code, entry } = instruction;
  for (let i = 0; i < RECORD; i += 4) view.setInt32(offset + i, 0, true);
  view.setUint8(offset, code.length);
  code.forEach((byte, i) => {
    view.setUint8(offset + 1 + i, byte);
  });
  view.setInt32(offset + EFLAGS_AT, 0x202 | (random.bits() & ARITHMETIC_FLAGS), true);
  fillState(random, view, offset + STATE_AT, 5, entry);
  const at = offset + MEMORY_AT;
  for (let i = 0; i < 128; i += 4) view.setInt32(at + i, random.bits(), true);
  const operand = entry.operands;
  if (operand === "m32fp") view.setInt32(at, randomFloat32(random), true);
  else if (operand === "m64fp") {
    const [lo, hi] = randomFloat64(random);
    view.setInt32(at, lo, true);
    view.setInt32(at + 4, hi, true);
  } else if (operand === "m80fp") {
    const [se, hi, lo] = randomValue(random, [0x3fff, 0x80000000, 0]);
    view.setInt32(at, lo, true);
    view.setInt32(at + 4, hi, true);
    view.setUint16(at + 8, se, true);
  } else if (operand === "m80bcd" && random.chance(80)) {
    const digits = random.below(19);
    for (let i = 0; i < 9; i++) {
      const high = 2 * i + 1 < digits ? random.below(10) : 0;
      const low = 2 * i < digits ? random.below(10) : 0;
      view.setUint8(at + i, (high << 4) | low);
    }
  } else if (/int$/.test(operand) && random.chance(40)) {
    const bits = random.below(64);
    view.setInt32(at, bits < 32 ? (random.bits() & -1) >>> bits : 0, true);
    view.setInt32(at + 4, bits >= 32 ? random.bits() >>> (bits - 32) : 0, true);
    if (random.chance(20)) {
      view.setInt32(at, random.of([0, -0x80000000, 0x8000, 0x7fffffff]), true);
      view.setInt32(at + 4, random.of([0, -0x80000000, -1]), true);
    }
  } else if (entry.image !== "none" && entry.access === "load") {
    if (code[0] !== OPERAND_SIZE_PREFIX) fillState(random, view, at, 40, undefined);
  }
}

/** A random FSAVE image whose exceptions are all masked, unless no `entry` will execute on it. */
function fillState(
  random: Random,
  view: DataView,
  at: number,
  emptyPercent: number,
  entry: EscapeEntry | undefined,
): void {
  const pc = random.of([3, 3, 3, 0, 2, 2, 1]);
  const rc = random.of([0, 0, 0, 1, 2, 3]);
  const masks = random.chance(70) ? 0x3f : random.below(64);
  const control = masks | 0x40 | (pc << 8) | (rc << 10) | (random.chance(5) ? 0x1000 : 0);
  let status = random.bits() & 0x7f00;
  if (random.chance(20)) status |= random.bits() & 0x7f;
  if (entry !== undefined) status &= ~0x3f | masks;
  view.setInt32(at, control | -0x10000, true);
  view.setInt32(at + 4, status | -0x10000, true);
  let tags = 0;
  for (let p = 0; p < 8; p++) tags |= (random.chance(emptyPercent) ? 3 : random.below(3)) << (p * 2);
  // Loads want ST(7) empty, mostly.
  const top = (status >> 11) & 7;
  if (random.chance(90)) tags |= 3 << (((top + 7) & 7) * 2);
  if (entry !== undefined && random.chance(4)) tags = random.bits() & 0xffff;
  view.setInt32(at + 8, tags | -0x10000, true);
  for (let i = 12; i < 28; i += 4) view.setInt32(at + i, 0, true);
  let near: number[] = [0x3fff, 0x80000000, 0];
  for (let i = 0; i < 8; i++) {
    const value = randomValue(random, near);
    near = value;
    view.setInt32(at + 28 + i * 10, value[2], true);
    view.setInt32(at + 32 + i * 10, value[1], true);
    view.setUint16(at + 36 + i * 10, value[0], true);
  }
}

/** Executes records on emu/x87. */
export class CaseRunner {
  private readonly words = new Int32Array(X87_WORDS);
  private readonly bytes = new Uint8Array(this.words.buffer);
  readonly fpu = new FpuState(this.words);

  /** Loads state and operands of the record at `offset` without executing it. */
  load(view: DataView, offset: number): void {
    const record = new Uint8Array(view.buffer, view.byteOffset + offset, RECORD);
    const { entry, at, size } = this.decode(record);
    this.bytes.set(record.subarray(STATE_AT, STATE_AT + STATE_BYTES), X87_BLOCK * 4);
    this.fpu.frstor("protected32");
    if (entry.access === "load") this.bytes.set(record.subarray(MEMORY_AT, MEMORY_AT + size), at);
    if (entry.eflags === "read") this.words[X87_EFLAGS] = view.getInt32(offset + EFLAGS_AT, true);
  }

  /** Executes the record at `offset` in place, as the oracle does. */
  run(view: DataView, offset: number): void {
    const record = new Uint8Array(view.buffer, view.byteOffset + offset, RECORD);
    const { entry, modrm, format, at, size } = this.decode(record);
    this.load(view, offset);
    let eflags = view.getInt32(offset + EFLAGS_AT, true);
    let eax = 0;
    const completed = entry.run(this.fpu, modrm & 7, format);
    if (completed) {
      if (entry.access === "store") record.set(this.bytes.subarray(at, at + size), MEMORY_AT);
      if (entry.access === "ax") eax = this.words[X87_MEM];
      if (entry.eflags === "write") eflags = (eflags & ~ARITHMETIC_FLAGS) | this.words[X87_EFLAGS];
    }
    this.fpu.fnsave("protected32");
    record.set(this.bytes.subarray(X87_BLOCK * 4, X87_BLOCK * 4 + STATE_BYTES), STATE_AT);
    view.setInt32(offset, eax, true);
    view.setInt32(offset + EFLAGS_AT, eflags, true);
  }

  /** Entry, ModRM, image format, and where and how much of the block the memory operand takes, in bytes. */
  private decode(record: Uint8Array): {
    entry: EscapeEntry;
    modrm: number;
    format: ImageFormat;
    at: number;
    size: number;
  } {
    const prefixed = record[1] === OPERAND_SIZE_PREFIX ? 1 : 0;
    const modrm = record[2 + prefixed];
    const entry = escapeEntry(record[1 + prefixed], modrm);
    if (entry === undefined) throw new Error(`reserved encoding ${record[1]} ${record[2]}`);
    const format = prefixed === 1 ? "protected16" : "protected32";
    const at = (entry.image === "none" ? X87_MEM : X87_BLOCK) * 4;
    return { entry, modrm, format, at, size: memoryBytes(entry, format) };
  }
}

/** What differs between two executed records, as text; "" if nothing that the processors agree on. */
export function difference(instruction: Instruction, ours: DataView, theirs: DataView, offset: number): string {
  const complaints: string[] = [];
  const check = (name: string, mine: number, real: number): void => {
    if (mine !== real) complaints.push(`${name} ${hex(mine, 4)} expected ${hex(real, 4)}`);
  };
  if (instruction.entry.access === "ax") check("ax", ours.getUint16(offset, true), theirs.getUint16(offset, true));
  // After an unmasked exception FCOMI leaves EFLAGS alone on Intel (SDM 2 "FCOMI"); AMD writes them.
  if ((theirs.getUint16(offset + STATE_AT + 4, true) & ES) === 0) {
    const flags = ours.getUint16(offset + EFLAGS_AT, true) & ARITHMETIC_FLAGS;
    check("eflags", flags, theirs.getUint16(offset + EFLAGS_AT, true) & ARITHMETIC_FLAGS);
  }
  const { entry, code } = instruction;
  // C1 of FCOMI and FCMOV: Intel clears it (SDM 2 "FCOMI"), AMD leaves it alone. Transcendental results may be 1 ulp off and
  // rounded the other way.
  const ulps = transcendental.has(entry.mnemonic) ? 1 : 0;
  const undefinedStatus = ulps !== 0 || entry.eflags !== "none" ? C1 : 0;
  complaints.push(...imageDifference(ours, theirs, offset + STATE_AT, undefinedStatus, ulps));
  let from = 0;
  if (entry.image !== "none" && entry.access === "store") {
    // Pointers are the interpreter's business; the rest of the image is compared as such.
    from = code[0] === OPERAND_SIZE_PREFIX ? 14 : 28;
    for (let i = 0; i < (from * 3) / 7; i += 2) {
      check(`image+${i}`, ours.getUint16(offset + MEMORY_AT + i, true), theirs.getUint16(offset + MEMORY_AT + i, true));
    }
  }
  for (let i = from; i < 128; i += 2) {
    check(`mem+${i}`, ours.getUint16(offset + MEMORY_AT + i, true), theirs.getUint16(offset + MEMORY_AT + i, true));
  }
  return complaints.join("; ");
}

function imageDifference(
  ours: DataView,
  theirs: DataView,
  at: number,
  undefinedStatus: number,
  ulps: number,
): string[] {
  const complaints: string[] = [];
  const fields = ["control", "status", "tags"];
  fields.forEach((field, i) => {
    const mask = field === "status" ? ~undefinedStatus : -1;
    const mine = ours.getUint32(at + i * 4, true) & mask;
    const real = theirs.getUint32(at + i * 4, true) & mask;
    if (mine !== real) complaints.push(`${field} ${hex(mine, 8)} expected ${hex(real, 8)}`);
  });
  for (let i = 0; i < 8; i++) {
    const mine = value80(ours, at + 28 + i * 10);
    const real = value80(theirs, at + 28 + i * 10);
    if (mine !== real && !(ulps !== 0 && isNeighbour(mine, real))) complaints.push(`st(${i}) ${mine} expected ${real}`);
  }
  return complaints;
}

const transcendental = new Set(["f2xm1", "fyl2x", "fyl2xp1", "fptan", "fpatan", "fsin", "fcos", "fsincos"]);

/** Whether two finite values, as value80 writes them, are neighbours. */
function isNeighbour(a: string, b: string): boolean {
  const ordered = (text: string): bigint => {
    const [se, significand] = text.split(":");
    const exponent = Number.parseInt(se, 16);
    // Exponent and significand without its integer bit count the values in order of magnitude.
    const magnitude = (BigInt(exponent & 0x7fff) << 63n) + (BigInt(`0x${significand}`) & 0x7fffffffffffffffn);
    return exponent >= 0x8000 ? -magnitude : magnitude;
  };
  const distance = ordered(a) - ordered(b);
  return distance === 1n || distance === -1n;
}

/** One line that shows the case before execution. */
export function describeCase(instruction: Instruction, view: DataView, offset: number): string {
  const at = offset + STATE_AT;
  const { mnemonic, operands } = instruction.entry;
  const values = Array.from({ length: 8 }, (_, i) => value80(view, at + 28 + i * 10));
  const shown = [0, 1, instruction.modrm & 7, 7].filter((i, n, all) => all.indexOf(i) === n);
  const stack = shown.map((i) => `st(${i})=${values[i]}`).join(" ");
  const memory = value80(view, offset + MEMORY_AT);
  const code = instruction.code.map((byte) => hex(byte, 2)).join(" ");
  return (
    `${code} ${mnemonic} ${operands} cw=${hex(view.getUint16(at, true), 4)} sw=${hex(view.getUint16(at + 4, true), 4)} ` +
    `tw=${hex(view.getUint16(at + 8, true), 4)} ${stack} mem=${memory}`
  );
}

function value80(view: DataView, at: number): string {
  const se = hex(view.getUint16(at + 8, true), 4);
  return `${se}:${hex(view.getUint32(at + 4, true), 8)}${hex(view.getUint32(at, true), 8)}`;
}

function hex(value: number, digits: number): string {
  return (value >>> 0).toString(16).padStart(digits, "0");
}
