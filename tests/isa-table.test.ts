/**
 * The columns of the instruction table: shape and lookup by key; flags, operand access, memory references, privilege,
 * LOCK, REP, control transfer and first processor against iced-x86, one sample of each row, size and form. Differences
 * on purpose are data below.
 */

import {
  CpuidFeature,
  Decoder,
  DecoderOptions,
  FlowControl,
  type Instruction,
  InstructionInfoFactory,
  MemorySizeExt,
  OpAccess,
  RflagsBits,
} from "iced-x86";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Decoded, decode, keys, OK, type Row, rows, rowsOf, supports } from "../emu/isa/index.ts";

interface Sample {
  row: Row;
  memory: boolean;
  operandSize: number;
  bytes: Uint8Array;
}

/** One encoding of every row in every form it has. */
function samples(): Sample[] {
  const found = new Map<number, Sample>();
  const d = new Decoded();
  const modrms = Array.from({ length: 256 }, (_, i) => i).filter((modrm) => (modrm & 0xc7) === 0x03 || modrm >= 0xc0);
  for (const prefix of [[], [0x66], [0xf3]]) {
    for (let opcode = 0; opcode < 512; opcode++) {
      for (const modrm of modrms) {
        const bytes = new Uint8Array(16).fill(2);
        bytes.set([...prefix, ...(opcode < 256 ? [] : [0x0f]), opcode & 0xff, modrm]);
        if (decode(d, bytes, 0, 16, true) !== OK) continue;
        // SUB EAX,EAX reads no operand.
        if (!d.memory && d.reg === d.rm && rows[d.row].operands.some(({ method }) => method === "G")) continue;
        if (prefix[0] === 0xf3 && !rows[d.row].opcode.startsWith("F3")) continue;
        const key = d.row * 4 + (d.operandSize === 4 ? 2 : 0) + (d.memory ? 1 : 0);
        if (found.has(key)) continue;
        found.set(key, { row: rows[d.row], memory: d.memory, operandSize: d.operandSize, bytes });
      }
    }
  }
  return [...found.values()].sort((a, b) => a.row.id - b.row.id);
}

const all = samples();

/** The sample as iced-x86 sees it. */
function withIced(sample: Sample, look: (instruction: Instruction) => void): void {
  const decoder = new Decoder(
    32,
    sample.bytes,
    DecoderOptions.ForceReservedNop | DecoderOptions.NoMPFX_0FBC | DecoderOptions.NoMPFX_0FBD | DecoderOptions.MovTr,
  );
  const instruction = decoder.decode();
  look(instruction);
  instruction.free();
  decoder.free();
}

/** Compares a text per sample; rows listed in `known` (key or opcode) must differ, all others must not. */
function compareAll(
  known: Record<string, string>,
  ours: (sample: Sample) => string,
  theirs: (instruction: Instruction, sample: Sample) => string,
): void {
  const failures = new Set<string>();
  const used = new Set<string>();
  let equal = 0;
  for (const sample of all) {
    const { row } = sample;
    withIced(sample, (instruction) => {
      const [a, b] = [ours(sample), theirs(instruction, sample)];
      const exception = [row.opcode, row.key, row.family, row.mnemonic].find((name) => Object.hasOwn(known, name));
      if (a === b) equal++;
      else if (exception !== undefined) used.add(exception);
      else failures.add(`${row.opcode} ${row.key}${sample.memory ? " (memory)" : ""}: ${a}; iced: ${b}`);
    });
  }
  assert.equal([...failures], []);
  assert.equal(
    Object.keys(known).filter((name) => !used.has(name)),
    [],
    "differences that do not exist any more",
  );
  console.log(`${equal} equal, ${used.size} documented differences`);
}

test("ids are positions, keys find their rows, aliases share the key of a documented row", () => {
  assert.ok(rows.length <= 2048);
  rows.forEach((row, id) => {
    assert.is(row.id, id);
  });
  for (const key of keys) assert.ok(rowsOf(key).length > 0);
  assert.is(rowsOf("Jcc Jb").length, 16);
  assert.is(rowsOf("ADD Eb,Ib").length, 2);
  assert.throws(() => rowsOf("ADD Ev,Gw"), /no instruction row "ADD Ev,Gw"/);
  for (const key of keys) {
    const documented = rowsOf(key).filter(({ alias }) => !alias);
    const alone = /^(NOP Ev|INT1|SALC|FNENI|FNDISI|FNSETPM|FFREEP STi)$/.test(key);
    assert.ok(documented.length >= 1 || alone, key);
  }
});

test("every row has a sample in every operand size and form", () => {
  const covered = new Set(all.map(({ row }) => row.id));
  assert.equal(
    rows.slice(1).filter(({ id }) => !covered.has(id)),
    [],
  );
  console.log(`${rows.length - 1} rows, ${all.length} samples`);
});

