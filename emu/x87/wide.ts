// Floating-point numbers with 96-bit significands, in which the transcendental functions are computed before they are rounded
// to 64 bits. A number lies in one of a few slots of five words:
//
//   +0 sign (0 or 1)   +1 exponent e   +2 h   +3 m   +4 l      value = (-1)^sign * 0.hml * 2^e, bit 31 of h set
//
// Zero is h = m = l = 0 with an exponent so low that it vanishes beside any number.
//
// Results are truncated; each operation is off by less than 2^-93 of its result. The slots are scratch of one instruction.
// Hot: integers and one typed array, nothing allocated.

import { multiplyHigh } from "./multiplication.ts";

const SIGN = 0;
const EXP = 1;
const H = 2;
const M = 3;
const L = 4;
const SLOT = 5;

/** Slots, by purpose; a function may destroy any but the one it is documented to keep. */
export const WIDE_X = 0;
export const WIDE_Y = SLOT;
export const WIDE_R = 2 * SLOT;
export const WIDE_S = 3 * SLOT;
export const WIDE_T = 4 * SLOT;
export const WIDE_U = 5 * SLOT;

/** z of series() as a binary fraction. */
const FIXED = 6 * SLOT;

const v = new Int32Array(7 * SLOT);
const product = new Int32Array(3);
const WORD = 0x100000000;
const HALF = 0x80000000 | 0;
const ZERO_EXPONENT = -0x40000000;

/** Sets a slot to 0.hml * 2^exp, normalising. */
export function setWide(dst: number, sign: number, exp: number, h: number, m: number, l: number): void {
  let high = h;
  let middle = m;
  let low = l;
  let e = exp;
  if ((h | m | l) === 0) e = ZERO_EXPONENT;
  else
    while (high === 0) {
      high = middle;
      middle = low;
      low = 0;
      e -= 32;
    }
  const shift = Math.clz32(high) & 31;
  if (shift !== 0) {
    const right = 32 - shift;
    high = (high << shift) | (middle >>> right);
    middle = (middle << shift) | (low >>> right);
    low <<= shift;
    e -= shift;
  }
  v[dst + SIGN] = sign;
  v[dst + EXP] = e;
  v[dst + H] = high;
  v[dst + M] = middle;
  v[dst + L] = low;
}

/** Sets a slot to a constant of five words as drawn above. */
export function loadWide(dst: number, constant: Int32Array): void {
  v.set(constant, dst);
}

/** Copies slot a. */
export function copyWide(dst: number, a: number): void {
  v.copyWithin(dst, a, a + SLOT);
}

export function wideSign(a: number): number {
  return v[a + SIGN];
}

export function wideExponent(a: number): number {
  return v[a + EXP];
}

/** Word 0 (h), 1 (m) or 2 (l) of the significand. */
export function wideWord(a: number, index: number): number {
  return v[a + H + index];
}

export function setWideSign(a: number, sign: number): void {
  v[a + SIGN] = sign;
}

/** Steps a nonzero magnitude one unit of its last place down. */
export function stepDown(a: number): void {
  const low = v[a + L] - 1;
  const middle = v[a + M] - (v[a + L] === 0 ? 1 : 0);
  const high = v[a + H] - (v[a + L] === 0 && v[a + M] === 0 ? 1 : 0);
  setWide(a, v[a + SIGN], v[a + EXP], high | 0, middle | 0, low | 0);
}

/** dst = a * b */
export function multiplyWide(dst: number, a: number, b: number): void {
  const sign = v[a + SIGN] ^ v[b + SIGN];
  const exp = v[a + EXP] + v[b + EXP];
  multiplyFraction(a, b);
  setWide(dst, sign, exp, product[0], product[1], product[2]);
}

/** product = high 96 bits of the product of two slots' significands as 96-bit integers, up to 3 too small. */
function multiplyFraction(a: number, b: number): void {
  const ah = v[a + H];
  const am = v[a + M];
  const al = v[a + L];
  const bh = v[b + H];
  const bm = v[b + M];
  const bl = v[b + L];
  const low =
    (Math.imul(ah, bl) >>> 0) +
    (Math.imul(am, bm) >>> 0) +
    (Math.imul(al, bh) >>> 0) +
    (multiplyHigh(am, bl) >>> 0) +
    (multiplyHigh(al, bm) >>> 0);
  const third =
    (multiplyHigh(ah, bl) >>> 0) +
    (multiplyHigh(am, bm) >>> 0) +
    (multiplyHigh(al, bh) >>> 0) +
    (Math.imul(ah, bm) >>> 0) +
    (Math.imul(am, bh) >>> 0) +
    (low - (low >>> 0)) / WORD;
  const second =
    (multiplyHigh(ah, bm) >>> 0) +
    (multiplyHigh(am, bh) >>> 0) +
    (Math.imul(ah, bh) >>> 0) +
    (third - (third >>> 0)) / WORD;
  product[0] = multiplyHigh(ah, bh) + (second - (second >>> 0)) / WORD;
  product[1] = second;
  product[2] = third;
}

