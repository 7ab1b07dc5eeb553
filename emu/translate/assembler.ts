/**
 * WebAssembly in its binary format (WebAssembly Core Specification 1.0, section 5), as far as the translator needs it: a byte
 * writer with one method per instruction, and a module of functions over an imported memory.
 */

export const I32 = 0x7f;
export const I64 = 0x7e;
/** Block type: no result. */
const VOID = 0x40;

/** Instructions without an immediate. */
const ELSE = 0x05;
const END = 0x0b;
export const SELECT = 0x1b;
export const I32_EQZ = 0x45;
export const I32_EQ = 0x46;
export const I32_NE = 0x47;
export const I32_LT_S = 0x48;
export const I32_LT_U = 0x49;
export const I32_GT_S = 0x4a;
export const I32_GT_U = 0x4b;
export const I32_LE_S = 0x4c;
export const I32_LE_U = 0x4d;
export const I32_GE_S = 0x4e;
export const I32_GE_U = 0x4f;
export const I32_POPCNT = 0x69;
export const I32_ADD = 0x6a;
export const I32_SUB = 0x6b;
export const I32_MUL = 0x6c;
export const I32_AND = 0x71;
export const I32_OR = 0x72;
export const I32_XOR = 0x73;
export const I32_SHL = 0x74;
export const I32_SHR_S = 0x75;
export const I32_SHR_U = 0x76;
export const I32_ROTL = 0x77;
export const I32_ROTR = 0x78;
export const I64_NE = 0x52;
export const I64_ADD = 0x7c;
export const I64_MUL = 0x7e;
export const I64_DIV_U = 0x80;
export const I64_REM_U = 0x82;
export const I64_OR = 0x84;
export const I64_SHL = 0x86;
export const I64_SHR_U = 0x88;
export const I32_WRAP = 0xa7;
export const I64_EXTEND_S = 0xac;
export const I64_EXTEND_U = 0xad;
export const I32_EXTEND8_S = 0xc0;
export const I32_EXTEND16_S = 0xc1;

const BLOCK = 0x02;
const LOOP = 0x03;
const IF = 0x04;
const BR = 0x0c;
const BR_IF = 0x0d;
const BR_TABLE = 0x0e;
const CALL = 0x10;
const RETURN_CALL_INDIRECT = 0x13;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const I32_LOAD = 0x28;
const I32_LOAD8_S = 0x2c;
const I32_LOAD8_U = 0x2d;
const I32_LOAD16_S = 0x2e;
const I32_LOAD16_U = 0x2f;
const I32_STORE = 0x36;
const I64_STORE = 0x37;
const I32_STORE8 = 0x3a;
const I32_STORE16 = 0x3b;
const I32_CONST = 0x41;
const I64_CONST = 0x42;

/** Bytes that grow. */
export class Code {
  bytes = new Uint8Array(1024);
  length = 0;

  /** One byte, or an instruction without an immediate. */
  op(...bytes: number[]): this {
    if (this.length + bytes.length > this.bytes.length) this.grow(bytes.length);
    for (const byte of bytes) this.bytes[this.length++] = byte;
    return this;
  }

  /** LEB128, unsigned. */
  unsigned(value: number): this {
    let rest = value >>> 0;
    while (rest > 127) {
      this.op((rest & 127) | 128);
      rest >>>= 7;
    }
    return this.op(rest);
  }

  /** LEB128, signed. */
  signed(value: number): this {
    let rest = value | 0;
    for (;;) {
      const byte = rest & 127;
      rest >>= 7;
      if ((rest === 0 && byte < 64) || (rest === -1 && byte >= 64)) return this.op(byte);
      this.op(byte | 128);
    }
  }

  const(value: number): this {
    return this.op(I32_CONST).signed(value);
  }

  /** @param value not negative, below 2^63 */
  const64(value: bigint): this {
    this.op(I64_CONST);
    let rest = value;
    for (; rest > 63n; rest >>= 7n) this.op(Number(rest & 127n) | 128);
    return this.op(Number(rest));
  }

  get(local: number): this {
    return this.op(LOCAL_GET).unsigned(local);
  }

  set(local: number): this {
    return this.op(LOCAL_SET).unsigned(local);
  }

  tee(local: number): this {
    return this.op(LOCAL_TEE).unsigned(local);
  }

  block(): this {
    return this.op(BLOCK, VOID);
  }

  loop(): this {
    return this.op(LOOP, VOID);
  }

  /** @param type VOID or I32 */
  if(type = VOID): this {
    return this.op(IF, type);
  }

  else(): this {
    return this.op(ELSE);
  }

