import { notSupported, SqlError } from '../../base/errors';
import { civilFromDays, daysFromCivil, weekday } from '../../catalog/types/calendar';
import { floatToRepr } from '../../catalog/types/float';
import { intervalFromRepr, intervalToRepr } from '../../catalog/types/interval';
import {
  DATE,
  FLOAT8,
  INTERVAL,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  TIMETZ,
} from '../../catalog/types/table';
import { timetzFromRepr, timetzToRepr } from '../../catalog/types/timetz';
import { ageBuiltins } from './age';
import {
  DAY,
  dateToTimestamp,
  floorDivide,
  modulo,
  timestampToDate,
  toInstant,
  toLocal,
  zoneNamed,
} from './datetime-math';
import type { FunctionRow } from './function-row';
import { udf } from './rows';

/** extract, date_trunc, the current date and time, time zones. */

const SECOND = 1_000_000n;
const EPOCH_SECONDS = 946_684_800;

function unknownField(field: string, what: string): SqlError {
  return new SqlError('invalidParameterValue', `unsupported timespan: ${field}`, {
    detail: `of ${what}`,
  });
}

/** Monday of the ISO week that has the day, and the ISO year and week. */
function isoWeek(days: number): { year: number; week: number } {
  const thursday = days - ((weekday(days) + 6) % 7) + 3;
  const { year } = civilFromDays(thursday);
  return { year, week: Math.floor((thursday - daysFromCivil(year, 1, 1)) / 7) + 1 };
}

/** Fields that a time of day has. @param micros of the day */
function timeField(field: string, micros: number): number | undefined {
  const ofMinute = micros % 60_000_000;
  switch (field) {
    case 'hour':
    case 'hours':
      return Math.floor(micros / 3_600_000_000);
    case 'minute':
    case 'minutes':
      return Math.floor(micros / 60_000_000) % 60;
    case 'second':
    case 'seconds':
      return ofMinute / 1e6;
    case 'millisecond':
    case 'milliseconds':
      return ofMinute / 1e3;
    case 'microsecond':
    case 'microseconds':
      return ofMinute;
    default:
      return undefined;
  }
}

function dateField(field: string, days: number): number | undefined {
  const { year, month, day } = civilFromDays(days);
  switch (field) {
    case 'millennium':
    case 'millenniums':
    case 'millennia':
      return year > 0 ? Math.ceil(year / 1000) : Math.floor((year - 1) / 1000);
    case 'century':
    case 'centuries':
      return year > 0 ? Math.ceil(year / 100) : Math.floor((year - 1) / 100);
    case 'decade':
    case 'decades':
      return Math.floor(year / 10);
    case 'year':
    case 'years':
      return year;
    case 'isoyear':
      return isoWeek(days).year;
    case 'quarter':
      return Math.floor((month - 1) / 3) + 1;
    case 'month':
    case 'months':
      return month;
    case 'week':
    case 'weeks':
      return isoWeek(days).week;
    case 'day':
    case 'days':
      return day;
    case 'dow':
    case 'dayofweek':
      return weekday(days);
    case 'isodow':
      return weekday(days) === 0 ? 7 : weekday(days);
    case 'doy':
    case 'dayofyear':
      return days - daysFromCivil(year, 1, 1) + 1;
    default:
      return undefined;
  }
}

const seconds1970 = (micros: bigint): number => Number(micros) / 1e6 + EPOCH_SECONDS;

function extractTimestamp(name: string, micros: bigint): number {
  const field = name.toLowerCase();
  if (field === 'epoch') return Number(micros + BigInt(EPOCH_SECONDS) * SECOND) / 1e6;
  const days = Number(timestampToDate(micros));
  const time = Number(modulo(micros, DAY));
  if (field === 'julian') return days + 2_440_587.5 + 0.5 + time / 86_400_000_000;
  const value = timeField(field, time) ?? dateField(field, days);
  if (value === undefined) throw unknownField(name, 'timestamp');
  return value;
}

