import { SqlError } from '../../base/errors';
import { daysFromCivil, daysInMonth } from './calendar';
import {
  DATE_INFINITY,
  DATE_MAX_DAYS,
  DATE_MIN_DAYS,
  DATE_NEGATIVE_INFINITY,
  EPOCH_2000_SECONDS,
  TIMESTAMP_MAX,
  TIMESTAMP_MIN,
  timestampRepr,
} from './datetime';
import { TIMETZ_OFFSET_MAX, timetzToRepr } from './timetz';
import { findTimeZone, localToUtc, type TimeZone, UTC } from './timezone';

/**
 * Dates and times as users write them: ISO 8601, `Jan 2, 2021`, `2/1/2021` (month first), `20210102`, with a time, a
 * zone (offset, name), an era, in any order that is not ambiguous.
 */

/** How `1/2/3` is read: DateStyle's second word. */
export type DateOrder = 'MDY' | 'DMY' | 'YMD';

export interface DateTimeSettings {
  readonly timeZone: TimeZone;
  /** Microseconds since 1970 UTC for `now`, `today` …; without it those words are refused. */
  readonly now?: () => bigint;
  /** Month first without it. */
  readonly dateOrder?: DateOrder;
  /** A leading sign counts for all fields of an interval (IntervalStyle sql_standard). */
  readonly signForAll?: boolean;
}

interface Fields {
  year?: number;
  month?: number;
  day?: number;
  /** Microseconds of the local day; leap seconds and 24:00 included. */
  timeMicros?: number;
  zone?: TimeZone;
  zoneIsOffset?: boolean;
  readonly order: DateOrder;
  beforeChrist: boolean;
  /** Pieces that need the others: numbers beside a month's name. */
  readonly numbers: string[];
}

type Kind = 'date' | 'time' | 'timetz' | 'timestamp' | 'timestamptz';

class DateTimeProblem extends Error {
  readonly outOfRange: boolean;
  readonly detail: string | undefined;

  constructor(message: string, outOfRange: boolean, detail?: string) {
    super(message);
    this.outOfRange = outOfRange;
    this.detail = detail;
  }
}

/** What CockroachDB's parser had read and still looked for, after a plain date. */
const AFTER_DATE =
  'Wanted: [ Era Hour Minute Second Nanos Meridian TZHour TZMinute TZSecond ]\n' +
  'Already found in input: [ Year Month Day ]';

const PLAIN_DATE = /^\d{4,}-\d{1,2}-\d{1,2}$/;

function unparsable(text: string): DateTimeProblem {
  return new DateTimeProblem(`could not parse "${text}"`, false);
}

function outOfRange(field: string, value: number, detail?: string): DateTimeProblem {
  return new DateTimeProblem(`field ${field} value ${value} is out of range`, true, detail);
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH_NAME =
  /^(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?)$/;
const WEEKDAY = /^(sun|mon|tues?|wed(nes)?|thu(rs?)?|fri|sat(ur)?)(day)?$/;

const ISO_DATE = /^([+-]?\d{3,7})-(\d{1,2})-(\d{1,2})(?!\d)/;
const SHORT_DATE = /^(\d{1,4})([-/.])(\d{1,2})\2(\d{1,7})(?!\d)/;
const COMPACT_DATE = /^(\d{4})(\d{2})(\d{2})(?!\d)/;
const NAMED_DATE = /^(\d{1,4})-([a-z]{3,9})-(\d{1,4})(?!\d)/;
const NAME_FIRST_DATE = /^([a-z]{3,9})-(\d{1,2})-(\d{1,7})(?!\d)/;
const ORDINAL_DATE = /^(\d{4})[.-]?(\d{3})(?!\d)/;
const JULIAN_DAY = /^j(\d{1,8})(?!\d)/;
const CLOCK = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d*))?)?(?:\s*(am|pm)(?![a-z]))?(?!\d)/;
const COMPACT_CLOCK = /^(\d{2})(\d{2})(\d{2})?(?:\.(\d+))?(?:\s*(am|pm)(?![a-z]))?(?!\d)/;
const HOUR_CLOCK = /^(\d{1,2})\s*(am|pm)(?![a-z])/;
const OFFSET = /^([+-])(\d{1,2})(?::?(\d{2})(?::?(\d{2}))?)?(?!\d)/;
const WORD = /^[a-z][a-z_]*(?:\/[a-z_+-]+\d*)*/;
const NUMBER = /^\d{1,7}(st|nd|rd|th)?(?![\d:])/;

