/**
 * Which instruction forms the interpreter's loop executes itself, and how their operands become record words.
 *
 * Only 32-bit code on flat segments gets these operations (Cpu.mode() >= 0); everything else, and every form without
 * an entry here, runs through the row's handler, which is complete.
 */
import { NONE as ABSENT, type Decoded } from "./isa/decoded.ts";
import { rows } from "./isa/index.ts";
import * as O from "./operations.ts";
import * as R from "./record.ts";
import { byteRegister, CS, EAX, ECX, FS, OPERAND, SEG_BASE, ZERO } from "./state.ts";

type Register = "reg" | "rm" | number;

/** How one form, register or memory, becomes a record. */
interface Form {
  readonly op: number;
  /** Second operation, behind a load. */
  readonly after?: number;
  readonly a?: Register | undefined;
  /** Size of A in bytes; default 4. */
  readonly aSize?: number;
  /** Register, immediate, or what the load before put into OPERAND. */
  readonly b?: Register | "imm" | "operand";
  /** Register a load goes to; default OPERAND. */
  readonly d?: Register;
  /** Register that TAKE reads. */
  readonly take?: Register;
}

interface Hot {
  /** Register operand in ModRM.rm, or no ModRM at all. */
  readonly register?: Form | undefined;
  readonly memory?: Form | undefined;
}

const forms: Record<string, Hot> = {};

["ADD", "OR", "ADC", "SBB", "AND", "SUB", "XOR", "CMP"].forEach((name, n) => {
  const compare = name === "CMP";
  forms[`${name} Gv,Ev`] = {
    register: { op: O.ALU32 + n, a: "reg", b: "rm" },
    memory: { op: O.LOAD32, after: O.ALU32 + n, a: "reg", b: "operand" },
  };
  forms[`${name} Gb,Eb`] = {
    register: { op: O.TAKE8, take: "rm", after: O.ALU8 + n, a: "reg", aSize: 1, b: "operand" },
    memory: { op: O.LOAD8, after: O.ALU8 + n, a: "reg", aSize: 1, b: "operand" },
  };
  forms[`${name} Ev,Gv`] = {
    register: { op: O.ALU32 + n, a: "rm", b: "reg" },
    memory: compare
      ? { op: O.LOAD32, after: O.CMP32_REVERSED, a: "reg", b: "operand" }
      : { op: O.OPEN32, after: O.ALU32_MEM + n, b: "reg" },
  };
  forms[`${name} Eb,Gb`] = {
    register: { op: O.TAKE8, take: "reg", after: O.ALU8 + n, a: "rm", aSize: 1, b: "operand" },
    memory: compare ? { op: O.LOAD8, after: O.CMP8_REVERSED, a: "reg", aSize: 1, b: "operand" } : undefined,
  };
  for (const immediate of ["Iv", "Ibs"]) {
    forms[`${name} Ev,${immediate}`] = {
      register: { op: O.ALU32 + n, a: "rm", b: "imm" },
      memory: compare
        ? { op: O.LOAD32, after: O.CMP32_IMM, b: "operand" }
        : { op: O.OPEN32, after: O.ALU32_MEM + n, b: "imm" },
    };
  }
  forms[`${name} Eb,Ib`] = {
    register: { op: O.ALU8 + n, a: "rm", aSize: 1, b: "imm" },
    memory: compare
      ? { op: O.LOAD8, after: O.CMP8_IMM, b: "operand" }
      : { op: O.OPEN8, after: O.ALU8_MEM + n, b: "imm" },
  };
  forms[`${name} eAX,Iv`] = { register: { op: O.ALU32 + n, a: EAX, b: "imm" } };
  forms[`${name} AL,Ib`] = { register: { op: O.ALU8 + n, a: EAX, aSize: 1, b: "imm" } };
});

["SHL", "SHR", "SAR", "ROL", "ROR"].forEach((name, n) => {
  forms[`${name} Ev,Ib`] = { register: { op: O.SHL32 + n, a: "rm", b: "imm" } };
  forms[`${name} Ev,1`] = { register: { op: O.SHL32 + n, a: "rm", b: "imm" } };
  forms[`${name} Ev,CL`] = { register: { op: O.SHL32 + n, a: "rm", b: ECX } };
});

/** A form whose source is a register or memory operand of 32 bits, destination ModRM.reg. */
function fromE(op: number, a?: Register): Hot {
  return { register: { op, a, b: "rm" }, memory: { op: O.LOAD32, after: op, a, b: "operand" } };
}

