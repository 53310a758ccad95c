import { SqlError } from '../../base/errors';
import { limits } from '../../base/limits';

/**
 * DECIMAL: a printable ASCII key that orders as the values do, then one space for each trailing zero that the value
 * shows. The column's collation is RTRIM, so `1.0` and `1.00` compare equal and still print differently.
 *
 *     class    1 character; most exponents are part of it
 *                !  NaN      "  -Infinity
 *                #  negative, exponent above EXPONENT_MAX     $ … L  negative, exponent falling
 *                M  negative, exponent below EXPONENT_MIN     N  zero
 *                O  positive, exponent below EXPONENT_MIN     P … x  positive, exponent rising
 *                y  positive, exponent above EXPONENT_MAX     z  Infinity
 *     exponent 10 digits, only for # M O y: exponent + 5·10^9, or 5·10^9 - exponent when negative
 *     digits   of the coefficient without leading and trailing zeros; 9's complement and a `~` when negative
 *     spaces   one for each trailing zero
 *
 * The exponent is that of 0.ddd × 10^exponent. Zero has no digits: its spaces say how it prints (see `zeroSpaces`).
 */

export interface DecimalValue {
  readonly form: 'finite' | 'nan' | 'infinite';
  readonly negative: boolean;
  readonly coefficient: bigint;
  readonly exponent: number;
}

const EXPONENT_MIN = -9;
const EXPONENT_MAX = 31;
const EXPONENT_BIAS = 5_000_000_000;

const NAN = 0x21;
const NEGATIVE_INFINITY = 0x22;
const NEGATIVE_FIRST = 0x24;
const NEGATIVE_SMALL = 0x4d;
const ZERO = 0x4e;
const POSITIVE_SMALL = 0x4f;
const POSITIVE_FIRST = 0x50;
const POSITIVE_LARGE = 0x79;
const INFINITY = 0x7a;

export const DECIMAL_NAN_REPR = '!';
export const DECIMAL_NEGATIVE_INFINITY_REPR = '"';
export const DECIMAL_INFINITY_REPR = 'z';
export const DECIMAL_ZERO_REPR = 'N';

const POSITIVE_CLASS = Array.from({ length: EXPONENT_MAX - EXPONENT_MIN + 1 }, (_, i) =>
  String.fromCharCode(POSITIVE_FIRST + i),
);
const NEGATIVE_CLASS = Array.from({ length: EXPONENT_MAX - EXPONENT_MIN + 1 }, (_, i) =>
  String.fromCharCode(NEGATIVE_FIRST + (EXPONENT_MAX - EXPONENT_MIN) - i),
);
const SPACES = Array.from({ length: 32 }, (_, i) => ' '.repeat(i));

const ZERO_SCALE_PLAIN_MAX = 64;

function spaces(count: number): string {
  return SPACES[count] ?? ' '.repeat(count);
}

/** 0.00 shows two zeros; a negative zero, or one with a positive or very small exponent, is counted beyond those. */
function zeroSpaces(negative: boolean, exponent: number): number {
  if (!negative && exponent <= 0 && exponent >= -ZERO_SCALE_PLAIN_MAX) return -exponent;
  const flags = (exponent > 0 ? 2 : 0) + (negative ? 1 : 0);
  return ZERO_SCALE_PLAIN_MAX + 1 + Math.abs(exponent) * 4 + flags;
}

function zeroFromSpaces(count: number): { negative: boolean; exponent: number } {
  if (count <= ZERO_SCALE_PLAIN_MAX) return { negative: false, exponent: count === 0 ? 0 : -count };
  const rest = count - ZERO_SCALE_PLAIN_MAX - 1;
  const size = rest >>> 2;
  return { negative: (rest & 1) === 1, exponent: (rest & 2) === 2 ? size : size === 0 ? 0 : -size };
}

function complement(digits: string): string {
  const bytes = Buffer.from(digits, 'latin1');
  for (let i = 0; i < bytes.length; i++) bytes[i] = 0x69 - (bytes[i] as number);
  return bytes.toString('latin1');
}