/** dst = a + b */
export function addWide(dst: number, a: number, b: number): void {
  const big = v[a + EXP] >= v[b + EXP] ? a : b;
  const small = big === a ? b : a;
  const distance = v[big + EXP] - v[small + EXP];
  let sh = v[small + H];
  let sm = v[small + M];
  let sl = v[small + L];
  for (let n = distance; n > 0; n -= 32) {
    if (n >= 32) {
      sl = sm;
      sm = sh;
      sh = 0;
      if ((sl | sm) === 0) break;
    } else {
      sl = (sl >>> n) | (sm << (32 - n));
      sm = (sm >>> n) | (sh << (32 - n));
      sh >>>= n;
    }
  }
  const bh = v[big + H];
  const bm = v[big + M];
  const bl = v[big + L];
  const sign = v[big + SIGN];
  const exp = v[big + EXP];
  if (v[a + SIGN] === v[b + SIGN]) {
    const low = (bl >>> 0) + (sl >>> 0);
    const middle = (bm >>> 0) + (sm >>> 0) + (low >= WORD ? 1 : 0);
    const high = (bh >>> 0) + (sh >>> 0) + (middle >= WORD ? 1 : 0);
    if (high >= WORD) {
      setWide(dst, sign, exp + 1, (high >>> 1) | HALF, (middle >>> 1) | (high << 31), (low >>> 1) | (middle << 31));
    } else setWide(dst, sign, exp, high | 0, middle | 0, low | 0);
    return;
  }
  const low = (bl >>> 0) - (sl >>> 0);
  const middle = (bm >>> 0) - (sm >>> 0) - (low < 0 ? 1 : 0);
  const high = (bh >>> 0) - (sh >>> 0) - (middle < 0 ? 1 : 0);
  if (high >= 0) setWide(dst, sign, exp, high | 0, middle | 0, low | 0);
  else {
    // Equal exponents, the other one is larger.
    const lowNegated = -(low | 0) | 0;
    const middleNegated = (lowNegated === 0 ? -(middle | 0) : ~middle) | 0;
    const highNegated = (lowNegated === 0 && middleNegated === 0 ? -(high | 0) : ~high) | 0;
    setWide(dst, sign ^ 1, exp, highNegated, middleNegated, lowNegated);
  }
}

/** dst = a / b, by 16-bit digits as in division.ts. */
export function divideWide(dst: number, a: number, b: number): void {
  const b5 = v[b + H] >>> 16;
  const b4 = v[b + H] & 0xffff;
  const b3 = v[b + M] >>> 16;
  const b2 = v[b + M] & 0xffff;
  const b1 = v[b + L] >>> 16;
  const b0 = v[b + L] & 0xffff;
  const bh = v[b + H];
  const bm = v[b + M];
  const bl = v[b + L];
  const sign = v[a + SIGN] ^ v[b + SIGN];
  // a / 2, so that the remainder starts below b: quotient in (1/4, 1).
  let rh = v[a + H] >>> 1;
  let rm = (v[a + M] >>> 1) | (v[a + H] << 31);
  let rl = (v[a + L] >>> 1) | (v[a + M] << 31);
  const exp = v[a + EXP] - v[b + EXP] + 1;
  let qh = 0;
  let qm = 0;
  let ql = 0;
  for (let i = 0; i < 6; i++) {
    let digit = ((rh >>> 0) / b5) >>> 0;
    if (digit > 0xffff) digit = 0xffff;
    const p0 = Math.imul(digit, b0);
    const p1 = (Math.imul(digit, b1) + (p0 >>> 16)) | 0;
    const p2 = (Math.imul(digit, b2) + (p1 >>> 16)) | 0;
    const p3 = (Math.imul(digit, b3) + (p2 >>> 16)) | 0;
    const p4 = (Math.imul(digit, b4) + (p3 >>> 16)) | 0;
    const p5 = (Math.imul(digit, b5) + (p4 >>> 16)) | 0;
    let top = (rh >>> 16) - (p5 >>> 16);
    const low = ((rl << 16) >>> 0) - (((p1 << 16) | (p0 & 0xffff)) >>> 0);
    const middle = (((rm << 16) | (rl >>> 16)) >>> 0) - (((p3 << 16) | (p2 & 0xffff)) >>> 0) - (low < 0 ? 1 : 0);
    const high = (((rh << 16) | (rm >>> 16)) >>> 0) - (((p5 << 16) | (p4 & 0xffff)) >>> 0) - (middle < 0 ? 1 : 0);
    if (high < 0) top--;
    rl = low | 0;
    rm = middle | 0;
    rh = high | 0;
    while (top < 0) {
      digit--;
      const lowSum = (rl >>> 0) + (bl >>> 0);
      const middleSum = (rm >>> 0) + (bm >>> 0) + (lowSum >= WORD ? 1 : 0);
      const highSum = (rh >>> 0) + (bh >>> 0) + (middleSum >= WORD ? 1 : 0);
      if (highSum >= WORD) top++;
      rl = lowSum | 0;
      rm = middleSum | 0;
      rh = highSum | 0;
    }
    qh = (qh << 16) | (qm >>> 16);
    qm = (qm << 16) | (ql >>> 16);
    ql = (ql << 16) | digit;
  }
  setWide(dst, sign, exp, qh, qm, ql);
}

