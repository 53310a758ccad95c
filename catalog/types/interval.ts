import { SqlError } from '../../base/errors';

/**
 * INTERVAL: 24 upper-case hex digits of the biased total length in microseconds (a month is 30 days, a day 24 hours),
 * then 66 letters whose case spells months and days (33 bits each, zig-zag, most significant first; upper case = 1).
 * The column's collation is NOCASE, so `1 mon` and `30 days` compare equal and still print differently.
 */
export interface IntervalValue {
  readonly months: number;
  readonly days: number;
  readonly micros: bigint;
}

export const DAY_MICROS = 86_400_000_000n;
const MONTH_MICROS = 30n * DAY_MICROS;
const BIAS = 1n << 95n;
const FIELD_BITS = 33;
const FIELD_MAX = 2 ** 32 - 1;
const INT64_MAX = (1n << 63n) - 1n;

/** What intervals are compared by. */
export function intervalTotalMicros(value: IntervalValue): bigint {
  return BigInt(value.months) * MONTH_MICROS + BigInt(value.days) * DAY_MICROS + value.micros;
}

function fieldLetters(value: number): string {
  let zigzag = value >= 0 ? value * 2 : -value * 2 - 1;
  let letters = '';
  for (let i = 0; i < FIELD_BITS; i++) {
    letters = (zigzag % 2 === 1 ? 'A' : 'a') + letters;
    zigzag = Math.floor(zigzag / 2);
  }
  return letters;
}

const NO_FIELD = 'a'.repeat(FIELD_BITS);

function fieldValue(repr: string, from: number): number {
  let zigzag = 0;
  for (let i = from; i < from + FIELD_BITS; i++)
    zigzag = zigzag * 2 + (repr.charCodeAt(i) === 0x41 ? 1 : 0);
  return zigzag % 2 === 1 ? -(zigzag + 1) / 2 : zigzag / 2;
}

/** @throws SqlError 22008 when months, days or time do not fit */
export function intervalToRepr(value: IntervalValue): string {
  const { months, days, micros } = value;
  if (Math.abs(months) > FIELD_MAX || Math.abs(days) > FIELD_MAX)
    throw new SqlError('datetimeFieldOverflow', 'interval out of range');
  if (micros > INT64_MAX || micros < -INT64_MAX)
    throw new SqlError('datetimeFieldOverflow', 'interval out of range');
  const total = (intervalTotalMicros(value) + BIAS).toString(16).toUpperCase().padStart(24, '0');
  const monthLetters = months === 0 ? NO_FIELD : fieldLetters(months);
  return total + monthLetters + (days === 0 ? NO_FIELD : fieldLetters(days));
}

export function intervalFromRepr(repr: string): IntervalValue {
  const total = BigInt(`0x${repr.slice(0, 24)}`) - BIAS;
  const months = fieldValue(repr, 24);
  const days = fieldValue(repr, 24 + FIELD_BITS);
  return {
    months,
    days,
    micros: total - BigInt(months) * MONTH_MICROS - BigInt(days) * DAY_MICROS,
  };
}

function unit(value: number, name: string): string {
  return `${value} ${name}${value === 1 ? '' : 's'}`;
}

function two(value: bigint): string {
  return value < 10n ? `0${value}` : value.toString();
}

/** `HH:MM:SS[.ffffff]` of a non-negative count; hours may have more digits. */
function clockText(micros: bigint): string {
  const seconds = micros / 1_000_000n;
  const fraction = micros % 1_000_000n;
  const clock = `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
  if (fraction === 0n) return clock;
  return `${clock}.${fraction.toString().padStart(6, '0').replace(/0+$/, '')}`;
}

/** PostgreSQL's style: `-1 years -2 mons 3 days -04:05:06.000001`. */
export function intervalText(value: IntervalValue): string {
  const parts: string[] = [];
  const years = Math.trunc(value.months / 12);
  const months = value.months % 12;
  if (years !== 0) parts.push(unit(years, 'year'));
  if (months !== 0) parts.push(unit(months, 'mon'));
  if (value.days !== 0) parts.push(unit(value.days, 'day'));
  if (value.micros !== 0n || parts.length === 0) {
    const negative = value.micros < 0n;
    const afterNegative = value.months < 0 || value.days < 0;
    const sign = negative ? '-' : afterNegative ? '+' : '';
    parts.push(sign + clockText(negative ? -value.micros : value.micros));
  }
  return parts.join(' ');
}