test("LOCK, privilege, processor generations of well-known rows", () => {
  const row = (key: string): Row => rowsOf(key)[0];
  assert.is(row("CMPXCHG Ev,Gv").lockable, true);
  assert.is(row("CMP Ev,Gv").lockable, false);
  assert.is(row("BSWAP Zv").since, 4);
  assert.is(row("RDTSC").since, 5);
  assert.is(row("CMOVO Gv,Ev").since, 6);
  assert.is(supports(row("MOV Rd,Td").id, 4), true);
  assert.is(supports(row("MOV Rd,Td").id, 5), false);
  assert.is(supports(row("CPUID").id, 3), false);
});

const flagNames: [number, number, string][] = [
  [0x800, RflagsBits.OF, "O"],
  [0x80, RflagsBits.SF, "S"],
  [0x40, RflagsBits.ZF, "Z"],
  [0x10, RflagsBits.AF, "A"],
  [0x4, RflagsBits.PF, "P"],
  [0x1, RflagsBits.CF, "C"],
  [0x400, RflagsBits.DF, "D"],
  [0x200, RflagsBits.IF, "I"],
];

test("flags tested, written, undefined, cleared and set", () => {
  const ours = (mask: number): string => flagNames.map(([bit, , name]) => (mask & bit ? name : "")).join("");
  const theirs = (mask: number): string => flagNames.map(([, bit, name]) => (mask & bit ? name : "")).join("");
  compareAll(
    {
      INT3: "gates clear IF, TF, NT, RF and VM",
      "INT Ib": "likewise",
      INTO: "likewise",
      INT1: "likewise",
    },
    ({ row: { flags } }) =>
      `t:${ours(flags.tested)} w:${ours(flags.written)} u:${ours(flags.undefined)} 0:${ours(flags.cleared)} 1:${ours(flags.set)}`,
    (i) =>
      `t:${theirs(i.rflagsRead)} w:${theirs(i.rflagsWritten)} u:${theirs(i.rflagsUndefined)} 0:${theirs(i.rflagsCleared)} 1:${theirs(i.rflagsSet)}`,
  );
});

const codeNames: [number, number, string][] = [
  [0x100, RflagsBits.C0, "0"],
  [0x200, RflagsBits.C1, "1"],
  [0x400, RflagsBits.C2, "2"],
  [0x4000, RflagsBits.C3, "3"],
];

test("x87 condition codes written and undefined", () => {
  const ours = (mask: number): string => codeNames.map(([bit, , name]) => (mask & bit ? name : "")).join("");
  const theirs = (mask: number): string => codeNames.map(([, bit, name]) => (mask & bit ? name : "")).join("");
  compareAll(
    {
      "FXRSTOR m512byte": "loads the status word",
      FNOP: "C0-C3 undefined (SDM 2A FNOP)",
    },
    ({ row: { flags } }) => `cw:${ours(flags.conditionWritten)} cu:${ours(flags.conditionUndefined)}`,
    (i) => `cw:${theirs(i.rflagsWritten | i.rflagsCleared | i.rflagsSet)} cu:${theirs(i.rflagsUndefined)}`,
  );
});

const accessNames: Record<number, string> = {
  [OpAccess.None]: "-",
  [OpAccess.Read]: "r",
  [OpAccess.CondRead]: "r",
  [OpAccess.Write]: "w",
  [OpAccess.CondWrite]: "w",
  [OpAccess.ReadWrite]: "rw",
  [OpAccess.ReadCondWrite]: "rw",
  [OpAccess.NoMemAccess]: "-",
};

test("operand access", () => {
  const factory = new InstructionInfoFactory();
  const implicitSt0 = /^(FCOM|FCOMP|FUCOM|FUCOMP|FXCH) STi$/;
  compareAll(
    {
      "CMOVcc Gv,Ev": "the destination keeps its value if the condition is false",
      "BSF Gv,Ev": "the destination keeps its value if the source is zero",
      "BSR Gv,Ev": "likewise",
      "FCMOVB ST0,STi": "the destination keeps its value if the condition is false",
      "FCMOVE ST0,STi": "likewise",
      "FCMOVBE ST0,STi": "likewise",
      "FCMOVU ST0,STi": "likewise",
      "FCMOVNB ST0,STi": "likewise",
      "FCMOVNE ST0,STi": "likewise",
      "FCMOVNBE ST0,STi": "likewise",
      "FCMOVNU ST0,STi": "likewise",
    },
    ({ row }) => row.operands.map(({ access }) => access).join(","),
    (instruction, { row }) => {
      const info = factory.info(instruction);
      const list = Array.from({ length: row.operands.length }, (_, i) => {
        return accessNames[info.opAccess(implicitSt0.test(row.key) ? i + 1 : i)];
      });
      info.free();
      return list.join(",");
    },
  );
  factory.free();
});