function extractZoned(name: string, instant: bigint, zone: string): number {
  const local = toLocal(instant, zoneNamed(zone));
  const offset = Number((local - instant) / SECOND);
  switch (name.toLowerCase()) {
    case 'epoch':
      return seconds1970(instant);
    case 'timezone':
      return offset;
    case 'timezone_hour':
    case 'timezone_hours':
      return Math.trunc(offset / 3600);
    case 'timezone_minute':
    case 'timezone_minutes':
      return Math.trunc((offset % 3600) / 60);
    default:
      return extractTimestamp(name, local);
  }
}

function extractInterval(name: string, repr: string): number {
  const { months, days, micros } = intervalFromRepr(repr);
  const years = Math.trunc(months / 12);
  switch (name.toLowerCase()) {
    case 'millennium':
    case 'millennia':
      return Math.trunc(years / 1000);
    case 'century':
    case 'centuries':
      return Math.trunc(years / 100);
    case 'decade':
    case 'decades':
      return Math.trunc(years / 10);
    case 'year':
    case 'years':
      return years;
    case 'month':
    case 'months':
      return months % 12;
    case 'day':
    case 'days':
      return days;
    case 'epoch':
      // How long a year counts here has changed between versions.
      if (years !== 0) throw notSupported('the epoch of an interval of a year or more');
      return (months * 30 + days) * 86_400 + Number(micros) / 1e6;
    default: {
      const negative = micros < 0n;
      const size = Number(negative ? -micros : micros);
      const value = timeField(name.toLowerCase(), size);
      if (value === undefined) throw unknownField(name, 'interval');
      return negative ? -value : value;
    }
  }
}

function extractTime(name: string, micros: number): number {
  if (name.toLowerCase() === 'epoch') return micros / 1e6;
  const value = timeField(name.toLowerCase(), micros);
  if (value === undefined) throw unknownField(name, 'time');
  return value;
}

function extractTimetz(name: string, value: bigint): number {
  const { micros, offsetWest } = timetzFromRepr(value);
  switch (name.toLowerCase()) {
    case 'epoch':
      return micros / 1e6 + offsetWest;
    case 'timezone':
      return -offsetWest;
    case 'timezone_hour':
    case 'timezone_hours':
      return Math.trunc(-offsetWest / 3600);
    case 'timezone_minute':
    case 'timezone_minutes':
      return Math.trunc((-offsetWest % 3600) / 60);
    default:
      return extractTime(name, micros);
  }
}

const TIME_UNITS: { readonly [field: string]: bigint } = {
  hour: 3600n * SECOND,
  minute: 60n * SECOND,
  second: SECOND,
  millisecond: 1000n,
  microsecond: 1n,
};

function truncateTimestamp(name: string, micros: bigint): bigint {
  const field = name.toLowerCase().replace(/s$/, '');
  const unit = TIME_UNITS[field];
  if (unit !== undefined) return floorDivide(micros, unit) * unit;
  const days = Number(timestampToDate(micros));
  const { year, month } = civilFromDays(days);
  const start = (y: number, m = 1): bigint => dateToTimestamp(BigInt(daysFromCivil(y, m, 1)));
  switch (field) {
    case 'day':
      return floorDivide(micros, DAY) * DAY;
    case 'week':
      return dateToTimestamp(BigInt(days - ((weekday(days) + 6) % 7)));
    case 'month':
      return start(year, month);
    case 'quarter':
      return start(year, Math.floor((month - 1) / 3) * 3 + 1);
    case 'year':
      return start(year);
    case 'decade':
      return start(Math.floor(year / 10) * 10);
    case 'century':
      return start(Math.floor((year - 1) / 100) * 100 + 1);
    case 'millennium':
      return start(Math.floor((year - 1) / 1000) * 1000 + 1);
    default:
      throw unknownField(name, 'timestamp');
  }
}

function truncateTime(name: string, micros: bigint): string {
  const unit = TIME_UNITS[name.toLowerCase().replace(/s$/, '')];
  if (unit === undefined) throw unknownField(name, 'time');
  return intervalToRepr({ months: 0, days: 0, micros: (micros / unit) * unit });
}