function fractionMicros(digits: string | undefined): number {
  if (digits === undefined || digits === '') return 0;
  return Math.round(Number(`0.${digits}`) * 1_000_000);
}

function setClock(fields: Fields, match: RegExpExecArray, text: string): void {
  if (fields.timeMicros !== undefined) throw unparsable(text);
  let hour = Number(match[1]);
  const minute = Number(match[2]);
  const second = Number(match[3] ?? 0);
  const micros = fractionMicros(match[4]);
  const half = match[5];
  if (half !== undefined) {
    if (hour < 1 || hour > 12) throw outOfRange('hour', hour);
    hour = (hour % 12) + (half === 'pm' ? 12 : 0);
  }
  if (hour > 24 || (hour === 24 && (minute > 0 || second > 0 || micros > 0)))
    throw outOfRange('hour', hour);
  if (minute > 59) throw outOfRange('minute', minute);
  if (second > 60) throw outOfRange('second', second);
  fields.timeMicros = (hour * 3600 + minute * 60 + second) * 1_000_000 + micros;
}

function setDate(fields: Fields, year: number, month: number, day: number, text: string): void {
  if (fields.year !== undefined || fields.day !== undefined) throw unparsable(text);
  fields.year = year;
  fields.month = month;
  fields.day = day;
}

/** `990108` */
const SIX_DIGITS = /^(\d\d)(\d\d)(\d\d)(?![\d.:-])/;

function fullYear(text: string): number {
  const year = Number(text);
  if (text.length > 2) return year;
  return year < 70 ? 2000 + year : 1900 + year;
}

function monthNumber(name: string, text: string): number {
  if (!MONTH_NAME.test(name)) throw unparsable(text);
  return MONTHS.indexOf(name.slice(0, 3)) + 1;
}

function setShortDate(fields: Fields, match: RegExpExecArray, text: string): void {
  const [, first = '', , second = '', third = ''] = match;
  if (first.length >= 3) setDate(fields, Number(first), Number(second), Number(third), text);
  else if (fields.order === 'YMD')
    setDate(fields, fullYear(first), Number(second), Number(third), text);
  else if (fields.order === 'DMY')
    setDate(fields, fullYear(third), Number(second), Number(first), text);
  else setDate(fields, fullYear(third), Number(first), Number(second), text);
}

/** Tries the forms of dates. @returns how much was read */
function readDate(fields: Fields, rest: string, text: string): number {
  let match = ISO_DATE.exec(rest);
  if (match !== null) {
    setDate(fields, Number(match[1]), Number(match[2]), Number(match[3]), text);
    return match[0].length;
  }
  match = SHORT_DATE.exec(rest);
  if (match !== null) {
    setShortDate(fields, match, text);
    return match[0].length;
  }
  match = NAMED_DATE.exec(rest);
  if (match !== null) {
    const [, first = '', name = '', last = ''] = match;
    const month = monthNumber(name, text);
    if (first.length >= 3) setDate(fields, Number(first), month, Number(last), text);
    else setDate(fields, fullYear(last), month, Number(first), text);
    return match[0].length;
  }
  match = NAME_FIRST_DATE.exec(rest);
  if (match !== null) {
    const [, name = '', day = '', year = ''] = match;
    setDate(fields, fullYear(year), monthNumber(name, text), Number(day), text);
    return match[0].length;
  }
  if (fields.year !== undefined || fields.month !== undefined) return 0;
  match = COMPACT_DATE.exec(rest);
  if (match !== null) {
    setDate(fields, Number(match[1]), Number(match[2]), Number(match[3]), text);
    return match[0].length;
  }
  match = SIX_DIGITS.exec(rest);
  if (match !== null) {
    setDate(fields, fullYear(match[1] ?? ''), Number(match[2]), Number(match[3]), text);
    return match[0].length;
  }
  match = ORDINAL_DATE.exec(rest);
  if (match !== null) {
    setDate(fields, Number(match[1]), 1, 1, text);
    fields.day = Number(match[2]);
    return match[0].length;
  }
  return 0;
}

