/** Random cases for every row of the instruction table, with directed values where plain chance would test little. */
import { type Row, rows, rowsOf } from "../../emu/isa/index.ts";
import { bytesOf, Draft, DS, EAX, EBP, EBX, ECX, EDI, EDX, ES, ESI, ESP, type Form, formText, SS } from "./draft.ts";
import {
  type Case,
  CODE,
  CODE_16,
  CODE_BYTES,
  DATA,
  EXECUTE_ONLY,
  FPU,
  FPU_OUT,
  ldtSelector,
  SMALL_CODE,
  user,
} from "./layout.ts";
import type { Random } from "./random.ts";
import { randomImage, x87Operand } from "./x87-image.ts";

/** Rows that a user program cannot compare with the processor, and why. */
const excluded: Readonly<Record<string, string>> = {
  "(bad)": "no instruction",
  CPUID: "reports the processor itself",
  RDTSC: "reports time",
  RDPMC: "depends on how the host sets CR4.PCE",
  RDMSR: "covered as privileged by WRMSR; some kernels trap it",
  INT1: "hypervisors report its address differently",
  SYSENTER: "enters the host's kernel",
  "SLDT Rv/Mw": "depends on the host (UMIP)",
  "STR Rv/Mw": "depends on the host (UMIP)",
  "SGDT Ms": "depends on the host (UMIP)",
  "SIDT Ms": "depends on the host (UMIP)",
  "SMSW Rv/Mw": "depends on the host (UMIP)",
  "MOV Rd,Td": "the host is newer than the i486",
  "MOV Td,Rd": "the host is newer than the i486",
};

/** Whether the operand size matters beyond the operands of type v. */
const sized = new Set([
  "PUSHA",
  "POPA",
  "PUSHF",
  "POPF",
  "CBW/CWDE",
  "CWD/CDQ",
  "LEAVE",
  "ENTER Iw,Ib",
  "RET",
  "RET Iw",
  "RETF",
  "RETF Iw",
  "IRET",
]);

/** String instructions, XLAT and counted jumps depend on the address size without a ModRM operand. */
function addressed(row: Row): boolean {
  return /\b[XYO][bv]\b/.test(row.key) || row.mnemonic === "XLAT" || /^(LOOP|JCXZ)/.test(row.mnemonic);
}

function usesStack(row: Row): boolean {
  return row.references.some((reference) => reference.at === "S") || /^(CALL|RET|ENTER|LEAVE)/.test(row.mnemonic);
}

/** The forms in which a row is exercised. */
export function formsOf(row: Row): Form[] {
  const e = row.operands.find((operand) => operand.method === "E" || operand.method === "M" || operand.method === "m");
  const operands: Form["operand"][] = [];
  if (e === undefined || e.method === "E") operands.push("register");
  if (e !== undefined) operands.push("memory");
  const dependsOnSize =
    sized.has(row.key) ||
    /\bS[sw]?\b|e[A-D]X|14\/28|94\/108/.test(row.key) ||
    /^(PUSH|POP|JMP|CALL|Jcc|LOOP|JCXZ)/.test(row.family) ||
    row.operands.some((operand) => /^(v|p|a|Rv\/Mw)$/.test(operand.type));
  const sizes: (2 | 4)[] = dependsOnSize ? [4, 2] : [4];
  return operands.flatMap((operand) =>
    sizes.flatMap((size) =>
      (operand === "memory" || addressed(row) ? ([4, 2] as const) : ([4] as const)).map(
        (address): Form => ({ operand, size, address }),
      ),
    ),
  );
}

/** Rows and forms of the oracle, and the rows it leaves out. */
export interface Plan {
  readonly entries: readonly { readonly row: Row; readonly form: Form; readonly text: string }[];
  readonly left: readonly { readonly row: Row; readonly why: string }[];
}

export function plan(): Plan {
  const tested = rows.filter((row) => excluded[row.family] === undefined);
  return {
    entries: tested.flatMap((row) => formsOf(row).map((form) => ({ row, form, text: formText(form) }))),
    left: rows.slice(1).flatMap((row) => {
      const why = excluded[row.family];
      return why === undefined ? [] : [{ row, why }];
    }),
  };
}

