/**
 * The decoder against iced-x86: all one- and two-byte opcodes with all ModRM bytes, all SIB bytes, prefixes and both code
 * sizes. Compared are validity, length, mnemonic, every operand, LOCK. What differs on purpose is the data below.
 */

import {
  CpuidFeature,
  Decoder,
  DecoderOptions,
  Instruction,
  MemorySize,
  MemorySizeExt,
  Mnemonic,
  OpKind,
  Register,
} from "iced-x86";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Decoded, decode, INVALID, NONE, OK, type Operand, type Row, rows } from "../emu/isa/index.ts";

/** iced-x86 without what is newer than the P6, as far as it can be told. */
const icedOptions =
  DecoderOptions.ForceReservedNop |
  DecoderOptions.NoMPFX_0FBC |
  DecoderOptions.NoMPFX_0FBD |
  DecoderOptions.NoWbnoinvd |
  DecoderOptions.MovTr;

/** What the profile has: everything else that iced-x86 decodes is #UD here. Compared by name. */
const profileFeatures = new Set(
  "INTEL8086 INTEL186 INTEL286 INTEL386 INTEL386_ONLY INTEL486 CPUID CX8 TSC MSR SMM RSM FPU FPU287 FPU387 CMOV SEP FXSR MULTIBYTENOP PAUSE RDPMC".split(
    " ",
  ),
);

/** Where this table and iced-x86 differ, each with its reason. */
const differences: { reason: string; applies: (row: Row, mnemonic: string, bytes: Uint8Array) => boolean }[] = [
  {
    reason: "0F 0D is 3DNow! PREFETCH, a hint no-operation only since Intel's 64-bit processors",
    applies: (_row, mnemonic, bytes) => mnemonic === "Reservednop" && bytes.includes(0x0d),
  },
  {
    reason:
      "iced-x86 calls all of 0F 18-1F reserved no-operations with ForceReservedNop; ENDBR is printed by name here",
    applies: (row, mnemonic) => row.mnemonic.startsWith("ENDBR") && mnemonic === "Reservednop",
  },
];

const conditionNames = "o no b ae e ne be a s ns p np l ge le g".split(" ");
const sizedNames: Record<string, [string, string]> = {
  PUSHA: ["pusha", "pushad"],
  POPA: ["popa", "popad"],
  PUSHF: ["pushf", "pushfd"],
  POPF: ["popf", "popfd"],
  IRET: ["iret", "iretd"],
  "CBW/CWDE": ["cbw", "cwde"],
  "CWD/CDQ": ["cwd", "cdq"],
};
const otherNames: Record<string, string> = { XLAT: "xlatb", FWAIT: "wait" };
/** Mnemonics iced-x86 uses for one encoding only. */
const namesByOpcode: Record<string, string> = {
  "D9 D8+i": "fstpnce",
  "0F 18 /r": "reservednop",
  "0F 19 /r": "reservednop",
  "0F 1A /r": "reservednop",
  "0F 1B /r": "reservednop",
  "0F 1C /r": "reservednop",
  "0F 1D /r": "reservednop",
  "0F 1E /r": "reservednop",
  "0F 1F /r": "reservednop",
};

/** Mnemonic of a decoded instruction as iced-x86 spells it, in lower case. */
function mnemonicOf(row: Row, d: Decoded): string {
  const byOpcode = namesByOpcode[row.opcode];
  if (byOpcode !== undefined) return byOpcode;
  if (/^[CD][0-3] \/6$/.test(row.opcode)) return "sal";
  if (row.condition >= 0) return row.family.split("cc")[0].toLowerCase() + conditionNames[row.condition];
  if (row.mnemonic === "JCXZ/JECXZ") return d.addressSize === 4 ? "jecxz" : "jcxz";
  const sized = sizedNames[row.mnemonic];
  if (sized !== undefined) return sized[d.operandSize === 4 ? 1 : 0];
  if (/^(MOVS|CMPS|STOS|LODS|SCAS|INS|OUTS)$/.test(row.mnemonic)) {
    const byte = row.operands.some(({ text }) => /^[XY]b$/.test(text));
    return row.mnemonic.toLowerCase() + (byte ? "b" : d.operandSize === 4 ? "d" : "w");
  }
  return otherNames[row.mnemonic] ?? row.mnemonic.toLowerCase();
}

const registers = [
  "",
  "al cl dl bl ah ch dh bh".split(" "),
  "ax cx dx bx sp bp si di".split(" "),
  "",
  "eax ecx edx ebx esp ebp esi edi".split(" "),
];
const segmentNames = ["es", "cs", "ss", "ds", "fs", "gs"];

