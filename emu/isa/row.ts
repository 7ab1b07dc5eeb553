/**
 * One row of the instruction table, read from one line of its text notation.
 *
 *     opcode  | instruction        | references  | flags              | properties
 *     01 /r   | ADD Ev:rw,Gv       | E:rw        | w:OSZAPC           | lock
 *     FF /6   | PUSH Ev            | E:r S:w     |                    |
 *     70+cc   | Jcc Jb             |             | t:cc               | jcc
 *
 * Opcode: bytes in hexadecimal; `/r` ModRM follows, `/3` or `/0,3-5` ModRM with such a digit, `+r` eight opcodes whose
 * low bits name a register, `+cc` sixteen rows, one per condition, `D9 C8+i` an x87 register form (the second byte is the
 * ModRM byte), a leading `F3` a mandatory prefix.
 *
 * Operands are written as in the opcode map (SDM 2D appendix A.2): addressing method letter, then type letter.
 *     E register or memory   G register in reg   M memory only   R register in rm   Z register in the opcode
 *     S segment   C control   D debug   T test register   I immediate   J relative   A far pointer   O offset
 *     X DS:(E)SI   Y ES:(E)DI
 *     b byte   w word   d dword   q qword   v word or dword (operand size)   p far pointer   a two v (bounds)
 *     s limit and base (6 bytes)   bs byte sign-extended to v
 * `Rv/Mw`: the register has operand size, the memory operand is a word. x87 memory operands are named as on the
 * instruction pages (m32fp, m16int ...). A small e means operand size: eAX is AX or EAX. Access is `:r` (default), `:w`,
 * `:rw`, or `:-` for an operand that is not accessed (LEA, INVLPG).
 *
 * References: every data memory reference in order; this list defines what is counted.
 *     E ModRM memory or moffs   X, Y string operands   S stack   B DS:(E)BX+AL   D descriptor in GDT or LDT
 * `*7` repeats, `?` depends on the state (null selector, accessed bit already set), `...` means more references, decided at
 * run time (gates, privilege changes, ENTER levels). No reference is wider than 4 bytes, the data bus of the i386 and
 * i486: a qword counts as two, an 80-bit real as three (4, 4, 2). `rw` is one reference with write intent. Repeated
 * string instructions make theirs once per iteration.
 *
 * Flags: `t:` tested, `w:` written, `u:` undefined, `0:` cleared, `1:` set. O S Z A P C, D I T as usual; L IOPL, N NT, R RF,
 * V VM, K AC, `*` all. Shifts and rotates by a count of zero change no flag; by a count of 1 they define OF also
 * where the row says undefined. x87 condition codes: `cw:` written, `cu:` undefined, digits 0..3.
 *
 * Properties: lock; rep, repz (REPE/REPNE tests ZF); cpl0, iopl (#GP otherwise); 486, 586, 686 first processor,
 * 386-486 only these; pm (#UD outside protected mode); bits (register operand addresses a bit string in memory); shadow
 * (interrupts are held off until the next instruction ends); modignored (mod is read as 3); ud (always #UD); nowait (does
 * not wait for pending x87 exceptions); np (#UD with 66, F2 or F3); alias (undocumented or second encoding); and the class
 * of a control transfer: jump, jcc, call, ret (near), far, int, iret, sys (SYSENTER, SYSEXIT), halt.
 */

export type Access = "r" | "w" | "rw" | "-";

/** Operand as written in the table, e.g. text "Ev", method "E", type "v". */
export interface Operand {
  readonly text: string;
  /** Addressing method letter; "fixed" for a named register, "m" for x87 memory, "ST" for an x87 register, "1". */
  readonly method: string;
  /** Operand type: "b", "v" ..., an x87 memory type, or the name of the fixed register. */
  readonly type: string;
  readonly access: Access;
}

export type Place = "E" | "X" | "Y" | "S" | "B" | "D";

/** One TLB lookup (two if it crosses a page). */
export interface Reference {
  readonly at: Place;
  readonly access: "r" | "w" | "rw";
  /** 1, 2 or 4 bytes; 0 stands for the operand size. */
  readonly bytes: number;
  /** False if the reference depends on the machine state. */
  readonly always: boolean;
}

/** Masks of EFLAGS bits; the last two masks of bits of the x87 status word. */
export interface Flags {
  readonly tested: number;
  readonly written: number;
  readonly undefined: number;
  readonly cleared: number;
  readonly set: number;
  readonly conditionWritten: number;
  readonly conditionUndefined: number;
}

export type Transfer = "none" | "jump" | "jcc" | "call" | "ret" | "far" | "int" | "iret" | "sys" | "halt";
export type RepClass = "none" | "rep" | "repz";
export type Privilege = "any" | "iopl" | "cpl0";

/** Instruction set levels: 3 = i386, 4 = i486, 5 = Pentium, 6 = P6. */
export type Level = 3 | 4 | 5 | 6;