function readClock(fields: Fields, rest: string, text: string, compact: boolean): number {
  let match = CLOCK.exec(rest);
  if (match === null) {
    match = HOUR_CLOCK.exec(rest);
    if (match !== null) {
      const [whole, hour = '', half = ''] = match;
      setClock(fields, clockOf(hour, half), text);
      return whole.length;
    }
    if (compact) match = COMPACT_CLOCK.exec(rest);
  }
  if (match === null) return 0;
  setClock(fields, match, text);
  return match[0].length;
}

function clockOf(hour: string, half: string): RegExpExecArray {
  return CLOCK.exec(`${hour}:00:00 ${half}`) as RegExpExecArray;
}

function readOffset(fields: Fields, rest: string, text: string): number {
  const match = OFFSET.exec(rest);
  if (match === null || fields.timeMicros === undefined) return 0;
  const size = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
  if (fields.zone !== undefined || size > TIMETZ_OFFSET_MAX + 60) throw unparsable(text);
  const offset = match[1] === '-' ? -size : size;
  fields.zone = { name: match[0], offsetAt: () => offset };
  fields.zoneIsOffset = true;
  return match[0].length;
}

/** Offsets of the abbreviations that CockroachDB and PostgreSQL know by heart, in hours. */
const ABBREVIATIONS: { readonly [name: string]: number } = {
  gmt: 0,
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
};

function readWord(fields: Fields, rest: string, text: string, original: string): number {
  const match = WORD.exec(rest);
  if (match === null) return 0;
  const word = match[0];
  if (word === 'bc' || word === 'ad') fields.beforeChrist = word === 'bc';
  else if (word === 't' && fields.day !== undefined) return 1;
  else if (MONTH_NAME.test(word) && fields.month === undefined)
    fields.month = monthNumber(word, text);
  else if (!WEEKDAY.test(word) && word !== 'at' && word !== 'on') {
    const hours = ABBREVIATIONS[word];
    const zone =
      hours === undefined
        ? findTimeZone(original.slice(0, word.length))
        : { name: word, offsetAt: () => hours * 3600 };
    if (zone === undefined || fields.zone !== undefined) throw unparsable(text);
    fields.zone = zone;
    return Math.max(word.length, (/^(?:utc|gmt)[+-]\d{1,2}/.exec(rest)?.[0] ?? '').length);
  }
  return word.length;
}

function scan(text: string, order: DateOrder = 'MDY'): Fields {
  const trimmed = text.trim();
  const lower = trimmed.toLowerCase();
  const fields: Fields = { order, beforeChrist: false, numbers: [] };
  let at = 0;
  let afterT = false;
  while (at < lower.length) {
    const rest = lower.slice(at);
    if (/^[\s,]/.test(rest)) {
      at += 1;
      continue;
    }
    // `2021-01-02T03:04:05`, `20210102T030405`: the T belongs to neither.
    if (rest.startsWith('t') && fields.day !== undefined && /^t\d/.test(rest)) {
      at += 1;
      afterT = true;
      continue;
    }
    const julian = JULIAN_DAY.exec(rest);
    if (julian !== null && fields.year === undefined) {
      setDate(fields, 1970, 1, 1 + Number(julian[1]) - JULIAN_OF_1970, text);
      at += julian[0].length;
      continue;
    }
    const compact = afterT || (fields.day !== undefined && fields.timeMicros === undefined);
    const count =
      (fields.day === undefined || fields.year === undefined ? readDate(fields, rest, text) : 0) ||
      readClock(fields, rest, text, compact) ||
      readOffset(fields, rest, text) ||
      readWord(fields, rest, text, trimmed.slice(at)) ||
      readNumber(fields, rest, text);
    if (count === 0) throw unparsable(text);
    at += count;
  }
  placeNumbers(fields, text);
  return fields;
}

