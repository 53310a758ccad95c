import { type IntervalValue, intervalText } from './interval';

/** Intervals in the styles of PostgreSQL's IntervalStyle. Source: its documentation, "Interval Output". */

export type IntervalStyle = 'postgres' | 'iso_8601' | 'sql_standard';

interface Parts {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly hours: bigint;
  readonly minutes: bigint;
  /** Seconds and their fraction, in microseconds. */
  readonly micros: bigint;
}

/** Every part has the sign of its field. */
function partsOf({ months, days, micros }: IntervalValue): Parts {
  return {
    years: Math.trunc(months / 12),
    months: months % 12,
    days,
    hours: micros / 3_600_000_000n,
    minutes: (micros / 60_000_000n) % 60n,
    micros: micros % 60_000_000n,
  };
}

function secondsText(micros: bigint, digits: number): string {
  const size = micros < 0n ? -micros : micros;
  const fraction = size % 1_000_000n;
  const whole = (size / 1_000_000n).toString().padStart(digits, '0');
  const sign = micros < 0n ? '-' : '';
  if (fraction === 0n) return `${sign}${whole}`;
  return `${sign}${whole}.${fraction.toString().padStart(6, '0').replace(/0+$/, '')}`;
}

function iso8601(value: IntervalValue): string {
  const { years, months, days, hours, minutes, micros } = partsOf(value);
  const unit = (amount: number | bigint, letter: string): string =>
    amount === 0 || amount === 0n ? '' : `${amount}${letter}`;
  const date = unit(years, 'Y') + unit(months, 'M') + unit(days, 'D');
  const seconds = micros === 0n ? '' : `${secondsText(micros, 1)}S`;
  const time = unit(hours, 'H') + unit(minutes, 'M') + seconds;
  if (date === '' && time === '') return 'PT0S';
  return `P${date}${time === '' ? '' : `T${time}`}`;
}

const absolute = (value: bigint): bigint => (value < 0n ? -value : value);
const two = (value: bigint): string => absolute(value).toString().padStart(2, '0');

function clock({ hours, minutes, micros }: Parts): string {
  return `${absolute(hours)}:${two(minutes)}:${secondsText(absolute(micros), 2)}`;
}

/** One sign for all, where the standard has a form; else each part shows its own. */
function sqlStandard(value: IntervalValue): string {
  const parts = partsOf(value);
  const signs = [
    Math.sign(value.months),
    Math.sign(value.days),
    value.micros < 0n ? -1 : value.micros > 0n ? 1 : 0,
  ];
  const negative = signs.includes(-1);
  const positive = signs.includes(1);
  if (!negative && !positive) return '0';
  const hasMonths = value.months !== 0;
  const hasTime = value.days !== 0 || value.micros !== 0n;
  const years = Math.abs(parts.years);
  const months = Math.abs(parts.months);
  const days = Math.abs(parts.days);
  if ((negative && positive) || (hasMonths && hasTime)) {
    const sign = (index: number): string => (signs[index] === -1 ? '-' : '+');
    return `${sign(0)}${years}-${months} ${sign(1)}${days} ${sign(2)}${clock(parts)}`;
  }
  const sign = negative ? '-' : '';
  if (hasMonths) return `${sign}${years}-${months}`;
  return `${sign}${value.days === 0 ? '' : `${days} `}${clock(parts)}`;
}

export function styledIntervalText(value: IntervalValue, style: IntervalStyle): string {
  switch (style) {
    case 'postgres':
      return intervalText(value);
    case 'iso_8601':
      return iso8601(value);
    case 'sql_standard':
      return sqlStandard(value);
  }
}
