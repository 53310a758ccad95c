import { SqlError } from '../../base/errors';
import type { IntervalValue } from './interval';

/**
 * Intervals as users write them: PostgreSQL's (`1 year 2 mons 3 days 04:05:06`, `@ 1 hour ago`, `1h30m`), ISO 8601
 * (`P1Y2M3DT4H5M6S`), and the SQL standard's (`1-2`, `3 04:05:06`).
 */

interface Sum {
  months: number;
  days: number;
  micros: bigint;
}

const SECOND = 1_000_000;
const DAY_SECONDS = 86_400;

type UnitKind = 'months' | 'days' | 'micros';

/** Each unit's size in months, days or microseconds. */
const UNITS: readonly (readonly [names: string, kind: UnitKind, size: number])[] = [
  ['us usec usecs microsecond microseconds µs μs', 'micros', 1],
  ['ns nsec nsecs nanosecond nanoseconds', 'micros', 0.001],
  ['ms msec msecs millisecond milliseconds', 'micros', 1000],
  ['s sec secs second seconds', 'micros', SECOND],
  ['m min mins minute minutes', 'micros', 60 * SECOND],
  ['h hr hrs hour hours', 'micros', 3600 * SECOND],
  ['d day days', 'days', 1],
  ['w week weeks', 'days', 7],
  ['mon mons month months', 'months', 1],
  ['y yr yrs year years', 'months', 12],
  ['dec decs decade decades', 'months', 120],
  ['c cent cents century centuries', 'months', 1200],
  ['mil mils millennium millennia', 'months', 12_000],
];

const unitByName = new Map<string, readonly [UnitKind, number]>(
  UNITS.flatMap(([names, kind, size]) =>
    names.split(' ').map((name) => [name, [kind, size] as const] as const),
  ),
);

/** What a bare number counts, by the interval's qualifier (IntervalDurationType). */
const QUALIFIER_UNITS = ['s', 'y', 'mon', 'd', 'h', 'm', 's', 'ms'];

const MINUTE = 5;
const SECONDS = 6;

function fail(text: string, reason: string): SqlError {
  return new SqlError(
    'invalidDatetimeFormat',
    `could not parse "${text}" as type interval: interval: ${reason}`,
  );
}

/** Microseconds of a decimal text in units of `sizeMicros`, exact for whole numbers. */
function scaled(amount: string, sizeMicros: number): bigint {
  if (/^[+-]?\d+$/.test(amount) && Number.isInteger(sizeMicros))
    return BigInt(amount.replace('+', '')) * BigInt(sizeMicros);
  const negative = amount.startsWith('-');
  const [whole = '', fraction = ''] = amount.replace(/^[+-]/, '').split('.');
  const wholeMicros = Number.isInteger(sizeMicros)
    ? BigInt(whole === '' ? 0 : whole) * BigInt(sizeMicros)
    : BigInt(Math.round(Number(whole) * sizeMicros));
  const total = wholeMicros + BigInt(Math.round(Number(`0.${fraction}0`) * sizeMicros));
  return negative ? -total : total;
}

/** Adds a possibly fractional amount; fractions of months become days of 30 a month, fractions of days time. */
function addUnit(sum: Sum, amount: string, kind: UnitKind, size: number): void {
  if (kind === 'micros') {
    sum.micros += scaled(amount, size);
    return;
  }
  const value = Number(amount) * size;
  // Cuts what binary fractions leave behind: 0.1 years are 1.2 months, not 1.2000000000000002.
  const cleaned = Number(value.toPrecision(15));
  const whole = Math.trunc(cleaned);
  const rest = Number((cleaned - whole).toFixed(9));
  if (kind === 'months') {
    sum.months += whole;
    if (rest !== 0) addUnit(sum, String(rest * 30), 'days', 1);
    return;
  }
  sum.days += whole;
  if (rest !== 0) sum.micros += BigInt(Math.round(rest * DAY_SECONDS * SECOND));
}

const ISO = /^([+-]?)P(?=[\dT+-])(.*)$/i;
const ISO_PART = /^([+-]?\d+(?:[.,]\d+)?)([YMWDHS])/i;
const ISO_ALTERNATIVE =
  /^(\d{1,4})-(\d{1,2})-(\d{1,2})(?:T(\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d+)?))?$/i;
const ISO_DATE_UNITS: { readonly [letter: string]: string } = { Y: 'y', M: 'mon', W: 'w', D: 'd' };
const ISO_TIME_UNITS: { readonly [letter: string]: string } = { H: 'h', M: 'm', S: 's' };

function addNamed(sum: Sum, amount: string, name: string): boolean {
  const unit = unitByName.get(name);
  if (unit === undefined) return false;
  addUnit(sum, amount, unit[0], unit[1]);
  return true;
}

