import { notSupported, SqlError } from '../../base/errors';
import { floatFromRepr, floatToRepr } from '../../catalog/types/float';
import {
  intervalFromRepr,
  intervalToRepr,
  intervalTotalMicros,
} from '../../catalog/types/interval';
import type { Repr } from '../../catalog/types/sql-type';
import { timetzFromRepr, timetzToRepr } from '../../catalog/types/timetz';
import type { CastEntry } from './cast-entry';
import {
  checkTimestamp,
  DAY,
  dateToTimestamp,
  floorDivide,
  isInfiniteDate,
  modulo,
  timestampToDate,
  toInstant,
  toLocal,
  zoneNamed,
} from './datetime-math';
import { decFromRepr, decToRepr, finite, fromInt, multiply, toInteger } from './decimal-math';
import { integerOutOfRange } from './integer';

/** Casts among dates and times. Those that need the session's zone have it as their last argument. */

const inZone = ['timeZone'] as const;

const unixSeconds = (micros: bigint): bigint => floorDivide(micros, 1_000_000n) + 946_684_800n;

const SECOND = 1_000_000n;
const EPOCH_MICROS = 946_684_800n * SECOND;

const fromUnixSeconds = (seconds: bigint): bigint =>
  checkTimestamp((seconds - 946_684_800n) * SECOND);

/** Seconds with as many places as they need, at most six. */
function decimalOfMicros(micros: bigint): string {
  let [coefficient, exponent] = [micros, -6];
  while (exponent < 0 && coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent++;
  }
  return decToRepr(finite(coefficient, exponent));
}

const floatOfMicros = (micros: bigint): bigint | number => floatToRepr(Number(micros) / 1e6);

function finiteDate(days: bigint): bigint {
  if (isInfiniteDate(days)) throw integerOutOfRange();
  return days;
}

/** @throws SqlError 0A000 for a year or more: how long a year counts has changed between versions */
function lengthMicros(value: string): bigint {
  const interval = intervalFromRepr(value);
  if (Math.abs(interval.months) >= 12)
    throw notSupported('the length in seconds of an interval of a year or more');
  return intervalTotalMicros(interval);
}

const intervalOutOfRange = (): SqlError =>
  new SqlError('datetimeFieldOverflow', 'interval out of range');

const intervalOfMicros = (micros: bigint): string => intervalToRepr({ months: 0, days: 0, micros });

/** From the zone's clock at 2000-01-01, which the offset of a TIMETZ may not depend on. */
function offsetWest(instant: bigint, zone: string): number {
  return Number((instant - toLocal(instant, zoneNamed(zone))) / 1_000_000n);
}

export const dateTimeCasts: readonly CastEntry[] = [
  { from: 'date', to: 'timestamp', make: () => dateToTimestamp },
  {
    from: 'date',
    to: 'timestamptz',
    make: () => (days: bigint, zone: string) => toInstant(dateToTimestamp(days), zoneNamed(zone)),
    context: inZone,
  },
  { from: 'timestamp', to: 'date', make: () => timestampToDate },
  { from: 'timestamp', to: 'time', make: () => (micros: bigint) => modulo(micros, DAY) },
  {
    from: 'timestamp',
    to: 'timestamptz',
    make: () => (micros: bigint, zone: string) => toInstant(micros, zoneNamed(zone)),
    context: inZone,
  },
  {
    from: 'timestamptz',
    to: 'timestamp',
    make: () => (micros: bigint, zone: string) => toLocal(micros, zoneNamed(zone)),
    context: inZone,
  },
  {
    from: 'timestamptz',
    to: 'date',
    make: () => (micros: bigint, zone: string) => timestampToDate(toLocal(micros, zoneNamed(zone))),
    context: inZone,
  },
  {
    from: 'timestamptz',
    to: 'time',
    make: () => (micros: bigint, zone: string) => modulo(toLocal(micros, zoneNamed(zone)), DAY),
    context: inZone,
  },
  {
    from: 'timestamptz',
    to: 'timetz',
    make: () => (micros: bigint, zone: string) =>
      timetzToRepr(Number(modulo(toLocal(micros, zoneNamed(zone)), DAY)), offsetWest(micros, zone)),
    context: inZone,
  },
  { from: 'timetz', to: 'time', make: () => (v: bigint) => BigInt(timetzFromRepr(v).micros) },
  {
    from: 'time',
    to: 'interval',
    make: () => (micros: bigint) => intervalToRepr({ months: 0, days: 0, micros }),
  },
  {
    from: 'interval',
    to: 'time',
    make: () => (v: string) => modulo(intervalFromRepr(v).micros, DAY),
  },
  {
    from: 'int',
    to: 'interval',
    make: () => (v: bigint) => intervalToRepr({ months: 0, days: 0, micros: v * 1_000_000n }),
  },
  {
    from: 'int',
    to: 'timestamp',
    make: () => fromUnixSeconds,
  },
  { from: 'int', to: 'timestamptz', make: () => fromUnixSeconds },
  ...(['timestamp', 'timestamptz'] as const).flatMap((from): CastEntry[] => [
    { from, to: 'decimal', make: () => (v: bigint) => decimalOfMicros(v + EPOCH_MICROS) },
    { from, to: 'float', make: () => (v: bigint) => floatOfMicros(v + EPOCH_MICROS) },
  ]),
  { from: 'date', to: 'decimal', make: () => (v: bigint) => decToRepr(fromInt(finiteDate(v))) },
  { from: 'date', to: 'float', make: () => (v: bigint) => floatToRepr(Number(finiteDate(v))) },
  { from: 'interval', to: 'int', make: () => (v: string) => lengthMicros(v) / SECOND },
  { from: 'interval', to: 'decimal', make: () => (v: string) => decimalOfMicros(lengthMicros(v)) },
  { from: 'interval', to: 'float', make: () => (v: string) => floatOfMicros(lengthMicros(v)) },
  {
    from: 'float',
    to: 'interval',
    make: () => (v: Repr) => {
      const seconds = floatFromRepr(v);
      if (!Number.isFinite(seconds)) throw intervalOutOfRange();
      const whole = Math.trunc(seconds);
      const rest = Math.round((seconds - whole) * 1e6);
      return intervalOfMicros(BigInt(whole) * SECOND + BigInt(rest));
    },
  },
  {
    from: 'decimal',
    to: 'interval',
    make: () => (v: string) => {
      const micros = toInteger(multiply(decFromRepr(v), fromInt(SECOND)));
      if (micros === undefined) throw intervalOutOfRange();
      return intervalOfMicros(micros);
    },
  },
  {
    from: 'time',
    to: 'timetz',
    make: () => (micros: bigint, zone: string, now: bigint) =>
      timetzToRepr(Number(micros), offsetWest(now, zone)),
    context: ['timeZone', 'transactionTimestamp'],
  },
  { from: 'timestamp', to: 'int', make: () => unixSeconds },
  { from: 'timestamptz', to: 'int', make: () => unixSeconds },
  { from: 'int', to: 'date', make: () => (v: bigint) => v },
  {
    from: 'date',
    to: 'int',
    make: () => (v: bigint) => {
      if (isInfiniteDate(v)) throw integerOutOfRange();
      return v;
    },
  },
];