export interface Row {
  /** Index in `rows`. */
  readonly id: number;
  /** Mnemonic and operands without access, e.g. "ADD Ev,Gv". Alias encodings share the key of the documented one. */
  readonly key: string;
  /** `key` with the condition left out: "Jcc Jb" for all of JO..JNLE, otherwise equal to `key`. */
  readonly family: string;
  readonly mnemonic: string;
  /** As written in the table, e.g. "0F BA /4"; condition rows have their own opcode. */
  readonly opcode: string;
  readonly operands: readonly Operand[];
  readonly references: readonly Reference[];
  /** True if the list of references is not complete or not certain (`?` or `...`). */
  readonly dynamicReferences: boolean;
  readonly flags: Flags;
  /** 0..15 for Jcc, SETcc, CMOVcc, else -1. */
  readonly condition: number;
  readonly lockable: boolean;
  readonly rep: RepClass;
  readonly privilege: Privilege;
  readonly since: Level;
  readonly until: Level;
  readonly protectedOnly: boolean;
  readonly transfer: Transfer;
  readonly bitString: boolean;
  readonly shadow: boolean;
  readonly modIgnored: boolean;
  readonly undefinedOpcode: boolean;
  /** An x87 instruction: #NM if CR0.EM or CR0.TS. FWAIT is none (it faults on MP and TS). */
  readonly x87: boolean;
  /** x87 control instruction that does not report pending exceptions first. */
  readonly noWait: boolean;
  /** #UD behind a 66, F2 or F3 prefix. */
  readonly noPrefix: boolean;
  /** Undocumented, or a second encoding of a documented row. */
  readonly alias: boolean;
}

/** Conditions in opcode order and the flags they test (SDM 1 appendix B). */
export const conditions = ["O", "NO", "B", "NB", "Z", "NZ", "BE", "NBE", "S", "NS", "P", "NP", "L", "NL", "LE", "NLE"];
const conditionFlags = ["O", "C", "Z", "ZC", "S", "P", "SO", "SZO"];

const flagBits: Record<string, number> = {
  C: 0x1,
  P: 0x4,
  A: 0x10,
  Z: 0x40,
  S: 0x80,
  T: 0x100,
  I: 0x200,
  D: 0x400,
  O: 0x800,
  L: 0x3000,
  N: 0x4000,
  R: 0x10000,
  V: 0x20000,
  K: 0x40000,
  "*": 0x247fd5,
};

/** Status word bits of the condition codes C0..C3. */
const conditionCodeBits = [0x100, 0x200, 0x400, 0x4000];

/** The references that make up one operand of a type, in bytes; 0 = operand size. */
const pieces: Record<string, readonly number[]> = {
  b: [1],
  w: [2],
  d: [4],
  v: [0],
  q: [4, 4],
  p: [0, 2],
  a: [0, 0],
  s: [2, 4],
  m2byte: [2],
  m16int: [2],
  m32int: [4],
  m32fp: [4],
  m64int: [4, 4],
  m64fp: [4, 4],
  m80fp: [4, 4, 2],
  m80bcd: [4, 4, 2],
  "m14/28byte": Array.from({ length: 7 }, () => 0),
  "m94/108byte": [...Array.from({ length: 7 }, () => 0), ...Array.from({ length: 8 }, () => [4, 4, 2]).flat()],
  // Without SSE only the first 160 of the 512 bytes are used.
  m512byte: Array.from({ length: 40 }, () => 4),
};

const transfers = new Set<string>(["jump", "jcc", "call", "ret", "far", "int", "iret", "sys", "halt"]);
const properties = new Set(
  "lock rep repz cpl0 iopl 486 586 686 386-486 pm bits shadow modignored ud nowait np alias".split(" "),
);