function parseIso(text: string, body: string, sum: Sum): void {
  const alternative = ISO_ALTERNATIVE.exec(body);
  if (alternative !== null) {
    const names = ['y', 'mon', 'd', 'h', 'm', 's'];
    for (const [i, name] of names.entries()) addNamed(sum, alternative[i + 1] ?? '0', name);
    return;
  }
  let rest = body;
  let inTime = false;
  while (rest !== '') {
    if (/^T/i.test(rest) && !inTime) {
      inTime = true;
      rest = rest.slice(1);
    }
    const match = ISO_PART.exec(rest);
    if (match === null) throw fail(text, 'not an ISO 8601 duration');
    const letter = (match[2] ?? '').toUpperCase();
    const name = (inTime ? ISO_TIME_UNITS : ISO_DATE_UNITS)[letter];
    if (name === undefined || !addNamed(sum, (match[1] ?? '').replace(',', '.'), name))
      throw fail(text, `unknown unit "${letter}" in ISO-8601 duration`);
    rest = rest.slice(match[0].length);
  }
}

const CLOCK = /^([+-]?)(\d+):(\d{1,2})(?::(\d{1,2})(\.\d*)?)?(?![\d:])/;
const MINUTE_CLOCK = /^([+-]?)(\d+):(\d{1,2})(\.\d+)(?![\d:])/;
const YEAR_MONTH = /^([+-]?)(\d+)-(\d{1,2})(?![\d-])/;
const AMOUNT = /^([+-]?(?:\d+\.?\d*|\.\d+))/;
const UNIT = /^[a-zµμ]+/;

function addClock(sum: Sum, text: string, match: RegExpExecArray): void {
  const [, sign, hours = '0', minutes = '0', seconds = '0', fraction = ''] = match;
  if (Number(minutes) > 59 || Number(seconds) > 59)
    throw new SqlError('datetimeFieldOverflow', `interval field value out of range: "${text}"`);
  const micros =
    BigInt(hours) * 3_600_000_000n +
    BigInt(minutes) * 60_000_000n +
    scaled(`${seconds}${fraction}`, SECOND);
  sum.micros += sign === '-' ? -micros : micros;
}

/** Reads one piece. @returns how long it is */
function readPiece(sum: Sum, text: string, rest: string, lastUnit: string): number {
  const clock = CLOCK.exec(rest);
  const minuteClock = clock === null ? MINUTE_CLOCK.exec(rest) : null;
  if (minuteClock !== null) {
    const [whole, sign, minutes = '0', seconds = '0', fraction = ''] = minuteClock;
    const micros = BigInt(minutes) * 60_000_000n + scaled(`${seconds}${fraction}`, SECOND);
    sum.micros += sign === '-' ? -micros : micros;
    return whole.length;
  }
  if (clock !== null) {
    addClock(sum, text, clock);
    return clock[0].length;
  }
  const yearMonth = YEAR_MONTH.exec(rest);
  if (yearMonth !== null) {
    const [whole, sign, years, months] = yearMonth;
    const total = Number(years) * 12 + Number(months);
    sum.months += sign === '-' ? -total : total;
    return whole.length;
  }
  const amount = AMOUNT.exec(rest)?.[0];
  if (amount === undefined)
    throw fail(text, `missing number at position ${text.length - rest.length}: "${text}"`);
  const after = rest.slice(amount.length);
  const space = /^\s*/.exec(after)?.[0].length ?? 0;
  const name = UNIT.exec(after.slice(space))?.[0];
  if (name === undefined) {
    // `3 04:05:06` and `1-2 3 04:05:06`: days before a time.
    const before = /^[+-]?\d+:/.test(after.slice(space));
    addNamed(sum, amount, before ? 'd' : lastUnit);
    return amount.length;
  }
  if (!addNamed(sum, amount, name))
    throw fail(text, `unknown unit "${name}" in duration "${text}"`);
  return amount.length + space + name.length;
}

/**
 * @param qualifier IntervalDurationType of the column: what a bare number counts
 * @param from the same of the larger unit, in MINUTE TO SECOND
 * @throws SqlError 22007, 22008
 */
export function parseInterval(text: string, qualifier = 0, from = 0): IntervalValue {
  const sum: Sum = { months: 0, days: 0, micros: 0n };
  const trimmed = text.trim();
  const iso = ISO.exec(trimmed);
  let negate = false;
  if (iso !== null) {
    parseIso(text, iso[2] ?? '', sum);
    negate = iso[1] === '-';
  } else {
    let rest = trimmed.toLowerCase();
    if (rest.startsWith('@')) rest = rest.slice(1);
    if (/\bago$/.test(rest)) {
      negate = true;
      rest = rest.slice(0, -3);
    }
    rest = rest.trim();
    if (rest === '') throw fail(text, 'invalid input syntax');
    const lastUnit = QUALIFIER_UNITS[qualifier] ?? 's';
    // MINUTE TO SECOND reads `10:20` as minutes and seconds.
    if (from === MINUTE && qualifier === SECONDS && /^[+-]?\d+:\d+(\.\d*)?$/.test(rest))
      rest = rest.replace(/^([+-]?)/, '$10:');
    while (rest !== '') rest = rest.slice(readPiece(sum, text, rest, lastUnit)).trimStart();
  }
  if (!Number.isSafeInteger(sum.months) || !Number.isSafeInteger(sum.days))
    throw new SqlError('datetimeFieldOverflow', `interval field value out of range: "${text}"`);
  return negate ? { months: -sum.months || 0, days: -sum.days || 0, micros: -sum.micros } : sum;
}
