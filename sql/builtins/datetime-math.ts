import { SqlError } from '../../base/errors';
import { civilFromDays, daysFromCivil, daysInMonth } from '../../catalog/types/calendar';
import {
  DATE_INFINITY,
  DATE_MAX_DAYS,
  DATE_MIN_DAYS,
  DATE_NEGATIVE_INFINITY,
  TIMESTAMP_MAX,
  TIMESTAMP_MIN,
} from '../../catalog/types/datetime';
import type { IntervalValue } from '../../catalog/types/interval';
import { localToUtc, requireTimeZone, type TimeZone } from '../../catalog/types/timezone';

/** Arithmetic on representations: days since 1970, microseconds since midnight or since 2000. */

export const DAY = 86_400_000_000n;
const EPOCH_DAYS = 10_957n;
const EPOCH_SECONDS = 946_684_800;

export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n !== b < 0n && a % b !== 0n ? quotient - 1n : quotient;
}

export function modulo(a: bigint, b: bigint): bigint {
  const rest = a % b;
  return rest < 0n ? rest + b : rest;
}

export function checkTimestamp(micros: bigint): bigint {
  if (micros >= TIMESTAMP_MIN && micros <= TIMESTAMP_MAX) return micros;
  throw new SqlError('datetimeFieldOverflow', 'timestamp out of range');
}

export function checkDate(days: bigint): bigint {
  if (days >= BigInt(DATE_MIN_DAYS) && days <= BigInt(DATE_MAX_DAYS)) return days;
  throw new SqlError('datetimeFieldOverflow', 'date is out of range');
}

export const isInfiniteDate = (days: bigint): boolean =>
  days >= DATE_INFINITY || days <= DATE_NEGATIVE_INFINITY;

export function dateToTimestamp(days: bigint): bigint {
  if (isInfiniteDate(days))
    throw new SqlError('datetimeFieldOverflow', 'cannot convert infinite date to timestamp');
  return checkTimestamp((days - EPOCH_DAYS) * DAY);
}

export const timestampToDate = (micros: bigint): bigint => floorDivide(micros, DAY) + EPOCH_DAYS;

const seconds1970 = (micros: bigint): number =>
  Number(floorDivide(micros, 1_000_000n)) + EPOCH_SECONDS;

/** The local clock of an instant. */
export function toLocal(instant: bigint, zone: TimeZone): bigint {
  return instant + BigInt(zone.offsetAt(seconds1970(instant))) * 1_000_000n;
}

/** The instant of a local clock reading. */
export function toInstant(local: bigint, zone: TimeZone): bigint {
  const seconds = floorDivide(local, 1_000_000n);
  const utc = localToUtc(Number(seconds) + EPOCH_SECONDS, zone);
  return BigInt(utc - EPOCH_SECONDS) * 1_000_000n + modulo(local, 1_000_000n);
}

let lastName = '';
let lastZone: TimeZone | undefined;

export function zoneNamed(name: string): TimeZone {
  if (lastZone === undefined || name !== lastName) {
    lastZone = requireTimeZone(name);
    lastName = name;
  }
  return lastZone;
}

/** Months first (the day is cut to the month's length), then days, then the time. */
export function addInterval(micros: bigint, interval: IntervalValue): bigint {
  let days = floorDivide(micros, DAY);
  const time = micros - days * DAY;
  if (interval.months !== 0) {
    const date = civilFromDays(Number(days + EPOCH_DAYS));
    const months = date.year * 12 + (date.month - 1) + interval.months;
    const year = Math.floor(months / 12);
    const month = months - year * 12 + 1;
    const day = Math.min(date.day, daysInMonth(year, month));
    days = BigInt(daysFromCivil(year, month, day)) - EPOCH_DAYS;
  }
  return checkTimestamp((days + BigInt(interval.days)) * DAY + time + interval.micros);
}

/** Months and days move the local clock, the rest the instant. */
export function addIntervalInZone(
  instant: bigint,
  interval: IntervalValue,
  zone: TimeZone,
): bigint {
  const { months, days, micros } = interval;
  if (months === 0 && days === 0) return checkTimestamp(instant + micros);
  const local = addInterval(toLocal(instant, zone), { months, days, micros: 0n });
  return checkTimestamp(toInstant(local, zone) + micros);
}

export const negateInterval = ({ months, days, micros }: IntervalValue): IntervalValue => ({
  months: -months,
  days: -days,
  micros: -micros,
});

export const addIntervals = (a: IntervalValue, b: IntervalValue): IntervalValue => ({
  months: a.months + b.months,
  days: a.days + b.days,
  micros: a.micros + b.micros,
});

/** Whole days and the rest. */
export function differenceOfTimestamps(a: bigint, b: bigint): IntervalValue {
  const total = a - b;
  return { months: 0, days: Number(total / DAY), micros: total % DAY };
}

/** A fraction of a month counts 30 days, a fraction of a day 24 hours. */
export function multiplyInterval(
  { months, days, micros }: IntervalValue,
  by: number,
): IntervalValue {
  if (!Number.isFinite(by)) throw new SqlError('datetimeFieldOverflow', 'interval out of range');
  const allMonths = months * by;
  const wholeMonths = Math.trunc(allMonths);
  const allDays = days * by + (allMonths - wholeMonths) * 30;
  const wholeDays = Math.trunc(allDays);
  const time = Number(micros) * by + (allDays - wholeDays) * 86_400_000_000;
  if (!Number.isSafeInteger(Math.round(time)))
    throw new SqlError('datetimeFieldOverflow', 'interval out of range');
  return { months: wholeMonths, days: wholeDays, micros: BigInt(Math.round(time)) };
}