const STATUS = 0x8d5;
const DIRECTION = 0x400;
const TRAP = 0x100;
const ALIGNMENT = 0x40000;

/** A linear address for control to go to: INT3 in the code window, or nowhere. Not into the instruction itself. */
function target(d: Draft): number {
  const { g } = d;
  if (g.chance(0.08)) return g.pick([0x10000000, CODE + CODE_BYTES, CODE - 1, 0]);
  for (;;) {
    const linear = CODE + g.below(CODE_BYTES);
    if (linear < d.codeAddress - 16 || linear >= d.codeAddress + 32) return linear;
  }
}

function relativeByte(d: Draft): void {
  const after = d.codeAddress + d.length() + 1;
  for (;;) {
    const displacement = d.g.below(256) - 128;
    const linear = after + displacement;
    if (linear >= d.codeAddress && linear < after) continue;
    d.immediate = [displacement & 0xff];
    return;
  }
}

function relativeFull(d: Draft): void {
  const { size } = d.form;
  const after = d.codeAddress + d.length() + size;
  d.immediate = bytesOf(target(d) - after, size);
}

const selectorPool = [
  0,
  1,
  3,
  0x13,
  0xfff3,
  ...Array.from({ length: 10 }, (_, n) => ldtSelector(n)),
  ldtSelector(0) & ~3,
  ldtSelector(10),
  0xffff,
];

/** Selector, weighted towards those that load. */
function dataSelector(g: Random): number {
  return g.chance(0.5)
    ? g.pick([user.ds, ldtSelector(0), ldtSelector(3), user.cs, user.ds & ~3])
    : g.pick(selectorPool);
}

function codeSelector(g: Random): number {
  return g.chance(0.7) ? g.pick([user.cs, SMALL_CODE, CODE_16, EXECUTE_ONLY]) : g.pick(selectorPool);
}

/** Offset and selector of a far transfer. */
function farTarget(d: Draft): [number, number] {
  const selector = codeSelector(d.g);
  const base = [SMALL_CODE, CODE_16, EXECUTE_ONLY].includes(selector) ? CODE : 0;
  const linear = target(d);
  return [(linear - base) | 0, selector];
}

/**
 * Rows where AMD looks at a LOCK prefix late, after the operand has been fetched, or gives it another meaning (MOV CR8).
 */
const lateLock = /^0F (0[0-3]|2[0-6])/;

/** Quotient, remainder and divisor that fit, or anything. */
function division(d: Draft, size: number, signed: boolean): void {
  const { g } = d;
  if (g.chance(0.3)) {
    d.setOperand(g.value(), size);
    return;
  }
  const bits = size * 8;
  const extend = (value: number): bigint =>
    signed ? BigInt.asIntN(bits, BigInt(value)) : BigInt.asUintN(bits, BigInt(value));
  const divisor = extend(g.value()) || 1n;
  const quotient = extend(g.value());
  let remainder = BigInt.asUintN(bits, BigInt(g.value())) % (divisor < 0n ? -divisor : divisor);
  const negative = quotient === 0n ? g.chance(0.5) : divisor < 0n !== quotient < 0n;
  if (signed && negative) remainder = -remainder;
  const dividend = quotient * divisor + remainder + BigInt(g.chance(0.1) ? g.below(3) - 1 : 0);
  const part = (shift: number): number => Number(BigInt.asIntN(32, dividend >> BigInt(shift)));
  if (size === 1) {
    d.setRegister(EAX, 2, part(0));
  } else {
    d.setRegister(EAX, size, part(0));
    d.setRegister(EDX, size, part(bits));
  }
  d.fixed.add(EAX);
  d.fixed.add(EDX);
  d.setOperand(Number(BigInt.asIntN(32, divisor)), size);
}