Object.assign(forms, {
  "TEST Ev,Gv": {
    register: { op: O.TEST32, a: "rm", b: "reg" },
    memory: { op: O.LOAD32, after: O.TEST32, a: "reg", b: "operand" },
  },
  "TEST Eb,Gb": {
    register: { op: O.TAKE8, take: "reg", after: O.TEST8, a: "rm", aSize: 1, b: "operand" },
    memory: { op: O.LOAD8, after: O.TEST8, a: "reg", aSize: 1, b: "operand" },
  },
  "TEST Ev,Iv": {
    register: { op: O.TEST32, a: "rm", b: "imm" },
    memory: { op: O.LOAD32, after: O.TEST32_IMM, b: "operand" },
  },
  "TEST Eb,Ib": {
    register: { op: O.TEST8, a: "rm", aSize: 1, b: "imm" },
    memory: { op: O.LOAD8, after: O.TEST8_IMM, b: "operand" },
  },
  "TEST eAX,Iv": { register: { op: O.TEST32, a: EAX, b: "imm" } },
  "TEST AL,Ib": { register: { op: O.TEST8, a: EAX, aSize: 1, b: "imm" } },
  "MOV Gv,Ev": { register: { op: O.MOV32, a: "reg", b: "rm" }, memory: { op: O.LOAD32, d: "reg" } },
  "MOV Ev,Gv": { register: { op: O.MOV32, a: "rm", b: "reg" }, memory: { op: O.STORE32, b: "reg" } },
  "MOV Gb,Eb": {
    register: { op: O.TAKE8, take: "rm", after: O.MOV8, a: "reg", aSize: 1, b: "operand" },
    memory: { op: O.LOAD8, after: O.MOV8, a: "reg", aSize: 1, b: "operand" },
  },
  "MOV Eb,Gb": {
    register: { op: O.TAKE8, take: "reg", after: O.MOV8, a: "rm", aSize: 1, b: "operand" },
    memory: { op: O.TAKE8, take: "reg", after: O.STORE8, b: "operand" },
  },
  "MOV Ev,Iv": { register: { op: O.MOV32, a: "rm", b: "imm" }, memory: { op: O.STORE32, b: "imm" } },
  "MOV Eb,Ib": { register: { op: O.MOV8, a: "rm", aSize: 1, b: "imm" }, memory: { op: O.STORE8, b: "imm" } },
  "MOV Zv,Iv": { register: { op: O.MOV32, a: "reg", b: "imm" } },
  "MOV Zb,Ib": { register: { op: O.MOV8, a: "reg", aSize: 1, b: "imm" } },
  "MOV eAX,Ov": { memory: { op: O.LOAD32, d: EAX } },
  "MOV AL,Ob": { memory: { op: O.LOAD8, after: O.MOV8, a: EAX, aSize: 1, b: "operand" } },
  "MOV Ov,eAX": { memory: { op: O.STORE32, b: EAX } },
  "MOV Ob,AL": { memory: { op: O.STORE8, b: EAX } },
  "MOVZX Gv,Eb": { register: { op: O.TAKE8, take: "rm", d: "reg" }, memory: { op: O.LOAD8, d: "reg" } },
  "MOVZX Gv,Ew": { register: { op: O.TAKE16, take: "rm", d: "reg" }, memory: { op: O.LOAD16, d: "reg" } },
  "MOVSX Gv,Eb": { register: { op: O.TAKE8S, take: "rm", d: "reg" }, memory: { op: O.LOAD8S, d: "reg" } },
  "MOVSX Gv,Ew": { register: { op: O.TAKE16S, take: "rm", d: "reg" }, memory: { op: O.LOAD16S, d: "reg" } },
  "LEA Gv,M": { memory: { op: O.LEA32, a: "reg" } },
  "INC Zv": { register: { op: O.INC32, a: "reg" } },
  "DEC Zv": { register: { op: O.DEC32, a: "reg" } },
  "INC Ev": { register: { op: O.INC32, a: "rm" }, memory: { op: O.OPEN32, after: O.INC32_MEM } },
  "DEC Ev": { register: { op: O.DEC32, a: "rm" }, memory: { op: O.OPEN32, after: O.DEC32_MEM } },
  "NEG Ev": { register: { op: O.NEG32, a: "rm" } },
  "NOT Ev": { register: { op: O.NOT32, a: "rm" } },
  "IMUL Gv,Ev": fromE(O.IMUL32, "reg"),
  "IMUL Gv,Ev,Iv": fromE(O.IMUL32_IMM, "reg"),
  "IMUL Gv,Ev,Ibs": fromE(O.IMUL32_IMM, "reg"),
  "MUL Ev": fromE(O.MUL32),
  "DIV Ev": fromE(O.DIV32),
  "IDIV Ev": fromE(O.IDIV32),
  "CWD/CDQ": { register: { op: O.CDQ } },
  "PUSH Zv": { register: { op: O.PUSH32, b: "reg" } },
  "PUSH Iv": { register: { op: O.PUSH32, b: "imm" } },
  "PUSH Ibs": { register: { op: O.PUSH32, b: "imm" } },
  "PUSH Ev": fromE(O.PUSH32),
  "POP Zv": { register: { op: O.POP32, a: "reg" } },
  "CALL Jv": { register: { op: O.CALL } },
  "CALL Ev": fromE(O.CALL_INDIRECT),
  "JMP Jb": { register: { op: O.JMP } },
  "JMP Jv": { register: { op: O.JMP } },
  "JMP Ev": fromE(O.JMP_INDIRECT),
  "Jcc Jb": { register: { op: O.JCC } },
  "Jcc Jv": { register: { op: O.JCC } },
  RET: { register: { op: O.RET } },
  "RET Iw": { register: { op: O.RET_IMM } },
  LEAVE: { register: { op: O.LEAVE } },
  "SETcc Eb": { register: { op: O.SETCC, a: "rm", aSize: 1 } },
  "CMOVcc Gv,Ev": fromE(O.CMOVCC, "reg"),
  "XCHG Ev,Gv": { register: { op: O.XCHG32, a: "rm", b: "reg" } },
  "XCHG Zv,eAX": { register: { op: O.XCHG32, a: "reg", b: EAX } },
  NOP: { register: { op: O.NOP } },
  "NOP Ev": { register: { op: O.NOP } },
} satisfies Record<string, Hot>);

