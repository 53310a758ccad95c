import { SqlError } from '../../base/errors';
import { decimalFromRepr, decimalReprFromDigits, decimalToRepr } from '../../catalog/types/decimal';

/**
 * Decimal arithmetic with CockroachDB's rules: sums and products are exact, quotients and functions have 20 significant
 * digits rounded half up, and a result keeps the scale that the General Decimal Arithmetic gives it (`1.50 * 2 = 3.00`).
 */

/** `special`: 0 finite, 1 +Infinity, -1 -Infinity, 2 NaN. The value of a finite one is coefficient · 10^exponent. */
export interface Dec {
  readonly coefficient: bigint;
  readonly exponent: number;
  readonly special: 0 | 1 | -1 | 2;
}

/** Significant digits of quotients, roots, logarithms. */
export const PRECISION = 20;

/** Digits beyond which an exact result is refused; also bounds what 10^n may be asked for. */
const DIGITS_MAX = 200_000;

export const NAN: Dec = { coefficient: 0n, exponent: 0, special: 2 };
export const POSITIVE_INFINITY: Dec = { coefficient: 0n, exponent: 0, special: 1 };
export const NEGATIVE_INFINITY: Dec = { coefficient: 0n, exponent: 0, special: -1 };

const powers: bigint[] = [1n];

function pow10(n: number): bigint {
  if (n > DIGITS_MAX) throw new SqlError('numericValueOutOfRange', 'decimal out of range');
  if (n < 4096) {
    for (let i = powers.length; i <= n; i++) powers.push((powers[i - 1] ?? 1n) * 10n);
    return powers[n] ?? 1n;
  }
  return 10n ** BigInt(n);
}

export const finite = (coefficient: bigint, exponent: number): Dec => ({
  coefficient,
  exponent,
  special: 0,
});

export const fromInt = (value: bigint): Dec => finite(value, 0);

const abs = (value: bigint): bigint => (value < 0n ? -value : value);

export function digitCount(coefficient: bigint): number {
  return abs(coefficient).toString().length;
}

/** The value that a representation stands for; a negative zero loses its sign. */
export function decFromRepr(repr: string): Dec {
  const { form, negative, coefficient, exponent } = decimalFromRepr(repr);
  if (form === 'nan') return NAN;
  if (form === 'infinite') return negative ? NEGATIVE_INFINITY : POSITIVE_INFINITY;
  return finite(negative ? -coefficient : coefficient, exponent);
}

export function decToRepr(value: Dec): string {
  const { coefficient, exponent, special } = value;
  if (special !== 0) {
    const form = special === 2 ? 'nan' : 'infinite';
    return decimalToRepr({ form, negative: special === -1, coefficient: 0n, exponent: 0 });
  }
  return decimalReprFromDigits(coefficient < 0n, abs(coefficient).toString(), exponent);
}

/** Divides rounding half away from zero. */
export function divRound(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  const rest = a % b;
  if (abs(rest) * 2n < abs(b)) return quotient;
  return a < 0n === b < 0n ? quotient + 1n : quotient - 1n;
}

function align(a: Dec, b: Dec): readonly [bigint, bigint, number] {
  if (a.exponent === b.exponent) return [a.coefficient, b.coefficient, a.exponent];
  if (a.exponent > b.exponent)
    return [a.coefficient * pow10(a.exponent - b.exponent), b.coefficient, b.exponent];
  return [a.coefficient, b.coefficient * pow10(b.exponent - a.exponent), a.exponent];
}

export function negate(a: Dec): Dec {
  if (a.special === 0) return finite(-a.coefficient, a.exponent);
  return a.special === 2 ? a : a.special === 1 ? NEGATIVE_INFINITY : POSITIVE_INFINITY;
}

export function add(a: Dec, b: Dec): Dec {
  if (a.special !== 0 || b.special !== 0) {
    if (a.special === 2 || b.special === 2) return NAN;
    if (a.special !== 0 && b.special !== 0 && a.special !== b.special) return NAN;
    return a.special !== 0 ? a : b;
  }
  const [x, y, exponent] = align(a, b);
  return finite(x + y, exponent);
}

export const subtract = (a: Dec, b: Dec): Dec => add(a, negate(b));

/** -1, 0, 1; infinities count. */
export function sign(a: Dec): number {
  if (a.special !== 0) return a.special === 2 ? 0 : a.special;
  return a.coefficient > 0n ? 1 : a.coefficient < 0n ? -1 : 0;
}

const infinityOf = (direction: number): Dec =>
  direction === 0 ? NAN : direction > 0 ? POSITIVE_INFINITY : NEGATIVE_INFINITY;

export function multiply(a: Dec, b: Dec): Dec {
  if (a.special !== 0 || b.special !== 0) {
    if (a.special === 2 || b.special === 2) return NAN;
    return infinityOf(sign(a) * sign(b));
  }
  return finite(a.coefficient * b.coefficient, a.exponent + b.exponent);
}

function divisionByZero(): SqlError {
  return new SqlError('divisionByZero', 'division by zero');
}

