/**
 * Instructions as text, spelled and spaced as `objdump -d` does it (GNU binutils 2.40), with Intel syntax by default.
 * Undefined opcodes are "(bad)", one byte long. Cold code: builds strings freely.
 */

import { CS, DS, EBX, EDI, ESI, ESP } from "../state.ts";
import { decode } from "./decode.ts";
import { Decoded, NONE, OK } from "./decoded.ts";
import { usesOperandSize } from "./forms.ts";
import type { Operand, Row } from "./row.ts";
import { rows } from "./table.ts";

export type Syntax = "intel" | "att";

export interface DisassembleOptions {
  readonly syntax?: Syntax;
  /** Default operand and address size of the code segment; 32 if absent. */
  readonly bits?: 16 | 32;
  /** Name of a branch target, printed behind the address as `<name>`; null if there is none. */
  readonly symbol?: (address: number) => string | null;
}

export interface DisassembledInstruction {
  readonly text: string;
  /** In bytes; 1 for "(bad)". */
  readonly length: number;
}

const registers32 = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"];
const registers16 = ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di"];
const registers8 = ["al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"];
const segments = ["es", "cs", "ss", "ds", "fs", "gs", "?", "?"];
const gnuConditions = ["o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"];

/** Mnemonics with another name per operand size: 16, 32; AT&T 16, 32. */
const namesBySize: Record<string, readonly [string, string, string, string]> = {
  "CBW/CWDE": ["cbw", "cwde", "cbtw", "cwtl"],
  "CWD/CDQ": ["cwd", "cdq", "cwtd", "cltd"],
};
/** The FPU notes which objdump prints behind the names of obsolete instructions. */
const obsolete: Record<string, string> = { FNENI: "(8087 only)", FNDISI: "(8087 only)", FNSETPM: "(287 only)" };
/** AT&T exchanges these where the destination is ST(i), a bug of the first assembler that became its rule. */
const exchangedInAtt: Record<string, string> = {
  FSUB: "fsubr",
  FSUBR: "fsub",
  FSUBP: "fsubrp",
  FSUBRP: "fsubp",
  FDIV: "fdivr",
  FDIVR: "fdiv",
  FDIVP: "fdivrp",
  FDIVRP: "fdivp",
};
/** Rows without explicit operands, or with immediates only, whose mnemonic shows a size other than the default. */
const sizedMnemonics = new Set(
  "PUSH POP PUSHA POPA PUSHF POPF CALL JMP RET RETF IRET ENTER LEAVE FLDENV FNSTENV FNSAVE FRSTOR".split(" "),
);
const pointerNames: Record<number, string> = { 1: "BYTE", 2: "WORD", 4: "DWORD", 6: "FWORD", 8: "QWORD", 10: "TBYTE" };
const attFpuSuffix: Record<string, string> = {
  m32fp: "s",
  m64fp: "l",
  m80fp: "t",
  m16int: "s",
  m32int: "l",
  m64int: "ll",
};

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;
const signedHex = (value: number): string => (value < 0 ? `-${hex(-value)}` : hex(value));

/** One instruction being printed. */
class Line {
  readonly d: Decoded;
  readonly row: Row;
  readonly address: number;
  readonly code32: boolean;
  readonly att: boolean;
  readonly options: DisassembleOptions;

  constructor(d: Decoded, address: number, options: DisassembleOptions) {
    this.d = d;
    this.row = rows[d.row];
    this.address = address;
    this.code32 = options.bits !== 16;
    this.att = options.syntax === "att";
    this.options = options;
  }

  text(prefixBytes: Uint8Array): string {
    const operands = this.operands();
    const mnemonic = this.mnemonic();
    const head = [...this.prefixes(prefixBytes), mnemonic].join(" ");
    return operands === "" ? head : `${head.padEnd(6)} ${operands}`;
  }

  // Mnemonics

  mnemonic(): string {
    const { row, d, att } = this;
    if (this.isWideNop()) return "xchg";
    if (row.mnemonic === "JCXZ/JECXZ") return (d.addressSize === 4 ? "jecxz" : "jcxz") + this.hint();
    const bySize = namesBySize[row.mnemonic];
    if (bySize !== undefined) return bySize[(att ? 2 : 0) + (d.operandSize === 4 ? 1 : 0)];
    if (row.condition >= 0) return this.conditional();
    return this.stem() + this.suffix() + (obsolete[row.mnemonic] ?? "");
  }

