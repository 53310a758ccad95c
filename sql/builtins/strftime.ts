import { SqlError } from '../../base/errors';
import { civilFromDays, daysFromCivil, weekday } from '../../catalog/types/calendar';
import { DAY, modulo, timestampToDate } from './datetime-math';

/** Dates and times by the conversions of C's strftime and strptime. */

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

interface Clock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly days: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
}

const two = (value: number): string => String(value).padStart(2, '0');
const hour12 = ({ hour }: Clock): number => (hour % 12 === 0 ? 12 : hour % 12);
const dayOfYear = ({ year, days }: Clock): number => days - daysFromCivil(year, 1, 1) + 1;

const time = (c: Clock): string => `${two(c.hour)}:${two(c.minute)}:${two(c.second)}`;

const CONVERSIONS: { readonly [letter: string]: (clock: Clock) => string } = {
  a: (c) => (DAYS[weekday(c.days)] ?? '').slice(0, 3),
  A: (c) => DAYS[weekday(c.days)] ?? '',
  b: (c) => (MONTHS[c.month - 1] ?? '').slice(0, 3),
  B: (c) => MONTHS[c.month - 1] ?? '',
  c: (c) =>
    `${(DAYS[weekday(c.days)] ?? '').slice(0, 3)} ${(MONTHS[c.month - 1] ?? '').slice(0, 3)} ${String(c.day).padStart(2)} ${time(c)} ${c.year}`,
  d: (c) => two(c.day),
  e: (c) => String(c.day).padStart(2),
  f: (c) => String(c.micros).padStart(6, '0'),
  F: (c) => `${c.year}-${two(c.month)}-${two(c.day)}`,
  h: (c) => (MONTHS[c.month - 1] ?? '').slice(0, 3),
  H: (c) => two(c.hour),
  I: (c) => two(hour12(c)),
  j: (c) => String(dayOfYear(c)).padStart(3, '0'),
  k: (c) => String(c.hour).padStart(2),
  l: (c) => String(hour12(c)).padStart(2),
  m: (c) => two(c.month),
  M: (c) => two(c.minute),
  n: () => '\n',
  p: (c) => (c.hour < 12 ? 'AM' : 'PM'),
  r: (c) => `${two(hour12(c))}:${two(c.minute)}:${two(c.second)} ${c.hour < 12 ? 'AM' : 'PM'}`,
  R: (c) => `${two(c.hour)}:${two(c.minute)}`,
  s: (c) => String(c.days * 86_400 + c.hour * 3600 + c.minute * 60 + c.second),
  S: (c) => two(c.second),
  t: () => '\t',
  T: time,
  u: (c) => String(weekday(c.days) === 0 ? 7 : weekday(c.days)),
  w: (c) => String(weekday(c.days)),
  y: (c) => two(((c.year % 100) + 100) % 100),
  Y: (c) => String(c.year),
  D: (c) => `${two(c.month)}/${two(c.day)}/${two(((c.year % 100) + 100) % 100)}`,
  Z: () => 'UTC',
  z: () => '+0000',
  '%': () => '%',
};

/** @param micros a timestamp @throws SqlError for a conversion that is not known */
export function strftime(micros: bigint, format: string): string {
  const days = Number(timestampToDate(micros));
  const ofDay = Number(modulo(micros, DAY));
  const clock: Clock = {
    ...civilFromDays(days),
    days,
    hour: Math.floor(ofDay / 3_600_000_000),
    minute: Math.floor(ofDay / 60_000_000) % 60,
    second: Math.floor(ofDay / 1_000_000) % 60,
    micros: ofDay % 1_000_000,
  };
  return format.replace(/%(.?)/gsu, (_, letter: string) => {
    const convert = CONVERSIONS[letter];
    if (convert !== undefined) return convert(clock);
    throw new SqlError('invalidParameterValue', `invalid format code: %${letter}`);
  });
}

interface Fields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  micros: number;
  afternoon: boolean | undefined;
  dayOfYear: number | undefined;
  epoch: number | undefined;
}

const nameIndex = (names: readonly string[], text: string): number =>
  names.findIndex((name) => name.toLowerCase().startsWith(text.toLowerCase().slice(0, 3)));

type Reader = readonly [pattern: string, apply: (fields: Fields, text: string) => void];