/** The key of ±digits × 10^exponent. `digits` has no leading zeros, except that zero is `0`. */
export function decimalReprFromDigits(negative: boolean, digits: string, exponent: number): string {
  if (digits === '0') return `N${spaces(zeroSpaces(negative, exponent))}`;
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === 0x30) end--;
  const shown = digits.length - end;
  const significant = shown === 0 ? digits : digits.slice(0, end);
  const scale = digits.length + exponent;
  const inClass = scale >= EXPONENT_MIN && scale <= EXPONENT_MAX;
  if (!negative) {
    const head = inClass
      ? POSITIVE_CLASS[scale - EXPONENT_MIN]
      : `${scale < 0 ? 'O' : 'y'}${String(EXPONENT_BIAS + scale).padStart(10, '0')}`;
    return shown === 0 ? head + significant : head + significant + spaces(shown);
  }
  const head = inClass
    ? NEGATIVE_CLASS[scale - EXPONENT_MIN]
    : `${scale < 0 ? 'M' : '#'}${String(EXPONENT_BIAS - scale).padStart(10, '0')}`;
  return `${head}${complement(significant)}~${spaces(shown)}`;
}

export function decimalToRepr(value: DecimalValue): string {
  if (value.form === 'nan') return DECIMAL_NAN_REPR;
  if (value.form === 'infinite')
    return value.negative ? DECIMAL_NEGATIVE_INFINITY_REPR : DECIMAL_INFINITY_REPR;
  return decimalReprFromDigits(value.negative, value.coefficient.toString(), value.exponent);
}

export interface DecimalDigits {
  readonly negative: boolean;
  /** Of the coefficient, trailing zeros included; `0` for zero. */
  readonly digits: string;
  readonly exponent: number;
}

function trimmedLength(repr: string): number {
  let end = repr.length;
  while (repr.charCodeAt(end - 1) === 0x20) end--;
  return end;
}

const SMALL_DIGITS_MAX = 15;

/**
 * The coefficient of a key of at most 15 digits, trailing zeros included; undefined: it has more, a rare exponent or is
 * negative. For sums of many: makes no objects.
 */
export function smallDecimal(repr: string): number | undefined {
  const kind = repr.charCodeAt(0);
  const { length } = repr;
  if (kind === ZERO && length <= ZERO_SCALE_PLAIN_MAX + 1) return 0;
  if (kind < POSITIVE_FIRST || kind >= POSITIVE_LARGE || length > SMALL_DIGITS_MAX + 1)
    return undefined;
  let coefficient = 0;
  for (let i = 1; i < length; i++) {
    const code = repr.charCodeAt(i);
    coefficient = coefficient * 10 + (code === 0x20 ? 0 : code - 0x30);
  }
  return coefficient;
}

/** `smallDecimal` of the key in `bytes[start, end)`. */
export function smallDecimalOf(bytes: Uint8Array, start: number, end: number): number | undefined {
  const kind = bytes[start] as number;
  const length = end - start;
  if (kind === ZERO && length <= ZERO_SCALE_PLAIN_MAX + 1) return 0;
  if (kind < POSITIVE_FIRST || kind >= POSITIVE_LARGE || length > SMALL_DIGITS_MAX + 1)
    return undefined;
  let coefficient = 0;
  for (let i = start + 1; i < end; i++) {
    const code = bytes[i] as number;
    coefficient = coefficient * 10 + (code === 0x20 ? 0 : code - 0x30);
  }
  return coefficient;
}

/** 0.ddd × 10^scale, for keys of which `smallDecimalOf` knows the coefficient. @param length of the key */
export function smallDecimalScale(kind: number, length: number): number {
  return kind === ZERO ? 2 - length : kind - POSITIVE_FIRST + EXPONENT_MIN;
}

/** The exponent that belongs to `smallDecimal`. */
export function smallDecimalExponent(repr: string): number {
  if (repr.charCodeAt(0) === ZERO) return 1 - repr.length;
  return repr.charCodeAt(0) - POSITIVE_FIRST + EXPONENT_MIN - (repr.length - 1);
}

/** Sign, digits and exponent of a finite key; undefined for NaN and the infinities. */
export function decimalDigits(repr: string): DecimalDigits | undefined {
  const kind = repr.charCodeAt(0);
  if (kind === NAN || kind === INFINITY || kind === NEGATIVE_INFINITY) return undefined;
  const end = trimmedLength(repr);
  const shown = repr.length - end;
  if (kind === ZERO) {
    const { negative, exponent } = zeroFromSpaces(shown);
    return { negative, digits: '0', exponent };
  }
  const negative = kind < ZERO;
  let scale: number;
  let from = 1;
  if (kind >= POSITIVE_FIRST && kind < POSITIVE_LARGE) scale = kind - POSITIVE_FIRST + EXPONENT_MIN;
  else if (kind >= NEGATIVE_FIRST && kind < NEGATIVE_SMALL)
    scale = EXPONENT_MAX - (kind - NEGATIVE_FIRST);
  else {
    from = 11;
    const biased = Number(repr.slice(1, 11));
    scale =
      kind === POSITIVE_SMALL || kind === POSITIVE_LARGE
        ? biased - EXPONENT_BIAS
        : EXPONENT_BIAS - biased;
  }
  const body = negative ? complement(repr.slice(from, end - 1)) : repr.slice(from, end);
  const digits = shown === 0 ? body : body + '0'.repeat(shown);
  return { negative, digits, exponent: scale - digits.length };
}