/** Forms with a 16-bit operand. */
const words: Record<string, Hot> = {
  "MOV Ev,Gv": { memory: { op: O.TAKE16, take: "reg", after: O.STORE16, b: "operand" } },
  "MOV Ev,Iv": { memory: { op: O.STORE16, b: "imm" } },
  "MOV Gv,Ev": { memory: { op: O.LOAD16, after: O.MOV16, a: "reg", aSize: 2, b: "operand" } },
  NOP: { register: { op: O.NOP } },
};

const hotRows: (Hot | undefined)[] = rows.map((row) => forms[row.family]);
const hotWords: (Hot | undefined)[] = rows.map((row) => words[row.family]);

/** Keys of the table that a hot form claims to exist; for the test that none is misspelt. */
export const hotFamilies: readonly string[] = Object.keys(forms);

function registerOf(from: Register, d: Decoded): number {
  return from === "reg" ? d.reg : from === "rm" ? d.rm : from;
}

function registerIndex(from: Register, size: number, d: Decoded): number {
  const n = registerOf(from, d);
  return size === 1 ? byteRegister(n) : size === 2 ? 2 * n : n;
}

/**
 * Writes one record: always what the row's handler needs, and, where `mode` and the form allow, a hot operation.
 *
 * @param state word index of the CPU state in the machine memory
 * @param offset page offset of the instruction
 * @param mode Cpu.mode(), or -1 for handlers only
 * @param clocks CLOCKS of the record before it plus its own
 * @param count COUNT likewise
 */
export function encode(
  code: Int32Array,
  ip: number,
  d: Decoded,
  state: number,
  offset: number,
  mode: number,
  clocks: number,
  count: number,
): void {
  code.fill(0, ip, ip + R.RECORD_WORDS);
  code[ip + R.IMM] = d.imm;
  code[ip + R.EA] =
    (d.base === ABSENT ? ZERO : d.base) |
    ((d.index === ABSENT ? ZERO : d.index) << 8) |
    (d.scale << 16) |
    (d.segment << 20);
  code[ip + R.DISP] = d.memory ? d.disp : d.imm2;
  code[ip + R.PLACE] =
    offset |
    (d.length << 12) |
    (d.row << 16) |
    (d.operandSize === 2 ? R.OPERAND_16 : 0) |
    (d.addressSize === 2 ? R.ADDRESS_16 : 0) |
    (d.lock ? R.LOCK : 0) |
    (d.rep === 0xf3 ? R.REP : d.rep === 0xf2 ? R.REPNE : 0);
  code[ip + R.FORM] = d.reg | (d.rm << 4) | (d.memory ? R.MEMORY : 0) | (d.opcode << 12) | (d.mod << 21);
  code[ip + R.CLOCKS] = clocks;
  code[ip + R.COUNT] = count;
  if (mode < 0 || d.lock || d.addressSize === 2) return;
  const hot = (d.operandSize === 2 ? hotWords : hotRows)[d.row];
  const form = d.memory ? hot?.memory : hot?.register;
  if (form !== undefined) encodeHot(code, ip, d, state, offset, mode, form);
}