/** x87 rows whose ST0 operand iced-x86 lists although it is implicit in the table. */
const listsSt0 = /^(FCOM|FCOMP|FUCOM|FUCOMP|FXCH) STi$/;

function operandsOf(row: Row, d: Decoded, ip: number): string {
  const list = row.operands.map((operand) => operandOf(operand, row, d, ip));
  if (listsSt0.test(row.key)) list.unshift("st0");
  if (namesByOpcode[row.opcode] === "reservednop") list.push(registerOf(d.reg, d.operandSize));
  if (row.mnemonic === "XLAT") list.push(`${segmentNames[d.segment]}:[${d.addressSize === 4 ? "ebx" : "bx"}+al*1+0]:1`);
  return list.join(" ");
}

const memoryBytes: Record<string, (size: number) => number> = {
  b: () => 1,
  w: () => 2,
  v: (size) => size,
  p: (size) => size + 2,
  a: (size) => 2 * size,
  s: () => 6,
  q: () => 8,
  "Rv/Mw": () => 2,
  "": () => 0,
  m2byte: () => 2,
  m16int: () => 2,
  m32int: () => 4,
  m32fp: () => 4,
  m64int: () => 8,
  m64fp: () => 8,
  m80fp: () => 10,
  m80bcd: () => 10,
  "m14/28byte": (size) => (size === 4 ? 28 : 14),
  "m94/108byte": (size) => (size === 4 ? 108 : 94),
  m512byte: () => 512,
};

/** Rows of whose register iced-x86 shows as many bytes as the operand size says, although a word is used. */
const operandSizedWords = /^(LAR|LSL|MOV [SR]|SLDT|STR|LLDT|LTR|VERR|VERW|SMSW|LMSW|ARPL)/;

function wordRegister(row: Row, d: Decoded, size: number): number {
  return operandSizedWords.test(row.key) ? d.operandSize : size;
}

function registerOf(n: number, bytes: number): string {
  return registers[bytes][n];
}

function memoryOf(row: Row, d: Decoded, operand: Operand): string {
  const size = row.mnemonic === "INVLPG" ? 0 : memoryBytes[operand.type](d.operandSize);
  const base = d.base === NONE ? "" : registerOf(d.base, d.addressSize);
  const index = d.index === NONE ? "" : `+${registerOf(d.index, d.addressSize)}*${1 << d.scale}`;
  const disp = d.addressSize === 4 ? d.disp >>> 0 : d.disp & 0xffff;
  return `${segmentNames[d.segment]}:[${base}${index}+${disp}]:${size}`;
}

function operandOf(operand: Operand, row: Row, d: Decoded, ip: number): string {
  const { method, type } = operand;
  const size = type === "b" ? 1 : type === "w" ? 2 : type === "d" ? 4 : d.operandSize;
  switch (method) {
    case "E":
    case "M":
    case "m":
      if (d.memory) return memoryOf(row, d, operand);
      return registerOf(d.rm, wordRegister(row, d, size));
    case "R":
      return registerOf(d.rm, 4);
    case "G":
    case "Z":
      return registerOf(d.reg, wordRegister(row, d, size));
    case "S":
      return segmentNames[d.reg];
    case "C":
      return `cr${d.reg}`;
    case "D":
      return `dr${d.reg}`;
    case "T":
      return `tr${d.reg}`;
    case "O":
      return memoryOf(row, d, operand);
    case "ST":
      return type === "ST0" ? "st0" : `st${d.rm}`;
    case "fixed":
      return type.startsWith("e")
        ? d.operandSize === 4
          ? type.toLowerCase()
          : type.slice(1).toLowerCase()
        : type.toLowerCase();
    case "1":
      return "1";
    case "I": {
      const value = row.mnemonic === "ENTER" && type === "b" ? d.imm2 : d.imm;
      return String(type === "bs" && d.operandSize === 2 ? value & 0xffff : value >>> 0);
    }
    case "J":
      return `->${d.operandSize === 4 ? (ip + d.length + d.imm) >>> 0 : (ip + d.length + d.imm) & 0xffff}`;
    case "A":
      return `${d.imm2}:${d.imm >>> 0}`;
    case "X":
      return `${segmentNames[d.segment]}:[${registerOf(6, d.addressSize)}]:${size}`;
    case "Y":
      return `es:[${registerOf(7, d.addressSize)}]:${size}`;
    default:
      throw new Error(`operand ${operand.text}`);
  }
}

