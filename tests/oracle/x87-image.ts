/** Random x87 states and memory operands, biased to the classes of numbers that are treated apart. */
import type { Row } from "../../emu/isa/index.ts";
import { bytesOf, type Draft, type Form } from "./draft.ts";
import { IMAGE_WORDS } from "./layout.ts";
import type { Random } from "./random.ts";

const significands: readonly (readonly [number, number])[] = [
  [0, 0x80000000],
  [1, 0x80000000],
  [-1, -1],
  [0, 0xc0000000],
  [0x400, 0x80000000],
  [0x7ff, 0x80000000],
  [0x80000000, 0x80000000],
  [0, 0x80000080],
  [0, 0x80000100],
  [0xfffff800, -1],
  [0, 0xffffff00],
];

/** Low, high, sign and exponent of an 80-bit number. */
export function float80(g: Random): [number, number, number] {
  const sign = g.chance(0.5) ? 0x8000 : 0;
  const [low, high] = g.chance(0.4) ? g.pick(significands) : [g.int32(), g.int32() | 0x80000000];
  switch (g.below(20)) {
    case 0:
      return [0, 0, sign];
    case 1:
      return [0, 0x80000000, sign | 0x7fff];
    case 2:
      return [low, high | 0xc0000000, sign | 0x7fff];
    case 3:
      return [low | 1, (high & 0x3fffffff) | 0x80000000, sign | 0x7fff];
    case 4:
      return [low, high & 0x7fffffff, sign];
    case 5:
      // Pseudo-denormal, unnormal, pseudo-infinity, pseudo-NaN.
      return [low, g.chance(0.3) ? high : high & 0x7fffffff, sign | g.pick([0, 0x7fff, 0x3fff, 1])];
    case 6:
      return [
        low,
        high,
        sign | g.pick([1, 2, 0x7ffe, 0x7ffd, 0x3fff - 126, 0x3fff - 1022, 0x3fff + 127, 0x3fff + 1023]),
      ];
    case 7:
      return [low, high, sign | g.below(0x7fff)];
    case 8:
    case 9: {
      // A small integer.
      const n = 1 + g.below(1000);
      const shift = Math.clz32(n);
      return [0, n << shift, sign | (0x3fff + 31 - shift)];
    }
    default:
      return [low, high, sign | (0x3fff - 40 + g.below(110))];
  }
}

/** FSAVE image: 32-bit protected format. */
export function randomImage(g: Random): Int32Array {
  const image = new Int32Array(IMAGE_WORDS);
  const masks = g.chance(0.75) ? 0x3f : g.below(64);
  image[0] = 0xffff0000 | masks | 0x40 | (g.below(4) << 8) | (g.below(4) << 10) | (g.below(2) << 12);
  if (g.chance(0.5)) image[0] = 0xffff037f;
  const exceptions = g.chance(0.8) ? g.below(64) & masks : g.below(64);
  image[1] = 0xffff0000 | (g.int32() & 0x4700) | (g.below(8) << 11) | exceptions | (g.chance(0.1) ? 0x40 : 0);
  image[2] = g.chance(0.6) ? 0xffff0000 : g.chance(0.3) ? -1 : 0xffff0000 | (g.int32() & g.int32());
  const bytes = new Uint8Array(image.buffer);
  for (let i = 0; i < 8; i++) {
    const [low, high, exponent] = float80(g);
    bytes.set([...bytesOf(low, 4), ...bytesOf(high, 4), ...bytesOf(exponent, 2)], 28 + i * 10);
  }
  return image;
}

/** Fills the memory operand of an x87 row. */
export function x87Operand(d: Draft, row: Row, form: Form): void {
  const { g, operand } = d;
  const { type } = row.operands[0];
  if (operand === undefined || (type !== "m512byte" && g.chance(0.15))) return;
  switch (type) {
    case "m32fp": {
      const exponent = g.pick([0, 1, 0xfe, 0xff, g.below(256), 127 + g.below(20) - 10]);
      const fraction = g.pick([0, 1, 0x7fffff, 0x400000, 0x3fffff, g.below(0x800000)]);
      d.pokeValue(operand, (g.chance(0.5) ? 0x80000000 : 0) | (exponent << 23) | fraction, 4);
      break;
    }
    case "m64fp": {
      const exponent = g.pick([0, 1, 0x7fe, 0x7ff, g.below(0x800), 1023 + g.below(40) - 20]);
      const fraction = g.pick([0, 1, 0xfffff, 0x80000, 0x7ffff, g.below(0x100000)]);
      d.pokeValue(operand, g.pick([0, 1, -1, g.int32()]), 4);
      d.pokeValue(operand + 4, (g.chance(0.5) ? 0x80000000 : 0) | (exponent << 20) | fraction, 4);
      break;
    }
    case "m80fp": {
      const [low, high, exponent] = float80(g);
      d.poke(operand, [...bytesOf(low, 4), ...bytesOf(high, 4), ...bytesOf(exponent, 2)]);
      break;
    }
    case "m80bcd": {
      const digits = g.chance(0.1) ? 0 : 9;
      d.poke(
        operand,
        Array.from({ length: 10 }, (_, i) =>
          i === 9 ? g.pick([0, 0x80, g.below(256)]) : g.below(digits + 1) | (g.below(digits + 1) << 4),
        ),
      );
      break;
    }
    case "m14/28byte":
    case "m94/108byte": {
      const image = new Uint8Array(randomImage(g).buffer);
      const environment = Array.from({ length: 7 }, (_, i) => [...image.subarray(i * 4, i * 4 + form.size)]).flat();
      const registers = type === "m94/108byte" ? [...image.subarray(28)] : [];
      d.poke(operand, [...environment, ...registers]);
      break;
    }
    case "m512byte":
      d.poke(operand, fxImage(g));
      break;
    default:
      break;
  }
}

/** FXSAVE image with a valid MXCSR; the XMM registers stay what the memory holds. */
function fxImage(g: Random): number[] {
  const image = randomImage(g);
  const bytes = [...bytesOf(image[0], 2), ...bytesOf(image[1], 2), g.below(256), 0, ...bytesOf(g.int32(), 2)];
  for (let n = 0; n < 4; n++) bytes.push(...bytesOf(g.int32(), 4));
  bytes.push(...bytesOf(0x1f80, 4), ...bytesOf(0xffff, 4));
  for (let n = 0; n < 8; n++) {
    const [low, high, exponent] = float80(g);
    bytes.push(...bytesOf(low, 4), ...bytesOf(high, 4), ...bytesOf(exponent, 2), 0, 0, 0, 0, 0, 0);
  }
  return bytes;
}
