/** The x87 transcendental functions against a multi-precision reference: at most 1 ulp after the 66-bit reduction. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import * as coefficient from "../emu/x87/coefficient.ts";
import { ONE } from "../emu/x87/constant.ts";
import { FpuState } from "../emu/x87/fpu.ts";
import { C2, DE, IE, PE, UE, X87_CONTROL, X87_MEM, X87_STATUS, X87_WORDS } from "../emu/x87/layout.ts";
import { Random } from "./x87-case.ts";
import * as reference from "./x87-reference.ts";

type Value = readonly [se: number, hi: number, lo: number];

const seed = Number(process.env.PAGEWALK_SEED ?? Date.now() & 0x7fffffff);
console.log(`seed ${seed} (PAGEWALK_SEED=${seed} repeats this run)`);

const UNIT = 1n << reference.PRECISION;
const words = new Int32Array(X87_WORDS);
const fpu = new FpuState(words);

function load(value: Value): void {
  [words[X87_MEM + 2], words[X87_MEM + 1], words[X87_MEM]] = value;
  fpu.fld80();
}

function store(): Value {
  fpu.fstp80();
  return [words[X87_MEM + 2] & 0xffff, words[X87_MEM + 1], words[X87_MEM]];
}

/** Executes with the operands pushed in order (the last one is ST(0)) under a control word; the results popped in order. */
function execute(operation: () => boolean, operands: readonly Value[], control = 0x37f, results = 1): Value[] {
  fpu.fninit();
  words[X87_CONTROL] = control;
  for (const operand of operands) load(operand);
  operation();
  return Array.from({ length: results }, () => store());
}

function show(value: Value): string {
  const hex = (n: number, digits: number): string => (n >>> 0).toString(16).padStart(digits, "0");
  return `${hex(value[0], 4)}:${hex(value[1], 8)}${hex(value[2], 8)}`;
}

const fixed = (value: Value): bigint => reference.fixed(...value);

/** Nearest 80-bit value of a positive fixed-point number. */
function nearest(x: bigint): Value {
  const excess = x.toString(2).length - 64;
  const significand = (x + (1n << BigInt(excess - 1))) >> BigInt(excess);
  return [
    0x3fff + 63 + excess - Number(reference.PRECISION),
    Number(BigInt.asIntN(32, significand >> 32n)),
    Number(BigInt.asIntN(32, significand)),
  ];
}

/** Rounding controls nearest, down, up, zero with the error each may have in ulp. */
const roundings = [
  { control: 0x37f, limit: 0.50001 },
  { control: 0x77f, limit: 1 },
  { control: 0xb7f, limit: 1 },
  { control: 0xf7f, limit: 1 },
];
const worst = new Map<string, number>();

/** Checks one result against the exact value: distance, and the direction that the rounding control asks for. */
function check(name: string, operands: readonly Value[], rounding: number, result: Value, exact: bigint): void {
  const { control, limit } = roundings[rounding];
  const ulps = reference.ulpsBetween(...result, exact);
  if (rounding === 0) worst.set(name, Math.max(worst.get(name) ?? 0, ulps));
  const error = fixed(result) - exact;
  const directed = rounding === 1 ? error <= 0n : rounding === 2 ? error >= 0n : true;
  if (ulps > limit || !directed) {
    assert.unreachable(
      `${name}(${operands.map(show).join(", ")}) cw ${control.toString(16)} = ${show(result)}: ${ulps} ulp`,
    );
  }
}

function randomValue(random: Random, low: number, high: number): Value {
  const sign = random.chance(50) ? 0x8000 : 0;
  const exponent = 0x3fff + low + random.below(high - low + 1);
  const sparse = random.chance(20) ? 0 : -1;
  return [
    sign | exponent,
    (random.bits() & (random.chance(15) ? 0xff000000 : -1)) | 0x80000000,
    random.bits() & sparse,
  ];
}

const runs = Number(process.env.RUNS ?? 700);