/** Source and destination of a string instruction, and a count that ends soon. */
function strings(d: Draft): void {
  const { g, row, form } = d;
  const size = /b\b|AL/.test(row.key) ? 1 : form.size;
  d.eflags |= g.chance(0.3) ? DIRECTION : 0;
  if (g.chance(0.15)) d.override = g.below(6);
  const place = (register: number, seg: number): number => {
    const linear = d.dataAddress(size);
    const base = d.segmentBase(seg);
    d.setRegister(register, form.address, linear - base);
    return linear;
  };
  const from = place(ESI, d.override >= 0 ? d.override : DS);
  let to = place(EDI, ES);
  if (g.chance(0.25)) {
    to = from + g.below(33) - 16;
    d.setRegister(EDI, form.address, to - d.segmentBase(ES));
  }
  if (row.rep !== "none" && g.chance(0.7)) d.rep = g.chance(0.7) ? 0xf3 : 0xf2;
  const count = g.chance(0.08) ? 0 : g.chance(0.12) ? g.below(5000) : g.below(24);
  d.setRegister(ECX, form.address, count);
  if (form.address === 4) d.regs[ECX] = count;
  const backwards = (d.eflags & DIRECTION) !== 0;
  const at = (start: number, n: number): number => start + (backwards ? -n * size : n * size);
  const bytesAt = (linear: number): number[] => Array.from({ length: size }, (_, i) => d.byteAt(linear + i));
  if (row.mnemonic === "CMPS") {
    const equal = g.chance(0.5) ? count : g.below(24);
    for (let n = 0; n < Math.min(equal, 40); n++) d.poke(at(to, n), bytesAt(at(from, n)));
  } else if (row.mnemonic === "SCAS") {
    const value = bytesOf(g.value(), size);
    d.setRegister(
      EAX,
      size,
      value.reduceRight((sum, byte) => (sum << 8) | byte, 0),
    );
    const same = d.rep === 0xf3 || g.chance(0.5);
    if (same) for (let n = g.below(20); n >= 0; n--) d.poke(at(to, n), value);
    else d.poke(at(to, g.below(20)), value);
  }
}

type Hook = (d: Draft) => void;

/** Before the operand is placed: registers that must have certain values, by mnemonic. */
const prepare: Readonly<Record<string, Hook>> = {
  ENTER: (d) => {
    d.placeStack(ESP, 32);
    d.placeStack(EBP, 32);
    const levels = d.g.chance(0.5) ? 0 : d.g.chance(0.5) ? d.g.below(5) : d.g.below(256);
    d.immediate = [...bytesOf(d.g.chance(0.7) ? d.g.below(256) : d.g.value(), 2), levels];
  },
  LEAVE: (d) => {
    d.placeStack(EBP, 8);
  },
  XLAT: (d) => {
    if (d.g.chance(0.2)) d.override = d.g.below(6);
    const seg = d.override >= 0 ? d.override : DS;
    d.setRegister(EBX, d.form.address, d.dataAddress(1) - (d.regs[EAX] & 0xff) - d.segmentBase(seg));
  },
  SALC: () => {},
};
for (const name of ["MOVS", "CMPS", "STOS", "LODS", "SCAS", "INS", "OUTS"]) {
  (prepare as Record<string, Hook>)[name] = strings;
}
for (const name of ["LOOP", "LOOPE", "LOOPNE", "JCXZ/JECXZ"]) {
  (prepare as Record<string, Hook>)[name] = (d) => {
    if (d.g.chance(0.7)) d.setRegister(ECX, d.form.address, d.g.below(3));
  };
}
for (const name of ["ROL", "ROR", "RCL", "RCR", "SHL", "SHR", "SAR", "SHLD", "SHRD"]) {
  (prepare as Record<string, Hook>)[name] = (d) => {
    const count = d.g.chance(0.8) ? d.g.below(34) : d.g.below(256);
    if (d.row.key.endsWith("CL")) d.setRegister(ECX, 1, count);
    if (d.row.key.endsWith("Ib")) d.immediate = [count];
  };
}

/** Bit offset of BT and its kin: within a few KiB of the operand. */
function bitOffset(d: Draft): void {
  const { g, form } = d;
  if (form.operand === "register" || !d.row.bitString) return;
  const index = g.chance(0.7) ? g.below(64) - 16 : g.below(0x8000) - 0x4000;
  const value = form.size === 4 ? index : (g.int32() & ~0xffff) | (index & 0xffff);
  d.regs[d.reg] = value;
  d.fixed.add(d.reg);
}