export function decimalFromRepr(repr: string): DecimalValue {
  const finite = decimalDigits(repr);
  if (finite === undefined) {
    const form = repr === DECIMAL_NAN_REPR ? 'nan' : 'infinite';
    const negative = repr === DECIMAL_NEGATIVE_INFINITY_REPR;
    return { form, negative, coefficient: 0n, exponent: 0 };
  }
  return {
    form: 'finite',
    negative: finite.negative,
    coefficient: BigInt(finite.digits),
    exponent: finite.exponent,
  };
}

/** Zeros print in full down to this exponent, other values have an exponent when small. Source: PostgreSQL's form. */
const ZERO_EXPONENT_PLAIN_MIN = -2_000;

/** Plain digits, or scientific when the exponent is positive or the value below 10^-6. */
export function formatDecimal(negative: boolean, digits: string, exponent: number): string {
  const sign = negative ? '-' : '';
  const count = digits.length;
  const adjusted = exponent + count - 1;
  const plainZero = digits === '0' && exponent < 0 && exponent >= ZERO_EXPONENT_PLAIN_MIN;
  if (exponent <= 0 && (adjusted >= -6 || plainZero)) {
    if (exponent === 0) return sign + digits;
    const point = count + exponent;
    if (point > 0) return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
    return `${sign}0.${'0'.repeat(-point)}${digits}`;
  }
  const mantissa = count === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
  return `${sign}${mantissa}E${adjusted < 0 ? '' : '+'}${adjusted}`;
}

/** The text a client gets. */
export function decimalText(repr: string): string {
  const finite = decimalDigits(repr);
  if (finite !== undefined) return formatDecimal(finite.negative, finite.digits, finite.exponent);
  if (repr === DECIMAL_NAN_REPR) return 'NaN';
  return repr === DECIMAL_INFINITY_REPR ? 'Infinity' : '-Infinity';
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** Splits a decimal literal; undefined when it is none. */
export function splitDecimal(text: string): DecimalDigits | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const whole = match[2] ?? '';
  const fraction = match[3] ?? '';
  if (whole === '' && fraction === '') return undefined;
  const digits = (whole + fraction).replace(/^0+(?=\d)/, '');
  return {
    negative: match[1] === '-',
    digits,
    exponent: Number(match[4] ?? 0) - fraction.length,
  };
}

const SPECIAL: { readonly [text: string]: string } = {
  nan: DECIMAL_NAN_REPR,
  inf: DECIMAL_INFINITY_REPR,
  '+inf': DECIMAL_INFINITY_REPR,
  infinity: DECIMAL_INFINITY_REPR,
  '+infinity': DECIMAL_INFINITY_REPR,
  '-inf': DECIMAL_NEGATIVE_INFINITY_REPR,
  '-infinity': DECIMAL_NEGATIVE_INFINITY_REPR,
};

/** @throws SqlError 22P02 when it is no number, 22003 when the exponent is beyond CockroachDB's */
export function parseDecimal(text: string): string {
  const trimmed = text.trim();
  const finite = splitDecimal(trimmed);
  if (finite !== undefined) {
    const adjusted = finite.exponent + finite.digits.length - 1;
    if (Math.abs(adjusted) > limits.decimalExponentMax)
      throw new SqlError(
        'numericValueOutOfRange',
        `could not parse "${text}" as type decimal: exponent out of range`,
      );
    // -0 is read as 0, like CockroachDB does; only arithmetic and JSON keep it.
    return decimalReprFromDigits(
      finite.negative && finite.digits !== '0',
      finite.digits,
      finite.exponent,
    );
  }
  const special = SPECIAL[trimmed.toLowerCase()];
  if (special !== undefined) return special;
  throw new SqlError(
    'invalidTextRepresentation',
    `could not parse "${text}" as type decimal: parse mantissa: ${text}`,
  );
}