  /** 66 90 is shown as what it does: XCHG AX,AX (in 16-bit code XCHG EAX,EAX). */
  isWideNop(): boolean {
    return this.row.key === "NOP" && (this.d.operandSize === 4) !== this.code32;
  }

  conditional(): string {
    const { row } = this;
    const stem = row.family.startsWith("J") ? "j" : row.family.startsWith("SET") ? "set" : "cmov";
    return stem + gnuConditions[row.condition] + (stem === "j" ? this.hint() : "");
  }

  /** AT&T shows the CS and DS prefixes of conditional branches as the branch hints of the Pentium 4. */
  hint(): string {
    const { override } = this.d;
    return !this.att ? "" : override === CS ? ",pn" : override === DS ? ",pt" : "";
  }

  stem(): string {
    const { row, att } = this;
    const name = row.mnemonic;
    if (att) {
      if (row.operands[0]?.text === "STi" && row.operands.length === 2 && name in exchangedInAtt) {
        return exchangedInAtt[name];
      }
      if (row.transfer === "far") return name === "RETF" ? "lret" : `l${name.toLowerCase()}`;
      if (name === "MOVZX") return "movz";
      if (name === "MOVSX") return "movs";
    }
    return name.toLowerCase();
  }

  suffix(): string {
    const { d } = this;
    const name = this.row.mnemonic;
    if (/^[LS][GI]DT$/.test(name)) return d.operandSize === 2 ? "w" : this.att ? "l" : "d";
    return this.att ? this.attSuffix() : this.intelSuffix();
  }

  /** Is the operand size another than the code segment's default, where only the mnemonic can show it? */
  hasUnusualSize(): boolean {
    const { row, d } = this;
    const unusual = (d.operandSize === 4) !== this.code32;
    return unusual && sizedMnemonics.has(row.mnemonic) && row.operands[0]?.text !== "Jb";
  }

  intelSuffix(): string {
    const { row, d } = this;
    const visible = row.operands.some(({ method }) => "EZMA".includes(method));
    return this.hasUnusualSize() && !visible ? (d.operandSize === 2 ? "w" : "d") : "";
  }

  /** AT&T mnemonics end in the operand size where no register operand tells it. */
  attSuffix(): string {
    const { row, d } = this;
    const name = row.mnemonic;
    const letter = d.operandSize === 2 ? "w" : "l";
    if (row.x87) {
      if (sizedMnemonics.has(name)) return this.hasUnusualSize() ? (d.operandSize === 2 ? "s" : "l") : "";
      return attFpuSuffix[row.operands.find(({ method }) => method === "m")?.type ?? ""] ?? "";
    }
    if (name === "MOVZX" || name === "MOVSX") return (row.operands[1].type === "b" ? "b" : "w") + letter;
    if (name.startsWith("LOOP")) {
      const counter = (d.addressSize === 4) === this.code32 ? "" : d.addressSize === 2 ? "w" : "l";
      return counter + this.hint();
    }
    if (sizedMnemonics.has(name)) {
      return this.hasUnusualSize() && (d.memory || !row.operands.some(isRegister)) ? letter : "";
    }
    if (/^(MOVS|CMPS|INS|OUTS)$/.test(name)) return row.operands.some(({ type }) => type === "b") ? "b" : letter;
    const [target, ...sources] = row.operands;
    const told = sources.some(({ method, type }) => method === "G" || (method === "fixed" && type !== "CL"));
    if (!d.memory || target.method !== "E" || told || target.type === "w" || target.type === "Rv/Mw") return "";
    return target.type === "b" ? "b" : letter;
  }

  // Prefixes

  /** Names of the prefixes that the text does not show otherwise, in the order of the bytes. */
  prefixes(bytes: Uint8Array): string[] {
    const { row, d } = this;
    const names: string[] = [];
    const used = {
      size: usesOperandSize(row, d.memory) || this.isWideNop(),
      address: this.usesAddressSize(),
      segment: this.usesSegment(),
      rep: row.opcode.startsWith("F3 "),
    };
    for (let i = bytes.length - 1; i >= 0; i--) {
      const byte = bytes[i];
      if (byte === 0x66) {
        if (!used.size) names.unshift(this.code32 ? "data16" : "data32");
        used.size = false;
      } else if (byte === 0x67) {
        if (!used.address) names.unshift(this.code32 ? "addr16" : "addr32");
        used.address = false;
      } else if (byte === 0xf0) {
        names.unshift("lock");
      } else if (byte === 0xf2 || byte === 0xf3) {
        const first = byte === d.rep && !names.includes("rep") && row.rep === "rep";
        if (!used.rep) names.unshift(byte === 0xf2 ? this.nameOfF2() : first ? "rep" : "repz");
        used.rep = false;
      } else {
        if (!used.segment) names.unshift(this.nameOfSegment(byte));
        used.segment = false;
      }
    }
    return names;
  }