/** After the operand is placed: its contents, the stack, immediates. */
const complete: Readonly<Record<string, Hook>> = {
  DIV: (d) => division(d, operandBytes(d), false),
  IDIV: (d) => division(d, operandBytes(d), true),
  CMPXCHG: (d) => {
    const size = operandBytes(d);
    if (d.g.chance(0.5)) d.setRegister(EAX, size, d.getOperand(size));
  },
  CMPXCHG8B: (d) => {
    if (d.operand === undefined || d.g.chance(0.4)) return;
    d.pokeValue(d.operand, d.regs[EAX], 4);
    d.pokeValue(d.operand + 4, d.regs[EDX], 4);
  },
  BOUND: (d) => {
    if (d.operand === undefined || d.g.chance(0.3)) return;
    const { size } = d.form;
    const value = d.getRegister(d.reg, size);
    d.pokeValue(d.operand, value - d.g.below(3), size);
    d.pokeValue(d.operand + size, value + d.g.below(3) - (d.g.chance(0.2) ? 2 : 0), size);
  },
  RET: (d) => {
    if (d.row.key === "RET Iw") d.immediate = bytesOf(d.g.chance(0.7) ? d.g.below(64) : d.g.value(), 2);
    d.pokeValue(d.stackLinear(0), d.codeOffset(target(d)), d.form.size);
  },
  RETF: (d) => {
    if (d.row.key === "RETF Iw") d.immediate = bytesOf(d.g.below(64), 2);
    const [offset, selector] = farTarget(d);
    d.pokeValue(d.stackLinear(0), offset, d.form.size);
    d.pokeValue(d.stackLinear(d.form.size), selector, 2);
  },
  IRET: (d) => {
    const [offset, selector] = farTarget(d);
    d.pokeValue(d.stackLinear(0), offset, d.form.size);
    d.pokeValue(d.stackLinear(d.form.size), selector, 2);
    d.pokeValue(d.stackLinear(2 * d.form.size), storedFlags(d), d.form.size);
    // With NT the instruction would return through the task switch segment's link.
  },
  POPF: (d) => d.pokeValue(d.stackLinear(0), storedFlags(d), d.form.size),
  JMP: nearOrFar,
  CALL: nearOrFar,
  LES: farPointer,
  LDS: farPointer,
  LSS: farPointer,
  LFS: farPointer,
  LGS: farPointer,
  POP: (d) => {
    const name = d.row.operands[0].text;
    if (/^[CDEFGS]S$/.test(name))
      d.pokeValue(d.stackLinear(0), name === "SS" ? stackSelector(d.g) : dataSelector(d.g), 2);
  },
  MOV: (d) => {
    if (d.row.key === "MOV Sw,Ew") d.setOperand(d.reg === SS ? stackSelector(d.g) : dataSelector(d.g), 2);
  },
  INT: (d) => {
    let vector = d.g.below(256);
    if (vector === 0x80 || d.g.chance(0.2)) vector = d.g.pick([0, 1, 2, 3, 4, 5, 0x20]);
    d.immediate = [vector];
  },
};
for (const name of ["LAR", "LSL", "VERR", "VERW"]) {
  (complete as Record<string, Hook>)[name] = (d) =>
    d.setOperand(
      d.g.pick([0, 3, ...Array.from({ length: 11 }, (_, n) => ldtSelector(n)), 0xfff3, user.ds, user.cs]),
      2,
    );
}

function stackSelector(g: Random): number {
  return g.chance(0.6) ? g.pick([user.ds, ldtSelector(0), ldtSelector(4)]) : g.pick(selectorPool);
}

/** Flags for POPF and IRET to load: without TF, which would trap in the middle of the window's INT3. */
function storedFlags(d: Draft): number {
  return d.g.int32() & ~TRAP;
}

