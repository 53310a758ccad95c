import { civilFromDays, daysFromCivil } from './calendar';
import type { Repr } from './sql-type';
import type { TimeZone } from './timezone';

/**
 * DATE (days since 1970-01-01), TIME (microseconds since midnight), TIMESTAMP and TIMESTAMPTZ (microseconds since
 * 2000-01-01 00:00 UTC) and their text.
 */

export const DAY_MICROS_NUMBER = 86_400_000_000;
/** Seconds from 1970-01-01 to 2000-01-01. */
export const EPOCH_2000_SECONDS = 946_684_800;
const EPOCH_2000_MICROS = BigInt(EPOCH_2000_SECONDS) * 1_000_000n;
/** Days from 1970-01-01 to 2000-01-01. */
export const EPOCH_2000_DAYS = 10_957;

/** A TIMESTAMP or TIMESTAMPTZ of microseconds since 1970. */
export const microsOfTimestamp = (timestamp: bigint): bigint => timestamp + EPOCH_2000_MICROS;

export const timestampOfMicros = (micros: bigint | number): bigint =>
  BigInt(micros) - EPOCH_2000_MICROS;

export const DATE_INFINITY = 2n ** 53n;
export const DATE_NEGATIVE_INFINITY = -DATE_INFINITY;

/** 4714-11-24 BC, in days since 1970. */
export const DATE_MIN_DAYS = daysFromCivil(-4713, 11, 24);
/** 5874897-12-31 */
export const DATE_MAX_DAYS = daysFromCivil(5_874_897, 12, 31);

/** 4714-11-24 00:00:00 BC and 294276-12-31 23:59:59.999999 in microseconds since 2000. */
export const TIMESTAMP_MIN = BigInt(DATE_MIN_DAYS - EPOCH_2000_DAYS) * 86_400_000_000n;
export const TIMESTAMP_MAX =
  BigInt(daysFromCivil(294_277, 1, 1) - EPOCH_2000_DAYS) * 86_400_000_000n - 1n;

/** Microseconds since 2000 of seconds since 1970 and microseconds; a number when it is safe. */
export function timestampRepr(seconds: number, micros: number): number | bigint {
  const total = (seconds - EPOCH_2000_SECONDS) * 1_000_000 + micros;
  if (Number.isSafeInteger(total)) return total;
  return BigInt(seconds - EPOCH_2000_SECONDS) * 1_000_000n + BigInt(micros);
}

export interface Instant {
  /** Since 1970-01-01 00:00 UTC. */
  readonly seconds: number;
  readonly micros: number;
}

export function timestampParts(repr: Repr): Instant {
  if (typeof repr === 'number') {
    const seconds = Math.floor(repr / 1_000_000);
    return { seconds: seconds + EPOCH_2000_SECONDS, micros: repr - seconds * 1_000_000 };
  }
  const value = repr as bigint;
  if (value >= -9_007_199_254_740_991n && value <= 9_007_199_254_740_991n)
    return timestampParts(Number(value));
  const seconds = value / 1_000_000n;
  const rest = Number(value % 1_000_000n);
  return rest < 0
    ? { seconds: Number(seconds) - 1 + EPOCH_2000_SECONDS, micros: rest + 1_000_000 }
    : { seconds: Number(seconds) + EPOCH_2000_SECONDS, micros: rest };
}

const TWO = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, '0'));

function fractionText(micros: number): string {
  if (micros === 0) return '';
  let text = String(micros).padStart(6, '0');
  let end = 6;
  while (text.charCodeAt(end - 1) === 0x30) end--;
  if (end < 6) text = text.slice(0, end);
  return `.${text}`;
}

/** `HH:MM:SS[.ffffff]` of a second of the day, 24:00:00 included. */
export function clockText(secondOfDay: number, micros: number): string {
  const hours = Math.floor(secondOfDay / 3600);
  const minutes = Math.floor((secondOfDay - hours * 3600) / 60);
  const seconds = secondOfDay - hours * 3600 - minutes * 60;
  return `${TWO[hours]}:${TWO[minutes]}:${TWO[seconds]}${fractionText(micros)}`;
}

function yearText(year: number): string {
  const shown = year <= 0 ? 1 - year : year;
  return shown >= 1000 ? String(shown) : String(shown).padStart(4, '0');
}

let cachedDays = Number.NaN;
let cachedText = '';
let cachedEra = '';

/** Fills `cachedText` and `cachedEra`: rows near each other tend to be of the same day. */
function cacheDay(days: number): void {
  if (days === cachedDays) return;
  const { year, month, day } = civilFromDays(days);
  cachedText = `${yearText(year)}-${TWO[month]}-${TWO[day]}`;
  cachedEra = year <= 0 ? ' BC' : '';
  cachedDays = days;
}

export function dateText(repr: Repr): string {
  const days = Number(repr);
  if (days >= 2 ** 53) return 'infinity';
  if (days <= -(2 ** 53)) return '-infinity';
  cacheDay(days);
  return cachedText + cachedEra;
}

export function timeText(repr: Repr): string {
  const micros = Number(repr);
  const seconds = Math.floor(micros / 1_000_000);
  return clockText(seconds, micros - seconds * 1_000_000);
}

/** `+00:00`, `-08:00`, with seconds only if there are any. */
export function offsetText(secondsEast: number): string {
  const size = Math.abs(secondsEast);
  const hours = Math.floor(size / 3600);
  const minutes = Math.floor((size % 3600) / 60);
  const seconds = size % 60;
  const text = `${secondsEast < 0 ? '-' : '+'}${TWO[hours]}:${TWO[minutes]}`;
  return seconds === 0 ? text : `${text}:${TWO[seconds]}`;
}

function localText(localSeconds: number, micros: number): string {
  const days = Math.floor(localSeconds / 86_400);
  cacheDay(days);
  return `${cachedText} ${clockText(localSeconds - days * 86_400, micros)}`;
}

export function timestampText(repr: Repr): string {
  const { seconds, micros } = timestampParts(repr);
  return localText(seconds, micros) + cachedEra;
}

export function timestampTzText(repr: Repr, zone: TimeZone): string {
  const { seconds, micros } = timestampParts(repr);
  const offset = zone.offsetAt(seconds);
  return `${localText(seconds + offset, micros)}${offsetText(offset)}${cachedEra}`;
}