  nameOfF2(): string {
    const { transfer } = this.row;
    const near = transfer === "jcc" || transfer === "jump" || transfer === "call" || transfer === "ret";
    return near && !/^(LOOP|JCXZ)/.test(this.row.mnemonic) ? "bnd" : "repnz";
  }

  nameOfSegment(byte: number): string {
    const { row } = this;
    const indirect = row.operands[0]?.method === "E" && (row.transfer === "jump" || row.transfer === "call");
    if (byte === 0x3e && indirect) return "notrack";
    if (byte === 0x64 || byte === 0x65) return byte === 0x64 ? "fs" : "gs";
    return segments[(byte >> 3) & 3];
  }

  usesAddressSize(): boolean {
    const { row, d } = this;
    if (/^LOOP/.test(row.mnemonic)) return this.att;
    if (row.operands.some(({ method }) => method === "O")) return false;
    if (!this.code32 && d.memory && d.base === NONE && d.index === NONE) return false;
    return d.memory || row.operands.some(({ method }) => "XY".includes(method)) || /^(XLAT|JCXZ)/.test(row.mnemonic);
  }

  usesSegment(): boolean {
    const { row, d } = this;
    if (row.transfer === "jcc") return this.hint() !== "";
    return d.memory || row.operands.some(({ method }) => method === "X") || row.mnemonic === "XLAT";
  }

  // Operands

  operands(): string {
    const { row, d, att } = this;
    if (this.isWideNop()) return [0, 0].map((n) => this.register(n, d.operandSize)).join(",");
    if (row.mnemonic === "XLAT") return this.memory([EBX, NONE], 1, "ds");
    if (row.mnemonic === "AAM" || row.mnemonic === "AAD") return d.imm === 10 ? "" : this.immediate(d.imm, 1);
    const list = row.operands
      .filter(({ method, text }) => !(att && method === "1") && text !== "")
      .map((o) => this.operand(o));
    if (att && row.mnemonic !== "ENTER" && row.mnemonic !== "BOUND") list.reverse();
    return list.join(",");
  }

  operand(operand: Operand): string {
    const { d, row, att } = this;
    const { method, type } = operand;
    const size = sizeOf(type, d.operandSize);
    switch (method) {
      case "E":
      case "M":
      case "m":
        return this.registerOrMemory(operand, size);
      case "R":
        return this.register(d.rm, 4);
      case "G":
        return this.register(d.reg, size);
      case "Z":
        return this.register(d.reg, size);
      case "S":
        return this.named(segments[d.reg]);
      case "C":
        return this.named(`cr${d.reg}`);
      case "D":
        return this.named(`${att ? "db" : "dr"}${d.reg}`);
      case "T":
        return this.named(`tr${d.reg}`);
      case "fixed":
        if (att && type === "DX" && /^(IN|OUT|INS|OUTS)$/.test(row.mnemonic)) return "(%dx)";
        if (type.startsWith("e")) return this.register(registers16.indexOf(type.slice(1).toLowerCase()), d.operandSize);
        return this.named(type.toLowerCase());
      case "ST":
        return this.named(type === "ST0" ? "st" : `st(${d.rm})`);
      case "1":
        return "1";
      case "I":
        return this.immediate(
          row.mnemonic === "ENTER" && type === "b" ? d.imm2 : d.imm,
          type === "bs" ? d.operandSize : size,
        );
      case "J":
        return this.target();
      case "A":
        return att ? `$${hex(d.imm2)},$${hex(d.imm)}` : `${hex(d.imm2)}:${hex(d.imm)}`;
      case "O": {
        const offset = hex(d.disp);
        const segment = d.override === NONE ? (att ? "" : "ds:") : `${this.named(segments[d.override])}:`;
        return segment + offset;
      }
      case "X":
        return this.memory([ESI, NONE], size, "ds");
      case "Y":
        return this.memory([EDI, NONE], size, "es", true);
      default:
        throw new Error(`operand ${operand.text}`);
    }
  }

  named(name: string): string {
    return this.att ? `%${name}` : name;
  }

  register(n: number, size: number): string {
    return this.named((size === 1 ? registers8 : size === 2 ? registers16 : registers32)[n]);
  }