function nearOrFar(d: Draft): void {
  const { key } = d.row;
  if (key.endsWith("Ap")) {
    const [offset, selector] = farTarget(d);
    d.immediate = [...bytesOf(offset, d.form.size), ...bytesOf(selector, 2)];
  } else if (key.endsWith("Mp")) {
    const [offset, selector] = farTarget(d);
    if (d.operand === undefined) return;
    d.pokeValue(d.operand, offset, d.form.size);
    d.pokeValue(d.operand + d.form.size, selector, 2);
  } else if (key.endsWith("Ev")) {
    // Not into the stack: execute-disable would stop the host's processor there.
    if (d.operand === undefined && d.rm === ESP) d.rm = EAX;
    d.setOperand(d.codeOffset(target(d)), d.form.size);
  }
}

function farPointer(d: Draft): void {
  if (d.operand === undefined) return;
  const selector = d.row.mnemonic === "LSS" ? stackSelector(d.g) : dataSelector(d.g);
  d.pokeValue(d.operand + d.form.size, selector, 2);
}

/** Bytes of the E operand. */
function operandBytes(d: Draft): number {
  const e = d.row.operands.find((operand) => ["E", "M", "m", "O"].includes(operand.method));
  switch (e?.type) {
    case "b":
      return 1;
    case "w":
      return 2;
    case "Rv/Mw":
      return d.form.operand === "memory" ? 2 : d.form.size;
    case "q":
      return 8;
    case "d":
      return 4;
    case "p":
      return d.form.size + 2;
    case "a":
      return 2 * d.form.size;
    case "s":
      return 6;
    case "m2byte":
    case "m16int":
      return 2;
    case "m64int":
    case "m64fp":
      return 8;
    case "m80fp":
    case "m80bcd":
      return 10;
    case "m14/28byte":
      return 28;
    case "m94/108byte":
      return 108;
    case "m512byte":
      return 512;
    default:
      return d.form.size;
  }
}

function flags(d: Draft): void {
  const { g, row } = d;
  d.eflags = 0x202 | (g.int32() & STATUS);
  if (g.chance(0.04)) d.eflags |= DIRECTION;
  if (g.chance(0.02)) d.eflags |= ALIGNMENT;
  if (g.chance(0.02) && !row.x87 && row.transfer !== "int") d.eflags |= TRAP;
}

function immediates(d: Draft): void {
  if (d.immediate.length > 0) return;
  const { g, row, form } = d;
  for (const operand of row.operands) {
    if (operand.method !== "I") continue;
    const size = operand.type === "b" || operand.type === "bs" ? 1 : operand.type === "w" ? 2 : form.size;
    d.immediate.push(...bytesOf(g.value(), size));
  }
}

const noOperation = rowsOf("NOP")[0];

/** Rows whose memory operand, if any, can stand at a fixed address, and which neither leave the code nor need a system. */
const sequential = rows.filter(
  (row) =>
    row.transfer === "none" &&
    !row.x87 &&
    !row.bitString &&
    row.privilege === "any" &&
    excluded[row.family] === undefined &&
    row.references.every((reference) => reference.at === "E") &&
    !/^(XLAT|FWAIT|ENTER|LEAVE|L[DEFGS]S|LAR|LSL|MOV S|MOV Rv|POP|PUSH|ARPL|VER|STD|STI|CLI|RSM|UD|DIV|IDIV|AAM|BOUND)/.test(
      row.key,
    ) &&
    !/\bS[w]\b/.test(row.key),
);

/**
 * Several instructions in a row, for what one alone does not show: flags that nobody reads, faults in the middle of a
 * block. Instructions read what others left undefined, so that only processors with the same choices agree.
 */