test("coefficients are the leading bits of their series", () => {
  const factorial = (n: number): bigint => (n < 2 ? 1n : BigInt(n) * factorial(n - 1));
  const check = (name: string, table: Int32Array, denominator: (k: number) => bigint): void => {
    for (let k = 0; k < table.length / 3; k++) {
      const half = (1n << 95n) / denominator(k);
      const words = [64n, 32n, 0n].map((shift) => Number(BigInt.asIntN(32, half >> shift)));
      assert.equal(Array.from(table.subarray(k * 3, k * 3 + 3)), words, `${name}[${k}]`);
    }
  };
  check("SINE", coefficient.SINE, (k) => factorial(2 * k + 1));
  check("COSINE", coefficient.COSINE, (k) => factorial(2 * k));
  check("EXPONENTIAL", coefficient.EXPONENTIAL, (k) => factorial(k + 1));
  check("ODD_RECIPROCALS", coefficient.ODD_RECIPROCALS, (k) => BigInt(2 * k + 1));
  const wide = (name: string, constant: Int32Array, value: bigint): void => {
    const exponent = value.toString(2).length - Number(reference.PRECISION);
    const top = value >> (reference.PRECISION + BigInt(exponent) - 96n);
    const words = [64n, 32n, 0n].map((shift) => Number(BigInt.asIntN(32, top >> shift)));
    assert.equal(Array.from(constant), [0, exponent, ...words], name);
  };
  wide("ln 2", coefficient.WIDE_LN2, reference.LN2);
  wide("2 log2 e", coefficient.WIDE_2_LOG2E, (2n * UNIT * UNIT) / reference.LN2);
  wide("pi", coefficient.WIDE_PI, reference.PI);
  wide("pi / 2", coefficient.WIDE_HALF_PI, reference.PI / 2n);
  for (let i = 1; i <= 16; i++) {
    wide(`atan ${i}/16`, coefficient.ARC_TANGENTS[i], reference.arcTangent((UNIT * BigInt(i)) / 16n, UNIT));
  }
});

test("F2XM1", () => {
  const random = new Random(seed);
  for (let run = 0; run < runs; run++) {
    const x = randomValue(random, random.of([-1, -8, -70, -150]), -1);
    const exact = reference.exponentialMinusOne(fixed(x));
    roundings.forEach(({ control }, rounding) => {
      check("f2xm1", [x], rounding, execute(() => fpu.f2xm1(), [x], control)[0], exact);
    });
  }
});

test("FYL2X", () => {
  const random = new Random(seed + 1);
  for (let run = 0; run < runs; run++) {
    let [se, hi, lo] = randomValue(random, random.of([-1, -16000, -5]), random.of([0, 4, 16000]));
    se &= 0x7fff;
    if (random.chance(30)) {
      // Close to 1 on either side.
      const bits = random.below(62);
      const below = random.chance(50);
      se = below ? 0x3ffe : 0x3fff;
      const delta =
        bits < 31 ? [random.bits() & (0x7fffffff >>> bits), random.bits()] : [0, random.bits() >>> (bits - 31)];
      hi = below ? ~delta[0] : 0x80000000 | delta[0];
      lo = below ? ~delta[1] : delta[1];
    }
    const x: Value = [se, hi | 0x80000000, lo];
    const y = randomValue(random, 0, 0);
    const significand = fixed([0x3fff, x[1], x[2]]);
    if (significand === UNIT) continue;
    const exact = (reference.logarithm(significand, se - 0x3fff) * fixed(y)) / UNIT;
    roundings.forEach(({ control }, rounding) => {
      check("fyl2x", [y, x], rounding, execute(() => fpu.fyl2x(), [y, x], control)[0], exact);
    });
  }
});

test("FYL2X of powers of two is rounded as an exact product", () => {
  for (const exponent of [-16382, -3, -1, 1, 2, 5, 1000, 16383]) {
    const y: Value = [0x4000, 0xc90fdaa2 | 0, 0x2168c235];
    const x: Value = [0x3fff + exponent, -0x80000000, 0];
    const [result] = execute(() => fpu.fyl2x(), [y, x]);
    const exact = fixed(y) * BigInt(exponent);
    assert.ok(reference.ulpsBetween(...result, exact) <= 0.5, `2^${exponent}`);
    assert.is(words[X87_STATUS] & PE, PE, "the processor calls it inexact");
  }
});

test("FYL2XP1", () => {
  const random = new Random(seed + 2);
  for (let run = 0; run < runs; run++) {
    const x = randomValue(random, random.of([-3, -10, -70, -150]), random.of([-2, -2, -3]));
    if ((x[0] & 0x7fff) === 0x3ffd && x[1] >>> 0 > 0x95f61998) continue;
    const y = randomValue(random, 0, 0);
    const exact = (reference.logarithmPlusOne(fixed(x)) * fixed(y)) / UNIT;
    roundings.forEach(({ control }, rounding) => {
      check("fyl2xp1", [y, x], rounding, execute(() => fpu.fyl2xp1(), [y, x], control)[0], exact);
    });
  }
});

