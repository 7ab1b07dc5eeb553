// The escape opcodes D8..DF as a table: (opcode, ModRM) to what the instruction does with memory and which method of FpuState
// it is (SDM 2 appendix A, tables ).
//
// To execute an entry:
//   1. #NM, then #MF if `wait` and fpu.pendingException().
//   2. Translate the memory operand, for write if access is "store"; nothing has changed yet if that faults.
//   3. access "load": move `bytes` bytes to X87_MEM (X87_BLOCK if `image`).
//   4. eflags "read": put EFLAGS into X87_EFLAGS.
//   5. If `records`: fpu.recordInstruction, and fpu.recordOperand for a memory form.
//   6. completed = entry.run(fpu, modrm & 7, format).
//   7. If completed - access "store": move the bytes from X87_MEM or X87_BLOCK; access "ax": X87_MEM to AX; eflags "write":
//      ZF, PF, CF from X87_EFLAGS, and OF, SF, AF cleared.

import { type Constant, L2E, L2T, LG2, LN2, ONE, PI, ZERO } from "./constant.ts";
import { ADD, DIVIDE, DIVIDE_REVERSED, type FpuState, MULTIPLY, SUBTRACT, SUBTRACT_REVERSED } from "./fpu.ts";
import { environmentBytes, type ImageFormat, stateBytes } from "./image.ts";
import { X87_EFLAGS } from "./layout.ts";

/** What an x87 instruction does with memory, flags and the pointers, and how it is executed. */
export interface EscapeEntry {
  /** Intel mnemonic without WAIT prefix, lower case. */
  readonly mnemonic: string;
  /** Intel operands, "" if none: "st(0), st(i)", "m32fp". */
  readonly operands: string;
  readonly access: "none" | "load" | "store" | "ax";
  /** Bytes of the memory operand; 0 without one and for images, whose size depends on the format. */
  readonly bytes: number;
  /** Memory operand through X87_BLOCK instead of X87_MEM. */
  readonly image: "none" | "environment" | "state";
  readonly eflags: "none" | "read" | "write";
  /** Whether a pending exception is reported first. */
  readonly wait: "wait" | "nowait";
  /** False for control instructions, which leave FIP, FCS, FOP, FDP and FDS alone (SDM 1 §8.1.8). */
  readonly records: boolean;
  /** Undocumented second encoding of another entry. */
  readonly alias: boolean;
  /** `i` is ModRM.rm, the number in ST(i). Result as of FpuState's methods. */
  readonly run: (fpu: FpuState, i: number, format: ImageFormat) => boolean;
}

type Run = EscapeEntry["run"];
type Options = Partial<Omit<EscapeEntry, "mnemonic" | "operands" | "run">>;

/** Memory forms take slots 0..7 of an opcode's 72, register forms slots 8..71. */
const SLOTS = 72;
const table: (EscapeEntry | undefined)[] = new Array(8 * SLOTS).fill(undefined);

/**
 * The entry of an escape opcode (0xd8..0xdf) and its ModRM byte, undefined for a reserved encoding (#UD).
 */
export function escapeEntry(opcode: number, modrm: number): EscapeEntry | undefined {
  return table[(opcode & 7) * SLOTS + (modrm < 0xc0 ? (modrm >> 3) & 7 : modrm - 0xc0 + 8)];
}

/** Bytes that an entry moves in the given image format. */
export function memoryBytes(entry: EscapeEntry, format: ImageFormat): number {
  if (entry.image === "none") return entry.bytes;
  return entry.image === "environment" ? environmentBytes(format) : stateBytes(format);
}

function bind(slot: number, mnemonic: string, operands: string, run: Run, options: Options): void {
  if (table[slot] !== undefined) throw new Error(`x87 escape slot ${slot} bound twice: ${mnemonic}`);
  table[slot] = {
    mnemonic,
    operands,
    access: "none",
    bytes: 0,
    image: "none",
    eflags: "none",
    wait: "wait",
    records: true,
    alias: false,
    ...options,
    run,
  };
}

const memoryBytesOf: Record<string, number> = {
  m32fp: 4,
  m64fp: 8,
  m80fp: 10,
  m16int: 2,
  m32int: 4,
  m64int: 8,
  m80bcd: 10,
  m2byte: 2,
};

