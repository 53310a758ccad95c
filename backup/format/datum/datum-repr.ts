import {
  DATE_INFINITY,
  DATE_MAX_DAYS,
  DATE_MIN_DAYS,
  DATE_NEGATIVE_INFINITY,
  EPOCH_2000_SECONDS,
  timestampRepr,
} from '../../../catalog/types/datetime';
import { intervalToRepr } from '../../../catalog/types/interval';
import { TIMETZ_OFFSET_MAX, timetzToRepr } from '../../../catalog/types/timetz';
import type { DatumReader } from './datum-reader';

/** Between the numbers that keys and values hold and the representation in SQLite, where the two differ. */

type Integer = number | bigint;

const INT64_MAX = (1n << 63n) - 1n;
const INT64_MIN = -(1n << 63n);

/** Days beyond the calendar are the infinities. */
export function dateFromDays(days: Integer): Integer {
  if (days > DATE_MAX_DAYS) return DATE_INFINITY;
  return days < DATE_MIN_DAYS ? DATE_NEGATIVE_INFINITY : days;
}

export function dateToDays(repr: Integer): bigint {
  const days = BigInt(repr);
  if (days === DATE_INFINITY) return INT64_MAX;
  return days === DATE_NEGATIVE_INFINITY ? INT64_MIN : days;
}

/** OIDs are unsigned; some versions stored the upper half as negative numbers. */
export function oidFromInt(value: Integer): Integer {
  return value < 0 && value >= -0x80000000 ? Number(value) + 0x100000000 : value;
}

export function timestampFromParts(reader: DatumReader, seconds: Integer, nanos: Integer): Integer {
  if (typeof seconds !== 'number' || typeof nanos !== 'number')
    return reader.fail('timestamp out of range');
  if (nanos < 0 || nanos >= 1_000_000_000) reader.fail('timestamp nanoseconds out of range');
  if (Math.abs(seconds) > 9_300_000_000_000) reader.fail('timestamp out of range');
  return timestampRepr(seconds, Math.floor(nanos / 1000));
}

export function timestampToParts(repr: Integer): { seconds: Integer; nanos: Integer } {
  if (typeof repr === 'number' && Number.isSafeInteger(repr)) {
    const since2000 = Math.floor(repr / 1_000_000);
    const nanos = (repr - since2000 * 1_000_000) * 1000;
    return { seconds: since2000 + EPOCH_2000_SECONDS, nanos };
  }
  const micros = BigInt(repr);
  let seconds = micros / 1_000_000n;
  let rest = micros % 1_000_000n;
  if (rest < 0n) {
    seconds -= 1n;
    rest += 1_000_000n;
  }
  return { seconds: seconds + BigInt(EPOCH_2000_SECONDS), nanos: rest * 1000n };
}

/** @param micros of the local clock */
export function timetzFromParts(reader: DatumReader, micros: Integer, offsetWest: Integer): bigint {
  if (
    typeof micros !== 'number' ||
    typeof offsetWest !== 'number' ||
    micros < 0 ||
    micros > 86_400_000_000 ||
    Math.abs(offsetWest) > TIMETZ_OFFSET_MAX
  )
    return reader.fail('time with time zone out of range');
  return timetzToRepr(micros, offsetWest);
}

const MONTHS_MAX = 2 ** 32 - 1;

export function intervalFromParts(
  reader: DatumReader,
  months: Integer,
  days: Integer,
  nanos: Integer,
): string {
  if (Math.abs(Number(months)) > MONTHS_MAX || Math.abs(Number(days)) > MONTHS_MAX)
    return reader.fail('interval out of range');
  return intervalToRepr({
    months: Number(months),
    days: Number(days),
    micros: BigInt(nanos) / 1000n,
  });
}
