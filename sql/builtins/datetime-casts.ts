import { intervalFromRepr, intervalToRepr } from '../../catalog/types/interval';
import { timetzFromRepr, timetzToRepr } from '../../catalog/types/timetz';
import type { CastEntry } from './cast-entry';
import {
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
import { integerOutOfRange } from './integer';

/** Casts among dates and times. Those that need the session's zone have it as their last argument. */

const inZone = ['timeZone'] as const;

const unixSeconds = (micros: bigint): bigint => floorDivide(micros, 1_000_000n) + 946_684_800n;

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