/** sin(x + quadrant pi/2) from the sine and cosine of x. */
function turned(sine: bigint, cosine: bigint, quadrant: number): bigint {
  return [sine, cosine, -sine, -cosine][quadrant & 3];
}

test("FSIN, FCOS, FSINCOS, FPTAN", () => {
  const random = new Random(seed + 3);
  const unit = 0x3243f6a8885a308d3n << (reference.PRECISION - 65n);
  for (let run = 0; run < runs; run++) {
    let x = randomValue(random, random.of([-1, -1, -10, -100]), random.of([0, 4, 20, 62]));
    if (random.chance(25)) {
      // The 80-bit value next to a multiple of pi / 2, where the result is small.
      const [se, hi, lo] = nearest(unit * BigInt(1 + random.below(random.of([8, 1000, 0x7fffffff]))));
      x = [(x[0] & 0x8000) | se, hi, lo];
    }
    const [rest, quadrant] = reference.reduce(fixed(x));
    const [sine, cosine] = reference.sineAndCosine(rest);
    const sin = turned(sine, cosine, quadrant);
    const cos = turned(sine, cosine, quadrant + 1);
    roundings.forEach(({ control }, rounding) => {
      const operands = [x];
      const [ourSin] = execute(() => fpu.fsin(), operands, control);
      const [ourCos] = execute(() => fpu.fcos(), operands, control);
      check("fsin", operands, rounding, ourSin, sin);
      check("fcos", operands, rounding, ourCos, cos);
      assert.equal(
        execute(() => fpu.fsincos(), operands, control, 2),
        [ourCos, ourSin],
      );
      const [one, tangent] = execute(() => fpu.fptan(), operands, control, 2);
      assert.equal(one, [0x3fff, -0x80000000, 0]);
      check("fptan", operands, rounding, tangent, (sin << reference.PRECISION) / cos);
    });
  }
});

test("FPATAN in four quadrants", () => {
  const random = new Random(seed + 4);
  for (let run = 0; run < runs; run++) {
    const spread = random.of([0, 2, 6, 60]);
    const y = randomValue(random, -spread, spread);
    const x = random.chance(5)
      ? ([(random.bits() & 0x8000) | (y[0] & 0x7fff), y[1], y[2]] as const)
      : randomValue(random, 0, 0);
    const magnitude = (value: Value): bigint => fixed([value[0] & 0x7fff, value[1], value[2]]);
    let exact = reference.arcTangent(magnitude(y), magnitude(x));
    if (x[0] >= 0x8000) exact = reference.PI - exact;
    if (y[0] >= 0x8000) exact = -exact;
    roundings.forEach(({ control }, rounding) => {
      check("fpatan", [y, x], rounding, execute(() => fpu.fpatan(), [y, x], control)[0], exact);
    });
  }
});

test("arguments of sine and tangent at the end of their range", () => {
  const below: Value = [0x3fff + 62, -1, -1];
  const limit: Value = [0x3fff + 63, -0x80000000, 0];
  for (const operation of [() => fpu.fsin(), () => fpu.fcos(), () => fpu.fsincos(), () => fpu.fptan()]) {
    execute(operation, [below], 0x37f, 0);
    assert.is(words[X87_STATUS] & C2, 0);
    assert.equal(execute(operation, [limit])[0], limit);
    assert.is(words[X87_STATUS] & C2, C2);
  }
});

test("tiny and denormal arguments", () => {
  const denormal: Value = [0, 0, 5];
  for (const operation of [() => fpu.fsin(), () => fpu.fptan()]) {
    execute(operation, [denormal], 0x37f, 0);
    assert.is(words[X87_STATUS] & (DE | UE | PE | IE), DE | UE | PE);
  }
  const tiny: Value = [100, -0x80000000, 0];
  assert.equal(execute(() => fpu.fsin(), [tiny])[0], tiny);
  assert.equal(execute(() => fpu.fsin(), [tiny], 0xf7f)[0], [99, -1, -1], "sin(x) is below x");
  assert.equal(execute(() => fpu.fptan(), [tiny], 0xb7f, 2)[1], [100, -0x80000000, 1], "tan(x) is above x");
  const one: Value = [ONE.se, ONE.hi, ONE.lo];
  assert.equal(execute(() => fpu.fpatan(), [tiny, one])[0], tiny);
  assert.equal(execute(() => fpu.fcos(), [tiny])[0], one);
});

test.after(() => {
  const lines = [...worst].map(([name, ulps]) => `${name} ${ulps.toFixed(7)}`);
  console.log(`worst error to nearest, in ulp: ${lines.join(", ")}`);
});

test.run();