const registerName = (register: Register): string =>
  register === Register.None ? "" : Register[register].toLowerCase();

function icedOperands(instruction: Instruction): string {
  const list: string[] = [];
  const count = instruction.opCount;
  for (let i = 0; i < count; i++) {
    const kind = instruction.opKind(i);
    switch (kind) {
      case OpKind.Register:
        list.push(registerName(instruction.opRegister(i)));
        break;
      case OpKind.NearBranch16:
      case OpKind.NearBranch32:
        list.push(`->${kind === OpKind.NearBranch16 ? instruction.nearBranch16 : instruction.nearBranch32}`);
        break;
      case OpKind.FarBranch16:
        list.push(`${instruction.farBranchSelector}:${instruction.farBranch16}`);
        break;
      case OpKind.FarBranch32:
        list.push(`${instruction.farBranchSelector}:${instruction.farBranch32}`);
        break;
      case OpKind.MemorySegSI:
      case OpKind.MemorySegESI: {
        const pointer = kind === OpKind.MemorySegSI ? "si" : "esi";
        list.push(
          `${registerName(instruction.memorySegment)}:[${pointer}]:${MemorySizeExt.size(instruction.memorySize)}`,
        );
        break;
      }
      case OpKind.MemoryESDI:
      case OpKind.MemoryESEDI:
        list.push(`es:[${kind === OpKind.MemoryESDI ? "di" : "edi"}]:${MemorySizeExt.size(instruction.memorySize)}`);
        break;
      case OpKind.Memory: {
        const index = registerName(instruction.memoryIndex);
        const scaled = index === "" ? "" : `+${index}*${instruction.memoryIndexScale}`;
        const size = instruction.memorySize === MemorySize.Unknown ? 0 : MemorySizeExt.size(instruction.memorySize);
        const place = `[${registerName(instruction.memoryBase)}${scaled}+${instruction.memoryDisplacement}]`;
        list.push(`${registerName(instruction.memorySegment)}:${place}:${size}`);
        break;
      }
      case OpKind.Immediate8to16:
      case OpKind.Immediate16:
        list.push(String(Number(instruction.immediate(i) & 0xffffn)));
        break;
      case OpKind.Immediate8to32:
      case OpKind.Immediate32:
        list.push(String(Number(instruction.immediate(i) & 0xffffffffn)));
        break;
      default:
        list.push(String(Number(instruction.immediate(i) & 0xffn)));
    }
  }
  return list.join(" ");
}

const STRIDE = 24;

/** Encodings laid out `STRIDE` bytes apart, so that both decoders see the same bytes at the same address. */
class Cases {
  bytes = new Uint8Array(1 << 20);
  count = 0;
  #seed = 0x2545f491;

  /** The given bytes followed by pseudo-random ones. */
  add(...head: number[]): void {
    if ((this.count + 1) * STRIDE > this.bytes.length) {
      const larger = new Uint8Array(this.bytes.length * 2);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    const start = this.count * STRIDE;
    this.bytes.set(head, start);
    for (let i = head.length; i < STRIDE; i++) {
      this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) | 0;
      this.bytes[start + i] = this.#seed >>> 24;
    }
    this.count++;
  }
}

interface Result {
  valid: number;
  invalid: number;
  newer: Map<string, number>;
  documented: Map<string, number>;
}

