/** x87 instructions through the escape table, as the interpreter calls them, without decoding and memory access. */

import { escapeEntry } from "../emu/x87/escape.ts";
import { FpuState } from "../emu/x87/fpu.ts";
import { X87_MEM, X87_WORDS } from "../emu/x87/layout.ts";
import { compareFunctions, type Kernel } from "./measure.ts";

const words = new Int32Array(new WebAssembly.Memory({ initial: 1, maximum: 1 }).buffer, 0, X87_WORDS);
const fpu = new FpuState(words);
const OPERATIONS = 1000;

function setMemory(value: number): void {
  const double = new Float64Array([value]);
  words.set(new Int32Array(double.buffer), X87_MEM);
}

/** ST(0) = 1.7, ST(1) = 0.9999987654321, ST(2) = 1.0000012345678: repeated operations stay in range. */
function prepare(st0: number): void {
  fpu.fninit();
  for (const value of [1.0000012345678, 0.9999987654321, st0]) {
    setMemory(value);
    fpu.fld64();
  }
}

/** A sequence of instructions, each [escape opcode, ModRM], repeated. */
function kernel(name: string, st0: number, ...sequence: [opcode: number, modrm: number][]): Kernel {
  const entries = sequence.map(([opcode, modrm]) => {
    const entry = escapeEntry(opcode, modrm);
    if (entry === undefined) throw new Error(`${name}: reserved encoding`);
    return { run: entry.run, i: modrm & 7 };
  });
  return {
    name,
    operations: OPERATIONS,
    run: () => {
      prepare(st0);
      for (let n = 0; n < OPERATIONS; n++) for (const { run, i } of entries) run(fpu, i, "protected32");
    },
  };
}

compareFunctions("x87 instructions", [
  kernel("fadd st(0), st(1)", 1.7, [0xd8, 0xc1]),
  kernel("fmul st(0), st(1)", 1.7, [0xd8, 0xc9]),
  kernel("fdiv st(0), st(1)", 1.7, [0xd8, 0xf1]),
  kernel("fadd m64fp", 1.7, [0xdc, 0x06]),
  kernel("fsqrt", 1.7, [0xd9, 0xfa]),
  kernel("fcomi st(0), st(1)", 1.7, [0xdb, 0xf1]),
  kernel("fld m64fp, fstp m64fp", 1.7, [0xdd, 0x06], [0xdd, 0x1e]),
  kernel("fld st(1), fistp m32int", 1.7, [0xd9, 0xc1], [0xdb, 0x1e]),
  kernel("fld st(0), fsin, fstp st(0)", 1.7, [0xd9, 0xc0], [0xd9, 0xfe], [0xdd, 0xd8]),
  kernel("fld st(0), f2xm1, fstp st(0)", 0.7, [0xd9, 0xc0], [0xd9, 0xf0], [0xdd, 0xd8]),
  kernel("fld st(1), fld st(1), fpatan, fstp st(0)", 0.7, [0xd9, 0xc1], [0xd9, 0xc1], [0xd9, 0xf3], [0xdd, 0xd8]),
  kernel("fld st(1), fld st(1), fyl2x, fstp st(0)", 0.7, [0xd9, 0xc1], [0xd9, 0xc1], [0xd9, 0xf1], [0xdd, 0xd8]),
]);
