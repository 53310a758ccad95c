import { Decimal } from 'decimal.js';
import { SqlError } from '../../base/errors';
import {
  compare,
  type Dec,
  digitCount,
  divide,
  finite,
  fromInt,
  multiply,
  NAN,
  PRECISION,
  quantize,
  roundDigits,
  sign,
} from './decimal-math';

/** Roots, powers, exponentials and logarithms of decimals, at 20 digits rounded half up. */

const Precise = Decimal.clone({
  precision: PRECISION,
  rounding: Decimal.ROUND_HALF_UP,
  toExpNeg: -9e15,
  toExpPos: 9e15,
  minE: -9e15,
  maxE: 9e15,
});

function toDecimal(value: Dec): Decimal {
  return new Precise(`${value.coefficient}e${value.exponent}`);
}

function fromDecimal(value: Decimal): Dec {
  if (value.isNaN()) return NAN;
  if (!value.isFinite()) throw new SqlError('numericValueOutOfRange', 'decimal out of range');
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return finite(BigInt(whole + fraction), Number(exponent) - fraction.length);
}

export function decimalSqrt(a: Dec): Dec {
  if (a.special === 2 || a.special === 1) return a;
  if (sign(a) < 0)
    throw new SqlError('invalidParameterValue', 'cannot take square root of a negative number');
  const root = fromDecimal(toDecimal(a).sqrt());
  // A root that is not exact shows all of its digits, zeros at the end too.
  if (compare(multiply(root, root), a) === 0) return root;
  return quantize(root, PRECISION - digitCount(root.coefficient) - root.exponent);
}

export function decimalExp(a: Dec): Dec {
  if (a.special !== 0) return a.special === -1 ? finite(0n, 0) : a;
  return fromDecimal(toDecimal(a).exp());
}

function checkLogarithm(a: Dec): void {
  if (sign(a) < 0)
    throw new SqlError('invalidParameterValue', 'cannot take logarithm of a negative number');
  if (a.special === 0 && a.coefficient === 0n)
    throw new SqlError('invalidParameterValue', 'cannot take logarithm of zero');
}

export function decimalLn(a: Dec): Dec {
  if (a.special !== 0 && a.special !== -1) return a;
  checkLogarithm(a);
  return fromDecimal(toDecimal(a).ln());
}

export function decimalLog10(a: Dec): Dec {
  if (a.special !== 0 && a.special !== -1) return a;
  checkLogarithm(a);
  return fromDecimal(toDecimal(a).log(10));
}

export function decimalCbrt(a: Dec): Dec {
  if (a.special !== 0 || a.coefficient === 0n) return a;
  // Always 20 digits, also when fewer would be exact.
  const root = fromDecimal(toDecimal(a).cbrt());
  return quantize(root, PRECISION - digitCount(root.coefficient) - root.exponent);
}

/** Whole exponents by multiplication while that is exact, else at 20 digits. */
export function decimalPower(base: Dec, exponent: Dec): Dec {
  if (base.special !== 0 || exponent.special !== 0) return NAN;
  if (sign(base) === 0 && sign(exponent) < 0)
    throw new SqlError('invalidParameterValue', 'zero raised to a negative power is undefined');
  const whole = wholeNumber(exponent);
  if (whole !== undefined && whole >= 0 && whole <= 64) {
    let power = fromInt(1n);
    for (let i = 0; i < whole; i++) power = multiply(power, base);
    return roundDigits(power, PRECISION);
  }
  if (whole !== undefined && whole < 0 && whole >= -64)
    return divide(fromInt(1n), decimalPower(base, fromInt(BigInt(-whole))));
  if (sign(base) < 0 && whole === undefined)
    throw new SqlError(
      'invalidParameterValue',
      'a negative number raised to a non-integer power yields a complex result',
    );
  return fromDecimal(toDecimal(base).pow(toDecimal(exponent)));
}

function wholeNumber(a: Dec): number | undefined {
  const value = toDecimal(a);
  return value.isInteger() && value.abs().lt(1e6) ? value.toNumber() : undefined;
}