/** Fields below the unit are dropped, with their sign. */
function truncateInterval(name: string, value: string): string {
  const { months, days, micros } = intervalFromRepr(value);
  const field = name.toLowerCase().replace(/s$/, '');
  const unit = TIME_UNITS[field];
  if (unit !== undefined) return intervalToRepr({ months, days, micros: (micros / unit) * unit });
  const size = MONTH_UNITS[field];
  if (size !== undefined)
    return intervalToRepr({ months: Math.trunc(months / size) * size, days: 0, micros: 0n });
  if (field === 'day') return intervalToRepr({ months, days, micros: 0n });
  throw unknownField(name, 'interval');
}

const MONTH_UNITS: { readonly [field: string]: number } = {
  month: 1,
  quarter: 3,
  year: 12,
  decade: 120,
  century: 1200,
  millennium: 12_000,
};

const inZone = { context: ['timeZone'] } as const;
const clock = { volatility: 'stable', context: ['transactionTimestamp', 'timeZone'] } as const;
const float = floatToRepr;

function nowMicros(): bigint {
  return (
    BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) -
    BigInt(EPOCH_SECONDS) * SECOND
  );
}

function timetzOf(instant: bigint, zone: string): bigint {
  const local = toLocal(instant, zoneNamed(zone));
  return timetzToRepr(Number(modulo(local, DAY)), Number((instant - local) / SECOND));
}

export const dateTimeBuiltins: readonly FunctionRow[] = [
  udf('extract', ['string', 'timestamp'], FLOAT8, (f: string, t: bigint) =>
    float(extractTimestamp(f, t)),
  ),
  udf('extract', ['string', 'date'], FLOAT8, (f: string, d: bigint) =>
    float(extractTimestamp(f, dateToTimestamp(d))),
  ),
  udf(
    'extract',
    ['string', 'timestamptz'],
    FLOAT8,
    (f: string, t: bigint, z: string) => float(extractZoned(f, t, z)),
    { ...inZone, preferred: true },
  ),
  udf('extract', ['string', 'time'], FLOAT8, (f: string, t: bigint) =>
    float(extractTime(f, Number(t))),
  ),
  udf('extract', ['string', 'timetz'], FLOAT8, (f: string, t: bigint) =>
    float(extractTimetz(f, t)),
  ),
  udf('extract', ['string', 'interval'], FLOAT8, (f: string, i: string) =>
    float(extractInterval(f, i)),
  ),
  udf('date_trunc', ['string', 'timestamp'], TIMESTAMP, truncateTimestamp),
  udf(
    'date_trunc',
    ['string', 'date'],
    TIMESTAMPTZ,
    (f: string, d: bigint, z: string) =>
      toInstant(truncateTimestamp(f, dateToTimestamp(d)), zoneNamed(z)),
    inZone,
  ),
  udf(
    'date_trunc',
    ['string', 'timestamptz'],
    TIMESTAMPTZ,
    (f: string, t: bigint, z: string) =>
      toInstant(truncateTimestamp(f, toLocal(t, zoneNamed(z))), zoneNamed(z)),
    { ...inZone, preferred: true },
  ),
  udf('date_trunc', ['string', 'time'], INTERVAL, truncateTime),
  udf('date_trunc', ['string', 'interval'], INTERVAL, truncateInterval),
  udf(
    'timezone',
    ['string', 'timestamptz'],
    TIMESTAMP,
    (z: string, t: bigint) => toLocal(t, zoneNamed(z)),
    { preferred: true },
  ),
  udf('timezone', ['string', 'timestamp'], TIMESTAMPTZ, (z: string, t: bigint) =>
    toInstant(t, zoneNamed(z)),
  ),
  udf(
    'current_date',
    [],
    DATE,
    (t: bigint, z: string) => timestampToDate(toLocal(t, zoneNamed(z))),
    clock,
  ),
  udf('localtimestamp', [], TIMESTAMP, (t: bigint, z: string) => toLocal(t, zoneNamed(z)), clock),
  udf(
    'localtime',
    [],
    TIME,
    (t: bigint, z: string) => modulo(toLocal(t, zoneNamed(z)), DAY),
    clock,
  ),
  udf('current_time', [], TIMETZ, timetzOf, clock),
  ...ageBuiltins,
  udf('clock_timestamp', [], TIMESTAMPTZ, nowMicros, { volatility: 'volatile' }),
];