/** Reads a table: one row per line (sixteen for `+cc`), `#` starts a comment, ids count from `firstId`. */
export function readTable(text: string, firstId: number): Row[] {
  const rows: Row[] = [];
  for (const line of text.split("\n")) {
    const bare = line.replace(/#.*/, "").trim();
    if (bare === "") continue;
    const cells = bare.split("|").map((cell) => cell.trim());
    if (cells.length !== 5) throw new Error(`instruction table: expected 5 cells: ${line}`);
    if (cells[0].includes("+cc")) {
      for (let condition = 0; condition < 16; condition++) rows.push(readRow(cells, firstId + rows.length, condition));
    } else {
      rows.push(readRow(cells, firstId + rows.length, -1));
    }
  }
  return rows;
}

function readRow(cells: string[], id: number, condition: number): Row {
  const [opcodeText, instruction, references, flags, propertyText] = cells;
  const space = instruction.indexOf(" ");
  const name = space < 0 ? instruction : instruction.slice(0, space);
  const operands = space < 0 ? [] : instruction.slice(space).trim().split(",").map(readOperand);
  const operandText = operands.length === 0 ? "" : ` ${operands.map((operand) => operand.text).join(",")}`;
  const mnemonic = condition < 0 ? name : name.replace("cc", conditions[condition]);
  const words = propertyText === "" ? [] : propertyText.split(/ +/);
  const unknown = words.find((word) => !properties.has(word) && !transfers.has(word));
  if (unknown !== undefined) throw new Error(`instruction table: unknown property ${unknown} of ${instruction}`);
  const has = (word: string): boolean => words.includes(word);
  const opcode = condition < 0 ? opcodeText : numberedOpcode(opcodeText, condition);
  const since = has("686") ? 6 : has("586") ? 5 : has("486") ? 4 : 3;
  return {
    id,
    key: mnemonic + operandText,
    family: name + operandText,
    mnemonic,
    opcode,
    operands,
    references: readReferences(references, operands),
    dynamicReferences: /[?]|\.\.\./.test(references),
    flags: readFlags(flags.replace("cc", condition < 0 ? "" : conditionFlags[condition >> 1])),
    condition,
    lockable: has("lock"),
    rep: has("repz") ? "repz" : has("rep") ? "rep" : "none",
    privilege: has("cpl0") ? "cpl0" : has("iopl") ? "iopl" : "any",
    since,
    until: has("386-486") ? 4 : 6,
    protectedOnly: has("pm"),
    transfer: (words.find((word) => transfers.has(word)) ?? "none") as Transfer,
    bitString: has("bits"),
    shadow: has("shadow"),
    modIgnored: has("modignored"),
    undefinedOpcode: has("ud"),
    x87: /^D[89A-F] /.test(opcode) || mnemonic.startsWith("FX"),
    noWait: has("nowait"),
    noPrefix: has("np"),
    alias: has("alias"),
  };
}

/** "0F 40+cc /r" and condition 4 -> "0F 44 /r". */
function numberedOpcode(text: string, condition: number): string {
  return text.replace(/(\w+)\+cc/, (_, byte: string) =>
    (Number.parseInt(byte, 16) + condition).toString(16).toUpperCase(),
  );
}

const fixedRegisters = /^(e?(AX|CX|DX|BX|SP|BP|SI|DI)|[ABCD][LH]|[CDEFGS]S)$/;

function readOperand(text: string): Operand {
  const [name, access = "r"] = text.trim().split(":");
  if (!["r", "w", "rw", "-"].includes(access)) throw new Error(`instruction table: access of ${text}`);
  const operand = (method: string, type: string): Operand => ({ text: name, method, type, access: access as Access });
  if (fixedRegisters.test(name)) return operand("fixed", name);
  if (name === "ST0" || name === "STi") return operand("ST", name);
  if (name === "1") return operand("1", "b");
  if (name === "Rv/Mw") return operand("E", "Rv/Mw");
  if (/^m\d/.test(name)) return operand("m", name);
  return operand(name[0], name.slice(1));
}

function readReferences(text: string, operands: readonly Operand[]): Reference[] {
  const list: Reference[] = [];
  for (const word of text.split(/ +/)) {
    if (word === "" || word === "...") continue;
    const match = /^([EXYSBD])(\w*):(r|w|rw)(\*\d)?([?]?)$/.exec(word);
    if (match === null) throw new Error(`instruction table: reference ${word}`);
    const [, at, type, access, times, optional] = match;
    const sizes = pieces[type !== "" ? type : typeAt(at as Place, operands)];
    if (sizes === undefined) throw new Error(`instruction table: size of reference ${word}`);
    for (let i = 0; i < Number((times ?? "*1").slice(1)); i++) {
      for (const bytes of sizes) {
        list.push({ at: at as Place, access: access as Reference["access"], bytes, always: optional === "" });
      }
    }
  }
  return list;
}

function typeAt(at: Place, operands: readonly Operand[]): string {
  if (at === "S") return "v";
  if (at === "B") return "b";
  if (at === "D") return "q";
  const methods = at === "E" ? "EMOm" : at;
  const operand = operands.find(({ method }) => methods.includes(method));
  if (operand === undefined) throw new Error(`instruction table: no operand for reference ${at}`);
  return operand.type === "Rv/Mw" ? "w" : operand.type;
}

function readFlags(text: string): Flags {
  const masks: Record<string, number> = { t: 0, w: 0, u: 0, "0": 0, "1": 0, cw: 0, cu: 0 };
  for (const word of text === "" ? [] : text.split(/ +/)) {
    const [kind, letters] = word.split(":");
    if (masks[kind] === undefined || letters === undefined) throw new Error(`instruction table: flags ${word}`);
    for (const letter of letters) {
      const bits = kind.startsWith("c") ? conditionCodeBits[Number(letter)] : flagBits[letter];
      if (bits === undefined) throw new Error(`instruction table: flags ${word}`);
      masks[kind] |= bits;
    }
  }
  return {
    tested: masks.t,
    written: masks.w,
    undefined: masks.u,
    cleared: masks["0"],
    set: masks["1"],
    conditionWritten: masks.cw,
    conditionUndefined: masks.cu,
  };
}