function memory(
  opcode: number,
  reg: number,
  text: string,
  access: "load" | "store",
  run: Run,
  options?: Options,
): void {
  const [mnemonic, operand] = text.split(" ");
  bind((opcode & 7) * SLOTS + reg, mnemonic, operand, run, { access, bytes: memoryBytesOf[operand] ?? 0, ...options });
}

/** One register form: all eight ModRM bytes from `modrm` up if the operands name st(i), else that byte only. */
function register(opcode: number, modrm: number, text: string, run: Run, options: Options = {}): void {
  const space = text.indexOf(" ");
  const mnemonic = space < 0 ? text : text.slice(0, space);
  const operands = space < 0 ? "" : text.slice(space + 1);
  const count = operands.includes("st(i)") ? 8 : 1;
  for (let i = 0; i < count; i++) {
    bind((opcode & 7) * SLOTS + modrm - 0xc0 + 8 + i, mnemonic, operands, run, options);
  }
}

const alias: Options = { alias: true };
const control: Options = { records: false };
const nowait: Options = { records: false, wait: "nowait" };

// D8, DC, DA and DE share their memory column: operation by reg, operand format by opcode.
const operations: [mnemonic: string, reg: number][] = [
  ["add", ADD],
  ["mul", MULTIPLY],
  ["sub", SUBTRACT],
  ["subr", SUBTRACT_REVERSED],
  ["div", DIVIDE],
  ["divr", DIVIDE_REVERSED],
];
for (const [name, operation] of operations) {
  memory(0xd8, operation, `f${name} m32fp`, "load", (fpu) => fpu.arithmetic32(operation));
  memory(0xdc, operation, `f${name} m64fp`, "load", (fpu) => fpu.arithmetic64(operation));
  memory(0xda, operation, `fi${name} m32int`, "load", (fpu) => fpu.arithmeticInt32(operation));
  memory(0xde, operation, `fi${name} m16int`, "load", (fpu) => fpu.arithmeticInt16(operation));
  const row = 0xc0 + operation * 8;
  register(0xd8, row, `f${name} st(0), st(i)`, (fpu, i) => fpu.arithmetic(operation, i));
  // ST(i) = ST(0) op ST(i): in the manual's words the reversed instruction with destination ST(i).
  const opposite = operation < SUBTRACT ? name : name.endsWith("r") ? name.slice(0, -1) : `${name}r`;
  register(0xdc, row, `f${opposite} st(i), st(0)`, (fpu, i) => fpu.arithmeticTo(operation, i, 0));
  register(0xde, row, `f${opposite}p st(i), st(0)`, (fpu, i) => fpu.arithmeticTo(operation, i, 1));
}

memory(0xd8, 2, "fcom m32fp", "load", (fpu) => fpu.fcom32(0));
memory(0xd8, 3, "fcomp m32fp", "load", (fpu) => fpu.fcom32(1));
memory(0xdc, 2, "fcom m64fp", "load", (fpu) => fpu.fcom64(0));
memory(0xdc, 3, "fcomp m64fp", "load", (fpu) => fpu.fcom64(1));
memory(0xda, 2, "ficom m32int", "load", (fpu) => fpu.ficom32(0));
memory(0xda, 3, "ficomp m32int", "load", (fpu) => fpu.ficom32(1));
memory(0xde, 2, "ficom m16int", "load", (fpu) => fpu.ficom16(0));
memory(0xde, 3, "ficomp m16int", "load", (fpu) => fpu.ficom16(1));
register(0xd8, 0xd0, "fcom st(i)", (fpu, i) => fpu.fcom(i, 0));
register(0xd8, 0xd8, "fcomp st(i)", (fpu, i) => fpu.fcom(i, 1));
register(0xdc, 0xd0, "fcom st(i)", (fpu, i) => fpu.fcom(i, 0), alias);
register(0xdc, 0xd8, "fcomp st(i)", (fpu, i) => fpu.fcom(i, 1), alias);
register(0xde, 0xd0, "fcomp st(i)", (fpu, i) => fpu.fcom(i, 1), alias);
register(0xde, 0xd9, "fcompp", (fpu) => fpu.fcom(1, 2));
register(0xdd, 0xe0, "fucom st(i)", (fpu, i) => fpu.fucom(i, 0));
register(0xdd, 0xe8, "fucomp st(i)", (fpu, i) => fpu.fucom(i, 1));
register(0xda, 0xe9, "fucompp", (fpu) => fpu.fucom(1, 2));
register(0xdb, 0xe8, "fucomi st(0), st(i)", (fpu, i) => fpu.fucomi(i, 0), { eflags: "write" });
register(0xdb, 0xf0, "fcomi st(0), st(i)", (fpu, i) => fpu.fcomi(i, 0), { eflags: "write" });
register(0xdf, 0xe8, "fucomip st(0), st(i)", (fpu, i) => fpu.fucomi(i, 1), { eflags: "write" });
register(0xdf, 0xf0, "fcomip st(0), st(i)", (fpu, i) => fpu.fcomi(i, 1), { eflags: "write" });