function encodeHot(
  code: Int32Array,
  ip: number,
  d: Decoded,
  state: number,
  offset: number,
  mode: number,
  form: Form,
): void {
  // A code segment cannot be written: the handler raises the fault.
  if (d.memory && d.segment === CS && (writesMemory.has(form.op) || writesMemory.has(form.after ?? O.DONE))) return;
  if (d.memory && d.segment >= FS && form.op !== O.LEA32) {
    // The base of FS or GS takes the place of the index register.
    const usable = (mode & (d.segment === FS ? 1 : 2)) !== 0;
    if (!usable || d.index !== ABSENT) return;
    code[ip + R.EA] = (code[ip + R.EA] & ~0x3ff00) | ((SEG_BASE + d.segment) << 8);
  }
  let op = form.op;
  code[ip + R.THEN] = form.after ?? O.DONE;
  if (form.a !== undefined) {
    const size = form.aSize ?? 4;
    code[ip + R.A] = registerIndex(form.a, size, d) + (size === 4 ? state : 0);
  }
  if (form.b === "imm") code[ip + R.B] = ip + R.IMM;
  else if (form.b === "operand") code[ip + R.B] = state + OPERAND;
  else if (form.b !== undefined) code[ip + R.B] = state + registerOf(form.b, d);
  code[ip + R.D] = state + (form.d === undefined ? OPERAND : registerOf(form.d, d));
  if (form.take !== undefined) {
    const size = op === O.TAKE8 || op === O.TAKE8S ? 1 : 2;
    code[ip + R.IMM] = registerIndex(form.take, size, d);
  }
  if (op === O.CALL || op === O.JMP || op === O.JCC) {
    const target = offset + d.length + d.imm;
    if (target >= 0 && target < 4096) {
      op = op === O.CALL ? O.CALL_NEAR : op === O.JMP ? O.JMP_NEAR : O.JCC_NEAR + (d.opcode & 15);
      code[ip + R.IMM] = target;
      code[ip + R.D] = 0;
    }
  }
  code[ip + R.OP] = op;
}

const writesMemory = new Set<number>([O.STORE32, O.STORE16, O.STORE8, O.OPEN32, O.OPEN8]);

/** Operations whose flags the next one in the block may overwrite unread, and what they become then. */
const quiet = new Map<number, number>([
  [O.ALU32 + O.ADD, O.QUIET_ADD],
  [O.ALU32 + O.OR, O.QUIET_OR],
  [O.ALU32 + O.AND, O.QUIET_AND],
  [O.ALU32 + O.SUB, O.QUIET_SUB],
  [O.ALU32 + O.XOR, O.QUIET_XOR],
  [O.SHL32, O.QUIET_SHL],
  [O.SHR32, O.QUIET_SHR],
  [O.SAR32, O.QUIET_SAR],
  [O.ROL32, O.QUIET_ROL],
  [O.ROR32, O.QUIET_ROR],
  [O.IMUL32, O.QUIET_IMUL],
]);

/** Register operations that set every status flag whatever it was, and cannot fault. */
const setsAll = new Set<number>([
  ...[O.ADD, O.OR, O.AND, O.SUB, O.XOR, O.CMP].map((n) => O.ALU32 + n),
  ...[O.ADD, O.OR, O.AND, O.SUB, O.XOR, O.CMP].map((n) => O.ALU8 + n),
  O.TEST32,
  O.TEST8,
  O.NEG32,
]);

/** Register operations that neither read flags nor can leave the block. */
const harmless = new Set<number>([
  ...quiet.values(),
  ...[O.SHL32, O.SHR32, O.SAR32, O.ROL32, O.ROR32],
  // They leave SF, ZF, AF and PF alone (multiply.ts).
  ...[O.IMUL32, O.IMUL32_IMM],
  ...[O.MOV32, O.LEA32, O.NOT32, O.XCHG32, O.NOP, O.CDQ],
]);

/**
 * Takes the flags out of operations of a block where the next ones overwrite them before anything can look: no reader, no
 * memory access that might fault, no transfer in between.
 *
 * @param first first record
 * @param end word behind the last record
 */
export function quieten(code: Int32Array, first: number, end: number): void {
  let dead = false;
  for (let ip = end - R.RECORD_WORDS; ip >= first; ip -= R.RECORD_WORDS) {
    const op = code[ip + R.OP];
    const silent = dead ? quiet.get(op) : undefined;
    if (silent !== undefined) code[ip + R.OP] = silent;
    if (setsAll.has(op)) dead = true;
    else if (!harmless.has(op)) dead = false;
  }
}