function compare(cases: Cases, code32: boolean): Result {
  const result: Result = { valid: 0, invalid: 0, newer: new Map(), documented: new Map() };
  const decoder = new Decoder(code32 ? 32 : 16, cases.bytes.subarray(0, cases.count * STRIDE), icedOptions);
  const instruction = new Instruction();
  const d = new Decoded();
  /** One example per row. */
  const failures = new Map<number, string>();
  for (let i = 0; i < cases.count; i++) {
    const start = i * STRIDE;
    // An address that makes 16-bit targets wrap.
    const ip = code32 ? 0x08048000 + start : (0x8000 + start) & 0xffff;
    decoder.position = start;
    decoder.ip = BigInt(ip);
    decoder.decodeOut(instruction);
    const status = decode(d, cases.bytes, start, start + STRIDE, code32);
    const theirs = !instruction.isInvalid;
    const ours = status === OK;
    const row = ours ? rows[d.row] : rows[0];
    const bytes = cases.bytes.subarray(start, start + Math.max(instruction.length, 1));
    const count = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);
    const fail = (what: string): void => {
      const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
      failures.set(ours ? row.id : -bytes[0], `${hex} (${code32 ? 32 : 16}-bit): ${what}`);
    };
    if (ours !== theirs || ours) {
      const mnemonic = Mnemonic[instruction.mnemonic];
      const difference = differences.find((candidate) => candidate.applies(row, mnemonic, bytes));
      if (difference !== undefined) {
        count(result.documented, difference.reason);
        continue;
      }
    }
    if (!ours && !theirs) {
      result.invalid++;
      continue;
    }
    if (!ours) {
      const newer = [...instruction.cpuidFeatures()]
        .map((n) => CpuidFeature[n])
        .filter((name) => !profileFeatures.has(name));
      if (newer.length === 0 || status !== INVALID) fail(`status ${status}, iced has ${instruction}`);
      else count(result.newer, newer[0]);
      continue;
    }
    if (!theirs) {
      fail(`${row.key}, iced has nothing`);
      continue;
    }
    const ourText = `${mnemonicOf(row, d)} ${operandsOf(row, d, ip)} lock=${d.lock} length=${d.length}`;
    const theirText = `${Mnemonic[instruction.mnemonic].toLowerCase()} ${icedOperands(instruction)} lock=${instruction.hasLockPrefix} length=${instruction.length}`;
    if (ourText !== theirText) fail(`${ourText}; iced: ${theirText}`);
    else result.valid++;
  }
  instruction.free();
  decoder.free();
  assert.equal([...failures.values()], []);
  return result;
}

function report(name: string, results: Result[]): void {
  const sum = (pick: (result: Result) => number): number => results.reduce((all, result) => all + pick(result), 0);
  const merged = new Map<string, number>();
  for (const result of results) {
    for (const [key, n] of [...result.newer, ...result.documented]) merged.set(key, (merged.get(key) ?? 0) + n);
  }
  const others = [...merged].map(([key, n]) => `${key} ${n}`).join(", ");
  console.log(
    `${name}: ${sum(({ valid }) => valid)} equal, ${sum(({ invalid }) => invalid)} undefined in both; ${others}`,
  );
}

/** Every opcode with the ModRM bytes given, and one row of bytes for an opcode without ModRM. */
function opcodeCases(prefixes: number[][], modrms: number[]): Cases {
  const cases = new Cases();
  for (const prefix of prefixes) {
    for (let opcode = 0; opcode < 512; opcode++) {
      const head = opcode < 256 ? [...prefix, opcode] : [...prefix, 0x0f, opcode & 0xff];
      for (const modrm of modrms) cases.add(...head, modrm);
    }
  }
  return cases;
}

const allModrm = Array.from({ length: 256 }, (_, i) => i);
/** Every /digit with one memory and one register form. */
const everyDigit = allModrm.filter((modrm) => (modrm & 7) === 3 && ((modrm >> 6) & 1) === 1);

test("all opcodes, all ModRM bytes, operand and address size prefixes", () => {
  const cases = opcodeCases([[], [0x66], [0x67]], allModrm);
  report("ModRM", [compare(cases, true), compare(cases, false)]);
});

test("all opcodes behind segment, repeat and LOCK prefixes in several orders", () => {
  const prefixes = [
    [0x26],
    [0x2e],
    [0x36],
    [0x3e],
    [0x64],
    [0x65],
    [0xf2],
    [0xf3],
    [0xf0],
    [0x66, 0x67],
    [0x66, 0xf0],
    [0xf0, 0xf3],
    [0xf3, 0x66],
    [0x66, 0xf2],
    [0xf3, 0xf2],
    [0xf2, 0xf3],
    [0x65, 0x2e, 0x67],
    [0x66, 0x66, 0x66],
    [0x2e, 0xf0, 0x66, 0xf2, 0x67],
  ];
  const cases = opcodeCases(prefixes, everyDigit);
  report("prefixes", [compare(cases, true), compare(cases, false)]);
});

test("all SIB bytes with every mod and reg", () => {
  const cases = new Cases();
  for (const head of [[], [0x65], [0x67]]) {
    for (const opcode of [0x8b, 0x80, 0xd9]) {
      for (let modrm = 0; modrm < 0xc0; modrm++) {
        if ((modrm & 7) !== 4) continue;
        for (let sib = 0; sib < 256; sib++) cases.add(...head, opcode, modrm, sib);
      }
    }
  }
  report("SIB", [compare(cases, true), compare(cases, false)]);
});

test.run();