  end(): this {
    return this.op(END);
  }

  /** @param depth enclosing blocks to leave, 0 the innermost */
  br(depth: number): this {
    return this.op(BR).unsigned(depth);
  }

  brIf(depth: number): this {
    return this.op(BR_IF).unsigned(depth);
  }

  /** The last depth is the default. */
  brTable(depths: readonly number[]): this {
    this.op(BR_TABLE).unsigned(depths.length - 1);
    for (const depth of depths) this.unsigned(depth);
    return this;
  }

  call(func: number): this {
    return this.op(CALL).unsigned(func);
  }

  /** A tail call of a function of that type in the imported table. */
  returnCallIndirect(type: number): this {
    return this.op(RETURN_CALL_INDIRECT).unsigned(type).op(0);
  }

  /** Reads a word at (top of stack + offset); any alignment. */
  load(offset: number, size: 1 | 2 | 4 = 4, sign: "signed" | "unsigned" = "unsigned"): this {
    const opcodes = { 1: [I32_LOAD8_U, I32_LOAD8_S], 2: [I32_LOAD16_U, I32_LOAD16_S], 4: [I32_LOAD, I32_LOAD] };
    return this.op(opcodes[size][sign === "signed" ? 1 : 0], 0).unsigned(offset);
  }

  store(offset: number, size: 1 | 2 | 4 | 8 = 4): this {
    const opcodes = { 1: I32_STORE8, 2: I32_STORE16, 4: I32_STORE, 8: I64_STORE };
    return this.op(opcodes[size], 0).unsigned(offset);
  }

  append(other: Code): this {
    if (this.length + other.length > this.bytes.length) this.grow(other.length);
    this.bytes.set(other.bytes.subarray(0, other.length), this.length);
    this.length += other.length;
    return this;
  }

  private grow(room: number): void {
    const wider = new Uint8Array((this.length + room) * 2);
    wider.set(this.bytes);
    this.bytes = wider;
  }
}

interface FunctionType {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

export interface ImportedFunction {
  readonly name: string;
  readonly type: FunctionType;
}

/** A function body: the locals behind the parameters, then code without the last `end`. */
interface FunctionBody {
  readonly type: FunctionType;
  /** Types of the locals, in order. */
  readonly locals: readonly number[];
  readonly code: Code;
}

/**
 * A module that imports `env.memory` (of at least one page), `env.table` (of functions) and functions of "env", and exports its
 * own functions as "0", "1" ... Function and type indices: imports first.
 */
export function assembleModule(
  imports: readonly ImportedFunction[],
  bodies: readonly FunctionBody[],
): Uint8Array<ArrayBuffer> {
  const module = new Code().op(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const types = [...imports, ...bodies].map(({ type }) => type);
  section(module, 1, types, (out, { params, results }) => {
    out
      .op(0x60)
      .unsigned(params.length)
      .op(...params)
      .unsigned(results.length)
      .op(...results);
  });
  section(module, 2, ["memory", "table", ...imports.keys()], (out, index) => {
    text(out, "env");
    if (index === "memory") text(out, index).op(2, 0, 1);
    else if (index === "table") text(out, index).op(1, 0x70, 0, 0);
    else text(out, imports[Number(index)].name).op(0).unsigned(Number(index));
  });
  section(module, 3, [...bodies.keys()], (out, index) => out.unsigned(imports.length + index));
  section(module, 7, [...bodies.keys()], (out, index) =>
    text(out, String(index))
      .op(0)
      .unsigned(imports.length + index),
  );
  section(module, 10, bodies, (out, { locals, code }) => {
    const body = new Code();
    const runs = runsOf(locals);
    body.unsigned(runs.length);
    for (const [type, count] of runs) body.unsigned(count).op(type);
    body.append(code).end();
    out.unsigned(body.length).append(body);
  });
  return module.bytes.slice(0, module.length);
}

function section<Item>(module: Code, id: number, items: readonly Item[], write: (out: Code, item: Item) => void): void {
  const out = new Code().unsigned(items.length);
  for (const item of items) write(out, item);
  module.op(id).unsigned(out.length).append(out);
}

function text(out: Code, name: string): Code {
  return out.unsigned(name.length).op(...[...name].map((letter) => letter.charCodeAt(0)));
}

function runsOf(types: readonly number[]): [type: number, count: number][] {
  const runs: [number, number][] = [];
  for (const type of types) {
    const last = runs.at(-1);
    if (last !== undefined && last[0] === type) last[1]++;
    else runs.push([type, 1]);
  }
  return runs;
}
