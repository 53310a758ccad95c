import { SqlError } from '../../base/errors';
import type { Repr } from './sql-type';

/**
 * FLOAT: IEEE bits mapped so that integers order as floats do; NaN = -2^63 orders first.
 * Negative zero alone is the REAL -0.0, which SQLite compares equal to the INTEGER 0 and gives back with its sign.
 * The integer is always a bigint: a JS number would be stored as a REAL in an ANY column.
 */

const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);
const LOW_63_BITS = 0x7fff_ffff_ffff_ffffn;

export const FLOAT_NAN_REPR = -(1n << 63n);

export function floatToRepr(value: number): bigint | number {
  if (value === 0) return Object.is(value, -0) ? -0 : 0n;
  if (Number.isNaN(value)) return FLOAT_NAN_REPR;
  double[0] = value;
  const raw = bits[0] as bigint;
  return raw >= 0n ? raw : raw ^ LOW_63_BITS;
}

export function floatFromRepr(repr: Repr): number {
  if (typeof repr === 'number') {
    if (repr === 0) return repr;
    return floatFromRepr(BigInt(repr));
  }
  const mapped = repr as bigint;
  if (mapped === FLOAT_NAN_REPR) return Number.NaN;
  bits[0] = mapped >= 0n ? mapped : mapped ^ LOW_63_BITS;
  return double[0] as number;
}

/** Digits without trailing zeros, and the exponent of the first one: value = d.ddd × 10^exponent. */
function digitsOf(magnitude: number, precision: number): { digits: string; exponent: number } {
  const text =
    precision < 0 ? magnitude.toExponential() : magnitude.toExponential(Math.max(precision - 1, 0));
  const e = text.indexOf('e');
  const digits = text.slice(0, e).replace('.', '').replace(/0+$/, '');
  return { digits: digits === '' ? '0' : digits, exponent: Number(text.slice(e + 1)) };
}

function finiteText(magnitude: number, precision: number): string {
  const { digits, exponent } = digitsOf(magnitude, precision);
  const count = digits.length;
  let threshold = precision < 0 ? 6 : precision;
  if (precision >= 0 && threshold > count && count >= exponent + 1) threshold = count;
  if (exponent < -4 || exponent >= Math.max(threshold, 1)) {
    const mantissa = count === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (count <= exponent + 1) return digits + '0'.repeat(exponent + 1 - count);
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** C's `%.*g`, with Go's two-digit exponents; precision -1 = the shortest text that reads back the same. */
export function formatG(value: number, precision: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const text = finiteText(Math.abs(value), precision);
  return value < 0 ? `-${text}` : text;
}

/** Shortest digits without an exponent, as BOX2D prints them. */
export function formatPlain(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value < 0 ? '-Inf' : '+Inf';
  if (Object.is(value, -0)) return '-0';
  const { digits, exponent } = digitsOf(Math.abs(value), -1);
  const sign = value < 0 ? '-' : '';
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return digits.length > exponent + 1
    ? `${sign}${whole}.${digits.slice(exponent + 1)}`
    : sign + whole;
}

/** Significant digits that `extra_float_digits` asks for; -1 = shortest exact. */
export function floatDigits(extraFloatDigits: number): number {
  return extraFloatDigits >= 3 ? -1 : Math.max(15 + extraFloatDigits, 1);
}

/** The text a client gets for a FLOAT column. */
export function floatText(value: number, precision: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return 'Infinity';
  if (value === Number.NEGATIVE_INFINITY) return '-Infinity';
  return formatG(value, precision);
}

/** The text inside arrays and tuples, and of literals: small whole numbers keep a decimal point. */
export function floatNestedText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Number.isInteger(value) && Math.abs(value) < 1_000_000)
    return `${Object.is(value, -0) ? '-0' : value}.0`;
  return formatG(value, -1);
}

const SPECIAL: { readonly [text: string]: number } = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '+infinity': Number.POSITIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
};

/** @throws SqlError 22P02 when it is no number, 22003 when it does not fit */
export function parseFloatText(text: string): number {
  const trimmed = text.trim();
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) {
    const value = Number(trimmed);
    if (Number.isFinite(value)) return value;
    throw new SqlError(
      'numericValueOutOfRange',
      `could not parse "${text}" as type float: strconv.ParseFloat: parsing "${text}": value out of range`,
    );
  }
  const special = SPECIAL[trimmed.toLowerCase()];
  if (special !== undefined) return special;
  throw new SqlError(
    'invalidTextRepresentation',
    `could not parse "${text}" as type float: strconv.ParseFloat: parsing "${text}": invalid syntax`,
  );
}

/** The nearest FLOAT4, as a double. @throws SqlError 22003 */
export function toFloat4(value: number): number {
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded) && Number.isFinite(value))
    throw new SqlError('numericValueOutOfRange', 'float4 out of range');
  return rounded;
}