const JULIAN_OF_1970 = 2_440_588;

function readNumber(fields: Fields, rest: string, text: string): number {
  const match = NUMBER.exec(rest);
  if (match === null) return 0;
  if (fields.numbers.length === 2) throw unparsable(text);
  fields.numbers.push(match[0].replace(/\D+$/, ''));
  return match[0].length;
}

/** `Jan 2 2021`, `2 Jan 2021`, `2021 Jan 2`. */
function placeNumbers(fields: Fields, text: string): void {
  const [first, second] = fields.numbers;
  if (first === undefined) {
    if (fields.month !== undefined && fields.day === undefined) throw unparsable(text);
    return;
  }
  if (fields.month === undefined || second === undefined || fields.day !== undefined)
    throw unparsable(text);
  const yearFirst = first.length > 2;
  fields.year = fullYear(yearFirst ? first : second);
  fields.day = Number(yearFirst ? second : first);
}

function daysOf(fields: Fields, text: string): number {
  const { year, month, day } = fields;
  if (year === undefined || month === undefined || day === undefined) throw unparsable(text);
  if (fields.beforeChrist && year <= 0) throw outOfRange('year', year);
  const astronomical = fields.beforeChrist ? 1 - year : year;
  if (month < 1 || month > 12) throw outOfRange('month', month);
  const isOrdinal = month === 1 && day > 31 && day <= 366;
  const isJulian = year === 1970 && month === 1 && (day > 366 || day < 1);
  if (!isOrdinal && !isJulian && (day < 1 || day > daysInMonth(astronomical, month)))
    throw outOfRange('day', day, PLAIN_DATE.test(text) ? AFTER_DATE : undefined);
  return daysFromCivil(astronomical, month, day);
}

/** Runs a parser and words its failure as CockroachDB does. */
function reporting<T>(kind: Kind, text: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof DateTimeProblem)) throw error;
    if (kind === 'time' || kind === 'timetz')
      throw new SqlError('invalidTextRepresentation', `could not parse "${text}" as type ${kind}`);
    throw new SqlError(
      error.outOfRange ? 'datetimeFieldOverflow' : 'invalidDatetimeFormat',
      `parsing as type ${kind}: ${error.message}`,
      error.detail === undefined ? {} : { detail: error.detail },
    );
  }
}

const DAY_MICROS = 86_400_000_000n;

/** Microseconds of the local clock since 1970 that a word means. */
function wordMicros(word: string, settings: DateTimeSettings): bigint | undefined {
  if (settings.now === undefined) return undefined;
  const utc = settings.now();
  const seconds = Number(utc / 1_000_000n);
  const local = utc + BigInt(settings.timeZone.offsetAt(seconds)) * 1_000_000n;
  const midnight = local - (((local % DAY_MICROS) + DAY_MICROS) % DAY_MICROS);
  switch (word) {
    case 'now':
      return local;
    case 'today':
      return midnight;
    case 'tomorrow':
      return midnight + DAY_MICROS;
    case 'yesterday':
      return midnight - DAY_MICROS;
    default:
      return undefined;
  }
}

function floorDays(micros: bigint): number {
  return Number((micros - (((micros % DAY_MICROS) + DAY_MICROS) % DAY_MICROS)) / DAY_MICROS);
}

/** @throws SqlError 22007, 22008 */
export function parseDate(text: string, settings: DateTimeSettings): number | bigint {
  const word = text.trim().toLowerCase();
  if (word === 'infinity') return DATE_INFINITY;
  if (word === '-infinity') return DATE_NEGATIVE_INFINITY;
  if (word === 'epoch') return 0;
  const fromWord = wordMicros(word, settings);
  if (fromWord !== undefined) return floorDays(fromWord);
  const days = reporting('date', text, () => daysOf(scan(text, settings.dateOrder), text));
  if (days < DATE_MIN_DAYS || days > DATE_MAX_DAYS)
    throw new SqlError('datetimeFieldOverflow', 'date is out of range');
  return days;
}