/** At `precision` digits; an exact quotient keeps the exponent nearest to that of a minus that of b. */
export function divide(a: Dec, b: Dec, precision: number = PRECISION): Dec {
  if (b.special === 0 && b.coefficient === 0n) throw divisionByZero();
  if (a.special !== 0 || b.special !== 0) {
    if (a.special === 2 || b.special === 2 || (a.special !== 0 && b.special !== 0)) return NAN;
    return a.special !== 0 ? infinityOf(sign(a) * sign(b)) : finite(0n, 0);
  }
  const ideal = a.exponent - b.exponent;
  if (a.coefficient === 0n) return finite(0n, ideal);
  let shift = precision + digitCount(b.coefficient) - digitCount(a.coefficient);
  let [dividend, divisor] = shifted(a.coefficient, b.coefficient, shift);
  // The estimate gives one digit too many when the dividend's digits are the larger: rounding twice would be wrong.
  if (digitCount(dividend / divisor) > precision) {
    shift--;
    [dividend, divisor] = shifted(a.coefficient, b.coefficient, shift);
  }
  let quotient = divRound(dividend, divisor);
  if (dividend % divisor === 0n)
    while (shift > 0 && quotient % 10n === 0n) {
      quotient /= 10n;
      shift--;
    }
  return roundDigits(finite(quotient, ideal - shift), precision);
}

/** Both sides of a quotient that is to be 10^shift times as large. */
function shifted(a: bigint, b: bigint, shift: number): readonly [bigint, bigint] {
  return shift >= 0 ? [a * pow10(shift), b] : [a, b * pow10(-shift)];
}

/** At most `precision` significant digits, half up. */
export function roundDigits(a: Dec, precision: number): Dec {
  if (a.special !== 0) return a;
  const excess = digitCount(a.coefficient) - precision;
  if (excess <= 0) return a;
  const rounded = finite(divRound(a.coefficient, pow10(excess)), a.exponent + excess);
  return digitCount(rounded.coefficient) > precision ? roundDigits(rounded, precision) : rounded;
}

export type RoundingMode = 'half-up' | 'half-even' | 'down' | 'floor' | 'ceiling';

/** To exactly `scale` digits after the point (may be negative). */
export function quantize(a: Dec, scale: number, mode: RoundingMode = 'half-up'): Dec {
  if (a.special !== 0) return a;
  const drop = -scale - a.exponent;
  if (drop <= 0) return finite(a.coefficient * pow10(-drop), -scale);
  if (drop > digitCount(a.coefficient) + 1) {
    const unit = mode === 'floor' && a.coefficient < 0n ? -1n : 0n;
    return finite(mode === 'ceiling' && a.coefficient > 0n ? 1n : unit, -scale);
  }
  const unit = pow10(drop);
  const quotient = a.coefficient / unit;
  const rest = a.coefficient % unit;
  return finite(quotient + roundingStep(quotient, rest, unit, mode), -scale);
}

function roundingStep(quotient: bigint, rest: bigint, unit: bigint, mode: RoundingMode): bigint {
  if (rest === 0n) return 0n;
  const away = rest < 0n ? -1n : 1n;
  switch (mode) {
    case 'down':
      return 0n;
    case 'floor':
      return rest < 0n ? -1n : 0n;
    case 'ceiling':
      return rest > 0n ? 1n : 0n;
    case 'half-up':
      return abs(rest) * 2n >= unit ? away : 0n;
    case 'half-even': {
      const twice = abs(rest) * 2n;
      if (twice === unit) return quotient % 2n === 0n ? 0n : away;
      return twice > unit ? away : 0n;
    }
  }
}

/** The whole part of a / b, towards zero. */
export function integerDivide(a: Dec, b: Dec): Dec {
  if (b.special === 0 && b.coefficient === 0n) throw divisionByZero();
  if (a.special !== 0 || b.special !== 0) {
    if (a.special === 2 || b.special === 2 || (a.special !== 0 && b.special !== 0)) return NAN;
    return a.special !== 0 ? infinityOf(sign(a) * sign(b)) : finite(0n, 0);
  }
  const [x, y] = align(a, b);
  return finite(x / y, 0);
}

/** Has the sign of a. */
export function remainder(a: Dec, b: Dec): Dec {
  if (b.special === 0 && b.coefficient === 0n) throw divisionByZero();
  if (a.special !== 0 || b.special === 2) return NAN;
  if (b.special !== 0) return a;
  const [x, y, exponent] = align(a, b);
  return finite(x % y, exponent);
}

export function compare(a: Dec, b: Dec): number {
  const rank = (d: Dec): number => (d.special === 2 ? -2 : d.special);
  if (a.special !== 0 || b.special !== 0) return Math.sign(rank(a) - rank(b));
  const [x, y] = align(a, b);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Rounds half up to a whole number. */
export function toInteger(a: Dec): bigint | undefined {
  if (a.special !== 0) return undefined;
  if (a.exponent + digitCount(a.coefficient) > 30) return undefined;
  return quantize(a, 0).coefficient;
}

export function toNumber(a: Dec): number {
  if (a.special !== 0) return a.special === 2 ? Number.NaN : a.special * Number.POSITIVE_INFINITY;
  return Number(`${a.coefficient}e${a.exponent}`);
}