// Loads and stores.
memory(0xd9, 0, "fld m32fp", "load", (fpu) => fpu.fld32());
memory(0xdd, 0, "fld m64fp", "load", (fpu) => fpu.fld64());
memory(0xdb, 5, "fld m80fp", "load", (fpu) => fpu.fld80());
memory(0xdf, 0, "fild m16int", "load", (fpu) => fpu.fild16());
memory(0xdb, 0, "fild m32int", "load", (fpu) => fpu.fild32());
memory(0xdf, 5, "fild m64int", "load", (fpu) => fpu.fild64());
memory(0xdf, 4, "fbld m80bcd", "load", (fpu) => fpu.fbld());
memory(0xd9, 2, "fst m32fp", "store", (fpu) => fpu.fst32(0));
memory(0xd9, 3, "fstp m32fp", "store", (fpu) => fpu.fst32(1));
memory(0xdd, 2, "fst m64fp", "store", (fpu) => fpu.fst64(0));
memory(0xdd, 3, "fstp m64fp", "store", (fpu) => fpu.fst64(1));
memory(0xdb, 7, "fstp m80fp", "store", (fpu) => fpu.fstp80());
memory(0xdf, 2, "fist m16int", "store", (fpu) => fpu.fist16(0));
memory(0xdf, 3, "fistp m16int", "store", (fpu) => fpu.fist16(1));
memory(0xdb, 2, "fist m32int", "store", (fpu) => fpu.fist32(0));
memory(0xdb, 3, "fistp m32int", "store", (fpu) => fpu.fist32(1));
memory(0xdf, 7, "fistp m64int", "store", (fpu) => fpu.fistp64());
memory(0xdf, 6, "fbstp m80bcd", "store", (fpu) => fpu.fbstp());

// Register moves.
register(0xd9, 0xc0, "fld st(i)", (fpu, i) => fpu.fld(i));
register(0xdd, 0xd0, "fst st(i)", (fpu, i) => fpu.fst(i, 0));
register(0xdd, 0xd8, "fstp st(i)", (fpu, i) => fpu.fst(i, 1));
register(0xd9, 0xd8, "fstpnce st(i)", (fpu, i) => fpu.fstpnce(i), alias);
register(0xdf, 0xd0, "fstp st(i)", (fpu, i) => fpu.fst(i, 1), alias);
register(0xdf, 0xd8, "fstp st(i)", (fpu, i) => fpu.fst(i, 1), alias);
register(0xd9, 0xc8, "fxch st(i)", (fpu, i) => fpu.fxch(i));
register(0xdd, 0xc8, "fxch st(i)", (fpu, i) => fpu.fxch(i), alias);
register(0xdf, 0xc8, "fxch st(i)", (fpu, i) => fpu.fxch(i), alias);
register(0xdd, 0xc0, "ffree st(i)", (fpu, i) => fpu.ffree(i, 0));
register(0xdf, 0xc0, "ffreep st(i)", (fpu, i) => fpu.ffree(i, 1), alias);
register(0xd9, 0xf6, "fdecstp", (fpu) => fpu.moveTop(-1));
register(0xd9, 0xf7, "fincstp", (fpu) => fpu.moveTop(1));
register(0xd9, 0xd0, "fnop", (fpu) => fpu.fnop());