  immediate(value: number, size: number): string {
    const mask = size === 1 ? value & 0xff : size === 2 ? value & 0xffff : value;
    return (this.att ? "$" : "") + hex(mask);
  }

  target(): string {
    const { d, options } = this;
    const next = this.address + d.length + d.imm;
    const target = d.operandSize === 2 ? next & 0xffff : next >>> 0;
    const symbol = options.symbol?.(target) ?? null;
    return hex(target) + (symbol === null ? "" : ` <${symbol}>`);
  }

  registerOrMemory(operand: Operand, size: number): string {
    const { d, row, att } = this;
    const star = att && /^(CALL|JMP)$/.test(row.mnemonic) ? "*" : "";
    if (!d.memory) {
      const wide = operand.type === "Rv/Mw" || (operand.type === "w" && /^(LAR|LSL|MOV)$/.test(row.mnemonic));
      return star + this.register(d.rm, wide ? d.operandSize : size);
    }
    const shown = operand.type === "" || operand.type === "s" ? 0 : size;
    return star + this.memory([d.base, d.index], shown, "", false);
  }

  /** `fixed` names the segment of an implicit operand; `never` means that an override does not change it. */
  memory([base, index]: [number, number], size: number, fixed: string, never = false): string {
    const { d, att } = this;
    const override = d.override !== NONE && !never && this.usesSegment() ? segments[d.override] : fixed;
    const names = d.addressSize === 4 ? registers32 : registers16;
    const explicit = fixed === "";
    const sib = explicit && d.addressSize === 4 && d.rm === ESP;
    const scaled = index !== NONE || (sib && (base !== ESP || d.scale !== 0));
    const parts = [];
    if (base !== NONE) parts.push(this.named(names[base]));
    if (scaled) {
      const name = this.named(index === NONE ? (d.addressSize === 4 ? "eiz" : "") : names[index]);
      parts.push(d.addressSize === 4 ? (att ? `${name},${1 << d.scale}` : `${name}*${1 << d.scale}`) : name);
    }
    const hasDisplacement = explicit && (d.mod !== 0 || base === NONE);
    if (att) {
      const segment = override === "" ? "" : `%${override}:`;
      const absolute = parts.length === 0;
      const disp = !hasDisplacement ? "" : absolute && d.addressSize === 4 ? hex(d.disp) : signedHex(d.disp);
      if (absolute) return segment + disp;
      return `${segment}${disp}(${base === NONE ? "," : ""}${parts.join(",")})`;
    }
    const pointer = size === 0 ? "" : `${pointerNames[size]} PTR `;
    if (parts.length === 0) return `${pointer}${override === "" ? "ds" : override}:${this.absolute()}`;
    const disp = !hasDisplacement ? "" : d.disp < 0 ? signedHex(d.disp) : `+${hex(d.disp)}`;
    return `${pointer}${override === "" ? "" : `${override}:`}[${parts.join("+")}${disp}]`;
  }

  absolute(): string {
    return hex(this.d.addressSize === 4 ? this.d.disp : this.d.disp & 0xffff);
  }
}

function isRegister({ method }: Operand): boolean {
  return method === "E" || method === "Z";
}

function sizeOf(type: string, operandSize: number): number {
  switch (type) {
    case "b":
    case "bs":
      return 1;
    case "w":
    case "Rv/Mw":
    case "m2byte":
    case "m16int":
      return 2;
    case "d":
    case "m32int":
    case "m32fp":
      return 4;
    case "q":
    case "m64int":
    case "m64fp":
      return 8;
    case "m80fp":
    case "m80bcd":
      return 10;
    case "p":
      return operandSize + 2;
    case "a":
      return 2 * operandSize;
    case "v":
      return operandSize;
    default:
      return 0;
  }
}

/**
 * Text of the instruction at `bytes[offset]`, which the guest sees at linear address `address`. Bytes missing at the end
 * make it "(bad)", as does everything that would raise #UD or #GP when decoded.
 */
export function disassemble(
  bytes: Uint8Array,
  offset: number,
  address: number,
  options: DisassembleOptions = {},
): DisassembledInstruction {
  const d = new Decoded();
  if (decode(d, bytes, offset, bytes.length, options.bits !== 16) !== OK) return { text: "(bad)", length: 1 };
  return { text: new Line(d, address, options).text(prefixesOf(bytes, offset)), length: d.length };
}

function prefixesOf(bytes: Uint8Array, offset: number): Uint8Array {
  let end = offset;
  while ([0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65].includes(bytes[end])) end++;
  return bytes.subarray(offset, end);
}