test("memory references: bytes read and written", () => {
  const factory = new InstructionInfoFactory();
  compareAll(
    {
      "ARPL Ew,Gw": "read, then written only if the RPL rises: read-only memory does not fault otherwise",
      "ENTER Iw,Ib": "nesting levels make their references at run time",
      "LTR Ew": "reads the TSS descriptor and marks it busy",
      "FXSAVE m512byte": "160 of the 512 bytes without SSE",
      "FXRSTOR m512byte": "likewise",
    },
    ({ row, memory, operandSize }) => {
      const sum = { r: 0, w: 0, rw: 0 };
      for (const { at, access, bytes, always } of row.references) {
        if (always && (at !== "E" || memory)) sum[access] += bytes === 0 ? operandSize : bytes;
      }
      return `r ${sum.r} w ${sum.w} rw ${sum.rw}`;
    },
    (instruction) => {
      const info = factory.info(instruction);
      const sum: Record<string, number> = { r: 0, w: 0, rw: 0, "-": 0 };
      for (const used of info.usedMemory()) {
        sum[accessNames[used.access]] += MemorySizeExt.size(used.memorySize);
        used.free();
      }
      info.free();
      return `r ${sum.r} w ${sum.w} rw ${sum.rw}`;
    },
  );
  factory.free();
});

test("LOCK and REP prefixes", () => {
  compareAll(
    {},
    ({ row }) => `lock ${row.lockable} rep ${row.rep !== "none"} repz ${row.rep === "repz"}`,
    (instruction) => {
      const { canUseLockPrefix: lock, canUseRepPrefix: rep, canUseRepnePrefix: repne } = instruction.opCode;
      return `lock ${lock} rep ${rep} repz ${repne}`;
    },
  );
});

test("privilege, modes and x87 synchronisation", () => {
  compareAll(
    {},
    ({ row }) => `${row.privilege === "cpl0" ? "cpl0" : "any"} pm ${row.protectedOnly} nowait ${row.noWait}`,
    (instruction) => {
      const { mustBeCpl0, realMode, isFpuNoWait } = instruction.opCode;
      return `${mustBeCpl0 ? "cpl0" : "any"} pm ${!realMode} nowait ${isFpuNoWait}`;
    },
  );
});

test("control transfers", () => {
  const transferOf: Record<number, string> = {
    [FlowControl.Next]: "none",
    [FlowControl.UnconditionalBranch]: "jump",
    [FlowControl.IndirectBranch]: "jump",
    [FlowControl.ConditionalBranch]: "jcc",
    [FlowControl.Return]: "ret",
    [FlowControl.Call]: "call",
    [FlowControl.IndirectCall]: "call",
    [FlowControl.Interrupt]: "int",
    [FlowControl.Exception]: "none",
  };
  compareAll(
    {
      "CALL Ap": "far transfers are a class of their own",
      "CALL Mp": "likewise",
      "JMP Ap": "likewise",
      "JMP Mp": "likewise",
      RETF: "likewise",
      "RETF Iw": "likewise",
      IRET: "a class of its own",
      HLT: "ends a block",
      SYSENTER: "a class of its own",
      SYSEXIT: "likewise",
      RSM: "only raises #UD",
    },
    ({ row }) => row.transfer,
    (instruction) => transferOf[instruction.flowControl],
  );
});

const levels: Record<string, number> = {
  INTEL8086: 3,
  INTEL186: 3,
  INTEL286: 3,
  INTEL386: 3,
  INTEL386_ONLY: 3,
  FPU: 3,
  FPU287: 3,
  FPU387: 3,
  INTEL486: 4,
  CX8: 5,
  TSC: 5,
  MSR: 5,
  CMOV: 6,
  SEP: 6,
  FXSR: 6,
  MULTIBYTENOP: 6,
  CPUID: 4,
  RDPMC: 6,
  SMM: 5,
  MOV_TR: 3,
  // F3 90 is a NOP on every processor.
  PAUSE: 3,
};

test("first processor that has the instruction", () => {
  compareAll(
    {
      "0F 20 /4": "CR4 came with the Pentium",
      "0F 22 /4": "likewise",
    },
    ({ row }) => String(row.since),
    (instruction) => {
      const names = [...instruction.cpuidFeatures()].map((feature) => CpuidFeature[feature]);
      return String(Math.max(...names.map((name) => levels[name] ?? Number.NaN))).replace("NaN", names.join());
    },
  );
});

test.run();