function timestampOf(text: string, kind: Kind, settings: DateTimeSettings): number | bigint {
  return reporting(kind, text, () => {
    const fields = scan(text, settings.dateOrder);
    const days = daysOf(fields, text);
    const micros = fields.timeMicros ?? 0;
    const secondOfDay = Math.floor(micros / 1_000_000);
    const local = days * 86_400 + secondOfDay;
    const zone = fields.zone ?? settings.timeZone;
    const seconds = kind === 'timestamptz' ? localToUtc(local, zone) : local;
    return timestampRepr(seconds, micros - secondOfDay * 1_000_000);
  });
}

function parseAnyTimestamp(
  text: string,
  kind: 'timestamp' | 'timestamptz',
  settings: DateTimeSettings,
): number | bigint {
  const word = text.trim().toLowerCase();
  if (word === 'infinity') return TIMESTAMP_MAX;
  if (word === '-infinity') return TIMESTAMP_MIN;
  if (word === 'epoch') return -EPOCH_2000_SECONDS * 1_000_000;
  const fromWord = wordMicros(word, settings);
  if (fromWord !== undefined) {
    const local = Number(fromWord / 1_000_000n);
    const seconds = kind === 'timestamptz' ? localToUtc(local, settings.timeZone) : local;
    return timestampRepr(seconds, Number(fromWord % 1_000_000n));
  }
  const repr = timestampOf(text, kind, settings);
  if (repr > TIMESTAMP_MAX || repr < TIMESTAMP_MIN)
    throw new SqlError(
      'datetimeFieldOverflow',
      `${kind} "${text.trim()}" exceeds supported timestamp bounds`,
    );
  return repr;
}

/** A zone in the text is ignored, as PostgreSQL does. @throws SqlError 22007, 22008 */
export function parseTimestamp(text: string, settings: DateTimeSettings): number | bigint {
  return parseAnyTimestamp(text, 'timestamp', settings);
}

/** Without a zone in the text the session's is meant. @throws SqlError 22007, 22008 */
export function parseTimestampTz(text: string, settings: DateTimeSettings): number | bigint {
  return parseAnyTimestamp(text, 'timestamptz', settings);
}

const COMPACT_TIME = /^(\d\d)(\d\d)(\d\d)(?=\.|$)/;

/** A word for a time of day, on the session's clock. */
function wordTime(text: string, settings: DateTimeSettings | undefined): number | undefined {
  const word = text.trim().toLowerCase();
  if (word === 'allballs') return 0;
  if (settings === undefined || word !== 'now') return undefined;
  const micros = wordMicros(word, settings);
  return micros === undefined
    ? undefined
    : Number(((micros % DAY_MICROS) + DAY_MICROS) % DAY_MICROS);
}

/** @throws SqlError 22P02 */
export function parseTime(text: string, settings?: DateTimeSettings): number {
  const fromWord = wordTime(text, settings);
  if (fromWord !== undefined) return fromWord;
  return reporting('time', text, () => {
    const { timeMicros } = scan(text.trim().replace(COMPACT_TIME, '$1:$2:$3'));
    if (timeMicros === undefined || timeMicros > 86_400_000_000) throw unparsable(text);
    return timeMicros;
  });
}

/** @throws SqlError 22P02 */
export function parseTimeTz(text: string, settings: DateTimeSettings): bigint {
  return reporting('timetz', text, () => {
    const fields = scan(text, settings.dateOrder);
    const { zone = text.trim().toLowerCase() === 'allballs' ? UTC : settings.timeZone } = fields;
    const timeMicros = wordTime(text, settings) ?? fields.timeMicros;
    if (timeMicros === undefined || timeMicros > 86_400_000_000) throw unparsable(text);
    const at =
      fields.day === undefined
        ? Number((settings.now?.() ?? BigInt(Date.now()) * 1000n) / 1_000_000n)
        : daysOf(fields, text) * 86_400;
    const offset = zone.offsetAt(at);
    if (Math.abs(offset) > TIMETZ_OFFSET_MAX) throw unparsable(text);
    return timetzToRepr(timeMicros, -offset);
  });
}