const monthName: Reader = ['[A-Za-z]{3,}', (f, t) => (f.month = nameIndex(MONTHS, t) + 1)];
const dayName: Reader = ['[A-Za-z]{3,}', () => undefined];

const READERS: { readonly [letter: string]: Reader } = {
  a: dayName,
  A: dayName,
  b: monthName,
  B: monthName,
  h: monthName,
  d: ['\\d{1,2}', (f, t) => (f.day = Number(t))],
  e: [' ?\\d{1,2}', (f, t) => (f.day = Number(t))],
  f: ['\\d{1,9}', (f, t) => (f.micros = Number(t.padEnd(6, '0').slice(0, 6)))],
  H: ['\\d{1,2}', (f, t) => (f.hour = Number(t))],
  k: [' ?\\d{1,2}', (f, t) => (f.hour = Number(t))],
  I: ['\\d{1,2}', (f, t) => (f.hour = Number(t))],
  l: [' ?\\d{1,2}', (f, t) => (f.hour = Number(t))],
  j: ['\\d{1,3}', (f, t) => (f.dayOfYear = Number(t))],
  m: ['\\d{1,2}', (f, t) => (f.month = Number(t))],
  M: ['\\d{1,2}', (f, t) => (f.minute = Number(t))],
  p: ['[AaPp][Mm]', (f, t) => (f.afternoon = /^p/i.test(t))],
  s: ['-?\\d+', (f, t) => (f.epoch = Number(t))],
  S: ['\\d{1,2}', (f, t) => (f.second = Number(t))],
  y: ['\\d{2}', (f, t) => (f.year = Number(t) + (Number(t) < 69 ? 2000 : 1900))],
  Y: ['-?\\d{1,4}', (f, t) => (f.year = Number(t))],
};

const COMPOUND: { readonly [letter: string]: string } = {
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  R: '%H:%M',
  r: '%I:%M:%S %p',
  T: '%H:%M:%S',
};

const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** @returns microseconds since 2000 @throws SqlError when the text is not as the format says */
export function strptime(text: string, format: string): bigint {
  const expanded = format.replace(/%([DFRrT])/g, (_, letter: string) => COMPOUND[letter] ?? '');
  const readers: Reader[] = [];
  let source = '';
  for (const [piece] of expanded.matchAll(/%.|[^%]+|%/gsu)) {
    if (!piece.startsWith('%')) {
      source += quoted(piece).replace(/\s+/g, '\\s*');
      continue;
    }
    const letter = piece.slice(1);
    const reader = READERS[letter];
    if (letter === '%') source += '%';
    else if (letter === 'n' || letter === 't') source += '\\s*';
    else if (reader === undefined)
      throw new SqlError('invalidParameterValue', `invalid format code: %${letter}`);
    else {
      source += `(${reader[0]})`;
      readers.push(reader);
    }
  }
  const match = new RegExp(`^${source}$`, 'u').exec(text);
  if (match === null)
    throw new SqlError('invalidParameterValue', `could not parse "${text}" as "${format}"`);
  const fields: Fields = {
    year: 1970,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    micros: 0,
    afternoon: undefined,
    dayOfYear: undefined,
    epoch: undefined,
  };
  for (const [i, [, apply]] of readers.entries()) apply(fields, (match[i + 1] ?? '').trim());
  return microsOf(fields, text);
}

function microsOf(fields: Fields, text: string): bigint {
  const { year, month, day, minute, second, micros, afternoon } = fields;
  if (fields.epoch !== undefined) return (BigInt(fields.epoch) - 946_684_800n) * 1_000_000n;
  const hour = afternoon === undefined ? fields.hour : (fields.hour % 12) + (afternoon ? 12 : 0);
  const days =
    fields.dayOfYear === undefined
      ? daysFromCivil(year, month, day)
      : daysFromCivil(year, 1, 1) + fields.dayOfYear - 1;
  const back = civilFromDays(days);
  const wrongDate = fields.dayOfYear === undefined && (back.day !== day || back.month !== month);
  if (wrongDate || hour > 23 || minute > 59 || second > 60)
    throw new SqlError('datetimeFieldOverflow', `date/time field value out of range: "${text}"`);
  const seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
  return (BigInt(seconds) - 946_684_800n) * 1_000_000n + BigInt(micros);
}