// FCMOVcc: the condition is on EFLAGS CF (1), PF (4) and ZF (0x40).
const conditions: [suffix: string, mask: number][] = [
  ["b", 0x01],
  ["e", 0x40],
  ["be", 0x41],
  ["u", 0x04],
];
conditions.forEach(([suffix, mask], index) => {
  const row = 0xc0 + index * 8;
  const flagged = (fpu: FpuState): boolean => (fpu.words[X87_EFLAGS] & mask) !== 0;
  register(0xda, row, `fcmov${suffix} st(0), st(i)`, (fpu, i) => fpu.fcmov(i, flagged(fpu)), { eflags: "read" });
  register(0xdb, row, `fcmovn${suffix} st(0), st(i)`, (fpu, i) => fpu.fcmov(i, !flagged(fpu)), { eflags: "read" });
});

// One operand, constants, and functions.
const constants: [mnemonic: string, constant: Constant][] = [
  ["fld1", ONE],
  ["fldl2t", L2T],
  ["fldl2e", L2E],
  ["fldpi", PI],
  ["fldlg2", LG2],
  ["fldln2", LN2],
  ["fldz", ZERO],
];
constants.forEach(([mnemonic, constant], index) => {
  register(0xd9, 0xe8 + index, mnemonic, (fpu) => fpu.fldConstant(constant));
});
register(0xd9, 0xe0, "fchs", (fpu) => fpu.fchs());
register(0xd9, 0xe1, "fabs", (fpu) => fpu.fabs());
register(0xd9, 0xe4, "ftst", (fpu) => fpu.ftst());
register(0xd9, 0xe5, "fxam", (fpu) => fpu.fxam());
register(0xd9, 0xf4, "fxtract", (fpu) => fpu.fxtract());
register(0xd9, 0xf5, "fprem1", (fpu) => fpu.fprem1());
register(0xd9, 0xf8, "fprem", (fpu) => fpu.fprem());
register(0xd9, 0xfa, "fsqrt", (fpu) => fpu.fsqrt());
register(0xd9, 0xfc, "frndint", (fpu) => fpu.frndint());
register(0xd9, 0xfd, "fscale", (fpu) => fpu.fscale());
register(0xd9, 0xf0, "f2xm1", (fpu) => fpu.f2xm1());
register(0xd9, 0xf1, "fyl2x", (fpu) => fpu.fyl2x());
register(0xd9, 0xf2, "fptan", (fpu) => fpu.fptan());
register(0xd9, 0xf3, "fpatan", (fpu) => fpu.fpatan());
register(0xd9, 0xf9, "fyl2xp1", (fpu) => fpu.fyl2xp1());
register(0xd9, 0xfb, "fsincos", (fpu) => fpu.fsincos());
register(0xd9, 0xfe, "fsin", (fpu) => fpu.fsin());
register(0xd9, 0xff, "fcos", (fpu) => fpu.fcos());

// Control.
memory(0xd9, 4, "fldenv m14/28byte", "load", (fpu, _, format) => fpu.fldenv(format), {
  ...control,
  image: "environment",
});
memory(0xd9, 5, "fldcw m2byte", "load", (fpu) => fpu.fldcw(), control);
memory(0xd9, 6, "fnstenv m14/28byte", "store", (fpu, _, format) => fpu.fnstenv(format), {
  ...nowait,
  image: "environment",
});
memory(0xd9, 7, "fnstcw m2byte", "store", (fpu) => fpu.fnstcw(), nowait);
memory(0xdd, 4, "frstor m94/108byte", "load", (fpu, _, format) => fpu.frstor(format), { ...control, image: "state" });
memory(0xdd, 6, "fnsave m94/108byte", "store", (fpu, _, format) => fpu.fnsave(format), { ...nowait, image: "state" });
memory(0xdd, 7, "fnstsw m2byte", "store", (fpu) => fpu.fnstsw(), nowait);
register(0xdf, 0xe0, "fnstsw ax", (fpu) => fpu.fnstsw(), { ...nowait, access: "ax" });
register(0xdb, 0xe2, "fnclex", (fpu) => fpu.fnclex(), nowait);
register(0xdb, 0xe3, "fninit", (fpu) => fpu.fninit(), nowait);
// No-operations since the 80387: FENI and FDISI of the 8087, FSETPM of the 80287.
register(0xdb, 0xe0, "fneni", (fpu) => fpu.fnop(), { ...nowait, alias: true });
register(0xdb, 0xe1, "fndisi", (fpu) => fpu.fnop(), { ...nowait, alias: true });
register(0xdb, 0xe4, "fnsetpm", (fpu) => fpu.fnop(), { ...nowait, alias: true });