/**
 * dst = (c0 -+ z * (c1 -+ z * (c2 ...))), positive, by Horner's rule in fixed point. `coefficients` hold half of each c as three
 * words of a binary fraction, c0 first; z in [0, 1) is the magnitude of slot `z`. An alternating sum whose z
 * is too small to matter still comes out below c0. `dst` is not `z`.
 */
export function series(dst: number, z: number, coefficients: Int32Array, signs: "same" | "alternating"): void {
  fixedPoint(z);
  // Terms below 2^-100 are left out.
  let k = coefficients.length - 3;
  while (k > 3 && leadingZeros(coefficients, k) - v[z + EXP] * (k / 3) > 100) k -= 3;
  v[dst + H] = coefficients[k];
  v[dst + M] = coefficients[k + 1];
  v[dst + L] = coefficients[k + 2];
  for (k -= 3; k >= 0; k -= 3) {
    multiplyFraction(dst, FIXED);
    if (signs === "same") {
      const low = (coefficients[k + 2] >>> 0) + (product[2] >>> 0);
      const middle = (coefficients[k + 1] >>> 0) + (product[1] >>> 0) + (low >= WORD ? 1 : 0);
      v[dst + H] = coefficients[k] + product[0] + (middle >= WORD ? 1 : 0);
      v[dst + M] = middle;
      v[dst + L] = low;
    } else {
      const low = (coefficients[k + 2] >>> 0) - (product[2] >>> 0);
      const middle = (coefficients[k + 1] >>> 0) - (product[1] >>> 0) - (low < 0 ? 1 : 0);
      v[dst + H] = coefficients[k] - product[0] - (middle < 0 ? 1 : 0);
      v[dst + M] = middle;
      v[dst + L] = low;
    }
  }
  const h = v[dst + H];
  const m = v[dst + M];
  const l = v[dst + L];
  if (signs === "alternating" && h === coefficients[0] && m === coefficients[1] && l === coefficients[2]) {
    setWide(dst, 0, 1, 0x7fffffff, -1, -1);
  } else setWide(dst, 0, 1, h, m, l);
}

/** FIXED = the magnitude of slot z, below 1, as a binary fraction. */
function fixedPoint(z: number): void {
  let h = v[z + H];
  let m = v[z + M];
  let l = v[z + L];
  for (let n = -v[z + EXP]; n > 0 && (h | m | l) !== 0; n -= 32) {
    if (n >= 32) {
      l = m;
      m = h;
      h = 0;
    } else {
      l = (l >>> n) | (m << (32 - n));
      m = (m >>> n) | (h << (32 - n));
      h >>>= n;
    }
  }
  v[FIXED + H] = h;
  v[FIXED + M] = m;
  v[FIXED + L] = l;
}

/** Leading zeros of the coefficient at index k. */
function leadingZeros(coefficients: Int32Array, k: number): number {
  if (coefficients[k] !== 0) return Math.clz32(coefficients[k]);
  return 32 + (coefficients[k + 1] !== 0 ? Math.clz32(coefficients[k + 1]) : 32);
}
