/**
 * Multi-precision reference for the x87 transcendental functions: fixed-point BigInt with PRECISION fraction bits, by methods
 * other than those of emu/x87.
 */

/** Fraction bits of a fixed-point number. Arguments down to 2^-200 keep more than 200 significant bits. */
export const PRECISION = 440n;
const ONE = 1n << PRECISION;

function multiply(a: bigint, b: bigint): bigint {
  return (a * b) >> PRECISION;
}

function divide(a: bigint, b: bigint): bigint {
  return (a << PRECISION) / b;
}

function squareRoot(a: bigint): bigint {
  const target = a << PRECISION;
  let x = 1n << BigInt((target.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (x + target / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}

/** atan(1/n) by Gregory's series, for Machin's formula. */
function arcCotangent(n: bigint): bigint {
  let sum = 0n;
  let power = ONE / n;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += k % 4n === 1n ? power / k : -(power / k);
    power /= n * n;
  }
  return sum;
}

export const PI = 4n * (4n * arcCotangent(5n) - arcCotangent(239n));

/** ln(x) for x near 1 by Newton's iteration on exp: x' = x + 2 (a - e^x) / (a + e^x). */
function logarithmBase(a: bigint): bigint {
  let x = BigInt(Math.round(Math.log(Number(a >> (PRECISION - 60n)) / 2 ** 60) * 2 ** 50)) << (PRECISION - 50n);
  for (let i = 0; i < 5; i++) {
    const e = exponential(x);
    x += (2n * divide(a - e, a + e)) as bigint;
  }
  return x;
}

/** e^x by its Taylor series after halving x eight times. */
function exponential(x: bigint): bigint {
  const small = x >> 8n;
  let term = ONE;
  let sum = ONE;
  for (let k = 1n; term !== 0n && term !== -1n; k++) {
    term = multiply(term, small) / k;
    sum += term;
  }
  for (let i = 0; i < 8; i++) sum = multiply(sum, sum);
  return sum;
}

export const LN2 = logarithmBase(2n * ONE);

/** 2^x - 1; the direct series, which keeps small results exact. */
export function exponentialMinusOne(x: bigint): bigint {
  const t = multiply(x, LN2);
  let term = t;
  let sum = t;
  for (let k = 2n; term !== 0n && term !== -1n; k++) {
    term = multiply(term, t) / k;
    sum += term;
  }
  return sum;
}

/** log2(1 + x) for |x| < 1/2, by the alternating series after repeated square roots. */
export function logarithmPlusOne(x: bigint): bigint {
  // 1 + y = sqrt(1 + x), y = x / (1 + sqrt(1 + x)) keeps small arguments exact.
  let y = x;
  const roots = 12n;
  for (let i = 0n; i < roots; i++) y = divide(y, ONE + squareRoot(ONE + y));
  let power = y;
  let sum = 0n;
  for (let k = 1n; power !== 0n && power !== -1n; k++) {
    sum += k % 2n === 1n ? power / k : -(power / k);
    power = multiply(power, y);
  }
  return divide(sum << roots, LN2);
}

/** log2 of significand * 2^exponent with significand in [1, 2). */
export function logarithm(significand: bigint, exponent: number): bigint {
  if (significand > (ONE * 3n) / 2n) return logarithmPlusOne((significand >> 1n) - ONE) + BigInt(exponent + 1) * ONE;
  return logarithmPlusOne(significand - ONE) + BigInt(exponent) * ONE;
}

/** sin and cos of |x| < 2 by complex squaring of the Taylor series at x / 2^8. */
export function sineAndCosine(x: bigint): [sine: bigint, cosine: bigint] {
  let sine = 0n;
  let cosine = 0n;
  let term = ONE;
  for (let k = 0n; term !== 0n && term !== -1n; ) {
    const sign = k % 4n < 2n ? 1n : -1n;
    if (k % 2n === 0n) cosine += sign * term;
    else sine += sign * term;
    k++;
    term = multiply(term, x) / k;
  }
  return [sine, cosine];
}

/** atan(y / x) for x > 0 and y >= 0, by halving the angle eight times. */
export function arcTangent(y: bigint, x: bigint): bigint {
  let t = divide(y, x);
  const halvings = 8n;
  for (let i = 0n; i < halvings; i++) t = divide(t, ONE + squareRoot(ONE + multiply(t, t)));
  let power = t;
  let sum = 0n;
  const square = multiply(t, t);
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += k % 4n === 1n ? power / k : -(power / k);
    power = multiply(power, square);
  }
  return sum << halvings;
}

/** The processor's pi / 2: 66 bits (SDM 1 §8.3.8), times 2^65. */
const HALF_PI_66 = 0x3243f6a8885a308d3n;

/** x - k pi/2 with the processor's pi and the k for which it is smallest; x is exact. Returns the rest and k modulo 4. */
export function reduce(x: bigint): [rest: bigint, quadrant: number] {
  const unit = HALF_PI_66 << (PRECISION - 65n);
  const half = x >= 0n ? unit / 2n : -unit / 2n;
  const k = (x + half) / unit;
  return [x - k * unit, Number(((k % 4n) + 4n) % 4n)];
}

/** A finite 80-bit value as fixed point; exact if its last bit weighs 2^-440 or more. */
export function fixed(se: number, hi: number, lo: number): bigint {
  const significand = (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
  const shift = BigInt((se & 0x7fff) - 0x3fff - 63) + PRECISION;
  const magnitude = shift >= 0n ? significand << shift : significand >> -shift;
  return se >= 0x8000 ? -magnitude : magnitude;
}

/** Distance of the 80-bit value from the true one, in units of the value's last place, to about 2^-30. */
export function ulpsBetween(se: number, hi: number, lo: number, exact: bigint): number {
  const shift = BigInt((se & 0x7fff) - 0x3fff - 63) + PRECISION;
  const difference = fixed(se, hi, lo) - exact;
  const magnitude = difference < 0n ? -difference : difference;
  return shift >= 30n ? Number(magnitude >> (shift - 30n)) / 2 ** 30 : Number(magnitude << (30n - shift)) / 2 ** 30;
}