export function generateSequence(g: Random): Case {
  const first = new Draft(noOperation, { operand: "register", size: 4, address: 4 }, g);
  flags(first);
  first.eflags &= ~TRAP;
  first.regs[ESP] = first.dataAddress(4);
  first.placeCode();
  const bytes: number[] = [];
  const count = 2 + g.below(7);
  for (let n = 0; n < count && bytes.length < 60; n++) {
    const row = g.pick(sequential);
    const forms = formsOf(row).filter((form) => form.address === 4);
    const d = new Draft(row, g.pick(forms), g);
    if (d.form.operand === "memory") {
      d.placeAbsolute(g.chance(0.8) ? first.dataAddress(4) & ~3 : first.dataAddress(4));
      if (row.lockable) d.lock = g.chance(0.03);
      if (g.chance(0.1)) d.override = g.below(4);
    } else if (row.operands.some((operand) => operand.method === "O")) {
      d.placeOffset(first.dataAddress(4));
    }
    if (/Ib$/.test(row.key) && /^(RO|RC|SH|SA)/.test(row.mnemonic)) d.immediate = [g.below(34)];
    immediates(d);
    bytes.push(...d.encode());
  }
  return { ...first.finish(bytes, []), at: 0, length: bytes.length, form: "sequence" };
}

/** Where an FXSAVE image may lie: mostly aligned, and where its MXCSR can be made valid. */
function fxAddress(g: Random): number {
  if (g.chance(0.1)) return g.pick([DATA - 0x100, DATA + 0x8000, DATA - 0x200]);
  return DATA + (g.below(0x1e00) & (g.chance(0.9) ? ~15 : -1));
}

const FNINIT = [0xdb, 0xe3];
/** Through SS, which stays flat in x87 cases. */
const FRSTOR = [0x36, 0xdd, 0x25, ...bytesOf(FPU, 4)];
const FNSAVE = [0x36, 0xdd, 0x35, ...bytesOf(FPU_OUT, 4)];

/** One case of a row in a form. */
export function generate(row: Row, form: Form, g: Random): Case {
  const d = new Draft(row, form, g);
  const stack = usesStack(row);
  const x87 = row.x87 || row.mnemonic === "FWAIT";
  if (x87) d.image = randomImage(g);
  if (row.mnemonic.startsWith("FCMOV") || row.mnemonic.includes("COMI")) d.image = randomImage(g);
  flags(d);
  d.chooseSegments(row.transfer === "none" ? 0.05 : 0.3, stack || row.mnemonic === "POP");
  if (x87) d.selectors[SS] = -1;
  d.placeCode();
  // Vendors differ in how much of an undefined opcode they fetch.
  if (x87 || row.undefinedOpcode) d.codeAddress = CODE + 0x100;
  if (stack) d.placeStack(ESP, 8);
  else if (g.chance(0.9)) d.regs[ESP] = d.dataAddress(4);
  if (row.mnemonic === "PUSHA" || row.mnemonic === "POPA") d.placeStack(ESP, 32);

  const moves = row.references.some((reference) => reference.at === "E") || form.operand === "memory";
  if (moves && g.chance(0.25)) d.override = g.below(6);
  bitOffset(d);
  prepare[row.mnemonic]?.(d);
  const offset = row.operands.some((operand) => operand.method === "O");
  if (form.operand === "memory") {
    const size = operandBytes(d);
    d.placeOperand(size === 512 ? fxAddress(g) : d.dataAddress(size));
    if (d.operand !== undefined) {
      for (let n = 0; n < 12; n += 4) d.pokeValue(d.operand + n, g.value(), 4);
      if (row.x87) x87Operand(d, row, form);
    }
  } else if (offset) {
    d.placeOffset(d.dataAddress(operandBytes(d)));
  }
  if (row.lockable && form.operand === "memory") d.lock = g.chance(0.15);
  else if (g.chance(0.006) && row.transfer === "none" && !lateLock.test(row.opcode)) d.lock = true;
  const oneByte = !row.opcode.startsWith("0F") && !row.opcode.startsWith("F3");
  // AMD takes a repeat prefix of LOOPE and LOOPNE for the condition.
  const takesRep = row.rep !== "none" || row.mnemonic.startsWith("LOOP");
  if (oneByte && !takesRep && row.mnemonic !== "NOP" && row.opcode !== "90" && g.chance(0.02)) d.rep = 0xf2;
  complete[row.mnemonic]?.(d);
  if (row.operands.some((operand) => operand.method === "J")) {
    if (row.key.endsWith("Jb")) relativeByte(d);
    else relativeFull(d);
  }
  immediates(d);
  return d.finish(x87 ? [...FNINIT, ...FRSTOR] : [], x87 ? FNSAVE : []);
}
